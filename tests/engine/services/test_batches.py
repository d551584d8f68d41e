"""One order over many instances: tried first, then carried out in the background, with a reason for each that is refused."""

from __future__ import annotations

import itertools

import pytest

from engine.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Unavailable
from engine.model.states import BatchState, InstanceState, JobState
from engine.model.values import SYSTEM, Resource
from engine.services import (
    audit,
    batches,
    grants,
    history,
    incidents,
    jobs,
    repository,
    roles,
    runtime,
    steering,
    upkeep,
)
from engine.services.batches import BatchAction, ItemState, Orders
from engine.store import jobs as job_rows
from engine.store.instances import Filter
from tests.engine.diagrams import call, line, script, service, user

ALL = Filter(process_id="p")
CANCEL = Orders(BatchAction.CANCEL, reason="no longer needed")


def work_off(engine) -> None:
    for _ in range(100):
        due = jobs.claim_due(engine, worker="w", limit=1)
        if not due:
            return
        jobs.run(engine, due[0])
    raise AssertionError("100 jobs did not end the batch")


def outcome(engine, batch) -> dict[ItemState, int]:
    found = batches.get(engine, batch.key, actor=SYSTEM)
    assert found.state is BatchState.COMPLETED
    counted = {ItemState.DONE: found.done, ItemState.REFUSED: found.refused, ItemState.LEFT: found.left}
    for state, count in counted.items():
        assert len(batches.items(engine, batch.key, state=state, actor=SYSTEM, limit=1000)) == count
    return {state: count for state, count in counted.items() if count}


def reasons(engine, batch) -> set[str]:
    refused = batches.items(engine, batch.key, state=ItemState.REFUSED, actor=SYSTEM, limit=1000)
    return {f"{each.where} {each.message}" for item in refused for each in item.reasons}


# ---- each order ----------------------------------------------------------------------------------------------------------


IN_MEMORY = pytest.mark.parametrize(
    "h", ["memory"], indirect=True
)  # hundreds of instances; one test has them on a server too


@pytest.fixture
def many(h):
    """230 instances of the first of two versions: some have moved on, some are suspended, some have ended, some have stopped."""
    h.deploy(line(user("a"), script("s", "=if bad then [1..2] else 1", "y"), user("b")))
    keys = [h.start("p", {"bad": number % 10 == 9}) for number in range(230)]
    for number, key in enumerate(keys):
        if number % 10 in (7, 9):
            h.complete(h.tasks(key)[0])
        elif number % 10 == 6:
            h.suspend(key)
    h.deploy(line(user("a"), user("c")))
    return keys


@IN_MEMORY
def test_a_dry_run_gives_the_same_answers_and_keeps_nothing(h, many):
    h.cancel(many[0])
    orders = Orders(BatchAction.MIGRATE, reason="new rules", to_version=2)
    before = [h.history(key) for key in many]

    tried = batches.begin(h.engine, orders, keys=many, dry_run=True, actor=SYSTEM)
    assert batches.get(h.engine, tried.key, actor=SYSTEM).left == 230
    h.run()

    assert [h.history(key) for key in many] == before
    assert outcome(h.engine, tried) == {ItemState.DONE: 183, ItemState.REFUSED: 47}
    done = batches.repeat(h.engine, tried.key, actor=SYSTEM)
    h.run()
    items = [batches.items(h.engine, each.key, actor=SYSTEM, limit=300) for each in (tried, done)]
    assert items[0] == items[1]
    assert {runtime.instance(h.engine, key, actor=SYSTEM).version for key in many[1:6]} == {2}


def test_many_migrate_and_each_that_cannot_says_why(h, many):
    batch = batches.begin(h.engine, Orders(BatchAction.MIGRATE, to_version=2), wanted=ALL, actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 184, ItemState.REFUSED: 46}
    assert reasons(h.engine, batch) == {"b b is not in the other version", "s s is not in the other version"}
    again = batches.begin(
        h.engine, Orders(BatchAction.MIGRATE, to_version=2, mapping={"b": "c"}), keys=many[7::10], actor=SYSTEM
    )
    h.run()
    assert outcome(h.engine, again) == {ItemState.DONE: 23}
    assert h.active(many[7]) == ["c"]


