"""A whole propflow in one process, made to be killed: it works off a script of commands and notes each one that was acknowledged.

    python -m tests.chaos.victim DATABASE_URL JOURNAL SEED ROUNDS

It starts instances, completes their tasks and sends them messages while an executor of its own runs jobs. With ROUNDS 0 it only
finishes what is left and ends when nothing moves any more.
"""

import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

from connectors.executor import Executor
from connectors.registry import Registry
from engine.errors import PropflowError
from engine.model.ports import SystemClock
from engine.model.values import SYSTEM, Resource
from engine.services import incidents, messages, repository, runtime, tasks
from engine.services.engine import Engine
from engine.services.runtime import Filter
from engine.store.database import Store
from engine.store.instances import LIVE

HERE = Path(__file__).parent
LIVE_ONES = Filter(states=LIVE)


def note(journal, *words):
    """Write a line that survives our death."""
    journal.write(" ".join(map(str, words)) + "\n")
    journal.flush()
    os.fsync(journal.fileno())


def live_instances(engine):
    """Give all of them, page by page."""
    found, after = [], None
    while page := runtime.instances(engine, LIVE_ONES, actor=SYSTEM, after=after, limit=200):
        found += page
        after = page[-1].key
    return found


def open_tasks(engine):
    found = []
    for instance in live_instances(engine):
        found += tasks.of_instance(engine, instance.key, actor=SYSTEM)
    return found


def act(engine, journal, dice, number):
    """Make one command, and note it once it is acknowledged."""
    choice = dice.random()
    if choice < 0.3:
        name = f"{os.getpid()}-{number}"
        key = runtime.start(engine, "kill", {"no": name}, actor=SYSTEM, business_key=name, command_id=f"start {name}")
        note(journal, "started", key)
    elif choice < 0.8:
        there = [task for task in open_tasks(engine) if task.element_id in ("a", "b")]
        if there:
            task = dice.choice(there)
            value = dice.randrange(10**9)
            try:
                tasks.complete(
                    engine, task.key, {f"by_{task.element_id}": value}, actor=SYSTEM, claiming=True, validate=False
                )
            except PropflowError as refusal:
                note(journal, "refused", task.key, type(refusal).__name__)
            else:
                note(journal, "completed", task.key, task.element_id, value)
    else:
        waiting = live_instances(engine)
        if waiting:
            instance = dice.choice(waiting)
            for _ in range(dice.choice((1, 2))):  # now and then the same message twice
                messages.publish(
                    engine,
                    "go",
                    correlation_key=instance.business_key,
                    variables={"told": instance.business_key},
                    source="test",
                    message_id=instance.business_key,
                    ttl=timedelta(hours=1),
                    actor=SYSTEM,
                )
            note(journal, "told", instance.key)


def finish(engine, executor, journal):
    """Bring every instance to its end."""
    for instance in live_instances(engine):
        messages.publish(
            engine,
            "go",
            correlation_key=instance.business_key,
            variables={"told": instance.business_key},
            source="test",
            message_id=instance.business_key,
            ttl=timedelta(hours=1),
            actor=SYSTEM,
        )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        executor.drain()
        for task in open_tasks(engine):
            tasks.complete(engine, task.key, {f"by_{task.element_id}": 0}, actor=SYSTEM, claiming=True, validate=False)
        for incident in incidents.open_incidents(engine, actor=SYSTEM):
            # a job that three workers died of waits for a person: here is the person
            note(journal, "incident", incident.kind, incident.message)
            incidents.resolve(engine, incident.key, actor=SYSTEM)
        if not live_instances(engine):
            note(journal, "finished")
            return
        time.sleep(0.05)
    raise SystemExit("instances are left that do not move")


def main(url, journal_path, seed, rounds):
    store = Store(url, clock=SystemClock())
    store.create_tables()
    engine = Engine(store, SystemClock())
    registry = Registry(directory=HERE / "connectors")
    repository.deploy(engine, [Resource("kill.bpmn", (HERE / "kill.bpmn").read_bytes())], actor=SYSTEM)
    with Path(journal_path).open("a", encoding="utf-8") as journal:
        executor = Executor(engine, registry, threads=2)
        note(journal, "up", os.getpid())
        if rounds == 0:
            finish(engine, executor, journal)
            return
        executor.start(daemons=False)
        dice = random.Random(seed)
        for number in range(rounds):
            act(engine, journal, dice, number)
        executor.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
