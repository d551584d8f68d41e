"""What is drawn: boxes in scopes, and links between boxes. Lengths are whole units of the drawing (pixels at life size)."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[int, int]
Bounds = tuple[int, int, int, int]
"""Left, top, width and height."""


@dataclass(slots=True, eq=False)
class Box:
    """A shape.

    Attributes:
        kind: the local name of its XML element.
        x, y: of its upper left corner: within its scope at first, in the whole drawing at the end.
        host: of a boundary event, the activity that it sits on.
        guests: of an activity, the boundary events that sit on it.
        label: where its name stands; None: where viewers put it.
    """

    id: str
    kind: str
    width: int
    height: int
    x: int = 0
    y: int = 0
    host: Box | None = None
    guests: list[Box] = field(default_factory=list)
    name: str = ""
    label: Bounds | None = None

    @property
    def bounds(self) -> Bounds:
        """What it covers."""
        return self.x, self.y, self.width, self.height

    @property
    def middle(self) -> Point:
        """Its centre."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(slots=True, eq=False)
class Link:
    """A line between two boxes; ``points`` are its ends and corners, ``label`` is where its name stands."""

    id: str
    kind: str
    source: Box
    target: Box
    points: list[Point] = field(default_factory=list)
    name: str = ""
    label: Bounds | None = None


@dataclass(slots=True, eq=False)
class Lane:
    """A lane; ``inner`` are the lanes that divide it, ``members`` what lies in it itself."""

    box: Box
    inner: list[Lane] = field(default_factory=list)
    members: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Scope:
    """A process or subprocess and what lies right in it.

    Attributes:
        box: its own shape; that of a process is drawn only when it is a pool.
        nodes: flow nodes, boundary events left out.
        artifacts: data objects, data stores and annotations.
        flows: what orders the nodes: sequence flows, and associations of boundary events with what undoes.
        dotted: every other association.
    """

    box: Box
    nodes: list[Box] = field(default_factory=list)
    artifacts: list[Box] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    flows: list[Link] = field(default_factory=list)
    dotted: list[Link] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Picture:
    """One drawing.

    Attributes:
        plane: id of the collaboration or process that it shows.
        scopes: every scope in it, each before those inside it.
        pools: the participants of a collaboration, top to bottom; empty for a process alone.
        messages: message flows between pools.
    """

    plane: str
    scopes: list[Scope] = field(default_factory=list)
    pools: list[Box] = field(default_factory=list)
    messages: list[Link] = field(default_factory=list)
