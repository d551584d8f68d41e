"""Each rule of a field by example: what is accepted and how it is stored, what is refused and what the person reads."""

from decimal import Decimal

import pytest

TEXT = {"type": "textfield", "key": "it"}
AREA = {"type": "textarea", "key": "it"}
NUMBER = {"type": "number", "key": "it"}
MONEY = {"type": "number", "key": "it", "serializeToString": True, "decimalDigits": 2}
BOX = {"type": "checkbox", "key": "it"}
OPTIONS = {
    "values": [{"label": "水", "value": "water"}, {"label": "电", "value": "power"}, {"label": "One", "value": 1}]
}
RADIO = {"type": "radio", "key": "it", **OPTIONS}
LIST = {"type": "checklist", "key": "it", **OPTIONS}
DATE = {"type": "datetime", "key": "it", "subtype": "date"}
TIME = {"type": "datetime", "key": "it", "subtype": "time"}
MOMENT = {"type": "datetime", "key": "it", "subtype": "datetime"}
FILES = {"type": "filepicker", "key": "it"}
PHOTO = {"file": "12", "name": "leak.jpg", "size": 1000, "type": "image/jpeg"}


def rules(component, **validate):
    return component | {"validate": validate}


@pytest.mark.parametrize(
    ("component", "given", "stored"),
    [
        (TEXT, "漏水", "漏水"),
        (TEXT, "", ""),
        (TEXT, None, ""),
        (AREA, "one\r\ntwo\rthree", "one\ntwo\nthree"),
        (rules(TEXT, minLength=2), "", ""),
        (rules(TEXT, minLength=2, maxLength=3), "  abc  ", "  abc  "),
        (rules(TEXT, minLength=2), "😀", "😀"),  # two units of UTF-16, as a browser counts
        (rules(AREA, maxLength=20000), "x" * 15000, "x" * 15000),
        (rules(TEXT, pattern=r"^[\u4e00-\u9fa5]+$"), "锦和物业", "锦和物业"),
        (rules(TEXT, pattern=r"\d"), "a1b", "a1b"),
        (rules(TEXT, validationType="email"), "li.lei@example.com", "li.lei@example.com"),
        (rules(TEXT, validationType="phone"), "13800138000", "13800138000"),
        (rules(TEXT, validationType="phone"), "138 0013 8000", "138 0013 8000"),
        (rules(TEXT, validationType="phone"), "+8613800138000", "+8613800138000"),
        (rules(TEXT, validationType="phone"), "010-62345678", "010-62345678"),
        (rules(TEXT, validationType="phone"), "0755-8234567-801", "0755-8234567-801"),
        (rules(TEXT, validationType="phone"), "400-810-8888", "400-810-8888"),
        (rules(TEXT, validationType="phone"), "+4930664040900", "+4930664040900"),
        (NUMBER, 3, 3),
        (NUMBER, Decimal("2.50"), Decimal("2.5")),
        (NUMBER, "2.50", Decimal("2.5")),
        (NUMBER, "-1e3", -1000),
        (NUMBER, None, None),
        (NUMBER, "", None),
        (MONEY, "252.00", "252.00"),
        (MONEY, "252", "252"),
        (MONEY, 252, "252"),
        (MONEY, "2.52e2", "252"),
        (rules(NUMBER, min=1, max=10), 10, 10),
        (rules(NUMBER, min="0.5"), Decimal("0.5"), Decimal("0.5")),
        (NUMBER | {"increment": "0.25"}, Decimal("1.75"), Decimal("1.75")),
        (NUMBER, "1.234567890123456789012345678901234", Decimal("1.234567890123456789012345678901234")),
        (NUMBER | {"increment": "0.01"}, 10**33, 10**33),
        (MONEY, "99999999999999999999999999999999.99", "99999999999999999999999999999999.99"),
        (BOX, True, True),
        (BOX, False, False),
        (BOX, None, False),
        (rules(BOX, required=True), True, True),
        (RADIO, "water", "water"),
        (RADIO, 1, 1),
        (RADIO, None, None),
        (RADIO | {"type": "select"}, "power", "power"),
        (LIST, ["power", "water"], ["power", "water"]),
        (LIST, None, []),
        (LIST | {"type": "taglist"}, [], []),
        (DATE, "2026-02-28", "2026-02-28"),
        (DATE, None, None),
        (DATE | {"disallowPassedDates": True}, "2026-03-10", "2026-03-10"),
        (TIME, "09:30", "09:30"),
        (TIME, "09:30+08:00", "09:30+08:00"),
        (TIME, "01:30Z", "01:30Z"),
        (MOMENT, "2026-03-10T09:30", "2026-03-10T09:30"),
        (MOMENT, "2026-03-10T01:30Z", "2026-03-10T01:30Z"),
        (MOMENT, "2026-03-10T09:30:15.5+08:00", "2026-03-10T09:30:15.5+08:00"),
        # the day is that of the form's zone: five in the afternoon in London is tomorrow in Shanghai
        (MOMENT | {"disallowPassedDates": True}, "2026-03-09T17:00Z", "2026-03-09T17:00Z"),
        (MOMENT | {"properties": {"minNow": "PT30M"}}, "2026-03-10T10:30", "2026-03-10T10:30"),
        (MOMENT | {"properties": {"maxNow": "P1D"}}, "2026-03-11T10:00", "2026-03-11T10:00"),
        (DATE | {"properties": {"minNow": "-P2D"}}, "2026-03-08", "2026-03-08"),
        (FILES, [PHOTO], [PHOTO]),
        (FILES, None, []),
        (FILES, [{"file": "7"}], [{"file": "7", "name": "", "size": 0, "type": ""}]),
        (FILES | {"properties": {"maxFiles": "2", "accept": "image/*, .pdf"}}, [PHOTO], [PHOTO]),
        (FILES | {"properties": {"accept": ".jpg"}}, [PHOTO], [PHOTO]),
    ],
)
def test_an_answer_within_the_rules_is_accepted_and_stored_with_its_type(ask, component, given, stored):
    accepted = ask(component, {"it": given})["it"]

    assert accepted == stored
    assert type(accepted) is type(stored)


