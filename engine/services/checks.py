"""Checks what must always hold in the database: a live instance waits for something, and one that has ended waits for nothing."""

from __future__ import annotations

from engine.errors import Problem, Text
from engine.services.engine import Engine
from engine.store import liveness


def all_of_them(engine: Engine) -> list[Problem]:
    """Say everything that should never be: stuck instances, leftovers of ended ones, counts that do not add up."""
    with engine.store.read() as uow:
        problems = [
            Problem(str(key), Text("nothing will ever move this process instance"), Text("modify or cancel it"))
            for key in liveness.stuck(uow)
        ]
        problems += [
            Problem(str(key), Text("the process instance has ended and left an open {what}", what=what))
            for key, what in liveness.leftovers(uow)
        ]
        problems += [
            Problem(str(key), Text("the process instance counts {n} incidents and has {real}", n=n, real=real))
            for key, n, real in liveness.miscounted(uow)
        ]
        problems += [
            Problem(str(key), Text("the task is done and still offered to somebody")) for key in liveness.offered(uow)
        ]
    return problems
