"""User tasks: who may see, take, hand over and complete them, and what is said to whoever comes second."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from engine.errors import ConcurrentUpdate, IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.states import TaskState
from engine.model.values import SYSTEM, Resource
from engine.services import drafts, grants, history, holding, incidents, jobs, moves, repository, runtime, tasks
from engine.store import candidates, commands
from tests.engine.diagrams import call, diagram, end, flows, line, script, start, user

FORM = json.dumps(
    {
        "id": "quote",
        "type": "default",
        "schemaVersion": 19,
        "components": [
            {"type": "textfield", "key": "note", "id": "f1", "label": "Note", "validate": {"required": True}},
            {"type": "number", "key": "amount", "id": "f2", "label": "Amount", "serializeToString": True},
        ],
    }
).encode()


def deploy(office, *files: bytes, names: tuple[str, ...] = ()) -> None:
    resources = [
        Resource(names[number] if number < len(names) else f"{number}.bpmn", content)
        for number, content in enumerate(files)
    ]
    repository.deploy(office.engine, resources, actor=SYSTEM)


def begin(office, *, unit: str = "yunting-1", by=None, **options):
    """Start a process at a unit and give its open task."""
    key = runtime.start(office.engine, "p", actor=by or SYSTEM, unit=office.unit(unit), **options)
    return one(office, key)


def one(office, instance):
    [task] = tasks.of_instance(office.engine, instance, actor=SYSTEM)
    return task


@pytest.fixture
def repair(office):
    """A task for technicians in a building of the project Yunting."""
    deploy(office, line(user("fix", groups="technician"), user("check", groups="supervisor")))
    return begin(office)


# ---- seeing and claiming -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees", "may"),
    [
        ("alice", True, True),
        ("bob", True, True),
        ("carol", True, False),
        ("dan", False, False),
        ("mallory", False, False),
        ("root", True, False),
    ],
)
def test_who_sees_and_may_claim_a_technicians_task(office, repair, who, sees, may):
    actor = office.actor(who)
    if not sees:
        with pytest.raises(NotFound):
            tasks.task(office.engine, repair.key, actor=actor)
        with pytest.raises(NotFound):
            holding.claim(office.engine, repair.key, actor=actor)
        with pytest.raises(NotFound):
            tasks.complete(office.engine, repair.key, {}, actor=actor, claiming=True)
        return
    assert tasks.task(office.engine, repair.key, actor=actor).element_id == "fix"
    if may:
        holding.claim(office.engine, repair.key, actor=actor)
        assert tasks.task(office.engine, repair.key, actor=actor).assignee == who
    else:
        with pytest.raises(NotAllowed):
            holding.claim(office.engine, repair.key, actor=actor)


def test_a_claimed_task_is_held_and_leaves_the_others_pool(office, repair):
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))

    held = tasks.task(office.engine, repair.key, actor=SYSTEM)

    assert (held.state, held.assignee, held.holder) == (TaskState.CLAIMED, "alice", office.key("alice"))
    assert held.claimed_at == office.engine.clock.now()
    with pytest.raises(ConcurrentUpdate) as second:
        holding.claim(office.engine, repair.key, actor=office.actor("bob"))
    assert second.value.actor == "Alice"
    assert second.value.at == held.changed_at


def test_claiming_twice_is_claiming_once(office, repair):
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))

    kinds = [event.kind for event in history.events(office.engine, repair.instance, actor=SYSTEM)]
    assert kinds.count("task_claimed") == 1


def test_a_released_task_is_offered_again_and_keeps_when_it_was_first_claimed(office, repair):
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))
    office.engine.clock.advance(timedelta(hours=1))
    holding.release(office.engine, repair.key, actor=office.actor("alice"), reason="wrong tools")

    free = tasks.task(office.engine, repair.key, actor=SYSTEM)
    assert (free.state, free.assignee, free.holder) == (TaskState.CREATED, None, None)
    holding.claim(office.engine, repair.key, actor=office.actor("bob"))
    again = tasks.task(office.engine, repair.key, actor=SYSTEM)
    assert again.claimed_at < again.changed_at


def test_only_the_holder_and_a_supervisor_may_release_or_assign(office, repair):
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))

    for verb in (
        lambda actor: holding.release(office.engine, repair.key, actor=actor),
        lambda actor: holding.assign(office.engine, repair.key, office.key("bob"), actor=actor),
    ):
        with pytest.raises(NotAllowed):
            verb(office.actor("bob"))
        with pytest.raises(NotFound):
            verb(office.actor("dan"))

    holding.assign(office.engine, repair.key, office.key("bob"), actor=office.actor("carol"), reason="closer")
    assert tasks.task(office.engine, repair.key, actor=SYSTEM).assignee == "bob"
    holding.assign(office.engine, repair.key, office.key("alice"), actor=office.actor("bob"))
    assert tasks.task(office.engine, repair.key, actor=SYSTEM).assignee == "alice"
    holding.release(office.engine, repair.key, actor=office.actor("carol"))
    with pytest.raises(IllegalTransition):
        holding.release(office.engine, repair.key, actor=office.actor("carol"))


def test_a_task_for_a_role_at_another_unit_goes_there(office):
    deploy(office, line(user("fix", groups="technician@jinheli")))
    task = begin(office)

    with pytest.raises(NotAllowed):
        holding.claim(office.engine, task.key, actor=office.actor("alice"))
    holding.claim(office.engine, task.key, actor=office.actor("dan"))

    assert tasks.task(office.engine, task.key, actor=SYSTEM).assignee == "dan"


def test_a_task_for_named_persons_is_theirs_and_an_assigned_one_is_held(office):
    deploy(office, line(user("a", users="mallory"), user("b", assignee="mallory")))
    task = begin(office)
    mallory = office.actor("mallory")

    tasks.complete(office.engine, task.key, {}, actor=mallory, claiming=True)

    second = one(office, task.instance)
    assert (second.state, second.assignee, second.holder) == (TaskState.CLAIMED, "mallory", office.key("mallory"))
    tasks.complete(office.engine, second.key, {}, actor=mallory)


def test_a_substitute_does_the_tasks_of_an_absent_colleague_under_their_own_name(office, repair):
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))
    now = office.engine.clock.now()
    grants.stand_in(
        office.engine,
        absent=office.key("alice"),
        deputy=office.key("dan"),
        valid_from=now,
        valid_to=now + timedelta(days=3),
        reason="leave",
        actor=SYSTEM,
    )

    tasks.complete(office.engine, repair.key, {}, actor=office.actor("dan"))

    done = tasks.task(office.engine, repair.key, actor=SYSTEM)
    assert (done.assignee, done.changed_by_name) == ("alice", "Dan")


# ---- completing ------------------------------------------------------------------------------------------------------------


def test_a_task_held_by_bob_is_refused_to_alice(office, repair):
    holding.claim(office.engine, repair.key, actor=office.actor("bob"))

    with pytest.raises(NotAllowed, match="bob holds the task"):
        tasks.complete(office.engine, repair.key, {}, actor=office.actor("alice"))
    with pytest.raises(ConcurrentUpdate, match="Bob took the task"):
        tasks.complete(office.engine, repair.key, {}, actor=office.actor("alice"), claiming=True)


def test_a_free_task_must_be_claimed_first_unless_that_is_asked_for_too(office, repair):
    with pytest.raises(IllegalTransition, match="claim it first"):
        tasks.complete(office.engine, repair.key, {}, actor=office.actor("alice"))

    found = tasks.complete(office.engine, repair.key, {"ok": True}, actor=office.actor("alice"), claiming=True)

    assert (found.instance, found.ended) == (repair.instance, False)
    done = tasks.task(office.engine, repair.key, actor=SYSTEM)
    assert (done.state, done.assignee, done.changed_by_name) == (TaskState.COMPLETED, "alice", "Alice")
    assert done.claimed_at == done.done_at


def test_the_second_to_complete_is_told_who_was_first_and_keeps_what_they_typed(office, repair):
    tasks.complete(office.engine, repair.key, {"by": "a"}, actor=office.actor("alice"), claiming=True)
    bob = office.actor("bob")

    with pytest.raises(ConcurrentUpdate) as late:
        tasks.complete(office.engine, repair.key, {"by": "b"}, actor=bob, claiming=True)

    assert (late.value.actor, late.value.at) == ("Alice", office.engine.clock.now())
    assert drafts.get(office.engine, repair.key, actor=bob) == {"by": "b"}
    assert runtime.variables(office.engine, repair.instance, actor=SYSTEM) == {"by": "a"}
    with pytest.raises(IllegalTransition):
        tasks.complete(office.engine, repair.key, {}, actor=office.actor("alice"), claiming=True)


def test_a_repeated_command_gets_its_first_answer(office, repair):
    alice = office.actor("alice")
    first = tasks.complete(office.engine, repair.key, {}, actor=alice, claiming=True, command_id="c1")

    assert tasks.complete(office.engine, repair.key, {}, actor=alice, claiming=True, command_id="c1") == first


def test_a_form_says_what_is_wrong_with_each_field_and_refuses_undeclared_ones(office):
    deploy(office, line(user("fix", groups="technician", form="quote")), FORM, names=("p.bpmn", "quote.form"))
    task = begin(office)
    alice = office.actor("alice")
    assert tasks.form(office.engine, task.key, actor=alice).id == "quote"

    with pytest.raises(Invalid) as refusal:
        tasks.complete(office.engine, task.key, {"amount": "much", "price": 1}, actor=alice, claiming=True)

    assert {problem.where for problem in refusal.value.problems} >= {"note", "amount", "price"}
    assert tasks.task(office.engine, task.key, actor=alice).state is TaskState.CREATED
    tasks.complete(office.engine, task.key, {"note": "ok", "amount": "12.50"}, actor=alice, claiming=True)
    assert runtime.variables(office.engine, task.instance, actor=SYSTEM) == {"note": "ok", "amount": "12.50"}


def test_a_value_that_is_no_json_or_too_large_is_refused_by_name(office, repair):
    with pytest.raises(Invalid) as refusal:
        tasks.complete(
            office.engine, repair.key, {"f": 0.5, "big": "x" * 1_100_000}, actor=office.actor("alice"), claiming=True
        )

    assert [problem.where for problem in refusal.value.problems] == ["f", "big"]


def test_the_work_of_a_person_survives_a_fault_of_ours(office, monkeypatch):
    deploy(office, line(user("fix", groups="technician"), script("sum", "=1 + 1", "two"), user("check")))
    task = begin(office)
    real = moves.advance

    def broken(*args):
        raise RecursionError("a bug in the engine")

    monkeypatch.setattr(moves, "advance", broken)

    tasks.complete(office.engine, task.key, {"typed": "for an hour"}, actor=office.actor("alice"), claiming=True)

    done = tasks.task(office.engine, task.key, actor=SYSTEM)
    assert (done.state, done.changed_by_name) == (TaskState.COMPLETED, "Alice")
    [incident] = incidents.open_incidents(office.engine, actor=SYSTEM)
    assert (incident.kind, incident.element_id) == ("internal", "fix")
    assert "a bug in the engine" in incident.message

    monkeypatch.setattr(moves, "advance", real)
    incidents.resolve(office.engine, incident.key, actor=SYSTEM)
    [job] = jobs.claim_due(office.engine, worker="w")
    jobs.run(office.engine, job)

    assert one(office, task.instance).element_id == "check"
    assert runtime.variables(office.engine, task.instance, actor=SYSTEM) == {"typed": "for an hour", "two": 2}
    assert incidents.open_incidents(office.engine, actor=SYSTEM) == []


def test_a_task_of_a_suspended_instance_cannot_be_completed(office, repair):
    runtime.suspend(office.engine, repair.instance, actor=SYSTEM)

    with pytest.raises(IllegalTransition, match="resume it first"):
        tasks.complete(office.engine, repair.key, {}, actor=office.actor("alice"), claiming=True)


def test_a_task_that_the_process_no_longer_needs_says_so(office, repair):
    runtime.cancel(office.engine, repair.instance, actor=SYSTEM)

    assert tasks.task(office.engine, repair.key, actor=SYSTEM).state is TaskState.CANCELED
    with pytest.raises(IllegalTransition):
        tasks.complete(office.engine, repair.key, {}, actor=SYSTEM, claiming=True)


def test_rows_of_the_caller_are_stored_together_with_the_step_or_not_at_all(office, repair):
    def mark(uow):
        commands.add(uow, "test", "mark", "mark", None)

    def fail(uow):
        mark(uow)
        raise Invalid("no")

    def marked():
        with office.engine.store.read() as uow:
            return commands.find(uow, "test", "mark", "mark")[0]

    with pytest.raises(Invalid):
        tasks.complete(office.engine, repair.key, {}, actor=SYSTEM, claiming=True, also=fail)
    assert not marked()
    tasks.complete(office.engine, repair.key, {}, actor=SYSTEM, claiming=True, also=mark)
    assert marked()


def test_the_holder_changes_dates_and_priority(office, repair):
    due = office.engine.clock.now() + timedelta(days=1)
    holding.claim(office.engine, repair.key, actor=office.actor("alice"))

    with pytest.raises(NotAllowed):
        holding.set_urgency(office.engine, repair.key, actor=office.actor("bob"), priority=90)
    holding.set_urgency(office.engine, repair.key, actor=office.actor("alice"), priority=90, due_at=due)

    found = tasks.task(office.engine, repair.key, actor=SYSTEM)
    assert (found.priority, found.due_at) == (90, due)


def test_what_a_task_sees_is_what_its_scope_holds(office):
    deploy(office, line(user("fix", groups="technician"), call("sub", "child")), line(user("a"), id="child"))
    task = begin(office, variables={"room": "1502"})

    assert tasks.variables(office.engine, task.key, actor=office.actor("alice")) == {"room": "1502"}
    with pytest.raises(NotFound):
        tasks.variables(office.engine, task.key, actor=office.actor("dan"))


def test_drafts_are_kept_per_person(office, repair):
    alice, bob = office.actor("alice"), office.actor("bob")
    drafts.save(office.engine, repair.key, {"half": "typed"}, actor=alice)
    drafts.save(office.engine, repair.key, {"half": "typed more"}, actor=alice)

    assert drafts.get(office.engine, repair.key, actor=alice) == {"half": "typed more"}
    assert drafts.get(office.engine, repair.key, actor=bob) is None
    with pytest.raises(NotFound):
        drafts.save(office.engine, repair.key, {}, actor=office.actor("dan"))


def test_candidates_are_one_row_for_each_unit_up_to_the_root(office, repair):
    with office.engine.store.read() as uow:
        places = candidates.places(uow, repair.key)

    units = ("yunting-1", "yunting", "chengdu", "jinhe")
    assert places == {("technician", office.unit(code)) for code in units}


def test_parallel_tasks_of_one_instance_are_completed_one_after_the_other(office):
    split = '<parallelGateway id="split"/>'
    join = '<parallelGateway id="join"/>'
    deploy(
        office,
        diagram(
            start(),
            split,
            user("a"),
            user("b"),
            join,
            end(),
            flows("start>split", "split>a", "split>b", "a>join", "b>join", "join>end"),
        ),
    )
    key = runtime.start(office.engine, "p", actor=SYSTEM)
    first, second = tasks.of_instance(office.engine, key, actor=SYSTEM)

    assert not tasks.complete(office.engine, first.key, {"a": 1}, actor=SYSTEM, claiming=True).ended
    assert tasks.complete(office.engine, second.key, {"b": 2}, actor=SYSTEM, claiming=True).ended

    assert runtime.variables(office.engine, key, actor=SYSTEM) == {"a": 1, "b": 2}
