"""Where the work of a ticket is: the position and the codes by which somebody shows to be there."""

from decimal import Decimal

import pytest

from connectors.register import imports
from connectors.register.outbound import check_reporter
from engine.errors import Invalid
from engine.model.values import SYSTEM

POSITIONS = """楼栋编码,设备编号,纬度,经度
,,30.657,104.065
yunting-1,,30.6577,104.0643
,YT-GW-01,30.6580,104.0660
"""


def load(register, content, **more):
    return imports.run(
        register.engine, "positions", content.encode(), unit=register.unit("yunting"), actor=SYSTEM, **more
    )


@pytest.fixture
def site(register, call):
    """Ask where the work of a report is."""
    asked = iter(range(1, 100))

    def ask(**report):
        number = next(asked)
        given = {"project": "yunting", "category": "other", **report}
        return call(check_reporter, f"1:{number}", ticket_no=f"T{number}", **given)["site"]

    return ask


def at(site):
    return site["latitude"], site["longitude"]


BUILDING = Decimal("30.6577"), Decimal("104.0643")
PROJECT = Decimal("30.657"), Decimal("104.065")


def test_the_innermost_position_counts(register, site):
    load(register, POSITIONS)

    assert at(site(room="1-1502")) == BUILDING
    assert at(site(device="YT-LIFT-03")) == BUILDING
    assert at(site(device="YT-GW-01")) == (Decimal("30.658"), Decimal("104.066")), "its own"
    assert at(site(location="南门")) == PROJECT
    assert at(site(room="9-9999")) == PROJECT


def test_without_positions_there_are_codes_only(site):
    assert site(room="1-1502") == {"latitude": None, "longitude": None, "codes": ["1-1502"]}
    assert site(device="YT-LIFT-03")["codes"] == ["YT-LIFT-03"]
    assert site(device="UNKNOWN-1")["codes"] == ["UNKNOWN-1"]


def test_a_place_that_is_neither_room_nor_device_is_known_by_its_project_and_buildings(site):
    codes = site(location="南门")["codes"]

    assert {"yunting", "yunting-1"} <= set(codes)
    assert "jinheli" not in codes


def test_positions_are_replaced_and_not_doubled(register, site):
    first = load(register, POSITIONS)
    again = load(register, POSITIONS.replace("30.6577", "30.9"))

    assert (first.new, first.changed, again.new, again.changed) == (3, 0, 0, 3)
    assert at(site(room="1-1502")) == (Decimal("30.9"), Decimal("104.0643"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("yunting-1,,91,104", "91 is not an angle from -90 to 90 degrees"),
        ("yunting-1,,30.6,abc", "abc is not an angle"),
        ("nowhere,,30.6,104", "there is no building nowhere here"),
        (",NO-1,30.6,104", "there is no device NO-1 here"),
        ("yunting-1,YT-GW-01,30.6,104", "not for both"),
        (",,30.6,104\n,,30.7,104", "the same as in line 2"),
    ],
)
def test_a_wrong_line_is_named_and_stores_nothing(register, site, line, message):
    with pytest.raises(Invalid) as refused:
        load(register, f"楼栋编码,设备编号,纬度,经度\n{line}\n")

    assert message in str(refused.value.problems[0].message)
    assert at(site(room="1-1502")) == (None, None)
