"""Every bound of an instance: reached from inside it is an incident that names it, from outside a refusal that stores nothing."""

from __future__ import annotations

import pytest

from engine.bpmn.progress import Limits
from engine.errors import Invalid, LimitExceeded
from engine.model.values import SYSTEM
from engine.services import checks, runtime, verify
from engine.testing import Harness
from tests.engine.diagrams import call, diagram, end, flows, line, script, service, start, user


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def loop(expression: str, result: str) -> bytes:
    """A process that evaluates an expression again and again, and waits at no time."""
    gate = '<exclusiveGateway id="g" default="g_s"/>'
    ways = flows("start>g", "g>s", "g>end=done", "s>g")
    return diagram(start(), gate, script("s", expression, result), end(), ways)


@pytest.fixture
def bounded():
    """A harness with these limits; what must always hold is checked at the end."""
    made: list[Harness] = []

    def make(**limits: int) -> Harness:
        made.append(Harness(limits=Limits(**limits)))
        return made[-1]

    yield make
    for harness in made:
        assert checks.all_of_them(harness.engine) == []
        assert verify.everything(harness.engine).breaks == []
        harness.close()


def stopped(h: Harness, key: str) -> tuple[str, str]:
    [incident] = h.incidents(key)
    assert incident.kind == "limit"
    return incident.element_id, str(incident.message)


def test_a_long_run_goes_on_in_transactions_of_a_bounded_size(bounded):
    h = bounded(steps_per_transaction=10)
    h.deploy(loop("=if n < 99 then n + 1 else 100", "n").replace(b"=done", b"=n = 100"))
    before = h.store.commits

    key = h.start("p", {"n": 0})

    assert h.state(key) == "completed"
    assert h.store.commits - before > 200 / 10


def test_an_endless_loop_stops_and_goes_on_once_it_can_end(bounded):
    h = bounded(steps_per_instance=100)
    h.deploy(loop("=n + 1", "n"))
    key = h.start("p", {"n": 0, "done": False})

    assert "100 elements were completed without waiting for anything" in stopped(h, key)[1]
    h.set_variables(key, {"done": True})
    h.resolve(h.incidents(key)[0])

    assert h.state(key) == "completed"


def test_more_items_than_are_allowed_stop_before_any_of_them(bounded):
    h = bounded(multi_instance=3)
    many = (
        '<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=items"/>'
        "</extensionElements></multiInstanceLoopCharacteristics>"
    )
    h.deploy(line(service("each", inner=many)))

    key = h.start("p", {"items": [1, 2, 3, 4]})

    assert stopped(h, key) == ("each", "4 runs are more than 3")
    assert h.jobs() == []
    h.start("p", {"items": [1, 2, 3]})
    assert len(h.jobs()) == 3


def test_a_variable_that_grows_too_large_or_too_deep_stops_the_element_that_made_it(bounded):
    h = bounded(variable_bytes=2000, variable_depth=20)
    h.deploy(loop("=x + x", "x"))
    large = h.start("p", {"x": "ab", "done": False})
    h.deploy(loop("=[x]", "x"))
    deep = h.start("p", {"x": 1, "done": False})

    assert "larger than 2000 bytes" in stopped(h, large)[1]
    assert stopped(h, deep) == ("s", "a value is nested deeper than 20 levels")


def test_a_variable_that_is_too_large_or_too_deep_does_not_come_in(bounded):
    h = bounded(variable_bytes=2000, variable_depth=20)
    h.deploy(line(user("a")))
    key = h.start("p", {"x": nested(20), "y": "z" * 1900})

    for value in (nested(21), "z" * 2000):
        with pytest.raises(Invalid):
            h.start("p", {"x": value})
        with pytest.raises(Invalid):
            h.complete("a", {"x": value})
        with pytest.raises(Invalid):
            h.set_variables(key, {"x": value})
    h.complete("a")

    assert h.variables(key) == {"x": nested(20), "y": "z" * 1900}


def test_the_deepest_value_that_may_come_in_can_be_stored_and_evaluated(bounded):
    h = bounded()
    h.deploy(line(user("a"), script("s", "=x", "y")))

    key = h.start("p", {"x": nested(50)})
    h.complete("a")

    assert h.variables(key)["y"] == nested(50)


def test_even_without_a_bound_of_its_own_a_value_ends_where_feel_ends(bounded):
    h = bounded(variable_depth=1000)
    h.deploy(loop("=[x]", "x"))

    assert "nested deeper than" in stopped(h, h.start("p", {"x": 1, "done": False}))[1]


def test_an_instance_that_grows_too_large_takes_no_more_in(bounded):
    h = bounded(snapshot_bytes=20_000)
    h.deploy(line(user("a"), user("b")))
    key = h.start("p", {"x0": "z" * 9000})
    h.set_variables(key, {"x1": "z" * 9000})

    with pytest.raises(LimitExceeded, match="20000 are allowed"):
        h.set_variables(key, {"x2": "z" * 9000})
    with pytest.raises(LimitExceeded):
        runtime.start(h.engine, "p", {f"x{n}": "z" * 9000 for n in range(3)}, actor=SYSTEM)

    assert sorted(h.variables(key)) == ["x0", "x1"]
    assert h.instances() == [key]


def test_what_a_person_handed_in_is_kept_when_the_instance_would_grow_too_large(bounded):
    h = bounded(snapshot_bytes=20_000)
    h.deploy(line(user("a"), user("b")))
    key = h.start("p", {"x0": "z" * 9000, "x1": "z" * 9000})

    h.complete("a", {"x2": "typed " * 1000})

    [incident] = h.incidents(key)
    assert "20000 are allowed" in incident.message
    h.set_variables(key, {"x0": ""})
    h.resolve(incident)
    assert h.active(key) == ["b"]
    assert h.variables(key)["x2"].startswith("typed")


def test_calls_that_go_deeper_than_is_allowed_stop(bounded):
    h = bounded(call_depth=3)
    h.deploy(line(call("again", "=self")))

    key = h.start("p", {"self": "p"})

    assert len(h.instances()) == 3
    [incident] = h.incidents()
    assert incident.kind == "limit" and "deeper than 3" in incident.message
    h.cancel(key)