@IN_MEMORY
def test_many_are_canceled_with_the_reason_in_the_history_of_each(h, many):
    batch = batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 230}
    for key in many[::50]:
        [said] = [each for each in history.events(h.engine, key, actor=SYSTEM) if each.kind == "instance_canceled"]
        assert (said.actor, said.data["reason"]) == ("system", "no longer needed")


@IN_MEMORY
def test_what_stopped_is_tried_again_where_anything_stopped(h, many):
    for key in many[9::20]:
        h.set_variables(key, {"bad": False})

    batch = batches.begin(h.engine, Orders(BatchAction.RETRY), wanted=ALL, actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 23, ItemState.REFUSED: 207}
    assert len(h.incidents()) == 11, "those that were not corrected stopped once more"
    only = batches.begin(h.engine, Orders(BatchAction.RETRY), wanted=Filter(with_incident=True), actor=SYSTEM)
    assert only.total == 11


@IN_MEMORY
def test_tokens_of_many_are_moved(h, many):
    orders = Orders(BatchAction.MODIFY, activate=("b",), terminate=("a",), variables={"moved": True})

    batch = batches.begin(h.engine, orders, wanted=Filter(process_id="p", states=(InstanceState.ACTIVE,)), actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch)[ItemState.DONE] == batch.total
    assert h.active(many[0]) == ["b"] and h.variables(many[0])["moved"] is True
    unknown = batches.begin(h.engine, Orders(BatchAction.MODIFY, activate=("zz",)), keys=many[:3], actor=SYSTEM)
    h.run()
    assert reasons(h.engine, unknown) == {f"{key} p has no element zz" for key in many[:3]}


@IN_MEMORY
def test_many_are_suspended_and_resumed(h, many):
    batches.begin(h.engine, Orders(BatchAction.SUSPEND), wanted=ALL, actor=SYSTEM)
    h.run()
    assert {h.state(key) for key in many} == {"suspended"}

    batch = batches.begin(h.engine, Orders(BatchAction.RESUME), wanted=ALL, actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 230}


def test_every_stop_of_an_instance_is_tried_again_in_one_go(h):
    h.deploy(line(service("a", retries="1"), id="q"), line(call("one", "=called"), id="other"))
    key = h.start("q")
    h.fail_job(h.jobs()[0], "no answer")
    h.start("other", {"called": "nowhere"})

    batch = batches.begin(h.engine, Orders(BatchAction.RETRY), wanted=Filter(), actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 2}
    assert [each.instance for each in h.jobs()] == [key]
    [again] = h.incidents()
    assert again.kind == "call"


def test_what_stopped_at_one_step_of_many_is_skipped_with_its_output(h):
    h.deploy(line(script("s", "=[1..2]", "y"), user("b")), line(call("one", "=called"), id="other"))
    keys = [h.start("p"), h.start("p"), h.start("other", {"called": "nowhere"})]
    orders = Orders(BatchAction.RETRY, reason="by hand", element_id="s", skip=True, variables={"y": 7})

    batch = batches.begin(h.engine, orders, wanted=Filter(), actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 2, ItemState.REFUSED: 1}
    assert reasons(h.engine, batch) == {f"{keys[2]} nothing has stopped in process instance {keys[2]}"}
    assert [(h.active(key), h.variables(key)["y"]) for key in keys[:2]] == [(["b"], 7)] * 2
    assert [each.element_id for each in h.incidents()] == ["one"]


# ---- what is refused as a whole --------------------------------------------------------------------------------------------


