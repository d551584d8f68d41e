"""What a person finds to do: pages and counts of tasks, at most five statements however many tasks are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Invalid
from engine.model import json
from engine.model.values import Actor
from engine.services import identity, offers, rights
from engine.services.engine import Engine
from engine.store import inbox
from engine.store.inbox import Filter, Found, Sort, View

__all__ = ["Filter", "Found", "Page", "Sort", "View", "counts", "done", "everybodys", "page"]

MAX_PAGE = 200
MANY = 1000
"""Counts stop here: a page says "1000+"."""
NO_FILTER = Filter()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of tasks; ``after`` gets the next one, None when this is the last."""

    tasks: tuple[Found, ...]
    after: str | None


def page(
    engine: Engine,
    *,
    actor: Actor,
    view: View = View.TODO,
    wanted: Filter = NO_FILTER,
    sort: Sort = Sort.DUE,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Give a page of the actor's inbox, in two statements.

    Args:
        after: what the page before gave.

    Raises:
        Invalid: ``after`` is of no page of this order.
    """
    limit = min(limit, MAX_PAGE)
    with engine.store.read() as uow:
        keys = inbox.page(
            uow, view, *_reach(actor), wanted=wanted, sort=sort, after=_read(after, sort), limit=limit + 1
        )
        more, keys = len(keys) > limit, keys[:limit]
        return Page(tuple(inbox.some(uow, [key[-1] for key in keys])), _write(keys[-1]) if more else None)


def counts(engine: Engine, *, actor: Actor, views: Sequence[View] = (View.MINE, View.OFFERED)) -> dict[View, int]:
    """Count the tasks of some views in one statement, each up to ``MANY``."""
    with engine.store.read() as uow:
        return inbox.counts(uow, views, *_reach(actor), limit=MANY)


def done(engine: Engine, *, actor: Actor, before: datetime | None = None, limit: int = 50) -> list[Found]:
    """List the tasks that the actor has completed, the latest first; ``before`` is when the last one of the page before was."""
    with engine.store.read() as uow:
        return inbox.some(uow, inbox.done(uow, actor.id, before=before, limit=min(limit, MAX_PAGE)))


def everybodys(
    engine: Engine,
    *,
    actor: Actor,
    wanted: Filter = NO_FILTER,
    created_before: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Give a page of the open tasks in the actor's part of the organisation, whoever they are offered to, the oldest first.

    At most three statements: where the actor may assign tasks, and the tasks.

    Args:
        created_before: leave out what is younger.
        after: what the page before gave.

    Raises:
        Invalid: ``after`` is of no page of this list.
    """
    limit = min(limit, MAX_PAGE)
    keys = _read(after, Sort.OLDEST)
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "assign", rights.KIND)
        found = inbox.everybodys(uow, scope, wanted=wanted, after=keys[0] if keys else None, limit=limit + 1)
    if created_before is not None:
        # they come by age: behind the first that is too young there are only younger ones
        found = [each for each in found if each.task.created_at < created_before]
    more, found = len(found) > limit, found[:limit]
    return Page(tuple(found), _write([found[-1].task.key]) if more else None)


def _reach(actor: Actor) -> tuple[list[tuple[str, int]], list[Any]]:
    if not actor.may(rights.KIND, "read"):
        return [], []
    people = {actor.user, *actor.stands_in_for} - {None}
    return sorted(offers.of(actor)), sorted(people, key=str)


def _write(keys: Sequence[Any]) -> str:
    return json.dumps([each.isoformat() if isinstance(each, datetime) else each for each in keys])


def _read(after: str | None, sort: Sort) -> tuple[Any, ...]:
    if not after:
        return ()
    shape = {Sort.DUE: "di", Sort.PRIORITY: "idi"}.get(sort, "i")
    try:
        given = json.loads(after)
        if len(given) != len(shape):
            raise ValueError(after)
        return tuple(
            datetime.fromisoformat(each) if kind == "d" else int(each) for kind, each in zip(shape, given, strict=True)
        )
    except (ValueError, TypeError):
        raise Invalid("this is no place in a list; begin again at its first page") from None
