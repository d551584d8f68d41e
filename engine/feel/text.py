"""Write any value as FEEL text: what ``string()`` gives, and what a value looks like in a message.

Source: DMN 1.5, 10.3.4.1 (function string).
"""

from __future__ import annotations

import re
from typing import Any

from engine.errors import LimitExceeded
from engine.feel.bounds import VALUE_DEPTH, check_chars
from engine.feel.lexer import PART, START
from engine.feel.numbers import text_of
from engine.feel.run import Run
from engine.feel.temporal.write import write
from engine.feel.values import BOOLEAN, CONTEXT, FUNCTION, LIST, NULL, NUMBER, RANGE, STRING, Range, kind

_BARE = re.compile(rf"[{START}](?:[{PART} .'+*/-]*[{PART}.'+*/-])?")
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quote(text: str) -> str:
    """Write a string literal."""
    return f'"{text.translate(_ESCAPES)}"'


def entry_name(name: str) -> str:
    """Write the name of an entry: bare where it can be read back, else in quotes."""
    return name if _BARE.fullmatch(name) else quote(name)


def string_of(value: Any, run: Run) -> str:
    """Write a value; a string as it is, everything inside a list or context as a literal."""
    if kind(value) == STRING:
        return str(value)
    text = _write(value, run, 0)
    check_chars(len(text))
    return text


def _write(value: Any, run: Run, depth: int) -> str:
    of = kind(value)
    if of == NULL:
        return "null"
    if of == STRING:
        run.spend(len(value) // 64 + 1)
        return quote(value)
    if of == BOOLEAN:
        return "true" if value else "false"
    if of == NUMBER:
        return text_of(value)
    if of == FUNCTION:
        return repr(value)
    if depth > VALUE_DEPTH:
        raise LimitExceeded("a value is nested deeper than {limit} levels", limit=VALUE_DEPTH)
    if of == LIST:
        run.spend(len(value) + 1)
        return f"[{', '.join([_write(item, run, depth + 1) for item in value])}]"
    if of == CONTEXT:
        run.spend(len(value) + 1)
        entries = [f"{entry_name(name)}: {_write(item, run, depth + 1)}" for name, item in value.items()]
        return f"{{{', '.join(entries)}}}"
    if of == RANGE:
        return _range(value, run, depth)
    return write(value)


def _range(value: Range, run: Run, depth: int) -> str:
    if value.operator:
        end = value.end if value.start is None else value.start
        return f"({value.operator} {_write(end, run, depth + 1)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{_write(value.start, run, depth + 1)}..{_write(value.end, run, depth + 1)}{closing}"
