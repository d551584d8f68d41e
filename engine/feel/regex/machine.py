"""Match patterns with back-references: a backtracking machine with a stack of its own, charged for its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.feel.regex.charset import CharSet
from engine.feel.regex.tree import Anchor, BackReference, Chars, Choice, Group, Repeat, Sequence, Tree

MAX_PROGRAM = 2000

Spans = tuple[int, ...]


@dataclass(slots=True)
class Instruction:
    """One step: ``chars``, ``anchor``, ``back``, ``save``, ``jump``, ``split`` (prefers ``to``), ``mark``, ``progress`` or ``found``."""

    code: str
    set: CharSet | None = None
    number: int = 0
    to: int = 0
    other: int = 0


class TooComplex(Exception):
    """The pattern makes too long a program."""


class Machine:
    """A compiled pattern with back-references."""

    def __init__(self, tree: Tree, groups: int, *, ignore_case: bool, multi_line: bool) -> None:
        self._program: list[Instruction] = []
        self._ignore_case = ignore_case
        self._multi_line = multi_line
        self._groups = groups
        self._marks = 0
        self._compile(tree)
        self._add("found")

    def _add(self, code: str, **fields: int) -> Instruction:
        if len(self._program) >= MAX_PROGRAM:
            raise TooComplex
        self._program.append(Instruction(code, **fields))  # type: ignore[arg-type]  # fields are the numeric ones
        return self._program[-1]

    def _compile(self, tree: Tree) -> None:
        match tree:
            case Chars(set=characters):
                self._add("chars").set = characters
            case Anchor(start=start):
                self._add("anchor", number=int(start))
            case BackReference(number=number):
                self._add("back", number=number)
            case Group(number=number, body=body):
                if number is None:
                    self._compile(body)
                else:
                    self._add("save", number=2 * number)
                    self._compile(body)
                    self._add("save", number=2 * number + 1)
            case Sequence(parts=parts):
                for part in parts:
                    self._compile(part)
            case Choice(options=options):
                self._compile_choice(options)
            case Repeat():
                self._compile_repeat(tree)

    def _compile_choice(self, options: tuple[Tree, ...]) -> None:
        jumps: list[Instruction] = []
        for option in options[:-1]:
            split = self._add("split", to=len(self._program) + 1)
            self._compile(option)
            jumps.append(self._add("jump"))
            split.other = len(self._program)
        self._compile(options[-1])
        for jump in jumps:
            jump.to = len(self._program)

    def _compile_repeat(self, tree: Repeat) -> None:
        for _ in range(tree.low):
            self._compile(tree.body)
        if tree.high is None:
            start = len(self._program)
            split = self._add("split")
            self._marks += 1
            mark = self._marks
            self._add("mark", number=mark)
            self._compile(tree.body)
            self._add("progress", number=mark)
            self._add("jump", to=start)
            self._aim(split, start + 1, len(self._program), tree.lazy)
            return
        splits = []
        for _ in range(tree.high - tree.low):
            splits.append((self._add("split"), len(self._program)))
            self._compile(tree.body)
        for split, inside in splits:
            self._aim(split, inside, len(self._program), tree.lazy)

    @staticmethod
    def _aim(split: Instruction, inside: int, outside: int, lazy: bool) -> None:
        split.to, split.other = (outside, inside) if lazy else (inside, outside)

    def matches(self, text: str, charge: Callable[[int], None]) -> Iterator[Spans]:
        """Give the spans of every match and its groups: (start, end, start of group 1, ...), -1 where a group took no part."""
        at = 0
        while at <= len(text):
            found = self._match_at(text, at, charge)
            if found is None:
                at += 1
                continue
            yield found
            at = found[1] if found[1] > found[0] else found[1] + 1

    def _match_at(self, text: str, start: int, charge: Callable[[int], None]) -> Spans | None:
        size = 2 * (self._groups + 1)
        stack: list[tuple[int, int, Spans]] = [(0, start, (-1,) * (size + self._marks + 1))]
        while stack:
            pc, at, saved = stack.pop()
            charge(1)
            while True:
                step = self._program[pc]
                pc += 1
                if step.code == "chars":
                    assert step.set is not None
                    if at >= len(text) or not step.set.holds(text[at], ignore_case=self._ignore_case):
                        break
                    at += 1
                    charge(1)
                elif step.code == "jump":
                    pc = step.to
                elif step.code == "split":
                    stack.append((step.other, at, saved))
                    pc = step.to
                elif step.code == "save":
                    saved = (*saved[: step.number], at, *saved[step.number + 1 :])
                elif step.code == "mark":
                    saved = (*saved[: size + step.number], at, *saved[size + step.number + 1 :])
                elif step.code == "progress":
                    if saved[size + step.number] == at:
                        break
                elif step.code == "anchor":
                    if not self._anchored(text, at, start=bool(step.number)):
                        break
                elif step.code == "back":
                    end = self._repeat(text, at, saved[2 * step.number], saved[2 * step.number + 1])
                    if end is None:
                        break
                    charge((end - at) // 16)
                    at = end
                else:
                    return (start, at, *saved[2:size])
        return None

    def _anchored(self, text: str, at: int, *, start: bool) -> bool:
        if at == (0 if start else len(text)):
            return True
        return self._multi_line and (text[at - 1] == "\n" if start else text[at] == "\n")

    def _repeat(self, text: str, at: int, low: int, high: int) -> int | None:
        group = text[low:high] if low >= 0 and high >= 0 else ""
        end = at + len(group)
        there = text[at:end]
        if there == group or (self._ignore_case and there.casefold() == group.casefold()):
            return end
        return None
