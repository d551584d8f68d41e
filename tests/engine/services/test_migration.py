"""Moving live instances to another version, with everything that can be open in them: nothing is lost, doubled, or fires twice."""

from __future__ import annotations

import pytest

from engine.model.values import SYSTEM
from engine.services import migration, runtime
from engine.store import counters
from engine.store.counters import Count
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

IN_MEMORY = pytest.mark.parametrize("h", ["memory"], indirect=True)
MESSAGE = message("paid_m", "paid", "=k") + message("other", "refunded", "=k")


def sub(id, *inner, loop="", event=False):
    triggered = ' triggeredByEvent="true"' if event else ""
    return f'<subProcess id="{id}"{triggered}>{loop}{"".join(inner)}</subProcess>'


def over(items, *, sequential=False):
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        + extended(f'<zeebe:loopCharacteristics inputCollection="={items}" inputElement="item"/>')
        + "</multiInstanceLoopCharacteristics>"
    )


def begun(h, first, second, variables=None, **more):
    """Start an instance of the first version, then deploy the second."""
    h.deploy(first)
    key = h.start("p", variables, **more)
    h.deploy(second)
    return key


def refusal(h, key, mapping=None):
    """Give the one reason for which the instance cannot move; trying and doing say the same and change nothing."""
    before = h.history(key)
    tried, done = h.migrate(key, 2, mapping, dry_run=True), h.migrate(key, 2, mapping)
    assert tried == done and h.history(key) == before
    [problem] = done
    assert problem.remedy
    return f"{problem.where}: {problem.message}"


# ---- events -----------------------------------------------------------------------------------------------------------------


def reminded(*more, duration="PT1H", after="remind"):
    return diagram(
        start(),
        user("a"),
        boundary("late", "a", on_timer(duration), interrupting=False),
        user(after),
        *more,
        end(),
        flows("start>a", "a>end", f"late>{after}"),
    )


@IN_MEMORY
def test_a_timer_keeps_its_due_time_whatever_the_new_version_says(h):
    key = begun(h, reminded(), reminded(duration="PT8H"))
    h.advance(minutes=30)

    assert h.migrate(key, 2) == []

    h.advance(minutes=29)
    assert h.active(key) == ["a"]
    h.advance(minutes=1)
    assert h.active(key) == ["a", "remind"]


@IN_MEMORY
def test_what_has_fired_is_not_armed_again(h):
    key = begun(h, reminded(), reminded(duration="PT2H"))
    h.advance(hours=1)

    assert h.migrate(key, 2) == []

    h.advance(hours=48)
    assert [task.element_id for task in h.tasks(key)] == ["a", "remind"]


@IN_MEMORY
def test_a_cycle_goes_on_with_the_beats_that_are_left(h):
    def beats(text):
        return diagram(
            start(), user("a"), boundary("beat", "a", on_timer(cycle=text), interrupting=False), user("r"), end(),
            flows("start>a", "a>end", "beat>r"),
        )  # fmt: skip

    key = begun(h, beats("R3/PT1H"), beats("R9/PT5M"))
    h.advance(hours=1)

    assert h.migrate(key, 2) == []

    h.advance(hours=48)
    assert [task.element_id for task in h.tasks(key)].count("r") == 3


@IN_MEMORY
def test_an_event_that_hangs_on_another_activity_there_is_closed(h):
    def hung_on(host):
        return diagram(
            start(), user("a"), user("b"), boundary("late", host, on_timer("PT1H")), user("x"), end(),
            flows("start>a", "a>b", "b>end", "late>x"),
        )  # fmt: skip

    key = begun(h, hung_on("a"), hung_on("b"))

    assert h.migrate(key, 2) == []
    h.advance(hours=2)

    assert h.active(key) == ["a"]
    h.complete("a")
    h.advance(hours=1)
    assert h.active(key) == ["x"]


@IN_MEMORY
def test_an_event_of_another_kind_there_is_closed_and_the_new_one_armed(h):
    def with_event(inner):
        return diagram(
            start(), user("a"), boundary("ev", "a", inner), user("x"), end(),
            flows("start>a", "a>end", "ev>x"), roots=MESSAGE,
        )  # fmt: skip

    key = begun(h, with_event(on_timer("PT1H")), with_event(on_message("paid_m")), {"k": "7"})

    assert h.migrate(key, 2) == []

    h.advance(hours=2)
    assert h.active(key) == ["a"]
    assert h.publish("paid", "7") == [key]
    assert h.active(key) == ["x"]