def test_an_order_that_lacks_something_does_not_begin(h):
    h.deploy(line(user("a")), line(user("b"), id="q"))
    keys = [h.start("p"), h.start("q")]

    for orders, error in (
        (Orders(BatchAction.MIGRATE), Invalid),
        (Orders(BatchAction.MIGRATE, to_version=1), Invalid),  # of two processes
        (Orders(BatchAction.MODIFY), Invalid),
        (Orders(BatchAction.MODIFY, variables={"": 1}), Invalid),
    ):
        with pytest.raises(error):
            batches.begin(h.engine, orders, keys=keys, actor=SYSTEM)
    with pytest.raises(NotFound):
        batches.begin(h.engine, Orders(BatchAction.MIGRATE, to_version=7), keys=keys[:1], actor=SYSTEM)
    with pytest.raises(NotFound):
        batches.begin(h.engine, CANCEL, keys=["99"], actor=SYSTEM)
    assert batches.listed(h.engine, actor=SYSTEM) == []


def test_too_many_are_refused_before_anything_begins(h, monkeypatch):
    h.deploy(line(user("a")))
    for _ in range(3):
        h.start("p")
    monkeypatch.setattr(batches, "MOST", 2)

    with pytest.raises(Invalid, match="more than 2 instances"):
        batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM)


def test_a_batch_over_nothing_is_over_at_once(h):
    assert batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM).state is BatchState.COMPLETED


def test_a_repeated_command_begins_one_batch(h):
    h.deploy(line(user("a")))
    h.start("p")

    first, again = (batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM, command_id="x") for _ in range(2))

    assert first.key == again.key
    with pytest.raises(IllegalTransition):
        batches.repeat(h.engine, first.key, actor=SYSTEM)


def test_a_batch_that_is_stopped_leaves_the_rest_alone(h, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    h.deploy(line(user("a")))
    keys = [h.start("p") for _ in range(5)]
    batch = batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM)
    [job] = jobs.claim_due(h.engine, worker="w")
    jobs.run(h.engine, job)

    stopped = batches.stop(h.engine, batch.key, actor=SYSTEM)
    h.run()

    assert (stopped.state, stopped.done, stopped.left) == (BatchState.STOPPED, 2, 3)
    assert [h.state(key) for key in keys] == ["canceled"] * 2 + ["active"] * 3
    with pytest.raises(IllegalTransition):
        batches.stop(h.engine, batch.key, actor=SYSTEM)


# ---- faults ----------------------------------------------------------------------------------------------------------------


class Dies(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("action", [BatchAction.CANCEL, BatchAction.RETRY, BatchAction.MODIFY])
def test_a_worker_that_dies_in_mid_batch_has_nothing_done_twice_and_nothing_miscounted(h, monkeypatch, action):
    h.deploy(line(service("a", retries="1")))
    keys = [h.start("p") for _ in range(12)]
    for job in h.jobs():
        h.fail_job(job, "no answer")
    orders = Orders(action, terminate=("a",) if action is BatchAction.MODIFY else ())
    batch = batches.begin(h.engine, orders, wanted=ALL, actor=SYSTEM)
    reached = itertools.count(1)

    def point(name):
        if name == "batch_item" and next(reached) == 5:
            raise Dies

    monkeypatch.setattr(batches.faults, "point", point)
    [job] = jobs.claim_due(h.engine, worker="first")
    with pytest.raises(Dies):
        jobs.run(h.engine, job)
    assert batches.get(h.engine, batch.key, actor=SYSTEM).left == 12
    h.advance(minutes=6)  # its lease runs out

    assert outcome(h.engine, batch) == {ItemState.DONE: 12}
    kind = {"cancel": "instance_canceled", "retry": "incident_retried", "modify": "instance_modified"}[action]
    for key in keys:
        assert [each.kind for each in h.history(key)].count(kind) == 1


def test_a_worker_that_lost_its_lease_stores_nothing(h, monkeypatch):
    h.deploy(line(user("a")))
    h.start("p")
    batch = batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM)
    [slept] = jobs.claim_due(h.engine, worker="slow")
    h.clock.advance(jobs.LEASE * 2)
    [taken] = jobs.claim_due(h.engine, worker="quick")

    assert jobs.run(h.engine, taken)
    assert not jobs.run(h.engine, slept)

    assert outcome(h.engine, batch) == {ItemState.DONE: 1}


