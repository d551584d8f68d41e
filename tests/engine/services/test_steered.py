"""Whatever a person does to a live instance, in whatever order: it always waits for something, and what has ended stays as it is."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn.progress import Activation
from engine.bpmn.state import ElementInstance, State
from engine.errors import PropflowError
from engine.model.values import SYSTEM
from engine.services import checks, migration, moves, runtime
from engine.testing import Harness
from tests.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    extended,
    flows,
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

COMPENSATE = "<compensateEventDefinition/>"
CONDITION = "<conditionalEventDefinition><condition>=n &gt; 8</condition></conditionalEventDefinition>"


def sub(id, *inner, kind="subProcess", loop="", event=False):
    triggered = ' triggeredByEvent="true"' if event else ""
    return f'<{kind} id="{id}"{triggered}>{loop}{"".join(inner)}</{kind}>'


def over(items, *, sequential=False):
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        + extended(f'<zeebe:loopCharacteristics inputCollection="={items}" inputElement="item"/>')
        + "</multiInstanceLoopCharacteristics>"
    )


def version(number: int) -> bytes:
    """A process in which everything can be live at once; versions differ in ids, events and scopes."""
    x = {1: "", 2: "_b", 3: ""}[number]
    undo = service("undo", "undo").replace("<serviceTask ", '<serviceTask isForCompensation="true" ')
    parts = [
        start(),
        parallel("fork"),
        user(f"a{x}"),
        boundary("remind", f"a{x}", on_timer(f"PT{number}H"), interrupting=False),
        user("reminded"),
        service(f"job{x}", retries="1"),
        boundary("undone", f"job{x}", COMPENSATE),
        undo,
        sub(
            f"each{x}",
            start("es"), user("one"), user("two"), flows("es>one", "one>two"),
            loop=over("[1,2,3]", sequential=False),
        ),
        sub(
            "box",
            start("bs"), sub("inner", start("ins"), user("deep"), flows("ins>deep")), user("after"),
            flows("bs>inner", "inner>after"),
        ),
        boundary("out", "box", CONDITION),
        '<eventBasedGateway id="choice"/>',
        catch("paid", on_message("m1")),
        catch("waited", on_timer("PT5H")),
        sub("any", user("x"), user("y"), kind="adHocSubProcess"),
        script("count", "=if n = null then [1..2] else n + 1", "n"),
        call("call", "called"),
        parallel("join"),
        throw("rollback", COMPENSATE),
        user("last"),
        end(),
    ]  # fmt: skip
    arms = [f"a{x}", f"job{x}", f"each{x}", "box", "choice", "any", "count", "call"]
    if number == 3:
        parts.insert(5, boundary("told", "a", on_message("m1"), interrupting=False))
        parts.append(sub("esp", start("when", on_message("m1")), user("handled"), flows("when>handled"), event=True))
    pairs = [f"fork>{id}" for id in arms] + ["choice>paid", "choice>waited", "remind>reminded", "out>last"]
    pairs += [f"{id}>join" for id in arms if id != "choice"] + [
        "paid>join",
        "waited>join",
        "join>rollback",
        "rollback>last",
    ]
    pairs += ["told>reminded"] if number == 3 else []
    return diagram(
        *parts, flows("start>fork", *pairs, "last>end"),
        '<association id="as" sourceRef="undone" targetRef="undo"/>', roots=message("m1", "paid", "=k"),
    )  # fmt: skip


CALLED = diagram(start(), user("child"), end(), flows("start>child", "child>end"), id="called")


def waits_for_nothing(state: State) -> list[str]:
    """List the live element instances that nothing will ever move: stricter than asking whether the instance as a whole waits."""
    return [
        node.element_id
        for node in state
        if isinstance(node, ElementInstance)
        and not (node.opened or node.incident or node.arrived or node.undoing is not None or state.children(node.id))
    ]


class Person:
    """Somebody who does one thing after the other, the next at random."""

    def __init__(self, harness: Harness, choose: Random) -> None:
        self.h, self.choose = harness, choose
        self.key = harness.start("p", {"k": "1", "n": choose.choice([0, None])})
        self.verbs = [
            *[self.work] * 5, *[self.modify] * 4, *[self.migrate] * 2, self.fail, self.wait, self.pay, self.set_variables,
            self.retry, self.skip, self.switch, self.dry_runs,
        ]  # fmt: skip

    def act(self) -> str:
        verb = self.choose.choice(self.verbs)
        try:
            verb()
        except PropflowError as refusal:
            return f"{verb.__name__}: {refusal}"
        return verb.__name__

    def state(self) -> State | None:
        if self.h.state(self.key) in ("completed", "canceled"):
            return None
        with self.h.store.read() as uow:
            return moves.stored_state(uow, int(self.key))

    def nodes(self) -> list[ElementInstance]:
        return [node for node in self.state() or [] if isinstance(node, ElementInstance)]

    def work(self) -> None:
        todo = [*self.h.tasks(), *self.h.jobs()]
        if todo:
            each = self.choose.choice(todo)
            (self.h.complete if hasattr(each, "name") else self.h.complete_job)(each)

    def fail(self) -> None:
        for job in self.h.jobs()[:1]:
            self.h.fail_job(job, "no answer")

    def wait(self) -> None:
        self.h.advance(hours=self.choose.choice([1, 3, 6]))

    def pay(self) -> None:
        self.h.publish("paid", "1")

    def set_variables(self) -> None:
        node = self.choose.choice(self.nodes() or [None])
        self.h.set_variables(self.key, {"n": self.choose.choice([0, 5, 9])}, scope=node and node.id)

    def orders(self) -> dict[str, list]:
        elements = self.definition().elements
        nodes = self.nodes()
        chosen = [self.choose.choice(sorted(elements)) for _ in range(self.choose.randrange(3))]
        within = [node.id for node in nodes if elements[node.element_id].is_scope] + [None] * 5
        ended = [
            self.choose.choice([node.id, node.element_id]) for node in self.choose.sample(nodes, min(len(nodes), 2))
        ]
        return {
            "activate": [Activation(id, self.choose.choice(within)) for id in chosen],
            "terminate": self.choose.choice([[each for each in ended if each not in (1, "p")], []]),
        }

    def modify(self) -> None:
        self.h.modify(self.key, **self.orders())

    def migrate(self) -> None:
        here, there = self.definition_row().version, self.choose.choice([1, 2, 3])
        plan = migration.propose(self.h.engine, "p", here, there, actor=SYSTEM)
        self.h.migrate(self.key, there, plan.proposal.mapping)

    def dry_runs(self) -> None:
        before = self.h.history(self.key), self.h.active(self.key), self.h.tasks(), self.h.jobs()
        runtime.modify(self.h.engine, self.key, **self.orders(), actor=SYSTEM, dry_run=True)
        self.h.migrate(self.key, self.choose.choice([1, 2, 3]), dry_run=True)
        assert before == (self.h.history(self.key), self.h.active(self.key), self.h.tasks(), self.h.jobs())

    def retry(self) -> None:
        for each in self.h.incidents(self.key)[:1]:
            self.h.resolve(each)

    def skip(self) -> None:
        for each in self.h.incidents(self.key)[:1]:
            self.h.skip(each, {"n": 1})

    def switch(self) -> None:
        suspended = self.h.state(self.key) == "suspended"
        (self.h.resume if suspended else self.h.suspend)(self.key)

    def definition_row(self):
        return runtime.instance(self.h.engine, self.key, actor=SYSTEM)

    def definition(self):
        with self.h.store.read() as uow:
            row = self.definition_row()
            return migration.versions.process(self.h.engine, uow, row.definition).definition


@pytest.fixture(scope="module")
def versions() -> list[bytes]:
    return [version(number) for number in (1, 2, 3)]


def walk(versions: list[bytes], choose: Random) -> None:
    """Let a person do twenty things, and look after each."""
    with Harness() as h:
        h.deploy(CALLED)
        for each in versions:
            h.deploy(each)
        person = Person(h, choose)
        done: list[str] = []
        for _ in range(20):
            ended = None if person.state() else (h.state(person.key), h.variables(person.key), h.history(person.key))
            done.append(person.act())
            state = person.state()
            if ended is not None:
                assert ended == (h.state(person.key), h.variables(person.key), h.history(person.key)), done
            if state is not None:
                assert waits_for_nothing(state) == [], done
            assert checks.all_of_them(h.engine) == [], done


QUICK = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=12, **QUICK)
@given(choose=st.randoms(use_true_random=False))
def test_random_verbs_leave_nothing_stuck_and_final_states_final(versions, choose):
    walk(versions, choose)


@pytest.mark.long
@settings(max_examples=400, **QUICK)
@given(choose=st.randoms(use_true_random=False))
def test_many_random_verbs_leave_nothing_stuck_and_final_states_final(versions, choose):
    walk(versions, choose)
