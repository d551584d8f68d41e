"""What every answer carries and every request must."""

from __future__ import annotations

import re

import pytest

from connectors.registry import Registry
from tests.people import PASSWORD
from webui.app import create_app
from webui.settings import Settings
from webui.tasks import rows


@pytest.mark.parametrize("path", ["/sign-in", "/inbox", "/requests", "/start", "/profile", "/no-such-page", "/healthz"])
def test_every_answer_carries_the_policy(browser, path):
    answer = browser("alice").get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_page_has_inline_scripts_styles_or_handlers(browser, visit):
    key = visit()
    alice = browser("alice")

    for path in (
        "/sign-in",
        "/inbox",
        f"/requests/{key}",
        "/requests",
        "/start",
        "/start/visit",
        "/profile",
        "/report/visit",
    ):
        page = alice.get(path).text
        scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", page)
        assert scripts == [], path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page), path


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-out", "/language", "/start/visit", "/tasks/1/complete", "/files", "/report/visit"]
)
def test_a_post_without_the_token_is_refused(browser, path):
    alice = browser("alice")

    assert alice.client.post(path, data={}).status_code == 400
    assert alice.client.post(path, json={}, headers={"X-CSRFToken": "made up"}).status_code == 400


def test_who_is_signed_out_over_a_form_is_led_to_sign_in_and_back_to_it(browser):
    page = {"Referer": "http://localhost/start/visit?way=hotline"}
    token = {"X-CSRFToken": browser("alice").token(), "Accept": "application/json"}
    nobody = browser()

    ended = nobody.client.post("/start/visit", json={"values": {}}, headers=page | token)
    in_part = nobody.client.get("/tasks/1", headers={"HX-Request": "true"})

    assert ended.status_code == 401
    assert ended.json["next"] == "/sign-in?next=/start/visit?way%3Dhotline"
    assert in_part.headers["HX-Redirect"] == "/sign-in?next=/tasks/1"


def test_htmx_inherits_the_token_from_the_body(browser):
    page = browser("alice").get("/inbox").text

    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    assert f"""hx-headers:inherited='{{"X-CSRFToken": "{token}"}}'""" in page


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser):
    answer = browser().post("/sign-in", {"login": "alice", "password": PASSWORD})

    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("propflow="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_behind_https_cookies_are_for_https_only(desk, tmp_path):
    settings = Settings(tmp_path, "sqlite://", "k" * 48, public_url="https://work.example.com", rate_limits=False)
    app = create_app(desk.engine, Registry(), settings)

    assert app.config["SESSION_COOKIE_SECURE"] and app.config["REMEMBER_COOKIE_SECURE"]


def test_guessing_passwords_is_slowed_down(desk, tmp_path):
    app = create_app(desk.engine, Registry(), Settings(tmp_path, "sqlite://", "k" * 48))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()

    answers = [client.post("/sign-in", data={"login": "", "password": ""}).status_code for _ in range(25)]

    assert answers.count(422) == 20
    assert answers[-1] == 429


@pytest.mark.parametrize(
    "payload", ['<script>alert("x")</script>', '"><img src=x onerror=alert(1)>', "{{7*7}}", "</script><b>"]
)
def test_what_people_write_is_shown_and_never_run(browser, visit, payload):
    key = visit(desc=f"漏水 {payload}", name=payload[:40])
    alice = browser("alice")

    for path in ("/inbox", f"/requests/{key}", "/requests"):
        page = alice.get(path).text
        assert payload not in page.replace("{{7*7}}", "") or payload == "{{7*7}}"
        assert "<img src=x" not in page and '<script>alert("x")' not in page
    assert "49" not in re.findall(r'class="title[^"]*" title="[^"]*"', alice.get("/inbox").text)[0]


def test_a_search_in_the_address_is_escaped(browser):
    page = browser("alice").get('/inbox?q="><script>alert(1)</script>').text

    assert "<script>alert(1)" not in page


def test_a_fault_of_ours_tells_a_number_and_nothing_else(browser, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("secret details")

    monkeypatch.setattr(rows, "page", broken)
    page = browser("alice").get("/inbox")

    assert page.status_code == 500
    assert "secret details" not in page.text
    assert re.search(r"Reference [0-9a-f]{8}", page.text)
