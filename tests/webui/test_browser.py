"""The pages in a real browser: forms and diagrams run under the strict policy, keys work, the inbox moves by itself."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import ConsoleMessage, Page
from waitress.server import create_server

from engine.model.values import SYSTEM, Resource
from engine.services import holding, repository, runtime, tasks
from tests.engine.diagrams import diagram, end, flows, line, start, user


@pytest.fixture
def site(running):
    """The application at an address."""
    server = create_server(running.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield SimpleNamespace(address=f"http://127.0.0.1:{server.effective_port}", **vars(running))
    server.close()
    thread.join(5)


@pytest.fixture
def open_as(chromium, site, browser):
    """Open a browser window as somebody; at the end nothing was refused by the policy and no script has failed."""
    wrong: list[str] = []
    asked: set[str] = set()
    contexts = []

    def is_wrong(message: ConsoleMessage) -> bool:
        # that a page itself is refused, a browser tells too; it is no fault of the page
        is_refusal = message.text.startswith("Failed to load resource") and message.location["url"] in asked
        return message.type == "error" and not is_refusal

    def open_one(login: str = "", *, width: int = 1440, locale: str = "en-GB", theme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale=locale, base_url=site.address, color_scheme=theme
        )
        contexts.append(context)
        if login:
            signed_in = browser(login).client
            signed_in.get("/profile")  # the cookie comes with an answer
            value = signed_in.get_cookie("propflow").value
            context.add_cookies([{"name": "propflow", "value": value, "url": site.address}])
        page = context.new_page()
        page.on("request", lambda request: request.is_navigation_request() and asked.add(request.url))
        page.on("console", lambda message: is_wrong(message) and wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.set_default_timeout(60_000)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert wrong == []


AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def begin(site, **values):
    known = {"desc": "厨房漏水，滴到楼下", "ticket_no": "T1", "project": "yunting", **values}
    return runtime.start(site.engine, "visit", known, unit=site.office.unit("yunting"), actor=SYSTEM)


def test_a_task_is_claimed_filled_in_and_completed_by_keys_and_the_form(open_as, site):
    instance = begin(site)
    page = open_as("alice")
    page.goto("/inbox")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail h1")
    page.keyboard.press("c")
    page.wait_for_selector("button[data-submits]")
    page.wait_for_selector("[data-form].ready .fjs-form")
    page.click(".fjs-form-field-select .fjs-input-group")
    page.click(".fjs-dropdownlist-item >> nth=0")
    page.fill(".fjs-form-field-number input >> nth=0", "0")
    page.keyboard.press("Escape")
    page.click("button[data-submits]")
    page.wait_for_selector(".fjs-has-errors")
    assert "Enter 1 or more" in page.inner_text(".fjs-has-errors")
    page.fill(".fjs-form-field-number input >> nth=0", "30")
    page.click("button[data-submits]")
    page.wait_for_selector(".toast >> text=goes on with: Sign")

    done = tasks.of_instance(site.engine, instance, actor=SYSTEM, only_open=False)[0]
    assert (done.state.value, done.changed_by_name) == ("completed", "Alice")


def test_the_diagram_lights_where_a_case_stands_and_shows_the_mark(open_as, site):
    instance = begin(site)
    page = open_as("alice")
    page.goto(f"/requests/{instance}")
    page.wait_for_selector(".diagram.ready")

    assert page.get_attribute('[data-element-id="look"]', "class").count("is-live") == 1
    assert page.is_visible(".bjs-powered-by")
    page.click('[data-element-id="look"]')
    assert page.query_selector(".timeline .lit")


def test_of_a_file_with_several_processes_the_case_shows_its_own(open_as, site):
    first = start("s1") + user("one") + end("e1") + flows("s1>one", "one>e1")
    roots = f'<process id="first" isExecutable="true">{first}</process>'
    xml = diagram(start(), user("two"), end(), flows("start>two", "two>end"), id="second", roots=roots)
    repository.deploy(site.engine, [Resource("both.bpmn", xml)], actor=SYSTEM)
    key = runtime.start(site.engine, "second", unit=site.office.unit("yunting"), actor=SYSTEM)
    page = open_as("root")

    page.goto(f"/requests/{key}")
    page.wait_for_selector(".diagram.ready")

    assert page.get_attribute('[data-element-id="two"]', "class").count("is-live") == 1
    assert page.locator('[data-element-id="one"]').count() == 0


def test_what_is_typed_survives_a_reload(open_as, site):
    instance = begin(site)
    key = tasks.of_instance(site.engine, instance, actor=SYSTEM)[0].key
    holding.claim(site.engine, key, actor=site.office.actor("alice"))
    page = open_as("alice")
    page.goto(f"/tasks/{key}")
    page.wait_for_selector("[data-form].ready .fjs-form")
    page.wait_for_timeout(300)
    page.fill(".fjs-form-field-number input >> nth=0", "42")
    page.wait_for_timeout(800)  # typing is stored once it pauses

    page.reload()
    page.wait_for_selector(".hint.draft")

    assert page.input_value(".fjs-form-field-number input >> nth=0") == "42"


def test_a_new_task_appears_in_the_inbox_by_itself(open_as, site):
    page = open_as("alice")
    page.goto("/inbox")
    page.wait_for_timeout(1000)

    begin(site, desc="刚刚报来的一件")

    page.wait_for_selector(".items .item")
    assert "刚刚报来的一件" in page.inner_text(".items")


def test_a_report_goes_from_a_phone_to_a_page_that_follows_it(open_as, site):
    page = open_as(width=390, locale="zh-CN")
    page.goto("/report?project=yunting")
    page.wait_for_selector(".fjs-form")
    page.fill(".fjs-form-field-textfield input", "张丽华")
    page.fill(".fjs-form-field-textarea textarea", "厨房漏水，滴到楼下")
    page.set_input_files("input[type=file]", {"name": "现场.png", "mimeType": "image/png", "buffer": PNG})
    page.wait_for_selector(".upload img, .upload a")
    page.click(".thumb .button")
    page.wait_for_url("**/l/*")

    assert "已收到你的报事" in page.inner_text("main")
    assert "Z260101-" in page.inner_text("main")


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_no_page_is_wider_than_the_screen(open_as, site, width):
    instance = begin(site, desc="很长的标题" * 30)
    page = open_as("alice", width=width)

    for path in (
        "/inbox",
        f"/requests/{instance}",
        "/requests",
        "/start",
        "/start/visit",
        "/devices",
        "/profile",
        "/absences",
        "/notices",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_no_page_shuts_anybody_out(open_as, site, theme, width):
    assert AXE.exists(), "axe-core is not installed; make frontend installs what the pages are checked with"
    instance = begin(site, desc="很长的标题" * 30)
    first, other = (tasks.of_instance(site.engine, case, actor=SYSTEM)[0].key for case in (instance, begin(site)))
    holding.claim(site.engine, first, actor=site.office.actor("alice"))
    staff = open_as("alice", width=width, theme=theme)
    public = open_as(width=width, theme=theme, locale="zh-CN")
    visits = [
        *((staff, path, "main") for path in ("/inbox", "/inbox?q=nothing", "/start", "/requests", "/devices")),
        *((staff, path, "main") for path in ("/notices", "/profile", "/absences", "/outbox", "/requests/1")),
        (staff, "/start/visit", ".fjs-form"),
        (staff, f"/tasks/{first}", ".fjs-form"),
        (staff, f"/tasks/{other}", ".diagram.ready"),
        (staff, f"/requests/{instance}", ".diagram.ready"),
        (public, "/sign-in", "main"),
        (public, "/report?project=yunting", ".fjs-form"),
        (public, "/thanks", "main"),
        (public, "/l/nothing", "main"),
    ]

    found = [f"{path}: {barrier}" for page, path, ready in visits for barrier in barriers(page, path, ready)]

    assert found == []


def barriers(page: Page, path: str, ready: str) -> list[str]:
    """Open a page and give what axe calls serious or critical, each with the first element that has it."""
    page.goto(path)
    page.wait_for_selector(ready)
    return judged(page)


def judged(page: Page) -> list[str]:
    """Give what axe calls serious or critical on a page as it stands."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{each['id']} at {each['nodes'][0]['target']}" for each in found if each["impact"] in ("serious", "critical")
    ]


