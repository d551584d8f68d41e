"""Puts the parts of an installation together out of its settings: database, engine, connectors. Whoever opens them closes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from connectors.ledger.unpaid import UnpaidBills
from connectors.notify import contacts as notify_contacts
from connectors.register import tickets as register_tickets
from connectors.register.book import DeviceBook
from connectors.register.contacts import ContactBook
from connectors.registry import BUILT_IN, Registry
from connectors.telemetry import devices as telemetry_devices
from engine.model.ports import SystemClock
from engine.services.engine import Engine
from engine.store import migrate as migrations
from engine.store.blobs import FolderFiles
from engine.store.database import Store
from webui.context import Parts
from webui.directory import Directory
from webui.settings import Settings


class Bell:
    """Is rung after commits that left work due; whoever runs jobs here listens, if anybody does."""

    def __init__(self) -> None:
        self.listener: Callable[[], None] = _nobody

    def __call__(self) -> None:
        """Ring."""
        self.listener()


def _nobody() -> None:
    """Leave it to the sweeper of another process."""


@contextmanager
def parts(settings: Settings, *, bell: Bell | None = None) -> Iterator[Parts]:
    """Open the database, brought up to date, and put engine and connectors on it.

    Raises:
        Invalid: a connector's manifest or settings are wrong.
    """
    registry = Registry(
        configured=settings.connectors,
        environ=os.environ,
        directory=settings.connectors_dir,
        ports={"public_url": settings.address, "secret_key": settings.secret_key},
    )
    clock = SystemClock()
    store = Store(settings.database_url, clock=clock, pool_size=settings.threads + settings.executor_threads)
    try:
        migrate(store, settings.connectors_dir)
        engine = Engine(
            store,
            clock,
            wake=bell or Bell(),
            limits=settings.limits,
            zone=settings.timezone,
            files=FolderFiles(settings.data_dir / "files"),
            job_types=lambda: registry.job_types,
            seal_key=settings.seal_key.encode() or None,
            keep_history=timedelta(days=settings.history_days) if settings.history_days else None,
        )
        supply(registry, engine)
        yield Parts(engine, registry, settings, Directory(engine))
    finally:
        store.close()


def supply(registry: Registry, engine: Engine) -> None:
    """Let connectors that need one another meet: devices and vendors are the register's, unpaid bills the ledger's."""
    registry.supply(
        **{
            telemetry_devices.PORT: DeviceBook(engine),
            notify_contacts.PORT: ContactBook(engine),
            register_tickets.UNPAID: UnpaidBills(engine),
        }
    )


def migrate(store: Store, connectors_dir: Path | None = None) -> None:
    """Bring the database to the present tables, those of connectors included."""
    folders = [BUILT_IN, *([connectors_dir] if connectors_dir else [])]
    migrations.upgrade(store, branches=[path for folder in folders for path in sorted(folder.glob("*/migrations"))])
