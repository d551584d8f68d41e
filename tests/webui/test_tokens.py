"""Programs come with an API token in the header and act as its account, as far as the token reaches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.values import SYSTEM
from engine.services import accounts, runtime, tokens
from engine.store.instances import Filter

VISIT = {"values": {"project": "yunting", "name": "张丽华", "desc": "厨房漏水，滴到楼下"}}


@pytest.fixture
def program(desk):
    """Make a program that acts as somebody; ``token`` is what it came with."""

    def make(login="alice", **more):
        made, secret = tokens.create(desk.engine, account=desk.office.key(login), name="test", actor=SYSTEM, **more)
        client = desk.app.test_client()

        def ask(method, path, **given):
            return client.open(path, method=method, headers={"Authorization": f"Bearer {secret}"}, **given)

        ask.token, ask.client = made, client
        return ask

    return make


def test_a_program_starts_a_case_as_its_account_and_needs_no_cookie(desk, program):
    answer = program()("POST", "/start/visit", json=VISIT)

    assert answer.status_code == 201
    [row] = runtime.instances(desk.engine, Filter(), actor=SYSTEM)
    assert row.started_by == desk.office.actor("alice").id
    assert not [value for name, value in answer.headers if name == "Set-Cookie" and "_user_id" in value]


def test_a_token_reaches_no_further_than_its_scopes(desk, program):
    answer = program(scopes=["message:publish"])("POST", "/start/visit", json=VISIT)

    assert answer.status_code in (403, 404, 422)  # there is no unit at which it may start one
    assert runtime.instances(desk.engine, Filter(), actor=SYSTEM) == []


@pytest.mark.parametrize("end", ["revoke", "expire", "disable"])
def test_a_token_that_has_ended_is_answered_like_nobody(desk, program, end):
    ask = program(expires_at=desk.engine.clock.now() + timedelta(days=1))
    before = ask("GET", "/inbox").status_code
    if end == "revoke":
        tokens.revoke(desk.engine, ask.token.key, actor=SYSTEM)
    elif end == "expire":
        desk.engine.clock.advance(timedelta(days=2))
    else:
        accounts.disable(desk.engine, desk.office.key("alice"), reason="left", actor=SYSTEM)

    refused = ask("POST", "/start/visit", json=VISIT)

    assert before == 200
    assert refused.status_code == 401 and refused.is_json


@pytest.mark.parametrize("header", ["Bearer made-up", "Bearer ", "Basic YWxpY2U6eA=="])
def test_a_made_up_token_opens_nothing(desk, header):
    client = desk.app.test_client()

    assert client.get("/inbox", headers={"Authorization": header}).status_code in (302, 401)
    assert client.post("/start/visit", json=VISIT, headers={"Authorization": header}).status_code in (302, 400, 401)
    assert runtime.instances(desk.engine, Filter(), actor=SYSTEM) == []


def test_a_header_beside_somebodys_cookie_does_not_stand_for_the_token_of_the_session(browser, program, desk):
    """Whatever made a browser send such a header: its cookie is worth nothing without the session's own token."""
    alice, ask = browser("alice"), program("bob")
    alice.get("/inbox")

    secret = {
        "Authorization": f"Bearer {tokens.create(desk.engine, account=desk.office.key('bob'), name='x', actor=SYSTEM)[1]}"
    }

    assert alice.client.post("/start/visit", json=VISIT, headers=secret).status_code == 400
    assert ask("GET", "/inbox").status_code == 200


def test_a_narrowed_token_does_not_end_the_sessions_of_its_account(browser, program):
    alice = browser("alice")

    assert program(scopes=["process_instance:start"])("POST", "/sign-out-everywhere").status_code == 403
    assert alice.get("/inbox").status_code == 200
