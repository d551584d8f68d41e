"""Puts the arranged scopes of a drawing together: pools one beneath the other, then everything at its place in the whole."""

from __future__ import annotations

from engine.bpmn.layout import labels
from engine.bpmn.layout.arrange import arrange
from engine.bpmn.layout.picture import Box, Lane, Link, Picture, Point, Scope

MARGIN = 60  # around the whole
BETWEEN = 80  # between pools, for the messages


def compose(picture: Picture) -> None:
    """Give every box its place and every link its points."""
    for scope in reversed(picture.scopes):  # the innermost first: they decide how large the others are
        arrange(scope)
    _stack(picture)
    for scope in picture.scopes:
        _move(scope)
    for scope in picture.scopes:
        for link in scope.dotted:
            link.points = list(_facing(link))
    for link in picture.messages:
        leave, enter = _facing(link)
        middle = _between(picture.pools, leave, enter)
        link.points = [leave, enter] if leave[0] == enter[0] else [leave, (leave[0], middle), (enter[0], middle), enter]
    labels.place(picture)


def _between(pools: list[Box], leave: Point, enter: Point) -> int:
    """Give the height at which a message turns: between two pools where there are any between its ends."""
    upper, lower = sorted((leave[1], enter[1]))
    gaps = [pool.y - BETWEEN // 2 for pool in pools[1:] if upper <= pool.y - BETWEEN // 2 <= lower]
    return gaps[-1] if gaps else (upper + lower) // 2


def _stack(picture: Picture) -> None:
    """Place the pools, all as wide as the widest; a process alone begins at the margin."""
    if not picture.pools:
        picture.scopes[0].box.x = picture.scopes[0].box.y = MARGIN
        return
    width = max(box.width for box in picture.pools)
    for scope in picture.scopes:
        for lane in _lanes(scope) if scope.box.kind == "participant" else ():
            lane.width += width - scope.box.width
    y = MARGIN
    for box in picture.pools:
        box.x, box.y, box.width = MARGIN, y, width
        y += box.height + BETWEEN


def _lanes(scope: Scope) -> list[Box]:
    found: list[Box] = []
    pending: list[Lane] = list(scope.lanes)
    while pending:
        lane = pending.pop()
        found.append(lane.box)
        pending += lane.inner
    return found


def _move(scope: Scope) -> None:
    """Move what lies in a scope from its place in the scope to that in the whole. The scope itself has been moved before."""
    x, y = scope.box.x, scope.box.y
    guests = [guest for box in scope.nodes for guest in box.guests]
    for box in (*scope.nodes, *guests, *scope.artifacts, *_lanes(scope)):
        box.x, box.y = box.x + x, box.y + y
    for link in scope.flows:
        link.points = [(px + x, py + y) for px, py in link.points]


def _facing(link: Link) -> tuple[Point, Point]:
    """Give the middles of the sides that two boxes turn to each other: above and beneath, else left and right."""
    a, b = link.source, link.target
    if a.y + a.height <= b.y:
        return (a.middle[0], a.y + a.height), (b.middle[0], b.y)
    if b.y + b.height <= a.y:
        return (a.middle[0], a.y), (b.middle[0], b.y + b.height)
    if b.x + b.width <= a.x:
        return (a.x, a.middle[1]), (b.x + b.width, b.middle[1])
    return (a.x + a.width, a.middle[1]), (b.x, b.middle[1])
