"""Accounts of people: made, changed, disabled and given new passwords by those who may. Signing in is in ``sessions``."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from engine.errors import Invalid, Problem, Text
from engine.model.values import Actor
from engine.services import audit, command, identity, leavers
from engine.services.engine import Engine
from engine.services.grants import keep_an_administrator
from engine.services.passwords import PasswordHash, accept, hashed
from engine.services.sessions import clean_login, store_password
from engine.store import accounts, grants
from engine.store.accounts import Account, AccountState
from engine.store.database import UnitOfWork

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,30}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,188}")
LOCALES = ("", "zh", "en")
"""Languages of the pages; empty: what the browser asks for."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is known of a person who gets an account.

    Attributes:
        login: letters, digits, ``.``, ``-`` and ``_``; capital letters become small.
        unit: where the person is employed; who may administer accounts there may administer this one.
        locale: language of the pages; empty: what the browser asks for.
    """

    login: str
    unit: int
    name_zh: str
    name_en: str = ""
    phone: str = ""
    email: str = ""
    locale: str = ""

    def cleaned(self) -> NewAccount:
        """Give it without spaces around its texts, the login in small letters."""
        texts = {name: getattr(self, name).strip() for name in ("name_zh", "name_en", "phone", "email")}
        return replace(self, login=clean_login(self.login), **texts)

    def problems(self) -> list[Problem]:
        """Say what is wrong with it, one problem per field."""
        found = _problems({name: getattr(self, name) for name in ("name_zh", "name_en", "phone", "email", "locale")})
        if not LOGIN.fullmatch(self.login):
            remedy = Text("a letter, then letters, digits, . - or _, 2 to 64 in all")
            found.append(Problem("login", Text("{login} is not a login", login=self.login), remedy))
        return found


def create(
    engine: Engine,
    *,
    login: str,
    unit: int,
    name_zh: str,
    name_en: str = "",
    phone: str = "",
    email: str = "",
    locale: str = "",
    password: str | PasswordHash = "",
    must_change_password: bool = True,
    actor: Actor,
) -> Account:
    """Add an account, which holds no role yet. The fields are those of ``NewAccount``.

    Args:
        password: chosen by somebody, then it keeps the rules; or a hash, taken as it is; empty: nobody can sign in yet.

    Raises:
        Invalid: a field is wrong; one problem per field.
        Conflict: the login is taken.
        NotFound: there is no such unit.
        NotAllowed: the actor may not create accounts there.
    """
    person = NewAccount(login, unit, name_zh, name_en, phone, email, locale).cleaned()
    problems = person.problems()
    stored = password if isinstance(password, PasswordHash) else None
    if isinstance(password, str) and password:
        try:
            stored = accept(password, login=person.login)  # slow on purpose, so outside the transaction
        except Invalid as error:
            problems.extend(error.problems)
    if problems:
        raise Invalid(problems)

    def body(uow: UnitOfWork) -> Account:
        return add(uow, person, password=stored, must_change_password=must_change_password, actor=actor)

    return command.run(engine, f"create account {person.login}", body, actor=actor)


def add(
    uow: UnitOfWork, person: NewAccount, *, password: PasswordHash | None, must_change_password: bool, actor: Actor
) -> Account:
    """Add an account in the caller's transaction; see ``create``."""
    person = person.cleaned()
    if problems := person.problems():
        raise Invalid(problems)
    identity.require(uow, actor, "create", "user", person.unit)
    fields = asdict(person)
    key = accounts.add(
        uow,
        state=AccountState.ACTIVE,
        password_hash=password.text if password else "",
        must_change_password=must_change_password,
        **fields,
    )
    data = {name: value for name, value in fields.items() if name != "unit"}
    audit.append(uow, audit.ORGANISATION, "account.create", key, actor=actor, unit=person.unit, data=data)
    return accounts.get(uow, key)


def update(
    engine: Engine,
    account: int,
    *,
    unit: int | None = None,
    name_zh: str | None = None,
    name_en: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    locale: str | None = None,
    actor: Actor,
) -> Account:
    """Change an account. Everybody may choose their own language; the rest is for those who administer accounts.

    Raises:
        Invalid: a field is wrong.
        NotFound: there is no such account or unit.
        NotAllowed: the actor may not change accounts where this one belongs, or where it would go.
    """
    given = {"name_zh": name_zh, "name_en": name_en, "phone": phone, "email": email, "locale": locale}
    changes: dict[str, object] = {name: value.strip() for name, value in given.items() if value is not None}

    def body(uow: UnitOfWork) -> Account:
        before = accounts.get(uow, account)
        own = actor.user == account and actor.only is None and unit is None and set(changes) <= {"locale"}
        if not own:
            identity.require(uow, actor, "update", "user", before.unit)
            if unit is not None:
                identity.require(uow, actor, "update", "user", unit)
                changes["unit"] = unit
        kept = {name: getattr(before, name) for name in given}
        if problems := _problems(kept | {name: str(changes[name]) for name in given if name in changes}):
            raise Invalid(problems)
        if changes:
            accounts.change(uow, account, **changes)
            data = {name: str(value) for name, value in changes.items()}
            audit.append(uow, audit.ORGANISATION, "account.update", account, actor=actor, unit=before.unit, data=data)
        return accounts.get(uow, account)

    return command.run(engine, f"update account {account}", body, actor=actor)


