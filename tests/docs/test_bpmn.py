"""``docs/reference/bpmn.md`` says what the code does: every row's tests exist and name its clause, and no position is left out."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.bpmn.definition import EVENTS, EventKind, Kind
from engine.bpmn.lint import RULES
from engine.bpmn.read.roots import GLOBAL_TASKS
from engine.bpmn.rules.executed import POSITIONS

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests/engine/bpmn/elements"
PAGE = (ROOT / "docs/reference/bpmn.md").read_text(encoding="utf-8")
LINT = (ROOT / "docs/reference/lint.md").read_text(encoding="utf-8")


class Row(NamedTuple):
    element: str
    position: str
    clauses: list[str]
    does: str
    refused: str
    tests: list[str]
    spiff: str
    camunda: str


def rows():
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and not line.startswith(("| element |", "| --- ")):
            element, position, clauses, does, refused, tests, spiff, camunda = cells
            named = [test.strip("` ") for test in tests.split("<br>")]
            yield Row(element, position, clauses.split(", "), does, refused, named, spiff, camunda)


ROWS = list(rows())


@pytest.fixture(scope="module")
def collected():
    """The node ids of the tests of elements, as pytest collects them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(TESTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return {line.partition("elements/")[2] for line in done.stdout.splitlines() if "::" in line}


@pytest.fixture(scope="module")
def docstrings():
    """{file::function: its docstring}"""
    return {
        f"{file.name}::{node.name}": ast.get_docstring(node) or ""
        for file in TESTS.glob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_test_that_a_row_names_exists(collected):
    assert [(row.element, test) for row in ROWS for test in row.tests if test not in collected] == []


def test_the_tests_of_a_row_name_its_clauses(docstrings):
    lacking = []
    for row in ROWS:
        words = " ".join(docstrings[test.partition("[")[0]] for test in row.tests)
        assert "BPMN 2.0.2" in words, row
        named = [re.compile(rf"(?<![\d.]){re.escape(each)}(?!\.?\d)") for each in row.clauses]
        lacking += [(row.element, row.position, each.pattern) for each in named if not each.search(words)]
    assert lacking == []


def test_a_row_says_what_happens_or_which_rule_refuses_it():
    known = {rule.id for rule in RULES} | set(re.findall(r"^### `([\w-]+)`", LINT, re.MULTILINE))
    known |= set(re.findall(r"^\| `([\w-]+)`", LINT, re.MULTILINE))
    for row in ROWS:
        named = re.findall(r"`([a-z]+(?:-[a-z]+)+|quantity|interrupting)`", row.refused)
        assert row.does != "-" or named, row
        assert [each for each in named if each not in known] == [], row
        assert row.spiff and row.camunda, row


def test_every_test_of_elements_belongs_to_a_row(collected):
    named = {test for row in ROWS for test in row.tests}

    assert sorted(collected - named - {"test_refused_events.py::test_every_position_is_tried"}) == []


# ---- nothing is left out -----------------------------------------------------------------------------------------------

WORDS = {EventKind.COMPENSATION.value: "compensation"}
WAYS = {
    "start of a process": ["start of a process"],
    "start of a subprocess": ["start of a subprocess"],
    "start of an event subprocess": [
        "start of an event subprocess, interrupting",
        "start of an event subprocess, beside",
    ],
    Kind.CATCH_EVENT.value: ["catch"],
    Kind.THROW_EVENT.value: ["throw"],
    Kind.BOUNDARY_EVENT.value: ["boundary, interrupting", "boundary, beside"],
    Kind.END_EVENT.value: ["end"],
}
"""{position of the linter: positions of the page}"""
NEVER_BESIDE = {"none", "compensation", "cancel", "link", "terminate"}
"""Kinds without a second way: refused in both, or without any interruption."""
SEVERAL = {"start of a process", "start of an event subprocess", "intermediateCatchEvent", "boundaryEvent"}


def test_every_kind_of_event_has_a_row_in_every_position():
    has = {(row.element, row.position) for row in ROWS}
    wanted = set()
    for place, executed in POSITIONS.items():
        for position in WAYS[place]:
            kinds = ["none", *(WORDS.get(kind.value, kind.value) for kind in EventKind)]
            kinds += ["multiple"] if place != "start of a subprocess" else []
            kinds += ["parallel multiple"] if place in SEVERAL else []
            beside = position.endswith("beside")
            wanted |= {(kind, position) for kind in kinds if not (beside and kind in NEVER_BESIDE)}
        assert executed <= set(EventKind)

    assert sorted(wanted - has) == []


def test_what_is_executed_has_a_row_that_says_so_and_what_is_not_has_one_that_refuses():
    rows_of = {(row.element, row.position): row for row in ROWS}
    for place, executed in POSITIONS.items():
        first = WAYS[place][0]
        for kind in EventKind:
            row = rows_of[WORDS.get(kind.value, kind.value), first]
            assert (row.does != "-") == (kind in executed), row
            if kind not in executed:
                assert "`event-position`" in row.refused


def test_every_kind_of_element_has_a_row():
    text = " ".join(row.element for row in ROWS)
    kinds = {kind.value for kind in Kind} - {kind.value for kind in EVENTS} - {"process"}

    assert sorted(kind for kind in kinds if f"`{kind}`" not in text) == []
    assert "`globalTask`" in text and GLOBAL_TASKS


@pytest.mark.parametrize(
    "attribute",
    [
        "standardLoopCharacteristics",
        "multiInstanceLoopCharacteristics",
        "loopCardinality",
        "completionCondition",
        "behavior",
        "startQuantity",
        "completionQuantity",
        "instantiate",
        "waitForCompletion",
        "activityRef",
        "triggeredByEvent",
        "sequenceFlow",
        "dataObject",
        "dataStore",
        "transformation",
        "participant",
        "lane",
    ],
)
def test_what_the_reader_reads_besides_has_a_row(attribute):
    assert any(f"`{attribute}`" in row.element for row in ROWS)
