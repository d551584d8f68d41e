"""The demo company is as the domain tells it, the same each time, and works at every hour."""

from __future__ import annotations

import dataclasses
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

import connectors.schema  # noqa: F401 - declares their tables
from connectors.calls import JobCall
from connectors.register import crew, outbound, places
from connectors.register import devices as device_service
from connectors.register.roles import CATALOGUE
from connectors.register.store.places import RoomKind
from connectors.settings import ConnectorSettings
from connectors.telemetry.rules import shipped
from engine.errors import Conflict
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM
from engine.services import accounts, identity, roles, sessions, units, verify
from engine.services.engine import Engine
from engine.store.database import Store
from webui.demo import company, staff

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)  # 10:00 in Shanghai


@dataclasses.dataclass
class Demo:
    engine: Engine
    summary: company.Summary
    seconds: float

    def actor(self, login):
        account = accounts.by_login(self.engine, login)
        with self.engine.store.read() as uow:
            return identity.actor(uow, account.key)

    def unit(self, code):
        return units.by_code(self.engine, code).key


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    clock = FakeClock(NOW)
    store = Store("sqlite://", clock=clock)
    store.create_tables()
    engine = Engine(store, clock)
    begin = time.process_time()
    summary = company.create(engine, TODAY)
    yield Demo(engine, summary, time.process_time() - begin)
    store.close()


def count(demo, statement):
    with demo.engine.store.read() as uow:
        return uow.execute(sa.text(statement)).scalar_one()


def test_it_has_the_numbers_that_the_domain_names(demo):
    counts = demo.summary.counts

    assert (counts["staff"], counts["rooms"], counts["parking_spaces"], counts["cards"], counts["devices"]) == (
        42,
        600,
        310,
        268,
        190,
    )
    assert 1400 <= counts["people"] <= 1500
    assert count(demo, "SELECT count(*) FROM account") == 42
    assert count(demo, "SELECT count(*) FROM register_room WHERE kind <> 'parking'") == 600
    assert count(demo, "SELECT count(*) FROM register_occupancy WHERE relation = 'card'") == 268
    assert count(demo, "SELECT count(*) FROM register_person") == counts["people"]
    occupied = count(
        demo, "SELECT count(*) FROM register_room WHERE kind <> 'parking' AND state IN ('occupied', 'leased')"
    )
    assert occupied == 528, "88 of 100"
    kinds = dict(Counter(one.type for one in device_service.select(demo.engine, limit=1000, actor=SYSTEM)))
    assert kinds == {
        "lift": 14, "water_pump": 8, "water_tank": 4, "sump": 12, "fire_panel": 4, "fire_pump": 6, "transformer": 9,
        "access_control": 46, "barrier": 6, "hvac": 16, "environment": 12, "gateway": 9, "meter": 44,
    }  # fmt: skip


def test_the_areas_make_the_incomes_that_the_domain_names(demo):
    def income(project, fen_per_metre):
        unit = demo.unit(project)
        hundredths = count(
            demo, f"SELECT sum(area_hundredths) FROM register_room WHERE project = {unit} AND kind <> 'parking'"
        )
        return hundredths * fen_per_metre / 10_000

    assert 96_000 <= income("yunting", 220) <= 98_000
    assert 229_000 <= income("guoji", 1200) <= 231_000
    assert 75_500 <= income("jinheli", 1500) <= 77_500


def test_it_is_made_in_under_five_seconds(demo):
    assert demo.seconds < 5


def test_making_it_again_changes_nothing_but_the_shifts(demo):
    tables = (
        "unit",
        "account",
        "role_grant",
        "substitute",
        "register_room",
        "register_person",
        "register_occupancy",
        "register_device",
    )
    before = [count(demo, f"SELECT count(*) FROM {table}") for table in tables]

    again = company.create(demo.engine, TODAY)

    assert again == demo.summary
    assert [count(demo, f"SELECT count(*) FROM {table}") for table in tables] == before


def test_it_does_not_mix_with_a_real_organisation():
    store = Store("sqlite://", clock=FakeClock(NOW))
    store.create_tables()
    engine = Engine(store, FakeClock(NOW))
    units.create(engine, kind="company", code="real", name_zh="真", name_en="Real", actor=SYSTEM)

    with pytest.raises(Conflict, match="empty installation"):
        company.create(engine, TODAY)

    assert [unit.code for unit in units.select(engine, actor=SYSTEM)] == ["real"]
    store.close()


def test_everybody_signs_in_with_the_password_of_the_demo(demo):
    for login in ("yangxue", "zhangwei", "gaoyuan"):
        session = sessions.authenticate(demo.engine, login, company.PASSWORD)
        assert not session.account.must_change_password
    assert len(demo.summary.logins) == 42
    assert all(re.fullmatch(r"[a-z]{4,12}", one.login) for one in demo.summary.logins)


def test_every_role_exists_and_every_role_is_held(demo):
    known = {role.code for role in roles.select(demo.engine)}
    held = {role for one in demo.summary.logins for role in one.roles}

    assert CATALOGUE.exists()
    assert held == known


