"""What people were told in the application, and what goes out to others."""

from __future__ import annotations

import pytest

from connectors.notify import store
from connectors.notify.store import Notice, Outbound, OutboundState
from engine.model.values import SYSTEM
from engine.services import grants, roles
from engine.services.identity import EVERYWHERE


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


@pytest.fixture
def stuck(desk, told):
    """Messages to the outside of which one failed, one may have gone out, and one was sent; gives {state: key}."""
    unit, keys = desk.office.unit("yunting"), {}
    with desk.engine.store.begin() as uow:
        notice = uow.new_key()
        row = Notice(notice, "received", "已受理", "Received", "请看", "See", unit, told, True, uow.now)
        out = []
        for state in (OutboundState.FAILED, OutboundState.UNSURE, OutboundState.SENT):
            keys[state] = uow.new_key()
            out.append(Outbound(
                keys[state], notice, "sms", "13800001502", "张丽华", "已受理", "进度", unit, told,
                state, uow.now, None, 8, "" if state is OutboundState.SENT else "the gateway refused it", uow.now, None,
            ))  # fmt: skip
        store.add(uow, row, [], out)
        uow.commit()
    return keys


def test_what_failed_is_sent_again_from_its_row(browser, desk, stuck):
    root = browser("root")
    page = root.get("/outbox").text
    failed = stuck[OutboundState.FAILED]

    assert page.count("Send again") == 2 and "May not have arrived" in page
    assert f'action="/outbox/{stuck[OutboundState.SENT]}/again"' not in page
    assert "the gateway refused it" in page

    answers = [root.post(f"/outbox/{failed}/again", {"command_id": "a-click"}).status_code for _ in range(2)]

    assert answers == [302, 302]  # a doubled click is one
    assert root.get("/outbox").text.count("Send again") == 1
    with desk.engine.store.read() as uow:
        [row] = [each for each in store.sent_in(uow, EVERYWHERE) if each.key == failed]
    assert (row.state, row.attempts, row.error) == (OutboundState.WAITING, 0, "")


def test_who_may_not_send_has_no_button_and_is_refused(browser, desk, stuck):
    roles.install(
        desk.engine,
        {"everyone": [], "reader": {"zh": "查看", "en": "Reader", "permissions": ["notice:read"]}},
        actor=SYSTEM,
    )
    grants.grant(
        desk.engine, account=desk.office.key("carol"), role="reader", unit=desk.office.unit("yunting"), actor=SYSTEM
    )
    carol = browser("carol")
    page = carol.get("/outbox").text

    assert "13800001502" in page and "Send again" not in page
    assert carol.post(f"/outbox/{stuck[OutboundState.FAILED]}/again").status_code == 404
