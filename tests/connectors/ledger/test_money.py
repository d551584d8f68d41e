from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ledger.money import MOST_FEN, net_of, to_fen, to_yuan
from engine.errors import Invalid

FEN = st.integers(-MOST_FEN, MOST_FEN)


@given(FEN)
def test_an_amount_reads_back_as_it_was_written(fen):
    assert to_fen(to_yuan(fen)) == fen


@pytest.mark.parametrize("amount", ["1.001", "NaN", "Infinity", "abc", "", None, True, 1.5, "1e300", [], "１２.345"])
def test_what_is_not_an_amount_is_refused_and_never_rounded(amount):
    with pytest.raises(Invalid):
        to_fen(amount)


def test_numbers_and_texts_of_yuan_are_read_alike():
    assert to_fen("252.00") == to_fen(252) == to_fen(Decimal("252.0")) == 25200
    assert to_yuan(5) == "0.05"
    assert to_yuan(-105) == "-1.05"


@given(st.integers(0, MOST_FEN), st.sampled_from(["0", "0.01", "0.03", "0.06", "0.09", "0.13"]))
def test_vat_is_split_without_losing_a_fen(gross, rate):
    net, tax = net_of(gross, Decimal(rate))

    assert net + tax == gross
    assert abs(Decimal(net) * (1 + Decimal(rate)) - gross) <= (1 + Decimal(rate)) / 2


def test_vat_is_split_as_the_accountants_example_says():
    assert net_of(25200, Decimal("0.06")) == (23774, 1426)
    assert net_of(12000, Decimal("0.09")) == (11009, 991)
