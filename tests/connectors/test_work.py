"""One job, done: what an answer, a business error and each kind of failure come to; and the executor around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.executor import Executor
from connectors.registry import Registry
from connectors.work import Gate, delay_after, perform
from engine.model.ports import SystemClock
from engine.model.values import SYSTEM
from engine.services import effects, history, incidents, jobs, repository, runtime
from engine.services.engine import Engine
from engine.store.database import Store
from engine.store.incidents import Incident
from tests.connectors.diagrams import service

CONNECTOR = """
import sqlalchemy as sa
from connectors.calls import Answer, BpmnError
from engine.errors import ConcurrentUpdate, ConnectorError, Invalid

calls = []
behave = []

def gone(uow):
    raise sa.exc.OperationalError("SELECT 1", {}, OSError("the server closed the connection"))

def act(call):
    calls.append((call.key, dict(call.variables)))
    how = behave.pop(0) if behave else "answer"
    if how == "answer":
        return {"answer": 42}
    if how == "also":
        return Answer({"answer": 43}, also=lambda uow: calls.append(("also", call.key)))
    if how == "also fails":
        return Answer({"answer": 44}, also=lambda uow: 1 / 0)
    if how == "database":
        return Answer({"answer": 44}, also=gone)
    if how == "bpmn":
        raise BpmnError("REFUSED", "no", {"why": "because"})
    if how == "permanent":
        raise ConnectorError("the card has expired", permanent=True)
    if how == "passing":
        raise ConnectorError("come back later")
    if how == "uncertain":
        raise ConnectorError("no answer came", uncertain=True)
    if how == "invalid":
        raise Invalid("the amount is missing")
    if how == "busy":
        raise ConcurrentUpdate("others came first")
    raise RuntimeError(how)
