"""Cases: the list, one of them, and what can be done to it from outside its tasks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import effects, holding, incidents, jobs, repository, runtime, tasks
from tests.engine.diagrams import line, user


def test_a_case_shows_its_facts_its_way_and_its_diagram(browser, visit):
    key = visit()
    alice = browser("alice")

    page = alice.get(f"/requests/{key}")
    diagram = alice.get(f"/requests/{key}/diagram.bpmn")

    assert "T260101-0001" in page.text and "厨房漏水，滴到楼下" in page.text
    assert "Look" in page.text and "Technician" in page.text
    assert '"live":["look"]' in page.text.replace(" ", "")
    assert diagram.status_code == 200 and b"bpmn:process" in diagram.data
    assert "sandbox" in diagram.headers["Content-Security-Policy"]


def test_a_diagram_speaks_the_language_of_who_looks(browser, visit):
    path = f"/requests/{visit()}/diagram.bpmn"

    english = browser("alice").get(path)
    chinese = browser("alice", language="zh").get(path)

    assert 'name="Look"' in english.text and 'name="查看"' not in english.text
    assert 'name="查看"' in chinese.text
    assert english.headers["ETag"] != chinese.headers["ETag"]


def test_a_case_names_who_holds_its_task_and_not_who_moved_it_last(browser, visit, desk):
    key = visit()
    held = tasks.of_instance(desk.engine, key, actor=SYSTEM)[0].key
    holding.assign(desk.engine, held, desk.office.key("bob"), actor=SYSTEM)

    page = browser("alice").get(f"/requests/{key}").text

    assert re.search(r'data-label="Who">Bob<', page), page
    assert "Bob" in browser("alice").get("/inbox?view=team").text


def test_a_case_that_is_not_ones_own_to_see_says_so_without_its_key(browser, visit):
    key = visit()

    answer = browser("dan").get(f"/requests/{key}")

    assert answer.status_code == 404
    assert "it is not yours to see" in answer.text and f"instance {key}" not in answer.text


def test_the_list_is_narrowed_by_scope_view_process_and_text(browser, visit):
    visit()
    alice = browser("alice")

    assert "T260101-0001" in alice.get("/requests").text
    assert "T260101-0001" in alice.get("/requests?view=mine&process=visit&q=漏水").text
    assert "Nothing found" in alice.get("/requests?q=nothing-like-it").text
    assert "No requests here yet" in alice.get("/requests?view=failed").text
    assert "T260101-0001" not in browser("dan").get("/requests").text


def test_a_long_list_comes_in_pages(browser, desk):
    for _ in range(55):
        runtime.start(desk.engine, "visit", {"desc": "x"}, unit=desk.office.unit("yunting"), actor=SYSTEM)
    alice = browser("alice")

    first = alice.get("/requests").text
    rest = alice.get(re.search(r'href="(/requests\?after=\d+)"', first)[1]).text

    assert first.count("<tr>") == 51
    assert rest.count("<tr>") == 6


def test_a_case_is_urged_from_its_page(browser, visit, desk):
    key = visit()
    carol = browser("carol")
    offered = carol.get(f"/requests/{key}").text
    asked = carol.get(f"/requests/{key}/do/urged")
    refused = carol.post(f"/requests/{key}/do/urged", json={"values": {"urge_note": ""}})
    done = carol.post(f"/requests/{key}/do/urged", json={"values": {"urge_note": "住户等了两小时"}})
    desk.executor.drain()

    assert f"/requests/{key}/do/urged" in offered
    assert asked.status_code == 200
    assert refused.status_code == 422
    assert done.status_code == 200 and done.json["message"] == "Done."
    assert runtime.variables(desk.engine, key, actor=SYSTEM)["urge_note"] == "住户等了两小时"


def test_only_what_the_diagram_offers_can_be_done_to_a_case(browser, visit):
    key = visit()

    assert browser("carol").get(f"/requests/{key}/do/look").status_code == 404
    assert browser("mallory").get(f"/requests/{key}/do/urged").status_code == 404


def test_a_stopped_case_says_where_and_why(browser, desk):
    broken = (Path(__file__).parent / "broken.bpmn").read_bytes()
    repository.deploy(desk.engine, [Resource("broken.bpmn", broken)], actor=SYSTEM)
    key = runtime.start(desk.engine, "broken", unit=desk.office.unit("yunting"), actor=SYSTEM)
    page = browser("alice").get(f"/requests/{key}").text

    assert "Stopped at" in page
    assert "Failed" in page


# ---- what has stopped ----------------------------------------------------------------------------------------------------


BOOKING = line(
    '<serviceTask id="book" name="Book it"><extensionElements><zeebe:taskDefinition type="http:request"/>'
    '<zeebe:ioMapping><zeebe:input source="https://erp.example/orders" target="url"/>'
    '<zeebe:input source="={item: item}" target="body"/></zeebe:ioMapping></extensionElements></serviceTask>',
    user("check", groups="technician"),
    id="booking",
)


@pytest.fixture
def unsure(desk):
    """A booking that was sent and got no answer; gives the key of the instance."""
    repository.deploy(desk.engine, [Resource("booking.bpmn", BOOKING)], actor=SYSTEM)
    unit = desk.office.unit("yunting")
    key = runtime.start(desk.engine, "booking", {"item": "lamp"}, actor=SYSTEM, unit=unit)
    stop_unsure(desk)
    return key


def stop_unsure(desk):
    leased = jobs.claim_due(desk.engine, worker="w", types=["http:request"])
    for work in jobs.hand_out(desk.engine, leased):
        effects.begin(desk.engine, work, deduplicates=False)
        jobs.fail(desk.engine, work.key, "no answer came from erp.example", actor=SYSTEM, permanent=True)


def stop_of(desk, key):
    [found] = incidents.open_incidents(desk.engine, actor=SYSTEM, instance=key)
    return found.key


def test_who_may_resolve_sees_what_was_sent_without_an_answer_and_what_to_say_about_it(browser, desk, unsure):
    shown = browser("root").get(f"/requests/{unsure}").text

    for words in ("Send to a REST service", "https://erp.example/orders", "lamp", "not known", f"{unsure}:"):
        assert words in shown
    assert "It took effect" in shown and "It did not, send it again" in shown
    chinese = browser("root", language="zh").get(f"/requests/{unsure}").text
    assert "已经生效" in chinese and "没有生效，重新发送" in chinese


def test_others_see_that_it_stopped_and_nothing_to_press(browser, desk, unsure):
    shown = browser("carol").get(f"/requests/{unsure}").text
    path = f"/requests/{unsure}/stops/{stop_of(desk, unsure)}"

    assert "Stopped at “Book it”" in shown and "A process administrator has to look at it." in shown
    assert "It took effect" not in shown and "erp.example/orders" not in shown.partition("All data")[0]
    assert browser("carol").post(path, {"choice": "effect", "reason": "x"}).status_code == 403
    assert browser("mallory").post(path, {"choice": "effect", "reason": "x"}).status_code == 404


def test_saying_that_it_took_effect_lets_the_case_go_on_and_history_tells_who_said_it(browser, desk, unsure):
    root = browser("root")
    path = f"/requests/{unsure}/stops/{stop_of(desk, unsure)}"

    without = root.post(path, {"choice": "effect", "reason": ""})
    said = root.post(path, {"choice": "effect", "reason": "order 17 is in their list"})
    desk.executor.drain()

    assert without.status_code == 422 and "say why" in without.text
    assert said.status_code == 302
    shown = root.get(f"/requests/{unsure}").text
    assert "Found to have taken effect: Book it" in shown and "order 17 is in their list" in shown
    assert "Do check" in shown
    assert root.post(path, {"choice": "effect", "reason": "again"}).status_code == 409


def test_saying_that_it_did_not_sends_it_again(browser, desk, unsure):
    root = browser("root")

    said = root.post(f"/requests/{unsure}/stops/{stop_of(desk, unsure)}", {"choice": "none", "reason": "nothing there"})

    assert said.status_code == 302
    [job] = jobs.claim_due(desk.engine, worker="w", types=["http:request"])
    [work] = jobs.hand_out(desk.engine, [job])
    assert effects.begin(desk.engine, work, deduplicates=False).done is False


def test_an_ordinary_stop_is_tried_again_from_the_page(browser, desk):
    weigh = (
        '<serviceTask id="w"><extensionElements><zeebe:taskDefinition type="scales"/></extensionElements></serviceTask>'
    )
    work = line(weigh, id="weighing")
    repository.deploy(desk.engine, [Resource("w.bpmn", work)], actor=SYSTEM)
    key = runtime.start(desk.engine, "weighing", {}, actor=SYSTEM, unit=desk.office.unit("yunting"))
    [job] = jobs.claim_due(desk.engine, worker="w", types=["scales"])
    jobs.fail(desk.engine, job.key, "no power", actor=SYSTEM, permanent=True)
    root = browser("root")
    assert "Try again" in root.get(f"/requests/{key}").text

    tried = root.post(f"/requests/{key}/stops/{stop_of(desk, key)}", {"choice": "again", "reason": "power is back"})

    assert tried.status_code == 302
    assert len(jobs.claim_due(desk.engine, worker="w", types=["scales"])) == 1
    assert "power is back" in root.get(f"/requests/{key}").text


def test_a_case_that_moves_while_its_page_is_made_shows_no_step_without_its_person(browser, visit, desk, monkeypatch):
    key = visit()
    read = tasks.of_instance

    def late(engine, instance, **how):
        for row in read(engine, instance, actor=SYSTEM):
            tasks.complete(engine, row.key, {"outcome": "fixed", "minutes": 5}, actor=SYSTEM, claiming=True)
            break
        monkeypatch.setattr(tasks, "of_instance", read)
        return read(engine, instance, **how)

    monkeypatch.setattr(tasks, "of_instance", late)
    shown = browser("alice").get(f"/requests/{key}").text

    stands = shown.partition("Where it stands")[2].partition("</table>")[0]
    assert "Sign" in stands and "Something else" not in stands
