"""Sentences and problems in columns: kept with their template and parameters, so that they can be said in another language later."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from engine.errors import Problem, Text
from engine.store.types import JsonText

MAX_PARAM = 2000  # characters of one value inside a message


def sentence_json(value: str) -> dict[str, Any]:
    """Keep of a sentence what is needed to say it in another language."""
    if not isinstance(value, Text):
        value = Text("{message}", message=value)
    plain = (bool, int, Decimal)
    params = {key: v if isinstance(v, plain) or v is None else str(v)[:MAX_PARAM] for key, v in value.params.items()}
    return {"template": value.template, "params": params}


def sentence(stored: Mapping[str, Any]) -> Text:
    """Give a sentence back."""
    return Text(stored["template"], **stored["params"])


def problem_json(problem: Problem) -> dict[str, Any]:
    """Keep of a problem what is needed to tell it in another language."""
    said = {"message": problem.message, "remedy": problem.remedy}
    told = {name: sentence_json(text) for name, text in said.items() if text}
    return {"where": problem.where, **told, "rule": problem.rule, "severity": problem.severity}


def problem(stored: Mapping[str, Any]) -> Problem:
    """Give a problem back."""
    remedy = stored.get("remedy")
    more = {name: stored[name] for name in ("rule", "severity") if name in stored}
    return Problem(stored["where"], sentence(stored["message"]), sentence(remedy) if remedy else "", **more)


class TextJson(sa.types.TypeDecorator[Text]):
    """A sentence with its template and parameters."""

    impl = JsonText
    cache_ok = True

    def process_bind_param(self, value: Text | None, dialect: Any) -> Any:
        """Keep what is needed to say it in another language."""
        return None if value is None else sentence_json(value)

    def process_result_value(self, value: Any, dialect: Any) -> Text | None:
        """Give the sentence back."""
        return None if value is None else sentence(value)
