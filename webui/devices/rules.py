"""The rules of a device as people read them: what raises an alarm, and whether somebody has switched it off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from connectors.register.store.devices import Device
from connectors.telemetry import disabled
from connectors.telemetry.rules import SILENT, DeviceType, Rule, Silence
from connectors.telemetry.store.disabled import DisabledRule
from connectors.telemetry.trend import DAY, Trend
from webui import states
from webui.context import actor, engine, parts
from webui.devices.status import SEVERITIES, Told, say, type_of
from webui.i18n import formats, gettext, lazy_gettext
from webui.states import State

ON = replace(states.DONE, word=lazy_gettext("On"))
OFF = replace(states.PAUSED, word=lazy_gettext("Off"))


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of a device.

    Attributes:
        condition: what raises the alarm, and for how long it must hold.
        off: set while it is switched off.
        can_be_tried: it speaks of readings, so that it can be tried on those of the past.
    """

    id: str
    name: str
    condition: str
    severity: str
    state: State
    off: DisabledRule | None
    can_be_tried: bool


def of_device(device: Device, known: Told) -> list[RuleLine]:
    """List the rules of a device, its silence, and the alarms that its source judges."""
    found = parts().registry.ports["devices"].find([device.code]).get(device.code)
    off = {each.rule: each for each in disabled.of_device(engine(), found, actor=actor())} if found else {}
    kind = type_of(device)
    standing = known.row.standings if known.row else ()
    names = [*disabled.names(kind, standing), *sorted(name for name in off if name.startswith("source:"))]
    return [line(kind, name, off.get(name)) for name in dict.fromkeys(names)]


def line(kind: DeviceType, name: str, off: DisabledRule | None = None) -> RuleLine:
    """Show one rule."""
    rule, silence = kind.rule(name) or kind.trend(name), kind.silence
    severity = rule.severity if rule else silence.severity if silence and name == SILENT else None
    return RuleLine(
        id=name,
        name=title(kind, name),
        condition=condition(rule) if rule else _silence(silence) if silence and name == SILENT else "",
        severity=str(SEVERITIES[severity]) if severity else "",
        state=OFF if off else ON,
        off=off,
        can_be_tried=kind.rule(name) is not None,
    )


def title(kind: DeviceType, name: str) -> str:
    """Give what a rule is called."""
    rule = kind.rule(name) or kind.trend(name)
    if rule is not None:
        return say(rule.title)
    if name == SILENT:
        return gettext("Nothing is heard of the device")
    alarm_type = name.partition(":")[2]
    same = next((each for each in kind.rules if each.alarm_type == alarm_type), None)
    return gettext("%(name)s (judged by its source)", name=say(same.title) if same else alarm_type)


def name_of(device: Device, name: str) -> str:
    """Give what a rule of a device is called."""
    return title(type_of(device), name)


def condition(rule: Rule | Trend) -> str:
    """Give what raises the alarm, as it is written, and for how long."""
    if isinstance(rule, Trend):
        return _trend(rule)
    told = rule.raise_when.text
    if rule.mean_over:
        told += " · " + gettext("mean over %(span)s", span=length(rule.mean_over))
    if rule.raise_for:
        told += " · " + gettext("for %(span)s", span=length(rule.raise_for))
    return told


def _silence(silence: Silence) -> str:
    return gettext("nothing for %(span)s", span=length(silence.after))


def _trend(trend: Trend) -> str:
    every = gettext("each day") if trend.every == DAY else gettext("each hour")
    if trend.between:
        every = gettext("each day from %(begin)s to %(end)s h", begin=trend.between[0], end=trend.between[1])
    told = [f"{trend.figure}({trend.signal}) {every}"]
    limits = ((">", trend.above), ("<", trend.below))
    told += [f"{sign} {limit}" for sign, limit in limits if limit is not None]
    if trend.sigmas is not None:
        told.append(gettext("usual ± %(count)s σ", count=trend.sigmas))
    if trend.times is not None:
        told.append(gettext("> %(count)s × usual", count=trend.times))
    if trend.change is not None:
        told.append(gettext("change > %(limit)s", limit=trend.change))
    if trend.spans > 1:
        told.append(gettext("%(count)s in a row", count=trend.spans))
    return " · ".join(told)


def length(span: timedelta) -> str:
    """Write a length of time, in seconds where it has less than two minutes."""
    seconds = int(span.total_seconds())
    return gettext("%(count)s s", count=seconds) if seconds < 120 else formats.span(span)
