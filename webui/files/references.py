"""Checks that what a form hands in as files are files that its sender may hand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid, NotFound, Problem
from engine.model.keys import parse_key
from engine.model.values import Actor
from engine.services import files
from webui.case.facts import attachments
from webui.context import engine
from webui.i18n import gettext


def check(values: Mapping[str, Any], *, actor: Actor, instance: int | None = None) -> list[int]:
    """Give the keys of the files among values.

    Args:
        instance: the case that they are handed in for; a file of another case is refused.

    Raises:
        Invalid: a file is not there, not the sender's to see, or belongs to another case; one problem per field.
    """
    keys: list[int] = []
    problems = []
    for name, value in values.items():
        for file in attachments(value):
            try:
                row = files.get(engine(), parse_key(file.key), actor=actor)
            except NotFound:
                row = None
            own = row is not None and (row.uploader == actor.id if row.instance is None else row.instance == instance)
            if row is None or not own:
                problems.append(Problem(name, gettext("Attach the file again")))
            else:
                keys.append(row.key)
    if problems:
        raise Invalid(problems)
    return keys


def bind(keys: list[int], *, instance: int, unit: int | None, actor: Actor) -> None:
    """Give files that were handed in beforehand to the case that was started with them."""
    if keys:
        with engine().store.begin() as uow:
            files.bind(uow, keys, instance=instance, unit=unit, actor=actor)
            uow.commit()
