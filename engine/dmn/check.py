"""Looks for mistakes in decision tables that people make: rules that clash, gaps, rules that can never count.

Each finding shows an input for which it happens. Tables whose cells are simple sets are searched completely; a rule with
other cells is taken to match perhaps, so nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from engine.dmn import hits
from engine.dmn.cells import Cell, constant, parse
from engine.dmn.decisions import Decisions
from engine.dmn.judged import judge
from engine.dmn.model import Boxed, Context, Decision, Function, InputClause, KnowledgeModel, Table
from engine.dmn.space import Exhausted, Space, bits
from engine.dmn.types import Types, listed
from engine.errors import Problem, Text

MAX_FINDINGS = 20
MAX_GAPS = 5
MAX_RULES = 1_000


def check(decisions: Decisions, only: str | None = None) -> list[Problem]:
    """List what looks wrong in the decisions of a load, or of one namespace of it; every finding is a warning.

    The rules are ``table-impossible``, ``table-overlap``, ``table-unreachable``, ``table-subsumed``, ``table-gap``
    and ``table-unsearched``, when a table is too large; and those of ``judged``.
    """
    found: list[Problem] = []
    for namespace, model in decisions.models.items():
        if only is not None and namespace != only:
            continue
        for element in model.elements.values():
            if isinstance(element, Decision | KnowledgeModel):
                for table in _tables(element.logic):
                    allowed = [_allowed(clause, namespace, decisions.types) for clause in table.inputs]
                    found.extend(islice(_check_table(table, allowed), MAX_FINDINGS))
        found.extend(islice(judge(decisions, namespace), MAX_FINDINGS))
    return found


def _allowed(clause: InputClause, namespace: str, types: Types) -> Cell | None:
    """Give the values that an input may have: those of the clause, else those that its type lists."""
    if clause.allowed not in ("", "-"):
        return parse(clause.allowed)
    values = types.find(namespace, clause.expression.type_ref, clause.at).values
    strings = [value for value in values if isinstance(value, str)]
    return Cell("string", frozenset(strings)) if strings and len(strings) == len(values) else None


def _check_table(table: Table, allowed: Sequence[Cell | None]) -> Iterator[Problem]:
    if len(table.rules) > MAX_RULES:
        yield _unsearched(table)
        return
    try:
        yield from _findings(table, allowed)
    except Exhausted:
        yield _unsearched(table)


def _unsearched(table: Table) -> Problem:
    message = Text("the table is too large to be checked completely")
    return _warning(table.at, "table-unsearched", message, Text("split it into several tables"))


def _tables(logic: Boxed | None) -> Iterator[Table]:
    """Give the decision tables inside logic."""
    waiting = [logic]
    while waiting:
        match waiting.pop():
            case Table() as table:
                yield table
            case Context(entries=entries):
                waiting.extend(entry.value for entry in entries)
            case Function(body=body):
                waiting.append(body)
            case _:
                pass


def _warning(where: str, rule: str, message: Text, remedy: Text) -> Problem:
    return Problem(where, message, remedy, rule=rule, severity="warning")


def _findings(table: Table, allowed: Sequence[Cell | None]) -> Iterator[Problem]:
    if not table.rules or not table.inputs:
        return
    space = Space(
        [clause.label for clause in table.inputs],
        [[test.text for test in rule.tests] for rule in table.rules],
        allowed,
    )
    known = [number for number in range(space.count) if not space.opaque >> number & 1]
    possible = [number for number in known if space.is_possible(number)]
    for number in known:
        if not space.is_possible(number):
            message = Text("rule {rule} can never match: a cell excludes every allowed value", rule=number + 1)
            yield _warning(
                table.rules[number].at, "table-impossible", message, Text("correct the cell or the allowed values")
            )
    if table.policy in "UA":
        yield from _overlaps(table, space, possible)
    if table.policy == "F":
        yield from _unreachable(table, space, possible)
    if table.policy == "P":
        yield from _outranked(table, space, possible)
    if table.policy in "PCRO":
        yield from _subsumed(table, space, possible)
    if hits.is_single(table.policy) and all(clause.default is None for clause in table.outputs):
        yield from _gaps(table, space)


def _overlaps(table: Table, space: Space, possible: list[int]) -> Iterator[Problem]:
    """Pairs of rules that match the same input where one may, or with different outputs where they must agree."""
    eligible = sum(1 << number for number in possible)
    for number in possible:
        for other in bits(space.meeting(number) & eligible & ~((2 << number) - 1)):
            if table.policy == "A" and _outputs(table, number) == _outputs(table, other):
                continue
            template = (
                "rules {one} and {other} both match {example}, but one rule may match"
                if table.policy == "U"
                else "rules {one} and {other} both match {example} with different outputs"
            )
            example = space.show(space.common(number, other)) or "everything"
            yield _warning(
                table.rules[other].at,
                "table-overlap",
                Text(template, one=number + 1, other=other + 1, example=example),
                Text("narrow one of them, or choose the hit policy First or Priority"),
            )


def _unreachable(table: Table, space: Space, possible: list[int]) -> Iterator[Problem]:
    """Rules whose inputs are all taken by rules before them."""
    before = 0
    for number in possible:
        if before and next(space.outside(before, within=number), None) is None:
            taken = [other + 1 for other in bits(before) if space.holds(other, number)]
            names = (
                str(taken[0]) if taken else ", ".join(str(other + 1) for other in bits(before & space.meeting(number)))
            )
            yield _warning(
                table.rules[number].at,
                "table-unreachable",
                Text(
                    "rule {rule} never counts: what it matches, such as {example}, is taken by {others} before it",
                    rule=number + 1,
                    example=_example(space, number),
                    others=names,
                ),
                Text("remove it, or move it up"),
            )
        before |= 1 << number


def _outranked(table: Table, space: Space, possible: list[int]) -> Iterator[Problem]:
    """Rules whose inputs are all taken by rules with a more important output."""
    ranks: dict[int, tuple[int, ...]] = {}
    orders = [listed(clause.values) for clause in table.outputs]
    for number in possible:
        values = [constant(result.text) for result in table.rules[number].results]
        if all(value is not None and value[0] in order for value, order in zip(values, orders, strict=True)):
            ranks[number] = tuple(
                order.index(value[0]) for value, order in zip(values, orders, strict=True) if value is not None
            )
    for number, rank in ranks.items():
        above = sum(1 << other for other, higher in ranks.items() if higher < rank)
        if above and next(space.outside(above, within=number), None) is None:
            others = ", ".join(str(other + 1) for other in bits(above & space.meeting(number)))
            yield _warning(
                table.rules[number].at,
                "table-unreachable",
                Text(
                    "rule {rule} never counts: for {example} and all else that it matches the outputs of {others} are more important",
                    rule=number + 1,
                    example=_example(space, number),
                    others=others,
                ),
                Text("remove it, or change its output"),
            )


def _subsumed(table: Table, space: Space, possible: list[int]) -> Iterator[Problem]:
    """Rules that add nothing, since another matches whatever they match and says the same."""
    eligible = sum(1 << number for number in possible)
    for number in possible:
        for other in bits(space.meeting(number) & eligible & ~(1 << number)):
            same = space.holds(other, number) and space.holds(number, other)
            if (
                not space.holds(other, number)
                or _outputs(table, number) != _outputs(table, other)
                or (same and other > number)
            ):
                continue
            yield _warning(
                table.rules[number].at,
                "table-subsumed",
                Text(
                    "rule {rule} adds nothing: rule {other} matches all it matches, such as {example}, with the same output",
                    rule=number + 1,
                    example=_example(space, number),
                    other=other + 1,
                ),
                Text("remove it, or change its output"),
            )
            break


def _gaps(table: Table, space: Space) -> Iterator[Problem]:
    """Inputs that no rule matches, where the table then answers with null."""
    if any(not column.pieces for column in space.columns):
        return
    everything = (1 << space.count) - 1
    if space.opaque == everything:
        return
    for point in islice(space.outside(everything), MAX_GAPS):
        example = space.show(point)
        yield _warning(
            table.at,
            "table-gap",
            Text("no rule matches {example}", example=example or "anything"),
            Text("add a rule or a default output"),
        )


def _example(space: Space, number: int) -> str:
    """Show an input that a rule matches."""
    return space.show(space.common(number, number)) or "anything"


def _outputs(table: Table, number: int) -> tuple[str, ...]:
    return tuple(result.text for result in table.rules[number].results)
