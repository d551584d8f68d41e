"""Who stands in for whom: people arrange it for themselves, supervisors for others, and either ends it."""

from __future__ import annotations

import re

import pytest

TOLD = {"absent": "alice", "deputy": "bob", "last_day": "2026-02-01", "reason": "holiday"}


@pytest.fixture
def away(browser):
    """Alice has said that Bob stands in for her; gives the path that ends it."""
    alice = browser("alice")
    assert alice.post("/absences", TOLD).location == "/absences"
    return re.search(r'action="(/absences/\d+/end)"', alice.get("/absences").text)[1]


def test_nobody_is_absent_at_first_and_ones_own_login_is_filled_in(browser):
    page = browser("alice").get("/absences").text

    assert "Nobody is absent" in page and 'value="alice"' in page


def test_people_are_offered_by_name_to_those_who_may_see_them(browser):
    assert '<option value="bob">Bob</option>' in browser("alice").get("/absences").text
    assert "<option value=" not in browser("mallory").get("/absences").text


def test_who_is_away_names_a_deputy_and_both_and_their_supervisor_see_it(browser, desk, away):
    assert desk.office.actor("bob").stands_in_for == {desk.office.key("alice")}
    for login in ("alice", "bob", "carol"):
        assert away in browser(login).get("/absences").text, login
    for login in ("mallory", "dan"):
        assert "Nobody is absent" in browser(login).get("/absences").text, login


@pytest.mark.parametrize("login", ["alice", "bob", "carol", "root"])
def test_either_of_the_two_or_a_supervisor_ends_it(browser, desk, away, login):
    assert browser(login).post(away).location == "/absences"

    assert not desk.office.actor("bob").stands_in_for
    assert "Nobody is absent" in browser("carol").get("/absences").text


@pytest.mark.parametrize("login", ["mallory", "dan"])
def test_others_cannot_end_it(browser, desk, away, login):
    assert browser(login).post(away).status_code == 403

    assert desk.office.actor("bob").stands_in_for


def test_a_supervisor_arranges_it_for_others_and_a_colleague_does_not(browser, desk):
    refused = browser("mallory").post("/absences", TOLD)
    done = browser("carol").post("/absences", TOLD)

    assert refused.status_code in (403, 422) and done.status_code == 302
    assert desk.office.actor("bob").stands_in_for


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"deputy": "nobody"}, "There is nobody with this login."),
        ({"deputy": "alice"}, "Nobody stands in for themselves"),
        ({"last_day": "2020-01-01"}, "The end lies before the beginning"),
        ({"last_day": ""}, "This is required"),
        ({"reason": ""}, "This is required"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(browser, wrong, says):
    answer = browser("alice").post("/absences", TOLD | wrong)

    assert answer.status_code == 422
    assert says in answer.text and 'value="alice"' in answer.text
