"""Giving a task to somebody and saying how urgent it is: who may be chosen, what is refused, what history says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.model.values import SYSTEM
from engine.services import grants, holding, tasks

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def task(desk, visit):
    """The open task of a visit."""
    [row] = tasks.of_instance(desk.engine, visit(), actor=SYSTEM)
    return row


def now(desk, task):
    return tasks.task(desk.engine, task.key, actor=SYSTEM)


def command(page):
    return re.search(r'name="command_id" value="([^"]+)"', page.text)[1]


def test_a_supervisor_gives_a_task_to_one_of_those_whom_it_reaches(browser, desk, task):
    carol = browser("carol")
    page = carol.get(f"/tasks/{task.key}").text
    asked = carol.get(f"/tasks/{task.key}/assign")

    given = carol.post(f"/tasks/{task.key}/assign", {"to": desk.office.key("bob"), "reason": "he is near"})

    assert f"/tasks/{task.key}/assign" in page
    assert "Alice" in asked.text and "Bob" in asked.text and "Mallory" not in asked.text
    assert given.status_code == 302
    assert now(desk, task).assignee == "bob"
    shown = carol.get(f"/tasks/{task.key}").text
    assert "Look: given to Bob" in shown and "he is near" in shown


def test_the_pane_gets_the_form_alone(browser, task):
    page = browser("carol").get(f"/tasks/{task.key}/assign", headers=PART).text

    assert "<html" not in page and 'name="to"' in page


def test_nobody_but_the_candidates_can_be_chosen(browser, desk, task):
    carol = browser("carol")

    refused = carol.post(f"/tasks/{task.key}/assign", {"to": desk.office.key("dan")})
    nobody = carol.post(f"/tasks/{task.key}/assign", {})
    nonsense = carol.post(f"/tasks/{task.key}/assign", {"to": "x"})

    assert (refused.status_code, nobody.status_code, nonsense.status_code) == (422, 422, 422)
    assert "he task is not offered to Dan; choose one of the people whom it reaches" in refused.text
    assert "Choose somebody first." in nobody.text
    assert now(desk, task).assignee is None


def test_who_may_not_assign_finds_no_way_there(browser, desk, task):
    alice = browser("alice")

    assert "/assign" not in alice.get(f"/tasks/{task.key}").text
    assert alice.get(f"/tasks/{task.key}/assign").status_code == 403
    assert alice.post(f"/tasks/{task.key}/assign", {"to": desk.office.key("bob")}).status_code == 403
    assert browser("mallory").get(f"/tasks/{task.key}/assign").status_code == 404


def test_the_holder_transfers_a_task_and_a_doubled_click_is_answered_like_the_first(browser, desk, task):
    alice = browser("alice")
    alice.post(f"/tasks/{task.key}/claim")
    form = alice.get(f"/tasks/{task.key}/assign")
    sent = {"to": desk.office.key("bob"), "command_id": command(form)}

    first = alice.post(f"/tasks/{task.key}/assign", sent)
    second = alice.post(f"/tasks/{task.key}/assign", sent)

    assert "Transfer" in form.text
    assert (first.status_code, second.status_code) == (302, 302)
    assert now(desk, task).assignee == "bob"


def test_who_is_away_and_how_loaded_each_is_stands_beside_the_names(browser, desk, visit, task):
    [other] = tasks.of_instance(desk.engine, visit(), actor=SYSTEM)
    holding.claim(desk.engine, other.key, actor=desk.office.actor("bob"))
    grants.stand_in(
        desk.engine,
        absent=desk.office.key("alice"),
        deputy=desk.office.key("bob"),
        valid_to=desk.engine.clock.now() + timedelta(days=2),
        reason="leave",
        actor=SYSTEM,
    )

    page = browser("carol").get(f"/tasks/{task.key}/assign").text

    assert re.search(r"Away until [^;]+; Bob stands in", page)
    assert "1 open" in page and "0 open" in page


def test_a_task_that_is_over_says_so_instead_of_being_given_away(browser, desk, task):
    carol = browser("carol")
    tasks.complete(desk.engine, task.key, {"outcome": "fixed", "minutes": 1}, actor=SYSTEM, claiming=True)

    assert carol.get(f"/tasks/{task.key}/assign").status_code == 409
    late = carol.post(f"/tasks/{task.key}/assign", {"to": desk.office.key("bob")})
    assert late.status_code == 409
    assert carol.get(f"/tasks/{task.key}/urgency").status_code == 409


def test_a_supervisor_makes_a_task_urgent_and_history_says_so(browser, desk, task):
    carol = browser("carol")
    wanted = {"priority": "100", "due_at": "2026-01-02T10:00", "reason": "the tenant called"}

    done = carol.post(f"/tasks/{task.key}/urgency", wanted)

    assert done.status_code == 302
    row = now(desk, task)
    assert (row.priority, row.due_at.isoformat()) == (100, "2026-01-02T02:00:00+00:00")
    page = carol.get(f"/tasks/{task.key}").text
    assert "Urgency changed: Look" in page
    assert "priority 100 · due" in page and "the tenant called" in page


def test_an_urgency_that_changes_nothing_is_refused(browser, desk, task):
    carol = browser("carol")

    same = carol.post(f"/tasks/{task.key}/urgency", {"priority": str(task.priority)})
    wrong = carol.post(f"/tasks/{task.key}/urgency", {"due_at": "soon"})

    assert (same.status_code, wrong.status_code) == (422, 422)
    assert "hoose another urgency or another date" in same.text
    assert "ame a day and a time" in wrong.text
    assert browser("alice").post(f"/tasks/{task.key}/urgency", {"priority": "100"}).status_code == 403
    assert now(desk, task).priority == task.priority
