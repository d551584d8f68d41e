"""Rows of a CSV file as the inputs of a decision: each cell is read as the type that its input has."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel import compile_expression, kind

MAX_ROWS = 100_000
# FEEL's function that makes a value of a type out of text
_MAKERS = {
    "number": "number",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "duration",
    "dayTimeDuration": "duration",
    "years and months duration": "duration",
    "yearMonthDuration": "duration",
}
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: its place among the rows, from 1.
        cells: {column: cell as written}.
        context: {name of an input: value}.
    """

    number: int
    cells: Mapping[str, str]
    context: Mapping[str, Any]


def read_rows(content: bytes, inputs: Mapping[str, str]) -> list[Row]:
    """Read CSV in UTF-8 or GB 18030 whose first line names the columns; ``a.b`` sets the member b of the input a.

    An empty cell is null; a cell that begins with ``=`` is a FEEL expression. Other cells are read as the type of the column's
    input; where it has none, numbers, ``true``, ``false`` and ``@"..."`` mean themselves and the rest is text.

    Args:
        inputs: {name: name of its type} of what the decision wants.

    Raises:
        Invalid: it is no such table, a column is missing, or a cell is no value of its type; one ``Problem`` each.
    """
    lines = [line for line in csv.reader(io.StringIO(_text(content), newline="")) if any(map(str.strip, line))]
    if not lines:
        raise Invalid("the file has no line that names the columns")
    if len(lines) > MAX_ROWS:
        raise Invalid("the file has more than {limit} rows; split it", limit=MAX_ROWS)
    columns = [each.strip() for each in lines[0]]
    problems = [*_wrong_columns(columns, inputs)]
    rows = []
    for number, line in enumerate(lines[1:], 1):
        if len(line) > len(columns):
            message = Text("there are {cells} cells but {columns} columns", cells=len(line), columns=len(columns))
            problems.append(Problem(f"row {number}", message, Text("put a cell with a comma into quotes")))
            continue
        cells = {column: cell.strip() for column, cell in zip(columns, line + [""] * len(columns), strict=False)}
        context: dict[str, Any] = {}
        for column, cell in cells.items():
            try:
                _set(context, column, _value(cell, inputs.get(column, "")))
            except (Invalid, LimitExceeded) as error:
                reason = error.problems[0].message if isinstance(error, Invalid) else error.text
                message = Text("{column}: {reason}", column=column, reason=reason)
                problems.append(Problem(f"row {number}", message))
        rows.append(Row(number, cells, context))
    if problems:
        raise Invalid(problems)
    return rows


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # what spreadsheets write in China
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("the file is neither UTF-8 nor GB 18030; save it as CSV in UTF-8")


def _wrong_columns(columns: list[str], inputs: Mapping[str, str]) -> list[Problem]:
    twice = sorted({each for each in columns if columns.count(each) > 1 or not each})
    problems = [
        Problem("line 1", Text("the column {name} is there twice, or has no name", name=name or "''")) for name in twice
    ]
    roots = {column.partition(".")[0] for column in columns} | set(columns)
    missing = [name for name in inputs if name not in roots]
    if missing:
        message = Text("the decision wants {names}, for which there is no column", names=", ".join(missing))
        problems.append(Problem("line 1", message, Text("add a column; leave its cells empty for null")))
    return problems


def _value(cell: str, type_name: str) -> Any:
    if not cell:
        return None
    if cell.startswith("="):
        return compile_expression(cell[1:]).evaluate({})
    if type_name == "string":
        return cell
    if type_name == "boolean":
        if cell.lower() not in _WORDS:
            raise Invalid("{cell} is not true or false", cell=cell[:80])
        return _WORDS[cell.lower()]
    if type_name in _MAKERS:
        value = compile_expression(f"{_MAKERS[type_name]}(cell)").evaluate({"cell": cell})
        if value is None:
            raise Invalid("{cell} is no {type}", cell=cell[:80], type=type_name)
        return value
    return _guess(cell)


def _guess(cell: str) -> Any:
    """Give what a cell of an unknown type says by itself."""
    if cell.lower() in _WORDS:
        return _WORDS[cell.lower()]
    if cell.startswith('@"'):
        return compile_expression(cell).evaluate({})
    number = compile_expression("number(cell)").evaluate({"cell": cell})
    # a code such as 0012 is text
    is_code = cell.lstrip("-").startswith("0") and cell.lstrip("-")[1:2].isdigit()
    return number if kind(number) == "number" and not is_code else cell


def _set(context: dict[str, Any], column: str, value: Any) -> None:
    *path, last = column.split(".")
    inside = context
    for name in path:
        inner = inside.setdefault(name, {})
        if not isinstance(inner, dict):
            raise Invalid("{column} cannot be set inside {name}, which has a value", column=column, name=name)
        inside = inner
    inside[last] = value
