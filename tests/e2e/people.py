"""Somebody at a real browser, who notes everything that a person would be annoyed by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Locator, Page, expect

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PASSWORD = "demo"
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


class Watched:
    """A person with a browser of their own.

    Attributes:
        page: what the person sees.
        wrong: errors in the console, dialogs, refused policies.
    """

    def __init__(
        self, browser: Browser, address: str, shots: Path, *, phone: bool = False, language: str = "zh"
    ) -> None:
        size = PHONE if phone else DESK
        self._context = browser.new_context(
            viewport=size,
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            is_mobile=phone,
            has_touch=phone,
            base_url=address,
        )
        self._context.add_init_script(WATCH)
        self._shots = shots
        self._may_be_refused = False
        self.wrong: list[str] = []
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("dialog", self._dismiss)

    def _hear(self, message: Any) -> None:
        if self._may_be_refused and "status of 422" in message.text:
            return
        if message.type in ("error", "warning"):
            self.wrong.append(f"console at {self.page.url}: {message.text}")

    def _dismiss(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def sign_in(self, login: str) -> Self:
        """Sign in as one of the demo company."""
        self.page.goto("/sign-in")
        self.page.locator("input[name=login]").fill(login)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("form button.primary").click()
        self.page.wait_for_url("**/inbox*")
        return self

    def open_task(self, number: str, step: str) -> Self:
        """Choose a task in the inbox as it stands on the screen; it need not have been there when the page was opened."""
        row = self.page.locator("a.item", has_text=number).filter(has_text=step).first
        row.click()
        expect(self.page.locator("article.task header")).to_contain_text(number)
        return self

    def claim(self) -> Self:
        """Take the task that is open; a task that is mine already is left as it is."""
        button = self.page.locator('button[data-key="c"]')
        if button.count():
            button.click()
            expect(self.page.locator('button[data-key="e"]')).to_be_visible()
        expect(self.page.locator("[data-form].ready")).to_be_visible()
        return self

    def field(self, label: str) -> Locator:
        """Give the field of the form that bears a label."""
        fields = self.page.locator("[data-form].ready .fjs-form-field")
        inner = fields.filter(has_not=self.page.locator(".fjs-form-field"))  # lists and groups hold fields
        return inner.filter(has=self.page.locator("label, legend", has_text=label)).first

    def type(self, label: str, text: str) -> Self:
        """Write into a field."""
        self.field(label).locator("input:not([type=hidden]), textarea").first.fill(text)
        return self

    def pick(self, label: str, option: str) -> Self:
        """Choose one option, of radio buttons or of a list that opens."""
        field = self.field(label)
        radio = field.get_by_text(option, exact=True)
        if field.locator("input[type=radio], input[type=checkbox]").count():
            radio.click()
        else:
            field.locator(".fjs-input-group").click()
            self.page.locator(".fjs-dropdownlist-item", has_text=option).first.click()
        return self

    def attach(self, label: str, photo: Path) -> Self:
        """Hand in a photo and see that it arrived."""
        self.field(label).locator("input[type=file]").set_input_files(photo)
        expect(self.field(label)).to_contain_text(photo.name)
        return self

    def complete(self) -> str:
        """Press the one loud button; give what the next page says about it."""
        before = self.page.url
        with self.page.expect_response(re.compile(r"/tasks/\d+/complete$")) as answered:
            self.page.locator('button[data-key="e"]').click()
        assert answered.value.ok, answered.value.status
        self.page.wait_for_url(lambda url: url != before)
        toast = self.page.locator("#toasts .toast").last
        expect(toast).to_be_visible()
        return toast.inner_text()

    def refused(self) -> Self:
        """Press the one loud button and be sent back by the server, which says why at the fields."""
        self._may_be_refused = True  # browsers tell that in the console
        with self.page.expect_response(re.compile(r"/tasks/\d+/complete$")) as answered:
            self.page.locator('button[data-key="e"]').click()
        assert answered.value.status == 422, answered.value.status
        return self

    def stand_at(self, latitude: float, longitude: float) -> Self:
        """Let the browser know where the person is, and tell it when asked."""
        self._context.grant_permissions(["geolocation"])
        self._context.set_geolocation({"latitude": latitude, "longitude": longitude, "accuracy": 12})
        return self

    def shot(self, name: str) -> None:
        """Keep a picture of the page, to be looked at."""
        self._shots.mkdir(exist_ok=True)
        self.page.wait_for_timeout(400)  # what moves has come to rest
        self.page.screenshot(path=self._shots / f"{name}.png")

    def finish(self) -> list[str]:
        """Close the browser; give everything that was wrong."""
        self.wrong += [f"policy: {said}" for said in self.page.evaluate("window.violations || []")]
        self._context.close()
        return self.wrong
