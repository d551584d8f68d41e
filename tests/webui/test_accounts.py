"""Signing in and out, the profile, the language."""

from __future__ import annotations

import pytest

from engine.model.values import SYSTEM
from engine.services import accounts
from tests.people import HASH, PASSWORD


def test_the_right_password_leads_to_the_inbox(browser):
    answer = browser().post("/sign-in", {"login": "alice", "password": PASSWORD})

    assert answer.status_code == 302
    assert answer.location == "/inbox"


@pytest.mark.parametrize(("login", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", ""), ("alice", "")])
def test_a_wrong_login_or_password_is_refused_alike(browser, login, password):
    answer = browser().post("/sign-in", {"login": login, "password": password})

    assert answer.status_code == 422
    assert ("The login or the password is wrong" in answer.text) == bool(login and password)


def test_a_page_that_was_asked_for_opens_after_signing_in(browser):
    nobody = browser()
    asked = nobody.get("/requests?view=mine")
    answer = nobody.post(asked.location, {"login": "alice", "password": PASSWORD})

    assert asked.status_code == 302
    assert answer.location == "/requests?view=mine"


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(browser, evil):
    answer = browser().post(f"/sign-in?next={evil}", {"login": "alice", "password": PASSWORD})

    assert answer.location == "/inbox"


def test_signing_out_ends_the_session_in_this_browser(browser):
    alice = browser("alice")
    alice.post("/sign-out")

    assert alice.get("/inbox").status_code == 302


def test_signing_out_everywhere_ends_every_session_of_the_account(browser):
    here, there, bob = browser("alice"), browser("alice"), browser("bob")

    assert "Sign out everywhere" in here.get("/inbox").text
    assert here.post("/sign-out-everywhere").location == "/sign-in"
    assert [each.get("/inbox").status_code for each in (here, there, bob)] == [302, 302, 200]


def test_a_new_password_ends_every_other_session(browser):
    here, there = browser("alice"), browser("alice")
    new = "quite another set of words"

    weak = here.post("/profile/password", {"old_password": PASSWORD, "password": "short", "again": "short"})
    wrong = here.post("/profile/password", {"old_password": "no", "password": new, "again": new})
    done = here.post("/profile/password", {"old_password": PASSWORD, "password": new, "again": new})

    assert weak.status_code == wrong.status_code == 422
    assert "The old password is wrong" in wrong.text
    assert done.status_code == 302
    assert here.get("/inbox").status_code == 200
    assert there.get("/inbox").status_code == 302


def test_the_language_is_chosen_once_for_all_browsers(browser):
    alice = browser("alice", language="zh")
    before = alice.get("/inbox").text
    alice.post("/language", {"language": "en", "next": "/inbox"})

    assert "待办" in before
    assert "Inbox" in alice.get("/inbox").text
    assert "Inbox" in browser("alice", language="zh").get("/inbox").text


@pytest.mark.parametrize(
    ("page", "login"), [("/requests?state=all", "alice"), ("/sign-in?next=/tasks/1", ""), ("/inbox", "alice")]
)
def test_another_language_keeps_the_place_and_its_filters(browser, page, login):
    shown = browser(login) if login else browser()

    assert f'name="next" value="{page}"' in shown.get(page).text


def test_another_language_after_a_refused_form_leads_back_to_the_page_that_it_was_on(browser):
    nowhere = {"Referer": "https://evil.example/requests"}
    alice = browser("alice")
    from_page = alice.post("/tasks/1/claim", headers={"Referer": "http://localhost/requests?state=all"}).text
    from_elsewhere = alice.post("/tasks/1/claim", headers=nowhere).text

    assert 'name="next" value="/requests?state=all"' in from_page
    assert 'name="next" value=""' in from_elsewhere


def test_a_visitor_reads_the_language_of_the_browser(desk):
    client = desk.app.test_client()

    chinese = client.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    english = client.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    other = client.get("/sign-in", headers={"Accept-Language": "fr"}).text

    assert "登录" in chinese and 'lang="zh-Hans-CN"' in chinese
    assert "Sign in" in english and 'lang="en"' in english
    assert "登录" in other


def test_the_theme_is_rendered_with_the_page_so_that_nothing_flashes(browser):
    alice = browser("alice")
    alice.client.set_cookie("theme", "dark")

    assert 'data-theme="dark"' in alice.get("/inbox").text


def test_who_has_to_choose_a_password_is_warned_and_not_congratulated(browser, desk):
    accounts.create(
        desk.engine, login="nina", unit=desk.office.unit("yunting"), name_zh="Nina", password=HASH, actor=SYSTEM
    )
    nina = browser()

    signed_in = nina.post("/sign-in", {"login": "nina", "password": PASSWORD})
    page = nina.get(signed_in.location).text

    toast = page.partition('<div class="toast late">')[2].partition("</div>")[0]
    assert "Choose a password of your own first." in page
    assert "alert-triangle" in toast
