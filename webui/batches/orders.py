"""Reads an order over many cases from a form, and says one in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import Invalid, Problem, Text
from engine.model.states import BatchState
from engine.model.values import Actor
from engine.services import access, identity, incidents
from engine.services.batches import VERBS, Batch, BatchAction, Orders
from webui import states
from webui.context import engine
from webui.i18n import gettext
from webui.states import State
from webui.steering.verbs import Given, mapping, output, to_version, value


class Verb(StrEnum):
    """What can be done to many cases; each is one action of a batch, some of them one part of it."""

    SUSPEND = "suspend"
    RESUME = "resume"
    RETRY = "retry"
    SKIP = "skip"
    MODIFY = "modify"
    DATA = "data"
    MIGRATE = "migrate"
    CANCEL = "cancel"


ACTIONS: Mapping[Verb, BatchAction] = {
    **{verb: BatchAction(verb) for verb in Verb if verb not in (Verb.SKIP, Verb.DATA)},
    Verb.SKIP: BatchAction.RETRY,
    Verb.DATA: BatchAction.MODIFY,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An order that the reader may give. ``of_one``: it is for the cases of one process."""

    verb: Verb
    name: str
    text: str
    of_one: bool = False


def offered(*, actor: Actor) -> list[Offer]:
    """List the orders that the reader may give somewhere."""
    with engine().store.read() as uow:

        def permitted(verb: str, kind: str) -> bool:
            scope = identity.scope(uow, actor, verb, kind)
            return scope.everything or bool(scope.paths)

        there = {verb: permitted(VERBS[action], access.KIND) for verb, action in ACTIONS.items()}
        there[Verb.RETRY] = permitted("resolve", incidents.KIND)
        there[Verb.SKIP] = there[Verb.RETRY] and permitted("update", access.KIND)
    return [each for each in _offers() if there[each.verb]]


def _offers() -> list[Offer]:
    return [
        Offer(Verb.SUSPEND, gettext("Pause"), gettext("Nothing moves in them until somebody resumes them.")),
        Offer(Verb.RESUME, gettext("Resume"), gettext("They go on; what came due meanwhile happens now.")),
        Offer(Verb.RETRY, gettext("Try again"), gettext("Everything that stopped in them is tried again.")),
        Offer(
            Verb.SKIP,
            gettext("Pass"),
            gettext("What stopped at one step counts as done, with this output; they go on behind it."),
            of_one=True,
        ),
        Offer(Verb.MODIFY, gettext("Move"), gettext("End steps where they stand, and begin others."), of_one=True),
        Offer(Verb.DATA, gettext("Data"), gettext("Set one value of each case as a whole."), of_one=True),
        Offer(Verb.MIGRATE, gettext("Version"), gettext("Move them to another version of their process."), of_one=True),
        Offer(
            Verb.CANCEL,
            gettext("Cancel the cases"),
            gettext("They end now, with their tasks and the cases that they called."),
        ),
    ]


def read(verb: Verb, given: Given) -> Orders:
    """Read an order.

    Raises:
        Invalid: a field is missing or wrong.
    """
    action, reason = ACTIONS[verb], given.get("reason", "").strip()
    if not reason:
        raise Invalid(Problem("reason", Text("say why; it stands in the history")))
    if verb is Verb.MIGRATE:
        return Orders(action, reason, to_version=to_version(given), mapping=mapping(given))
    if verb is Verb.MODIFY:
        return Orders(action, reason, activate=tuple(given.getlist("begin")), terminate=tuple(given.getlist("end")))
    if verb is Verb.DATA:
        return Orders(action, reason, variables=value(given))
    if verb is Verb.SKIP:
        step = given.get("step", "")
        if not step:
            raise Invalid(Problem("step", Text("choose at which step")))
        return Orders(action, reason, element_id=step, skip=True, variables=output(given))
    return Orders(action, reason)


def said(batch: Batch) -> str:
    """Say what a batch does, in a line."""
    orders: Mapping[str, object] = batch.orders
    if batch.action is BatchAction.MIGRATE:
        return gettext("To version %(number)s", number=orders["to_version"])
    verb = Verb(batch.action)
    if orders.get("skip"):
        verb = Verb.SKIP
    elif batch.action is BatchAction.MODIFY and not (orders["activate"] or orders["terminate"]):
        verb = Verb.DATA
    return next(each.name for each in _offers() if each.verb is verb)


def state_of(batch: Batch) -> State:
    """Give how a batch stands."""
    if batch.state is BatchState.RUNNING:
        return states.RUNNING
    if batch.state is BatchState.STOPPED:
        return states.CANCELED
    return states.DONE
