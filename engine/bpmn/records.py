"""Lists of what can be compensated, oldest first: how they grow, are taken from, parted and given back.

A round that is like the one before it is counted, not written down again: every round of a loop is undone, and a list is as long as
what differs in it. Variables that a subprocess ended with are its own, so its rounds are alike only where those are.

Source: BPMN 2.0.2, 10.7.2 and 13.5.5 (each completion of an activity is compensated, in reverse order).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from engine.bpmn.state import ElementInstance, State, Undo

LONGEST_ROUND = 16
"""Records of one round that are still found to repeat."""


def add(records: list[Undo], new: Iterable[Undo]) -> None:
    """Put younger records at the end."""
    for each in new:
        records.append(each)
        while _fold(records):
            pass


def _fold(records: list[Undo]) -> bool:
    """Count what has come once more at the end; say whether anything was."""
    last = records[-1]
    if len(records) > 1 and replace(records[-2], times=last.times) == last:
        records[-2:] = [replace(records[-2], times=records[-2].times + last.times)]
        return True
    for size in range(2, min(LONGEST_ROUND, len(records) - 1) + 1):
        tail = tuple(records[-size:])
        before = records[-size - 1]
        if before.is_round and before.inner == tail:
            records[-size - 1 :] = [replace(before, times=before.times + 1)]
            return True
        if records[-2 * size : -size] == list(tail):
            rounds = tuple(records[-2 * size : -size])
            records[-2 * size :] = [Undo("", inner=rounds, times=2, at=rounds[0].at)]
            return True
    return False


def take(records: list[Undo]) -> Undo | None:
    """Take the youngest record out, None when there is none."""
    while records:
        last = records.pop()
        if last.times > 1:
            records.append(replace(last, times=last.times - 1))
        if not last.is_round:
            return replace(last, times=1)
        records.extend(last.inner)
    return None


def has(records: Sequence[Undo], activity: str) -> bool:
    """Say whether an activity is among them."""
    return any(has(each.inner, activity) if each.is_round else each.element_id == activity for each in records)


def part(records: Sequence[Undo], activity: str) -> tuple[list[Undo], list[Undo]]:
    """Give (those of an activity, the others)."""
    of = keep(records, lambda each: each if each.element_id == activity else None)
    others = keep(records, lambda each: each if each.element_id != activity else None)
    return of, others


def keep(records: Sequence[Undo], change: Callable[[Undo], Undo | None]) -> list[Undo]:
    """Give the records that ``change`` gives, in order; those for which it gives nothing are left out."""
    kept: list[Undo] = []
    for each in records:
        if not each.is_round:
            changed = change(each)
            inner = [changed] if changed is not None else []
        else:  # rounds of rounds are as deep as loops lie in one another
            inner = keep(each.inner, change)
        if each.is_round and len(inner) > 1:
            kept.append(replace(each, inner=tuple(inner)))
        else:
            times = each.times if each.is_round else 1
            kept += [replace(one, times=one.times * times) for one in inner]
    return kept


def give_back(state: State, halted: ElementInstance) -> None:
    """Leave what a compensation has not begun to undo to the next one, when it was ended before its time.

    What was being undone just then has ended with it: BPMN 2.0.2, 13.3.2, knows no way back from there.
    """
    left = halted.undoing or []
    scope = state.find(halted.undo_in)
    if left and halted.undo_in == halted.id:  # a subprocess that is undone from inside: the rest of it
        left = [Undo(halted.element_id, halted.variables, tuple(left), completed=False, at=left[-1].at)]
        scope = state.find(halted.parent)
    if left and isinstance(scope, ElementInstance):
        scope.undo = sorted([*left, *scope.undo], key=lambda record: record.at)
        state.touch(scope)
