"""Checks variables that come from outside before anything is done with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.bpmn.progress import Limits
from engine.errors import Invalid, LimitExceeded, Problem, Text
from engine.model import json
from engine.model.json import Variables

MAX_VARIABLES = 1000
MAX_NAME = 200


def checked(variables: Variables | None, limits: Limits) -> dict[str, Any]:
    """Give the variables as exact JSON values.

    Raises:
        Invalid: one ``Problem`` per variable that is no JSON, nested too deeply, too large or badly named.
    """
    if variables is None:
        return {}
    problems = []
    if len(variables) > MAX_VARIABLES:
        problems.append(
            Problem("", Text("{n} variables are too many; {limit} are allowed", n=len(variables), limit=MAX_VARIABLES))
        )
    found = {}
    for name, value in variables.items():
        if not isinstance(name, str) or not name or len(name) > MAX_NAME:
            problems.append(Problem(str(name)[:MAX_NAME], Text("this is no name for a variable")))
            continue
        try:
            text = json.dumps(value)
        except TypeError as error:
            problems.append(Problem(name, Text("the value is not JSON: {reason}", reason=str(error))))
            continue
        except LimitExceeded as error:
            problems.append(Problem(name, error.text))
            continue
        if json.deeper_than(value, limits.variable_depth):
            message = Text("a value is nested deeper than {limit} levels", limit=limits.variable_depth)
            problems.append(Problem(name, message))
            continue
        if len(text) > limits.variable_bytes:
            problems.append(Problem(name, Text("the value is larger than {limit} bytes", limit=limits.variable_bytes)))
        found[name] = _exact(value)
    if problems:
        raise Invalid(problems)
    return found


def _exact(value: Any) -> Any:
    # depth is bounded: the value was written as JSON just now
    if isinstance(value, Decimal):
        return json.exact(value)
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    return value
