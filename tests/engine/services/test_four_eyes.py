"""Four eyes: who did an earlier step is not offered, given or let complete the step that checks it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Invalid, NotAllowed
from engine.model.values import SYSTEM, Resource
from engine.services import grants, history, holding, inbox, migration, repository, runtime, tasks
from engine.services.inbox import View
from tests.engine.diagrams import diagram, end, flows, line, start, user

CHECKED = line(user("repair", groups="technician"), user("accept", groups="technician,supervisor", four_eyes="repair"))


def begin(office, process=CHECKED):
    repository.deploy(office.engine, [Resource("p.bpmn", process)], actor=SYSTEM)
    return runtime.start(office.engine, "p", {}, actor=SYSTEM, unit=office.unit("yunting-1"))


def open_one(office, instance, element="accept"):
    return next(row for row in tasks.of_instance(office.engine, instance, actor=SYSTEM) if row.element_id == element)


def do(office, instance, element, who):
    row = open_one(office, instance, element)
    tasks.complete(office.engine, row.key, {}, actor=office.actor(who), claiming=True)


def offered(office, who, view=View.TODO):
    return [found.task.element_id for found in inbox.page(office.engine, actor=office.actor(who), view=view).tasks]


@pytest.fixture
def repaired(office):
    """A ticket that Alice has repaired and that somebody else is to accept."""
    instance = begin(office)
    do(office, instance, "repair", "alice")
    return open_one(office, instance)


def test_a_check_is_offered_to_everybody_but_who_did_the_work(office, repaired):
    assert offered(office, "alice") == []
    assert offered(office, "bob") == ["accept"]
    assert inbox.counts(office.engine, actor=office.actor("alice"))[View.OFFERED] == 0
    assert inbox.counts(office.engine, actor=office.actor("bob"))[View.OFFERED] == 1


def test_who_did_the_work_can_neither_claim_nor_complete_the_check(office, repaired):
    alice = office.actor("alice")

    for act in (
        lambda: holding.claim(office.engine, repaired.key, actor=alice),
        lambda: tasks.complete(office.engine, repaired.key, {}, actor=alice, claiming=True),
    ):
        with pytest.raises(NotAllowed, match="Alice did “Do repair”"):
            act()

    assert tasks.barred(office.engine, repaired.key, actor=alice) is not None
    assert tasks.barred(office.engine, repaired.key, actor=office.actor("bob")) is None
    tasks.complete(office.engine, repaired.key, {}, actor=office.actor("bob"), claiming=True)


def test_a_check_is_not_given_to_who_did_the_work(office, repaired):
    holding.claim(office.engine, repaired.key, actor=office.actor("bob"))

    with pytest.raises(NotAllowed, match="Alice did “Do repair”"):
        holding.assign(office.engine, repaired.key, office.key("alice"), actor=office.actor("carol"))
    holding.assign(office.engine, repaired.key, office.key("carol"), actor=office.actor("bob"))

    assert tasks.task(office.engine, repaired.key, actor=SYSTEM).assignee == "carol"


def stand_in(office, absent, deputy):
    grants.stand_in(
        office.engine,
        absent=office.key(absent),
        deputy=office.key(deputy),
        valid_to=office.engine.clock.now() + timedelta(days=3),
        reason="leave",
        actor=office.actor(absent),
    )


def test_a_deputy_does_not_check_what_the_absent_colleague_did(office, repaired):
    stand_in(office, "alice", "bob")
    bob = office.actor("bob")

    assert offered(office, "bob") == []
    with pytest.raises(NotAllowed, match="Bob stands in for them"):
        holding.claim(office.engine, repaired.key, actor=bob)
    with pytest.raises(NotAllowed, match="Bob stands in for them"):
        holding.assign(office.engine, repaired.key, office.key("bob"), actor=SYSTEM)


def test_neither_the_deputy_who_did_the_work_nor_the_absent_colleague_who_held_it_checks_it(office):
    instance = begin(office)
    holding.claim(office.engine, open_one(office, instance, "repair").key, actor=office.actor("alice"))
    stand_in(office, "alice", "bob")
    do(office, instance, "repair", "bob")
    accept = open_one(office, instance)

    for who in ("alice", "bob"):
        assert offered(office, who) == []
        with pytest.raises(NotAllowed):
            holding.claim(office.engine, accept.key, actor=office.actor(who))


def test_who_holds_the_earlier_step_beside_the_check_is_kept_from_it_until_it_is_released(office):
    both = diagram(
        start(),
        '<parallelGateway id="fork"/>',
        user("repair", groups="technician"),
        user("accept", groups="technician", four_eyes="repair"),
        '<parallelGateway id="join"/>',
        end(),
        flows("start>fork", "fork>repair", "fork>accept", "repair>join", "accept>join", "join>end"),
    )
    instance = begin(office, both)
    alice, repair, accept = office.actor("alice"), open_one(office, instance, "repair"), open_one(office, instance)

    holding.claim(office.engine, repair.key, actor=alice)
    with pytest.raises(NotAllowed):
        holding.claim(office.engine, accept.key, actor=alice)
    assert offered(office, "alice") == ["repair"]
    holding.release(office.engine, repair.key, actor=alice)
    holding.claim(office.engine, accept.key, actor=alice)

    # having claimed the check first, Alice may still not do both
    tasks.complete(office.engine, repair.key, {}, actor=alice, claiming=True)
    with pytest.raises(NotAllowed):
        tasks.complete(office.engine, accept.key, {}, actor=alice)
    holding.release(office.engine, accept.key, actor=alice)
    do(office, instance, "accept", "bob")


def test_every_round_of_the_earlier_step_counts(office):
    loop = diagram(
        start(),
        user("repair", groups="technician"),
        user("accept", groups="technician", four_eyes="repair"),
        '<exclusiveGateway id="ok" default="ok_end"/>',
        end(),
        flows("start>repair", "repair>accept", "accept>ok", "ok>repair=again", "ok>end"),
    )
    instance = begin(office, loop)
    do(office, instance, "repair", "alice")
    row = open_one(office, instance)
    tasks.complete(office.engine, row.key, {"again": True}, actor=SYSTEM, claiming=True)
    do(office, instance, "repair", "bob")

    assert offered(office, "alice") == offered(office, "bob") == []


def test_another_ticket_is_another_matter(office, repaired):
    other = runtime.start(office.engine, "p", {}, actor=SYSTEM, unit=office.unit("yunting-1"))
    do(office, other, "repair", "bob")

    assert offered(office, "alice") == offered(office, "bob") == ["accept"]
    do(office, other, "accept", "alice")


def test_the_refused_leaves_no_trace_and_the_check_goes_on(office, repaired):
    before = len(history.events(office.engine, repaired.instance, actor=SYSTEM))

    with pytest.raises(NotAllowed):
        tasks.complete(office.engine, repaired.key, {"x": 1}, actor=office.actor("alice"), claiming=True)

    assert len(history.events(office.engine, repaired.instance, actor=SYSTEM)) == before


@pytest.mark.parametrize("named", ["rapair", "start", " "])
def test_a_check_of_something_that_is_no_task_of_people_is_not_deployed(office, named):
    wrong = line(user("repair", groups="technician"), user("accept", groups="supervisor", four_eyes=named))

    with pytest.raises(Invalid) as refused:
        repository.deploy(office.engine, [Resource("p.bpmn", wrong)], actor=SYSTEM)

    errors = [problem for problem in refused.value.problems if problem.severity == "error"]
    assert [(problem.where, problem.rule) for problem in errors] == [("accept", "four-eyes-unknown")]


def test_a_version_that_asks_for_four_eyes_asks_for_them_in_tickets_that_move_to_it(office):
    instance = begin(office, line(user("repair", groups="technician"), user("accept", groups="technician")))
    do(office, instance, "repair", "alice")
    repository.deploy(office.engine, [Resource("p.bpmn", CHECKED)], actor=SYSTEM)
    assert offered(office, "alice") == ["accept"]

    assert migration.migrate(office.engine, instance, 2, actor=SYSTEM) == []
    assert migration.migrate(office.engine, instance, 2, actor=SYSTEM) == []

    assert offered(office, "alice") == []
    with pytest.raises(NotAllowed):
        holding.claim(office.engine, open_one(office, instance).key, actor=office.actor("alice"))