@pytest.mark.parametrize(
    ("component", "given", "message"),
    [
        (rules(TEXT, required=True), "", "Fill this in"),
        (rules(TEXT, required=True), None, "Fill this in"),
        (TEXT, 3, "Enter text"),
        (TEXT, ["a"], "Enter text"),
        (TEXT, "one\ntwo", "Enter the text on one line"),
        (TEXT, "a\x00b", "Remove the control characters"),
        (AREA, "a\ud800b", "Remove the control characters"),
        (AREA, "x" * 10001, "Enter at most 10000 characters"),
        (rules(TEXT, minLength=3), " ab ", "Enter at least 3 characters"),
        (rules(TEXT, minLength=1), "  ", "Enter at least one character"),
        (rules(TEXT, maxLength=3), "abcd", "Enter at most 3 characters"),
        (rules(TEXT, pattern=r"^\d+$"), "12a", "Enter this in the form that is asked for"),
        (rules(TEXT, pattern=r"^\d+$", patternErrorMessage="请输入数字"), "12a", "请输入数字"),
        (rules(TEXT, validationType="email"), "li.lei", "Enter a mail address, such as name@example.com"),
        (
            rules(TEXT, validationType="phone"),
            "12345",
            "Enter a telephone number, such as 13800138000, 010-62345678 or +4930664040900",
        ),
        (NUMBER, "twelve", "Enter a number"),
        (NUMBER, 0.5, "Enter a number"),
        (NUMBER, True, "Enter a number"),
        (NUMBER, Decimal("NaN"), "Enter a number"),
        (NUMBER, "Infinity", "Enter a number"),
        (NUMBER, Decimal("Infinity"), "Enter a number with at most 34 digits"),
        (NUMBER, "1e999", "Enter a number with at most 34 digits"),
        (NUMBER, 10**100, "Enter a number with at most 34 digits"),
        (NUMBER, "1e-40", "Enter a number with at most 34 digits"),
        (NUMBER | {"decimalDigits": 0}, Decimal("1.5"), "Enter a whole number"),
        (MONEY, "1.005", "Enter at most 2 digits after the point"),
        (rules(NUMBER, min=1), 0, "Enter 1 or more"),
        (rules(MONEY, max="99.50"), "99.51", "Enter 99.50 or less"),
        (NUMBER | {"increment": "0.25"}, Decimal("1.8"), "Enter a multiple of 0.25"),
        (NUMBER | {"increment": "1e-30"}, "1e-31", "Enter a multiple of 0.000000000000000000000000000001"),
        (NUMBER | {"increment": 3}, 10**33, "Enter a multiple of 3"),
        (rules(NUMBER, required=True), None, "Fill this in"),
        (rules(BOX, required=True), False, "Tick this box"),
        (BOX, "true", "Tick the box or leave it empty"),
        (BOX, 1, "Tick the box or leave it empty"),
        (RADIO, "gas", "Choose one of the options"),
        (RADIO, True, "Choose one of the options"),  # not the option 1
        (rules(RADIO, required=True), None, "Choose one of the options"),
        (LIST, "water", "Choose from the options"),
        (LIST, ["gas"], "Choose from the options"),
        (LIST, ["water", "water"], "Choose each option at most once"),
        (LIST, ["water"] * 50, "Choose each option at most once"),
        (rules(LIST, required=True), [], "Choose at least one option"),
        (DATE, "2026-02-29", "Enter a date, such as 2026-01-31"),
        (DATE, "2026-02-28T10:00", "Enter a date, such as 2026-01-31"),
        (DATE, 20260228, "Enter text"),
        (TIME, "25:00", "Enter a time, such as 09:30"),
        (MOMENT, "2026-03-10", "Enter a date and a time"),
        (MOMENT, "2026-03-10T24:30", "Enter a date and a time"),
        (rules(DATE, required=True), None, "Choose a date or time"),
        (DATE | {"disallowPassedDates": True}, "2026-03-09", "Choose 2026-03-10 or later"),
        (MOMENT | {"disallowPassedDates": True}, "2026-03-09T15:00Z", "Choose 2026-03-10 or later"),
        (MOMENT | {"properties": {"minNow": "PT30M"}}, "2026-03-10T10:29", "Choose 2026-03-10 10:30 or later"),
        (MOMENT | {"properties": {"maxNow": "P1D"}}, "2026-03-11T10:01", "Choose 2026-03-11 10:00 or earlier"),
        (MOMENT | {"properties": {"maxNow": "P1D"}}, "9999-12-31T23:59-12:00", "Choose 2026-03-11 10:00 or earlier"),
        (DATE | {"properties": {"maxNow": "P30D"}}, "2026-04-10", "Choose 2026-04-09 or earlier"),
        (rules(FILES, required=True), [], "Attach a file"),
        (FILES, "files::1", "Attach a file"),
        (FILES, [PHOTO | {"path": "/etc/passwd"}], "Attach a file"),
        (FILES, [PHOTO | {"file": "../1"}], "Attach the file again"),
        (FILES, [PHOTO | {"file": 12}], "Attach the file again"),
        (FILES, [PHOTO, PHOTO | {"file": "13"}], "Attach one file only"),
        (FILES | {"multiple": True}, [PHOTO, PHOTO], "Attach each file once"),
        (FILES | {"properties": {"maxBytes": 999}}, [PHOTO], "Attach a file of at most 999 B"),
        (FILES | {"properties": {"maxBytes": "5000000"}}, [PHOTO | {"size": 5000001}], "Attach a file of at most 5 MB"),
        (FILES | {"properties": {"accept": ".pdf,image/png"}}, [PHOTO], "Attach a file of type .pdf, image/png"),
    ],
)
def test_an_answer_against_the_rules_is_refused_with_a_sentence(refusals, component, given, message):
    assert refusals(component, {"it": given}) == {"it": message}


