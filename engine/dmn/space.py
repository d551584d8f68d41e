"""The inputs of a decision table cut into the fewest pieces that its cells tell apart, and its rules as sets of pieces.

A column ``< 10``, ``[10..20]`` has the pieces below 10, 10, between, 20, above. A rule matches a point when it holds the
point's piece in every column, so questions about all inputs become questions about finitely many, on integers as bit sets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.dmn.cells import Cell, End, parse

MAX_STEPS = 500_000
DAY = timedelta(days=1)

Point = tuple[int | None, ...]
"""A piece for each column; ``None`` where any will do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Values that no cell of a column tells apart, by one of them."""

    sample: str | bool | End
    shown: str


class Exhausted(Exception):
    """The search takes more steps than it may."""


class Column:
    """The pieces of one input.

    Args:
        cells: one per rule; ``None`` where a rule takes everything.
        allowed: the values that the input may have, if they are listed.

    Attributes:
        mixed: the cells are of different kinds, so there are no pieces.
        parts: for each rule the pieces that it takes, as bits.
        rules: for each piece the rules that take it, as bits.
    """

    def __init__(self, cells: Sequence[Cell | None], allowed: Cell | None) -> None:
        known = [cell for cell in (*cells, allowed) if cell is not None]
        kinds = {cell.kind for cell in known}
        self.mixed = len(kinds) > 1
        self.pieces = [] if self.mixed else _pieces(next(iter(kinds), ""), known)
        if allowed is not None and not self.mixed:
            test = allowed.test()
            self.pieces = [piece for piece in self.pieces if test(piece.sample)]
        self.everything = (1 << len(self.pieces)) - 1
        self.parts = [self.everything if cell is None or self.mixed else self._taken(cell) for cell in cells]
        self.rules = [0] * len(self.pieces)
        free = sum(1 << number for number, part in enumerate(self.parts) if part == self.everything)
        for number, part in enumerate(self.parts):
            if part != self.everything:
                for at in bits(part):
                    self.rules[at] |= 1 << number
        self.rules = [rules | free for rules in self.rules]

    def _taken(self, cell: Cell) -> int:
        if not cell.is_ordered:
            test = cell.test()
            return sum(1 << at for at, piece in enumerate(self.pieces) if test(piece.sample))
        taken = 0
        samples: list[Any] = [piece.sample for piece in self.pieces]
        for interval in cell.intervals:
            first, last = 0, len(samples)
            if interval.low is not None:
                first = (bisect_left if interval.with_low else bisect_right)(samples, interval.low)
            if interval.high is not None:
                last = (bisect_right if interval.with_high else bisect_left)(samples, interval.high)
            if first < last:
                taken |= (1 << last) - (1 << first)
        return self.everything & ~taken if cell.negated else taken


def _pieces(kind: str, cells: Sequence[Cell]) -> list[Piece]:
    match kind:
        case "number":
            return _stretches(_ends(cells))
        case "date":
            return _days(_ends(cells))
        case "boolean":
            return [Piece(True, "true"), Piece(False, "false")]
        case "string":
            named = sorted({value for cell in cells for value in cell.values if isinstance(value, str)})
            other = "…"
            while other in named:
                other += "…"
            return [*(Piece(value, f'"{value}"') for value in named), Piece(other, "something else")]
        case _:
            return [Piece("", "anything")]


def _ends(cells: Sequence[Cell]) -> list[Any]:
    ends = {end for cell in cells for interval in cell.intervals for end in (interval.low, interval.high)}
    return sorted(end for end in ends if end is not None)


def _stretches(ends: Sequence[Decimal]) -> list[Piece]:
    """Give each end, what is between two, and what is beyond the outermost, by a number that is easy to read."""
    if not ends:
        return [_number(Decimal(0))]
    samples = [ends[0] - 1]
    for end, following in zip(ends, [*ends[1:], None], strict=True):
        samples.append(end)
        if following is None or end + 1 < following:
            samples.append(end + 1)
        else:
            samples.append((end + following) / 2)
    return [_number(sample) for sample in samples]


def _days(ends: Sequence[date]) -> list[Piece]:
    """Give each end, a day between two that are not neighbours, and the days before the first and after the last."""
    samples = {ends[0] - DAY, *ends, *(end + DAY for end in ends)}
    return [Piece(sample, f'date("{sample.isoformat()}")') for sample in sorted(samples)]


def _number(value: Decimal) -> Piece:
    return Piece(value, format(value.normalize(), "f"))


class Space:
    """All inputs of a table whose cells are simple.

    Attributes:
        opaque: rules with a cell that is no simple set, as bits; what they match is not known.
    """

    def __init__(self, labels: Sequence[str], rules: Sequence[Sequence[str]], allowed: Sequence[Cell | None]) -> None:
        self.labels = labels
        self.opaque = 0
        read: list[list[Cell | None]] = []
        for number, texts in enumerate(rules):
            row: list[Cell | None] = []
            for text in texts:
                cell = None if text in ("", "-") else parse(text)
                if cell is None and text not in ("", "-"):
                    self.opaque |= 1 << number
                row.append(cell)
            read.append(row)
        self.columns = [Column([row[at] for row in read], allowed[at]) for at in range(len(labels))]
        self.count = len(rules)
        self.steps = MAX_STEPS
        if any(column.mixed for column in self.columns):
            self.opaque = (1 << self.count) - 1

    def is_possible(self, rule: int) -> bool:
        """Say whether any allowed input can match a rule."""
        return all(column.parts[rule] for column in self.columns)

    def meeting(self, rule: int) -> int:
        """Give the rules that share an input with a rule, itself included, as bits. Raises Exhausted."""
        found = (1 << self.count) - 1
        for column in self.columns:
            taken = 0
            if column.parts[rule] == column.everything:
                continue
            for at in bits(column.parts[rule]):
                taken |= column.rules[at]
                self.spend()
            found &= taken
        return found

    def holds(self, rule: int, other: int) -> bool:
        """Say whether a rule matches whatever another matches."""
        return all(column.parts[other] & ~column.parts[rule] == 0 for column in self.columns)

    def common(self, rule: int, other: int) -> Point:
        """Give an input that both of two meeting rules match."""
        shared = [(column.parts[rule] & column.parts[other], column.everything) for column in self.columns]
        return tuple(None if part == everything else next(bits(part)) for part, everything in shared)

    def outside(self, rules: int, within: int | None = None) -> Iterator[Point]:
        """Give inputs that none of the rules match, only those that the rule ``within`` matches, if it is given.

        Raises:
            Exhausted: too many steps were taken, over all searches of this space.
        """
        seen: set[tuple[int, int]] = set()
        stack: list[tuple[Point, int]] = [((), rules)]
        width = len(self.columns)
        while stack:
            point, left = stack.pop()
            if left == 0:
                yield point + (None,) * (width - len(point))
                continue
            at = len(point)
            if at == width or (at, left) in seen:
                continue
            seen.add((at, left))
            column = self.columns[at]
            following: dict[int, int] = {}
            for piece in bits(column.everything if within is None else column.parts[within]):
                following.setdefault(left & column.rules[piece], piece)
                self.spend()
            stack.extend(((*point, piece), rest) for rest, piece in reversed(following.items()))

    def spend(self) -> None:
        """Count a step. Raises Exhausted."""
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted

    def show(self, point: Point) -> str:
        """Write an input for people: ``amount = 10, kind = "repair"``."""
        parts = [
            f"{label} = {column.pieces[piece].shown}"
            for label, column, piece in zip(self.labels, self.columns, point, strict=True)
            if piece is not None
        ]
        return ", ".join(parts)


def bits(value: int) -> Iterator[int]:
    """Give the positions of the bits that are set, from the lowest."""
    while value:
        lowest = value & -value
        yield lowest.bit_length() - 1
        value ^= lowest
