"""The store of parts on PostgreSQL: the tests of the other file, run there."""

from __future__ import annotations

import pytest

from tests.connectors.stock.test_stock import (  # noqa: F401 - collected here, to run on another database
    database,
    test_a_list_ends_where_it_would_be_no_choice,
    test_a_repeated_job_gets_the_first_answer_and_moves_nothing,
    test_all_that_is_still_out_on_a_ticket_comes_back_when_nobody_says_what,
    test_malformed_or_unknown_parts_are_refused_for_good,
    test_parts_are_listed_with_what_lies_where_and_between_which_prices,
    test_parts_come_from_the_technicians_own_store_first_and_what_is_missing_is_named,
    test_parts_that_others_took_meanwhile_are_missing_and_not_issued_twice,
    test_returned_parts_lie_in_the_projects_store_again,
    test_what_a_technician_has_in_the_bag_need_not_be_handed_out,
    test_what_was_bought_lies_in_the_projects_store_and_what_did_not_come_does_not,
)

pytestmark = pytest.mark.parametrize("branch", ["postgresql"], indirect=True)
