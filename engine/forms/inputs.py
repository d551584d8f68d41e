"""How the component types that take an answer become fields: which check and which rules each has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine import feel
from engine.errors import Text
from engine.feel.values import BOOLEAN, CONTEXT, LIST, NUMBER, STRING
from engine.forms import choice, files, moment, number, place, text
from engine.forms.component import Component
from engine.forms.field import Field, Rule

Hidden = tuple[feel.Expression, ...]


def _text(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    match component.text("input"):
        case "":
            return _written(component, path, hidden_when)
        case "position":
            within = component.count("withinMetres", 200, most=1_000_000)
            check = place.position(component.asked("near"), within)
            return component.field(path, hidden_when, check, kind=CONTEXT, asks=True)
        case "code":
            check = place.code(component.asked("codes"))
            return component.field(path, hidden_when, check, kind=STRING, empty="", asks=True)
        case other:
            component.problem(Text("there is no input {name}", name=other[:80]), Text("use position or code"))
            return _written(component, path, hidden_when)


def _written(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    most = component.number_or_expression("maxLength")
    least = component.number_or_expression("minLength")
    # blanks around do not count towards a length, so what is received may be somewhat longer
    bound = text.MAX_CHARS if most is None or isinstance(most, feel.Expression) else max(text.MAX_CHARS, int(most))
    rules: list[Rule] = []
    if least is not None:
        rules.append(text.at_least(least))
    if most is not None:
        rules.append(text.at_most(most))
    rules.extend(_text_form(component))
    check = text.line(bound) if component.type == "textfield" else text.lines(bound)
    default = component.raw.get("defaultValue")
    return component.field(path, hidden_when, check, kind=STRING, empty="", rules=rules, default=default)


def _text_form(component: Component) -> list[Rule]:
    rules: list[Rule] = []
    pattern = component.validate.get("pattern")
    if pattern:
        message = component.validate.get("patternErrorMessage")
        try:
            compiled = text.compile_pattern(str(pattern))
        except ValueError as error:
            component.problem(
                Text("the pattern cannot be used: {reason}", reason=str(error)),
                Text("use no look-around and no back-references"),
            )
        else:
            rules.append(text.matches(compiled, message if isinstance(message, str) else ""))
    match component.validate.get("validationType"):
        case "email":
            rules.append(text.email)
        case "phone":
            rules.append(text.phone)
        case None | "" | "custom":
            pass
        case other:
            component.problem(
                Text("the validation type {type} is not known", type=str(other)[:80]), Text("use email or phone")
            )
    return rules


def _number(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    digits = component.raw.get("decimalDigits")
    if digits is not None and (
        isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= number.MAX_DIGITS
    ):
        component.problem(Text("decimalDigits is not a whole number from 0 to {most}", most=number.MAX_DIGITS))
        digits = None
    rules: list[Rule] = []
    least, most = component.number_or_expression("min"), component.number_or_expression("max")
    if least is not None:
        rules.append(number.at_least(least))
    if most is not None:
        rules.append(number.at_most(most))
    increment = component.raw.get("increment")
    if increment not in (None, ""):
        step = number.read_number(increment)
        if step is None or step <= 0:
            component.problem(Text("increment is not a number above 0"))
        else:
            rules.append(number.in_steps(step))
    as_text = component.flag("serializeToString")
    check = number.number(digits, as_text=as_text)
    kind = STRING if as_text else NUMBER
    return component.field(path, hidden_when, check, kind=kind, rules=rules, default=component.raw.get("defaultValue"))


def _checkbox(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    default = component.raw.get("defaultValue")
    return component.field(path, hidden_when, choice.checkbox, kind=BOOLEAN, empty=False, default=default)


def _one(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    options = component.options()
    default = component.raw.get("defaultValue")
    check = choice.one_of(options)
    return component.field(path, hidden_when, check, kind=options.kind, default=default, asks=options.asks)


def _some(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    options = component.options()
    default = component.raw.get("defaultValue")
    check = choice.some_of(options)
    return component.field(path, hidden_when, check, kind=LIST, empty=[], default=default, asks=options.asks)


def _datetime(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    subtype = component.raw.get("subtype", "date")
    if subtype not in ("date", "time", "datetime"):
        component.problem(
            Text("the subtype {type} is not known", type=str(subtype)[:80]), Text("use date, time or datetime")
        )
        subtype = "date"
    rules: list[Rule] = []
    if component.raw.get("disallowPassedDates") is True and subtype != "time":
        rules.append(moment.not_past(subtype))
    for name, latest in (("minNow", False), ("maxNow", True)):
        written = component.text(name)
        if not written:
            continue
        offset = moment.read_duration(written)
        if offset is None or subtype == "time":
            component.problem(
                Text("{name} is not a duration for a date", name=name),
                Text("write it like PT30M or -P1D, at a date or a date and time"),
            )
        else:
            rules.append(moment.from_now(subtype, offset, latest=latest))
    rules.extend(_order(component, subtype))
    check, default = moment.moment(subtype), component.raw.get("defaultValue")
    return component.field(path, hidden_when, check, kind=STRING, rules=rules, default=default)


def _order(component: Component, subtype: str) -> Iterator[Rule]:
    """Give the rules by which moments follow one another and lie within the hours of a day."""
    if other := component.text("after"):
        if set(other.split(".")) <= set(component.names):
            yield moment.after(subtype, tuple(other.split(".")))
        else:
            component.problem(Text("there is no field {key}", key=other[:80]), Text("name the field that is earlier"))
    if not (written := component.text("hours")):
        return
    hours = moment.read_hours(written)
    if hours is None or subtype != "datetime":
        component.problem(
            Text("{name} are not the hours of a day", name="hours"),
            Text("write them like 07:30/21:30, at a date and time"),
        )
        return
    yield moment.within(hours, component.asked("hoursWhen"))


def _files(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    several = component.raw.get("multiple") not in (None, False, "")
    most = component.count("maxFiles", files.MAX_FILES if several else 1, most=files.MAX_FILES)
    accepted = component.text("accept") or str(component.raw.get("accept") or "")
    accept = tuple(part.strip().lower() for part in accepted.split(",") if part.strip())
    if accepted.startswith("=") or "{{" in accepted:
        component.problem(
            Text("the accepted file types must be written out"), Text("list them, such as .jpg, application/pdf")
        )
        accept = ()
    check = files.files(most, component.count("maxBytes", 0), accept)
    return component.field(path, hidden_when, check, kind=LIST, empty=[])


def _expression(component: Component, path: tuple[str, ...], hidden_when: Hidden) -> Field:
    written = component.raw.get("expression")
    if not isinstance(written, str) or not written.startswith("=") or not written[1:].strip():
        component.problem(Text("the expression field has no expression"), Text("write one that starts with ="))
        computed = feel.compile_expression("null")
    else:
        computed = component.expression(written, "the expression") or feel.compile_expression("null")
    return component.field(path, hidden_when, _computed, kind=None, computed=computed)


def _computed(value: Any, _scene: Any) -> Any:
    return value


INPUTS: dict[str, Callable[[Component, tuple[str, ...], Hidden], Field]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _checkbox,
    "radio": _one,
    "select": _one,
    "checklist": _some,
    "taglist": _some,
    "datetime": _datetime,
    "filepicker": _files,
    "expression": _expression,
}
"""{component type: what makes its field}"""
