"""A REST call that got no answer: it stops the process, and somebody who has looked in the other system lets it go on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.executor import Executor
from connectors.registry import Registry
from engine.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import history, incidents, repository, runtime, tasks, unsettled
from tests.engine.diagrams import diagram, end, flows, start, user


class Peer(BaseHTTPRequestHandler):
    """Books an order and hangs up before it has said so, until it is told to answer."""

    booked: list[str] = []  # noqa: RUF012 - one list for all requests is the point
    answers = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Peer.booked.append(self.headers["Idempotency-Key"])
        if not Peer.answers:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def peer() -> Iterator[str]:
    Peer.booked.clear()
    Peer.answers = False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def order(branch: Any, peer: str) -> Any:
    """An order at Yunting whose booking got no answer, and whoever runs the jobs."""
    body = "{item: item}"
    book = (
        '<serviceTask id="book" name="Book it"><extensionElements>'
        '<zeebe:taskDefinition type="http:request" retries="3"/>'
        f'<zeebe:ioMapping><zeebe:input source="{peer}/orders" target="url"/>'
        f'<zeebe:input source="={body}" target="body"/></zeebe:ioMapping>'
        "</extensionElements></serviceTask>"
    )
    process = diagram(
        start(), book, user("check", groups="technician"), end(), flows("start>book", "book>check", "check>end")
    )
    repository.deploy(branch.engine, [Resource("p.bpmn", process)], actor=SYSTEM)
    key = runtime.start(branch.engine, "p", {"item": "lamp"}, actor=SYSTEM, unit=branch.unit("yunting"))
    http = {"origins": [peer], "networks": ["127.0.0.0/8"]}
    executor = Executor(branch.engine, Registry(configured={"http": http}))
    executor.drain()
    return key, executor


def stop(branch, key):
    [found] = incidents.open_incidents(branch.engine, actor=SYSTEM, instance=key)
    return found


def step(branch, key):
    return [row.element_id for row in tasks.of_instance(branch.engine, key, actor=SYSTEM)]


def test_a_call_without_an_answer_is_made_once_and_shown_with_what_was_sent(branch, order):
    key, executor = order
    executor.drain()

    [found] = unsettled.of_instance(branch.engine, key, actor=branch.actor("carol"))

    assert len(Peer.booked) == 1
    assert found.incident == stop(branch, key).key
    assert (found.effect.type, found.effect.key, found.effect.attempts) == ("http:request", Peer.booked[0], 1)
    assert found.effect.begun_at == branch.engine.clock.now()
    assert found.variables["body"] == {"item": "lamp"}


def test_a_call_that_took_effect_is_not_made_again(branch, order):
    key, executor = order

    unsettled.decide(
        branch.engine, stop(branch, key).key, took_effect=True, reason="it is in their list", actor=branch.actor("root")
    )
    executor.drain()

    assert len(Peer.booked) == 1
    assert step(branch, key) == ["check"]
    assert unsettled.of_instance(branch.engine, key, actor=SYSTEM) == []
    [said] = [each for each in history.events(branch.engine, key, actor=SYSTEM) if each.kind == "effect_settled"]
    assert (said.actor_name, said.data["took_effect"], said.data["reason"]) == ("Root", True, "it is in their list")


def test_a_call_that_did_not_take_effect_is_made_again_under_its_key(branch, order):
    key, executor = order
    Peer.answers = True

    unsettled.decide(
        branch.engine, stop(branch, key).key, took_effect=False, reason="nothing there", actor=branch.actor("root")
    )
    executor.drain()

    assert len(Peer.booked) == 2
    assert len(set(Peer.booked)) == 1
    assert step(branch, key) == ["check"]


def test_what_gets_no_answer_again_stops_again(branch, order):
    key, executor = order

    unsettled.decide(branch.engine, stop(branch, key).key, took_effect=False, reason="nothing there", actor=SYSTEM)
    executor.drain()

    [found] = unsettled.of_instance(branch.engine, key, actor=SYSTEM)
    assert found.effect.attempts == 2
    assert found.incident == stop(branch, key).key


def test_only_who_may_resolve_incidents_decides_once_and_with_a_reason(branch, order):
    key, _ = order
    incident = stop(branch, key).key

    def decide(who, reason="seen"):
        unsettled.decide(branch.engine, incident, took_effect=True, reason=reason, actor=branch.actor(who))

    with pytest.raises(NotAllowed):
        decide("carol")
    for stranger in ("dan", "mallory"):
        with pytest.raises(NotFound):
            decide(stranger)
    with pytest.raises(Invalid):
        decide("root", " ")
    assert unsettled.of_instance(branch.engine, key, actor=SYSTEM) != []
    decide("root")
    with pytest.raises(IllegalTransition):
        decide("root")


def test_an_ordinary_stop_is_not_a_call_without_an_answer(branch):
    broken = diagram(start(), '<exclusiveGateway id="ok"/>', end(), flows("start>ok", "ok>end=missing"))
    repository.deploy(branch.engine, [Resource("p.bpmn", broken)], actor=SYSTEM)
    key = runtime.start(branch.engine, "p", {}, actor=SYSTEM, unit=branch.unit("yunting"))

    with pytest.raises(IllegalTransition, match="try again"):
        unsettled.decide(branch.engine, stop(branch, key).key, took_effect=True, reason="x", actor=SYSTEM)
