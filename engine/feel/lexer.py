"""Cut an expression into tokens, on demand, because only the parser knows which names have spaces where.

Source: DMN 1.5, 10.3.1.2 (grammar rules 22 to 66: names, literals, white space, comments).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.errors import Invalid, Problem, Text
from engine.feel.run import Where

START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
PART = START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
NAME = re.compile(f"[{START}][{PART}]*")
_SPACE = r"[\t-\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]"
_BLANKS = rf"(?>(?:{_SPACE}+|//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)*)"  # atomic: no token begins inside a comment
_BLANK = re.compile(_BLANKS)
_SPACES = re.compile(f"{_SPACE}+")
_PART = re.compile(f"[{PART}]")
_TOKEN = re.compile(
    rf"""{_BLANKS}(?:
    (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[{START}][{PART}]*)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<quoted>`[^`\n]+`)
    |(?P<sign>\*\*|\.\.|<=|>=|!=|->|[-+*/=<>(){{}}\[\].,:@])
    )""",
    re.VERBOSE | re.DOTALL,
)
_LABEL = re.compile(rf"([{START}](?:[{PART} \t\n\r.\-'+]|\*(?!/)|/(?![/*]))*):")
_ITERATOR = re.compile(rf"([{START}][{PART} \t\n\r]*?)\s+in(?![{PART}])")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|([\"'\\ntr]))")
_ESCAPED = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}

KEYWORDS = frozenset(
    {
        "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "instance", "of", "function",
        "external", "between", "and", "or", "true", "false", "null",
    }
)  # fmt: skip

END = "end"


Names = Mapping[str, tuple[str, ...]]
"""{first word: names of more than one word that begin with it, the longest first}."""


def add_name(names: dict[str, tuple[str, ...]], name: str) -> None:
    """Add a name; one that is a single identifier needs no mention."""
    start = NAME.match(name)
    if start is None or start.end() == len(name):
        return
    known = names.get(start[0], ())
    if name not in known:
        names[start[0]] = tuple(sorted((*known, name), key=len, reverse=True))


def index_names(names: Iterable[str], known: Names | None = None) -> Names:
    """Index names by their first words, on top of those that are known."""
    index = dict(known or {})
    for name in names:
        add_name(index, name)
    return index


class Token(NamedTuple):
    """One token: ``kind`` is number, name, string, quoted, sign or end."""

    kind: str
    text: str
    at: int
    end: int


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    return tuple(name.split())


class Lexer:
    """Reads tokens of one text.

    Attributes:
        text: the expression.
    """

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self._names = dict(names)

    def learn(self, name: str) -> None:
        """Know a name from here on."""
        add_name(self._names, name)

    def token(self, at: int) -> Token:
        """Read the token at or after an offset."""
        match = _TOKEN.match(self.text, at)
        if match:
            group = match.lastgroup or ""
            return Token(group, match[group], match.start(group), match.end())
        at = self.blank(at)
        if at == len(self.text):
            return Token(END, "", at, at)
        character = self.text[at]
        if character == '"':
            raise self.error(at, Text("a string is not closed"), Text('end it with "'))
        raise self.error(at, Text("{character} does not belong here", character=character))

    def blank(self, at: int) -> int:
        """Skip white space and comments."""
        match = _BLANK.match(self.text, at)
        assert match is not None  # it matches nothing at all, too
        return match.end()

    def long_name(self, token: Token) -> Token:
        """Give the longest known name that begins with this token, else the token."""
        for name in self._names.get(token.text, ()):
            end = self._match(name, token.at)
            if end is not None:
                return Token("name", name, token.at, end)
        return token

    def _match(self, name: str, at: int) -> int | None:
        """Match a name with any white space between its words; None when it does not stand there."""
        for number, word in enumerate(_words(name)):
            if number:
                blank = _SPACES.match(self.text, at)
                if blank is None:
                    return None
                at = blank.end()
            if not self.text.startswith(word, at):
                return None
            at += len(word)
        return None if _PART.match(self.text, at) else at

    def label(self, at: int) -> Token | None:
        """Read a name that ends in a colon (of an entry, an argument, a parameter); the token ends before the colon."""
        match = _LABEL.match(self.text, self.blank(at))
        return Token("name", " ".join(match[1].split()), match.start(), match.end(1)) if match else None

    def iterator(self, at: int) -> Token | None:
        """Read the name of an iterator, which ends before ``in``."""
        match = _ITERATOR.match(self.text, self.blank(at))
        return Token("name", " ".join(match[1].split()), match.start(), match.end(1)) if match else None

    def where(self, at: int) -> Where:
        """Turn an offset into (line, column)."""
        return where(self.text, at)

    def error(self, at: int, message: Text, remedy: Text | str = "") -> Invalid:
        """Give the error that refuses the expression at an offset."""
        line, column = self.where(at)
        place = Text("line {line}, column {column}", line=line, column=column)
        return Invalid(Problem(place, message, remedy))


def where(text: str, at: int) -> Where:
    """Turn an offset into (line, column), both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def unescape(text: str) -> str | None:
    """Read a string literal with its quotes. An unknown escape stands for itself; None when a code point does not exist."""
    body = text[1:-1]
    if "\\" not in body:
        return body
    try:
        read = _ESCAPE.sub(lambda m: _ESCAPED[m[3]] if m[3] else chr(int(m[1] or m[2], 16)), body)
    except ValueError:
        return None
    if any("\ud800" <= character <= "\udfff" for character in read):
        return _join_surrogates(read)
    return read


def _join_surrogates(text: str) -> str | None:
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None
