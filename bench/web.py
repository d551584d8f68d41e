"""The product over HTTP on a database file: the inbox of somebody with very many tasks, and what a process instance costs the server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import requests
import sqlalchemy as sa

from bench.diagrams import document, flow
from bench.measure import Figure
from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime, tasks
from tests import people
from webui import compose, settings
from webui.app import create_app
from webui.context import Parts

FEW, MANY = 1_000, 100_000
PAGES = 400  # of each inbox
INSTANCES = 100
ARENA_MS = 170 + 51
"""CPU of Spiff-Arena's server and database for the same process on one client, measured once on a box like this one."""
OFFERED = '<userTask id="{id}" name="Look"><extensionElements><zeebe:assignmentDefinition {who}/></extensionElements></userTask>'


FORM = b"""{"id": "ask", "type": "default", "components": [{"type": "textfield", "id": "f", "key": "note", "label": "Note"}]}"""


def process(name: str, who: str, count: int) -> Resource:
    """Write a process of so many user tasks in a row."""
    ids = ["s", *(f"t{n}" for n in range(count)), "e"]
    steps = "".join(OFFERED.format(id=each, who=who) for each in ids[1:-1])
    flows = "".join(flow(*pair) for pair in pairwise(ids))
    start = (
        '<startEvent id="s"><extensionElements><zeebe:formDefinition formId="ask"/></extensionElements></startEvent>'
    )
    return Resource(f"{name}.bpmn", document(f'{start}{steps}<endEvent id="e"/>{flows}', name))


def fill(parts: Parts, count: int) -> int:
    """Make the company with so many open tasks offered to Alice; give the key of her project."""
    office = people.found(parts.engine)
    resources = [
        Resource("ask.form", FORM),
        process("offered", 'candidateGroups="technician"', 1),
        process("three", 'assignee="alice"', 3),
    ]
    repository.deploy(parts.engine, resources, actor=SYSTEM)
    unit = office.unit("yunting-1")
    key = runtime.start(parts.engine, "offered", {}, actor=SYSTEM, unit=unit)
    [task] = tasks.of_instance(parts.engine, key, actor=SYSTEM)
    with parts.engine.store.begin() as uow:
        # the rows of a real instance, copied under keys that follow its own
        for table, owner, own, moved in (
            ("instance", "key", key, ("key", "root")),
            ("scope", "instance", key, ("instance",)),
            ("event", "instance", key, ("instance",)),
            ("task", "key", task.key, ("key", "instance")),
            ("candidate", "task", task.key, ("task",)),
        ):
            names = [
                column["name"] for column in sa.inspect(uow.execute(sa.text("SELECT 1")).connection).get_columns(table)
            ]
            quoted = ", ".join(f'"{name}"' for name in names)
            copied = ", ".join(f'"{name}" + n' if name in moved else f'"{name}"' for name in names)
            uow.execute(
                sa.text(
                    f"WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < :count) "
                    f'INSERT INTO "{table}" ({quoted}) SELECT {copied} FROM "{table}" CROSS JOIN k WHERE "{owner}" = :own'
                ),
                {"count": count - 1, "own": own},
            )
        uow.commit()
    return office.unit("yunting")


@dataclass
class Browser:
    """Somebody at a browser."""

    address: str
    login: str
    session: requests.Session = field(default_factory=requests.Session, kw_only=True)

    def sign_in(self) -> None:
        self.session.trust_env = False
        page = self.session.get(f"{self.address}/sign-in")
        form = {"login": self.login, "password": people.PASSWORD, "csrf_token": _token(page)}
        page = self.session.post(f"{self.address}/sign-in", data=form, headers={"Referer": page.url})
        page.raise_for_status()
        self.session.headers.update({"X-CSRFToken": _token(page), "Referer": self.address})

    def look(self) -> float:
        """Open the inbox; give how long that took, in seconds."""
        began = time.perf_counter()
        page = self.session.get(f"{self.address}/inbox")
        taken = time.perf_counter() - began
        page.raise_for_status()
        return taken

    def post(self, path: str, values: dict[str, str]) -> dict[str, str]:
        answer = self.session.post(self.address + path, json={"values": values})
        answer.raise_for_status()
        body: dict[str, str] = answer.json()
        return body


