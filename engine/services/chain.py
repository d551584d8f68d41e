"""Checks one chain of hashes, row by row: which row does not fit, and what must have been done to it. Knows no database."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from engine.errors import Problem, Text


class How(StrEnum):
    """What was done to a chain behind the product's back."""

    MODIFIED = "modified"  #: a row says something else than it did
    DELETED = "deleted"  #: a row is gone, and later ones are there
    REORDERED = "reordered"  #: rows stand at places that are not theirs
    TRUNCATED = "truncated"  #: the last rows are gone
    FORGED = "forged"  #: a row is there that was never written, or the chain was written anew


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold.

    Attributes:
        chain: the key of an instance, the name of a stream, or ``seals``.
        seq: the first row that does not fit.
        until: the last one of an unbroken run of such rows.
        message: what is wrong, in a sentence.
    """

    chain: str
    seq: int
    until: int
    how: How
    message: Text

    @property
    def problem(self) -> Problem:
        """The break as commands and pages report it."""
        return Problem(f"{self.chain} {self.seq}", self.message, Text("compare it with a backup"), rule=self.how.value)


class Link(NamedTuple):
    """A row of a chain. ``prev`` is the hash that it says comes before it; None where rows do not say that."""

    seq: int
    prev: str | None
    hash: str
    row: Any


class Seen(NamedTuple):
    """What a seal says of a chain: the hash of the row with number ``length``. ``seal`` is its number."""

    length: int
    head: str
    seal: int


Digest = Callable[[str, Any, int], str]
"""Give the hash that a row at a place must have: (hash before it, row, its number)."""


def check(
    chain: str,
    links: Iterable[Link],
    kept: tuple[int, str],
    seen: Sequence[Seen],
    *,
    digest: Digest,
    genesis: str,
) -> list[Break]:
    """Check a chain against itself, against the length and the head that are kept apart from it, and against its seals.

    After a modified row the check goes on, so that each one is named; after any other break it ends.

    Args:
        links: in the order of their numbers.
        seen: in the order of length.
        genesis: what stands for the hash before the first row.
    """
    return _Check(chain, kept, seen, digest, genesis).run(iter(links))


class _Check:
    """Walks one chain; ``at`` is the place of the row at hand."""

    def __init__(self, chain: str, kept: tuple[int, str], seen: Sequence[Seen], digest: Digest, genesis: str) -> None:
        self._chain = chain
        self._length, self._head = kept
        self._seen = seen
        self._longest = max([self._length, *(each.length for each in seen)])
        self._sealed = {each.length for each in seen}
        self._digest = digest
        self._last: tuple[str, ...] = (genesis,)  # after a modified row: its hash, and the hash that it should have
        self._at = 0
        self._heads: dict[int, str] = {}
        self._breaks: list[Break] = []

    def run(self, links: Iterator[Link]) -> list[Break]:
        for link in links:
            if not self._take(link):
                self._misfit(deque([link, *links]))
                return self._breaks
        self._end()
        return self._breaks

    def _take(self, link: Link) -> bool:
        self._at += 1
        fits = False
        if link.seq == self._at:
            for last in self._last:
                if link.prev in (None, last) and link.hash == self._digest(last, link.row, self._at):
                    fits = True
        if fits:
            self._last = (link.hash,)
            if self._at in self._sealed:
                self._heads[self._at] = link.hash
        return fits

    def _misfit(self, rest: deque[Link]) -> None:
        """Name what was done from the first row on that does not fit; ``rest`` begins with it."""
        self._at -= 1
        while rest:
            link = rest.popleft()
            if self._take(link):
                continue
            how = self._how(link, rest)
            self._add(how, link.seq if how is How.FORGED else self._at, _SAYS[how])
            if how is not How.MODIFIED:
                return
            self._last = (link.hash, *(self._digest(last, link.row, self._at) for last in self._last))

    def _how(self, link: Link, later: Iterable[Link]) -> How:
        rows = self._at + sum(1 for _ in later)
        if rows > self._longest:
            return How.FORGED
        if self._belongs_here(link) or any(self._belongs_here(other) for other in later):
            return How.REORDERED
        return How.DELETED if link.seq != self._at or rows < self._longest else How.MODIFIED

    def _belongs_here(self, link: Link) -> bool:
        """Whether a row that stands elsewhere was written at this place."""
        if link.seq == self._at:
            return False
        return any(link.hash == self._digest(last, link.row, self._at) for last in self._last)

    def _end(self) -> None:
        """Check what fits in itself against what is kept apart from it."""
        if self._at < self._length:
            self._add(How.TRUNCATED, self._at + 1, _SAYS[How.TRUNCATED])
        elif self._at > self._length and self._at > self._longest:
            self._add(How.FORGED, self._length + 1, _SAYS[How.FORGED])
        elif self._at > self._length or self._last != (self._head,):
            self._add(
                How.MODIFIED, max(self._at, 1), Text("the length or the head that is kept of the chain was changed")
            )
        self._against_seals()

    def _against_seals(self) -> None:
        sound = 0
        for each in self._seen:
            if each.length > self._at:
                if not self._breaks:
                    text = Text(
                        "the last entries were removed; seal {seal} has seen {n}", seal=each.seal, n=each.length
                    )
                    self._add(How.TRUNCATED, self._at + 1, text)
                return
            if self._heads[each.length] != each.head:
                text = Text("the entries were written anew; seal {seal} has seen others", seal=each.seal)
                self._breaks.append(Break(self._chain, sound + 1, each.length, How.FORGED, text))
                return
            sound = each.length

    def _add(self, how: How, seq: int, message: Text) -> None:
        before = self._breaks[-1] if self._breaks else None
        if before is not None and before.how is how and before.until == seq - 1:
            self._breaks[-1] = replace(before, until=seq)
        else:
            self._breaks.append(Break(self._chain, seq, seq, how, message))


_SAYS = {
    How.MODIFIED: Text("the entry was changed"),
    How.DELETED: Text("an entry was removed"),
    How.REORDERED: Text("entries stand in another order than they were written"),
    How.TRUNCATED: Text("the last entries were removed"),
    How.FORGED: Text("an entry was added that was never written"),
}
