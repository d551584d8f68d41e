"""The first demo story, as the command line plays it: on a server of its own, and with two workers of which one dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from engine.model.ports import SystemClock
from engine.services import checks
from engine.services.engine import Engine
from engine.store.database import Store
from tests.servers import Mosquitto, PostgreSQL, Redis, die_with_us, free_port

ROOT = Path(__file__).parents[2]
PROPFLOW = [sys.executable, "-m", "webui.cli"]
STORY = [*PROPFLOW, "demo", "story", "lift"]


def test_the_lift_story_ends_as_told():
    told = subprocess.run(STORY, cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert told.returncode == 0, told.stdout + told.stderr
    assert "故事圆满结束" in told.stdout
    assert "P0" in told.stdout


def test_the_lift_story_is_told_over_mqtt_too():
    with Mosquitto() as broker:
        told = subprocess.run(
            [*STORY, "--mqtt", broker.url, "--json"], cwd=ROOT, capture_output=True, text=True, timeout=300
        )

    assert told.returncode == 0, told.stdout + told.stderr
    assert '"story": "lift"' in told.stdout or '"story":"lift"' in told.stdout


def test_a_story_that_does_not_go_as_told_says_where_and_fails():
    address = f"http://127.0.0.1:{free_port()}"

    told = subprocess.run([*STORY, "--url", address], cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert told.returncode == 1
    assert "does not answer" in told.stderr


# ---- scaled out -----------------------------------------------------------------------------------------------------


class Plant:
    """A demo server that does no jobs, and two workers that do; PostgreSQL and Redis between them."""

    def __init__(self, postgresql: PostgreSQL, database: str, broker: Redis, folder: Path) -> None:
        self.broker, self.folder = broker, folder
        self.dsn, self.url = postgresql.dsn(database), postgresql.url(database)
        self.address = f"http://127.0.0.1:{free_port()}"
        self.environ = {
            **os.environ,
            "PROPFLOW_DATA_DIR": str(folder / "data"),
            "PROPFLOW_CONFIG": str(folder / "none.toml"),
            "PROPFLOW_DATABASE_URL": self.url,
            "PROPFLOW_BROKER_URL": broker.url,
            "PROPFLOW_EXECUTOR": "celery",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a command of propflow; what it says goes into a file."""
        with (self.folder / f"said-{len(self.processes)}").open("wb") as said:
            process = subprocess.Popen(
                [*PROPFLOW, *words],
                cwd=ROOT,
                env={**self.environ, **more},
                stdout=said,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_us,
            )
        self.processes.append(process)
        return process

    def said(self) -> str:
        """Everything that was said, for a test that fails."""
        return "\n".join(path.read_text(encoding="utf-8")[-3000:] for path in sorted(self.folder.glob("said-*")))

    def ask(self, statement: str) -> list[tuple]:
        """Ask the database in plain SQL."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def stop(self) -> None:
        """Stop everything, the youngest first."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def plant(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Plant]:
    """Everything but the processes."""
    name = postgresql.create()
    with Redis() as broker:
        plant = Plant(postgresql, name, broker, tmp_path)
        yield plant
        plant.stop()
    postgresql.drop(name)


def until(plant: Plant, holds: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail("it took too long\n" + plant.said())
        time.sleep(0.05)


def children(process: subprocess.Popen[bytes]) -> set[int]:
    """The processes that do the jobs of a worker."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return {int(pid) for pid in found.read_text().split()} if found.exists() else set()


def settled(plant: Plant, worker: subprocess.Popen[bytes]) -> int:
    """Wait until a worker's process for jobs is there, and stays; give its pid. While it starts, it has others for a moment."""
    seen: list[set[int]] = []

    def stays() -> bool:
        seen.append(children(worker))
        time.sleep(0.2)
        return len(seen) > 15 and len(seen[-1]) == 1 and all(each == seen[-1] for each in seen[-15:])

    until(plant, stays)
    return seen[-1].pop()


def test_the_story_survives_a_worker_killed_in_mid_job_and_a_broker_that_forgets(plant):
    serving = plant.run("demo", "serve", "--no-devices", "--port", plant.address.rpartition(":")[2])
    until(plant, lambda: "is ready" in (plant.folder / "said-0").read_text(encoding="utf-8"))
    assert serving.poll() is None
    plant.run("worker", "--processes", "1", "--beat")
    victim = plant.run(
        "worker", "--processes", "1", PROPFLOW_CRASH="job_leased:3"
    )  # dies between taking a job and doing it
    doomed = settled(plant, victim)

    story = plant.run("demo", "story", "lift", "--url", plant.address)
    told = plant.folder / "said-3"
    until(plant, lambda: doomed not in children(victim))
    os.kill(victim.pid, signal.SIGKILL)
    left = plant.ask("SELECT key, kind FROM job WHERE state = 'running' AND worker LIKE '%:" + f"{doomed}:%'")
    plant.ask(  # the time passes that a dead worker's lease lasts
        f"UPDATE job SET lease_until = now() - interval '1 second' WHERE state = 'running' AND worker LIKE '%:{doomed}:%' RETURNING key"
    )
    until(plant, lambda: "已立" in told.read_text(encoding="utf-8"))
    redis_client.Redis.from_url(plant.broker.url).flushall()
    status = story.wait(300)

    assert status == 0, plant.said()
    assert len(left) == 1, "the worker was killed at a job"
    [(key, kind)] = left
    again = plant.ask(f"SELECT attempts FROM job WHERE key = {key}")
    # a service job stays, with its attempts; of the engine's own, such as a message on its way, nothing stays once they are done
    assert again == ([(2,)] if kind == "service" else []), "its job was seen to run once more"
    check(plant)


def check(plant: Plant) -> None:
    """Nothing is left over, and nothing took effect twice; in plain SQL, and by what must always hold."""
    assert plant.ask("SELECT state, count(*) FROM instance GROUP BY state") == [("completed", 1)]
    assert plant.ask(
        "SELECT count(*) FROM job WHERE state IN ('due', 'running', 'failed') AND instance IS NOT NULL"
    ) == [(0,)]
    assert plant.ask("SELECT count(*) FROM incident") == [(0,)]
    assert plant.ask("SELECT count(*) FROM announcement WHERE published_at IS NULL") == [(0,)]
    assert plant.ask("SELECT count(*) FROM telemetry_alarm") == [(1,)]
    notices = Counter(template for (template,) in plant.ask("SELECT template FROM notify_notice"))
    assert set(notices.values()) == {1}, notices
    once = (
        "vendor_arrive",
        "vendor_repair",
        "coordinate",
        "accept_public",
        "visit",
        "closed",
        "update_device",
        "notify_closed",
    )
    done = Counter(
        element
        for (element,) in plant.ask("SELECT element_id FROM event WHERE kind = 'element_completed'")
        if element in once
    )
    assert done == dict.fromkeys(once, 1)
    store = Store(plant.url, clock=SystemClock())
    assert checks.all_of_them(Engine(store, SystemClock())) == []
    store.close()