@IN_MEMORY
def test_an_event_that_is_new_there_and_cannot_be_armed_is_a_reason(h):
    there = diagram(
        start(),
        user("a"),
        boundary("ev", "a", on_message("paid_m")),
        end(),
        flows("start>a", "a>end", "ev>end"),
        roots=MESSAGE,
    )
    key = begun(h, line(user("a")), there)

    assert "there is no variable k" in refusal(h, key)
    h.set_variables(key, {"k": 5})
    assert h.migrate(key, 2) == []
    assert h.publish("paid", "5") == [key]


@IN_MEMORY
def test_a_condition_that_is_new_there_and_holds_fires_at_once(h):
    condition = "<conditionalEventDefinition><condition>=n &gt; 3</condition></conditionalEventDefinition>"
    there = diagram(
        start(), user("a"), boundary("c", "a", condition), user("x"), end(), flows("start>a", "a>end", "c>x")
    )
    key = begun(h, line(user("a")), there, {"n": 4})

    assert h.migrate(key, 2) == []

    assert h.active(key) == ["x"]


@IN_MEMORY
@pytest.mark.parametrize("there", [on_timer("PT1H"), '<signalEventDefinition signalRef="s"/>'])
def test_a_catch_that_would_wait_for_nothing_is_refused(h, there):
    signal = '<signal id="s" name="s"/>'
    key = begun(
        h,
        line(catch("c", on_message("paid_m")), roots=MESSAGE),
        line(catch("c", there), roots=MESSAGE + signal),
        {"k": "1"},
    )

    assert refusal(h, key) == "c: c does not wait for a message in the other version"
    assert h.publish("paid", "1") == [key]


@IN_MEMORY
def test_a_catch_keeps_the_name_and_key_that_it_was_armed_with(h):
    key = begun(
        h,
        line(catch("c", on_message("paid_m")), roots=MESSAGE),
        line(catch("c2", on_message("other")), roots=MESSAGE),
        {"k": "1"},
    )

    assert h.migrate(key, 2, {"c": "c2"}) == []

    assert h.publish("refunded", "1") == []
    assert h.publish("paid", "1") == [key]
    assert h.path(key) == ["start", "c2", "end"]


@IN_MEMORY
def test_an_event_based_gateway_waits_for_what_stands_behind_it_there(h):
    def choice(*behind):
        ids = ("x", "y")[: len(behind)]
        return diagram(
            start(), '<eventBasedGateway id="g"/>', *behind, user("got"), end(),
            flows("start>g", *(f"g>{id}" for id in ids), *(f"{id}>got" for id in ids), "got>end"), roots=MESSAGE,
        )  # fmt: skip

    first = choice(catch("x", on_message("paid_m")), catch("y", on_timer("PT1H")))
    second = choice(catch("x", on_message("other")), catch("y", on_message("paid_m")))
    key = begun(h, first, second, {"k": "1"})

    assert h.migrate(key, 2) == []

    h.advance(hours=2)
    assert h.active(key) == ["g"], "the timer is gone"
    assert h.publish("refunded", "1") == [], "x keeps the message that it was armed with"
    assert h.publish("paid", "1") == [key]
    assert h.active(key) == ["got"]


@IN_MEMORY
def test_an_event_subprocess_that_is_new_there_is_armed_and_one_that_has_taken_over_goes_on(h):
    def with_handler(name, *steps):
        inner = sub(
            "esp",
            start("when", f'<messageEventDefinition messageRef="{name}"/>'),
            *(user(step) for step in steps),
            flows(*(f"{a}>{b}" for a, b in zip(("when", *steps), steps, strict=False))),
            event=True,
        )
        return diagram(start(), user("a"), end(), inner, flows("start>a", "a>end"), roots=MESSAGE)

    key = begun(h, line(user("a"), roots=MESSAGE), with_handler("paid_m", "x"), {"k": "1"})
    assert h.migrate(key, 2) == []
    assert h.publish("paid", "1") == [key]
    assert h.active(key) == ["esp", "x"]

    h.deploy(with_handler("paid_m", "x", "y"))
    assert h.migrate(key, 3) == []
    assert h.publish("paid", "1") == [], "it is interrupted once"
    h.complete("x")
    assert h.active(key) == ["esp", "y"]


