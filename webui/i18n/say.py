"""Sentences of the engine in the reader's language: a ``Text`` is translated by its template, then filled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.errors import Invalid, PropflowError, Text
from webui.i18n import gettext
from webui.i18n.formats import moment


def say(text: str) -> str:
    """Give a sentence in the language in use. Plain text that is no ``Text`` is somebody's own words and stays."""
    if not isinstance(text, Text):
        return text
    params = {name: _said(value) for name, value in text.params.items()}
    template = gettext(text.template) if text.template else ""
    return template.format(**params) if params else template


def _said(value: Any) -> Any:
    if isinstance(value, str):
        return say(value)
    return moment(value) if isinstance(value, datetime) else value


def say_error(error: PropflowError) -> str:
    """Give an error's sentence; of an ``Invalid`` with several problems, the first."""
    if isinstance(error, Invalid) and error.problems:
        return say(error.problems[0].message)
    return say(error.text)
