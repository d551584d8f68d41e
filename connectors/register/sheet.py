"""Reads a CSV file as a spreadsheet writes it: UTF-8 or GBK, comma, semicolon or tab, header in Chinese or English. Pure.

Every bad cell is reported with its line; a file with one bad cell gives no rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from connectors.register.places import clean_phone
from engine.errors import Invalid, LimitExceeded, Problem, Text

MAX_BYTES = 10_000_000
MAX_ROWS = 50_000
_MAX_PROBLEMS = 1000  # of one file; more would help nobody


class Bad(Exception):
    """A cell that cannot be read; says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field that it fills, its two names, how a cell is read, and what an empty one means.

    Attributes:
        required: the column must be there and no cell of it may be empty.
        default: the value of an empty cell.
    """

    field: str
    zh: str
    en: str
    read: Reader
    required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its number there, counted from 1, and {field: value}."""

    line: int
    values: Mapping[str, Any]


def at(line: int) -> Text:
    """Name a line of the file, as the place of a problem."""
    return Text("line {number}", number=line)


def read(content: bytes, columns: Sequence[Column]) -> list[Row]:
    """Read a file.

    Raises:
        LimitExceeded: it has more than 10 MB or 50,000 rows.
        Invalid: it is no CSV, a column is missing or unknown, or a cell is wrong; one problem per place.
    """
    if len(content) > MAX_BYTES:
        raise LimitExceeded("a file has at most {limit} MB; split it", limit=MAX_BYTES // 1_000_000)
    text = _decode(content)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = _lines(text, delimiter)
    try:
        _, header = next(lines)
    except StopIteration:
        raise Invalid(Problem(at(1), Text("the file is empty"), Text("begin with a line of column names"))) from None
    chosen = _columns(header, columns)
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in lines:
        if len(rows) >= MAX_ROWS:
            raise LimitExceeded("a file has at most {limit} rows; split it", limit=MAX_ROWS)
        rows.append(_row(line, cells, chosen, columns, problems))
        if len(problems) >= _MAX_PROBLEMS:
            break
    if problems:
        raise Invalid(problems)
    return rows


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(Problem(at(1), Text("the file is neither UTF-8 nor GBK"), Text("save it as CSV UTF-8")))


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give (number of the line where it begins, cells) of every line that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield begins, stripped
            begins = reader.line_num + 1
    except csv.Error as error:
        remedy = Text("check the quotation marks")
        raise Invalid(Problem(at(begins), Text("this is not CSV: {reason}", reason=str(error)), remedy)) from error


def _columns(header: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    known = {name.casefold(): column for column in columns for name in (column.zh, column.en, column.field)}
    problems = []
    chosen: list[Column] = []
    for name in header:
        column = known.get(name.casefold())
        if column is None:
            names = ", ".join(f"{each.zh} / {each.en}" for each in columns)
            problems.append(
                Problem(at(1), Text("there is no column {name}", name=name[:80]), Text("known: {names}", names=names))
            )
        elif column in chosen:
            problems.append(Problem(at(1), Text("the column {name} is there twice", name=name[:80])))
        else:
            chosen.append(column)
    problems.extend(
        Problem(at(1), Text("the column {zh} / {en} is missing", zh=column.zh, en=column.en))
        for column in columns
        if column.required and column not in chosen
    )
    if problems:
        raise Invalid(problems)
    return chosen


def _row(
    line: int, cells: Sequence[str], chosen: Sequence[Column], columns: Sequence[Column], problems: list[Problem]
) -> Row:
    if len(cells) > len(chosen):
        problems.append(Problem(at(line), Text("the line has more cells than there are columns")))
    values = {column.field: column.default for column in columns}
    for column, cell in zip(chosen, [*cells, *[""] * len(chosen)], strict=False):
        try:
            if cell:
                values[column.field] = column.read(cell)
            elif column.required:
                raise Bad(Text("is missing"))
        except Bad as bad:
            message = Text("{column}: {reason}", column=f"{column.zh} / {column.en}", reason=bad.reason)
            problems.append(Problem(at(line), message))
    return Row(line, values)


def header(columns: Sequence[Column], locale: str) -> str:
    """Give the first line of a file to fill in, as a reader of ``locale`` expects it."""
    return ",".join(column.zh if locale.startswith("zh") else column.en for column in columns) + "\r\n"


# ---- how cells are read -----------------------------------------------------------------------------------------------


def text(limit: int) -> Reader:
    """Take a text of at most ``limit`` characters."""

    def read_text(cell: str) -> str:
        if len(cell) > limit:
            raise Bad(Text("has more than {limit} characters", limit=limit))
        return cell

    return read_text


def integer(low: int, high: int) -> Reader:
    """Take a whole number between two bounds."""

    def read_integer(cell: str) -> int:
        if not re.fullmatch(r"-?\d{1,12}", cell) or not low <= int(cell) <= high:
            raise Bad(Text("{cell} is not a whole number from {low} to {high}", cell=cell[:40], low=low, high=high))
        return int(cell)

    return read_integer


def hundredths(cell: str) -> int:
    """Take a number with at most two decimals as hundredths."""
    try:
        value = Decimal(cell.replace(",", "")) * 100
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= 10**12:
        raise Bad(Text("{cell} is not a number with at most two decimals", cell=cell[:40]))
    return int(value)


def degrees(most: int) -> Reader:
    """Take an angle from -``most`` to ``most`` degrees, such as 30.657, as millionths of a degree."""

    def read_degrees(cell: str) -> int:
        if not re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", cell) or abs(Decimal(cell)) > most:
            raise Bad(Text("{cell} is not an angle from {low} to {high} degrees", cell=cell[:40], low=-most, high=most))
        return round(Decimal(cell) * 1_000_000)

    return read_degrees


def day(cell: str) -> date:
    """Take a date: 2026-01-31, 2026/1/31, 2026.1.31 or 2026年1月31日."""
    found = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", cell)
    try:
        if not found:
            raise ValueError(cell)
        return date(*map(int, found.groups()))
    except ValueError:
        raise Bad(Text("{cell} is not a date; write it like 2026-01-31", cell=cell[:40])) from None


def flag(cell: str) -> bool:
    """Take yes or no: 是, 否, yes, no, 1, 0."""
    words = {"是": True, "yes": True, "y": True, "1": True, "true": True}
    words |= {"否": False, "no": False, "n": False, "0": False, "false": False}
    if cell.casefold() not in words:
        raise Bad(Text("{cell} is neither yes nor no", cell=cell[:40]))
    return words[cell.casefold()]


def phone(cell: str) -> str:
    """Take a Chinese mobile or landline number."""
    number = clean_phone(cell.removesuffix(".0"))  # spreadsheets make numbers of them
    if not number:
        raise Bad(Text("{cell} is not a phone number", cell=cell[:40]))
    return number


def choice(enum: type[StrEnum], names: Mapping[str, StrEnum]) -> Reader:
    """Take a member of an enum by its code or one of its names."""
    words = {member.value: member for member in enum} | {name.casefold(): member for name, member in names.items()}

    def read_choice(cell: str) -> StrEnum:
        if cell.casefold() not in words:
            raise Bad(Text("{cell} is none of {words}", cell=cell[:40], words=", ".join(words)))
        return words[cell.casefold()]

    return read_choice
