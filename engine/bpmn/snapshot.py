"""Snapshots: a state as texts, one for each live node and one head. They name elements by BPMN id and carry a format number."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.definition import EventKind
from engine.bpmn.progress import Catches, Opened
from engine.bpmn.state import ElementInstance, Node, Run, State, Undo, Wait
from engine.errors import PropflowError
from engine.model import json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Dump:
    """What to store: the head, the nodes that changed, and the ids of stored nodes that are gone."""

    head: str
    changed: dict[int, str]
    removed: frozenset[int]


def dump(state: State) -> Dump:
    """Write what has changed since the state was made or loaded. The state may go on being used."""
    changed = {id: encode(node) for id in sorted(state.changed) if (node := state.find(id)) is not None}
    result = Dump(_head(state), changed, frozenset(state.removed))
    state.loaded = (state.loaded | changed.keys()) - state.removed
    state.changed = set()
    state.removed = set()
    return result


def load(head: str, nodes: Mapping[int, str]) -> State:
    """Read a state back; nodes are decoded when first touched.

    Raises:
        PropflowError: the snapshot is of a format that this version does not know.
    """
    data = json.loads(head)
    if data["format"] != FORMAT:
        raise PropflowError("snapshot format {format} is not known here; upgrade propflow", format=data["format"])
    state = State()
    state.next_id = data["next"]
    state.root = data["root"]
    state.steps = data.get("steps", 0)
    state.depth = data.get("depth", 1)
    state.moves = deque(tuple(move) for move in data.get("moves", ()))
    state.unsettled = dict.fromkeys(data.get("unsettled", ()))
    state.joins = dict.fromkeys(data.get("joins", ()))
    state.conditions = dict.fromkeys(data.get("conditions", ()))
    state.signals = dict(data.get("signals", ()))
    if catches := data.get("catches"):
        state.catches = Catches(frozenset(catches[0]), frozenset(catches[1]))
    parents = {id: int(text[: text.index("|")]) for id, text in sorted(nodes.items())}
    state.adopt(dict(nodes), parents, decode)
    return state


def _head(state: State) -> str:
    data: dict[str, Any] = {"format": FORMAT, "next": state.next_id, "root": state.root}
    if state.steps:
        data["steps"] = state.steps
    if state.depth != 1:
        data["depth"] = state.depth
    if state.moves:
        data["moves"] = [list(move) for move in state.moves]
    if state.unsettled:
        data["unsettled"] = list(state.unsettled)
    if state.joins:
        data["joins"] = list(state.joins)
    if state.conditions:
        data["conditions"] = list(state.conditions)
    if state.signals:
        data["signals"] = [list(pair) for pair in state.signals.items()]
    if state.catches.errors or state.catches.escalations:
        data["catches"] = [_codes(state.catches.errors), _codes(state.catches.escalations)]
    return json.dumps(data)


def _codes(codes: frozenset[str | None]) -> list[str | None]:
    return sorted(codes, key=lambda code: code or "")


def encode(node: Node) -> str:
    """Write one node: its parent's id, a bar, and its other fields where they are not the default."""
    data: dict[str, Any] = {"e": node.element_id}
    if isinstance(node, Wait):
        data["w"] = [node.kind, node.index, node.name, node.due, node.repeats, node.interval, node.held]
        return f"{node.parent}|{json.dumps(data)}"
    fields = (
        ("b", node.begun),
        ("o", node.opened),
        ("v", node.variables),
        ("a", node.arrived),
        ("f", node.fired),
        ("s", node.started),
        ("i", node.position if node.inner else 0),
        ("x", node.interrupted),
        ("c", node.undo_in),
        ("d", node.undoes),
        ("n", node.incident),
        ("y", node.retry),
    )
    data |= {short: value for short, value in fields if value}
    if node.run is not None:
        run = node.run
        data["r"] = [run.total, run.started, run.completed, run.terminated, run.items, run.results, run.thrown]
    if node.undo:
        data["u"] = [_encode_undo(undo) for undo in node.undo]
    if node.undoing is not None:
        data["g"] = [_encode_undo(undo) for undo in node.undoing]
    return f"{node.parent}|{json.dumps(data)}"


def decode(id: int, text: str) -> Node:
    """Read one node back."""
    parent, _, body = text.partition("|")
    data = json.loads(body)
    if wait := data.get("w"):
        return Wait(id, int(parent), data["e"], EventKind(wait[0]), *wait[1:])
    get = data.get
    return ElementInstance(
        id=id,
        parent=int(parent),
        element_id=data["e"],
        begun=get("b", False),
        opened=Opened(data["o"]) if "o" in data else None,
        variables=get("v", {}),
        arrived=get("a", {}),
        fired=get("f", False),
        started=get("s", []),
        run=Run(*data["r"]) if "r" in data else None,
        inner="i" in data,
        position=get("i", 0),
        interrupted=get("x", False),
        undo=[_decode_undo(undo) for undo in get("u", ())],
        undoing=[_decode_undo(undo) for undo in data["g"]] if "g" in data else None,
        undo_in=get("c", 0),
        undoes=get("d", 0),
        incident=get("n", ""),
        retry=get("y"),
    )


def _encode_undo(undo: Undo) -> list[Any]:
    # subprocesses nest at most as deep as the diagram, which the linter bounds
    if not undo.variables and not undo.inner and undo.completed:
        return [undo.element_id, undo.at, undo.times] if undo.times > 1 else [undo.element_id, undo.at]
    inner = [_encode_undo(each) for each in undo.inner]
    return [undo.element_id, undo.variables, inner, undo.completed, undo.times, undo.at]


def _decode_undo(data: list[Any]) -> Undo:
    if isinstance(data[1], int):
        return Undo(data[0], at=data[1], times=data[2] if len(data) > 2 else 1)
    return Undo(data[0], data[1], tuple(_decode_undo(inner) for inner in data[2]), *data[3:])