def test_every_field_that_is_wrong_is_told_at_once(refusals):
    found = refusals(
        [rules(TEXT, required=True) | {"key": "name"}, NUMBER | {"key": "amount"}], {"amount": "x", "extra": 1}
    )

    assert found == {
        "name": "Fill this in",
        "amount": "Enter a number",
        "extra": "This is not part of the form",
    }


def test_a_field_that_was_not_submitted_is_empty(ask):
    assert ask([TEXT | {"key": "a"}, NUMBER | {"key": "b"}, BOX | {"key": "c"}, LIST | {"key": "d"}], {}) == {
        "a": "",
        "b": None,
        "c": False,
        "d": [],
    }


def test_what_only_shows_takes_no_answer(ask, refusals):
    shown = [{"type": kind, "id": kind} for kind in ("text", "html", "image", "table", "spacer", "separator", "button")]

    assert ask(shown, {}) == {}
    assert refusals(shown, {"text": "x"}) == {"text": "This is not part of the form"}


# ---- moments that follow one another, and the hours of a day ---------------------------------------------------------------

FROM = {"type": "datetime", "id": "begin", "key": "begin", "subtype": "datetime", "dateLabel": "From"}
TO = {"type": "datetime", "id": "end", "key": "end", "subtype": "datetime", "properties": {"after": "begin"}}
OPEN = FROM | {"properties": {"hours": "07:30/21:30", "hoursWhen": '=list contains(["P4", "P5"], priority)'}}


