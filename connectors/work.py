"""Does one leased job: the engine's own, or a connector's. The in-process executor and the Celery worker both ``take`` and ``perform``.

What went wrong is decided here and nowhere else: a business error goes to the diagram; what cannot help by trying again becomes an
incident at once; the rest is tried again, later each time; and an effect that may or may not have happened, at a peer that cannot tell
a repeat, waits for a person.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.calls import Answer, BpmnError, JobCall
from connectors.manifest import Effect
from connectors.registry import Registry, Served
from engine.errors import ConcurrentUpdate, ConnectorError, IllegalTransition, PropflowError, Unavailable
from engine.model.values import Actor
from engine.services import effects, jobs
from engine.services.jobs import Job, JobKind, ServiceJob
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=10)
OWN_BATCH = 10  # of the engine's own jobs, which are quick

log = logging.getLogger(__name__)


class Gate:
    """Keeps a connector whose peer hangs or fails from taking every worker: what it serves is left in the queue for a while.

    Args:
        at_once: how many jobs of one connector may run at the same time in this process.
        after: failures in a row until nothing of it is taken for ``rest``.
    """

    def __init__(self, *, at_once: int = 4, after: int = 5, rest: timedelta = timedelta(seconds=30)) -> None:
        self._at_once, self._after, self._rest = at_once, after, rest
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._rests_until: dict[str, datetime] = {}

    def passing(self, job_types: Collection[str], now: datetime) -> list[str]:
        """Give the job types that may be taken now. After its rest a connector may try one job; if that fails, it rests again."""
        with self._lock:
            return sorted(type_ for type_ in job_types if self._may(type_.partition(":")[0], now))

    def _may(self, connector: str, now: datetime) -> bool:
        until = self._rests_until.get(connector)
        if until is None:
            return self._running[connector] < self._at_once
        return until <= now and not self._running[connector]

    def enter(self, connector: str) -> None:
        """Count a job in."""
        with self._lock:
            self._running[connector] += 1

    def leave(self, connector: str, *, failed: bool, now: datetime) -> None:
        """Count a job out, and how it went with the peer."""
        with self._lock:
            self._running[connector] -= 1
            if not failed:
                self._failed[connector] = 0
                self._rests_until.pop(connector, None)
                return
            self._failed[connector] += 1
            if self._failed[connector] >= self._after:
                self._rests_until[connector] = now + self._rest


def take(engine: Engine, registry: Registry, gate: Gate, *, worker: str, serves: bool = True) -> list[Job]:
    """Lease what is due: the engine's own jobs first, else one of a connector that the gate lets pass.

    Args:
        serves: whether this worker does connectors' jobs too.
    """
    own = jobs.claim_due(engine, worker=worker, limit=OWN_BATCH)
    if own or not serves:
        return own
    types = gate.passing(registry.job_types, engine.clock.now())
    return jobs.claim_due(engine, worker=worker, limit=1, types=types)


def perform(engine: Engine, registry: Registry, job: Job, gate: Gate | None = None) -> None:
    """Do a leased job and store how it went. Never raises for what the job did: that is stored with the job."""
    if job.kind is not JobKind.SERVICE:
        jobs.run(engine, job)
        return
    connector = job.type.partition(":")[0]
    if gate is not None:
        gate.enter(connector)
    failed = False
    try:
        for work in jobs.hand_out(engine, [job]):
            failed = _serve(engine, registry, job, work)
    finally:
        if gate is not None:
            gate.leave(connector, failed=failed, now=engine.clock.now())


def _serve(engine: Engine, registry: Registry, job: Job, work: ServiceJob) -> bool:
    """Run the operation and take its answer in; True when the peer failed in a way that may pass."""
    connector = job.type.partition(":")[0]
    actor = Actor(f"connector:{connector}", connector, everything=True)
    called: effects.Begun | None = None
    try:
        served = registry.operation(job.type)
        called = _begin(engine, served, work)
        if called is not None and called.done:
            answer = Answer(called.result or {})
        else:
            given = served.run(call_of(engine, registry, served, work))
            answer = given if isinstance(given, Answer) else Answer(given or {})
        also = _together(called, answer)
        jobs.succeed(engine, work.key, answer.variables, actor=actor, lease_no=work.lease_no, also=also)
    except BpmnError as error:
        _tell(engine, work, actor, error, called)
    except ConnectorError as error:
        once = _effect(registry, job.type) is Effect.ONCE
        unsure = error.uncertain and once
        if not error.uncertain and _effect(registry, job.type) is not Effect.NONE:
            effects.refused(engine, work.effect_key, str(error))
        _fail(engine, work, actor, _unsure(error) if unsure else str(error), permanent=error.permanent or unsure)
        return not error.permanent
    except (ConcurrentUpdate, Unavailable) as error:
        _fail(engine, work, actor, str(error), retries=work.retries)  # our own database's affair: that costs no try
    except PropflowError as error:
        _fail(engine, work, actor, str(error), permanent=True)
    except Exception as fault:
        log.exception("job %s (%s) of instance %s failed", work.key, work.type, work.instance)
        _fail(engine, work, actor, f"{type(fault).__name__}: {fault}")
        return True
    return False


def call_of(engine: Engine, registry: Registry, served: Served, work: ServiceJob) -> JobCall:
    """Make the call that an operation is given."""
    return JobCall(
        engine=engine,
        settings=served.connector.settings,
        ports=registry.ports,
        type=work.type,
        variables=work.variables,
        headers=work.headers,
        key=work.effect_key,
        instance=work.instance,
        element_id=work.element_id,
        business_key=work.business_key,
        unit=work.unit,
        job=work.key,
        retries=work.retries,
    )


def _begin(engine: Engine, served: Served, work: ServiceJob) -> effects.Begun | None:
    """Note that the outside is about to be called."""
    if served.spec.effect is Effect.NONE:
        return None
    return effects.begin(engine, work, deduplicates=served.spec.effect is Effect.REPEATABLE)


def _together(called: effects.Begun | None, answer: Answer) -> Callable[[UnitOfWork], None]:
    def store(uow: UnitOfWork) -> None:
        if called is not None:
            effects.finish(uow, called.key, dict(answer.variables))
        if answer.also is not None:
            answer.also(uow)

    return store


def _effect(registry: Registry, job_type: str) -> Effect:
    return registry.operation(job_type).spec.effect


def _unsure(error: ConnectorError) -> str:
    return f"{error}; it may or may not have happened: look there, then say so on the page of the case"


def _tell(engine: Engine, work: ServiceJob, actor: Actor, error: BpmnError, called: effects.Begun | None) -> None:
    """Hand a business error to the diagram; the outside has answered, though not with what was hoped for."""
    also = _together(called, Answer(error.variables))
    code, message, variables = error.code, error.message, error.variables
    try:
        jobs.throw_error(engine, work.key, code, message, variables, actor=actor, lease_no=work.lease_no, also=also)
    except IllegalTransition:
        log.warning("job %s was taken over or is no longer wanted; its error %s is dropped", work.key, error.code)


def _fail(
    engine: Engine,
    work: ServiceJob,
    actor: Actor,
    message: str,
    *,
    permanent: bool = False,
    retries: int | None = None,
) -> None:
    log.info("job %s (%s) failed: %s", work.key, work.type, message)
    try:
        jobs.fail(
            engine,
            work.key,
            message,
            actor=actor,
            permanent=permanent,
            retries=retries,
            delay=delay_after(work.attempts),
            lease_no=work.lease_no,
        )
    except IllegalTransition:
        log.warning("job %s was taken over or is no longer wanted; its failure is dropped", work.key)


def delay_after(attempts: int) -> timedelta:
    """Say how long to wait after so many tries: twice as long each time, spread so that many jobs do not come back at once."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 10)
    return min(LONGEST_DELAY, FIRST_DELAY * doubled) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, hides nothing
