"""The built-in functions of DMN 1.5, and those that common dialects add, by name."""

from engine.feel.builtins import contexts, conversion, lists, numbers, ranges, statistics, strings, temporal
from engine.feel.builtins.signature import BUILTINS, CLOCK, Builtin

__all__ = [
    "BUILTINS",
    "CLOCK",
    "Builtin",
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "statistics",
    "strings",
    "temporal",
]
