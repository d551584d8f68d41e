"""What the notices of the repair ticket say to whom: in words, without what is not known, and without a link that is not there."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.notify import template as notices

FOLDER = Path(__file__).parents[2] / "processes" / "repair_ticket"
ZONE = ZoneInfo("Asia/Shanghai")
TEMPLATES = sorted(path.stem for folder in FOLDER.parent.iterdir() for path in folder.glob("templates/*.toml"))


@cache
def template(name):
    [path] = FOLDER.parent.glob(f"*/templates/{name}.toml")
    return notices.read(name, path.read_bytes())


def said(name, language="zh", **params):
    return template(name).fill(language, {"ticket_no": "I260302-0001", **params}, ZONE).body


def chosen(form, key):
    """The codes of a field with options."""
    schema = json.loads((FOLDER / "forms" / f"{form}.form").read_text(encoding="utf-8"))
    [component] = [each for each in schema["components"] if each.get("key") == key]
    return {option["value"] for option in component["values"]}


def results():
    """The codes of a ticket's result that the manual names: (of a ticket, of a report that became none)."""
    manual = (FOLDER / "README.md").read_text(encoding="utf-8")
    told = re.search(r"`close_code`:(.*?)where no ticket was opened(.*?)\n\n", manual + "\n\n", re.S)
    return tuple(set(re.findall(r"`(\w+)`", part)) for part in told.groups())


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_in_a_notice_leads_nowhere(name, language):
    words = template(name).words[language]

    assert "{link}" not in re.sub(r"\[[^\[\]]*\]", "", words.body), "people with an account get no link"
    assert words.codes.keys() == template(name).words["zh"].codes.keys()
    assert all(codes.keys() == template(name).words["zh"].codes[each].keys() for each, codes in words.codes.items())


@pytest.mark.parametrize(
    ("name", "param", "codes"),
    [
        ("closed", "reason", results()[0] - {"cancelled", "auto_closed"}),  # these are told as cancelled
        ("not_accepted", "reason", results()[1]),
        ("cancelled", "reason", chosen("request_cancel", "cancel_reason") | {"alarm_cleared"}),
        ("paused", "reason", chosen("pause", "pause_reason")),
        ("reassigned", "reason", chosen("reassign", "reassign_reason")),
        ("third_party_chase", "responsible_party", chosen("diagnose", "responsible_party")),
        ("priority_raised", "reason", {"CRITICAL", "MAJOR", "MINOR", "WARNING"}),
        ("received", "priority", {"P0", "P1", "P2", "P3", "P4", "P5"}),
    ],
)
def test_every_code_has_words(name, param, codes):
    assert codes
    for words in template(name).words.values():
        assert set(words.codes[param]) == codes


def test_a_notice_of_a_device_tells_the_supervisor_what_and_where():
    assert said("received", priority="P0", what="3 栋 电梯困人") == "3 栋 电梯困人。特急，正在安排。"
    assert said("dispatched", technician="通力维保") == "通力维保 负责处理。"
    assert said("closed", "en", reason="false_alarm", action="") == "Result: false alarm, nothing is wrong."


def test_a_resident_gets_the_link_and_no_codes():
    link = "https://jinhe.example/l/abc"

    assert said("received", priority="P4", link=link) == f"小修，正在安排。随时查看进度：{link}"
    assert (
        said("closed", reason="done", action="换灯管", link=link)
        == f"结果：已修好。处理：换灯管。7 天内有问题可重开：{link}"
    )
    assert (
        said("dispatched", "en", technician="Li Ming", link=link) == f"Li Ming takes care of it. Follow it here: {link}"
    )
