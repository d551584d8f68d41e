"""Takes the pictures of the README anew, out of a demo company that is made for it: ``python -m tests.e2e.pictures``."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import Watched
from webui.demo.company import PASSWORD
from webui.demo.server import temporary
from webui.demo.visitor import Visitor

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = {"width": 1280, "height": 800}
NUMBER = re.compile(r"\b[A-Z]\d{6}-\d{4}\b")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said and pressed in one language. ``reports``: (category, place, what is wrong)."""

    room: str
    reporter: str
    trouble: str
    reports: tuple[tuple[str, str, str], ...]
    labels: Mapping[str, str]


WORDS = {
    "zh": Words(
        room="1-1001",
        reporter="花一鸣",
        trouble="厨房龙头滴水，关不紧",
        reports=(
            ("sewage_backflow", "5 号楼负一层", "污水从地漏往外冒"),
            ("public_lighting", "3 号楼 15 层走廊", "走廊的灯全部不亮，老人出门不便"),
            ("access", "南门", "门禁刷卡没有反应，只能按铃"),
            ("barrier_gate", "东出口", "道闸抬杆后不落"),
            ("environment", "会所", "空调不制冷，温度一直在 30 度以上"),
            ("public_appearance", "2 号楼大堂", "大堂墙面有涂鸦"),
        ),
        labels={
            "room": "房号",
            "category": "类别",
            "tap": "户内 / 龙头",
            "what": "情况说明",
            "who": "报修人",
            "phone": "电话",
            "eta": "预计几分钟到",
        },
    ),
    "en": Words(
        room="1-1002",
        reporter="Liu Xia",
        trouble="The kitchen tap drips and does not close",
        reports=(
            ("sewage_backflow", "Building 5, basement", "Sewage comes up through the floor drain"),
            ("public_lighting", "Building 3, floor 15", "No light in the whole corridor"),
            ("access", "South gate", "The card reader does not answer"),
            ("barrier_gate", "East exit", "The barrier goes up and stays up"),
            ("environment", "Club house", "The air conditioning blows warm air"),
            ("public_appearance", "Building 2, lobby", "Graffiti on the wall of the lobby"),
        ),
        labels={
            "room": "Room",
            "category": "Category",
            "tap": "Indoor / tap",
            "what": "What is wrong",
            "who": "Reporter",
            "phone": "Phone",
            "eta": "Minutes until arrival",
        },
    ),
}


def take(browser: Browser, address: str, language: str) -> None:
    """Play the README's tour in one language and take its three pictures."""
    words = WORDS[language]
    for report in words.reports:
        enter(address, *report)

    # (1) a resident reports on the telephone, and gets a page that follows the request
    resident = Watched(browser, address, PICTURES, phone=True, language=language)
    resident.page.goto("/report?project=yunting")
    expect(resident.page.locator("[data-form].ready")).to_be_visible()
    say = words.labels
    resident.type(say["room"], words.room).pick(say["category"], say["tap"]).type(say["what"], words.trouble)
    resident.type(say["who"], words.reporter).type(say["phone"], "13900000015")
    resident.page.locator(".thumb .button").click()
    resident.page.wait_for_url("**/l/*")
    number = NUMBER.search(resident.page.locator("main").inner_text())[0]

    # (2) the service desk accepts it
    desk = Watched(browser, address, PICTURES, language=language)
    desk.page.set_viewport_size(SIZE)
    desk.sign_in("zhuli").open_task(number, "").claim()
    desk.page.mouse.move(640, 790)
    expect(desk.page.locator("#toasts .toast")).to_have_count(0, timeout=15_000)
    desk.shot(f"inbox-{language}")
    desk.complete()

    # (3) a technician takes it; where it stands is on its page, and on the resident's
    technician = Watched(browser, address, PICTURES, language=language).sign_in("zhangwei")
    technician.open_task(number, "").claim().type(say["eta"], "20").complete()
    desk.page.goto(f"/requests?view=all&q={number}")
    desk.page.locator("table a.main").first.click()
    expect(desk.page.locator(".diagram.ready")).to_be_visible()
    desk.shot(f"case-{language}")
    resident.page.goto(resident.page.url.partition("?")[0])
    resident.shot(f"phone-{language}")


def enter(address: str, category: str, place: str, trouble: str) -> None:
    """Let the service desk enter a report, so that the inbox is that of a working day."""
    desk = Visitor(address)
    desk.sign_in("yangxue", PASSWORD)
    values = {
        "channel": "hotline",
        "project": "yunting",
        "area_type": "public",
        "location": place,
        "affected_scope": "public",
        "category": category,
        "desc": trouble,
        "reporter_name": "张丽华",
        "phone": "13800138000",
    }
    desk.submit(desk.get("/start/repair_ticket?way=hotline").form(), values)


def main() -> None:
    """Take every picture in every language."""
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language in WORDS:
            with temporary() as server:
                take(browser, server.address, language)
        browser.close()


if __name__ == "__main__":
    main()
