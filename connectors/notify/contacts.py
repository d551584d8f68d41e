"""The port through which notify learns how to reach a vendor. Whoever keeps the vendors fills it in at the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

PORT = "contacts"
"""The name under which the composition root supplies it."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody who has no account."""

    name: str
    phone: str = ""
    email: str = ""


class ContactBook(Protocol):
    """Knows the vendors."""

    def vendor(self, code: str) -> Contact | None:
        """Give how to reach a vendor; None when there is none with this code."""
        ...
