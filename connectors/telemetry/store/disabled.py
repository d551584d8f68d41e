"""Rules that people have switched off for a while: what, where, why, until when. Rows stay when their time is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store.database import UnitOfWork
from engine.store.rows import many, one
from engine.store.types import Instant, Key, columns, metadata

disabled_rule = sa.Table(
    "telemetry_disabled_rule",
    metadata,
    sa.Column("key", Key, primary_key=True, autoincrement=False),
    sa.Column("type", sa.Text, nullable=False, comment="of devices"),
    sa.Column("rule", sa.Text, nullable=False, comment="its id; silent; source:alarm type for what sources judge"),
    sa.Column(
        "device", sa.Text, nullable=False, comment="its code; an empty text: every device of the type at the unit"
    ),
    sa.Column("unit", Key, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False, comment="when it comes back, by itself or because somebody said so"),
    sa.Column("by_name", sa.Text, nullable=False, comment="who switched it off, as history names them"),
    sa.Index("ix_telemetry_disabled_rule_until", "until"),
    sa.Index("ix_telemetry_disabled_rule_device", "device"),
    comment="Rules that people switched off for a while.",
)


@dataclass(frozen=True, slots=True)
class DisabledRule:
    """A rule that is off until ``until``.

    Attributes:
        type: of the devices.
        rule: its id; ``silent``; ``source:{alarm type}`` for what sources judge.
        device: the only device that it is off for; an empty text: every device of the type at ``unit`` and beneath.
        by_name: who switched it off.
    """

    key: int
    type: str
    rule: str
    device: str
    unit: int
    reason: str
    since: datetime
    until: datetime
    by_name: str

    def covers(self, device: str, device_type: str, lineage: Collection[int]) -> bool:
        """Say whether it holds for a device. ``lineage``: the device's unit and those above."""
        return self.device == device if self.device else self.type == device_type and self.unit in lineage


_COLUMNS = columns(disabled_rule, DisabledRule)


def add(uow: UnitOfWork, **values: Any) -> DisabledRule:
    """Note that a rule is off from now on."""
    row = DisabledRule(key=uow.new_key(), since=uow.now, **values)
    uow.execute(sa.insert(disabled_rule).values(**{name: getattr(row, name) for name in DisabledRule.__slots__}))
    return row


def in_force(uow: UnitOfWork, *, types: Collection[str]) -> list[DisabledRule]:
    """List what is off now for types of devices, what comes back first at the top."""
    query = sa.select(*_COLUMNS).where(disabled_rule.c.until > uow.now, disabled_rule.c.type.in_(sorted(types)))
    return many(DisabledRule, uow.execute(query.order_by(disabled_rule.c.until, disabled_rule.c.key)))


def get(uow: UnitOfWork, key: int) -> DisabledRule:
    """Give one.

    Raises:
        NotFound: there is none with this key.
    """
    found = one(DisabledRule, uow.execute(sa.select(*_COLUMNS).where(disabled_rule.c.key == key)))
    if found is None:
        raise NotFound("there is no disabled rule {key}", key=key)
    return found


def end(uow: UnitOfWork, key: int) -> bool:
    """Let a rule come back now; say whether it was off."""
    query = sa.update(disabled_rule).where(disabled_rule.c.key == key, disabled_rule.c.until > uow.now)
    return uow.execute(query.values(until=uow.now)).rowcount == 1
