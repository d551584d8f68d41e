"""``propflow steer``: cancel, suspend, resume, retry, modify or migrate many instances at once; tried first with --dry-run."""

from __future__ import annotations

import argparse
import os
import time

from engine.bpmn.progress import Activation
from engine.errors import Invalid, Text
from engine.model.states import BatchState, InstanceState
from engine.model.values import SYSTEM
from engine.services import batches, jobs, migration, repository
from engine.services.batches import Batch, BatchAction, ItemState, Orders
from engine.services.engine import Engine
from engine.store.instances import Filter
from webui import compose, settings
from webui.cli import plan
from webui.cli.given import variables as read_variables
from webui.cli.out import Out, as_json

PAGE = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="ACTION")
    for action in BatchAction:
        command = commands.add_parser(action.value, help=f"{action.value} the instances that are chosen")
        command.set_defaults(
            run=run,
            action=action,
            to_version=None,
            from_version=None,
            propose=False,
            plan=None,
            mapping=[],
            activate=[],
            terminate=[],
            variables="{}",
            element="",
            skip=False,
        )
        command.add_argument(
            "--process", default="", metavar="ID", help="of this process; live ones where no state is named"
        )
        command.add_argument("--state", action="append", choices=[each.value for each in InstanceState], default=[])
        command.add_argument("--business-key", default="", metavar="PREFIX")
        command.add_argument("--with-incident", action="store_true", help="in which something has stopped")
        command.add_argument("--key", action="append", default=[], help="this instance too; may be repeated")
        command.add_argument("--reason", default="", help="stands in the history of each")
        command.add_argument("--dry-run", action="store_true", help="keep nothing; say what would be refused, and why")
        if action is BatchAction.MIGRATE:
            command.add_argument("--to-version", type=int)
            command.add_argument("--from-version", type=int, help="only instances of this version of --process")
            command.add_argument(
                "--propose",
                action="store_true",
                help="print where elements belong in the other version, as a plan to look through, and do nothing",
            )
            command.add_argument(
                "--plan", metavar="FILE", help="the plan to follow, as printed by --propose and edited"
            )
            command.add_argument(
                "--map",
                dest="mapping",
                action="append",
                default=[],
                metavar="FROM=TO",
                help="an element of another id there",
            )
        if action is BatchAction.RETRY:
            command.add_argument("--element", default="", metavar="ELEMENT", help="only what stopped there")
            command.add_argument(
                "--skip",
                action="store_true",
                help="do not try again: let it count as done, with --variables as what it handed back",
            )
            command.add_argument("--variables", default="{}", metavar="JSON")
        if action is BatchAction.MODIFY:
            command.add_argument(
                "--activate",
                action="append",
                default=[],
                metavar="ELEMENT[@ID]",
                help="ID: of the live scope instance that is to hold it, where there are several",
            )
            command.add_argument(
                "--terminate",
                action="append",
                default=[],
                metavar="ELEMENT|ID",
                help="all instances of an element, or one by its id",
            )
            command.add_argument("--variables", default="{}", metavar="JSON")


def run(given: argparse.Namespace, out: Out) -> int:
    """Begin the batch, work it off together with whatever else works here, and say what was refused."""
    if given.plan:
        written = plan.read(given.plan)
        given.process, given.from_version, given.to_version = written.process, written.from_version, written.to_version
        given.mapping = [*(f"{here}={there}" for here, there in written.mapping.items()), *given.mapping]
    if given.action is BatchAction.MIGRATE and given.to_version is None:
        raise Invalid("say which version: --to-version, or --plan")
    if given.from_version is not None and not given.process:
        raise Invalid("--from-version wants --process")
    if given.propose:
        return _propose(given, out)
    orders = _orders(given)
    narrowed = given.process or given.state or given.business_key or given.with_incident
    if not narrowed and not given.key:
        raise Invalid("say which instances: --process, --state, --business-key, --with-incident or --key")
    with compose.parts(settings.load(os.environ)) as parts:
        batch = batches.begin(
            parts.engine,
            orders,
            wanted=_wanted(parts.engine, given) if narrowed and not (given.plan and given.key) else None,
            keys=given.key,
            dry_run=given.dry_run,
            actor=SYSTEM,
        )
        batch = _work_off(parts.engine, batch, out)
        refused = _refused(parts.engine, batch)
    for each in refused:
        for reason in each.reasons:
            out.say(f"{each.instance}: {out.said(reason)}")
    document = {
        "batch": str(batch.key),
        "state": batch.state,
        "dry_run": batch.dry_run,
        "done": batch.done,
        "refused": {str(each.instance): [as_json(reason) for reason in each.reasons] for each in refused},
        "left": batch.left,
    }
    counts = {"done": batch.done, "refused": batch.refused, "left": batch.left}
    tried = Text("{done} possible, {refused} refused, {left} left", **counts)
    out.result(document, tried if batch.dry_run else Text("{done} done, {refused} refused, {left} left", **counts))
    return 1 if batch.refused or batch.left else 0


