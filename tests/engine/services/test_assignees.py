"""To whom a task can be given: the people that it reaches, who is away, how much each holds, and who did what it checks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import IllegalTransition, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import accounts, assignees, grants, history, holding, repository, runtime, tasks
from tests.engine.diagrams import line, user
from tests.meter import Meter


def begin(office, *steps, unit="yunting-1"):
    repository.deploy(office.engine, [Resource("p.bpmn", line(*steps))], actor=SYSTEM)
    instance = runtime.start(office.engine, "p", {"due": None}, actor=SYSTEM, unit=office.unit(unit))
    return tasks.of_instance(office.engine, instance, actor=SYSTEM)[0]


@pytest.fixture
def task(office):
    return begin(office, user("fix", groups="technician"))


def logins(office, key, who="carol"):
    return [each.account.login for each in assignees.candidates(office.engine, key, actor=office.actor(who))]


def test_a_supervisor_gives_a_task_to_those_whom_it_reaches_and_to_nobody_else(office, task):
    assert logins(office, task.key) == ["alice", "bob"]


def test_who_neither_holds_the_task_nor_assigns_is_told_so(office, task):
    with pytest.raises(NotAllowed):
        logins(office, task.key, "alice")
    with pytest.raises(NotFound):
        logins(office, task.key, "mallory")
    holding.claim(office.engine, task.key, actor=office.actor("alice"))

    assert logins(office, task.key, "alice") == ["bob", "alice"]


def test_who_holds_least_comes_first_and_late_work_is_counted(office, task):
    alice = office.actor("alice")
    held = begin(office, user("fix", groups="technician"))
    holding.claim(office.engine, held.key, actor=alice)
    holding.set_urgency(office.engine, held.key, actor=alice, due_at=office.engine.clock.now() - timedelta(hours=1))

    found = assignees.candidates(office.engine, task.key, actor=office.actor("carol"))

    assert [(each.account.login, each.load.held, each.load.late) for each in found] == [("bob", 0, 0), ("alice", 1, 1)]


def test_who_is_away_comes_last_and_the_deputy_can_be_given_the_task(office, task):
    ends = office.engine.clock.now() + timedelta(days=2)
    grants.stand_in(
        office.engine,
        absent=office.key("alice"),
        deputy=office.key("mallory"),
        valid_to=ends,
        reason="leave",
        actor=SYSTEM,
    )

    found = assignees.candidates(office.engine, task.key, actor=office.actor("carol"))

    assert [each.account.login for each in found] == ["bob", "mallory", "alice"]
    assert found[-1].away is not None and found[-1].away.valid_to == ends
    assert all(each.away is None for each in found[:-1])


def test_who_did_what_the_task_checks_stands_there_with_the_reason(office):
    repair = begin(office, user("repair", groups="technician"), user("accept", groups="technician", four_eyes="repair"))
    tasks.complete(office.engine, repair.key, {}, actor=office.actor("alice"), claiming=True)
    [accept] = tasks.of_instance(office.engine, repair.instance, actor=SYSTEM)

    found = assignees.candidates(office.engine, accept.key, actor=office.actor("carol"))

    assert [each.account.login for each in found] == ["bob", "alice"]
    assert found[0].barred is None
    assert "Alice did “Do repair”" in str(found[1].barred)


def test_a_task_that_is_offered_to_no_role_goes_to_whoever_works_at_its_unit(office):
    task = begin(office, user("fix", assignee='="alice"'))

    assert set(logins(office, task.key)) == {"alice", "bob", "carol", "root"}


def test_disabled_accounts_and_finished_tasks_are_left_out(office, task):
    accounts.disable(office.engine, office.key("bob"), reason="left", actor=SYSTEM)

    assert logins(office, task.key) == ["alice"]
    tasks.complete(office.engine, task.key, {}, actor=office.actor("alice"), claiming=True)
    with pytest.raises(IllegalTransition):
        logins(office, task.key)


def test_a_task_can_be_kept_among_those_whom_it_reaches(office, task):
    carol = office.actor("carol")

    with pytest.raises(NotAllowed, match="is not offered to Dan"):
        holding.assign(office.engine, task.key, office.key("dan"), among_candidates=True, actor=carol)
    holding.assign(office.engine, task.key, office.key("bob"), among_candidates=True, actor=carol)

    assert tasks.task(office.engine, task.key, actor=SYSTEM).assignee == "bob"


def test_listing_candidates_costs_the_same_however_many_there_are(office, task):
    carol = office.actor("carol")
    meter = Meter(office.engine.store)
    assignees.candidates(office.engine, task.key, actor=carol)

    assert 0 < meter.statements <= 10


def test_history_says_to_whom_a_task_was_given_and_what_became_more_urgent(office, task):
    carol = office.actor("carol")
    holding.assign(office.engine, task.key, office.key("bob"), actor=carol, reason="closer")
    holding.set_urgency(office.engine, task.key, actor=carol, priority=90, reason="the tenant called")

    given, changed = history.events(office.engine, task.instance, actor=SYSTEM, kinds=["task_assigned", "task_changed"])

    assert (given.data["to_name"], given.data["reason"]) == ("Bob", "closer")
    assert given.data["to_id"] == f"user:{office.key('bob')}"
    assert (changed.data["changed"], changed.data["priority"]) == (["priority"], 90)
