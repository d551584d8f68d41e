"""What a person sees: the notices in the application, and, for who looks after a part of the organisation, what goes out there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.notify import store
from connectors.notify.store import AGAIN, Notice, Outbound, OutboundState
from engine.errors import NotAllowed, NotFound
from engine.model.values import Actor
from engine.services import command, identity, offers
from engine.services.changes import Change
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine


def unread(engine: Engine, *, actor: Actor) -> int:
    """Count the notices that the actor has not read."""
    with engine.store.read() as uow:
        return store.unread(uow, _user(actor))


def told(engine: Engine, *, since: datetime) -> list[Change]:
    """Give who was told something after an instant, as changes of their inboxes."""
    with engine.store.read() as uow:
        rows = store.told(uow, since=since)
    return [Change(("notice", *row), frozenset([offers.personal(row[1])])) for row in rows]


def notices(
    engine: Engine, *, actor: Actor, only_unread: bool = False, before: int | None = None, limit: int = 30
) -> list[tuple[Notice, datetime | None]]:
    """List (notice, when it was read) of the actor, newest first; ``before`` is the key that the page before ended with."""
    with engine.store.read() as uow:
        return store.notices(uow, _user(actor), only_unread=only_unread, before=before, limit=min(limit, 200))


def mark_read(engine: Engine, keys: Sequence[int] | None = None, *, actor: Actor) -> int:
    """Mark notices of the actor as read, all of them when none is named; give how many were not."""
    user = _user(actor)
    return command.run(engine, "read notices", lambda uow: store.mark_read(uow, user, keys), actor=actor)


def outbox(
    engine: Engine,
    *,
    actor: Actor,
    states: Sequence[OutboundState] = (),
    instance: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Outbound]:
    """List what went out, or would if its channel were set up, where the actor may see it (``read`` on ``notice``), newest first."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", "notice")
        return store.sent_in(uow, scope, states=states, instance=instance, before=before, limit=min(limit, 200))


def sendable(engine: Engine, rows: Sequence[Outbound], *, actor: Actor) -> frozenset[int]:
    """Give the keys of those messages that the actor may send again (``send`` on ``notice``)."""
    stuck = [row for row in rows if row.state in AGAIN]
    if not stuck:
        return frozenset()
    with engine.store.read() as uow:
        units = {row.unit for row in stuck}
        may = {unit for unit in units if identity.allowed(uow, actor, "send", "notice", unit)}
    return frozenset(row.key for row in stuck if row.unit in may)


def send_again(engine: Engine, key: int, *, actor: Actor, command_id: str | None = None) -> None:
    """Let a message that failed, or of which nobody is sure, go out once more.

    Raises:
        NotFound: there is no such message where the actor may send (``send`` on ``notice``).
    """

    def body(uow: UnitOfWork) -> None:
        scope = identity.scope(uow, actor, "send", "notice")
        shown = store.sent_in(uow, scope, before=key + 1, limit=1)
        if not shown or shown[0].key != key or not store.again(uow, key):
            raise NotFound("there is no message {key} that could be sent again", key=key)

    command.run(engine, f"send {key} again", body, actor=actor, command_id=command_id)


def _user(actor: Actor) -> int:
    if actor.user is None:
        raise NotAllowed("only people have notices")
    return actor.user
