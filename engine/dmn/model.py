"""What a DMN file says, as values: elements of the requirement graph and boxed expressions. Nothing here is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Variable:
    """A name and the name of its type, which is empty where none is given."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Literal:
    """One FEEL expression. ``at`` is its id or ``line N``, here and below."""

    at: str
    text: str
    language: str = ""
    type_ref: str = ""

    @property
    def is_feel(self) -> bool:
        """Whether it is written in FEEL, which it is when no language is named."""
        return not self.language or "feel" in self.language.lower()


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a context; the one without a name is the context's result."""

    variable: Variable | None
    value: Boxed | None


@dataclass(frozen=True, slots=True)
class Context:
    """Entries evaluated in order, each seeing those before it."""

    at: str
    entries: tuple[Entry, ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a function with named arguments."""

    at: str
    called: Boxed | None
    bindings: tuple[Entry, ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A list of contexts written as rows under columns."""

    at: str
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed | None, ...], ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of boxed expressions."""

    at: str
    items: tuple[Boxed | None, ...]
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function with parameters and a body; ``kind`` is FEEL, Java or PMML."""

    at: str
    parameters: tuple[Variable, ...]
    body: Boxed | None
    kind: str = "FEEL"
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Conditional:
    """If, then, else."""

    at: str
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list that match."""

    at: str
    source: Boxed | None
    match: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class Iterator:
    """``for``, ``some`` or ``every`` over a list."""

    at: str
    kind: str
    variable: str
    source: Boxed | None
    body: Boxed | None
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class InputClause:
    """A column of conditions: what is looked at, and which values it may have."""

    at: str
    label: str
    expression: Literal
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A column of results; ``values`` lists them in order of priority."""

    at: str
    name: str
    label: str
    type_ref: str = ""
    values: str = ""
    default: Literal | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one unary test per input clause, one expression per output clause."""

    at: str
    tests: tuple[Literal, ...]
    results: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table; ``policy`` is one letter of UAPFCRO and ``aggregation`` SUM, COUNT, MIN, MAX or empty."""

    at: str
    policy: str
    aggregation: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    type_ref: str = ""


Boxed: TypeAlias = (
    Literal | Context | Invocation | Relation | ListOf | Function | Conditional | Filter | Iterator | Table
)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type: a reference to another with allowed values, a context of components, or a function."""

    at: str
    name: str
    type_ref: str = ""
    is_collection: bool = False
    components: tuple[ItemDefinition, ...] = ()
    allowed: str = ""
    constraint: str = ""
    is_function: bool = False
    result_ref: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """Another model, seen under a name; an empty name makes its elements visible as they are."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Element:
    """What all elements of the graph have. References are ``namespace#id``.

    Attributes:
        id: unique in its model; its name where the file gives no id.
        declared: the file has a ``variable`` for it, so that it is seen under that name only.
    """

    at: str
    id: str
    name: str
    variable: Variable
    declared: bool = False


@dataclass(frozen=True, slots=True)
class InputData(Element):
    """A value that the caller brings."""


@dataclass(frozen=True, slots=True)
class Decision(Element):
    """A value that logic gives from others.

    Attributes:
        version_tag: the name of this version, by which a process may ask for it.
    """

    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    logic: Boxed | None = None
    version_tag: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeModel(Element):
    """A function that decisions share."""

    knowledge: tuple[str, ...] = ()
    logic: Function | None = None


@dataclass(frozen=True, slots=True)
class Service(Element):
    """Decisions offered as one function."""

    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One DMN file."""

    namespace: str
    name: str
    imports: tuple[Import, ...]
    types: tuple[ItemDefinition, ...]
    elements: Mapping[str, Element] = field(default_factory=dict)
    properties: frozenset[str] = frozenset()
