"""A payment as a gateway or the counter tells of it, read from JSON. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.ledger import entries
from connectors.ledger.money import to_fen
from engine.errors import Invalid, NotFound, Problem, Text
from engine.model import json
from engine.model.keys import parse_key


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment.

    Attributes:
        source: who told: a gateway's name, or ``counter``.
        id: its id there; the same payment told twice is one payment.
        receivable: the claim that it names, if it does; ``payer``: who paid, if known.
        unit: where it belongs when no claim says so.
    """

    source: str
    id: str
    amount_fen: int
    method: str
    paid_at: datetime
    receivable: int | None = None
    payer: str = ""
    unit: int | None = None

    def fingerprint(self) -> str:
        """Say what was paid, in a hash: the same id with another fingerprint is a forgery or a mistake."""
        said = [self.amount_fen, self.method, self.receivable, self.payer]
        return hashlib.sha256(json.dumps(said, canonical=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Word that an earlier payment did not hold: a bounced cheque, a chargeback."""

    source: str
    id: str
    reason: str


def read(source: str, body: bytes) -> Payment | TakenBack:
    """Read what a gateway posts.

    ``{"event": "payment.received", "id", "amount": "252.00", "method", "paid_at", "receivable" | "payer" and "unit"}`` or
    ``{"event": "payment.reversed", "id", "reason"}``; without ``event`` it is the first.

    Raises:
        Invalid: one problem per field.
    """
    try:
        told = json.loads(body)
    except ValueError as error:
        raise Invalid(Problem("body", Text("is not JSON: {reason}", reason=str(error)))) from error
    if not isinstance(told, dict):
        raise Invalid(Problem("body", Text("must be a JSON object")))
    reader = _Reader(told)
    event = reader.text("event") or "payment.received"
    if event == "payment.reversed":
        taken_back = TakenBack(source, reader.text("id", required=True), reader.text("reason"))
        reader.finish()
        return taken_back
    if event != "payment.received":
        reader.problems.append(Problem("event", Text("is payment.received or payment.reversed")))
    return reader.payment(source)


class _Reader:
    """Reads fields and collects every problem."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self.problems: list[Problem] = []

    def payment(self, source: str) -> Payment:
        identity, method = self.text("id", required=True), self.text("method", required=True)
        if method and method not in entries.METHODS:
            self.problems.append(Problem("method", Text("is one of: {methods}", methods=", ".join(entries.METHODS))))
        paid_at, amount = self._instant("paid_at"), self._amount("amount")
        receivable, payer, unit = self._key("receivable"), self.text("payer"), self._key("unit")
        self.finish()
        assert paid_at is not None
        return Payment(source, identity, amount, method, paid_at, receivable, payer, unit)

    def finish(self) -> None:
        if self.problems:
            raise Invalid(self.problems)

    def text(self, name: str, *, required: bool = False) -> str:
        value: Any = self._told.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or len(value) > 200:
            self.problems.append(Problem(name, Text("must be a text of at most {limit} characters", limit=200)))
            return ""
        if required and not value:
            self.problems.append(Problem(name, Text("is required")))
        return str(value)

    def _key(self, name: str) -> int | None:
        text = self.text(name)
        try:
            return parse_key(text) if text else None
        except NotFound as error:
            self.problems.append(Problem(name, error.text))
            return None

    def _amount(self, name: str) -> int:
        try:
            fen = to_fen(self._told.get(name), name)
        except Invalid as error:
            self.problems.extend(error.problems)
            return 0
        if fen <= 0:
            self.problems.append(Problem(name, Text("must be above 0.00")))
        return fen

    def _instant(self, name: str) -> datetime | None:
        text = self.text(name, required=True)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if text and (at is None or at.tzinfo is None):
            self.problems.append(
                Problem(name, Text("must be an ISO time with an offset, such as 2026-01-05T09:30:00+08:00"))
            )
            return None
        return at
