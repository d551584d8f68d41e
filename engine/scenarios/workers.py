"""Workers of a scenario: they answer service jobs as the file says, until none is left that they know.

An answer is {name: value}; a text that begins with ``=`` is FEEL over the job's variables. Several answers in a list are given in
turn, the last one again and again. Instead of an answer: ``{fail: message}`` or ``{error: CODE}``. ``hold`` leaves the jobs open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.testing import Harness, OpenJob

HOLD = "hold"
ENDLESS = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """A job that was answered: its type and element, and what it was given."""

    type: str
    element_id: str
    variables: Mapping[str, Any]


class Workers:
    """Answers jobs. ``calls``: what was answered since it was last emptied, in order."""

    def __init__(self, harness: Harness, answers: Mapping[str, Any]) -> None:
        self._harness = harness
        self._answers = {type_: list(said) if isinstance(said, list) else [said] for type_, said in answers.items()}
        self.calls: list[Call] = []

    def set(self, answers: Mapping[str, Any]) -> None:
        """Answer these types otherwise from now on."""
        self._answers |= {type_: list(said) if isinstance(said, list) else [said] for type_, said in answers.items()}

    def work(self) -> None:
        """Answer open jobs until none is left that is known here."""
        for _ in range(ENDLESS):
            job = next((each for each in self._harness.jobs() if self._next(each.type) not in (None, HOLD)), None)
            if job is None:
                return
            self._answer(job)
        raise RuntimeError(f"{ENDLESS} jobs were answered and still more came")

    def _next(self, type_: str) -> Any:
        said = self._answers.get(type_)
        return None if said is None else ({} if said[0] is None else said[0])

    def _answer(self, job: OpenJob) -> None:
        said = self._next(job.type)
        if len(self._answers[job.type]) > 1:
            self._answers[job.type].pop(0)
        self.calls.append(Call(job.type, job.element_id, job.variables))
        if "fail" in said:
            self._harness.fail_job(job, str(said["fail"]))
        elif "error" in said:
            self._harness.throw_error(job, str(said["error"]), said.get("variables"))
        else:
            self._harness.complete_job(job, {name: self._value(value, job) for name, value in said.items()})

    def _value(self, value: Any, job: OpenJob) -> Any:
        if not isinstance(value, str) or not value.startswith("="):
            return value
        expression = feel.compile_expression(value[1:], feel.names_in(job.variables))
        return feel.to_json(expression.evaluate(job.variables, now=self._harness.now))
