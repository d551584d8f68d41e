"""Starting the server, and how many it lets in."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from http.client import HTTPConnection

from tests.servers import die_with_us, free_port


def test_a_port_that_is_taken_is_a_sentence_and_not_a_trace(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "webui.cli", "serve", "--port", str(port)],
            env={"PROPFLOW_DATA_DIR": str(tmp_path), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=300,
        )

    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_browser_gets_in_while_hundreds_keep_their_connections_open(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "webui.cli", "serve", "--port", str(port)]
    environment = {"PROPFLOW_DATA_DIR": str(tmp_path), "PATH": ""}
    with ExitStack() as opened:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, preexec_fn=die_with_us)
        opened.callback(server.wait)
        opened.callback(server.terminate)
        _wait(port)

        answers = [_ask(port, opened) for _ in range(300)]

    assert answers == [200] * 300


def _ask(port: int, opened: ExitStack) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    opened.callback(connection.close)
    connection.request("GET", "/static/icons.svg")
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with ExitStack() as opened:
            try:
                _ask(port, opened)
            except OSError:
                time.sleep(0.1)
            else:
                return
    raise TimeoutError("the server did not start")
