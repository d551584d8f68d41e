"""What comes late: samples fill history, alarms that their source judges are believed, what a broker retained is not."""

from __future__ import annotations

from datetime import timedelta

from connectors.telemetry.alarms import AlarmState


def tell(plant, state, *, minutes=0, severity="MAJOR", stamped=True, **how):
    """Let the source of a lift say how its alarm stands, of some minutes ago."""
    at = plant.clock.now() - timedelta(minutes=minutes)
    body = {"type": "lift_fault", "state": state, "severity": severity} | ({"ts": at.isoformat()} if stamped else {})
    return plant.take(("pm/yunting/LIFT-3/event", body), **how)


def test_an_alarm_that_comes_late_waits_a_minute_for_its_end_and_then_starts_a_ticket(plant):
    tell(plant, "raised", minutes=40)
    assert plant.said() == []
    assert (plant.alarms()[0].state, plant.alarms()[0].reason) == (AlarmState.SUPPRESSED, "late")

    plant.wait(60)

    assert plant.said() == ["raised LIFT-3:lift_fault"] and plant.last()["alarm"]["late"]


def test_an_alarm_whose_end_is_in_the_same_replay_starts_no_ticket(plant):
    tell(plant, "raised", minutes=40)
    tell(plant, "cleared", minutes=20)
    plant.wait(120)

    [alarm] = plant.alarms()
    assert plant.said() == [] and alarm.state is AlarmState.CLOSED, "it is recorded"


def test_people_in_danger_do_not_wait_even_when_the_alarm_is_late(plant):
    tell(plant, "raised", minutes=40, severity="CRITICAL")

    assert plant.said() == ["raised LIFT-3:lift_fault"]


def test_a_late_word_that_is_older_than_what_is_known_changes_nothing(plant):
    tell(plant, "raised")
    plant.clock.advance(timedelta(minutes=1))
    tell(plant, "cleared", minutes=30)
    assert plant.said() == ["raised LIFT-3:lift_fault"], "the end of the alarm before this one"

    tell(plant, "cleared")
    plant.wait(3 * 3600, alive="LIFT-3", step_s=900)
    assert plant.alarms()[0].state is AlarmState.CLOSED
    tell(plant, "raised", minutes=185)

    assert len(plant.alarms()) == 1, "its raise again, after it was closed"
    assert plant.said() == ["raised LIFT-3:lift_fault", "cleared LIFT-3:lift_fault"]


def test_a_retained_alarm_that_is_old_starts_no_ticket_however_often_somebody_subscribes(plant):
    for _ in range(3):
        tell(plant, "raised", minutes=20, severity="CRITICAL", retained=True)
        tell(plant, "raised", severity="CRITICAL", stamped=False, retained=True, token=str(plant.clock.now()))
        plant.wait(40 * 60, alive="LIFT-3", step_s=300)

    assert plant.said() == [] and plant.alarms() == []
    assert plant.counts()["late"] == 6


def test_a_retained_alarm_of_just_now_starts_one_ticket(plant):
    tell(plant, "raised", minutes=2, retained=True)
    tell(plant, "raised", minutes=2, retained=True)

    assert plant.said() == ["raised LIFT-3:lift_fault"]


def test_a_retained_end_that_is_newer_than_the_alarm_ends_it(plant):
    tell(plant, "raised", minutes=10)
    plant.clock.advance(timedelta(minutes=20))
    tell(plant, "cleared", minutes=18, retained=True)

    assert plant.said()[-1] == "cleared LIFT-3:lift_fault"


def test_a_retained_reading_without_a_time_is_neither_history_nor_a_sign_of_life(plant):
    plant.read("LIFT-3", floor=3)
    before = plant.device("LIFT-3")
    plant.clock.advance(timedelta(minutes=5))

    plant.take(("pm/yunting/LIFT-3/telemetry", {"floor": 9, "trapped_alarm": 1}), retained=True, token="7")

    after = plant.device("LIFT-3")
    assert (after.readings, after.heard_at, after.samples) == (before.readings, before.heard_at, before.samples)
    assert plant.said() == []
    plant.wait(6 * 60)
    assert plant.said() == ["raised LIFT-3:silent"], "a broker that remembers does not make a device speak"


def test_a_retained_online_does_not_end_a_silence(plant):
    plant.read("LIFT-3", floor=3)
    plant.wait(11 * 60)
    for _ in range(3):
        plant.clock.advance(timedelta(minutes=1))
        plant.take(("pm/yunting/LIFT-3/state", {"online": True}), retained=True, token=str(plant.clock.now()))

    assert plant.said() == ["raised LIFT-3:silent"]


def test_a_late_reading_is_shown_where_nothing_newer_is_known_and_judged_by_no_rule(plant):
    plant.read("LIFT-3", ago_s=3600, trapped_alarm=1, floor=4)
    plant.read("LIFT-3", floor=5)
    plant.read("LIFT-3", ago_s=1800, floor=6)

    latest = {signal: value for signal, (value, _) in plant.device("LIFT-3").readings.items()}
    assert latest == {"trapped_alarm": 1, "floor": 5}
    assert plant.said() == []
