"""The first demo story: people are trapped in lift 3. Alarm, P0, vendor, rescue, all clear, check, call back, closed.

Everything goes through the product's own doors: devices by telemetry, staff by their own logins, the vendor by the link in an SMS.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from connectors.telemetry.simulator import FREED, TRAPPED, Channel
from webui.demo.company import PASSWORD, ZONE
from webui.demo.installation import STABLE_S
from webui.demo.photo import photo
from webui.demo.visitor import Page, Refused, Visitor

Found = TypeVar("Found")

SUPERVISOR, ADMINISTRATOR, QUALITY, STRANGER = "wangqiang", "gaoyuan", "huangjin", "yulong"
LIFTS = ("YT-LIFT-03", "YT-LIFT-04", "YT-LIFT-05", "YT-LIFT-06", "YT-LIFT-07", "YT-LIFT-08")
"""The lifts that the story may play in, the first one that never had an alarm; an alarm that comes back would reopen its ticket."""

SOON_S = 30
"""How long any one thing may take that the product does by itself."""

EVERY_S = 0.2


@dataclass(slots=True)
class Lift:
    """The story, as it is being played.

    Args:
        address: of the server.
        channel: how devices reach it.
        say: is told each step as it happens: (what, seconds since the story began).
    """

    address: str
    channel: Channel
    say: Callable[[str, float], None]
    device: str = ""
    number: str = ""
    case: str = ""
    _began: float = field(default_factory=time.monotonic)
    _staff: dict[str, Visitor] = field(default_factory=dict)

    def play(self) -> None:
        """Play it to its end.

        Raises:
            Refused: it did not go as told.
        """
        supervisor = self.staff(SUPERVISOR)
        self.device = self.quiet_lift(supervisor)
        self.tell(TRAPPED)
        self.step(f"{self.device} 报警：电梯困人", "reports that somebody is trapped")
        self.number, self.case = until(lambda: self.ticket(supervisor), "the alarm starts a ticket")
        until(lambda: self.priority(supervisor) == "P0", "the ticket is of priority P0")
        self.step(f"工单 {self.number} 已立，P0", "the ticket is open, priority P0, without anybody's hand")
        require(self.is_hidden_from(STRANGER), "a technician of another project does not see the ticket")

        administrator = self.staff(ADMINISTRATOR)
        link = until(lambda: self.link_for_vendor(administrator), "the vendor gets a link")
        self.step("维保单位收到短信链接，无需账号", "the vendor has a link by SMS, no account")
        self.answer(link, {"order_answer": "accept"})
        self.step("维保单位接单，报警已回执", "the vendor accepts; the alarm is acknowledged")
        self.answer(link, {"arrive_at": now(), "check_in": "scan", "scanned_code": self.device})
        self.step(f"维保单位到场，扫码 {self.device}", "the vendor is on site and scans the lift's code")

        self.tell(FREED)
        self.step("轿门打开，乘客走出：报警解除", "doors open, the car is empty: the alarm clears")
        values = {
            "rescued_at": now(),
            "people_count": 2,
            "medical_help": False,
            "coordination_note": "两人平安，无需医疗",
        }
        self.do(supervisor, "rescued_at", values)
        self.step("工程主管王强登记：解救 2 人", "the engineering supervisor records that two people are free")
        values = {
            "action": "断电、盘车、放人，检查门锁",
            "cause_code": "broken",
            "labour_minutes": 35,
            "follow_up": False,
        }
        self.answer(link, values)
        self.step("维保单位交处理报告和照片", "the vendor hands in the report with a photo")

        self.step(f"系统核对：解除后须稳定 {STABLE_S} 秒", "the system waits until the all-clear is stable")
        self.do(supervisor, "acceptance_photos", {"accepted": True}, within_s=STABLE_S + 2 * SOON_S)
        self.step("核对通过，工程主管验收", "verified; the engineering supervisor accepts the work")
        self.do(
            self.staff(QUALITY),
            "visit_result",
            {"visit_result": "satisfied", "visit_note": "物业中心确认乘客平安，满意"},
        )
        self.step("品质专员黄瑾回访：满意", "the quality officer calls back: satisfied")
        until(lambda: self.is_closed(supervisor), "the ticket is closed")
        require(supervisor.get(f"/devices/{self.device}").chip == "正常", "the lift stands as normal again")
        self.step(
            f"工单 {self.number} 已关单，{self.device} 恢复正常", "the ticket is closed, the lift is normal again"
        )

    def step(self, zh: str, en: str) -> None:
        """Tell that a step has happened."""
        self.say(f"{zh}  {en}", time.monotonic() - self._began)

    # ---- the lift --------------------------------------------------------------------------------------------------

    def quiet_lift(self, reader: Visitor) -> str:
        """Choose the lift."""
        for code in LIFTS:
            if not reader.get(f"/devices/{code}").links("/requests/"):
                return code
        raise Refused("every lift of the story has had an alarm; start from an empty data folder")

    def tell(self, readings: Mapping[str, Any]) -> None:
        """Let the lift speak."""
        told = {"ts": int(time.time() * 1000), "values": dict(readings)}
        self.channel.send(f"pm/yunting/{self.device}/telemetry", json.dumps(told).encode())

    # ---- the ticket ------------------------------------------------------------------------------------------------

    def ticket(self, reader: Visitor) -> tuple[str, str] | None:
        """Give (number, address) of the ticket, found on the page of the lift."""
        page = reader.get(f"/devices/{self.device}")
        found = page.tree.xpath('//a[starts-with(@href, "/requests/")]')
        return (found[0].text_content().strip(), str(found[0].get("href"))) if found else None

    def priority(self, reader: Visitor) -> str:
        """Give how urgent the ticket is."""
        return str(reader.get(self.case).tree.xpath("string(//header//*[@data-priority]/@data-priority)"))

    def is_hidden_from(self, login: str) -> bool:
        """Say whether somebody with no business here is refused."""
        try:
            self.staff(login).get(self.case)
        except Refused:
            return True
        return False

    def link_for_vendor(self, reader: Visitor) -> str | None:
        """Give the link that the vendor was sent, as the outbox shows it."""
        for message in reader.get("/outbox").tree.xpath('//article[contains(@class, "message")]'):
            hrefs = [urlsplit(href).path for href in message.xpath(".//a/@href")]
            if self.number in message.text_content() and "安达" in message.text_content():
                return next((href for href in hrefs if href.startswith("/l/")), None)
        return None

    def is_closed(self, reader: Visitor) -> bool:
        """Say whether the ticket has come to its end."""
        return reader.get(self.case).chip == "已完成"

    # ---- people ----------------------------------------------------------------------------------------------------

    def staff(self, login: str) -> Visitor:
        """Give somebody who has signed in."""
        if login not in self._staff:
            visitor = Visitor(self.address)
            visitor.sign_in(login, PASSWORD)
            self._staff[login] = visitor
        return self._staff[login]

    def do(self, who: Visitor, asked: str, values: Mapping[str, Any], *, within_s: float = SOON_S) -> None:
        """Find the task of this ticket whose form asks for a field, claim it, fill it in."""
        page = until(lambda: self.task(who, asked), f"a task that asks for {asked}", within_s=within_s)
        key = urlsplit(page.url).path
        claimed = who.press(f"{key}/claim", page.token)
        who.submit(claimed.form(), values)

    def task(self, who: Visitor, asked: str) -> Page | None:
        """Give the page of the task whose form asks for a field, if it is in the inbox."""
        for href in who.get(f"/inbox?q={self.number}").links("/tasks/"):
            page = who.get(href)
            if asked in page.form().fields:
                return page
        return None

    def answer(self, link: str, values: Mapping[str, Any]) -> None:
        """Let the vendor fill in what the link asks for now; ``values`` without photos, which are sent where they are asked for."""
        vendor = Visitor(self.address)  # a telephone that has never been here
        page = until(lambda: asking(vendor, link, values), "the link asks for " + ", ".join(values))
        form = page.form()
        photos = {name: vendor.send_photo(form, "after.png", photo()) for name in form.fields & {"after_photos"}}
        vendor.submit(form, {**values, **photos})


def asking(reader: Visitor, link: str, values: Mapping[str, Any]) -> Page | None:
    """Give what a link opens, once it asks for these values."""
    page = reader.get(link)
    return page if page.has_form and set(values) <= page.form().fields else None


def require(claim: bool, what: str) -> None:
    """End the story where it does not go as told.

    Raises:
        Refused: the claim does not hold.
    """
    if not claim:
        raise Refused("not as told: {what}", what=what)


def until(look: Callable[[], Found | None], what: str, *, within_s: float = SOON_S) -> Found:
    """Look again and again until there is something; give it.

    Raises:
        Refused: nothing came in time.
    """
    end = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Refused("not as told: {what}; nothing came within {seconds} s", what=what, seconds=int(within_s))
        time.sleep(EVERY_S)


def now() -> str:
    """Give this moment as a form holds it."""
    return datetime.now(ZONE).isoformat(timespec="minutes")