def test_an_open_list_of_options_says_what_it_is_to_those_who_do_not_see_it(open_as, site):
    key = tasks.of_instance(site.engine, begin(site), actor=SYSTEM)[0].key
    holding.claim(site.engine, key, actor=site.office.actor("alice"))
    page = open_as("alice", width=390)
    page.goto(f"/tasks/{key}")
    page.wait_for_selector("[data-form].ready .fjs-form")

    box = page.get_by_role("combobox", name="Outcome")
    box.focus()
    page.get_by_role("option", name="Fixed", selected=True).wait_for()
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", name="待修", selected=True)
    chosen.wait_for()

    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert judged(page) == []


SHOWN = {
    "type": "default",
    "id": "shown",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "key": "old_no", "id": "f1", "label": "Old number", "readonly": True, "validate": {"pattern": "^[0-9]+$"}},
        {"type": "number", "key": "price", "id": "f2", "label": "Price", "readonly": "=settled", "validate": {"min": 10}},
        {"type": "textfield", "key": "code", "id": "f3", "label": "Code", "disabled": True, "validate": {"required": True}},
        {"type": "textfield", "key": "note", "id": "f4", "label": "Note", "validate": {"required": True}},
        {"type": "checkbox", "key": "settled", "id": "f5", "label": "Settled"},
    ],
}  # fmt: skip


