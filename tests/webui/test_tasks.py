"""The inbox: what waits, claiming, completing, and what the loser of a race reads."""

from __future__ import annotations

import re


def key_of(page):
    return re.search(r'id="row-(\d+)"', page.text)[1]


def test_an_empty_inbox_is_a_small_celebration(browser):
    page = browser("alice").get("/inbox")

    assert page.status_code == 200
    assert "All done" in page.text


def test_a_new_task_is_offered_to_the_technicians_of_the_project_only(browser, visit):
    visit()

    assert "Look" in browser("alice").get("/inbox").text
    assert "Look" in browser("bob").get("/inbox").text
    assert "All done" in browser("dan").get("/inbox").text
    assert "All done" in browser("mallory").get("/inbox").text
