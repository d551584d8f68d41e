"""Jobs: leases and their fencing, retries, due order, workers that die, work of the engine that fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.bpmn.progress import Limits
from engine.errors import ConnectorError, IllegalTransition, NotAllowed, NotFound
from engine.model.states import JobState
from engine.model.values import SYSTEM, Actor
from engine.services import chores, effects, incidents, jobs, runtime
from engine.store import incidents as incident_rows
from engine.store import jobs as job_rows
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
    throw,
    user,
)

WORK = line(service("work", "mail:send"))


def claim(h, worker="w1", **options):
    return jobs.claim(h.engine, ["mail:send"], actor=SYSTEM, worker=worker, **options)


# ---- leases ------------------------------------------------------------------------------------------------------------


def test_a_job_is_handed_out_once_with_what_its_scope_sees(h):
    h.deploy(WORK)
    key = h.start("p", {"to": "bob"}, business_key="T-1")

    [job] = claim(h)

    assert (job.variables, job.business_key, job.attempts, str(job.instance)) == ({"to": "bob"}, "T-1", 1, key)
    assert job.lease_until == h.now + jobs.LEASE
    assert claim(h, "w2") == []
    assert h.jobs() == []


def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_can_no_longer_answer(h):
    h.deploy(WORK)
    key = h.start("p")
    [first] = claim(h, "w1", lease=timedelta(minutes=1))
    h.clock.advance(timedelta(minutes=1))

    [second] = claim(h, "w2")

    assert (second.key, second.attempts, second.lease_no) == (first.key, 2, first.lease_no + 1)
    for answer in (
        lambda: jobs.succeed(h.engine, first.key, {"by": 1}, actor=SYSTEM, lease_no=first.lease_no),
        lambda: jobs.fail(h.engine, first.key, "late", actor=SYSTEM, lease_no=first.lease_no),
        lambda: jobs.throw_error(h.engine, first.key, "E", actor=SYSTEM, lease_no=first.lease_no),
        lambda: jobs.extend(h.engine, first.key, timedelta(minutes=1), actor=SYSTEM, lease_no=first.lease_no),
    ):
        with pytest.raises(IllegalTransition, match="w2"):
            answer()
    jobs.succeed(h.engine, second.key, {"by": 2}, actor=SYSTEM, lease_no=second.lease_no)
    assert h.variables(key) == {"by": 2}
    with pytest.raises(IllegalTransition):
        jobs.succeed(h.engine, second.key, {}, actor=SYSTEM, lease_no=second.lease_no)


def test_a_worker_that_needs_longer_prolongs_its_lease(h):
    h.deploy(WORK)
    h.start("p")
    [job] = claim(h, lease=timedelta(minutes=1))

    until = jobs.extend(h.engine, job.key, timedelta(minutes=10), actor=SYSTEM, lease_no=job.lease_no)

    assert until == h.now + timedelta(minutes=10)
    h.clock.advance(timedelta(minutes=5))
    assert claim(h, "w2") == []


def test_a_job_that_was_never_leased_takes_no_answer(h):
    h.deploy(WORK)
    h.start("p")
    [job] = h.jobs()

    with pytest.raises(IllegalTransition, match="take it first"):
        jobs.succeed(h.engine, job.key, {}, actor=SYSTEM)
    with pytest.raises(IllegalTransition, match="take it first"):
        jobs.fail(h.engine, job.key, "x", actor=SYSTEM)


def test_a_job_whose_workers_die_again_and_again_becomes_an_incident_and_others_go_on(h):
    h.deploy(WORK, line(service("work", "mail:send"), id="q"))
    poison = h.start("p")
    for _ in range(jobs.CRASHES):
        assert len(claim(h, lease=timedelta(minutes=1))) == 1
        h.clock.advance(timedelta(minutes=1))
    healthy = h.start("q")

    found = claim(h)

    assert [str(job.instance) for job in found] == [healthy]
    [incident] = h.incidents()
    assert (incident.instance, incident.kind) == (poison, "job")
    h.resolve(incident)
    assert {str(job.instance) for job in claim(h, "w2")} == {poison}


# ---- failing -----------------------------------------------------------------------------------------------------------


def test_a_failed_job_comes_back_after_its_delay_with_one_retry_fewer(h):
    h.deploy(WORK)
    h.start("p")
    [job] = claim(h)

    jobs.fail(h.engine, job.key, "busy", actor=SYSTEM, delay=timedelta(seconds=30), lease_no=job.lease_no)

    assert claim(h) == []
    h.clock.advance(timedelta(seconds=30))
    [again] = claim(h)
    assert (again.retries, again.error) == (2, "busy")


def test_a_permanent_failure_is_an_incident_at_once(h):
    h.deploy(WORK)
    h.start("p")
    [job] = claim(h)

    jobs.fail(h.engine, job.key, "card expired", actor=SYSTEM, permanent=True, lease_no=job.lease_no)

    [incident] = h.incidents()
    assert incident.message == "card expired"
    assert [event.kind for event in h.history(incident.instance)][-2:] == ["job_failed", "incident_raised"]


def test_a_retried_incident_offers_the_work_under_a_new_job_and_the_same_effect_key(h):
    h.deploy(WORK)
    h.start("p")
    [job] = claim(h)
    jobs.fail(h.engine, job.key, "x", actor=SYSTEM, permanent=True)

    h.resolve(h.incidents()[0])

    [again] = claim(h)
    assert again.key != job.key
    assert again.effect_key == job.effect_key
    assert again.retries == 3


def test_only_those_who_may_work_on_jobs_see_and_answer_them(office):
    mallory = office.actor("mallory")
    with pytest.raises(NotAllowed):
        jobs.claim(office.engine, ["x"], actor=mallory, worker="w")
    with pytest.raises(NotAllowed):
        jobs.open_jobs(office.engine, actor=mallory)
    with pytest.raises(NotFound):
        jobs.succeed(office.engine, 1, {}, actor=mallory)


# ---- suspended and canceled ------------------------------------------------------------------------------------------------


def test_an_answer_to_a_job_of_a_suspended_instance_is_kept_until_it_is_resumed(h):
    h.deploy(line(service("work", "mail:send"), user("a")))
    key = h.start("p")
    [job] = claim(h)
    h.suspend(key)

    jobs.succeed(h.engine, job.key, {"sent": True}, actor=Actor("c", "C", everything=True), lease_no=job.lease_no)

    assert h.active(key) == ["work"]
    h.advance(hours=1)
    assert h.active(key) == ["work"]
    h.resume(key)
    assert h.active(key) == ["a"]
    assert h.variables(key) == {"sent": True}


def test_a_suspended_instance_hands_out_no_jobs(h):
    h.deploy(WORK)
    key = h.start("p")
    h.suspend(key)

    assert claim(h) == []
    assert h.jobs() == []
    h.resume(key)
    assert len(claim(h)) == 1


def test_what_a_suspended_instance_called_goes_with_it_when_it_is_canceled(h):
    h.deploy(line(call("c", "q")), line(user("a"), id="q"))
    key = h.start("p")
    [child] = h.children(key)
    h.suspend(key)

    h.cancel(key)

    assert (h.state(key), h.state(child)) == ("canceled", "canceled")


def test_a_message_on_its_way_to_a_suspended_instance_that_is_canceled_goes_to_another_one(h):
    h.deploy(line(catch("wait", on_message("m")), roots=message("m", "go", '="k"')))
    first, second = h.start("p"), h.start("p")
    h.suspend(first)
    h.publish("go", "k")
    assert h.active(second) == ["wait"]

    h.cancel(first)

    assert h.state(second) == "completed"


def test_a_job_that_nobody_needs_any_more_takes_no_answer(h):
    h.deploy(WORK)
    key = h.start("p")
    [job] = claim(h)

    h.cancel(key)

    with pytest.raises(IllegalTransition):
        jobs.succeed(h.engine, job.key, {}, actor=SYSTEM, lease_no=job.lease_no)


# ---- the engine's own jobs -------------------------------------------------------------------------------------------------


def test_overdue_timers_fire_in_due_order_and_once_also_after_a_downtime(h):
    spans = {"a": "PT3H", "b": "PT1H", "c": "PT2H"}
    bodies = [catch(f"w_{name}", on_timer(span)) for name, span in spans.items()]
    pairs = [pair for name in spans for pair in (f"split>w_{name}", f"w_{name}>end_{name}")]
    h.deploy(
        diagram(
            start(), parallel("split"), *bodies, *(end(f"end_{name}") for name in spans), flows("start>split", *pairs)
        )
    )
    keys = [h.start("p"), h.start("p")]

    h.clock.advance(timedelta(days=2))  # nobody was there meanwhile
    h.run()

    for key in keys:
        assert [each for each in h.path(key) if each.startswith("w_")] == ["w_b", "w_c", "w_a"]
        assert h.state(key) == "completed"


def test_a_cycle_catches_up_missed_beats_unless_it_says_collapse(h):
    def process(id, properties):
        late = boundary("late", "a", properties + on_timer(cycle="R5/PT1H"), interrupting=False)
        return diagram(start(), user("a"), late, end(), end("told"), flows("start>a", "a>end", "late>told"), id=id)

    collapse = (
        "<extensionElements><zeebe:properties>"
        '<zeebe:property name="missed" value="collapse"/></zeebe:properties></extensionElements>'
    )
    h.deploy(process("all", ""), process("one", collapse))
    first, second = h.start("all"), h.start("one")

    h.clock.advance(timedelta(hours=3, minutes=30))
    h.run()

    assert h.path(first).count("late") == 3
    assert h.path(second).count("late") == 1
    h.advance(days=1)
    assert h.path(first).count("late") == 5


def test_a_clock_that_jumps_ahead_or_back_loses_no_beat_and_repeats_none(h):
    remind = boundary("remind", "a", on_timer(cycle="R/PT1H"), interrupting=False)
    h.deploy(diagram(start(), user("a"), remind, end(), end("told"), flows("start>a", "a>end", "remind>told")))
    key = h.start("p")
    beats = []

    for minutes in (60, 60, -60, 30, 30, 30, -90, 120, 60):
        h.clock.at += timedelta(minutes=minutes)
        h.run()
        beats.append(h.path(key).count("remind"))

    assert beats == [1, 2, 2, 2, 2, 2, 2, 3, 4]
    h.complete("a")
    assert h.state(key) == "completed"


def test_a_timer_that_comes_after_its_task_is_done_does_nothing(h):
    late = boundary("late", "a", on_timer("PT1H"))
    h.deploy(diagram(start(), user("a"), late, end(), user("b"), flows("start>a", "a>end", "late>b", "b>end")))
    key = h.start("p")
    h.clock.advance(timedelta(hours=1))
    [timer] = jobs.claim_due(h.engine, worker="w")
    h.complete("a")

    assert not jobs.run(h.engine, timer)

    assert h.state(key) == "completed"


def test_a_fault_in_the_engines_own_work_is_tried_again_and_then_an_incident(h, monkeypatch):
    h.deploy(line(catch("w", on_timer("PT1H")), user("a")))
    key = h.start("p")
    real = chores.do

    def broken(*args):
        raise MemoryError("no room")

    monkeypatch.setattr(chores, "do", broken)
    h.advance(hours=2)

    [incident] = h.incidents()
    assert (incident.kind, incident.instance) == ("internal", key)
    assert "no room" in incident.message
    with h.store.read() as uow:
        job = job_rows.get(uow, incident_rows.get(uow, int(incident.key)).job)
    assert (job.state, job.attempts) == (JobState.FAILED, jobs.OWN_TRIES)

    monkeypatch.setattr(chores, "do", real)
    h.resolve(incident)
    assert h.active(key) == ["a"]
    assert h.incidents() == []


def test_the_end_of_an_instance_settles_what_had_failed_in_it(h, monkeypatch):
    h.deploy(line(catch("w", on_timer("PT1H")), user("a")))
    key = h.start("p")

    def broken(*args):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(chores, "do", broken)
        h.advance(hours=2)
    [stopped] = h.incidents(key)
    with h.store.read() as uow:
        failed = incident_rows.get(uow, int(stopped.key)).job

    h.cancel(key)

    assert h.incidents() == []
    with h.store.read() as uow, pytest.raises(NotFound):
        job_rows.get(uow, failed)


def test_a_start_that_fails_for_good_is_an_incident_of_its_process(h, monkeypatch):
    timer = '<timerEventDefinition><timeDate xsi:type="tFormalExpression">2026-01-01T01:00:00Z</timeDate></timerEventDefinition>'
    h.deploy(diagram(start(inner=timer), user("a"), end(), flows("start>a", "a>end")))
    real = chores.do

    def broken(*args):
        raise MemoryError("no room")

    monkeypatch.setattr(chores, "do", broken)
    h.advance(hours=2)

    [incident] = h.incidents()
    assert (incident.kind, incident.instance, incident.element_id) == ("internal", "", "start")
    monkeypatch.setattr(chores, "do", real)
    h.resolve(incident)
    assert [task.element_id for task in h.tasks()] == ["a"]
    assert h.incidents() == []


def test_what_an_ended_instance_still_owes_others_is_an_incident_when_it_fails(h, monkeypatch):
    h.deploy(line(throw("tell", on_message("m")), roots=message("m", "paid", '="x"')))
    real = chores.OTHERS[chores.JobKind.PUBLISH]

    def broken(*args):
        raise MemoryError("no room")

    monkeypatch.setitem(chores.OTHERS, chores.JobKind.PUBLISH, broken)
    key = h.start("p")
    assert h.state(key) == "completed"
    h.advance(minutes=5)

    [incident] = h.incidents()
    assert (incident.kind, incident.element_id) == ("internal", "tell")
    monkeypatch.setitem(chores.OTHERS, chores.JobKind.PUBLISH, real)
    h.resolve(incident)
    assert h.incidents() == []


def test_a_long_chain_goes_on_in_transactions_of_its_own(h):
    steps = [script(f"s{n}", "=n + 1", "n") for n in range(25)]
    with Harness(limits=Limits(steps_per_transaction=10), store=h.store, clock=h.clock) as small:
        small.deploy(line(*steps))
        key = runtime.start(small.engine, "p", {"n": 0}, actor=SYSTEM)
        assert runtime.instance(small.engine, key, actor=SYSTEM).state == "active"

        small.run()

        assert small.state(str(key)) == "completed"
        assert small.variables(str(key)) == {"n": 25}


# ---- effects -----------------------------------------------------------------------------------------------------------


def test_a_call_is_noted_before_it_is_made_and_its_result_is_stored_with_the_step(h):
    h.deploy(WORK)
    key = h.start("p")
    [job] = claim(h, lease=timedelta(minutes=1))
    begun = effects.begin(h.engine, job, deduplicates=False)
    assert (begun.key, begun.done) == (f"{key}:{job.ref}", False)

    jobs.succeed(h.engine, job.key, {"id": 7}, actor=SYSTEM, also=lambda uow: effects.finish(uow, begun.key, {"id": 7}))

    assert effects.begin(h.engine, job, deduplicates=False) == effects.Begun(begun.key, done=True, result={"id": 7})


def test_after_an_uncertain_outcome_a_peer_that_deduplicates_is_called_again_and_for_others_a_person_looks(h):
    h.deploy(WORK)
    h.start("p")
    [first] = claim(h, lease=timedelta(minutes=1))
    effects.begin(h.engine, first, deduplicates=False)
    h.clock.advance(timedelta(minutes=1))  # the worker died in the middle of the call
    [second] = claim(h)

    assert effects.begin(h.engine, second, deduplicates=True).key == first.effect_key
    with pytest.raises(ConnectorError) as unsure:
        effects.begin(h.engine, second, deduplicates=False)
    assert (unsure.value.permanent, unsure.value.uncertain) == (True, True)

    jobs.fail(h.engine, second.key, "look there", actor=SYSTEM, permanent=True)
    incidents.resolve(h.engine, h.incidents()[0].key, actor=SYSTEM)
    [third] = claim(h)
    assert not effects.begin(h.engine, third, deduplicates=False).done


def test_what_the_peer_refused_may_be_tried_again(h):
    h.deploy(WORK)
    h.start("p")
    [job] = claim(h)
    begun = effects.begin(h.engine, job, deduplicates=False)
    effects.refused(h.engine, begun.key, "no such account")

    assert not effects.begin(h.engine, job, deduplicates=False).done


def test_a_job_that_ended_in_an_error_nobody_catches_is_offered_anew_when_it_is_tried_again(h):
    h.deploy(line(service("weigh", type="scales"), user("check")))
    key = h.start("p")
    [job] = h.jobs("scales")
    h.throw_error(job.key, "NO_POWER", {"why": "the scales are off"})
    [stopped] = h.incidents(key)
    assert (stopped.kind, h.jobs("scales")) == ("error", [])

    h.resolve(stopped.key)

    [again] = h.jobs("scales")
    assert again.key != job.key
    assert (h.incidents(key), h.active(key)) == ([], ["weigh"])
    h.throw_error(again.key, "NO_POWER")
    [stopped] = h.incidents(key)
    h.resolve(stopped.key)
    [third] = h.jobs("scales")
    h.complete_job(third.key, {"kg": 3})
    assert h.active(key) == ["check"]
