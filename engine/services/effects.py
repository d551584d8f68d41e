"""Calls to outside systems, each under a key of its own: (1) noted before the call, (2) called, (3) ended with the step that it serves.

What died between (1) and (3) may or may not have happened outside. A peer that knows the key is called again under it; for one that
does not, a person has to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import ConnectorError
from engine.model import faults
from engine.services.engine import Engine
from engine.services.jobs import ServiceJob
from engine.store import effects
from engine.store.database import UnitOfWork
from engine.store.effects import Effect, EffectState

__all__ = ["Begun", "Effect", "EffectState", "begin", "finish", "refused"]


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that may be made now under ``key``; with ``done`` it was made before, and ``result`` is what came of it."""

    key: str
    done: bool = False
    result: Any = None


def begin(engine: Engine, job: ServiceJob, *, deduplicates: bool) -> Begun:
    """Note durably that the call for a leased job is about to be made.

    Args:
        deduplicates: the outside takes a key once, so that the call may be repeated.

    Raises:
        ConnectorError: permanent and uncertain: an earlier try may have reached a peer that does not deduplicate; a person must look.
    """
    with engine.store.begin() as uow:
        begun = _begin(uow, job, deduplicates=deduplicates)
        uow.commit()
    return begun


def _begin(uow: UnitOfWork, job: ServiceJob, *, deduplicates: bool) -> Begun:
    key = job.effect_key
    if effects.add(uow, key, instance_key=job.instance, job_key=job.key, type_=job.type):
        return Begun(key)
    known = effects.find(uow, key)
    assert known is not None
    if known.state is EffectState.DONE:
        return Begun(key, done=True, result=known.result)
    # another job for the same work: a person has looked at the incident of the first one and asked for another try
    looked_at = known.job != job.key
    if known.state is EffectState.BEGUN and not deduplicates and not looked_at:
        raise ConnectorError(
            "{type} was called before and did not answer: look there whether it was done, then say so",
            type=job.type,
            permanent=True,
            uncertain=True,
        )
    effects.again(uow, key, job_key=job.key)
    return Begun(key)


def finish(uow: UnitOfWork, key: str, result: Any = None) -> None:
    """Note, in the transaction that takes the answer in, that the outside has done it."""
    faults.point("effect_done")
    effects.end(uow, key, EffectState.DONE, result)


def refused(engine: Engine, key: str, reason: str = "") -> None:
    """Note that the outside refused the call, so that nothing happened there."""
    with engine.store.begin() as uow:
        effects.end(uow, key, EffectState.FAILED, reason or None)
        uow.commit()
