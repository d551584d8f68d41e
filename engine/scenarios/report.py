"""What came of the scenarios of a folder: step by step, with what differs, and which flows of the diagrams they walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.errors import Text
from engine.scenarios.second_opinion import Opinion


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step. ``differences``: one line for each thing that is not as expected; none when it passed."""

    number: int
    title: str
    differences: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario: ``name`` is its file's name without suffix. Steps after one that failed are not played.

    Attributes:
        walked: {process id: ids of the elements completed and the flows taken}.
        rules: ids of the rules of decision tables that matched.
        skipped: how many steps were not played.
        opinions: what the other runtime says, where it was asked.
    """

    name: str
    title: str
    steps: tuple[StepResult, ...]
    walked: dict[str, frozenset[str]] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    skipped: int = 0
    opinions: tuple[Opinion, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every step passed, and the other runtime agrees where it was asked."""
        agreed = not any(opinion.differences for opinion in self.opinions)
        return not self.skipped and agreed and all(step.passed for step in self.steps)


@dataclass(frozen=True, slots=True)
class Report:
    """All scenarios of a folder.

    Attributes:
        drawn: {process id: ids of all its elements and flows that can be walked}; empty when only some scenarios were played.
    """

    folder: str
    scenarios: tuple[ScenarioResult, ...]
    drawn: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every scenario passed; a folder without scenarios passes."""
        return all(scenario.passed for scenario in self.scenarios)

    def unwalked(self, process_id: str) -> list[str]:
        """List the elements and flows of a process that no scenario walks, sorted."""
        walked = set().union(*(each.walked.get(process_id, frozenset()) for each in self.scenarios))
        return sorted(self.drawn.get(process_id, frozenset()) - walked)

    def lines(self) -> Iterator[str]:
        """Give the report as lines of text: one per scenario, and below it the step that failed with its differences."""
        for scenario in self.scenarios:
            result = Text("ok  ") if scenario.passed else Text("FAIL")
            title, steps = f"{scenario.name}: {scenario.title}", len(scenario.steps)
            yield Text("{result} {title} ({steps} steps)", result=result, title=title, steps=steps)
            for step in scenario.steps:
                if not step.passed:
                    yield Text("     step {number} {title}", number=step.number, title=step.title)
                    yield from (f"       {line}" for line in step.differences)
            for opinion in scenario.opinions:
                yield from (f"     SpiffWorkflow on {opinion.process_id}: {line}" for line in opinion.differences)
        yield from self._not_asked()
        good = sum(each.passed for each in self.scenarios)
        counts = {"good": good, "all": len(self.scenarios)}
        yield Text("{good} of {all} scenarios passed in {folder}", folder=self.folder, **counts)
        for process_id in sorted(self.drawn):
            missing = self.unwalked(process_id)
            if missing:
                listed = ", ".join(missing)
                yield Text("{process}: not walked by any scenario: {elements}", process=process_id, elements=listed)

    def _not_asked(self) -> Iterator[str]:
        asked: dict[str, tuple[str, ...]] = {
            opinion.process_id: opinion.not_asked for scenario in self.scenarios for opinion in scenario.opinions
        }
        for process_id, constructs in sorted(asked.items()):
            if constructs:
                yield f"{process_id}: SpiffWorkflow is not asked, because of {'; '.join(constructs)}"
            else:
                yield f"{process_id}: cross-checked with SpiffWorkflow"

    def __str__(self) -> str:
        return "\n".join(self.lines())
