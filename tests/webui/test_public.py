"""People without an account: reporting, following, answering, reopening, each by nothing but a link."""

from __future__ import annotations

import io
import json
import re
import time

import pytest
from itsdangerous import TimestampSigner

from engine.model.values import SYSTEM
from engine.services import files, links, runtime, tasks
from engine.store.instances import Filter

PHOTO = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ASKED = {"project": "yunting", "name": "张丽华", "desc": "厨房漏水，滴到楼下"}


@pytest.fixture
def reported(running, browser):
    """A report by the public: the browser that sent it, and the path of its link."""
    visitor = browser()
    answer = visitor.post("/report/visit", json={"values": ASKED})
    assert answer.status_code == 201, answer.text
    return visitor, answer.json["next"].partition("?")[0]


def instance_of(desk, path):
    return links.redeem(desk.engine, path.rpartition("/")[2])[0].instance


def link(desk, instance, purpose, element=""):
    made = links.create(
        desk.engine, purpose=purpose, instance=instance, element_id=element, audience="张丽华", actor=SYSTEM
    )
    return f"/l/{made.token}"


def finish(desk, instance):
    for _ in range(2):
        task = tasks.of_instance(desk.engine, instance, actor=SYSTEM)[0]
        tasks.complete(desk.engine, task.key, {}, actor=SYSTEM, claiming=True, validate=False)


def test_reporting_asks_no_account_and_does_not_ask_what_is_known(browser):
    visitor = browser()

    assert visitor.get("/report").location == "/report/visit"
    page = visitor.get("/report/visit?project=yunting").text
    assert "Ask for a visit" in page
    assert '"project": "yunting"' in page or '"project":"yunting"' in page


def test_a_report_becomes_a_case_and_a_link_to_follow_it(reported, running):
    visitor, path = reported
    page = visitor.get(path + "?new=1")

    row = runtime.instance(running.engine, instance_of(running, path), actor=SYSTEM)
    assert page.status_code == 200
    assert "We have your report" in page.text and row.business_key in page.text
    assert row.business_key.startswith("Z260101-") and row.unit == running.office.unit("yunting")
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_who_follows_a_case_is_told_when_it_moves_and_not_before(reported, running):
    visitor, path = reported
    page = visitor.get(path).text
    mark = re.search(r'data-cursor="([^"]+)"', page)[1]

    assert f'data-events="{path}/events"' in page
    quiet = visitor.get(f"{path}/events?since={mark}")
    task = tasks.of_instance(running.engine, instance_of(running, path), actor=SYSTEM)[0]
    tasks.complete(running.engine, task.key, {}, actor=SYSTEM, claiming=True, validate=False)
    moved = visitor.get(f"{path}/events?since={mark}")

    assert (quiet.status_code, quiet.text) == (204, "")
    assert moved.status_code == 200 and moved.json["cursor"] != mark
    assert moved.headers["Cache-Control"] == "no-store, private"
    assert visitor.get(f"{path}/events?since={moved.json['cursor']}").status_code == 204


def test_what_has_moved_comes_without_the_page_around_it(reported, running):
    visitor, path = reported

    part = visitor.get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text

    assert "What has happened" in part and "<html" not in part


def test_news_of_a_case_are_for_those_with_its_link(browser):
    assert browser().get("/l/no-such-link/events").status_code == 403


def test_a_repeated_report_is_answered_like_the_first_one(running, browser):
    visitor, sent = browser(), {"values": ASKED, "command_id": "one-click"}

    first, second = (visitor.post("/report/visit", json=sent) for _ in range(2))
    other = visitor.post("/report/visit", json={"values": ASKED, "command_id": "another"})

    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert other.json["next"] != first.json["next"]
    instance = instance_of(running, first.json["next"].partition("?")[0])
    assert len(links.of_instance(running.engine, instance, actor=SYSTEM)) == 1
    assert runtime.instance(running.engine, instance, actor=SYSTEM).business_key in visitor.get(first.json["next"]).text


# ---- photos ---------------------------------------------------------------------------------------------------------------


def photographed(visitor):
    """Open the form and send a photo with it; gives what its field holds then."""
    visitor.get("/report/visit")
    answer = visitor.post("/report/files", {"file": (io.BytesIO(PHOTO), "leak.png")})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_photo_belongs_to_the_case_of_its_report_also_when_it_is_sent_twice(running, browser):
    visitor = browser()
    sent = {"values": {**ASKED, "photos": [photographed(visitor), photographed(visitor)]}, "command_id": "one-click"}

    first, second = (visitor.post("/report/visit", json=sent) for _ in range(2))

    assert first.status_code == second.status_code == 201, second.text
    assert first.json == second.json
    handed_in = files.of_instance(
        running.engine, instance_of(running, first.json["next"].partition("?")[0]), actor=SYSTEM
    )
    assert [str(row.key) for row in handed_in] == [each["file"] for each in sent["values"]["photos"]]


