"""Try a rule on the last days of the devices that the actor may see, before it is armed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from connectors.telemetry import replay
from connectors.telemetry.replay import Outcome
from connectors.telemetry.rules import DeviceType, Rule
from connectors.telemetry.store import alarms as alarm_rows
from connectors.telemetry.store import devices as device_rows
from engine import feel
from engine.errors import Invalid, Problem, PropflowError, Text
from engine.model.values import Actor
from engine.services import identity
from engine.services.engine import Engine

DAYS = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have made of the last days.

    Attributes:
        outcomes: {device: outcome}, for devices of which anything is kept; those with most tickets first.
        raised: how many alarms the rule of this id did raise in these days, as it was then.
        left_out: how many devices more there are than were tried.
    """

    outcomes: Mapping[str, Outcome]
    raised: int
    left_out: int

    @property
    def least(self) -> int:
        """Tickets that must have been."""
        return sum(each.least for each in self.outcomes.values())

    @property
    def most(self) -> int:
        """Tickets that may have been."""
        return sum(each.most for each in self.outcomes.values())


def altered(
    rule: Rule, kind: DeviceType, *, raise_when: str, clear_when: str, raise_for_s: str | int, clear_for_s: str | int
) -> Rule:
    """Give a rule with other conditions; ``clear_when`` left empty: not raised.

    Raises:
        Invalid: one problem per text that is no condition on signals of the type, or time that is no number of seconds.
    """
    problems: list[Problem] = []
    raises = _condition("raise_when", raise_when, kind, problems)
    clears = _condition("clear_when", clear_when.strip() or f"not({raise_when})", kind, problems)
    raise_for = _seconds("raise_for", raise_for_s, problems)
    clear_for = _seconds("clear_for", clear_for_s, problems)
    if problems or raises is None or clears is None:
        raise Invalid(problems)
    return replace(
        rule,
        raise_when=raises,
        clear_when=clears,
        raise_for=raise_for,
        clear_for=clear_for,
        samples=2 if raise_for else 1,
        signals=raises.names | clears.names,
    )


def _condition(key: str, text: str, kind: DeviceType, problems: list[Problem]) -> feel.Expression | None:
    try:
        found = feel.compile_expression(text, sorted(kind.signals))
    except PropflowError as error:
        problems.append(Problem(key, error.text))
        return None
    if not found.names & kind.signals.keys() or not found.names <= kind.signals.keys():
        problems.append(Problem(key, Text("name signals of the device only: {known}", known=", ".join(kind.signals))))
    return found


def _seconds(key: str, given: str | int, problems: list[Problem]) -> timedelta:
    text = str(given).strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        problems.append(Problem(key, Text("is a number of seconds, at most 999,999")))
        return timedelta()
    return timedelta(seconds=int(text))


def attempt(engine: Engine, rule: Rule, *, kind: DeviceType, days: int = DAYS, limit: int = 100, actor: Actor) -> Trial:
    """Try a rule on what is kept of the last ``days`` of at most ``limit`` devices of its type that the actor may see."""
    now = engine.clock.now()
    since = now - timedelta(days=days)
    outcomes: dict[str, Outcome] = {}
    with engine.store.read() as uow:
        codes = device_rows.of_type(uow, identity.scope(uow, actor, "read", "device"), kind.name)
        raised = alarm_rows.count_by_rule(uow, codes, rule.id, since)
        for code in codes[:limit]:
            past = replay.hours(device_rows.hours(uow, code, since, now))
            outcome = replay.replay(rule, past, kind=kind)
            if outcome.hours:
                outcomes[code] = outcome
    ordered = sorted(outcomes.items(), key=lambda each: (-each[1].most, -each[1].least, each[0]))
    return Trial(dict(ordered), raised, max(0, len(codes) - limit))


def numbers(hit: replay.Hit) -> Sequence[tuple[str, Decimal, Decimal]]:
    """Give (signal, lowest, highest) of what a hit saw."""
    return [(name, span.low, span.high) for name, span in hit.numbers.items()]
