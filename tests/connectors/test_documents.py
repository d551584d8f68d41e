"""What the documents of connectors say is so."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from connectors import manifest
from connectors.calls import BpmnError, JobCall
from connectors.registry import BUILT_IN, Registry
from engine.errors import ConnectorError

HOW_TO = Path(__file__).parents[2] / "docs/how-to/connect-a-system.md"
FOLDERS = sorted(path.parent for path in BUILT_IN.glob("*/manifest.toml"))


class Barrier(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_POST(self) -> None:
        Barrier.seen.append((self.path, dict(self.headers)))
        self.send_response(200 if "/lanes/1/" in self.path else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def barrier() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Barrier)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_connector_of_the_how_to_works_as_it_says(tmp_path, barrier):
    text = HOW_TO.read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```(toml|python)\n(.*?)```", text, re.DOTALL))
    folder = tmp_path / "barrier_gate"
    folder.mkdir()
    (folder / "manifest.toml").write_text(blocks["toml"], encoding="utf-8")
    (folder / "outbound.py").write_text(blocks["python"], encoding="utf-8")
    registry = Registry(
        directory=tmp_path,
        configured={"barrier_gate": {"url": barrier}},
        environ={"PROPFLOW_BARRIER_GATE_TOKEN": "t0ken"},
    )
    served = registry.operation("barrier_gate:lift")

    def call(**variables: object) -> object:
        return served.run(JobCall(engine=None, settings=served.connector.settings, variables=variables, key="7:3"))

    assert call(lane=1) == {"lifted": True}
    path, headers = Barrier.seen[-1]
    assert (path, headers["Authorization"], headers["Idempotency-Key"]) == ("/lanes/1/lift", "Bearer t0ken", "7:3")
    with pytest.raises(BpmnError):
        call()
    with pytest.raises(ConnectorError) as refused:
        call(lane=2)
    assert refused.value.permanent


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_job_type_message_and_setting_stands_in_the_readme(folder):
    read = manifest.read(folder)
    text = (folder / "README.md").read_text(encoding="utf-8")

    wanted = [f"{read.name}:{operation.name}" for operation in read.operations]
    wanted += [message.name for message in read.messages] + [setting.name for setting in read.settings]
    missing = [name for name in wanted if name not in text and f"`.{name.rpartition('.')[2]}`" not in text]
    assert [name for name in missing if name.rpartition(".")[2] not in ("updated", "cleared")] == []
