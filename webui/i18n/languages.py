"""Which language a reader gets: the one of the profile, else the one chosen in this browser, else the one the browser asks for."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}
DEFAULT = "zh_Hans_CN"
COOKIE = "language"


def choose() -> str:
    """Choose the language of this request."""
    if not has_request_context():
        return DEFAULT
    wanted = getattr(g, "language", "") or request.cookies.get(COOKIE, "")
    if wanted in LANGUAGES:
        return wanted
    best = request.accept_languages.best_match(["zh", "zh-Hans-CN", "zh-CN", "zh-Hans", "en"], default="zh")
    return "en" if best == "en" else DEFAULT


def language() -> str:
    """Give the language in use, as a key of ``LANGUAGES``."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else DEFAULT


def titled(titles: Mapping[str, str]) -> str:
    """Give a text that a file says in ``zh`` and ``en`` in the language in use; nothing where it does not."""
    return titles.get("en" if language() == "en" else "zh", "")


def html_lang() -> str:
    """Give the language in use as HTML writes it."""
    return language().replace("_", "-")


def init(app: Flask, zone: ZoneInfo) -> Babel:
    """Set up translations and the zone in which times are shown."""
    app.config.update(BABEL_TRANSLATION_DIRECTORIES="i18n", BABEL_DEFAULT_LOCALE=DEFAULT)
    babel = Babel(app, locale_selector=choose, timezone_selector=lambda: str(zone))
    app.add_template_global(language)
    app.add_template_global(html_lang)
    app.add_template_global(lambda: tuple(LANGUAGES.items()), "languages")
    return babel