# ---- scopes, loops, joins ---------------------------------------------------------------------------------------------------


def nested(*, around="sub", task="a", loop="", event=False):
    return diagram(
        start(),
        sub(around, start("is"), user(task), flows(f"is>{task}"), loop=loop, event=event),
        end(),
        flows(f"start>{around}", f"{around}>end"),
    )


@IN_MEMORY
def test_scopes_move_with_what_is_in_them_under_other_ids(h):
    key = begun(h, nested(), nested(around="box", task="b"))

    assert "a is not in the other version" in str(h.migrate(key, 2, {"sub": "box"}))
    assert "lies in another scope" not in str(h.migrate(key, 2, {"sub": "box", "a": "b"}))
    h.complete("b")

    assert h.path(key)[-3:] == ["b", "box", "end"]


@IN_MEMORY
def test_a_token_never_changes_its_scope(h):
    key = begun(h, line(user("a")), nested())

    assert refusal(h, key) == "a: a lies in another scope there: sub"


@IN_MEMORY
@pytest.mark.parametrize(
    ("here", "there", "reason"),
    [
        ("", over("[1,2]"), "is a loop in one version only"),
        (over("[1,2]"), "", "is a loop in one version only"),
        (over("[1,2]"), over("[1,2]", sequential=True), "is another kind of loop"),
        (over("[1,2]"), '<standardLoopCharacteristics loopMaximum="2"/>', "is another kind of loop"),
    ],
)
def test_a_loop_stays_the_loop_it_is(h, here, there, reason):
    key = begun(h, nested(loop=here), nested(loop=there))

    assert reason in refusal(h, key)


@IN_MEMORY
@pytest.mark.parametrize("sequential", [False, True])
def test_the_runs_of_a_loop_go_on_where_they_are(h, sequential):
    loop = over("[1,2,3]", sequential=sequential)
    key = begun(h, nested(loop=loop), nested(around="box", task="b", loop=loop))
    h.complete(h.tasks(key)[0])

    assert h.migrate(key, 2, {"sub": "box", "a": "b"}) == []

    while tasks := h.tasks(key):
        h.complete(tasks[0])
    assert h.state(key) == "completed"
    assert (h.path(key).count("a"), h.path(key).count("b")) == (1, 2)


def forked(*arms, join="join"):
    ids = [arm.split('id="')[1].split('"')[0] for arm in arms]
    return diagram(
        start(), parallel("fork"), *arms, parallel(join), user("z"), end(),
        flows("start>fork", *(f"fork>{id}" for id in ids), *(f"{id}>{join}" for id in ids), f"{join}>z", "z>end"),
    )  # fmt: skip


@IN_MEMORY
def test_a_join_keeps_the_tokens_that_have_come(h):
    key = begun(h, forked(user("a"), user("b")), forked(user("a"), user("b"), user("c")))
    h.complete("a")

    assert h.migrate(key, 2) == []

    h.complete("b")
    assert [each.kind for each in h.incidents(key)] == ["join"], "a third token is missing there, and none can come"
    h.modify(key, ["z"], ["join"])
    assert h.active(key) == ["z"]


@IN_MEMORY
def test_a_join_for_which_enough_has_come_there_goes_on(h):
    def arms(*, joined):
        last = ["c>join"] if joined else ["c>end"]
        return diagram(
            start(), parallel("fork"), user("a"), user("b"), user("c"), parallel("join"), user("z"), end(),
            flows("start>fork", "fork>a", "fork>b", "fork>c", "a>join", "b>join", *last, "join>z", "z>end"),
        )  # fmt: skip

    key = begun(h, arms(joined=True), arms(joined=False))
    h.complete("a")
    h.complete("b")
    assert h.active(key) == ["c", "join"]

    assert h.migrate(key, 2) == []

    assert h.active(key) == ["c", "z"]


