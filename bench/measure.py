"""How a figure is taken and shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        ours, yardstick: the two measurements, in ``unit``; the yardstick is None where the bar is absolute.
        ratio: what is held against ``bar``; ``at_least`` says on which side of it is good.
    """

    what: str
    unit: str
    ours: float
    yardstick: float | None
    ratio: float
    bar: float
    at_least: bool
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.ratio >= self.bar if self.at_least else self.ratio <= self.bar

    def row(self) -> list[str]:
        side = ">=" if self.at_least else "<="
        yardstick = "-" if self.yardstick is None else f"{self.yardstick:,.4g}"
        return [
            self.what,
            f"{self.ours:,.4g} {self.unit}",
            yardstick,
            f"{self.ratio:.3g}",
            f"{side} {self.bar:g}",
            "holds" if self.holds else "MISSED",
            self.note,
        ]

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "holds": self.holds}


def cpu_seconds(work: Callable[[], object], *, runs: int = 5) -> float:
    """Give the median CPU time of some runs, in seconds, after one that warms up."""
    work()
    taken = []
    for _ in range(runs):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken)


def table(figures: list[Figure]) -> str:
    """Write the figures as a table for people."""
    rows = [["what", "ours", "yardstick", "ratio", "bar", "", "note"], *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
