"""What people do about a device from the desk, with everything through the product's own doors: pages, webhook, watch."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from connectors.announcements import store as announcements
from connectors.calls import Context
from connectors.register import devices as register
from connectors.telemetry import service
from connectors.telemetry.store import alarms
from engine.model.values import SYSTEM
from engine.services import grants, roles
from engine.store.units import Scope
from webui.context import KEY
from webui.i18n.formats import local

LIFT = "/devices/YT-LIFT-01"
TRAPPED = {"trapped_alarm": 1, "person_in_car": 1, "door_state": "closed"}


@pytest.fixture
def watch(desk):
    """Let time pass, the watch looking every minute."""

    registry = desk.app.extensions[KEY].registry

    def pass_time(minutes: int) -> None:
        for _ in range(max(1, minutes)):
            desk.engine.clock.advance(timedelta(minutes=min(1, minutes)))
            service.tick(Context(desk.engine, registry.settings("telemetry"), registry.ports))

    return pass_time


@pytest.fixture
def told(desk):
    """What processes have been told so far of the alarm that the tests are about; a lift that is not heard of is another."""

    def read() -> list[str]:
        with desk.engine.store.read() as uow:
            rows = uow.execute(announcements.announcement.select().order_by(announcements.announcement.c.key))
            return [
                f"{row.message.rpartition('.')[2]} {row.correlation_key}"
                for row in rows
                if "trapped" in row.correlation_key
            ]

    return read


@pytest.fixture
def alarm(desk):
    """The newest alarm of people who are trapped."""

    def read():
        with desk.engine.store.read() as uow:
            found = alarms.alarms(uow, scope=Scope(everything=True))
            return next(each for each in found if each.alarm_type == "trapped")

    return read


def typed(desk, minutes):
    """A moment as a browser sends it."""
    with desk.app.test_request_context():
        at = local(desk.engine.clock.now() + timedelta(minutes=minutes))
    return at.isoformat(timespec="minutes")[:16]


def plan(desk, person, begin=0, end=30, reason="monthly service", **more):
    data = {"begin": typed(desk, begin), "end": typed(desk, end), "reason": reason} | more
    return person.post(f"{LIFT}/maintenance", data)


def test_an_alarm_in_a_window_is_recorded_only_and_judged_anew_when_the_window_ends(
    desk, lift, browser, watch, told, alarm
):
    root = browser("root")
    assert plan(desk, root).status_code == 302

    lift(TRAPPED)
    page = root.get(LIFT).text
    assert told() == [] and "Recorded only" in page and "The device rests" in page and "In maintenance" in page
    watch(29)
    assert told() == []
    watch(3)

    assert told() == ["raised YT-LIFT-01:trapped"]
    assert "monthly service" in root.get(LIFT).text, "history says why"
    assert "In maintenance" not in root.get(LIFT).text


def test_a_device_that_speaks_all_the_time_is_judged_anew_too(desk, lift, browser, watch, told):
    plan(desk, browser("root"), end=3)
    lift(TRAPPED)
    for _ in range(20):
        desk.engine.clock.advance(timedelta(seconds=20))
        lift({"floor": 3})
        watch(0)
    watch(1)

    assert told() == ["raised YT-LIFT-01:trapped"]


def test_what_ended_within_the_window_leaves_no_ticket(desk, lift, browser, watch, told, alarm):
    plan(desk, browser("root"))
    lift(TRAPPED)
    desk.engine.clock.advance(timedelta(seconds=10))
    lift({"trapped_alarm": 0, "person_in_car": 0, "door_state": "open"})
    watch(32)

    assert told() == [] and alarm().state.value == "closed"


def test_a_window_is_cancelled_with_a_reason_and_the_alarm_starts_a_ticket(desk, lift, browser, watch, told):
    root = browser("root")
    plan(desk, root, end=600)
    lift(TRAPPED)
    [cancel] = re.findall(rf'href="({LIFT}/maintenance/\d+/cancel)"', root.get(LIFT).text)
    assert "monthly service" in root.get(cancel).text

    assert root.post(cancel, {"reason": " "}).status_code == 422
    assert root.post(cancel, {"reason": "the vendor did not come"}).status_code == 302
    watch(1)

    assert told() == ["raised YT-LIFT-01:trapped"]
    page = root.get(LIFT).text
    assert "Maintenance was cancelled" in page and "the vendor did not come" in page
    assert root.get(cancel).status_code == 404


def test_a_window_that_cannot_be_keeps_what_was_typed(desk, lift, browser):
    root = browser("root")

    backwards = plan(desk, root, begin=30, end=10)
    nothing = plan(desk, root, begin=0, end=10, reason="", begin_="x")
    garbled = root.post(f"{LIFT}/maintenance", {"begin": "soon", "end": "", "reason": "x"})

    assert [each.status_code for each in (backwards, nothing, garbled)] == [422, 422, 422]
    assert "the end lies before the beginning" in backwards.text and "monthly service" in backwards.text
    assert "say why, in 1 to 500 characters" in nothing.text
    assert garbled.text.count("name a day and a time") == 2
    assert register.get(desk.engine, "YT-LIFT-01", actor=SYSTEM).windows == []


def test_a_doubled_click_plans_one_window(desk, lift, browser):
    root = browser("root")
    for _ in range(2):
        assert plan(desk, root, command_id="click-0001").status_code == 302

    assert len(register.get(desk.engine, "YT-LIFT-01", actor=SYSTEM).windows) == 1


def test_a_device_is_taken_out_of_use_and_back_with_who_and_why(desk, lift, browser, watch, told):
    root = browser("root")
    assert root.post(f"{LIFT}/state", {"state": "stopped", "reason": "rope is worn"}).status_code == 302
    lift(TRAPPED)
    watch(2)
    assert told() == []
    page = root.get(LIFT).text
    assert "Out of use" in page and "Taken out of use" in page and "rope is worn" in page

    assert root.post(f"{LIFT}/state", {"state": "normal", "reason": "new rope"}).status_code == 302
    watch(1)

    assert told() == ["raised YT-LIFT-01:trapped"]


def test_a_state_that_cannot_be_reached_and_a_missing_reason_are_refused(desk, lift, browser):
    root = browser("root")

    nowhere = root.post(f"{LIFT}/state", {"state": "normal", "reason": "typed with care"})
    silent = root.post(f"{LIFT}/state", {"state": "repair", "reason": ""})

    assert (nowhere.status_code, silent.status_code) == (422, 422)
    assert "choose one of the states" in nowhere.text and "typed with care" in nowhere.text
    assert 'value="repair" selected' in silent.text


def test_a_rule_is_switched_off_until_a_moment_and_comes_back_by_itself(desk, lift, browser, watch, told):
    root = browser("root")
    off = {"until": typed(desk, 20), "reason": "the sensor is being replaced"}
    assert "People trapped in the lift" in root.get(f"{LIFT}/rules/trapped_alarm/off").text
    assert root.post(f"{LIFT}/rules/trapped_alarm/off", off).status_code == 302

    lift(TRAPPED)
    page = root.get(LIFT).text
    assert "the sensor is being replaced" in page and "Switch on" in page and "The rule is off" in page
    watch(19)
    assert told() == []
    watch(2)

    assert told() == ["raised YT-LIFT-01:trapped"]
    assert "Switch on" not in root.get(LIFT).text


def test_a_rule_is_switched_on_again_from_the_page(desk, lift, browser, watch, told):
    root = browser("root")
    root.post(f"{LIFT}/rules/trapped_alarm/off", {"until": typed(desk, 600), "reason": "test"})
    lift(TRAPPED)
    [on] = re.findall(rf'action="({LIFT}/rules/\d+/on)"', root.get(LIFT).text)

    assert root.post(on).status_code == 302
    watch(1)

    assert told() == ["raised YT-LIFT-01:trapped"]


@pytest.mark.parametrize("until", [-5, 60 * 24 * 100, None])
def test_a_rule_is_not_switched_off_for_good(desk, lift, browser, until):
    data = {"until": "" if until is None else typed(desk, until), "reason": "test"}

    assert browser("root").post(f"{LIFT}/rules/trapped_alarm/off", data).status_code == 422


DOORS = ("state", "maintenance", "rules/trapped_alarm/off")


@pytest.mark.parametrize("door", DOORS)
def test_only_those_who_may_change_devices_there_may(desk, lift, browser, door):
    roles.define(desk.engine, "reader", name_zh="看", name_en="Reader", permissions=["device:read"], actor=SYSTEM)
    grants.grant(
        desk.engine, account=desk.office.key("alice"), role="reader", unit=desk.office.unit("yunting"), actor=SYSTEM
    )
    data = {"state": "stopped", "begin": typed(desk, 0), "end": typed(desk, 9), "until": typed(desk, 9), "reason": "x"}

    reader, stranger = browser("alice"), browser("mallory")

    assert "Change the state" not in reader.get(LIFT).text and "Switch off" not in reader.get(LIFT).text
    assert [reader.get(f"{LIFT}/{door}").status_code, reader.post(f"{LIFT}/{door}", data).status_code] == [403, 403]
    assert [stranger.get(f"{LIFT}/{door}").status_code, stranger.post(f"{LIFT}/{door}", data).status_code] == [404, 404]
    device = register.get(desk.engine, "YT-LIFT-01", actor=SYSTEM)
    assert device.state.value == "normal" and device.windows == []
