"""What the answers of a form are: the names that it sets, with the kinds of their values, for whoever judges what reads them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.feel.check import infer
from engine.feel.kinds import Kind, Kinds, nested, stored
from engine.forms.field import Field


def kinds_of(fields: Sequence[Field]) -> Kinds:
    """Give {name: kind} of what a submission stores. What a read-only field holds is the server's, so that its kind is not known."""
    kinds: dict[tuple[str, ...], Kind] = {
        field.path: field.kind if field.readonly is False else None for field in fields if not field.disabled
    }
    answers = nested(kinds)
    for field in fields:
        if field.computed is not None and field.path in kinds:
            kinds[field.path] = stored(infer(field.computed.text, answers))
    return nested(kinds)
