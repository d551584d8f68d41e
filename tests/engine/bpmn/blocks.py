"""Random block-structured diagrams with answers for everything that waits, for tests that run them twice.

What parallel branches write is disjoint, so that the order of their steps cannot matter.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
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

    roots = ""

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
            f'<startEvent id="{start}"/>{body}<endEvent id="{end}"/>' + self.flow(start, first) + self.flow(last, end),
            beside=self.roots,
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
        make = self.random.choice(self.choices(at))
        self.used[make.__name__] += 1
        return make(at)

    def choices(self, at: Place) -> list[Callable[[Place], tuple[str, str, str]]]:
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
        return choices

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


class Wider(Blocks):
    """Diagrams with what SpiffWorkflow does not run, or not right; with ``racing`` also where the order of the answers decides."""

    roots = '<error id="err" errorCode="BAD"/><escalation id="esc" escalationCode="UP"/><signal id="sig" name="go"/>'
    undoing = "<compensateEventDefinition {}/>"

    def __init__(self, seed: int, size: int = 12, *, racing: bool = False) -> None:
        self.racing = racing
        super().__init__(seed, size)

    def choices(self, at: Place) -> list[Callable[[Place], tuple[str, str, str]]]:
        at = replace(at, joins=True, merges=True)
        choices = [*super().choices(at), self.several_tasks, self.ad_hoc]
        if at.depth <= 2 and self.left > 0:
            inner = [self.compensated, self.complex_join, self.error_caught, self.canceled, self.escalated]
            inner += [self.inclusive_of_all, self.several_subprocesses, self.quantities]
            if self.racing:
                inner += [self.beside, self.taken_over, self.reminded, self.signaled, self.cut_short, self.watched]
            choices += inner * 3
        return choices

    # ---- parts ---------------------------------------------------------------------------------------------------------

    def scope(self, tag: str, inside: str, first: str, last: str, *, end: str = "", after: str = "", loop: str = ""):
        """A subprocess around a sequence; ``after`` stands behind the flows."""
        start, done = self.node("startEvent"), self.node("endEvent", end)
        ways = self.flow(start[1], first) + self.flow(last, done[1])
        return self.node(tag, loop + start[0] + inside + done[0] + ways + after)

    def undoable(self, at: Place, number: int) -> tuple[str, list[str], str]:
        """Tasks that can be undone: (xml, ids, associations)."""
        xml, ids, by = "", [], ""
        loop = (
            "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        for _ in range(number):
            made = self.node("userTask", loop if self.random.random() < 0.3 else "")
            undo = self.node("userTask", attributes='isForCompensation="true"')
            event = self.node("boundaryEvent", self.undoing.format(""), f'attachedToRef="{made[1]}"')
            self.expect(made[1], at.variable)
            self.expect(undo[1], at.variable)
            xml += made[0] + undo[0] + event[0]
            by += f'<association id="{self.id("a")}" sourceRef="{event[1]}" targetRef="{undo[1]}"/>'
            ids.append(made[1])
        return xml + "".join(self.flow(one, other) for one, other in itertools.pairwise(ids)), ids, by

    def handler(self, at: Place, event: str, interrupting: bool) -> str:
        flag = str(interrupting).lower()
        start = self.node("startEvent", event, f'isInterrupting="{flag}"')
        end, work = self.node("endEvent"), self.user_task(at)
        self.answers[start[1]] = [{at.variable: self.random.randrange(3)}]
        ways = self.flow(start[1], work[1]) + self.flow(work[1], end[1])
        return self.node("subProcess", start[0] + work[0] + end[0] + ways, 'triggeredByEvent="true"')[0]

    def caught(self, host: tuple[str, str, str], event: str, *, attributes: str = "") -> tuple[str, str, str]:
        """An activity and its boundary event, whose ways merge again."""
        at = self.node("boundaryEvent", event, f'attachedToRef="{host[1]}" {attributes}')
        merge = self.node("exclusiveGateway")
        return (
            host[0] + at[0] + merge[0] + self.flow(host[1], merge[1]) + self.flow(at[1], merge[1]),
            host[1],
            merge[1],
        )

    def aside(self, host: tuple[str, str, str], event: str) -> tuple[str, str, str]:
        """An activity and a boundary event beside it, whose way ends by itself."""
        at = self.node("boundaryEvent", event, f'attachedToRef="{host[1]}" cancelActivity="false"')
        self.answers[at[1]] = [{}]
        end = self.node("endEvent")
        return host[0] + at[0] + end[0] + self.flow(at[1], end[1]), host[1], host[2]

    # ---- the same end in any order -----------------------------------------------------------------------------------------

    def several_tasks(self, at):
        loop = (
            f'<multiInstanceLoopCharacteristics isSequential="{self.random.choice(["true", "false"])}"><extensionElements>'
            f'<zeebe:loopCharacteristics inputCollection="=[1, 2, 3]" inputElement="item" outputCollection="{at.variable}s" '
            'outputElement="=item"/></extensionElements></multiInstanceLoopCharacteristics>'
        )
        made = self.node("userTask", loop)
        self.expect(made[1], at.variable)
        return made

    def several_subprocesses(self, at):
        sequential = self.random.choice(["true", "false"])
        loop = (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>2</loopCardinality>'
            "</multiInstanceLoopCharacteristics>"
        )
        tasks = [self.user_task(at), self.user_task(at)]
        return self.scope(
            "subProcess",
            tasks[0][0] + tasks[1][0] + self.flow(tasks[0][1], tasks[1][1]),
            tasks[0][1],
            tasks[1][1],
            loop=loop,
        )

    def ad_hoc(self, at):
        ordering = self.random.choice(["Parallel", "Sequential"])
        one, two, then = (self.user_task(at.inside(self.fresh())) for _ in range(3))
        inside = one[0] + two[0] + then[0] + self.flow(one[1], then[1])
        return self.node("adHocSubProcess", inside, f'ordering="{ordering}"')

    def compensated(self, at):
        xml, ids, by = self.undoable(at, self.random.randint(1, 3))
        ref = f'activityRef="{self.random.choice(ids)}"' if self.random.random() < 0.4 else ""
        wait = self.random.choice(["true", "false"])
        back = self.node("intermediateThrowEvent", self.undoing.format(f'{ref} waitForCompletion="{wait}"'))
        after = self.task(at)
        xml += back[0] + after[0] + self.flow(ids[-1], back[1]) + self.flow(back[1], after[1])
        inner = self.scope("subProcess", xml, ids[0], after[1], after=by)
        if self.random.random() < 0.5:
            return inner
        again = self.node("intermediateThrowEvent", self.undoing.format(""))
        return self.scope("subProcess", inner[0] + again[0] + self.flow(inner[1], again[1]), inner[1], again[1])

    def canceled(self, at):
        xml, ids, by = self.undoable(at, self.random.randint(1, 3))
        end = "<cancelEventDefinition/>"
        host = self.scope("transaction", xml, ids[0], ids[-1], end=end, after=by)
        return self.caught(host, end)

    def error_caught(self, at):
        inside = self.sequence(at.inside())
        end = '<errorEventDefinition errorRef="err"/>'
        host = self.scope("subProcess", *inside, end=end)
        return self.caught(host, end if self.random.random() < 0.5 else "<errorEventDefinition/>")

    def escalated(self, at):
        up = '<escalationEventDefinition escalationRef="esc"/>'
        inside, throw = self.sequence(at.inside()), self.node("intermediateThrowEvent", up)
        xml = inside[0] + throw[0] + self.flow(inside[2], throw[1])
        return self.aside(self.scope("subProcess", xml, inside[1], throw[1]), up)

    def complex_join(self, at):
        ways = self.branches(self.parallel_places(at, 3))
        split, after = self.node("parallelGateway"), self.user_task(at.inside(self.fresh()))
        condition = f"<activationCondition>=activationCount &gt;= {self.random.randint(1, 3)}</activationCondition>"
        join = self.node("complexGateway", condition)
        xml = split[0] + join[0] + after[0] + self.flow(join[1], after[1])
        xml += "".join(self.flow(split[1], way[1]) + way[0] + self.flow(way[2], join[1]) for way in ways)
        return self.scope("subProcess", xml, split[1], after[1])

    def inclusive_of_all(self, at):
        """A split into ways of which some end before they come to the join."""
        ways = self.branches(self.parallel_places(at, 3))
        off, join = self.node("endEvent"), self.node("inclusiveGateway")
        split, which = (
            self.node("parallelGateway"),
            self.node("exclusiveGateway", attributes=('default="' + (out := self.id("f")) + '"')),
        )
        xml = split[0] + which[0] + off[0] + join[0]
        xml += "".join(self.flow(split[1], way[1]) + way[0] for way in ways)
        xml += self.flow(ways[0][2], which[1]) + self.flow(which[1], off[1], self.condition(at.variable))
        xml += self.flow(which[1], join[1], id=out) + self.flow(ways[1][2], join[1]) + self.flow(ways[2][2], join[1])
        return xml, split[1], join[1]

    def quantities(self, at):
        number = self.random.randint(2, 3)
        first = self.node("task", attributes=f'completionQuantity="{number}"')
        second = self.node("userTask", attributes=f'startQuantity="{number}"')
        self.expect(second[1], at.variable)
        return first[0] + second[0] + self.flow(first[1], second[1]), first[1], second[1]

    # ---- where the order decides -------------------------------------------------------------------------------------------

    def beside(self, at):
        return self.scope("subProcess", *self.sequence(at.inside()), after=self.handler(at, TIMER, False))

    def taken_over(self, at):
        return self.scope("subProcess", *self.sequence(at.inside()), after=self.handler(at, TIMER, True))

    def reminded(self, at):
        return self.aside(self.scope("subProcess", *self.sequence(at.inside())), TIMER)

    def signaled(self, at):
        signal = '<signalEventDefinition signalRef="sig"/>'
        inside, throw = self.sequence(at.inside()), self.node("intermediateThrowEvent", signal)
        xml = inside[0] + throw[0] + self.flow(inside[2], throw[1])
        event = self.handler(at, signal, self.random.random() < 0.5)
        return self.scope("subProcess", xml, inside[1], throw[1], after=event)

    def watched(self, at):
        """A subprocess with a condition that what happens inside it can make true."""
        value = self.random.randrange(3)
        event = (
            f"<conditionalEventDefinition><condition>={at.variable} = {value}</condition></conditionalEventDefinition>"
        )
        inside = self.sequence(at.inside())
        if self.random.random() < 0.5:
            return self.scope("subProcess", *inside, after=self.handler(at, event, self.random.random() < 0.5))
        host = self.scope("subProcess", *inside)
        return self.aside(host, event) if self.random.random() < 0.5 else self.caught(host, event)

    def cut_short(self, at):
        ways = self.branches(self.parallel_places(at, 3))
        split, ends = self.node("parallelGateway"), [self.node("endEvent") for _ in ways]
        stop = self.node("endEvent", "<terminateEventDefinition/>")
        xml = split[0] + "".join(self.flow(split[1], way[1]) + way[0] for way in ways)
        xml += stop[0] + self.flow(ways[0][2], stop[1])
        xml += "".join(end[0] + self.flow(way[2], end[1]) for way, end in zip(ways[1:], ends[1:], strict=True))
        start = self.node("startEvent")
        return self.node("subProcess", start[0] + xml + self.flow(start[1], split[1]))


class Busy(Wider):
    """Diagrams in which little waits, so that many moves follow from one."""

    def user_task(self, at):
        return self.script_task(at)

    service_task = catch = boundary = event_gateway = user_task
