"""Write a pattern for RE2."""

from __future__ import annotations

from engine.feel.regex.tree import Anchor, Chars, Choice, Group, Repeat, Sequence, Tree


def to_re2(tree: Tree, *, ignore_case: bool, multi_line: bool) -> str:
    """Give the text of an equivalent RE2 pattern. The tree has no back-references."""
    flags = "i" * ignore_case + "m" * multi_line
    return (f"(?{flags})" if flags else "") + _write(tree, ignore_case)


def _write(tree: Tree, ignore_case: bool) -> str:
    match tree:
        case Chars(set=characters):
            return characters.re2(ignore_case=ignore_case)
        case Anchor(start=start):
            return "^" if start else "$"
        case Group(number=number, body=body):
            return f"({'?:' if number is None else ''}{_write(body, ignore_case)})"
        case Sequence(parts=parts):
            return "".join(_write(part, ignore_case) for part in parts)
        case Choice(options=options):
            return f"(?:{'|'.join(_write(option, ignore_case) for option in options)})"
        case Repeat(body=body, low=low, high=high, lazy=lazy):
            count = f"{{{low},{'' if high is None else high}}}"
            return f"(?:{_write(body, ignore_case)}){count}{'?' if lazy else ''}"
    raise AssertionError(tree)  # back-references go to the machine
