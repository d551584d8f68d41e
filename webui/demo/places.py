"""The rooms of the demo company and who lives, works and parks there."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.register.store.people import Relation
from connectors.register.store.places import DispatchMode, RoomKind, RoomState

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
GIVEN = [
    "子涵",
    "雨桐",
    "浩然",
    "思远",
    "佳怡",
    "梓萱",
    "俊杰",
    "晓峰",
    "秀英",
    "建国",
    "丽华",
    "志强",
    "海燕",
    "文静",
    "明辉",
    "春梅",
    "国庆",
    "雪梅",
    "永康",
    "玉兰",
    "天宇",
    "欣怡",
    "一鸣",
    "若曦",
    "嘉豪",
    "诗琪",
    "伟",
    "芳",
    "敏",
    "静",
    "磊",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "超",
    "霞",
    "平",
]
FLAT_AREAS = (14300, 10500, 8900, 7800, 8900, 12600)
"""Of the six flats of a floor, in hundredths of a square metre; 105 square metres on average."""
OFFICE_AREAS = (20000, 16000, 12000, 12000, 16000, 20000)
SHOP_AREAS = (6000, 7500, 8500, 9500, 11000)

PROJECTS: Mapping[str, dict[str, Any]] = {
    "yunting": {
        "dispatch_mode": DispatchMode.GRAB,
        "open_limit": 8,
        "unpaid_limit": 3,
        "address": "成都市演示区云庭路 1 号",
        "phone": "02800000001",
    },
    "guoji": {
        "dispatch_mode": DispatchMode.ASSIGN,
        "open_limit": 8,
        "unpaid_limit": 0,
        "address": "成都市演示区国际大道 2 号",
        "phone": "02800000002",
    },
    "jinheli": {
        "dispatch_mode": DispatchMode.ROTATION,
        "open_limit": 8,
        "unpaid_limit": 0,
        "address": "成都市演示区锦和里 3 号",
        "phone": "02800000003",
    },
}

CARDS = 268

POSITIONS = {
    "yunting": ("30.657000", "104.065000"),
    "yunting-1": ("30.657700", "104.064300"),
    "yunting-2": ("30.657700", "104.065000"),
    "yunting-3": ("30.657700", "104.065700"),
    "yunting-4": ("30.656300", "104.064600"),
    "yunting-5": ("30.656300", "104.065400"),
    "guoji": ("30.651000", "104.073000"),
    "jinheli": ("30.664000", "104.058000"),
}
"""{code of a unit: (latitude, longitude)}: made up, in the middle of Chengdu."""


def positions() -> Iterator[tuple[str, dict[str, int]]]:
    """Give (code of a unit, its position in millionths of a degree)."""
    for code, (latitude, longitude) in POSITIONS.items():
        micro = (int(Decimal(degrees) * 1_000_000) for degrees in (latitude, longitude))
        yield code, dict(zip(("latitude_micro", "longitude_micro"), micro, strict=True))


@dataclass(frozen=True, slots=True)
class Space:
    """A room to be: the code of its unit and of its project, and its row without keys."""

    project: str
    unit: str
    row: dict[str, Any]


def rooms(today: date) -> Iterator[Space]:
    """Give the 600 rooms and 310 parking spaces. The ground floor of the flats is open, so that they begin on the second."""
    handed_over = today - timedelta(days=600)
    for building in range(1, 6):
        for floor in range(2, 16):
            for number, area in enumerate(FLAT_AREAS, 1):
                code = f"{building}-{floor}{number:02d}"
                names = (f"{building}栋{floor}{number:02d}室", f"Building {building}, {floor}{number:02d}")
                # the last two buildings are the second phase: their warranty still holds
                warranty = handed_over + timedelta(days=730 if building >= 4 else 500)
                yield _space("yunting", f"yunting-{building}", code, names, RoomKind.FLAT, floor, area, warranty)
    for floor in range(1, 21):
        for number, area in enumerate(OFFICE_AREAS, 1):
            code = f"{floor}{number:02d}"
            yield _space("guoji", "guoji-1", code, (f"{code}室", f"Suite {code}"), RoomKind.OFFICE, floor, area, None)
    for floor in (1, 2):
        for number in range(1, 31):
            code, area = f"{floor}{number:02d}", SHOP_AREAS[number % 5]
            yield _space("jinheli", "jinheli-1", code, (f"{code}铺", f"Shop {code}"), RoomKind.SHOP, floor, area, None)
    for project, unit, prefix, count in (("yunting", "yunting-p", "P", 220), ("guoji", "guoji-p", "P", 90)):
        for number in range(1, count + 1):
            code = f"{prefix}{number:03d}"
            names = (f"车位 {code}", f"Space {code}")
            yield _space(project, unit, code, names, RoomKind.PARKING, -1, 1250, None)


def _space(
    project: str,
    unit: str,
    code: str,
    names: tuple[str, str],
    kind: RoomKind,
    floor: int,
    area: int,
    warranty: date | None,
) -> Space:
    row = {
        "code": code,
        "name_zh": names[0],
        "name_en": names[1],
        "kind": kind,
        "floor": floor,
        "area_hundredths": area,
        "state": RoomState.OCCUPIED,
        "warranty_until": warranty,
    }
    return Space(project, unit, row)


@dataclass(frozen=True, slots=True)
class Belonging:
    """A person to be, and what they are to which room (its project and code)."""

    project: str
    room: str
    name: str
    phone: str
    relation: Relation
    valid_from: date
    valid_to: date | None
    pays: bool


def settle(spaces: list[Space], today: date, dice: random.Random) -> list[Belonging]:
    """Decide who lives where, and set the state of each room: 88 of 100 are occupied. Same dice, same people."""
    people = _Names(dice)
    found: list[Belonging] = []
    homes = [space for space in spaces if space.row["kind"] is not RoomKind.PARKING]
    empty = {id(space) for space in dice.sample(homes, round(len(homes) * 0.12))}
    for space in homes:
        owner_since = today - timedelta(days=dice.randint(200, 580))
        room = (space.project, space.row["code"])
        if id(space) in empty:
            space.row["state"] = dice.choice((RoomState.VACANT, RoomState.HANDED_OVER, RoomState.DECORATING))
            found.append(Belonging(*room, *people.next(), Relation.OWNER, owner_since, None, True))
            continue
        leased = dice.random() < (0.2 if space.row["kind"] is RoomKind.FLAT else 0.85)
        space.row["state"] = RoomState.LEASED if leased else RoomState.OCCUPIED
        owner = people.next()
        found.append(Belonging(*room, *owner, Relation.OWNER, owner_since, None, not leased))
        if leased:
            since = today - timedelta(days=dice.randint(20, 190))
            found.append(Belonging(*room, *people.next(), Relation.TENANT, since, since + timedelta(days=364), True))
            if dice.random() < 0.1:  # the tenant before: the relation is over, the number no longer counts
                over = since - timedelta(days=10)
                before = since - timedelta(days=370)
                found.append(Belonging(*room, *people.next(), Relation.TENANT, before, over, False))
        if space.row["kind"] is RoomKind.FLAT:
            for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
                relation = Relation.TENANT if leased else Relation.FAMILY
                found.append(Belonging(*room, *people.next(), relation, owner_since, None, False))
    found += _cards(spaces, found, today, dice)
    return found


def _cards(spaces: list[Space], people: list[Belonging], today: date, dice: random.Random) -> list[Belonging]:
    parking = [space for space in spaces if space.row["kind"] is RoomKind.PARKING]
    by_project: dict[str, list[Belonging]] = {}
    for one in people:
        if one.pays:
            by_project.setdefault(one.project, []).append(one)
    cards = []
    for space in sorted(dice.sample(parking, CARDS), key=lambda space: (space.project, space.row["code"])):
        holder = dice.choice(by_project[space.project])
        since = today.replace(day=1) - timedelta(days=30 * dice.randint(0, 10))
        cards.append(
            Belonging(space.project, space.row["code"], holder.name, holder.phone, Relation.CARD, since, None, True)
        )
    for space in parking:
        space.row["state"] = RoomState.VACANT
    taken = {(card.project, card.room) for card in cards}
    for space in parking:
        if (space.project, space.row["code"]) in taken:
            space.row["state"] = RoomState.LEASED
    return cards


class _Names:
    """Makes up people: names by chance, telephone numbers 1xx0000xxxx that belong to nobody."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._count = 0

    def next(self) -> tuple[str, str]:
        """Give another (name, phone)."""
        self._count += 1
        phone = f"1{30 + self._count // 10000:02d}0000{self._count % 10000:04d}"
        return self._dice.choice(SURNAMES) + self._dice.choice(GIVEN), phone
