"""Hostile and absurd files are refused with a sentence in less than two seconds and 300 MB, or run as they should."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.bpmn.hostile import FILES

RUN = {
    "chain of 5,000": "completed",
    "nested 49 deep": "completed",
    "calls itself": "active",
    "data that names itself": "completed",
    "documentation of five megabytes": "completed",
}
"""Files that are odd and right; what becomes of their instance. All others are refused."""


@pytest.fixture(scope="module")
def judged():
    """What became of each file, all in one process, whose greatest size counts for each of them."""
    words = [sys.executable, "-m", "tests.engine.bpmn.hostile"]
    done = subprocess.run(words, cwd=Path(__file__).parents[3], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_a_sentence_or_runs_and_costs_little(judged, name):
    found = judged["files"][name]

    assert found["outcome"] == RUN.get(name, "refused"), found
    assert found["seconds"] < (2 if found["outcome"] == "refused" else 5), "running takes its time on a busy machine"
    assert found["outcome"] == "completed" or all(len(each) > 20 for each in found["said"] or [""])


def test_none_of_them_takes_more_than_300_megabytes(judged):
    assert judged["megabytes"] < 300


def test_a_process_that_calls_itself_stops_at_the_depth_that_is_allowed(judged):
    assert judged["files"]["calls itself"]["said"] == ["processes call one another deeper than 8"]
