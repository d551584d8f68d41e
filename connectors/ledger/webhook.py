"""A payment gateway's notifications. The web routes ``POST /hooks/payments/{source}`` here; the answer says where the money went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.ledger import payments
from connectors.ledger.chart import shipped_chart
from connectors.ledger.money import to_fen
from connectors.ledger.payment import TakenBack, read
from connectors.settings import ConnectorSettings
from connectors.webhooks import signature
from engine.services import units

if TYPE_CHECKING:
    from engine.services.engine import Engine


def take_webhook(
    engine: Engine, settings: ConnectorSettings, *, source: str, headers: Mapping[str, str], body: bytes
) -> Mapping[str, Any]:
    """Take a notification in: the signature first, then what it says. Told again, it is answered as it was.

    Raises:
        NotAllowed: the signature is wrong or not of now, or was used before for something else.
        Invalid: the body is not a payment.
        Conflict: the same payment was told before with other content.
        NotFound: it takes back a payment that was never received.
    """
    nonce = signature.verify(headers, body, settings.secret("gateway_secret"), engine.clock.now())
    told, chart = read(source, body), shipped_chart()
    if isinstance(told, TakenBack):
        payments.reverse(engine, chart, source=source, payment=told.id, reason=told.reason)
        return {"id": told.id, "reversed": True}
    if told.unit is None and settings["home"]:
        told = replace(told, unit=units.by_code(engine, settings["home"]).key)
    return payments.take(engine, chart, told, tolerance_fen=to_fen(settings["tolerance"]), nonce=nonce)
