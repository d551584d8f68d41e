"""Seals: once a day, under a key outside the database; what was done to a chain behind the product's back is named."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.values import SYSTEM, Actor, Resource
from engine.services import audit, repository, runtime, seals, tasks, verify
from engine.services.chain import How
from engine.services.engine import Engine
from engine.store import history
from tests.engine.diagrams import line, user
from tests.meter import Meter

KEY = b"a key outside the database"
ALICE = Actor("user:1", "Alice", everything=True)


@pytest.fixture
def engine(store, clock):
    return Engine(store, clock, seal_key=KEY)


@pytest.fixture
def told(engine):
    """Three instances with histories of some length, and two administrative streams."""
    repository.deploy(engine, [Resource("p.bpmn", line(user("a"), user("b")))], actor=SYSTEM)
    keys = [started(engine) for _ in range(3)]
    for stream in ("organisation", "sign_in"):
        for number in range(6):
            note(engine, stream, number)
    return keys


def started(engine) -> int:
    key = runtime.start(engine, "p", {}, actor=SYSTEM)
    move(engine, key)
    return key


def move(engine, key) -> None:
    [task] = tasks.of_instance(engine, key, actor=SYSTEM)
    tasks.complete(engine, task.key, {"ok": True}, actor=ALICE, claiming=True)


def note(engine, stream, number) -> None:
    with engine.store.begin() as uow:
        audit.append(uow, stream, "thing.change", number, actor=ALICE, data={"n": number})
        uow.commit()


def execute(engine, *statements) -> None:
    with engine.store.begin() as uow:
        for statement in statements:
            uow.execute(sa.text(statement))
        uow.commit()


def found(engine) -> list[tuple[str, int, How]]:
    return [(each.chain, each.seq, each.how) for each in verify.everything(engine).breaks]


def length(engine, key) -> int:
    with engine.store.read() as uow:
        return history.heads(uow, after=key - 1, until=key)[0][1]


# ---- sealing


def test_a_day_is_sealed_once_and_the_next_day_covers_what_has_grown(engine, told, clock):
    [first] = seals.seal_daily(engine)
    assert (first.number, first.chains, first.previous) == (1, 5, "")
    move(engine, told[0])
    assert seals.seal_daily(engine) == []

    clock.advance(timedelta(days=1))
    [second] = seals.seal_daily(engine)

    assert (second.number, second.chains, second.previous) == (2, 1, first.code)
    assert seals.seal(engine) == []
    report = verify.everything(engine)
    assert (report.breaks, report.seals, report.instances, report.streams) == ([], 2, 3, 2)
    assert report.last == second


def test_the_day_of_a_seal_is_that_of_the_installation(engine, told, clock):
    clock.advance(timedelta(hours=17))  # past midnight in Shanghai

    [made] = seals.seal(engine)

    assert made.day.isoformat() == "2026-01-02"


def test_without_a_key_nothing_is_sealed(store, clock, engine, told):
    assert seals.seal(Engine(store, clock)) == []


def test_many_chains_get_several_seals(engine, told, monkeypatch):
    monkeypatch.setattr(seals, "AT_ONCE", 2)

    made = seals.seal(engine)

    assert [each.chains for each in made] == [4, 1]  # the two streams ride with the first
    assert found(engine) == []


def test_sealing_takes_as_many_statements_for_many_chains_as_for_few(engine, told):
    counts = []
    for more in (0, 30):
        for _ in range(more):
            started(engine)
        meter = Meter(engine.store)
        seals.seal(engine)
        counts.append(meter.statements)
    assert 0 < counts[0] == counts[1] <= 6


def test_those_who_seal_at_the_same_time_make_one_chain_of_seals(engine, told):
    made = []
    threads = [threading.Thread(target=lambda: made.extend(seals.seal(engine))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert found(engine) == []


def test_writers_at_the_same_time_never_fork_a_chain(engine, told, clock):
    def write():
        for number in range(10):
            note(engine, "organisation", number)

    def check():
        for _ in range(5):
            assert found(engine) == []
            seals.seal(engine)

    failed = []

    def run(work):
        try:
            work()
        except Exception as error:
            failed.append(error)

    movers = [lambda key=key: move(engine, key) for key in told]
    threads = [threading.Thread(target=run, args=(work,)) for work in [write] * 4 + movers + [check]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    report = verify.everything(engine)
    assert report.breaks == []
    assert {entry.seq for entry in audit.entries(engine, actor=SYSTEM, stream="organisation")} == set(range(1, 47))


# ---- what the seals alone can show


def rewrite(engine, key, at, *, drop=False) -> None:
    """Do what only somebody with the code and the database can: change a row and make every later hash fit."""
    with engine.store.begin() as uow:
        rows = [list(row) for row in history.chains_of(uow, [key])]
        uow.execute(sa.delete(history.event).where(history.event.c.instance == key))
        rows = rows[:at] if drop else rows
        last = ""
        for row in rows:
            if row[1] == at and not drop:
                row[4] = "Mallory"
            row[9], row[10] = last, history.fingerprint(last, row[:9])
            last = row[10]
            uow.execute(sa.insert(history.event).values(dict(zip(history.event.c.keys(), row, strict=True))))
        uow.execute(sa.text(f"UPDATE instance SET event_hash = '{last}', events = {len(rows)} WHERE key = {key}"))
        uow.commit()


def test_a_history_written_anew_is_found_by_its_seal(engine, told):
    seals.seal(engine)
    rewrite(engine, told[1], 3)

    assert found(engine) == [(str(told[1]), 1, How.FORGED)]
    [broken] = verify.of_instance(engine, told[1]).breaks
    assert "seal 1" in broken.message


def test_a_tail_cut_off_together_with_the_head_is_found_by_its_seal(engine, told, clock):
    seals.seal(engine)
    rewrite(engine, told[1], 4, drop=True)

    assert found(engine) == [(str(told[1]), 5, How.TRUNCATED)]
    clock.advance(timedelta(days=1))
    assert seals.seal(engine) == []  # the shorter chain is not taken for a new one
    assert found(engine) == [(str(told[1]), 5, How.TRUNCATED)]


def test_what_grew_after_a_seal_is_no_break(engine, told):
    seals.seal(engine)
    move(engine, told[1])

    assert found(engine) == []
    rewrite(engine, told[1], length(engine, told[1]))
    assert found(engine) == []  # not sealed yet: nobody can know


def test_a_removed_history_is_found(engine, told):
    seals.seal(engine)
    tables = (
        "candidate WHERE task IN (SELECT key FROM task WHERE instance = {key})",
        *(f"{name} WHERE instance = {{key}}" for name in ("task", "scope", "event")),
    )
    execute(engine, *(f"DELETE FROM {each.format(key=told[0])}" for each in tables))
    execute(engine, f"DELETE FROM instance WHERE key = {told[0]}")

    assert found(engine) == [(str(told[0]), 1, How.DELETED)]
    assert [each.how for each in verify.of_instance(engine, told[0]).breaks] == [How.DELETED]


@pytest.mark.parametrize(
    ("statement", "how"),
    [
        ("UPDATE seal SET chains = 3 WHERE number = 1", How.FORGED),
        ("UPDATE seal SET code = 'x' WHERE number = 2", How.FORGED),
        ("UPDATE sealed SET head = 'x' WHERE length = 6 AND stream = 'sign_in'", How.MODIFIED),
        ("DELETE FROM sealed WHERE seal = 1 AND stream = 'sign_in'", How.MODIFIED),
    ],
)
def test_a_seal_that_was_changed_is_found(engine, told, statement, how):
    seals.seal(engine)
    move(engine, told[0])
    seals.seal(engine)
    execute(engine, statement)

    assert ("seals", how) in [(chain, what) for chain, _, what in found(engine)]


def test_a_seal_that_was_removed_is_found(engine, told):
    for key in told:
        seals.seal(engine)
        move(engine, key)
    seals.seal(engine)
    execute(engine, "DELETE FROM sealed WHERE seal = 2", "DELETE FROM seal WHERE number = 2")

    assert found(engine) == [("seals", 2, How.DELETED)]


def test_seals_made_with_another_key_are_forged(engine, told, store, clock):
    seals.seal(Engine(store, clock, seal_key=b"Mallory's own"))

    assert found(engine) == [("seals", 1, How.FORGED)]


def test_one_instance_or_one_stream_is_checked_alone(engine, told):
    seals.seal(engine)
    execute(engine, "UPDATE audit_entry SET actor_name = 'Mallory' WHERE stream = 'sign_in' AND seq IN (2, 3, 5)")

    assert verify.of_stream(engine, "organisation").breaks == []
    report = verify.of_instance(engine, str(told[0]))
    assert (report.breaks, report.instances, report.seals) == ([], 1, 1)
    broken = verify.of_stream(engine, "sign_in").breaks
    assert [(each.seq, each.until, each.how) for each in broken] == [(2, 3, How.MODIFIED), (5, 5, How.MODIFIED)]
    with pytest.raises(NotFound):
        verify.of_instance(engine, 12)
    with pytest.raises(NotFound):
        verify.of_stream(engine, "nothing")


# ---- five kinds of tampering, each found and named

HISTORY = ("event", "instance = {key}", "seq")
STREAM = ("audit_entry", "stream = 'sign_in'", "seq")


def modified(table, which, n, pick) -> list[str]:
    return [f"UPDATE {table} SET actor_name = 'Mallory' WHERE {which} AND seq = {pick.randint(1, n)}"]


def deleted(table, which, n, pick) -> list[str]:
    at = pick.randint(1, n - 1)
    gone = [f"DELETE FROM {table} WHERE {which} AND seq = {at}"]
    if pick.random() < 0.5:  # and the gap closed up, so that the numbers give nothing away
        gone += [f"UPDATE {table} SET seq = {seq} WHERE {which} AND seq = {seq + 1}" for seq in range(at, n)]
    return gone


def reordered(table, which, n, pick) -> list[str]:
    one, other = sorted(pick.sample(range(1, n + 1), 2))
    moves = ((one, 10_000), (other, one), (10_000, other))
    return [f"UPDATE {table} SET seq = {to} WHERE {which} AND seq = {at}" for at, to in moves]


def truncated(table, which, n, pick) -> list[str]:
    return [f"DELETE FROM {table} WHERE {which} AND seq > {pick.randint(0, n - 1)}"]


def forged(table, which, n, pick) -> list[str]:
    """A row more at the end, or in the middle with the later ones pushed back."""
    names = {
        "event": "instance, {}, at, actor, actor_name, kind, element_id, ref, data, prev_hash, hash",
        "audit_entry": "stream, {}, at, actor, actor_name, action, subject, unit, data, hash",
    }[table]
    at, like = pick.randint(1, n + 1), pick.randint(1, n)
    push = [f"UPDATE {table} SET seq = {seq + 1} WHERE {which} AND seq = {seq}" for seq in range(n, at - 1, -1)]
    like += like >= at
    return [*push, f"INSERT INTO {table} SELECT {names.format(at)} FROM {table} WHERE {which} AND seq = {like}"]


KINDS = {
    How.MODIFIED: modified,
    How.DELETED: deleted,
    How.REORDERED: reordered,
    How.TRUNCATED: truncated,
    How.FORGED: forged,
}


def tampered(engine, told, how, pick) -> None:
    """Tamper with a chain, see that it is found and named, and put everything back."""
    key = pick.choice(told)
    table, which, n = pick.choice(
        [("event", f"instance = {key}", length(engine, key)), ("audit_entry", "stream = 'sign_in'", 6)]
    )
    name = str(key) if table == "event" else "sign_in"
    statements = KINDS[how](table, which, n, pick)
    with engine.store.read() as uow:
        before = [dict(row) for row in uow.execute(sa.text(f"SELECT * FROM {table} WHERE {which}")).mappings()]
    execute(engine, *statements)

    report = verify.of_stream(engine, name) if table == "audit_entry" else verify.of_instance(engine, key)

    assert [(each.chain, each.how) for each in report.breaks] == [(name, how)], statements
    columns = ", ".join(f":{column}" for column in before[0])
    with engine.store.begin() as uow:
        uow.execute(sa.text(f"DELETE FROM {table} WHERE {which}"))
        uow.execute(sa.text(f"INSERT INTO {table} VALUES ({columns})"), before)
        uow.commit()


@pytest.mark.parametrize("how", KINDS)
def test_ten_of_each_kind_of_tampering_are_found_and_named(engine, told, how):
    seals.seal(engine)
    for seed in range(10):
        tampered(engine, told, how, random.Random(seed))
    assert found(engine) == []


@pytest.mark.long
@pytest.mark.parametrize("how", KINDS)
def test_two_hundred_of_each_kind_of_tampering_are_found_and_named(engine, told, how):
    seals.seal(engine)
    for seed in range(1000, 1200):
        tampered(engine, told, how, random.Random(seed))
    assert found(engine) == []
