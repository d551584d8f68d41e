"""What commands print: sentences for people, one JSON document for programs, problems in one form."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import Problem
from engine.model import json


class Out:
    """Prints. With ``json`` set, sentences are kept back and one document comes at the end."""

    def __init__(self, *, json: bool = False) -> None:
        self.json = json

    def say(self, sentence: str = "") -> None:
        """Print a sentence for a person, at once, so that long work shows where it is."""
        if not self.json:
            print(sentence, flush=True)

    def result(self, document: Mapping[str, Any], sentence: str = "") -> None:
        """Print what came of a command."""
        if self.json:
            print(json.dumps(document), flush=True)
        elif sentence:
            self.say(sentence)

    def error(self, sentence: str) -> None:
        """Print why a command could not do what it was told."""
        if self.json:
            print(json.dumps({"error": sentence}), flush=True)
        else:
            print(sentence, file=sys.stderr, flush=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print everything that is wrong with what was handed in."""
        listed = list(problems)
        if self.json:
            print(json.dumps({"problems": [as_json(problem) for problem in listed]}), flush=True)
            return
        for problem in listed:
            print(f"{problem.severity}: {problem}" + (f" [{problem.rule}]" if problem.rule else ""), file=sys.stderr)
        print(f"{len(listed)} problem(s)", file=sys.stderr, flush=True)


def as_json(problem: Problem) -> dict[str, str]:
    """Give a problem as JSON."""
    return {
        "where": problem.where,
        "message": str(problem.message),
        "remedy": str(problem.remedy),
        "rule": problem.rule,
        "severity": problem.severity,
    }
