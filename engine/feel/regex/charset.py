"""Sets of characters: ranges, Unicode categories, complements and differences."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

Ranges = tuple[tuple[int, int], ...]

_PRIVATE = 0xF0000  # from here on only private use, up to the last two of each plane


@dataclass(frozen=True, slots=True)
class CharSet:
    """A set of characters.

    Attributes:
        ranges: pairs of code points, both included.
        categories: names of Unicode categories (``L``, ``Nd``), each with whether it is complemented.
        negated: the set is the complement of the two.
        without: what is taken away from it.
    """

    ranges: Ranges = ()
    categories: tuple[tuple[str, bool], ...] = ()
    negated: bool = False
    without: CharSet | None = None

    def re2(self, *, ignore_case: bool) -> str:
        """Write it for RE2, which knows no differences: one is worked out here, on both cases if case is ignored."""
        if self.without is not None:
            return CharSet(self.points(ignore_case=ignore_case)).re2(ignore_case=False)
        if not self.ranges and not self.categories:
            return r"[\x{0}-\x{10ffff}]" if self.negated else r"[^\x{0}-\x{10ffff}]"
        body = "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in self.ranges)
        body += "".join(f"\\{'P' if complement else 'p'}{{{name}}}" for name, complement in self.categories)
        return f"[{'^' if self.negated else ''}{body}]"

    def holds(self, character: str, *, ignore_case: bool) -> bool:
        """Tell whether a character is in the set; in either case if case is ignored."""
        if ignore_case:
            forms = {character, character.lower(), character.upper()}
            held = any(self._holds_exactly(form) for form in forms if len(form) == 1)
        else:
            held = self._holds_exactly(character)
        if held == self.negated:
            return False
        return self.without is None or not self.without.holds(character, ignore_case=ignore_case)

    def _holds_exactly(self, character: str) -> bool:
        point = ord(character)
        if any(low <= point <= high for low, high in self.ranges):
            return True
        category = unicodedata.category(character)
        return any(category.startswith(name) != complement for name, complement in self.categories)

    def points(self, *, ignore_case: bool) -> Ranges:
        """Work the set out into ranges."""
        ranges = list(self.ranges)
        for name, complement in self.categories:
            found = [(low, high) for low, high, category in _runs() if category.startswith(name)]
            ranges += _complement(_joined(found)) if complement else found
        merged = _joined(ranges)
        if ignore_case:
            merged = _joined([*merged, *_other_cases(merged)])
        if self.negated:
            merged = _complement(merged)
        if self.without is not None:
            removed = self.without.points(ignore_case=ignore_case)
            merged = _complement(_joined([*_complement(merged), *removed]))
        return merged


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def _complement(ranges: Ranges) -> Ranges:
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= sys.maxunicode:
        gaps.append((start, sys.maxunicode))
    return tuple(gaps)


@cache
def _runs() -> tuple[tuple[int, int, str], ...]:
    runs: list[tuple[int, int, str]] = []
    low, category = 0, unicodedata.category("\0")
    for point in range(1, _PRIVATE):
        other = unicodedata.category(chr(point))
        if other != category:
            runs.append((low, point - 1, category))
            low, category = point, other
    runs.append((low, _PRIVATE - 1, category))
    runs.append((_PRIVATE, sys.maxunicode, "Co"))
    return tuple(runs)


@cache
def _cases() -> dict[int, frozenset[int]]:
    """Group the code points that differ in case only."""
    groups: dict[int, set[int]] = {}
    for point in range(0x1E944):
        character = chr(point)
        forms = {ord(form) for form in (character.lower(), character.upper()) if len(form) == 1} - {point}
        if forms:
            group = {point} | forms
            for form in list(group):
                group |= groups.get(form, set())
            for form in group:
                groups[form] = group
    return {point: frozenset(group) for point, group in groups.items()}


def _other_cases(ranges: Ranges) -> list[tuple[int, int]]:
    cases = _cases()
    return [
        (form, form)
        for point, group in cases.items()
        if any(low <= point <= high for low, high in ranges)
        for form in group
    ]
