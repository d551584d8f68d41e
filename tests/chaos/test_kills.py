"""Kill -9 at named points and at random: nothing acknowledged is lost, nothing takes effect twice. Checked by plain SQL."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

ROOT = Path(__file__).parent.parent.parent
POINTS = ("before_commit", "after_commit", "job_leased", "effect_done")
ELEMENTS = ("begin", "a", "split", "effect", "told", "pause", "join", "b", "done")


class Ward:
    """A database, a journal of what was acknowledged, and the file that stands for the outside system."""

    def __init__(self, folder, url=""):
        self.url = url or f"sqlite:///{folder / 'kill.db'}"
        self.journal = folder / "journal"
        self.probe = folder / "probe.log"
        self.journal.touch()
        self.probe.touch()

    def victim(self, seed, rounds, crash=""):
        environment = {**os.environ, "PROBE_LOG": str(self.probe), "PROPFLOW_CRASH": crash}
        words = [
            sys.executable,
            "-m",
            "tests.chaos.victim",
            self.url,
            str(self.journal),
            str(seed),
            str(rounds),
        ]
        return subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.PIPE)

    def sql(self, *statements):
        """Run plain SQL, not through the product; give the rows of the last statement."""
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                rows = connection.exec_driver_sql(statement)
            found = [tuple(row) for row in rows] if rows.returns_rows else []
        engine.dispose()
        return found

    def expire_leases(self):
        """Let the time pass that a dead worker's lease lasts."""
        self.sql("UPDATE job SET lease_until = '2020-01-01 00:00:00.000000' WHERE state = 'running'")

    def lines(self):
        return [line.split() for line in self.journal.read_text(encoding="utf-8").splitlines()]


def kill_at(ward, point, nth, seed):
    """Run a victim until it dies at the point; it must have died there and nowhere else."""
    victim = ward.victim(seed, 10_000, f"{point}:{nth}")
    _, errors = victim.communicate(timeout=300)
    assert victim.returncode == -signal.SIGKILL, errors.decode()[-6000:]


def kill_at_random(ward, dice, seed):
    ups = sum(line[0] == "up" for line in ward.lines())
    victim = ward.victim(seed, 10_000)
    while sum(line[0] == "up" for line in ward.lines()) == ups:
        assert victim.poll() is None, victim.stderr.read().decode()[-2000:]
        time.sleep(0.01)
    time.sleep(dice.uniform(0.05, 0.8))
    victim.kill()
    victim.communicate()
    assert victim.returncode == -signal.SIGKILL


def check(ward):
    """Hold the database against the journal and the probe."""
    acknowledged = ward.lines()
    states = dict(ward.sql("SELECT key, state FROM instance"))
    done = dict(ward.sql("SELECT key, state FROM task"))
    assert set(states.values()) == {"completed"}
    results = {key: json.loads(text) for key, text in ward.sql("SELECT key, result FROM instance")}
    owners = dict(ward.sql("SELECT key, instance FROM task"))
    completed = Counter(ward.sql("SELECT instance, element_id FROM event WHERE kind = 'element_completed'"))
    open_jobs = ward.sql("SELECT count(*) FROM job WHERE state IN ('due', 'running', 'failed')")[0][0]
    open_incidents = ward.sql("SELECT count(*) FROM incident WHERE state = 'open'")[0][0]
    gaps = (
        "SELECT count(*) FROM (SELECT max(seq) - count(*) AS gap FROM event GROUP BY instance) AS chain WHERE gap <> 0"
    )
    assert ward.sql(gaps) == [(0,)]
    for line in acknowledged:
        if line[0] == "incident":  # only a job that killed three workers in a row may have asked for a person
            assert line[1] in ("job", "internal"), line  # internal: the job was one of the engine's own
            assert int(line[2]) >= 3, line  # one more where the worker that was to give up was killed too
            assert line[3] == "workers", line
    started = [int(line[1]) for line in acknowledged if line[0] == "started"]
    assert started
    assert [key for key in started if key not in states] == [], "started and lost"
    for line in acknowledged:
        if line[0] == "completed":
            key, element, value = int(line[1]), line[2], int(line[3])
            assert done[key] == "completed", "completed and lost"
            assert results[owners[key]][f"by_{element}"] == value, "what was typed is lost"
    assert (open_jobs, open_incidents) == (0, 0)
    for instance in states:
        assert [completed[instance, element] for element in ELEMENTS] == [1] * len(ELEMENTS), "lost or done twice"
    calls = Counter(ward.probe.read_text(encoding="ascii").split())
    assert len(calls) == len(states), "one effect for each instance, under one key each"
    return calls


def finish(ward):
    ward.expire_leases()
    last = ward.victim(0, 0)
    _, errors = last.communicate(timeout=300)
    assert last.returncode == 0, errors.decode()[-6000:]


def rounds(ward, kills, seed):
    dice = random.Random(seed)
    for number in range(kills):
        if number % 2:
            kill_at_random(ward, dice, dice.randrange(10**6))
        else:
            kill_at(ward, POINTS[number // 2 % len(POINTS)], dice.randrange(1, 12), dice.randrange(10**6))
        ward.expire_leases()
    finish(ward)
    return check(ward)


def test_twenty_kills_lose_nothing_and_do_nothing_twice(tmp_path):
    calls = rounds(Ward(tmp_path), 20, seed=20261121)

    assert max(calls.values()) > 1, "no job was seen to run again, so nothing is proven"


def test_kills_on_postgresql_lose_nothing_and_do_nothing_twice(tmp_path, postgresql_url):
    calls = rounds(Ward(tmp_path, postgresql_url), 8, seed=7)

    assert max(calls.values()) > 1, "no job was seen to run again, so nothing is proven"


@pytest.mark.long
def test_three_hundred_kills_lose_nothing_and_do_nothing_twice(tmp_path):
    calls = rounds(Ward(tmp_path), 300, seed=int(os.environ.get("PROPFLOW_SEED", "1")))

    assert max(calls.values()) > 1