def _wanted(engine: Engine, given: argparse.Namespace) -> Filter:
    version = given.from_version
    row = None if version is None else repository.latest(engine, given.process, version=version, actor=SYSTEM)
    return Filter(
        process_id=given.process,
        states=tuple(map(InstanceState, given.state)),
        business_key=given.business_key,
        with_incident=given.with_incident,
        definition=row.key if row else None,
    )


def _propose(given: argparse.Namespace, out: Out) -> int:
    """Print a plan; 1 where something needs a person before those that stand there can move."""
    if not given.process or given.from_version is None:
        raise Invalid("--propose wants --process, --from-version and --to-version")
    with compose.parts(settings.load(os.environ)) as parts:
        found = migration.propose(parts.engine, given.process, given.from_version, given.to_version, actor=SYSTEM)
    document = {
        "process": given.process,
        "from_version": given.from_version,
        "to_version": given.to_version,
        "mapping": {pair.source: pair.target for pair in found.proposal.pairs},
        "why": {pair.source: pair.why for pair in found.proposal.pairs},
        "undecided": {each.source: list(each.candidates) for each in found.proposal.undecided},
        "live": found.live,
    }
    out.result(document, plan.write(found).rstrip("\n"))
    return 1 if found.needed else 0


def _orders(given: argparse.Namespace) -> Orders:
    pairs = [each.partition("=") for each in given.mapping]
    if not all(here and equals for here, equals, _ in pairs):
        raise Invalid("--map wants FROM=TO")
    return Orders(
        given.action,
        reason=given.reason,
        to_version=given.to_version,
        mapping={here: there for here, _, there in pairs},
        activate=tuple(map(_activation, given.activate)),
        terminate=tuple(int(each) if each.isdigit() else each for each in given.terminate),
        variables=read_variables(given.variables),
        element_id=given.element,
        skip=given.skip,
    )


def _activation(text: str) -> Activation:
    element_id, at, within = text.partition("@")
    if at and not within.isdigit():
        raise Invalid("--activate wants ELEMENT or ELEMENT@ID")
    return Activation(element_id, int(within) if at else None)


def _work_off(engine: Engine, batch: Batch, out: Out) -> Batch:
    """Do what is due here, as any worker would, until the batch is over."""
    told = -1
    while batch.state is BatchState.RUNNING:
        due = jobs.claim_due(engine, worker=f"steer:{os.getpid()}", limit=1)
        for job in due:
            jobs.run(engine, job)
        if not due:
            time.sleep(0.1)  # another worker has it
        batch = batches.get(engine, batch.key, actor=SYSTEM)
        if batch.total - batch.left != told:
            told = batch.total - batch.left
            out.say(f"{told} of {batch.total}")
    return batch


def _refused(engine: Engine, batch: Batch) -> list[batches.Item]:
    found: list[batches.Item] = []
    while True:
        after = found[-1].instance if found else None
        page = batches.items(engine, batch.key, state=ItemState.REFUSED, after=after, limit=PAGE, actor=SYSTEM)
        found += page
        if len(page) < PAGE:
            return found
