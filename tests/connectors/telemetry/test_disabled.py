"""A rule is switched off with a reason and an end, records only meanwhile, and comes back by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.telemetry import disabled
from connectors.telemetry.alarms import AlarmState
from connectors.telemetry.causes import by_source
from engine.errors import Invalid, NotAllowed, NotFound
from engine.services import audit
from tests.connectors.telemetry.test_alarms import FREE, release, trap


@pytest.fixture
def switch(plant):
    """Switch a rule of lifts off for an hour, for the lift or at a unit."""

    def make(rule="trapped_alarm", *, where=None, hours=1, reason="sensor is being replaced", actor="root"):
        return disabled.disable(
            plant.branch.engine,
            rule,
            rules=plant.intake.rules.of("lift"),
            where=plant.book.devices["LIFT-3"] if where is None else plant.branch.unit(where),
            until=plant.clock.now() + timedelta(hours=hours),
            reason=reason,
            actor=plant.branch.actor(actor),
        )

    return make


def test_what_a_rule_that_is_off_would_raise_is_recorded_only_and_raised_when_it_comes_back(plant, switch):
    switch()
    trap(plant)
    plant.wait(30 * 60, alive="LIFT-3")
    assert plant.said() == []
    assert (plant.alarms()[0].state, plant.alarms()[0].reason) == (AlarmState.SUPPRESSED, "disabled")

    plant.wait(31 * 60, alive="LIFT-3")

    assert plant.said() == ["raised LIFT-3:trapped"] and plant.alarms()[0].reason == ""


def test_what_ended_while_the_rule_was_off_leaves_no_ticket(plant, switch):
    switch()
    trap(plant)
    release(plant)
    plant.wait(62 * 60, alive="LIFT-3")

    assert plant.said() == [] and plant.alarms()[0].state is AlarmState.CLOSED


def test_another_rule_of_the_same_alarm_still_raises_it(plant, switch):
    switch()
    trap(plant)
    for _ in range(14):
        plant.clock.advance(timedelta(seconds=10))
        plant.read("LIFT-3", person_in_car=1, run_state="stopped", door_state="closed")

    assert plant.said() == ["raised LIFT-3:trapped"]
    assert plant.last()["alarm"]["rule"] == "trapped_inferred"


def test_it_can_be_switched_on_again_before_its_time(plant, switch):
    key = switch(hours=24)
    trap(plant)

    for _ in range(2):  # a second click is the first
        disabled.enable(plant.branch.engine, key, reason="replaced", actor=plant.branch.actor("root"))
    plant.wait(60)

    assert plant.said() == ["raised LIFT-3:trapped"]
    told = audit.entries(plant.branch.engine, actor=plant.branch.actor("root"), subject="LIFT-3")
    assert [(entry.action, entry.data["reason"]) for entry in told] == [
        ("rule.enable", "replaced"),
        ("rule.disable", "sensor is being replaced"),
    ]


def test_a_rule_is_off_for_every_device_of_the_type_beneath_a_unit_and_for_no_other(plant, switch):
    switch(where="jinheli")
    trap(plant)
    assert plant.said() == ["raised LIFT-3:trapped"]
    release(plant)

    plant.add("LIFT-4", "lift")
    switch(where="yunting")
    plant.read("LIFT-4", trapped_alarm=1, person_in_car=1, door_state="closed")

    assert "raised LIFT-4:trapped" not in plant.said()
    device = plant.book.devices["LIFT-4"]
    assert [
        each.rule for each in disabled.of_device(plant.branch.engine, device, actor=plant.branch.actor("root"))
    ] == ["trapped_alarm"]


@pytest.mark.parametrize("rule", ["silent", by_source("smoke")])
def test_silence_and_what_a_source_judges_can_be_switched_off_too(plant, switch, rule):
    switch(rule)
    plant.read("LIFT-3", **FREE)
    plant.take(("pm/yunting/LIFT-3/event", {"type": "smoke", "severity": "MAJOR"}))
    plant.wait(20 * 60)

    expected = {"silent": "raised LIFT-3:smoke", by_source("smoke"): "raised LIFT-3:silent"}
    assert plant.said() == [expected[rule]]


def test_it_needs_a_rule_an_end_a_reason_and_the_right_to_change_devices(plant, switch):
    for more in ({"hours": -1}, {"hours": 24 * 93}, {"reason": " "}, {"rule": "no_such_rule"}):
        with pytest.raises(Invalid):
            switch(**more)
    for stranger in ("mallory", "alice", "dan"):
        with pytest.raises(NotAllowed):
            switch(actor=stranger)
    key = switch()
    with pytest.raises(NotAllowed):
        disabled.enable(plant.branch.engine, key, actor=plant.branch.actor("alice"))
    with pytest.raises(NotFound):
        disabled.enable(plant.branch.engine, 1, actor=plant.branch.actor("root"))
    assert disabled.select(plant.branch.engine, ["lift"], actor=plant.branch.actor("mallory")) == []
