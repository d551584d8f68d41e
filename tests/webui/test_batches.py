"""Orders over many cases, by pages: chosen by filters, tried first, then carried out, with the reasons of those that are refused."""

from __future__ import annotations

import re

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import checks, jobs, repository, runtime
from tests.engine.diagrams import diagram, flows, line, script, start, user


@pytest.fixture
def cases(desk):
    """Six cases of the first of two versions; one is at its second step."""
    repository.deploy(desk.engine, [Resource("q.bpmn", line(user("a"), user("b"), id="q"))], actor=SYSTEM)
    unit = desk.office.unit("yunting")
    keys = [
        str(runtime.start(desk.engine, "q", unit=unit, business_key=f"N{number}", actor=SYSTEM)) for number in range(6)
    ]
    runtime.modify(desk.engine, keys[5], activate=["b"], terminate=["a"], actor=SYSTEM)
    repository.deploy(desk.engine, [Resource("q.bpmn", line(user("a"), user("c"), id="q"))], actor=SYSTEM)
    yield keys
    assert checks.all_of_them(desk.engine) == []


def work_off(desk):
    while due := jobs.claim_due(desk.engine, worker="w", limit=1):
        jobs.run(desk.engine, due[0])


def begun(answer):
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def states(desk, keys):
    return [runtime.instance(desk.engine, key, actor=SYSTEM).state.value for key in keys]


def test_all_cases_of_a_list_are_tried_then_migrated_and_the_refused_say_why(desk, browser, cases):
    root = browser("root")
    assert "/batches/new?process=q" in root.get("/requests?process=q").text
    asked = root.get("/batches/new?process=q&do=migrate&from_version=1&to_version=2").text
    assert "Cases: 6" in asked
    chosen = dict(re.findall(r'name="(map-[^"]+)".*?(?:value="([^"]*)" selected)', asked))
    assert chosen["map-b"] == "c", "beside the same neighbours"
    fields = {"process": "q", "do": "migrate", "from_version": "1", "to_version": "2", "reason": "new rules"}

    page = begun(root.post("/batches/new", {**fields, **chosen, "map-b": "", "planned": "1-2"}))
    running = root.get(page).text
    assert 'hx-trigger="every 2s"' in running and "0 of 6" in running
    work_off(desk)
    part = root.get(page, headers={"HX-Request": "true"}).text

    assert "<html" not in part and "6 of 6" in part and "every 2s" not in part
    assert "N5" in part and "nothing says where b belongs" in part
    assert {runtime.instance(desk.engine, key, actor=SYSTEM).version for key in cases} == {1}, "only tried"
    done = begun(root.post(f"{page}/repeat"))
    work_off(desk)
    assert [runtime.instance(desk.engine, key, actor=SYSTEM).version for key in cases] == [2] * 5 + [1]
    assert "tried only" not in root.get(done).text
    assert root.get("/batches").text.count("To version 2") == 2


def test_the_filters_choose_and_a_running_order_can_be_stopped(desk, browser, cases):
    root = browser("root")
    page = begun(root.post("/batches/new", {"process": "q", "q": "N1", "do": "cancel", "reason": "doubled"}))
    work_off(desk)
    begun(root.post(f"{page}/repeat"))
    work_off(desk)
    assert states(desk, cases) == ["active", "canceled", "active", "active", "active", "active"]
    assert "Cases: 5" in root.get("/batches/new?process=q&view=all").text, "what has ended is not counted"

    page = begun(root.post("/batches/new", {"process": "q", "do": "suspend", "reason": "wait"}))
    assert root.post(f"{page}/stop").status_code == 302
    work_off(desk)

    assert "Stop" not in re.findall(
        r"<button[^>]*>(?:<svg.*?</svg>)?([^<]*)", root.get(page, headers={"HX-Request": "1"}).text
    )
    assert root.post(f"{page}/repeat").status_code == 409, "it was not over"


@pytest.fixture
def stuck(desk):
    """Three cases that stopped at a script that gives what no variable can hold."""
    process = line(script("s", "=[1..2]", "y"), user("b"), id="stuck")
    repository.deploy(desk.engine, [Resource("stuck.bpmn", process)], actor=SYSTEM)
    unit = desk.office.unit("yunting")
    yield [str(runtime.start(desk.engine, "stuck", unit=unit, actor=SYSTEM)) for _ in range(3)]
    assert checks.all_of_them(desk.engine) == []


