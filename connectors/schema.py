"""Every table that a connector of the product owns, so that whoever makes or compares the schema has them all."""

from __future__ import annotations

import connectors.announcements.store
import connectors.ledger.store
import connectors.telemetry.store.alarms
import connectors.telemetry.store.arrivals
import connectors.telemetry.store.devices
import connectors.webhooks.store  # noqa: F401 - each import here declares tables
