"""What time alone does: silence, conditions that held for long enough, quiet after flapping, windows that end; and forgetting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from connectors.announcements.relay import publish_waiting
from connectors.telemetry.batch import Batch, is_storm, storm_device
from connectors.telemetry.devices import Device
from connectors.telemetry.intake import ACTOR, Intake
from connectors.telemetry.store import arrivals
from connectors.telemetry.store import devices as device_rows
from engine.services import command
from engine.store.database import UnitOfWork

if TYPE_CHECKING:
    from engine.services.engine import Engine

BATCH = 200
BREAK = timedelta(minutes=1)
"""A pause in watching that is longer than this is a break: a restart that takes seconds is none."""


def tick(intake: Intake, *, since: datetime | None = None) -> int:
    """Move the devices that time alone moves, publish what that brought about and what a crash left behind; give how many devices.

    Args:
        since: since when somebody has been listening; before that, no device was silent. None: always.

    Safe to call from several processes at once: devices are locked, and a device that another tick has moved is no longer due.
    """
    engine = intake.engine
    moved = 0
    while True:
        with engine.store.read() as uow:
            codes = device_rows.due_devices(uow, uow.now, BATCH)
        known = dict(intake.book.find([code for code in codes if not is_storm(code)]))
        known |= {code: storm_device(int(code.partition(":")[2])) for code in codes if is_storm(code)}
        if codes:
            command.run(engine, "telemetry.tick", partial(_move, intake, known, codes, since), actor=ACTOR)
        moved += len(codes)
        if len(codes) < BATCH:
            break
    publish_waiting(engine)
    return moved


def keep_watch(engine: Engine) -> datetime:
    """Note that somebody listens; give since when without a break. While propflow itself was down, nobody was silent."""
    return command.run(engine, "telemetry.watch", lambda uow: arrivals.keep_watch(uow, BREAK), actor=ACTOR)


def _move(
    intake: Intake, known: Mapping[str, Device], codes: Sequence[str], since: datetime | None, uow: UnitOfWork
) -> None:
    batch = Batch(uow, known, intake.rules, intake.storm, intake.engine.zone, listening_since=since)
    batch.pass_time()
    batch.save()
    device_rows.unwatch(uow, [code for code in codes if code not in known])


def forget(engine: Engine, *, seen: timedelta, hours: timedelta) -> None:
    """Forget what was seen before the window and hours that are too old, in small transactions; keep the quarantine within its bound."""
    gone = 1
    while gone:
        with engine.store.begin() as uow:
            gone = arrivals.forget(uow, uow.now - seen) + device_rows.forget_hours(uow, uow.now - hours)
            arrivals.trim_quarantine(uow)
            uow.commit()
