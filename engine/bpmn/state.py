"""The live state of one instance: a tree of element instances and waits. What has finished leaves it.

Every node is a record of its own: a snapshot rewrites only the nodes that a step changed, and reads only those that it touches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.definition import EventKind
from engine.bpmn.progress import Catches, Opened


@dataclass(slots=True)
class Wait:
    """An armed event: a timer, a subscription or a condition. Its parent is the element instance that it belongs to.

    Attributes:
        element_id: the event that it stands for: a catch event, a boundary event, the start of an event subprocess.
        index: which of the event's definitions.
        name: of the message or signal.
        due: of a timer, the instant as ISO text in UTC; ``repeats``: beats left after this one (None: for ever);
            ``interval``: ISO duration or cron text of a cycle.
        held: the last value of a condition, since it fires when it becomes true.
    """

    id: int
    parent: int
    element_id: str
    kind: EventKind
    index: int = 0
    name: str = ""
    due: str = ""
    repeats: int | None = 0
    interval: str = ""
    held: bool = False


@dataclass(slots=True)
class Run:
    """Where a loop or multi-instance body stands. Of the whole: how many runs, how many are done.

    Attributes:
        total: runs of a multi-instance body; -1 for a standard loop, whose end is not known.
        started, completed, terminated: counts of runs.
        items: what is left to hand out, of a sequential body over a collection.
        results: gathered outputs by position, from 0.
        thrown: the ``One`` event was thrown already.
    """

    total: int
    started: int = 0
    completed: int = 0
    terminated: int = 0
    items: list[Any] | None = None
    results: dict[str, Any] = field(default_factory=dict)
    thrown: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """An activity that can be compensated, or a round of several that came again and again.

    Attributes:
        element_id: the activity; empty for a round.
        variables: of a subprocess, its own variables when it ended.
        inner: of a subprocess, what was completed inside it, oldest first; of a round, what it consists of.
        completed: False for a subprocess that was canceled, or undone, half way: only what is inside it is undone.
        times: how often in a row; each is undone.
        at: grows from completion to completion; of several, when the first was completed.
    """

    element_id: str
    variables: dict[str, Any] = field(default_factory=dict)
    inner: tuple[Undo, ...] = ()
    completed: bool = True
    times: int = 1
    at: int = field(default=0, compare=False)

    @property
    def is_round(self) -> bool:
        """Several activities that came in this order."""
        return not self.element_id


@dataclass(slots=True)
class ElementInstance:
    """One visit of an element that has not finished.

    Attributes:
        parent: the scope or loop body that holds it; 0 for the process.
        begun: its inputs are mapped and its boundary events armed.
        opened: what it waits for outside, if anything.
        variables: its own variables; what it does not have is looked up in its parents.
        arrived: of a join, and of an activity that waits for several tokens: {flow id: tokens}.
        fired: of a complex gateway: it has fired and waits to begin anew. Of an ad-hoc subprocess: nothing new starts in it.
        started: of an ad-hoc subprocess: the activities that were started.
        run: it is the body of a loop.
        inner: it is one run of its parent's loop; ``position`` counts from 1.
        interrupted: of a scope: an interrupting event subprocess has taken over.
        undo: of a scope: what was completed in it and can be compensated, oldest first.
        undoing: of a compensation throw or cancel: what is still to be compensated, next one last; ``undo_in``: the scope where.
        undoes: of a handler: the element instance that asked for it.
        incident: kind of its open incident; ``retry`` is the move to make again.
    """

    id: int
    parent: int
    element_id: str
    begun: bool = False
    opened: Opened | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    arrived: dict[str, int] = field(default_factory=dict)
    fired: bool = False
    started: list[str] = field(default_factory=list)
    run: Run | None = None
    inner: bool = False
    position: int = 0
    interrupted: bool = False
    undo: list[Undo] = field(default_factory=list)
    undoing: list[Undo] | None = None
    undo_in: int = 0
    undoes: int = 0
    incident: str = ""
    retry: list[Any] | None = None


Node = ElementInstance | Wait
Move = tuple[Any, ...]
"""A pending move: its name and its arguments, JSON values all."""


class State:
    """All live nodes of one instance.

    Attributes:
        next_id: ids are handed out once and never again.
        root: id of the process's own element instance; 0 once it has ended.
        moves: what is still to be done, when a step budget ended a command early.
        unsettled: ids of scopes that may have come to their end, to be looked at when nothing moves.
        steps: element completions since something outside last moved the instance.
        joins: ids of inclusive and complex gateways that wait, whose turn is known only when nothing else moves.
        conditions: ids of armed conditions. signals: {id of an armed signal wait: name}.
        catches: what the instances above would catch. depth: 1 when nobody called this instance.
        changed, removed: ids since the state was loaded.
    """

    def __init__(self) -> None:
        self.next_id = 1
        self.root = 0
        self.moves: deque[Move] = deque()
        self.unsettled: dict[int, None] = {}
        self.steps = 0
        self.joins: dict[int, None] = {}
        self.conditions: dict[int, None] = {}
        self.signals: dict[int, str] = {}
        self.catches = Catches()
        self.depth = 1
        self.changed: set[int] = set()
        self.removed: set[int] = set()
        self.loaded: set[int] = set()
        self._nodes: dict[int, Node] = {}
        self._children: dict[int, dict[int, None]] = {}
        self._texts: dict[int, str] = {}
        self._decode: Callable[[int, str], Node] | None = None

    def adopt(self, texts: dict[int, str], parents: dict[int, int], decode: Callable[[int, str], Node]) -> None:
        """Take over stored nodes, to be decoded when they are first touched."""
        self._texts = texts
        self._decode = decode
        self.loaded = set(texts)
        for id, parent in parents.items():
            self._children.setdefault(parent, {})[id] = None

    def find(self, id: int) -> Node | None:
        """Give a node, or None when it is no longer live."""
        node = self._nodes.get(id)
        if node is None and id in self._texts and self._decode:
            node = self._nodes[id] = self._decode(id, self._texts.pop(id))
        return node

    def element_instance(self, id: int) -> ElementInstance:
        """Give a live element instance (KeyError when it is none)."""
        node = self.find(id)
        if not isinstance(node, ElementInstance):
            raise KeyError(id)
        return node

    def add(self, node: Node) -> None:
        """Make a new node live."""
        self._nodes[node.id] = node
        self._children.setdefault(node.parent, {})[node.id] = None
        self.changed.add(node.id)

    def touch(self, node: Node) -> None:
        """Note that a node has changed."""
        self.changed.add(node.id)

    def remove(self, node: Node) -> None:
        """Let a node go. Its children must have gone before."""
        del self._nodes[node.id]
        siblings = self._children.get(node.parent)
        if siblings is not None:
            del siblings[node.id]
            if not siblings:
                del self._children[node.parent]
        self.changed.discard(node.id)
        if node.id in self.loaded:
            self.removed.add(node.id)
        self.joins.pop(node.id, None)
        self.conditions.pop(node.id, None)
        self.signals.pop(node.id, None)

    def take_id(self) -> int:
        """Hand out the next id."""
        id = self.next_id
        self.next_id += 1
        return id

    def children(self, id: int) -> list[Node]:
        """Give the nodes right under a node, oldest first."""
        return [node for child in self._children.get(id, ()) if (node := self.find(child)) is not None]

    def instances(self, id: int) -> list[ElementInstance]:
        """Give the element instances right under a node, oldest first."""
        return [node for node in self.children(id) if isinstance(node, ElementInstance)]

    def waits(self, id: int) -> list[Wait]:
        """Give the waits of an element instance."""
        return [node for node in self.children(id) if isinstance(node, Wait)]

    def __iter__(self) -> Iterator[Node]:
        """Go through all live nodes, oldest first."""
        for id in sorted({*self._nodes, *self._texts}):
            node = self.find(id)
            if node is not None:
                yield node

    def with_element(self, element_id: str) -> list[ElementInstance]:
        """Give the live element instances of an element, oldest first."""
        return [node for node in self if isinstance(node, ElementInstance) and node.element_id == element_id]
