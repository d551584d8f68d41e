"""Parse what an operand begins with: a literal, a name, a bracket, or an expression that begins with a keyword.

Source: DMN 1.5, 10.3.1.2 (grammar rules 1 to 66).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal

from engine.errors import Text
from engine.feel import syntax
from engine.feel.bounds import NESTING
from engine.feel.cursor import Cursor
from engine.feel.lexer import KEYWORDS, Token, unescape
from engine.feel.numbers import EXACT
from engine.feel.syntax import Node
from engine.feel.type_reader import TypeReader

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONSTANTS = {"true": True, "false": False, "null": None}


class Operands(Cursor, ABC):
    """Reads operands; what stands inside them is read by the parser that they belong to."""

    @abstractmethod
    def expression(self, *, end_of_range: bool = False) -> Node:
        """Parse any expression."""

    @abstractmethod
    def positive_test(self, *, end_of_range: bool = False) -> Node:
        """Parse one test: a comparison with the value under test, or an expression."""

    def primary(self) -> Node:
        """Parse a literal, a name, a bracket, or an expression that begins with a keyword."""
        token = self.token
        if token.kind == "number":
            self.advance()
            return syntax.Literal(token.at, self._number(token))
        if token.kind == "string":
            return syntax.Literal(token.at, self.string())
        if token.kind == "quoted":
            self.advance()
            return syntax.Name(token.at, token.text[1:-1])
        if token.kind == "name":
            name = self.lexer.long_name(token)
            if name.text not in KEYWORDS:
                self.move_past(name)
                return syntax.Name(token.at, name.text)
            return self._keyword(token)
        if token.kind == "sign":
            if token.text == "(":
                return self._parenthesis()
            if token.text in ("[", "]"):
                return self._square()
            if token.text == "{":
                return self._context()
            if token.text == "@":
                self.advance()
                if self.token.kind != "string":
                    raise self.unexpected(Text("a string"))
                return syntax.AtLiteral(token.at, self.string())
        raise self.unexpected(Text("a value"))

    def _number(self, token: Token) -> int | Decimal:
        if token.text.isdigit() and len(token.text) <= 34:
            return int(token.text)
        value = EXACT.create_decimal(token.text)
        if not value.is_finite():
            raise self.lexer.error(token.at, Text("the number {number} is too large", number=token.text[:40]))
        return value

    def string(self) -> str:
        """Parse a string literal."""
        token = self.advance()
        text = unescape(token.text)
        if text is None:
            raise self.lexer.error(token.at, Text("the string has an escape for a character that does not exist"))
        return text

    def _keyword(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            self.advance()
            return syntax.Literal(token.at, _CONSTANTS[token.text])
        if token.text == "if":
            return self._if()
        if token.text == "for":
            return self._for()
        if token.text in ("some", "every"):
            self.advance()
            iterators = self._iterators()
            self.expect("satisfies")
            return syntax.Quantified(token.at, token.text, iterators, self.expression())
        if token.text == "function":
            return self._function()
        raise self.unexpected(Text("a value"))

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        at = self.token.at
        while self.found("if"):
            condition = self.expression()
            self.expect("then")
            branches.append((condition, self.expression()))
            self.expect("else")
        return syntax.If(at, tuple(branches), self.expression())

    def _for(self) -> Node:
        at = self.advance().at
        iterators = self._iterators()
        self.expect("return")
        return syntax.For(at, iterators, self.expression())

    def _iterators(self) -> tuple[tuple[str, Node], ...]:
        iterators: list[tuple[str, Node]] = []
        while not iterators or self.found(","):
            name = self.lexer.iterator(self.token.at)
            if name is None:
                raise self.unexpected(Text("a name and in"))
            self.move_past(name)
            self.expect("in")
            self.lexer.learn(name.text)
            at = self.token.at
            domain = self.expression()
            if self.found(".."):
                domain = syntax.Span(at, domain, self.expression())
            iterators.append((name.text, domain))
            if len(iterators) > NESTING:
                message = Text("a loop has more than {limit} iterators", limit=NESTING)
                raise self.too_large(at, message)
        return tuple(iterators)

    def _function(self) -> Node:
        at = self.advance().at
        self.expect("(")
        parameters: list[syntax.Parameter] = []
        while not self.found(")"):
            if parameters:
                self.expect(",")
            parameters.append(self._parameter())
        external = self.found("external")
        return syntax.Function(at, tuple(parameters), self.expression(), external)

    def _parameter(self) -> syntax.Parameter:
        label = self.lexer.label(self.token.at)
        if label:
            self.move_past(label)
            self.expect(":")
            self.lexer.learn(label.text)
            return syntax.Parameter(label.text, TypeReader(self).type())
        words: list[str] = []
        while self.token.kind in ("name", "quoted") and self.token.text not in KEYWORDS:
            words.append(self.advance().text.strip("`"))
        if not words:
            raise self.unexpected(Text("the name of a parameter"))
        self.lexer.learn(" ".join(words))
        return syntax.Parameter(" ".join(words))

    # ---- brackets -------------------------------------------------------------------------------------------------

    def _parenthesis(self) -> Node:
        opening = self.advance()
        if self.token.kind == "sign" and self.token.text in COMPARISONS:
            node: Node = self.positive_test()
        else:
            node = self.expression()
            if self.token.text == "..":
                return self.range_from(opening.at, node, start_included=False)
        self.expect(")")
        return node

    def _square(self) -> Node:
        opening = self.advance()
        if opening.text == "[" and self.found("]"):
            return syntax.ListLiteral(opening.at, ())
        items = [self._item()]
        if self.token.text == ".." and not isinstance(items[0], syntax.ComparisonRange):
            return self.range_from(opening.at, items[0], start_included=opening.text == "[")
        if opening.text == "]":
            raise self.unexpected("..")
        while self.found(","):
            items.append(self._item())
        self.expect("]")
        return syntax.ListLiteral(opening.at, tuple(items))

    def _item(self) -> Node:
        if self.token.kind == "sign" and self.token.text in COMPARISONS:
            return self.positive_test()  # a list of tests, as cells of decision tables in common use have it
        return self.expression()

    def range_from(self, at: int, start: Node, *, start_included: bool) -> Node:
        """Parse the rest of a range, from its two dots on."""
        self.expect("..")
        end = self.expression(end_of_range=True)
        if self.token.kind != "sign" or self.token.text not in (")", "[", "]"):
            raise self.unexpected(Text("the end of a range"))
        closing = self.advance()
        return syntax.RangeLiteral(at, start, end, start_included, closing.text == "]")

    def _context(self) -> Node:
        at = self.advance().at
        entries: list[tuple[str, Node]] = []
        while not self.found("}"):
            if entries:
                self.expect(",")
            if self.token.kind == "string":
                name = self.string()
            elif self.token.kind == "quoted":
                name = self.advance().text[1:-1]
            else:
                label = self.lexer.label(self.token.at)
                if label is None:
                    raise self.unexpected(Text("the name of an entry and a colon"))
                self.move_past(label)
                name = label.text
            self.expect(":")
            entries.append((name, self.expression()))
            self.lexer.learn(name)
        return syntax.ContextLiteral(at, tuple(entries))
