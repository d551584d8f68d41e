"""Random block-structured diagrams with answers for everything that waits, for tests that run them twice.

What parallel branches write is disjoint, so that the order of their steps cannot matter.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, replace

from engine.bpmn.spiff import Happens
from tests.engine.bpmn.diagram import process

TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


@dataclass(frozen=True)
class Place:
    """Where a block goes.

    Attributes:
        variable: what it may write.
        alone: nothing runs in parallel to it, so that it may end everything.
        joins, merges: whether SpiffWorkflow does these right at this place.
    """

    variable: str
    depth: int = 0
    alone: bool = True
    joins: bool = True
    merges: bool = True

    def inside(self, variable: str = "", **changes: bool) -> Place:
        return replace(self, variable=variable or self.variable, depth=self.depth + 1, **changes)


class Blocks:
    """One diagram: ``xml``, ``variables`` to start with, ``answers``, and how often each construct was ``used``."""

    def __init__(self, seed: int, size: int = 12) -> None:
        self.random = random.Random(seed)
        self.left = size
        self.count = 0
        self.used: Counter[str] = Counter()
        self.answers: dict[str, list[dict[str, int] | Happens]] = {}
        self.variables: dict[str, int] = {f"g{number}": self.random.randrange(3) for number in range(4)}
        body, first, last = self.sequence(Place(self.fresh()))
        end = self.node("endEvent")[1]
        start = self.id("start")
        self.xml = process(
            f'<startEvent id="{start}"/>{body}<endEvent id="{end}"/>' + self.flow(start, first) + self.flow(last, end)
        )

    # ---- parts -------------------------------------------------------------------------------------------------------

    def id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def fresh(self) -> str:
        """Make a variable that only the caller writes."""
        name = f"v{len(self.variables)}"
        self.variables[name] = 0
        return name

    def flow(self, source: str, target: str, condition: str = "", *, id: str = "") -> str:
        inside = f"<conditionExpression>={condition.replace('<', '&lt;')}</conditionExpression>" if condition else ""
        return (
            f'<sequenceFlow id="{id or self.id("f")}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'
        )

    def node(self, kind: str, inside: str = "", attributes: str = "") -> tuple[str, str, str]:
        element = self.id(kind)
        return f'<{kind} id="{element}" name="{element}" {attributes}>{inside}</{kind}>', element, element

    def condition(self, variable: str) -> str:
        """Give a condition on what nobody writes in parallel."""
        name = self.random.choice([variable, *(f"g{number}" for number in range(4))])
        return f"{name} {self.random.choice(['<', '>', '=', '!='])} {self.random.randrange(3)}"

    def script(self, variable: str, expression: str) -> str:
        return (
            f'<extensionElements><zeebe:script expression="={expression}" resultVariable="{variable}"/>'
            "</extensionElements>"
        )

    def expect(self, element: str, variable: str, event: str = "") -> None:
        """Write down what an element is answered each time that it waits; sometimes too little."""
        self.answers[element] = [
            Happens(event, {variable: self.random.randrange(3)})
            if event and self.random.random() < 0.5
            else {variable: self.random.randrange(3)}
            for _ in range(self.random.choice([2, 30, 30, 30, 30]))
        ]

    # ---- blocks: (xml, first element, last element) ----------------------------------------------------------------------

    def sequence(self, at: Place) -> tuple[str, str, str]:
        parts = [self.block(at) for _ in range(self.random.randint(1, 4))]
        xml = "".join(part[0] for part in parts)
        xml += "".join(self.flow(one[2], other[1]) for one, other in itertools.pairwise(parts))
        return xml, parts[0][1], parts[-1][2]

    def block(self, at: Place) -> tuple[str, str, str]:
        self.left -= 1
        choices = [self.task, self.script_task, self.user_task, self.service_task, self.catch, self.standard_loop]
        choices += [self.multi_instance, self.link, self.throw]
        if at.merges:
            choices.append(self.boundary)
        if at.depth <= 2 and self.left > 0:
            inner = [self.subprocess]
            if at.merges:
                inner += [self.exclusive, self.loop, self.event_gateway]
            if at.joins:
                inner += [self.parallel, self.inclusive, self.implicit_split, self.conditional_split]
            if at.alone:
                inner.append(self.terminating)
            choices += inner * 2
        make = self.random.choice(choices)
        self.used[make.__name__] += 1
        return make(at)

    def task(self, at):
        return self.node(self.random.choice(["task", "manualTask"]))

    def throw(self, at):
        return self.node("intermediateThrowEvent")

    def script_task(self, at):
        return self.node("scriptTask", self.script(at.variable, f"{at.variable} + {self.random.randrange(3)}"))

    def user_task(self, at):
        made = self.node("userTask")
        self.expect(made[1], at.variable)
        return made

    def service_task(self, at):
        made = self.node("serviceTask", '<extensionElements><zeebe:taskDefinition type="x"/></extensionElements>')
        self.expect(made[1], at.variable)
        return made

    def catch(self, at):
        made = self.node("intermediateCatchEvent", TIMER)
        self.expect(made[1], at.variable)
        return made

    def standard_loop(self, at):
        before = self.random.choice(["true", "false"])
        loop = (
            f'<standardLoopCharacteristics testBefore="{before}" loopMaximum="{self.random.randint(1, 4)}">'
            f"<loopCondition>={at.variable} &lt; 3</loopCondition></standardLoopCharacteristics>"
        )
        return self.node("scriptTask", self.script(at.variable, f"{at.variable} + 1") + loop)

    def multi_instance(self, at):
        sequential = self.random.choice(["true", "false"])
        ends = sequential == "true" and self.random.random() < 0.5
        loop = (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}">'
            f"<loopCardinality>={self.random.choice(['0', '3', at.variable])}</loopCardinality>"
            + (f"<completionCondition>={at.variable} &gt; 1</completionCondition>" if ends else "")
            + "</multiInstanceLoopCharacteristics>"
        )
        return self.node("scriptTask", self.script(at.variable, f"{at.variable} + 1") + loop)

    def link(self, at):
        name = self.id("jump")
        throw = self.node("intermediateThrowEvent", f'<linkEventDefinition name="{name}"/>')
        catch = self.node("intermediateCatchEvent", f'<linkEventDefinition name="{name}"/>')
        before, after = self.task(at), self.task(at)
        xml = before[0] + throw[0] + catch[0] + after[0]
        return xml + self.flow(before[1], throw[1]) + self.flow(catch[1], after[1]), before[1], after[1]

    def boundary(self, at):
        host = self.node("userTask")
        event = self.node("boundaryEvent", TIMER, f'attachedToRef="{host[1]}"')
        self.expect(host[1], at.variable, event[1])
        merge, after = self.node("exclusiveGateway"), self.task(at)
        flows = self.flow(host[1], merge[1]) + self.flow(event[1], after[1]) + self.flow(after[1], merge[1])
        return host[0] + event[0] + merge[0] + after[0] + flows, host[1], merge[1]

    def branches(self, places: list[Place]) -> list[tuple[str, str, str]]:
        return [self.sequence(place) for place in places]

    def parallel_places(self, at: Place, number: int, **changes: bool) -> list[Place]:
        return [at.inside(self.fresh(), alone=False, **changes) for _ in range(number)]

    def exclusive(self, at):
        ways = self.branches([at.inside()] * 2)
        default = self.id("f")
        split = self.node("exclusiveGateway", attributes=f'default="{default}"')
        merge = self.node("exclusiveGateway")
        xml = split[0] + merge[0] + "".join(way[0] + self.flow(way[2], merge[1]) for way in ways)
        xml += self.flow(split[1], ways[0][1], self.condition(at.variable)) + self.flow(
            split[1], ways[1][1], id=default
        )
        return xml, split[1], merge[1]

    def parallel(self, at):
        ways = self.branches(self.parallel_places(at, 3))
        split, join = self.node("parallelGateway"), self.node("parallelGateway")
        xml = split[0] + join[0]
        xml += "".join(self.flow(split[1], way[1]) + way[0] + self.flow(way[2], join[1]) for way in ways)
        return xml, split[1], join[1]

    def inclusive(self, at):
        ways = self.branches(self.parallel_places(at, 3, joins=False, merges=False))
        default = self.id("f")
        split, join = self.node("inclusiveGateway", attributes=f'default="{default}"'), self.node("inclusiveGateway")
        xml = split[0] + join[0] + "".join(way[0] + self.flow(way[2], join[1]) for way in ways)
        xml += "".join(self.flow(split[1], way[1], self.condition(at.variable)) for way in ways[1:])
        return xml + self.flow(split[1], ways[0][1], id=default), split[1], join[1]

    def implicit_split(self, at):
        ways = self.branches(self.parallel_places(at, 2))
        split, join = self.node("task"), self.node("parallelGateway")
        xml = split[0] + join[0]
        xml += "".join(self.flow(split[1], way[1]) + way[0] + self.flow(way[2], join[1]) for way in ways)
        return xml, split[1], join[1]

    def conditional_split(self, at):
        ways = self.branches(self.parallel_places(at, 2, joins=False, merges=False))
        default = self.id("f")
        split, join = self.node("task", attributes=f'default="{default}"'), self.node("inclusiveGateway")
        xml = split[0] + join[0] + "".join(way[0] + self.flow(way[2], join[1]) for way in ways)
        xml += self.flow(split[1], ways[0][1], self.condition(at.variable)) + self.flow(
            split[1], ways[1][1], id=default
        )
        return xml, split[1], join[1]

    def loop(self, at):
        rounds, out = self.fresh(), self.id("f")
        reset = self.node("scriptTask", self.script(rounds, "0"))
        add = self.node("scriptTask", self.script(rounds, f"{rounds} + 1"))
        merge, split = self.node("exclusiveGateway"), self.node("exclusiveGateway", attributes=f'default="{out}"')
        after = self.task(at)
        body = self.sequence(at.inside(joins=False))
        xml = reset[0] + add[0] + merge[0] + split[0] + after[0] + body[0]
        xml += self.flow(reset[1], merge[1]) + self.flow(merge[1], body[1]) + self.flow(body[2], add[1])
        xml += self.flow(add[1], split[1]) + self.flow(split[1], after[1], id=out)
        return xml + self.flow(split[1], merge[1], f"{rounds} < {self.random.randint(1, 3)}"), reset[1], after[1]

    def subprocess(self, at):
        start, end = self.node("startEvent"), self.node("endEvent")
        body = self.sequence(at.inside(joins=True, merges=True))
        inside = start[0] + end[0] + body[0] + self.flow(start[1], body[1]) + self.flow(body[2], end[1])
        return self.node(self.random.choice(["subProcess", "transaction"]), inside)

    def event_gateway(self, at):
        gateway, merge = self.node("eventBasedGateway"), self.node("exclusiveGateway")
        events = [self.node("intermediateCatchEvent", TIMER) for _ in range(2)]
        ways = self.branches([at.inside()] * 2)
        xml = gateway[0] + merge[0]
        for event, way in zip(events, ways, strict=True):
            xml += event[0] + way[0] + self.flow(gateway[1], event[1]) + self.flow(event[1], way[1])
            xml += self.flow(way[2], merge[1])
        self.answers[gateway[1]] = [
            Happens(self.random.choice(events)[1], {at.variable: self.random.randrange(3)}) for _ in range(30)
        ]
        return xml, gateway[1], merge[1]

    def terminating(self, at):
        default = self.id("f")
        split = self.node("exclusiveGateway", attributes=f'default="{default}"')
        end = self.node("endEvent", "<terminateEventDefinition/>")
        after = self.task(at)
        xml = split[0] + end[0] + after[0] + self.flow(split[1], after[1], id=default)
        return xml + self.flow(split[1], end[1], self.condition(at.variable)), split[1], after[1]
