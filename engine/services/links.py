"""One-time links for residents and vendors, who have no account: each opens one thing, for a while, to whoever holds it.

The token has 256 random bits and is stored as a hash, so that neither the database nor a backup opens anything.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from engine.errors import Invalid, NotAllowed, Problem, Text
from engine.model.keys import LinkKey
from engine.model.values import Actor, Bound
from engine.services import command, identity
from engine.services.engine import Engine
from engine.store import instances, links, tasks
from engine.store.database import UnitOfWork
from engine.store.links import PURPOSES, Link

LONGEST = timedelta(days=400)
LASTS = {
    "track": timedelta(days=90),
    "confirm_quote": timedelta(days=7),
    "accept": timedelta(days=7),
    "rate": timedelta(days=14),
    "vendor": timedelta(days=30),
    "pay": timedelta(days=30),
}
"""How long a link of each purpose holds when nothing else is said."""

WHILE_LIVE = frozenset({"vendor"})
"""Purposes that end with the process instance, however long the link would hold."""

ANSWERS = frozenset({"confirm_quote", "accept", "rate"})
"""Purposes that are fulfilled by one answer."""

REFUSED = Text("this link is not valid any more; ask who sent it for a new one")


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was just made. ``token`` cannot be seen again."""

    key: LinkKey
    token: str


def create(
    engine: Engine,
    *,
    purpose: str,
    instance: int,
    task: int | None = None,
    element_id: str = "",
    audience: str,
    lasts: timedelta | None = None,
    single_use: bool | None = None,
    token: str = "",
    actor: Actor,
) -> NewLink:
    """Make a link into a process instance.

    Args:
        purpose: one of ``PURPOSES``.
        task: the user task that it does, or ``element_id``: the element whose message it sends.
        audience: for whom it is, in words: it is how the holder is named in history.
        lasts: how long it holds; by purpose when left out.
        single_use: ends with the first act; left out: when it is for one answer, or for one task.
        token: made by the caller of a secret, the same for a repeat, which gets the link that there is; random when left out.

    Raises:
        Invalid: a field is wrong or missing.
        NotFound: there is no such instance or task.
        NotAllowed: the actor may not let others in there.
    """

    def body(uow: UnitOfWork) -> NewLink:
        return add(
            uow,
            purpose=purpose,
            instance=instance,
            task=task,
            element_id=element_id,
            audience=audience,
            lasts=lasts,
            single_use=single_use,
            token=token,
            actor=actor,
        )

    return command.run(engine, f"link into {instance}", body, actor=actor)


def add(
    uow: UnitOfWork,
    *,
    purpose: str,
    instance: int,
    task: int | None = None,
    element_id: str = "",
    audience: str,
    lasts: timedelta | None = None,
    single_use: bool | None = None,
    token: str = "",
    actor: Actor,
) -> NewLink:
    """Make a link in the caller's transaction; see ``create``."""
    row = instances.get(uow, instance)
    identity.require(uow, actor, "create", "link", row.unit)
    problems = []
    if purpose not in PURPOSES:
        problems.append(Problem("purpose", Text("there is no purpose {purpose}", purpose=purpose[:40])))
    if not 0 < len(audience.strip()) <= 200:
        problems.append(Problem("audience", Text("say for whom it is, in 1 to 200 characters")))
    if lasts is not None and not timedelta() < lasts <= LONGEST:
        problems.append(Problem("lasts", Text("a link holds for at most {days} days", days=LONGEST.days)))
    if task is not None and tasks.get(uow, task).instance != instance:
        problems.append(Problem("task", Text("this task belongs to another process instance")))
    if problems:
        raise Invalid(problems)
    there = links.by_hash(uow, _hash(token)) if token else None
    if there is not None and there.instance == instance:
        return NewLink(there.key, token)
    token = token or secrets.token_urlsafe(32)
    key = links.add(
        uow,
        token_hash=_hash(token),
        purpose=purpose,
        instance=instance,
        unit=row.unit,
        task=task,
        element_id=element_id,
        audience=audience.strip(),
        single_use=(purpose in ANSWERS or task is not None) if single_use is None else single_use,
        expires_at=uow.now + (lasts or LASTS[purpose]),
    )
    return NewLink(key, token)


def redeem(engine: Engine, token: str) -> tuple[Link, Actor]:
    """Give a link and the actor that its holder is: limited to the one thing that it opens. Looking does not use it up.

    Raises:
        NotAllowed: the token is unknown, expired, revoked or used up, or its work is over; the same text for each.
    """
    with engine.store.read() as uow:
        link = links.by_hash(uow, _hash(token))
        if link is None or not is_open(link, uow):
            raise NotAllowed(REFUSED)
    bound = Bound(link.purpose, link.instance, link.task, link.element_id)
    return link, Actor(f"link:{link.key}", link.audience, bound=bound)


def is_open(link: Link, uow: UnitOfWork) -> bool:
    """Say whether a link still opens anything."""
    used_up = link.single_use and link.used_at is not None
    if link.revoked_at is not None or link.expires_at <= uow.now or used_up:
        return False
    return link.purpose not in WHILE_LIVE or instances.get(uow, link.instance).is_live


def spend(uow: UnitOfWork, link: int) -> None:
    """Use a link up, in the transaction of what its holder does with it: of two acts at once, one happens.

    Raises:
        NotAllowed: it has been used up, revoked or has expired meanwhile.
    """
    if not links.spend(uow, link):
        raise NotAllowed(REFUSED)


def revoke(uow: UnitOfWork, instance: int, *, purpose: str = "", task: int | None = None) -> int:
    """Revoke the open links into an instance, of one purpose or into one task if said, in the caller's transaction; give how many."""
    return links.revoke(uow, instance, purpose=purpose, task=task)


def of_instance(engine: Engine, instance: int, *, actor: Actor) -> list[Link]:
    """List the links into a process instance.

    Raises:
        NotFound: there is no such instance in the actor's part of the organisation.
    """
    with engine.store.read() as uow:
        identity.require_sight(uow, actor, "process_instance", instances.get(uow, instance).unit)
        return links.of_instance(uow, instance)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
