"""Messages and signals: who takes them, how long they wait, and what happens when the wait vanishes on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Actor
from engine.services import jobs, messages, runtime, upkeep
from engine.store import commands
from tests.engine.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    flows,
    line,
    message,
    on_message,
    parallel,
    start,
    throw,
    user,
)

WAITS = line(catch("wait", on_message("m")), roots=message("m", "paid", "=order"))
BORN = diagram(
    start(inner=on_message("m")), user("a"), end(), flows("start>a", "a>end"), roots=message("m", "alarm"), id="born"
)


def publish(h, name, key="", **options):
    return messages.publish(h.engine, name, correlation_key=key, actor=SYSTEM, **options)


# ---- delivery ----------------------------------------------------------------------------------------------------------


def test_the_instance_that_has_waited_longest_takes_the_message(h):
    h.deploy(WAITS)
    keys = [h.start("p", {"order": "A"}) for _ in range(3)]

    assert [h.publish("paid", "A") for _ in range(3)] == [[key] for key in keys]


def test_a_delivery_whose_wait_has_vanished_goes_to_another_instance(h):
    h.deploy(WAITS)
    first, second = h.start("p", {"order": "A"}), h.start("p", {"order": "A"})
    found = publish(h, "paid", "A", variables={"sum": 1})
    assert [str(key) for key in found.instances] == [first]

    runtime.cancel(h.engine, first, actor=SYSTEM)
    h.run()

    assert h.state(second) == "completed"
    assert [str(key) for key in messages.took(h.engine, found.key)] == [second]


def test_a_delivery_that_finds_nobody_any_more_waits_for_the_rest_of_its_time(h):
    h.deploy(WAITS)
    first = h.start("p", {"order": "A"})
    publish(h, "paid", "A", ttl=timedelta(minutes=5))
    runtime.cancel(h.engine, first, actor=SYSTEM)
    h.run()

    later = h.start("p", {"order": "A"})

    assert h.state(later) == "completed"


def test_one_buffered_message_goes_to_one_of_two_waits(h):
    h.deploy(WAITS)
    h.publish("paid", "A", ttl=60)

    assert [h.state(h.start("p", {"order": "A"})) for _ in range(2)] == ["completed", "active"]


def test_buffered_messages_are_taken_in_the_order_in_which_they_came(h):
    twice = line(catch("w1", on_message("m")), catch("w2", on_message("m")), roots=message("m", "paid", "=order"))
    h.deploy(twice)
    for n in (1, 2):
        h.publish("paid", "A", {f"v{n}": n}, ttl=60)

    first, second = h.start("p", {"order": "A"}), h.start("p", {"order": "A"})

    # a message goes to one instance of a process, and to that only once
    assert h.variables(first) == {"order": "A", "v1": 1, "v2": 2}
    assert h.active(second) == ["w1"]


def test_a_non_interrupting_wait_takes_every_message(h):
    h.deploy(
        diagram(
            start(),
            user("a"),
            boundary("urged", "a", on_message("m"), interrupting=False),
            end(),
            end("told"),
            flows("start>a", "a>end", "urged>told"),
            roots=message("m", "urge", "=order"),
        )
    )
    key = h.start("p", {"order": "A"})

    for _ in range(3):
        assert h.publish("urge", "A") == [key]

    assert h.path(key).count("urged") == 3
    assert h.active(key) == ["a"]


def test_a_message_that_an_instance_sends_reaches_another_one(h):
    h.deploy(
        line(throw("tell", on_message("m")), id="sender", roots=message("m", "paid", "=order")),
        line(catch("wait", on_message("m")), id="receiver", roots=message("m", "paid", "=order")),
    )
    receiver = h.start("receiver", {"order": "A"})

    sender = h.start("sender", {"order": "A", "sum": 3})

    assert h.state(receiver) == h.state(sender) == "completed"
    [taken] = [event for event in h.history(receiver) if event.kind == "message_received"]
    assert taken.data["name"] == "paid"


# ---- starting ----------------------------------------------------------------------------------------------------------


def test_a_message_starts_an_instance_of_the_newest_version_only(h):
    h.deploy(BORN)
    newer = diagram(
        start(inner=on_message("m")),
        user("b"),
        end(),
        flows("start>b", "b>end"),
        roots=message("m", "alarm"),
        id="born",
    )
    h.deploy(newer)

    [key] = h.publish("alarm", "lift-3", {"where": "lift"})

    assert h.active(key) == ["b"]
    assert h.variables(key) == {"where": "lift"}
    assert len(h.instances()) == 1


def test_a_second_message_with_the_same_key_starts_nothing_while_the_first_instance_lives(h):
    h.deploy(BORN)
    [first] = h.publish("alarm", "lift-3")

    assert h.publish("alarm", "lift-3") == []
    assert h.publish("alarm", "lift-4") != []
    assert len(h.instances()) == 2

    h.complete(h.tasks(first)[0])
    [again] = h.publish("alarm", "lift-3")
    assert again != first


def test_a_message_that_was_kept_starts_an_instance_once_the_first_one_has_ended(h):
    h.deploy(BORN)
    [first] = h.publish("alarm", "lift-3")
    h.publish("alarm", "lift-3", {"n": 2}, ttl=3600)
    assert h.instances() == [first]

    h.complete(h.tasks(first)[0])

    [_, second] = h.instances()
    assert h.variables(second) == {"n": 2}


def test_messages_without_a_key_start_an_instance_each(h):
    h.deploy(BORN)

    h.publish("alarm")
    h.publish("alarm")

    assert len(h.instances()) == 2


def test_a_waiting_instance_goes_before_a_start_event_of_its_process(h):
    h.deploy(
        diagram(
            start(inner=on_message("m")),
            catch("more", on_message("m")),
            end(),
            flows("start>more", "more>end"),
            roots=message("m", "alarm", '="x"'),
        )
    )
    [key] = h.publish("alarm", "x")

    assert h.publish("alarm", "x") == [key]

    assert h.state(key) == "completed"
    assert len(h.instances()) == 1


def test_a_timer_starts_instances_of_the_newest_version(h):
    def process(element, cycle):
        timer = (
            f'<timerEventDefinition><timeCycle xsi:type="tFormalExpression">{cycle}</timeCycle></timerEventDefinition>'
        )
        return diagram(start(inner=timer), user(element), end(), flows(f"start>{element}", f"{element}>end"))

    h.deploy(process("a", "R/PT1H"))
    h.advance(hours=2, minutes=30)
    assert [task.element_id for task in h.tasks()] == ["a", "a"]

    h.deploy(process("b", "R3/PT1H"))
    h.advance(hours=10)

    assert [task.element_id for task in h.tasks()] == ["a", "a", "b", "b", "b"]


def test_a_cron_cycle_follows_the_zone_of_the_company(h):
    timer = '<timerEventDefinition><timeCycle xsi:type="tFormalExpression">0 9 * * *</timeCycle></timerEventDefinition>'
    h.deploy(diagram(start(inner=timer), user("a"), end(), flows("start>a", "a>end")))

    h.advance(hours=24)

    [key] = h.instances()
    assert runtime.instance(h.engine, key, actor=SYSTEM).started_at.hour == 1  # nine o'clock in Shanghai


# ---- what is given -------------------------------------------------------------------------------------------------------


def test_a_repeated_id_gets_the_first_answer_and_the_callers_rows_are_written_all_the_same(h):
    h.deploy(BORN)
    marks = []

    first = publish(h, "alarm", source="mqtt", message_id="7", also=lambda uow: marks.append(1))
    again = publish(h, "alarm", source="mqtt", message_id="7", also=lambda uow: marks.append(2))
    other = publish(h, "alarm", source="other", message_id="7")

    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert again.instances == first.instances
    assert marks == [1, 2]


def test_the_callers_rows_and_the_message_are_stored_together_or_not_at_all(h):
    h.deploy(BORN)

    def fail(uow):
        commands.add(uow, "x", "x", "x", None)
        raise Invalid("no")

    with pytest.raises(Invalid):
        publish(h, "alarm", source="s", message_id="1", also=fail)
    h.run()

    assert h.instances() == []
    assert publish(h, "alarm", source="s", message_id="1").is_new


def test_a_message_belongs_to_who_published_it(h):
    h.deploy(BORN)
    telemetry = Actor("connector:telemetry", "Telemetry", everything=True)

    messages.publish(h.engine, "alarm", actor=telemetry)
    h.run()

    [key] = h.instances()
    assert h.history(key)[0].actor == "connector:telemetry"


def test_old_messages_are_forgotten_and_waiting_ones_are_not(h):
    h.deploy(BORN)
    h.publish("nobody", message_id="1")
    h.publish("nobody", message_id="2", ttl=100 * 86400)
    h.clock.advance(timedelta(days=95))

    upkeep.run(h.engine)

    assert publish(h, "nobody", message_id="1").is_new
    assert not publish(h, "nobody", message_id="2").is_new


# ---- signals -------------------------------------------------------------------------------------------------------------

STORM = '<signal id="s" name="storm"/>'
SIGNAL = '<signalEventDefinition signalRef="s"/>'


def test_a_signal_starts_processes_and_moves_every_wait(h):
    h.deploy(
        diagram(start(inner=SIGNAL), user("a"), end(), flows("start>a", "a>end"), roots=STORM, id="born"),
        line(catch("wait", SIGNAL), roots=STORM, id="waits"),
    )
    keys = [h.start("waits") for _ in range(3)]

    h.broadcast("storm", {"wind": 9})

    assert {h.state(key) for key in keys} == {"completed"}
    [born] = h.instances("born")
    assert h.variables(born) == {"wind": 9}


def test_a_signal_thrown_by_an_instance_reaches_its_own_waits_and_all_others(h):
    h.deploy(
        diagram(
            start(),
            parallel("split"),
            catch("own", SIGNAL),
            user("before"),
            throw("tell", SIGNAL),
            end(),
            end("end2"),
            flows("start>split", "split>own", "split>before", "before>tell", "own>end", "tell>end2"),
            roots=STORM,
        ),
        line(catch("wait", SIGNAL), roots=STORM, id="q"),
    )
    other, thrower = h.start("q"), h.start("p")

    h.complete("before")

    assert h.state(thrower) == h.state(other) == "completed"
    assert h.path(thrower).count("own") == 1


# ---- answering one instance ------------------------------------------------------------------------------------------------


def test_a_person_hands_an_instance_the_message_that_an_element_waits_for(h):
    h.deploy(WAITS)
    first, second = h.start("p", {"order": "A"}), h.start("p", {"order": "A"})

    messages.answer(h.engine, second, "wait", {"by": "phone"}, actor=SYSTEM)
    h.run()

    assert (h.state(first), h.state(second)) == ("active", "completed")
    with pytest.raises(NotFound):
        messages.answer(h.engine, first, "nowhere", {}, actor=SYSTEM)


def test_only_those_who_may_publish_do(office):
    for who in ("alice", "mallory"):
        with pytest.raises(NotAllowed):
            messages.publish(office.engine, "x", actor=office.actor(who))
        with pytest.raises(NotAllowed):
            messages.broadcast(office.engine, "x", actor=office.actor(who))
    assert messages.publish(office.engine, "x", actor=office.actor("root")).instances == ()


def test_a_delivery_to_a_suspended_instance_waits_for_it(h):
    h.deploy(WAITS)
    key = h.start("p", {"order": "A"})
    publish(h, "paid", "A")
    [job] = jobs.claim_due(h.engine, worker="w")
    h.suspend(key)

    jobs.run(h.engine, job)
    h.advance(hours=1)

    assert h.active(key) == ["wait"]
    h.resume(key)
    assert h.state(key) == "completed"
