"""What is unusual although no limit is broken: limits first, then the last 28 days, then the change; with the numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import mean, stdev
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telemetry import rules, trend
from connectors.telemetry.alarms import AlarmState
from connectors.telemetry.standings import NORMAL, Change, Phase, turn
from connectors.telemetry.store import devices as device_rows
from connectors.telemetry.trend import DAY, HOUR, judge, needed, statistics
from engine.errors import Invalid

ZONE = ZoneInfo("Asia/Shanghai")
END = datetime(2026, 3, 1, 10, tzinfo=UTC)
SIGNALS = {"t": None}


def spec(**more):
    return {
        "alarm": "odd", "title": {"en": "Odd"}, "category": "device_check", "severity": "WARNING",
        "signal": "t", "figure": "mean", "every": "hour", **more,
    }  # fmt: skip


def make(**more):
    return trend.read(spec(**more), SIGNALS)


def kept(values):
    """Hours as they are stored: {(days back, hours back): a reading}."""
    rows = [
        (END - HOUR - days * DAY - hours * HOUR, [2, 2 * value, value, value, value])
        for (days, hours), value in values.items()
    ]
    return sorted(rows)


def days(count, value=Decimal(20), *, wobble=Decimal(1)):
    """So many days, to and fro about a value."""
    return {(back, 0): value + (wobble if back % 2 else -wobble) for back in range(1, count + 1)}


def test_a_fixed_limit_says_so_first():
    found = judge(make(above=30, sigmas=3, change=1), kept(days(28) | {(0, 0): Decimal(40)}), END, ZONE)

    assert found == {"t_mean": 40, "limit_above": 30}


def test_the_same_hour_of_28_days_says_what_is_usual_and_shows_its_numbers():
    unusual = make(sigmas=3, change=1)
    found = judge(unusual, kept(days(28) | {(0, 0): Decimal(24), (0, 1): Decimal(20)}), END, ZONE)

    assert found is not None
    assert (found["t_mean"], found["usual_mean"], found["usual_days"], found["sigmas"]) == (24, 20, 28, 3)
    assert round(found["usual_sigma"], 3) == Decimal("1.018")
    assert judge(make(sigmas=3), kept(days(28) | {(0, 0): Decimal("22.9")}), END, ZONE) is None


def test_another_hour_of_the_day_says_nothing_of_what_is_usual():
    other = {(back, 5): Decimal(20) for back in range(1, 29)}

    assert judge(make(sigmas=3), kept(other | {(0, 0): Decimal(90)}), END, ZONE) is None


@pytest.mark.parametrize(("known", "fires"), [(13, False), (14, True)])
def test_nothing_is_usual_before_14_days(known, fires):
    assert (judge(make(sigmas=3), kept(days(known) | {(0, 0): Decimal(90)}), END, ZONE) is not None) is fires


def test_the_change_since_the_hour_before_comes_last_and_shows_both():
    found = judge(make(sigmas=3, change=5), kept(days(10) | {(0, 0): Decimal(26), (0, 1): Decimal(20)}), END, ZONE)

    assert found == {"t_mean": 26, "before": 20, "change": 6, "limit_change": 5}
    assert judge(make(change=6), kept({(0, 0): Decimal(26), (0, 1): Decimal(20)}), END, ZONE) is None


def test_what_never_moved_is_not_unusual_at_the_first_tremor():
    still = days(28, wobble=Decimal(0))

    assert judge(make(sigmas=3, deadband="0.5"), kept(still | {(0, 0): Decimal("20.4")}), END, ZONE) is None
    assert judge(make(sigmas=3, deadband="0.5"), kept(still | {(0, 0): Decimal("20.6")}), END, ZONE) is not None


def test_less_than_usual_can_be_left_out():
    low = kept(days(28) | {(0, 0): Decimal(2)})

    assert judge(make(sigmas=3), low, END, ZONE) is not None
    assert judge(make(sigmas=3, upwards=True), low, END, ZONE) is None


def test_what_a_rule_has_told_already_is_not_told_again():
    assert judge(make(sigmas=3), kept(days(28) | {(0, 0): Decimal(90)}), END, ZONE, limits_only=True) is None


def test_an_hour_of_which_nothing_is_kept_is_not_normal():
    with pytest.raises(LookupError):
        judge(make(above=1), kept(days(28)), END, ZONE)


def test_the_usage_of_a_day_is_counted_by_the_clock_on_the_wall():
    usage = make(figure="usage", every="day", times=2, deadband=1, upwards=True)
    midnight = datetime(2026, 3, 1, tzinfo=ZONE).astimezone(UTC)
    rows, total = [], Decimal(100)
    for back in range(30, -1, -1):  # 10 a day, at noon; 25 on the last
        total += 25 if back == 1 else 10
        rows.append((midnight - back * DAY + 12 * HOUR, [1, total, total, total, total]))

    found = judge(usage, rows, midnight, ZONE)

    assert found == {"t_usage": 25, "usual_mean": 10, "usual_sigma": 0, "usual_days": 28, "times": 2}


def test_only_some_hours_of_a_day_may_count():
    night = make(figure="min", every="day", between=[2, 4], above=0)
    end = night.over_at(datetime(2026, 3, 1, 4, 15, tzinfo=ZONE), ZONE)
    assert end == datetime(2026, 3, 1, 4, tzinfo=ZONE)
    assert night.over_at(datetime(2026, 3, 1, 4, 14, tzinfo=ZONE), ZONE) == end - DAY, (
        "late readings have their quarter of an hour"
    )

    def rows(*flows):
        return [(end - (len(flows) - n) * HOUR, [1, flow, flow, flow, flow]) for n, flow in enumerate(flows)]

    assert judge(night, rows(Decimal(0), Decimal(3), Decimal(2)), end, ZONE) == {"t_min": 2, "limit_above": 0}
    assert judge(night, rows(Decimal(9), Decimal(3), Decimal(0)), end, ZONE) is None


def test_a_day_that_the_clock_makes_longer_is_still_a_day():
    berlin, usage = ZoneInfo("Europe/Berlin"), make(figure="usage", every="day", above=1)
    end = usage.over_at(datetime(2026, 3, 30, 3, tzinfo=berlin), berlin)

    begin, until = usage.window(end, berlin, back=1)

    assert until == datetime(2026, 3, 29, tzinfo=berlin) and until - begin == DAY


def test_so_many_in_a_row_raise_and_so_many_clear():
    three = make(above=1, spans=3, clear_spans=2)
    standing, said = NORMAL, []
    for number, fired in enumerate([True, True, False, True, True, True, False, True, False, False]):
        standing, change = turn(three, standing, fired, END + number * HOUR)
        said.append(change)

    assert said == [None] * 5 + [Change.RAISE] + [None] * 3 + [Change.CLEAR]
    assert standing.phase is Phase.NORMAL


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=14, max_size=28))
def test_the_statistics_are_exact(values):
    found = statistics(values)

    assert abs(found[0] - mean(values)) <= Decimal("0.000001")
    assert abs(found[1] - stdev(values)) <= Decimal("0.00001")


@pytest.mark.parametrize(
    "wrong",
    [{"signal": "u", "above": 1}, {}, {"deadband": 1}, {"above": "much"}, {"above": 1, "between": [4, 2]}, {"above": 1, "figure": "sum"},
     {"above": 1, "every": "week"}],
)  # fmt: skip
def test_a_trend_that_is_none_is_refused_with_its_name(wrong):
    fields = "\n".join(
        f"{key} = {value!r}".replace("'", '"') for key, value in {**spec(), **wrong}.items() if key != "title"
    )
    text = f'[type.x]\n[type.x.signals]\nt = {{}}\n[[type.x.trend]]\ntitle = {{ en = "Odd" }}\n{fields}\n'

    with pytest.raises(Invalid) as refused:
        rules.load(text)

    assert refused.value.problems[0].where == "type.x.trend odd"


def fill(plant, code, signal, values):
    """Put hours into history: {hour: reading}."""
    with plant.branch.engine.store.begin() as uow:
        device_rows.lock_devices(uow, {code: (plant.book.devices[code].type, plant.book.devices[code].unit)})
        hours = {(code, at): (2, {signal: [2, 2 * value, value, value, value]}) for at, value in values.items()}
        device_rows.add_hours(uow, hours)
        uow.commit()


def test_an_unusual_pressure_starts_a_ticket_an_hour_later_and_normal_hours_clear_it(plant):
    plant.add("P-1", "water_pump")
    now = plant.clock.now()
    fill(plant, "P-1", "outlet_pressure", {now - back * HOUR: Decimal("0.40") for back in range(1, 28 * 24)})
    plant.read("P-1", outlet_pressure=Decimal("0.48"))
    plant.wait(59 * 60, alive="P-1")
    assert plant.said() == []

    plant.wait(17 * 60, alive="P-1")

    assert plant.said() == ["raised P-1:pressure_unusual"]
    told = plant.last()["alarm"]["values"]
    assert (told["outlet_pressure_mean"], told["usual_mean"], told["usual_days"]) == (
        Decimal("0.48"),
        Decimal("0.4"),
        27,
    )
    assert plant.alarms()[0].cause.title["zh"] == "供水压力偏离常态"

    for _ in range(3):
        plant.read("P-1", outlet_pressure=Decimal("0.40"))
        plant.wait(60 * 60, alive="P-1", step_s=300)
    plant.wait(20 * 60, alive="P-1", step_s=300)
    assert plant.said()[1:] == ["cleared P-1:pressure_unusual"]
    assert plant.alarms()[0].state is AlarmState.CLEARED


def test_water_that_flows_three_nights_and_a_meter_that_runs_backwards_are_told(plant):
    plant.add("M-1", "meter")
    midnight = plant.clock.now().astimezone(ZONE).replace(hour=0)
    night = {midnight + hours * HOUR - days * DAY: Decimal(2) for days in range(1, 3) for hours in (2, 3)}
    fill(plant, "M-1", "flow", {at.astimezone(UTC): flow for at, flow in night.items()})
    # two nights lie behind: each was judged in its morning
    for _ in range(3):
        plant.read("M-1", flow=Decimal(2), total=Decimal(100))
        plant.clock.move_to(plant.clock.now() + timedelta(hours=3))
        for _ in range(24):
            plant.read("M-1", flow=Decimal(2), total=Decimal(100))
            plant.wait(3600, step_s=3600)
    assert "raised M-1:night_flow" in plant.said() and plant.said().count("raised M-1:night_flow") == 1

    plant.read("M-1", flow=0, total=Decimal(90))
    plant.wait(2 * 3600, step_s=900)

    assert "raised M-1:back_run" in plant.said()
    assert plant.last()["alarm"]["values"]["total_usage"] == -10


def test_the_hours_that_a_trend_needs_are_those_that_it_looks_at():
    hourly, daily = make(sigmas=3), make(figure="usage", every="day", sigmas=3)

    assert len(needed(hourly, END, ZONE)) <= device_rows.FEW < len(needed(daily, END, ZONE))
    assert max(needed(hourly, END, ZONE)) == END
