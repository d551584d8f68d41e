"""The shapes of the files that people write beside diagrams: JSON Schemas, and what breaks them in sentences that can be translated.

What the files name is judged where it is known (``engine.services.folders``).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import jsonschema
from jsonschema.exceptions import best_match

from engine.errors import Invalid, Problem, Text

SYNTAX = "settings-syntax"
SHAPE = "settings-shape"
UNKNOWN = "settings-unknown"
"""The rule of a name that is not known; alone it changes nothing that is read."""

MAX_SHOWN = 80
"""Characters of a wrong value that a problem repeats."""


_Broken: TypeAlias = Any
"""A ``ValidationError`` of jsonschema, whose types make every attribute optional."""


@cache
def schema(name: str) -> dict[str, Any]:
    """Give the schema of ``process``, ``sla`` or ``scenario`` files."""
    found: dict[str, Any] = json.loads((files(__package__) / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


def toml(content: bytes, file: str) -> dict[str, Any]:
    """Read a TOML file. Raises Invalid when it is not TOML in UTF-8."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        problem = Problem(file, Text("this is not text in UTF-8"), Text("save the file as UTF-8"), SYNTAX)
        raise Invalid(problem) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        remedy = Text('write name = value, with texts in "quotes"')
        problem = Problem(file, Text("this is not TOML: {reason}", reason=str(error)), remedy, SYNTAX)
        raise Invalid(problem) from error


def problems(name: str, value: Any, file: str, *, part: str = "") -> list[Problem]:
    """Say everything that is wrong with the shape of a file.

    Args:
        name: of the schema.
        value: what the file holds, as JSON values; numbers may be Decimal.
        part: of the schema's ``$defs``, where a file is that and nothing else.
    """
    return judge(_validator(name, part), value, file)


def judge(validator: Any, value: Any, file: str) -> list[Problem]:
    """Say everything that is wrong with the shape of a file by a validator of ``jsonschema``; see ``problems``."""
    wrong = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    found = [problem for error in wrong for problem in _said(best_match([error]) or error, file)]
    return list(dict.fromkeys(found))


@cache
def _validator(name: str, part: str) -> Any:
    whole = schema(name)
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole)


def place(file: str, *path: str | int) -> str:
    """Say where in a file something is, such as ``process.toml start[1].roles``; numbers count from 1."""
    dotted = "".join(f"[{each + 1}]" if isinstance(each, int) else f".{each}" for each in path).lstrip(".")
    return f"{file} {dotted}".strip()


def _said(error: _Broken, file: str) -> Iterator[Problem]:
    where = place(file, *error.absolute_path)
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield Problem(where, Text("{name} is missing", name=name), Text("add {name} here", name=name), SHAPE)
    elif error.validator == "additionalProperties" and error.validator_value is False:
        known = sorted(error.schema["properties"])
        remedy = Text("use one of: {known}", known=", ".join(known))
        for name in error.instance:
            if name not in known:
                message = Text("{name} is not known here", name=str(name)[:MAX_SHOWN])
                yield Problem(where, message, remedy, UNKNOWN)
    else:
        say = _SENTENCES.get(str(error.validator), _other)
        yield Problem(where, *say(error), SHAPE)


def _shown(error: _Broken) -> str:
    return str(error.instance)[:MAX_SHOWN]


def _type(error: _Broken) -> tuple[Text, Text]:
    wanted = error.validator_value if isinstance(error.validator_value, str) else error.validator_value[0]
    return _TYPES[wanted]


_TYPES = {
    "string": (Text("here belongs text"), Text('write it in "quotes"')),
    "object": (Text("here belongs a mapping"), Text("give each value its name")),
    "array": (Text("here belongs a list"), Text("write it in [brackets]")),
    "integer": (Text("here belongs a whole number"), Text("write digits only")),
    "number": (Text("here belongs a number"), Text("write it without quotes")),
    "boolean": (Text("here belongs true or false"), Text("write it without quotes")),
}


def _choice(error: _Broken) -> tuple[Text, Text]:
    known = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    remedy = Text("use one of: {known}", known=", ".join(map(str, known)))
    return Text("{value} is not known here", value=_shown(error)), remedy


def _pattern(error: _Broken) -> tuple[Text, Text]:
    like = str(error.schema.get("examples", [error.validator_value])[0])
    return Text("{value} is not written as it must be", value=_shown(error)), Text("write it like {like}", like=like)


def _empty(_: _Broken) -> tuple[Text, Text]:
    return Text("this is empty"), Text("fill it in, or leave the name out")


def _bound(error: _Broken) -> tuple[Text, Text]:
    limit = error.validator_value
    remedy = (
        Text("at least {limit}", limit=limit) if error.validator == "minimum" else Text("at most {limit}", limit=limit)
    )
    return Text("{value} is out of bounds", value=_shown(error)), remedy


def _long(error: _Broken) -> tuple[Text, Text]:
    limit = error.validator_value
    return Text("this is too long"), Text("{limit} characters are allowed", limit=limit)


def _twice(_: _Broken) -> tuple[Text, Text]:
    return Text("the same is said twice"), Text("leave one of them out")


def _other(error: _Broken) -> tuple[Text, Text]:
    return Text("this does not fit: {reason}", reason=error.message[:200]), Text(
        "compare it with the schema of the file"
    )


_SENTENCES: Mapping[str, Callable[[_Broken], tuple[Text, Text]]] = {
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "pattern": _pattern,
    "minItems": _empty,
    "minLength": _empty,
    "minProperties": _empty,
    "minimum": _bound,
    "maximum": _bound,
    "maxLength": _long,
    "uniqueItems": _twice,
}
