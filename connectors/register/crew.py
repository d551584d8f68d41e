"""Who can do a job: skills, certificates, shifts and open tickets decide the order; rotation decides whose turn it is."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from connectors.register import sheet
from connectors.register.actor import STREAM
from connectors.register.places import project_above, today, zone_of
from connectors.register.store import crew, places
from connectors.register.store.crew import Certificate, Technician
from engine.errors import Invalid, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity
from engine.services.engine import Engine
from engine.store import accounts, units
from engine.store.accounts import Account
from engine.store.database import UnitOfWork
from engine.store.units import Unit

URGENT = frozenset({"P0", "P1", "P2"})
"""Priorities for which nobody is too busy."""

SKILL_NAMES = {
    "plumbing": ("水", "plumbing"),
    "electric": ("电", "electric"),
    "low_voltage": ("弱电", "low voltage"),
    "building": ("土建", "building"),
    "hvac": ("暖通", "HVAC"),
    "general": ("综合", "general"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a job asks of a technician.

    Attributes:
        certificate: a type that must be valid on the day, or an empty text.
        begin, end: when the work is to be done; the same instant where it is to be done now.
        exclude: logins that are out of the question.
    """

    category: str
    begin: datetime
    end: datetime
    priority: str = ""
    certificate: str = ""
    open_limit: int | None = None
    exclude: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A technician who may do the job. ``is_full``: holds as many open tickets as allowed."""

    technician: Technician
    on_shift: bool
    has_skill: bool
    open_tickets: int
    is_full: bool

    def label(self, locale: str) -> str:
        """Say in one line what the dispatcher must know of the person."""
        zh = locale.startswith("zh")
        names = [SKILL_NAMES.get(skill, (skill, skill))[0 if zh else 1] for skill in self.technician.skills]
        if zh:
            shift = "在班" if self.on_shift else "不在班"
            return f"{self.technician.name_zh} · {'、'.join(names)} · {shift} · {self.open_tickets} 单"
        shift = "on shift" if self.on_shift else "off shift"
        name = self.technician.name_en or self.technician.name_zh
        return f"{name} · {', '.join(names)} · {shift} · {self.open_tickets} open"


@cache
def _skills() -> dict[str, tuple[str, ...]]:
    """Give {category: skills}."""
    table: dict[str, Sequence[str]] = tomllib.loads((Path(__file__).parent / "skills.toml").read_text(encoding="utf-8"))
    by_category: dict[str, tuple[str, ...]] = {}
    for skill, categories in table.items():
        for category in categories:
            by_category[category] = (*by_category.get(category, ()), skill)
    return by_category


def skills_for(category: str) -> tuple[str, ...]:
    """Give the skills that a category of repair asks for, any of which will do; none: anybody may do it."""
    return _skills().get(category, ())


def candidates(uow: UnitOfWork, project: int, wanted: Wanted) -> list[Candidate]:
    """List the technicians of a project who may do a job, the best first.

    Those without the certificate that it takes are left out: sending them would be against the law. The rest are sorted: on shift,
    able, with room for one more (for urgent work everybody has), with the fewest open tickets.
    """
    unit = units.get(uow, project)
    crew_now = [row for row in crew.of_project(uow, project) if row.login not in wanted.exclude]
    keys = [row.account for row in crew_now]
    if not keys:
        return []
    day = today(unit, wanted.begin)
    # an instant is a span too short to matter, so that a shift which begins right now counts
    end = max(wanted.end, wanted.begin + timedelta(microseconds=1))
    working = {row.account for row in crew.shifts(uow, project, wanted.begin, end)}
    if wanted.certificate:
        certified = _certified(crew.certificates(uow, keys), wanted.certificate, day)
        crew_now = [row for row in crew_now if row.account in certified]
    busy = crew.open_tickets(uow, keys)
    limit = wanted.open_limit or places.get_project(uow, project).open_limit
    asked = skills_for(wanted.category)
    found = [
        Candidate(
            technician=row,
            on_shift=row.account in working,
            has_skill=not asked or not set(asked).isdisjoint(row.skills),
            open_tickets=busy.get(row.account, 0),
            is_full=wanted.priority not in URGENT and busy.get(row.account, 0) >= (row.open_limit or limit),
        )
        for row in crew_now
    ]
    return sorted(
        found,
        key=lambda one: (not one.on_shift, not one.has_skill, one.is_full, one.open_tickets, one.technician.login),
    )


def _certified(held: Iterable[Certificate], type_: str, day: date) -> set[int]:
    return {row.account for row in held if row.type == type_ and row.valid_to >= day}


def next_in_turn(uow: UnitOfWork, project: int, wanted: Wanted) -> Candidate | None:
    """Give the technician whose turn it is, and keep it: the first after the last one who is on shift, able and not full.

    Who the last one was is kept for each project and category, so that a restart, or people who come and go, do not disturb the order.
    """
    places.get_project(uow, project, lock=True)  # one turn at a time
    free = [one for one in candidates(uow, project, wanted) if one.on_shift and one.has_skill and not one.is_full]
    if not free:
        return None
    last = crew.last_turn(uow, project, wanted.category) or 0
    chosen = min(free, key=lambda one: (one.technician.account <= last, one.technician.account))
    crew.give_turn(uow, project, wanted.category, chosen.technician.account)
    return chosen


def set_technician(
    engine: Engine, account: int, *, project: int, skills: Sequence[str], open_limit: int | None = None, actor: Actor
) -> None:
    """Enter what a technician can do, and where.

    Raises:
        Invalid: a skill is unknown, or the limit is out of range.
        NotFound: there is no such account or unit.
        NotAllowed: the actor may not change technicians there.
    """
    problems = [
        Problem(
            "skills",
            Text("there is no skill {skill}", skill=skill[:40]),
            Text("one of: {skills}", skills=", ".join(SKILL_NAMES)),
        )
        for skill in skills
        if skill not in SKILL_NAMES
    ]
    if open_limit is not None and not 1 <= open_limit <= 100:
        problems.append(Problem("open_limit", Text("this limit lies between {low} and {high}", low=1, high=100)))
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> None:
        accounts.get(uow, account)
        identity.require(uow, actor, "update", "technician", project)
        row = {"account": account, "project": project, "skills": list(skills), "open_limit": open_limit}
        crew.put_technicians(uow, [row])
        data = {"skills": list(skills), "open_limit": open_limit}
        audit.append(uow, STREAM, "technician.update", account, actor=actor, unit=project, data=data)

    command.run(engine, f"set technician {account}", body, actor=actor)


def add_certificate(
    engine: Engine,
    account: int,
    *,
    type_: str,
    number: str,
    issuer: str,
    valid_to: date,
    review_on: date | None = None,
    actor: Actor,
) -> None:
    """Enter a certificate, or its new dates.

    Raises:
        Invalid: the type or the number is missing.
        NotFound: there is no such account.
        NotAllowed: the actor may not change technicians where the person works.
    """
    problems = [
        Problem(where, Text("this is missing"))
        for where, text in (("type", type_), ("number", number))
        if not text.strip()
    ]
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> None:
        owner = accounts.get(uow, account)
        identity.require(uow, actor, "update", "technician", owner.unit)
        row = {"account": account, "type": type_.strip(), "number": number.strip(), "issuer": issuer.strip()}
        crew.put_certificates(uow, [{**row, "valid_to": valid_to, "review_on": review_on}])
        data = {"type": type_, "number": number, "valid_to": valid_to.isoformat()}
        audit.append(uow, STREAM, "certificate.update", account, actor=actor, unit=owner.unit, data=data)

    command.run(engine, f"add certificate {account}", body, actor=actor)


def at_project(project: Unit, moment: datetime) -> datetime:
    """Give an instant; a moment without a zone is one where the project is."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone_of(project))