@IN_MEMORY
def test_a_join_that_the_arrived_flow_does_not_reach_there_is_refused(h):
    key = begun(h, forked(user("a"), user("b")), forked(user("b"), user("c")))
    h.complete("a")

    assert refusal(h, key) == "join: a token has come by a_join, which does not lead to join there"


# ---- work -------------------------------------------------------------------------------------------------------------------


@IN_MEMORY
def test_an_open_job_stays_open_under_its_key_and_type(h):
    key = begun(h, line(service("a", "old")), line(service("b", "new"), user("z")))
    [before] = h.jobs()

    assert h.migrate(key, 2, {"a": "b"}) == []

    [after] = h.jobs()
    assert (after.key, after.type, after.element_id) == (before.key, "old", "b")
    h.complete_job(after)
    assert h.active(key) == ["z"]


@IN_MEMORY
def test_a_job_is_not_moved_to_an_element_without_jobs(h):
    task = '<sendTask id="a">' + extended('<zeebe:taskDefinition type="mail"/>') + "</sendTask>"
    key = begun(h, line(task, roots=MESSAGE), line('<sendTask id="a" messageRef="paid_m"/>', roots=MESSAGE), {"k": "1"})

    assert refusal(h, key) == "a: a does other work in the other version"


@IN_MEMORY
def test_an_incident_moves_along_and_is_tried_again_by_the_new_version(h):
    key = begun(
        h, line(script("s", "=if bad then [1..2] else 1", "y")), line(script("t", "=42", "y"), user("z")), {"bad": True}
    )
    [stopped] = h.incidents(key)

    assert h.migrate(key, 2, {"s": "t"}) == []

    [moved] = h.incidents(key)
    assert (moved.key, moved.element_id) == (stopped.key, "t")
    h.resolve(moved)
    assert h.active(key) == ["z"] and h.variables(key)["y"] == 42


@IN_MEMORY
def test_a_failed_job_is_offered_anew_by_the_new_version(h):
    key = begun(h, line(service("a", "old", retries="1")), line(service("a", "new")))
    h.fail_job(h.jobs()[0], "no answer")

    assert h.migrate(key, 2) == []
    h.resolve(h.incidents(key)[0])

    assert [job.type for job in h.jobs()] == ["new"]


@IN_MEMORY
def test_the_counts_of_both_versions_agree_with_what_is_live(h):
    first = line(user("a"), service("b", retries="1"))
    key = begun(
        h,
        first,
        first.replace(b'"a"', b'"a2"').replace(b'"b"', b'"b2"').replace(b"a_b", b"f1").replace(b"start_a", b"f2"),
    )
    h.complete("a")
    h.fail_job(h.jobs()[0], "no answer")

    assert h.migrate(key, 2, {"b": "b2"}) == []
    h.cancel(key)

    with h.store.read() as uow:
        for version in (1, 2):
            row = migration.versions.find(h.engine, uow, "p", version=version).row
            for id, counts in counters.of(uow, [row.key]).items():
                assert not counts.get(Count.LIVE) and not counts.get(Count.INCIDENTS), (version, id, counts)


@IN_MEMORY
def test_a_call_hands_its_answer_to_the_new_version(h):
    h.deploy(line(user("c"), id="q"), line(user("c"), id="r"))
    key = begun(h, line(call("one", "q")), line(call("two", "r"), user("z")))
    [child] = h.children(key)

    assert h.migrate(key, 2, {"one": "two"}) == []

    h.complete("c", {"answer": 1})
    assert h.state(child) == "completed"
    assert h.active(key) == ["z"] and h.variables(key)["answer"] == 1


