"""The spare parts of the demo company: what can be issued, and how much of it lies with each project and technician."""

from __future__ import annotations

from connectors.stock import store
from engine.model.values import SYSTEM
from engine.services import command
from engine.services.engine import Engine
from engine.store.database import UnitOfWork
from webui.demo.places import PROJECTS
from webui.demo.staff import STAFF

# code, Chinese and English name, measure, price and cost in fen, how many lie in each project and with each technician
ITEMS = (
    ("TAP-CERAMIC", "陶瓷阀芯", "Ceramic tap cartridge", "个", 3500, 1800, 40, 2),
    ("TAP-HOSE-50", "不锈钢软管 50cm", "Steel hose 50 cm", "根", 2800, 1400, 60, 2),
    ("PIPE-PPR-25", "PPR 水管 25mm", "PPR pipe 25 mm", "米", 1600, 900, 200, 0),
    ("ANGLE-VALVE", "角阀", "Angle valve", "个", 4200, 2200, 40, 1),
    ("LED-BULB-9W", "LED 灯泡 9W", "LED bulb 9 W", "个", 1800, 800, 120, 4),
    ("LED-TUBE-18W", "LED 灯管 18W", "LED tube 18 W", "支", 3600, 1900, 80, 2),
    ("BREAKER-20A", "空气开关 20A", "Circuit breaker 20 A", "个", 5800, 3100, 30, 1),
    ("SWITCH-WALL", "墙壁开关", "Wall switch", "个", 2400, 1200, 60, 2),
    ("DOOR-CLOSER", "闭门器", "Door closer", "个", 16800, 9500, 12, 0),
    ("MAG-LOCK", "磁力锁", "Magnetic lock", "把", 28000, 16500, 10, 0),
    ("CARD-READER", "门禁读卡器", "Card reader", "台", 46000, 29000, 6, 0),
    ("PUMP-SEAL", "水泵机械密封", "Pump seal", "套", 38000, 22000, 4, 0),
    ("FLOAT-SWITCH", "浮球开关", "Float switch", "个", 9800, 5200, 8, 0),
)
MILLI = 1000


def put(engine: Engine) -> int:
    """Put the parts on the list and into the stores; what visitors took since stays taken. Give how many items there are."""

    def body(uow: UnitOfWork) -> int:
        store.put_items(
            uow,
            [
                {
                    "code": code,
                    "name_zh": zh,
                    "name_en": en,
                    "measure": measure,
                    "price_fen": price,
                    "cost_fen": cost,
                    "price_min_fen": price * 9 // 10,
                    "price_max_fen": price * 12 // 10,
                }
                for code, zh, en, measure, price, cost, _, _ in ITEMS
            ],
        )
        if store.answered(uow, "demo") is None:
            store.book(uow, "demo", "", list(_levels()), {})
        return len(ITEMS)

    return command.run(engine, "demo parts", body, actor=SYSTEM)


def _levels() -> list[tuple[str, str, int]]:
    crew = [f"technician:{one.login}" for one in STAFF if "technician" in one.roles]
    shelves = [f"project:{code}" for code in PROJECTS]
    return [
        (place, code, count * MILLI)
        for code, *_, in_project, in_bag in ITEMS
        for places, count in ((shelves, in_project), (crew, in_bag))
        for place in places
        if count
    ]
