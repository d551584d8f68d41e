"""A whole installation in one thread: people, workers, an outside system, messages, timers and crashes in an order that a seed decides.

After every step nothing may be stuck; at the end everything is healed and every instance must come to its end, with every
acknowledged piece of work in its history exactly once and in the outside system under one key.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from engine.bpmn.progress import Limits
from engine.errors import IllegalTransition, NotFound, PropflowError
from engine.model.states import InstanceState
from engine.model.values import SYSTEM
from engine.services import batches, checks, effects, history, incidents, jobs, messages, moves, runtime, tasks, verify
from engine.services.batches import BatchAction, Orders
from engine.store import database, instances
from engine.store import jobs as job_rows
from engine.store.database import Clash
from engine.store.instances import Filter
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
    script,
    service,
    start,
    throw,
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
    '<subProcess id="remarks" triggeredByEvent="true"><startEvent id="remark" isInterrupting="false">'
    f"{on_message('r')}</startEvent>{end('remarked')}{flows('remark>remarked')}</subProcess>",
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
    roots=message("m", "paid", "=ticket")
    + message("r", "remark", "=ticket")
    + '<error id="e" name="E" errorCode="NO"/>',
    id="ticket",
)
ORDER = diagram(
    start(),
    '<serviceTask id="pick"><extensionElements><zeebe:taskDefinition type="sim:book"/></extensionElements>'
    "<multiInstanceLoopCharacteristics><loopCardinality>=2</loopCardinality></multiInstanceLoopCharacteristics></serviceTask>",
    '<userTask id="unpick" isForCompensation="true"/>',
    boundary("picked", "pick", "<compensateEventDefinition/>"),
    parallel("ways"),
    user("ask"),
    catch("due", on_timer("PT10M")),
    user("weigh"),
    '<complexGateway id="first"><activationCondition>=activationCount &gt;= 1</activationCondition></complexGateway>',
    '<inclusiveGateway id="rest"/>',
    '<exclusiveGateway id="kept" default="kept_end"/>',
    throw("back", "<compensateEventDefinition/>"),
    end(),
    end("gone"),
    '<subProcess id="nags" triggeredByEvent="true"><startEvent id="nag" isInterrupting="false">'
    f"{on_timer(cycle='R2/PT15M')}</startEvent>{user('nagged')}{flows('nag>nagged')}</subProcess>",
    flows(
        "start>pick",
        "pick>ways",
        "ways>ask",
        "ways>due",
        "ways>weigh",
        "ask>first",
        "due>first",
        "first>rest",
        "weigh>rest",
        "rest>kept",
        "kept>back=refused",
        "kept>end",
        "back>gone",
    ),
    '<association id="by" sourceRef="picked" targetRef="unpick"/>',
    id="order",
)
PARTS = line(user("fetch"), service("book", "sim:book"), id="parts")
SPIN = diagram(
    start(),
    '<exclusiveGateway id="again" default="again_turn"/>',
    script("turn", "=1", "x"),
    end(),
    flows("start>again", "again>turn", "again>end=x = 2", "turn>again"),
    id="spin",
)
LIMITS = Limits(steps_per_transaction=20, steps_per_instance=60)
ONCE = {"start", "take", "split", "told", "paid", "join", "parts", "check"}  # no token comes twice to these


class Crash(BaseException):
    """The process dies here; what was not committed is gone."""


class World:
    """An installation whose every choice comes from one seed."""

    def __init__(self, seed: int, patch: pytest.MonkeyPatch) -> None:
        self.dice = random.Random(seed)
        self.h = Harness(limits=LIMITS)
        self.h.deploy(TICKET, PARTS, SPIN, ORDER)
        self.engine = self.h.engine
        self.acknowledged: Counter[tuple[int, str]] = Counter()
        self.seen: Counter[str] = Counter()
        self.asleep: list[jobs.ServiceJob] = []
        self.own_asleep: list[jobs.Job] = []
        self.slow: list[instances.Locked] = []
        self.outside: dict[tuple[int, int], set[str]] = {}
        self.remarks: Counter[int] = Counter()
        self.numbers = 0
        self.crash_in = 0
        self.checked_at = -1
        real = database.UnitOfWork.commit

        def commit(uow):
            self.crash_in -= 1
            if self.crash_in == 0 and self.dice.random() < 0.5:
                raise Crash
            real(uow)
            if self.crash_in == 0:
                raise Crash

        patch.setattr(database.UnitOfWork, "commit", commit)
        advance = moves.advance

        def counted(*args):
            made = advance(*args)
            steps = sum(each.kind == "element_completed" for each in made.history)
            assert steps <= LIMITS.steps_per_transaction, "a transaction took more steps than its budget"
            return made

        patch.setattr(moves, "advance", counted)

    def step(self) -> None:
        act = self.dice.choice(ACTS)
        if self.dice.random() < 0.25:
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
        if self.checked_at != self.engine.store.commits:  # what was right and has not changed is right
            self.checked_at = self.engine.store.commits
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

    def order(self) -> None:
        """Somebody orders what is picked by two, and is refused every other time, so that it has to go back."""
        if self.dice.random() < 0.5:
            runtime.start(self.engine, "order", {"refused": self.dice.random() < 0.5}, actor=SYSTEM)

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

    def remark(self) -> None:
        """Somebody says something about a ticket, and the sender sends it once or twice."""
        number = self.dice.randint(1, max(1, self.numbers))
        self.remarks[number] += 1
        for _ in range(self.dice.choice((1, 2))):
            messages.publish(
                self.engine,
                "remark",
                correlation_key=str(number),
                source="sim",
                message_id=f"{number} {self.remarks[number]}",
                actor=SYSTEM,
            )

    def spin(self) -> None:
        """Somebody starts what would go round for ever."""
        if self.dice.random() < 0.2:
            runtime.start(self.engine, "spin", actor=SYSTEM)

    def call_outside(self, job: jobs.ServiceJob) -> effects.Begun:
        """Call as connectors do; the outside does one thing per key."""
        begun = effects.begin(self.engine, job, deduplicates=True)
        if not begun.done:
            self.outside.setdefault((job.instance, job.ref), set()).add(begun.key)
        return begun

    def answer(self, job: jobs.ServiceJob) -> None:
        """Hand in that the outside has done it."""
        key = self.call_outside(job).key
        with self.engine.store.read() as uow:
            now = job_rows.get(uow, job.key)
        jobs.succeed(
            self.engine, job.key, {}, actor=SYSTEM, lease_no=job.lease_no, also=lambda uow: effects.finish(uow, key)
        )
        assert now.lease_no == job.lease_no, "a worker whose lease had gone to another was believed"
        self.acknowledged[job.instance, f"job {job.key}"] = 1

    def serve(self) -> None:
        for job in jobs.claim(self.engine, ["sim:notify", "sim:book"], actor=SYSTEM, worker="w", limit=2):
            fate = self.dice.random()
            if fate < 0.6:
                self.answer(job)
            elif fate < 0.7 and job.element_id == "notify":
                jobs.throw_error(self.engine, job.key, "NO", actor=SYSTEM, lease_no=job.lease_no)
            elif fate < 0.85:
                jobs.fail(self.engine, job.key, "no answer", actor=SYSTEM, lease_no=job.lease_no)
            else:
                self.asleep.append(job)  # the worker dies with the job in its hands, or only seems to

    def overtake(self) -> None:
        """A worker is so slow that another one takes its job; the slow one answers first."""
        slow = jobs.claim(self.engine, ["sim:notify", "sim:book"], actor=SYSTEM, worker="slow", limit=1)
        self.engine.clock.advance(jobs.LEASE * 1.1)
        self.asleep += jobs.claim(self.engine, ["sim:notify", "sim:book"], actor=SYSTEM, worker="quick", limit=2)
        for job in slow:
            self.answer(job)

    def wake(self) -> None:
        if self.asleep:
            self.answer(self.asleep.pop(self.dice.randrange(len(self.asleep))))
        if self.own_asleep:
            jobs.run(self.engine, self.own_asleep.pop(self.dice.randrange(len(self.own_asleep))))

    def work(self) -> None:
        taken = jobs.claim_due(self.engine, worker="w", limit=self.dice.randint(1, 4))
        fresh = [job.due_at for job in taken if job.attempts == 1]
        assert fresh == sorted(fresh), "jobs came in another order than they were due"
        for job in taken:
            if self.dice.random() < 0.9:
                jobs.run(self.engine, job)
            else:
                self.own_asleep.append(job)

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

    def oversleep(self) -> None:
        """A writer reads an instance, sleeps while others move it, and then wants to store what it made of the old state."""
        if self.slow:
            old = self.slow.pop()
            with self.engine.store.begin() as uow:
                now = instances.get(uow, old.row.key).revision
                try:
                    self._overwrite(uow, old)
                except Clash:
                    return
                assert now == old.row.revision, "a writer that slept overwrote what had come meanwhile"
        elif live := self.live():
            with self.engine.store.read() as uow:
                self.slow.append(instances.lock(uow, self.dice.choice(live).key))

    def _overwrite(self, uow: database.UnitOfWork, old: instances.Locked) -> None:
        row, same = old.row, {"events": old.row.events, "event_hash": old.row.event_hash}
        instances.save(uow, row, state=row.state, head=old.head, result=None, incidents=0, **same)

    def skip(self) -> None:
        if (found := incidents.open_incidents(self.engine, actor=SYSTEM)) and self.dice.random() < 0.3:
            incidents.skip(self.engine, self.dice.choice(found).key, {"skipped": True}, actor=SYSTEM)

    def steer(self) -> None:
        """Somebody gives one order for all that live."""
        if self.dice.random() < 0.2:
            action = self.dice.choice((BatchAction.RETRY, BatchAction.RESUME, BatchAction.SUSPEND))
            batches.begin(self.engine, Orders(action), wanted=Filter(), dry_run=self.dice.random() < 0.3, actor=SYSTEM)

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
            self.h.run()
            for row in self.live():
                if row.process_id == "spin":
                    runtime.cancel(self.engine, row.key, actor=SYSTEM)
                elif row.state == "suspended":
                    runtime.resume(self.engine, row.key, actor=SYSTEM)
            self.resolve()
            self.h.run()
            for job in jobs.claim(self.engine, ["sim:notify", "sim:book"], actor=SYSTEM, worker="w", limit=100):
                self.answer(job)
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
            seen = Counter(element for element, _ in visits)
            assert all(seen[element] <= 1 for element in ONCE), "a token was doubled"
            if row.process_id == "order":
                _judge_order(seen, is_completed=row.state is InstanceState.COMPLETED)
            if row.process_id == "ticket" and row.parent is None:
                begun = history.events(self.engine, row.key, actor=SYSTEM)[0]
                number = int(begun.data["variables"]["ticket"])
                assert seen["remark"] <= self.remarks[number], "a message acted twice"
            assert sum(n for (element, _), n in visits.items() if element == "paid") <= 1
            assert sum(n for (element, _), n in visits.items() if element == "slow") <= 3
        assert {len(keys) for keys in self.outside.values()} <= {1}, "the outside did one piece of work under two keys"
        assert set(done.values()) <= {1}
        assert self.acknowledged.keys() <= done.keys()
        started = [row for row in runtime.instances(self.engine, actor=SYSTEM, limit=1000) if row.parent is None]
        assert sum(row.process_id == "ticket" for row in started) <= self.numbers
        called = runtime.instances(self.engine, Filter(process_id="parts"), actor=SYSTEM, limit=1000)
        kept = Counter((row.parent, row.parent_ref) for row in called if row.state is not InstanceState.CANCELED)
        assert set(kept.values()) <= {1}, (
            "a call was made twice"
        )  # after a canceled child a person may have tried again


def _judge_order(seen: Counter[str], *, is_completed: bool) -> None:
    """See that each of several tokens was counted, and that what was done was undone once, or not at all."""
    assert seen["pick"] <= 2
    assert max(seen[element] for element in ("ways", "due", "first", "rest", "back")) <= 1, "a token was doubled"
    assert seen["nag"] <= 2
    assert seen["unpick"] <= 2 * seen["kept"]
    if is_completed:
        assert (seen["pick"], seen["first"], seen["rest"]) == (2, 1, 1), "a token was lost"
        assert seen["unpick"] == (2 if seen["gone"] else 0), "not all was undone, or too much"


ACTS = (
    World.begin,
    World.order,
    World.complete,
    World.complete,
    World.complete,
    World.pay,
    World.remark,
    World.spin,
    World.oversleep,
    World.oversleep,
    World.skip,
    World.steer,
    World.serve,
    World.serve,
    World.wake,
    World.overtake,
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
