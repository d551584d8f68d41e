"""The five meanings: on time, at risk, late, paused, failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webui import states

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "left", "state"),
    [
        (120, 60, states.ON_TIME),
        (120, 24, states.AT_RISK),
        (120, 25, states.ON_TIME),
        (120, -1, states.LATE),
        (60 * 24 * 30, 60 * 5, states.ON_TIME),  # of a month, only the last four hours
        (60 * 24 * 30, 60 * 4, states.AT_RISK),
        (None, 31, states.ON_TIME),
        (None, 30, states.AT_RISK),
    ],
)
def test_what_is_due_is_at_risk_in_the_last_fifth_of_its_time(given, left, state):
    due = NOW + timedelta(minutes=left)
    created = None if given is None else due - timedelta(minutes=given)

    assert states.of_due(due, created, now=NOW) is state


def test_no_two_meanings_look_or_read_alike():
    meanings = (states.ON_TIME, states.AT_RISK, states.LATE, states.PAUSED, states.FAILED)

    assert len({state.css for state in meanings}) == len({state.icon for state in meanings}) == 5
