"""Every row and clause of the description of alarms and formats has a test here that shows it, by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent

ROWS = {
    "raised, no open ticket: one is started": ("test_ingest", "an_alarm_starts_one_ticket_at_the_unit_of_its_device"),
    "raised by many at once: one ticket": ("test_on_server", "many_who_take_in_at_once_lose_nothing_and_raise_one_alarm"),
    "raised or updated, open ticket: it reaches that ticket": (
        "test_ingest", "an_alarm_that_comes_back_while_its_ticket_is_open_reaches_that_ticket"),
    "a worse one raises the severity, nothing lowers it": (
        "test_alarms", "a_worse_rule_of_the_same_alarm_updates_the_open_one_and_nothing_lowers_it"),
    "maintenance window: recorded only, judged anew when it ends": (
        "../../webui/test_upkeep", "an_alarm_in_a_window_is_recorded_only_and_judged_anew_when_the_window_ends"),
    "also on a device that never stops speaking": (
        "../../webui/test_upkeep", "a_device_that_speaks_all_the_time_is_judged_anew_too"),
    "in repair or out of use: recorded only": ("../register/test_register", "a_device_rests_while_it_is_maintained_repaired_or_out_of_use"),
    "parent gateway open: linked to the parent": ("test_alarms", "a_gateway_that_is_silent_explains_the_silence_of_what_is_behind_it"),
    "power outage open: linked, except danger": ("test_alarms", "a_danger_to_people_is_never_explained_away_by_a_parent"),
    "accepted: acknowledged at the source": (
        "test_alarms", "an_alarm_that_thingsboard_judged_is_acknowledged_and_cleared_there_too"),
    "cleared: the ticket hears it": ("test_alarms", "when_everybody_is_out_the_alarm_is_cleared"),
    "only some types may close themselves": ("test_shipped_rules", "only_what_may_close_itself_is_marked_so"),
    "step 12 completes after the time of stability": ("test_alarms", "a_step_reads_how_the_alarm_stands_before_it_waits"),
    "raised again within 60 minutes: the same ticket": (
        "test_alarms", "an_alarm_that_comes_back_within_the_hour_goes_on_with_its_ticket"),
    "and after them: another": ("test_alarms", "an_alarm_that_comes_back_after_the_hour_is_another_one"),
    "flapping: one ticket, half an hour of quiet": (
        "test_alarms", "an_alarm_that_flaps_makes_one_ticket_and_clears_only_after_half_an_hour_of_quiet"),
    "storm: one incident, children attached": ("test_alarms", "more_alarms_than_a_project_can_have_by_chance_are_one_incident"),
    "debounce: for its time and in two samples": ("test_intake", "a_condition_must_hold_for_its_time_and_in_two_readings"),
    "debounce: one sample never": ("test_intake", "one_reading_alone_never_raises_what_must_last"),
    "hysteresis": ("test_intake", "between_raise_and_clear_lies_the_hysteresis"),
    "samples of 15 minutes ago: history, no ticket": ("test_intake", "a_replay_after_a_reconnect_fills_history_and_starts_no_ticket"),
    "retained: no ticket, not twice": ("test_late", "a_retained_alarm_that_is_old_starts_no_ticket_however_often_somebody_subscribes"),
    "retained, over a real broker": ("test_mqtt", "what_the_broker_retained_starts_no_ticket_however_often_we_subscribe"),
    "times ahead by 2 minutes: arrival": ("test_inbound", "a_time_in_the_future_becomes_the_time_of_arrival_and_an_old_one_is_late"),
    "unknown device: quarantine": ("test_intake", "an_unknown_device_and_what_cannot_be_read_go_to_quarantine"),
    "no data is not normal": ("test_intake", "no_data_is_not_normal"),
    "disabled rules keep reason and expiry": (
        "test_disabled", "what_a_rule_that_is_off_would_raise_is_recorded_only_and_raised_when_it_comes_back"),
    "and show them": ("../../webui/test_upkeep", "a_rule_is_switched_off_until_a_moment_and_comes_back_by_itself"),
    "a rule is tried on the last 30 days": ("test_replay", "a_trial_tells_what_the_devices_of_the_actor_would_have_made"),
    "before it is armed": ("../../webui/cli/test_device", "rules_of_a_file_are_tried_on_the_past_before_they_are_armed"),
    "anomaly: fixed limits first": ("test_trends", "a_fixed_limit_says_so_first"),
    "anomaly: the same hour of 28 days, three sigma": (
        "test_trends", "the_same_hour_of_28_days_says_what_is_usual_and_shows_its_numbers"),
    "anomaly: 14 days at least": ("test_trends", "nothing_is_usual_before_14_days"),
    "anomaly: then the change": ("test_trends", "the_change_since_the_hour_before_comes_last_and_shows_both"),
    "night flow and meters that run back": ("test_trends", "water_that_flows_three_nights_and_a_meter_that_runs_backwards_are_told"),
    "ThingsBoard: device": ("test_inbound", "every_way_in_which_a_thingsboard_device_speaks_for_itself_is_read"),
    "ThingsBoard: gateway": ("test_inbound", "a_thingsboard_gateway_speaks_for_many_devices"),
    "ThingsBoard: attributes, connect, disconnect": (
        "test_inbound", "a_thingsboard_gateway_tells_attributes_and_who_comes_and_goes"),
    "ThingsBoard: alarms in every status": ("test_inbound", "every_status_and_severity_of_a_thingsboard_alarm_is_read"),
    "ThingsBoard: refreshed, not doubled": ("test_alarms", "a_thingsboard_alarm_that_is_refreshed_is_the_same_alarm"),
    "generic: readings, events, state": ("test_inbound", "the_generic_topics_carry_readings_alarms_and_the_state_of_the_connection"),
    "generic: webhook with HMAC": ("test_ingest", "a_signed_request_is_taken_in_and_a_replay_is_not"),
    "generic: files of meters": ("test_drop", "a_file_fills_the_history_of_its_devices_and_is_put_away"),
    "canonical: the id is the source's or a hash": ("test_inbound", "a_repeat_has_the_id_of_the_first"),
    "every device's rules": ("test_shipped_rules", "every_rule_of_the_product_has_a_row_here"),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_the_test_that_a_row_names_exists(row):
    file, name = ROWS[row]

    source = (HERE / f"{file}.py").read_text(encoding="utf-8")

    assert re.search(rf"^def test_{name}\(", source, re.MULTILINE), f"{file}.py has no test_{name}"
