"""Seals the chains of history once a day, so that even who may write to the database cannot rewrite the past unnoticed.

The key lies outside the database (``Engine.seal_key``). Seals are a chain: each is made over the code of the one before.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.model import json
from engine.services.engine import Engine
from engine.store import seals
from engine.store.database import Clash, UnitOfWork
from engine.store.seals import Covers, Head, Seal

AT_ONCE = 50_000
"""Chains under one seal: what is held in memory. More of them get several seals."""

log = logging.getLogger(__name__)


def seal_daily(engine: Engine) -> list[Seal]:
    """Seal what has grown, unless it was sealed today; without a key, nothing is."""
    with engine.store.read() as uow:
        last = seals.last(uow, Covers.HEADS)
    if last is not None and last.day >= engine.clock.now().astimezone(engine.zone).date():
        return []
    return seal(engine)


def seal(engine: Engine) -> list[Seal]:
    """Seal every chain that has grown since it was last sealed; give the seals that were made.

    Where several do this at once, one of them does it and the others find it done.
    """
    made: list[Seal] = []
    after = 0
    with engine.store.read() as uow:
        chains = seals.grown_streams(uow)
    while engine.seal_key:
        # read apart from the write: looking through all instances would hold up SQLite's only writer
        with engine.store.read() as uow:
            page = seals.grown(uow, after=after, limit=AT_ONCE)
        chains += page
        if not chains:
            break
        try:
            with engine.store.begin() as uow:
                made.append(write(engine, uow, Covers.HEADS, chains))
                uow.commit()
        except Clash:
            log.info("another process seals the histories")
            break
        # the code in the log is a witness outside the database
        log.info("seal %d of %s covers %d chains: %s", made[-1].number, made[-1].day, len(chains), made[-1].code)
        if len(page) < AT_ONCE:
            break
        after, chains = page[-1].instance, []
    return made


def write(engine: Engine, uow: UnitOfWork, covers: Covers, chains: Sequence[Head]) -> Seal:
    """Store a seal over chains, in the caller's transaction.

    Raises:
        Clash: somebody else made the next seal first.
    """
    last = seals.last(uow)
    ordered = sorted(chains)
    made = Seal(
        number=last.number + 1 if last else 1,
        covers=covers,
        day=uow.now.astimezone(engine.zone).date(),
        at=uow.now,
        chains=len(ordered),
        digest=digest(ordered),
        previous=last.code if last else "",
        code="",
    )
    made = replace(made, code=code(engine.seal_key or b"", made))
    seals.add(uow, made, ordered)
    return made


def digest(chains: Iterable[Head]) -> str:
    """Give the SHA-256, in hex, of chains in their order."""
    found = hashlib.sha256()
    for chain in chains:
        found.update(json.dumps(chain).encode() + b"\n")
    return found.hexdigest()


def code(key: bytes, made: Seal) -> str:
    """Give the HMAC-SHA256, in hex, that belongs to a seal."""
    said = [
        made.previous,
        made.number,
        made.covers.value,
        made.day.isoformat(),
        made.at.isoformat(timespec="microseconds"),
        made.chains,
        made.digest,
    ]
    return hmac.new(key, json.dumps(said).encode(), hashlib.sha256).hexdigest()
