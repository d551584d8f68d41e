"""Every command of "Operate propflow for a group" runs, in its order, against PostgreSQL, Redis and Celery workers."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.model.ports import SystemClock
from engine.model.values import SYSTEM, Resource
from engine.services import repository, runtime
from engine.services.engine import Engine
from engine.store.database import Store
from tests.engine.diagrams import catch, line, on_timer
from tests.servers import PostgreSQL, Redis, die_with_us, free_port
from webui import cli
from webui.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/operate-for-a-group.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh(?: \w+)?|sql|ini)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
SETTINGS = dict(line.split("=", 1) for kind, text in BLOCKS if kind == "ini" for line in text.splitlines())


class Site:
    """An operator's machine: the page's settings, with the addresses of the servers of this test."""

    def __init__(self, server: PostgreSQL, queue: Redis, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.port = free_port()
        self.running: list[subprocess.Popen[bytes]] = []
        self.environ = {
            **os.environ,
            **SETTINGS,
            "PATH": f"{server.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PGHOST": str(server.folder),
            "PGUSER": "postgres",
            "PROPFLOW_DATABASE_URL": server.url("propflow"),
            "PROPFLOW_BROKER_URL": queue.url,
            "PROPFLOW_DATA_DIR": str(folder / "data"),
            "PROPFLOW_SECRET_KEY": "s" * 32,
            "PROPFLOW_SEAL_KEY": "k" * 32,
            "LANGUAGE": "en",
        }
        (folder / "processes").symlink_to(ROOT / "processes")

    def run(self, script: str) -> str:
        """Run commands, which must succeed; give what they print. Those of propflow run in this process, to spare their start."""
        return "".join(map(self._run, script.replace(":8080", f":{self.port}").splitlines()))

    def _run(self, command: str) -> str:
        if command.startswith("propflow "):
            said = io.StringIO()
            with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
                patch.chdir(self.folder)
                for name, value in self.environ.items():
                    patch.setenv(name, value)
                assert cli.main(shlex.split(command)[1:]) == 0, command
            return said.getvalue()
        return self.shell(command)

    def shell(self, script: str) -> str:
        done = subprocess.run(
            ["sh", "-euc", script], cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, script: str) -> None:
        """Start what runs until it is told to stop."""
        for number, command in enumerate(script.splitlines()):
            with (self.folder / f"process-{number}").open("wb") as log:
                words = shlex.split(command.replace("8080", str(self.port)).replace("--processes 4", "--processes 1"))
                process = subprocess.Popen(
                    words, cwd=self.folder, env=self.environ, stdout=log, stderr=log, preexec_fn=die_with_us
                )
                self.running.append(process)
        self.until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz").status == 200, OSError)

    def stop(self) -> None:
        """Stop everything as an operator does; all of it ends in time."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(30)
        self.running.clear()

    def until(self, holds, *passing: type[Exception], seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except passing:
                pass
            time.sleep(0.2)
        logs = "\n".join(path.read_text() for path in sorted(self.folder.glob("process-*")))
        raise AssertionError(f"it did not come about in {seconds} s\n{logs}")

    def ask(self, sql: str) -> None:
        self.shell(f"psql --no-psqlrc -v ON_ERROR_STOP=1 propflow <<'END'\n{sql}END\n")


@pytest.fixture
def site(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Site]:
    with Redis() as queue:
        made = Site(postgresql, queue, tmp_path)
        yield made
        for process in made.running:
            process.kill()
            process.wait(30)
        for name in ("propflow", "propflow_restored"):
            postgresql.drop(name)


def test_every_setting_of_the_page_exists():
    names = {each.name for each in fields(Settings)}

    assert [name for name in SETTINGS if name.removeprefix(PREFIX).lower() not in names] == []


def test_the_page_leads_from_an_empty_server_to_a_restored_one(site):
    for kind, text in BLOCKS:
        if kind == "sh":
            site.run(text)
        elif kind == "sql":
            site.ask(text)
        elif kind == "sh background":
            site.start(text)
            _workers_work(site)
        elif kind == "sh stopped":
            site.stop()
            site.run(text)
        elif kind == "sh restored":
            site.environ["PROPFLOW_DATABASE_URL"] = site.server.url("propflow_restored")
            assert "all hold" in site.run(text)
    assert "yunting" in site.run("propflow unit list")


def _workers_work(site: Site) -> None:
    """An instance that waits for a timer goes on, though nobody but the workers could move it."""
    store = Store(site.environ["PROPFLOW_DATABASE_URL"], clock=SystemClock())
    engine = Engine(store, SystemClock(), zone=ZoneInfo("Asia/Shanghai"))
    repository.deploy(engine, [Resource("p.bpmn", line(catch("wait", on_timer("PT1S"))))], actor=SYSTEM)
    key = runtime.start(engine, "p", {}, actor=SYSTEM)
    try:
        site.until(lambda: runtime.instance(engine, key, actor=SYSTEM).state.value == "completed")
    finally:
        store.close()
