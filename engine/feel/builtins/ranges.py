"""Functions on points and ranges: how they lie to one another.

Source: DMN 1.5, table 83.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.comparison import ORDERED, compare
from engine.feel.run import Run
from engine.feel.values import Range, kind


class _Ends:
    """A range seen from its ends, or a point as the range from itself to itself."""

    __slots__ = ("end", "end_in", "start", "start_in")

    def __init__(self, value: Any) -> None:
        if isinstance(value, Range):
            if value.operator == "!=":
                raise NoResult("the range has two parts")
            self.start, self.end = value.start, value.end
            self.start_in, self.end_in = value.start_included, value.end_included
        elif kind(value) in ORDERED:
            self.start = self.end = value
            self.start_in = self.end_in = True
        else:
            raise NoResult("{kind} is neither a point nor a range", kind=kind(value))


Relation = Callable[[Run, _Ends, _Ends], bool]


def _order(run: Run, left: Any, left_open: int, right: Any, right_open: int) -> int:
    """Order two ends; one that is None lies at ``-1`` or ``1`` times infinity."""
    if left is None or right is None:
        one, other = (0 if left is not None else left_open), (0 if right is not None else right_open)
        return (one > other) - (one < other)
    order = compare(left, right, run)
    if order is None:
        raise NoResult("{left} and {right} have no order", left=kind(left), right=kind(right))
    return order


def _starts(run: Run, left: _Ends, right: _Ends) -> int:
    return _order(run, left.start, -1, right.start, -1)


def _ends(run: Run, left: _Ends, right: _Ends) -> int:
    return _order(run, left.end, 1, right.end, 1)


def _end_start(run: Run, left: _Ends, right: _Ends) -> int:
    return _order(run, left.end, 1, right.start, -1)


def before(run: Run, left: _Ends, right: _Ends) -> bool:
    """One ends before the other starts."""
    order = _end_start(run, left, right)
    return order < 0 or (order == 0 and not (left.end_in and right.start_in))


def meets(run: Run, left: _Ends, right: _Ends) -> bool:
    """One ends where the other starts."""
    return _end_start(run, left, right) == 0 and left.end_in and right.start_in


def overlaps(run: Run, left: _Ends, right: _Ends) -> bool:
    """They share a point."""
    return not before(run, left, right) and not before(run, right, left)


def overlaps_before(run: Run, left: _Ends, right: _Ends) -> bool:
    """One starts first, and the other ends last."""
    starts, ends = _starts(run, left, right), _ends(run, left, right)
    return (
        (starts < 0 or (starts == 0 and left.start_in and not right.start_in))
        and not before(run, left, right)
        and (ends < 0 or (ends == 0 and (not left.end_in or right.end_in)))
    )


def overlaps_after(run: Run, left: _Ends, right: _Ends) -> bool:
    """One ends last, and the other starts first."""
    starts, ends = _starts(run, left, right), _ends(run, left, right)
    return (
        (starts > 0 or (starts == 0 and right.start_in and not left.start_in))
        and not before(run, right, left)
        and (ends > 0 or (ends == 0 and (not right.end_in or left.end_in)))
    )


def finishes(run: Run, left: _Ends, right: _Ends) -> bool:
    """One ends with the other and starts no earlier."""
    starts = _starts(run, left, right)
    return (
        _ends(run, left, right) == 0
        and left.end_in == right.end_in
        and (starts > 0 or (starts == 0 and (not left.start_in or right.start_in)))
    )


def includes(run: Run, left: _Ends, right: _Ends) -> bool:
    """One lies wholly inside the other."""
    starts, ends = _starts(run, left, right), _ends(run, left, right)
    return (starts < 0 or (starts == 0 and (left.start_in or not right.start_in))) and (
        ends > 0 or (ends == 0 and (left.end_in or not right.end_in))
    )


def starts(run: Run, left: _Ends, right: _Ends) -> bool:
    """One starts with the other and ends no later."""
    ends = _ends(run, left, right)
    return (
        _starts(run, left, right) == 0
        and left.start_in == right.start_in
        and (ends < 0 or (ends == 0 and (not left.end_in or right.end_in)))
    )


def coincides(run: Run, left: _Ends, right: _Ends) -> bool:
    """They are the same."""
    return (
        _starts(run, left, right) == 0
        and _ends(run, left, right) == 0
        and (left.start_in, left.end_in) == (right.start_in, right.end_in)
    )


def _declare(name: str, relation: Relation, forms: str, *, reversed_: bool = False) -> None:
    def function(run: Run, left: Any, right: Any) -> bool:
        one, other = _Ends(left), _Ends(right)
        return relation(run, other, one) if reversed_ else relation(run, one, other)

    function.__doc__ = relation.__doc__
    for form in forms.split():
        builtin(name, *_FORMS[form])(function)


_POINT = "number|string|date|time|date and time|duration"
_FORMS = {
    "pp": (f"point1: {_POINT}", f"point2: {_POINT}"),
    "pr": (f"point: {_POINT}", "range: range"),
    "rp": ("range: range", f"point: {_POINT}"),
    "rr": ("range1: range", "range2: range"),
}
_declare("before", before, "pp pr rp rr")
_declare("after", before, "pp pr rp rr", reversed_=True)
_declare("meets", meets, "rr")
_declare("met by", meets, "rr", reversed_=True)
_declare("overlaps", overlaps, "rr")
_declare("overlaps before", overlaps_before, "rr")
_declare("overlaps after", overlaps_after, "rr")
_declare("finishes", finishes, "pr rr")
_declare("finished by", finishes, "rp rr", reversed_=True)
_declare("includes", includes, "rp rr")
_declare("during", includes, "pr rr", reversed_=True)
_declare("starts", starts, "pr rr")
_declare("started by", starts, "rp rr", reversed_=True)
_declare("coincides", coincides, "pp rr")
