"""A repair from alarm to close, clicked through by the people whose work it is, on real pages with a real browser."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import expect

from connectors.webhooks.signature import sign
from webui.demo.photo import photo

DOOR = "GJ-DOOR-05"
TOPIC = f"pm/guoji/{DOOR}/telemetry"
NUMBER = re.compile(r"\b[A-Z]\d{6}-\d{4}\b")

CAMERA = """(seen) => {
  window.BarcodeDetector = class { async detect() { return [{ rawValue: seen }]; } };
  navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
}"""
"""A camera that sees a code, and a browser that reads it: the headless one has neither."""


@pytest.fixture
def picture(tmp_path):
    """A photo in the telephone's album."""
    path = tmp_path / "door.png"
    path.write_bytes(photo())
    return path


def speak(site, **readings):
    """Let the door's controller publish readings and wait until the broker has them."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", site.broker.port)
    client.loop_start()
    told = {"ts": int(time.time() * 1000), "values": readings}
    client.publish(TOPIC, json.dumps(told), qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def pay(site, receivable, amount):
    """Let the payment gateway tell that money came in."""
    paid_at = datetime.now(UTC)
    body = json.dumps(
        {
            "event": "payment.received",
            "id": f"wx-{receivable}",
            "amount": amount,
            "method": "wechat",
            "paid_at": paid_at.isoformat(),
            "receivable": receivable,
        }
    ).encode()
    headers = sign(body, site.gateway_secret, paid_at) | {"Content-Type": "application/json"}
    with urlopen(Request(f"{site.address}/hooks/payments/wechat", body, headers), timeout=20) as answer:
        return json.load(answer)


def test_a_forced_door_is_reported_assigned_mended_accepted_paid_and_closed(site, person, picture):
    # (1) the alarm: the dispatcher looks at an empty inbox and does nothing
    dispatcher = person("panying")
    expect(dispatcher.page.locator(".items a.item")).to_have_count(0)
    dispatcher.shot("01-inbox-empty")
    speak(site, door_forced=1)
    row = dispatcher.page.locator("a.item").first
    expect(row).to_be_visible(timeout=30_000)
    number = NUMBER.search(row.inner_text())[0]
    dispatcher.shot("02-inbox-alarm")

    # (2) the dispatcher sends a technician
    dispatcher.open_task(number, "指派")
    dispatcher.shot("03-task-offered")
    dispatcher.claim()
    dispatcher.pick("派给", "方雷").type("交代", "带一把新磁力锁，先看监控")
    dispatcher.shot("04-task-assign")
    assert number in dispatcher.complete()

    # (3) the technician, on the telephone
    technician = person("fanglei", phone=True)
    technician.shot("05-phone-inbox")
    technician.open_task(number, "接单").claim().pick("接不接", "接单")
    technician.shot("06-phone-accept")
    technician.complete()
    technician.page.goto("/inbox")
    technician.open_task(number, "到场签到").claim().type("扫到的设备或房间码", DOOR)
    technician.shot("07-phone-arrive")
    technician.complete()
    technician.page.goto("/inbox")
    technician.open_task(number, "诊断").claim().pick("诊断结果", "需报价")
    technician.pick("原因", "人为损坏").attach("维修前照片", picture).type("人工费", "80")
    technician.field("要用备件").get_by_text("要用备件").click()
    technician.pick("备件名称", "磁力锁").type("数量", "12").type("单价", "400")
    expect(technician.field("数量")).to_contain_text("请填不大于 10 的数")
    expect(technician.field("单价")).to_contain_text("请填不大于 336 的数")
    technician.type("数量", "1").type("单价", "280").type("打算怎么做", "更换磁力锁，调整闭门器")
    expect(technician.page.locator(".fjs-form-field-text", has_text="合计")).to_contain_text("合计 ¥360")
    technician.shot("08-phone-diagnose")
    technician.complete()

    # (4) the desk notes the tenant's yes
    desk = person("dongmei")
    desk.open_task(number, "等报价答复").claim().pick("答复", "同意").type("代录说明", "09:40 与租户行政电话确认")
    desk.shot("09-quote")
    desk.complete()
    keeper = person("maling")
    keeper.open_task(number, "确认发料").claim()
    keeper.shot("09b-hand-out")
    keeper.complete()

    # (5) the repair; the door closes and reports so
    technician.page.goto("/inbox")
    technician.open_task(number, "维修").claim().pick("结果", "修好")
    technician.type("做了什么", "更换磁力锁").pick("原因", "人为损坏").type("工时", "45")
    technician.attach("维修后照片", picture)
    technician.shot("10-phone-repair")
    technician.complete()
    speak(site, door_forced=0)

    # (6) the supervisor, standing in for a colleague on leave, accepts
    supervisor = person("wangqiang")
    expect(supervisor.page.locator("a.item", has_text=number).first).to_be_visible(timeout=60_000)
    supervisor.open_task(number, "公区验收").claim().pick("验收结果", "满意")
    supervisor.shot("11-acceptance")
    supervisor.complete()

    # (7) the cashier waits; the tenant pays by telephone; the task goes away by itself
    cashier = person("yuanhui")
    cashier.open_task(number, "收款")
    cashier.shot("12-collect")
    cashier.page.locator("article.task header a", has_text=number).click()
    cashier.page.locator("details summary", has_text="全部数据").click()
    receivable = (
        cashier.page.locator("tr", has=cashier.page.locator("code", has_text="receivable_id"))
        .locator("td")
        .nth(1)
        .inner_text()
    )
    cashier.page.goto("/inbox")
    expect(cashier.page.locator("a.item", has_text=number)).to_have_count(1)
    assert pay(site, receivable, "360.00")
    expect(cashier.page.locator("a.item", has_text=number)).to_have_count(0, timeout=30_000)
    assert pay(site, receivable, "360.00"), "told again, it is answered as before"

    # (8) the quality officer, in English
    quality = person("huangjin", language="en")
    quality.open_task(number, "Follow-up call").claim()
    quality.shot("13-visit-english")
    quality.pick("Result", "Satisfied").type("Record", "Tenant is content")
    quality.complete()

    # (9) closed: the lights of the door are green, its alarm names the ticket, the ticket has come to its end
    supervisor.page.goto(f"/devices/{DOOR}")
    supervisor.shot("14-device")
    supervisor.page.locator("td a", has_text=number).first.click()
    for _ in range(20):
        if "已完成" in supervisor.page.locator("article header .chip").inner_text():
            break
        supervisor.page.wait_for_timeout(500)
        supervisor.page.reload()
    expect(supervisor.page.locator("article header .chip")).to_contain_text("已完成")
    expect(supervisor.page.locator("[data-diagram] svg").first).to_be_visible()
    supervisor.shot("15-closed")

    # (10) what the cashier was told meanwhile
    cashier.page.goto("/notices")
    expect(cashier.page.locator("main")).to_contain_text(number)
    cashier.shot("16-notices")


def test_a_technician_shows_to_be_there_by_position_or_by_a_code_that_the_camera_reads(site, person):
    # (1) a resident reports, the desk accepts, a technician takes it
    resident = person(phone=True)
    resident.page.goto("/report?project=yunting")
    expect(resident.page.locator("[data-form].ready")).to_be_visible()
    resident.type("房号", "1-1001").pick("类别", "户内 / 龙头").type("情况说明", "厨房龙头滴水，关不紧")
    resident.type("报修人", "花一鸣").type("电话", "13900000015")
    resident.page.locator(".thumb .button").click()
    resident.page.wait_for_url("**/l/*")
    number = NUMBER.search(resident.page.locator("main").inner_text())[0]
    person("zhuli").open_task(number, "受理").claim().complete()
    technician = person("zhangwei", phone=True)
    technician.open_task(number, "抢单").claim().complete()
    technician.page.goto("/inbox")
    technician.open_task(number, "到场签到").claim()

    # (2) too far away, and with the code of another flat, it is no arrival; what was entered stays
    technician.stand_at(30.6620, 104.0643).pick("签到方式", "定位")
    technician.page.get_by_role("button", name="用我的位置").click()
    expect(technician.field("现在的位置")).to_contain_text("已定位，误差 12 米")
    technician.refused()
    expect(technician.field("现在的位置")).to_contain_text("你离现场 478 米")
    technician.shot("17-phone-too-far")
    technician.pick("签到方式", "扫码")
    technician.page.evaluate(CAMERA, "https://homes.example/report?project=yunting&room=1-1002")
    technician.page.locator(".fjs-form-field-radio", has_text="签到方式").get_by_text("定位").click()
    technician.pick("签到方式", "扫码")
    technician.page.get_by_role("button", name="扫码").click()
    expect(technician.field("扫到的设备或房间码").locator("input")).to_have_value("1-1002")
    technician.refused()
    expect(technician.field("扫到的设备或房间码")).to_contain_text("这是别处的码")
    technician.shot("18-phone-other-code")

    # (3) at the door it is
    technician.stand_at(30.6578, 104.0643).pick("签到方式", "定位")
    technician.page.get_by_role("button", name="重新定位").or_(
        technician.page.get_by_role("button", name="用我的位置")
    ).click()
    expect(technician.field("现在的位置")).to_contain_text("已定位")
    assert number in technician.complete()
