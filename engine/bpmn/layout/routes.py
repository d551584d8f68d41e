"""Leads the flows of a scope through the gaps between its columns and rows, at right angles; flows to one node share their last stretch.

A gap is named by what lies before it: gap 3 is right of column 3 or beneath row 3; gap -1 comes first. Where several stretches run
through one gap, each gets a track of its own.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.bpmn.layout.rows import Places

Key = tuple[Hashable, ...]
Span = tuple[int, int]


@dataclass(slots=True)
class Route:
    """The way of one flow: stretches between its ends, each on a track of a gap.

    Attributes:
        down: it begins at the bottom of its source, for it comes from a boundary event.
        first: the vertical stretch after the source; across: the horizontal one; last: the vertical one before the target.
        corner: it goes straight down and then right, without any stretch in a gap.
    """

    down: bool = False
    first: Key | None = None
    across: Key | None = None
    last: Key | None = None
    corner: bool = False


@dataclass(slots=True)
class Tracks:
    """The stretches in one kind of gap: how far each reaches, then which track it got."""

    spans: dict[int, dict[Key, Span]] = field(default_factory=dict)
    track: dict[Key, int] = field(default_factory=dict)
    count: dict[int, int] = field(default_factory=dict)

    def need(self, gap: int, key: Key, ends: Iterable[int]) -> Key:
        """Note that a stretch reaches over these positions; give its name."""
        named = (gap, *key)
        low, high = self.spans.setdefault(gap, {}).get(named, (1 << 60, -1))
        self.spans[gap][named] = (min(low, *ends), max(high, *ends))
        return named

    def assign(self) -> None:
        """Give each stretch a track of its gap that no other uses there; stretches that leave a node lie before those that lead to one."""
        for gap, spans in self.spans.items():
            used = 0
            for side in ("from", "to"):
                some = {key: span for key, span in spans.items() if key[1] == side}
                used += self._colour(some, used)
            self.count[gap] = used

    def _colour(self, spans: Mapping[Key, Span], offset: int) -> int:
        busy: list[Span] = []
        used = 0
        for key, (low, high) in sorted(spans.items(), key=lambda item: item[1]):
            if busy and busy[0][0] < low:
                track = heapq.heappop(busy)[1]
            else:
                track, used = used, used + 1
            heapq.heappush(busy, (high, track))
            self.track[key] = offset + track
        return used


class Routes:
    """Finds the way of every flow of a scope."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.vertical = Tracks()
        self.horizontal = Tracks()
        self._in_row: dict[int, list[int]] = {}
        self._in_column: dict[int, list[int]] = {}
        self._reserved: dict[int, list[tuple[int, int, Key]]] = {}
        for node, row in places.row.items():
            insort(self._in_row.setdefault(row, []), places.column[node])
            insort(self._in_column.setdefault(places.column[node], []), row)

    def find(self, source: str, target: str, *, splits: bool) -> Route:
        """Give the way of a flow between two nodes; ``splits``: others leave the source too."""
        (c1, r1), (c2, r2) = self._at(source), self._at(target)
        if c1 < c2:
            if r1 == r2 and self._clear(r1, c1, c2, ("flow", source, target)):
                return Route()
            if splits and self._clear(r2, c1, c2, ("to", target)):
                return Route(first=self.vertical.need(c1, ("from", source), (2 * r1, 2 * r2)))
            if self._clear(r1, c1, c2, ("from", source)):
                return Route(last=self.vertical.need(c2 - 1, ("to", target), (2 * r1, 2 * r2)))
            if self._clear(r2, c1, c2, ("to", target)):
                return Route(first=self.vertical.need(c1, ("from", source), (2 * r1, 2 * r2)))
        gap = r1 - 1 if r2 < r1 else r1
        first = self.vertical.need(c1, ("from", source), (2 * r1, 2 * gap + 1))
        last = self.vertical.need(c2 - 1, ("to", target), (2 * gap + 1, 2 * r2))
        across = self.horizontal.need(gap, ("to", target), (2 * c1 + 1, 2 * c2 - 1))
        return Route(first=first, across=across, last=last)

    def find_down(self, host: str, event: str, target: str) -> Route:
        """Give the way of a flow that leaves a boundary event at the bottom of its host."""
        (c1, r1), (c2, r2) = self._at(host), self._at(target)
        free = c1 < c2 and r1 < r2 and not _between(self._in_column[c1], r1, r2 + 1)
        if free and self._clear(r2, c1, c2, ("from", event), inclusive=True):
            return Route(down=True, corner=True)
        last = self.vertical.need(c2 - 1, ("to", target), (2 * r1 + 1, 2 * r2))
        across = self.horizontal.need(r1, ("from", event), (2 * c1, 2 * c2 - 1))
        return Route(down=True, across=across, last=last)

    def _at(self, node: str) -> tuple[int, int]:
        return self.places.column[node], self.places.row[node]

    def _clear(self, row: int, after: int, before: int, key: Key, *, inclusive: bool = False) -> bool:
        """Say whether the row is free between two columns, and keep it free for this flow and those that share its way."""
        if before - after < 2 and not inclusive:
            return True
        if _between(self._in_row[row], after, before):
            return False
        kept = self._reserved.setdefault(row, [])
        start = after if inclusive else after + 1
        place = bisect_left(kept, (start, -1, ()), key=lambda each: (each[0], -1, ()))
        around = kept[max(place - 1, 0) : place + 1]
        if any(low < before and start < high and other != key for low, high, other in around):
            return False
        insort(kept, (start, before, key), key=lambda each: each[0])
        return True


def _between(places: list[int], after: int, before: int) -> bool:
    """Say whether any place lies between two."""
    return bisect_left(places, after + 1) < bisect_left(places, before)
