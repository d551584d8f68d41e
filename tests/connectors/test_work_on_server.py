"""What becomes of a job, and the executor around it, on PostgreSQL: the tests of the other file, run there."""

from __future__ import annotations

import pytest

from tests.connectors.test_work import (  # noqa: F401 - collected here, to run on another database
    live,
    once,
    shop,
    test_a_business_error_goes_to_the_diagram,
    test_a_frozen_worker_that_wakes_late_changes_nothing,
    test_a_job_whose_workers_die_again_and_again_is_put_before_a_person_and_others_go_on,
    test_a_lost_wake_is_made_up_for_by_looking_again,
    test_a_worker_that_died_calls_a_peer_that_knows_the_key_again,
    test_a_worker_that_died_in_the_middle_of_such_a_call_does_not_make_it_again,
    test_an_answer_moves_the_process_on,
    test_an_outcome_that_nobody_is_sure_of_waits_for_a_person_where_a_repeat_would_act_twice,
    test_jobs_of_outside_workers_are_left_alone,
    test_the_executor_does_every_job_once_and_stops_when_it_is_told,
    test_what_a_connector_stores_is_stored_with_the_step,
    test_what_cannot_be_stored_with_the_step_stops_the_step_and_is_tried_again,
    test_what_cannot_help_by_trying_again_is_an_incident_at_once,
    test_what_may_pass_is_tried_again_later_each_time_and_then_an_incident,
    test_what_the_database_cannot_do_now_costs_no_try,
    test_work_left_by_an_executor_that_died_is_found_by_the_next,
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Put the database of every test on the server."""
    for name in {"branch", "live"}.intersection(metafunc.fixturenames):
        metafunc.parametrize(name, ["postgresql"], indirect=True)
