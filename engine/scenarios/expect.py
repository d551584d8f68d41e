"""What a step expects: each expectation gives the lines in which the world differs from it, none when it is met.

Unless a step expects incidents, there must be none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import ndiff
from typing import Any

from engine.model.json import dumps
from engine.scenarios.play import Stage


def differences(stage: Stage, then: Mapping[str, Any]) -> list[str]:
    """Compare everything that a step expects."""
    found = [] if "incidents" in then else _incidents(stage, [])
    for name, wanted in then.items():
        found += EXPECTATIONS[name](stage, wanted)
    return found


def _tasks(stage: Stage, wanted: Any) -> list[str]:
    """``tasks``: the open user tasks of the instance and those that it called, no more and no fewer."""
    return _lists("tasks", wanted, sorted(each.element_id for each in stage.tasks()))


def _offered(stage: Stage, wanted: Mapping[str, Any]) -> list[str]:
    """``offered``: {task: role, list of roles, or ``@account``}."""
    found = []
    for element, to in wanted.items():
        task = next((each for each in stage.tasks() if each.element_id == element), None)
        if task is None:
            found.append(f"offered: there is no open task {element}")
            continue
        is_to = [f"@{task.assignee}"] if task.assignee else list(task.candidate_groups)
        if is_to != (to if isinstance(to, list) else [to]):
            found.append(f"offered: {element} is offered to {', '.join(is_to) or 'nobody'}, not to {to}")
    return found


def _active(stage: Stage, wanted: Any) -> list[str]:
    """``active``: elements that are live, among others."""
    live = stage.harness.active(stage.about())
    return [f"active: {element} is not live; live are {', '.join(live)}" for element in wanted if element not in live]


def _state(stage: Stage, wanted: str) -> list[str]:
    """``state`` of the instance."""
    state = stage.harness.state(stage.about())
    return [] if state == wanted else [f"state: {state}, not {wanted}"]


def _variables(stage: Stage, wanted: Mapping[str, Any]) -> list[str]:
    """``variables``: some variables with their values; a context is compared by the members that are named."""
    values = stage.harness.variables(stage.about())
    return [
        f"variables: {name} is {_text(values.get(name))}, not {_text(value)}"
        for name, value in wanted.items()
        if not _covers(values.get(name), value)
    ]


def _path(stage: Stage, wanted: Any) -> list[str]:
    """``path``: elements that were completed, in this order, others in between."""
    rest = iter(stage.harness.path(stage.about()))
    missing = [element for element in wanted if element not in rest]
    return [f"path: {missing[0]} was not completed, or not in this order"] if missing else []


def _not_path(stage: Stage, wanted: Any) -> list[str]:
    """``not_path``: elements that were not completed."""
    path = stage.harness.path(stage.about())
    return [f"not_path: {element} was completed" for element in wanted if element in path]


def _calls(stage: Stage, wanted: Any) -> list[str]:
    """``calls``: jobs answered in this step, in this order, others in between: a type, or {type, with: {name: value}}."""
    rest = iter(stage.workers.calls)
    for each in wanted:
        said = {"type": each} if isinstance(each, str) else each
        if not any(call.type == said["type"] and _covers(dict(call.variables), said.get("with", {})) for call in rest):
            made = ", ".join(call.type for call in stage.workers.calls) or "none"
            return [f"calls: there was no {_text(said)}; the calls of this step: {made}"]
    return []


def _notices(stage: Stage, wanted: Any) -> list[str]:
    """``notices``: templates of the notices sent in this step, all of them, in order."""
    sent = [str(call.variables.get("template")) for call in stage.workers.calls if call.type == "notify:send"]
    return _lists("notices", wanted, sent)


def _jobs(stage: Stage, wanted: Any) -> list[str]:
    """``jobs``: types of the jobs that wait for a worker, all of them."""
    return _lists("jobs", sorted(wanted), sorted(each.type for each in stage.harness.jobs()))


def _incidents(stage: Stage, wanted: Any) -> list[str]:
    """``incidents``: elements with an open incident, all of them."""
    found = stage.harness.incidents()
    said = _lists("incidents", sorted(wanted), sorted(each.element_id for each in found))
    return said + [f"  {each.element_id}: {each.kind}: {each.message}" for each in found] if said else []


def _instances(stage: Stage, wanted: Mapping[str, int]) -> list[str]:
    """``instances``: {process id: how many were started}."""
    counts = {process_id: len(stage.harness.instances(process_id)) for process_id in wanted}
    return [
        f"instances: {counts[each]} of {each}, not {wanted[each]}" for each in wanted if counts[each] != wanted[each]
    ]


EXPECTATIONS: Mapping[str, Callable[[Stage, Any], list[str]]] = {
    "tasks": _tasks,
    "offered": _offered,
    "active": _active,
    "state": _state,
    "variables": _variables,
    "path": _path,
    "not_path": _not_path,
    "calls": _calls,
    "notices": _notices,
    "jobs": _jobs,
    "incidents": _incidents,
    "instances": _instances,
}


def _covers(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(value, dict):
        return all(_covers(value.get(name), each) for name, each in wanted.items())
    if isinstance(wanted, list) and isinstance(value, list):
        return len(value) == len(wanted) and all(map(_covers, value, wanted))
    return type(value) is type(wanted) and bool(value == wanted)


def _lists(what: str, wanted: Any, found: list[str]) -> list[str]:
    if list(wanted) == found:
        return []
    return [
        f"{what} (- expected, + found):",
        *(f"  {line.rstrip()}" for line in ndiff(list(wanted), found) if line[0] != "?"),
    ]


def _text(value: Any) -> str:
    return dumps(value)