@IN_MEMORY
def test_what_can_be_compensated_there_is_compensated_under_its_new_id(h):
    def booked(task, undo, *, handled=True):
        handler = (
            boundary("c", task, "<compensateEventDefinition/>"),
            service(undo, undo).replace("<serviceTask ", '<serviceTask isForCompensation="true" '),
        )
        association = f'<association id="x" sourceRef="c" targetRef="{undo}"/>'
        return diagram(
            start(), user(task), user("b"), *(handler if handled else ()), throw("t", "<compensateEventDefinition/>"), end(),
            flows(f"start>{task}", f"{task}>b", "b>t", "t>end"), association if handled else "",
        )  # fmt: skip

    h.deploy(booked("a", "cancel_a"))
    renamed, dropped, gone = (h.start("p") for _ in range(3))
    for key in (renamed, dropped, gone):
        h.complete(h.tasks(key)[0])
    h.deploy(booked("a2", "cancel_a2"))
    h.deploy(booked("a", "", handled=False))

    assert h.migrate(renamed, 2, {"a": "a2"}) == []
    assert h.migrate(gone, 2) == [], "what is not there any more is not undone there"
    assert h.migrate(dropped, 3) == []
    for key in (renamed, dropped, gone):
        h.complete(h.tasks(key)[0])

    assert [(job.type, job.instance) for job in h.jobs()] == [("cancel_a2", renamed)]
    assert (h.state(dropped), h.state(gone)) == ("completed", "completed")


@IN_MEMORY
def test_a_canceled_transaction_goes_on_being_undone(h):
    """Also where the cancel lies in a subprocess, half of which is undone: its end event lives in the transaction by then."""

    def booked(after):
        undo, by = "", ""
        for id in "ab":
            undo += user(id) + boundary(f"at_{id}", id, "<compensateEventDefinition/>")
            undo += f'<userTask id="un_{id}" isForCompensation="true"/>'
            by += f'<association id="by_{id}" sourceRef="at_{id}" targetRef="un_{id}"/>'
        no = end("no", "<cancelEventDefinition/>")
        inner = sub("s", start("second"), undo, user("ask"), no, flows("second>a", "a>b", "b>ask", "ask>no"), by)
        tx = f'<transaction id="tx">{start("first")}{inner}{flows("first>s")}</transaction>'
        canceled = boundary("canceled", "tx", "<cancelEventDefinition/>")
        ways = flows("start>tx", "tx>end", f"canceled>{after}", f"{after}>end")
        return diagram(start(), tx, canceled, user(after), end(), ways)

    h.deploy(booked("x"))
    key = h.start("p")
    for task in ("a", "b", "ask"):
        h.complete(task)
    h.deploy(booked("y"))

    assert h.migrate(key, 2) == []
    h.complete("un_b")
    h.complete("un_a")

    assert h.active(key) == ["y"]


@IN_MEMORY
def test_every_round_that_can_be_compensated_moves_along(h):
    def rounds(one, two):
        undo, by = "", ""
        for id in (one, two):
            undo += user(id) + boundary(f"at_{id}", id, "<compensateEventDefinition/>")
            undo += f'<userTask id="un_{id}" isForCompensation="true"/>'
            by += f'<association id="by_{id}" sourceRef="at_{id}" targetRef="un_{id}"/>'
        gateways = '<exclusiveGateway id="merge"/><exclusiveGateway id="more" default="more_t"/>'
        ways = flows(
            "start>merge", f"merge>{one}", f"{one}>{two}", f"{two}>more", "more>merge=again", "more>t", "t>end"
        )
        return diagram(start(), undo, gateways, throw("t", "<compensateEventDefinition/>"), end(), ways, by)

    h.deploy(rounds("a", "b"))
    key = h.start("p")
    for _ in range(5):
        h.complete("a", {"again": True})
        h.complete("b")
    h.deploy(rounds("a", "c"))

    assert h.migrate(key, 2, {"b": "c", "un_b": "un_c", "at_b": "at_c"}) == []
    h.complete("a", {"again": False})
    h.complete("c")
    undone = []
    while tasks := h.tasks(key):
        undone.append(tasks[0].element_id)
        h.complete(tasks[0])

    assert undone == ["un_c", "un_a"] * 6
    assert h.state(key) == "completed"


@IN_MEMORY
def test_a_suspended_instance_moves_and_its_new_timers_wait(h):
    key = begun(h, line(user("a")), reminded())
    h.suspend(key)

    assert h.migrate(key, 2) == []

    h.advance(hours=2)
    assert h.active(key) == ["a"]
    h.resume(key)
    assert h.active(key) == ["a", "remind"]


# ---- mappings ---------------------------------------------------------------------------------------------------------------