@dataclass
class Alice(Browser):
    """Alice, and the server that she uses."""

    server: subprocess.Popen[bytes]
    unit: int

    def work(self) -> None:
        """Start an instance and complete its three tasks one after another; each answer leads to the next page."""
        address = self.post(f"/start/three?unit={self.unit}", {"note": "leaks"})["next"]
        for _ in range(3):
            address = self.post(f"{address}/complete", {"note": "seen"})["next"].partition("?")[0]

    def settle(self) -> None:
        """Wait until the server has done what it does once when it starts, such as sealing the history of the day before."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            before = self.cpu()
            time.sleep(1)
            if self.cpu() - before < 0.1:
                return
        raise TimeoutError("the server does not come to rest")

    def cpu(self) -> float:
        """Give the CPU time that the server has used so far, in seconds."""
        fields = Path(f"/proc/{self.server.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _token(page: requests.Response) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


@contextmanager
def serve(folder: Path, filled: Callable[[Parts], int], **more: str) -> Iterator[Alice]:
    """Fill a database file, serve it from a process of its own with some more settings, and sign Alice in."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PROPFLOW_DATA_DIR": str(folder),
        "PROPFLOW_CONFIG": str(folder / "none.toml"),
        "PROPFLOW_PORT": str(port),
        **more,
    }
    with compose.parts(settings.load(environment)) as parts:
        unit = filled(parts)
    command = [sys.executable, "-m", "webui.cli", "serve"]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            alice = Alice(f"http://127.0.0.1:{port}", "alice", server, unit)
            _wait(alice)
            alice.sign_in()
            yield alice
        finally:
            server.terminate()


def _wait(alice: Alice) -> None:
    for _ in range(300):
        try:
            return alice.session.get(f"{alice.address}/healthz").raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


def statements(folder: Path) -> int:
    """Count the statements of a whole inbox page, the reader's roles included."""
    with compose.parts(settings.load({"PROPFLOW_DATA_DIR": str(folder), "PROPFLOW_RATE_LIMITS": "false"})) as parts:
        client = create_app(parts.engine, parts.registry, parts.settings).test_client()
        form = {"login": "alice", "password": people.PASSWORD}
        page = client.get("/sign-in")
        form["csrf_token"] = re.findall(r'name="csrf-token" content="([^"]+)"', page.text)[0]
        client.post("/sign-in", data=form)
        client.get("/inbox")
        before = parts.engine.store.statements
        assert client.get("/inbox").status_code == 200
        return parts.engine.store.statements - before


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def figures(few: int = FEW, many: int = MANY, pages: int = PAGES, instances: int = INSTANCES) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        paths = [Path(folder) / "few", Path(folder) / "many"]
        small, large = (
            servers.enter_context(serve(path, partial(fill, count=count)))
            for path, count in zip(paths, (few, many), strict=True)
        )
        for each in (small, large):
            for _ in range(10):
                each.look()
            each.settle()
        # in turns: what disturbs one disturbs the other
        taken = [(small.look(), large.look()) for _ in range(pages)]
        few_s, many_s = (percentile([pair[which] for pair in taken], 0.99) for which in (0, 1))
        median_s = percentile([pair[1] for pair in taken], 0.5)
        small.work()
        before = small.cpu()
        for _ in range(instances):
            small.work()
        cpu_ms = (small.cpu() - before) / instances * 1000
        servers.close()
        ran = statements(paths[1])
    tasks_open = f"{many:,} open tasks"
    return [
        Figure(
            f"inbox page and counts over HTTP, {tasks_open} against {few:,}, p99",
            "ms",
            many_s * 1000,
            few_s * 1000,
            many_s / few_s,
            1.5,
            False,
            f"median {median_s * 1000:.1f} ms",
        ),
        Figure(
            f"inbox page and counts over HTTP, {tasks_open}, p99", "ms", many_s * 1000, None, many_s * 1000, 60, False
        ),
        Figure(f"SQL statements of an inbox page, {tasks_open}", "", ran, None, ran, 5, False),
        Figure(
            "CPU per process instance over HTTP: start, three user tasks; against Spiff-Arena",
            "ms",
            cpu_ms,
            ARENA_MS,
            cpu_ms / ARENA_MS,
            1 / 20,
            False,
        ),
    ]
