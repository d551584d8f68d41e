"""Gives each node of a scope its row: what follows goes straight on, what branches off finds a free row beneath or gets a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.bpmn.layout.layers import Graph

LOOKED_AT = 50
"""Rows that are looked at for a free place, before a new one is made: a bound on the work, not on the rows."""
ROOM = 1 << 200  # between two rows at first, so that rows can be put between them without renumbering


@dataclass(slots=True, eq=False)
class Row:
    """A row of a band; rows are ordered by ``place``. ``taken`` is the last column in use, flows on their way included."""

    place: int
    band: int
    taken: int = -1
    below: Row | None = None


@dataclass(slots=True)
class _Band:
    number: int
    first: Row | None = None
    last: Row | None = None

    def add(self, above: Row | None) -> Row:
        """Make a new row under another, or at the end."""
        above = above or self.last
        if above is None:
            self.first = self.last = Row(0, self.number)
            return self.first
        new = Row(0, self.number, below=above.below)
        above.below = new
        if new.below is None:
            self.last = new
            new.place = above.place + ROOM
        else:
            new.place = (above.place + new.below.place) // 2
            if new.place == above.place:
                self._renumber()
        return new

    def _renumber(self) -> None:
        row, place = self.first, 0
        while row is not None:
            row.place, place, row = place, place + ROOM, row.below


@dataclass(slots=True)
class Places:
    """Where each node stands: its column, and its row counted from the top; ``bands``: how many rows each band has."""

    column: Mapping[str, int]
    row: dict[str, int] = field(default_factory=dict)
    bands: list[int] = field(default_factory=list)


def place(
    nodes: Sequence[str], edges: Graph, column: Mapping[str, int], heir: Mapping[str, str], band: Mapping[str, int]
) -> Places:
    """Give each node its row.

    Args:
        edges: without loops.
        heir: which of the next nodes goes on in the row of a node.
        band: the lane of a node, counted from the top; a node lies in a row of its lane.
    """
    bands = [_Band(number) for number in range(max(band.values(), default=0) + 1)]
    before: dict[str, list[str]] = {node: [] for node in nodes}
    for node in nodes:
        for target in edges[node]:
            before[target].append(node)
    ordered: list[list[str]] = [[] for _ in range(max(column.values(), default=0) + 1)]
    for node in nodes:
        ordered[column[node]].append(node)
    row: dict[str, Row] = {}
    branch: dict[str, Row] = {}  # the row of the last branch of a node
    for here in ordered:
        late = []
        for node in here:
            inherited = _inherited(node, before[node], row, heir, bands[band[node]], column[node])
            if inherited is None:
                late.append(node)
            else:
                row[node] = inherited
                _take(inherited, node, edges, column, heir)
        for node in late:
            above = branch.get(before[node][0]) or row[before[node][0]] if before[node] else None
            row[node] = _free(bands[band[node]], above, column[node])
            for each in before[node]:
                branch[each] = row[node]
            _take(row[node], node, edges, column, heir)
    return _counted(row, bands, column)


def _inherited(
    node: str, before: Sequence[str], row: Mapping[str, Row], heir: Mapping[str, str], band: _Band, column: int
) -> Row | None:
    left = [row[each] for each in before if heir.get(each) == node]
    free = [each for each in left if each.band == band.number and each.taken < column]
    return min(free, key=lambda each: each.place, default=None)


def _take(row: Row, node: str, edges: Graph, column: Mapping[str, int], heir: Mapping[str, str]) -> None:
    ahead = heir.get(node)
    row.taken = max(column[node], column[ahead] - 1 if ahead is not None else 0)


def _free(band: _Band, above: Row | None, column: int) -> Row:
    """Find a row of the band that is free from a column on, beneath the one that the flow comes from where it can be."""
    same = above is not None and above.band == band.number
    found = above.below if same and above is not None else band.first
    for _ in range(LOOKED_AT):
        if found is None:
            break
        if found.taken < column:
            return found
        found = found.below
    return band.add(above if same else None)


def _counted(row: Mapping[str, Row], bands: Sequence[_Band], column: Mapping[str, int]) -> Places:
    numbers: dict[int, int] = {}
    places = Places(column)
    for band in bands:
        count, each = 0, band.first
        while each is not None:
            numbers[id(each)] = len(numbers)
            count, each = count + 1, each.below
        places.bands.append(count)
    places.row = {node: numbers[id(each)] for node, each in row.items()}
    return places
