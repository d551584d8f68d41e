"""Who gets a notice: roles, accounts, people with a telephone number, vendors, group chats; each with where to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.notify.contacts import Contact, ContactBook
from engine.errors import Invalid, NotFound, Problem, Text
from engine.services import identity
from engine.store import accounts, units
from engine.store.accounts import Account, AccountState

if TYPE_CHECKING:
    from engine.services.engine import Engine


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes.

    Attributes:
        channel: mail, sms or chat.
        address: an address, a number, or the name of a group chat; empty: nobody knows it.
        locale: of the reader; empty: Chinese.
    """

    channel: str
    address: str
    name: str
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Everybody who gets a notice."""

    users: tuple[Account, ...] = ()
    addresses: tuple[Address, ...] = ()


def resolve(
    engine: Engine, to: Any, unit: int, *, channels: frozenset[str], contacts: ContactBook | None
) -> Recipients:
    """Find everybody who is meant.

    Args:
        to: a list of ``{role}`` (at the instance's unit and above) or ``{role, unit}`` (a unit's code), ``{account}`` (a login),
            ``{name, phone}``, ``{name, email}``, ``{vendor}`` (a code), ``{chat}`` (a name from the settings).
        channels: of the template; empty: accounts in the application, everybody else by what is known of them.

    Raises:
        Invalid: one problem per entry that names nobody at all.
    """
    users: dict[int, Account] = {}
    addresses: dict[tuple[str, str], Address] = {}
    problems: list[Problem] = []
    for place, entry in enumerate(to if isinstance(to, list) else [to], start=1):
        if not isinstance(entry, Mapping):
            problems.append(
                Problem(f"to {place}", Text("is not a context such as {{role: ...}} or {{name: ..., phone: ...}}"))
            )
            continue
        try:
            found = _one(engine, entry, unit, contacts)
        except NotFound as error:
            problems.append(Problem(f"to {place}", error.text))
            continue
        if found is None:
            problems.append(
                Problem(f"to {place}", Text("names nobody: give role, account, phone, email, vendor or chat"))
            )
            continue
        for account in found.users:
            users[account.key] = account
        for address in found.addresses:
            addresses[address.channel, address.address] = address
    if problems:
        raise Invalid(problems)
    for account in users.values():
        for address in _of_account(account, channels):
            addresses.setdefault((address.channel, address.address), address)
    return Recipients(tuple(users.values()), tuple(addresses.values()))


def _one(engine: Engine, entry: Mapping[str, Any], unit: int, contacts: ContactBook | None) -> Recipients | None:
    name = str(entry.get("name") or "")
    if entry.get("role"):
        return Recipients(users=_holders(engine, str(entry["role"]), entry.get("unit"), unit))
    if entry.get("account"):
        with engine.store.read() as uow:
            account = accounts.by_login(uow, str(entry["account"]))
        return Recipients(users=(account,) if account.state is AccountState.ACTIVE else ())
    if entry.get("vendor"):
        code = str(entry["vendor"])
        known = contacts.vendor(code) if contacts is not None else None
        return Recipients(addresses=_of_contact(known or Contact(name=code)))
    if entry.get("chat"):
        return Recipients(addresses=(Address("chat", str(entry["chat"]), name or str(entry["chat"])),))
    if entry.get("phone"):
        return Recipients(addresses=(Address("sms", str(entry["phone"]), name),))
    if entry.get("email"):
        return Recipients(addresses=(Address("mail", str(entry["email"]), name),))
    return None


def _holders(engine: Engine, role: str, code: Any, unit: int) -> tuple[Account, ...]:
    if code:
        with engine.store.read() as uow:
            unit = units.by_code(uow, str(code)).key
    return tuple(identity.holders(engine, role, unit))


def _of_contact(contact: Contact) -> tuple[Address, ...]:
    if contact.phone or not contact.email:
        return (Address("sms", contact.phone, contact.name),)
    return (Address("mail", contact.email, contact.name),)


def _of_account(account: Account, channels: frozenset[str]) -> list[Address]:
    name = account.name(account.locale or "zh")
    found = []
    if "mail" in channels and account.email:
        found.append(Address("mail", account.email, name, account.locale))
    if "sms" in channels and account.phone:
        found.append(Address("sms", account.phone, name, account.locale))
    return found
