"""What a ticket asks of the register, and what it leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from connectors.register import devices, outbound, places
from connectors.register.store.devices import DeviceState
from connectors.registry import Registry
from engine.errors import ConnectorError
from engine.model.values import SYSTEM
from engine.services import audit, verify


def state(office, code="YT-LIFT-03"):
    return devices.get(office.engine, code, actor=SYSTEM).state


class Books:
    """Somebody who owes three repair bills."""

    def unpaid(self, payer, fee_item):
        return 3 if fee_item == "repair" and payer else 0


def test_an_owner_who_reports_from_home_is_known_and_pays(call):
    found = call(outbound.check_reporter, ticket_no="R1", room="1-1502", phone="+86 138-0000-0001", category="tap")

    assert found["reporter_known"] is True
    assert found["payer"]["name"] == "王芳"
    assert found["reporter_id"] == found["payer"]["id"]
    assert found["room_label"] == "1-1502"
    assert found["duplicate_of"] is None
    assert (found["warranty"], found["dispatch_mode"]) == (True, "grab")


def test_a_child_of_the_family_is_known_and_the_owner_pays(call):
    found = call(outbound.check_reporter, ticket_no="R1", room="1-1502", phone="13800000002", category="tap")

    assert found["reporter_known"] is True
    assert found["payer"]["name"] == "王芳"


@pytest.mark.parametrize("phone", ["13800000003", "13899990000", "110", None])
def test_somebody_else_is_not_known_in_this_room(call, phone):
    assert not call(outbound.check_reporter, ticket_no="R1", room="1-1502", phone=phone, category="tap")[
        "reporter_known"
    ]


def test_a_tenant_is_known_up_to_the_last_day_of_the_lease(register, call):
    on = {"room": "1-1503", "phone": "13800000004", "category": "tap"}

    assert not call(outbound.check_reporter, "1:1", ticket_no="R1", **on)["reporter_known"]
    with register.engine.store.read() as uow:
        room = places.places.room_by_code(uow, register.unit("yunting"), "1-1503")
        assert places.relation_on(uow, room.key, date(2025, 12, 31), phone="13800000004")
        assert not places.relation_on(uow, room.key, date(2026, 1, 1), phone="13800000004")


def test_anybody_of_the_project_is_known_in_public_places(call):
    found = call(outbound.check_reporter, ticket_no="R1", phone="13800000001", category="public_lighting")

    assert found["reporter_known"] is True
    assert (found["payer"], found["room_label"]) == (None, None)


def test_the_warranty_ends_on_its_last_day(call):
    assert not call(outbound.check_reporter, ticket_no="R1", room="1-1503", category="tap")["warranty"]


def test_a_room_or_a_device_that_nobody_knows_is_no_error(call):
    found = call(
        outbound.check_reporter, ticket_no="R1", room="9-9999", device="??", phone="13800000001", category="tap"
    )

    assert (found["reporter_known"], found["room_label"], found["device_type"]) == (False, None, None)


def test_a_device_names_its_type_and_the_vendor_under_contract(call):
    found = call(outbound.check_reporter, ticket_no="R1", device="YT-LIFT-03", category="lift_trapped")

    assert found["device_type"] == "lift"
    assert found["vendor"] == {"id": "anda", "name": "安达电梯", "phone": "02812345678"}


def test_a_vendor_whose_contract_has_run_out_is_not_called(register, call):
    register.engine.clock.advance(timedelta(days=365))

    assert call(outbound.check_reporter, ticket_no="R1", device="YT-LIFT-03", category="lift_trapped")["vendor"] is None


def test_paid_work_waits_for_somebody_who_owes_too_much(call):
    on = {"room": "1-1502", "phone": "13800000001", "category": "tap"}

    owing = call(outbound.check_reporter, "1:1", ports={"receivables": Books()}, ticket_no="R1", **on)
    unasked = call(outbound.check_reporter, "1:2", ticket_no="R2", **on)

    assert (owing["unpaid_repair_bills"], owing["paid_work_blocked"]) == (3, True)
    assert (unasked["unpaid_repair_bills"], unasked["paid_work_blocked"]) == (0, False)


# ---- duplicates


def test_a_second_report_of_the_same_room_and_category_finds_the_first(call):
    on = {"room": "1-1502", "category": "leakage"}

    assert call(outbound.check_reporter, "1:1", ticket_no="R1", **on)["duplicate_of"] is None
    assert call(outbound.check_reporter, "2:1", ticket_no="R2", **on)["duplicate_of"] == "R1"
    assert call(outbound.check_reporter, "3:1", ticket_no="R3", room="1-1502", category="tap")["duplicate_of"] is None
    assert (
        call(outbound.check_reporter, "4:1", ticket_no="R4", room="1-1503", category="leakage")["duplicate_of"] is None
    )


def test_after_a_day_the_same_report_is_a_new_matter(register, call):
    on = {"room": "1-1502", "category": "leakage"}
    call(outbound.check_reporter, "1:1", ticket_no="R1", **on)

    register.engine.clock.advance(timedelta(hours=24, seconds=1))

    assert call(outbound.check_reporter, "2:1", ticket_no="R2", **on)["duplicate_of"] is None


def test_a_device_has_one_open_ticket_however_old_it_is(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_stopped")

    register.engine.clock.advance(timedelta(days=9))

    found = call(outbound.check_reporter, "2:1", ticket_no="R2", device="YT-LIFT-03", category="lift_trapped")
    assert found["duplicate_of"] == "R1"


def test_the_same_key_of_the_source_is_the_same_matter(call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", category="tap", dedup_key="app:77")

    assert (
        call(outbound.check_reporter, "2:1", ticket_no="R2", category="lamp", dedup_key="app:77")["duplicate_of"]
        == "R1"
    )


def test_a_repeat_of_the_job_gets_the_same_answer(call):
    on = {"ticket_no": "R1", "room": "1-1502", "category": "leakage"}

    assert call(outbound.check_reporter, "1:1", **on) == call(outbound.check_reporter, "1:1", **on)


def test_a_reopened_ticket_is_no_duplicate_of_itself(call):
    on = {"ticket_no": "R1", "room": "1-1502", "category": "leakage"}
    call(outbound.check_reporter, "1:1", **on)

    assert call(outbound.check_reporter, "1:9", **on)["duplicate_of"] is None


def test_of_many_reports_at_once_one_is_the_first(call):
    def report(number):
        return call(
            outbound.check_reporter, f"{number}:1", ticket_no=f"R{number}", room="1-1502", category="burst_pipe"
        )["duplicate_of"]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(report, range(1, 9)))

    assert answers.count(None) == 1
    assert len(set(answers)) == 2, "all the others name it"


def test_a_closed_ticket_makes_room_for_the_next(call):
    on = {"room": "1-1502", "category": "leakage"}
    call(outbound.check_reporter, "1:1", ticket_no="R1", **on)

    call(outbound.update_device, "1:2", ticket_no="R1", event="closed")

    assert call(outbound.check_reporter, "2:1", ticket_no="R2", **on)["duplicate_of"] is None


# ---- the device


def test_a_device_goes_from_fault_over_repair_back_to_normal(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_trapped")
    assert state(register) is DeviceState.FAULT

    on = {"ticket_no": "R1", "device": "YT-LIFT-03"}
    assert call(outbound.update_device, "1:2", event="in_repair", **on)["device_status"] == "repair"
    closed = call(
        outbound.update_device,
        "1:3",
        event="closed",
        started_at="2026-01-01T09:00:00+08:00",
        finished_at="2026-01-01T10:30:00+08:00",
        parts_issued=[{"item": "rope", "qty": 2}],
        **on,
    )

    assert closed["device_status"] == "normal"
    lift = devices.get(register.engine, "YT-LIFT-03", actor=SYSTEM)
    assert (lift.faults, lift.repairs, lift.repair_minutes, lift.false_alarms) == (1, 1, 90, 0)
    assert lift.last_fault_at == register.engine.clock.now()
    [part] = devices.part_changes(register.engine, "YT-LIFT-03", actor=SYSTEM)
    assert part[:3] == ("R1", "rope", 2000)


def test_closing_twice_counts_once(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_trapped")
    on = {"ticket_no": "R1", "device": "YT-LIFT-03", "event": "closed", "parts_issued": [{"item": "rope", "qty": 1}]}

    for key in ("1:2", "1:2", "1:3"):
        assert call(outbound.update_device, key, **on)["device_status"] == "normal"

    assert devices.get(register.engine, "YT-LIFT-03", actor=SYSTEM).faults == 1
    assert len(devices.part_changes(register.engine, "YT-LIFT-03", actor=SYSTEM)) == 1


def test_a_false_alarm_is_counted_as_one(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_trapped")

    call(outbound.update_device, "1:2", ticket_no="R1", device="YT-LIFT-03", event="closed", false_alarm=True)

    lift = devices.get(register.engine, "YT-LIFT-03", actor=SYSTEM)
    assert (lift.faults, lift.false_alarms) == (0, 1)


def test_the_device_to_blame_may_be_another_one(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_stopped")

    call(outbound.update_device, "1:2", ticket_no="R1", device="YT-LIFT-03", root_device="YT-GW-01", event="closed")

    assert devices.get(register.engine, "YT-GW-01", actor=SYSTEM).faults == 1
    assert devices.get(register.engine, "YT-LIFT-03", actor=SYSTEM).faults == 0


@pytest.mark.parametrize(("broken_before", "after"), [(False, "normal"), (True, "fault")])
def test_a_cancelled_ticket_leaves_the_device_as_it_was(register, call, broken_before, after):
    if broken_before:
        devices.set_state(register.engine, "YT-LIFT-03", "report", reason="seen on the round", actor=SYSTEM)
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_stopped")
    call(outbound.update_device, "1:2", ticket_no="R1", device="YT-LIFT-03", event="in_repair")

    cancelled = call(outbound.update_device, "1:3", ticket_no="R1", device="YT-LIFT-03", event="cancelled")

    assert cancelled["device_status"] == after


def test_a_device_out_of_use_stays_so(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_stopped")
    devices.set_state(register.engine, "YT-LIFT-03", "stop", reason="rope worn", actor=SYSTEM)

    assert (
        call(outbound.update_device, "1:2", ticket_no="R1", device="YT-LIFT-03", event="closed")["device_status"]
        == "stopped"
    )


def test_a_ticket_without_a_device_is_let_go_of_too(call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", room="1-1502", category="tap")

    assert call(outbound.update_device, "1:2", ticket_no="R1", event="closed") == {"device_status": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "exploded"},
        {"event": ""},
        {"ticket_no": None},
        {"parts_issued": [{"item": "rope"}]},
        {"parts_issued": [{"item": "rope", "qty": "many"}]},
        {"started_at": "yesterday"},
        {"project": "nowhere"},
    ],
)
def test_what_cannot_be_understood_is_a_permanent_error(call, changes):
    given = {"ticket_no": "R1", "event": "closed", "device": "YT-LIFT-03"} | changes
    operation = outbound.check_reporter if "project" in changes else outbound.update_device

    with pytest.raises(ConnectorError) as refused:
        call(operation, **given)

    assert refused.value.permanent


# ---- inspections


def test_a_missed_inspection_is_listed_until_it_has_a_ticket(register, call):
    [overdue] = call(outbound.list_overdue_inspections)["overdue"]

    assert overdue == {
        "ticket_no": "XJ-YT-SUMP-01-20251220",
        "project": "yunting",
        "device": "YT-SUMP-01",
        "device_name": "集水坑",
        "location": "地下室",
        "due_on": "2025-12-20",
    }
    number = overdue["ticket_no"]
    call(outbound.check_reporter, "1:1", ticket_no=number, device="YT-SUMP-01", category="device_check")
    assert call(outbound.list_overdue_inspections)["overdue"] == []

    call(outbound.update_device, "1:2", ticket_no=number, device="YT-SUMP-01", event="closed")
    assert call(outbound.list_overdue_inspections)["overdue"] == []
    assert devices.get(register.engine, "YT-SUMP-01", actor=SYSTEM).inspection_due == date(2026, 4, 1)


def test_the_manifest_names_functions_that_exist():
    registry = Registry()
    mine = {name for name in registry.job_types if name.startswith("register:")}

    assert len(mine) == 5
    assert all(registry.operation(name).run for name in mine)


def test_moves_of_a_device_are_in_the_audit(register, call):
    call(outbound.check_reporter, "1:1", ticket_no="R1", device="YT-LIFT-03", category="lift_trapped")

    [entry] = audit.entries(register.engine, stream="register", subject="YT-LIFT-03", actor=SYSTEM)

    assert (entry.action, entry.actor, entry.data["note"]) == ("device.report", "connector:register", "R1")
    assert verify.everything(register.engine).breaks == []
