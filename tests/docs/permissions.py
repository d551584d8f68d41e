"""Finds every permission that the code asks for: (kind, verb) pairs among the arguments of the functions that ask."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.services import access

ROOT = Path(__file__).parents[2]
VERB_FIRST = {"allowed", "require", "scope", "require_somewhere"}
KIND_FIRST = {"may", "permits"}
IN_TEMPLATES = re.compile(r"""may\(\s*["'](\w+)["'],\s*["'](\w+)["']""")


def asked() -> set[tuple[str, str]]:
    """Give every (kind, verb) that the engine, a connector, a page or a template asks for."""
    found: set[tuple[str, str]] = set()
    for package in ("engine", "connectors", "webui"):
        for path in (ROOT / package).rglob("*.py"):
            calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if _asks(node)]
            if calls:
                module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                for call in calls:
                    found.update(_of_call(call, vars(module)))
    for path in (ROOT / "webui").rglob("*.html"):
        found.update(IN_TEMPLATES.findall(path.read_text(encoding="utf-8")))
    return found


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _asks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    names = VERB_FIRST | KIND_FIRST | {"require_sight"}
    return _name(node) in names or any(keyword.arg == "verb" for keyword in node.keywords)


def _of_call(call: ast.Call, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = _name(call)
    owner = getattr(call.func.value, "id", "") if isinstance(call.func, ast.Attribute) else ""
    words = [word for argument in call.args for word in [_words(argument, known)] if word]
    for keyword in call.keywords:
        if keyword.arg == "verb" and isinstance(keyword.value, ast.Constant):  # a command on an instance
            yield access.KIND, keyword.value.value
    if owner == "access" and name == "require" and words:  # its kind is understood
        yield from ((access.KIND, verb) for verb in words[0])
    elif name == "require_sight" and words:
        yield from ((kind, "read") for kind in words[0])
    elif name in VERB_FIRST and len(words) == 2:
        yield from ((kind, verb) for verb in words[0] for kind in words[1])
    elif name in KIND_FIRST and len(words) == 2:
        yield from ((kind, verb) for kind in words[0] for verb in words[1])


def _words(node: ast.expr, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the words that an argument may be: a literal, a module's KIND, or one of its tables VERBS and KINDS."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.Name) and node.id == "KIND":
        return (known["KIND"],)
    if isinstance(node, ast.Attribute) and node.attr == "KIND" and isinstance(node.value, ast.Name):
        return (known[node.value.id].KIND,)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in ("VERBS", "KINDS"):
        return tuple(known[node.value.id].values())
    return ()
