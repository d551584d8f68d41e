"""The shipped repair ticket through the pages: the right form for who reports, and a ticket that is closed and reopened."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.executor import Executor
from connectors.registry import Registry
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM
from engine.services import accounts, history, links, runtime, tasks
from engine.services.engine import Engine
from engine.store.blobs import FolderFiles
from engine.store.database import Store
from engine.store.instances import Filter
from tests.webui.conftest import Browser
from webui import compose, settings
from webui.app import create_app
from webui.demo import installation

PHONE = "13800000000"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The demo company with its processes and its web application, under a clock that is moved by hand."""
    folder = tmp_path_factory.mktemp("site")
    found = installation.configured(settings.load({"PROPFLOW_DATA_DIR": str(folder)}, folder))
    clock = FakeClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
    store = Store(found.database_url, clock=clock)
    compose.migrate(store)
    registry = Registry(
        configured=found.connectors, ports={"public_url": found.address, "secret_key": found.secret_key}
    )
    engine = Engine(store, clock, files=FolderFiles(folder / "files"), job_types=lambda: registry.job_types)
    compose.supply(registry, engine)
    installation.make(engine, clock.now().date(), lambda _sentence: None)
    app = create_app(engine, registry, dataclasses.replace(found, rate_limits=False))
    yield SimpleNamespace(app=app, engine=engine, clock=clock, executor=Executor(engine, registry))
    store.close()


def sit_down(site: Any, login: str = "") -> Browser:
    """Open a browser for somebody of the company, or for somebody without an account."""
    browser = Browser(site.app.test_client(), language="zh")
    if not login:
        return browser
    return browser.become(accounts.by_login(site.engine, login).key)


def report(**more: Any) -> dict[str, Any]:
    """What somebody of the staff fills in about a lamp in a corridor."""
    return {
        "channel": "staff",
        "project": "yunting",
        "area_type": "public",
        "location": "2 栋 3 层走廊",
        "affected_scope": "public",
        "category": "public_lighting",
        "desc": "走廊灯不亮，晚上看不见路",
        "reporter_name": "方雷",
        "phone": PHONE,
        **more,
    }


# ---- who reports with which form ---------------------------------------------------------------------------------------


def schema(page: str) -> dict[str, Any]:
    """The form that a page offers."""
    text = page.partition('<script type="application/json"')[2].partition(">")[2].partition("</script>")[0]
    return json.loads(text)["schema"]


def offered(schema: dict[str, Any], key: str) -> dict[str, Any]:
    [component] = [each for each in schema["components"] if each.get("key") == key]
    return component


@pytest.mark.parametrize(
    ("login", "form", "channels"),
    [
        ("liming", "report_staff", ["staff", "inspection", "complaint"]),
        ("zhuli", "report", ["hotline", "front_desk"]),
    ],
)
def test_everybody_gets_the_report_form_of_their_role(site, login, form, channels):
    someone = sit_down(site, login)

    catalogue = someone.get("/start").text
    asked = schema(someone.get("/start/repair_ticket").text)

    assert asked["id"] == form
    assert [option["value"] for option in offered(asked, "channel")["values"]] == channels
    assert catalogue.count("/start/repair_ticket") == 1


def test_a_report_that_the_service_desk_enters_has_the_letter_of_its_channel(site):
    desk = sit_down(site, "zhuli")

    begun = desk.post("/start/repair_ticket?way=hotline", json={"values": report(channel="hotline")})

    key = begun.json["next"].rpartition("/")[2]
    assert runtime.instance(site.engine, key, actor=SYSTEM).business_key.startswith("T260302-")


def test_who_has_two_roles_chooses_between_both_ways(site):
    supervisor = sit_down(site, "yangxue")

    assert supervisor.get("/start").text.count("/start/repair_ticket") == 2
    assert schema(supervisor.get("/start/repair_ticket?way=hotline").text)["id"] == "report"
    assert schema(supervisor.get("/start/repair_ticket?way=staff").text)["id"] == "report_staff"


