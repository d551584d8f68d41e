"""``propflow device`` lets a device rest, moves its state, switches rules off and tries them on the past."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from connectors.calls import Context
from connectors.register import imports
from connectors.telemetry import service
from connectors.telemetry.inbound import Delivery
from engine.model.values import SYSTEM
from engine.services import audit
from engine.services import units as organisation
from webui import cli, compose, settings

NOW = datetime.now(UTC)
DEVICES = "设备编号,设备名称,设备类型,楼栋编码,位置,重要度\nP-1,1号泵,water_pump,,泵房,A\n"


@pytest.fixture
def run(capsys):
    """Run a command in an installation with a pump that spoke an hour long; give (status, what it printed, complaints)."""

    def make(*words):
        status = cli.main(["device", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    cli.main(["unit", "add", "jinhe", "--kind", "group", "--name", "锦和"])
    cli.main(["unit", "add", "yunting", "--kind", "project", "--name", "云庭", "--under", "jinhe"])
    with compose.parts(settings.load(os.environ)) as parts:
        unit = organisation.by_code(parts.engine, "yunting").key
        imports.run(parts.engine, "devices", DEVICES.encode(), unit=unit, actor=SYSTEM)
        intake = service.intake(Context(parts.engine, parts.registry.settings("telemetry"), parts.registry.ports))
        hour = (NOW - timedelta(hours=3)).replace(minute=0)
        told = [{"ts": (hour + timedelta(minutes=n)).isoformat(), "values": {"outlet_pressure": 0.3}} for n in range(9)]
        intake.take([Delivery("pm/yunting/P-1/telemetry", json.dumps(told).encode(), "test", NOW)])
    capsys.readouterr()
    return make


def document(answer):
    assert answer[0] == 0, answer
    return json.loads(answer[1])


def local(hours):
    return (NOW + timedelta(hours=hours)).isoformat(timespec="minutes")


def test_maintenance_is_planned_shown_and_cancelled_with_reasons_that_history_keeps(run):
    planned = document(run("maintain", "P-1", "--from", local(1), "--to", local(3), "--reason", "bearing", "--json"))
    shown = document(run("show", "P-1", "--json"))

    assert [each["id"] for each in shown["maintenance"]] == [planned["window"]]
    assert run("cancel", "P-1", planned["window"], "--reason", "not today")[0] == 0
    assert document(run("show", "P-1", "--json"))["maintenance"] == []
    with compose.parts(settings.load(os.environ)) as parts:
        told = audit.entries(parts.engine, actor=SYSTEM, subject="P-1")
    assert [(each.action, each.data["reason"]) for each in told] == [
        ("device.maintenance_cancel", "not today"),
        ("device.maintenance", "bearing"),
    ]


@pytest.mark.parametrize(
    ("begin", "end"), [(local(3), local(1)), ("soon", local(1)), (local(-3), local(-1)), (local(0), local(24 * 93))]
)
def test_a_window_that_cannot_be_is_refused(run, begin, end):
    assert run("maintain", "P-1", "--from", begin, "--to", end, "--reason", "x")[0] == 1


def test_a_time_without_a_zone_is_that_of_the_installation(run):
    day = (NOW + timedelta(days=2)).date()
    run("maintain", "P-1", "--from", f"{day}T08:00", "--to", f"{day}T09:00", "--reason", "x")

    [window] = document(run("show", "P-1", "--json"))["maintenance"]
    assert window["from"] == f"{day}T08:00:00+08:00"


def test_a_device_is_moved_to_another_state_where_its_table_allows(run):
    assert run("state", "P-1", "stopped", "--reason", "worn") == (0, "P-1: stopped\n", "")
    status, _, complaint = run("state", "P-1", "repair", "--reason", "x")

    assert (status, "a device that is stopped cannot become repair" in complaint) == (1, True)
    assert document(run("show", "P-1", "--json"))["state"] == "stopped"


def test_a_rule_is_switched_off_for_a_device_or_a_type_at_a_unit_and_on_again(run):
    one = document(
        run("disable", "water_pressure", "--device", "P-1", "--until", local(5), "--reason", "sensor", "--json")
    )
    all_ = run(
        "disable", "silent", "--type", "water_pump", "--unit", "yunting", "--until", local(5), "--reason", "radio"
    )
    assert all_[0] == 0

    shown = document(run("show", "P-1", "--json"))["disabled"]
    assert {(each["rule"], each["reason"]) for each in shown} == {("water_pressure", "sensor"), ("silent", "radio")}
    assert run("enable", one["key"], "--reason", "replaced")[0] == 0
    assert [each["rule"] for each in document(run("show", "P-1", "--json"))["disabled"]] == ["silent"]


@pytest.mark.parametrize(
    "words",
    [
        ("disable", "water_pressure", "--until", local(5), "--reason", "x"),
        ("disable", "no_rule", "--device", "P-1", "--until", local(5), "--reason", "x"),
        ("disable", "water_pressure", "--device", "P-9", "--until", local(5), "--reason", "x"),
        ("disable", "water_pressure", "--device", "P-1", "--until", local(-1), "--reason", "x"),
        ("enable", "77", "--reason", "x"),
        ("enable", "none", "--reason", "x"),
        ("show", "P-9"),
        ("state", "P-9", "repair", "--reason", "x"),
        ("replay", "water_pump", "--rule", "no_rule"),
        ("replay", "water_pump", "--rules", "/nowhere.toml"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(run, words):
    status, said, complaint = run(*words)

    assert (status, said) == (1, "") and complaint and "Traceback" not in complaint


def test_rules_of_a_file_are_tried_on_the_past_before_they_are_armed(run, tmp_path):
    shipped = service.rules.SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(
        shipped.replace("outlet_pressure < 0.25", "outlet_pressure < 0.35"), encoding="utf-8"
    )

    now = document(run("replay", "water_pump", "--rule", "water_pressure", "--json"))["rules"]
    mine = run("replay", "water_pump", "--rule", "water_pressure", "--rules", str(tmp_path / "mine.toml"))

    assert [(each["least"], each["most"]) for each in now] == [(0, 0)]
    assert "water_pressure: 1 to 1 tickets on 1 devices; 0 alarms were raised then" in mine[1]
    assert "P-1  1 - 1" in mine[1] and "outlet_pressure 0.3 - 0.3" in mine[1]