@pytest.mark.parametrize("project", ["yunting", "guoji", "jinheli"])
@pytest.mark.parametrize(
    "role",
    ["service_desk", "dispatcher", "technician", "engineering_supervisor", "cashier", "project_manager", "quality", "storekeeper",
     "security", "service_supervisor"],
)  # fmt: skip
def test_each_project_has_somebody_for_each_lane_of_a_repair(demo, project, role):
    assert identity.holders(demo.engine, role, demo.unit(project))


def test_nobody_of_one_project_sees_another_one(demo):
    manager = demo.actor("weilan")

    assert {unit.code for unit in units.select(demo.engine, actor=manager)} == {"jinheli", "jinheli-1"}
    assert {one.project for one in places.select_rooms(demo.engine, limit=1000, actor=manager)} == {
        demo.unit("jinheli")
    }
    assert {one.project for one in device_service.select(demo.engine, limit=1000, actor=manager)} == {
        demo.unit("jinheli")
    }


def test_the_group_sees_everything_and_the_administrator_may_do_everything(demo):
    assert len(units.select(demo.engine, actor=demo.actor("chenguodong"))) == len(staff.UNITS)
    with demo.engine.store.read() as uow:
        assert identity.allowed(uow, SYSTEM, "read", "unit", None) is not False


def test_somebody_is_on_leave_and_a_colleague_stands_in(demo):
    absent, deputy = (accounts.by_login(demo.engine, login) for login in (staff.ABSENT, staff.DEPUTY))

    lent = [grant for grant in demo.actor(deputy.login).grants if grant.of == absent.key]

    assert [(grant.role, grant.unit) for grant in lent] == [("engineering_supervisor", demo.unit("guoji"))]


def test_two_certificates_of_electricians_run_out_within_a_month(demo):
    soon = crew.expiring_certificates(demo.engine, TODAY + timedelta(days=30), actor=SYSTEM)

    assert sorted(person.login for held, person in soon if held.type == staff.ELECTRICIAN) == ["fanglei", "zhouhao"]


@pytest.mark.parametrize("project", ["yunting", "guoji", "jinheli"])
def test_at_every_hour_somebody_can_be_sent(demo, project):
    unit = demo.unit(project)
    with demo.engine.store.read() as uow:
        for hour in range(-24, 24 * 20):
            at = NOW + timedelta(hours=hour)
            found = crew.candidates(uow, unit, crew.Wanted(category="tap", begin=at, end=at))
            assert found[0].on_shift, at
    assert len(found) >= 2


@pytest.mark.parametrize("project", ["yunting", "guoji", "jinheli"])
@pytest.mark.parametrize(("category", "certificate"), [("tap", ""), ("power", staff.ELECTRICIAN)])
def test_a_plumber_and_an_electrician_can_be_found_everywhere_every_day(demo, project, category, certificate):
    unit = demo.unit(project)
    with demo.engine.store.read() as uow:
        for day in range(14):
            at = NOW + timedelta(days=day)
            wanted = crew.Wanted(category=category, begin=at, end=at, certificate=certificate)
            assert any(one.has_skill for one in crew.candidates(uow, unit, wanted)), at


def test_the_third_lift_is_there_with_its_vendor_and_its_owner_can_report_it(demo):
    answer = outbound.check_reporter(
        JobCall(
            engine=demo.engine,
            settings=ConnectorSettings("register", {}, {}),
            type="register:check_reporter",
            variables={"ticket_no": "T1", "project": "yunting", "device": "YT-LIFT-03", "category": "lift_trapped"},
            key="1:1",
            unit=demo.unit("yunting-2"),
        )
    )

    assert (answer["device_type"], answer["vendor"]["id"]) == ("lift", "anda-lift")
    assert answer["dispatch_mode"] == "grab"


def test_the_owner_of_1502_pays_for_it(demo):
    room = places.find_room(demo.engine, demo.unit("yunting"), "1-1502", actor=SYSTEM)

    assert room.kind is RoomKind.FLAT
    assert any(relation.pays for relation, _ in places.room_with_people(demo.engine, room.key, actor=SYSTEM)[1])


def test_telemetry_knows_every_type_of_device(demo):
    assert {one.type for one in device_service.select(demo.engine, limit=1000, actor=SYSTEM)} <= set(shipped().types)


def test_one_inspection_was_missed(demo):
    overdue = outbound.list_overdue_inspections(
        JobCall(engine=demo.engine, settings=ConnectorSettings("register", {}, {}), unit=demo.unit("jinhe"))
    )["overdue"]

    assert [one["device"] for one in overdue] == ["YT-SUMP-02"]


def test_names_and_numbers_are_made_up(demo):
    people = places.select_people(demo.engine, limit=1000, actor=SYSTEM)

    assert all(re.fullmatch(r"1\d\d0000\d{4}", one.phone) for one in people)
    assert all(one.phone.startswith("1390000") for one in accounts.select(demo.engine, limit=1000, actor=SYSTEM))


def test_it_looks_the_same_every_time():
    from random import Random

    from webui.demo import devices, places

    def everything():
        spaces = list(places.rooms(TODAY))
        return places.settle(spaces, TODAY, Random(1)), spaces, list(devices.devices(TODAY, Random(1)))

    assert everything() == everything()


def test_the_audit_of_the_making_holds(demo):
    assert verify.everything(demo.engine).breaks == []
