"""``propflow decide``: evaluate a decision for every row of a CSV file."""

from __future__ import annotations

import argparse
import unicodedata
from pathlib import Path
from typing import Any, TypeAlias

from engine.dmn import Decisions, Explanation
from engine.dmn.rows import Row, read_rows
from engine.errors import Invalid, LimitExceeded, NotFound, Problem, Text
from engine.model import json
from engine.model.values import Resource
from engine.services import decisions
from webui.cli.out import Out

AT_ONCE = 1_000
"""Rows that are evaluated before they are printed."""

Told: TypeAlias = tuple[Row, Explanation | None, str]
"""A row, how its value came about (None: a bound was broken), and what there is to say about it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE.dmn", help="a DMN file; what it imports lies beside it")
    parser.add_argument("--decision", metavar="ID", help="id or name of the decision; needed where there are several")
    parser.add_argument(
        "--rows", type=Path, required=True, metavar="ROWS.csv", help="one column per input, named in the first line"
    )
    parser.set_defaults(run=run)


def run(given: argparse.Namespace, out: Out) -> int:
    """Print each row with its result and the rules that matched."""
    loaded = _load(given.file)
    wrong = [problem for problem in loaded.problems if problem.severity == "error"]
    if wrong:
        raise Invalid(wrong)
    wanted = given.decision or _only(loaded, given.file.name)
    rows = read_rows(_content(given.rows), loaded.inputs(wanted))
    documents: list[dict[str, Any]] = []
    failed = False
    for start in range(0, len(rows), AT_ONCE):  # a long file shows where it is
        told = [_tell(loaded, wanted, row, out) for row in rows[start : start + AT_ONCE]]
        failed |= any(explained is None for _, explained, _ in told)
        if out.json:
            documents += [_as_json(*each) for each in told]
        for line in _aligned(_table(told, out, headed=start == 0)):
            out.say(line)
    out.result({"decision": wanted, "rows": documents})
    return 1 if failed else 0


def _tell(loaded: Decisions, wanted: str, row: Row, out: Out) -> Told:
    try:
        explained = loaded.explain(wanted, row.context)
    except LimitExceeded as error:
        return row, None, out.speak(error.text)
    return row, explained, " ".join(map(out.speak, explained.messages))


def _load(file: Path) -> Decisions:
    _content(file)
    beside = sorted(each for each in file.parent.glob(f"*{decisions.SUFFIX}") if each.is_file() and each != file)
    return decisions.load([Resource(each.name, each.read_bytes()) for each in (file, *beside)], file.name)


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound("there is no file {path}", path=str(file))
    return file.read_bytes()


def _only(loaded: Decisions, name: str) -> str:
    ids = [each.id for each in loaded.decisions if each.kind == "decision"]
    if len(ids) != 1:
        message = Text("the file has {count} decisions", count=len(ids))
        remedy = Text("say which is meant with --decision: {ids}", ids=", ".join(ids))
        raise Invalid(Problem(name, message, remedy))
    return ids[0]


def _as_json(row: Row, explained: Explanation | None, message: str) -> dict[str, Any]:
    if explained is None:
        return {"row": row.number, "cells": dict(row.cells), "error": message}
    return {"row": row.number, "cells": dict(row.cells), **explained.as_json()}


def _table(told: list[Told], out: Out, *, headed: bool) -> list[list[str]]:
    """Give the lines: the cells as written, the result, the rules of each table, and why a null came about."""
    row, result, matched = map(out.speak, (Text("row"), Text("result"), Text("rules")))
    lines = [[row, *told[0][0].cells, result, matched, ""]] if headed else []
    for case, explained, message in told:
        if explained is None:
            lines.append([str(case.number), *case.cells.values(), "", "", message])
            continue
        tables = [each for each in explained.decisions if each.matched]
        numbers = {each.name: ",".join(map(str, each.matched)) for each in tables}
        rules = [f"{name}: {found}" if len(numbers) > 1 else found for name, found in numbers.items()]
        value = json.dumps(explained.as_json()["value"])
        lines.append([str(case.number), *case.cells.values(), value, "; ".join(rules), message])
    return lines


def _aligned(lines: list[list[str]]) -> list[str]:
    lines = [["".join(each if each.isprintable() else " " for each in cell) for cell in line] for line in lines]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _width(text: str) -> int:
    """Give how many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
