"""The 190 devices of the demo company and the vendors who maintain them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

VENDORS: tuple[dict[str, Any], ...] = (
    {
        "code": "anda-lift",
        "name_zh": "安达电梯维保（演示）",
        "name_en": "Anda Lift Service (demo)",
        "contact": "丁师傅",
        "phone": "13800000901",
        "services": ["lift"],
        "contract_no": "DEMO-DT-168000",
        "days": 200,
    },
    {
        "code": "hongtai-fire",
        "name_zh": "宏泰消防维保（演示）",
        "name_en": "Hongtai Fire Service (demo)",
        "contact": "江工",
        "phone": "13800000902",
        "services": ["fire_panel", "fire_pump"],
        "contract_no": "DEMO-XF-86000",
        "days": 75,
    },
    {
        "code": "qingfeng-hvac",
        "name_zh": "清风空调（演示）",
        "name_en": "Qingfeng Air Conditioning (demo)",
        "contact": "贺工",
        "phone": "13800000903",
        "services": ["hvac"],
        "contract_no": "DEMO-KT-52000",
        "days": 140,
    },
    {
        "code": "jiejing-clean",
        "name_zh": "洁净保洁（演示）",
        "name_en": "Jiejing Cleaning (demo)",
        "contact": "苗姐",
        "phone": "13800000904",
        "services": ["cleaning"],
        "contract_no": "DEMO-BJ-612000",
        "days": 60,
    },
    {
        "code": "lvyi-garden",
        "name_zh": "绿意园林（演示）",
        "name_en": "Lvyi Gardens (demo)",
        "contact": "柏师傅",
        "phone": "13800000905",
        "services": ["green"],
        "contract_no": "DEMO-LH-96000",
        "days": 310,
    },
)
"""``days``: from today to the last day of the contract."""

_CONTRACT = {"lift": "anda-lift", "fire_panel": "hongtai-fire", "fire_pump": "hongtai-fire", "hvac": "qingfeng-hvac"}

# type, letters of the code, Chinese and English name, importance, days between services, how many in each project
_KINDS = (
    ("gateway", "GW", "物联网关", "Gateway", "B", None, (4, 3, 2)),
    ("lift", "LIFT", "电梯", "Lift", "A", 15, (10, 4, 0)),
    ("water_pump", "PUMP", "生活水泵", "Water pump", "A", 90, (4, 3, 1)),
    ("water_tank", "TANK", "生活水箱", "Water tank", "B", 180, (2, 1, 1)),
    ("sump", "SUMP", "集水坑", "Sump", "B", 90, (6, 4, 2)),
    ("fire_panel", "FIRE", "消防主机", "Fire panel", "A", 30, (2, 1, 1)),
    ("fire_pump", "FPUMP", "消防泵", "Fire pump", "A", 30, (3, 2, 1)),
    ("transformer", "TRANS", "变压器", "Transformer", "A", 180, (4, 3, 2)),
    ("access_control", "DOOR", "门禁", "Door access", "C", 180, (20, 16, 10)),
    ("barrier", "GATE", "道闸", "Barrier", "C", 90, (3, 2, 1)),
    ("hvac", "HVAC", "空调机组", "Air handling unit", "B", 90, (0, 12, 4)),
    ("environment", "ENV", "环境传感器", "Air sensor", "C", 365, (2, 8, 2)),
    ("meter", "METER", "公区电表", "Common-area meter", "C", None, (20, 16, 8)),
)
_PROJECTS = (("yunting", "YT"), ("guoji", "GJ"), ("jinheli", "JL"))

OVERDUE = "YT-SUMP-02"
"""The one device whose inspection was missed."""


def vendors(today: date) -> list[dict[str, Any]]:
    """Give the vendors; they work for the company as a whole."""
    rows = [{name: value for name, value in one.items() if name != "days"} for one in VENDORS]
    return [{**row, "contract_to": today + timedelta(days=one["days"])} for row, one in zip(rows, VENDORS, strict=True)]


def devices(today: date, dice: random.Random) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give (code of the project, code of the unit, row) of each device, gateways first."""
    for type_, letters, zh, en, importance, service, counts in _KINDS:
        for (project, short), count in zip(_PROJECTS, counts, strict=True):
            for number in range(1, count + 1):
                unit, where_zh, where_en = _place(project, type_, number)
                code = f"{short}-{letters}-{number:02d}"
                installed = today - timedelta(days=dice.randint(400, 2500))
                due = today + timedelta(days=dice.randint(2, service)) if service else None
                yield (
                    project,
                    unit,
                    {
                        "code": code,
                        "name_zh": f"{number}号{zh}",
                        "name_en": f"{en} {number}",
                        "type": type_,
                        "model": f"DEMO-{letters}-{dice.randint(100, 999)}",
                        "maker": dice.choice(("示例机电", "演示设备厂", "样品科技")),
                        "location_zh": where_zh,
                        "location_en": where_en,
                        "importance": importance,
                        "vendor": _CONTRACT.get(type_),
                        "parent": None if type_ == "gateway" else f"{short}-GW-{_gateway(short, number):02d}",
                        "registration": f"DEMO5101{number:06d}" if type_ == "lift" else "",
                        "installed_on": installed,
                        "warranty_until": installed + timedelta(days=730),
                        "inspection_due": today - timedelta(days=3) if code == OVERDUE else due,
                        "service_days": service,
                        "windows": [],
                        "alias": f"tb-{short.lower()}-{letters.lower()}-{number}" if type_ == "environment" else None,
                    },
                )


def _gateway(short: str, number: int) -> int:
    return (number - 1) % {"YT": 4, "GJ": 3, "JL": 2}[short] + 1


def _place(project: str, type_: str, number: int) -> tuple[str, str, str]:
    """Give (code of the unit, where in Chinese, where in English)."""
    if project == "yunting" and type_ in ("lift", "access_control"):
        each = 2 if type_ == "lift" else 4
        building, side = (number - 1) // each + 1, (number - 1) % each + 1
        place = ("候梯厅", "lift lobby") if type_ == "lift" else (f"{side}号门", f"door {side}")
        return f"yunting-{building}", f"{building}栋{place[0]}", f"Building {building}, {place[1]}"
    if project != "jinheli" and type_ in ("sump", "barrier", "water_pump", "transformer"):
        return f"{project}-p", f"地下一层 {number} 区", f"Basement, zone {number}"
    if project == "guoji":
        floor = (number * 3 - 2) % 20 + 1
        return "guoji-1", f"{floor} 层", f"Floor {floor}"
    if project == "jinheli":
        floor = 1 + number % 2
        return "jinheli-1", f"{floor} 层", f"Floor {floor}"
    return "yunting", f"园区 {number} 区", f"Grounds, zone {number}"
