"""While propflow itself is down, no device is silent: a restart after a night raises no alarm, and silence counts from then on."""

from __future__ import annotations

from datetime import timedelta

from connectors.telemetry import watch


def look(plant) -> None:
    watch.tick(plant.intake, since=watch.keep_watch(plant.intake.engine))


def test_a_night_without_propflow_makes_no_device_silent(plant):
    lift = plant.add("LIFT-3", "lift")
    plant.read(lift, floor=1)
    look(plant)

    plant.clock.advance(timedelta(hours=10))
    look(plant)

    assert plant.said() == []


def test_a_device_that_stays_silent_after_the_restart_is_told_of_when_its_time_is_up(plant):
    lift = plant.add("LIFT-3", "lift")
    plant.read(lift, floor=1)
    look(plant)
    plant.clock.advance(timedelta(hours=10))

    for _ in range(11):
        look(plant)
        plant.clock.advance(timedelta(seconds=58))

    look(plant)
    assert plant.said() == ["raised LIFT-3:silent"]


def test_a_restart_of_seconds_is_no_break(plant):
    since = watch.keep_watch(plant.intake.engine)

    for _ in range(5):
        plant.clock.advance(timedelta(seconds=50))
        assert watch.keep_watch(plant.intake.engine) == since

    plant.clock.advance(timedelta(seconds=61))
    assert watch.keep_watch(plant.intake.engine) > since
