"""History: what is written down, and that nobody changes it unnoticed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import history, repository, runtime, tasks, verify
from tests.engine.diagrams import line, user


@pytest.fixture
def told(office):
    """Two instances with a history of some length."""
    files = [Resource("p.bpmn", line(user("a", groups="technician"), user("b")))]
    repository.deploy(office.engine, files, actor=SYSTEM)
    keys = []
    for number in range(2):
        key = runtime.start(office.engine, "p", {"n": number}, actor=SYSTEM, unit=office.unit("yunting"))
        [task] = tasks.of_instance(office.engine, key, actor=SYSTEM)
        tasks.complete(office.engine, task.key, {"ok": True}, actor=office.actor("alice"), claiming=True)
        keys.append(key)
    return keys


def tamper(office, *statements: str) -> None:
    with office.engine.store.begin() as uow:
        for statement in statements:
            uow.execute(sa.text(statement))
        uow.commit()


def where(office) -> list[str]:
    return [found.problem.where for found in verify.everything(office.engine).breaks]


def test_a_history_that_nobody_touched_holds(office, told):
    assert verify.everything(office.engine).breaks == []
    assert verify.of_instance(office.engine, told[0]).breaks == []


@pytest.mark.breaks_the_database
@pytest.mark.parametrize(
    ("what", "statements"),
    [
        ("a changed value", ["UPDATE event SET data = '[]' WHERE instance = {key} AND seq = 4"]),
        ("another actor", ["UPDATE event SET actor_name = 'Mallory' WHERE instance = {key} AND seq = 4"]),
        ("another time", ["UPDATE event SET at = '2026-01-02 00:00:00' WHERE instance = {key} AND seq = 4"]),
        ("a removed event", ["DELETE FROM event WHERE instance = {key} AND seq = 4"]),
        (
            "a removed event whose place was closed up",
            [
                "DELETE FROM event WHERE instance = {key} AND seq = 4",
                "UPDATE event SET seq = seq - 1 WHERE instance = {key} AND seq = 5",
            ],
        ),
        (
            "two that changed places",
            [
                "UPDATE event SET seq = 1000 WHERE instance = {key} AND seq = 4",
                "UPDATE event SET seq = 4 WHERE instance = {key} AND seq = 5",
                "UPDATE event SET seq = 5 WHERE instance = {key} AND seq = 1000",
            ],
        ),
        ("a cut tail", ["DELETE FROM event WHERE instance = {key} AND seq > 4"]),
        (
            "a forged tail",
            [
                "INSERT INTO event SELECT instance, seq + 1000, at, actor, actor_name, kind, element_id, ref, data,"
                " prev_hash, hash FROM event WHERE instance = {key} AND seq = 4"
            ],
        ),
        ("a head that was moved along", ["UPDATE instance SET event_hash = 'x' WHERE key = {key}"]),
        ("everything removed", ["DELETE FROM event WHERE instance = {key}"]),
    ],
)
def test_whatever_is_changed_in_a_history_is_found(office, told, what, statements):
    tamper(office, *(statement.replace("{key}", str(told[0])) for statement in statements))

    assert [place.split()[0] for place in where(office)] == [str(told[0])], what
    assert verify.of_instance(office.engine, told[1]).breaks == []


@pytest.mark.breaks_the_database
def test_a_history_cannot_be_moved_to_another_instance(office, told):
    first, second = told
    tamper(
        office,
        f"UPDATE event SET seq = seq + 1000 WHERE instance = {second}",
        f"UPDATE event SET instance = {second} WHERE instance = {first}",
        f"UPDATE event SET instance = {first}, seq = seq - 1000 WHERE seq > 1000",
    )

    assert len(where(office)) == 2


def test_history_is_read_page_by_page_and_by_kind(office, told):
    everything = history.events(office.engine, told[0], actor=SYSTEM)
    assert [event.seq for event in everything] == list(range(1, len(everything) + 1))

    page = history.events(office.engine, told[0], actor=SYSTEM, limit=3)
    rest = history.events(office.engine, told[0], actor=SYSTEM, after=page[-1].seq)
    back = history.events(office.engine, told[0], actor=SYSTEM, newest_first=True, limit=2)
    older = history.events(office.engine, told[0], actor=SYSTEM, newest_first=True, after=back[-1].seq)

    assert page + rest == everything
    assert back + older == everything[::-1]
    [done] = history.events(office.engine, told[0], actor=SYSTEM, kinds=["task_completed"])
    assert (done.actor, done.actor_name, done.data["values"]) == (f"user:{office.key('alice')}", "Alice", {"ok": True})
    assert history.path(office.engine, told[0], actor=SYSTEM) == ["start", "a"]


def test_who_may_not_see_an_instance_does_not_see_its_history(office, told):
    assert history.events(office.engine, told[0], actor=office.actor("bob"))
    for who in ("dan", "mallory"):
        with pytest.raises(NotFound):
            history.events(office.engine, told[0], actor=office.actor(who))
        with pytest.raises(NotFound):
            history.path(office.engine, told[0], actor=office.actor(who))
