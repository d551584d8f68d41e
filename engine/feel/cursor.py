"""Walk over the tokens of an expression: what every reader of a part of the grammar needs."""

from __future__ import annotations

from engine.errors import Invalid, Problem, Text
from engine.feel.bounds import EXPRESSION_CHARS, NESTING, TooLarge
from engine.feel.lexer import END, KEYWORDS, Lexer, Names, Token, where


def _too_large(text: str, at: int, message: Text) -> TooLarge:
    line, column = where(text, at)
    place = Text("line {line}, column {column}", line=line, column=column)
    return TooLarge(Problem(place, message, Text("split it into smaller expressions")))


class Cursor:
    """Walks over the tokens of one text.

    Attributes:
        lexer: cuts the text.
        token: the next token.
    """

    def __init__(self, text: str, names: Names) -> None:
        if len(text) > EXPRESSION_CHARS:
            raise _too_large(text, 0, Text("the expression has more than {limit} characters", limit=EXPRESSION_CHARS))
        self.lexer = Lexer(text, names)
        self.token = self.lexer.token(0)
        self._depth = 0

    # ---- moving on ----------------------------------------------------------------------------------------------

    def unexpected(self, wanted: str) -> Invalid:
        """Give the error that refuses the next token, saying what should stand there."""
        if self.token.kind == END:
            return self.lexer.error(
                self.token.at, Text("the expression ends where {wanted} should follow", wanted=wanted)
            )
        remedy: Text | str = ""
        if self.token.kind == "name" and self.token.text not in KEYWORDS:
            remedy = Text("write a name with spaces between backticks, or declare it")
        return self.lexer.error(
            self.token.at, Text("{found} stands where {wanted} should", found=self.token.text, wanted=wanted), remedy
        )

    def advance(self) -> Token:
        """Take the next token."""
        token = self.token
        self.token = self.lexer.token(token.end)
        return token

    def move_past(self, token: Token) -> None:
        """Go on behind a token that was read on its own."""
        self.token = self.lexer.token(token.end)

    def found(self, text: str) -> bool:
        """Take the next token if it is this sign or keyword."""
        if self.token.text == text and self.token.kind in ("sign", "name"):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        """Take this sign or keyword; refuse anything else."""
        if not self.found(text):
            raise self.unexpected(text)

    def finish(self) -> None:
        """Refuse what is left behind the expression."""
        if self.token.kind != END:
            raise self.unexpected(Text("an operator or the end"))

    def enter(self) -> None:
        """Go one level deeper. Raises TooLarge."""
        self._depth += 1
        if self._depth > NESTING:
            message = Text("the expression is nested deeper than {limit} levels", limit=NESTING)
            raise self.too_large(self.token.at, message)

    def leave(self) -> None:
        """Come back one level."""
        self._depth -= 1

    def too_large(self, at: int, message: Text) -> TooLarge:
        """Give the error that refuses an expression because it breaks a bound."""
        return _too_large(self.lexer.text, at, message)
