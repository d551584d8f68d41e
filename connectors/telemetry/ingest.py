"""Telemetry over HTTP: a signed request whose path stands for a topic. The web routes ``POST /hooks/telemetry/{source}/{topic}`` here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from connectors.announcements.relay import publish_waiting
from connectors.telemetry.inbound import MAX_BYTES, Delivery
from connectors.telemetry.intake import ACTOR, Intake, Taken
from connectors.webhooks import signature
from engine.errors import Invalid, LimitExceeded, Problem
from engine.services import command

if TYPE_CHECKING:
    from engine.store.database import UnitOfWork

DEVICE = "X-Propflow-Device"
"""Header that says which device speaks, where the topic does not (``v1/devices/me/telemetry``)."""


def ingest(intake: Intake, source: str, topic: str, headers: Mapping[str, str], body: bytes, *, secret: str) -> Taken:
    """Take one signed request in; what it returned from is durable.

    Args:
        source: who sends, as the administrator named them; each has its own count of what came.
        topic: as on MQTT: ``pm/{project}/{device}/telemetry``, ``v1/gateway/telemetry``, ``thingsboard/alarm``, ...

    Raises:
        LimitExceeded: the body is too large.
        NotAllowed: the signature is wrong or not of now.
        Replayed: the nonce was used before.
        Invalid: the body cannot be read; it is in quarantine too.
    """
    if len(body) > MAX_BYTES:
        raise LimitExceeded("a request may have {limit} bytes", limit=MAX_BYTES)
    engine = intake.engine
    now = engine.clock.now()
    nonce = signature.verify(headers, body, secret, now)
    # before the rest: a request that is repeated because its answer was lost is sent with a new nonce, and its events are known
    command.run(engine, "telemetry.nonce", partial(_spend, source=source, nonce=nonce), actor=ACTOR)
    given = {name.lower(): value for name, value in headers.items()}
    device = given.get(DEVICE.lower(), "")
    taken = intake.take(
        [Delivery(topic=topic, payload=body, source=source, received_at=now, token=nonce, device=device)]
    )
    if taken.announced:
        publish_waiting(engine)
    if taken.refused:
        raise Invalid(Problem("body", reason) for reason in taken.refused)
    return taken


def _spend(uow: UnitOfWork, source: str, nonce: str) -> None:
    signature.spend(uow, f"telemetry:{source}", nonce)
