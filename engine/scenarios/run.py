"""Plays the scenarios of a process folder, each on a harness of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.errors import NotFound, PropflowError
from engine.model.values import SYSTEM, Resource
from engine.scenarios import files, walked
from engine.scenarios.expect import differences
from engine.scenarios.files import Scenario, Step
from engine.scenarios.play import COMMANDS, Stage
from engine.scenarios.report import Report, ScenarioResult, StepResult
from engine.scenarios.second_opinion import opinions
from engine.scenarios.workers import Workers
from engine.services import checks, repository
from engine.testing import Harness

DEPLOYED = {".bpmn", ".dmn", ".form", ".toml", ".po"}


def run_folder(folder: str | Path, *, only: Sequence[str] = (), cross_check: bool = False) -> Report:
    """Play the scenarios of a process folder; ``only`` names some of them.

    With ``cross_check`` SpiffWorkflow's own runtime is asked for a second opinion on every instance that it can execute.

    Raises:
        NotFound: there is no such folder, or no scenario of a name in ``only``.
        Invalid: a scenario file is wrong, or the folder cannot be deployed.
    """
    place = Path(folder).resolve()
    if not place.is_dir():
        raise NotFound("there is no process folder {folder}", folder=str(folder))
    scenarios = files.read_folder(place, only)
    missing = set(only) - {each.name for each in scenarios}
    if missing:
        raise NotFound("{folder} has no scenario {name}", folder=place.name, name=min(missing))
    results = []
    drawn: dict[str, frozenset[str]] = {}
    for scenario in scenarios:
        with Harness() as harness:
            results.append(_play(harness, place, scenario, drawn, cross_check))
    return Report(place.name, tuple(results), {} if only else drawn)


def _play(
    harness: Harness, folder: Path, scenario: Scenario, drawn: dict[str, frozenset[str]], cross_check: bool
) -> ScenarioResult:
    if scenario.now is not None:
        harness.advance(seconds=(scenario.now - harness.now).total_seconds())
    for other in scenario.folders:
        repository.deploy(harness.engine, deployed_files(other), actor=SYSTEM)
    own = repository.deploy(harness.engine, deployed_files(folder), actor=SYSTEM)
    began = harness.now
    stage = Stage(harness, Workers(harness, scenario.workers))
    steps: list[StepResult] = []
    for number, step in enumerate(scenario.steps, 1):
        steps.append(_step(stage, number, step))
        if not steps[-1].passed:
            break
    seen: dict[str, frozenset[str]] = {}
    definitions = {}
    for row in own.processes:
        _, definition = repository.definition(harness.engine, row.key, actor=SYSTEM)
        definitions[row.process_id] = definition
        drawn[row.process_id] = walked.drawn(definition)
        mine = harness.instances(row.process_id)
        seen[row.process_id] = frozenset().union(*(walked.walked(definition, harness.history(each)) for each in mine))
    rules = frozenset().union(*(walked.decided(harness.history(each)) for each in harness.instances()))
    return ScenarioResult(
        scenario.name,
        scenario.title,
        tuple(steps),
        seen,
        rules,
        skipped=len(scenario.steps) - len(steps),
        opinions=opinions(harness, definitions, now=began) if cross_check else (),
    )


def _step(stage: Stage, number: int, step: Step) -> StepResult:
    stage.workers.calls.clear()
    stage.of = step.of
    try:
        for command, given in step.when:
            COMMANDS[command](stage, given)
            stage.workers.work()
        never = [str(found) for found in checks.all_of_them(stage.harness.engine)]
        return StepResult(number, step.title, (*differences(stage, step.then), *never))
    except PropflowError as error:  # what a person or a worker would be told is what differs
        return StepResult(number, step.title, (f"{type(error).__name__}: {error}",))


def deployed_files(folder: Path) -> list[Resource]:
    """Give the files of a process folder that are deployed, under their names inside the folder."""
    found = sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix in DEPLOYED)
    return [Resource(each.relative_to(folder).as_posix(), each.read_bytes()) for each in found]
