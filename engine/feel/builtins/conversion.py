"""Conversion functions between numbers, strings, booleans, ranges and JSON text.

Source: DMN 1.5, table 73.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from engine.errors import Invalid
from engine.feel import syntax
from engine.feel.bounds import check_chars
from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.comparison import ORDERED
from engine.feel.jsonable import to_json
from engine.feel.lexer import index_names
from engine.feel.numbers import EXACT
from engine.feel.parser import parse
from engine.feel.run import Run
from engine.feel.temporal.read import read_date, read_date_time, read_duration, read_temporal, read_time
from engine.feel.text import string_of
from engine.feel.values import NUMBER, Range, kind
from engine.model import json

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
_OPEN_START = re.compile(r"^([(\[\]])\s*(?=\.\.)")
_OPEN_END = re.compile(r"\.\.\s*(?=[)\[\]]$)")
_MAX_CHARS = 7000
_READERS = {"date": read_date, "time": read_time, "date and time": read_date_time, "duration": read_duration}
_NAMES = index_names(_READERS)


def _number(text: str) -> int | Decimal:
    if len(text) > _MAX_CHARS or not _NUMBER.fullmatch(text):
        raise NoResult("{text} is no number", text=text[:100])
    number = EXACT.create_decimal(text)
    if not number.is_finite():
        raise NoResult("{text} is too large", text=text[:100])
    return number


@builtin("number", "from: string|number")
def number(run: Run, from_: Any) -> int | Decimal:
    """Read a number."""
    return from_ if kind(from_) == NUMBER else _number(from_.strip())


@builtin("number", "from: string", "grouping separator: string?", "decimal separator?: string?")
def number_separated(
    run: Run, from_: str, grouping_separator: str | None, decimal_separator: str | None = None
) -> int | Decimal:
    """Read a number that is written with separators."""
    if grouping_separator not in (None, " ", ",", ".") or decimal_separator not in (None, ",", "."):
        raise NoResult("a separator is a space, a comma or a point")
    if grouping_separator is not None and grouping_separator == decimal_separator:
        raise NoResult("the separators are the same")
    text = from_.replace(grouping_separator, "") if grouping_separator else from_
    if decimal_separator == ",":
        if "." in text:
            raise NoResult("{text} is no number", text=from_[:100])
        text = text.replace(",", ".")
    return _number(text)


@builtin("string", "from: any")
def string(run: Run, from_: Any) -> str:
    """Write a value as text."""
    return string_of(from_, run)


@builtin("boolean", "from: string|boolean")
def boolean(run: Run, from_: str | bool) -> bool:
    """Read ``true`` or ``false``."""
    if isinstance(from_, bool):
        return from_
    if from_.strip().lower() not in ("true", "false"):
        raise NoResult("{text} is neither true nor false", text=from_[:100])
    return from_.strip().lower() == "true"


def _end(node: syntax.Node) -> Any:
    match node:
        case syntax.Literal(value=value):
            return value
        case syntax.AtLiteral(text=text):
            return read_temporal(text)
        case syntax.Path(
            base=syntax.Name(name=name), steps=(syntax.Call(arguments=(syntax.Literal(value=str(text)),), names=None),)
        ) if name in _READERS:
            return _READERS[name](text)
    raise NoResult("the ends of a range are literals")


@builtin("range", "from: string")
def range_(run: Run, from_: str) -> Range:
    """Read a range between literals; an end left out is open."""
    try:
        node = parse(_OPEN_END.sub("..null", _OPEN_START.sub(r"\1null", from_.strip())), _NAMES)
    except Invalid:
        node = None
    if not isinstance(node, syntax.RangeLiteral):
        raise NoResult("{text} is no range", text=from_[:100])
    start, end = _end(node.start), _end(node.end)
    kinds = {kind(value) for value in (start, end) if value is not None}
    if len(kinds) != 1 or not kinds <= ORDERED:
        raise NoResult("{text} is no range", text=from_[:100])
    return Range(start, end, node.start_included, node.end_included)


@builtin("from json", "value: string")
def from_json(run: Run, value: str) -> Any:
    """Read JSON text."""
    run.spend(len(value) // 8 + 1)
    try:
        return json.loads(value)
    except ValueError as error:
        raise NoResult("{text} is not JSON", text=value[:100]) from error


@builtin("to json", "value: any?")
def to_json_(run: Run, value: Any) -> str:
    """Write a value as JSON text."""
    try:
        text = json.dumps(to_json(value, run))
    except Invalid as error:
        raise NoResult("{reason}", reason=error.problems[0].message) from error
    check_chars(len(text))
    return text
