"""Calls without an answer, on PostgreSQL: the tests of the other file, run there."""

from __future__ import annotations

import pytest

from tests.connectors.http.test_unsettled import (  # noqa: F401 - collected here, to run on another database
    order,
    peer,
    test_a_call_that_did_not_take_effect_is_made_again_under_its_key,
    test_a_call_that_took_effect_is_not_made_again,
    test_a_call_without_an_answer_is_made_once_and_shown_with_what_was_sent,
    test_an_ordinary_stop_is_not_a_call_without_an_answer,
    test_only_who_may_resolve_incidents_decides_once_and_with_a_reason,
    test_what_gets_no_answer_again_stops_again,
)

pytestmark = pytest.mark.parametrize("branch", ["postgresql"], indirect=True)
