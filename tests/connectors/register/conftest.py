"""A small register: two buildings' worth of rooms, three devices, a vendor, and Alice and Bob as technicians."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.calls import JobCall
from connectors.register import crew, imports, places, roles
from connectors.register.store.places import DispatchMode
from connectors.settings import ConnectorSettings
from engine.model.values import SYSTEM
from engine.services import grants
from tests import people

TODAY = date(2026, 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)  # 08:00 in Shanghai
SETTINGS = ConnectorSettings("register", {}, {})

ROOMS = """房号,楼栋编码,类型,楼层,建筑面积,状态,质保到期
1-1502,yunting-1,住宅,15,105.25,已入住,2026-12-31
1-1503,yunting-1,住宅,15,89,空置,2025-12-31
"""
PEOPLE = """房号,姓名,电话,关系,起始日,截止日,缴费人
1-1502,王芳,13800000001,业主,2024-05-01,,是
1-1502,王小明,138 0000 0002,家庭成员,2024-05-01,,否
1-1503,李雷,13800000003,业主,2024-05-01,,是
1-1503,张三,13800000004,租户,2024-06-01,2025-12-31,否
"""
VENDORS = """编码,名称,联系人,电话,服务内容,合同编号,合同到期
anda,安达电梯,丁师傅,02812345678,lift、escalator,DT-1,2026-06-30
"""
DEVICES = """设备编号,设备名称,设备类型,楼栋编码,位置,重要度,维保单位编码,网关编号,遥测名称,维保周期天,下次检验日
YT-GW-01,网关,gateway,,弱电间,B,,,,,
YT-LIFT-03,3号电梯,lift,yunting-1,1栋候梯厅,A,anda,YT-GW-01,,15,2026-01-10
YT-SUMP-01,集水坑,sump,yunting-1,地下室,B,,YT-GW-01,tb-sump-1,90,2025-12-20
"""


@pytest.fixture
def register(branch: people.Office) -> people.Office:
    """The cast's company with a register for the project Yunting."""
    engine, unit = branch.engine, branch.unit("yunting")
    imports.run(engine, "vendors", VENDORS.encode(), unit=branch.unit("chengdu"), actor=SYSTEM)
    for what, content in (("rooms", ROOMS), ("people", PEOPLE), ("devices", DEVICES)):
        imports.run(engine, what, content.encode(), unit=unit, actor=SYSTEM)
    places.set_project(engine, unit, dispatch_mode=DispatchMode.GRAB, open_limit=2, unpaid_limit=3, actor=SYSTEM)
    # what people hold at Yunting does not reach into Jinheli
    for name, skills in (("alice", ["plumbing", "electric"]), ("bob", ["plumbing"])):
        crew.set_technician(engine, branch.key(name), project=unit, skills=skills, actor=SYSTEM)
    crew.add_certificate(
        engine,
        branch.key("alice"),
        type_="low_voltage_electrician",
        number="E-1",
        issuer="应急局",
        valid_to=date(2026, 1, 31),
        actor=SYSTEM,
    )
    both = [(branch.key(name), NOW, NOW + timedelta(hours=12)) for name in ("alice", "bob")]
    crew.plan_shifts(engine, unit, both, actor=SYSTEM)
    return branch


@pytest.fixture
def call(register: people.Office) -> Callable[..., Mapping[str, Any]]:
    """Run an operation of the register as the worker does."""

    def run(
        operation: Callable[[JobCall], Mapping[str, Any]],
        key: str = "1:1",
        /,
        *,
        ports: Mapping[str, Any] | None = None,
        **variables: Any,
    ) -> Mapping[str, Any]:
        asked = JobCall(
            engine=register.engine,
            settings=SETTINGS,
            ports=ports or {},
            type=f"register:{operation.__name__}",
            variables={"project": "yunting", **variables},
            key=key,
            instance=1,
            element_id="check",
            unit=register.unit("yunting-1"),
        )
        return operation(asked)

    return run


@pytest.fixture
def supervised(register: people.Office) -> people.Office:
    """The register, with what supervisors of a property company may do."""
    roles.install(register.engine, actor=SYSTEM)
    for name, role in (
        ("carol", "engineering_supervisor"),
        ("carol", "service_supervisor"),
        ("alice", "service_desk"),
        ("bob", "security"),
    ):
        grants.grant(
            register.engine, account=register.key(name), role=role, unit=register.unit("yunting"), actor=SYSTEM
        )
    return register
