"""A diagram comes to the same end however it is run: in one go, stored and read back at every step, or answered in another order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from engine.bpmn import migrate, run, snapshot
from engine.bpmn.lint import lint
from engine.bpmn.progress import CompleteElement, Limits
from engine.bpmn.read import read
from engine.errors import IllegalTransition
from tests.engine.bpmn.blocks import Blocks, Busy, Wider
from tests.engine.bpmn.test_differential import SURROUNDINGS, Ours

SEEDS, BATCHES = 200, 4
CONSTRUCTS = {
    "several_tasks", "several_subprocesses", "ad_hoc", "compensated", "canceled", "error_caught", "escalated", "complex_join",
    "inclusive_of_all", "quantities", "beside", "taken_over", "reminded", "signaled", "cut_short", "watched",
}  # fmt: skip
"""What the diagrams have besides those that are compared with SpiffWorkflow."""


class Stored(Ours):
    """Stores the state after every move, and goes on with what it reads back."""

    texts: dict[int, str]

    def _give(self, trigger):
        super()._give(trigger)
        if self.ended is None:
            dump = snapshot.dump(self.state)
            kept = {id: text for id, text in getattr(self, "texts", {}).items() if id not in dump.removed}
            self.texts = kept | dump.changed
            self.state = snapshot.load(dump.head, self.texts)


class LastFirst(Ours):
    """Answers what was asked last first."""

    def _answer(self):
        self.open = dict(reversed(self.open.items()))
        return super()._answer()


class InSmallParts(Stored):
    """Stores the state after every few elements too, since no transaction may take more."""

    surroundings = replace(SURROUNDINGS, limits=Limits(steps_per_transaction=2))


class Migrated(Stored):
    """Moves to the version that it is of, after every move."""

    def _give(self, trigger):
        super()._give(trigger)
        if self.ended is None and not self.stuck and not self.state.moves:
            progress = migrate.migrate(self.definition, self.definition, self.state, {}, SURROUNDINGS)
            assert not progress.asks


def racing(seed):
    return Wider(seed, racing=True)


def of(kind, seed, blocks=Blocks):
    made = blocks(seed)
    (definition,) = read(made.xml).definitions
    return kind(definition, made.variables, made.answers)


@pytest.mark.parametrize("kind", [Stored, InSmallParts])
@pytest.mark.parametrize("blocks", [Blocks, racing, Busy])
@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_stored_and_read_back_at_every_step_goes_the_same_way(batch, blocks, kind):
    for seed in range(batch, SEEDS, BATCHES):
        assert of(kind, seed, blocks).run() == of(Ours, seed, blocks).run(), f"seed {seed}"


def test_a_move_to_the_same_version_changes_nothing():
    for seed in range(SEEDS):
        assert of(Migrated, seed, racing).run() == of(Ours, seed, racing).run(), f"seed {seed}"


def test_every_construct_is_in_the_diagrams_that_are_run_several_ways():
    used = sum((racing(seed).used for seed in range(SEEDS)), Counter())

    assert set(used) >= CONSTRUCTS
    assert min(used[each] for each in CONSTRUCTS) >= 10
    assert [(seed, each.rule) for seed in range(SEEDS) for each in refusals(racing(seed).xml)] == []


def refusals(xml):
    found = read(xml)
    problems = [*found.problems, *(problem for each in found.definitions for problem in lint(each))]
    return [problem for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize("blocks", [Blocks, Wider])
def test_independent_answers_may_come_in_any_order(blocks):
    other = 0
    for seed in range(SEEDS):
        first, last = of(Ours, seed, blocks), of(LastFirst, seed, blocks)
        one, two = first.run(), last.run()

        other += one.completed != two.completed
        assert Counter(one.completed) == Counter(two.completed), f"seed {seed}"
        assert (first.ended is None, one.waiting, one.stuck) == (last.ended is None, two.waiting, two.stuck), (
            f"seed {seed}"
        )
    assert other > 10, "the order never differed, so that nothing was shown"


@pytest.mark.parametrize("blocks", [Blocks, racing])
def test_no_token_is_lost_or_doubled_and_the_end_is_final(blocks):
    ended = 0
    for seed in range(SEEDS):
        ours = of(Ours, seed, blocks)
        ours.run()

        visits = Counter((line.element_id, line.id) for line in ours.history if line.kind == "element_completed")
        assert set(visits.values()) <= {1}, f"seed {seed}"
        assert ours.ended or ours.open or ours.stuck or run.active(ours.state), f"seed {seed}: nothing will move it"
        if ours.ended:
            ended += 1
            assert list(ours.state) == []
            with pytest.raises(IllegalTransition):
                run.advance(ours.definition, ours.state, CompleteElement(1), SURROUNDINGS)
    assert ended > 100
