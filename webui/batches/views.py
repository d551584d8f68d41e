"""Pages of orders over many cases: one to give, those that were given, and how far one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from engine.bpmn.definition import Kind
from engine.errors import Invalid, NotAllowed, NotFound, Problem
from engine.model.keys import parse_key
from engine.model.states import BatchState
from engine.model.values import SYSTEM
from engine.services import batches, counters, repository, runtime
from engine.services.batches import Batch, ItemState
from engine.store.instances import LIVE, Filter
from webui import forms, listing
from webui.batches import orders
from webui.batches.orders import Offer, Verb
from webui.case.view import number_of, process_name, title_of
from webui.context import actor, engine
from webui.i18n import gettext
from webui.instances import views as instances
from webui.listing import Filters
from webui.steering import choices
from webui.steering.verbs import mapping

blueprint = Blueprint("batches", __name__, template_folder="templates")
PAGE = 50
FILTERS = {"view": "live", "process": "", "q": ""}
COUNTED = 1000  # as many of the chosen cases are counted, then it says that there are more


@blueprint.get("/batches")
@login_required
def index() -> str:
    """Show the orders that were given."""
    if not orders.offered(actor=actor()):
        raise NotAllowed("you may give no order over many cases")
    found = batches.listed(engine(), actor=actor(), limit=PAGE)
    return render_template("batches/index.html", rows=found, said=orders.said, state_of=orders.state_of)


@blueprint.get("/batches/new")
@login_required
def order() -> str:
    """Ask what is to be done to the cases that the filters of their list choose."""
    return _ask(request.args)


@blueprint.post("/batches/new")
@login_required
def begin() -> Any:
    """Try an order over the chosen cases: a dry run, which shows what would be refused before anything is done."""
    given = request.form
    offer = _chosen(given.get("do", ""))
    try:
        wanted = _wanted(_filters(given), given)
        tried = batches.begin(
            engine(),
            orders.read(offer.verb, given),
            wanted=wanted,
            dry_run=True,
            actor=actor(),
            command_id=given.get("command_id"),
        )
    except Invalid as refusal:
        return _ask(given, problems=refusal.problems), 422
    except NotFound as refusal:
        return _ask(given, problems=(Problem("", refusal.text),)), 422
    return redirect(url_for("batches.page", key=tried.key))


@blueprint.get("/batches/<key>")
@login_required
def page(key: str) -> str:
    """Show how far an order is, and what was refused for which reasons. A page that follows it asks for the part that changes."""
    row = batches.get(engine(), key, actor=actor())
    after = request.args.get("after", "")
    found = batches.items(
        engine(),
        key,
        state=ItemState.REFUSED,
        after=parse_key(after) if after else None,
        limit=PAGE + 1,
        actor=actor(),
    )
    shown = found[:PAGE]
    template = "batches/progress.html" if request.headers.get("HX-Request") else "batches/page.html"
    return render_template(
        template,
        batch=row,
        title=orders.said(row),
        state=orders.state_of(row),
        refused=[(_named(each.instance), each.reasons) for each in shown],
        next_page=url_for("batches.page", key=key, after=shown[-1].instance) if len(found) > PAGE else "",
        repeats=_repeats(row),
        is_running=row.state is BatchState.RUNNING,
        command_id=forms.new_command(),
    )


@blueprint.post("/batches/<key>/repeat")
@login_required
def repeat(key: str) -> Any:
    """Do what was tried."""
    done = batches.repeat(engine(), key, actor=actor(), command_id=request.form.get("command_id"))
    return redirect(url_for("batches.page", key=done.key))


@blueprint.post("/batches/<key>/stop")
@login_required
def stop(key: str) -> Any:
    """Leave the rest alone."""
    batches.stop(engine(), key, actor=actor())
    flash(gettext("Stopped; what was done stays done."))
    return redirect(url_for("batches.page", key=key))


def _repeats(row: Batch) -> bool:
    return row.dry_run and row.state is BatchState.COMPLETED and row.done > 0


def _named(key: int) -> Mapping[str, object]:
    """Give what people call a case, and where it is shown."""
    row = runtime.instance(engine(), key, actor=SYSTEM)  # who may see the batch may see what it was about
    title = title_of(row, process_name(row.definition))
    return {"number": number_of(row), "title": title, "href": url_for("instances.page", key=key)}


# ---- asking --------------------------------------------------------------------------------------------------------------


def _chosen(verb: str) -> Offer:
    offers = orders.offered(actor=actor())
    if not offers:
        raise NotAllowed("you may give no order over many cases")
    return next((each for each in offers if each.verb == verb), offers[0])


def _filters(given: Mapping[str, str]) -> Filters:
    return listing.read(url_for("instances.index"), given, FILTERS)


def _wanted(filters: Filters, given: Mapping[str, str]) -> Filter:
    version = given.get("from_version", "")
    definition = None
    if version.isdigit() and filters.process:
        definition = repository.latest(engine(), filters.process, version=int(version), actor=SYSTEM).key
    return instances.wanted(filters, definition=definition)


def _ask(given: MultiDict[str, str], *, problems: Sequence[Problem] = ()) -> str:
    offer = _chosen(given.get("do", ""))
    filters = _filters(given)
    more: dict[str, Any] = {}
    if filters.process and offer.verb is Verb.MIGRATE:
        more = _versions(filters.process, given)
    elif filters.process and offer.verb is Verb.MODIFY:
        more = {"steps": _steps(filters.process)}
    elif filters.process and offer.verb is Verb.SKIP:
        more = {"stopped": _stopped(filters.process)}
    wanted = _wanted(filters, given)
    chosen = replace(wanted, states=wanted.states or LIVE)  # those that an order is for
    found = runtime.instances(engine(), chosen, actor=actor(), limit=COUNTED)
    return render_template(
        "batches/new.html",
        offers=orders.offered(actor=actor()),
        offer=offer,
        filters=filters,
        views=instances.views(),
        processes=instances.processes(),
        count=len(found),
        many=len(found) == COUNTED,
        given=given,
        problems=problems,
        wrong={each.where: each.message for each in problems},
        outcome=None,
        command_id=forms.new_command(),
        **more,
    )


def _versions(process_id: str, given: MultiDict[str, str]) -> dict[str, Any]:
    """Give the versions of a process, and where the elements of the one that is left belong in the other."""
    found = choices.versions(process_id, 0)
    source, target = (_one_of(found, given.get(name, "")) for name in ("from_version", "to_version"))
    target = target or next(iter(found), 0)
    source = source or next((each for each in found if each != target), 0)
    plan = choices.plan(process_id, source, target) if source and target and source != target else None
    rows = choices.rows(plan, plan.live, _sent(given, source, target)) if plan else []
    return {"versions": found, "from_version": source, "to_version": target, "rows": rows}


def _sent(given: MultiDict[str, str], source: int, target: int) -> dict[str, str] | None:
    return mapping(given) if given.get("planned") == f"{source}-{target}" else None


def _one_of(found: Sequence[int], text: str) -> int:
    return int(text) if text.isdigit() and int(text) in found else 0


def _stopped(process_id: str) -> list[tuple[str, str, int]]:
    """List the steps at which cases of a process have stopped, in any version: (element id, name, how often)."""
    rows = repository.definitions(engine(), process_id=process_id, latest=False, actor=SYSTEM)
    counted = counters.of(engine(), [row.key for row in rows], actor=SYSTEM)
    names: dict[str, str] = {}
    for row in sorted(rows, key=lambda each: each.version):
        _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
        name = choices.namer(definition, row.deployment)
        names |= {id: choices.here_or(name, id) for id in definition.elements if id in counted}
    found = [(id, names[id], counts.get(counters.Count.INCIDENTS, 0)) for id, counts in counted.items() if id in names]
    return sorted((each for each in found if each[2] > 0), key=lambda each: -each[2])


def _steps(process_id: str) -> list[tuple[str, str, bool]]:
    """List the steps of the newest version as (element id, name, whether it can begin)."""
    row = repository.latest(engine(), process_id, actor=SYSTEM)
    _, definition = repository.definition(engine(), row.key, actor=SYSTEM)
    name = choices.namer(definition, row.deployment)
    return [
        (each.id, choices.here_or(name, each.id), each.kind is not Kind.BOUNDARY_EVENT)
        for each in definition.elements.values()
        if each.kind not in (Kind.PROCESS, Kind.START_EVENT)
    ]
