"""The language of the command line: Chinese or English, as the terminal's locale says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from gettext import GNUTranslations
from pathlib import Path

from webui.i18n.say import filled

CATALOGUE = Path(__file__).parents[1] / "i18n" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.mo"

Say = Callable[[str], str]
"""Gives a sentence in the language of the terminal."""


def asked(environ: Mapping[str, str]) -> str:
    """Give the locale that the environment asks for, in small letters; an empty text when it asks for none."""
    return next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "").lower()


def speaker(environ: Mapping[str, str]) -> Say:
    """Give what says sentences in the language that the environment asks for; programs that ask for none get English."""
    if not asked(environ).startswith("zh"):
        return str
    with CATALOGUE.open("rb") as file:
        return partial(filled, translate=GNUTranslations(file).gettext, show=datetime.isoformat)
