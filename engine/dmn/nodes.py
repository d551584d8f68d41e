"""Compiled elements of the requirement graph: decisions, knowledge models and services, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.dmn.boxed import Compiler, Names, typed
from engine.dmn.explain import Evaluated, Note
from engine.dmn.functions import make_function
from engine.dmn.graph import Graph, seen_names
from engine.dmn.model import Decision, Element, InputData, KnowledgeModel, Service
from engine.dmn.run import Run, Scope
from engine.dmn.types import MISFIT, Type, Types
from engine.errors import Problem

Value = Callable[[Run], Any]


class Nodes:
    """Compiles the elements of a graph and evaluates them."""

    def __init__(self, graph: Graph, types: Types, problems: list[Problem]) -> None:
        self.graph = graph
        self._types = types
        properties = frozenset(name for model in graph.models.values() for name in model.properties)
        self._compilers = {space: Compiler(space, properties, types, problems) for space in graph.models}
        self._reads: dict[str, frozenset[str]] = {}
        self._values: dict[str, Value] = {}
        self._steps: dict[str, Callable[[Run], Any]] = {}
        for key, element in graph.elements.items():
            self._values[key] = self._value(key, element)
        for key, element in graph.elements.items():
            if isinstance(element, Decision):
                self._steps[key] = self._decision(key, element)

    def decide(self, wanted: tuple[str, ...], run: Run, given: tuple[str, ...] = ()) -> None:
        """Evaluate decisions and what they require; the results are in the run afterwards."""
        for key in self.graph.order(wanted, given):
            if key not in run.results:
                run.results[key] = self._steps[key](run)

    def serve(self, key: str, service: Service, run: Run) -> Any:
        """Evaluate a service whose inputs are in the run: its one output, or a context of its outputs."""
        self.decide(service.outputs, run, service.decisions)
        outputs = {self._name(output): run.results.get(output) for output in service.outputs}
        value = next(iter(outputs.values())) if len(outputs) == 1 else outputs
        type_ = self._result_type(key, service)
        fitted = type_.fit(value)
        if fitted is MISFIT:
            run.say(service.at, "the service's value is not of the type {type}", type=type_.name)
            return None
        return fitted

    def take(self, key: str, run: Run) -> Any:
        """Give the value of an input, or of a decision given as an input, from the caller's context by its name."""
        if key not in run.given:
            element = self.graph.elements[key]
            type_ = self._type(key, element)
            names = [element.variable.name, element.name, *seen_names(element)]
            value = next((run.context[name] for name in names if name in run.context), None)
            fitted = type_.take(value)
            if fitted is MISFIT:
                run.say(element.at, "the input {name} is not of the type {type}", name=element.name, type=type_.name)
                fitted = None
            run.given[key] = fitted
        return run.given[key]

    def inputs(self, key: str, element: Element) -> dict[str, str]:
        """Give {name: name of its type} of what a decision or a service wants from its caller; undeclared ones come last."""
        if isinstance(element, Service):
            wanted, given = element.outputs, element.decisions
        else:
            wanted, given = (key,), ()
        order = self.graph.order(wanted, given)
        found = [*given]
        for each in order:
            decision = self.graph.elements[each]
            assert isinstance(decision, Decision)
            found.extend(decision.inputs)
        elements = [self.graph.elements[each] for each in found]
        declared = {each.variable.name: each.variable.type_ref for each in elements}
        read = sorted({name for each in order for name in self._reads[each]} - declared.keys())
        return declared | dict.fromkeys(read, "")

    def _name(self, key: str) -> str:
        return self.graph.elements[key].variable.name

    def _type(self, key: str, element: Element) -> Type:
        return self._types.find(key.rpartition("#")[0], element.variable.type_ref, element.at)

    def _result_type(self, key: str, element: Element) -> Type:
        """Give the type of a function's value: its variable may name the function's type or that of the value."""
        type_ = self._type(key, element)
        return type_ if type_.result is None else type_.result

    def _value(self, key: str, element: Element) -> Value:
        """Give what tells the value that others see of an element."""
        match element:
            case InputData():
                return lambda run: self.take(key, run)
            case KnowledgeModel():
                make = self._knowledge(key, element)
                return lambda run: _once(run, key, make)
            case Service():
                make = self._service(key, element)
                return lambda run: _once(run, key, make)
            case _:
                return lambda run: run.results[key] if key in run.results else self.take(key, run)

    def _decision(self, key: str, element: Decision) -> Callable[[Run], Any]:
        required = (*element.inputs, *element.decisions, *element.knowledge)
        bind, names = self._scope(key, required)
        compiler = self._compiler(key)
        compiler.reads = set()
        step = compiler.compile(element.logic, names)
        self._reads[key] = frozenset(compiler.reads)
        step = typed(step, self._type(key, element), element.at)
        shown = frozenset(name for each in (*element.inputs, *element.decisions) for name in self._seen(each)[:1])

        def evaluate(run: Run) -> Any:
            if run.note is None:
                return step(bind(dict(run.context), run), run)
            outer, run.note = run.note, Note()
            scope = bind(dict(run.context), run)
            value = step(scope, run)
            note, run.note = run.note, outer
            inputs = note.inputs or {name: value for name, value in scope.items() if name in shown}
            record = Evaluated(
                element.id, element.name, inputs, tuple(note.matched), tuple(note.rules), value, tuple(note.messages)
            )
            run.decisions.append(record)
            outer.messages.extend(note.messages)
            return value

        return evaluate

    def _knowledge(self, key: str, element: KnowledgeModel) -> Callable[[Run], Any]:
        bind, names = self._scope(key, element.knowledge)
        own = self._seen(key)
        if element.logic is None:
            return lambda _run: None
        step = self._compiler(key).function(element.logic, names | set(own))

        def make(run: Run) -> Any:
            scope: Scope = {}
            function = run.functions[key] = step(scope, run)
            # only now, since a function may know itself, directly or by way of others
            scope.update(dict.fromkeys(own, function))
            bind(scope, run)
            return function

        return make

    def _service(self, key: str, element: Service) -> Callable[[Run], Any]:
        inputs = (*element.inputs, *element.decisions)
        parameters = [(self._name(found), self._type(found, self.graph.elements[found])) for found in inputs]

        def make(run: Run) -> Any:
            def body(arguments: dict[str, Any]) -> Any:
                given = dict(zip(inputs, arguments.values(), strict=True))
                return self.serve(key, element, run.inside({**run.context, **arguments}, given))

            return make_function(parameters, body, run, element.at)

        return make

    def _compiler(self, key: str) -> Compiler:
        return self._compilers[key.rpartition("#")[0]]

    def _seen(self, key: str) -> tuple[str, ...]:
        return seen_names(self.graph.elements[key])

    def _scope(self, key: str, required: tuple[str, ...]) -> tuple[Callable[[Scope, Run], Scope], Names]:
        """Give what puts the values of required elements into a scope, and the names that they have there.

        Elements of another model are seen under the name of its import, ``imported.name``.
        """
        space = key.rpartition("#")[0]
        imports = {found.namespace: found.name for found in self.graph.models[space].imports}
        plain: list[tuple[str, str]] = []
        grouped: list[tuple[str, str, str]] = []
        names: set[str] = set()
        for each in required:
            owner = each.rpartition("#")[0]
            prefix = "" if owner == space else imports.get(owner, "")
            for name in self._seen(each):
                names.add(prefix or name)
                if prefix:
                    grouped.append((prefix, name, each))
                    names.add(name)
                else:
                    plain.append((name, each))
        values = self._values

        def bind(scope: Scope, run: Run) -> Scope:
            for name, each in plain:
                scope[name] = values[each](run)
            for prefix in {prefix for prefix, _, _ in grouped}:
                scope[prefix] = {}
            for prefix, name, each in grouped:
                scope[prefix][name] = values[each](run)
            return scope

        return bind, frozenset(names)


def _once(run: Run, key: str, make: Callable[[Run], Any]) -> Any:
    """Make a function once per run."""
    if key not in run.functions:
        run.functions[key] = make(run)
    return run.functions[key]
