"""``propflow device``: let a device rest, move it to another state, switch alarm rules off, and try rules on the past, without the web."""

from __future__ import annotations

import argparse
import os
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from connectors.register import devices
from connectors.register.store.devices import DeviceState
from connectors.telemetry import disabled, rules, service, trial
from connectors.telemetry.rules import Rule, RuleBook
from connectors.telemetry.trial import Trial
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model.keys import parse_key
from engine.model.values import SYSTEM
from engine.services import units
from webui import compose, settings
from webui.cli.out import Out
from webui.context import Parts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    show = commands.add_parser(
        "show", help="say how a device stands: its state, its maintenance, the rules that are off"
    )
    show.add_argument("code", metavar="DEVICE")
    show.set_defaults(run=run_show)
    state = commands.add_parser("state", help="move a device to another state")
    state.add_argument("code", metavar="DEVICE")
    state.add_argument("state", choices=[each.value for each in DeviceState])
    _reason(state)
    state.set_defaults(run=run_state)
    plan = commands.add_parser("maintain", help="plan maintenance: meanwhile alarms are recorded and start no ticket")
    plan.add_argument("code", metavar="DEVICE")
    plan.add_argument("--from", dest="begin", required=True, metavar="TIME", help="such as 2026-01-31T14:30")
    plan.add_argument("--to", dest="end", required=True, metavar="TIME")
    _reason(plan)
    plan.set_defaults(run=run_maintain)
    cancel = commands.add_parser("cancel", help="cancel maintenance")
    cancel.add_argument("code", metavar="DEVICE")
    cancel.add_argument("window", metavar="WINDOW", help="its number, as show says it")
    _reason(cancel)
    cancel.set_defaults(run=run_cancel)
    off = commands.add_parser("disable", help="switch an alarm rule off; it comes back by itself")
    off.add_argument("rule", help="its id; silent; source:TYPE for alarms that the source judges")
    off.add_argument("--device", metavar="CODE", help="for this device only")
    off.add_argument("--type", metavar="TYPE", help="for every device of a type, with --unit")
    off.add_argument("--unit", metavar="CODE", help="where, and at every unit beneath")
    off.add_argument("--until", required=True, metavar="TIME", help="when it comes back")
    _reason(off)
    off.set_defaults(run=run_disable)
    on = commands.add_parser("enable", help="switch an alarm rule on again before its time")
    on.add_argument("key", metavar="KEY", help="as disable and show say it")
    _reason(on)
    on.set_defaults(run=run_enable)
    attempt = commands.add_parser("replay", help="try rules on the last days: how many tickets they would have made")
    attempt.add_argument("type", metavar="TYPE", help="of devices")
    attempt.add_argument("--rules", type=Path, metavar="FILE.toml", help="rules to try; those in force when left out")
    attempt.add_argument("--rule", metavar="ID", help="this one only")
    attempt.add_argument("--days", type=int, default=trial.DAYS, help="how far back (30)")
    attempt.set_defaults(run=run_replay)


def _reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, help="why; history keeps it")


def run_show(given: argparse.Namespace, out: Out) -> int:
    """Say how a device stands."""
    with compose.parts(settings.load(os.environ)) as parts:
        device = devices.get(parts.engine, given.code, actor=SYSTEM)
        known = parts.registry.ports["devices"].find([given.code])[given.code]
        off = disabled.of_device(parts.engine, known, actor=SYSTEM)
    out.say(f"{device.code} {device.name_zh}: {device.state.value}")
    for window in device.windows:
        out.say(f"  {window['id']}  {window['from']} - {window['to']}  {window['reason']} ({window['by']})")
    for row in off:
        out.say(f"  {row.key}  {row.rule} - {row.until.isoformat()}  {row.reason} ({row.by_name})")
    document = {
        "device": device.code,
        "state": device.state.value,
        "maintenance": list(device.windows),
        "disabled": [
            {"key": str(row.key), "rule": row.rule, "until": row.until.isoformat(), "reason": row.reason} for row in off
        ],
    }
    out.result(document)
    return 0


def run_state(given: argparse.Namespace, out: Out) -> int:
    """Move a device to another state."""
    with compose.parts(settings.load(os.environ)) as parts:
        device = devices.get(parts.engine, given.code, actor=SYSTEM)
        action = devices.ways(device.state).get(DeviceState(given.state))
        if action is None:
            told = Text("a device that is {state} cannot become {wanted}", state=device.state.value, wanted=given.state)
            raise Invalid(Problem("state", told))
        devices.set_state(parts.engine, given.code, action, reason=given.reason, actor=SYSTEM)
    out.result({"device": given.code, "state": given.state}, f"{given.code}: {given.state}")
    return 0


