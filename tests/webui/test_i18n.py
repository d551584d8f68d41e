"""Two languages, whole: no sentence without a translation, and dates, money and spans as their readers write them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask_babel import force_locale

from engine.errors import NotFound, Text
from webui.i18n import catalogue, formats
from webui.i18n.say import say, say_error

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def said():
    """Every sentence in the code; looking for them takes seconds."""
    return {text for _, _, text in catalogue.sentences()}


def test_every_sentence_has_a_chinese_translation(said):
    stored = catalogue.stored()

    missing = sorted(text for text in said if not (found := stored.get(text)) or not found.string)

    assert missing == [], "translate them in messages.po, then run python -m webui.i18n.catalogue"


def test_the_catalogue_holds_no_sentence_that_nobody_says(said):
    assert sorted(str(message.id) for message in catalogue.stored() if message.id and message.id not in said) == []


def test_the_compiled_catalogue_is_the_one_that_is_written():
    assert (catalogue.FOLDER / "messages.mo").read_bytes() == catalogue.compiled(catalogue.stored())


def test_translations_keep_the_places_that_are_filled_in():
    def places(text):
        return sorted(re.findall(r"%\(\w+\)s|\{\w+\}", text))

    wrong = [m.id for m in catalogue.stored() if m.id and isinstance(m.id, str) and places(m.id) != places(m.string)]

    assert wrong == []


def test_every_sentence_of_the_scripts_has_a_chinese_translation():
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("src", "build")
        for path in sorted((ROOT / "frontend" / folder).rglob("*.*js*"))
        if path.suffix in (".js", ".jsx", ".mjs")
    )
    said = set(re.findall(r"""\bt\(\s*"([^"]+)\"""", sources)) | set(re.findall(r"""__t\('([^']+)'""", sources))
    said -= {"${s}"}
    listed = re.search(r"SENTENCES = \[(.*?)\];", sources, re.DOTALL)
    said |= set(re.findall(r'"([^"]+)"', listed[1]))
    known = json.loads((ROOT / "frontend/src/shared/zh.json").read_text(encoding="utf-8"))

    assert said - set(known) == set()
    assert set(known) - said == set()


@pytest.mark.parametrize(
    ("locale", "moment", "day"),
    [("zh_Hans_CN", "11月21日 周六 14:30", "11月21日 周六"), ("en", "Sat 21 Nov, 14:30", "Sat 21 Nov")],
)
def test_moments_are_written_as_their_readers_write_them(desk, locale, moment, day, monkeypatch):
    with desk.app.test_request_context(), force_locale(locale):
        assert formats.day(NOW, today=NOW.date()) == day
        assert formats.moment(NOW).replace("2026年", "").replace(" 2026", "") == moment


def test_a_day_of_another_year_bears_its_year(desk):
    with desk.app.test_request_context(), force_locale("zh_Hans_CN"):
        assert formats.day(NOW, today=datetime(2027, 1, 1, tzinfo=UTC).date()) == "2026年11月21日 周六"


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (35, "in 35 min", "还剩 35 分钟"),
        (125, "in 2 h 5 min", "还剩 2 小时 5 分"),
        (-190, "3 h 10 min late", "超时 3 小时 10 分"),
        (60 * 24 * 3, "in 3 d", "还剩 3 天"),
    ],
)
def test_what_is_left_of_a_span_is_said_as_people_say_it(desk, minutes, english, chinese):
    for locale, expected in (("en", english), ("zh_Hans_CN", chinese)):
        with desk.app.test_request_context(), force_locale(locale):
            assert formats.due(NOW + timedelta(minutes=minutes), now=NOW) == expected


@pytest.mark.parametrize(
    ("amount", "written"),
    [("252", "¥252.00"), (Decimal("123456789012.5"), "¥123,456,789,012.50"), (0, "¥0.00"), ("-50.005", "-¥50.01")],
)
def test_money_has_a_sign_and_two_decimals(amount, written):
    assert formats.money(amount) == written


def test_an_error_of_the_engine_is_said_in_the_readers_language(desk):
    error = NotFound("there is no process {id}; deploy it first", id="leave")

    with desk.app.test_request_context(), force_locale("zh_Hans_CN"):
        assert "leave" in say_error(error)
        assert say_error(error) != str(error)
        assert say("somebody's own words") == "somebody's own words"
        assert say(Text("somebody's own {words}", words="words")) == "somebody's own words"
