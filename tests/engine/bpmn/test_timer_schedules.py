"""Cycles in every form of ISO 8601: from now, from a start, up to an end, and as an interval of two moments.

The clause: BPMN 2.0.2, 10.5.5 (``timeCycle`` is an ISO 8601 recurring interval).
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.bpmn.definition import TimerKind
from engine.bpmn.timers import following, schedule
from engine.errors import Invalid

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def beats(text: str, now: datetime = NOW, most: int = 10) -> list[str]:
    """List when a cycle fires, at most so often."""
    found = []
    beat = schedule(TimerKind.CYCLE, text, now, ZONE)
    while beat is not None and len(found) < most:
        found.append(beat.due.strftime("%m-%dT%H:%M"))
        beat = following(beat, beat.due, ZONE)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R3/PT10M", ["01-01T00:10", "01-01T00:20", "01-01T00:30"]),
        ("R2/2026-01-02T00:00:00Z/PT1H", ["01-02T00:00", "01-02T01:00"]),
        ("R3/PT1H/2026-01-02T00:00:00Z", ["01-01T22:00", "01-01T23:00", "01-02T00:00"]),
        ("R9/PT1H/2026-01-01T02:30:00Z", ["01-01T00:30", "01-01T01:30", "01-01T02:30"]),
        ("R/PT1H/2026-01-01T02:00:00Z", ["01-01T00:00", "01-01T01:00", "01-01T02:00"]),
        ("R3/2026-01-02T00:00:00Z/2026-01-02T06:00:00Z", ["01-02T00:00", "01-02T06:00", "01-02T12:00"]),
        ("R2/2026-01-02T00:00:00/2026-01-03T00:00:00", ["01-01T16:00", "01-02T16:00"]),
    ],
)
def test_a_cycle_has_its_beats_in_every_form_of_iso_8601(text, expected):
    assert beats(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "R3/PT1H/2025-12-31T00:00:00Z",  # its last beat is over
        "R3/PT0S/2026-01-02T00:00:00Z",
        "R3/2026-01-03T00:00:00Z/2026-01-02T00:00:00Z",
        "R3/2026-01-02T00:00:00Z/2026-01-02T00:00:00Z",
        "R0/PT1H",
        "R3/PT1H/PT1H",
        "R3/PT1H/2026-01-02T00:00:00Z/PT1H",
        "R/P1M/2026-03-31T00:00:00Z",  # months have no length to count back by
    ],
)
def test_a_cycle_without_a_beat_or_a_way_forward_is_refused(text):
    with pytest.raises(Invalid, match="is not a cycle for a timer"):
        beats(text)


@given(minutes=st.integers(1, 10_000), count=st.one_of(st.none(), st.integers(1, 50)), ahead=st.integers(0, 1_000_000))
def test_a_cycle_with_an_end_ends_there_and_never_beats_before_it_is_armed(minutes, count, ahead):
    end = datetime.fromtimestamp(NOW.timestamp() + ahead * 60, UTC)
    text = f"R{'' if count is None else count}/PT{minutes}M/{end.isoformat()}"

    beat = schedule(TimerKind.CYCLE, text, NOW, ZONE)

    assert beat.repeats is not None
    assert beat.due >= NOW
    assert beat.due.timestamp() + beat.repeats * minutes * 60 == end.timestamp()
    assert beat.repeats + 1 == min(count or 10**9, ahead // minutes + 1)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('cycle(3, duration("PT1H"))', "R3/PT1H"),
        ('cycle(duration("P7D"))', "R/P7D"),
        ('cycle(null, duration("P1M"))', "R/P1M"),
    ],
)
def test_an_expression_can_make_a_cycle(expression, text):
    made = feel.evaluate(expression, {})

    assert made == text
    assert schedule(TimerKind.CYCLE, made, NOW, ZONE).interval == text.partition("/")[2]
