"""What happens when two do the same at once: every command in a thread and a connection of its own, let go at one moment."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest

from engine.errors import ConcurrentUpdate, IllegalTransition
from engine.model.ports import FakeClock
from engine.model.states import TaskState
from engine.model.values import SYSTEM, Actor
from engine.services import checks, history, holding, incidents, jobs, messages, repository, runtime, tasks, verify
from engine.services.engine import Engine
from engine.store import jobs as job_rows
from engine.store.database import Store
from engine.testing import Harness
from tests.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    flows,
    line,
    message,
    on_message,
    on_timer,
    parallel,
    service,
    start,
    user,
)

ALICE = Actor("user:1", "Alice", everything=True)
BOB = Actor("user:2", "Bob", everything=True)


@pytest.fixture
def engine(store: Store, clock: FakeClock):
    """An engine on a database in a file or on a server, so that threads have connections of their own."""
    engine = Engine(store, clock)
    yield engine
    assert checks.all_of_them(engine) == []
    assert verify.everything(engine).breaks == []


def together(*commands):
    """Let commands go at one moment; give what each gave or raised."""
    barrier = threading.Barrier(len(commands))
    found = [None] * len(commands)

    def run(number, command):
        barrier.wait()
        try:
            found[number] = command()
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def deploy(engine, *files):
    with Harness(store=engine.store, clock=engine.clock) as h:
        h.deploy(*files)


def run_all(engine, threads=1):
    """Do everything that is due, in some threads."""

    def work():
        while taken := jobs.claim_due(engine, worker=threading.current_thread().name, limit=3):
            for job in taken:
                jobs.run(engine, job)

    for found in together(*[work] * threads):
        assert found is None, found


def open_tasks(engine, key):
    return tasks.of_instance(engine, key, actor=SYSTEM)


@pytest.mark.parametrize("people", [2, 8])
def test_of_many_who_complete_one_task_one_wins_and_the_others_are_told_who_and_when(engine, people):
    deploy(engine, line(user("a"), user("b")))
    cast = [Actor(f"user:{n}", f"Person {n}", everything=True) for n in range(people)]
    for _ in range(5):
        key = runtime.start(engine, "p", actor=SYSTEM)
        [task] = open_tasks(engine, key)

        found = together(
            *[
                lambda who=who, task=task: tasks.complete(engine, task.key, {"by": who.name}, actor=who, claiming=True)
                for who in cast
            ]
        )

        losers = [each for each in found if isinstance(each, ConcurrentUpdate)]
        assert len(losers) == people - 1, found
        winner = runtime.variables(engine, key, actor=SYSTEM)["by"]
        assert {(loser.actor, loser.at) for loser in losers} == {(winner, engine.clock.now())}
        assert [task.element_id for task in open_tasks(engine, key)] == ["b"]


@pytest.mark.parametrize("signers", [2, 6])
def test_parallel_signers_never_disturb_one_another(engine, signers):
    names = [f"s{n}" for n in range(signers)]
    body = [start(), '<parallelGateway id="split"/>', *map(user, names), '<parallelGateway id="join"/>', end()]
    pairs = ["start>split", "join>end", *(f"split>{name}" for name in names), *(f"{name}>join" for name in names)]
    deploy(engine, diagram(*body, flows(*pairs)))
    for _ in range(3):
        key = runtime.start(engine, "p", actor=SYSTEM)

        found = together(
            *[
                lambda task=task: tasks.complete(engine, task.key, {task.element_id: True}, actor=ALICE, claiming=True)
                for task in open_tasks(engine, key)
            ]
        )

        assert [each.ended for each in found].count(True) == 1
        assert runtime.variables(engine, key, actor=SYSTEM) == dict.fromkeys(names, True)


def test_one_of_two_claims_wins(engine):
    deploy(engine, line(user("a")))
    for _ in range(5):
        [task] = open_tasks(engine, runtime.start(engine, "p", actor=SYSTEM))

        found = together(
            lambda task=task: holding.claim(engine, task.key, actor=ALICE),
            lambda task=task: holding.claim(engine, task.key, actor=BOB),
        )

        held = tasks.task(engine, task.key, actor=SYSTEM)
        assert held.state is TaskState.CLAIMED
        assert Counter(type(each) for each in found) in (
            Counter({type(None): 1, ConcurrentUpdate: 1}),
            Counter({type(None): 2}),  # whoever may do everything holds whatever anybody holds
        )


def test_completing_against_canceling_leaves_one_outcome(engine):
    deploy(engine, line(user("a")))
    for _ in range(8):
        key = runtime.start(engine, "p", actor=SYSTEM)
        [task] = open_tasks(engine, key)

        found = together(
            lambda task=task: tasks.complete(engine, task.key, {}, actor=ALICE, claiming=True),
            lambda key=key: runtime.cancel(engine, key, actor=BOB),
        )

        state = runtime.instance(engine, key, actor=SYSTEM).state
        refused = [each for each in found if isinstance(each, IllegalTransition | ConcurrentUpdate)]
        assert len(refused) == 1
        assert state == ("completed" if refused[0] is found[1] else "canceled")


def test_completing_against_a_deadline_leaves_one_outcome(engine):
    deploy(
        engine,
        diagram(
            start(),
            user("a"),
            boundary("late", "a", on_timer("PT1H")),
            user("after"),
            user("escalated"),
            end(),
            flows("start>a", "a>after", "after>end", "late>escalated", "escalated>end"),
        ),
    )
    for _ in range(5):
        key = runtime.start(engine, "p", actor=SYSTEM)
        [task] = open_tasks(engine, key)
        engine.clock.advance(timedelta(hours=1))
        [job] = jobs.claim_due(engine, worker="w")

        found = together(
            lambda task=task: tasks.complete(engine, task.key, {}, actor=ALICE, claiming=True),
            lambda job=job: jobs.run(engine, job),
        )

        [now] = [task.element_id for task in open_tasks(engine, key)]
        completed = not isinstance(found[0], Exception)
        assert now == ("after" if completed else "escalated"), found


def test_the_same_command_sent_twice_at_once_acts_once(engine):
    deploy(engine, line(user("a")))

    for number in range(5):
        found = together(
            *[lambda n=number: runtime.start(engine, "p", actor=ALICE, command_id=f"c{n}") for _ in range(4)]
        )

        assert len(set(found)) == 1, found
    assert len(runtime.instances(engine, actor=SYSTEM)) == 5


def test_the_same_completion_sent_twice_at_once_gets_one_answer(engine):
    deploy(engine, line(user("a"), user("b")))
    for number in range(5):
        [task] = open_tasks(engine, runtime.start(engine, "p", actor=SYSTEM))

        found = together(
            *[
                lambda task=task, n=number: tasks.complete(
                    engine, task.key, {}, actor=ALICE, claiming=True, command_id=f"c{n}"
                )
                for _ in range(3)
            ]
        )

        assert len(set(found)) == 1, found


def test_a_message_with_one_id_published_by_many_at_once_acts_once(engine):
    deploy(
        engine,
        diagram(start(inner=on_message("m")), user("a"), end(), flows("start>a", "a>end"), roots=message("m", "alarm")),
    )

    found = together(
        *[lambda: messages.publish(engine, "alarm", actor=SYSTEM, source="s", message_id="1") for _ in range(5)]
    )
    run_all(engine, threads=3)

    assert sum(each.is_new for each in found) == 1
    assert len({each.instances for each in found}) == 1
    assert len(runtime.instances(engine, actor=SYSTEM)) == 1


def test_a_message_and_the_wait_for_it_meet_whichever_comes_first(engine):
    deploy(engine, line(user("a"), catch("wait", on_message("m")), roots=message("m", "paid", "=order")))
    for number in range(10):
        key = runtime.start(engine, "p", {"order": str(number)}, actor=SYSTEM)
        [task] = open_tasks(engine, key)

        together(
            lambda task=task: tasks.complete(engine, task.key, {}, actor=ALICE, claiming=True),
            lambda n=number: messages.publish(
                engine, "paid", correlation_key=str(n), ttl=timedelta(hours=1), actor=SYSTEM
            ),
        )
        run_all(engine)

        assert runtime.instance(engine, key, actor=SYSTEM).state == "completed"


def test_two_messages_for_one_wait_go_to_two_instances(engine):
    deploy(engine, line(catch("wait", on_message("m")), roots=message("m", "paid", "=order")))
    keys = [runtime.start(engine, "p", {"order": "A"}, actor=SYSTEM) for _ in range(2)]

    together(*[lambda: messages.publish(engine, "paid", correlation_key="A", actor=SYSTEM) for _ in range(2)])
    run_all(engine, threads=2)

    assert [runtime.instance(engine, key, actor=SYSTEM).state for key in keys] == ["completed", "completed"]


def test_workers_never_take_the_same_job(engine):
    deploy(engine, line(service("work", "mail:send")))
    for _ in range(40):
        runtime.start(engine, "p", actor=SYSTEM)
    taken = []

    def work():
        while found := jobs.claim(engine, ["mail:send"], actor=SYSTEM, worker=threading.current_thread().name, limit=3):
            for job in found:
                taken.append(job.key)
                jobs.succeed(engine, job.key, {}, actor=SYSTEM, lease_no=job.lease_no)

    assert together(*[work] * 4) == [None] * 4
    while jobs.open_jobs(engine, actor=SYSTEM):
        work()  # a worker that found every row taken at that moment looks again

    assert len(taken) == len(set(taken)) == 40
    assert {row.state for row in runtime.instances(engine, actor=SYSTEM)} == {"completed"}


def test_timers_of_many_instances_fire_once_with_many_workers(engine):
    deploy(engine, line(catch("w", on_timer("PT1H")), user("a")))
    keys = [runtime.start(engine, "p", actor=SYSTEM) for _ in range(30)]
    engine.clock.advance(timedelta(hours=3))

    run_all(engine, threads=4)
    run_all(engine)

    for key in keys:
        assert history.path(engine, key, actor=SYSTEM) == ["start", "w"]
        assert len(open_tasks(engine, key)) == 1


def test_a_child_that_starts_while_its_caller_is_canceled_does_not_live_on(engine):
    deploy(engine, line(call("sub", "child")), line(user("a"), id="child"))
    for _ in range(8):
        key = runtime.start(engine, "p", actor=SYSTEM)
        [job] = jobs.claim_due(engine, worker="w")
        assert job.kind is job_rows.JobKind.START_CHILD

        together(lambda job=job: jobs.run(engine, job), lambda key=key: runtime.cancel(engine, key, actor=SYSTEM))
        run_all(engine)

        assert runtime.instance(engine, key, actor=SYSTEM).state == "canceled"
        assert [child.state for child in runtime.children(engine, key, actor=SYSTEM)] in ([], ["canceled"])
    assert incidents.open_incidents(engine, actor=SYSTEM) == []


def test_two_deployments_at_once_get_versions_one_after_the_other(engine):
    found = together(*[lambda n=n: deploy(engine, line(user(f"a{n}"))) for n in range(4)])

    assert found == [None] * 4
    versions = [row.version for row in repository.definitions(engine, actor=SYSTEM, latest=False)]
    assert versions == [4, 3, 2, 1]


def test_who_looks_while_an_instance_moves_sees_it_before_or_after_and_nothing_between(engine):
    loop = diagram(
        start(),
        user("a"),
        '<exclusiveGateway id="g" default="g_a"/>',
        parallel("split"),
        *(user(f"s{n}") for n in range(5)),
        parallel("join"),
        end(),
        flows(
            "start>a",
            "a>g",
            "g>a",
            "g>split=last = true",
            "join>end",
            *(pair for n in range(5) for pair in (f"split>s{n}", f"s{n}>join")),
        ),
    )
    deploy(engine, loop)
    key = runtime.start(engine, "p", {"n": 0, "last": False}, actor=SYSTEM)
    over = threading.Event()

    def move():
        try:
            for n in range(1, 40):
                [task] = open_tasks(engine, key)
                given = {"n": n, "last": n == 39}
                tasks.complete(engine, task.key, given, actor=SYSTEM, claiming=True)
            for task in open_tasks(engine, key):
                tasks.complete(engine, task.key, {}, actor=SYSTEM, claiming=True)
        finally:
            over.set()

    def look():
        seen = 0
        while not over.is_set():
            now = runtime.variables(engine, key, actor=SYSTEM)["n"]
            assert now >= seen
            seen = now
            assert set(runtime.active(engine, key, actor=SYSTEM)) <= {"a", "join", *(f"s{n}" for n in range(5))}

    assert together(move, look, look) == [None, None, None]


def test_the_history_of_an_instance_does_not_fork(engine):
    deploy(engine, line(user("a")))
    key = runtime.start(engine, "p", {}, actor=SYSTEM)

    together(*[lambda n=n: runtime.set_variables(engine, key, {f"v{n}": n}, actor=ALICE) for n in range(8)])

    assert runtime.variables(engine, key, actor=SYSTEM) == {f"v{n}": n for n in range(8)}
    assert verify.of_instance(engine, key).breaks == []