def plan_shifts(engine: Engine, project: int, rows: Sequence[tuple[int, datetime, datetime]], *, actor: Actor) -> None:
    """Enter shifts of a project: (account, beginning, end).

    Raises:
        Invalid: a shift ends before it begins; one problem each.
        NotAllowed: the actor may not change technicians there.
    """
    problems = [
        Problem(sheet.at(line), Text("the end lies before the beginning"))
        for line, (_, begin, end) in enumerate(rows, 1)
        if end <= begin
    ]
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> None:
        identity.require(uow, actor, "update", "technician", project)
        crew.put_shifts(
            uow, [{"account": who, "starts_at": begin, "ends_at": end, "project": project} for who, begin, end in rows]
        )
        audit.append(uow, STREAM, "shift.plan", project, actor=actor, unit=project, data={"shifts": len(rows)})

    command.run(engine, f"plan shifts {project}", body, actor=actor)


def on_shift(engine: Engine, unit: int, *, actor: Actor) -> list[Candidate]:
    """List the crew of the project that a unit lies in, those on shift first, with what each has open.

    Raises:
        NotFound: there is no such unit that the actor may see.
    """
    with engine.store.read() as uow:
        project = project_above(uow, unit)
        identity.require_sight(uow, actor, "technician", project.key)
        return candidates(uow, project.key, Wanted(category="", begin=uow.now, end=uow.now))


def expiring_certificates(engine: Engine, before: date, *, actor: Actor) -> list[tuple[Certificate, Account]]:
    """List (certificate, person) of those that run out before a day, where the actor may read technicians."""
    with engine.store.read() as uow:
        return crew.expiring(uow, identity.scope(uow, actor, "read", "technician"), before)


def of_accounts(engine: Engine, accounts_: Collection[int], *, actor: Actor) -> list[Certificate]:
    """List the certificates of people, as far as the actor may read technicians where they work."""
    with engine.store.read() as uow:
        seen = [
            row.key
            for row in accounts.some(uow, accounts_)
            if identity.allowed(uow, actor, "read", "technician", row.unit)
        ]
        return crew.certificates(uow, seen)
