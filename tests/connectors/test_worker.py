"""Two Celery workers on PostgreSQL and Redis: one is killed in the middle of a job, the broker forgets everything. Nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import connectors.schema  # noqa: F401 - declares their tables
from connectors.worker import Waker, make_app
from engine.model.ports import SystemClock
from engine.model.values import SYSTEM
from engine.services import incidents, repository, runtime
from engine.services.engine import Engine
from engine.store.database import Store
from tests.connectors.diagrams import service
from tests.servers import PostgreSQL, Redis, die_with_us, free_port

TOY = """
import os, time
from pathlib import Path

LOG = Path(os.environ["TOY_LOG"])

def act(call):
    with LOG.open("a") as log:
        log.write(f"{call.key} {os.getpid()}\\n")
    slow = LOG.with_name("slow")
    if slow.exists():
        time.sleep(float(slow.read_text()))
    return {"done": True}
"""
MANIFEST = (
    'name = "toy"\ntitle = {en="T", zh="T"}\nsummary = {en="T", zh="T"}\n'
    '[[operation]]\nname = "act"\ncall = "outbound:act"\ntitle = {en="T", zh="T"}\n'
)
PROGRAM = """
import sys
from datetime import timedelta
from pathlib import Path
import connectors.schema
from connectors import worker
from connectors.registry import Registry
from engine.model.ports import SystemClock
from engine.services import jobs
from engine.services.engine import Engine
from engine.store.database import Store

database, broker, folder = sys.argv[1:4]
jobs.claim_due.__kwdefaults__["lease"] = timedelta(seconds=3)  # a test does not wait five minutes for a dead worker
worker.SWEEP_EVERY = timedelta(seconds=1)

def build():
    clock = SystemClock()
    return Engine(Store(database, clock=clock), clock), Registry(directory=Path(folder))

app = worker.make_app(broker, build)
app.worker_main(["worker", "--loglevel=WARNING", "--concurrency=1", "--without-gossip", "--without-mingle", *sys.argv[4:]])
"""


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


class Plant:
    """An engine on PostgreSQL whose jobs two worker processes do."""

    def __init__(self, postgresql: PostgreSQL, database: str, redis: Redis, folder: Path) -> None:
        self.url, self.redis, self.folder = postgresql.url(database), redis, folder
        self.dsn = postgresql.dsn(database)
        toy = folder / "own" / "toy"
        toy.mkdir(parents=True)
        (toy / "manifest.toml").write_text(MANIFEST)
        (toy / "outbound.py").write_text(TOY)
        (folder / "program.py").write_text(PROGRAM)
        self.log = folder / "log"
        self.log.touch()
        self.store = Store(self.url, clock=SystemClock())
        self.store.create_tables()
        waker = Waker(make_app(redis.url, lambda: pytest.fail("nobody works here")))
        self.engine = Engine(self.store, SystemClock(), wake=waker)
        repository.deploy(self.engine, [service("toy:act")], actor=SYSTEM)
        self.workers: list[subprocess.Popen[bytes]] = []

    def work(self, *more: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            str(self.folder / "program.py"),
            self.url,
            self.redis.url,
            str(self.folder / "own"),
            *more,
        ]
        environ = {**os.environ, "TOY_LOG": str(self.log), "PYTHONPATH": str(Path.cwd())}
        output = (self.folder / f"worker-{len(self.workers)}").open("wb")
        with output:
            process = subprocess.Popen(
                command, env=environ, preexec_fn=die_with_us, stdout=output, stderr=output, cwd=self.folder
            )
        self.workers.append(process)
        return process

    def start(self, many: int) -> list[int]:
        return [runtime.start(self.engine, "p", {}, actor=SYSTEM) for _ in range(many)]

    def left(self) -> int:
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute("SELECT count(*) FROM instance WHERE ended_at IS NULL").fetchone()
        return int(row[0]) if row else 0

    def calls(self) -> list[tuple[str, int]]:
        return [(key, int(pid)) for key, pid in (line.split() for line in self.log.read_text().splitlines())]

    def stop(self) -> None:
        for process in self.workers:
            if process.poll() is None:
                process.terminate()
        for process in self.workers:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.store.close()


@pytest.fixture
def plant(postgresql: PostgreSQL, redis: Redis, tmp_path: Path) -> Iterator[Plant]:
    name = postgresql.create("ready")
    plant = Plant(postgresql, name, redis, tmp_path)
    yield plant
    plant.stop()
    postgresql.drop(name)


def until(plant: Plant, holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail("it took too long\n" + "".join(path.read_text() for path in plant.folder.glob("worker-*")))
        time.sleep(0.05)


def test_two_workers_do_every_job_once_though_one_dies_at_it_and_the_broker_forgets(plant):
    plant.work("--beat", f"--schedule={plant.folder}/beat")
    victim = plant.work()
    started = 20
    plant.start(20)
    until(plant, lambda: plant.left() == 0)

    # jobs come until the victim has one in hand: on a slow machine the other worker is up first, and has done the twenty alone
    (plant.folder / "slow").write_text("1")
    before = len(plant.calls())

    def victim_works() -> bool:
        nonlocal started
        if plant.left() < 6:
            started += len(plant.start(6 - plant.left()))
        return bool(_children(victim) & {pid for _, pid in plant.calls()[before:]})

    until(plant, victim_works)
    assert len({pid for _, pid in plant.calls()}) == 2, "both work"
    for pid in (*_children(victim), victim.pid):
        os.kill(pid, signal.SIGKILL)
    victim.wait()
    (plant.folder / "slow").unlink()
    plant.redis.kill()
    plant.redis.start_again()
    started += len(plant.start(5))
    until(plant, lambda: plant.left() == 0)

    calls = plant.calls()
    keys = [key for key, _ in calls]
    assert len(set(keys)) == started
    assert len(keys) > started, "the job at which the worker died was seen to run again"
    assert incidents.open_incidents(plant.engine, actor=SYSTEM) == []
    with psycopg.connect(plant.dsn) as connection:
        done = connection.execute(
            "SELECT instance, count(*) FROM event WHERE kind = 'job_completed' GROUP BY instance"
        ).fetchall()
    assert len(done) == started and {count for _, count in done} == {1}, "each step was completed once"


def test_without_a_broker_a_command_is_answered_at_once_and_the_sweep_finds_the_work_later(plant):
    silent = Waker(make_app(f"redis://127.0.0.1:{free_port()}/0", lambda: pytest.fail("nobody works here")))
    engine = Engine(plant.store, SystemClock(), wake=silent)

    took = []
    for _ in range(5):
        begin = time.monotonic()
        runtime.start(engine, "p", {}, actor=SYSTEM)
        took.append(time.monotonic() - begin)
    plant.work("--beat", f"--schedule={plant.folder}/beat")
    until(plant, lambda: plant.left() == 0)

    assert min(took) < 1, "none of them waits for the broker"


def _children(process: subprocess.Popen[bytes]) -> set[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return {int(pid) for pid in found.read_text().split()} if found.exists() else set()