def disable(engine: Engine, account: int, *, reason: str, actor: Actor) -> None:
    """Disable an account: its sessions and tokens end at once, its name stays in history. Doing it twice is once.

    The tasks that it holds go back to their candidates right after; ``leavers.rehome`` finishes what is interrupted.

    Raises:
        NotFound: there is no such account.
        NotAllowed: the actor may not disable accounts there, or holds less than this account.
        IllegalTransition: nobody could administer the organisation any more.
    """

    def body(uow: UnitOfWork) -> None:
        before = accounts.get(uow, account)
        identity.require(uow, actor, "disable", "user", before.unit)
        identity.require_rank(uow, actor, account)
        if before.state is AccountState.ACTIVE:
            administrators = grants.administrators(uow, uow.now)
            accounts.change(uow, account, state=AccountState.DISABLED)
            accounts.end_sessions(uow, account)
            keep_an_administrator(uow, administrators)
            data = {"reason": reason[:500]}
            audit.append(uow, audit.ORGANISATION, "account.disable", account, actor=actor, unit=before.unit, data=data)

    command.run(engine, f"disable account {account}", body, actor=actor)
    leavers.rehome(engine, account)


def enable(engine: Engine, account: int, *, actor: Actor) -> None:
    """Let a disabled account sign in again, with the roles that it still holds.

    Raises:
        NotFound: there is no such account.
        NotAllowed: the actor may not disable accounts there, or holds less than this account.
    """

    def body(uow: UnitOfWork) -> None:
        before = accounts.get(uow, account)
        identity.require(uow, actor, "disable", "user", before.unit)
        identity.require_rank(uow, actor, account)
        if before.state is AccountState.DISABLED:
            accounts.change(uow, account, state=AccountState.ACTIVE, failures=0, locked_until=None)
            audit.append(uow, audit.ORGANISATION, "account.enable", account, actor=actor, unit=before.unit)

    command.run(engine, f"enable account {account}", body, actor=actor)


def reset_password(engine: Engine, account: int, *, actor: Actor) -> str:
    """Give an account a one-time password, which must be changed at the first sign-in; every session ends.

    Returns:
        The password, to be told to the person; it cannot be seen again.

    Raises:
        NotFound: there is no such account.
        NotAllowed: the actor may not reset accounts there, or holds less than this account.
    """
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    stored = hashed(password)

    def body(uow: UnitOfWork) -> str:
        before = accounts.get(uow, account)
        identity.require(uow, actor, "reset", "user", before.unit)
        identity.require_rank(uow, actor, account)
        store_password(uow, before, stored, must_change=True, actor=actor)
        return password

    return command.run(engine, f"reset account {account}", body, actor=actor)


def get(engine: Engine, account: int, *, actor: Actor) -> Account:
    """Give an account.

    Raises:
        NotFound: there is none with this key in the actor's part of the organisation.
    """
    with engine.store.read() as uow:
        found = accounts.get(uow, account)
        if actor.user != account:
            identity.require_sight(uow, actor, "user", found.unit)
    return found


def by_login(engine: Engine, login: str) -> Account:
    """Give the account with this login, for configuration, diagrams and connectors, which name people by login.

    Raises:
        NotFound: there is none.
    """
    with engine.store.read() as uow:
        return accounts.by_login(uow, clean_login(login))


def select(
    engine: Engine, *, text: str = "", disabled: bool = False, after: str = "", limit: int = 100, actor: Actor
) -> list[Account]:
    """List the accounts that the actor may see by login, from the one after ``after``; ``text`` narrows them."""
    with engine.store.read() as uow:
        scope = identity.scope(uow, actor, "read", "user")
        return accounts.select(uow, scope, text=text.strip(), disabled=disabled, after=after, limit=min(limit, 1000))


def _problems(fields: Mapping[str, str]) -> list[Problem]:
    problems = []
    if not fields["name_zh"] and not fields["name_en"]:
        problems.append(Problem("name_zh", Text("a person has a name")))
    too_long = [where for where in ("name_zh", "name_en") if len(fields[where]) > 100]
    problems.extend(Problem(where, Text("a name has 1 to 100 characters")) for where in too_long)
    if fields["phone"] and not _PHONE.fullmatch(fields["phone"]):
        problems.append(
            Problem(
                "phone", Text("this is not a phone number"), Text("digits, spaces and -, with + in front if need be")
            )
        )
    if fields["email"] and not _EMAIL.fullmatch(fields["email"]):
        problems.append(Problem("email", Text("this is not an e-mail address"), Text("such as name@example.com")))
    if fields["locale"] not in LOCALES:
        problems.append(Problem("locale", Text("there is no language {locale}", locale=fields["locale"][:40])))
    return problems
