"""Notices on PostgreSQL: the tests of the other file, run there."""

from __future__ import annotations

import pytest

from tests.connectors.notify.test_notify import (  # noqa: F401 - collected here, to run on another database
    desk,
    gateway,
    mailbox,
    test_a_disabled_account_is_told_nothing,
    test_a_link_opens_one_thing_for_whoever_has_no_account,
    test_a_mail_server_that_is_away_for_good_ends_in_failure,
    test_a_mail_that_is_refused_is_tried_again_if_that_can_help,
    test_a_new_link_for_vendors_ends_those_that_were_sent_before,
    test_a_notice_is_read_in_either_language_once,
    test_a_role_is_everybody_who_holds_it_there,
    test_a_worker_that_died_at_a_mail_sends_it_again_and_at_an_sms_asks_a_person,
    test_an_sms_goes_to_the_gateway_with_its_key,
    test_at_night_only_what_is_urgent_goes_out,
    test_each_failure_of_an_sms_gateway_has_its_consequence,
    test_mail_goes_out_in_the_readers_language_with_an_id_that_stays,
    test_the_outbox_obeys_scope,
    test_without_a_gateway_the_outbox_shows_what_would_go_out,
)

pytestmark = pytest.mark.parametrize("branch", ["postgresql"], indirect=True)
