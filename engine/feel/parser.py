"""Parse an expression or unary tests into a syntax tree: operators, and what is done to operands.

Operators are parsed by climbing their precedence, so that a level of brackets costs few frames; nesting is counted and bounded.

Source: DMN 1.5, 10.3.1.2 (grammar rules 1 to 66).
"""

from __future__ import annotations

from decimal import Decimal

from engine.errors import Text
from engine.feel import syntax
from engine.feel.lexer import END, Names, Token
from engine.feel.operands import COMPARISONS, Operands
from engine.feel.syntax import Node, Operation
from engine.feel.type_reader import TypeReader

_RANKS = {"or": 1, "and": 2, "between": 3, "in": 3, "instance": 3, "+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
_RANKS |= dict.fromkeys(COMPARISONS, 3)
_LOGIC, _ADDITIVE = 2, 4
_NO_OPERAND = frozenset(
    {")", "]", "}", ",", ":", "..", ".", "*", "**", "/", "=", "!=", "<", "<=", ">", ">=", "->", "+"}
)


def parse(text: str, names: Names) -> Node:
    """Parse an expression. Raises Invalid with line and column, TooLarge for a broken bound."""
    parser = Parser(text, names)
    node = parser.expression()
    parser.finish()
    return node


def parse_tests(text: str, names: Names) -> syntax.Tests:
    """Parse unary tests. Raises Invalid with line and column, TooLarge for a broken bound."""
    parser = Parser(text, names)
    node = parser.unary_tests()
    parser.finish()
    return node


class Parser(Operands):
    """Reads one text from left to right."""

    # ---- expressions --------------------------------------------------------------------------------------------

    def expression(self, *, end_of_range: bool = False) -> Node:
        """Parse any expression."""
        self.enter()
        node = self.binary(1, end_of_range=end_of_range)
        self.leave()
        return node

    def binary(self, rank: int, left: Node | None = None, *, end_of_range: bool = False) -> Node:
        """Parse operators of at least this rank; ``left`` is what was parsed already."""
        if left is None:
            left = self.unary(end_of_range=end_of_range)
        while True:
            token = self.token
            found = _RANKS.get(token.text, 0) if token.kind in ("sign", "name") else 0
            if found < rank or not found:
                return left
            if found <= _LOGIC:
                left = self._logic(left, found, end_of_range)
            elif self.found("between"):
                left = self._between(left, token.at, end_of_range)
            elif self.found("in"):
                left = self._in(left, token.at, end_of_range)
            elif self.found("instance"):
                left = self._instance(left, token.at)
            else:
                left = self._chain(left, found, end_of_range)

    def _logic(self, left: Node, rank: int, end_of_range: bool) -> Node:
        operator, operands, at = self.token.text, [left], self.token.at
        while self.found(operator):
            operands.append(self.binary(rank + 1, end_of_range=end_of_range))
        return syntax.Logic(at, operator, tuple(operands))

    def _chain(self, left: Node, rank: int, end_of_range: bool) -> Node:
        rest: list[Operation] = []
        at = self.token.at
        while self.token.kind == "sign" and _RANKS.get(self.token.text) == rank:
            operator = self.advance()
            operand = self.binary(rank + 1, end_of_range=end_of_range)
            rest.append(Operation(operator.at, operator.text, operand))
        return syntax.Chain(at, left, tuple(rest))

    def _between(self, value: Node, at: int, end_of_range: bool) -> Node:
        low = self.binary(_ADDITIVE)
        self.expect("and")
        return syntax.Between(at, value, low, self.binary(_ADDITIVE, end_of_range=end_of_range))

    def _instance(self, value: Node, at: int) -> Node:
        self.expect("of")
        return syntax.InstanceOf(at, value, TypeReader(self).type())

    def _in(self, value: Node, at: int, end_of_range: bool) -> Node:
        if self.token.text != "(" or self.token.kind != "sign":
            return syntax.In(at, value, (self.positive_test(end_of_range=end_of_range),))
        opening = self.advance()
        first = self._cell_test()
        if self.token.text == "..":
            return syntax.In(at, value, (self.range_from(opening.at, first, start_included=False),))
        tests = [first]
        while self.found(","):
            tests.append(self._cell_test())
        self.expect(")")
        if len(tests) == 1 and not isinstance(first, syntax.ComparisonRange):
            # the bracket was no list of tests but the beginning of an operand: ``a in (b)[1]``, ``a in (b) + 1``
            tests = [self.binary(_ADDITIVE, self.steps(first, end_of_range=end_of_range), end_of_range=end_of_range)]
        return syntax.In(at, value, tuple(tests))

    def unary(self, *, end_of_range: bool = False) -> Node:
        """Parse negations and what they negate."""
        if self.token.text != "-" or self.token.kind != "sign":
            return self.steps(self.primary(), end_of_range=end_of_range)
        minus = self.advance()
        self.enter()
        operand = self.unary(end_of_range=end_of_range)
        self.leave()
        if isinstance(operand, syntax.Literal):
            if type(operand.value) is int:
                return syntax.Literal(minus.at, -operand.value)
            if isinstance(operand.value, Decimal):
                return syntax.Literal(minus.at, operand.value.copy_negate())
        return syntax.Negation(minus.at, operand)

    def steps(self, base: Node, *, end_of_range: bool = False) -> Node:
        """Parse what is done to a value: properties, filters and calls."""
        steps: list[syntax.Step] = []
        while self.token.kind == "sign" and self.token.text in (".", "[", "("):
            sign = self.token
            if sign.text == "[" and end_of_range and self._closes(sign):
                break
            self.advance()
            if sign.text == ".":
                steps.append(syntax.Property(sign.at, self._property_name()))
            elif sign.text == "[":
                condition = self.expression()
                self.expect("]")
                steps.append(syntax.Filter(sign.at, condition))
            else:
                steps.append(self._call(sign.at))
        return syntax.Path(base.at, base, tuple(steps)) if steps else base

    def _closes(self, bracket: Token) -> bool:
        """Tell whether ``[`` ends a range, as in ``[1..10[``: nothing follows that an expression could begin with."""
        token = self.lexer.token(bracket.end)
        if token.kind == "sign":
            return token.text in _NO_OPERAND
        return token.kind == END or token.text in (
            "and",
            "or",
            "in",
            "between",
            "instance",
            "then",
            "else",
            "return",
            "satisfies",
        )

    def _property_name(self) -> str:
        if self.token.kind == "quoted":
            return self.advance().text[1:-1]
        if self.token.kind != "name":
            raise self.unexpected(Text("the name of a property"))
        name = self.lexer.long_name(self.token)
        self.move_past(name)
        return name.text

    def _call(self, at: int) -> syntax.Call:
        arguments: list[Node] = []
        names: list[str] = []
        while not self.found(")"):
            if arguments:
                self.expect(",")
            label = self.lexer.label(self.token.at)
            if label:
                self.move_past(label)
                self.expect(":")
                names.append(label.text)
            arguments.append(self.expression())
            if names and len(names) != len(arguments):
                raise self.unexpected(Text("a name before every argument, or before none"))
        return syntax.Call(at, tuple(arguments), tuple(names) if names else None)

    # ---- unary tests ----------------------------------------------------------------------------------------------

    def positive_test(self, *, end_of_range: bool = False) -> Node:
        """Parse one test: a comparison with the value under test, or an expression."""
        if self.token.kind == "sign" and self.token.text in COMPARISONS:
            operator = self.advance()
            return syntax.ComparisonRange(operator.at, operator.text, self.binary(_ADDITIVE, end_of_range=end_of_range))
        self.enter()
        node = self.binary(_ADDITIVE, end_of_range=end_of_range)
        self.leave()
        return node

    def unary_tests(self) -> syntax.Tests:
        """Parse a cell of a decision table: nothing or ``-``, tests, or ``not`` and tests."""
        at = self.token.at
        if self.token.kind == END:
            return syntax.Tests(at, ())
        if self.token.text == "-" and self.lexer.token(self.token.end).kind == END:
            self.advance()
            return syntax.Tests(at, ())
        if self.token.text == "not" and self.lexer.token(self.token.end).text == "(":
            self.advance()
            self.expect("(")
            tests = self._cell_tests()
            self.expect(")")
            if self.token.kind == END:
                return syntax.Tests(at, tests, negated=True)
            self.token = self.lexer.token(at)  # ``not(a) and b``: an expression that begins with the function
        return syntax.Tests(at, self._cell_tests())

    def _cell_tests(self) -> tuple[Node, ...]:
        tests = [self._cell_test()]
        while self.found(","):
            tests.append(self._cell_test())
        return tuple(tests)

    def _cell_test(self) -> Node:
        if self.token.kind == "sign" and self.token.text in COMPARISONS:
            return self.positive_test()
        return self.expression()
