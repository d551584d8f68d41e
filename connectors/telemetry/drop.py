"""Files of readings, as meters' systems write them: CSV dropped into a folder, each file taken in once and put into ``done``.

The first line names the columns: ``device``, ``ts`` and signals. A row becomes what a gateway would have sent, so that a bad one goes to
quarantine by itself and a file that comes again changes nothing.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.announcements.relay import publish_waiting
from connectors.telemetry.inbound import Delivery
from connectors.telemetry.intake import Intake
from engine.model import json

SOURCE = "csv"
TOPIC = "v1/gateway/telemetry"
BATCH = 500  # rows in one transaction
MAX_BYTES = 20_000_000

log = logging.getLogger(__name__)


def collect(intake: Intake, folder: Path) -> int:
    """Take in every file of a folder, by name; give how many. A crash in between repeats a file, and repeats are known."""
    taken = 0
    for file in sorted(folder.glob("*.csv")):
        if file.stat().st_size > MAX_BYTES:
            log.warning("%s is larger than %s bytes and stays where it is", file, MAX_BYTES)
            continue
        rows = deliveries(file.read_bytes(), received_at=intake.engine.clock.now(), zone=intake.engine.zone)
        announced = 0
        while batch := list(islice(rows, BATCH)):
            announced += intake.take(batch).announced
        done = folder / "done"
        done.mkdir(exist_ok=True)
        file.replace(done / file.name)
        if announced:
            publish_waiting(intake.engine)
        taken += 1
    return taken


def deliveries(content: bytes, *, received_at: datetime, zone: tzinfo) -> Iterator[Delivery]:
    """Give one delivery for each row of a file. ``zone``: of times that name none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    head, _, _ = text.partition("\n")
    separator = max(",;\t", key=head.count)
    for row in csv.DictReader(StringIO(text), delimiter=separator):
        device, at = (str(row.pop(name, None) or "") for name in ("device", "ts"))
        values = {name: _value(value) for name, value in row.items() if name and value}
        body = json.dumps({device: [{"ts": _moment(at, zone), "values": values}]})
        yield Delivery(topic=TOPIC, payload=body.encode(), source=SOURCE, received_at=received_at)


def _moment(text: str, zone: tzinfo) -> Any:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return int(text) if text.isascii() and text.isdigit() else text  # milliseconds, or nothing that can be read
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()


def _value(text: str | list[str]) -> Any:
    if isinstance(text, list):  # more cells than columns
        return text
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    return number if number.is_finite() else text
