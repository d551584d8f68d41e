"""Reads an order over many cases from a form, and says one in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import Invalid, Problem, Text
from engine.model.states import BatchState
from engine.model.values import Actor
from engine.services import access, identity
from engine.services.batches import VERBS, Batch, BatchAction, Orders
from webui import states
from webui.context import engine
from webui.i18n import gettext
from webui.states import State
from webui.steering.verbs import Given, mapping, to_version


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that the reader may give."""

    action: BatchAction
    name: str
    text: str


def offered(*, actor: Actor) -> list[Offer]:
    """List the orders that the reader may give somewhere."""
    with engine().store.read() as uow:

        def permitted(verb: str, kind: str) -> bool:
            scope = identity.scope(uow, actor, verb, kind)
            return scope.everything or bool(scope.paths)

        there = {action: permitted(verb, access.KIND) for action, verb in VERBS.items()}
        there[BatchAction.RETRY] = permitted("resolve", "incident")
    return [each for each in _offers() if there[each.action]]


def _offers() -> list[Offer]:
    return [
        Offer(BatchAction.SUSPEND, gettext("Pause"), gettext("Nothing moves in them until somebody resumes them.")),
        Offer(BatchAction.RESUME, gettext("Resume"), gettext("They go on; what came due meanwhile happens now.")),
        Offer(BatchAction.RETRY, gettext("Try again"), gettext("Everything that stopped in them is tried again.")),
        Offer(BatchAction.MODIFY, gettext("Move"), gettext("End steps where they stand, and begin others.")),
        Offer(BatchAction.MIGRATE, gettext("Version"), gettext("Move them to another version of their process.")),
        Offer(
            BatchAction.CANCEL,
            gettext("Cancel the cases"),
            gettext("They end now, with their tasks and the cases that they called."),
        ),
    ]


def name_of(action: BatchAction) -> str:
    """Give what an order is called."""
    return next(each.name for each in _offers() if each.action is action)


def read(action: BatchAction, given: Given) -> Orders:
    """Read an order.

    Raises:
        Invalid: a field is missing or wrong.
    """
    reason = given.get("reason", "").strip()
    if not reason:
        raise Invalid(Problem("reason", Text("say why; it stands in the history")))
    if action is BatchAction.MIGRATE:
        return Orders(action, reason, to_version=to_version(given), mapping=mapping(given))
    if action is BatchAction.MODIFY:
        return Orders(action, reason, activate=tuple(given.getlist("begin")), terminate=tuple(given.getlist("end")))
    return Orders(action, reason)


def said(batch: Batch) -> str:
    """Say what a batch does, in a line."""
    orders: Mapping[str, object] = batch.orders
    if batch.action is BatchAction.MIGRATE:
        return gettext("To version %(number)s", number=orders["to_version"])
    return name_of(batch.action)


def state_of(batch: Batch) -> State:
    """Give how a batch stands."""
    if batch.state is BatchState.RUNNING:
        return states.RUNNING
    if batch.state is BatchState.STOPPED:
        return states.CANCELED
    return states.DONE
