"""The rules that come with the product raise and clear as the business description of devices says, row by row."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.telemetry import rules
from connectors.telemetry.events import Severity

C, MAJOR, MINOR, W = Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, Severity.WARNING
OUT = {"trapped_alarm": 0, "person_in_car": 0, "door_state": "open"}

# type, what is just not enough, what raises, for how many seconds, alarm, severity, what does not clear, what clears, for how many seconds
ROWS = [
    ("lift", {"trapped_alarm": 0}, {"trapped_alarm": 1}, 0, "trapped", C, {"trapped_alarm": 0}, OUT, 0),
    ("lift", {"person_in_car": 1, "run_state": "stopped", "door_state": "open"},
     {"person_in_car": 1, "run_state": "stopped", "door_state": "closed"}, 120, "trapped", C, {"door_state": "open"}, OUT, 0),
    ("lift", {"fault_code": 0}, {"fault_code": 4}, 10, "lift_fault", MAJOR, {"fault_code": 4}, {"fault_code": 0}, 60),
    ("lift", {"fault_code": 0}, {"run_state": "fault"}, 10, "lift_fault", MAJOR, {"fault_code": 0}, {"run_state": "running"}, 60),
    ("water_pump", {"outlet_pressure": 0.25}, {"outlet_pressure": 0.24}, 30, "water_pressure", MAJOR,
     {"outlet_pressure": 0.27}, {"outlet_pressure": 0.28}, 300),
    ("water_pump", {"outlet_pressure": 0.6}, {"outlet_pressure": 0.61}, 30, "water_pressure", MAJOR,
     {"outlet_pressure": 0.58}, {"outlet_pressure": 0.57}, 300),
    ("water_pump", {"starts_per_hour": 15}, {"starts_per_hour": 16}, 30, "pump_starts", MINOR,
     {"starts_per_hour": 13}, {"starts_per_hour": 12}, 300),
    ("water_pump", {"fault": 0}, {"fault": 1}, 30, "pump_fault", MAJOR, {"fault": 1}, {"fault": 0}, 300),
    ("water_tank", {"level": 0.5}, {"level": 0.4}, 30, "tank_level", MAJOR, {"level": 0.52}, {"level": 0.53}, 300),
    ("water_tank", {"level": 2.9, "level_max": 3}, {"level": 2.95}, 30, "tank_level", MINOR, {"level": 2.88}, {"level": 2.87}, 300),
    ("sump", {"flood": 0}, {"flood": 1}, 10, "flood", C, {"flood": 1}, {"flood": 0}, 600),
    ("fire_panel", {"alarm": 0}, {"alarm": 1}, 0, "fire", C, {"alarm": 1}, {"alarm": 0}, 0),
    ("fire_panel", {"fault": 0}, {"fault": 1}, 60, "fire_fault", MAJOR, {"fault": 1}, {"fault": 0}, 60),
    ("fire_pump", {"pressure": 0.15}, {"pressure": 0.14}, 30, "fire_pressure", MAJOR, {"pressure": 0.17}, {"pressure": 0.18}, 300),
    ("transformer", {"temp": 110}, {"temp": 111}, 60, "overheated", C, {"temp": 100}, {"temp": 99}, 300),
    ("transformer", {"breaker_tripped": 0}, {"breaker_tripped": 1}, 0, "breaker", C, {"breaker_tripped": 1}, {"breaker_tripped": 0}, 300),
    ("transformer", {"voltage": 342}, {"voltage": 341}, 60, "voltage", MAJOR, {"voltage": 349}, {"voltage": 350}, 300),
    ("transformer", {"voltage": 418}, {"voltage": 419}, 60, "voltage", MAJOR, {"voltage": 411}, {"voltage": 410}, 300),
    ("transformer", {"current": 900, "current_rated": 1000}, {"current": 901}, 900, "overload", MAJOR,
     {"current": 860}, {"current": 840}, 300),
    ("access_control", {"door_forced": 0}, {"door_forced": 1}, 0, "door_forced", MINOR, {"door_forced": 1}, {"door_forced": 0}, 60),
    ("access_control", {"held_open": 60}, {"held_open": 61}, 0, "held_open", MINOR, {"held_open": 5}, {"held_open": 0}, 60),
    ("environment", {"co2": 1000}, {"co2": 1001}, 600, "co2", MINOR, {"co2": 900}, {"co2": 899}, 600),
    ("hvac", {"filter_dp": 250}, {"filter_dp": 251}, 600, "filter", MINOR, {"filter_dp": 225}, {"filter_dp": 224}, 600),
    ("hvac", {"fault": 0}, {"fault": 1}, 60, "hvac_fault", MINOR, {"fault": 1}, {"fault": 0}, 600),
    ("parking_air", {"co": 25}, {"co": 26}, 300, "co", MAJOR, {"co": 15}, {"co": 14}, 60),
    ("parking_air", {"co": 20}, {"co": 51}, 0, "co", C, {"co": 15}, {"co": 14}, 60),
]  # fmt: skip
MEANS = [("motor_vib", 7.1, 7.2, 6, 5.9), ("rope_tension_dev", 5, 5.1, 4, 3.9)]
SILENT = [("lift", 600, MAJOR), ("gateway", 180, MAJOR), ("meter", 86400, W), ("access_control", 900, MINOR)]
OFFLINE = [("access_control", 300, MINOR), ("lift", 300, MAJOR), ("gateway", 60, MAJOR)]


def report(plant, values):
    plant.read(
        "X-1", **{name: Decimal(str(value)) if isinstance(value, float) else value for name, value in values.items()}
    )


def hold(plant, values, seconds):
    """Report the same from a second from now on for so long."""
    plant.clock.advance(timedelta(seconds=1))
    report(plant, values)
    for _ in range(4 if seconds else 0):
        plant.clock.advance(timedelta(seconds=seconds / 4))
        report(plant, values)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[4]}-{next(iter(row[2]))}")
def test_a_row_raises_and_clears_at_its_limits_and_times(plant, row):
    type_, enough, over, raise_s, alarm, severity, still, clear, clear_s = row
    plant.add("X-1", type_)
    hold(plant, enough, raise_s)
    assert plant.said() == []

    if raise_s:
        hold(plant, over, raise_s - 1)
        assert plant.said() == [], "not yet"
        plant.clock.advance(timedelta(seconds=1))
        report(plant, over)
    else:
        hold(plant, over, 0)
    assert plant.said() == [f"raised X-1:{alarm}"]
    assert plant.alarms()[0].severity is severity

    hold(plant, still, clear_s)
    assert len(plant.said()) == 1, "between the limits it stays"
    hold(plant, clear, clear_s)
    assert plant.said()[1:] == [f"cleared X-1:{alarm}"]


@pytest.mark.parametrize(("signal", "enough", "over", "still", "clear"), MEANS)
def test_the_wear_of_a_lift_is_judged_by_the_mean_of_ten_minutes(plant, signal, enough, over, still, clear):
    def last(value, minutes):
        for _ in range(minutes):
            plant.read("LIFT-3", **{signal: Decimal(str(value))})
            plant.clock.advance(timedelta(minutes=1))

    last(enough, 12)
    assert plant.said() == []
    last(over, 12)
    assert plant.said() == ["raised LIFT-3:lift_wear"] and plant.alarms()[0].severity is W

    last(still, 12)
    last(clear, 29)
    assert len(plant.said()) == 1, "half an hour"
    last(clear, 3)
    assert plant.said()[1:] == ["cleared LIFT-3:lift_wear"]


@pytest.mark.parametrize(("type_", "after", "severity"), SILENT)
def test_what_is_not_heard_of_is_told_and_is_over_at_the_second_sign_of_life(plant, type_, after, severity):
    plant.add("X-1", type_)
    plant.read("X-1", some=1)
    plant.wait(after - 1, step_s=after)
    assert plant.said() == []
    plant.wait(2)
    assert plant.said() == ["raised X-1:silent"] and plant.alarms()[0].severity is severity

    plant.read("X-1", some=1)
    assert len(plant.said()) == 1
    plant.clock.advance(timedelta(seconds=1))
    plant.read("X-1", some=1)
    assert plant.said()[1:] == ["cleared X-1:silent"]


@pytest.mark.parametrize(("type_", "after", "severity"), OFFLINE)
def test_a_connection_that_is_gone_is_told_sooner(plant, type_, after, severity):
    plant.add("X-1", type_)
    plant.read("X-1", some=1)
    plant.take(("pm/yunting/X-1/state", {"online": False}))
    plant.wait(after - 1, step_s=after)
    assert plant.said() == []
    plant.wait(2)
    assert plant.said() == ["raised X-1:silent"] and plant.alarms()[0].severity is severity


def test_the_battery_of_a_meter_is_told_when_two_readings_say_so(plant):
    plant.add("X-1", "meter")
    plant.read("X-1", battery=9)
    assert plant.said() == []
    plant.clock.advance(timedelta(hours=1))
    plant.read("X-1", battery=9)

    assert plant.said() == ["raised X-1:battery"] and plant.alarms()[0].severity is W


def test_every_rule_of_the_product_has_a_row_here():
    shown = {(row[0], row[4]) for row in ROWS} | {("lift", "lift_wear"), ("meter", "battery")}
    others = {
        ("fire_pump", "fire_pump_fault"),
        ("access_control", "tamper"),
        ("barrier", "barrier_fault"),
    }  # beyond the description
    book = rules.shipped().types

    assert {(name, rule.alarm_type) for name, kind in book.items() for rule in kind.rules} == shown | others


def test_only_what_may_close_itself_is_marked_so():
    book = rules.shipped().types
    marked = {(name, rule.alarm_type) for name, kind in book.items() for rule in kind.judges if rule.auto_close_ok}
    silent = {name for name, kind in book.items() if kind.silence is not None and kind.silence.auto_close_ok}

    assert marked == {("access_control", "held_open"), ("environment", "co2")}
    assert silent == {"access_control", "barrier", "environment", "hvac", "meter"}