@IN_MEMORY
def test_a_mapping_that_names_what_is_not_there_is_refused(h):
    key = begun(h, line(user("a")), line(user("b")))

    assert refusal(h, key, {"a": "zz"}) == "a: zz is not in the other version"
    assert "is no element of the version left" in str(h.migrate(key, 2, {"a": "b", "zz": "b"}))
    assert refusal(h, key, {"a": ""}) == "a: nothing says where a belongs in the other version"


@IN_MEMORY
def test_two_waiting_joins_do_not_become_one(h):
    def twice(first, second):
        return diagram(
            start(), parallel("fork"), user("a"), user("b"), user("c"), user("x"), parallel(first),
            *([parallel(second)] if second != first else []), end(),
            flows("start>fork", *(f"fork>{id}" for id in "abcx")),
            *(f'<sequenceFlow id="{f}_" sourceRef="{f}" targetRef="{first}"/>' for f in "ab"),
            *(f'<sequenceFlow id="{f}_" sourceRef="{f}" targetRef="{second}"/>' for f in "cx"),
            f'<sequenceFlow id="e1" sourceRef="{first}" targetRef="end"/>',
            f'<sequenceFlow id="e2" sourceRef="{second}" targetRef="end"/>' if second != first else "",
        )  # fmt: skip

    key = begun(h, twice("one", "two"), twice("one", "one"))
    h.complete("a")
    h.complete("c")

    assert "cannot become one" in refusal(h, key, {"two": "one"})


@IN_MEMORY
def test_history_says_who_moved_it_why_from_where_and_what_was_live(h):
    key = begun(h, line(user("a")), line(user("b")))

    migration.migrate(h.engine, key, 2, {"a": "b"}, actor=SYSTEM, reason="new rules")

    said = {event.kind: event for event in h.history(key)}
    assert said["instance_migrated"].actor == "system"
    assert said["instance_migrated"].data == {
        "from": 1, "to": 2, "mapping": {"a": "b"}, "before": ["a"], "after": ["b"], "reason": "new rules",
    }  # fmt: skip
    assert {e.element_id: e.data.get("from") for e in h.history(key) if e.kind == "element_migrated"} == {
        "p": None,
        "b": "a",
    }
    assert runtime.instance(h.engine, key, actor=SYSTEM).version == 2


def test_everything_moves_at_once_on_every_database(h):
    """One instance with a task, a job, a timer, a message, a join, a loop and a stop, all under other ids."""

    def all_of_it(x=""):
        ids = [f"{id}{x}" for id in ("t", "j", "w", "m", "s", "q", "l")]
        t, j, w, m, s, q, loop = ids
        each = sub(loop, start(f"ls{x}"), user(f"lu{x}"), flows(f"ls{x}>lu{x}"), loop=over("[1,2]"))
        return diagram(
            start(), parallel("fork"), user(t), boundary(f"b{x}", t, on_timer("PT1H"), interrupting=False), user(f"r{x}"),
            service(j), catch(w, on_timer("PT2H")), catch(m, on_message("paid_m")), script(s, "=if ok then 1 else [1..2]", "y"),
            user(q), each, parallel("join"), user("z"), end(),
            flows("start>fork", f"b{x}>r{x}", f"r{x}>end", *(f"fork>{id}" for id in ids)),
            *(f'<sequenceFlow id="to{n}" sourceRef="{id}" targetRef="join"/>' for n, id in enumerate(ids)),
            flows("join>z", "z>end"), roots=MESSAGE,
        )  # fmt: skip

    key = begun(h, all_of_it(), all_of_it("2"), {"k": "1", "ok": False})
    h.complete("q")
    ids = ("t", "b", "r", "j", "w", "m", "s", "l", "ls", "lu", "q")

    assert h.migrate(key, 2, {id: f"{id}2" for id in ids}) == []

    assert h.active(key) == ["j2", "join", "l2", "lu2", "m2", "s2", "t2", "w2"]
    h.advance(hours=1)
    h.complete("r2")
    for task in h.tasks(key):
        h.complete(task)
    h.complete_job(h.jobs()[0])
    h.publish("paid", "1")
    h.set_variables(key, {"ok": True})
    h.resolve(h.incidents(key)[0])
    assert h.active(key) == ["join", "w2"]
    h.advance(hours=1)
    h.complete("z")
    assert h.state(key) == "completed"
