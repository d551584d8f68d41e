"""What telemetry promises, on PostgreSQL: the tests of the other files, run there."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.connectors.telemetry.test_alarms import (  # noqa: F401 - collected here, to run on another database
    test_an_alarm_that_comes_back_after_the_hour_is_another_one,
    test_an_alarm_that_flaps_makes_one_ticket_and_clears_only_after_half_an_hour_of_quiet,
    test_in_a_maintenance_window_an_alarm_is_recorded_only_and_looked_at_again_afterwards,
    test_more_alarms_than_a_project_can_have_by_chance_are_one_incident,
    test_somebody_takes_the_alarm_up,
)
from tests.connectors.telemetry.test_ingest import (  # noqa: F401 - as above
    test_an_alarm_that_comes_back_when_its_ticket_is_closed_starts_another_with_the_same_number,
    test_what_a_crash_kept_from_being_published_is_published_once_by_the_next,
    tickets,
)
from tests.connectors.telemetry.test_intake import (  # noqa: F401 - as above
    test_a_repeat_is_dropped_and_counted,
    test_an_unknown_device_and_what_cannot_be_read_go_to_quarantine,
    test_no_data_is_not_normal,
    test_the_latest_reading_of_each_signal_and_the_hour_are_kept,
    test_what_was_seen_is_forgotten_after_the_window,
)

pytestmark = pytest.mark.parametrize("branch", ["postgresql"], indirect=True)


def test_many_who_take_in_at_once_lose_nothing_and_raise_one_alarm(plant):
    codes = [plant.add(f"LIFT-{number}", "lift") for number in range(10, 20)]
    start = plant.clock.now()
    barrier = threading.Barrier(4)
    failures = []

    def feed(feeder):
        barrier.wait()
        try:
            for second in range(12):
                at = (start + timedelta(seconds=second)).isoformat()
                told = [
                    (
                        f"pm/yunting/{code}/telemetry",
                        {"id": f"{code} {second} {feeder % 2}", "ts": at, "values": {"trapped_alarm": 1}},
                    )
                    for code in (codes if feeder % 2 else codes[::-1])
                ]
                plant.take(*told)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=feed, args=(feeder,)) for feeder in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert plant.counts() == {"accepted": 240, "repeated": 240}
    assert [plant.device(code).samples for code in codes] == [24] * 10
    assert sorted(plant.said()) == sorted(f"raised {code}:trapped" for code in codes)
