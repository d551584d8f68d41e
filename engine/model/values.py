"""Values that cross the borders between parts: who acts, and the few things that several services speak of."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.keys import UnitKey, UserKey


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at a unit; it reaches every unit beneath."""

    role: str
    unit: UnitKey


@dataclass(frozen=True, slots=True)
class Actor:
    """Who issues a command: a person, a connector or the system itself.

    Attributes:
        id: stable text for history: ``user:KEY``, ``connector:NAME``, ``link:KEY`` or ``system``.
        name: how a person reads it.
        user: the account, when it is one.
        grants: the roles it holds now, at which units.
        everything: may do anything anywhere: the system, the harness and nobody else.
    """

    id: str
    name: str
    user: UserKey | None = None
    grants: tuple[Grant, ...] = ()
    everything: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """The roles it holds anywhere."""
        return frozenset(grant.role for grant in self.grants)


SYSTEM = Actor(id="system", name="system", everything=True)


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that is deployed: a diagram, a decision, a form, a notice, a setting, a translation."""

    name: str
    content: bytes
