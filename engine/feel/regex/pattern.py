"""Compiled patterns, their matches, and replacements."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from engine.errors import LimitExceeded, Text
from engine.feel.bounds import REGEX_CHARS, REGEX_SECONDS, REGEX_WORK
from engine.feel.regex.linear import to_re2
from engine.feel.regex.machine import Machine, TooComplex
from engine.feel.regex.parser import PatternError, RegexParser, strip_blanks
from engine.feel.run import Run

_FLAGS = frozenset("smix")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 4 << 20


@dataclass(frozen=True, slots=True)
class Match:
    """One match: its span, and what the whole and each group matched (None: the group took no part)."""

    start: int
    end: int
    groups: tuple[str | None, ...]


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_linear", "_machine")

    def __init__(self, linear: Any = None, machine: Machine | None = None) -> None:
        self._linear = linear
        self._machine = machine

    def matches(self, text: str, run: Run) -> Iterator[Match]:
        """Give every match from left to right.

        Raises:
            LimitExceeded: the evaluation's steps, or the time that it may spend on regular expressions, are used up.
        """
        if self._machine is not None:
            for spans in self._machine.matches(text, run.spend):
                pairs = zip(spans[::2], spans[1::2], strict=True)
                yield Match(spans[0], spans[1], tuple(text[a:b] if a >= 0 and b >= 0 else None for a, b in pairs))
            return
        if len(text) * self._linear.programsize > REGEX_WORK:
            raise LimitExceeded("a regular expression is too large for a text of {count} characters", count=len(text))
        found = self._linear.finditer(text)
        while True:
            began = time.thread_time()
            match = next(found, None)
            run.regex_s -= time.thread_time() - began
            if run.regex_s < 0:
                raise LimitExceeded("regular expressions take longer than {limit} s", limit=REGEX_SECONDS)
            if match is None:
                return
            yield Match(match.start(), match.end(), (match.group(), *match.groups()))


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Pattern | Text:
    """Compile a pattern with flags out of ``smix``; a Text says why it is none."""
    if not set(flags) <= _FLAGS:
        return Text("the flags are not all of s, m, i and x")
    if "x" in flags:
        pattern = strip_blanks(pattern)
    if len(pattern) > REGEX_CHARS:
        return Text("it has more than {limit} characters", limit=REGEX_CHARS)
    parser = RegexParser(pattern, dot_all="s" in flags)
    try:
        tree = parser.parse()
        if parser.refers:
            machine = Machine(tree, parser.groups, ignore_case="i" in flags, multi_line="m" in flags)
            return Pattern(machine=machine)
        return Pattern(re2.compile(to_re2(tree, ignore_case="i" in flags, multi_line="m" in flags), _OPTIONS))
    except PatternError as error:
        return Text("{reason}", reason=str(error))
    except (TooComplex, re2.error):
        return Text("it is too large")


def expand(replacement: str, match: Match) -> str | None:
    r"""Put what groups matched in the place of ``$1``; ``\$`` and ``\\`` stand for themselves. None when it is malformed."""
    parts: list[str] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        at += 1
        if character == "\\":
            if replacement[at : at + 1] not in ("\\", "$") or at >= len(replacement):
                return None
            parts.append(replacement[at])
            at += 1
        elif character == "$":
            if not replacement[at : at + 1].isdecimal():
                return None
            number = int(replacement[at])
            at += 1
            while replacement[at : at + 1].isdecimal() and number * 10 + int(replacement[at]) < len(match.groups):
                number = number * 10 + int(replacement[at])
                at += 1
            parts.append((match.groups[number] if number < len(match.groups) else None) or "")
        else:
            parts.append(character)
    return "".join(parts)
