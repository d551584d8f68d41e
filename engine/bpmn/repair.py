"""What a person does to a live instance: sets variables, tries what stopped again or skips it. Tokens are moved by ``modification``."""

from __future__ import annotations

from typing import Any

from engine.bpmn.state import ElementInstance, State
from engine.bpmn.step import Step
from engine.bpmn.variables import put
from engine.errors import IllegalTransition, NotFound
from engine.model.json import Variables


def holder(state: State, element_id: str | None) -> ElementInstance:
    """Give the innermost live element instance of an element, the youngest of several; the process's own for None.

    Raises:
        NotFound: no instance of the element is live.
    """
    if element_id is None:
        return state.element_instance(state.root)
    live = state.with_element(element_id)
    if not live:
        raise NotFound("no instance of {element} is live", element=element_id)
    return live[-1]


def set_variables(step: Step, id: int | None, variables: Variables) -> None:
    """Set variables right at an element instance, or at the process."""
    node = step.find(step.state.root if id is None else id)
    if node is None:
        raise IllegalTransition("element instance {id} is not live", id=id)
    changes: dict[str, list[Any]] = {}
    for name, value in variables.items():
        put(step, node, name, value, changes)
    if changes:
        step.happened("variables_set", node, changes)


def retry(step: Step, id: int) -> None:
    """Make the move again that led to an incident."""
    node = _stopped(step, id)
    assert node.retry is not None
    name, *args = node.retry
    step.resolve(node)
    step.move(name, node.id, *args)


def skip(step: Step, id: int, variables: Variables) -> None:
    """Let what stopped count as completed, with these variables for its output mappings. What is live in it ends.

    A gateway or a loop is passed as a whole: a loop without its further runs, a gateway by the conditions that hold with the variables.
    """
    node = _stopped(step, id)
    if not node.parent:
        raise IllegalTransition("the process itself cannot be skipped; try again, or cancel the instance")
    for inner in step.state.instances(node.id):
        step.terminate(inner)
    step.drop_tokens(node.id)
    step.resolve(node)
    node.run = None
    step.move("complete", node.id, dict(variables))


def _stopped(step: Step, id: int) -> ElementInstance:
    node = step.find(id)
    if node is None or not node.incident or node.retry is None:
        raise IllegalTransition("element instance {id} has no incident", id=id)
    return node
