"""Where somebody is: positions and codes that the server compares with what it knows of the place."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms.place import distance_m

POSITION = {
    "type": "textfield",
    "id": "position",
    "key": "position",
    "properties": {"input": "position", "near": "=site", "withinMetres": "200"},
}
CODE = {"type": "textfield", "id": "code", "key": "code", "properties": {"input": "code", "codes": "=site.codes"}}
SITE = {"site": {"latitude": Decimal("30.6570"), "longitude": Decimal("104.0650"), "codes": ["PUMP-01", "1-1502"]}}


def test_a_position_near_the_place_is_kept_with_its_distance(ask):
    assert ask(POSITION, {"position": "geo:30.6580,104.0650;u=12.4"}, SITE) == {
        "position": {
            "latitude": Decimal("30.6580"),
            "longitude": Decimal("104.0650"),
            "accuracy_m": 12,
            "distance_m": 111,
        }
    }


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("geo:30.6590,104.0650;u=12", "You are 222 m away; come within 200 m or use the code"),
        (
            "geo:30.6570,104.0650;u=900",
            "Your position is exact to 900 m only; step outside and try again, or use the code",
        ),
        ("geo:99,104.0650;u=12", "Take your position again"),
        ("geo:30.6570,181;u=12", "Take your position again"),
        ("30.6570,104.0650", "Take your position again"),
        ("geo:nan,nan", "Take your position again"),
    ],
)
def test_a_position_that_is_far_inexact_or_none_is_refused(refusals, sent, message):
    assert refusals(POSITION, {"position": sent}, SITE) == {"position": message}


def test_without_a_position_of_the_place_the_code_is_the_way(refusals):
    unknown = "The position of this place is not known; use the code"

    assert refusals(POSITION, {"position": "geo:30,104"}, {"site": None}) == {"position": unknown}
    assert refusals(POSITION, {"position": "geo:30,104"}, {"site": {"latitude": None}}) == {"position": unknown}
    assert refusals(POSITION, {"position": "geo:30,104"}, {}) == {"position": unknown}


def test_anywhere_is_near_where_no_place_is_asked_for(ask):
    anywhere = POSITION | {"properties": {"input": "position"}}

    assert ask(anywhere, {"position": "geo:-0.5,-0.25"}) == {
        "position": {"latitude": Decimal("-0.5"), "longitude": Decimal("-0.25"), "accuracy_m": 0}
    }


@pytest.mark.parametrize(
    "scanned",
    [
        "PUMP-01",
        " pump-01 ",
        "https://homes.example/report?project=yunting&device_code=PUMP-01",
        "https://homes.example/report?device_code=PUMP-01&from=door",
        "https://homes.example/d/pump-01",
    ],
)
def test_a_code_counts_however_it_was_read(ask, scanned):
    assert ask(CODE, {"code": scanned}, SITE) == {"code": "PUMP-01"}


@pytest.mark.parametrize("scanned", ["PUMP-02", "https://homes.example/report?device_code=PUMP-02", "http://[", "PUMP"])
def test_the_code_of_something_else_is_refused(refusals, scanned):
    assert refusals(CODE, {"code": scanned}, SITE) == {
        "code": "This is the code of something else; scan the one at the place where the work is"
    }


def test_any_code_is_right_while_the_right_ones_are_not_known(ask, refusals):
    assert ask(CODE, {"code": "GATE-7"}, {"site": {"codes": []}}) == {"code": "GATE-7"}
    assert ask(CODE, {"code": "GATE-7"}, {}) == {"code": "GATE-7"}
    assert set(refusals(CODE, {"code": "x" * 65}, {})) == {"code"}


def test_an_empty_answer_is_none_and_a_required_one_is_missing(ask, refusals):
    assert ask([POSITION, CODE], {"position": None, "code": ""}, SITE) == {"position": None, "code": ""}
    needed = [POSITION | {"validate": {"required": True}}, CODE | {"validate": {"required": True}}]
    assert set(refusals(needed, {}, SITE)) == {"position", "code"}


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ({"input": "smell"}, "there is no input smell"),
        ({"input": "position", "near": "site"}, "near does not start with ="),
        ({"input": "position", "withinMetres": "far"}, "withinMetres is not a whole number from 0 to 1000000"),
        ({"input": "code", "codes": "=("}, None),
    ],
)
def test_a_setting_that_cannot_work_is_a_fault_of_the_form(faults, properties, fault):
    found = faults({"type": "textfield", "id": "here", "key": "here", "properties": properties})

    assert set(found) == {"here"}
    assert fault is None or found["here"] == fault


LATITUDES = st.decimals(-90, 90, places=6)
LONGITUDES = st.decimals(-180, 180, places=6)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distances_are_the_same_both_ways_and_never_more_than_half_around_the_earth(a, b, c, d):
    there = distance_m((a, b), (c, d))

    assert there == distance_m((c, d), (a, b))
    assert 0 <= there <= 20_015_200
    assert distance_m((a, b), (a, b)) == 0
