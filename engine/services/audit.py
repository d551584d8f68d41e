"""What administrators, connectors and the sign-in do, kept in hash-chained streams beside the histories of instances.

An entry is written in the transaction of what it tells of. A stream has one writer at a time; ``services.verify`` finds
what was changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.model import json
from engine.model.values import Actor
from engine.services import identity
from engine.services.engine import Engine
from engine.store import audit as rows
from engine.store.audit import Entry
from engine.store.database import UnitOfWork

GENESIS = "0" * 64

ORGANISATION = "organisation"  #: units, accounts, roles, grants, substitutes, tokens
SIGN_IN = "sign_in"  #: who signed in, who was refused; a stream of its own, since it is the busiest
FILES = "files"  #: files that were removed

HASHED = tuple(name for name in Entry.__slots__ if name != "hash")


def append(
    uow: UnitOfWork,
    stream: str,
    action: str,
    subject: object,
    *,
    actor: Actor,
    unit: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down, in the caller's transaction, that ``actor`` did ``action`` (noun.verb) to ``subject``.

    Args:
        subject: the key or code of the thing.
        unit: where in the organisation; None: it concerns all of it.
        data: what changed, as JSON; never a secret.
    """
    seq, previous = rows.lock_head(uow, stream, GENESIS)
    entry = Entry(stream, seq, uow.now, actor.id, actor.name, action, str(subject), unit, dict(data or {}), "")
    rows.append(uow, replace(entry, hash=digest(previous, entry)))


def digest(previous: str, entry: Entry) -> str:
    """Give the hash of an entry that follows the one with the hash ``previous``: SHA-256 of both, in hex."""
    fields = {name: getattr(entry, name) for name in HASHED} | {"at": entry.at.isoformat(timespec="microseconds")}
    return hashlib.sha256(f"{previous}\n{json.dumps(fields, canonical=True)}".encode()).hexdigest()


def entries(
    engine: Engine,
    *,
    actor: Actor,
    stream: str = "",
    subject: str = "",
    before: datetime | None = None,
    limit: int = 100,
) -> list[Entry]:
    """List what was done in the actor's part of the organisation, the newest first.

    Raises:
        NotAllowed: the actor may not read the audit anywhere.
    """
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", "audit")
        return rows.select(uow, scope, stream=stream, subject=subject, before=before, limit=min(limit, 1000))
