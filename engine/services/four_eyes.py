"""Four eyes: a task may demand that whoever does it is none of those who did an earlier step, also through substitutes."""

from __future__ import annotations

from collections.abc import Sequence

from engine.bpmn.definition import FOUR_EYES, Definition, Element
from engine.errors import NotAllowed, Text
from engine.model.values import Actor
from engine.services import identity
from engine.store import accounts, four_eyes
from engine.store.database import UnitOfWork
from engine.store.tasks import Task


def earlier(element: Element) -> list[str]:
    """List the ids of the steps that an element wants other eyes than those of."""
    return element.properties.get(FOUR_EYES, "").split()


def add_missing(uow: UnitOfWork, definition: Definition, rows: Sequence[Task]) -> None:
    """Ask for four eyes where a definition does and the rows of open tasks do not yet: they came from another version."""
    asked = [(row.key, id) for row in rows for id in earlier(definition.elements[row.element_id])]
    known = four_eyes.asked(uow, [key for key, _ in asked])
    four_eyes.add(uow, [each for each in asked if each not in known])


def is_asked(uow: UnitOfWork, row: Task) -> bool:
    """Say whether a task wants other eyes than those of an earlier step."""
    return bool(four_eyes.asked(uow, [row.key]))


def people(actor: Actor) -> Sequence[int]:
    """List the accounts for which an actor acts: its own, and those of the absent colleagues whose work it does."""
    # the system, the harness and the holders of links are no colleagues; their acts are allowed or not by other means
    if actor.everything or actor.user is None:
        return ()
    return (actor.user, *sorted(actor.stands_in_for))


def reason(uow: UnitOfWork, key: int, actor: Actor) -> Text | None:
    """Say why an actor may not do a task, though it is offered to it; None when nothing speaks against it."""
    acting = people(actor)
    found = four_eyes.did(uow, key, acting) if acting else []
    if not found:
        return None
    step = next((each for each in found if each.by(acting[0])), found[0])
    who = next(person for person in acting if step.by(person))
    name = identity.display_name(accounts.get(uow, who))
    if who == actor.user:
        return Text(
            "{person} did “{step}” and cannot do this task too: it needs a second pair of eyes",
            person=name,
            step=step.step,
        )
    return Text(
        "{person} did “{step}”, and {deputy} stands in for them: this task needs a second pair of eyes",
        person=name,
        step=step.step,
        deputy=actor.name,
    )


def refuse(uow: UnitOfWork, row: Task, actor: Actor) -> None:
    """Refuse a task to somebody who did what it checks.

    Raises:
        NotAllowed: the actor, or somebody for whom it stands in, did an earlier step that the task names.
    """
    if text := reason(uow, row.key, actor):
        raise NotAllowed(text.template, **text.params)
