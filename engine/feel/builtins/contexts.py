"""Context functions, and those that ask whether a value is there.

Source: DMN 1.5, table 82.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel.builtins.signature import NoResult, builtin
from engine.feel.run import Run
from engine.feel.values import CONTEXT, STRING, kind


@builtin("get value", "m: context", "key: string")
def get_value(run: Run, m: Mapping[str, Any], key: str) -> Any:
    """Give the entry of a name; null when there is none."""
    return m.get(key)


@builtin("get value", "context: context", "keys: list")
def get_nested_value(run: Run, context: Mapping[str, Any], keys: list[Any]) -> Any:
    """Give the entry at the end of a path of names; null when there is none."""
    value: Any = context
    for key in keys:
        if kind(key) != STRING or kind(value) != CONTEXT or key not in value:
            raise NoResult("there is no such entry")
        value = value[key]
    return value if keys else None


@builtin("get entries", "m: context")
def get_entries(run: Run, m: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the entries, each with ``key`` and ``value``."""
    run.spend(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context", "entries: list")
def context(run: Run, entries: list[Any]) -> dict[str, Any]:
    """Make a context of entries that have ``key`` and ``value``."""
    made: dict[str, Any] = {}
    for entry in entries:
        run.spend(1)
        if kind(entry) != CONTEXT or "value" not in entry or kind(entry.get("key")) != STRING:
            raise NoResult("an entry lacks its key or its value")
        if entry["key"] in made:
            raise NoResult("two entries have the key {key}", key=entry["key"])
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context: context", "key: string", "value: any?")
def context_put(run: Run, context: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Give the context with one entry added or replaced."""
    run.spend(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context", "keys: list", "value: any?")
def context_put_nested(run: Run, context: Mapping[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    """Give the context with the entry at the end of a path of names added or replaced."""
    if not keys:
        raise NoResult("there is no key")
    made: dict[str, Any] = dict(context)
    inner = made
    for position, key in enumerate(keys):
        run.spend(len(inner) + 1)
        if kind(key) != STRING:
            raise NoResult("a key is {kind}, not a string", kind=kind(key))
        if position == len(keys) - 1:
            inner[key] = value
        else:
            if kind(inner.get(key)) != CONTEXT:
                raise NoResult("{key} is not a context", key=key)
            inner[key] = inner = dict(inner[key])
    return made


@builtin("context merge", "contexts...: list")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    """Join contexts into one; the last entry of a name holds."""
    made: dict[str, Any] = {}
    for part in contexts:
        if kind(part) != CONTEXT:
            raise NoResult("the list holds {kind} among its contexts", kind=kind(part))
        run.spend(len(part))
        made.update(part)
    return made


@builtin("is defined", "value: any?")
def is_defined(run: Run, value: Any) -> bool:
    """Tell whether a value is not null."""
    return value is not None


@builtin("get or else", "value: any?", "default: any?")
def get_or_else(run: Run, value: Any, default: Any) -> Any:
    """Give a value, or another in its place when it is null."""
    return default if value is None else value


@builtin("assert", "value: any?", "condition: any?", "cause?: string")
def assert_(run: Run, value: Any, condition: Any, cause: str = "the condition does not hold") -> Any:
    """Give a value when a condition holds, else null for the given cause."""
    if condition is not True:
        raise NoResult("{cause}", cause=cause)
    return value
