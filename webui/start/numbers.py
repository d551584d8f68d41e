"""Numbers that people call cases by: a letter for the way it came, the day, and a count of that day."""

from __future__ import annotations

from connectors.telemetry.store.arrivals import next_number
from webui.context import engine
from webui.i18n.formats import local

BY_STAFF = "T"
BY_PUBLIC = "Z"
"""The letters where ``process.toml`` names none."""


def new(way: str) -> str:
    """Take the next number of today, such as ``T261121-0007``. A number that is not used leaves a gap, and is never given again."""
    with engine().store.begin() as uow:
        day = f"{local(uow.now):%y%m%d}"
        number = next_number(uow, f"case {way}{day}")
        uow.commit()
    return f"{way}{day}-{number:04d}"
