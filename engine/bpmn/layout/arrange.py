"""Places everything that lies right in one scope, and says how large the scope is for it. Places are relative to the scope's corner."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import isqrt

from engine.bpmn.layout import labels, layers, rows
from engine.bpmn.layout.picture import Box, Lane, Link, Point, Scope
from engine.bpmn.layout.routes import Key, Route, Routes, Tracks

GAP_X, GAP_Y = 50, 40  # between two columns, two rows
EDGE, STEP = 20, 10  # from a shape to the first track, and between tracks
HEADER = 30  # of a pool or lane: its name stands there, turned
LABEL = 40  # at the top of a subprocess
NAMED = 14  # more, above the first track of a gap where a flow with a name runs
LEAST_BAND = 80


def arrange(scope: Scope) -> None:
    """Place what lies in a scope. The scopes inside it have been arranged before."""
    for box in scope.nodes:
        _make_room_for_guests(box)
    _Arrangement(scope).make()


def _make_room_for_guests(box: Box) -> None:
    if box.guests:
        box.width = max(box.width, sum(guest.width + EDGE for guest in box.guests) + EDGE)
    if len(box.guests) > 2:  # the names of two stand to the left of the one and to the right of the other
        widest = max(labels.size(guest.name)[0] for guest in box.guests) + EDGE
        box.width = max(box.width, _even(widest * (len(box.guests) + 1)))


@dataclass(slots=True)
class _Band:
    """A lane without lanes in it, or the whole scope where there are none: rows of what is connected, then the rest."""

    headers: list[Lane]
    loose: list[Box]
    top: int = 0
    bottom: int = 0


class _Arrangement:
    """One scope while it is arranged."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.bands, member = _bands(scope.lanes)
        ends = {link.source.id: link.source.host or link.source for link in scope.flows}
        wired = {box.id for box in ends.values()} | {link.target.id for link in scope.flows}
        self.boxes = {box.id: box for box in scope.nodes if box.id in wired}
        for box in scope.nodes:
            if box.id not in wired:
                self.bands[member.get(box.id, 0)].loose.append(box)
        self.nodes = list(self.boxes)
        after: dict[str, list[str]] = {node: [] for node in self.nodes}
        straight: dict[str, list[str]] = {node: [] for node in self.nodes}
        for link in scope.flows:
            source, target = ends[link.source.id].id, link.target.id
            if source != target and target not in after[source]:
                after[source].append(target)
            if link.source.host is None:
                straight[source].append(target)
        edges = layers.forward(self.nodes, after)
        columns = layers.columns(self.nodes, edges)
        onward = {node: _both(edges[node], straight[node]) for node in self.nodes}
        heirs = layers.heirs(self.nodes, onward)
        self.places = rows.place(self.nodes, edges, columns, heirs, {id: member.get(id, 0) for id in self.nodes})
        self.places.bands += [0] * (len(self.bands) - len(self.places.bands))
        self.routes = Routes(self.places)
        self.ways = [
            (link, self._way(link, ends[link.source.id], splits=len(straight[ends[link.source.id].id]) > 1))
            for link in scope.flows
        ]
        self.named = {
            route.across[0]
            for link, route in self.ways
            if route.across is not None and (link.name or link.source.host is not None)
        }
        self.routes.vertical.assign()
        self.routes.horizontal.assign()

    def _way(self, link: Link, source: Box, *, splits: bool) -> Route:
        if link.source.host is not None:
            return self.routes.find_down(source.id, link.source.id, link.target.id)
        return self.routes.find(source.id, link.target.id, splits=splits)

    def make(self) -> None:
        box = self.scope.box
        inside = box.kind not in ("process", "participant")
        left = EDGE if inside else (HEADER if box.kind == "participant" else 0) + HEADER * _depth(self.scope.lanes)
        right = self._columns(left if inside or not left else left + EDGE)
        down = self._bands(right, left + EDGE, top=LABEL if inside else 0)
        widest = max((each.x + each.width for band in self.bands for each in band.loose), default=0)
        widest = max(widest, max((each.x + each.width for each in self.scope.artifacts), default=0))
        box.width = _even(max(right, widest + EDGE, box.width if inside else 0))
        box.height = _even(max(down, box.height if inside else 0))
        self._lanes(HEADER if box.kind == "participant" else 0)
        self._lead()

    # ---- across ----------------------------------------------------------------------------------------------------

    def _columns(self, left: int) -> int:
        """Place the columns; give where they end."""
        count = max(self.places.column.values(), default=-1) + 1
        widths = [0] * count
        for id, box in self.boxes.items():
            widths[self.places.column[id]] = max(widths[self.places.column[id]], box.width)
        tracks, named = self.routes.vertical, self._named_gaps()
        self.gap_left = {-1: left}
        x = left + (_gap(tracks, -1, 0) if tracks.count.get(-1) else 0)
        for column in range(count):
            self.gap_left[column] = x + widths[column]
            x = self.gap_left[column] + (
                _gap(tracks, column, max(GAP_X, named.get(column, 0))) if column < count - 1 else 0
            )
        for id, box in self.boxes.items():
            column = self.places.column[id]
            box.x = self.gap_left[column] - widths[column] + (widths[column] - box.width) // 2
            for number, guest in enumerate(box.guests, 1):
                guest.x = box.x + box.width * number // (len(box.guests) + 1) - guest.width // 2
        return x + (_gap(tracks, count - 1, 0) if tracks.count.get(count - 1) else 0) + EDGE

    def _named_gaps(self) -> dict[int, int]:
        """Give {column: how wide the gap after it must be for the names of the flows that leave there, to stand beside their lines}."""
        names: dict[int, int] = {}
        for link, _ in self.ways:
            if link.name and link.source.host is None:
                column = self.places.column[link.source.id]
                names[column] = max(names.get(column, 0), labels.size(link.name)[0])
        beside = {column: EDGE + STEP * (self.routes.vertical.count.get(column, 0) + 1) for column in names}
        return {column: _even(width + beside[column]) for column, width in names.items()}

    # ---- down ------------------------------------------------------------------------------------------------------

    def _bands(self, right: int, left: int, *, top: int) -> int:
        """Place the bands with their rows one beneath the other; give where they end."""
        count = sum(self.places.bands)
        above, below = [0] * count, [0] * count
        for id, box in self.boxes.items():
            row = self.places.row[id]
            above[row] = max(above[row], box.height // 2)
            below[row] = max(below[row], box.height // 2 + max(map(_hanging, box.guests), default=0))
        self.row_middle: list[int] = []
        self.gap_top: dict[int, int] = {}
        y, starts = top, [0, *accumulate(self.places.bands)]
        for number, band in enumerate(self.bands):
            band.top = y
            y += self._artifacts(y, left) if not number else 0
            y += EDGE if band.headers or self.scope.box.kind == "participant" else 0
            start = y
            for row in range(starts[number], starts[number + 1]):
                self.row_middle.append(y + above[row])
                self.gap_top[row] = y + above[row] + below[row]
                is_last = row == starts[number + 1] - 1
                y = self.gap_top[row] + (0 if is_last else _gap(self.routes.horizontal, row, GAP_Y))
                y += _gap(self.routes.horizontal, row, 0) if is_last and self.routes.horizontal.count.get(row) else 0
                if row in self.named:
                    self.gap_top[row], y = self.gap_top[row] + NAMED, y + NAMED
            if band is self.bands[-1]:
                y = self._loose(band.loose, y + (GAP_Y if y > start and band.loose else 0), left, right)
            else:  # flows to the bands below pass beneath the rows, so that only the side is free
                y = max(y, self._loose(band.loose, start, right + EDGE, 0))
            band.bottom = y = max(y + EDGE, band.top + LEAST_BAND)
        for id, box in self.boxes.items():
            box.y = self.row_middle[self.places.row[id]] - box.height // 2
            for guest in box.guests:
                guest.y = box.y + box.height - guest.height // 2
        return y

    def _artifacts(self, top: int, left: int) -> int:
        """Place data and annotations in a line at the top, each over what it belongs to; give how high the line is."""
        wished = dict.fromkeys((box.id for box in self.scope.artifacts), left)
        for link in reversed(self.scope.dotted):
            for one, other in ((link.source, link.target), (link.target, link.source)):
                if one.id in wished and other.id in self.boxes:
                    wished[one.id] = max(left, other.middle[0] - one.width // 2)
        x = left
        for box in sorted(self.scope.artifacts, key=lambda each: wished[each.id]):
            box.x, box.y = max(x, wished[box.id]), top + EDGE
            x = box.x + box.width + GAP_X
        return max((box.height for box in self.scope.artifacts), default=-GAP_Y - EDGE) + EDGE + GAP_Y

    def _loose(self, boxes: list[Box], y: int, left: int, right: int) -> int:
        """Place what no flow leads to or from, line by line; give where it ends."""
        area = sum((box.width + GAP_X) * (box.height + GAP_Y) for box in boxes)
        end = max(right, left + isqrt(area * 2))
        x, height = left, 0
        for box in boxes:
            if x > left and x + box.width > end:
                x, y, height = left, y + height + GAP_Y, 0
            box.x, box.y = x, y
            for number, guest in enumerate(box.guests, 1):
                guest.x = box.x + box.width * number // (len(box.guests) + 1) - guest.width // 2
                guest.y = box.y + box.height - guest.height // 2
            x += box.width + GAP_X
            height = max(height, box.height + max((each.height // 2 for each in box.guests), default=0))
        return y + height

    def _lanes(self, left: int) -> None:
        """Give each lane the height of the bands in it, and all the width."""
        reach: dict[int, tuple[int, int]] = {}
        for band in self.bands:
            for depth, lane in enumerate(band.headers):
                top, _ = reach.get(id(lane), (band.top, 0))
                reach[id(lane)] = (top, band.bottom)
                box = lane.box
                box.x, box.y = left + HEADER * depth, top
                box.width, box.height = self.scope.box.width - box.x, band.bottom - top

    # ---- flows -----------------------------------------------------------------------------------------------------

    def _lead(self) -> None:
        for link, route in self.ways:
            source, target = link.source, link.target
            middle = source.middle
            leave = (middle[0], source.y + source.height) if route.down else (source.x + source.width, middle[1])
            enter = (target.x, target.middle[1])
            link.points = _joined([leave, *self._corners(route, leave, enter), enter])

    def _corners(self, route: Route, leave: Point, enter: Point) -> list[Point]:
        corners: list[Point] = [(leave[0], enter[1])] if route.corner else []
        x, y = leave
        if route.first is not None:
            x = self._track(self.routes.vertical, self.gap_left, route.first)
            corners.append((x, y))
        if route.across is not None:
            y = self._track(self.routes.horizontal, self.gap_top, route.across)
            corners.append((x, y))
        if route.last is not None:
            x = self._track(self.routes.vertical, self.gap_left, route.last)
            corners.append((x, y))
        if route.first is not None or route.last is not None:
            corners.append((x, enter[1]))
        return corners

    def _track(self, tracks: Tracks, start: dict[int, int], key: Key) -> int:
        gap = key[0]
        assert isinstance(gap, int)
        return start[gap] + EDGE + STEP * tracks.track[key]


def _bands(lanes: list[Lane]) -> tuple[list[_Band], dict[str, int]]:
    """Give the lanes that no lane divides, top to bottom, each under those around it, and the band of each member."""
    bands: list[_Band] = []
    member: dict[str, int] = {}
    pending = [[lane] for lane in reversed(lanes)]
    while pending:
        path = pending.pop()
        lane = path[-1]
        for id in lane.members:
            member[id] = len(
                bands
            )  # of a lane that is divided: unless one of the lanes in it says otherwise, its first
        if lane.inner:
            pending += [[*path, inner] for inner in reversed(lane.inner)]
        else:
            bands.append(_Band(path, []))
    return bands or [_Band([], [])], member


def _hanging(guest: Box) -> int:
    """Give how far a boundary event with its name reaches beneath the activity that it sits on."""
    return guest.height // 2 + (labels.size(guest.name)[1] if guest.name else 0)


def _depth(lanes: list[Lane]) -> int:
    depth = 0
    while lanes:
        depth, lanes = depth + 1, [inner for lane in lanes for inner in lane.inner]
    return depth


def _both(some: list[str], others: list[str]) -> list[str]:
    wanted = set(others)
    return [each for each in some if each in wanted]


def _gap(tracks: Tracks, gap: int, least: int) -> int:
    return max(least, 2 * EDGE + STEP * (tracks.count.get(gap, 0) - 1))


def _even(length: int) -> int:
    return length + length % 2


def _joined(points: list[Point]) -> list[Point]:
    """Leave out points that stand on the one before, and corners where the line goes straight on."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and any(kept[-2][axis] == kept[-1][axis] == point[axis] for axis in (0, 1)):
            kept.pop()
        kept.append(point)
    return kept
