"""Every field that the business description of the repair ticket names is asked for, with the rules that it names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import dmn, forms
from engine.errors import Invalid
from engine.model.values import SYSTEM
from engine.scenarios.run import deployed_files
from engine.services import repository
from engine.testing import Harness

FOLDER = Path(__file__).parents[2] / "processes" / "repair_ticket"
REPORTS = ("report", "report_staff", "report_public")
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine in the morning
PHOTO = [{"file": "1", "name": "a.jpg", "size": 9000, "type": "image/jpeg"}]

# field of the description: {form: key}; "!" behind a key: it must be filled in
FIELDS = {
    "channel!": {"report": "channel!", "report_staff": "channel!", "report_public": "channel"},  # the page knows it
    "project!": dict.fromkeys(REPORTS, "project!"),
    "area_type!": dict.fromkeys(REPORTS, "area_type!"),
    "room": dict.fromkeys(REPORTS, "room!"),
    "device": dict.fromkeys(REPORTS, "device_code"),
    "location": dict.fromkeys(REPORTS, "location!"),
    "category!": dict.fromkeys((*REPORTS, "register_report"), "category!"),
    "desc!": dict.fromkeys(REPORTS, "desc!"),
    "photos": dict.fromkeys(REPORTS, "photos"),
    "reporter_name!": dict.fromkeys(REPORTS, "reporter_name!"),
    "phone!": dict.fromkeys(REPORTS, "phone!"),
    "appoint_from": {**dict.fromkeys(REPORTS, "appoint_from"), "diagnose": "appoint_from!"},
    "appoint_to": dict.fromkeys((*REPORTS, "diagnose"), "appoint_to"),
    "safety_flags": dict.fromkeys((*REPORTS, "register_report"), "safety_flags"),
    "access_permission": dict.fromkeys(REPORTS, "access_permission"),
    "arrive_at!": {"arrive": "arrive_at!"},
    "before_photos!": {"diagnose": "before_photos!", "arrive": "before_photos"},
    "outcome!": {"diagnose": "outcome!", "repair": "outcome!"},
    "cause_code!": dict.fromkeys(("diagnose", "repair", "vendor_repair"), "cause_code!"),
    "action!": dict.fromkeys(("diagnose", "repair", "vendor_repair"), "action!"),
    "parts[]": dict.fromkeys(("diagnose", "repair"), "parts"),
    "labor_minutes!": dict.fromkeys(("repair", "vendor_repair"), "labour_minutes!"),
    "after_photos!": dict.fromkeys(("repair", "vendor_repair"), "after_photos!"),
    "fee_type!": {"register_report": "fee_type!", "diagnose": "fee_type!", "repair": "fee_type"},
    "quote_total": {"diagnose": "quote_total", "confirm_quote": "quote_total", "quote_reply": "quote_total"},
    "pause_reason": {"pause": "pause_reason!"},
    "pause_until": {"pause": "pause_until"},
    "work_permit_no": {"approve_permit": "work_permit_no!", "repair": "work_permit_no"},
    "root_device": {"repair": "root_device"},
    "follow_up_plan": {"repair": "follow_up_plan", "vendor_repair": "follow_up_plan!"},
    "accepted!": dict.fromkeys(("acceptance_reply", "accept_work", "accept_public"), "accepted!"),
    "reject_reason": dict.fromkeys(("acceptance_reply", "accept_work", "accept_public"), "reject_reason!"),
    "score_speed!": {"rating": "score_speed!"},
    "score_quality!": {"rating": "score_quality!"},
    "score_attitude!": {"rating": "score_attitude!"},
    "visit_result!": {"visit": "visit_result!"},
    "visit_note": {"visit": "visit_note!"},
    "callback_to_rework": {"visit": "callback_to_rework"},
}


@cache
def form(name):
    return forms.read((FOLDER / "forms" / f"{name}.form").read_bytes())


def field(name, key):
    found = {each.key: each for each in form(name).fields}
    return found[key]


@pytest.mark.parametrize(
    ("described", "name", "key"), [(d, name, key) for d, places in FIELDS.items() for name, key in places.items()]
)
def test_a_field_of_the_description_is_asked_for(described, name, key):
    assert field(name, key.rstrip("!")).required == key.endswith("!"), described


def refused(name, values, context=None):
    """The fields of a form that refuse what is filled in, with what they say."""
    try:
        form(name).validate(values, context=context or {}, now=NOW, zone=ZONE)
    except Invalid as invalid:
        return {problem.where: str(problem.message) for problem in invalid.problems}
    return {}


def moment(day, clock):
    return f"2026-03-{day:02d}T{clock}:00+08:00"


# ---- reports: lengths, phones, photos, appointments --------------------------------------------------------------------------


def report(**more):
    return {
        "project": "yt",
        "area_type": "private",
        "room": "1-1502",
        "affected_scope": "unit",
        "category": "tap",
        "desc": "龙头滴水关不紧",
        "reporter_name": "王芳",
        "phone": "13900000015",
        "safety_flags": [],
        **more,
    }


def reported(name, **more):
    channel = {"report": {"channel": "hotline"}, "report_staff": {"channel": "staff"}}.get(name, {})
    return refused(name, report(**channel, **more), {"projects": [{"value": "yt", "label": "云庭"}]})


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({}, set()),
        ({"desc": "坏了"}, {"desc"}),
        ({"desc": "坏" * 501}, {"desc"}),
        ({"phone": "028-85123456"}, set()),
        ({"phone": "12345"}, {"phone"}),
        ({"photos": [{**PHOTO[0], "file": str(n + 1)} for n in range(10)]}, {"photos"}),
        ({"photos": [{**PHOTO[0], "size": 10_000_001}]}, {"photos"}),
        ({"room": ""}, {"room"}),
        ({"area_type": "public"}, {"room", "location"} - {"room"}),
        ({"appoint_from": moment(2, "09:29")}, {"appoint_from"}),
        ({"appoint_from": moment(2, "09:30")}, set()),
        ({"appoint_from": moment(16, "09:01")}, {"appoint_from"}),
        ({"appoint_from": moment(3, "14:00"), "appoint_to": moment(3, "16:00")}, set()),
        ({"appoint_from": moment(3, "14:00"), "appoint_to": moment(3, "14:00")}, {"appoint_to"}),
        ({"appoint_from": moment(3, "07:29")}, {"appoint_from"}),
        ({"appoint_from": moment(3, "20:00"), "appoint_to": moment(3, "21:31")}, {"appoint_to"}),
        ({"appoint_from": moment(3, "22:00"), "category": "toilet_blocked"}, set()),  # urgent: at any hour
        ({"appoint_from": moment(3, "22:00"), "safety_flags": ["water_spreading"]}, set()),
        ({"appoint_from": moment(3, "22:00"), "category": "wall_finish"}, {"appoint_from"}),
    ],
)
def test_a_report_is_judged_as_described(name, more, where):
    assert set(reported(name, **more)) == where


@pytest.mark.parametrize("name", REPORTS)
def test_service_hours_bind_whatever_is_then_graded_p4_or_p5(name):
    """The form cannot ask the table, which grades later; so they must agree on every report that can be made."""
    table = dmn.load((FOLDER / "decisions" / "D1_priority.dmn").read_bytes())
    schema = {each["key"]: each for each in form(name).schema["components"] if "key" in each}
    categories, areas, scopes, flags = (
        [option["value"] for option in schema[key]["values"]]
        for key in ("category", "area_type", "affected_scope", "safety_flags")
    )
    for category, area, scope in product(categories, areas, scopes):
        for flag in (None, *flags):
            said = {"category": category, "area_type": area, "affected_scope": scope, "location": "南门"}
            said |= {"safety_flags": [flag] if flag else [], "appoint_from": moment(3, "22:00")}
            if area == "public":
                said["room"] = None
            graded = table.evaluate(
                "D1_priority",
                {
                    "category": category,
                    "affected_scope": "public" if area == "public" and scope == "unit" else scope,
                    "safety_flags": said["safety_flags"],
                    "severity": "",
                },
            )
            bound = "appoint_from" in reported(name, **said)
            assert bound == (graded["priority"] in ("P4", "P5")), (category, area, scope, flag, graded["priority"])


@pytest.mark.parametrize(("priority", "bound"), [("P4", True), ("P5", True), ("P3", False), ("P0", False)])
def test_another_appointment_keeps_to_service_hours_where_the_ticket_does(priority, bound):
    late = {"outcome": "reschedule", "appoint_from": moment(3, "22:00"), "work_permits": []}

    assert refused("diagnose", late, {"priority": priority}) == (
        {"appoint_from": "Choose a time from 07:30 to 21:30"} if bound else {}
    )


# ---- parts --------------------------------------------------------------------------------------------------------------------

STOCK = {
    "stock_items": [
        {"code": "TAP", "label": "龙头", "own": 1, "on_hand": 3, "price": 80, "price_min": 70, "price_max": 90},
        {"code": "SEAL", "label": "密封圈", "own": 0, "on_hand": 0, "price": 2, "price_min": 2, "price_max": 2},
    ]
}


def quote(*parts, labour=40):
    return {
        "outcome": "quote",
        "cause_code": "worn",
        "before_photos": PHOTO,
        "labour_amount": labour,
        "needs_parts": True,
        "parts": list(parts),
        "action": "换龙头",
        "work_permits": [],
    }


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"item": "TAP", "qty": 3, "unit_price": 90}, {}),
        ({"item": "TAP", "qty": 3}, {}),
        ({"item": "TAP", "qty": 4}, {"parts.0.qty": "Enter 3 or less"}),
        ({"item": "TAP", "qty": 4, "buy": True}, {}),
        ({"item": "TAP", "qty": 0}, {"parts.0.qty": "Enter 0.001 or more"}),
        ({"item": "TAP", "qty": 1, "unit_price": "69.99"}, {"parts.0.unit_price": "Enter 70 or more"}),
        ({"item": "TAP", "qty": 1, "unit_price": "90.01"}, {"parts.0.unit_price": "Enter 90 or less"}),
        ({"item": "SEAL", "qty": 1}, {"parts.0.qty": "Enter 0 or less"}),
        ({"item": "SEAL", "qty": 9, "buy": True}, {}),
        ({"item": "GOLD", "qty": 1}, {"parts.0.item": "Choose one of the options"}),
        ({"qty": 1}, {"parts.0.item": "Choose one of the options"}),
    ],
)
def test_a_part_comes_from_the_stores_in_the_quantity_and_at_the_price_that_they_allow(part, said):
    assert refused("diagnose", quote(part), STOCK) == said


def test_a_quote_adds_itself_up():
    given = quote(
        {"item": "TAP", "qty": 2}, {"item": "SEAL", "qty": "1.5", "buy": True, "unit_price": 2}, labour="40.5"
    )

    accepted = form("diagnose").validate(given, context=STOCK, now=NOW, zone=ZONE)

    assert (accepted["parts_amount"], accepted["quote_total"]) == (163, Decimal("203.5"))


def test_a_quote_for_labour_alone_has_no_parts():
    given = quote(labour=60) | {"needs_parts": False}

    accepted = form("diagnose").validate(given, context=STOCK, now=NOW, zone=ZONE)

    assert (accepted["parts_amount"], accepted["quote_total"]) == (0, 60)
    assert "parts" not in accepted


@pytest.mark.parametrize(
    ("labour", "with_parts", "said"),
    [
        (None, False, "Fill this in"),
        (0, False, "Enter 0.01 or more"),
        ("0.01", False, ""),
        (None, True, "Fill this in"),
        (0, True, ""),  # only the parts are charged
    ],
)
def test_a_quote_charges_something(labour, with_parts, said):
    given = quote({"item": "TAP", "qty": 1}, labour=labour)
    if not with_parts:
        given |= {"needs_parts": False}
        del given["parts"]

    assert refused("diagnose", given, STOCK).get("labour_amount", "") == said


@pytest.mark.parametrize("fee_type", ["free", "warranty", "public_fund"])
def test_work_that_nobody_pays_for_asks_no_labour_fee(fee_type):
    given = {**quote(), "outcome": "fix_now", "fee_type": fee_type}
    del given["parts"], given["needs_parts"], given["labour_amount"]

    assert refused("diagnose", given, STOCK) == {}


def test_what_people_must_enter_of_their_work_is_empty_before_they_do():
    with Harness() as harness:
        for folder in ("parts_request", "collect_single", "repair_ticket"):
            repository.deploy(harness.engine, deployed_files(FOLDER.parent / folder), actor=SYSTEM)
        ticket = harness.start("repair_ticket", report(ticket_no="T260302-0001", channel="hotline"))

        known = harness.variables(ticket)

    assert known["quote_total"] == 0
    assert {"labour_amount", "labour_minutes"}.isdisjoint(known)


@pytest.mark.parametrize("name", ["repair", "vendor_repair"])
def test_work_takes_time(name):
    assert refused(name, {"labour_minutes": 0}).get("labour_minutes") == "Enter 1 or more"
    assert "labour_minutes" not in refused(name, {"labour_minutes": 1})


@pytest.mark.parametrize(
    ("name", "key"), [("arrive", "arrive_at"), ("repair", "finished_on_site"), ("coordinate", "rescued_at")]
)
def test_what_has_happened_is_told_to_the_minute(name, key):
    [component] = [each for each in form(name).schema["components"] if each.get("key") == key]

    assert component["timeInterval"] == 1


def test_what_must_be_paid_must_be_quoted():
    given = {**quote(), "outcome": "fix_now", "fee_type": "paid"}
    del given["parts"], given["needs_parts"], given["labour_amount"]

    assert refused("diagnose", given, STOCK) == {"fee_type": "Choose one of the options"}
    assert refused("diagnose", {**given, "fee_type": "free"}, STOCK) == {}


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [("accept", False), ("split", False), ("reject", True), ("inquiry", True), ("complaint", True), ("attach", True)],
)
def test_a_report_that_becomes_no_ticket_needs_a_reason(outcome, asked):
    assert ("intake_note" in refused("register_report", {"intake_outcome": outcome})) == asked


# ---- acceptance ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["acceptance_reply", "accept_work", "accept_public"])
def test_nobody_accepts_by_pressing_send(name):
    blank = form(name).blank()

    assert blank["accepted"] is None
    assert refused(name, {"accepted": None})["accepted"] == "Choose one of the options"
    assert "reject_reason" not in refused(name, {"accepted": True})
    assert "reject_reason" in refused(name, {"accepted": False})


# ---- arrival ------------------------------------------------------------------------------------------------------------------


def test_nobody_types_how_far_away_they_are():
    assert {each.key for each in form("arrive").fields} == {
        "arrive_at",
        "check_in",
        "position",
        "scanned_code",
        "before_photos",
    }


def test_a_ticket_of_telemetry_is_checked_in_with_the_code_of_its_device_only():
    known = {"alarm": {"id": "7"}, "device": {"code": "PUMP-01"}, "site": {"latitude": 30, "longitude": 104}}
    at = (NOW + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")

    def arrive(**more):
        return refused("arrive", {"arrive_at": at, **more}, known)

    assert arrive(scanned_code="PUMP-01") == {}
    assert set(arrive(scanned_code="PUMP-02")) == {"scanned_code"}
    assert set(arrive(check_in="gps", position="geo:30,104;u=3")) == {"scanned_code"}
