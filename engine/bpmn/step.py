"""One step of an instance while it is made: the state it works on, the moves still to make, what it asks of others, what happened.

Holds no BPMN semantics: the modules beside it say what each element means, in terms of these few verbs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.bpmn import records
from engine.bpmn.definition import Definition, Element, EventKind
from engine.bpmn.progress import (
    Ask,
    Close,
    Ended,
    Happened,
    Opened,
    Progress,
    RaiseIncident,
    ResolveIncident,
    Surroundings,
)
from engine.bpmn.state import ElementInstance, Node, State, Wait
from engine.errors import Text

Meaning = Callable[..., None]
"""What a move does: takes the step, the element instance and the move's arguments."""


Firing = Callable[["Step", Wait, Mapping[str, Any]], None]


class Stuck(Exception):
    """The element instance cannot go on: becomes an incident."""

    def __init__(self, kind: str, template: str, /, **params: Any) -> None:
        super().__init__(template)
        self.kind = kind
        self.text = template if isinstance(template, Text) else Text(template, **params)


class Step:
    """The verbs that all semantics are made of."""

    def __init__(
        self,
        definition: Definition,
        state: State,
        surroundings: Surroundings,
        meanings: Mapping[str, Meaning],
        fire: Firing,
    ) -> None:
        self.definition = definition
        self._meanings = meanings
        self._fire = fire
        self.state = state
        self.surroundings = surroundings
        self.progress = Progress(state)
        self.completions = 0
        self.variables_changed = False
        self._collectors: dict[int, dict[str, int]] = {}
        self._tokens: dict[int, int] = {}
        for move in state.moves:
            if move[0] == "arrive":
                self._count_token(move[2], 1)

    # ---- reading ---------------------------------------------------------------------------------------------------

    def element(self, node: Node) -> Element:
        """Give the element that a node is an instance of."""
        return self.definition.elements[node.element_id]

    def find(self, id: int) -> ElementInstance | None:
        """Give a live element instance, or None."""
        node = self.state.find(id)
        return node if isinstance(node, ElementInstance) else None

    def scope_of(self, node: ElementInstance) -> ElementInstance:
        """Give the scope whose flows the node's element lies in, looking through loop bodies."""
        parent = self.state.element_instance(node.parent)
        return self.scope_of(parent) if node.inner else parent

    def is_expected(self, scope: int) -> bool:
        """Say whether a token is on its way into the scope."""
        return self._tokens.get(scope, 0) > 0

    def expected(self, scope: int) -> list[tuple[str, str]]:
        """List the tokens on their way in the scope: (element id, flow id)."""
        return [(move[1], move[3]) for move in self.state.moves if move[0] == "arrive" and move[2] == scope]

    # ---- telling ---------------------------------------------------------------------------------------------------

    def ask(self, ask: Ask) -> None:
        """Ask something of others."""
        self.progress.asks.append(ask)

    def happened(self, kind: str, node: Node, data: Mapping[str, Any] | None = None) -> None:
        """Add a line of history."""
        self.progress.history.append(Happened(kind, node.element_id, node.id, data or {}))

    def refuse_endless(self) -> None:
        """See that not too many elements were completed without any wait.

        Raises:
            Stuck: it is an endless loop.
        """
        limit = self.surroundings.limits.steps_per_instance
        if self.state.steps >= limit:
            raise Stuck(
                "limit", "{limit} elements were completed without waiting for anything: an endless loop", limit=limit
            )

    def completed(self, node: ElementInstance, kind: str = "element_completed") -> None:
        """Tell that an element instance is done, and count it against the budgets."""
        self.happened(kind, node)
        self.completions += 1
        self.state.steps += 1

    def end(self, ended: Ended) -> None:
        """End the instance; whatever is still live goes with it."""
        root = self.state.element_instance(self.state.root)
        self.progress.history.append(
            Happened("instance_ended", root.element_id, root.id, {"outcome": ended.outcome, "code": ended.code})
        )
        self.terminate(root, tell=False)
        self.state.root = 0
        self.state.moves.clear()
        self.state.unsettled.clear()
        self._tokens.clear()
        self.progress.ended = ended

    # ---- moving ----------------------------------------------------------------------------------------------------

    def move(self, name: str, *args: Any) -> None:
        """Put a move at the end of the queue."""
        self.state.moves.append((name, *args))

    def do(self, name: str, node: ElementInstance, *args: Any) -> None:
        """Make a move of an element instance now; where it is stuck, that is its incident and the others go on."""
        try:
            self._meanings[name](self, node, *args)
        except Stuck as stuck:
            self.incident(node, stuck.kind, stuck.text, [name, *args])

    def fire(self, wait: Wait, payload: Mapping[str, Any]) -> None:
        """Let an armed event happen now."""
        self._fire(self, wait, payload)

    def token(self, element_id: str, scope: int, flow: str) -> None:
        """Send a token along a flow into an element."""
        self._count_token(scope, 1)
        self.state.moves.append(("arrive", element_id, scope, flow))

    def next_move(self) -> tuple[Any, ...]:
        """Take the oldest move from the queue."""
        move = self.state.moves.popleft()
        if move[0] == "arrive":
            self._count_token(move[2], -1)
        return move

    def _count_token(self, scope: int, by: int) -> None:
        self._tokens[scope] = self._tokens.get(scope, 0) + by

    def drop_tokens(self, scope: int) -> None:
        """Take back every token on its way in the scope."""
        if self._tokens.pop(scope, 0):
            kept = [move for move in self.state.moves if not (move[0] == "arrive" and move[2] == scope)]
            self.state.moves.clear()
            self.state.moves.extend(kept)

    # ---- nodes -----------------------------------------------------------------------------------------------------

    def create(self, element_id: str, parent: int) -> ElementInstance:
        """Make a live instance of an element."""
        node = ElementInstance(self.state.take_id(), parent, element_id)
        self.state.add(node)
        return node

    def open(self, node: ElementInstance, what: Opened, ask: Ask) -> None:
        """Ask for something outside, for which the element instance waits."""
        node.opened = what
        self.state.touch(node)
        self.ask(ask)
        self.happened("element_activated", node)

    def disarm(self, wait: Wait, *, answered: bool = False) -> None:
        """Let a wait go; ``answered``: what it asked for has come and is closed already."""
        if not answered:
            if wait.kind is EventKind.TIMER:
                self.ask(Close(Opened.TIMER, wait.id))
            elif wait.kind in (EventKind.MESSAGE, EventKind.SIGNAL):
                self.ask(Close(Opened.SUBSCRIPTION, wait.id))
        self.state.remove(wait)

    def dispose(self, node: ElementInstance) -> None:
        """Let a finished element instance go, with its waits."""
        for wait in self.state.waits(node.id):
            self.disarm(wait)
        self._clear(node)
        self.state.remove(node)

    def terminate(self, node: ElementInstance, *, tell: bool = True) -> None:
        """End an element instance and everything beneath it, innermost and youngest first."""
        order: list[Node] = [node]
        for each in order:
            order.extend(self.state.children(each.id))
        for each in reversed(order):
            if isinstance(each, Wait):
                self.disarm(each)
                continue
            if each.opened is not None:
                self.ask(Close(each.opened, each.id))
            self._clear(each)
            self.drop_tokens(each.id)
            if tell:
                self.happened("element_terminated", each)
            self.state.remove(each)
        for each in order:
            if isinstance(each, ElementInstance):
                records.give_back(self.state, each)

    def _clear(self, node: ElementInstance) -> None:
        if node.incident:
            self.resolve(node)

    def settle(self, scope: int) -> None:
        """Look, once nothing else moves, whether the scope has come to its end."""
        self.state.unsettled[scope] = None

    # ---- waiting for several tokens ----------------------------------------------------------------------------------

    def collector(self, scope: int, element_id: str) -> ElementInstance | None:
        """Give the element instance that gathers tokens for an element in a scope, if one does."""
        if scope not in self._collectors:
            waiting = (node for node in self.state.instances(scope) if node.arrived)
            self._collectors[scope] = {node.element_id: node.id for node in waiting}
        return self.find(self._collectors[scope].get(element_id, 0))

    def collect_in(self, node: ElementInstance) -> None:
        """Let an element instance gather the tokens for its element."""
        self._collectors[node.parent][node.element_id] = node.id

    def stop_collecting(self, node: ElementInstance) -> None:
        """Let the next token for the element find a fresh element instance."""
        self._collectors.get(node.parent, {}).pop(node.element_id, None)

    # ---- incidents -------------------------------------------------------------------------------------------------

    def incident(self, node: ElementInstance, kind: str, message: Text, retry: list[Any]) -> None:
        """Stop an element instance until a person acts; ``retry`` is the move to make then."""
        if node.incident:
            self.resolve(node)
        node.incident = kind
        node.retry = retry
        self.state.touch(node)
        self.ask(RaiseIncident(node.id, node.element_id, kind, message))

    def resolve(self, node: ElementInstance) -> None:
        """Close the incident of an element instance."""
        node.incident = ""
        node.retry = None
        self.state.touch(node)
        self.ask(ResolveIncident(node.id))
