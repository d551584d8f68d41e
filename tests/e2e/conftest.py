"""The whole product in a process of its own, with a real broker and a real browser. A missing browser fails: nothing is skipped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

import connectors.telemetry
from tests.e2e.people import Watched
from tests.servers import Mosquitto, die_with_us, free_port

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-results"
GATEWAY_SECRET = "the gateway and we know this"


class Site:
    """A demo server, its broker and its secrets."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.broker = broker
        self.folder = folder
        self.address = f"http://127.0.0.1:{free_port()}"
        self.gateway_secret = GATEWAY_SECRET
        rules = folder / "rules.toml"
        rules.write_text(impatient(), encoding="utf-8")
        environment = {
            **os.environ,
            "PROPFLOW_DATA_DIR": str(folder / "data"),
            "PROPFLOW_CONFIG": str(folder / "none.toml"),
            "PROPFLOW_TELEMETRY_MQTT_URL": broker.url,
            "PROPFLOW_TELEMETRY_RULES": str(rules),
            "PROPFLOW_LEDGER_GATEWAY_SECRET": GATEWAY_SECRET,
        }
        port = self.address.rpartition(":")[2]
        command = [sys.executable, "-m", "webui.cli", "demo", "serve", "--port", port, "--no-devices"]
        with (folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_us
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while True:
            try:
                urlopen(f"{self.address}/healthz", timeout=5).close()
                return
            except (URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(self.said()) from None
                time.sleep(0.1)

    def said(self) -> str:
        """Everything that the server wrote."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """Ask it to stop; give its exit status."""
        self.process.terminate()
        return self.process.wait(60)


def impatient() -> str:
    """The shipped rules, with seconds where a test would wait for minutes."""
    shipped = Path(connectors.telemetry.__file__).with_name("rules.toml").read_text(encoding="utf-8")
    soon = re.sub(r"^clear_for_s = \d+$", "clear_for_s = 1", shipped, flags=re.M)
    return re.sub(r"^(\[\[type\.\w+\.rule\]\])$", r"\1\nrecovery_s = 2", soon, flags=re.M)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company on a server, its devices at a broker."""
    with Mosquitto() as broker:
        running = Site(tmp_path_factory.mktemp("site"), broker)
        yield running
        status = running.stop()
        assert status == 0, running.said()[-4000:]
        assert "Traceback" not in running.said(), running.said()[-4000:]


@pytest.fixture
def person(site: Site, chromium: Browser) -> Iterator[object]:
    """Open a browser for somebody: ``person("panying")``; at the end nobody may have seen an error of any kind."""
    opened: list[Watched] = []

    def open_one(login: str = "", **about: object) -> Watched:
        one = Watched(chromium, site.address, SHOTS, **about)
        opened.append(one)
        return one.sign_in(login) if login else one

    yield open_one
    wrong = [problem for one in opened for problem in one.finish()]
    assert wrong == []
