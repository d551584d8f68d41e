"""Retention: what is over goes, whole and sealed; its seal stays, and everything still verifies."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from engine.model.values import SYSTEM
from engine.services import checks, files, retention, runtime, seals, tasks, verify
from engine.services.chain import How
from engine.store.database import Store
from engine.testing import Harness
from tests.engine.diagrams import call, diagram, end, extended, flows, line, start, user

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "postgresql"])
def there(request, clock):
    """A harness whose instances are kept for 30 days unless their process says otherwise."""

    store = Store(request.getfixturevalue("postgresql_url"), clock=clock) if request.param == "postgresql" else None
    with Harness(store=store, clock=clock) as harness:
        harness.engine = dataclasses.replace(harness.engine, keep_history=30 * DAY)
        yield harness
    if store is not None:
        store.close()


def kept_for(duration: str) -> bytes:
    """A process that says how long it is kept."""
    said = extended(
        f'<zeebe:properties><zeebe:property name="historyTimeToLive" value="{duration}"/></zeebe:properties>'
    )
    return diagram(said, start(), user("a"), end(), flows("start>a", "a>end"), id="q")


def finished(h, process="p") -> str:
    key = h.start(process)
    for task in h.tasks(key):
        h.complete(task)
    return key


def rows(h, table, key) -> int:
    with h.store.read() as uow:
        return uow.execute(sa.text(f"SELECT count(*) FROM {table} WHERE instance = {key}")).scalar_one()


def test_a_finished_instance_goes_when_its_time_is_over_and_its_seal_stays(there):
    there.deploy(line(user("a")))
    key, live = finished(there), there.start("p")
    seals.seal(there.engine)

    there.advance(days=29, hours=23)
    assert retention.drop(there.engine) == 0
    there.advance(hours=1)
    assert retention.drop(there.engine) == 1

    with pytest.raises(NotFound):
        there.state(key)
    assert [rows(there, table, key) for table in ("event", "task", "job", "scope", "subscription")] == [0] * 5
    assert there.state(live) == "active"
    assert rows(there, "sealed", key) == 1
    report = verify.everything(there.engine)
    assert (report.breaks, report.seals) == ([], 2)
    assert verify.of_instance(there.engine, key).breaks == []
    assert checks.all_of_them(there.engine) == []
    assert retention.drop(there.engine) == 0


def test_a_process_says_itself_how_long_it_is_kept(there):
    there.deploy(line(user("a")))
    there.deploy(kept_for("P1M"))
    finished(there)
    long = finished(there, "q")
    seals.seal(there.engine)

    there.advance(days=30)
    assert retention.drop(there.engine) == 1
    assert there.state(long) == "completed"
    there.advance(days=1)  # January has 31

    assert retention.drop(there.engine) == 1
    assert there.instances() == []


def test_for_ever_is_for_ever(there):
    there.engine = dataclasses.replace(there.engine, keep_history=None)
    there.deploy(line(user("a")))
    key = finished(there)
    seals.seal(there.engine)
    there.advance(days=10_000)

    assert retention.drop(there.engine) == 0
    assert there.state(key) == "completed"


def test_what_is_not_sealed_to_its_end_stays(there):
    there.deploy(line(user("a")))
    key = there.start("p")
    seals.seal(there.engine)
    there.complete(there.tasks(key)[0])
    there.advance(days=31)

    assert retention.drop(there.engine) == 0
    seals.seal(there.engine)

    assert retention.drop(there.engine) == 1


def test_without_a_key_nothing_goes(there):
    there.deploy(line(user("a")))
    finished(there)
    seals.seal(there.engine)
    there.advance(days=31)

    assert retention.drop(dataclasses.replace(there.engine, seal_key=None)) == 0


def test_a_history_that_does_not_hold_stays_as_evidence(there):
    there.deploy(line(user("a")))
    key, sound = finished(there), finished(there)
    seals.seal(there.engine)
    there.advance(days=31)
    with there.store.begin() as uow:
        uow.execute(sa.text(f"UPDATE event SET actor_name = 'Mallory' WHERE instance = {key} AND seq = 2"))
        uow.commit()

    assert retention.drop(there.engine) == 1

    assert there.instances() == [key]
    assert sound not in there.instances()
    assert [each.how for each in verify.everything(there.engine).breaks] == [How.MODIFIED]


def test_callers_and_called_go_together(there):
    there.deploy(line(user("a"), id="inner"), line(call("c", "inner"), user("b")))
    outer = there.start("p")
    there.complete("a")
    seals.seal(there.engine)
    there.advance(days=31)
    assert retention.drop(there.engine) == 0  # the called one is over, its caller is not

    there.complete("b")
    seals.seal(there.engine)
    there.advance(days=31)

    assert there.state(outer) == "completed"
    assert retention.drop(there.engine) == 2
    assert there.instances() == []
    assert verify.everything(there.engine).breaks == []


def test_a_caller_stays_as_long_as_what_it_called_must(there):
    there.deploy(kept_for("P60D"), line(call("c", "q")))
    finished_key = there.start("p")
    there.complete("a")
    seals.seal(there.engine)
    there.advance(days=59)

    assert there.state(finished_key) == "completed"
    assert retention.drop(there.engine) == 0  # the caller alone would be over after 30 days

    there.advance(days=2)

    assert retention.drop(there.engine) == 2


def test_files_go_with_their_instance_unless_somebody_else_has_them(there):
    there.deploy(line(user("a")))
    first, second = there.start("p"), there.start("p")
    one, two = (f"%PDF-1.4 {number}".encode() for number in (1, 2))
    digests = [
        files.upload(there.engine, io.BytesIO(content), name="x.pdf", instance=int(key), actor=SYSTEM).sha256
        for key, content in ((first, one), (first, two), (second, two))
    ]
    for task in tasks.of_instance(there.engine, int(first), actor=SYSTEM):
        there.complete(task)
    seals.seal(there.engine)
    there.advance(days=31)

    assert retention.drop(there.engine) == 1

    assert rows(there, "file", first) == 0
    with pytest.raises(NotFound):
        there.engine.files.open(digests[0])
    assert there.engine.files.open(digests[2]).read() == two


def test_batches_are_bounded_and_what_must_stay_does_not_hold_up_the_rest(there, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    there.deploy(line(user("a")))
    first = [finished(there) for _ in range(4)]
    with there.store.begin() as uow:
        for key in first:
            uow.execute(sa.text(f"UPDATE event SET actor_name = 'Mallory' WHERE instance = {key} AND seq = 2"))
        uow.commit()
    for _ in range(4):
        finished(there)
    seals.seal(there.engine)
    there.advance(days=31)

    assert retention.drop(there.engine) == 4
    assert there.instances() == first
    assert len(runtime.instances(there.engine, actor=SYSTEM)) == 4


def test_a_dropped_history_that_comes_back_is_forged(there):
    there.deploy(line(user("a")))
    key = finished(there)
    seals.seal(there.engine)
    with there.store.read() as uow:
        before = {
            table: [dict(row) for row in uow.execute(sa.text(f"SELECT * FROM {table} WHERE {which}")).mappings()]
            for table, which in (("instance", f"key = {key}"), ("event", f"instance = {key}"))
        }
    there.advance(days=31)
    retention.drop(there.engine)
    with there.store.begin() as uow:
        for table, found in before.items():
            names = ", ".join(found[0])
            values = ", ".join(f":{name}" for name in found[0])
            uow.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), found)
        uow.commit()

    assert [(each.chain, each.how) for each in verify.everything(there.engine).breaks] == [(key, How.FORGED)]
