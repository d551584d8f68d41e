"""One request to a listed system, against real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from connectors import fetch as fetching
from connectors.calls import JobCall
from connectors.fetch import MAX_BYTES, Allowed, fetch
from connectors.http import outbound
from connectors.settings import ConnectorSettings, Secret
from engine.errors import ConnectorError

LOOPBACK = ("127.0.0.0/8",)


class Peer(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []
    goes_on: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Peer.seen.append((self.command, self.path, dict(self.headers), body))
        path = self.path.partition("?")[0]
        if path == "/slow":
            Peer.goes_on.wait(60)
        if path == "/drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status = int(path[1:]) if path[1:].isdigit() else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/secret")
        content = b"x" * (MAX_BYTES + 1) if path == "/huge" else b'{"price": 0.1}' if path == "/json" else b"plain"
        self.send_header("Content-Type", "application/json")
        if path == "/endless":
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"y" * 65536)
            return
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who does not like what comes hangs up
            self.wfile.write(content)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def error(allowed: Allowed, url: str, **more: object) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        fetch(allowed, "GET", url, **more)
    return caught.value


def test_a_listed_system_answers(peer):
    answer = fetch(Allowed((peer,), LOOPBACK), "GET", f"{peer}/json?a=1")

    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b'{"price": 0.1}', "application/json")
    assert Peer.seen[-1][1] == "/json?a=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/",
        "https://127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "",
        "http://user@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1.elsewhere.example/",
    ],
)
def test_what_is_not_on_the_list_is_refused_before_anything_is_sent(url):
    assert error(Allowed(("http://127.0.0.1",), LOOPBACK), url).permanent


def test_a_private_address_is_refused_unless_it_is_listed(peer):
    assert error(Allowed((peer,)), f"{peer}/json").permanent
    assert error(Allowed((peer,), ("10.0.0.0/8",)), f"{peer}/json").permanent


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "::ffff:127.0.0.1",
        "fc00::1",
        "224.0.0.1",
        "100.64.0.1",
    ],
)
def test_no_private_loopback_or_metadata_address_is_reached(address):
    with pytest.raises(ConnectorError):
        Allowed().check_address(address)


def test_public_addresses_are_reached():
    Allowed().check_address("93.184.216.34")
    Allowed().check_address("2606:2800:220:1::1")


def test_a_name_is_resolved_once_and_the_address_that_was_checked_is_used(peer, monkeypatch):
    port = int(peer.rpartition(":")[2])
    answers = iter(["127.0.0.1", "10.9.9.9"])
    real = socket.getaddrinfo

    def rebinding(host, *args, **more):
        return real(next(answers) if host == "rebind.example" else host, *args, **more)

    monkeypatch.setattr(fetching.socket, "getaddrinfo", rebinding)

    answer = fetch(Allowed((f"http://rebind.example:{port}",), LOOPBACK), "GET", f"http://rebind.example:{port}/json")

    assert answer.status == 200
    assert Peer.seen[-1][2]["Host"] == f"rebind.example:{port}"


def test_a_wildcard_lists_what_is_beneath_a_name_and_not_the_name_itself():
    allowed = Allowed(("https://*.example.com",))
    allowed.check_origin(fetching.urlsplit("https://api.example.com/x"))
    for url in ("https://example.com/", "https://evilexample.com/", "http://api.example.com/"):
        with pytest.raises(ConnectorError):
            allowed.check_origin(fetching.urlsplit(url))


@pytest.mark.parametrize(
    ("path", "permanent", "uncertain"),
    [
        ("/302", True, False),
        ("/400", True, False),
        ("/404", True, False),
        ("/429", False, False),
        ("/500", False, False),
        ("/503", False, False),
        ("/drop", False, True),
        ("/huge", True, False),
        ("/endless", True, False),
    ],
)
def test_each_kind_of_failure_says_whether_trying_again_can_help(peer, path, permanent, uncertain):
    failure = error(Allowed((peer,), LOOPBACK), f"{peer}{path}")

    assert (failure.permanent, failure.uncertain) == (permanent, uncertain)
    assert not any(seen[1] == "/secret" for seen in Peer.seen), "redirects are not followed"


def test_a_slow_answer_is_uncertain_and_nobody_waits_for_it(peer):
    begin = time.monotonic()
    failure = error(Allowed((peer,), LOOPBACK), f"{peer}/slow", timeout_s=0.2)
    took = time.monotonic() - begin
    Peer.goes_on.set()

    assert failure.uncertain and took < 30


def test_nobody_there_is_certain_not_to_have_acted():
    failure = error(Allowed(("http://127.0.0.1:1",), LOOPBACK), "http://127.0.0.1:1/")

    assert not failure.permanent and not failure.uncertain


def test_tls_that_cannot_be_trusted_is_refused(peer):
    https = peer.replace("http:", "https:")

    assert "cannot be trusted" in str(error(Allowed((https,), LOOPBACK), f"{https}/"))


# ---- job types ------------------------------------------------------------------------------------------------------


def call(peer: str, variables: dict[str, object]) -> JobCall:
    settings = ConnectorSettings(
        "http", {"origins": (peer,), "networks": LOOPBACK}, {"credentials": Secret('{"erp": "Bearer t0ken"}')}
    )
    return JobCall(engine=None, settings=settings, variables=variables, key="7:3")


def test_a_step_reads_json_exactly_and_text_as_text(peer):
    from decimal import Decimal

    assert outbound.get(call(peer, {"url": f"{peer}/json"})) == {
        "response": {"status": 200, "body": {"price": Decimal("0.1")}}
    }
    assert outbound.get(call(peer, {"url": f"{peer}/text"}))["response"]["body"] == "plain"


def test_a_step_sends_json_with_its_idempotency_key_and_a_named_credential(peer):
    outbound.request(
        call(
            peer,
            {"url": f"{peer}/json", "method": "put", "body": {"名": 1}, "credential": "erp", "headers": {"X-A": "b"}},
        )
    )

    method, _, headers, body = Peer.seen[-1]
    assert (method, body.decode()) == ("PUT", '{"名":1}')
    assert (headers["Idempotency-Key"], headers["Authorization"], headers["X-A"]) == ("7:3", "Bearer t0ken", "b")


@pytest.mark.parametrize(
    "variables",
    [
        {"method": "TRACE"},
        {"headers": {"Host": "x"}},
        {"headers": {"Authorization": "x"}},
        {"headers": {"X-A": "a\r\nB: c"}},
        {"headers": "x"},
        {"credential": "nobody"},
    ],
)
def test_what_a_diagram_may_not_say_is_refused_for_good_and_no_secret_is_told(peer, variables):
    with pytest.raises(ConnectorError) as caught:
        outbound.request(call(peer, {"url": f"{peer}/json", **variables}))

    assert caught.value.permanent and "t0ken" not in str(caught.value)
