"""Whose inboxes a change of a task concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import changes, holding, offers, repository, runtime, tasks
from tests.engine.diagrams import line, user


@pytest.fixture
def fixed(office):
    """Give a task of a building: begun, and everything before it long ago."""

    def begin(**offered: str):
        repository.deploy(office.engine, [Resource("p.bpmn", line(user("fix", **offered)))], actor=SYSTEM)
        key = runtime.start(office.engine, "p", actor=SYSTEM, unit=office.unit("yunting-1"))
        [task] = tasks.of_instance(office.engine, key, actor=SYSTEM)
        return task

    return begin


def concerned(office, since: timedelta = timedelta(seconds=10)) -> set[str]:
    found = changes.of_tasks(office.engine, since=office.engine.clock.now() - since)
    places = {place for change in found for place in change.places}
    return {name for name in office.accounts if offers.of(office.actor(name)) & places}


def test_it_concerns_who_may_take_the_task_there_and_nobody_elsewhere(office, fixed):
    fixed(groups="technician")

    assert concerned(office) == {"alice", "bob"}


def test_a_task_for_another_unit_concerns_the_people_there(office, fixed):
    fixed(groups="technician@jinheli")

    assert concerned(office) == {"dan"}


def test_a_task_for_named_people_concerns_them_and_whoever_holds_it(office, fixed):
    fixed(users="mallory")
    assert concerned(office) == {"mallory"}

    fixed(assignee="dan")
    assert concerned(office) == {"mallory", "dan"}


def test_a_task_that_is_done_concerns_all_from_whose_inboxes_it_went(office, fixed):
    task = fixed(groups="technician")
    holding.claim(office.engine, task.key, actor=office.actor("bob"))
    tasks.complete(office.engine, task.key, {}, actor=office.actor("bob"))

    assert concerned(office) == {"alice", "bob"}


def test_what_changed_before_is_not_told_and_each_change_has_its_mark(office, fixed):
    task = fixed(groups="technician")
    since = office.engine.clock.now() - timedelta(seconds=1)
    [begun] = changes.of_tasks(office.engine, since=since)
    holding.claim(office.engine, task.key, actor=office.actor("bob"))
    [claimed] = changes.of_tasks(office.engine, since=since)

    assert begun.mark != claimed.mark
    assert changes.of_tasks(office.engine, since=office.engine.clock.now()) == []


def test_very_many_changes_concern_everybody(office, fixed, monkeypatch):
    monkeypatch.setattr(changes, "MOST", 1)
    fixed(groups="technician")
    fixed(groups="technician")

    assert changes.of_tasks(office.engine, since=office.engine.clock.now() - timedelta(seconds=1)) is None
