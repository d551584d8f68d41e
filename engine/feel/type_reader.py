"""Read the name of a type out of an expression.

Source: DMN 1.5, 10.3.1.2 (grammar rules 52 to 57).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Text
from engine.feel.types import SIMPLE, ContextOf, FunctionOf, ListOf, Named, RangeOf, Type

if TYPE_CHECKING:
    from engine.feel.cursor import Cursor

_LONG = tuple(sorted((name for name in SIMPLE if " " in name), key=len, reverse=True))
_GENERIC = frozenset({"list", "range", "context", "function"})


class TypeReader:
    """Reads one type with a parser's tokens."""

    def __init__(self, parser: Cursor) -> None:
        self._parser = parser

    def type(self, depth: int = 0) -> Type:
        """Read a type, generic ones included."""
        parser = self._parser
        if parser.token.kind not in ("name", "quoted"):
            raise parser.unexpected(Text("the name of a type"))
        for long in _LONG:
            if parser.lexer.text.startswith(long, parser.token.at):
                parser.move_past(parser.token._replace(end=parser.token.at + len(long)))
                return SIMPLE[long]
        name = parser.lexer.long_name(parser.token)
        parser.move_past(name)
        if name.text in _GENERIC and parser.token.text == "<" and depth < 20:
            parser.advance()
            return self._generic(name.text, depth + 1)
        text = name.text.strip("`")
        while parser.token.text == ".":
            parser.advance()
            part = parser.lexer.long_name(parser.token)
            parser.move_past(part)
            text += "." + part.text
        return SIMPLE.get(text) or Named(text)

    def _generic(self, name: str, depth: int) -> Type:
        parser = self._parser
        if name in ("list", "range"):
            inner = self.type(depth)
            parser.expect(">")
            return ListOf(inner) if name == "list" else RangeOf(inner)
        if name == "context":
            fields: list[tuple[str, Type]] = []
            while not parser.found(">"):
                if fields:
                    parser.expect(",")
                label = parser.lexer.label(parser.token.at)
                if label is None:
                    raise parser.unexpected(Text("the name of an entry and a colon"))
                parser.move_past(label)
                parser.expect(":")
                fields.append((label.text, self.type(depth)))
            return ContextOf(tuple(fields))
        parameters: list[Type] = []
        while not parser.found(">"):
            if parameters:
                parser.expect(",")
            parameters.append(self.type(depth))
        parser.expect("->")
        return FunctionOf(tuple(parameters), self.type(depth))
