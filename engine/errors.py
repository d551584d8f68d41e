"""Every error of propflow, by meaning. Texts are templates with parameters, so that a page can say them in its reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Text(str):
    """An English sentence that remembers its template and parameters, so that it can be translated later."""

    __slots__ = ("params", "template")
    template: str
    params: dict[str, Any]

    def __new__(cls, template: str, /, **params: Any) -> Text:
        """Fill ``template`` (``str.format`` syntax) with ``params``."""
        text = super().__new__(cls, template.format(**params) if params else template)
        text.template = template
        text.params = params
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.template, self.params)


def _restore(template: str, params: dict[str, Any]) -> Text:
    return Text(template, **params)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with what was handed in.

    Attributes:
        where: an element id, a field key or ``line N``.
        message: what is wrong.
        remedy: what to do about it.
        rule: the linter's rule that found it, if one did.
        severity: ``error`` refuses, ``warning`` only tells.
    """

    where: str
    message: str
    remedy: str = ""
    rule: str = ""
    severity: str = "error"

    @property
    def element_id(self) -> str:
        """The place, when it is an element of a diagram."""
        return self.where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" ({self.remedy})" if self.remedy else "")


class PropflowError(Exception):
    """The base of every error that propflow raises on purpose. Its message states the fact and the remedy."""

    def __init__(self, template: str = "", /, **params: Any) -> None:
        self.text = Text(template or (type(self).__doc__ or "").partition("\n")[0], **params)
        super().__init__(self.text)


class NotFound(PropflowError):
    """There is no such thing, or it is not yours to see."""


class NotAllowed(PropflowError):
    """You may not do this."""


class IllegalTransition(PropflowError):
    """The thing is not in a state that allows this."""


class ConcurrentUpdate(PropflowError):
    """Someone else changed the thing first.

    Attributes:
        actor: the name of who did, if known.
        at: when, in UTC, if known.
    """

    def __init__(self, template: str = "", /, *, actor: str = "", at: datetime | None = None, **params: Any) -> None:
        super().__init__(template, actor=actor, at=at, **params) if template else super().__init__()
        self.actor = actor
        self.at = at


class Conflict(PropflowError):
    """The same key, name or place is in use for something else."""


class LimitExceeded(PropflowError):
    """A bound was broken; the message names it."""


class Unavailable(PropflowError):
    """The database cannot be reached or cannot take more now; try again soon."""


class Invalid(PropflowError):
    """What was handed in is wrong; ``problems`` lists everything that is."""

    def __init__(self, problems: Iterable[Problem] | Problem | str, /, **params: Any) -> None:
        if isinstance(problems, str):
            problems = [Problem("", Text(problems, **params))]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("{problems}", problems="; ".join(map(str, self.problems)))


class ConnectorError(PropflowError):
    """An outside system did not do what was asked.

    Attributes:
        permanent: trying again cannot help.
        uncertain: the outside may or may not have done it (no answer after the request went out).
    """

    def __init__(self, template: str, /, *, permanent: bool = False, uncertain: bool = False, **params: Any) -> None:
        super().__init__(template, **params)
        self.permanent = permanent
        self.uncertain = uncertain
