"""Nothing is lost or done twice, whatever happens in whatever order: many small installations, each decided by a seed."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.engine.services.world import ACTS, simulate

SEEDS, BLOCKS = 300, 6


@pytest.mark.parametrize("block", range(BLOCKS))
def test_nothing_is_lost_or_done_twice_whatever_happens_in_whatever_order(block):
    seen: Counter[str] = Counter()
    for seed in range(block, SEEDS, BLOCKS):
        seen += simulate(seed, 60)

    assert seen["crash"] > 50, "the faults did not happen, so that nothing was shown"
    assert {act.__name__ for act in ACTS} <= seen.keys()


@pytest.mark.long
@pytest.mark.parametrize("block", range(20))
def test_nothing_is_lost_or_done_twice_over_many_seeds(block):
    for seed in range(1000 + block * 100, 1100 + block * 100):
        simulate(seed, 300)