def run_maintain(given: argparse.Namespace, out: Out) -> int:
    """Plan maintenance."""
    with compose.parts(settings.load(os.environ)) as parts:
        zone = parts.settings.timezone
        begin, end = _moment("--from", given.begin, zone), _moment("--to", given.end, zone)
        window = devices.plan_maintenance(
            parts.engine, given.code, begin=begin, end=end, reason=given.reason, actor=SYSTEM
        )
    out.result(
        {"device": given.code, "window": window["id"]},
        Text("{code}: maintenance {id}", code=given.code, id=window["id"]),
    )
    return 0


def run_cancel(given: argparse.Namespace, out: Out) -> int:
    """Cancel maintenance."""
    with compose.parts(settings.load(os.environ)) as parts:
        devices.cancel_maintenance(parts.engine, given.code, given.window, reason=given.reason, actor=SYSTEM)
    out.result({"cancelled": given.window}, Text("{id}: cancelled", id=given.window))
    return 0


def run_disable(given: argparse.Namespace, out: Out) -> int:
    """Switch a rule off."""
    with compose.parts(settings.load(os.environ)) as parts:
        until = _moment("--until", given.until, parts.settings.timezone)
        book = service.rule_book(parts.registry.settings("telemetry"))
        if given.device:
            found = parts.registry.ports["devices"].find([given.device])
            if given.device not in found:
                raise NotFound("there is no device {code}", code=given.device)
            where: Any = found[given.device]
            kind = where.type
        elif given.type and given.unit:
            where, kind = units.by_code(parts.engine, given.unit).key, given.type
        else:
            raise Invalid(Problem("--device", Text("say for which device, or for which type at which unit")))
        key = disabled.disable(
            parts.engine, given.rule, rules=book.of(kind), where=where, until=until, reason=given.reason, actor=SYSTEM
        )
    out.result({"key": str(key), "rule": given.rule}, Text("{key}: {rule} is off", key=key, rule=given.rule))
    return 0


def run_enable(given: argparse.Namespace, out: Out) -> int:
    """Switch a rule on again."""
    with compose.parts(settings.load(os.environ)) as parts:
        disabled.enable(parts.engine, parse_key(given.key), reason=given.reason, actor=SYSTEM)
    out.result({"enabled": given.key}, Text("{key}: on again", key=given.key))
    return 0


def run_replay(given: argparse.Namespace, out: Out) -> int:
    """Try rules on the past."""
    with compose.parts(settings.load(os.environ)) as parts:
        kind = _book(given.rules, parts).of(given.type)
        chosen = [rule for rule in kind.rules if given.rule in (None, rule.id)]
        if not chosen:
            raise NotFound("there is no such rule for devices of the type {type}", type=given.type)
        tried = {
            rule.id: trial.attempt(parts.engine, rule, kind=kind, days=given.days, limit=100_000, actor=SYSTEM)
            for rule in chosen
        }
    for rule in chosen:
        _tell(rule, tried[rule.id], out)
    out.say(Text("Of the past, each hour's lowest and highest number is kept; so each count is a range."))
    out.result({"type": kind.name, "days": given.days, "rules": [_document(rule, tried[rule.id]) for rule in chosen]})
    return 0


def _tell(rule: Rule, done: Trial, out: Out) -> None:
    counted = {
        "rule": rule.id,
        "least": done.least,
        "most": done.most,
        "devices": len(done.outcomes),
        "raised": done.raised,
    }
    out.say(Text("{rule}: {least} to {most} tickets on {devices} devices; {raised} alarms were raised then", **counted))
    for code, outcome in done.outcomes.items():
        if outcome.hits:
            hit = outcome.hits[0]
            numbers = ", ".join(f"{name} {low} - {high}" for name, low, high in trial.numbers(hit))
            out.say(f"  {code}  {outcome.least} - {outcome.most}  {hit.at:%Y-%m-%d %H:%M}Z  {numbers}")


def _document(rule: Rule, done: Trial) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "least": done.least,
        "most": done.most,
        "raised": done.raised,
        "devices": {
            code: {"least": each.least, "most": each.most, "hours": each.hours} for code, each in done.outcomes.items()
        },
    }


def _book(path: Path | None, parts: Parts) -> RuleBook:
    if path is None:
        return service.rule_book(parts.registry.settings("telemetry"))
    if not path.is_file():
        raise NotFound("there is no file {path}", path=str(path))
    return rules.load(path.read_text(encoding="utf-8"))


def _moment(name: str, text: str, zone: tzinfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(Problem(name, Text("name a day and a time, such as 2026-01-31T14:30"))) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)
