"""Signed requests: HMAC-SHA256 over the time and the body, within five minutes, each nonce once.

X-Propflow-Timestamp: seconds since 1970
X-Propflow-Nonce:     8 to 64 characters, new for each request
X-Propflow-Signature: hex of HMAC-SHA256(secret, timestamp + "." + nonce + "." + body)
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.webhooks import store
from engine.errors import NotAllowed
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

TIMESTAMP = "X-Propflow-Timestamp"
NONCE = "X-Propflow-Nonce"
SIGNATURE = "X-Propflow-Signature"
WINDOW = timedelta(minutes=5)
KEEP = timedelta(minutes=10)
"""Longer than the window on both sides of now, so that a nonce outlives its signature."""


class Replayed(NotAllowed):
    """The request was accepted before; sign a new one."""


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> str:
    """Check a signature; give its nonce, to be spent in the transaction that acts on the request.

    Raises:
        NotAllowed: nothing is accepted without a secret, or the signature is missing, wrong, or its time is not now. The text is the
            same for all, except for the clock, which an honest sender must be able to mend.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce = given.get(TIMESTAMP.lower(), ""), given.get(NONCE.lower(), "")
    wanted = _digest(secret, timestamp, nonce, body)
    # compared in any case, so that a missing secret takes as long as a wrong one; as bytes, since headers may hold anything
    same = hmac.compare_digest(wanted.encode(), given.get(SIGNATURE.lower(), "").encode("utf-8", "replace"))
    if not (same and secret and 8 <= len(nonce) <= 64):
        raise NotAllowed(
            "the signature is missing or wrong; sign the time, a nonce and the body with the shared secret"
        )
    if (
        not timestamp.isascii()
        or not timestamp.isdigit()
        or abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds()
    ):
        minutes = int(WINDOW.total_seconds() // 60)
        raise NotAllowed(
            "the signature is not of now; set the sender's clock, {minutes} minutes are allowed", minutes=minutes
        )
    return nonce


def spend(uow: UnitOfWork, source: str, nonce: str) -> None:
    """Use a nonce up.

    Raises:
        Replayed: it was used before.
    """
    if not store.spend(uow, source, nonce):
        raise Replayed


def forget(engine: Engine) -> None:
    """Forget nonces that nobody could replay any more."""
    with engine.store.begin() as uow:
        store.forget(uow, uow.now - KEEP)
        uow.commit()


def sign(body: bytes, secret: str, now: datetime, nonce: str = "") -> dict[str, str]:
    """Give the headers of a signed request: what a sender does."""
    timestamp, nonce = str(int(now.timestamp())), nonce or secrets.token_hex(16)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: _digest(secret, timestamp, nonce, body)}


def _digest(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    signed = f"{timestamp}.{nonce}.".encode("utf-8", "replace") + body
    return hmac.new(secret.encode() or b"-", signed, hashlib.sha256).hexdigest()
