"""What people were told in the application, and what goes out to others."""

from __future__ import annotations

import pytest

from connectors.notify import store
from connectors.notify.store import Notice, Outbound, OutboundState


@pytest.fixture
def told(desk, visit):
    """A notice to Alice that also goes out to a resident."""
    instance, unit = int(visit()), desk.office.unit("yunting")
    with desk.engine.store.begin() as uow:
        key = uow.new_key()
        row = Notice(key, "received", "已受理", "Received", "请看 <b>", "See <b>", unit, instance, True, uow.now)
        out = Outbound(
            uow.new_key(), key, "sms", "13800001502", "张丽华", "已受理", "进度 http://localhost/l/abc", unit, instance,
            OutboundState.HELD, uow.now, None, 0, "", uow.now, None,
        )  # fmt: skip
        store.add(uow, row, [desk.office.key("alice")], [out])
        uow.commit()
    return instance


def test_a_notice_is_new_until_it_is_read(browser, told):
    alice = browser("alice")
    before = alice.get("/events").json["counts"]["notices"]
    first, second = alice.get("/notices").text, alice.get("/notices").text

    assert before == 1
    assert 'class="message new"' in first and "See &lt;b&gt;" in first
    assert 'class="message new"' not in second
    assert "No notices" in browser("bob").get("/notices").text


def test_what_goes_out_is_shown_to_those_who_may_see_it(browser, told):
    page = browser("root").get("/outbox").text

    assert "13800001502" in page and "SMS" in page
    assert 'href="http://localhost/l/abc"' in page
    assert "Nothing has been sent" in browser("alice").get("/outbox").text
