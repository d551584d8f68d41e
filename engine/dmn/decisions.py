"""The decisions of one or several DMN files, loaded together and evaluated by name or id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from engine.dmn.explain import Explanation
from engine.dmn.graph import Graph
from engine.dmn.kinds import Outline
from engine.dmn.model import Decision, Element, Model, Service
from engine.dmn.nodes import Nodes
from engine.dmn.reader import read
from engine.dmn.run import Run
from engine.dmn.types import Types
from engine.errors import Invalid, LimitExceeded, NotFound, Problem, Text
from engine.feel.kinds import Kind


class Listed(NamedTuple):
    """A decision or a service of a load; ``kind`` is ``decision`` or ``service``."""

    id: str
    name: str
    kind: str


def load(*xml: bytes) -> Decisions:
    """Read DMN 1.1 to 1.5 files that may import one another; the first one's names come first.

    An expression that does not compile gives null and is listed in ``problems``, so that whoever deploys can refuse.

    Raises:
        Invalid: a file is not DMN, an id is used twice, or decisions require one another in a circle.
        LimitExceeded: a file is too large or nested too deeply.
    """
    if not xml:
        raise Invalid("no DMN file was given")
    models: dict[str, Model] = {}
    problems: list[Problem] = []
    for number, content in enumerate(xml, 1):
        try:
            model = read(content)
        except Invalid as error:
            problems.extend(error.problems)
            continue
        if model.namespace in models:
            message = Text(
                "file {number} has the namespace of another file: {namespace}",
                number=number,
                namespace=model.namespace[:300],
            )
            problems.append(Problem("line 1", message, Text("give each file a namespace of its own")))
        models[model.namespace] = model
    if problems:
        raise Invalid(problems)
    return Decisions(models)


class Decisions:
    """Decisions that can be evaluated. Made by ``load``; holds no state between evaluations.

    Attributes:
        models: what the files say, by namespace.
        types: what their types mean.
        outline: of which kinds their values are.
        problems: what will not work though it loads: expressions that do not compile, unknown types, requirements
            that lead nowhere. With ``severity`` ``error`` it should not be deployed.
    """

    def __init__(self, models: Mapping[str, Model]) -> None:
        problems: list[Problem] = []
        self.models = models
        self.types = Types(models, problems)
        self._graph = Graph(models, problems)
        self._nodes = Nodes(self._graph, self.types, problems)
        self.outline = Outline(self._graph, self.types)
        self._decisions = _index(self._graph, Decision)
        self._services = _index(self._graph, Service)
        self.problems = tuple(dict.fromkeys(problems))

    @property
    def decisions(self) -> list[Listed]:
        """List the decisions and services of all files."""
        return [
            Listed(element.id, element.name, "decision" if isinstance(element, Decision) else "service")
            for element in self._graph.elements.values()
            if isinstance(element, Decision | Service)
        ]

    def inputs(self, name_or_id: str) -> dict[str, str]:
        """Give {name: name of its type} of what a decision or a service wants from its caller.

        Declared inputs come first; then, without a type, names that expressions read and nothing in the files gives.

        Raises:
            NotFound: there is no such decision or service.
        """
        return self._nodes.inputs(*self._find(name_or_id, service=False))

    def kind(self, name_or_id: str) -> Kind:
        """Give the kind of a decision's value, with the entries of a context; None where it is not known.

        Raises:
            NotFound: there is no such decision.
        """
        key, element = self._find(name_or_id, service=False)
        return self.outline.kind(key) if isinstance(element, Decision) else None

    def evaluate(
        self,
        name_or_id: str,
        context: Mapping[str, Any],
        *,
        service: bool = False,
        now: datetime | None = None,
        zone: tzinfo | None = None,
    ) -> Any:
        """Evaluate one decision, or a decision service, with the decisions that it requires.

        Args:
            name_or_id: the id first, then the name; the first file's first.
            context: {name: FEEL value}: the inputs, also those of imported models, and whatever else logic may see.
            service: look for a service only; otherwise decisions come first.
            now: the instant that ``now()`` and ``today()`` see.
            zone: the zone that they see it in.

        Returns:
            A FEEL value; null where logic fails. A service with several outputs answers with a context of them.

        Raises:
            NotFound: there is no such decision or service.
            LimitExceeded: a bound was broken.
        """
        key, element = self._find(name_or_id, service=service)
        return self._evaluate(key, element, Run.start(context, now=now, zone=zone, explain=False))

    def explain(
        self,
        name_or_id: str,
        context: Mapping[str, Any],
        *,
        service: bool = False,
        now: datetime | None = None,
        zone: tzinfo | None = None,
    ) -> Explanation:
        """Evaluate like ``evaluate`` and tell how the value came about."""
        key, element = self._find(name_or_id, service=service)
        run = Run.start(context, now=now, zone=zone, explain=True)
        value = self._evaluate(key, element, run)
        assert run.note is not None
        return Explanation(value, tuple(run.note.messages), tuple(run.decisions))

    def _evaluate(self, key: str, element: Element, run: Run) -> Any:
        try:
            if isinstance(element, Service):
                for given in element.decisions:
                    self._nodes.take(given, run)
                return self._nodes.serve(key, element, run)
            self._nodes.decide((key,), run)
            return run.results[key]
        except RecursionError:
            raise LimitExceeded("the decision {name} is nested too deeply", name=element.name) from None

    def _find(self, name_or_id: str, *, service: bool) -> tuple[str, Element]:
        for known in (self._services,) if service else (self._decisions, self._services):
            key = known.get(name_or_id)
            if key is not None:
                return key, self._graph.elements[key]
        raise NotFound("there is no decision called {name}", name=name_or_id[:200])


def _index(graph: Graph, kind: type[Element]) -> dict[str, str]:
    """Index elements of a kind by id and by name: ids before names, the first file before the others."""
    elements = [(key, element) for key, element in graph.elements.items() if isinstance(element, kind)]
    index: dict[str, str] = {}
    for attribute in ("id", "name"):
        for key, element in elements:
            index.setdefault(getattr(element, attribute), key)
    return index
