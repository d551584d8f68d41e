"""A demo server of its own for a story: another process, a temporary data folder, a free port. Gone when the story is over."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from engine.errors import PropflowError

READY_S = 120
SECRET = "PROPFLOW_TELEMETRY_INGEST_SECRET"  # noqa: S105 - the name of the variable, not its value


@dataclass(frozen=True, slots=True)
class Server:
    """A server and the secret that devices share with it."""

    address: str
    device_secret: str


@contextmanager
def temporary() -> Iterator[Server]:
    """Start a demo server without devices; stop it and remove its data at the end.

    Raises:
        PropflowError: it did not start; what it said comes along.
    """
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="propflow-story-") as folder:
        port = _free_port()
        environment = {
            **os.environ,
            "PROPFLOW_DATA_DIR": folder,
            "PROPFLOW_CONFIG": str(Path(folder) / "none.toml"),
            SECRET: secret,
        }
        command = [sys.executable, "-m", "webui.cli", "demo", "serve", "--port", str(port), "--no-devices"]
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - ourselves
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, f"{address}/healthz", log)
            yield Server(address, secret)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = build_opener(ProxyHandler({}))
    end = time.monotonic() + READY_S
    while True:
        try:
            opener.open(url, timeout=5).close()
            return
        except (URLError, ConnectionError, TimeoutError) as error:
            if process.poll() is not None or time.monotonic() > end:
                said = log.read_text(encoding="utf-8", errors="replace")[-4000:]
                raise PropflowError("the server did not start: {said}", said=said) from error
            time.sleep(0.2)
