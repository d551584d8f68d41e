"""Drops finished instances whose time is over: whole families of callers and called, sealed and intact, and never a part of one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeAlias

from engine.bpmn import timers
from engine.model.keys import DefinitionKey
from engine.services import seals, verify
from engine.services.engine import Engine
from engine.services.files import LOOSE_FOR
from engine.store import files, retention
from engine.store import seals as seal_rows
from engine.store.database import Clash, UnitOfWork
from engine.store.retention import Member
from engine.store.seals import Covers, Head

BATCH = 200
"""Instances that nobody called, in one transaction; what they called goes with them."""

SLACK = timedelta(days=5)
"""Months and years differ in length: what may be over is looked up with this much to spare, then reckoned exactly."""

Term: TypeAlias = str | timedelta
"""How long something is kept: ISO 8601, or a span."""

Said: TypeAlias = Mapping[DefinitionKey, str | None]
"""How long each version of each process says that it is kept; None: what is called goes with its caller, others as the settings say."""

log = logging.getLogger(__name__)


def drop(engine: Engine) -> int:
    """Drop what is over; give how many instances. Without a key for seals nothing goes.

    A process says how long (``historyTimeToLive``), else ``Engine.keep_history`` does; a family stays as long as any member
    says. What is not sealed to its end, has open work or does not hold stays.
    """
    if engine.seal_key is None:
        return 0
    with engine.store.read() as uow:
        said = retention.terms(uow)
    terms = {definition: term or engine.keep_history for definition, term in said.items()}
    return sum(_drop_of(engine, definition, term, said) for definition, term in terms.items() if term is not None)


def _drop_of(engine: Engine, definition: int, term: Term, said: Said) -> int:
    now = engine.clock.now()
    before = now - (timers.later(now, term, engine.zone) - now) + SLACK
    dropped = after = 0
    while True:
        with engine.store.read() as uow:
            page = retention.ended(uow, definition, before, after=after, limit=BATCH)
        over = [key for key, ended_at in page if _is_over(engine, ended_at, term)]
        if over:
            dropped += _drop(engine, over, said)
        if len(page) < BATCH:
            return dropped
        after = page[-1][0]


def _is_over(engine: Engine, ended_at: datetime, term: Term) -> bool:
    return timers.later(ended_at, term, engine.zone) <= engine.clock.now()


def _is_kept(engine: Engine, ended_at: datetime | None, term: str | None) -> bool:
    return term is not None and ended_at is not None and not _is_over(engine, ended_at, term)


def _drop(engine: Engine, roots: Sequence[int], said: Said) -> int:
    """Drop those of some instances that may go, in one transaction."""
    try:
        with engine.store.begin() as uow:
            going = _may_go(engine, uow, retention.families(uow, roots), said)
            if not going:
                return 0
            made = seals.write(engine, uow, Covers.DROPPED, [Head(each.key, "", *each[2:4]) for each in going])
            digests = retention.remove(uow, [each.key for each in going])
            digests -= files.known(uow, sorted(digests))
            uow.commit()
    except Clash:
        log.info("another process seals or drops histories; what is over goes the next time")
        return 0
    log.info("seal %d of %s: %d finished instances were dropped: %s", made.number, made.day, len(going), made.code)
    for digest in digests:
        # bytes that somebody has just handed in again may have no row yet
        engine.files.remove(digest, stored_before=made.at - LOOSE_FOR)
    return len(going)


def _may_go(engine: Engine, uow: UnitOfWork, members: Sequence[Member], said: Said) -> list[Member]:
    """Leave out every family with a member that is not sealed to its end, has open work, does not hold or must be kept."""
    keys = [each.key for each in members]
    marks = {key: list(group) for key, group in groupby(seal_rows.marks_of(uow, keys), key=lambda mark: mark.instance)}
    kept: dict[int, tuple[int, str]] = {each.key: (each.events, each.event_hash) for each in members}
    whole = set()
    for key, links in verify.histories(uow, keys):
        seen = marks.get(key, [])
        if seen and (seen[-1].length, seen[-1].head) == kept[key] and not verify.check(key, links, kept[key], seen):
            whole.add(key)
    stay = {
        each.root
        for each in members
        if each.is_busy or each.key not in whole or _is_kept(engine, each.ended_at, said.get(each.definition))
    }
    return [each for each in members if each.root not in stay]
