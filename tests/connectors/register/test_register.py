"""Rooms, people, devices and vendors: looked up in scope, changed by those who may, imported whole or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.register import devices, imports, places, sheet
from connectors.register.book import DeviceBook
from connectors.register.columns import COLUMNS
from connectors.register.store import people as person_rows
from connectors.register.store.devices import DEVICE_MOVES, DeviceState
from connectors.register.store.people import Relation
from connectors.register.store.places import RoomKind
from engine.errors import IllegalTransition, Invalid, LimitExceeded, NotAllowed, NotFound
from engine.model.values import SYSTEM
from tests.connectors.register.conftest import DEVICES, PEOPLE, ROOMS, TODAY

CAST = ("alice", "bob", "carol", "mallory", "dan", "root")


def run(office, what, text, actor=SYSTEM, unit="yunting", encoding="utf-8"):
    return imports.run(office.engine, what, text.encode(encoding), unit=office.unit(unit), actor=actor)


def problems(office, what, text):
    with pytest.raises(Invalid) as refused:
        run(office, what, text)
    return [(problem.where, str(problem.message)) for problem in refused.value.problems]


# ---- scope


def test_everybody_sees_the_rooms_and_devices_of_their_own_project_only(supervised):
    for who in ("alice", "carol", "root"):
        assert [room.code for room in places.select_rooms(supervised.engine, actor=supervised.actor(who))] == [
            "1-1502",
            "1-1503",
        ]
        assert len(devices.select(supervised.engine, actor=supervised.actor(who))) == 3
    for who in ("mallory", "dan"):
        actor = supervised.actor(who)
        assert places.select_rooms(supervised.engine, actor=actor) == []
        assert places.select_people(supervised.engine, actor=actor) == []
        assert devices.select(supervised.engine, actor=actor) == []
        assert devices.select_vendors(supervised.engine, actor=actor) == []
        assert devices.count(supervised.engine, actor=actor) == {}
        for question in (
            lambda actor=actor: places.find_room(supervised.engine, supervised.unit("yunting"), "1-1502", actor=actor),
            lambda actor=actor: devices.get(supervised.engine, "YT-LIFT-03", actor=actor),
            lambda actor=actor: devices.part_changes(supervised.engine, "YT-LIFT-03", actor=actor),
        ):
            with pytest.raises(NotFound):
                question()


def test_people_are_shown_only_to_those_who_may_read_people(supervised):
    room = places.find_room(supervised.engine, supervised.unit("yunting"), "1-1502", actor=SYSTEM)

    seen = places.room_with_people(supervised.engine, room.key, actor=supervised.actor("carol"))[1]
    assert [(person.name, relation.pays) for relation, person in seen] == [("王芳", True), ("王小明", False)]
    bob = supervised.actor("bob")  # security finds the room, not who lives in it
    assert places.room_with_people(supervised.engine, room.key, actor=bob)[1] == []
    assert places.select_people(supervised.engine, actor=bob) == []


def test_a_search_finds_parts_of_names_and_takes_wildcards_literally(register):
    def rooms(text):
        return [room.code for room in places.select_rooms(register.engine, text=text, actor=SYSTEM)]

    assert rooms("1502") == ["1-1502"]
    assert rooms("%") == []
    assert [one.name for one in places.select_people(register.engine, text="小明", actor=SYSTEM)] == ["王小明"]
    assert [one.code for one in devices.select(register.engine, text="候梯", actor=SYSTEM)] == ["YT-LIFT-03"]
    assert [one.code for one in devices.select(register.engine, types=["sump"], actor=SYSTEM)] == ["YT-SUMP-01"]


def test_long_lists_come_in_pages(register):
    first = places.select_rooms(register.engine, limit=1, actor=SYSTEM)
    second = places.select_rooms(register.engine, limit=1, after=first[-1].code, actor=SYSTEM)

    assert [room.code for room in (*first, *second)] == ["1-1502", "1-1503"]


# ---- people


@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", True), ("bob", False), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_who_may_move_somebody_in_and_out(supervised, who, may):
    engine, actor = supervised.engine, supervised.actor(who)
    room = places.find_room(engine, supervised.unit("yunting"), "1-1503", actor=SYSTEM)
    new = {"name": "赵六", "phone": "13800000009", "relation": Relation.TENANT, "valid_from": TODAY}

    if not may:
        with pytest.raises(NotAllowed):
            places.move_in(engine, room.key, actor=actor, **new)
        with pytest.raises(NotAllowed):
            places.move_out(engine, room.key, 1, last_day=TODAY, actor=actor)
        return
    places.move_in(engine, room.key, actor=actor, **new)
    [person] = [one for _, one in places.room_with_people(engine, room.key, actor=SYSTEM)[1] if one.name == "赵六"]
    engine.clock.advance(timedelta(days=10))
    assert places.move_out(engine, room.key, person.key, last_day=TODAY + timedelta(days=9), actor=actor) == 1
    assert "赵六" not in [one.name for _, one in places.room_with_people(engine, room.key, actor=SYSTEM)[1]]


def test_a_person_who_is_entered_wrongly_is_refused_with_every_problem(register):
    room = places.find_room(register.engine, register.unit("yunting"), "1-1503", actor=SYSTEM)

    with pytest.raises(Invalid) as refused:
        places.move_in(
            register.engine,
            room.key,
            name=" ",
            phone="12",
            relation=Relation.OWNER,
            valid_from=TODAY,
            valid_to=TODAY - timedelta(days=1),
            actor=SYSTEM,
        )

    assert [problem.where for problem in refused.value.problems] == ["name", "phone", "valid_to"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+86 138-0000-0001", "13800000001"),
        ("(028) 1234 5678", "02812345678"),
        ("0086 13800000001", "13800000001"),
        ("400 123 4567", "4001234567"),
        ("110", ""),
        ("138000000011", ""),
        ("not a number", ""),
    ],
)
def test_telephone_numbers_are_compared_as_digits(text, number):
    assert places.clean_phone(text) == number


# ---- devices


@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", False), ("bob", False), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_who_may_change_a_device(supervised, who, may):
    engine, actor = supervised.engine, supervised.actor(who)
    now = engine.clock.now()
    commands = (
        lambda: devices.set_state(engine, "YT-LIFT-03", "stop", reason="inspection", actor=actor),
        lambda: devices.plan_maintenance(
            engine, "YT-LIFT-03", begin=now, end=now + timedelta(hours=2), reason="月检", actor=actor
        ),
    )
    for command in commands:
        if may:
            command()
        else:
            with pytest.raises(NotAllowed):
                command()
    expected = DeviceState.STOPPED if may else DeviceState.NORMAL
    assert devices.get(engine, "YT-LIFT-03", actor=SYSTEM).state is expected


@pytest.mark.parametrize("state", list(DeviceState))
@pytest.mark.parametrize("action", ["report", "repair", "restore", "give_up", "stop"])
def test_a_device_moves_as_its_table_says_and_no_other_way(register, state, action):
    steps = {"normal": [], "fault": ["report"], "repair": ["repair"], "stopped": ["stop"]}[state.value]
    for step in steps:
        devices.set_state(register.engine, "YT-LIFT-03", step, reason="seen on the round", actor=SYSTEM)

    if (state, action) in DEVICE_MOVES:
        assert (
            devices.set_state(register.engine, "YT-LIFT-03", action, reason="seen on the round", actor=SYSTEM)
            is DEVICE_MOVES[state, action]
        )
    else:
        with pytest.raises(IllegalTransition):
            devices.set_state(register.engine, "YT-LIFT-03", action, reason="seen on the round", actor=SYSTEM)


def test_a_maintenance_that_ends_before_it_begins_is_refused(register):
    now = register.engine.clock.now()

    with pytest.raises(Invalid):
        devices.plan_maintenance(register.engine, "YT-LIFT-03", begin=now, end=now, reason="", actor=SYSTEM)


def test_telemetry_finds_devices_by_code_and_by_the_name_they_speak_under(register):
    found = DeviceBook(register.engine).find(["YT-LIFT-03", "tb-sump-1", "nobody"])

    assert set(found) == {"YT-LIFT-03", "tb-sump-1"}
    lift, sump = found["YT-LIFT-03"], found["tb-sump-1"]
    assert (lift.type, lift.unit, lift.project) == ("lift", register.unit("yunting-1"), register.unit("yunting"))
    assert (lift.parent, lift.location, lift.facts["vendor_phone"]) == ("YT-GW-01", "1栋候梯厅", "02812345678")
    assert (sump.code, sump.resting) == ("YT-SUMP-01", False)


def test_a_device_rests_while_it_is_maintained_repaired_or_out_of_use(register):
    now = register.engine.clock.now()
    book = DeviceBook(register.engine)

    def rests():
        return book.find(["YT-LIFT-03"])["YT-LIFT-03"].resting

    devices.plan_maintenance(
        register.engine,
        "YT-LIFT-03",
        begin=now + timedelta(hours=1),
        end=now + timedelta(hours=2),
        reason="月检",
        actor=SYSTEM,
    )
    for minutes, expected in ((0, False), (60, True), (119, True), (120, False)):
        register.engine.clock.move_to(now + timedelta(minutes=minutes))
        assert rests() is expected, minutes
    for action, expected in (("report", False), ("repair", True), ("restore", False), ("stop", True)):
        devices.set_state(register.engine, "YT-LIFT-03", action, reason="seen on the round", actor=SYSTEM)
        assert rests() is expected, action


# ---- imports


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(branch, encoding):
    assert run(branch, "rooms", ROOMS, encoding=encoding).new == 2


def test_a_file_may_be_in_english_with_other_separators_and_dates(branch):
    english = "Room;Kind;Area;Floor;State;Warranty until\r\nA-1;office;1,200.5;3;leased;2026/1/31\r\n"

    run(branch, "rooms", english)

    [room] = places.select_rooms(branch.engine, actor=SYSTEM)
    assert (room.kind, room.area_hundredths, room.warranty_until) == (RoomKind.OFFICE, 120050, date(2026, 1, 31))


def test_importing_again_changes_and_doubles_nothing(register):
    again = run(register, "rooms", ROOMS.replace("105.25", "106"))
    assert (again.new, again.changed) == (0, 2)
    assert (run(register, "people", PEOPLE).new, run(register, "devices", DEVICES).new) == (0, 0)

    room = places.find_room(register.engine, register.unit("yunting"), "1-1502", actor=SYSTEM)
    assert room.area_hundredths == 10600
    assert len(places.room_with_people(register.engine, room.key, actor=SYSTEM)[1]) == 2


def test_an_import_leaves_the_state_and_the_history_of_devices_alone(register):
    devices.set_state(register.engine, "YT-LIFT-03", "report", reason="seen on the round", actor=SYSTEM)

    run(register, "devices", DEVICES.replace("3号电梯", "三号电梯"))

    lift = devices.get(register.engine, "YT-LIFT-03", actor=SYSTEM)
    assert (lift.name_zh, lift.state) == ("三号电梯", DeviceState.FAULT)


def test_every_bad_row_is_reported_with_its_line_and_nothing_is_stored(branch):
    bad = ROOMS + "1-1502,yunting-1,住宅,1,10,,\n,,城堡,x,many,沉没,昨天\n2-101,jinheli,住宅,1,10,,,extra\n"

    assert problems(branch, "rooms", bad) == [
        ("line 5", "房号 / Room: is missing"),
        ("line 5", "类型 / Kind: 城堡 is none of flat, office, shop, parking, 住宅, 写字间, 商铺, 车位"),
        ("line 5", "楼层 / Floor: x is not a whole number from -10 to 200"),
        ("line 5", "建筑面积 / Area: many is not a number with at most two decimals"),
        (
            "line 5",
            "状态 / State: 沉没 is none of unsold, handed_over, decorating, occupied, leased, vacant, "
            "未售, 已交房, 未入住, 装修中, 已入住, 已出租, 空置",
        ),
        ("line 5", "质保到期 / Warranty until: 昨天 is not a date; write it like 2026-01-31"),
        ("line 6", "the line has more cells than there are columns"),
    ]
    assert places.select_rooms(branch.engine, actor=SYSTEM) == []


def test_rows_that_clash_with_others_or_name_unknown_things_are_reported(branch):
    assert problems(branch, "rooms", ROOMS + "1-1502,jinheli,住宅,1,10,,\n") == [
        ("line 4", "房号 / Room: the same as in line 2"),
        ("line 4", "there is no building jinheli here"),
    ]
    run(branch, "rooms", ROOMS)
    assert problems(
        branch, "people", "房号,姓名,电话,关系,起始日,截止日\n9-9,甲,13800000001,业主,2026-01-02,2026-01-01\n"
    ) == [
        ("line 2", "there is no room 9-9 here"),
        ("line 2", "the end lies before the beginning"),
    ]
    assert problems(branch, "devices", "设备编号,设备名称,设备类型,维保单位编码,网关编号\nD1,甲,lift,nobody,D1\n") == [
        ("line 2", "there is no vendor nobody here"),
        ("line 2", "a device is not its own gateway"),
    ]


def test_a_header_that_cannot_be_understood_is_refused(branch):
    assert problems(branch, "rooms", "房号,颜色,房号\n1,2,3\n") == [
        ("line 1", "there is no column 颜色"),
        ("line 1", "the column 房号 is there twice"),
        ("line 1", "the column 类型 / Kind is missing"),
        ("line 1", "the column 建筑面积 / Area is missing"),
    ]
    assert problems(branch, "rooms", "") == [("line 1", "the file is empty")]
    assert problems(branch, "rooms", '房号,类型,建筑面积\n"1-1,住宅,10\n')[0][0] == "line 2"
    with pytest.raises(Invalid, match="neither UTF-8 nor GBK"):
        imports.run(branch.engine, "rooms", b"\xff\xfe\x00\xff", unit=branch.unit("yunting"), actor=SYSTEM)
    with pytest.raises(NotFound):
        run(branch, "money", ROOMS)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(branch):
    with pytest.raises(LimitExceeded):
        imports.run(branch.engine, "rooms", bytes(sheet.MAX_BYTES + 1), unit=branch.unit("yunting"), actor=SYSTEM)


def test_a_device_of_another_project_is_not_taken_over(register):
    with pytest.raises(Invalid, match="belongs to another project"):
        run(register, "devices", "设备编号,设备名称,设备类型\nYT-LIFT-03,偷,lift\n", unit="jinheli")
    with pytest.raises(Invalid, match="has the telemetry name"):
        run(register, "devices", "设备编号,设备名称,设备类型,遥测名称\nD9,甲,sump,tb-sump-1\n")


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("what", ["rooms", "people", "devices", "vendors"])
def test_only_those_who_may_change_such_things_import_them(supervised, who, what):
    files = {"rooms": ROOMS, "people": PEOPLE, "devices": DEVICES, "vendors": "编码,名称,电话\nv,甲,13800000001\n"}
    may = who == "root" or (who == "carol" and what != "vendors") or (who == "alice" and what in ("rooms", "people"))

    if may:
        run(supervised, what, files[what], actor=supervised.actor(who))
    else:
        with pytest.raises(NotAllowed):
            run(supervised, what, files[what], actor=supervised.actor(who))


def test_a_template_lists_the_columns_in_the_reader_s_language():
    assert sheet.header(COLUMNS["rooms"], "zh").startswith("房号,楼栋编码,名称")
    assert sheet.header(COLUMNS["rooms"], "en").startswith("Room,Building,Name")


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reading_fail_otherwise(content):
    try:
        sheet.read(content, COLUMNS["people"])
    except (Invalid, LimitExceeded) as refused:
        assert str(refused)


@given(
    st.text(st.characters(blacklist_characters='",;\t\r\n"', blacklist_categories=("C", "Z")), min_size=1, max_size=40)
)
def test_what_is_written_is_what_is_read(name):
    content = f"房号,姓名,电话,关系,起始日\n1,{name},13800000001,业主,2026-01-01\n"

    [row] = sheet.read(content.encode(), COLUMNS["people"])

    assert row.values["name"] == name.strip()


def test_a_relation_that_never_began_is_taken_back(register):
    engine = register.engine
    room = places.find_room(engine, register.unit("yunting"), "1-1503", actor=SYSTEM)
    later = TODAY + timedelta(days=30)
    places.move_in(
        engine, room.key, name="钱七", phone="13800000010", relation=Relation.TENANT, valid_from=later, actor=SYSTEM
    )
    [person] = places.select_people(engine, text="钱七", actor=SYSTEM)

    assert places.move_out(engine, room.key, person.key, last_day=TODAY, actor=SYSTEM) == 1

    with engine.store.read() as uow:
        assert person_rows.rooms_of(uow, person.key, later) == []
    assert engine.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
