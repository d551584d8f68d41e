"""Devices and what they send: readings and alarms by a signed webhook, shown with the light that they deserve."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from connectors.webhooks.signature import sign
from engine.model import json
from engine.store import audit
from tests.webui.conftest import SECRET


def test_readings_come_by_a_signed_request_and_are_shown(lift, browser):
    taken = lift({"floor": 12, "speed": "0.5", "person_in_car": 1})
    page = browser("root").get("/devices/YT-LIFT-01").text

    assert taken.status_code == 202, taken.text
    assert taken.json["counts"]["accepted"] == 1
    assert ">12" in page and "m/s" in page


@pytest.mark.parametrize("secret", ["", "another secret"])
def test_a_wrong_signature_is_refused(lift, secret):
    assert lift({"floor": 1}, secret=secret).status_code == 403


def test_a_repeated_request_is_refused(lift):
    first, second = lift({"floor": 1}, nonce="nonce-0001"), lift({"floor": 1}, nonce="nonce-0001")

    assert (first.status_code, second.status_code) == (202, 403)


def test_bytes_that_are_no_reading_are_refused_and_put_aside(desk):
    now = desk.engine.clock.now()
    headers = sign(b"not json", SECRET, now)

    answer = desk.app.test_client().post(
        "/hooks/telemetry/x/pm/yunting/YT-LIFT-01/telemetry", data=b"not json", headers=headers
    )

    assert answer.status_code == 422


def test_an_alarm_turns_the_light_red_where_people_may_see_it(lift, browser, desk):
    for second in range(3):
        desk.engine.clock.advance(timedelta(seconds=1))
        lift({"trapped_alarm": 1, "second": second})
    listed = browser("root").get("/devices").text
    page = browser("root").get("/devices/YT-LIFT-01").text

    assert "state late" in listed and "bell-ringing" in listed
    assert "Alarms" in page and "Critical" in page
    assert browser("mallory").get("/devices/YT-LIFT-01").status_code == 404


def test_devices_are_found_by_name_and_narrowed_by_state(lift, browser):
    root = browser("root")

    assert "Lift 1" in root.get("/devices?q=Lift").text
    assert "Nothing found" in root.get("/devices?q=zzz").text
    assert "Nothing found" in root.get("/devices?view=repair").text
    assert "No devices yet" in browser("mallory").get("/devices").text


def test_a_payment_needs_the_gateways_signature(desk):
    client = desk.app.test_client()
    body = json.dumps({"id": "p1", "amount": "10.00"}).encode()

    assert client.post("/hooks/payments/wechat", data=body).status_code == 403
    wrong = client.post("/hooks/payments/wechat", data=body, headers=sign(body, "no", desk.engine.clock.now()))
    assert wrong.status_code == 403


@pytest.fixture
def puzzled(desk, lift):
    """Let come what nobody understands, twice each: a reading of a device that is not registered, and bytes that are none."""
    client = desk.app.test_client()
    for _ in range(2):
        desk.engine.clock.advance(timedelta(seconds=1))
        now = desk.engine.clock.now()
        for device, body in (("YT-FAN-77", b'{"values": {"speed": 3}}'), ("YT-LIFT-01", b"not json")):
            path = f"/hooks/telemetry/gateway-1/pm/yunting/{device}/telemetry"
            client.post(path, data=body, headers=sign(body, SECRET, now))
    lift({"floor": 12})


def test_what_was_not_understood_is_listed_with_its_reason_and_how_often_it_came(puzzled, browser):
    tabs, page = browser("root").get("/devices").text, browser("root").get("/not-understood").text

    assert 'href="/not-understood"' in tabs
    assert page.count("<tr>") == 2 + 2 + 1  # two heads, an unknown device and an unreadable message, one source
    assert "YT-FAN-77" in page and "nobody knows this device; enter it in the register" in page
    assert "pm/yunting/YT-LIFT-01/telemetry" in page and "the payload is not JSON" in page
    assert page.count('<td class="num" data-label="Times">2</td>') == 2
    assert '<td class="num" data-label="Accepted">1</td>' in page


def test_what_was_not_understood_is_told_in_chinese(puzzled, browser):
    page = browser("root", language="zh").get("/not-understood").text

    assert "未识别" in page and "该设备没有登记" in page and "请求内容不是 JSON" in page
    assert "nobody knows" not in page


def test_an_entry_is_let_go_of_once_and_stays_in_the_history(puzzled, browser, desk):
    root = browser("root")
    [first, second] = re.findall(r'action="(/not-understood/[^"]+)"', root.get("/not-understood").text)

    answers = [root.post(first), root.post(first)]
    listed = root.get("/not-understood").text

    assert [answer.status_code for answer in answers] == [302, 302]
    assert first not in listed and second in listed
    with desk.engine.store.read() as uow:
        [entry] = audit.all_of(uow, "telemetry")
    assert entry.action == "quarantine.let_go"
    assert entry.data["count"] == 2


def test_what_was_not_understood_is_nothing_for_others(puzzled, browser):
    assert "/not-understood" not in browser("alice").get("/devices").text
    assert browser("alice").get("/not-understood").status_code == 403


def test_nothing_that_was_not_understood_is_said_so(lift, browser):
    assert "Everything was understood" in browser("root").get("/not-understood").text
