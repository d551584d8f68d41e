"""Rules as data: when readings of a type of device raise an alarm, and when they clear it. Read from ``rules.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from connectors.telemetry import judges
from connectors.telemetry.events import Severity
from connectors.telemetry.judges import RECOVERY, Judge
from connectors.telemetry.trend import Trend
from connectors.telemetry.trend import read as read_trend
from engine import feel
from engine.errors import Invalid, Problem, PropflowError, Text

T = TypeVar("T")
SHIPPED = Path(__file__).parent / "rules.toml"
SILENT = "silent"
"""The alarm type of a device from which nothing is heard: no data is not normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Judge):
    """One rule of a type of device: it judges each reading.

    Attributes:
        raise_when: FEEL over the latest readings; the alarm is raised once it held for ``raise_for`` and in ``samples`` readings.
        clear_when: FEEL; the alarm is cleared once it held for ``clear_for``. Apart from ``raise_when`` it makes the hysteresis.
        mean_over: signals are averaged over this span before they are judged; zero: the latest counts.
        signals: the signals that the two texts speak of.
    """

    raise_when: feel.Expression
    clear_when: feel.Expression
    raise_for: timedelta
    clear_for: timedelta
    samples: int
    mean_over: timedelta
    signals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Signal:
    """What a type of device measures. ``kind``: number, flag (0 or 1) or text."""

    name: str
    title: Mapping[str, str]
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class Silence:
    """When no data is an alarm: nothing for ``after``, or the connection gone for ``offline_for``."""

    after: timedelta
    offline_for: timedelta
    severity: Severity
    category: str
    auto_close_ok: bool
    recovery: timedelta = RECOVERY


@dataclass(frozen=True, slots=True)
class DeviceType:
    """The signals, rules, silence and trends of one type of device."""

    name: str
    title: Mapping[str, str]
    signals: Mapping[str, Signal]
    rules: tuple[Rule, ...]
    silence: Silence | None
    by_signal: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    trends: tuple[Trend, ...] = ()

    @property
    def judges(self) -> list[Judge]:
        """List the rules, then the trends."""
        return [*self.rules, *self.trends]

    def trend(self, trend_id: str) -> Trend | None:
        """Give the trend with this id, if it (still) exists."""
        return next((trend for trend in self.trends if trend.id == trend_id), None)

    def rule(self, rule_id: str) -> Rule | None:
        """Give the rule with this id, if it (still) exists."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def reading(self, signal: str, value: Any) -> Any:
        """Give a reading as rules see it: flags are 0 or 1, numbers that came as text are numbers."""
        if isinstance(value, bool):
            return int(value)
        spec = self.signals.get(signal)
        if isinstance(value, str) and spec is not None and spec.kind != "text":
            try:
                number = Decimal(value)
            except InvalidOperation:
                return _FLAGS.get(value.lower())
            return number if number.is_finite() else None
        return value


_FLAGS = {"true": 1, "on": 1, "false": 0, "off": 0}
UNKNOWN = DeviceType(name="", title={"en": "Other", "zh": "其他"}, signals={}, rules=(), silence=None)
"""A type without rules: its readings are kept and nothing is raised by them."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The types of devices by name."""

    types: Mapping[str, DeviceType]

    def of(self, device_type: str) -> DeviceType:
        """Give the rules of a type of device; a type that nobody described has none."""
        return self.types.get(device_type, UNKNOWN)


@cache
def shipped() -> RuleBook:
    """Give the rules that come with the product."""
    return load(SHIPPED.read_text(encoding="utf-8"))


def load(text: str) -> RuleBook:
    """Read rules.

    Raises:
        Invalid: one problem per rule or signal that is wrong.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(Problem("rules.toml", str(error))) from error
    problems: list[Problem] = []
    types = {name: _type(name, table, problems) for name, table in raw.get("type", {}).items()}
    if problems:
        raise Invalid(problems)
    return RuleBook(types)


def _type(name: str, table: Mapping[str, Any], problems: list[Problem]) -> DeviceType:
    signals = {
        signal: Signal(signal, spec.get("title", {"en": signal}), spec.get("unit", ""), spec.get("kind", "number"))
        for signal, spec in table.get("signals", {}).items()
    }
    rules = _each("rule", _rule, name, table, signals, problems)
    trends = _each("trend", read_trend, name, table, signals, problems)
    ids = [*(rule.id for rule in rules), *(trend.id for trend in trends)]
    problems.extend(
        Problem(f"type.{name}", Text("two rules bear the id {id}", id=rule_id), Text("give each an id of its own"))
        for rule_id in sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1})
    )
    silence = table.get("silence")
    return DeviceType(
        name=name,
        title=table.get("title", {"en": name}),
        signals=signals,
        rules=tuple(rules),
        silence=None if silence is None else _silence(silence),
        trends=tuple(trends),
        by_signal={signal: tuple(rule for rule in rules if signal in rule.signals) for signal in signals},
    )


def _each(
    what: str,
    read: Callable[[Mapping[str, Any], Mapping[str, Signal]], T],
    name: str,
    table: Mapping[str, Any],
    signals: Mapping[str, Signal],
    problems: list[Problem],
) -> list[T]:
    found: list[T] = []
    for number, spec in enumerate(table.get(what, ()), start=1):
        where = f"type.{name}.{what} {spec.get('id') or spec.get('alarm') or number}"
        try:
            found.append(read(spec, signals))
        except Invalid as error:
            problems.extend(Problem(where, problem.message, problem.remedy) for problem in error.problems)
        except (KeyError, ValueError, TypeError, ArithmeticError) as error:
            problems.append(Problem(where, Text("is missing or wrong: {what}", what=str(error))))
        except PropflowError as error:
            problems.append(Problem(where, error.text))
    return found


def _rule(spec: Mapping[str, Any], signals: Mapping[str, Signal]) -> Rule:
    raise_when, clear_when = spec["raise"], spec.get("clear") or f"not({spec['raise']})"
    used = frozenset(
        signal for signal in signals if re.search(rf"\b{re.escape(signal)}\b", f"{raise_when} {clear_when}")
    )
    if not used:
        raise Invalid("the rule speaks of none of the signals of its device type: {known}", known=", ".join(signals))
    raise_for = timedelta(seconds=spec.get("raise_for_s", 0))
    return Rule(
        **judges.read(spec),
        raise_when=feel.compile_expression(raise_when, sorted(signals)),
        clear_when=feel.compile_expression(clear_when, sorted(signals)),
        raise_for=raise_for,
        clear_for=timedelta(seconds=spec.get("clear_for_s", 0)),
        samples=spec.get("samples", 2 if raise_for else 1),
        mean_over=timedelta(seconds=spec.get("mean_over_s", 0)),
        signals=used,
    )


def _silence(spec: Mapping[str, Any]) -> Silence:
    return Silence(
        after=timedelta(seconds=spec["after_s"]),
        offline_for=timedelta(seconds=spec.get("offline_for_s", spec["after_s"])),
        severity=Severity(spec["severity"]),
        category=spec["category"],
        auto_close_ok=spec.get("auto_close_ok", False),
    )
