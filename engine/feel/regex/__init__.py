"""Regular expressions of XPath 2.0, which the string functions take.

A pattern is parsed here, then matched by RE2, whose time is linear; one with back-references, which no linear matcher can do, runs on
a small machine of our own that is charged for every step.

Source: XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6.1; XML Schema Datatypes, appendix F.
"""

from engine.feel.regex.pattern import Match, Pattern, compile_pattern, expand

__all__ = ["Match", "Pattern", "compile_pattern", "expand"]
