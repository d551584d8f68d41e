"""Text fields and text areas: length, pattern, mail address, telephone number."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import re2

from engine.errors import Text
from engine.forms.field import Check, Refused, Rule, Scene

MAX_CHARS = 10_000
MAX_PATTERN = 1_000

# What JavaScript's trim() removes, so that lengths are counted here as in the browser.
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_BREAKS = re.compile("[\r\n\t]")

_EMAIL = re2.compile(
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@"
    r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
)
_PHONES = (
    re2.compile(r"^(?:\+|00)\d{6,24}$"),  # international
    re2.compile(r"^1[3-9]\d{9}$"),  # Chinese mobile
    re2.compile(r"^0\d{2,3}-?\d{7,8}(?:-\d{1,6})?$"),  # Chinese landline with area code, and extension
    re2.compile(r"^400-?\d{3}-?\d{4}$"),
)


def check_text(value: Any, most: int = MAX_CHARS) -> str:
    """Give a text that can be stored.

    Raises:
        Refused: it is not text, too long, or holds characters that cannot be stored.
    """
    if not isinstance(value, str):
        raise Refused(Text("Enter text"))
    if len(value) > most:
        raise Refused(Text("Enter at most {count} characters", count=most))
    if _UNSTORABLE.search(value):
        raise Refused(
            Text("Remove the control characters"), Text("They usually come from copying; type the text again")
        )
    return value


def line(most: int) -> Check:
    """Give the check of a text field, which holds one line."""

    def check(value: Any, _scene: Scene) -> str:
        text = check_text(value, most)
        if _LINE_BREAKS.search(text):
            raise Refused(Text("Enter the text on one line"))
        return text

    return check


def lines(most: int) -> Check:
    """Give the check of a text area; line ends become those of the server."""
    return lambda value, _scene: check_text(value, most).replace("\r\n", "\n").replace("\r", "\n")


def length(text: str) -> int:
    """Count characters as a browser does: without blanks around, in units of UTF-16."""
    trimmed = text.strip(_BLANKS)
    return len(trimmed) + sum(character > "\uffff" for character in trimmed)


def at_least(count: Any) -> Rule:
    """Give the rule of a least length; ``count`` is a number or an expression."""

    def rule(value: str, scene: Scene) -> None:
        least = scene.value(count)
        if _is_count(least) and length(value) < least:
            raise Refused(
                Text("Enter at least one character")
                if least <= 1
                else Text("Enter at least {count} characters", count=int(least))
            )

    return rule


def at_most(count: Any) -> Rule:
    """Give the rule of a greatest length; ``count`` is a number or an expression."""

    def rule(value: str, scene: Scene) -> None:
        most = scene.value(count)
        if _is_count(most) and length(value) > most:
            raise Refused(
                Text("Enter at most one character")
                if most == 1
                else Text("Enter at most {count} characters", count=int(most))
            )

    return rule


def _is_count(value: Any) -> bool:
    return value is not None and not isinstance(value, bool | str | list | dict)


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern as it is written for a browser.

    Raises:
        ValueError: it cannot be matched in linear time (look-around, back-references) or is malformed; says why.
    """
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"it is longer than {MAX_PATTERN} characters")
    translated = re.sub(r"\\u\{?([0-9a-fA-F]{4,6})\}?", r"\\x{\1}", pattern)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        compiled = re2.compile(translated, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "malformed"
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    return lambda text: compiled.search(text) is not None


def matches(pattern: Callable[[str], bool], message: str) -> Rule:
    """Give the rule of a pattern; ``message`` is the form's own, if it has one."""

    def rule(value: str, _scene: Scene) -> None:
        if not pattern(value):
            raise Refused(Text(message or "Enter this in the form that is asked for"))

    return rule


def email(value: str, _scene: Scene) -> None:
    """Refuse what is no mail address."""
    if not _EMAIL.search(value):
        raise Refused(Text("Enter a mail address, such as name@example.com"))


def phone(value: str, _scene: Scene) -> None:
    """Refuse what is no telephone number; blanks, brackets and hyphens inside are allowed."""
    bare = re.sub(r"[\s()（）]", "", value)
    if not any(pattern.search(candidate) for candidate in (bare, bare.replace("-", "")) for pattern in _PHONES):
        raise Refused(Text("Enter a telephone number, such as 13800138000, 010-62345678 or +4930664040900"))
