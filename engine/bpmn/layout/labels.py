"""Places the names of flows and boundary events where they hide nothing: beside their line or event, clear of what else is drawn.

Names of other events, of gateways and data stay where every viewer writes them, beneath. What a name needs is estimated: letters of a
western script are about half as wide as those of a Chinese one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import ceil

from engine.bpmn.layout.picture import Bounds, Box, Link, Picture, Point

WIDTH, LINE = 90, 14  # of a name: at most so wide; so high for each line
_NARROW, _WIDE = 6, 12  # of a letter
_AWAY = 3  # from the line or event
_MANY = 2000  # flows; the lines of a larger drawing are so long that looking at all of them takes seconds
_LONG, _NEAR = 250, 30  # a stretch so long has its name near its beginning
_CELL = 200
_FRAMES = frozenset({"participant", "subProcess", "transaction", "adHocSubProcess"})
_BENEATH = ("Event", "Gateway", "Reference")  # kinds whose names stand beneath them


def size(name: str) -> tuple[int, int]:
    """Estimate how much room a name takes: width and height."""
    length = sum(_WIDE if ord(letter) > 0x2E80 else _NARROW for letter in name) + 4
    longest = max(
        (sum(_WIDE if ord(letter) > 0x2E80 else _NARROW for letter in word) for word in name.split()), default=0
    )
    width = min(WIDTH, max(length, longest))
    # words do not fill their lines
    return width, LINE * (1 if length <= WIDTH else ceil(length * 1.2 / WIDTH))


def place(picture: Picture) -> None:
    """Give the labels of a drawing, whose shapes and lines are placed, their places."""
    links = [link for scope in picture.scopes for link in scope.flows]
    guests = [guest for scope in picture.scopes for box in scope.nodes for guest in box.guests]
    if len(links) > _MANY or not (any(link.name for link in links) or any(guest.name for guest in guests)):
        return
    taken = _Taken()
    for box in picture.pools:
        taken.frame(box)
    for scope in picture.scopes:
        for box in (*scope.nodes, *scope.artifacts):
            (taken.frame if box.kind in _FRAMES else taken.shape)(box)
    for guest in guests:
        taken.add(guest.bounds)
    for link in (*links, *picture.messages):
        for stretch in _stretches(link):
            taken.add(stretch)
    for guest in guests:
        if guest.name:
            guest.label = taken.first(_beside(guest))
    for link in links:
        if link.name and len(link.points) > 1:
            link.label = taken.first(_along(link))


def _beside(event: Box) -> Iterator[Bounds]:
    """Give the places of a boundary event's name: beneath, at either side of the line that leaves it there."""
    width, height = size(event.name)
    middle, bottom = event.middle[0], event.y + event.height
    yield middle - _AWAY - width, bottom + _AWAY, width, height
    yield middle + _AWAY, bottom + _AWAY, width, height
    yield event.x - width, bottom - event.height // 2 + _AWAY, width, height
    yield event.x + event.width, bottom - event.height // 2 + _AWAY, width, height


def _along(link: Link) -> Iterator[Bounds]:
    """Give the places of a flow's name: beside a long level stretch, else where it enters, for flows often share their first stretch."""
    width, height = size(link.name)
    for (x1, y1), (x2, y2) in _by_room(link, width):
        if y1 == y2:
            left, right = min(x1, x2), max(x1, x2)
            near = [left + _NEAR, right - _NEAR - width] if right - left > _LONG else []
            # readers look for it where the flow begins
            near = near if x1 == left else near[::-1]
            for x in (*near[:1], left + (right - left - width) // 2, left + _AWAY, right - _AWAY - width):
                yield x, y1 - _AWAY - height, width, height
                yield x, y1 + _AWAY, width, height
        else:
            top = min(y1, y2)
            for y in (top + (abs(y1 - y2) - height) // 2, top + _AWAY, max(y1, y2) - _AWAY - height):
                yield x1 + _AWAY, y, width, height
                yield x1 - _AWAY - width, y, width, height


def _by_room(link: Link, width: int) -> list[tuple[Point, Point]]:
    """Give the stretches of a flow, those first that its name suits best."""
    stretches = list(pairwise(link.points))
    lengths = [abs(x1 - x2) if y1 == y2 else -1 for (x1, y1), (x2, y2) in stretches]
    roomy = [each for each, length in zip(stretches, lengths, strict=True) if length >= width + 2 * _NEAR]
    enters = [stretches[-1]] if lengths[-1] >= width else []
    return list(dict.fromkeys([*roomy, *enters, *stretches]))


def _stretches(link: Link) -> Iterator[Bounds]:
    for (x1, y1), (x2, y2) in pairwise(link.points):
        yield min(x1, x2), min(y1, y2), max(abs(x1 - x2), 1), max(abs(y1 - y2), 1)


class _Taken:
    """What stands in the way, by the cells of a grid, so that a look costs the same in a large drawing."""

    def __init__(self) -> None:
        self._cells: dict[Point, list[Bounds]] = {}

    def add(self, bounds: Bounds) -> None:
        for cell in _cells(bounds):
            self._cells.setdefault(cell, []).append(bounds)

    def shape(self, box: Box) -> None:
        """Keep free a shape and its name beneath it."""
        self.add(box.bounds)
        if box.name and box.kind.endswith(_BENEATH):
            width, height = size(box.name)
            self.add((box.middle[0] - width // 2, box.y + box.height, width, height))

    def frame(self, box: Box) -> None:
        """Keep free the borders of a shape that holds others, and its name."""
        x, y, width, height = box.bounds
        self.add((x, y, width, LINE + _AWAY))
        for border in ((x, y + height, width, 1), (x, y, 1, height), (x + width, y, 1, height)):
            self.add(border)

    def first(self, places: Iterable[Bounds]) -> Bounds:
        """Give the first place where nothing is, else the one that hides least, and take it."""
        best, least = (0, 0, 0, 0), 1 << 60
        for place in places:
            hidden = self._hidden(place)
            if hidden < least:
                best, least = place, hidden
            if not hidden:
                break
        self.add(best)
        return best

    def _hidden(self, place: Bounds) -> int:
        seen = {each for cell in _cells(place) for each in self._cells.get(cell, ())}
        return sum(_common(place, each) for each in seen)


def _cells(bounds: Bounds) -> Iterator[Point]:
    x, y, width, height = bounds
    for column in range(x // _CELL, (x + width) // _CELL + 1):
        for row in range(y // _CELL, (y + height) // _CELL + 1):
            yield column, row


def _common(one: Bounds, other: Bounds) -> int:
    """Give the area that two rectangles share."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0
