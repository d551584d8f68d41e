"""Templates of notices: files of a deployment, ``templates/{id}.toml``, in Chinese and English. Pure.

channels = ["app", "sms"]      # default: app for accounts, sms for telephone numbers
urgent = false                 # true: also in quiet hours
[zh]
title = "工单 {ticket_no} 暂停"
body = "原因:{reason}。[预计 {until} 恢复。][进度见 {link}]"
[zh.reason]                    # what the codes of a parameter are called; others stand as they are
parts = "等备件"
[en]
title = "..."
body = "..."

What stands in square brackets is left out where one of its parameters has no value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from engine.errors import Invalid, Problem, Text

LANGUAGES = ("zh", "en")
CHANNELS = ("app", "mail", "sms", "chat")
MISSING = "—"
"""What stands where a parameter has no value: a reader never sees a raw placeholder."""

_OPTIONAL = re.compile(r"\[([^\[\]]*\{[^\[\]]*)\]")
_PLACE = re.compile(r"(¥?)\{([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in one language. ``codes``: {parameter: {code: what it is called}}."""

    title: str
    body: str
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """A notice before it is filled. ``channels``: where it goes; empty: where the recipient is at home."""

    id: str
    words: Mapping[str, Words]
    channels: frozenset[str] = frozenset()
    urgent: bool = False

    def fill(self, language: str, params: Mapping[str, Any], zone: tzinfo) -> Words:
        """Fill the places in; a language that the template lacks falls back to Chinese."""
        words = self.words.get(language) or self.words["zh"]
        known = {
            **params,
            **{name: said.get(str(params.get(name)), params.get(name)) for name, said in words.codes.items()},
        }
        title, body = (_fill(text, known, zone).strip() for text in (words.title, words.body))
        return Words(title.replace("\n", " "), body)

    @property
    def has_link(self) -> bool:
        """Whether it says itself where the link stands."""
        return any("{link}" in words.body for words in self.words.values())


def read(template_id: str, content: bytes) -> Template:
    """Read a template.

    Raises:
        Invalid: one problem per place.
    """
    where = f"templates/{template_id}.toml"
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(Problem(where, str(error))) from error
    problems = [
        Problem(f"{where}: {language}", Text("needs a title and a body"))
        for language in LANGUAGES
        if not all(isinstance((raw.get(language) or {}).get(part), str) for part in ("title", "body"))
    ]
    problems += [
        Problem(f"{where}: {language}.{name}", Text("says in words what each code is called"))
        for language in LANGUAGES
        for name, said in _codes(raw.get(language)).items()
        if not all(isinstance(text, str) for text in said.values())
    ]
    channels = raw.get("channels", [])
    unknown = [str(channel) for channel in channels if channel not in CHANNELS]
    if unknown:
        message = Text(
            "{channels} are not channels; there are: {known}", channels=", ".join(unknown), known=", ".join(CHANNELS)
        )
        problems.append(Problem(f"{where}: channels", message))
    if problems:
        raise Invalid(problems)
    words = {
        language: Words(raw[language]["title"], raw[language]["body"], _codes(raw[language])) for language in LANGUAGES
    }
    return Template(template_id, words, frozenset(channels), bool(raw.get("urgent", False)))


def _codes(said: Any) -> dict[str, dict[str, Any]]:
    return {name: table for name, table in said.items() if isinstance(table, dict)} if isinstance(said, dict) else {}


def plain(template_id: str) -> Template:
    """Make do without a template: the notice says its id and its parameters, so that nobody is left without word."""
    words = Words(template_id, "{all_params}")
    return Template(template_id, {"zh": words, "en": words})


def _fill(text: str, params: Mapping[str, Any], zone: tzinfo) -> str:
    """Fill ``{name}`` and ``{name.part}`` in; what is looked up are keys of the parameters and nothing else."""

    def optional(match: re.Match[str]) -> str:
        places = (_find(params, place[2]) for place in _PLACE.finditer(match[1]))
        return "" if any(found is None or found == "" for found in places) else match[1]

    def value(match: re.Match[str]) -> str:
        found = _find(params, match[2])
        if match[1] and isinstance(found, int | Decimal) and not isinstance(found, bool):
            return f"¥{Decimal(found):.2f}"  # money, so the fen are said
        return match[1] + _say(found, zone)

    return _PLACE.sub(value, _OPTIONAL.sub(optional, text))


def _find(params: Mapping[str, Any], path: str) -> Any:
    found: Any = params
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _say(value: Any, zone: tzinfo) -> str:
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return _local(value, zone)
    if isinstance(value, list | tuple):
        return ", ".join(_say(item, zone) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_say(item, zone)}" for name, item in value.items())
    return str(value)


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)(\[[^\]]+\])?")


def _local(text: str, zone: tzinfo) -> str:
    """Say an instant as a person at the place reads a clock; any other text as it is."""
    if not _INSTANT.fullmatch(text):
        return text
    try:
        return f"{datetime.fromisoformat(text.partition('[')[0]).astimezone(zone):%Y-%m-%d %H:%M}"
    except ValueError:
        return text
