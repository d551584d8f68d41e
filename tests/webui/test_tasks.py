"""The inbox: what waits, claiming, completing, and what the loser of a race reads."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import grants, jobs, repository, runtime, tasks
from tests.engine.diagrams import line, service, user
from tests.meter import Meter
from webui.tasks import live, rows

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def first_task(page):
    found = re.search(r'id="row-(\d+)"', page.text)
    assert found, "the inbox is empty"
    return found[1]


def test_an_empty_inbox_is_a_small_celebration(browser):
    page = browser("alice").get("/inbox")

    assert page.status_code == 200
    assert "All done" in page.text


def test_a_team_that_holds_nothing_is_not_told_that_all_is_done(browser, visit):
    visit()
    page = browser("alice").get("/inbox?view=team").text

    assert "No colleague holds a task" in page and "All done" not in page


def test_a_new_task_is_offered_to_the_technicians_of_the_project_only(browser, visit):
    visit()

    assert "Look" in browser("alice").get("/inbox").text
    assert "Look" in browser("bob").get("/inbox").text
    assert "All done" in browser("dan").get("/inbox").text
    assert "All done" in browser("mallory").get("/inbox").text


def test_a_task_is_claimed_completed_and_the_case_moves_on(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))

    claimed = alice.post(f"/tasks/{key}/claim")
    done = alice.post(f"/tasks/{key}/complete", json={"values": {"outcome": "fixed", "minutes": 30}})

    assert claimed.status_code == 302
    assert done.status_code == 200, done.text
    assert "goes on with: Sign" in done.json["message"]
    assert done.json["next"] == "/inbox"
    assert "Sign" in browser("carol").get("/inbox").text


def test_after_completing_the_next_task_of_the_inbox_opens(browser, visit):
    visit()
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")

    done = alice.post(f"/tasks/{key}/complete", json={"values": {"outcome": "later", "minutes": 5}})

    assert re.fullmatch(r"/tasks/\d+", done.json["next"])
    assert done.json["next"] != f"/tasks/{key}"


def test_completing_works_without_script_too(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")

    form = {"outcome": "fixed", "minutes": "30", "safety": ["power", "valve"], "fee": "252.00"}
    done = alice.post(f"/tasks/{key}/complete", form)

    assert done.status_code == 302, done.text
    assert done.location == "/inbox"


def test_a_form_with_wrong_fields_is_refused_field_by_field_and_nothing_is_lost(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")

    refused = alice.post(f"/tasks/{key}/complete", json={"values": {"outcome": "", "minutes": 0, "price": 1}})
    plain = alice.post(f"/tasks/{key}/complete", {"outcome": "", "minutes": "0"})

    assert refused.status_code == 422
    assert {problem["where"] for problem in refused.json["problems"]} == {"outcome", "minutes", "price"}
    assert plain.status_code == 422
    assert 'aria-invalid="true"' in plain.text
    assert alice.get(f"/tasks/{key}").status_code == 200


def test_the_loser_of_a_race_reads_who_was_first_and_when(browser, visit):
    visit()
    alice, bob = browser("alice"), browser("bob")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")

    pane = bob.post(f"/tasks/{key}/claim", headers=PART)
    page = bob.post(f"/tasks/{key}/claim")

    assert pane.status_code == page.status_code == 409
    assert "Alice was first" in pane.text
    assert "<html" not in pane.text
    assert "Alice was first" in page.text
    assert "Back to the inbox" in page.text


def test_two_people_completing_one_task_leave_one_winner(browser, visit):
    visit()
    alice, bob = browser("alice"), browser("bob")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")
    alice.post(f"/tasks/{key}/complete", json={"values": {"outcome": "fixed", "minutes": 1}})

    late = bob.post(f"/tasks/{key}/complete", json={"values": {"outcome": "later", "minutes": 2}})

    assert late.status_code == 409
    assert late.json["by"] == "Alice"
    assert "Alice was first, at " in late.json["message"]


def test_a_double_click_completes_once_and_gets_the_same_answer(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")
    sent = {"values": {"outcome": "fixed", "minutes": 1}, "command_id": "click-1"}

    first = alice.post(f"/tasks/{key}/complete", json=sent)
    second = alice.post(f"/tasks/{key}/complete", json=sent)

    assert (first.status_code, second.status_code) == (200, 200)


@pytest.mark.parametrize("before", [(), ("claim",)], ids=["claim", "release"])
def test_a_doubled_click_is_answered_like_the_first(browser, visit, before):
    visit()
    alice, bob = browser("alice"), browser("bob")
    key = first_task(alice.get("/inbox"))
    for move in before:
        alice.post(f"/tasks/{key}/{move}")
    [(move, command)] = re.findall(
        rf'hx-post="/tasks/{key}/(claim|release)" name="command_id" value="([^"]+)"', alice.get(f"/tasks/{key}").text
    )

    first = alice.post(f"/tasks/{key}/{move}", {"command_id": command}, headers=PART)
    if move == "release":  # somebody else is quicker than the second click
        bob.post(f"/tasks/{key}/claim")
    second = alice.post(f"/tasks/{key}/{move}", {"command_id": command}, headers=PART)

    assert (first.status_code, second.status_code) == (200, 200)
    assert ("Bob" in second.text) == (move == "release")


def test_a_released_task_is_offered_again(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")

    released = alice.post(f"/tasks/{key}/release", headers=PART)

    assert released.status_code == 200
    assert "Claim" in released.text
    assert f"row-{key}" in browser("bob").get("/inbox").text


def test_the_pane_gets_a_fragment_and_news_of_what_happened(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))

    shown = alice.get(f"/tasks/{key}", headers=PART)
    claimed = alice.post(f"/tasks/{key}/claim", headers=PART)

    assert "<html" not in shown.text and "<article" in shown.text
    assert "toast" in claimed.headers["HX-Trigger"]
    assert "data-submits" in claimed.text


def test_a_task_that_was_done_in_another_tab_says_who_did_it_and_when(browser, visit):
    visit()
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")
    alice.post(f"/tasks/{key}/complete", json={"values": {"outcome": "fixed", "minutes": 1}, "command_id": "one tab"})

    late = {"values": {"outcome": "fixed", "minutes": 2}, "command_id": "another tab"}
    told = alice.post(f"/tasks/{key}/complete", json=late)

    assert told.status_code == 409
    assert told.json["message"].startswith("This task is done: Alice, ")


def test_what_is_refused_in_the_pane_brings_no_second_page_into_it(browser):
    refused = browser("alice").get("/tasks/1", headers=PART)

    assert refused.status_code == 404
    assert "It does not exist, or it is not yours to see." in refused.text
    assert "<html" not in refused.text and "rail" not in refused.text


def test_who_did_the_work_reads_why_somebody_else_signs_for_it(browser, visit, desk):
    office = desk.office
    grants.grant(desk.engine, account=office.key("carol"), role="technician", unit=office.unit("yunting"), actor=SYSTEM)
    key = visit()
    carol = browser("carol")
    look = first_task(carol.get("/inbox"))
    carol.post(f"/tasks/{look}/claim")
    done = carol.post(f"/tasks/{look}/complete", json={"values": {"outcome": "fixed", "minutes": 30}})
    assert "goes on with: Sign" in done.json["message"]
    [sign] = tasks.of_instance(desk.engine, key, actor=SYSTEM)

    page = carol.get(f"/tasks/{sign.key}").text
    refused = carol.post(f"/tasks/{sign.key}/claim")

    assert "All done" in carol.get("/inbox").text
    assert "Carol did “Look” and cannot do this task too: it needs a second pair of eyes" in page
    assert f"/tasks/{sign.key}/claim" not in page
    assert refused.status_code == 403
    assert "Carol did" in refused.text
    assert "“查看”是Carol办的" in browser("carol", language="zh").get(f"/tasks/{sign.key}").text


def test_search_narrows_the_rows_and_says_when_nothing_is_found(browser, visit):
    visit()
    alice = browser("alice")

    found = alice.get("/inbox?q=T260101", headers=PART)
    nothing = alice.get("/inbox?q=zzz", headers=PART)

    assert "item" in found.text and "<html" not in found.text
    assert "Nothing found for “zzz”" in nothing.text


def test_filters_survive_in_the_links_of_the_rows(browser, visit):
    visit()

    page = browser("alice").get("/inbox?view=offered&order=newest")

    assert re.search(r'href="/tasks/\d+\?view=offered&amp;order=newest"', page.text)


def test_a_long_inbox_comes_in_pages(browser, visit, desk):
    for _ in range(45):
        runtime.start(desk.engine, "visit", {"desc": "x"}, unit=desk.office.unit("yunting"), actor=SYSTEM)
    alice = browser("alice")

    page = alice.get("/inbox")
    more = re.search(r'class="more" hx-get="([^"]+)"', page.text)
    rest = alice.get(more[1].replace("&amp;", "&"), headers=PART)

    assert page.text.count('id="row-') == 40
    assert rest.text.count('id="row-') == 5


def test_nobody_sees_a_task_that_is_not_theirs_to_see(browser, visit):
    visit()
    key = first_task(browser("alice").get("/inbox"))

    assert browser("mallory").get(f"/tasks/{key}").status_code == 404
    assert browser("dan").get(f"/tasks/{key}").status_code == 404
    assert browser("mallory").post(f"/tasks/{key}/claim").status_code in (403, 404, 409)


def test_news_come_when_there_are_some_and_204_when_not(browser, visit, monkeypatch):
    monkeypatch.setattr(live, "NOTICE_S", 0)
    alice = browser("alice")
    first = alice.get("/events")
    visit()
    second = alice.get(f"/events?since={first.json['cursor']}")
    third = alice.get(f"/events?since={second.json['cursor']}")

    assert first.status_code == second.status_code == 200
    assert second.json["counts"]["inbox"] == 1
    assert third.status_code == 204


def test_a_task_that_somebody_else_takes_is_news(browser, visit, monkeypatch):
    monkeypatch.setattr(live, "NOTICE_S", 0)
    visit()
    alice, bob = browser("alice"), browser("bob")
    before = bob.get("/events").json
    alice.post(f"/tasks/{first_task(alice.get('/inbox'))}/claim")

    after = bob.get(f"/events?since={before['cursor']}")

    assert (before["counts"]["inbox"], after.json["counts"]["inbox"]) == (1, 0)


def test_a_known_answer_to_events_costs_no_statement(browser, desk, monkeypatch):
    alice = browser("alice")
    cursor = alice.get("/events").json["cursor"]
    alice.get("/events")  # looks for changes, once for everybody
    monkeypatch.setattr(live, "NOTICE_S", 3600)
    before = desk.engine.store.statements

    again = alice.get(f"/events?since={cursor}")

    assert again.status_code == 204
    assert desk.engine.store.statements == before


def test_work_elsewhere_makes_nobody_look_again(browser, visit, desk, monkeypatch):
    monkeypatch.setattr(live, "NOTICE_S", 0)
    alice, dan = browser("alice"), browser("dan")  # of two projects
    for each in (alice, dan):
        each.get("/events")
        each.get("/events")
    visit()
    meter = Meter(desk.engine.store)
    costs = []
    for each in (dan, alice):
        meter.reset()
        each.get("/events")
        costs.append(meter.statements)

    assert costs[0] == 2, "the tasks and the notices of late, for everybody"
    assert costs[1] > 4


def test_the_inbox_costs_at_most_five_statements_however_many_tasks_are_open(browser, visit, desk):
    visit()
    alice = browser("alice")
    alice.get("/inbox")  # what is kept between requests is read once
    meter = Meter(desk.engine.store)
    costs = []

    for _ in range(2):
        meter.reset()
        alice.get("/inbox")
        costs.append(meter.statements)
        for _ in range(20):
            visit()

    assert 0 < costs[0] == costs[1] <= 5


def test_a_supervisor_sees_everybodys_tasks_and_nobody_else_does(browser, visit):
    visit()
    carol, alice = browser("carol"), browser("alice")

    page = carol.get("/inbox?view=everybody").text

    assert "Look" in page and "Technician" in page
    mine = carol.get("/inbox").text
    assert 'href="/inbox?view=everybody' in mine and "Look" not in mine
    assert "Everybody" not in alice.get("/inbox").text
    assert 'href="/inbox?view=everybody' not in alice.get("/inbox?view=everybody").text


def test_everybodys_tasks_are_narrowed_by_person_role_and_age(browser, visit, desk):
    visit()
    carol, alice = browser("carol"), browser("alice")
    key = first_task(alice.get("/inbox"))

    def seen(query):
        return f"row-{key}" in carol.get(f"/inbox?view=everybody&{query}").text

    assert seen("who=nobody") and not seen(f"who={desk.office.key('alice')}")
    alice.post(f"/tasks/{key}/claim")
    assert seen(f"who={desk.office.key('alice')}") and not seen("who=nobody")
    assert seen("role=technician") and not seen("role=supervisor")
    assert not seen("age=1d")
    desk.engine.clock.advance(timedelta(days=2))
    assert seen("age=1d") and not seen("age=7d")
    assert "No open task fits these filters." in carol.get("/inbox?view=everybody&age=7d").text


def test_the_view_of_everybodys_tasks_keeps_the_budget_and_goes_on_page_by_page(browser, visit, desk):
    visit()
    carol = browser("carol")
    carol.get("/inbox?view=everybody")  # what is kept between requests is read once
    meter = Meter(desk.engine.store)
    carol.get("/inbox?view=everybody&age=late")
    assert 0 < meter.statements <= 5
    for _ in range(rows.PAGE + 1):
        visit()
    meter.reset()

    page = carol.get("/inbox?view=everybody")

    assert 0 < meter.statements <= 5
    more = html.unescape(re.search(r'class="more" hx-get="([^"]+)"', page.text)[1])
    rest = carol.get(more, headers=PART)
    assert len(re.findall(r'id="row-', page.text)) == rows.PAGE
    assert len(re.findall(r'id="row-', rest.text)) == 2


def test_what_a_job_decides_is_told_a_moment_after_completing(browser, desk):
    process = line(user("ask", groups="technician"), service("decide"), user("answer", groups="technician"))
    repository.deploy(desk.engine, [Resource("p.bpmn", process)], actor=SYSTEM)
    runtime.start(desk.engine, "p", {}, unit=desk.office.unit("yunting"), actor=SYSTEM)
    alice = browser("alice")
    key = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{key}/claim")

    done = alice.post(f"/tasks/{key}/complete", json={"values": {}})
    early = alice.get(done.json["after"])
    [job] = jobs.claim_due(desk.engine, worker="w", types=["work"], limit=1)
    jobs.succeed(desk.engine, job.key, {}, actor=SYSTEM)
    late = alice.get(done.json["after"])

    assert done.json["message"].endswith("goes on.")
    assert early.status_code == 204
    assert "goes on with: Do answer (" in late.json["message"]


def test_what_a_case_waits_for_from_outside_is_said_after_completing(browser, visit, desk):
    key = visit()
    alice, carol = browser("alice"), browser("carol")
    look = first_task(alice.get("/inbox"))
    alice.post(f"/tasks/{look}/claim")
    alice.post(f"/tasks/{look}/complete", json={"values": {"outcome": "fixed", "minutes": 30}})
    sign = first_task(carol.get("/inbox"))
    carol.post(f"/tasks/{sign}/claim")

    done = carol.post(f"/tasks/{sign}/complete", json={"values": {}})

    assert "now waits for: 等评价." in carol.get(done.json["after"]).json["message"]
    assert runtime.instance(desk.engine, key, actor=SYSTEM).is_live
