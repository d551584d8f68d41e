"""Variables: who sees which, where a write goes, and the mappings in and out of an element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import feel
from engine.bpmn.definition import Element, VariableMapping
from engine.bpmn.state import ElementInstance, State
from engine.bpmn.step import Step, Stuck
from engine.errors import Invalid, LimitExceeded
from engine.model import json


class Visible(Mapping[str, Any]):
    """What an element instance can see: its own variables before those of its scopes, outwards."""

    __slots__ = ("_layers",)

    def __init__(self, layers: list[dict[str, Any]]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> Any:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Give a variable, or the default."""
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return default

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for layer in reversed(self._layers) for name in layer))

    def __len__(self) -> int:
        return len(list(iter(self)))


def visible(state: State, id: int, extra: Mapping[str, Any] | None = None) -> Visible:
    """Give what an element instance can see; ``extra`` comes before everything."""
    layers: list[dict[str, Any]] = [dict(extra)] if extra else []
    while id:
        node = state.element_instance(id)
        if node.variables:
            layers.append(node.variables)
        id = node.parent
    return Visible(layers)


def evaluate(step: Step, expression: feel.Expression, id: int, extra: Mapping[str, Any] | None = None) -> Any:
    """Evaluate for an element instance; null because of a missing name or a failed operation is an incident, not a value."""
    context: Mapping[str, Any] = {} if expression.constant else visible(step.state, id, extra)
    now, zone = step.surroundings.now, step.surroundings.zone
    try:
        value = expression.evaluate(context, now=now, zone=zone)
        if value is None:
            value, messages = expression.diagnose(context, now=now, zone=zone)
            if messages:
                raise Stuck("expression", "{expression}: {reason}", expression=expression.text, reason=messages[0])
    except LimitExceeded as error:
        raise Stuck("limit", error.text) from error
    return value


def evaluate_json(step: Step, expression: feel.Expression, id: int, extra: Mapping[str, Any] | None = None) -> Any:
    """Evaluate to a JSON value; a range or a function is an incident."""
    value = evaluate(step, expression, id, extra)
    try:
        result = feel.to_json(value)
    except LimitExceeded as error:
        raise Stuck("limit", error.text) from error
    except Invalid as error:
        raise Stuck(
            "expression", "{expression}: {reason}", expression=expression.text, reason=error.problems[0].message
        ) from error
    _check_size(step, expression.text, result)
    return result


def text(step: Step, expression: feel.Expression, id: int) -> str:
    """Evaluate to a text, as names, keys and codes are; a number is written out, null is empty."""
    value = evaluate_json(step, expression, id)
    return "" if value is None else value if isinstance(value, str) else str(value)


def holds(step: Step, expression: feel.Expression, id: int, extra: Mapping[str, Any] | None = None) -> bool:
    """Evaluate a condition; what is neither true nor false is an incident."""
    context = visible(step.state, id, extra)
    now, zone = step.surroundings.now, step.surroundings.zone
    try:
        value = expression.evaluate(context, now=now, zone=zone)
        if value is True or value is False:
            return value
        _, messages = expression.diagnose(context, now=now, zone=zone)
    except LimitExceeded as error:
        raise Stuck("limit", error.text) from error
    raise Stuck(
        "condition",
        "the condition {expression} is {value}, neither true nor false: {reason}",
        expression=expression.text,
        value="null" if value is None else "no truth value",
        reason=messages[0] if messages else "-",
    )


def assign(step: Step, node: ElementInstance, values: Mapping[str, Any], *, start: int | None = None) -> None:
    """Write variables: each goes to the nearest scope that has the name, else to the process.

    ``start`` is where the search begins; by default at the node itself. The change is told in the node's name.
    """
    if not values:
        return
    changes: dict[str, list[Any]] = {}
    for name, value in values.items():
        id = start if start is not None else node.id
        holder = step.state.element_instance(id)
        while name not in holder.variables and holder.parent:
            holder = step.state.element_instance(holder.parent)
        put(step, holder, name, value, changes)
    if changes:
        step.happened("variables_set", node, changes)


def put(
    step: Step, holder: ElementInstance, name: str, value: Any, changes: dict[str, list[Any]] | None = None
) -> None:
    """Set a variable right here."""
    before = holder.variables.get(name)
    if before is value and name in holder.variables:
        return
    holder.variables[name] = value
    step.state.touch(holder)
    step.variables_changed = True
    if changes is not None:
        changes[name] = [before, value]


def map_in(step: Step, node: ElementInstance, element: Element) -> None:
    """Evaluate the input mappings and data associations, in order, into the element instance's own variables."""
    scope = node.parent
    for source, target in element.data_in:
        seen = visible(step.state, scope)
        if source in seen:
            put(step, node, target, seen[source])
    for mapping in element.inputs:
        _set_path(step, node, mapping, _map(step, mapping, node.id, None))


def map_out(step: Step, node: ElementInstance, element: Element, handed: Mapping[str, Any]) -> None:
    """Bring what was handed back into the scopes: by the output mappings where there are any, else name by name."""
    if element.outputs:
        results: dict[str, Any] = {}
        for mapping in element.outputs:
            value = _map(step, mapping, node.id, {**handed, **results})
            name, _, path = mapping.target.partition(".")
            if path:
                seen = visible(step.state, node.parent, results)
                value = _with_member(seen.get(name), path, value)
            results[name] = value
        assign(step, node, results, start=node.parent)
    else:
        assign(step, node, handed)
    for source, target in element.data_out:
        seen = visible(step.state, node.id, handed)
        if source in seen:
            assign(step, node, {target: seen[source]}, start=node.parent)


def _map(step: Step, mapping: VariableMapping, id: int, extra: Mapping[str, Any] | None) -> Any:
    try:
        return evaluate_json(step, mapping.source, id, extra)
    except Stuck as stuck:
        if stuck.kind == "expression":
            raise Stuck("mapping", "{target}: {reason}", target=mapping.target, reason=stuck.text) from stuck
        raise


def _set_path(step: Step, node: ElementInstance, mapping: VariableMapping, value: Any) -> None:
    name, _, path = mapping.target.partition(".")
    put(step, node, name, _with_member(node.variables.get(name), path, value) if path else value)


def _with_member(value: Any, path: str, member: Any) -> dict[str, Any]:
    result = dict(value) if isinstance(value, dict) else {}
    name, _, rest = path.partition(".")
    result[name] = _with_member(result.get(name), rest, member) if rest else member
    return result


def _check_size(step: Step, what: str, value: Any) -> None:
    limit = step.surroundings.limits.variable_bytes
    if isinstance(value, str | list | dict) and _size(value, limit) > limit:
        raise Stuck("limit", "the value of {what} is larger than {limit} bytes", what=what, limit=limit)
    levels = step.surroundings.limits.variable_depth
    if isinstance(value, list | dict) and json.deeper_than(value, levels):
        raise Stuck("limit", "a value is nested deeper than {limit} levels", limit=levels)


def _size(value: Any, limit: int) -> int:
    """Estimate the size as JSON; stops counting above the limit."""
    total = 0
    pending = [value]
    while pending and total <= limit:
        each = pending.pop()
        if isinstance(each, str):
            total += len(each) * (1 if each.isascii() else 3) + 2
        elif isinstance(each, list):
            total += 2 + len(each)
            pending.extend(each)
        elif isinstance(each, dict):
            total += 2 + len(each)
            pending.extend(each)
            pending.extend(each.values())
        else:
            total += 6
    return total
