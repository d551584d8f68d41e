"""Files of readings dropped into a folder are taken in once, row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.telemetry import drop, service
from connectors.telemetry.store import devices as device_rows

CSV = "device,ts,total,flow\nM-1,2025-12-31 20:00,120.5,0\nM-1,2026-01-01T07:30:00+08:00,121,\nM-9,2025-12-31 20:00,7,1\nM-1,soon,122,0\n"


@pytest.fixture
def folder(plant, tmp_path):
    plant.add("M-1", "meter")
    return tmp_path


def test_a_file_fills_the_history_of_its_devices_and_is_put_away(plant, folder):
    (folder / "meters.csv").write_text(CSV, encoding="utf-8")

    assert drop.collect(plant.intake, folder) == 1

    readings = plant.device("M-1").readings
    assert readings["total"] == (Decimal(121), datetime(2025, 12, 31, 23, 30, tzinfo=UTC)) and readings["flow"][0] == 0
    with plant.branch.engine.store.read() as uow:
        hours = device_rows.hours(uow, "M-1", datetime(2025, 12, 31, tzinfo=UTC), plant.clock.now())
    assert [(at.hour, signals["total"][4]) for at, _, signals in hours] == [(12, Decimal("120.5")), (23, 121)]
    assert plant.said() == [], "yesterday starts no ticket"
    assert {entry.kind for entry in plant.quarantine()} == {"unknown_device", "unreadable"}
    assert [file.name for file in (folder / "done").iterdir()] == ["meters.csv"] and not list(folder.glob("*.csv"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_as_spreadsheets_write_it_is_read(plant, folder, encoding):
    (folder / "m.csv").write_bytes("device;ts;total;备注\r\nM-1;2025-12-31 20:00;5;正常\r\n".encode(encoding))

    drop.collect(plant.intake, folder)

    assert plant.device("M-1").readings["备注"][0] == "正常"


def test_a_file_that_comes_again_changes_nothing(plant, folder):
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("device,ts,total\nM-1,2025-12-31 20:00,5\n", encoding="utf-8")

    drop.collect(plant.intake, folder)

    with plant.branch.engine.store.read() as uow:
        [(_, samples, _)] = device_rows.hours(uow, "M-1", datetime(2025, 12, 31, tzinfo=UTC), plant.clock.now())
    assert samples == 1


@pytest.mark.parametrize("content", [b"", b"\x00\xff,\n", b"device\n\n", b"device,ts\nM-1,2025-12-31 20:00,7,8,9\n"])
def test_what_is_no_file_of_readings_breaks_nothing(plant, folder, content):
    (folder / "odd.csv").write_bytes(content)

    assert drop.collect(plant.intake, folder) == 1


def test_a_file_that_is_too_large_stays_where_it_is(plant, folder, monkeypatch):
    monkeypatch.setattr(drop, "MAX_BYTES", 10)
    (folder / "large.csv").write_text(CSV, encoding="utf-8")

    assert drop.collect(plant.intake, folder) == 0 and (folder / "large.csv").exists()


def test_the_executor_collects_from_the_folder_that_is_set(plant, folder):
    from connectors.calls import Context
    from connectors.registry import Registry

    (folder / "meters.csv").write_text(CSV, encoding="utf-8")
    registry = Registry(configured={"telemetry": {"drop_dir": str(folder)}}, ports={"devices": plant.book})
    service.collect(Context(plant.branch.engine, registry.settings("telemetry"), registry.ports))

    assert plant.device("M-1").samples == 2