def test_what_is_only_shown_does_not_keep_anybody_from_sending_a_form(open_as, site):
    process = line(user("check", groups="technician", form="shown"))
    files = [Resource("p.bpmn", process), Resource("shown.form", json.dumps(SHOWN).encode())]
    repository.deploy(site.engine, files, actor=SYSTEM)
    known = {"old_no": "none", "price": 5, "settled": True}
    key = runtime.start(site.engine, "p", known, unit=site.office.unit("yunting"), actor=SYSTEM)
    [task] = tasks.of_instance(site.engine, key, actor=SYSTEM)
    holding.claim(site.engine, task.key, actor=site.office.actor("alice"))
    page = open_as("alice")
    page.goto(f"/tasks/{task.key}")
    page.wait_for_selector("[data-form].ready .fjs-form")

    page.click("button[data-submits]")
    page.wait_for_selector(".fjs-has-errors")
    assert page.locator(".fjs-has-errors").count() == 1  # only what can be filled in
    page.get_by_label("Note").fill("seen")
    page.click("button[data-submits]")
    page.wait_for_selector(".toast")

    assert tasks.task(site.engine, task.key, actor=SYSTEM).state.value == "completed"


def test_a_click_on_the_diagram_ticks_what_ends_and_what_begins(open_as, site):
    xml = line(user("a"), user("b"), id="clicked")
    repository.deploy(site.engine, [Resource("c.bpmn", xml)], actor=SYSTEM)
    key = runtime.start(site.engine, "clicked", unit=site.office.unit("yunting"), actor=SYSTEM)
    page = open_as("root")
    page.goto(f"/requests/{key}/intervene?do=move")

    page.click('.diagram [data-element-id="a"]')
    page.click('.diagram [data-element-id="b"]')

    assert page.is_checked('input[name="end"]') and page.is_checked('input[name="begin"][value="b"]')
    assert page.locator(".diagram .is-ending").count() == page.locator(".diagram .is-beginning").count() == 1
    page.fill("#reason", "the wrong step")
    page.click("text=Show what would happen")
    page.click(".note button")
    page.wait_for_selector(".timeline >> text=Moved by an administrator")
    assert runtime.active(site.engine, key, actor=SYSTEM) == ["b"]


def test_an_order_over_many_shows_its_progress_until_it_is_over(open_as, site):
    begin(site)
    page = open_as("root")
    page.goto("/batches/new?do=suspend")
    page.fill("#reason", "power cut")

    page.click("text=Show what would happen")

    page.wait_for_selector("text=1 of 1")
    page.click("text=Do it: Pause")
    page.wait_for_selector("text=Completed")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_no_page_that_steers_shuts_anybody_out_or_is_wider_than_the_screen(open_as, site, theme, width):
    key = begin(site)
    repository.deploy(site.engine, [Resource("c.bpmn", line(user("a"), id="clicked"))], actor=SYSTEM)
    pages = [f"/requests/{key}/intervene?do={verb}" for verb in ("suspend", "move", "data", "version", "cancel")]
    page = open_as("root", theme=theme, width=width)

    for path in [*pages, "/batches", "/batches/new?do=modify&process=visit", "/drafts"]:
        assert barriers(page, path, "h1") == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