def test_what_staff_report_becomes_a_ticket_with_their_channel(site):
    technician = sit_down(site, "liming")

    begun = technician.post("/start/repair_ticket?way=staff", json={"values": report()})
    site.executor.drain()

    assert begun.status_code == 201, begun.text
    key = begun.json["next"].rpartition("/")[2]
    known = runtime.variables(site.engine, key, actor=SYSTEM)
    assert (known["channel"], known["category"], known["reporter_name"]) == ("staff", "public_lighting", "方雷")
    assert known["ticket_no"] == runtime.instance(site.engine, key, actor=SYSTEM).business_key
    assert known["ticket_no"].startswith("D260302-")  # the channel of staff
    assert technician.get(begun.json["next"]).status_code == 200
    waiting = [row.element_id for row in tasks.of_instance(site.engine, key, actor=SYSTEM)]
    assert waiting == ["register_report"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"channel": "hotline"}, {"channel"}),  # a way of the service desk
        ({"location": "", "desc": "灯"}, {"location", "desc"}),
        ({"category": "magic", "phone": "12"}, {"category", "phone"}),
        ({"payer": "somebody"}, {"payer"}),  # not asked in this form
    ],
)
def test_a_staff_report_is_checked_with_the_form_that_was_offered(site, wrong, where):
    before = len(runtime.instances(site.engine, Filter(), actor=SYSTEM))

    refused = sit_down(site, "liming").post("/start/repair_ticket?way=staff", json={"values": report(**wrong)})

    assert refused.status_code == 422
    assert {problem["where"] for problem in refused.json["problems"]} == where
    assert len(runtime.instances(site.engine, Filter(), actor=SYSTEM)) == before


def test_a_way_of_other_roles_is_not_there(site):
    technician = sit_down(site, "liming")

    assert technician.get("/start/repair_ticket?way=hotline").status_code == 404
    sent = technician.post("/start/repair_ticket?way=hotline", json={"values": report(channel="hotline")})
    assert sent.status_code == 404
    assert sit_down(site, "luoyan").get("/start/repair_ticket").status_code == 404


def test_a_staff_report_can_be_sent_without_script(site):
    values = {**report(), "safety_flags": ["slip_hazard"]}

    begun = sit_down(site, "songgang").post("/start/repair_ticket?way=staff", values)

    assert begun.status_code == 302, begun.text
    key = begun.location.rpartition("/")[2]
    assert runtime.variables(site.engine, key, actor=SYSTEM)["safety_flags"] == ["slip_hazard"]


# ---- closed, and reopened ----------------------------------------------------------------------------------------------

PHOTO = [{"file": "1", "name": "a.jpg", "size": 9000, "type": "image/jpeg"}]
MENDER = {"account": "liming", "name": "李明"}
ANSWERS: dict[str, dict[str, Any]] = {
    "register_report": {"intake_outcome": "accept", "fee_type": "free", "estimate": 0, "called_back": True},
    "grab": {"technician": MENDER, "eta_minutes": 20},
    "assign": {"technician": MENDER},
    "accept_order": {"accepted_order": True, "eta_minutes": 20},
    "arrive": {"arrive_at": "2026-03-02T09:10:00+08:00", "check_in": "scan", "scanned_code": "yunting-2"},
    "diagnose": {"outcome": "fix_now", "cause_code": "electrical", "fee_type": "free", "before_photos": PHOTO},
    "repair": {"outcome": "done", "action": "换灯管", "labour_minutes": 25, "fee_type": "free", "after_photos": PHOTO},
    "accept_public": {"accepted": True},
    "visit": {"visit_result": "satisfied"},
    "audit_photos": {"audit_result": "pass"},
}


def close(site: Any, key: int) -> None:
    """Do everything that people have to do until a ticket is closed."""
    site.executor.drain()
    for _ in range(20):
        waiting = tasks.of_instance(site.engine, key, actor=SYSTEM)
        if not waiting:
            break
        given = {"work_permits": [], **ANSWERS[waiting[0].element_id]}
        tasks.complete(site.engine, waiting[0].key, given, actor=SYSTEM, claiming=True, validate=False)
        site.executor.drain()
    assert runtime.instance(site.engine, key, actor=SYSTEM).state.value == "completed"


@pytest.fixture
def closed(site):
    """A ticket about a lamp, reported by Li Ming and closed."""
    begun = sit_down(site, "liming").post("/start/repair_ticket?way=staff", json={"values": report()})
    key = int(begun.json["next"].rpartition("/")[2])
    close(site, key)
    return key


def numbered(site, key):
    """The instances under the number of a ticket, the newest first."""
    number = runtime.instance(site.engine, key, actor=SYSTEM).business_key
    return runtime.instances(site.engine, Filter(business_key=number), actor=SYSTEM)


