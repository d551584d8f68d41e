"""Inboxes: whose tasks a person finds, in which order, page by page, and what that costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.model.values import SYSTEM, Actor, Grant, Resource
from engine.services import holding, inbox, repository, runtime, tasks
from engine.services.inbox import Filter, Sort, View
from tests.engine.diagrams import line, user
from tests.meter import Meter


@pytest.fixture
def process(office):
    files = [
        Resource("p.bpmn", line(user("fix", groups="technician", due="=due", priority="=urgency"))),
        Resource("q.bpmn", line(user("look", groups="technician,supervisor"), id="q")),
    ]
    repository.deploy(office.engine, files, actor=SYSTEM)
    return office


def begin(office, name: str, *, unit: str = "yunting", due: int | None = None, urgency: int = 50, process: str = "p"):
    """Start an instance whose task is due in ``due`` days."""
    at = (office.engine.clock.now() + timedelta(days=due)).isoformat() if due is not None else None
    given = {"due": at, "urgency": urgency}
    runtime.start(office.engine, process, given, actor=SYSTEM, unit=office.unit(unit), business_key=name)


def names(page) -> list[str]:
    return [found.business_key for found in page.tasks]


def test_a_person_finds_the_work_of_their_role_at_their_unit_and_beneath(process):
    begin(process, "project")
    begin(process, "building", unit="yunting-1")
    begin(process, "elsewhere", unit="jinheli")

    assert sorted(names(inbox.page(process.engine, actor=process.actor("alice")))) == ["building", "project"]
    assert names(inbox.page(process.engine, actor=process.actor("dan"))) == ["elsewhere"]
    assert names(inbox.page(process.engine, actor=process.actor("carol"))) == []
    assert names(inbox.page(process.engine, actor=process.actor("mallory"))) == []


def test_views_tell_apart_what_is_mine_what_is_free_and_what_others_hold(process):
    for name in ("a", "b", "c"):
        begin(process, name)
    alice, bob = process.actor("alice"), process.actor("bob")
    a, b, _ = (found.task.key for found in inbox.page(process.engine, actor=alice, sort=Sort.OLDEST).tasks)
    holding.claim(process.engine, a, actor=alice)
    holding.claim(process.engine, b, actor=bob)

    def seen(view):
        return sorted(names(inbox.page(process.engine, actor=alice, view=view)))

    assert seen(View.MINE) == ["a"]
    assert seen(View.OFFERED) == ["c"]
    assert seen(View.TODO) == ["a", "c"]
    assert seen(View.TEAM) == ["a", "b"]
    assert inbox.counts(process.engine, actor=alice, views=tuple(View)) == {
        View.MINE: 1,
        View.OFFERED: 1,
        View.TODO: 2,
        View.TEAM: 2,
    }
    holding.release(process.engine, a, actor=alice)
    assert seen(View.OFFERED) == ["a", "c"]


def test_a_task_that_reaches_a_person_in_two_ways_is_there_once(process):
    begin(process, "x", process="q", unit="yunting")
    both = Actor(
        "user:1",
        "Both",
        grants=(
            Grant("technician", process.unit("yunting")),
            Grant("supervisor", process.unit("yunting")),
            Grant("technician", process.unit("chengdu")),
        ),
    )

    assert names(inbox.page(process.engine, actor=both)) == ["x"]
    assert inbox.counts(process.engine, actor=both)[View.OFFERED] == 1


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.DUE, ["tomorrow", "urgent", "next week", "whenever"]),
        (Sort.PRIORITY, ["urgent", "tomorrow", "next week", "whenever"]),
        (Sort.OLDEST, ["whenever", "next week", "tomorrow", "urgent"]),
        (Sort.NEWEST, ["urgent", "tomorrow", "next week", "whenever"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_pages_follow_each_other_in_every_order_without_gap_or_repeat(process, sort, expected, size):
    begin(process, "whenever")
    begin(process, "next week", due=7)
    begin(process, "tomorrow", due=1)
    begin(process, "urgent", due=2, urgency=90)
    alice = process.actor("alice")
    held = inbox.page(process.engine, actor=alice, sort=Sort.OLDEST).tasks[1].task.key
    holding.claim(process.engine, held, actor=alice)

    seen, after = [], None
    while True:
        page = inbox.page(process.engine, actor=alice, sort=sort, after=after, limit=size)
        seen += names(page)
        after = page.after
        if after is None:
            break

    assert seen == expected


def test_a_page_that_does_not_exist_is_refused(process):
    for after in ("x", "[]", '["x", 1]', "[1, 2, 3]", "{}"):
        with pytest.raises(Invalid):
            inbox.page(process.engine, actor=process.actor("alice"), after=after)


def test_a_new_due_date_moves_a_task_in_the_list(process):
    begin(process, "first", due=1)
    begin(process, "second", due=2)
    alice = process.actor("alice")
    second = inbox.page(process.engine, actor=alice).tasks[1].task

    holding.set_urgency(process.engine, second.key, actor=SYSTEM, due_at=process.engine.clock.now())

    assert names(inbox.page(process.engine, actor=alice)) == ["second", "first"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(process_id="q"), ["beta 100%"]),
        (Filter(element_id="fix"), ["Alpha"]),
        (Filter(text="ALPHA"), ["Alpha"]),
        (Filter(text="100%"), ["beta 100%"]),
        (Filter(text="look"), ["beta 100%"]),
        (Filter(text="nothing"), []),
    ],
)
def test_filters_narrow_the_list(process, wanted, expected):
    begin(process, "Alpha", due=1)
    begin(process, "beta 100%", process="q")

    page = inbox.page(process.engine, actor=process.actor("alice"), wanted=wanted)

    assert names(page) == expected


def test_filters_by_unit_and_due_date(process):
    begin(process, "here", unit="yunting-1", due=1)
    begin(process, "there", unit="yunting", due=3)
    alice = process.actor("alice")
    path = process.units["yunting-1"].path
    soon = process.engine.clock.now() + timedelta(days=2)

    assert names(inbox.page(process.engine, actor=alice, wanted=Filter(unit_path=path))) == ["here"]
    assert names(inbox.page(process.engine, actor=alice, wanted=Filter(due_before=soon))) == ["here"]


def test_a_supervisor_sees_every_open_task_of_the_project_and_no_other(process):
    begin(process, "ours", unit="yunting-1")
    begin(process, "theirs", unit="jinheli")

    found = inbox.everybodys(process.engine, actor=process.actor("carol"))

    assert names(found) == ["ours"]
    assert found.after is None
    assert names(inbox.everybodys(process.engine, actor=process.actor("alice"))) == []


def test_a_supervisor_narrows_everybodys_tasks_by_person_role_and_age(process):
    begin(process, "old")
    process.engine.clock.advance(timedelta(days=2))
    begin(process, "young", process="q")
    begin(process, "held")
    carol, bob = process.actor("carol"), process.actor("bob")
    held = inbox.page(process.engine, actor=bob, sort=Sort.NEWEST).tasks[0].task
    holding.claim(process.engine, held.key, actor=bob)
    yesterday = process.engine.clock.now() - timedelta(days=1)

    def seen(before=None, **wanted):
        found = inbox.everybodys(process.engine, actor=carol, wanted=Filter(**wanted), created_before=before)
        return sorted(names(found))

    assert seen() == ["held", "old", "young"]
    assert seen(holder=process.key("bob")) == ["held"]
    assert seen(free=True) == ["old", "young"]
    assert seen(role="supervisor") == ["young"]
    assert seen(before=yesterday) == ["old"]
    assert seen(before=yesterday, free=True, role="technician", text="young") == []


def test_pages_of_everybodys_tasks_follow_one_another_and_cost_three_statements(process):
    for number in range(7):
        begin(process, str(number))
    carol = process.actor("carol")
    meter = Meter(process.engine.store)
    first = inbox.everybodys(process.engine, actor=carol, limit=3)
    assert 0 < meter.statements <= 3
    second = inbox.everybodys(process.engine, actor=carol, limit=3, after=first.after)
    third = inbox.everybodys(process.engine, actor=carol, limit=3, after=second.after)

    assert [names(page) for page in (first, second, third)] == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert third.after is None


def test_what_a_person_has_done_stays_findable(process):
    for name in ("a", "b"):
        begin(process, name)
        process.engine.clock.advance(timedelta(hours=1))
        [found] = inbox.page(process.engine, actor=process.actor("alice")).tasks
        tasks.complete(process.engine, found.task.key, {}, actor=process.actor("alice"), claiming=True)

    found = inbox.done(process.engine, actor=process.actor("alice"))

    assert [each.business_key for each in found] == ["b", "a"]
    assert [
        each.business_key
        for each in inbox.done(process.engine, actor=process.actor("alice"), before=found[0].task.done_at)
    ] == ["a"]
    assert inbox.done(process.engine, actor=process.actor("bob")) == []


def test_a_page_with_its_counts_takes_at_most_five_statements_at_any_number_of_tasks(process):
    alice = process.actor("alice")
    meter = Meter(process.engine.store)
    for number in range(12):
        begin(process, str(number), due=number)
        if number in (0, 11):
            meter.reset()
            inbox.page(process.engine, actor=alice, limit=5)
            inbox.counts(process.engine, actor=alice, views=(View.MINE, View.OFFERED, View.TEAM))
            assert 0 < meter.statements <= 5
