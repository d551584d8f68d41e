"""What starts no ticket for now, of every device in one list: who, until when, why, and how it ends; parts put into a device."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from connectors.register import devices
from connectors.register.store import devices as rows
from connectors.telemetry import disabled
from connectors.telemetry.rules import RuleBook
from connectors.telemetry.service import rule_book
from engine.model.values import SYSTEM
from engine.services import grants, roles
from tests.meter import Meter
from webui.context import KEY

LIFT = "YT-LIFT-01"


@pytest.fixture
def book(desk) -> RuleBook:
    """The rules in force."""
    return rule_book(desk.app.extensions[KEY].registry.settings("telemetry"))


@pytest.fixture
def quiet(desk, lift, book):
    """The lift rests for an hour, one of its rules is off for a day, another is off for all lifts of the project."""
    now = desk.engine.clock.now()
    devices.plan_maintenance(
        desk.engine, LIFT, begin=now, end=now + timedelta(hours=1), reason="monthly service", actor=SYSTEM
    )
    place = desk.app.extensions[KEY].registry.ports["devices"].find([LIFT])[LIFT]
    for rule, where, days in (("trapped_alarm", place, 1), ("silent", desk.office.unit("yunting"), 2)):
        disabled.disable(
            desk.engine,
            rule,
            rules=book.of("lift"),
            where=where,
            until=now + timedelta(days=days),
            reason=f"why {days}",
            actor=SYSTEM,
        )


def role(desk, who, *permissions):
    """Let somebody hold a role with these permissions at the project."""
    roles.define(desk.engine, "r", name_zh="角色", name_en="Role", permissions=permissions, actor=SYSTEM)
    account, unit = desk.office.key(who), desk.office.unit("yunting")
    grants.grant(desk.engine, account=account, role="r", unit=unit, actor=SYSTEM)


def test_nothing_silenced_is_said_so(browser, lift):
    assert "Nothing is silenced" in browser("root").get("/silenced").text


def test_maintenance_and_rules_that_are_off_stand_in_one_list_what_ends_first_at_the_top(browser, quiet):
    page = browser("root").get("/silenced").text

    assert [page.index(text) for text in ("monthly service", "why 1", "why 2")] == sorted(
        page.index(text) for text in ("monthly service", "why 1", "why 2")
    )
    assert "Every device: Lift" in page and "The system" not in page
    assert 'href="/silenced"' in browser("root").get("/devices").text


def test_each_is_ended_out_of_the_list_and_the_list_comes_back(browser, quiet):
    root = browser("root")
    page = root.get("/silenced").text
    cancel = re.search(r'href="(/devices/[^"]+/cancel\?back=silenced)"', page)[1]
    form = root.get(cancel).text
    action = re.search(r'action="([^"]+/cancel\?back=silenced)"', form)[1]

    cancelled = root.post(action, {"reason": "done earlier"})
    enabled = [root.post(path) for path in re.findall(r'action="(/silenced/rules/\d+/on)"', page)]

    assert cancelled.location == "/silenced"
    assert [each.location for each in enabled] == ["/silenced", "/silenced"]
    assert "Nothing is silenced" in root.get("/silenced").text


def test_who_sees_devices_only_sees_the_list_without_its_buttons(desk, browser, quiet):
    role(desk, "alice", "device:read")
    page = browser("alice").get("/silenced").text

    assert "monthly service" in page and "why 2" in page
    assert "/cancel" not in page and "/on" not in page
    assert "monthly service" not in browser("dan").get("/silenced").text


def test_changing_devices_does_not_switch_their_rules_off(desk, browser, quiet, book):
    role(desk, "alice", "device:read,update")
    alice = browser("alice")
    page = alice.get(f"/devices/{LIFT}").text
    listed = alice.get("/silenced").text

    assert "Plan maintenance" in page and "Switch off" not in page
    assert "/cancel?" in listed and "/silenced/rules/" not in listed
    assert alice.get(f"/devices/{LIFT}/rules/trapped_alarm/off").status_code == 403
    assert alice.get(f"/devices/{LIFT}/maintenance").status_code == 200
    role_again = ["device:read", "rule:disable"]
    roles.define(desk.engine, "r", name_zh="角色", name_en="Role", permissions=role_again, actor=SYSTEM)
    desk.app.extensions[KEY].directory._until = 0.0
    assert alice.get(f"/devices/{LIFT}/rules/trapped_alarm/off").status_code == 200
    assert "/silenced/rules/" in alice.get("/silenced").text


def test_the_list_costs_the_same_however_much_is_silenced(desk, browser, quiet, book):
    root = browser("root")
    root.get("/silenced")
    meter = Meter(desk.engine.store)
    root.get("/silenced")
    before = meter.statements
    for _ in range(10):
        disabled.disable(
            desk.engine,
            "silent",
            rules=book.of("lift"),
            where=desk.office.unit("yunting-1"),
            until=desk.engine.clock.now() + timedelta(days=3),
            reason="more",
            actor=SYSTEM,
        )
    root.get("/silenced")
    meter.reset()

    root.get("/silenced")

    assert meter.statements == before


def test_the_parts_that_were_put_into_a_device_stand_on_its_page(desk, browser, lift):
    with desk.engine.store.begin() as uow:
        rows.add_part_changes(uow, [{"device": LIFT, "ticket": "T1", "item": "DOOR-BELT", "qty_milli": 1500}])
        uow.commit()

    page = browser("root").get(f"/devices/{LIFT}").text

    assert "Parts put in" in page
    assert "DOOR-BELT" in page and "1.5" in page and "T1" in page
