"""What the holder of a link may do: answer the one question that it asks, do the vendor's task, or reopen a case that was closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for

from engine.errors import IllegalTransition, NotAllowed, Problem, Text
from engine.forms import Form
from engine.model.values import Actor
from engine.services import attachments, links, messages, tasks
from engine.store.database import UnitOfWork
from webui import forms
from webui.case import reopening as start_again
from webui.context import engine
from webui.forms import FormView
from webui.i18n import gettext
from webui.public.linked import Linked

TOO_LATE = Text("it was answered already, or is not needed any more")


def form(linked: Linked, problems: Sequence[Problem] = ()) -> FormView | None:
    """Give the form that a link opens; None when nothing is left to do."""
    if linked.link.purpose != "vendor":
        if not linked.waits:
            return None
        return _view(linked, linked.form, linked.data, title(linked), problems)
    row = linked.task
    if row is None:
        return None
    asked = tasks.form(engine(), row.key, actor=linked.worker)
    known = tasks.variables(engine(), row.key, actor=linked.worker)
    return _view(linked, asked, known, linked.case.translate(row.name), problems)


def title(linked: Linked) -> str:
    """Give what a link asks its holder."""
    titles = {
        "confirm_quote": gettext("Do you agree to this quote?"),
        "accept": gettext("Is the work done well?"),
        "rate": gettext("How was it?"),
    }
    return titles.get(linked.link.purpose) or linked.case.step_name(linked.link.element_id)


def _view(
    linked: Linked, asked: Form | None, known: Any, label: str, problems: Sequence[Problem], route: str = "answer"
) -> FormView:
    return forms.view(
        asked,
        linked.case.translate,
        known,
        id="form-link",
        action=url_for(f"public.{route}", token=linked.token),
        verb=gettext("Send"),
        label=label,
        upload=url_for("public.upload_by_link", token=linked.token),
        files=url_for("public.show_file", token=linked.token, key="0").removesuffix("/0"),
        draft=f"link:{linked.link.key}",
        problems=tuple(problems),
    )


def take(linked: Linked, given: dict[str, Any], command_id: str | None) -> None:
    """Take what the holder of a link sent.

    Raises:
        Invalid: a value is missing or malformed.
        IllegalTransition, ConcurrentUpdate: nobody waits for it any more.
    """
    (_complete if linked.link.purpose == "vendor" else _publish)(linked, given, command_id)


def _complete(linked: Linked, given: dict[str, Any], command_id: str | None) -> None:
    row = linked.task
    if row is None:
        raise IllegalTransition(TOO_LATE)
    values = given if request.is_json else forms.typed(tasks.form(engine(), row.key, actor=linked.worker), given)
    tasks.complete(
        engine(), row.key, values, actor=linked.worker, claiming=True, command_id=command_id, also=_spend(linked)
    )


def _spend(linked: Linked) -> Callable[[UnitOfWork], None] | None:
    """Give what uses a link up in the transaction of its holder's act; None for links that hold for longer."""
    return (lambda uow: links.spend(uow, linked.link.key)) if linked.link.single_use else None


def _publish(linked: Linked, given: dict[str, Any], command_id: str | None) -> None:
    if not linked.waits:
        raise IllegalTransition(TOO_LATE)
    accepted = _accepted(linked, linked.form, given)
    _send(linked, linked.message, accepted, message_id=str(linked.link.key), command_id=command_id, also=_spend(linked))


def _accepted(linked: Linked, asked: Form | None, given: dict[str, Any]) -> dict[str, Any]:
    values = given if request.is_json else forms.typed(asked, given)
    accepted = asked.validate(values, context=linked.data, now=engine().clock.now()) if asked else {}
    attached = attachments.of(asked, accepted)
    attachments.check(
        engine(), attached, actor=linked.actor, instance=linked.link.instance, variables=dict(linked.data)
    )
    return accepted


def _send(linked: Linked, message: str, variables: dict[str, Any], **more: Any) -> None:
    messages.publish(
        engine(),
        message,
        actor=Actor(id=linked.actor.id, name=linked.actor.name, everything=True),
        correlation_key=linked.case.row.business_key,
        variables=variables,
        source=linked.actor.id,
        unit=linked.case.row.unit,
        **more,
    )


# ---- reopening ----------------------------------------------------------------------------------------------------------


def reopening(linked: Linked) -> bool:
    """Say whether the holder of a link may reopen its case now."""
    return linked.link.purpose == "track" and start_again.offers(linked.case)


def reopen_form(linked: Linked, problems: Sequence[Problem] = ()) -> FormView | None:
    """Give the form in which a reporter says why a case is to be reopened; None where it cannot be."""
    if not reopening(linked):
        return None
    element = start_again.start_event(linked.case)
    return _view(
        linked,
        start_again.form(linked.case, element),
        {},
        linked.case.translate(element.name),
        problems,
        route="reopen",
    )


def reopen(linked: Linked, given: dict[str, Any], command_id: str | None) -> None:
    """Start the case again, under its number and with what was known of it.

    Raises:
        NotAllowed: the link is not for following a case.
        Invalid: a value is missing or malformed.
        IllegalTransition: it is open, was closed too long ago, or has been reopened.
    """
    if linked.link.purpose != "track":
        raise NotAllowed("this link does not reopen the case")
    accepted = _accepted(linked, start_again.form(linked.case, start_again.start_event(linked.case)), given)
    start_again.send(linked.case, accepted, actor=linked.actor, command_id=command_id)