def test_a_photo_of_somebody_else_is_refused_though_its_key_was_guessed(running, browser):
    reporter, mallory = browser(), browser()
    photo = photographed(reporter)
    photographed(mallory)

    stolen = mallory.post("/report/visit", json={"values": {**ASKED, "photos": [photo]}})
    own = reporter.post("/report/visit", json={"values": {**ASKED, "photos": [photo]}})
    after = mallory.post("/report/visit", json={"values": {**ASKED, "photos": [photo]}})

    assert (stolen.status_code, own.status_code, after.status_code) == (422, 201, 422)
    assert [problem["where"] for problem in stolen.json["problems"]] == ["photos"]
    assert len(runtime.instances(running.engine, Filter(), actor=SYSTEM)) == 1


def test_a_secret_that_was_made_up_or_taken_over_from_a_file_opens_no_photo(running, browser):
    """The owner of a file stands in its row; knowing how it is spelt helps nobody whose cookie is not signed."""
    reporter, mallory = browser(), browser()
    photo = photographed(reporter)
    [owner] = {row.uploader for row in [files.get(running.engine, int(photo["file"]), actor=SYSTEM)]}
    mallory.get("/report/visit")
    forged = TimestampSigner("made up").sign(json.dumps({"reporter": [owner.partition(":")[2], 2**40]})).decode()
    mallory.client.set_cookie("propflow", forged)

    assert len(owner) > len("public:") + 20
    assert mallory.client.post("/report/visit", json={"values": {**ASKED, "photos": [photo]}}).status_code == 400
    assert photo["file"] not in reporter.get("/report/visit").text


def test_the_secret_of_a_form_ends(running, browser):
    visitor = browser()
    photo = photographed(visitor)
    with visitor.client.session_transaction() as session:
        secret, until = session["reporter"]
        session["reporter"] = [secret, int(time.time())]

    assert 0 < until - time.time() <= files.LOOSE_FOR.total_seconds()
    assert visitor.post("/report/visit", json={"values": {**ASKED, "photos": [photo]}}).status_code == 422


# ---- following ------------------------------------------------------------------------------------------------------------


def test_following_shows_milestones_and_nothing_of_the_staffs(reported, running):
    visitor, path = reported
    finish(running, instance_of(running, path))

    page = visitor.get(path).text

    assert "已查看" in page
    assert "Alice" not in page and "Technician" not in page and "签字" not in page


def test_a_report_with_missing_fields_is_refused_field_by_field(browser, running):
    refused = browser().post("/report/visit", json={"values": {"project": "yunting"}})

    assert refused.status_code == 422
    assert {problem["where"] for problem in refused.json["problems"]} == {"name", "desc"}


def test_a_rating_is_given_once_by_its_link(reported, running):
    visitor, path = reported
    instance = instance_of(running, path)
    finish(running, instance)
    rate = link(running, instance, "rate", "wait")
    asked = visitor.get(rate)
    wrong = visitor.post(rate, json={"values": {"score": 9}})
    first = visitor.post(rate, json={"values": {"score": 5}})
    second = visitor.post(rate, json={"values": {"score": 1}})
    running.executor.drain()

    assert "How was it?" in asked.text
    assert wrong.status_code == 422
    assert first.status_code == 200
    assert second.status_code == 403
    assert runtime.variables(running.engine, instance, actor=SYSTEM)["score"] == 5


def test_a_link_that_nobody_waits_for_says_so(reported, running):
    visitor, path = reported
    early = link(running, instance_of(running, path), "rate", "wait")

    assert "Nothing is left to do here" in visitor.get(early).text
    assert visitor.post(early, json={"values": {"score": 5}}).status_code == 409


def test_between_two_steps_a_vendor_is_told_to_wait_and_fetched_by_what_comes(reported, running):
    visitor, path = reported
    theirs = link(running, instance_of(running, path), "vendor")

    page = visitor.get(theirs).text
    news = visitor.get(theirs, headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert "it appears here by itself" in page and f'data-events="{theirs}/events"' in page
    assert news.headers["HX-Refresh"] == "true", "the form needs scripts that the waiting page lacks"


def test_a_closed_case_is_reopened_within_a_week_under_its_number(reported, running):
    visitor, path = reported
    instance = instance_of(running, path)
    number = runtime.instance(running.engine, instance, actor=SYSTEM).business_key
    finish(running, instance)
    visitor.post(link(running, instance, "rate", "wait"), json={"values": {"score": 1}})
    running.executor.drain()
    page = visitor.get(path).text
    again = visitor.post(f"{path}/reopen", json={"values": {"reopen_reason": "又漏了"}})
    running.executor.drain()

    assert f"{path}/reopen" in page
    assert again.status_code == 200
    found = runtime.instances(running.engine, Filter(business_key=number), actor=SYSTEM)
    assert len(found) == 2
    assert runtime.variables(running.engine, found[0].key, actor=SYSTEM)["reopen_reason"] == "又漏了"


def test_a_live_case_is_not_reopened(reported):
    visitor, path = reported

    assert "/reopen" not in visitor.get(path).text
    assert visitor.post(f"{path}/reopen", json={"values": {"reopen_reason": "再来"}}).status_code == 409


def test_reporting_works_without_script(browser, running):
    answer = browser().post("/report/visit", ASKED)

    assert answer.status_code == 302
    assert re.match(r"/l/[\w-]{40,}\?new=1", answer.location)
