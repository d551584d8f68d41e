"""Cases: the list, one of them, and what can be done to it from outside its tasks."""

from __future__ import annotations

import re
from pathlib import Path

from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime


def test_a_case_shows_its_facts_its_way_and_its_diagram(browser, visit):
    key = visit()
    alice = browser("alice")

    page = alice.get(f"/requests/{key}")
    diagram = alice.get(f"/requests/{key}/diagram.bpmn")

    assert "T260101-0001" in page.text and "厨房漏水，滴到楼下" in page.text
    assert "Look" in page.text and "Technician" in page.text
    assert '"live":["look"]' in page.text.replace(" ", "")
    assert diagram.status_code == 200 and b"bpmn:process" in diagram.data
    assert "sandbox" in diagram.headers["Content-Security-Policy"]


def test_the_list_is_narrowed_by_scope_view_process_and_text(browser, visit):
    visit()
    alice = browser("alice")

    assert "T260101-0001" in alice.get("/requests").text
    assert "T260101-0001" in alice.get("/requests?view=mine&process=visit&q=漏水").text
    assert "Nothing found" in alice.get("/requests?q=nothing-like-it").text
    assert "No requests here yet" in alice.get("/requests?view=failed").text
    assert "T260101-0001" not in browser("dan").get("/requests").text


def test_a_long_list_comes_in_pages(browser, desk):
    for _ in range(55):
        runtime.start(desk.engine, "visit", {"desc": "x"}, unit=desk.office.unit("yunting"), actor=SYSTEM)
    alice = browser("alice")

    first = alice.get("/requests").text
    rest = alice.get(re.search(r'href="(/requests\?after=\d+)"', first)[1]).text

    assert first.count("<tr>") == 51
    assert rest.count("<tr>") == 6


def test_a_case_is_urged_from_its_page(browser, visit, desk):
    key = visit()
    carol = browser("carol")
    offered = carol.get(f"/requests/{key}").text
    asked = carol.get(f"/requests/{key}/do/urged")
    refused = carol.post(f"/requests/{key}/do/urged", json={"values": {"urge_note": ""}})
    done = carol.post(f"/requests/{key}/do/urged", json={"values": {"urge_note": "住户等了两小时"}})
    desk.executor.drain()

    assert f"/requests/{key}/do/urged" in offered
    assert asked.status_code == 200
    assert refused.status_code == 422
    assert done.status_code == 200 and done.json["message"] == "Done."
    assert runtime.variables(desk.engine, key, actor=SYSTEM)["urge_note"] == "住户等了两小时"


def test_only_what_the_diagram_offers_can_be_done_to_a_case(browser, visit):
    key = visit()

    assert browser("carol").get(f"/requests/{key}/do/look").status_code == 404
    assert browser("mallory").get(f"/requests/{key}/do/urged").status_code == 404


def test_a_stopped_case_says_where_and_why(browser, desk):
    broken = (Path(__file__).parent / "broken.bpmn").read_bytes()
    repository.deploy(desk.engine, [Resource("broken.bpmn", broken)], actor=SYSTEM)
    key = runtime.start(desk.engine, "broken", unit=desk.office.unit("yunting"), actor=SYSTEM)
    page = browser("alice").get(f"/requests/{key}").text

    assert "Stopped at" in page
    assert "Failed" in page
