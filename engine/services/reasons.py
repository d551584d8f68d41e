"""Reasons that people give for what they do, kept in a history or in the audit."""

from __future__ import annotations

from engine.errors import Invalid, Problem, Text

LONGEST = 500  # characters


def unsaid(reason: str) -> list[Problem]:
    """Say what is wrong with a reason that has to be given, if anything is."""
    said = 0 < len(reason.strip()) <= LONGEST
    return [] if said else [Problem("reason", Text("say why, in 1 to 500 characters"))]


def given(reason: str) -> str:
    """Give a reason without spaces around it.

    Raises:
        Invalid: there is none, or it is too long.
    """
    if problems := unsaid(reason):
        raise Invalid(problems)
    return reason.strip()
