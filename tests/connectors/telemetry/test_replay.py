"""A rule is tried on what is kept of the past: how many tickets there must have been, and how many there may have been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telemetry import replay, rules, standings, trial
from connectors.telemetry.alarms import REOPEN_WITHIN
from connectors.telemetry.standings import Change
from engine.errors import Invalid

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PUMP, TANK, LIFT, CO = (rules.shipped().of(each) for each in ("water_pump", "water_tank", "lift", "parking_air"))


def past(*hours):
    """Hours of one signal each: {signal: (lowest, highest)} or one number."""
    rows = []
    for number, signals in enumerate(hours):
        kept = {}
        for name, span in signals.items():
            low, high = span if isinstance(span, tuple) else (span, span)
            kept[name] = [60, Decimal(0), Decimal(str(low)), Decimal(str(high)), Decimal(str(high))]
        rows.append((BEGIN + timedelta(hours=number), 60, kept))
    return replay.hours(rows)


def outcome(kind, rule_id, *hours):
    rule = kind.rule(rule_id)
    assert rule is not None
    return replay.replay(rule, past(*hours), kind=kind)


def count(*hours, kind=PUMP, rule="water_pressure"):
    found = outcome(kind, rule, *hours)
    return found.least, found.most


def pressure(*spans):
    return [{"outlet_pressure": span} for span in spans]


def test_normal_hours_make_no_ticket():
    assert count(*pressure(0.4, (0.3, 0.5), 0.4)) == (0, 0)


def test_an_hour_that_touched_the_limit_may_have_made_one_and_an_hour_beyond_it_must_have():
    assert count(*pressure(0.4, (0.2, 0.4), 0.4)) == (0, 1)
    assert count(*pressure(0.1, 0.1, 0.4)) == (1, 1)


def test_an_hour_begins_with_the_last_reading_of_the_hour_before():
    assert count(*pressure(0.4, 0.1)) == (0, 1), "it may have fallen with the last minute"
    assert count(*pressure(0.4, 0.1, 0.1)) == (1, 1)


def test_between_two_limits_of_one_signal_the_alarm_may_not_have_been():
    assert count(*pressure((0.1, 0.9))) == (0, 1), "both ends are beyond a limit, what lies between is not"


def test_a_return_within_the_hour_is_the_same_ticket_and_a_later_one_another():
    assert count(*pressure(0.1, 0.1, 0.4, 0.4, 0.4, 0.1, 0.1)) == (2, 2)
    assert count(*pressure(0.1, 0.1, 0.1, 0.1)) == (1, 1)
    assert count(*pressure(0.1, (0.1, 0.4), (0.1, 0.4), (0.1, 0.4)))[0] == 1


def test_what_must_last_longer_than_an_hour_needs_hours_in_a_row():
    night = trial.altered(
        PUMP.rule("water_pressure"),
        PUMP,
        raise_when="outlet_pressure < 0.25",
        clear_when="",
        raise_for_s=4 * 3600,
        clear_for_s=0,
    )
    assert replay.replay(night, past(*pressure(0.1, 0.1, 0.4)), kind=PUMP).most == 0
    assert replay.replay(night, past(*pressure(0.1, 0.1, 0.1, 0.1, 0.1)), kind=PUMP).least == 1


def test_signals_are_compared_with_one_another():
    full = {"level": (2.95, 2.98), "level_max": 3}
    assert count({"level": 2, "level_max": 3}, full, full, kind=TANK, rule="tank_high") == (1, 1)


def test_the_numbers_that_fired_are_shown_with_their_hour():
    [hit] = outcome(CO, "co_high", {"co": 3}, {"co": (4, 40)}).hits

    assert hit.at == BEGIN + timedelta(hours=1) and not hit.sure
    assert trial.numbers(hit) == [("co", Decimal(3), Decimal(40))]


def test_texts_are_not_kept_and_it_is_said_so():
    found = outcome(LIFT, "lift_fault", {"fault_code": (0, 3)})

    assert (found.most, found.blind) == (1, ["run_state"])
    assert outcome(LIFT, "trapped_inferred", {"person_in_car": 1}).most == 0


READINGS = st.lists(
    st.tuples(st.integers(1, 25), st.sampled_from([Decimal(each) / 100 for each in range(10, 75, 5)])), max_size=60
)


@given(READINGS)
def test_the_truth_always_lies_in_the_range(log):
    rule = PUMP.rule("water_pressure")
    assert rule is not None
    at, standing, tickets, cleared = BEGIN, standings.NORMAL, 0, None
    rows: dict[datetime, list] = {}
    for minutes, value in log:
        at += timedelta(minutes=minutes)
        standing, change = standings.on_time(rule, standing, at)
        standing, more = (
            (standing, change) if change else standings.on_reading(rule, standing, {"outlet_pressure": value}, at)
        )
        change = change or more
        if change is Change.RAISE and (cleared is None or at - cleared > REOPEN_WITHIN):
            tickets += 1
        cleared = at if change is Change.CLEAR else None if change is Change.RAISE else cleared
        hour = at.replace(minute=0)
        kept = rows.setdefault(hour, [0, Decimal(0), value, value, value])
        rows[hour] = [kept[0] + 1, kept[1] + value, min(kept[2], value), max(kept[3], value), value]

    found = replay.replay(
        rule, replay.hours((hour, kept[0], {"outlet_pressure": kept}) for hour, kept in rows.items()), kind=PUMP
    )

    assert found.least <= tickets <= found.most


def test_a_trial_tells_what_the_devices_of_the_actor_would_have_made(plant):
    plant.add("P-1", "water_pump")
    for _ in range(5):
        plant.read("P-1", outlet_pressure=Decimal("0.27"))
        plant.clock.advance(timedelta(hours=1))
    rule = PUMP.rule("water_pressure")
    stricter = trial.altered(
        rule, PUMP, raise_when="outlet_pressure < 0.3", clear_when="", raise_for_s=0, clear_for_s=0
    )

    def attempt(tried, who="root", **more):
        return trial.attempt(plant.branch.engine, tried, kind=PUMP, actor=plant.branch.actor(who), **more)

    assert (attempt(rule).least, attempt(rule).most) == (0, 0)
    assert (attempt(stricter).least, attempt(stricter).most, attempt(stricter).raised) == (1, 1, 0)
    assert attempt(stricter, "mallory").outcomes == {}
    assert attempt(stricter, limit=0).left_out == 1
    plant.clock.advance(timedelta(days=31))
    assert attempt(stricter).outcomes == {}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"raise_when": "outlet_pressure <"}, "raise_when"),
        ({"raise_when": "1 = 1"}, "raise_when"),
        ({"raise_when": "no_such_signal > 3"}, "raise_when"),
        ({"clear_when": ")"}, "clear_when"),
        ({"raise_for_s": "soon"}, "raise_for"),
        ({"clear_for_s": "-5"}, "clear_for"),
    ],
)
def test_what_is_no_rule_is_refused_field_by_field(changes, where):
    texts = {"raise_when": "outlet_pressure < 1", "clear_when": "", "raise_for_s": "", "clear_for_s": 0} | changes

    with pytest.raises(Invalid) as refused:
        trial.altered(PUMP.rule("water_pressure"), PUMP, **texts)

    assert where in {problem.where for problem in refused.value.problems}
