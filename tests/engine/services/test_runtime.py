"""Instances: who may start, see and move them; and that whatever goes wrong becomes an incident, never silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Conflict, IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.states import InstanceState
from engine.model.values import SYSTEM, Actor, Bound, Resource
from engine.services import counters, health, incidents, migration, repository, runtime, tasks, upkeep
from engine.store import liveness
from engine.store import tasks as task_rows
from engine.store.counters import Count
from engine.store.instances import Filter
from tests.engine.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    flows,
    line,
    message,
    on_message,
    on_timer,
    parallel,
    script,
    service,
    start,
    user,
)


@pytest.fixture
def ready(office):
    repository.deploy(office.engine, [Resource("p.bpmn", line(user("a", groups="technician")))], actor=SYSTEM)
    return office


def begin(office, by, unit="yunting", **options):
    return runtime.start(office.engine, "p", {}, actor=by, unit=office.unit(unit), **options)


# ---- who may -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "unit", "may"),
    [
        ("alice", "yunting", True),
        ("alice", "yunting-1", True),
        ("alice", "jinheli", False),
        ("carol", "yunting", False),
        ("mallory", "yunting", False),
        ("root", "jinheli", True),
    ],
)
def test_who_may_start_a_process_where(ready, who, unit, may):
    if may:
        key = begin(ready, ready.actor(who), unit)
        found = runtime.instance(ready.engine, key, actor=SYSTEM)
        assert (found.unit, found.started_by_name) == (ready.unit(unit), who.title())
    else:
        with pytest.raises(NotAllowed):
            begin(ready, ready.actor(who), unit)


def test_an_instance_without_a_unit_belongs_to_the_root(ready):
    key = runtime.start(ready.engine, "p", actor=ready.actor("root"))

    assert runtime.instance(ready.engine, key, actor=SYSTEM).unit == ready.unit("jinhe")


VERBS = {
    "cancel": lambda engine, key, actor: runtime.cancel(engine, key, actor=actor),
    "suspend": lambda engine, key, actor: runtime.suspend(engine, key, actor=actor),
    "resume": lambda engine, key, actor: runtime.resume(engine, key, actor=actor),
    "set": lambda engine, key, actor: runtime.set_variables(engine, key, {"x": 1}, actor=actor),
    "modify": lambda engine, key, actor: runtime.modify(engine, key, activate=["a"], actor=actor),
    "migrate": lambda engine, key, actor: migration.migrate(engine, key, 1, actor=actor),
}


@pytest.mark.parametrize("verb", VERBS)
def test_instances_are_moved_by_those_who_may_and_hidden_from_strangers(ready, verb):
    key = begin(ready, ready.actor("alice"))
    for who in ("bob", "carol"):
        with pytest.raises(NotAllowed):
            VERBS[verb](ready.engine, key, ready.actor(who))
    for who in ("dan", "mallory"):
        with pytest.raises(NotFound):
            VERBS[verb](ready.engine, key, ready.actor(who))
    if verb == "resume":
        runtime.suspend(ready.engine, key, actor=SYSTEM)
    VERBS[verb](ready.engine, key, ready.actor("root"))


LOOKS = {
    "instance": runtime.instance,
    "variables": runtime.variables,
    "active": runtime.active,
    "children": runtime.children,
    "tree": runtime.tree,
    "tasks": tasks.of_instance,
    "counts": lambda engine, key, actor: incidents.open_incidents(engine, actor=actor, instance=key),
}


@pytest.mark.parametrize("look", LOOKS)
def test_instances_are_seen_by_those_of_their_unit_their_starter_and_who_has_a_link(ready, look):
    key = begin(ready, ready.actor("alice"))
    link = Actor("link:1", "resident", bound=Bound("track", key))
    other = Actor("link:2", "resident", bound=Bound("track", key + 1))
    starter = Actor("user:1", "starter")
    own = runtime.start(ready.engine, "p", actor=Actor("user:1", "starter", everything=True))

    for actor in (*map(ready.actor, ("alice", "bob", "carol", "root")), link):
        LOOKS[look](ready.engine, key, actor=actor)
    LOOKS[look](ready.engine, own, actor=starter)
    for actor in (*map(ready.actor, ("dan", "mallory")), other, starter):
        with pytest.raises(NotFound):
            LOOKS[look](ready.engine, key, actor=actor)


def test_lists_show_ones_own_part_of_the_organisation_page_by_page(ready):
    ours = [begin(ready, SYSTEM, "yunting-1", business_key=f"T-{n}") for n in range(5)]
    begin(ready, SYSTEM, "jinheli")
    carol = ready.actor("carol")

    first = runtime.instances(ready.engine, actor=carol, limit=3)
    rest = runtime.instances(ready.engine, actor=carol, after=first[-1].key)

    assert [row.key for row in (*first, *rest)] == ours[::-1]
    assert runtime.instances(ready.engine, actor=ready.actor("mallory")) == []
    assert [row.key for row in runtime.instances(ready.engine, Filter(business_key="T-3"), actor=carol)] == [ours[3]]
    path = ready.units["jinheli"].path
    assert len(runtime.instances(ready.engine, Filter(unit_path=path), actor=SYSTEM)) == 1
    assert runtime.instances(ready.engine, Filter(states=(InstanceState.COMPLETED,)), actor=SYSTEM) == []
    assert runtime.instances(ready.engine, Filter(process_id="q"), actor=SYSTEM) == []


# ---- commands ------------------------------------------------------------------------------------------------------------


def test_a_command_id_means_one_command(h):
    h.deploy(line(user("a")))
    key = runtime.start(h.engine, "p", actor=SYSTEM, command_id="1")

    assert runtime.start(h.engine, "p", actor=SYSTEM, command_id="1") == key
    assert h.instances() == [str(key)]
    with pytest.raises(Conflict):
        runtime.cancel(h.engine, key, actor=SYSTEM, command_id="1")
    runtime.cancel(h.engine, key, actor=SYSTEM, command_id="2")
    runtime.cancel(h.engine, key, actor=SYSTEM, command_id="2")
    other = Actor("user:1", "Other", everything=True)
    assert runtime.start(h.engine, "p", actor=other, command_id="1") != key


def test_answers_are_forgotten_after_their_time(h):
    h.deploy(line(user("a")))
    first = runtime.start(h.engine, "p", actor=SYSTEM, command_id="1")
    h.clock.advance(timedelta(days=31))

    upkeep.run(h.engine)

    assert runtime.start(h.engine, "p", actor=SYSTEM, command_id="1") != first


def test_a_refused_command_keeps_its_id_free(h):
    with pytest.raises(NotFound):
        runtime.start(h.engine, "p", actor=SYSTEM, command_id="1")
    h.deploy(line(user("a")))

    assert runtime.start(h.engine, "p", actor=SYSTEM, command_id="1")


@pytest.mark.parametrize(
    "variables",
    [
        {"": 1},
        {"x" * 201: 1},
        {"x": 0.5},
        {"x": {1: 2}},
        {"x": object()},
        {"x": "y" * 1_000_001},
        {f"v{n}": 1 for n in range(1001)},
    ],
)
def test_variables_from_outside_are_checked_before_anything_is_done(h, variables):
    h.deploy(line(user("a")))

    with pytest.raises(Invalid):
        runtime.start(h.engine, "p", variables, actor=SYSTEM)

    assert h.instances() == []


def test_a_deep_value_is_refused(h):
    h.deploy(line(user("a")))
    value = None
    for _ in range(60):
        value = [value]

    with pytest.raises(Invalid):
        runtime.start(h.engine, "p", {"x": value}, actor=SYSTEM)


def test_keys_that_engines_stumble_over_are_values_like_others(h):
    h.deploy(line(script("s", '=x.typename + y["__builtins__"][1]', "z"), user("a")))
    given = {"x": {"typename": "datetime", "__class__": 1}, "__proto__": {"a": 1}}

    key = h.start("p", given | {"y": {"__builtins__": ["b"]}})

    assert {name: value for name, value in h.variables(key).items() if name in given} == given


# ---- what goes wrong -------------------------------------------------------------------------------------------------------


def test_an_instance_that_nothing_will_ever_move_is_found(h):
    h.deploy(line(user("a")))
    key = h.start("p")
    with h.store.begin() as uow:
        [task] = task_rows.of_instance(uow, int(key))
        task_rows.cancel(uow, int(key), [task.ref], actor_id="x", actor_name="x")
        uow.commit()

    with h.store.read() as uow:
        assert liveness.stuck(uow) == [int(key)]
    h.modify(key, activate=["a"], terminate=["a"])


# ---- counts --------------------------------------------------------------------------------------------------------------


def test_counts_say_where_tokens_stand_and_where_they_went_and_survive_folding(h):
    h.deploy(
        diagram(
            start(),
            parallel("split"),
            user("a"),
            service("b"),
            parallel("join"),
            end(),
            flows("start>split", "split>a", "split>b", "a>join", "b>join", "join>end"),
        )
    )
    keys = [h.start("p") for _ in range(3)]
    h.complete(h.tasks(keys[0])[0])
    h.fail_job(h.jobs()[0], "x")
    h.cancel(keys[2])
    [version] = repository.definitions(h.engine, actor=SYSTEM)

    def found():
        return counters.of(h.engine, [version.key], actor=SYSTEM)

    expected = found()
    assert expected["a"] == {Count.LIVE: 1, Count.COMPLETED: 1}
    assert expected["join"][Count.LIVE] == 1
    assert expected["b"][Count.INCIDENTS] == 1
    assert expected["p"][Count.LIVE] == 2
    upkeep.run(h.engine)
    assert found() == expected
    for incident in h.incidents():
        h.resolve(incident)
    for job in h.jobs():
        h.complete_job(job)
    h.complete(h.tasks()[0])
    upkeep.run(h.engine)
    assert {what[Count.LIVE] for what in found().values() if Count.LIVE in what} == {0}
    assert found()["b"][Count.INCIDENTS] == 0


def test_counts_follow_an_instance_to_another_version(h):
    h.deploy(line(user("a")))
    key = h.start("p")
    h.deploy(line(user("b")))
    new, old = repository.definitions(h.engine, actor=SYSTEM, latest=False)

    h.migrate(key, 2, {"a": "b"})

    assert counters.of(h.engine, [old.key], actor=SYSTEM)["a"][Count.LIVE] == 0
    assert counters.of(h.engine, [new.key], actor=SYSTEM)["b"][Count.LIVE] == 1
    assert counters.of(h.engine, [old.key, new.key], actor=SYSTEM)["p"][Count.LIVE] == 1


# ---- health --------------------------------------------------------------------------------------------------------------


def test_health_tells_what_waits_for_how_long_and_what_has_stopped(h):
    h.deploy(line(catch("w", on_timer("PT1H")), service("work", "mail:send"), script("s", "=1", "x")))
    key = h.start("p")
    assert health.look(h.engine).backlog == ()

    h.clock.advance(timedelta(hours=2))
    seen = health.look(h.engine)
    assert (seen.lateness, [each.type for each in seen.backlog]) == (timedelta(hours=1), [""])
    h.run()
    [waiting] = health.look(h.engine).backlog
    assert (waiting.type, waiting.n, waiting.since) == ("mail:send", 1, h.now)
    h.fail_job(h.jobs()[0], "x")

    seen = health.look(h.engine)

    assert (seen.backlog, seen.incidents, seen.stuck, seen.lateness) == ((), 1, (), timedelta())
    assert seen.unfolded > 0
    upkeep.run(h.engine)
    assert health.look(h.engine).unfolded == 0
    h.cancel(key)


# ---- migrating -----------------------------------------------------------------------------------------------------------


def test_a_migrated_instance_keeps_what_it_waits_for(h):
    def process(task):
        return diagram(
            start(),
            user(task),
            boundary("late", task, on_timer("PT1H"), interrupting=False),
            boundary("told", task, on_message("m"), interrupting=False),
            end(),
            end("e2"),
            end("e3"),
            flows(f"start>{task}", f"{task}>end", "late>e2", "told>e3"),
            roots=message("m", "go", "=k"),
        )

    h.deploy(process("a"))
    key = h.start("p", {"k": "1"})
    [before] = h.tasks()
    h.deploy(process("b"))

    assert h.migrate(key, 2, {"a": "b"}) == []

    [after] = h.tasks()
    assert (after.key, after.element_id) == (before.key, "b")
    assert runtime.instance(h.engine, key, actor=SYSTEM).version == 2
    assert h.publish("go", "1") == [key]
    h.advance(hours=1)
    h.complete(after)
    assert h.state(key) == "completed"
    assert h.path(key) == ["start", "told", "e3", "late", "e2", "b", "end"]
    with pytest.raises(IllegalTransition):
        h.migrate(key, 2)
    with pytest.raises(NotFound):
        h.migrate(h.start("p", {"k": "2"}), 9)
