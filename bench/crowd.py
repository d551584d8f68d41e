"""Many people with the inbox open: what their browsers ask for every few seconds must not slow down the page of anybody."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.measure import Figure
from bench.web import Browser, fill, percentile, serve
from engine.model.values import SYSTEM
from engine.services import accounts, grants, units
from tests import people
from webui.context import Parts

PEOPLE, PROJECTS, TASKS = 200, 20, 1_000
ASK_EVERY_S = 4.0
"""As ``frontend/src/app/live.js`` asks: only the tab that is seen, so that ten tabs of a browser ask as often as one."""
START_EVERY_S, LOOK_EVERY_S = 0.5, 0.05
PHASES, LOOKS = 8, 100
BAR = 1.25
"""Nothing changes; so much is the noise of a p99 of so few looks."""


def hire(parts: Parts, projects: list[int]) -> int:
    """Fill the company as ``bench.web`` does, and give it a crowd: technicians of many ``projects``, whose keys it adds."""
    unit = fill(parts, TASKS)
    engine = parts.engine
    above = units.by_code(engine, "chengdu").key
    places = [
        units.create(engine, kind="project", code=f"p{n}", name_zh=f"p{n}", name_en=f"p{n}", parent=above, actor=SYSTEM)
        for n in range(PROJECTS)
    ]
    projects += [int(place.key) for place in places]
    for number in range(PEOPLE):
        place = places[number % PROJECTS]
        person = accounts.create(
            engine,
            login=f"staff{number}",
            unit=place.key,
            name_zh=f"staff{number}",
            password=people.HASH,
            must_change_password=False,
            actor=SYSTEM,
        )
        grants.grant(engine, account=person.key, role="technician", unit=place.key, actor=SYSTEM)
    return unit


def sit_down(address: str, projects: list[int], present: Any, over: Any, seated: Any) -> None:
    """Be the crowd: everybody signs in, and asks for news while the crowd is ``present``; work comes in all the time."""
    staff = [Browser(address, f"staff{number}") for number in range(PEOPLE)]
    for each in staff:
        each.sign_in()
    root = Browser(address, "root")
    root.sign_in()
    work = [threading.Thread(target=ask, args=(each, n, present, over)) for n, each in enumerate(staff)]
    work.append(threading.Thread(target=begin, args=(root, projects, over)))
    for thread in work:
        thread.start()
    seated.set()
    for thread in work:
        thread.join()


def ask(who: Browser, number: int, present: Any, over: Any) -> None:
    cursor = ""
    over.wait(ASK_EVERY_S * number / PEOPLE)
    while not over.wait(ASK_EVERY_S):
        if present.is_set():
            answer = who.session.get(f"{who.address}/events?since={cursor}")
            answer.raise_for_status()
            cursor = answer.json()["cursor"] if answer.status_code == 200 else cursor


def begin(who: Browser, projects: list[int], over: Any) -> None:
    for project in cycle(projects):
        if over.wait(START_EVERY_S):
            return
        who.post(f"/start/offered?unit={project}", {"note": "leaks"})


@contextmanager
def crowd(address: str, projects: list[int]) -> Iterator[Any]:
    """Let a crowd sit down in a process of its own; gives the flag that says whether it is present."""
    processes = get_context("spawn")
    present, over, seated = processes.Event(), processes.Event(), processes.Event()
    all_of_it = processes.Process(target=sit_down, args=(address, projects, present, over, seated))
    all_of_it.start()
    try:
        if not seated.wait(600):
            raise TimeoutError("the crowd does not sit down")
        yield present
    finally:
        over.set()
        all_of_it.join(30)


def figures(phases: int = PHASES, looks: int = LOOKS) -> list[Figure]:
    projects: list[int] = []
    taken: dict[bool, list[float]] = {True: [], False: []}
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), partial(hire, projects=projects), PROPFLOW_RATE_LIMITS="false") as alice,
        crowd(alice.address, projects) as present,
    ):
        for _ in range(10):
            alice.look()
        for phase in range(phases):
            there = bool(phase % 2)
            (present.set if there else present.clear)()
            time.sleep(ASK_EVERY_S * 1.5)
            for _ in range(looks):
                taken[there].append(alice.look())
                time.sleep(LOOK_EVERY_S)
    p99, alone = (percentile(taken[there], 0.99) * 1000 for there in (True, False))
    middle = [percentile(taken[there], 0.5) * 1000 for there in (True, False)]
    return [
        Figure(
            f"inbox page over HTTP while {PEOPLE} browsers ask for news, against none, p99",
            "ms",
            p99,
            alone,
            p99 / alone,
            BAR,
            False,
            f"median {middle[0]:.1f} against {middle[1]:.1f} ms",
        )
    ]
