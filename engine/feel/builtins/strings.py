"""String functions.

Source: DMN 1.5, table 75; XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6 (regular expressions).
"""

from __future__ import annotations

import base64
from decimal import Decimal

from engine.feel.bounds import check_chars, check_items
from engine.feel.builtins.numbers import whole
from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.regex import Pattern, compile_pattern, expand
from engine.feel.run import Run

Number = int | Decimal


def _made(run: Run, text: str) -> str:
    check_chars(len(text))
    run.spend(len(text) // 64 + 1)
    return text


@builtin("string length", "string: string")
def string_length(run: Run, string: str) -> int:
    """Count the characters."""
    return len(string)


@builtin("substring", "string: string", "start position: number", "length?: number")
def substring(run: Run, string: str, start_position: Number, length: Number | None = None) -> str:
    """Cut out a part; a negative position counts from the end."""
    start = whole(start_position)
    if start == 0 or abs(start) > max(len(string), 1):
        raise NoResult("there is no position {position}", position=start)
    first = start - 1 if start > 0 else len(string) + start
    if length is None:
        return string[first:]
    if whole(length) < 1:
        raise NoResult("the length is less than 1")
    return string[first : first + whole(length)]


@builtin("upper case", "string: string")
def upper_case(run: Run, string: str) -> str:
    """Turn into capitals."""
    return _made(run, string.upper())


@builtin("lower case", "string: string")
def lower_case(run: Run, string: str) -> str:
    """Turn into small letters."""
    return _made(run, string.lower())


@builtin("substring before", "string: string", "match: string")
def substring_before(run: Run, string: str, match: str) -> str:
    """Give what stands before the first match; nothing when there is none."""
    return string.partition(match)[0] if match and match in string else ""


@builtin("substring after", "string: string", "match: string")
def substring_after(run: Run, string: str, match: str) -> str:
    """Give what stands after the first match; nothing when there is none."""
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string", "match: string")
def contains(run: Run, string: str, match: str) -> bool:
    """Tell whether a string contains another."""
    return match in string


@builtin("starts with", "string: string", "match: string")
def starts_with(run: Run, string: str, match: str) -> bool:
    """Tell whether a string begins with another."""
    return string.startswith(match)


@builtin("ends with", "string: string", "match: string")
def ends_with(run: Run, string: str, match: str) -> bool:
    """Tell whether a string ends with another."""
    return string.endswith(match)


@builtin("trim", "string: string")
def trim(run: Run, string: str) -> str:
    """Take white space away from both ends."""
    return string.strip()


@builtin("is blank", "string: string")
def is_blank(run: Run, string: str) -> bool:
    """Tell whether a string is empty or white space only."""
    return not string.strip()


@builtin("to base64", "value: string")
def to_base64(run: Run, value: str) -> str:
    """Encode the UTF-8 bytes of a string as Base64."""
    return _made(run, base64.b64encode(value.encode("utf-8", "replace")).decode("ascii"))


def _pattern(run: Run, pattern: str, flags: str | None, text: str) -> Pattern:
    run.spend(len(text) // 64 + len(pattern) + 1)
    compiled = compile_pattern(pattern, flags or "")
    if isinstance(compiled, Pattern):
        return compiled
    raise NoResult("{pattern} is no regular expression: {reason}", pattern=pattern[:100], reason=compiled)


@builtin("matches", "input: string", "pattern: string", "flags?: string?")
def matches(run: Run, input_: str, pattern: str, flags: str | None = None) -> bool:
    """Tell whether some part of a string matches a regular expression."""
    return next(_pattern(run, pattern, flags, input_).matches(input_, run), None) is not None


@builtin("replace", "input: string", "pattern: string", "replacement: string", "flags?: string?")
def replace(run: Run, input_: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """Put a replacement in the place of every match; ``$1`` stands for what its first group matched."""
    compiled = _pattern(run, pattern, flags, input_)
    if next(compiled.matches("", run), None) is not None:
        raise NoResult("{pattern} matches nothing at all", pattern=pattern[:100])
    pieces: list[str] = []
    end = size = 0
    for match in compiled.matches(input_, run):
        new = expand(replacement, match)
        if new is None:
            raise NoResult("{replacement} is no replacement", replacement=replacement[:100])
        pieces += (input_[end : match.start], new)
        end = match.end
        size += len(pieces[-1]) + len(pieces[-2])
        check_chars(size)
        run.spend(1)
    return _made(run, "".join(pieces) + input_[end:])


@builtin("split", "string: string", "delimiter: string")
def split(run: Run, string: str, delimiter: str) -> list[str]:
    """Cut a string at every match of a regular expression."""
    compiled = _pattern(run, delimiter, None, string)
    if next(compiled.matches("", run), None) is not None:
        raise NoResult("{pattern} matches nothing at all", pattern=delimiter[:100])
    parts: list[str] = []
    end = 0
    for match in compiled.matches(string, run):
        parts.append(string[end : match.start])
        end = match.end
        run.spend(1)
        check_items(len(parts))
    return [*parts, string[end:]]


@builtin("extract", "string: string", "pattern: string")
def extract(run: Run, string: str, pattern: str) -> list[str]:
    """List every part of a string that matches a regular expression."""
    parts: list[str] = []
    for match in _pattern(run, pattern, None, string).matches(string, run):
        parts.append(string[match.start : match.end])
        run.spend(1)
        check_items(len(parts))
    return parts


def _join(run: Run, list_: list[str | None], delimiter: str | None) -> str:
    parts = [item for item in list_ if item is not None]
    if not all(isinstance(item, str) for item in parts):
        raise NoResult("the list holds something that is no string")
    run.spend(len(parts))
    check_chars(sum(map(len, parts)) + len(delimiter or "") * len(parts))
    return _made(run, (delimiter or "").join(parts))


@builtin("string join", "list: list", "delimiter?: string?")
def string_join(run: Run, list_: list[str | None], delimiter: str | None = None) -> str:
    """Join strings, leaving nulls out."""
    return _join(run, list_, delimiter)


@builtin("string join", "list: list", "delimiter: string?", "prefix: string", "suffix: string")
def string_join_between(run: Run, list_: list[str | None], delimiter: str | None, prefix: str, suffix: str) -> str:
    """Join strings between a prefix and a suffix."""
    return _made(run, prefix + _join(run, list_, delimiter) + suffix)
