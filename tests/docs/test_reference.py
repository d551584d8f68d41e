"""The reference pages say what the code says: states, errors, job types, permissions."""

import ast
import importlib
import inspect
import pkgutil
import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

import connectors
import engine
from connectors.registry import Registry
from engine.errors import PropflowError
from engine.services.roles import parse_permissions
from tests.docs.permissions import asked
from tests.docs.tables import PAGES, filled, meanings
from webui.errors import status_of

ROOT = Path(__file__).parents[2]


def page(name):
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def rows(text):
    """The cells of every table row, without heads."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line] for line in lines if not line[0].strip().startswith("---")]


def modules():
    for package in (engine, connectors):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def classes(base):
    """Every class of the engine and the connectors beneath a base, once, from where it is defined."""
    for module in modules():
        for found in vars(module).values():
            if inspect.isclass(found) and issubclass(found, base) and found.__module__ == module.__name__:
                yield found


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_the_tables_that_are_made_from_the_code_are_what_it_says_now(path):
    text = path.read_text(encoding="utf-8")

    assert filled(text) == text, "run: python -m tests.docs.tables"


# ---- states ------------------------------------------------------------------------------------------------------------


def test_every_state_is_on_the_page_with_its_meaning():
    said = {(line[0].strip("`"), line[1]) for line in rows(page("states"))}
    enums = [each for each in classes(StrEnum) if each.__name__.endswith("State") or each.__name__ == "Phase"]

    missing = [(enum.__name__, *pair) for enum in enums for pair in meanings(enum).items() if pair not in said]
    assert len(enums) > 10
    assert missing == []


# ---- errors ------------------------------------------------------------------------------------------------------------


def test_every_error_is_on_the_page_with_its_meaning_and_status():
    said = {line[0].strip("`"): line[1:] for line in rows(page("errors")) if len(line) == 4}
    found = {each.__name__: each for each in classes(PropflowError)} | {"Invalid": PropflowError}
    found.pop("PropflowError")
    found.pop("Invalid")

    assert sorted({*found, "Invalid"} - set(said)) == []
    for name, error in found.items():
        meaning, status, remedy = said[name]
        assert meaning == (error.__doc__ or "").partition("\n")[0].replace("``", "`")
        assert remedy
        code = status_of(error.__new__(error))
        assert status == ("-" if code == 500 else str(code)), name


def incident_kinds():
    """Every kind with which the engine raises an incident."""
    for path in [*ROOT.glob("engine/bpmn/*.py"), *ROOT.glob("engine/services/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = {"Stuck": 0, "incident": 1, "Fail": 1}.get(name)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                yield node.args[place].value
            if name == "row" and path.parent.name == "services":
                yield from (
                    each.value.value
                    for each in node.keywords
                    if each.arg == "kind" and isinstance(each.value, ast.Constant)
                )


def test_every_kind_of_incident_is_on_the_page():
    said = {line[0].strip("`") for line in rows(page("errors")) if len(line) == 3}
    kinds = set(incident_kinds())

    assert len(kinds) > 8
    assert sorted(kinds - said) == []


# ---- job types ---------------------------------------------------------------------------------------------------------


def test_every_bpmn_error_that_a_connector_raises_is_in_its_manifest():
    for connector in Registry().connectors:
        declared = {code for operation in connector.manifest.operations for code in operation.errors}
        sources = [path.read_text(encoding="utf-8") for path in connector.manifest.folder.rglob("*.py")]
        raised = {code for source in sources for code in re.findall(r'BpmnError\("(\w+)"', source)}
        assert raised == declared, connector.manifest.name


def test_every_job_type_takes_and_gives_what_its_manifest_says():
    """An input that the code never reads, or an output that it never gives, would mislead whoever draws."""
    for connector in Registry().connectors:
        source = "".join(path.read_text(encoding="utf-8") for path in connector.manifest.folder.rglob("*.py"))
        for operation in connector.manifest.operations:
            named = [each.name for each in operation.inputs] + list(operation.outputs)
            assert [name for name in named if not re.search(rf"""["']{name}["']""", source)] == [], operation.name


# ---- permissions -------------------------------------------------------------------------------------------------------


def test_what_is_asked_for_is_on_the_page_and_nothing_else():
    said = {(line[0].strip("`"), line[1].strip("`")) for line in rows(page("permissions")) if len(line) == 3}
    said = {pair for pair in said if re.fullmatch(r"[a-z_]+", pair[0]) and re.fullmatch(r"[a-z]+", pair[1])}
    said -= {("kind", "verb"), ("role", "who")}

    assert sorted(asked() - said) == []
    assert sorted(said - asked()) == []


def test_what_roles_are_given_is_asked_for_or_said_to_wait():
    catalogue = tomllib.loads((ROOT / "connectors" / "register" / "roles.toml").read_text(encoding="utf-8"))
    texts = [*catalogue.pop("everyone"), *(text for role in catalogue.values() for text in role["permissions"])]
    given = {pair for pair in parse_permissions(texts) if "*" not in pair}
    waiting = page("permissions").partition("<!-- list: waiting -->")[2].partition("<!-- end -->")[0]

    assert {f"{kind}:{verb}" for kind, verb in given - asked()} == set(re.findall(r"- `(\w+:\w+)`", waiting))
