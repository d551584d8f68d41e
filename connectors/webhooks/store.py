"""Nonces of signed requests, kept for as long as their signature would be accepted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from engine.store.database import UnitOfWork
from engine.store.types import Instant, metadata
from engine.store.upsert import insert_new

nonce = sa.Table(
    "webhook_nonce",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("nonce", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    comment="Signed requests that came lately: a second one with the same nonce is a replay.",
)


def spend(uow: UnitOfWork, source: str, value: str) -> bool:
    """Note a nonce as used; False when it was used before."""
    # returned, not counted: PostgreSQL's driver does not say how many rows an insert made
    statement = insert_new(uow, nonce).returning(nonce.c.nonce)
    return uow.execute(statement, {"source": source, "nonce": value, "at": uow.now}).scalar_one_or_none() is not None


def forget(uow: UnitOfWork, before: datetime) -> None:
    """Forget nonces whose signature is too old to be accepted anyway."""
    uow.execute(sa.delete(nonce).where(nonce.c.at < before))
