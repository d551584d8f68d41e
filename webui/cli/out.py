"""What commands print: sentences for people, one JSON document for programs, problems in one form."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import Problem, Text
from engine.model import json
from webui.cli.language import Say


class Out:
    """Prints. With ``json`` set, sentences are kept back and one document, always in English, comes at the end.

    Args:
        speak: gives a sentence in the language of whoever reads it.
    """

    def __init__(self, *, json: bool = False, speak: Say = str) -> None:
        self.json = json
        self.speak = speak

    def say(self, sentence: str = "") -> None:
        """Print a sentence for a person, at once, so that long work shows where it is."""
        if not self.json:
            print(self.speak(sentence), flush=True)

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
            print(self.speak(sentence), file=sys.stderr, flush=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print everything that is wrong with what was handed in."""
        listed = list(problems)
        if self.json:
            print(json.dumps({"problems": [as_json(problem) for problem in listed]}), flush=True)
            return
        for problem in listed:
            print(self.line(problem), file=sys.stderr)
        print(self.speak(Text("{count} problem(s)", count=len(listed))), file=sys.stderr, flush=True)

    def line(self, problem: Problem, word: str = "") -> str:
        """Give a problem in the reader's language, after how grave it is or another word for that."""
        grave = self.speak(word or _SEVERITIES[problem.severity])
        return f"{grave}: {self.said(problem)}" + (f" [{problem.rule}]" if problem.rule else "")

    def said(self, problem: Problem) -> str:
        """Give a problem in the reader's language."""
        return str(Problem(*map(self.speak, (problem.where, problem.message, problem.remedy))))


_SEVERITIES = {"error": Text("error"), "warning": Text("warning"), "info": Text("info")}


def as_json(problem: Problem) -> dict[str, str]:
    """Give a problem as JSON."""
    return {
        "where": problem.where,
        "message": str(problem.message),
        "remedy": str(problem.remedy),
        "rule": problem.rule,
        "severity": problem.severity,
    }
