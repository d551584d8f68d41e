"""The shipped repair ticket through the pages: the right form for who reports, and a ticket that is closed and reopened."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.registry import Registry
from connectors.work import perform
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM
from engine.services import accounts, jobs, links, messages, runtime, tasks
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
    registry = Registry(configured=found.connectors, ports={"public_url": found.address, "secret_key": found.secret_key})
    engine = Engine(store, clock, files=FolderFiles(folder / "files"), job_types=lambda: registry.job_types)
    compose.supply(registry, engine)
    installation.make(engine, clock.now().date(), lambda _sentence: None)
    app = create_app(engine, registry, dataclasses.replace(found, rate_limits=False))
    yield SimpleNamespace(app=app, engine=engine, registry=registry, clock=clock)
    store.close()


def sit_down(site: Any, login: str = "") -> Browser:
    """Open a browser for somebody of the company, or for somebody without an account."""
    browser = Browser(site.app.test_client(), language="zh")
    if not login:
        return browser
    return browser.become(accounts.by_login(site.engine, login).key)


def work(site: Any) -> None:
    """Do every job that is due, those that come of it too."""
    types = sorted(site.registry.job_types)
    while due := [
        *jobs.claim_due(site.engine, worker="w"),
        *jobs.claim_due(site.engine, worker="w", types=types),
    ]:
        for job in due:
            perform(site.engine, site.registry, job)


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


def test_who_has_two_roles_chooses_between_both_ways(site):
    supervisor = sit_down(site, "yangxue")

    assert supervisor.get("/start").text.count("/start/repair_ticket") == 2
    assert schema(supervisor.get("/start/repair_ticket?way=hotline").text)["id"] == "report"
    assert schema(supervisor.get("/start/repair_ticket?way=staff").text)["id"] == "report_staff"


def test_what_staff_report_becomes_a_ticket_with_their_channel(site):
    technician = sit_down(site, "liming")

    begun = technician.post("/start/repair_ticket?way=staff", json={"values": report()})
    work(site)

    assert begun.status_code == 201, begun.text
    key = begun.json["next"].rpartition("/")[2]
    known = runtime.variables(site.engine, key, actor=SYSTEM)
    assert (known["channel"], known["category"], known["reporter_name"]) == ("staff", "public_lighting", "方雷")
    assert known["ticket_no"] == runtime.instance(site.engine, key, actor=SYSTEM).business_key
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