@pytest.mark.parametrize(
    "values",
    [
        {"begin": "2026-03-10T14:00", "end": "2026-03-10T14:15"},
        {"begin": "2026-03-10T14:00+08:00", "end": "2026-03-10T06:15Z"},  # the same quarter of an hour
        {"begin": None, "end": "2026-03-10T14:15"},
        {"begin": "2026-03-10T14:00", "end": None},
    ],
)
def test_a_moment_may_follow_another(ask, values):
    assert ask([FROM, TO], values) == values


@pytest.mark.parametrize("end", ["2026-03-10T14:00", "2026-03-10T13:00", "2026-03-10T05:59Z"])
def test_a_moment_that_does_not_follow_is_refused_at_its_field(refusals, end):
    said = refusals([FROM, TO], {"begin": "2026-03-10T14:00", "end": end})

    assert said == {"end": "Choose a moment after 2026-03-10 14:00"}


def test_days_and_times_follow_one_another_too(refusals):
    for subtype, early, late in (("date", "2026-03-10", "2026-03-11"), ("time", "08:00", "09:30")):
        said = refusals([FROM | {"subtype": subtype}, TO | {"subtype": subtype}], {"begin": late, "end": early})
        assert said == {"end": f"Choose a moment after {late}"}


@pytest.mark.parametrize("at", ["2026-03-10T07:30", "2026-03-10T21:30", "2026-03-09T23:30Z", "2026-03-10T12:00"])
def test_the_hours_of_a_day_are_those_of_the_forms_zone(ask, at):
    assert ask(OPEN, {"begin": at}, {"priority": "P4"}) == {"begin": at}


@pytest.mark.parametrize("at", ["2026-03-10T07:29", "2026-03-10T21:31", "2026-03-10T22:00Z"])
def test_outside_the_hours_is_refused_where_they_count(ask, refusals, at):
    assert refusals(OPEN, {"begin": at}, {"priority": "P4"}) == {"begin": "Choose a time from 07:30 to 21:30"}
    assert ask(OPEN, {"begin": at}, {"priority": "P1"}) == {"begin": at}
    assert ask(OPEN, {"begin": at}, {}) == {"begin": at}


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ({"hours": "21:30/07:30"}, "hours are not the hours of a day"),
        ({"hours": "7-21"}, "hours are not the hours of a day"),
        ({"hours": "07:30/21:30", "hoursWhen": "urgent"}, "hoursWhen does not start with ="),
        ({"after": "nothing"}, "there is no field nothing"),
    ],
)
def test_an_order_that_cannot_be_is_a_fault_of_the_form(faults, properties, fault):
    assert faults(FROM | {"properties": properties}) == {"begin": fault}
