"""Says whether history is as it was written: every chain against itself, against its head and against the seals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from engine.errors import NotFound, Text
from engine.model.keys import parse_key
from engine.services import audit, chain, seals
from engine.services.chain import Break, How, Link, Seen
from engine.services.engine import Engine
from engine.store import audit as audit_rows
from engine.store import history
from engine.store import seals as seal_rows
from engine.store.database import UnitOfWork
from engine.store.seals import Mark, Seal

PAGE = 500
"""Instances in one transaction."""

SEALS = "seals"
FIELDS = 9  # of a stored event, those that are hashed; its two hashes follow


@dataclass
class Report:
    """What was checked, and what does not hold.

    Attributes:
        entries: rows of history, of instances and of streams.
        last: the newest seal. Its code, noted elsewhere, tells whether seals were removed from the end.
    """

    instances: int = 0
    streams: int = 0
    entries: int = 0
    seals: int = 0
    last: Seal | None = None
    breaks: list[Break] = field(default_factory=list)

    def counted(self, links: Iterable[Link]) -> Iterator[Link]:
        """Count what is read."""
        for link in links:
            self.entries += 1
            yield link


Progress = Callable[[Report], object]
"""Is told now and then how far it is."""


def everything(engine: Engine, *, progress: Progress = lambda _: None) -> Report:
    """Check every seal, every instance and every administrative stream."""
    report = Report()
    _seals(engine, report)
    after: int | None = 0
    while after is not None:
        after = _instances(engine, report, after)
        progress(report)
    with engine.store.read() as uow:
        names = audit_rows.names(uow)
    for name in names:
        _stream(engine, report, name)
        progress(report)
    return report


def of_instance(engine: Engine, key: str | int) -> Report:
    """Check the history of one instance, and the seals that cover it.

    Raises:
        NotFound: there is no such instance, and there never was one that a seal has seen.
    """
    report = Report()
    number = parse_key(key)
    _instances(engine, report, number - 1, until=number)
    with engine.store.read() as uow:
        marks = seal_rows.marks(uow, number - 1, number)
        _some_seals(engine, report, uow, marks)
    if not marks and not report.instances and not report.breaks:
        raise NotFound("there is no process instance {key}", key=number)
    return report


def of_stream(engine: Engine, name: str) -> Report:
    """Check one administrative stream, and the seals that cover it.

    Raises:
        NotFound: there is no such stream.
    """
    report = Report()
    with engine.store.read() as uow:
        if name not in audit_rows.names(uow):
            raise NotFound("there is no stream {name}", name=name)
        _some_seals(engine, report, uow, _marks_of(uow, name))
    _stream(engine, report, name)
    return report


def _seals(engine: Engine, report: Report) -> None:
    with engine.store.read() as uow:
        number, code = 0, ""
        while page := seal_rows.after(uow, number):
            for made in page:
                if made.number != number + 1 or made.previous != code:
                    message = Text("a seal before this one was removed or replaced")
                    report.breaks.append(Break(SEALS, number + 1, made.number, How.DELETED, message))
                _seal(engine, report, uow, made)
                number, code = made.number, made.code


def _some_seals(engine: Engine, report: Report, uow: UnitOfWork, marks: Iterable[Mark]) -> None:
    numbers = {number for mark in marks for number in (mark.seal, mark.dropped) if number is not None}
    for made in seal_rows.some(uow, sorted(numbers)):
        _seal(engine, report, uow, made)


def _seal(engine: Engine, report: Report, uow: UnitOfWork, made: Seal) -> None:
    report.seals += 1
    report.last = made
    if engine.seal_key is not None and made.code != seals.code(engine.seal_key, made):
        message = Text("the seal was not made with the key of this installation")
        report.breaks.append(Break(SEALS, made.number, made.number, How.FORGED, message))
    elif made.digest != seals.digest(seal_rows.covered(uow, made)):
        message = Text("the list of what the seal covers was changed")
        report.breaks.append(Break(SEALS, made.number, made.number, How.MODIFIED, message))


def _instances(engine: Engine, report: Report, after: int, until: int | None = None) -> int | None:
    """Check a page of instances; give the last one, None when nothing can follow."""
    with engine.store.read() as uow:
        heads = history.heads(uow, after=after, until=until, limit=PAGE)
        last = heads[-1][0] if len(heads) == PAGE else None
        marks: dict[int, list[Mark]] = {
            key: list(group) for key, group in groupby(seal_rows.marks(uow, after, last or until), key=itemgetter(0))
        }
        missing: dict[int, tuple[int, str]] = {key: (length, head) for key, length, head in heads}
        kept = dict(missing)
        report.instances += len(kept)
        for key, rows in groupby(history.chains(uow, after, last or until), key=itemgetter(0)):
            if missing.pop(key, None) is None:
                message = Text("the instance of these entries was removed")
                report.breaks.append(Break(str(key), 1, sum(1 for _ in rows), How.DELETED, message))
                marks.pop(key, None)
            else:
                report.breaks += check(key, report.counted(map(_link, rows)), kept[key], marks.get(key, []))
        for key, head in missing.items():
            report.breaks += check(key, [], head, marks.get(key, []))
        report.breaks += _gone(kept, marks)
    return last


def _gone(kept: dict[int, tuple[int, str]], marks: dict[int, list[Mark]]) -> Iterator[Break]:
    """Find instances that are away although retention did not drop them, or there although it did."""
    for key, seen in marks.items():
        newest = seen[-1]
        if key not in kept and newest.dropped is None:
            message = Text("the whole history was removed; seal {seal} has seen it", seal=newest.seal)
            yield Break(str(key), 1, newest.length, How.DELETED, message)
        elif key in kept and newest.dropped is not None:
            message = Text("seal {seal} says that this history was dropped, and it is there", seal=newest.dropped)
            yield Break(str(key), 1, newest.length, How.FORGED, message)


def check(key: int, links: Iterable[Link], kept: tuple[int, str], marks: Iterable[Mark]) -> list[Break]:
    """Check the history of an instance: its rows against its head, ``kept``, and against its seals."""
    return chain.check(str(key), links, kept, _seen(marks), digest=_event_digest, genesis="")


def histories(uow: UnitOfWork, keys: Sequence[int]) -> Iterator[tuple[int, Iterator[Link]]]:
    """Give the rows of some histories, one instance after another: (instance, its rows)."""
    for key, rows in groupby(history.chains_of(uow, keys), key=itemgetter(0)):
        yield key, map(_link, rows)


def _stream(engine: Engine, report: Report, name: str) -> None:
    with engine.store.read() as uow:
        kept = audit_rows.streams(uow).get(name, (0, audit.GENESIS))
        links = (Link(entry.seq, None, entry.hash, entry) for entry in audit_rows.all_of(uow, name))
        report.streams += 1
        report.breaks += chain.check(
            name,
            report.counted(links),
            kept,
            _seen(_marks_of(uow, name)),
            digest=_entry_digest,
            genesis=audit.GENESIS,
        )


def _marks_of(uow: UnitOfWork, name: str) -> list[Mark]:
    return [mark for mark in seal_rows.stream_marks(uow) if mark.stream == name]


def _seen(marks: Iterable[Mark]) -> list[Seen]:
    return [Seen(mark.length, mark.head, mark.seal) for mark in marks]


def _link(row: Sequence[Any]) -> Link:
    return Link(row[1], row[FIELDS], row[FIELDS + 1], row)


def _event_digest(previous: str, row: Sequence[Any], seq: int) -> str:
    return history.fingerprint(previous, (row[0], seq, *row[2:FIELDS]))


def _entry_digest(previous: str, entry: audit_rows.Entry, seq: int) -> str:
    return audit.digest(previous, entry if entry.seq == seq else replace(entry, seq=seq))
