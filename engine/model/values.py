"""Values that cross the borders between parts: who acts, and the few things that several services speak of."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.keys import InstanceKey, UnitKey, UserKey, UserTaskKey


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at a unit; it reaches every unit beneath.

    Attributes:
        of: whose grant it is, when the holder only stands in for an absent colleague.
    """

    role: str
    unit: UnitKey
    of: UserKey | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """The one thing that a link opens to somebody who has no account.

    Attributes:
        purpose: ``track``, ``confirm_quote``, ``accept``, ``rate``, ``vendor`` or ``pay``.
        task: the user task, when it opens one.
        element_id: the element whose message it may send, when it opens one.
    """

    purpose: str
    instance: InstanceKey
    task: UserTaskKey | None = None
    element_id: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who issues a command: a person, a connector or the system itself.

    Attributes:
        id: stable text for history: ``user:KEY``, ``connector:NAME``, ``link:KEY`` or ``system``.
        name: how a person reads it.
        user: the account, when it is one.
        grants: the roles it holds now, at which units.
        everything: may do anything anywhere: the system, the harness and nobody else.
        only: the (resource kind, verb) pairs that an API token narrows it to; None: no narrowing.
        bound: the one thing it may touch, when it came by a link.
    """

    id: str
    name: str
    user: UserKey | None = None
    grants: tuple[Grant, ...] = ()
    everything: bool = False
    only: frozenset[tuple[str, str]] | None = None
    bound: Bound | None = None

    @property
    def roles(self) -> frozenset[str]:
        """The roles it holds anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def may(self, kind: str, verb: str) -> bool:
        """Say whether the API token that it came with, if any, leaves it this verb on this kind of resource."""
        return self.only is None or not self.only.isdisjoint(((kind, verb), (kind, "*"), ("*", verb), ("*", "*")))

    @property
    def stands_in_for(self) -> frozenset[UserKey]:
        """The absent colleagues whose work it does meanwhile."""
        return frozenset(grant.of for grant in self.grants if grant.of is not None)


def actor_id(user: int) -> str:
    """Give the id under which an account acts."""
    return f"user:{user}"


SYSTEM = Actor(id="system", name="system", everything=True)


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that is deployed: a diagram, a decision, a form, a notice, a setting, a translation."""

    name: str
    content: bytes