def carried_out(desk, who, fields):
    """Try an order, then do it; give the page of what was done."""
    page = begun(who.post("/batches/new", fields))
    work_off(desk)
    done = begun(who.post(f"{page}/repeat"))
    work_off(desk)
    return who.get(done).text


def test_a_value_is_set_in_many_cases(desk, browser, cases):
    root = browser("root")
    assert "Choose one process above first." in root.get("/batches/new?do=data").text
    wrong = root.post("/batches/new", {"process": "q", "do": "data", "name": "fee", "value": "much", "reason": "so"})
    assert wrong.status_code == 422 and "this is not JSON" in wrong.text

    page = carried_out(
        desk, root, {"process": "q", "do": "data", "name": "fee", "value": "12.50", "reason": "new price"}
    )

    assert '<h1 class="clip">Data</h1>' in page
    assert {str(runtime.variables(desk.engine, key, actor=SYSTEM)["fee"]) for key in cases} == {"12.5"}


def test_what_stopped_in_many_cases_is_passed_at_one_step_with_its_output(desk, browser, stuck):
    root = browser("root")
    asked = root.get("/batches/new?process=stuck&do=skip").text
    assert re.search(r'name="step" value="s"[^>]*checked', asked)
    none = root.post("/batches/new", {"process": "stuck", "do": "skip", "reason": "so"})
    assert none.status_code == 422 and "choose at which step" in none.text
    fields = {"process": "stuck", "do": "skip", "step": "s", "output": "[]", "reason": "the flow was wrong"}
    assert "a JSON object of values by name" in root.post("/batches/new", fields).text

    page = carried_out(desk, root, {**fields, "output": '{"y": 2}'})

    assert '<h1 class="clip">Pass</h1>' in page
    assert [runtime.active(desk.engine, key, actor=SYSTEM) for key in stuck] == [["b"]] * 3
    assert {runtime.variables(desk.engine, key, actor=SYSTEM)["y"] for key in stuck} == {2}
    assert "Nothing has stopped in cases of this process." in root.get("/batches/new?process=stuck&do=skip").text


def test_the_places_offered_in_another_version_lie_where_their_part_has_gone(desk, browser):
    inner = '<subProcess id="{0}"><startEvent id="s{0}"/>{1}<sequenceFlow id="f{0}" sourceRef="s{0}" targetRef="t{0}"/></subProcess>'
    for tasks_there in (("a",), ("a2", "a3")):
        process = diagram(
            start(),
            *(user(id) for id in tasks_there),
            inner.format("p", user("tp")),
            inner.format("q", user("tq")),
            flows(*(f"start>{id}" for id in tasks_there), "start>p", "start>q"),
            id="parts",
        )
        repository.deploy(desk.engine, [Resource("parts.bpmn", process)], actor=SYSTEM)

    page = browser("root").get("/batches/new?process=parts&do=migrate&from_version=1&to_version=2").text

    def offered(id):
        select = re.search(rf'name="map-{id}".*?</select>', page, re.DOTALL)[0]
        return set(re.findall(r'<option value="([^"]+)"', select))

    assert offered("a") == {"a2", "a3"}
    assert offered("tp") == {"tp"}
    assert offered("p") == {"p", "q"}


def test_an_order_without_a_reason_or_steps_is_refused(browser, cases):
    root = browser("root")

    without = root.post("/batches/new", {"process": "q", "do": "cancel"})
    nothing = root.post("/batches/new", {"process": "q", "do": "modify", "reason": "so"})

    assert without.status_code == 422 and "say why" in without.text
    assert nothing.status_code == 422 and "there is nothing to change" in nothing.text


def test_only_those_who_may_give_orders_see_them(browser, cases):
    for login in ("alice", "carol", "mallory"):
        assert "/batches" not in browser(login).get("/requests").text
        assert browser(login).get("/batches").status_code == 403
        assert browser(login).post("/batches/new", {"do": "cancel", "reason": "x"}).status_code == 403