"""
MANIFEST = """
name = "{name}"
title = {{en="T", zh="T"}}
summary = {{en="T", zh="T"}}
[[operation]]
name = "act"
call = "outbound:act"
effect = "{effect}"
title = {{en="T", zh="T"}}
"""


class Shop:
    """An engine with a connector whose behaviour a test sets."""

    def __init__(self, folder: Path, store: Store, clock: object, effect: str = "repeatable") -> None:
        name = f"toy_{effect}"
        place = folder / name
        place.mkdir(parents=True)
        (place / "manifest.toml").write_text(MANIFEST.format(name=name, effect=effect))
        (place / "outbound.py").write_text(CONNECTOR)
        self.type = f"{name}:act"
        self.registry = Registry(directory=folder)
        self.engine = Engine(store, clock)  # type: ignore[arg-type]
        functions = self.registry.operation(self.type).run.__globals__
        self.calls, self.behave = functions["calls"], functions["behave"]
        self.calls.clear()
        self.behave.clear()
        repository.deploy(self.engine, [service(self.type)], actor=SYSTEM)

    def start(self, *behave: str, **variables: object) -> int:
        self.behave += behave
        return runtime.start(self.engine, "p", variables, actor=SYSTEM)

    def step(self) -> int:
        taken = jobs.claim_due(self.engine, worker="w", types=[self.type])
        for job in taken:
            perform(self.engine, self.registry, job)
        return len(taken)

    def state(self, key: int) -> str:
        return runtime.instance(self.engine, key, actor=SYSTEM).state.value

    def variables(self, key: int) -> dict[str, object]:
        return dict(runtime.variables(self.engine, key, actor=SYSTEM))

    def path(self, key: int) -> list[str]:
        return history.path(self.engine, key, actor=SYSTEM)

    def incidents(self, key: int) -> list[Incident]:
        return incidents.open_incidents(self.engine, actor=SYSTEM, instance=key)


@pytest.fixture
def shop(tmp_path, branch) -> Shop:
    return Shop(tmp_path, branch.engine.store, branch.engine.clock)


@pytest.fixture
def once(tmp_path, branch) -> Shop:
    return Shop(tmp_path, branch.engine.store, branch.engine.clock, effect="once")


def test_an_answer_moves_the_process_on(shop):
    key = shop.start(amount=1)

    assert shop.step() == 1

    assert shop.state(key) == "completed" and shop.variables(key)["answer"] == 42
    [(effect_key, variables)] = shop.calls
    assert effect_key.startswith(f"{key}:") and variables["amount"] == 1


def test_what_a_connector_stores_is_stored_with_the_step(shop):
    key = shop.start("also")

    shop.step()

    assert shop.calls[-1][0] == "also" and shop.variables(key)["answer"] == 43


def test_what_cannot_be_stored_with_the_step_stops_the_step_and_is_tried_again(shop):
    key = shop.start("also fails", "answer")

    shop.step()
    assert shop.state(key) == "active"
    shop.engine.clock.advance(timedelta(minutes=1))
    shop.step()

    assert shop.state(key) == "completed" and shop.variables(key)["answer"] == 42
    assert shop.calls[0][0] == shop.calls[1][0], "the idempotency key is the same for every try"


def test_a_business_error_goes_to_the_diagram(shop):
    key = shop.start("bpmn")

    shop.step()

    assert shop.path(key)[-1] == "other" and shop.variables(key)["why"] == "because"


@pytest.mark.parametrize(("how", "says"), [("permanent", "card has expired"), ("invalid", "amount is missing")])
def test_what_cannot_help_by_trying_again_is_an_incident_at_once(shop, how, says):
    key = shop.start(how)

    shop.step()

    [incident] = shop.incidents(key)
    assert says in str(incident.message) and len(shop.calls) == 1


@pytest.mark.parametrize("how", ["passing", "uncertain", "crash"])
def test_what_may_pass_is_tried_again_later_each_time_and_then_an_incident(shop, how):
    key = shop.start(how, how, how)

    shop.step()
    assert shop.step() == 0, "not at once"
    for _ in range(2):
        shop.engine.clock.advance(timedelta(minutes=1))
        shop.step()

    assert len(shop.calls) == 3 and len(shop.incidents(key)) == 1


@pytest.mark.parametrize("how", ["busy", "database"])
def test_what_the_database_cannot_do_now_costs_no_try(shop, how):
    key = shop.start(*[how] * 6, "answer")

    for _ in range(7):
        shop.step()
        shop.engine.clock.advance(timedelta(minutes=20))

    assert shop.state(key) == "completed"


def test_an_outcome_that_nobody_is_sure_of_waits_for_a_person_where_a_repeat_would_act_twice(once):
    key = once.start("uncertain")

    once.step()

    [incident] = once.incidents(key)
    assert "may or may not have happened" in str(incident.message)
    assert len(once.calls) == 1


def test_a_worker_that_died_in_the_middle_of_such_a_call_does_not_make_it_again(once):
    key = once.start("answer")
    [job] = jobs.claim_due(once.engine, worker="dies", types=[once.type])
    [work] = jobs.hand_out(once.engine, [job])
    effects.begin(once.engine, work, deduplicates=False)
    once.engine.clock.advance(timedelta(minutes=6))

    once.step()

    assert once.calls == [] and len(once.incidents(key)) == 1


def test_a_worker_that_died_calls_a_peer_that_knows_the_key_again(shop):
    key = shop.start("answer")
    [job] = jobs.claim_due(shop.engine, worker="dies", types=[shop.type])
    [work] = jobs.hand_out(shop.engine, [job])
    effects.begin(shop.engine, work, deduplicates=True)
    shop.engine.clock.advance(timedelta(minutes=6))

    shop.step()

    assert shop.state(key) == "completed" and shop.calls[0][0] == work.effect_key


def test_a_frozen_worker_that_wakes_late_changes_nothing(shop):
    key = shop.start("answer", "answer")
    [frozen] = jobs.claim_due(shop.engine, worker="frozen", types=[shop.type])
    shop.engine.clock.advance(timedelta(minutes=6))
    shop.step()
    assert shop.state(key) == "completed"

    perform(shop.engine, shop.registry, frozen)

    assert shop.path(key).count("work") == 1


def test_a_job_whose_workers_die_again_and_again_is_put_before_a_person_and_others_go_on(shop):
    poison = shop.start()
    for _ in range(4):
        jobs.claim_due(shop.engine, worker="dies", types=[shop.type])
        shop.engine.clock.advance(timedelta(minutes=6))
    healthy = shop.start()
    shop.step()

    assert len(shop.incidents(poison)) == 1 and shop.state(healthy) == "completed"


def test_delays_grow_and_are_spread():
    assert timedelta(seconds=2.5) <= delay_after(1) <= timedelta(seconds=7.5)
    assert timedelta(minutes=5) <= delay_after(99) <= timedelta(minutes=15)
    assert len({delay_after(3) for _ in range(20)}) > 10


# ---- the gate -------------------------------------------------------------------------------------------------------


def test_a_connector_that_fails_again_and_again_rests_and_others_do_not(branch):
    gate, now = Gate(after=3, rest=timedelta(seconds=30)), branch.engine.clock.now()
    for _ in range(3):
        gate.enter("dead")
        gate.leave("dead", failed=True, now=now)

    assert gate.passing({"dead:a", "well:b"}, now) == ["well:b"]
    later = now + timedelta(seconds=31)
    assert gate.passing({"dead:a", "well:b"}, later) == ["dead:a", "well:b"]
    gate.enter("dead")
    assert gate.passing({"dead:a"}, later) == [], "one try"
    gate.leave("dead", failed=False, now=later)
    assert gate.passing({"dead:a"}, later) == ["dead:a"]


def test_a_connector_that_hangs_takes_only_its_share_of_the_workers(branch):
    gate, now = Gate(at_once=2), branch.engine.clock.now()
    gate.enter("slow")
    gate.enter("slow")

    assert gate.passing({"slow:a", "quick:b"}, now) == ["quick:b"]


# ---- the executor ---------------------------------------------------------------------------------------------------


@pytest.fixture
def live(request, tmp_path) -> Shop:
    """A shop whose jobs are done in the background; in a file, or on a server for tests that say so."""
    on_server = getattr(request, "param", "file") == "postgresql"
    url = request.getfixturevalue("postgresql_url") if on_server else f"sqlite:///{tmp_path}/live.db"
    store = Store(url, clock=SystemClock())
    store.create_tables()
    yield Shop(tmp_path / "own", store, SystemClock())
    store.close()


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def waked(shop: Shop, **more: object) -> tuple[Shop, Executor]:
    executor = Executor(shop.engine, shop.registry, **more)
    shop.engine = Engine(shop.engine.store, shop.engine.clock, wake=executor.wake)
    return shop, executor


def test_the_executor_does_every_job_once_and_stops_when_it_is_told(live):
    shop, executor = waked(live)
    executor.start()
    keys = [shop.start() for _ in range(40)]

    until(lambda: all(shop.state(key) == "completed" for key in keys))
    executor.stop()

    assert len(shop.calls) == 40 and len({key for key, _ in shop.calls}) == 40
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("propflow-")]
    waiting = shop.start()
    time.sleep(0.7)
    assert shop.state(waiting) == "active"


def test_a_wake_is_heard_long_before_anybody_would_look_again(live, monkeypatch):
    monkeypatch.setattr("connectors.executor.POLL_S", 60)
    shop, executor = waked(live)
    executor.start()
    time.sleep(0.1)

    key = shop.start()

    until(lambda: shop.state(key) == "completed")
    executor.stop()


def test_a_lost_wake_is_made_up_for_by_looking_again(live):
    shop, executor = waked(live)
    executor.start()
    silent = Engine(shop.engine.store, shop.engine.clock)

    other = runtime.start(silent, "p", {}, actor=SYSTEM)

    until(lambda: shop.state(other) == "completed")
    executor.stop()


def test_work_left_by_an_executor_that_died_is_found_by_the_next(live):
    key = live.start()
    [_] = jobs.claim_due(live.engine, worker="died", types=[live.type], lease=timedelta(seconds=0.3))
    shop, executor = waked(live)
    executor.start()

    until(lambda: shop.state(key) == "completed")

    executor.stop()


def test_jobs_of_outside_workers_are_left_alone(shop):
    repository.deploy(shop.engine, [service("theirs:act", process_id="q")], actor=SYSTEM)
    runtime.start(shop.engine, "q", {}, actor=SYSTEM)

    Executor(shop.engine, shop.registry).drain()

    assert [job.type for job in jobs.open_jobs(shop.engine, actor=SYSTEM)] == ["theirs:act"]


def test_a_chore_that_fails_does_not_stop_the_others(shop, caplog):
    from connectors import periodic

    done = []
    bad, good = ("bad", timedelta(seconds=1), lambda: 1 / 0), ("good", timedelta(seconds=1), lambda: done.append(1))
    chores = periodic.Lane("lane", shop.engine, [bad, good])
    chores.run_due()
    chores.run_due()
    shop.engine.clock.advance(timedelta(seconds=2))
    chores.run_due()

    assert done == [1, 1] and "the chore bad failed" in caplog.text


def test_chores_of_one_connector_do_not_wait_for_another_s(shop):
    from connectors import periodic

    assert {"announcements", "upkeep", "telemetry", "notify"} <= {
        lane.name for lane in periodic.lanes(shop.engine, shop.registry)
    }
