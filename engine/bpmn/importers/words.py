"""Names, texts and numbers as FEEL writes them."""

from __future__ import annotations

from engine.errors import PropflowError
from engine.feel.lexer import KEYWORDS, NAME


class Untranslatable(PropflowError):
    """It has no equal in FEEL; the message says why."""


def name(word: str) -> str:
    """Write a name; one that FEEL would take for something else in back-quotes."""
    if "`" in word or "\n" in word or not word:
        raise Untranslatable("{name} cannot be a name", name=word[:80])
    return word if NAME.fullmatch(word) and word not in KEYWORDS else f"`{word}`"


def text(value: str) -> str:
    """Write a string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
