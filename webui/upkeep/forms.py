"""What is asked of whoever changes a device: a state, a window of maintenance, the end of a rule's rest; always why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.register import devices
from connectors.register.store.devices import Device
from engine.errors import Invalid, Problem, Text
from webui.context import parts
from webui.devices.words import STATES
from webui.forms import PlainField, new_command
from webui.i18n import gettext
from webui.i18n.formats import local
from webui.i18n.say import say

REASON = "reason"


@dataclass(frozen=True, slots=True)
class Ask:
    """A form without script, as ``plain-form.html`` shows it.

    Attributes:
        about: what it changes, in a line.
        hint: what follows from it.
    """

    title: str
    action: str
    verb: str
    fields: Sequence[PlainField]
    about: str = ""
    hint: str = ""
    id: str = "change"
    command_id: str = field(default_factory=new_command)


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()

    def errors(self, key: str) -> tuple[str, ...]:
        """List what is wrong with a field."""
        return tuple(say(problem.message) for problem in self.problems if problem.where == key)


def state(device: Device, action: str, given: Given) -> Ask:
    """Ask which state a device is in, and why."""
    chosen = given.values.get("state", "")
    options = tuple({"value": each.value, "label": str(STATES[each])} for each in devices.ways(device.state))
    return Ask(
        title=gettext("Change the state"),
        about=gettext("Now: %(state)s", state=str(STATES[device.state])),
        action=action,
        verb=gettext("Save"),
        hint=gettext("In repair and out of use: what it reports is recorded and starts no ticket."),
        fields=(
            PlainField(
                "state",
                "select",
                gettext("State"),
                required=True,
                options=options,
                chosen=(chosen,),
                errors=given.errors("state"),
            ),
            _reason(given),
        ),
    )


def maintenance(action: str, given: Given, now: datetime) -> Ask:
    """Ask for how long a device rests, and why."""
    return Ask(
        title=gettext("Plan maintenance"),
        action=action,
        verb=gettext("Plan"),
        hint=gettext("Meanwhile its alarms are recorded and start no ticket; what still holds afterwards does."),
        fields=(
            _moment("begin", gettext("Begins"), given, now),
            _moment("end", gettext("Ends"), given, now + timedelta(hours=2)),
            _reason(given),
        ),
    )


def cancel(action: str, window: Mapping[str, str], given: Given) -> Ask:
    """Ask why a window is cancelled."""
    return Ask(
        title=gettext("Cancel the maintenance"),
        about=window["reason"],
        action=action,
        verb=gettext("Cancel the maintenance"),
        hint=gettext("From now on its alarms start tickets again, those that hold already within a minute."),
        fields=(_reason(given),),
    )


def disable(rule: str, action: str, given: Given, now: datetime) -> Ask:
    """Ask until when a rule is off, and why."""
    return Ask(
        title=gettext("Switch the rule off"),
        about=rule,
        action=action,
        verb=gettext("Switch off"),
        hint=gettext("It comes back by itself. Meanwhile its alarms are recorded and start no ticket."),
        fields=(_moment("until", gettext("Until"), given, now + timedelta(days=1)), _reason(given)),
    )


def read_moments(given: Mapping[str, str], keys: Iterable[str]) -> dict[str, datetime]:
    """Read moments as the reader's clock shows them.

    Raises:
        Invalid: one problem per moment that is missing or none.
    """
    found, problems = {}, []
    for key in keys:
        try:
            found[key] = datetime.fromisoformat(given.get(key, "")).replace(tzinfo=parts().settings.timezone)
        except ValueError:
            problems.append(Problem(key, Text("name a day and a time, such as 2026-01-31T14:30")))
    if problems:
        raise Invalid(problems)
    return found


def _moment(key: str, label: str, given: Given, proposed: datetime) -> PlainField:
    value = given.values.get(key) or local(proposed).isoformat(timespec="minutes")[:16]
    return PlainField(key, "datetime-local", label, required=True, value=value, errors=given.errors(key))


def _reason(given: Given) -> PlainField:
    value = given.values.get(REASON, "")
    return PlainField(REASON, "textarea", gettext("Reason"), required=True, value=value, errors=given.errors(REASON))
