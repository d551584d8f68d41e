"""What has to be done now and then: fold counters, re-home the work of leavers, let go of what nobody needs any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from engine.services import files, leavers
from engine.services.engine import Engine
from engine.store import batches, commands, counters, drafts, messages


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept."""

    answers: timedelta = timedelta(days=30)
    messages: timedelta = timedelta(days=90)
    drafts: timedelta = timedelta(days=30)
    batches: timedelta = timedelta(days=90)


def run(engine: Engine, keep: Keep = Keep()) -> None:  # noqa: B008 - an immutable constant
    """Do all of it, each in a transaction of its own; safe at any time and by several at once."""
    while _fold(engine):
        pass
    with engine.store.begin() as uow:
        commands.forget(uow, uow.now - keep.answers)
        drafts.forget(uow, uow.now - keep.drafts)
        batches.forget(uow, uow.now - keep.batches)
        uow.commit()
    while _forget_messages(engine, keep):
        pass
    while files.sweep(engine):
        pass
    leavers.rehome(engine)


def _fold(engine: Engine) -> int:
    with engine.store.begin() as uow:
        done = counters.fold(uow)
        uow.commit()
    return done


def _forget_messages(engine: Engine, keep: Keep) -> int:
    with engine.store.begin() as uow:
        done = messages.forget(uow, uow.now - keep.messages)
        uow.commit()
    return done
