"""Dates, times, durations: they agree with the calendar, also where the standard types end."""

from __future__ import annotations

import calendar
import pickle
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.feel.temporal.calendar import MAX_YEAR, civil, days_of, month_length
from engine.feel.temporal.read import read_date, read_date_time, read_duration, read_time
from engine.feel.temporal.write import write, write_iso

zones = st.sampled_from(["Asia/Shanghai", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Etc/UTC"])
spans = st.timedeltas(timedelta(days=-400_000), timedelta(days=400_000))


def value(text: str, **context):
    return feel.compile_expression(text).evaluate(context)


@given(st.dates())
def test_days_count_as_the_calendar_counts(day):
    count = days_of(day.year, day.month, day.day)

    assert count == day.toordinal() - date(1970, 1, 1).toordinal()
    assert civil(count) == (day.year, day.month, day.day)
    assert month_length(day.year, day.month) == calendar.monthrange(day.year, day.month)[1]


@given(st.integers(-MAX_YEAR, MAX_YEAR), st.integers(1, 12), st.integers(1, 28))
def test_days_of_any_year_come_back_as_the_same_date(year, month, day):
    assert civil(days_of(year, month, day)) == (year, month, day)
    assert days_of(year + 400, month, day) - days_of(year, month, day) == 146_097


@given(st.dates(), st.integers(-100_000, 100_000))
def test_a_date_moves_by_days_as_the_calendar_does(day, count):
    moved = value("d + duration(s)", d=day, s=f"{'-' if count < 0 else ''}P{abs(count)}D")

    try:
        assert moved == day + timedelta(days=count)
    except OverflowError:
        assert moved.year not in range(1, 10_000)


@given(st.datetimes(timezones=st.just(UTC)), spans)
def test_a_moment_moves_by_real_time(moment, span):
    moved = value("m + s", m=moment, s=span)

    try:
        assert moved == moment + span
    except OverflowError:
        assert moved.year not in range(1, 10_000)


@given(st.datetimes(datetime(1902, 1, 1), datetime(2036, 1, 1)), zones, st.timedeltas(timedelta(-300), timedelta(300)))  # noqa: DTZ001 - zones follow
def test_a_moment_in_a_zone_moves_by_real_time(local, zone, span):
    moment = local.replace(tzinfo=ZoneInfo(zone))

    moved = value("m + s", m=moment, s=span)

    assert moved.astimezone(UTC) == moment.astimezone(UTC) + span
    assert moved.tzinfo is moment.tzinfo


@given(st.datetimes(), st.datetimes())
def test_the_difference_of_two_moments_leads_from_one_to_the_other(one, other):
    assert value("one - other", one=one, other=other) == one - other
    assert value("other + (one - other) = one", one=one, other=other) is True


@given(st.dates(date(1, 1, 1), date(9000, 1, 1)), st.integers(-10_000, 10_000))
def test_a_date_moves_by_months_to_the_same_or_the_last_day(day, months):
    moved = value("d + m", d=day, m=feel.YearsMonths(months))

    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == min(day.day, month_length(moved.year, moved.month))


@given(st.dates(), st.dates())
def test_whole_months_between_two_days_do_not_pass_the_later_one(start, end):
    months = value("years and months duration(a, b)", a=start, b=end)

    assert (
        value("(b - (a + m)) * sign >= duration(z)", a=start, b=end, m=months, sign=1 if end >= start else -1, z="PT0S")
        is True
    )


@given(st.times(), st.timedeltas(timedelta(-3), timedelta(3)))
def test_a_time_goes_around_the_clock(clock, span):
    moved = value("t + s", t=clock, s=span)

    assert moved == (datetime.combine(date(2000, 1, 15), clock) + span).time()


@given(st.dates())
def test_parts_of_a_date_are_those_of_the_calendar(day):
    assert value("[d.year, d.month, d.day, d.weekday]", d=day) == [day.year, day.month, day.day, day.isoweekday()]
    assert value("day of year(d)", d=day) == day.timetuple().tm_yday
    assert value("week of year(d)", d=day) == day.isocalendar().week
    assert value("day of week(d)", d=day) == calendar.day_name[day.weekday()]
    assert value("last day of month(d).day", d=day) == calendar.monthrange(day.year, day.month)[1]


@given(
    st.dates()
    | st.builds(
        feel.Date, st.integers(-MAX_YEAR, 0) | st.integers(10_000, MAX_YEAR), st.integers(1, 12), st.integers(1, 28)
    )
)
def test_a_date_written_and_read_again_is_the_same(day):
    assert read_date(write(day)) == day


nanoseconds = st.integers(0, 86_400 * 10**9 - 1)


@given(nanoseconds, st.none() | zones | st.integers(-1079, 1079))
def test_a_time_written_and_read_again_is_the_same(clock, zone):
    text = (
        f"{clock // 3600_000_000_000:02}:{clock // 60_000_000_000 % 60:02}:{clock // 10**9 % 60:02}.{clock % 10**9:09}"
    )
    if isinstance(zone, str):
        text += f"@{zone}"
    elif zone is not None:
        text += f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"

    read = read_time(text)

    assert read is not None
    assert read_time(write(read)) == read
    moment = read_date_time(f"-0044-03-15T{text}")
    assert moment is not None
    assert read_date_time(write(moment)) == moment


@given(st.integers(-(10**30), 10**30))
def test_a_duration_written_and_read_again_is_as_long(length):
    duration = value("d", d=feel.DaysTime(length % 10**27))

    assert read_duration(write(duration)) is not None
    assert value("duration(s) = d", s=write(duration), d=duration) is True
    months = feel.YearsMonths(length % 10**15)
    assert read_duration(write(months)) == months


def test_a_named_zone_is_kept_by_feel_and_becomes_an_offset_in_a_variable():
    moment = value('@"2026-07-01T10:00:00@Europe/Paris"')

    assert write(moment) == "2026-07-01T10:00:00@Europe/Paris"
    assert write_iso(moment) == "2026-07-01T10:00:00+02:00"


def test_years_beyond_the_standard_types_keep_their_zone():
    assert (
        value('string(@"-2021-01-01T10:10:10@Australia/Melbourne" - @"P1D")')
        == "-2022-12-31T10:10:10@Australia/Melbourne"
    )
    assert value('string(@"12026-07-01T12:00:00@Europe/Paris" + @"PT0S")') == "12026-07-01T12:00:00@Europe/Paris"
    assert value('@"12026-07-01T12:00:00@Europe/Paris".time offset') == timedelta(hours=2)
    assert value('@"9999-12-31T23:59:59" + @"PT1S"').year == 10_000


@pytest.mark.parametrize(
    "text",
    [
        'date(999999999, 12, 31) + @"P1D"', '@"P1D" * 1e30', '@"P1Y" * 1e30', "date(2026, 2, 29)", '@"2026-01-01T25:00:00"',
        '@"10:00:00@No/Zone"', '@"10:00:00+18:01"', '@"P1Y1D"', '@"P"', '@"PT"', '@"2026-1-1"', '@"+2026-01-01"', "time(24, 0, 0)",
        '@"2026-01-01" < @"10:00:00"', '@"2026-01-01T00:00:00" - @"2026-01-01T00:00:00Z"', 'date("2026-01-01T00:00:00")',
        'date and time(@"2026-01-01T00:00:00Z", "Nowhere")',
    ],
)  # fmt: skip
def test_what_the_calendar_does_not_have_is_null(text):
    assert feel.evaluate(text, {}) is None


def test_now_is_the_given_instant_in_the_given_zone():
    now = feel.compile_expression("[now(), today()]")
    instant = datetime(2026, 1, 1, 20, tzinfo=UTC)

    assert now.evaluate({}, now=instant) == [instant, date(2026, 1, 2)]
    assert now.evaluate({}, now=instant)[0].tzinfo == ZoneInfo("Asia/Shanghai")
    assert now.evaluate({}, now=instant, zone=UTC) == [instant, date(2026, 1, 1)]


def test_now_is_the_same_throughout_one_evaluation():
    assert feel.compile_expression("count(distinct values(for a in 1..1000 return string(now())))").evaluate({}) == 1


def test_own_temporal_values_survive_pickling():
    for text in ('@"-0044-03-15"', '@"10:00:00.123456789"', '@"-0044-03-15T10:00:00Z"', '@"PT0.000000001S"', '@"P1Y"'):
        made = value(text)
        assert pickle.loads(pickle.dumps(made)) == made
    assert value("a = b", a=pickle.loads(pickle.dumps(feel.DaysTime(1))), b=feel.DaysTime(2)) is False


def test_a_duration_of_our_own_is_the_nearest_timedelta():
    assert value('@"PT1.0000000019S"') == timedelta(seconds=1)
    assert isinstance(value('@"P9999999999999D"'), timedelta)
    assert value('@"P9999999999999D" > @"P9999999999998D"') is True


def test_a_time_at_midnight_is_a_time():
    assert value('time("24:00:00")') == time(0, 0)
