"""What the engine asks of the world around it: the time, a nudge for whoever runs jobs, a place for bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        ...


class Wake(Protocol):
    """Is called after a commit that left work due; may do nothing, since a sweeper finds the work anyway."""

    def __call__(self) -> None:
        """Nudge the executor."""
        ...


class FileStore(Protocol):
    """Keeps bytes under their SHA-256."""

    def put(self, source: BinaryIO, *, max_bytes: int) -> tuple[str, int]:
        """Store bytes; give (sha256 in hex, size in bytes). Raises LimitExceeded above ``max_bytes``."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes for reading. Raises NotFound."""
        ...

    def remove(self, sha256: str, *, stored_before: datetime) -> bool:
        """Remove bytes, unless somebody stored them (again) since; say whether they are gone."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        """Give the instant it stands at."""
        return self.at

    def move_to(self, at: datetime) -> None:
        """Move forward; a clock never goes back."""
        self.at = max(self.at, at)

    def advance(self, by: timedelta) -> None:
        """Move forward by a span."""
        self.move_to(self.at + by)


def no_wake() -> None:
    """Wake nobody: for tests and for runs in the foreground."""
