"""Parse a regular expression of XPath 2.0."""

from __future__ import annotations

from engine.feel.bounds import NESTING
from engine.feel.regex.blocks import BLOCKS, CATEGORIES, ESCAPES
from engine.feel.regex.charset import CharSet
from engine.feel.regex.tree import Anchor, BackReference, Chars, Choice, Group, Repeat, Sequence, Tree

_SINGLE = {"n": "\n", "r": "\r", "t": "\t"} | {character: character for character in "\\|.?*+(){}-[]^$"}
_META = frozenset(".\\?*+{}()[]|^$")
_LINE_ENDS = CharSet(((0xA, 0xA), (0xD, 0xD)), negated=True)
_EVERYTHING = CharSet(negated=True)
_MAX_REPEAT = 1000


class PatternError(Exception):
    """The text is no regular expression; the message says why."""


def strip_blanks(pattern: str) -> str:
    """Take white space out of a pattern with the flag ``x``, but not out of its character classes."""
    kept: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if character in " \t\n\r" and depth == 0:
            continue
        if not escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        escaped = character == "\\" and not escaped
        kept.append(character)
    return "".join(kept)


class RegexParser:
    """Reads one pattern; afterwards ``groups`` counts its groups and ``refers`` tells whether it has back-references."""

    def __init__(self, pattern: str, *, dot_all: bool) -> None:
        self._text = pattern
        self._at = 0
        self._dot = _EVERYTHING if dot_all else _LINE_ENDS
        self._closed: set[int] = set()
        self._depth = 0
        self.groups = 0
        self.refers = False

    def parse(self) -> Tree:
        """Give the tree. Raises PatternError."""
        tree = self._choice()
        if self._at < len(self._text):
            raise PatternError("a ) has no (")
        return tree

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise PatternError("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _choice(self) -> Tree:
        self._depth += 1
        if self._depth > NESTING:
            raise PatternError("it is nested too deeply")
        options = [self._sequence()]
        while self._peek() == "|":
            self._take()
            options.append(self._sequence())
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Tree:
        parts: list[Tree] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self) -> Tree:
        body = self._atom()
        sign = self._peek()
        if not sign or sign not in "?*+{":
            return body
        if isinstance(body, Anchor):
            raise PatternError("an anchor cannot be repeated")
        self._take()
        low, high = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(sign) or self._bounds()
        lazy = self._peek() == "?"
        if lazy:
            self._take()
        if self._peek() and self._peek() in "?*+{":
            raise PatternError("a repetition is repeated")
        return Repeat(body, low, high, lazy)

    def _bounds(self) -> tuple[int, int | None]:
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at : end].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()):
            raise PatternError("a { has no number and }")
        self._at = end + 1
        least = int(low)
        most = int(high) if high else (None if comma else least)
        if least > _MAX_REPEAT or (most or 0) > _MAX_REPEAT or (most is not None and most < least):
            raise PatternError("a number of repetitions is out of range")
        return least, most

    def _atom(self) -> Tree:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return Chars(self._class())
        if character == ".":
            return Chars(self._dot)
        if character in "^$":
            return Anchor(character == "^")
        if character == "\\":
            if self._peek().isdecimal():
                return self._back_reference()
            return Chars(self._escape())
        if character in _META:
            raise PatternError(f"{character} stands alone")
        return Chars(CharSet(((ord(character), ord(character)),)))

    def _group(self) -> Tree:
        number: int | None = None
        if self._peek() == "?":
            self._take()
            if self._take() != ":":
                raise PatternError("there are no groups of this kind")
        else:
            self.groups += 1
            number = self.groups
        body = self._choice()
        if self._peek() != ")":
            raise PatternError("a ( has no )")
        self._take()
        if number is not None:
            self._closed.add(number)
        return Group(number, body)

    def _back_reference(self) -> Tree:
        number = int(self._take())
        while self._peek().isdecimal() and number * 10 + int(self._peek()) <= self.groups:
            number = number * 10 + int(self._take())
        if number not in self._closed:
            raise PatternError("a back-reference has no group before it")
        self.refers = True
        return BackReference(number)

    def _escape(self) -> CharSet:
        character = self._take()
        if character in _SINGLE:
            point = ord(_SINGLE[character])
            return CharSet(((point, point),))
        if character.lower() in ESCAPES:
            known = ESCAPES[character.lower()]
            return CharSet(known.ranges, known.categories, negated=character.isupper())
        if character in "pP" and self._peek() == "{":
            end = self._text.find("}", self._at)
            name = self._text[self._at + 1 : end]
            self._at = end + 1
            complement = character == "P"
            if end > 0 and name in CATEGORIES:
                return CharSet(categories=((name, complement),))
            if end > 0 and name.startswith("Is") and name[2:] in BLOCKS:
                return CharSet(BLOCKS[name[2:]], negated=complement)
        raise PatternError(f"there is no escape \\{character}")

    def _class(self) -> CharSet:
        self._depth += 1
        if self._depth > NESTING:
            raise PatternError("it is nested too deeply")
        negated = self._peek() == "^"
        if negated:
            self._take()
        ranges: list[tuple[int, int]] = []
        categories: list[tuple[str, bool]] = []
        without: CharSet | None = None
        first = True
        while self._peek() != "]" or first:
            if self._text.startswith("-[", self._at) and not first:
                self._at += 2
                without = self._class()
                if self._peek() != "]":
                    raise PatternError("a subtraction is not the end of its class")
                break
            low = self._member(first)
            first = False
            if len(low.ranges) == 1 and not low.negated and low.ranges[0][0] == low.ranges[0][1] and self._is_range():
                self._take()
                high = self._member(False)
                if len(high.ranges) != 1 or high.negated or high.ranges[0][0] < low.ranges[0][0]:
                    raise PatternError("a range of characters runs backwards")
                low = CharSet(((low.ranges[0][0], high.ranges[0][1]),))
            if low.negated:
                ranges += low.points(ignore_case=False)
            else:
                ranges += low.ranges
                categories += low.categories
        self._take()
        self._depth -= 1
        return CharSet(tuple(ranges), tuple(categories), negated, without)

    def _is_range(self) -> bool:
        return self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", "[", "")

    def _member(self, first: bool) -> CharSet:
        character = self._take()
        if character == "\\":
            return self._escape()
        if character == "[" or (character == "]" and not first) or (character == "]" and first):
            raise PatternError(f"{character} stands alone in a class")
        return CharSet(((ord(character), ord(character)),))
