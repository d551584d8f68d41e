"""The built-in functions of DMN 1.5, and those that common dialects add, by name."""

from engine.feel.builtins import chance, contexts, conversion, lists, numbers, ranges, statistics, strings, temporal
from engine.feel.builtins.signature import BUILTINS, CHANGING, Builtin

__all__ = [
    "BUILTINS",
    "CHANGING",
    "Builtin",
    "chance",
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "statistics",
    "strings",
    "temporal",
]
