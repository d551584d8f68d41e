"""Every table that a connector of the product owns, so that whoever makes or compares the schema has them all."""

from __future__ import annotations

import connectors.announcements.store
import connectors.ledger.store.claims
import connectors.ledger.store.periods
import connectors.ledger.store.vouchers
import connectors.notify.store
import connectors.register.store.crew
import connectors.register.store.devices
import connectors.register.store.people
import connectors.register.store.places
import connectors.register.store.positions
import connectors.register.store.tickets
import connectors.register.store.vendors
import connectors.stock.store
import connectors.telemetry.store.alarms
import connectors.telemetry.store.arrivals
import connectors.telemetry.store.devices
import connectors.telemetry.store.disabled
import connectors.webhooks.store  # noqa: F401 - each import here declares tables
