"""The page on which somebody intervenes in a case: what is to be done and why, what it would bring about, and only then the doing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from engine.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from webui import forms
from webui.case.view import Case
from webui.context import actor
from webui.i18n import gettext
from webui.steering import choices, told, verbs
from webui.steering.choices import Tree
from webui.steering.told import Told
from webui.steering.verbs import Given, Offer, Verb

blueprint = Blueprint("steering", __name__, template_folder="templates")
KEPT = ("csrf_token", "command_id", "step")
"""Fields that are made anew for the form that does what was tried."""


@blueprint.get("/requests/<key>/intervene")
@login_required
def page(key: str) -> str:
    """Show what can be done to a case."""
    case, offers = _open(key)
    return _show(case, offers, _chosen(offers, request.args.get("do", "")), request.args)


@blueprint.post("/requests/<key>/intervene")
@login_required
def act(key: str) -> Any:
    """Try what a form says and show what it would bring about; or do it, once that was shown."""
    case, offers = _open(key)
    given = request.form
    offer = _chosen(offers, given.get("do", ""))
    dry_run = given.get("step") != "do"
    try:
        effects = verbs.carry_out(
            case,
            offer.verb,
            given,
            actor=actor(),
            command_id=None if dry_run else given.get("command_id"),
            dry_run=dry_run,
        )
    except Invalid as refusal:
        return _show(case, offers, offer, given, problems=refusal.problems), 422
    except (IllegalTransition, NotFound) as refusal:
        return _show(case, offers, offer, given, problems=(Problem("", refusal.text),)), 409
    if dry_run:
        return _show(case, offers, offer, given, outcome=told.lines(effects, case.step_name))
    flash(gettext("Done: %(verb)s.", verb=offer.name))
    return redirect(url_for("instances.page", key=key))


def _open(key: str) -> tuple[Case, list[Offer]]:
    """Give a case and what the reader may do to it.

    Raises:
        NotFound: it is not the reader's to see.
        NotAllowed: there is nothing that the reader may do to it.
    """
    case = Case(key, actor=actor())
    offers = verbs.offered(case, actor=actor())
    if not offers:
        raise NotAllowed("there is nothing that you may do to this case")
    return case, offers


def _chosen(offers: list[Offer], verb: str) -> Offer:
    return next((each for each in offers if each.verb == verb), offers[0])


def _show(
    case: Case,
    offers: list[Offer],
    offer: Offer,
    given: Given | MultiDict[str, str],
    *,
    problems: tuple[Problem, ...] = (),
    outcome: list[Told] | None = None,
) -> str:
    tree = Tree(case, actor=actor())
    return render_template(
        "steering/page.html",
        case=case,
        offers=offers,
        offer=offer,
        given=given,
        problems=problems,
        wrong={each.where: each.message for each in problems},
        outcome=outcome,
        kept=[(name, value) for name, value in given.items(multi=True) if name not in KEPT],
        command_id=forms.new_command(),
        tree=tree,
        begins=choices.begins(case, tree, actor=actor()) if offer.verb is Verb.MOVE else (),
        **(_version(case, given, tree) if offer.verb is Verb.VERSION else {}),
    )


def _version(case: Case, given: MultiDict[str, str], tree: Tree) -> dict[str, Any]:
    """Give what the form of another version shows: the versions, and the mapping to the one that is chosen."""
    others = choices.versions(case.row.process_id, case.row.version)
    chosen = given.get("to_version", "")
    to_version = int(chosen) if chosen.isdigit() and int(chosen) in others else next(iter(others), None)
    if to_version is None:
        return {"versions": (), "rows": ()}
    live = Counter(node.element_id for node in tree.live())
    found = choices.plan(case.row.process_id, case.row.version, to_version)
    sent = verbs.mapping(given) if request.method == "POST" and given.get("planned") == str(to_version) else None
    return {"versions": others, "to_version": to_version, "rows": choices.rows(found, live, sent)}