def test_a_closed_ticket_is_reopened_from_its_page_with_all_that_was_known_of_it(site, closed):
    desk = sit_down(site, "zhuli")
    was = runtime.instance(site.engine, closed, actor=SYSTEM)
    known = runtime.variables(site.engine, closed, actor=SYSTEM)
    assert f"/requests/{closed}/reopen" in desk.get(f"/requests/{closed}").text
    assert "为什么重开" in desk.get(f"/requests/{closed}/reopen").text

    again = desk.post(f"/requests/{closed}/reopen", json={"values": {"reopen_reason": "又不亮了"}})
    site.executor.drain()

    assert again.status_code == 200, again.text
    newest, oldest = numbered(site, closed)
    assert oldest.key == closed
    assert again.json["next"] == f"/requests/{newest.key}"
    assert (newest.unit, newest.title, newest.started_by_name) == (was.unit, was.title, "朱丽")
    now = runtime.variables(site.engine, newest.key, actor=SYSTEM)
    assert (now["reopen_reason"], now["reopen_no"], now["close_code"]) == ("又不亮了", 1, "open")
    assert datetime.fromisoformat(now["closed_at"]) == was.ended_at
    assert {name: now[name] for name in ("desc", "location", "phone", "priority")} == {
        name: known[name] for name in ("desc", "location", "phone", "priority")
    }
    assert "check_reporter" not in history.path(site.engine, newest.key, actor=SYSTEM)
    assert tasks.of_instance(site.engine, newest.key, actor=SYSTEM) != []


def test_a_ticket_is_reopened_once_and_can_be_closed_and_reopened_again(site, closed):
    desk, page = sit_down(site, "zhuli"), f"/requests/{closed}/reopen"
    desk.post(page, json={"values": {"reopen_reason": "又不亮了"}})
    site.executor.drain()

    second = sit_down(site, "hufang").post(page, json={"values": {"reopen_reason": "我也看到了"}})
    assert second.status_code == 409
    assert "已经重开" in second.json["message"]
    assert page not in desk.get(f"/requests/{closed}").text
    newest = numbered(site, closed)[0]
    close(site, newest.key)
    third = desk.post(f"/requests/{newest.key}/reopen", json={"values": {"reopen_reason": "还是不亮"}})
    site.executor.drain()

    assert third.status_code == 200
    assert len(numbered(site, closed)) == 3
    assert runtime.variables(site.engine, numbered(site, closed)[0].key, actor=SYSTEM)["reopen_no"] == 2


def test_a_reporter_reopens_by_the_link_to_the_closed_ticket(site, closed):
    link = links.create(site.engine, purpose="track", instance=closed, audience="方雷", actor=SYSTEM).token
    reporter = sit_down(site)
    assert f"/l/{link}/reopen" in reporter.get(f"/l/{link}").text

    again = reporter.post(f"/l/{link}/reopen", json={"values": {"reopen_reason": "又不亮了"}})
    site.executor.drain()

    assert again.status_code == 200, again.text
    assert runtime.variables(site.engine, numbered(site, closed)[0].key, actor=SYSTEM)["reopen_no"] == 1


def test_why_is_asked_and_nothing_is_reopened_without_an_answer(site, closed):
    refused = sit_down(site, "zhuli").post(f"/requests/{closed}/reopen", json={"values": {"reopen_reason": ""}})

    assert refused.status_code == 422
    assert [problem["where"] for problem in refused.json["problems"]] == ["reopen_reason"]
    assert len(numbered(site, closed)) == 1


def test_a_ticket_that_lives_is_not_reopened(site):
    begun = sit_down(site, "liming").post("/start/repair_ticket?way=staff", json={"values": report()})
    key = begun.json["next"].rpartition("/")[2]
    desk = sit_down(site, "zhuli")

    refused = desk.post(f"/requests/{key}/reopen", json={"values": {"reopen_reason": "又不亮了"}})

    assert f"/requests/{key}/reopen" not in desk.get(f"/requests/{key}").text
    assert refused.status_code == 409


def test_after_seven_days_a_ticket_stays_closed_and_the_page_says_so(site, closed):
    link = links.create(site.engine, purpose="track", instance=closed, audience="方雷", actor=SYSTEM).token
    desk, reporter = sit_down(site, "zhuli"), sit_down(site)
    site.clock.advance(timedelta(days=7, seconds=1))

    late = desk.post(f"/requests/{closed}/reopen", json={"values": {"reopen_reason": "又不亮了"}})
    late_too = reporter.post(f"/l/{link}/reopen", json={"values": {"reopen_reason": "又不亮了"}})

    assert f"/requests/{closed}/reopen" not in desk.get(f"/requests/{closed}").text
    assert f"/l/{link}/reopen" not in reporter.get(f"/l/{link}").text
    for refused in (late, late_too):
        assert refused.status_code == 409
        assert "7 天内" in refused.json["message"]
    assert "7 天内" in desk.get(f"/requests/{closed}/reopen").text
    assert len(numbered(site, closed)) == 1


def test_only_those_who_may_start_tickets_here_reopen_them(site, closed):
    refused = sit_down(site, "dongmei").post(f"/requests/{closed}/reopen", json={"values": {"reopen_reason": "又坏"}})

    assert refused.status_code in (403, 404)
    assert len(numbered(site, closed)) == 1
