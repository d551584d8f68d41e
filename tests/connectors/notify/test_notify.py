"""Telling people: who is told what, in which language, by which channel, and what becomes of it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st

from connectors.calls import Context, JobCall
from connectors.notify import channels, inbox, outbound, post
from connectors.notify.contacts import Contact
from connectors.notify.store import OutboundState
from connectors.notify.template import MISSING, read
from connectors.settings import ConnectorSettings, Secret
from engine.errors import Invalid, NotAllowed, NotFound
from engine.model.values import SYSTEM, Resource
from engine.services import accounts, links, repository, runtime
from tests.connectors.diagrams import service
from tests.servers import free_port

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAYLOADS = Path(__file__).parent / "payloads"
TEMPLATE = """
[zh]
title = "工单 {ticket_no} 已受理"
body = "预约 {appoint_from},金额 {amount},楼层 {device.floor}"
[en]
title = "Ticket {ticket_no} was accepted"
body = "Appointment {appoint_from}, amount {amount}, floor {device.floor}"
"""
QUOTE = """
channels = ["app", "mail"]
urgent = true
[zh]
title = "报价"
body = "请确认[ {link}] 谢谢"
[en]
title = "Quote"
body = "Please confirm[ {link}] thanks"
"""
WAITS = (
    '<intermediateCatchEvent id="wait_answer"><messageEventDefinition messageRef="answer"/></intermediateCatchEvent>'
    '<sequenceFlow id="f9" sourceRef="wait_answer" targetRef="over"/><endEvent id="over"/>'
    '<sequenceFlow id="f8" sourceRef="begin" targetRef="wait_answer"/>'
)


class Vendors:
    def vendor(self, code: str) -> Contact | None:
        return Contact("Lift Co", phone="13900000009") if code == "V1" else None


class Desk:
    """A process instance from which notices are sent."""

    def __init__(self, branch: Any) -> None:
        self.branch = branch
        diagram = service("x:y", more=WAITS)
        xml = diagram.content.replace(
            b"<error ",
            b'<message id="answer" name="quote.confirmed"><extensionElements><zeebe:subscription correlationKey="=1"/>'
            b"</extensionElements></message><error ",
            1,
        )
        files = [
            Resource("p.bpmn", xml),
            Resource("templates/accepted.toml", TEMPLATE.encode()),
            Resource("templates/quote.toml", QUOTE.encode()),
        ]
        repository.deploy(branch.engine, files, actor=SYSTEM)
        self.instance = runtime.start(branch.engine, "p", {}, actor=SYSTEM, unit=branch.unit("yunting"))
        self.values: dict[str, Any] = {
            "answers": {"confirm_quote": "quote.confirmed"},
            "link_path": "/l/",
            "quiet_from": "21:00",
            "quiet_until": "08:00",
            "smtp_host": "",
            "smtp_port": 25,
            "smtp_security": "none",
            "smtp_user": "",
            "mail_from": "propflow@example.com",
            "sms_url": "",
            "sms_signature": "锦和物业",
            "chats": {},
            "networks": ("127.0.0.1",),
        }
        self.secrets = {"smtp_password": "", "sms_token": "t0ken", "chat_secrets": ""}

    @property
    def settings(self) -> ConnectorSettings:
        return ConnectorSettings("notify", self.values, {name: Secret(value) for name, value in self.secrets.items()})

    def send(self, template: str, to: Any, **more: Any) -> None:
        call = JobCall(
            engine=self.branch.engine,
            settings=self.settings,
            ports={"contacts": Vendors(), "public_url": "https://jinhe.example"},
            variables={"template": template, "to": to, **more},
            instance=self.instance,
            unit=self.branch.unit("yunting"),
        )
        answer = outbound.send(call)
        assert answer.variables == {} and answer.also is not None
        with self.branch.engine.store.begin() as uow:
            answer.also(uow)
            uow.commit()

    def post(self) -> None:
        post.send_waiting(Context(self.branch.engine, self.settings))

    def outbox(self, name: str = "root") -> list[Any]:
        return inbox.outbox(self.branch.engine, actor=self.branch.actor(name))

    def read(self, name: str) -> list[str]:
        found = inbox.notices(self.branch.engine, actor=self.branch.actor(name))
        return [notice.title("zh") for notice, _ in found]


@pytest.fixture
def desk(branch) -> Desk:
    branch.engine.clock.move_to(datetime(2026, 1, 5, 2, tzinfo=UTC))  # ten in the morning in Shanghai
    return Desk(branch)


PARAMS = {"ticket_no": "R1", "appoint_from": "2026-01-05T01:30:00Z", "amount": 120, "device": {"floor": 3}}


def test_a_role_is_everybody_who_holds_it_there(desk):
    desk.send("accepted", [{"role": "technician"}], params=PARAMS)

    assert desk.read("alice") == desk.read("bob") == ["工单 R1 已受理"]
    assert desk.read("dan") == desk.read("carol") == []
    desk.send("accepted", [{"role": "technician", "unit": "jinheli"}, {"account": "carol"}], params=PARAMS)
    assert len(desk.read("dan")) == len(desk.read("carol")) == 1 and len(desk.read("alice")) == 1


def test_a_notice_is_read_in_either_language_once(desk):
    desk.send("accepted", [{"account": "alice"}], params=PARAMS)
    alice, engine = desk.branch.actor("alice"), desk.branch.engine

    [(notice, read_at)] = inbox.notices(engine, actor=alice)
    assert notice.title("en") == "Ticket R1 was accepted"
    assert notice.body("zh") == "预约 2026-01-05 09:30,金额 120,楼层 3", "instants as the place's clock"
    assert read_at is None and inbox.unread(engine, actor=alice) == 1
    assert inbox.mark_read(engine, [notice.key], actor=desk.branch.actor("bob")) == 0, "nobody reads for another"
    assert inbox.mark_read(engine, actor=alice) == 1
    assert inbox.unread(engine, actor=alice) == 0 and inbox.notices(engine, actor=alice, only_unread=True) == []
    with pytest.raises(NotAllowed):
        inbox.unread(engine, actor=SYSTEM)


def test_what_has_no_value_is_never_shown_raw(desk):
    desk.send("accepted", [{"account": "alice"}], params={})

    [(notice, _)] = inbox.notices(desk.branch.engine, actor=desk.branch.actor("alice"))
    assert notice.title_zh == f"工单 {MISSING} 已受理" and "{" not in notice.body_zh


def test_money_is_said_with_its_fen():
    words = read("x", '[zh]\ntitle="¥{a} ¥{b}"\nbody="{a} ¥{c}"\n[en]\ntitle=""\nbody=""'.encode())

    assert words.fill("zh", {"a": Decimal("176.5"), "b": 20}, SHANGHAI).title == "¥176.50 ¥20.00"
    assert words.fill("zh", {"a": Decimal("0.5")}, SHANGHAI).body == f"0.5 ¥{MISSING}"


OPTIONAL = """
[zh]
title = "T"
body = "[{who} 负责。][预约 {at}。][进度：{link}][原文]"
[zh.reason]
parts = "等备件"
[en]
title = "T"
body = "[{who} comes.][ At {at}.][ See {link}] {reason}"
[en.reason]
parts = "waiting for parts"
"""


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, f"{MISSING}"),
        ({"who": "Li [the plumber]", "reason": "parts"}, "Li [the plumber] comes. waiting for parts"),
        ({"who": "", "at": None, "link": "L", "reason": "strike"}, "See L strike"),
        ({"who": "Li", "at": "noon", "link": "L", "reason": ["a", "b"]}, "Li comes. At noon. See L a, b"),
    ],
)
def test_what_is_optional_goes_where_a_value_is_missing_and_codes_are_said_in_words(params, said):
    template = read("x", OPTIONAL.encode())

    assert template.has_link
    assert template.fill("en", params, SHANGHAI).body == said
    assert template.fill("zh", {}, SHANGHAI).body == "[原文]", "brackets around no place are brackets"


def test_words_of_codes_are_texts():
    with pytest.raises(Invalid) as refused:
        read("x", OPTIONAL.replace('"等备件"', "1").encode())

    assert [problem.where for problem in refused.value.problems] == ["templates/x.toml: zh.reason"]


def test_who_has_an_account_reads_no_empty_place_for_the_link(desk):
    desk.send("quote", [{"name": "Wang", "phone": "13800000001"}, {"account": "alice"}], link="confirm_quote")

    [(notice, _)] = inbox.notices(desk.branch.engine, actor=desk.branch.actor("alice"))
    assert MISSING not in notice.body_zh + notice.body_en


def test_a_template_that_was_not_deployed_still_tells(desk):
    desk.send("never_written", [{"account": "alice"}], params={"ticket_no": "R1"})

    [(notice, _)] = inbox.notices(desk.branch.engine, actor=desk.branch.actor("alice"))
    assert notice.title_zh == "never_written" and "R1" in notice.body_zh


def test_without_a_gateway_the_outbox_shows_what_would_go_out(desk):
    desk.send("accepted", [{"name": "Wang", "phone": "13800000001"}, {"vendor": "V1"}, {"vendor": "V9"}], params=PARAMS)
    desk.post()

    rows = {row.name: row for row in desk.outbox()}
    assert {name: (row.channel, row.address, row.state) for name, row in rows.items()} == {
        "Wang": ("sms", "13800000001", OutboundState.HELD),
        "Lift Co": ("sms", "13900000009", OutboundState.HELD),
        "V9": ("sms", "", OutboundState.HELD),
    }
    assert "09:30" in rows["Wang"].body


def test_the_outbox_obeys_scope(desk):
    desk.send("accepted", [{"phone": "1"}], params=PARAMS)

    assert len(desk.outbox("root")) == 1
    assert desk.outbox("mallory") == [] and desk.outbox("alice") == []


def test_a_link_opens_one_thing_for_whoever_has_no_account(desk):
    desk.send("quote", [{"name": "Wang", "phone": "13800000001"}, {"account": "alice"}], link="confirm_quote")

    [row] = desk.outbox()
    found = re.fullmatch(r"请确认 https://jinhe\.example/l/(\S+) 谢谢", row.body)
    assert found
    link, actor = links.redeem(desk.branch.engine, found[1])
    assert (link.purpose, link.instance, link.element_id, link.audience) == (
        "confirm_quote",
        desk.instance,
        "wait_answer",
        "Wang",
    )
    assert actor.bound is not None
    [(notice, _)] = inbox.notices(desk.branch.engine, actor=desk.branch.actor("alice"))
    assert found[1] not in notice.body_zh, "people with an account need none"


def test_a_new_link_for_vendors_ends_those_that_were_sent_before(desk):
    def ask(*names):
        desk.send("quote", [{"name": name, "phone": f"1380000000{len(name)}"} for name in names], link="vendor")
        return [re.search(r"/l/(\S+) ", row.body)[1] for row in desk.outbox()[: len(names)]]

    [first] = ask("Anda")
    desk.send("quote", [{"name": "Wang", "phone": "13800000001"}], link="confirm_quote")
    later = ask("Hongtai", "The boss")

    assert {links.redeem(desk.branch.engine, token)[0].purpose for token in later} == {"vendor"}
    with pytest.raises(NotAllowed):
        links.redeem(desk.branch.engine, first)
    [kept] = [
        row for row in links.of_instance(desk.branch.engine, desk.instance, actor=SYSTEM) if row.audience == "Wang"
    ]
    assert kept.revoked_at is None


def test_a_link_that_the_template_does_not_place_stands_at_the_end(desk):
    desk.send("accepted", [{"phone": "1"}], params=PARAMS, link="track")

    assert re.search(r"\nhttps://jinhe\.example/l/\S+$", desk.outbox()[0].body)


def test_at_night_only_what_is_urgent_goes_out(desk):
    desk.values["sms_url"] = "https://sms.example"
    desk.branch.engine.clock.move_to(datetime(2026, 1, 5, 14, tzinfo=UTC))  # ten in the evening in Shanghai
    desk.send("accepted", [{"phone": "1"}], params=PARAMS)
    desk.send("quote", [{"phone": "2"}])

    due = {row.address: row.due_at for row in desk.outbox()}
    assert due == {"1": datetime(2026, 1, 6, 0, tzinfo=UTC), "2": datetime(2026, 1, 5, 14, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("local", "goes"),
    [
        ("20:59", "20:59"),
        ("21:00", "+08:00"),
        ("23:59", "+08:00"),
        ("00:00", "08:00"),
        ("07:59", "08:00"),
        ("08:00", "08:00"),
    ],
)
def test_quiet_hours_end_in_the_morning(desk, local, goes):
    at = datetime.fromisoformat(f"2026-01-05T{local}:00").replace(tzinfo=SHANGHAI)

    found = outbound.after_quiet(at, SHANGHAI, desk.settings)

    day = 6 if goes.startswith("+") else 5
    assert found == datetime.fromisoformat(f"2026-01-0{day}T{goes.lstrip('+')}:00").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("to", "where"),
    [
        ([], None),
        ("alice", "to 1"),
        ([{}], "to 1"),
        ([{"account": "nobody"}], "to 1"),
        ([{"account": "alice"}, {"role": "technician", "unit": "atlantis"}], "to 2"),
    ],
)
def test_who_is_meant_must_be_somebody(desk, to, where):
    if where is None:
        desk.send("accepted", to, params=PARAMS)
        assert desk.outbox() == []
        return
    with pytest.raises(Invalid) as caught:
        desk.send("accepted", to, params=PARAMS)
    assert [problem.where for problem in caught.value.problems] == [where]


def test_a_disabled_account_is_told_nothing(desk):
    accounts.disable(desk.branch.engine, desk.branch.key("alice"), reason="left", actor=SYSTEM)

    desk.send("accepted", [{"account": "alice"}, {"role": "technician"}], params=PARAMS)

    assert desk.read("bob") == ["工单 R1 已受理"]


@pytest.mark.parametrize(
    "content",
    [
        "= =",
        '[zh]\ntitle="a"\nbody="b"',
        'channels=["pigeon"]\n[zh]\ntitle="a"\nbody="b"\n[en]\ntitle="a"\nbody="b"',
        "[zh]\ntitle=1\nbody=2\n[en]\n",
    ],
)
def test_a_template_with_errors_is_refused(content):
    with pytest.raises(Invalid):
        read("x", content.encode())


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers()))
def test_nothing_in_a_text_or_a_parameter_reaches_beyond_the_parameters(text, params):
    body = json.dumps(text + "{a.__class__}{a.b.c}{0}{a!r}{a:>9}")
    template = (
        read("x", f'[zh]\ntitle="t"\nbody={body}\n[en]\ntitle="t"\nbody="b"\n'.encode())
        if "\\u" not in body and "\x7f" not in body
        else None
    )
    if template is None:
        return

    words = template.fill("zh", {**params, "a": "v"}, SHANGHAI)

    assert "<class" not in words.body


# ---- mail -----------------------------------------------------------------------------------------------------------


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture
def mailbox(desk) -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    desk.values |= {"smtp_host": "127.0.0.1", "smtp_port": controller.port}
    accounts.update(desk.branch.engine, desk.branch.key("alice"), email="alice@example.com", locale="en", actor=SYSTEM)
    yield box
    controller.stop()


def test_mail_goes_out_in_the_readers_language_with_an_id_that_stays(desk, mailbox):
    desk.send("quote", [{"account": "alice"}, {"name": "王 <b>\n", "email": "wang@example.com"}], link="confirm_quote")

    desk.post()
    desk.post()

    english, chinese = sorted(mailbox.mails, key=lambda mail: mail["To"])
    assert (english["Subject"], chinese["Subject"]) == ("Quote", "报价")
    assert english["From"] == "propflow@example.com" and english["Message-ID"].endswith("@example.com>")
    assert "https://jinhe.example/l/" in chinese.get_content()
    assert [row.state for row in desk.outbox()] == [OutboundState.SENT] * 2
    assert all("…" in row.body for row in desk.outbox()), "what was sent keeps nobody else's key"


@pytest.mark.parametrize(("answer", "state"), [("451 later", OutboundState.WAITING), ("554 no", OutboundState.FAILED)])
def test_a_mail_that_is_refused_is_tried_again_if_that_can_help(desk, mailbox, answer, state):
    mailbox.answer = answer
    desk.send("quote", [{"email": "wang@example.com"}])

    desk.post()

    [row] = desk.outbox()
    assert (row.state, row.attempts) == (state, 1) and row.error
    mailbox.answer = "250 OK"
    if state is OutboundState.FAILED:
        inbox.send_again(desk.branch.engine, row.key, actor=desk.branch.actor("root"))
        with pytest.raises(NotFound):
            inbox.send_again(desk.branch.engine, row.key, actor=desk.branch.actor("mallory"))
    desk.branch.engine.clock.advance(timedelta(minutes=1))
    desk.post()
    assert desk.outbox()[0].state is OutboundState.SENT


def test_a_mail_server_that_is_away_for_good_ends_in_failure(desk):
    desk.values |= {"smtp_host": "127.0.0.1", "smtp_port": 1}
    desk.send("quote", [{"email": "wang@example.com"}])

    for _ in range(post.TRIES + 1):
        desk.post()
        desk.branch.engine.clock.advance(timedelta(minutes=20))

    [row] = desk.outbox()
    assert (row.state, row.attempts) == (OutboundState.FAILED, post.TRIES)


def test_a_worker_that_died_at_a_mail_sends_it_again_and_at_an_sms_asks_a_person(desk, mailbox):
    desk.values["sms_url"] = "https://sms.example"
    desk.send("quote", [{"email": "wang@example.com"}, {"phone": "13800000001"}])
    from connectors.notify import store

    with desk.branch.engine.store.begin() as uow:
        assert len(store.take(uow, limit=5, lease=post.LEASE)) == 2
        uow.commit()
    desk.branch.engine.clock.advance(timedelta(minutes=6))
    desk.post()

    assert {row.channel: row.state for row in desk.outbox()} == {
        "mail": OutboundState.SENT,
        "sms": OutboundState.UNSURE,
    }


# ---- SMS and chats --------------------------------------------------------------------------------------------------


class Gateway(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, dict[str, str], Any]]] = []
    answers: ClassVar[list[tuple[int, bytes]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Gateway.seen.append((self.path, dict(self.headers), body))
        status, content = Gateway.answers.pop(0) if Gateway.answers else (200, b"{}")
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway(desk) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Gateway.seen.clear()
    Gateway.answers.clear()
    url = f"http://127.0.0.1:{server.server_port}"
    desk.values["sms_url"] = f"{url}/sms"
    yield url
    server.shutdown()
    server.server_close()


def recorded(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def test_an_sms_goes_to_the_gateway_with_its_key(desk, gateway):
    desk.send("quote", [{"phone": "13800000001"}])
    desk.post()

    [(path, headers, body)] = Gateway.seen
    assert path == "/sms" and headers["Authorization"] == "Bearer t0ken"
    assert (
        headers["Idempotency-Key"] == body["id"] and body["phone"] == "13800000001" and body["signature"] == "锦和物业"
    )
    assert body["text"] == "报价\n请确认 谢谢", "an SMS has no subject: what it is about stands in it"
    assert desk.outbox()[0].state is OutboundState.SENT


@pytest.mark.parametrize(
    ("status", "state"), [(500, OutboundState.WAITING), (400, OutboundState.FAILED), (0, OutboundState.UNSURE)]
)
def test_each_failure_of_an_sms_gateway_has_its_consequence(desk, gateway, status, state):
    Gateway.answers.append((status, b"no"))
    desk.send("quote", [{"phone": "13800000001"}])

    desk.post()

    assert desk.outbox()[0].state is state


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_group_chat_gets_the_shape_that_its_product_takes(desk, gateway, kind):
    desk.values["chats"] = {"repair": f"{kind}:{gateway}/hook?key=1"}
    desk.secrets["chat_secrets"] = '{"repair": "s3cret"}'
    Gateway.answers.append((200, recorded(f"{kind}_ok")))
    desk.send("accepted", [{"chat": "repair"}], params=PARAMS)
    desk.post()

    [(path, _, body)] = Gateway.seen
    text = body["content"]["text"] if kind == "feishu" else body["text"]["content"]
    assert text.startswith("工单 R1 已受理\n")
    assert ("sign" in body) == (kind == "feishu") and ("&sign=" in path) == (kind == "dingtalk")
    assert desk.outbox()[0].state is OutboundState.SENT


@pytest.mark.parametrize("answer", ["wecom_too_often", "dingtalk_bad_sign", "feishu_bad_sign"])
def test_a_chat_that_refuses_says_why(desk, gateway, answer):
    kind = answer.partition("_")[0]
    desk.values["chats"] = {"repair": f"{kind}:{gateway}/hook"}
    Gateway.answers.append((200, recorded(answer)))
    desk.send("accepted", [{"chat": "repair"}], params=PARAMS)
    desk.post()

    [row] = desk.outbox()
    assert row.state is OutboundState.FAILED and "refuses" in row.error


def test_signatures_of_robots_are_those_of_their_documentation():
    url, _ = channels.dingtalk("https://oapi.dingtalk.com/robot/send?access_token=1", "x", "this is secret", 1577262236)
    _, body = channels.feishu("https://x", "x", "demo", 1599360473)

    assert "timestamp=1577262236000&sign=" in url
    assert body["timestamp"] == "1599360473" and len(body["sign"]) == 44
