"""Files that an answer to a form refers to: each is there, and whoever answers may hand it in with this answer.

The form has already seen that the references are well formed; whose files they are, only their rows say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.errors import Invalid, Problem, Text
from engine.forms import Form
from engine.forms.field import Field
from engine.model.json import Json
from engine.model.keys import FileKey
from engine.model.values import Actor
from engine.services.engine import Engine
from engine.store import files
from engine.store.database import UnitOfWork
from engine.store.files import File

Attached = Mapping[str, Sequence[str]]
"""{field key: keys of the files that its answer refers to}; those of a list have the key of the list."""


def of(form: Form | None, values: Mapping[str, Json]) -> Attached:
    """Give the files that accepted values refer to, by field."""
    return {field: keys for field, keys in _by_field(form.fields if form else (), values) if keys}


def _by_field(fields: Sequence[Field], values: Mapping[str, Json]) -> Iterator[tuple[str, list[str]]]:
    for field in fields:
        value = _at(values, field.path)
        if field.is_list and isinstance(value, list):
            items = [item for item in value if isinstance(item, Mapping)]
            yield field.key, [key for item in items for _, keys in _by_field(field.items, item) for key in keys]
        elif field.type == "filepicker" and isinstance(value, list):
            yield field.key, [str(each["file"]) for each in value if isinstance(each, Mapping) and "file" in each]


def _at(values: Mapping[str, Json], path: Sequence[str]) -> Json:
    value: Any = values
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    found: Json = value
    return found


def known(value: Any) -> Iterator[str]:
    """Give the keys of the files that variables refer to, however deep."""
    if isinstance(value, Mapping):
        if isinstance(value.get("file"), str):
            yield value["file"]
        for each in value.values():
            yield from known(each)
    elif isinstance(value, list):
        for each in value:
            yield from known(each)


def check(
    engine: Engine, attached: Attached, *, actor: Actor, instance: int | None = None, variables: Any = None
) -> list[FileKey]:
    """Give the files that an answer hands in; see ``hand_in``. Stores nothing."""
    with engine.store.read() as uow:
        return _accept(uow, attached, actor, instance, variables)


def hand_in(
    uow: UnitOfWork,
    attached: Attached,
    *,
    actor: Actor,
    instance: int,
    unit: int | None,
    task: int | None = None,
    variables: Any = None,
) -> None:
    """Give the files that an answer hands in to its instance, in the transaction that takes the answer in.

    Accepted are files of the instance, and the actor's own that belong to none yet.

    Args:
        variables: what the form was filled in with; files that it refers to were handed in before.

    Raises:
        Invalid: a file was never handed in, is gone, or is somebody else's or another instance's; one ``Problem`` per field.
    """
    if keys := _accept(uow, attached, actor, instance, variables):
        files.bind(uow, keys, uploader=actor.id, instance=instance, unit=unit, task=task)


def _accept(uow: UnitOfWork, attached: Attached, actor: Actor, instance: int | None, variables: Any) -> list[FileKey]:
    before = set(known(variables)) if attached else set()
    new = {field: [FileKey(int(key)) for key in keys if key not in before] for field, keys in attached.items()}
    asked = {key for keys in new.values() for key in keys}
    if not asked:
        return []
    own = {row.key for row in files.select(uow, sorted(asked)) if _may_hand_in(row, actor, instance)}
    wrong = [field for field, keys in new.items() if not own.issuperset(keys)]
    if wrong:
        text = Text("A file is not there any more, or is not yours to hand in here")
        raise Invalid([Problem(field, text, Text("Attach the file again")) for field in wrong])
    return sorted(asked)


def _may_hand_in(row: File, actor: Actor, instance: int | None) -> bool:
    return row.uploader == actor.id if row.instance is None else row.instance == instance
