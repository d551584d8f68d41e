"""Which variables a process sets by itself, of which kinds, and whether others may set further ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.definition import (
    Call,
    Decision,
    Definition,
    Element,
    EventKind,
    JobWork,
    Kind,
    MultiInstance,
    Script,
    UserTask,
)
from engine.bpmn.rules.surroundings import RESULT, LintContext, Part
from engine.errors import LimitExceeded
from engine.feel import Expression, kind
from engine.feel import kinds as feel_kinds
from engine.feel.check import infer
from engine.feel.kinds import Kinds, merged, stored
from engine.feel.lexer import NAME

# events that bring whatever variables somebody else gave them
_CARRIERS = (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION)
_COUNTERS = (
    "loopCounter",
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
)
# process properties that name variables which the start page fills in, and the one that says which way a case came
_GIVEN = ("scope", "business_key")
_CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Sources:
    """What sets the variables of a process.

    Attributes:
        kinds: the names that forms, decisions, scripts, mappings and loops set, with a kind where all of them agree.
        handed: {element id: what the element itself hands back, before output mappings}; None where that can be anything.
        complete: nobody else sets variables: no caller, worker, message or called process.
    """

    kinds: Kinds
    handed: Mapping[str, Kinds | None]
    complete: bool

    def near(self, name: str) -> str:
        """Give the name that is set and differs from another in one slip of the hand; empty when there is none."""
        return next((each for each in self.kinds if _is_slip(name, each)), "")


def sources(definition: Definition, context: LintContext) -> Sources:
    """Collect what a process sets."""
    handed = {element.id: _handed(element, definition, context) for element in definition.elements.values()}
    written: dict[str, list[feel_kinds.Kind]] = {}
    for name, value in _plain(definition):
        written.setdefault(name, []).append(value)
    for element in definition.elements.values():
        if not element.outputs and not isinstance(element.work, Script):
            for name, value in (handed[element.id] or {}).items():
                written.setdefault(name, []).append(value)
    # what is calculated is judged by what is certain without it
    calculated = [*_calculated(definition)]
    certain = {name: merged(kinds) for name, kinds in written.items()} | {name: None for _, name, _ in calculated}
    for element, name, expression in calculated:
        written.setdefault(name, []).append(_result(element, expression, certain, handed[element.id]))
    kinds = {name: merged(found) for name, found in written.items() if NAME.fullmatch(name)}
    strangers = any(found is None and not definition.elements[id].outputs for id, found in handed.items())
    # without a start event whoever starts the process brings what he likes
    complete = not strangers and any(
        Kind.START_EVENT is definition.elements[id].kind for id in definition.process.children
    )
    return Sources(kinds, handed, complete)


def _plain(definition: Definition) -> Iterator[tuple[str, feel_kinds.Kind]]:
    """Give what is set without an expression."""
    yield from ((name, "number") for name in _COUNTERS)
    properties = definition.process.properties
    yield from ((properties[each], None) for each in _GIVEN if properties.get(each))
    yield _CHANNEL, None
    for element in definition.elements.values():
        yield from ((name, None) for _, name in (*element.data_in, *element.data_out))
        if isinstance(element.loop, MultiInstance):
            yield element.loop.item, None
            yield element.loop.output_collection, "list"


def _calculated(definition: Definition) -> Iterator[tuple[Element, str, Expression | None]]:
    """Give what expressions set: scripts and mappings. A mapping to a member says nothing about the whole."""
    for element in definition.elements.values():
        if isinstance(element.work, Script) and element.work.result and not element.outputs:
            yield element, element.work.result, element.work.expression
        for mapping in (*element.inputs, *element.outputs):
            name, _, member = mapping.target.partition(".")
            yield element, name, None if member else mapping.source


def _result(element: Element, expression: Expression | None, certain: Kinds, handed: Kinds | None) -> feel_kinds.Kind:
    own: Kinds = dict.fromkeys(each.target for each in element.inputs)
    return None if expression is None else kind_of(expression, {} if handed is None else {**certain, **own, **handed})


def kind_of(expression: Expression, known: Kinds) -> feel_kinds.Kind:
    """Give the kind that the value of an expression has as a variable."""
    if not expression.constant:
        return stored(infer(expression.text[1:], {name: known.get(name) for name in expression.names}))
    try:
        return stored(kind(expression.evaluate({})))
    except LimitExceeded:
        return None


def _handed(element: Element, definition: Definition, context: LintContext) -> Kinds | None:
    """Give what an element hands back by itself; None where that can be anything."""
    match element.work:
        case Decision(decision_id=called, result=result, binding=binding, version_tag=tag):
            found = None
            if result and called.constant and context.find is not None:
                found = context.find(Part.DECISION, str(called.evaluate({})), binding, tag)
            return {result: stored((found or {}).get(RESULT))} if result else {}
        case Script(result=result):
            return {result: None} if result else {}
        case JobWork():
            return None
        case Call(all_out=all_out):
            return None if all_out else {}
        case UserTask():
            return _asked(element, context)
    if element.kind is Kind.USER_TASK:
        return None
    if any(event.kind in _CARRIERS for event in element.events) and element.kind in _CATCHING:
        return None
    if element.kind is Kind.START_EVENT and element.scope == definition.process_id and not element.events:
        return _asked(element, context)
    return {}


_CATCHING = (Kind.START_EVENT, Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT, Kind.RECEIVE_TASK)


def _asked(element: Element, context: LintContext) -> Kinds | None:
    form = element.form
    if form is None or context.find is None:
        return None
    return context.find(Part.FORM, form.id, form.binding, form.version_tag)


def _is_slip(name: str, other: str) -> bool:
    """Tell whether two names differ by one letter that is lost, doubled, wrong or swapped with its neighbour."""
    if len(name) < 4 or abs(len(name) - len(other)) > 1 or name == other:
        return False
    start = next(
        (at for at, (one, two) in enumerate(zip(name, other, strict=False)) if one != two), min(len(name), len(other))
    )
    one, two = name[start:], other[start:]
    if any(each.isdigit() for each in one[:1] + two[:1]):  # numbered names are different names
        return False
    return one[1:] == two[1:] or one[1:] == two or one == two[1:] or (one[:2] == two[1::-1] and one[2:] == two[2:])
