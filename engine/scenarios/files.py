"""Scenario files: read from YAML into values, checked: their shape by the schema, then what they name, every problem of a file together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from engine import schemas
from engine.errors import Invalid, Problem, Text
from engine.model.json import exact

FOLDER = "scenarios"
MAX_ROUTINES = 20
"""How deep routines may use one another."""

SHARED = "_"
"""File names that begin so hold what scenarios share; they are no scenarios."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: commands in order, then what is expected after them. ``of``: the process whose newest instance is looked at."""

    title: str
    when: tuple[tuple[str, Any], ...]
    then: Mapping[str, Any]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario.

    Attributes:
        folders: process folders that are deployed before its own, for processes that it calls.
        now: where the clock stands when it begins; None: where the harness puts it.
        workers: {job type: answers}; see ``engine.scenarios.workers``.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    folders: tuple[Path, ...] = ()
    now: datetime | None = None
    workers: Mapping[str, Any] = field(default_factory=dict)


class _Loader(yaml.CSafeLoader):
    """Reads YAML as JSON values: numbers exact, dates as the text that they are written with."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _number(loader: _Loader, node: yaml.ScalarNode) -> int | Decimal:
    return exact(Decimal(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def load(path: Path) -> Any:
    """Read a YAML file. Raises Invalid when it is not there, or not YAML."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader of our own
    except FileNotFoundError as error:
        problem = Problem(path.name, Text("there is no such file"), Text("write it beside the scenarios that name it"))
        raise Invalid(problem) from error
    except (yaml.YAMLError, UnicodeDecodeError, ArithmeticError, RecursionError) as error:
        problem = Problem(path.name, Text("this is not YAML: {reason}", reason=str(error)), Text("save YAML as UTF-8"))
        raise Invalid(problem) from error


def _shaped(path: Path, part: str) -> dict[str, Any]:
    """Read a file that is this part of the schema. Raises Invalid."""
    raw = load(path)
    if problems := schemas.problems("scenario", raw, path.name, part=part):
        raise Invalid(problems)
    found: dict[str, Any] = raw
    return found


def read_folder(folder: Path, only: Collection[str] = ()) -> list[Scenario]:
    """Read the scenarios of a process folder, by name; ``only`` names some of them.

    Raises:
        Invalid: a file is wrong; every problem of every file together.
    """
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        if path.name.startswith(SHARED) or (only and path.stem not in only):
            continue
        try:
            found.append(read(path))
        except Invalid as error:
            problems.extend(error.problems)
    if problems:
        raise Invalid(problems)
    return found


def read(path: Path) -> Scenario:
    """Read one scenario. Raises Invalid."""
    raw = _shaped(path, "scenario")
    given: Mapping[str, Any] = raw.get("given", {})
    shared = _shaped(path.parent / given["shared"], "shared") if "shared" in given else {}
    merged = {**shared, **given}
    for name in ("workers", "answers", "routines"):
        merged[name] = {**shared.get(name, {}), **given.get(name, {})}
    check = _Check(path.name)
    short = _Short(check, merged["answers"], merged["routines"])
    steps = tuple(_step(short, number, each) for number, each in enumerate(raw["steps"], 1))
    now = check.instant(merged.get("now"))
    if check.problems:
        raise Invalid(check.problems)
    return Scenario(
        name=path.stem,
        title=raw["title"],
        steps=steps,
        folders=tuple((path.parent.parent / each).resolve() for each in merged.get("folders", ())),
        now=now,
        workers=merged["workers"],
    )


def _step(short: _Short, number: int, said: Mapping[str, Any]) -> Step:
    when = tuple(short.commands(said.get("when", []), f"step {number}"))
    title = said.get("title") or ", ".join(_name(*each) for each in when)
    return Step(title, when, said.get("then", {}), said.get("of", ""))


class _Short:
    """Writes out what a file says in short: ``do: routine`` for commands, the name of an answer for its values."""

    def __init__(self, check: _Check, answers: Mapping[str, Any], routines: Mapping[str, Any]) -> None:
        self._check = check
        self._answers = answers
        self._routines = routines

    def commands(self, raw: Any, where: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
        """Give the commands of a ``when``, those of routines written out."""
        for each in raw if isinstance(raw, list) else [raw]:
            for name, given in each.items():
                if name != "do":
                    yield name, self._filled(given, where)
                elif given not in self._routines or depth > MAX_ROUTINES:
                    self._check.problem(where, Text("there is no routine {name}", name=str(given)))
                else:
                    yield from self.commands(self._routines[given], f"{where}, {given}", depth + 1)

    def _filled(self, given: Any, where: str) -> Any:
        if not isinstance(given, dict):
            return given
        return {
            name: self._values(value, where) if name in ("values", "variables") else value
            for name, value in given.items()
        }

    def _values(self, raw: Any, where: str) -> Mapping[str, Any]:
        """Give values: as written, an answer by its name, or a list of these, the later ones over the earlier ones."""
        found: dict[str, Any] = {}
        for each in raw if isinstance(raw, list) else [raw]:
            known = self._answers.get(each) if isinstance(each, str) else each
            if isinstance(known, dict):
                found |= known
            else:
                self._check.problem(where, Text("there are no answers {name}", name=str(each)))
        return found


def _name(command: str, given: Any) -> str:
    subject = given if isinstance(given, str) else next(iter(given.values()), "") if isinstance(given, dict) else given
    return f"{command} {subject}" if isinstance(subject, str | int) else command


class _Check:
    """Collects what is wrong with one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, where: str, message: Text, remedy: Text | str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(f"{self.file} {where}".strip(), message, remedy))

    def instant(self, raw: Any) -> datetime | None:
        """Read an instant with its offset."""
        if raw is None:
            return None
        try:
            found = datetime.fromisoformat(str(raw))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.problem("given", Text("now is not an instant"), Text("write it like 2026-03-02T09:00:00+08:00"))
            return None
        return found
