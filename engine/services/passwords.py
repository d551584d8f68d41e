"""Passwords: the rules that a new one keeps, and the hash (argon2id) under which it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from engine.errors import Invalid, Problem, Text

MIN_LENGTH = 10
MAX_LENGTH = 128
_COMMON = ("password", "qwerty", "1234567890", "12345678", "abc123", "admin", "letmein", "iloveyou", "jinhe")

# RFC 9106's second recommendation: 64 MiB, 3 passes, 4 lanes
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A stored form of a password. ``repr`` hides it, so that no log shows it."""

    text: str

    def __repr__(self) -> str:
        return "PasswordHash(***)"


def accept(password: str, *, login: str) -> PasswordHash:
    """Hash a password that a person chose.

    Raises:
        Invalid: it is too short, too long or too easy to guess.
    """
    plain = password.casefold()
    problem = ""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        problem = "a password has {shortest} to {longest} characters"
    elif login and login in plain:
        problem = "a password does not contain the login"
    elif len(set(plain)) < 4 or any(plain.strip("0123456789!@#$%^&*._-") == word or plain == word for word in _COMMON):
        problem = "this password is too easy to guess"
    if problem:
        message = Text(problem, shortest=MIN_LENGTH, longest=MAX_LENGTH)
        raise Invalid(Problem("password", message, Text("take several words that only you connect")))
    return hashed(password)


def hashed(password: str) -> PasswordHash:
    """Hash any password; for accounts of a demo, and for one-time passwords that the system makes up."""
    return PasswordHash(_hasher.hash(password))


def matches(stored: str, password: str) -> bool:
    """Say whether a password is the stored one. It takes as long when nothing is stored, so that time tells nothing."""
    try:
        verified = _hasher.verify(stored or _decoy(), password)
    except VerifyMismatchError:
        return False
    return verified and bool(stored)


def is_outdated(stored: str) -> bool:
    """Say whether a stored hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


_decoys: list[str] = []


def _decoy() -> str:
    if not _decoys:
        _decoys.append(_hasher.hash("no password has this hash"))
    return _decoys[0]
