"""The harness, call by call, as process authors use it. In memory, where it lives, and on PostgreSQL."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.errors import IllegalTransition, Invalid, NotFound
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
    script,
    service,
    start,
    user,
)


def test_a_harness_is_ready_in_under_20_ms():
    Harness().close()  # the template is made once
    took = []
    for _ in range(20):
        began = time.process_time()
        Harness().close()
        took.append(time.process_time() - began)

    assert sorted(took)[10] < 0.02


def test_the_clock_stands_at_the_beginning_of_2026(h):
    assert h.now == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_harness_begins_empty_even_where_another_one_was():
    with Harness() as first:
        first.deploy(line(user("a")))
        first.start("p")
    with Harness() as second:
        assert second.instances() == []
        with pytest.raises(NotFound):
            second.start("p")


# ---- deploying ---------------------------------------------------------------------------------------------------------


def test_a_refused_file_says_every_problem_with_its_element_and_deploys_nothing(h):
    bad = diagram(start(), user("a"), end(), flows("start>a"))

    with pytest.raises(Invalid) as refusal:
        h.deploy(line(user("x"), id="good"), bad)

    assert {"end"} <= {problem.element_id for problem in refusal.value.problems}
    assert all(problem.message and problem.where for problem in refusal.value.problems)
    with pytest.raises(NotFound):
        h.start("good")


def test_files_are_deployed_from_paths_and_from_bytes(h, tmp_path):
    path = tmp_path / "one.bpmn"
    path.write_bytes(line(user("a"), id="one"))

    h.deploy(path, line(user("a"), id="two"))
    h.deploy(str(path))

    assert h.state(h.start("one")) == h.state(h.start("two")) == "active"


def test_starting_uses_the_newest_version(h):
    h.deploy(line(user("old")))
    first = h.start("p")
    h.deploy(line(user("new")))

    assert h.active(first) == ["old"]
    assert h.active(h.start("p")) == ["new"]


# ---- starting and looking -----------------------------------------------------------------------------------------------


def test_a_task_is_completed_and_the_instance_ends(h):
    h.deploy(line(user("a", groups="clerks"), user("b", assignee="bob")))
    key = h.start("p", {"x": 1}, business_key="T-1")

    [task] = h.tasks()
    assert (task.element_id, task.name, task.assignee, task.candidate_groups, task.instance) == (
        "a",
        "Do a",
        None,
        ["clerks"],
        key,
    )
    assert h.active(key) == ["a"]
    assert h.path(key) == ["start"]

    h.complete(task, {"done": True})
    [second] = h.tasks(key)
    assert (second.element_id, second.assignee) == ("b", "bob")
    h.complete("b")

    assert h.state(key) == "completed"
    assert h.path(key) == ["start", "a", "b", "end"]
    assert h.variables(key) == {"x": 1, "done": True}
    assert h.active(key) == []


def test_a_task_that_is_done_cannot_be_completed_again(h):
    h.deploy(line(user("a")))
    h.start("p")
    [task] = h.tasks()
    h.complete(task)

    with pytest.raises(IllegalTransition):
        h.complete(task)
    with pytest.raises(NotFound):
        h.complete("123")
    with pytest.raises(NotFound):
        h.complete("nowhere")


def test_an_instance_starts_at_named_elements_and_opens_the_scopes_around_them(h):
    inner = start("s2") + user("inside") + end("e2") + flows("s2>inside", "inside>e2")
    h.deploy(
        diagram(
            start(),
            user("a"),
            f'<subProcess id="sub">{inner}</subProcess>',
            end(),
            flows("start>a", "a>sub", "sub>end"),
        )
    )

    key = h.start("p", before=["inside"])

    assert h.active(key) == ["inside", "sub"]
    h.complete("inside")
    assert h.state(key) == "completed"
    with pytest.raises(NotFound):
        h.start("p", before=["nowhere"])


def test_a_process_that_only_a_message_starts_is_not_started_by_hand(h):
    h.deploy(
        diagram(
            start(inner=on_message("m")), user("a"), end(), flows("start>a", "a>end"), roots=message("m", "reported")
        )
    )

    with pytest.raises(Invalid):
        h.start("p")

    [key] = h.publish("reported", "", {"where": "1502"})
    assert h.variables(key) == {"where": "1502"}
    assert h.active(h.start("p", before=["a"])) == ["a"]


def test_numbers_come_back_exact_and_dates_as_text(h):
    h.deploy(
        line(
            script("sum", "=0.1 + 0.2", "sum"),
            script("whole", "=price * 4", "whole"),
            script("day", '=date("2026-02-03")', "day"),
            user("a"),
        )
    )

    key = h.start("p", {"price": Decimal("2.50")})

    found = h.variables(key)
    assert found["sum"] == Decimal("0.3")
    assert (found["whole"], type(found["whole"])) == (10, int)
    assert found["day"] == "2026-02-03"


def test_a_float_is_refused_since_it_is_not_exact(h):
    h.deploy(line(user("a")))

    with pytest.raises(Invalid) as refusal:
        h.start("p", {"price": 0.1})

    assert [problem.where for problem in refusal.value.problems] == ["price"]


def test_variables_are_set_at_the_instance_and_at_the_scope_of_an_element(h):
    inner = start("s2") + user("inside") + end("e2") + flows("s2>inside", "inside>e2")
    h.deploy(diagram(start(), f'<subProcess id="sub">{inner}</subProcess>', end(), flows("start>sub", "sub>end")))
    key = h.start("p", {"x": 1})

    h.set_variables(key, {"x": 2})
    h.set_variables(key, {"y": 3}, "sub")

    assert h.variables(key) == {"x": 2}
    assert h.variables(key, "sub") == {"y": 3}
    with pytest.raises(NotFound):
        h.variables(key, "nowhere")


# ---- time --------------------------------------------------------------------------------------------------------------


def test_time_stands_at_each_due_time_while_it_fires(h):
    h.deploy(
        line(catch("w1", on_timer("PT1H")), script("at", "=now()", "at"), catch("w2", on_timer("PT1H")), user("a"))
    )
    key = h.start("p")

    h.advance(hours=5)

    times = [event.at.hour for event in h.history(key) if event.kind == "element_completed"]
    assert times == [0, 1, 1, 2]
    assert h.now == datetime(2026, 1, 1, 5, tzinfo=UTC)


def test_a_boundary_timer_interrupts_its_task(h):
    h.deploy(
        diagram(
            start(),
            user("a"),
            boundary("late", "a", on_timer("PT30M")),
            user("b"),
            end(),
            flows("start>a", "a>end", "late>b", "b>end"),
        )
    )
    key = h.start("p")

    h.advance(minutes=29)
    assert h.active(key) == ["a"]
    h.advance(minutes=1)

    assert h.active(key) == ["b"]
    assert [task.element_id for task in h.tasks()] == ["b"]


# ---- workers -----------------------------------------------------------------------------------------------------------


def test_a_job_shows_what_its_scope_sees_and_is_answered(h):
    h.deploy(line(service("work", "mail:send")))
    key = h.start("p", {"to": "bob"})

    [job] = h.jobs("mail:send")
    assert (job.element_id, job.variables, job.retries, job.instance) == ("work", {"to": "bob"}, 3, key)
    assert h.jobs("other") == []
    h.complete_job(job, {"sent": True})

    assert h.state(key) == "completed"
    assert h.variables(key) == {"to": "bob", "sent": True}
    with pytest.raises(IllegalTransition):
        h.complete_job(job)


def test_a_job_that_fails_is_open_again_while_retries_are_left_and_then_an_incident(h):
    h.deploy(line(service("work")))
    key = h.start("p")

    h.fail_job(h.jobs()[0], "busy", retries=1)
    [again] = h.jobs()
    assert again.retries == 1
    h.fail_job(again, "broken")

    [incident] = h.incidents(key)
    assert (incident.kind, incident.element_id, incident.message) == ("job", "work", "broken")
    assert h.state(key) == "active"
    assert h.active(key) == ["work"]
    h.resolve(incident)
    assert h.incidents() == []
    h.complete_job(h.jobs()[0])
    assert h.state(key) == "completed"


def test_an_error_of_a_job_is_caught_by_its_code(h):
    caught = boundary("bad", "work", '<errorEventDefinition errorRef="e"/>')
    h.deploy(
        diagram(
            start(),
            service("work"),
            caught,
            user("repair"),
            end(),
            flows("start>work", "work>end", "bad>repair", "repair>end"),
            roots='<error id="e" name="E" errorCode="NO_STOCK"/>',
        )
    )
    key = h.start("p")

    h.throw_error(h.jobs()[0], "NO_STOCK", {"part": "pump"})

    assert h.active(key) == ["repair"]
    assert h.variables(key) == {"part": "pump"}


# ---- messages ----------------------------------------------------------------------------------------------------------

WAITS = line(catch("wait", on_message("m")), id="p", roots=message("m", "paid", "=order"))


def test_a_message_goes_to_the_instance_with_its_key(h):
    h.deploy(WAITS)
    first, second = h.start("p", {"order": "A"}), h.start("p", {"order": "B"})

    assert h.publish("paid", "B", {"sum": 5}) == [second]

    assert h.state(first) == "active"
    assert h.state(second) == "completed"
    assert h.variables(second) == {"order": "B", "sum": 5}


def test_a_message_is_not_kept_without_time_to_live(h):
    h.deploy(WAITS)

    assert h.publish("paid", "A") == []

    assert h.state(h.start("p", {"order": "A"})) == "active"


def test_a_message_is_kept_for_its_time_to_live(h):
    h.deploy(WAITS)
    h.publish("paid", "A", ttl=60)
    h.publish("paid", "B", ttl=60)

    assert h.state(h.start("p", {"order": "A"})) == "completed"
    h.advance(seconds=61)
    assert h.state(h.start("p", {"order": "B"})) == "active"


def test_a_repeated_message_id_is_ignored(h):
    h.deploy(WAITS)
    h.start("p", {"order": "A"})
    other = h.start("p", {"order": "A"})

    assert len(h.publish("paid", "A", message_id="1")) == 1
    assert h.publish("paid", "A", message_id="1") == []

    assert h.state(other) == "active"


def test_a_message_is_delivered_once_per_process(h):
    h.deploy(WAITS)
    h.deploy(line(catch("wait", on_message("m")), id="q", roots=message("m", "paid", "=order")))
    first, second = h.start("p", {"order": "A"}), h.start("p", {"order": "A"})
    other = h.start("q", {"order": "A"})

    assert h.publish("paid", "A") == [first, other]

    assert h.state(second) == "active"


def test_a_signal_reaches_every_instance_that_waits(h):
    signal = '<signalEventDefinition signalRef="s"/>'
    h.deploy(line(catch("wait", signal), roots='<signal id="s" name="storm"/>'))
    keys = [h.start("p"), h.start("p")]

    h.broadcast("storm", {"wind": 9})

    assert [h.state(key) for key in keys] == ["completed", "completed"]
    assert h.variables(keys[0]) == {"wind": 9}


# ---- repair ------------------------------------------------------------------------------------------------------------


def test_canceling_takes_the_children_along(h):
    h.deploy(line(call("sub", "child")), line(user("a"), id="child"))
    key = h.start("p")
    [child] = h.children(key)
    assert h.instances() == [key, child]
    assert h.instances("child") == [child]

    h.cancel(key)

    assert h.state(key) == h.state(child) == "canceled"
    assert h.tasks() == []
    with pytest.raises(IllegalTransition):
        h.cancel(key)


def test_a_suspended_instance_stands_still_until_it_is_resumed(h):
    h.deploy(
        line(user("a"), catch("w", on_timer("PT1H")), catch("told", on_message("m")), roots=message("m", "go", "=k"))
    )
    key = h.start("p", {"k": "1"})
    h.suspend(key)

    assert h.state(key) == "suspended"
    with pytest.raises(IllegalTransition):
        h.complete("a")
    h.resume(key)
    h.complete("a")
    h.suspend(key)
    h.advance(hours=2)
    assert h.active(key) == ["w"]
    h.resume(key)
    assert h.active(key) == ["told"]

    h.suspend(key)
    h.publish("go", "1")
    assert h.active(key) == ["told"]
    h.resume(key)
    assert h.state(key) == "completed"


def test_tokens_are_moved(h):
    h.deploy(line(user("a"), user("b"), user("c")))
    key = h.start("p")

    h.modify(key, activate=["c"], terminate=["a"])

    assert h.active(key) == ["c"]
    assert h.path(key) == ["start"]
    assert [task.element_id for task in h.tasks()] == ["c"]
    with pytest.raises(NotFound):
        h.modify(key, activate=["nowhere"])


def test_an_instance_is_migrated_to_another_version(h):
    h.deploy(line(user("a"), user("b")))
    key = h.start("p")
    h.deploy(line(user("a2"), user("c")))

    assert [problem.where for problem in h.migrate(key, 2)] == ["a"]
    assert h.migrate(key, 2, {"a": "a2"}, dry_run=True) == []
    assert h.active(key) == ["a"]
    assert h.migrate(key, 2, {"a": "a2"}) == []

    assert h.active(key) == ["a2"]
    h.complete("a2")
    assert h.active(key) == ["c"]


def test_what_goes_wrong_is_an_incident_and_never_raised(h):
    h.deploy(line(script("bad", "=nowhere.x + 1", "r"), call("sub", "=nobody"), user("a")))
    key = h.start("p")
    incidents = h.incidents(key)

    assert h.state(key) == "active"
    assert len(incidents) == 1
    assert incidents[0].instance == key


def test_an_incident_is_resolved_once_its_cause_is_gone(h):
    h.deploy(
        diagram(
            start(),
            '<exclusiveGateway id="g"/>',
            user("a"),
            end(),
            flows("start>g", "g>a=amount > 5", "a>end"),
        )
    )
    key = h.start("p")
    [incident] = h.incidents()
    assert (incident.kind, incident.element_id) == ("condition", "g")

    h.set_variables(key, {"amount": 6})
    h.resolve(incident)

    assert h.incidents() == []
    assert h.active(key) == ["a"]
    with pytest.raises(IllegalTransition):
        h.resolve(incident)


# ---- called processes ----------------------------------------------------------------------------------------------------


def test_a_called_process_hands_back_what_it_changed(h):
    h.deploy(
        diagram(
            start(),
            parallel("split"),
            call("sub", "child"),
            user("beside"),
            parallel("join"),
            end(),
            flows("start>split", "split>sub", "split>beside", "sub>join", "beside>join", "join>end"),
        ),
        line(user("inside"), id="child"),
    )
    key = h.start("p", {"shared": 1, "count": 1})
    [child] = h.children(key)
    assert h.variables(child) == {"shared": 1, "count": 1}

    h.complete("beside", {"shared": 2})
    h.complete("inside", {"count": 5})

    assert h.variables(key) == {"shared": 2, "count": 5}


def test_a_child_that_is_canceled_is_an_incident_of_its_caller(h):
    h.deploy(line(call("sub", "child")), line(user("a"), id="child"))
    key = h.start("p")

    h.cancel(h.children(key)[0])

    [incident] = h.incidents()
    assert (incident.kind, incident.element_id, incident.instance) == ("call", "sub", key)
    h.resolve(incident)
    assert len(h.children(key)) == 2
    h.complete("a")
    assert h.state(key) == "completed"


def test_a_missing_process_is_an_incident_that_is_resolved_by_deploying_it(h):
    h.deploy(line(call("sub", "=name")))
    key = h.start("p", {"name": "child"})
    [incident] = h.incidents()
    assert incident.kind == "call"

    h.deploy(line(user("a"), id="child"))
    h.resolve(incident)

    assert h.active(key) == ["sub"]
    assert [task.element_id for task in h.tasks()] == ["a"]


def test_history_tells_what_happened_and_who_did_it(h):
    h.deploy(line(user("a")))
    key = h.start("p", {"x": 1})
    h.complete("a", {"x": 2})

    events = h.history(key)

    assert [event.kind for event in events][:2] == ["instance_started", "element_activated"]
    [done] = [event for event in events if event.kind == "task_completed"]
    assert (done.element_id, done.actor, done.data["values"], done.at) == ("a", "system", {"x": 2}, h.now)
    assert events[-1].kind == "instance_ended"


def test_wrong_keys_are_not_found(h):
    for call_it in (h.state, h.variables, h.active, h.path, h.history, h.children, h.cancel, h.tasks):
        with pytest.raises(NotFound):
            call_it("99")
        with pytest.raises(NotFound):
            call_it("not a key")
