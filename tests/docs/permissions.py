"""Finds every permission that the code asks for: (kind, verb) pairs among the arguments of the functions that ask."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from connectors.register.imports import VERBS
from engine.services import access, incidents, repository, rights

ROOT = Path(__file__).parents[2]
KINDS = {
    "access": access.KIND,
    "incidents": incidents.KIND,
    "repository": repository.KIND,
    "rights": rights.KIND,
}
"""{module: the kind that it calls ``KIND``}"""
VERB_FIRST = {"allowed", "require", "scope", "require_somewhere"}
KIND_FIRST = {"may", "permits"}
IN_TEMPLATES = re.compile(r"""may\(\s*["'](\w+)["'],\s*["'](\w+)["']""")


def asked() -> set[tuple[str, str]]:
    """Give every (kind, verb) that the engine, a connector, a page or a template asks for."""
    found: set[tuple[str, str]] = set()
    for package in ("engine", "connectors", "webui"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    found.update(_of_call(node, path.stem))
    for path in (ROOT / "webui").rglob("*.html"):
        found.update(IN_TEMPLATES.findall(path.read_text(encoding="utf-8")))
    return found


def _of_call(call: ast.Call, module: str) -> Iterator[tuple[str, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = getattr(call.func.value, "id", "") if isinstance(call.func, ast.Attribute) else ""
    words = [word for argument in call.args for word in [_words(argument, module)] if word]
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


def _words(node: ast.expr, module: str) -> tuple[str, ...]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.Name) and node.id == "KIND":
        return (KINDS[module],) if module in KINDS else ()
    if isinstance(node, ast.Attribute) and node.attr == "KIND":
        return (KINDS[getattr(node.value, "id", "")],)
    if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "VERBS":
        return tuple(VERBS.values())
    return ()