def test_a_fault_of_ours_with_one_instance_is_told_and_the_others_have_their_turn(h, monkeypatch):
    h.deploy(line(user("a")))
    keys = [h.start("p") for _ in range(3)]
    real = runtime.cancel

    def cancel(engine, key, **more):
        if str(key) == keys[1]:
            raise ZeroDivisionError("what?")
        return real(engine, key, **more)

    monkeypatch.setattr(steering.runtime, "cancel", cancel)
    batch = batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM)
    h.run()

    assert outcome(h.engine, batch) == {ItemState.DONE: 2, ItemState.REFUSED: 1}
    assert reasons(h.engine, batch) == {f"{keys[1]} ZeroDivisionError: what?"}


def test_a_database_that_cannot_now_refuses_nobody(h, monkeypatch):
    h.deploy(line(user("a")))
    h.start("p")
    batch = batches.begin(h.engine, CANCEL, wanted=ALL, actor=SYSTEM)
    real, failures = runtime.cancel, iter([True])

    def cancel(*args, **more):
        if next(failures, False):
            raise Unavailable("no room")
        return real(*args, **more)

    monkeypatch.setattr(steering.runtime, "cancel", cancel)
    h.advance(minutes=1)

    assert outcome(h.engine, batch) == {ItemState.DONE: 1}


# ---- people ----------------------------------------------------------------------------------------------------------------


def test_rights_are_those_at_each_turn(office):
    engine = office.engine
    repository.deploy(engine, [Resource("p.bpmn", line(user("a")))], actor=SYSTEM)
    for code in ("yunting", "jinheli"):
        runtime.start(engine, "p", unit=office.unit(code), actor=SYSTEM)

    for name in ("alice", "bob", "carol", "mallory"):
        with pytest.raises(NotAllowed):
            batches.begin(engine, CANCEL, wanted=ALL, actor=office.actor(name))
    may = ["process_instance:cancel"]
    roles.define(engine, "steward", name_zh="管家", name_en="Steward", permissions=may, actor=SYSTEM)
    grant = grants.grant(engine, account=office.key("carol"), role="steward", unit=office.unit("yunting"), actor=SYSTEM)
    batch = batches.begin(engine, CANCEL, wanted=ALL, actor=office.actor("carol"))
    assert batch.total == 1, "of what she sees"
    grants.revoke(engine, grant.key, actor=SYSTEM)
    work_off(engine)

    assert outcome(engine, batch) == {ItemState.REFUSED: 1}
    assert "you may not cancel" in reasons(engine, batch).pop()
    assert batches.get(engine, batch.key, actor=office.actor("carol")).refused == 1
    for name in ("alice", "mallory"):
        assert batches.listed(engine, actor=office.actor(name)) == []
        with pytest.raises(NotFound):
            batches.get(engine, batch.key, actor=office.actor(name))


def test_who_begins_and_stops_a_batch_is_in_the_audit_and_old_ones_are_forgotten(office):
    engine, root = office.engine, office.actor("root")
    repository.deploy(engine, [Resource("p.bpmn", line(user("a")))], actor=SYSTEM)
    runtime.start(engine, "p", unit=office.unit("yunting"), actor=SYSTEM)
    batch = batches.begin(engine, CANCEL, wanted=ALL, actor=root)

    batches.stop(engine, batch.key, actor=root)

    entries = audit.entries(engine, actor=root, subject=str(batch.key))
    assert [(each.action, each.actor) for each in entries] == [("batch.stop", root.id), ("batch.begin", root.id)]
    assert entries[1].data == {"action": "cancel", "instances": 1, "reason": "no longer needed"}
    engine.clock.advance(upkeep.Keep().batches * 2)
    upkeep.run(engine)
    with pytest.raises(NotFound):
        batches.get(engine, batch.key, actor=root)


def test_an_incident_of_an_instance_is_not_lost_by_a_dry_run(h):
    h.deploy(line(service("a", retries="1")))
    key = h.start("p")
    h.fail_job(h.jobs()[0], "no answer")

    incidents.resolve_all(h.engine, key, actor=SYSTEM, dry_run=True)

    assert len(h.incidents(key)) == 1
    with h.store.read() as uow:
        [job] = job_rows.of_type(uow, states=(JobState.FAILED,))
    assert str(job.instance) == key
