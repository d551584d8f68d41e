"""The bounds of an expression, and the error that says one was broken while it was read. Each is named in the error's message."""

from __future__ import annotations

from engine.errors import Invalid, LimitExceeded

EXPRESSION_CHARS = 5000
"""Length of one expression."""

NESTING = 50
"""How deep brackets, functions and operands may stand inside one another; a chain of operators or of ``else if`` is flat."""

STEPS = 100_000
"""Work of one evaluation, in nodes of the expression: each round of a loop, each call and each item of a list made costs its size."""

ITEMS = 100_000
"""Items of one list."""

STRING_CHARS = 1_000_000
"""Characters of one string."""

CALLS = 100
"""How deep functions may call one another."""

VALUE_DEPTH = 60
"""How deep lists and contexts may stand inside one another in a value that is compared or written."""

REGEX_CHARS = 1000
"""Length of one regular expression."""

REGEX_SECONDS = 0.1
"""Processor time that one evaluation may spend in the linear matcher."""

REGEX_WORK = 50_000_000
"""Size of a compiled pattern times the length of the text: the most that one linear match may cost."""

MESSAGES = 50
"""Messages kept of one evaluation."""


class TooLarge(Invalid, LimitExceeded):
    """An expression breaks a bound already when it is read: invalid, and a limit exceeded."""


def check_items(count: int) -> None:
    """Refuse a list longer than ``ITEMS``."""
    if count > ITEMS:
        raise LimitExceeded("a list would have more than {limit} items", limit=ITEMS)


def check_chars(count: int) -> None:
    """Refuse a string longer than ``STRING_CHARS``."""
    if count > STRING_CHARS:
        raise LimitExceeded("a string would have more than {limit} characters", limit=STRING_CHARS)
