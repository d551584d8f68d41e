"""The register as notify's book of contacts: how to reach a vendor, at any hour."""

from __future__ import annotations

from connectors.notify.contacts import Contact
from connectors.register.store import vendors
from engine.services.engine import Engine


class ContactBook:
    """Answers notify from the register's vendors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def vendor(self, code: str) -> Contact | None:
        """Give how to reach a vendor; None when there is none with this code."""
        with self._engine.store.read() as uow:
            found = vendors.find(uow, [code]).get(code)
        return None if found is None else Contact(name=found.name_zh, phone=found.phone)
