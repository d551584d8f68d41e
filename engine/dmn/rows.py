"""Rows of a CSV file as the inputs of a decision: each cell is read as the type that its input has."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.feel import compile_expression, kind

MAX_ROWS = 100_000
_HEAD = Text("line {line}", line=1)
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
_EXAMPLES = {
    "number": "12.50",
    "date": "2026-03-01",
    "time": "10:30:00",
    "date and time": "2026-03-01T10:30:00+08:00",
    "duration": "P3D, PT4H, P1Y6M",
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
    """Read CSV whose first line names the columns; ``a.b`` sets the member b of the input a.

    It may be as spreadsheets write it: UTF-8, UTF-16 or GB 18030, with commas, semicolons or tabs. An empty cell is null; a cell that
    begins with ``=`` is a FEEL expression. Other cells are read as the type of the column's input; where it has none, numbers, ``true``,
    ``false`` and ``@"..."`` mean themselves and the rest is text.

    Args:
        inputs: {name: name of its type} of what the decision wants.

    Raises:
        Invalid: it is no such table, a column is missing, or a cell is no value of its type; one ``Problem`` each.
    """
    lines = _lines(_text(content))
    columns = [each.strip() for each in lines[0]]
    problems = [*_wrong_columns(columns, inputs)]
    if len(lines) == 1:
        message = Text("there is no row beneath the names of the columns")
        problems.append(Problem(_HEAD, message, Text("add a row for each case")))
    rows = []
    for number, line in enumerate(lines[1:], 1):
        if len(line) > len(columns):
            message = Text("there are {cells} cells but {columns} columns", cells=len(line), columns=len(columns))
            problems.append(
                Problem(Text("row {number}", number=number), message, Text("put a cell with a comma into quotes"))
            )
            continue
        cells = {column: cell.strip() for column, cell in zip(columns, line + [""] * len(columns), strict=False)}
        context: dict[str, Any] = {}
        for column, cell in cells.items():
            try:
                _set(context, column, _value(cell, inputs.get(column, "")))
            except (Invalid, LimitExceeded) as error:
                problems.append(_wrong_cell(number, column, error))
        rows.append(Row(number, cells, context))
    if problems:
        raise Invalid(problems)
    return rows


def _text(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("the file is neither UTF-8 nor GB 18030; save it as CSV in UTF-8")


def _lines(text: str) -> list[list[str]]:
    """Cut the text into lines of cells, without those that are empty; the first one says what divides cells."""
    head = text.lstrip().partition("\n")[0]
    divider = next((each for each in ",;\t" if each in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    lines = []
    try:
        for line in reader:
            if any(map(str.strip, line)):
                lines.append(line)
            if len(lines) > MAX_ROWS + 1:
                raise Invalid("the file has more than {limit} rows; split it", limit=MAX_ROWS)
    except csv.Error as error:
        message = Text("the line cannot be read: {reason}", reason=str(error))
        remedy = Text("look for a quote that is never closed")
        raise Invalid(Problem(Text("line {line}", line=reader.line_num), message, remedy)) from None
    if not lines:
        raise Invalid("the file has no line that names the columns")
    return lines


def _wrong_columns(columns: list[str], inputs: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted({each for each in columns if columns.count(each) > 1 or not each}):
        yield Problem(_HEAD, Text("the column {name} is there twice, or has no name", name=name or "''"))
    roots = {column.partition(".")[0] for column in columns} | set(columns)
    missing = [name for name in inputs if name not in roots]
    if not missing:
        return
    remedy = Text("add a column; leave its cells empty for null")
    if any("，" in column or "；" in column for column in columns):
        remedy = Text("divide the columns by , instead of a full-width sign")
    else:
        spare = [column for column in columns if column not in inputs]
        near = [(found[0], name) for name in missing if (found := get_close_matches(name, spare, 1))]
        if near:
            remedy = Text("add a column, or rename {column} to {name}", column=near[0][0], name=near[0][1])
    names = ", ".join(missing)
    yield Problem(_HEAD, Text("the decision wants {names}, for which there is no column", names=names), remedy)


def _wrong_cell(number: int, column: str, error: Invalid | LimitExceeded) -> Problem:
    reason = error.problems[0].message if isinstance(error, Invalid) else error.text
    remedy = error.problems[0].remedy if isinstance(error, Invalid) else ""
    return Problem(
        Text("row {number}", number=number), Text("{column}: {reason}", column=column, reason=reason), remedy
    )


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
            message = Text("{cell} is no {type}", cell=cell[:80], type=type_name)
            remedy = Text("write it like {example}", example=_EXAMPLES[_MAKERS[type_name]])
            raise Invalid(Problem("", message, remedy))
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
