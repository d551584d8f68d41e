"""The register as telemetry's book of devices: who a device is, where it stands, and whether it rests."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.register.store import devices, vendors
from connectors.register.store.devices import DeviceState
from connectors.telemetry.devices import Device
from engine.services.engine import Engine

RESTING = frozenset({DeviceState.REPAIR, DeviceState.STOPPED})


class DeviceBook:
    """Answers telemetry from the register's tables: two statements for any number of devices."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, codes: Collection[str]) -> Mapping[str, Device]:
        """Give {code: device} of those that exist, under the code or alias that was asked for."""
        with self._engine.store.read() as uow:
            found = devices.find(uow, codes)
            missing = [code for code in codes if code not in found]
            found |= devices.by_alias(uow, missing) if missing else {}
            contracts = vendors.find(uow, {row.vendor for row in found.values() if row.vendor})
            now = uow.now
        return {
            asked: _seen(row, contracts.get(row.vendor or ""), row.in_maintenance(now)) for asked, row in found.items()
        }


def _seen(row: devices.Device, vendor: vendors.Vendor | None, in_maintenance: bool) -> Device:
    facts = {"model": row.model, "maker": row.maker, "importance": row.importance, "location_en": row.location_en}
    if vendor is not None:
        facts |= {"vendor": vendor.code, "vendor_name": vendor.name_zh, "vendor_phone": vendor.phone}
    return Device(
        code=row.code,
        name=row.name_zh,
        type=row.type,
        unit=row.unit,
        project=row.project,
        location=row.location_zh,
        parent=row.parent or "",
        resting=in_maintenance or row.state in RESTING,
        facts=facts,
    )
