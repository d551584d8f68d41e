"""File fields: references to files that were uploaded before, with limits on number, size and type."""

from __future__ import annotations

import re
from typing import Any

from engine.errors import Text
from engine.forms.field import Check, Refused, Scene
from engine.forms.text import check_text
from engine.model.json import Json

MAX_FILES = 20
MAX_NAME = 255
_KEY = re.compile(r"[1-9]\d{0,18}")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")


def files(most: int, max_bytes: int, accept: tuple[str, ...]) -> Check:
    """Give the check of a file field: a list of ``{"file", "name", "size", "type"}``.

    Whether the file exists and is the person's own, ``engine.services.attachments`` says; here its reference is checked.

    Args:
        most: the most files.
        max_bytes: the largest file; 0 for any.
        accept: endings (``.jpg``) and types (``image/*``, ``application/pdf``); empty for any.
    """

    def check(value: Any, _scene: Scene) -> list[Json]:
        if not isinstance(value, list):
            raise Refused(Text("Attach a file"))
        if len(value) > most:
            raise Refused(
                Text("Attach one file only") if most == 1 else Text("Attach at most {count} files", count=most)
            )
        found = [_file(item, max_bytes, accept) for item in value]
        if len({str(item["file"]) for item in found}) < len(found):
            raise Refused(Text("Attach each file once"))
        return list[Json](found)

    return check


def _file(value: Any, max_bytes: int, accept: tuple[str, ...]) -> dict[str, Json]:
    if not isinstance(value, dict) or not value.keys() <= {"file", "name", "size", "type"} or "file" not in value:
        raise Refused(Text("Attach a file"))
    key, size, type_ = value["file"], value.get("size", 0), value.get("type", "")
    if not isinstance(key, str) or not _KEY.fullmatch(key) or int(key) >= 2**63:
        raise Refused(Text("Attach the file again"))
    name = check_text(value.get("name", ""), MAX_NAME)
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 2**63:
        raise Refused(Text("Attach the file again"))
    if not isinstance(type_, str) or (type_ and not _TYPE.fullmatch(type_.lower())):
        raise Refused(Text("Attach the file again"))
    if max_bytes and size > max_bytes:
        raise Refused(Text("Attach a file of at most {size}", size=_size(max_bytes)))
    if accept and not any(_fits(name.lower(), type_.lower(), wanted) for wanted in accept):
        raise Refused(Text("Attach a file of type {types}", types=", ".join(accept)))
    return {"file": key, "name": name, "size": size, "type": type_}


def _size(count: int) -> str:
    for unit, each in (("MB", 1_000_000), ("KB", 1_000)):
        if count >= each:
            return f"{count / each:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} B"


def _fits(name: str, type_: str, wanted: str) -> bool:
    if wanted.startswith("."):
        return name.endswith(wanted)
    if wanted.endswith("/*"):
        return type_.startswith(wanted[:-1])
    return type_ == wanted
