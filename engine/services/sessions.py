"""Signing in, staying signed in, and the password that it takes.

A session is (account, epoch): it holds while the account's epoch is the one that it was opened in. Disabling the account, a new
password, or signing out everywhere begins a new epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import Invalid, NotAllowed, Problem, Text
from engine.model.keys import UserKey
from engine.model.values import Actor
from engine.services import audit, command, identity, passwords
from engine.services.engine import Engine
from engine.store import accounts, grants
from engine.store.accounts import Account, AccountState, Credentials
from engine.store.database import UnitOfWork

FREE_FAILURES = 5
"""Wrong passwords in a row that cost nothing; the next ones lock the account for 1, 2, 4, ... minutes."""

LONGEST_LOCK = timedelta(minutes=15)

NOBODY = Actor("nobody", "nobody")
"""Who tries to sign in, before it is known who it is."""

REFUSED = Text("the login or the password is wrong; after several failures an account is locked for some minutes")


@dataclass(frozen=True, slots=True)
class Session:
    """An open session. ``account.must_change_password`` says that nothing else may be done first."""

    account: Account
    epoch: int
    actor: Actor


def authenticate(engine: Engine, login: str, password: str, *, peer: str = "") -> Session:
    """Sign in. An unknown login, a wrong password, a locked and a disabled account are refused alike, and after the same time.

    (1) The attempt is counted before the password is looked at, so that parallel guesses count. (2) The password is verified outside
    any transaction, since that takes a tenth of a second. (3) The outcome is stored.

    Args:
        peer: where the caller comes from, for the audit.

    Raises:
        NotAllowed: the same text whatever was wrong.
    """
    login = clean_login(login)

    def count(uow: UnitOfWork) -> tuple[Credentials | None, bool]:  # (1)
        found = accounts.credentials(uow, login=login) if login else None
        is_open = found is not None and _is_open(found, uow.now)
        if found is not None and is_open:
            accounts.count_attempt(uow, found.key, locked_until=_locked_until(found.failures + 1, uow.now))
        return found, is_open

    found, is_open = command.run(engine, "count sign-in", count, actor=NOBODY)
    stored = found.password_hash if found is not None and is_open else ""
    right = passwords.matches(stored, password)  # (2)
    renewed = passwords.hashed(password) if right and passwords.is_outdated(stored) else None

    def settle(uow: UnitOfWork) -> Session | None:  # (3)
        session = _open(uow, found, renewed) if right and found is not None else None
        actor, action = (NOBODY, "session.refuse") if session is None else (session.actor, "session.open")
        subject = found.key if found is not None else "-"
        audit.append(uow, audit.SIGN_IN, action, subject, actor=actor, data={"peer": peer})
        return session

    session = command.run(engine, "sign in", settle, actor=NOBODY)
    if session is None:
        raise NotAllowed(REFUSED)
    return session


def clean_login(login: str) -> str:
    """Give a login as it is stored: lower case, without spaces around it."""
    return login.strip().casefold()[:64]


def _is_open(found: Credentials, now: datetime) -> bool:
    locked = found.locked_until is not None and found.locked_until > now
    return found.state is AccountState.ACTIVE and not locked


def _locked_until(failures: int, now: datetime) -> datetime | None:
    if failures < FREE_FAILURES:
        return None
    return now + min(timedelta(minutes=2 ** min(failures - FREE_FAILURES, 10)), LONGEST_LOCK)


def _open(uow: UnitOfWork, verified: Credentials, renewed: passwords.PasswordHash | None) -> Session | None:
    """Open a session, unless the account was disabled or given another password while this one was verified."""
    current = accounts.credentials(uow, key=verified.key)
    if current is None or current.state is not AccountState.ACTIVE or current.password_hash != verified.password_hash:
        return None
    stored = renewed.text if renewed else current.password_hash
    accounts.change(uow, verified.key, password_hash=stored, failures=0, locked_until=None, signed_in_at=uow.now)
    return _session(uow, verified.key)


def _session(uow: UnitOfWork, user: int) -> Session | None:
    held = grants.held(uow, user, uow.now)
    if held is None or held[0].state is not AccountState.ACTIVE:
        return None
    account, epoch, now = held
    return Session(account, epoch, identity.as_actor(account, now))


def resume(engine: Engine, user: UserKey, epoch: int) -> Session | None:
    """Give the session that was opened in this epoch, in one statement; None when it has ended."""
    with engine.store.read() as uow:
        session = _session(uow, user)
    return session if session and session.epoch == epoch else None


def change_password(engine: Engine, *, old: str, new: str, actor: Actor) -> Session:
    """Change one's own password. Every session ends but the one that is returned.

    Raises:
        Invalid: the old password is wrong, or the new one is too weak or the same.
        NotAllowed: only people have passwords.
    """
    if actor.user is None or actor.only is not None:
        raise NotAllowed("only a person who has signed in can change a password")
    with engine.store.read() as uow:
        account = accounts.get(uow, actor.user)
    if old == new:
        raise Invalid(Problem("password", Text("this is the old password"), Text("choose another one")))
    stored = passwords.accept(new, login=account.login)
    try:
        authenticate(engine, account.login, old)  # counts and locks like any other guess
    except NotAllowed as error:
        raise Invalid(Problem("old_password", Text("the old password is wrong"))) from error

    def body(uow: UnitOfWork) -> Session | None:
        store_password(uow, account, stored, must_change=False, actor=actor)
        return _session(uow, account.key)

    session = command.run(engine, "change password", body, actor=actor)
    if session is None:
        raise NotAllowed(REFUSED)
    return session


def store_password(
    uow: UnitOfWork, account: Account, stored: passwords.PasswordHash, *, must_change: bool, actor: Actor
) -> None:
    """Give an account another password in the caller's transaction; its sessions end, and its lock too."""
    values = {"password_hash": stored.text, "must_change_password": must_change, "failures": 0, "locked_until": None}
    accounts.change(uow, account.key, **values)
    accounts.end_sessions(uow, account.key)
    audit.append(uow, audit.ORGANISATION, "account.password", account.key, actor=actor, unit=account.unit)


def sign_out_everywhere(engine: Engine, *, actor: Actor) -> None:
    """End every session of one's own account.

    Raises:
        NotAllowed: only people have sessions.
    """
    user = actor.user
    if user is None or actor.only is not None:
        raise NotAllowed("only a person who has signed in can sign out")

    def body(uow: UnitOfWork) -> None:
        accounts.end_sessions(uow, user)
        audit.append(uow, audit.SIGN_IN, "session.end_all", user, actor=actor)

    command.run(engine, "sign out everywhere", body, actor=actor)
