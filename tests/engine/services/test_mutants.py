"""The simulation is worth something: with any one of eight safeguards taken away, it finds out.

Each safeguard is removed by a patch that leaves everything else as it is, and the patched code is seen to run.
"""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
import sqlalchemy as sa

from engine.bpmn import gateways, run
from engine.bpmn.definition import Kind
from engine.bpmn.progress import Limits
from engine.services import answers, moves, progress
from engine.services import messages as publishing
from engine.services.jobs import ServiceJob
from engine.store import instances, leases, messages
from engine.store import jobs as job_rows
from engine.store.prepared import Prepared
from tests.engine.services.world import simulate

SEEDS = 40


class Mutant:
    """Patches that remove one safeguard, and how often the patched code ran."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.ran: Counter[str] = Counter()

    def replace(self, owner, name, made):
        """Put ``made(real, *args)`` in the place of a function."""
        real = getattr(owner, name)

        def mutated(*args, **more):
            self.ran[name] += 1
            return made(real, *args, **more)

        self.patch.setattr(owner, name, mutated)


def version_guard(mutant: Mutant) -> None:
    """Whoever saves an instance last wins."""
    row = instances.instance
    new = {
        "revision": row.c.revision + 1,
        "incidents": row.c.incidents + sa.bindparam("b_incidents"),
        **{
            name: sa.bindparam(f"b_{name}")
            for name in ("state", "head", "ended_at", "result", "events", "event_hash", "title", "grade")
        },
    }
    same = sa.bindparam("b_revision", type_=sa.Integer) == sa.bindparam("b_revision", type_=sa.Integer)
    unguarded = Prepared(sa.update(row).where(row.c.key == sa.bindparam("b_key"), same).values(**new))
    mutant.patch.setattr(instances, "_SAVE", unguarded)
    mutant.replace(instances, "save", lambda real, *args, **more: real(*args, **more))


def lease_fencing(mutant: Mutant) -> None:
    """A worker is believed whatever lease it names."""
    mutant.replace(answers, "refuse_others_lease", lambda real, job, lease_no, action: real(job, None, action))

    def newest(real, uow, row, *args, **more):
        found = uow.execute(sa.select(job_rows.job.c.lease_no).where(job_rows.job.c.key == row.key)).scalar()
        return real(uow, dataclasses.replace(row, lease_no=found or 0), *args, **more)

    mutant.replace(leases, "finish", newest)
    mutant.replace(leases, "remove", newest)


def outbox(mutant: Mutant) -> None:
    """What an instance asks of another one is not stored with its step: it goes with the process."""

    class Forgetful:
        def __getattr__(self, name):
            return getattr(job_rows, name)

        def add(self, uow, rows):
            mutant.ran["add"] += 1
            kept = (job_rows.JobKind.SERVICE, job_rows.JobKind.TIMER)
            job_rows.add(uow, [row for row in rows if row["kind"] in kept])

    mutant.patch.setattr(progress, "jobs", Forgetful())


def message_deduplication(mutant: Mutant) -> None:
    """A message that comes again is taken for a new one."""
    mutant.replace(
        publishing.messages, "add", lambda real, uow, row: real(uow, dataclasses.replace(row, message_id=None))
    )
    assert publishing.messages is messages


def effect_key(mutant: Mutant) -> None:
    """Each try of a piece of work goes to the outside under a key of its own."""

    def key(job):
        mutant.ran["effect_key"] += 1
        return f"{job.instance}:{job.ref}:{job.lease_no}"

    mutant.patch.setattr(ServiceJob, "effect_key", property(key))


def timer_order(mutant: Mutant) -> None:
    """Jobs that are due are taken in any order."""

    def shuffled(real, uow, *, limit, **more):
        return list(reversed(real(uow, limit=100, **more)))[:limit]

    mutant.replace(leases, "waiting", shuffled)


def join_count(mutant: Mutant) -> None:
    """A parallel join goes on with the first token."""

    def at_once(real, step, node):
        if step.element(node).kind is Kind.PARALLEL_GATEWAY:
            return gateways.pass_on(step, node)
        return real(step, node)

    mutant.replace(gateways, "join", at_once)
    meanings = dict(run.MEANINGS, join=gateways.join)
    mutant.patch.setattr(run, "MEANINGS", meanings)


def step_budget(mutant: Mutant) -> None:
    """One transaction goes on for as long as it likes."""

    def unlimited(real, *args):
        made = real(*args)
        limits = Limits(steps_per_transaction=10**6, steps_per_instance=made.limits.steps_per_instance)
        return dataclasses.replace(made, limits=limits)

    mutant.replace(moves, "surroundings", unlimited)


SAFEGUARDS = (
    version_guard,
    lease_fencing,
    outbox,
    message_deduplication,
    effect_key,
    timer_order,
    join_count,
    step_budget,
)


@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda each: each.__name__)
def test_the_simulation_finds_out_that_a_safeguard_is_missing(safeguard, monkeypatch):
    mutant = Mutant(monkeypatch)
    safeguard(mutant)

    caught = None
    for seed in range(SEEDS):
        try:
            simulate(seed, 60)
        except AssertionError as error:
            caught = error
            break

    assert mutant.ran, "the patched code never ran, so that nothing was shown"
    assert caught is not None, f"{SEEDS} seeds without the {safeguard.__name__}, and nobody noticed"
