"""What a connector's functions are given and give: the call of a job, its answer, the error that a diagram catches, and a context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from engine.errors import ConnectorError, PropflowError
from engine.model.json import Variables

if TYPE_CHECKING:
    from connectors.settings import ConnectorSettings
    from engine.services.engine import Engine
    from engine.store.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Context:
    """What every function of a connector may use.

    Attributes:
        engine: for those that read or write our own database; outside systems are called without a transaction.
        settings: of the connector, secrets included.
        ports: what the composition root supplied, by name.
    """

    engine: Engine
    settings: ConnectorSettings
    ports: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobCall(Context):
    """One try of one job, as an operation sees it.

    Attributes:
        type: ``connector:operation``.
        variables: what the element's scope can see, or its input mappings.
        headers: the ``zeebe:header`` texts of the element.
        key: the idempotency key: the same on every try of this job, on no other job. It travels to the outside.
        instance: the process instance; ``element_id`` the element in its diagram; ``business_key`` what its starter calls it.
        unit: where in the organisation the instance belongs, if anywhere.
        job: the job's own key.
        retries: how many tries are left, this one included.
    """

    type: str = ""
    variables: Variables = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    instance: int = 0
    element_id: str = ""
    business_key: str = ""
    unit: int | None = None
    job: int = 0
    retries: int = 1

    @property
    def home(self) -> int:
        """The unit of the instance, where the operation cannot do without one.

        Raises:
            ConnectorError: the instance belongs to no unit.
        """
        if self.unit is None:
            raise ConnectorError("the instance belongs to no unit; start it at one", permanent=True)
        return self.unit


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation hands back.

    Attributes:
        variables: for the process.
        also: writes rows of the connector in the transaction of the step that it completes; both happen, or neither.
    """

    variables: Variables = field(default_factory=dict)
    also: Callable[[UnitOfWork], None] | None = None


class BpmnError(PropflowError):
    """A business outcome that the diagram catches by its code, such as ``PERIOD_CLOSED``; not a fault.

    Attributes:
        code: what the error event names.
        variables: handed to the process together with it.
    """

    def __init__(self, code: str, message: str = "", variables: Variables | None = None) -> None:
        super().__init__("{code}: {message}", code=code, message=message)
        self.code = code
        self.message = message
        self.variables: Variables = variables or {}


Operation = Callable[[JobCall], "Answer | Mapping[str, Any] | None"]
"""Serves a job type. Raises ConnectorError (says whether trying again can help) or BpmnError."""

Chore = Callable[[Context], None]
"""What a connector does every so often. Safe to run in several processes at once, and too often."""


class Running(Protocol):
    """Something of a connector that runs beside everything else, such as a subscription."""

    def stop(self) -> None:
        """End it; wait until it has ended."""
        ...


Daemon = Callable[[Context], "Running | None"]
"""Starts what runs beside everything else; None when the settings do not ask for it."""
