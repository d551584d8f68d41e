"""Names: a slot of the locals, an entry of a filtered item, a variable of the context, or a built-in function."""

from __future__ import annotations

from typing import Any

from engine.feel import syntax
from engine.feel.builtins import BUILTINS
from engine.feel.compiler.scope import ITEM, Scope, compiles
from engine.feel.run import Code, Locals, Run
from engine.feel.values import CONTEXT, kind


@compiles(syntax.Name)
def name(node: syntax.Name, scope: Scope) -> Code:
    """Give the value of the nearest thing of this name."""
    filters, slot = scope.resolve(node.name)
    if node.name == ITEM and filters:
        filters, otherwise = filters[:1], _local(filters[0])
    elif slot is not None:
        otherwise = _local(slot)
    else:
        otherwise = _variable(node, scope)
    return _entry(node.name, filters, otherwise) if filters else otherwise


def _local(slot: int) -> Code:
    return lambda run, locals_: locals_[slot]


def _variable(node: syntax.Name, scope: Scope) -> Code:
    wanted, where, builtin = node.name, scope.where(node.at), BUILTINS.get(node.name)
    scope.unit.reads.add(wanted)  # also the name of a built-in function, which a variable such as log hides
    head, *tail = wanted.split(".")
    # a name with points in it may be known from elsewhere in the model and be a path here
    path = scope.compile(_path(node.at, head, tail)) if tail and all((head, *tail)) else None

    def read(run: Run, locals_: Locals) -> Any:
        try:
            return run.context[wanted]
        except KeyError:
            if builtin is not None:
                return builtin
            if path is not None:
                return path(run, locals_)
            return run.null(where, "there is no variable {name}", name=wanted)

    return read


def _path(at: int, head: str, tail: list[str]) -> syntax.Path:
    return syntax.Path(at, syntax.Name(at, head), tuple(syntax.Property(at, name) for name in tail))


def _entry(wanted: str, filters: tuple[int, ...], otherwise: Code) -> Code:
    nearest = filters[0]

    def read_nearest(run: Run, locals_: Locals) -> Any:
        item = locals_[nearest]
        if type(item) is dict and wanted in item:
            return item[wanted]
        return read(run, locals_)

    def read(run: Run, locals_: Locals) -> Any:
        for slot in filters:
            item = locals_[slot]
            if kind(item) == CONTEXT and wanted in item:
                return item[wanted]
        return otherwise(run, locals_)

    return read_nearest
