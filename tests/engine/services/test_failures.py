"""Models that fail: each failure is an incident that somebody sees, and once its cause is mended the instance goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.bpmn.progress import Limits
from engine.services import checks
from engine.testing import Harness
from tests.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    extended,
    flows,
    line,
    message,
    on_message,
    on_timer,
    parallel,
    script,
    service,
    start,
    throw,
    user,
)

GATE = '<exclusiveGateway id="g"/>'
DECIDED = '<zeebe:calledDecision decisionId="=missing" resultVariable="r" bindingType="latest"/>'
ERROR = '<errorEventDefinition errorRef="e"/>'


@dataclass(frozen=True)
class Failure:
    """A model, the kind of its incident, and the variables that mend it; None: only skipping or moving the token helps."""

    model: bytes
    kind: str
    mend: Mapping[str, Any] | None = field(default_factory=dict)


def mapped(source: str, *, way: str) -> str:
    mapping = extended(f'<zeebe:ioMapping><zeebe:{way} source="{source}" target="t"/></zeebe:ioMapping>')
    return f'<manualTask id="a">{mapping}</manualTask>'


def several(inside: str, attributes: str = "") -> bytes:
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    return line(f'<userTask id="a">{loop}</userTask>')


def over(items: str) -> str:
    return extended(f'<zeebe:loopCharacteristics inputCollection="{items}" inputElement="i"/>')


def joined(gateway: str) -> bytes:
    """Two ways of which only one is taken, into a gateway."""
    choice = '<inclusiveGateway id="g" default="g_j2"/><manualTask id="m"/>'
    return diagram(start(), choice, gateway, end(), flows("start>g", "g>m=n > 5", "m>j", "j>end"),
                   '<sequenceFlow id="g_j2" sourceRef="g" targetRef="j"/>')  # fmt: skip


def sends(subscription: str = "", *, name: str = "m", ttl: str = "") -> bytes:
    more = extended(f'<zeebe:publishMessage correlationKey="=1" timeToLive="{ttl}"/>') if ttl else ""
    return line(throw("t", more + on_message("msg")), roots=message("msg", name, subscription))


LOOP = diagram(
    start(), '<exclusiveGateway id="in"/>', script("s", "=n + 1", "n"), '<exclusiveGateway id="out"/>', end(),
    flows("start>in", "in>s", "s>out", "out>in=not(stop)", "out>end=stop"),
)  # fmt: skip
FAILURES = {
    "an unknown variable in a condition": Failure(
        diagram(start(), GATE, end(), flows("start>g", "g>end=nowhere > 5")), "condition", {"nowhere": 6}
    ),
    "no way out of a gateway": Failure(
        diagram(start(), GATE, end(), flows("start>g", "g>end=n > 5")), "condition", {"n": 6}
    ),
    "no way out of an inclusive gateway": Failure(
        diagram(start(), '<inclusiveGateway id="g"/>', end(), flows("start>g", "g>end=n > 5")), "condition", {"n": 6}
    ),
    "a timer that is no time": Failure(line(catch("w", on_timer("=when"))), "expression", {"when": "PT1H"}),
    "a boundary timer that is no time": Failure(
        diagram(
            start(), user("a"), boundary("b", "a", on_timer("=when")), end(), flows("start>a", "a>end", "b>end")
        ), "expression", {"when": "PT1H"},
    ),
    "a due date that is none": Failure(line(user("a", due="=when")), "expression", {"when": "PT1H"}),
    "a priority that is no number": Failure(line(user("a", priority="=when")), "expression", {"when": 70}),
    "groups that are no list of names": Failure(line(user("a", groups="=n")), "expression", {"n": ["staff"]}),
    "a function as a value": Failure(
        line(script("s", "=if n = 0 then function(x) x else 1", "f")), "expression", {"n": 1}
    ),
    "a division by zero": Failure(line(script("s", "=1 / n", "f")), "expression", {"n": 2}),
    "an unknown variable in a script": Failure(line(script("s", "=nowhere + 1", "f")), "expression", {"nowhere": 1}),
    "an input that cannot be worked out": Failure(line(mapped("=nowhere + 1", way="input")), "mapping", {"nowhere": 1}),
    "an output that cannot be worked out": Failure(
        line(mapped("=nowhere + 1", way="output")), "mapping", {"nowhere": 1}
    ),
    "a job without a type": Failure(line(service("s", type="=kind")), "expression", {"kind": "work"}),
    "a job whose retries are no number": Failure(line(service("s", retries="=when")), "expression", {"when": 3}),
    "a message that has no key": Failure(
        line(catch("w", on_message("msg")), roots=message("msg", "m", "=kind")), "message", {"kind": "A1"}
    ),
    "a message that has no name": Failure(sends("=1", name="=kind"), "message", {"kind": "m"}),
    "an unknown process": Failure(line(call("sub", "=missing")), "call", {"missing": "helper"}),
    "a process that calls itself": Failure(line(call("sub", "=me")), "limit", None),
    "an unknown decision": Failure(
        line(f'<businessRuleTask id="rule">{extended(DECIDED)}</businessRuleTask>'),
        "decision", None,
    ),
    "an endless loop": Failure(LOOP, "limit", {"stop": True}),
    "an error that nobody catches": Failure(
        diagram(
            start(), end("end", ERROR), flows("start>end"), roots='<error id="e" name="E" errorCode="E1"/>'
        ), "error", None,
    ),
    "too many items": Failure(several(over("=for i in 1..many return i")), "limit", {"many": 2}),
    "items that are no list": Failure(several(over("=when")), "expression", {"when": [1]}),
    "a number of runs that is none": Failure(
        several("<loopCardinality>=when</loopCardinality>"), "expression", {"when": 2}
    ),
    "a standard loop whose condition is unknown": Failure(
        line('<manualTask id="a"><standardLoopCharacteristics><loopCondition>=nowhere &gt; 1</loopCondition>'
             "</standardLoopCharacteristics></manualTask>"),
        "condition", {"nowhere": 1},
    ),
    "a join to which no token can come": Failure(joined(parallel("j")), "join", None),
    "a complex gateway that is not activated": Failure(
        joined('<complexGateway id="j"><activationCondition>=n &gt; 1</activationCondition></complexGateway>'),
        "join", {"n": 2},
    ),
    "a value that is too large": Failure(
        line(script("s", '=string join(for i in 1..many return "0123456789")', "f")), "limit", {"many": 2}
    ),
}  # fmt: skip
GIVEN = {"n": 0, "me": "p", "missing": "q", "when": "soon", "kind": None, "stop": False, "many": 5000}
LIMITS = Limits(steps_per_instance=500, variable_bytes=20_000)


@pytest.fixture
def failed(request: pytest.FixtureRequest) -> Iterator[tuple[Harness, str, Failure]]:
    """Give an instance of a failing model."""
    failure = FAILURES[request.param]
    with Harness(limits=LIMITS) as h:
        h.deploy(line(user("help"), id="helper"))
        h.deploy(failure.model)
        yield h, h.start("p", GIVEN), failure
        assert checks.all_of_them(h.engine) == []


def all_incidents(h: Harness) -> list[Any]:
    return [incident for each in h.instances() for incident in h.incidents(each)]


@pytest.mark.parametrize("failed", FAILURES, indirect=True)
def test_a_failing_model_is_a_visible_incident_and_nothing_is_stuck(failed):
    h, key, failure = failed

    assert {incident.kind for incident in all_incidents(h)} == {failure.kind}
    assert h.state(key) == "active"
    assert checks.all_of_them(h.engine) == []

    h.cancel(key)
    assert h.incidents() == []


@pytest.mark.parametrize("failed", FAILURES, indirect=True)
def test_an_instance_goes_on_once_the_cause_is_mended(failed):
    h, _, failure = failed
    [incident] = all_incidents(h)

    h.resolve(incident)
    assert [each.kind for each in all_incidents(h)] == [failure.kind], "nothing was mended yet"
    [incident] = all_incidents(h)
    if failure.mend is None:
        h.skip(incident)
    else:
        h.set_variables(incident.instance, failure.mend)
        h.resolve(incident)

    assert all_incidents(h) == []
