"""One evaluation: its context, its clock, what is left of its budget, and why nulls came about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from engine.errors import LimitExceeded, Text
from engine.feel.bounds import CALLS, MESSAGES, REGEX_SECONDS, STEPS

DEFAULT_ZONE: tzinfo = ZoneInfo("Asia/Shanghai")

Where: TypeAlias = tuple[int, int]
"""(line, column), both from 1."""

Locals: TypeAlias = tuple[Any, ...]
"""Values of the names that the expression itself binds, by position."""


class Run:
    """What compiled code is given beside its local names.

    Attributes:
        context: where root names are looked up; a function looks in the context that it was made in.
        zone: of ``now()`` and ``today()``, and of temporal values that name none when they meet one that does.
        steps: what is left of the budget.
        calls: how many function calls are open.
        regex_s: processor seconds left for regular expressions.
        messages: why nulls came about.
        listening: someone asked for messages, and there is room for more.
        where: the place of the built-in function that runs.
    """

    __slots__ = ("_now", "calls", "context", "listening", "messages", "regex_s", "steps", "where", "zone")

    def __init__(
        self,
        context: Mapping[str, Any],
        now: datetime | None = None,
        zone: tzinfo | None = None,
        messages: list[Text] | None = None,
    ) -> None:
        self.context = context
        self.zone = zone or DEFAULT_ZONE
        self.steps = STEPS
        self.calls = CALLS
        self.regex_s = REGEX_SECONDS
        self.messages = messages
        self.listening = messages is not None
        self.where: Where = (1, 1)
        self._now = now

    @property
    def now(self) -> datetime:
        """The instant of this evaluation, the same however often it is asked for, in ``zone``."""
        if self._now is None:
            self._now = datetime.now(UTC)
        return self._now.astimezone(self.zone)

    def spend(self, steps: int) -> None:
        """Take steps from the budget. Raises LimitExceeded when it is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise LimitExceeded("the expression takes more than {limit} steps", limit=STEPS)

    def null(self, where: Where, template: str, /, **params: Any) -> Any:
        """Give null and, when someone asked, say why."""
        if self.listening and self.messages is not None:
            message = Text(template, **params)
            self.messages.append(
                Text("line {line}, column {column}: {message}", line=where[0], column=where[1], message=message)
            )
            self.listening = len(self.messages) < MESSAGES


Code: TypeAlias = Callable[[Run, Locals], Any]
"""A compiled expression."""
