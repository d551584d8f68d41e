"""Calls to an outside system that got no answer: what was sent, and what somebody who has looked there says about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn import run as runs
from engine.bpmn.progress import Retry
from engine.errors import IllegalTransition
from engine.model.keys import IncidentKey, parse_key
from engine.model.values import Actor
from engine.services import access, command, identity, incidents, moves, reasons
from engine.services.engine import Engine
from engine.store import effects
from engine.store import incidents as rows
from engine.store.database import UnitOfWork
from engine.store.effects import Effect, EffectState
from engine.store.history import Entry
from engine.store.incidents import Incident


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A call that may or may not have had its effect; ``variables`` are what its job saw, hence what it could send."""

    incident: IncidentKey
    effect: Effect
    variables: Mapping[str, Any]


def of_instance(engine: Engine, instance: str | int, *, actor: Actor) -> list[Unsettled]:
    """List the calls of an instance that stopped it without an answer, oldest first.

    Raises:
        NotFound: there is no such instance, or it is not the actor's to see.
    """
    with engine.store.read() as uow:
        row = access.visible(uow, instance, actor)
        begun = {each.key: each for each in effects.of_instance(uow, row.key) if each.state is EffectState.BEGUN}
        if not begun or not row.is_live:
            return []
        state = moves.stored_state(uow, row.key)
        stops = rows.select(uow, identity.EVERYWHERE, instance_key=row.key)
        return [
            Unsettled(each.key, begun[_key(each)], runs.visible(state, each.ref))
            for each in stops
            if each.ref is not None and _key(each) in begun
        ]


def _key(stop: Incident) -> str:
    return f"{stop.instance}:{stop.ref}"


def decide(
    engine: Engine,
    incident: str | int,
    *,
    took_effect: bool,
    reason: str,
    actor: Actor,
    command_id: str | None = None,
) -> None:
    """Note whether a call took effect, as somebody found out, and let the instance go on.

    One that took effect is not made again: its job counts as done, without variables of an answer that nobody has. One that did
    not is made again. Who said so, and why, is in the history.

    Args:
        incident: the one that the call left.
        reason: how one knows, in 1 to 500 characters.

    Raises:
        NotFound: there is no such incident, or it is not the actor's to see.
        NotAllowed: the actor may see it, but not resolve it.
        IllegalTransition: it is resolved, or there is no call without an answer behind it.
        Invalid: there is no reason.
    """
    number, why = parse_key(incident), reasons.given(reason)

    def body(uow: UnitOfWork) -> None:
        found, locked = incidents.held(uow, number, actor)
        known = effects.find(uow, _key(found)) if found.ref is not None else None
        if locked is None or found.ref is None or known is None or known.state is not EffectState.BEGUN:
            raise IllegalTransition("no call without an answer is behind this; try again instead")
        effects.end(uow, known.key, EffectState.DONE if took_effect else EffectState.FAILED)
        data = {"type": known.type, "key": known.key, "took_effect": took_effect, "reason": why}
        note = Entry("effect_settled", found.element_id, found.ref, data)
        moves.move(engine, uow, locked, Retry(found.ref), actor=actor, notes=(note,))

    command.run(engine, f"settle incident {number}", body, actor=actor, command_id=command_id)
