"""What kind of value a decision gives, as far as its types and its logic say so before it is evaluated."""

from __future__ import annotations

from engine import feel
from engine.dmn import cells, hits, model
from engine.dmn.graph import Graph, seen_names
from engine.dmn.types import Type, Types
from engine.feel.check import infer
from engine.feel.kinds import Kind, Kinds, Shape, merged
from engine.feel.values import BOOLEAN, LIST, NUMBER

MAX_RULES = 200
"""Results of a column without a type that are looked at; a longer column says nothing."""


class Outline:
    """The kinds of the values in one load.

    Args:
        graph: its elements.
        types: what its types mean.
    """

    def __init__(self, graph: Graph, types: Types) -> None:
        self._graph = graph
        self._types = types
        self._known: dict[str, Kind] = {}

    def kind(self, key: str) -> Kind:
        """Give the kind of an input's or a decision's value; None where it is not known."""
        if key not in self._known:
            for each in (*self._graph.order((key,)), key):  # what it requires comes first, so that no chain is too long
                if each not in self._known:
                    self._known[each] = self._kind(each)
        return self._known[key]

    def names(self, key: str) -> Kinds:
        """Give what the logic of a decision sees of the model, by name; elements of other files stand under the name of their import."""
        element = self._graph.elements[key]
        assert isinstance(element, model.Decision)
        space = key.rpartition("#")[0]
        imported = {each.namespace: each.name for each in self._graph.models[space].imports}
        names: dict[str, Kind] = {}
        for required in (*element.inputs, *element.decisions, *element.knowledge):
            if prefix := imported.get(required.rpartition("#")[0], ""):
                names[prefix] = None
            else:
                kind = None if required in element.knowledge else self.kind(required)
                names |= dict.fromkeys(seen_names(self._graph.elements[required]), kind)
        return names

    def _kind(self, key: str) -> Kind:
        element = self._graph.elements[key]
        space = key.rpartition("#")[0]
        declared = self._declared(space, element.variable.type_ref, element.at)
        if declared is not None or not isinstance(element, model.Decision):
            return declared
        return self._of(space, element.logic, self.names(key))

    def _declared(self, space: str, reference: str, at: str) -> Kind:
        return kind_of(self._types.find(space, reference, at)) if reference else None

    def _of(self, space: str, box: model.Boxed | None, names: Kinds) -> Kind:
        if box is None:
            return None
        declared = self._declared(space, box.type_ref, box.at)
        if declared is not None:
            return declared
        match box:
            case model.Literal():
                return infer(box.text, names) if box.is_feel else None
            case model.Table():
                return self._table(space, box, names)
            case model.Context(entries=entries):
                return self._context(space, box.at, entries, names)
            case model.Conditional(then=then, otherwise=otherwise):
                return merged(self._of(space, part, names) for part in (then, otherwise) if part is not None)
            case model.Iterator(kind=kind):
                return LIST if kind == "for" else BOOLEAN
            case model.Relation() | model.ListOf() | model.Filter():
                return LIST
        return None

    def _context(self, space: str, at: str, entries: tuple[model.Entry, ...], names: Kinds) -> Kind:
        made: dict[str, Kind] = {}
        for entry in entries:
            kind = self._of(space, entry.value, {**names, **made})
            if entry.variable is None or not entry.variable.name:
                return kind
            made[entry.variable.name] = self._declared(space, entry.variable.type_ref, at) or kind
        return Shape(made)

    def _table(self, space: str, table: model.Table, names: Kinds) -> Kind:
        columns = [
            self._declared(space, clause.type_ref, clause.at) or _column(table, number, names)
            for number, clause in enumerate(table.outputs)
        ]
        if table.aggregation in ("COUNT", "SUM"):
            return NUMBER
        if not hits.is_single(table.policy) and not table.aggregation:
            return LIST
        if len(columns) == 1:
            return columns[0]
        return Shape({clause.name: kind for clause, kind in zip(table.outputs, columns, strict=True)})


def kind_of(type_: Type) -> Kind:
    """Give the kind of the values of a type."""
    if type_.parts:  # a value of such a type may have more entries
        return Shape({name: kind_of(part) for name, part in type_.parts.items()}, closed=False)
    return type_.kind


def _column(table: model.Table, number: int, names: Kinds) -> Kind:
    """Give the kind of all results in a column."""
    default = table.outputs[number].default
    results = [rule.results[number] for rule in table.rules] + ([default] if default else [])
    if len(results) > MAX_RULES:
        return None
    kinds = [_result(result, names) for result in results]
    return merged(kind for kind in kinds if kind != "null")


def _result(result: model.Literal, names: Kinds) -> Kind:
    plain = cells.constant(result.text)
    return infer(result.text, names) if plain is None else feel.kind(plain[0])
