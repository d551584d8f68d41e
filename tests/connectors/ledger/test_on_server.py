"""What the books promise, on PostgreSQL: the tests of the other files, run there."""

from __future__ import annotations

import pytest

from tests.connectors.ledger.test_books import (  # noqa: F401 - collected here, to run on another database
    test_a_locked_period_refuses_a_charge_and_moves_money_that_has_come,
    test_a_voucher_belongs_to_the_company_above_its_unit_and_is_numbered_without_gaps,
    test_a_voucher_is_taken_back_once,
    test_balances_are_narrowed_by_day_and_dimension,
    test_lines_without_a_voucher_are_never_kept,
    test_the_database_itself_refuses_a_voucher_that_does_not_balance,
    test_the_database_itself_refuses_to_change_what_is_posted,
    test_the_same_key_with_other_content_is_a_conflict,
)
from tests.connectors.ledger.test_outbound import (  # noqa: F401 - as above
    test_money_over_the_counter_settles_the_claim_in_the_same_step,
    test_what_is_to_be_collected_is_opened_for_the_voucher_that_charged_it,
)
from tests.connectors.ledger.test_payments import (  # noqa: F401 - as above
    receivable,
    test_a_notification_that_comes_twice_is_answered_alike_and_booked_once,
    test_a_payers_money_goes_to_the_oldest_claim_first_and_each_process_is_told,
    test_a_payment_that_is_taken_back_reopens_the_claim,
    test_a_replayed_or_forged_notification_is_refused,
)
from tests.connectors.ledger.test_periods import (  # noqa: F401 - as above
    accountants,
    test_vouchers_are_taken_out_by_month_in_the_order_of_their_numbers,
    test_who_may_close_the_books_locks_a_month_and_opens_it_with_a_reason,
)

pytestmark = pytest.mark.parametrize("branch", ["postgresql"], indirect=True)
