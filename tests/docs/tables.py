"""The tables of the reference pages that are made from the code: ``python -m tests.docs.tables`` writes them into their pages.

In a page, a table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from connectors.register.roles import CATALOGUE
from connectors.register.store.devices import DEVICE_MOVES, DeviceState
from connectors.registry import Registry
from connectors.telemetry.alarms import MOVES as ALARM_MOVES
from connectors.telemetry.alarms import AlarmState
from engine import schemas
from engine.bpmn.progress import Limits
from engine.model.states import (
    BATCH_MOVES,
    INCIDENT_MOVES,
    INSTANCE_MOVES,
    JOB_MOVES,
    TASK_MOVES,
    BatchState,
    IncidentState,
    InstanceState,
    JobState,
    TaskState,
)
from engine.store.jobs import JobKind

PAGES = Path(__file__).parents[2] / "docs" / "reference"
BLOCK = re.compile(r"(<!-- table: (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') or '-' for cell in line)} |\n" for line in lines)


def meanings(enum: type[StrEnum]) -> dict[str, str]:
    """Give {value: the remark beside the member in the source}."""
    found: dict[str, str] = {}
    name = ""
    for line in inspect.getsource(enum).splitlines():
        if member := re.match(r"\s+([A-Z_]+) = ", line):
            name = member[1]
        if remark := re.search(r"#: (.*)", line):
            found[enum[name].value] = remark[1].strip().replace("``", "`")
    return found


def moves(enum: type[StrEnum], table_of: Mapping[tuple[StrEnum, str], StrEnum]) -> str:
    """Say of each state what it means, what leads there and what leads out."""
    said = meanings(enum)
    rows = []
    for state in enum:
        into = [f"`{action}` from `{source.value}`" for (source, action), target in table_of.items() if target is state]
        out = [f"`{action}`" for (source, action) in table_of if source is state]
        rows.append((f"`{state.value}`", said[state.value], ", ".join(into), ", ".join(dict.fromkeys(out))))
    return table(("state", "meaning", "comes by", "leaves by"), rows)


def job_kinds() -> str:
    said = meanings(JobKind)
    return table(("kind", "what it is about"), [(f"`{kind.value}`", said[kind.value]) for kind in JobKind])


def job_types() -> str:
    """Every job type that a connector which comes with the product serves."""
    rows = []
    for connector in Registry().connectors:
        for operation in connector.manifest.operations:
            inputs = [f"`{each.name}`" + ("" if each.required else "?") for each in operation.inputs]
            rows.append(
                (
                    f"`{connector.manifest.name}:{operation.name}`",
                    f"{operation.title['en']} ({operation.title['zh']})",
                    " ".join(inputs),
                    " ".join(f"`{each}`" for each in operation.outputs),
                    operation.effect.value,
                    " ".join(f"`{each}`" for each in operation.errors),
                )
            )
    return table(("job type", "what it does", "inputs", "outputs", "effect", "BPMN errors"), rows)


def messages() -> str:
    """Every message that a connector publishes."""
    rows = [
        (f"`{each.name}`", f"{each.title['en']} ({each.title['zh']})", each.correlation, connector.manifest.name)
        for connector in Registry().connectors
        for each in connector.manifest.messages
    ]
    return table(("message", "what happened", "correlation key", "connector"), rows)


def roles() -> str:
    """The roles that come with the product, with their permissions."""
    catalogue = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    everyone = " ".join(f"`{each}`" for each in catalogue.pop("everyone"))
    rows = [("every role", "", everyone)]
    for code, role in catalogue.items():
        rows.append(
            (f"`{code}`", f"{role['en']} ({role['zh']})", " ".join(f"`{each}`" for each in role["permissions"]))
        )
    return table(("role", "who", "permissions"), rows)


def limits() -> str:
    """The bounds of an instance: each ends in an incident of the kind ``limit``."""
    text = inspect.getdoc(Limits) or ""
    said = dict(re.findall(r"^    (\w+): (.*)$", text, re.MULTILINE))
    rows = [(f"`{name}`", f"{value:,}", said[name]) for name, value in vars_of(Limits()).items()]
    return table(("bound", "value", "of what"), rows)


def vars_of(limits: Limits) -> dict[str, int]:
    return {name: getattr(limits, name) for name in limits.__dataclass_fields__}


def keys(name: str, part: str = "") -> str:
    """The names that a file may hold, as its schema says."""
    whole = schemas.schema(name)
    rows: list[tuple[str, ...]] = []

    def walk(node: Mapping[str, Any], path: str) -> None:
        node = {**whole["$defs"][node["$ref"].rpartition("/")[2]], **node} if "$ref" in node else node
        required = node.get("required", ())
        for key, inside in node.get("properties", {}).items():
            shared = whole["$defs"][inside["$ref"].rpartition("/")[2]] if "$ref" in inside else {}
            said = inside.get("description") or shared.get("description", "")
            choices = ", ".join(f"`{each}`" for each in inside.get("enum", shared.get("enum", ())))
            meaning = " ".join(filter(None, (said, f"One of {choices}." if choices else "")))
            rows.append((f"`{path}{key}`", "yes" if key in required else "", meaning))
            if inside.get("$ref") != "#/$defs/words":
                walk(inside, f"{path}{key}.")
        if "items" in node:
            walk(node["items"], f"{path.rstrip('.')}[].")
        if isinstance(more := node.get("additionalProperties"), dict):
            walk(more, f"{path}NAME.")

    walk(whole["$defs"][part] if part else whole, "")
    return table(("name", "must be", "meaning"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "instance": lambda: moves(InstanceState, INSTANCE_MOVES),
    "task": lambda: moves(TaskState, TASK_MOVES),
    "job": lambda: moves(JobState, JOB_MOVES),
    "incident": lambda: moves(IncidentState, INCIDENT_MOVES),
    "batch": lambda: moves(BatchState, BATCH_MOVES),
    "alarm": lambda: moves(AlarmState, ALARM_MOVES),
    "device": lambda: moves(DeviceState, DEVICE_MOVES),
    "job-kinds": job_kinds,
    "job-types": job_types,
    "messages": messages,
    "roles": roles,
    "limits": limits,
    "process.toml": lambda: keys("process"),
    "sla.toml": lambda: keys("sla"),
    "scenario": lambda: keys("scenario", "scenario"),
    "scenario-when": lambda: keys("scenario", "command"),
}


def filled(page: str) -> str:
    """Give a page with its tables as the code says them now."""
    return BLOCK.sub(lambda block: f"{block[1]}{TABLES[block[2]]()}{block[4]}", page)


if __name__ == "__main__":
    for path in sorted(PAGES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (made := filled(text)) != text:
            path.write_text(made, encoding="utf-8")
            print(f"wrote {path.relative_to(Path.cwd())}")  # noqa: T201 - a command says what it did
