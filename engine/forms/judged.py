"""Judges the expressions of a form by the kinds of its fields: what clashes, and conditions that never change.

Names that are no fields are the server's, so that nothing is said about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.errors import Problem, Text
from engine.feel import Expression
from engine.feel.check import check
from engine.feel.kinds import Kinds
from engine.forms.field import Field
from engine.forms.kinds import kinds_of


def judge(fields: Sequence[Field]) -> list[Problem]:
    """List what cannot work in the expressions of fields though it compiles; every finding is a warning of one of FEEL's rules."""
    return [*dict.fromkeys(_findings(fields, kinds_of(fields)))]


def _findings(fields: Sequence[Field], names: Kinds) -> Iterator[Problem]:
    for field in fields:
        for hide in field.hidden_when:
            yield from _of(field, hide, names, condition=True)
        if isinstance(field.readonly, Expression):
            yield from _of(field, field.readonly, names, condition=True)
        if field.computed is not None:
            yield from _of(field, field.computed, names)
        # inside a list the names of its items come first, and are not known by kind outside of it
        yield from _findings(field.items, {**names, **dict.fromkeys(kinds_of(field.items))})


def _of(field: Field, expression: Expression, names: Kinds, *, condition: bool = False) -> Iterator[Problem]:
    known = {name: names.get(name) for name in expression.names}
    for found in check(expression.text, known, condition=condition):
        message = Text(
            "in {text} at {place}: {reason}", text=expression.text[:80], place=found.where, reason=found.message
        )
        yield Problem(field.key, message, found.remedy or Text("correct the expression"), found.rule, "warning")
