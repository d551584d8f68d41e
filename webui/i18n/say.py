"""Sentences of the engine in the reader's language: a ``Text`` is translated by its template, then filled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.errors import Invalid, PropflowError, Text
from webui.i18n import gettext
from webui.i18n.formats import moment


def say(text: str) -> str:
    """Give a sentence in the language in use. Plain text that is no ``Text`` is somebody's own words and stays."""
    return filled(text, translate=gettext, show=moment)


def capital(said: str) -> str:
    """Begin a sentence with a capital: those of the engine continue a line of a terminal and have none."""
    return said[:1].upper() + said[1:]


def filled(text: str, *, translate: Callable[[str], str], show: Callable[[datetime], str]) -> str:
    """Translate a sentence by its template and fill it: the sentences among its parameters alike, instants by ``show``."""
    if not isinstance(text, Text):
        return text

    def said(value: Any) -> Any:
        if isinstance(value, str):
            return filled(value, translate=translate, show=show)
        return show(value) if isinstance(value, datetime) else value

    params = {name: said(value) for name, value in text.params.items()}
    template = translate(text.template) if text.template else ""
    return template.format(**params) if params else template


def say_error(error: PropflowError) -> str:
    """Give an error's sentence; of an ``Invalid`` with several problems, the first."""
    if isinstance(error, Invalid) and error.problems:
        return say(error.problems[0].message)
    return say(error.text)
