"""The rules of devices on the page: what they are, and what other limits would have made of the last days."""

from __future__ import annotations

from datetime import timedelta

import pytest


@pytest.fixture
def shaken(lift, desk):
    """A lift whose motor shook for three hours yesterday."""
    for _ in range(4):
        for _ in range(3):
            desk.engine.clock.advance(timedelta(minutes=20))
            lift({"motor_vib": 6, "floor": 3})


def test_every_rule_is_listed_with_what_raises_it(lift, browser):
    page = browser("root").get("/rules").text

    assert "People trapped in the lift" in page and "trapped_alarm = 1" in page
    assert "mean over 10 min" in page and "Carbon monoxide" in page
    assert browser("mallory").get("/rules").status_code == 403


def test_a_rule_is_tried_as_it_is_and_with_other_limits(shaken, browser):
    root = browser("root")

    as_it_is = root.get("/rules/lift/motor_vibration").text
    stricter = root.get(
        "/rules/lift/motor_vibration?raise_when=motor_vib+%3E+5&raise_for=60&clear_when=motor_vib+%3C+4&clear_for=0"
    ).text

    assert '<div class="value">0</div>' in as_it_is and "the lowest and highest number of each hour" in as_it_is
    assert '<div class="value">1</div>' in stricter and "motor_vib 6" in stricter and "YT-LIFT-01" in stricter
    assert 'value="motor_vib &gt; 5"' in stricter


def test_limits_that_are_none_are_marked_and_kept(lift, browser):
    answer = browser("root").get("/rules/lift/motor_vibration?raise_when=motor_vib+%3E&raise_for=soon")

    assert answer.status_code == 422
    assert 'value="motor_vib &gt;"' in answer.text and answer.text.count('class="wrong"') >= 2


def test_with_nothing_kept_the_page_says_so(lift, browser):
    assert "Nothing to try it on" in browser("root").get("/rules/sump/flood").text
    assert browser("root").get("/rules/sump/nothing").status_code == 404


def test_a_rule_that_is_off_somewhere_is_said_so(lift, browser, desk):
    lift({"floor": 1})
    root = browser("root")
    root.post(
        "/devices/YT-LIFT-01/rules/trapped_alarm/off", {"until": "2026-01-02T00:00", "reason": "sensor is replaced"}
    )

    assert "1 switched off" in root.get("/rules").text
