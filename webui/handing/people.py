"""To whom a task can be given, as a page shows it: who is free, who is loaded, who is away, and who may not do it and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import Text
from engine.services.assignees import Candidate
from webui.context import parts
from webui.i18n import gettext
from webui.i18n.formats import moment
from webui.i18n.languages import language
from webui.i18n.say import say


@dataclass(frozen=True, slots=True)
class Person:
    """One candidate. ``notes`` say what speaks for or against; ``can``: it may be chosen."""

    key: str
    name: str
    login: str
    held: int
    late: int
    notes: tuple[str, ...]
    is_away: bool
    can: bool


def shown(candidates: list[Candidate], step_name: Callable[[str], str]) -> list[Person]:
    """Show candidates in the reader's language; ``step_name`` translates the names of steps that bar somebody."""
    parts().directory.meet(each.away.deputy for each in candidates if each.away)
    return [_person(each, step_name) for each in candidates]


def _person(each: Candidate, step_name: Callable[[str], str]) -> Person:
    reader = language()
    notes = []
    if each.holds:
        notes.append(gettext("Holds it now"))
    if each.away:
        deputy = parts().directory.person_name(each.away.deputy, reader)
        until = moment(each.away.valid_to)
        notes.append(gettext("Away until %(moment)s; %(name)s stands in", moment=until, name=deputy))
    if each.barred:
        params = {**each.barred.params, "step": step_name(str(each.barred.params["step"]))}
        notes.append(say(Text(each.barred.template, **params)))
    return Person(
        key=str(each.account.key),
        name=each.account.name(reader) or each.account.name_zh,
        login=each.account.login,
        held=each.load.held,
        late=each.load.late,
        notes=tuple(notes),
        is_away=each.away is not None,
        can=not each.holds and each.barred is None,
    )
