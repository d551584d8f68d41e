"""Starting a process: what one may start, its form, and the case that comes of it."""

from __future__ import annotations

import io

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import folders, grants, repository, runtime
from engine.store.instances import Filter
from tests.engine.diagrams import diagram, end, extended, flows, start, user

NOTE = b'{"id": "note", "type": "default", "components": [{"type": "textfield", "id": "f", "key": "note", "label": "Note"}]}'
PHOTO = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def test_the_catalogue_shows_what_ones_roles_may_start(browser):
    assert "Asked by telephone" in browser("alice").get("/start").text
    assert "Nothing to start" in browser("mallory").get("/start").text


@pytest.mark.parametrize("said", [b"key = ", b'key = "visit"\nstart = 5', b'title = "x"', b"\xff\xfe"])
def test_a_broken_process_toml_of_an_older_version_takes_no_page_down(browser, desk, monkeypatch, caplog, said):
    files = repository.files(desk.engine, _deployment(desk), actor=SYSTEM)
    broken = [Resource(each.name, said) if each.name == folders.PROCESS else each for each in files]
    monkeypatch.setattr(folders, "judge", lambda *_: [])  # as it was
    repository.deploy(desk.engine, broken, actor=SYSTEM)

    assert "Visit" in browser("alice").get("/start").text
    assert browser().get("/report").status_code == 404  # it was the only one that the public may start
    assert "process.toml of visit is left aside" in caplog.text


def _deployment(desk):
    return repository.latest(desk.engine, "visit", actor=SYSTEM).deployment


def test_the_form_is_in_the_readers_language_and_knows_the_place(browser):
    page = browser("alice").get("/start/visit").text

    assert "Description" in page
    assert '"project":"yunting"' in page.replace(" ", "")


def test_who_works_at_several_places_begins_at_their_own(browser, desk):
    office = desk.office
    grants.grant(desk.engine, account=office.key("alice"), role="technician", unit=office.unit("jinheli"), actor=SYSTEM)

    assert '"project":"yunting"' in browser("alice").get("/start/visit").text.replace(" ", "")


def test_a_started_case_has_a_number_a_unit_and_what_was_filled_in(browser, visit, desk):
    key = visit()

    row = runtime.instance(desk.engine, key, actor=desk.office.actor("alice"))
    known = runtime.variables(desk.engine, key, actor=desk.office.actor("alice"))

    assert row.business_key == "T260101-0001" == known["ticket_no"]
    assert row.unit == desk.office.unit("yunting")
    assert row.title == "厨房漏水，滴到楼下"
    assert known["channel"] == "hotline"


def test_wrong_fields_are_refused_one_by_one_and_nothing_is_started(browser, desk):
    refused = browser("alice").post("/start/visit", json={"values": {"project": "elsewhere", "desc": "x", "price": 1}})

    assert refused.status_code == 422
    assert {problem["where"] for problem in refused.json["problems"]} == {"project", "name", "desc", "price"}
    assert runtime.instances(desk.engine, Filter(), actor=desk.office.actor("root")) == []


def test_starting_works_without_script(browser):
    form = {"project": "yunting", "name": "张丽华", "desc": "厨房漏水，滴到楼下"}

    answer = browser("alice").post("/start/visit", form)

    assert answer.status_code == 302
    assert answer.location.startswith("/requests/")


def test_starting_leads_to_ones_own_first_task_and_else_to_the_case(browser, desk):
    asked = start(inner=extended('<zeebe:formDefinition formId="note"/>'))
    for process, holder in (("mine", "alice"), ("theirs", "bob")):
        look = user("look", assignee=holder)
        drawn = diagram(asked, look, end(), flows("start>look", "look>end"), id=process)
        resources = [Resource(f"{process}.bpmn", drawn), Resource("note.form", NOTE)]
        repository.deploy(desk.engine, resources, actor=SYSTEM)
    unit = desk.office.unit("yunting")

    mine = browser("alice").post(f"/start/mine?unit={unit}", json={"values": {"note": "x"}}).json
    theirs = browser("alice").post(f"/start/theirs?unit={unit}", json={"values": {"note": "x"}}).json

    assert mine["next"].startswith("/tasks/") and mine["message"].endswith("Next for you: Do look.")
    assert "Do look" in browser("alice").get(mine["next"]).text
    assert theirs["next"].startswith("/requests/") and theirs["message"].endswith("is on its way.")


def test_a_photo_goes_up_first_and_belongs_to_the_case_afterwards(browser, visit, desk):
    alice = browser("alice")
    unit = desk.office.unit("yunting")
    sent = alice.post(f"/files?unit={unit}", {"file": (io.BytesIO(PHOTO), "现场.png")})
    key = visit(photos=[sent.json])

    shown = alice.get(f"/files/{sent.json['file']}")

    assert sent.status_code == 201
    assert shown.status_code == 200 and shown.data == PHOTO
    shown.close()
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert f"/files/{sent.json['file']}" in alice.get(f"/requests/{key}").text
    assert browser("mallory").get(f"/files/{sent.json['file']}").status_code == 404


def test_somebody_elses_photo_cannot_be_handed_in(browser, desk):
    unit = desk.office.unit("yunting")
    theirs = browser("bob").post(f"/files?unit={unit}", {"file": (io.BytesIO(PHOTO), "a.png")}).json

    values = {"project": "yunting", "name": "张丽华", "desc": "厨房漏水了", "photos": [theirs]}
    refused = browser("alice").post("/start/visit", json={"values": values})

    assert refused.status_code == 422
    assert refused.json["problems"][0]["where"] == "photos"


def test_what_is_no_picture_is_refused_or_only_downloaded(browser, desk):
    alice = browser("alice")
    unit = desk.office.unit("yunting")

    page = alice.post(f"/files?unit={unit}", {"file": (io.BytesIO(b"<html><script>"), "a.png")})
    nothing = alice.post(f"/files?unit={unit}", {})

    assert page.status_code == 422
    assert nothing.status_code == 422
