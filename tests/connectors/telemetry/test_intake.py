"""Debounce, hysteresis, means, silence, repeats, replays, and what must be put aside: domain 4.3."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.telemetry.store import devices as device_rows
from engine.store.units import Scope


def test_the_latest_reading_of_each_signal_and_the_hour_are_kept(plant):
    plant.read("LIFT-3", floor=3, run_state="running")
    plant.clock.advance(timedelta(seconds=10))
    plant.read("LIFT-3", floor=5)

    row = plant.device("LIFT-3")
    assert {signal: value for signal, (value, _) in row.readings.items()} == {"floor": 5, "run_state": "running"}
    assert (row.samples, row.reading_at, row.unit) == (2, plant.clock.now(), plant.branch.unit("yunting-1"))
    with plant.branch.engine.store.read() as uow:
        [(_, samples, signals)] = device_rows.hours(
            uow, "LIFT-3", plant.clock.now() - timedelta(hours=1), plant.clock.now()
        )
        assert len(device_rows.in_scope(uow, Scope(everything=True))) == 1
    assert samples == 2 and signals == {"floor": [2, 8, 3, 5, 5]}


def test_a_condition_must_hold_for_its_time_and_in_two_readings(plant):
    plant.add("PUMP-1", "water_pump")
    plant.read("PUMP-1", outlet_pressure="0.2")
    plant.clock.advance(timedelta(seconds=60))
    assert plant.said() == []

    plant.read("PUMP-1", outlet_pressure="0.3")
    plant.clock.advance(timedelta(seconds=10))
    plant.read("PUMP-1", outlet_pressure="0.2")
    plant.clock.advance(timedelta(seconds=20))
    plant.read("PUMP-1", outlet_pressure="0.2")
    assert plant.said() == [], "the condition broke in between"

    plant.clock.advance(timedelta(seconds=10))
    plant.read("PUMP-1", outlet_pressure="0.2")
    assert plant.said() == ["raised PUMP-1:water_pressure"]


def test_one_reading_alone_never_raises_what_must_last(plant):
    plant.add("PUMP-1", "water_pump")
    plant.read("PUMP-1", outlet_pressure="0.2")

    plant.wait(300)

    assert plant.said() == []


def test_between_raise_and_clear_lies_the_hysteresis(plant):
    plant.add("PUMP-1", "water_pump")
    plant.repeat(40, "PUMP-1", outlet_pressure="0.24")
    plant.repeat(400, "PUMP-1", every_s=50, outlet_pressure="0.26")
    assert plant.said() == ["raised PUMP-1:water_pressure"], "above the raise, below the clear"

    plant.repeat(250, "PUMP-1", every_s=50, outlet_pressure="0.30")
    assert len(plant.said()) == 1, "not for five minutes yet"
    plant.repeat(60, "PUMP-1", every_s=30, outlet_pressure="0.30")

    assert plant.said() == ["raised PUMP-1:water_pressure", "cleared PUMP-1:water_pressure"]


def test_a_device_that_reports_changes_only_is_cleared_by_time(plant):
    plant.add("SUMP-1", "sump")
    plant.repeat(10, "SUMP-1", flood=1)
    plant.read("SUMP-1", flood=0)

    plant.wait(12 * 60)

    assert plant.said() == ["raised SUMP-1:flood", "cleared SUMP-1:flood"]


def test_a_mean_over_ten_minutes_ignores_a_peak(plant):
    for minute in range(20):
        plant.read("LIFT-3", motor_vib=30 if minute == 5 else 2)
        plant.clock.advance(timedelta(minutes=1))
    assert plant.said() == []

    for _ in range(10):
        plant.read("LIFT-3", motor_vib=9)
        plant.clock.advance(timedelta(minutes=1))

    assert plant.said() == ["raised LIFT-3:lift_wear"]
    assert plant.last()["alarm"]["values"]["motor_vib_mean"] > 7


def test_flags_are_read_as_numbers_texts_and_truth_values(plant):
    for number, flag in enumerate([1, "1", True, "true", "on"]):
        code = plant.add(f"SUMP-{number}", "sump")
        plant.repeat(10, code, flood=flag)

    assert len(plant.said()) == 5


def test_no_data_is_not_normal(plant):
    plant.read("LIFT-3", floor=1)
    plant.wait(9 * 60)
    assert plant.said() == []

    plant.wait(3 * 60)
    assert plant.said() == ["raised LIFT-3:silent"]
    plant.read("LIFT-3", floor=1)
    assert len(plant.said()) == 1, "one sign of life may be a restart"
    plant.clock.advance(timedelta(seconds=10))
    plant.read("LIFT-3", floor=1)

    assert plant.said() == ["raised LIFT-3:silent", "cleared LIFT-3:silent"]


def test_a_connection_that_is_gone_is_known_sooner_than_silence(plant):
    plant.read("LIFT-3", floor=1)
    plant.take(("pm/yunting/LIFT-3/state", {"state": "offline"}))

    plant.wait(6 * 60)

    assert plant.said() == ["raised LIFT-3:silent"]


def test_a_repeat_is_dropped_and_counted(plant):
    plant.read("LIFT-3", trapped_alarm=1)
    plant.read("LIFT-3", trapped_alarm=1)

    assert plant.counts() == {"accepted": 1, "repeated": 1}
    assert plant.device("LIFT-3").samples == 1


def test_readings_without_a_time_are_repeats_only_if_the_transport_says_so(plant):
    topic = "LIFT-3/v1/devices/me/telemetry"
    plant.take((topic, {"floor": 1}), token="7")
    plant.take((topic, {"floor": 1}), token="8")
    plant.take((topic, {"floor": 1}), token="8", repeat=True)
    plant.take((topic, {"floor": 1}), token="9", repeat=True)

    assert plant.counts() == {"accepted": 3, "repeated": 1}


def test_a_replay_after_a_reconnect_fills_history_and_starts_no_ticket(plant):
    plant.read("LIFT-3", ago_s=16 * 60, trapped_alarm=1)

    assert plant.said() == [] and plant.counts() == {"late": 1}
    assert plant.device("LIFT-3").readings["trapped_alarm"][0] == 1, "nothing newer is known"
    assert plant.device("LIFT-3").samples == 1


def test_what_comes_out_of_order_is_kept_and_not_judged(plant):
    plant.read("LIFT-3", trapped_alarm=0, floor=2)
    plant.read("LIFT-3", ago_s=60, trapped_alarm=1, speed=1)

    assert plant.said() == []
    readings = plant.device("LIFT-3").readings
    assert readings["trapped_alarm"][0] == 0 and readings["speed"][0] == 1


def test_an_unknown_device_and_what_cannot_be_read_go_to_quarantine(plant):
    for _ in range(3):
        plant.read("GHOST", a=1)
        plant.clock.advance(timedelta(seconds=1))
    plant.take(("pm/yunting/LIFT-3/telemetry", [1]), ("nonsense", {}))

    assert plant.counts() == {"unknown_device": 3, "unreadable": 2}
    ghost = next(row for row in plant.quarantine() if row.device == "GHOST")
    assert ghost.count == 3 and "a" in ghost.payload
    assert {row.topic for row in plant.quarantine()} == {"telemetry", "pm/yunting/LIFT-3/telemetry", "nonsense"}


def test_one_bad_delivery_does_not_hold_up_the_batch(plant):
    plant.take(("nonsense", {}), ("pm/yunting/LIFT-3/telemetry", {"trapped_alarm": 1}), ("nonsense", {}))

    assert plant.said() == ["raised LIFT-3:trapped"]
    assert plant.counts() == {"accepted": 1, "unreadable": 2}


def test_the_quarantine_is_bounded(plant):
    plant.take(*((f"made/up/{number}", {}) for number in range(1100)))
    plant.wait(10)

    assert len(plant.quarantine()) <= 1000
    with plant.branch.engine.store.read() as uow:
        from connectors.telemetry.store import arrivals

        assert uow.execute(arrivals.quarantine.select()).all().__len__() == 1000


def test_what_was_seen_is_forgotten_after_the_window(plant):
    plant.read("LIFT-3", floor=1)
    plant.wait(40 * 60)

    with plant.branch.engine.store.read() as uow:
        from connectors.telemetry.store import arrivals

        assert uow.execute(arrivals.seen.select()).all() == []


EVENTS = st.lists(
    st.tuples(st.sampled_from(["LIFT-1", "LIFT-2"]), st.integers(0, 30), st.booleans()), min_size=1, max_size=40
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.integers(1, 10), st.randoms())
def test_however_readings_are_batched_and_repeated_the_outcome_is_that_of_the_publishers_log(plant, log, size, random):
    run = str(plant.branch.engine.store.new_key())
    start = plant.clock.now()
    log = sorted({(device + run, second): flag for device, second, flag in log}.items(), key=lambda each: each[0][1])
    for (device, _), _ in log:
        plant.add(device, "lift")
    told = [
        (
            f"pm/yunting/{device}/telemetry",
            {
                "id": f"{device}{second}",
                "ts": (start + timedelta(seconds=second)).isoformat(),
                "values": {"trapped_alarm": flag, "person_in_car": flag, "door_state": "closed" if flag else "open"},
            },
        )
        for (device, second), flag in log
    ]
    plant.clock.advance(timedelta(seconds=60))
    pending = [each for each in told for _ in range(random.choice([1, 1, 2]))]
    before = len(plant.said())

    while pending:
        batch, pending = pending[:size], pending[size:]
        plant.take(*batch)
        if random.random() < 0.2:
            plant.take(*batch)  # not acknowledged in time: the broker delivers it again

    for device in {device for (device, _), _ in log}:
        mine = [(second, flag) for (code, second), flag in log if code == device]
        crossings = [flag for place, (_, flag) in enumerate(mine) if flag != (mine[place - 1][1] if place else False)]
        row = plant.device(device)
        assert row.samples == len(mine)
        assert row.readings["trapped_alarm"][0] == mine[-1][1]
        alarm = next((alarm for alarm in plant.alarms() if alarm.device == device), None)
        assert (alarm is None) == (not crossings)
        if alarm is not None:
            assert alarm.holds == mine[-1][1] and alarm.count == crossings.count(True)
    assert len(plant.said()) >= before
