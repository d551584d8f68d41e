"""Languages: which one a reader gets, sentences in it, and dates, money and spans as its readers write them."""

from __future__ import annotations

import flask_babel


def gettext(sentence: str, /, **params: object) -> str:
    """Give a sentence of a page in the language in use; ``%(name)s`` is replaced by what ``params`` holds."""
    return str(flask_babel.gettext(sentence, **params))


def lazy_gettext(sentence: str, /) -> str:
    """Give a sentence that becomes text in the language of whoever reads it, for what is made before there is a reader."""
    said: str = flask_babel.lazy_gettext(sentence)
    return said


__all__ = ["gettext", "lazy_gettext"]
