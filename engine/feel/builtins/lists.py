"""List functions.

Source: DMN 1.5, tables 76 and 81.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.errors import LimitExceeded
from engine.feel.bounds import VALUE_DEPTH, check_items
from engine.feel.builtins.numbers import whole
from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.builtins.statistics import ordered
from engine.feel.comparison import equal
from engine.feel.run import Run
from engine.feel.values import BOOLEAN, LIST, NUMBER, STRING, FeelFunction, kind

Number = int | Decimal
_HASHED = (NUMBER, STRING, BOOLEAN)


def _made(run: Run, items: list[Any]) -> list[Any]:
    check_items(len(items))
    run.spend(len(items) + 1)
    return items


def _same(run: Run, left: Any, right: Any) -> bool:
    run.spend(1)
    return equal(left, right, run) is True


def _place(items: list[Any], position: Number, *, last: int) -> int:
    """Turn a position from 1, or from the end when negative, into an index up to ``last``."""
    place = whole(position)
    index = place - 1 if place > 0 else len(items) + place
    if place == 0 or not 0 <= index <= last:
        raise NoResult("there is no position {position} in a list of {count}", position=place, count=len(items))
    return index


@builtin("list contains", "list: list", "element: any?")
def list_contains(run: Run, list_: list[Any], element: Any) -> bool:
    """Tell whether an item equals a value."""
    return any(_same(run, item, element) for item in list_)


@builtin("sublist", "list: list", "start position: number", "length?: number")
def sublist(run: Run, list_: list[Any], start_position: Number, length: Number | None = None) -> list[Any]:
    """Cut out a part; a negative position counts from the end."""
    first = _place(list_, start_position, last=len(list_) - 1)
    if length is None:
        return _made(run, list_[first:])
    if whole(length) < 1 or first + whole(length) > len(list_):
        raise NoResult("there are no {length} items from there", length=whole(length))
    return _made(run, list_[first : first + whole(length)])


@builtin("append", "list: list", "items*: list")
def append(run: Run, list_: list[Any], items: list[Any]) -> list[Any]:
    """Add items to the end."""
    return _made(run, [*list_, *items])


@builtin("concatenate", "lists*: list")
def concatenate(run: Run, lists: list[Any]) -> list[Any]:
    """Join lists into one."""
    return _made(run, list(_chained(run, lists)))


def _chained(run: Run, lists: list[Any]) -> Iterable[Any]:
    for list_ in lists:
        if list_ is None:
            raise NoResult("one of the lists is null")
        if kind(list_) != LIST:
            yield list_
            continue
        run.spend(len(list_))
        yield from list_


@builtin("insert before", "list: list", "position: number", "newItem: any?")
def insert_before(run: Run, list_: list[Any], position: Number, new_item: Any) -> list[Any]:
    """Put an item before the one at a position."""
    place = _place(list_, position, last=len(list_) - 1)
    return _made(run, [*list_[:place], new_item, *list_[place:]])


@builtin("remove", "list: list", "position: number")
def remove(run: Run, list_: list[Any], position: Number) -> list[Any]:
    """Leave out the item at a position."""
    place = _place(list_, position, last=len(list_) - 1)
    return _made(run, [*list_[:place], *list_[place + 1 :]])


@builtin("list replace", "list: list", "position: number", "newItem: any?")
def list_replace(run: Run, list_: list[Any], position: Number, new_item: Any) -> list[Any]:
    """Put an item in the place of the one at a position."""
    place = _place(list_, position, last=len(list_) - 1)
    return _made(run, [*list_[:place], new_item, *list_[place + 1 :]])


@builtin("list replace", "list: list", "match: function", "newItem: any?")
def list_replace_matching(run: Run, list_: list[Any], match: FeelFunction, new_item: Any) -> list[Any]:
    """Put an item in the place of every one for which a function of both is true."""
    replaced: list[Any] = []
    for item in list_:
        met = match.invoke(run, run.where, [item, new_item], None)
        if met is not True and met is not False:
            raise NoResult("the function answers {kind}, not a boolean", kind=kind(met))
        replaced.append(new_item if met else item)
    return _made(run, replaced)


@builtin("reverse", "list: list")
def reverse(run: Run, list_: list[Any]) -> list[Any]:
    """Turn the order around."""
    return _made(run, list_[::-1])


@builtin("index of", "list: list", "match: any?")
def index_of(run: Run, list_: list[Any], match: Any) -> list[int]:
    """List the positions of the items that equal a value."""
    return [place for place, item in enumerate(list_, 1) if _same(run, item, match)]


@builtin("union", "lists*: list")
def union(run: Run, lists: list[Any]) -> list[Any]:
    """Join lists into one without duplicates."""
    return _distinct(run, list(_chained(run, lists)))[0]


@builtin("distinct values", "list: list")
def distinct_values(run: Run, list_: list[Any]) -> list[Any]:
    """Leave out every item that came before."""
    return _distinct(run, list_)[0]


@builtin("duplicate values", "list: list")
def duplicate_values(run: Run, list_: list[Any]) -> list[Any]:
    """List each item once that comes more than once."""
    first, again = _distinct(run, list_)
    return [item for item, repeated in zip(first, again, strict=True) if repeated]


def _distinct(run: Run, items: list[Any]) -> tuple[list[Any], list[bool]]:
    """Give the items without repetitions, and for each whether it came again. Numbers, strings and booleans are found by hash."""
    first: list[Any] = []
    again: list[bool] = []
    hashed: dict[tuple[str, Any], int] = {}
    others: list[int] = []
    for item in items:
        run.spend(1)
        of = kind(item)
        if of in _HASHED:
            place = hashed.setdefault((of, item), len(first))
        else:
            place = next((other for other in others if _same(run, first[other], item)), len(first))
            if place == len(first):
                others.append(place)
        if place == len(first):
            first.append(item)
            again.append(False)
        else:
            again[place] = True
    return first, again


@builtin("flatten", "list: list")
def flatten(run: Run, list_: list[Any]) -> list[Any]:
    """Put the items of inner lists, at any depth, in the place of the lists."""
    flat: list[Any] = []
    open_ = [iter(list_)]
    while open_:
        for item in open_[-1]:
            run.spend(1)
            if kind(item) == LIST:
                if len(open_) > VALUE_DEPTH:
                    raise LimitExceeded("a value is nested deeper than {limit} levels", limit=VALUE_DEPTH)
                open_.append(iter(item))
                break
            flat.append(item)
        else:
            open_.pop()
    return _made(run, flat)


@builtin("sort", "list: list", "precedes?: function")
def sort(run: Run, list_: list[Any], precedes: FeelFunction | None = None) -> list[Any]:
    """Sort by a function that tells whether one item comes before another, or by the natural order."""
    if precedes is None:
        return ordered(run, list_)

    def before(left: Any, right: Any) -> bool:
        met = precedes.invoke(run, run.where, [left, right], None)
        if met is not True and met is not False:
            raise NoResult("the function answers {kind}, not a boolean", kind=kind(met))
        return met

    run.spend(len(list_))
    return sorted(list_, key=cmp_to_key(lambda left, right: -1 if before(left, right) else int(before(right, left))))


@builtin("is empty", "list: list")
def is_empty(run: Run, list_: list[Any]) -> bool:
    """Tell whether a list has no items."""
    return not list_


@builtin("partition", "list: list", "size: number")
def partition(run: Run, list_: list[Any], size: Number) -> list[list[Any]]:
    """Cut a list into lists of a size; the last may be shorter."""
    length = whole(size)
    if length < 1:
        raise NoResult("the size is less than 1")
    run.spend(len(list_))
    return [list_[start : start + length] for start in range(0, len(list_), length)]
