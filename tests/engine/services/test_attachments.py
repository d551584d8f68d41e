"""Files in answers: only what is there and one's own to hand in is taken, and it belongs to the instance from then on."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.model.values import SYSTEM, Resource
from engine.services import attachments, files, holding, repository, runtime, tasks
from engine.store.instances import Filter
from tests.engine.diagrams import line, user

PHOTO = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
FORM = json.dumps(
    {
        "id": "report",
        "type": "default",
        "schemaVersion": 19,
        "components": [
            {"type": "filepicker", "key": "photos", "id": "f1", "label": "Photos", "multiple": True},
            {
                "type": "dynamiclist",
                "path": "parts",
                "id": "f2",
                "label": "Parts",
                "allowAddRemove": True,
                "components": [{"type": "filepicker", "key": "label", "id": "f3", "label": "Label"}],
            },
        ],
    }
).encode()


@pytest.fixture
def task(office):
    """A task of Alice's, in a ticket at Yunting, whose form asks for photos."""
    process = line(user("fix", groups="technician", form="report"), user("check", groups="technician", form="report"))
    repository.deploy(office.engine, [Resource("p.bpmn", process), Resource("r.form", FORM)], actor=SYSTEM)
    return begin(office)


def begin(office, unit="yunting", variables=None):
    key = runtime.start(office.engine, "p", variables or {}, actor=SYSTEM, unit=office.unit(unit))
    [row] = tasks.of_instance(office.engine, key, actor=SYSTEM)
    return row


def hand_in(office, who, **where):
    row = files.upload(office.engine, io.BytesIO(PHOTO), name="a.png", actor=office.actor(who), **where)
    return {"file": str(row.key), "name": row.name, "size": row.size, "type": row.media_type}


def complete(office, task, **values):
    tasks.complete(office.engine, task.key, values, actor=office.actor("alice"), claiming=True)


def wrong(office, task, **values):
    with pytest.raises(Invalid) as refused:
        complete(office, task, **values)
    now = tasks.task(office.engine, task.key, actor=SYSTEM)
    assert now.is_open
    assert runtime.variables(office.engine, task.instance, actor=SYSTEM) == {}
    return [problem.where for problem in refused.value.problems]


def test_a_photo_that_was_handed_in_with_the_task_is_taken(office, task):
    holding.claim(office.engine, task.key, actor=office.actor("alice"))
    photo = hand_in(office, "alice", task=task.key)

    complete(office, task, photos=[photo])

    assert runtime.variables(office.engine, task.instance, actor=SYSTEM)["photos"] == [photo]


def test_ones_own_photo_that_belonged_to_nothing_belongs_to_the_case_from_now_on(office, task):
    photo = hand_in(office, "alice", unit=office.unit("yunting"))

    complete(office, task, photos=[photo])

    row = files.get(office.engine, int(photo["file"]), actor=SYSTEM)
    assert (row.instance, row.unit, row.task) == (task.instance, office.unit("yunting"), task.key)


def test_files_that_are_somebody_elses_or_another_cases_are_refused_by_field(office, task):
    bobs = hand_in(office, "bob", unit=office.unit("yunting"))
    elsewhere = begin(office, "jinheli")
    holding.claim(office.engine, elsewhere.key, actor=office.actor("dan"))
    dans = hand_in(office, "dan", task=elsewhere.key)
    other = begin(office)
    holding.claim(office.engine, other.key, actor=office.actor("alice"))
    own_of_other = hand_in(office, "alice", task=other.key)

    for foreign in (bobs, dans, own_of_other):
        assert wrong(office, task, photos=[foreign]) == ["photos"]
    mine = hand_in(office, "alice", unit=office.unit("yunting"))
    assert wrong(office, task, photos=[mine, bobs], parts=[{"label": [dans]}]) == ["photos", "parts"]
    assert files.get(office.engine, int(mine["file"]), actor=SYSTEM).instance is None


def test_files_that_were_never_handed_in_or_are_gone_are_refused(office, task):
    gone = hand_in(office, "alice", unit=office.unit("yunting"))
    office.engine.clock.advance(timedelta(days=2))
    assert files.sweep(office.engine) == 1

    assert wrong(office, task, photos=[gone]) == ["photos"]
    assert wrong(office, task, parts=[{"label": [gone | {"file": "17"}]}]) == ["parts"]


def test_what_the_case_refers_to_already_may_be_sent_again(office, task):
    photo = hand_in(office, "alice", unit=office.unit("yunting"))
    complete(office, task, photos=[photo])
    kept = runtime.variables(office.engine, task.instance, actor=SYSTEM)
    again = begin(office, variables={"photos": kept["photos"]})  # as when a closed ticket is reopened

    complete(office, again, photos=[photo])

    assert files.get(office.engine, int(photo["file"]), actor=SYSTEM).instance == task.instance


def test_a_request_starts_with_ones_own_files_or_not_at_all(office, task):
    alice, unit = office.actor("alice"), office.unit("yunting")
    mine, bobs = hand_in(office, "alice", unit=unit), hand_in(office, "bob", unit=unit)
    before = len(runtime.instances(office.engine, Filter(), actor=SYSTEM))

    with pytest.raises(Invalid) as refused:
        runtime.start(
            office.engine,
            "p",
            {"photos": [bobs]},
            actor=alice,
            unit=unit,
            attached={"photos": [mine["file"]], "plan": [bobs["file"]]},
        )
    assert [problem.where for problem in refused.value.problems] == ["plan"]
    assert len(runtime.instances(office.engine, Filter(), actor=SYSTEM)) == before

    key = runtime.start(office.engine, "p", {}, actor=alice, unit=unit, attached={"photos": [mine["file"]]})
    assert files.get(office.engine, int(mine["file"]), actor=SYSTEM).instance == key


def test_looking_gives_what_would_be_taken_and_stores_nothing(office, task):
    mine = hand_in(office, "alice", unit=office.unit("yunting"))

    found = attachments.check(office.engine, {"photos": [mine["file"]]}, actor=office.actor("alice"))

    assert [str(key) for key in found] == [mine["file"]]
    assert files.get(office.engine, found[0], actor=SYSTEM).instance is None
