"""What can be imported, column by column: the names in a spreadsheet, and how their cells are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.register.sheet import (
    Bad,
    Column,
    choice,
    day,
    degrees,
    flag,
    hundredths,
    integer,
    phone,
    text,
)
from connectors.register.store.people import Relation
from connectors.register.store.places import RoomKind, RoomState
from engine.errors import Text

_ROOM_KINDS = {"住宅": RoomKind.FLAT, "写字间": RoomKind.OFFICE, "商铺": RoomKind.SHOP, "车位": RoomKind.PARKING}
_ROOM_STATES = {
    "未售": RoomState.UNSOLD,
    "已交房": RoomState.HANDED_OVER,
    "未入住": RoomState.HANDED_OVER,
    "装修中": RoomState.DECORATING,
    "已入住": RoomState.OCCUPIED,
    "已出租": RoomState.LEASED,
    "空置": RoomState.VACANT,
}
_RELATIONS = {
    "业主": Relation.OWNER,
    "家庭成员": Relation.FAMILY,
    "成员": Relation.FAMILY,
    "租户": Relation.TENANT,
    "月卡": Relation.CARD,
}


def _importance(cell: str) -> str:
    if cell.upper() not in ("A", "B", "C"):
        raise Bad(Text("{cell} is none of A, B, C", cell=cell[:40]))
    return cell.upper()


def _services(cell: str) -> list[str]:
    return [word for word in cell.replace("、", " ").replace("|", " ").split() if word]


COLUMNS: Mapping[str, Sequence[Column]] = {
    "rooms": (
        Column("code", "房号", "Room", text(64), required=True),
        Column("building", "楼栋编码", "Building", text(64)),
        Column("name_zh", "名称", "Name", text(120)),
        Column("name_en", "英文名称", "English name", text(120)),
        Column("kind", "类型", "Kind", choice(RoomKind, _ROOM_KINDS), required=True),
        Column("floor", "楼层", "Floor", integer(-10, 200), default=1),
        Column("area_hundredths", "建筑面积", "Area", hundredths, required=True),
        Column("state", "状态", "State", choice(RoomState, _ROOM_STATES), default=RoomState.VACANT),
        Column("warranty_until", "质保到期", "Warranty until", day),
    ),
    "people": (
        Column("room", "房号", "Room", text(64), required=True),
        Column("name", "姓名", "Name", text(100), required=True),
        Column("phone", "电话", "Phone", phone, required=True),
        Column("relation", "关系", "Relation", choice(Relation, _RELATIONS), required=True),
        Column("valid_from", "起始日", "From", day, required=True),
        Column("valid_to", "截止日", "To", day),
        Column("pays", "缴费人", "Pays", flag, default=False),
    ),
    "devices": (
        Column("code", "设备编号", "Code", text(64), required=True),
        Column("name_zh", "设备名称", "Name", text(120), required=True),
        Column("name_en", "英文名称", "English name", text(120)),
        Column("type", "设备类型", "Type", text(40), required=True),
        Column("building", "楼栋编码", "Building", text(64)),
        Column("location_zh", "位置", "Location", text(200), default=""),
        Column("location_en", "英文位置", "English location", text(200)),
        Column("model", "型号", "Model", text(120), default=""),
        Column("maker", "厂家", "Maker", text(120), default=""),
        Column("importance", "重要度", "Importance", _importance, default="C"),
        Column("vendor", "维保单位编码", "Vendor", text(64)),
        Column("parent", "网关编号", "Gateway", text(64)),
        Column("alias", "遥测名称", "Telemetry name", text(120)),
        Column("registration", "注册代码", "Registration", text(64), default=""),
        Column("installed_on", "安装日期", "Installed", day),
        Column("warranty_until", "质保到期", "Warranty until", day),
        Column("inspection_due", "下次检验日", "Next inspection", day),
        Column("service_days", "维保周期天", "Service days", integer(1, 3660)),
    ),
    "vendors": (
        Column("code", "编码", "Code", text(64), required=True),
        Column("name_zh", "名称", "Name", text(200), required=True),
        Column("name_en", "英文名称", "English name", text(200)),
        Column("contact", "联系人", "Contact", text(100), default=""),
        Column("phone", "电话", "Phone", phone, required=True),
        Column("services", "服务内容", "Services", _services, default=()),
        Column("contract_no", "合同编号", "Contract", text(64), default=""),
        Column("contract_to", "合同到期", "Contract until", day),
    ),
    "positions": (
        Column("building", "楼栋编码", "Building", text(64)),
        Column("device", "设备编号", "Device", text(64)),
        Column("latitude", "纬度", "Latitude", degrees(90), required=True),
        Column("longitude", "经度", "Longitude", degrees(180), required=True),
    ),
}
"""{what can be imported: its columns}"""
