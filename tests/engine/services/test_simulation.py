"""A whole installation in one thread: people, workers, messages, timers and crashes in an order that a seed decides.

After every step nothing may be stuck; at the end everything is healed and every instance must come to its end, with every
acknowledged piece of work in its history exactly once.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from engine.errors import IllegalTransition, NotFound, PropflowError
from engine.model.values import SYSTEM
from engine.services import checks, history, incidents, jobs, messages, runtime, tasks, verify
from engine.store import database
from engine.testing import Harness
from tests.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    flows,
    line,
    message,
    on_message,
    on_timer,
    parallel,
    service,
    start,
    user,
)

TICKET = diagram(
    start(),
    user("take"),
    boundary("slow", "take", on_timer(cycle="R3/PT10M"), interrupting=False),
    parallel("split"),
    service("notify", "sim:notify"),
    boundary("refused", "notify", '<errorEventDefinition errorRef="e"/>'),
    '<exclusiveGateway id="told"/>',
    catch("paid", on_message("m")),
    parallel("join"),
    call("parts", "parts"),
    user("check"),
    end(),
    end("reminded"),
    flows(
        "start>take",
        "take>split",
        "slow>reminded",
        "split>notify",
        "split>paid",
        "notify>told",
        "refused>told",
        "told>join",
        "paid>join",
        "join>parts",
        "parts>check",
        "check>end",
    ),
    roots=message("m", "paid", "=ticket") + '<error id="e" name="E" errorCode="NO"/>',
    id="ticket",
)
PARTS = line(user("fetch"), service("book", "sim:book"), id="parts")


class Crash(BaseException):
    """The process dies here; what was not committed is gone."""


class World:
    """An installation whose every choice comes from one seed."""

    def __init__(self, seed: int, patch: pytest.MonkeyPatch) -> None:
        self.dice = random.Random(seed)
        self.h = Harness()
        self.h.deploy(TICKET, PARTS)
        self.engine = self.h.engine
        self.acknowledged: Counter[tuple[int, str]] = Counter()
        self.seen: Counter[str] = Counter()
        self.asleep: list[jobs.ServiceJob] = []
        self.numbers = 0
        self.crash_in = 0
        real = database.UnitOfWork.commit

        def commit(uow):
            self.crash_in -= 1
            if self.crash_in == 0 and self.dice.random() < 0.5:
                raise Crash
            real(uow)
            if self.crash_in == 0:
                raise Crash

        patch.setattr(database.UnitOfWork, "commit", commit)

    def step(self) -> None:
        act = self.dice.choice(ACTS)
        if self.dice.random() < 0.15:
            self.crash_in = self.dice.randint(1, 3)
        try:
            act(self)
            self.seen[act.__name__] += 1
        except Crash:
            self.seen["crash"] += 1
        except PropflowError:
            self.seen["refused"] += 1
        finally:
            self.crash_in = 0
        assert checks.all_of_them(self.engine) == []

    def live(self):
        return [row for row in runtime.instances(self.engine, actor=SYSTEM, limit=1000) if row.is_live]

    def open_tasks(self):
        return [task for row in self.live() for task in tasks.of_instance(self.engine, row.key, actor=SYSTEM)]

    # ---- what happens ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.numbers += 1
        for _ in range(self.dice.choice((1, 1, 2))):  # a double click, or a retry after a crash
            given = {"ticket": str(self.numbers)}
            runtime.start(self.engine, "ticket", given, actor=SYSTEM, command_id=f"start {self.numbers}")

    def complete(self) -> None:
        found = self.open_tasks()
        if found:
            task = self.dice.choice(found)
            tasks.complete(self.engine, task.key, {}, actor=SYSTEM, claiming=True, command_id=f"c {task.key}")
            self.acknowledged[task.instance, f"task {task.key}"] = 1

    def pay(self) -> None:
        number = self.dice.randint(1, max(1, self.numbers))
        for _ in range(self.dice.choice((1, 2))):
            messages.publish(
                self.engine,
                "paid",
                correlation_key=str(number),
                source="sim",
                message_id=str(number),
                ttl=timedelta(days=365),
                actor=SYSTEM,
            )

    def serve(self) -> None:
        for job in jobs.claim(self.engine, ["sim:notify", "sim:book"], actor=SYSTEM, worker="w", limit=2):
            fate = self.dice.random()
            if fate < 0.6:
                jobs.succeed(self.engine, job.key, {}, actor=SYSTEM, lease_no=job.lease_no)
                self.acknowledged[job.instance, f"job {job.key}"] = 1
            elif fate < 0.7 and job.element_id == "notify":
                jobs.throw_error(self.engine, job.key, "NO", actor=SYSTEM, lease_no=job.lease_no)
            elif fate < 0.85:
                jobs.fail(self.engine, job.key, "no answer", actor=SYSTEM, lease_no=job.lease_no)
            else:
                self.asleep.append(job)  # the worker dies with the job in its hands, or only seems to

    def wake(self) -> None:
        if self.asleep:
            job = self.asleep.pop(self.dice.randrange(len(self.asleep)))
            jobs.succeed(self.engine, job.key, {}, actor=SYSTEM, lease_no=job.lease_no)
            self.acknowledged[job.instance, f"job {job.key}"] = 1

    def work(self) -> None:
        for job in jobs.claim_due(self.engine, worker="w", limit=self.dice.randint(1, 4)):
            if self.dice.random() < 0.9:
                jobs.run(self.engine, job)

    def wait(self) -> None:
        self.engine.clock.advance(timedelta(minutes=self.dice.choice((1, 5, 11))))

    def suspend(self) -> None:
        if (live := self.live()) and self.dice.random() < 0.4:
            runtime.suspend(self.engine, self.dice.choice(live).key, actor=SYSTEM)

    def resume(self) -> None:
        if live := self.live():
            runtime.resume(self.engine, self.dice.choice(live).key, actor=SYSTEM)

    def cancel(self) -> None:
        if (live := self.live()) and self.dice.random() < 0.1:
            runtime.cancel(self.engine, self.dice.choice(live).key, actor=SYSTEM)

    def resolve(self) -> None:
        for incident in incidents.open_incidents(self.engine, actor=SYSTEM):
            incidents.resolve(self.engine, incident.key, actor=SYSTEM)

    # ---- the end -----------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        """Let everything go well from here on until nothing lives any more."""
        for number in range(1, self.numbers + 1):
            messages.publish(
                self.engine,
                "paid",
                correlation_key=str(number),
                source="sim",
                message_id=str(number),
                ttl=timedelta(days=365),
                actor=SYSTEM,
            )
        for _ in range(60):
            self.engine.clock.advance(timedelta(minutes=6))
            for row in self.live():
                if row.state == "suspended":
                    runtime.resume(self.engine, row.key, actor=SYSTEM)
            self.resolve()
            self.h.run()
            for job in jobs.claim(self.engine, ["sim:notify", "sim:book"], actor=SYSTEM, worker="w", limit=100):
                jobs.succeed(self.engine, job.key, {}, actor=SYSTEM, lease_no=job.lease_no)
            for task in self.open_tasks():
                try:
                    tasks.complete(self.engine, task.key, {}, actor=SYSTEM, claiming=True)
                except (IllegalTransition, NotFound):
                    self.seen["late"] += 1
            self.h.run()
            if not self.live():
                return
        raise AssertionError([(row.key, runtime.active(self.engine, row.key, actor=SYSTEM)) for row in self.live()])

    def judge(self) -> None:
        """Read the histories: all that was acknowledged is there, and nothing is there twice."""
        assert checks.all_of_them(self.engine) == []
        assert verify.everything(self.engine).breaks == []
        done: Counter[tuple[int, str]] = Counter()
        for row in runtime.instances(self.engine, actor=SYSTEM, limit=1000):
            visits: Counter[tuple[str, int]] = Counter()
            for event in history.events(self.engine, row.key, actor=SYSTEM):
                if event.kind == "task_completed":
                    done[row.key, f"task {event.data['task']}"] += 1
                elif event.kind == "job_completed":
                    done[row.key, f"job {event.data['job']}"] += 1
                elif event.kind == "element_completed":
                    visits[event.element_id, event.ref] += 1
            assert set(visits.values()) <= {1}
            assert sum(n for (element, _), n in visits.items() if element == "paid") <= 1
            assert sum(n for (element, _), n in visits.items() if element == "slow") <= 3
        assert set(done.values()) <= {1}
        assert self.acknowledged.keys() <= done.keys()
        started = [row for row in runtime.instances(self.engine, actor=SYSTEM, limit=1000) if row.parent is None]
        assert len(started) <= self.numbers


ACTS = (
    World.begin,
    World.complete,
    World.complete,
    World.complete,
    World.pay,
    World.serve,
    World.serve,
    World.wake,
    World.work,
    World.work,
    World.work,
    World.wait,
    World.suspend,
    World.resume,
    World.resume,
    World.cancel,
    World.resolve,
)


def simulate(seed: int, steps: int) -> Counter[str]:
    with pytest.MonkeyPatch.context() as patch:
        world = World(seed, patch)
        try:
            for _ in range(steps):
                world.step()
            world.heal()
            world.judge()
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
        finally:
            world.h.close()
        return world.seen


def test_nothing_is_lost_or_done_twice_whatever_happens_in_whatever_order():
    seen: Counter[str] = Counter()
    for seed in range(6):
        seen += simulate(seed, 120)

    assert seen["crash"] > 10, "the faults did not happen, so that nothing was shown"
    assert {act.__name__ for act in ACTS} <= seen.keys()


@pytest.mark.long
@pytest.mark.parametrize("block", range(20))
def test_nothing_is_lost_or_done_twice_over_many_seeds(block):
    for seed in range(1000 + block * 100, 1100 + block * 100):
        simulate(seed, 300)
