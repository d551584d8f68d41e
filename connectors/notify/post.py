"""Sends what waits to go out. Each try is counted before it is made; nothing is sent inside a transaction."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.calls import Context
from connectors.notify import store
from connectors.notify.channels import REPEATABLE, deliver
from connectors.notify.store import Outbound, OutboundState
from connectors.work import delay_after
from engine.errors import ConnectorError

if TYPE_CHECKING:
    from engine.services.engine import Engine

BATCH = 20
LEASE = timedelta(minutes=5)
TRIES = 6
UNSURE = "it may have gone out; ask the recipient, then send it again or leave it"

_TOKEN = re.compile(r"(https?://\S*/)[A-Za-z0-9_-]{30,}")


def send_waiting(context: Context) -> None:
    """Send what is due, until nothing is left."""
    while True:
        with context.engine.store.begin() as uow:
            rows = store.take(uow, limit=BATCH, lease=LEASE)
            uow.commit()
        for row in rows:
            _send(context, row)
        if len(rows) < BATCH:
            return


def _send(context: Context, row: Outbound) -> None:
    repeatable = row.channel in REPEATABLE
    if row.state is OutboundState.SENDING and not repeatable:  # whoever tried before died at it
        _finish(context.engine, row, OutboundState.UNSURE, error=UNSURE)
        return
    attempts = row.attempts + 1
    try:
        deliver(context.settings, row)
    except ConnectorError as error:
        if error.uncertain and not repeatable:
            _finish(context.engine, row, OutboundState.UNSURE, error=f"{error}; {UNSURE}")
        elif error.permanent or attempts >= TRIES:
            _finish(context.engine, row, OutboundState.FAILED, error=str(error))
        else:
            _finish(context.engine, row, OutboundState.WAITING, error=str(error), wait=delay_after(attempts))
        return
    # a link is the recipient's key: once sent, nobody else needs to see it
    _finish(context.engine, row, OutboundState.SENT, body=_TOKEN.sub(r"\1…", row.body))


def _finish(
    engine: Engine,
    row: Outbound,
    state: OutboundState,
    *,
    error: str = "",
    wait: timedelta | None = None,
    body: str | None = None,
) -> None:
    with engine.store.begin() as uow:
        store.finish(uow, row.key, state, error=error, due_at=None if wait is None else uow.now + wait, body=body)
        uow.commit()
