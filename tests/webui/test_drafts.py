"""Drafts of diagrams, by pages: opened whatever they hold, judged, deployed when nothing refuses them, taken along as they are."""

from __future__ import annotations

import io
import re

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import diagrams, repository
from tests.engine.diagrams import call, line, user

GOOD = line(user("a"), id="q")
CAMUNDA_7 = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    b'id="d" targetNamespace="t"><process id="seven" isExecutable="true"><startEvent id="s"/><userTask id="a" '
    b'camunda:assignee="${who}"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/></process></definitions>'
)
BAD = line(user("a"), call("c", "nowhere"), id="q")


@pytest.fixture
def root(browser):
    return browser("root")


def opened(who, content, name="q.bpmn"):
    """Send a file; give the address of its page."""
    answer = who.post("/drafts", {"file": (io.BytesIO(content), name)})
    assert answer.status_code == 302, answer.text
    return re.search(r"/drafts/\d+", answer.location)[0]


def test_a_good_draft_is_deployed_and_exported_byte_for_byte(desk, root):
    page = opened(root, GOOD)

    shown, drawn = root.get(page), root.get(f"{page}/diagram.bpmn")
    done = root.post(f"{page}/deploy")

    assert "q.bpmn" in shown.text and "revision 1" in shown.text
    assert b"BPMNDiagram" in drawn.data and "sandbox" in drawn.headers["Content-Security-Policy"]
    assert done.status_code == 302
    key = page.rpartition("/")[2]
    exported = root.get(f"{page}/export")
    assert exported.data == diagrams.draft(desk.engine, key, actor=SYSTEM)[1]
    assert "filename=q.bpmn" in exported.headers["Content-Disposition"]
    assert repository.latest(desk.engine, "q", actor=SYSTEM).version == 1


def test_what_is_wrong_stands_beside_the_picture_and_refuses_the_deployment(desk, root):
    page = opened(root, BAD)

    shown = root.get(page).text

    assert re.search(r'<li class="wrong-turn" data-element="c">', shown)
    assert re.search(r'<button class="button primary" disabled', shown)
    assert root.post(f"{page}/deploy").status_code == 422
    assert not repository.definitions(desk.engine, process_id="q", actor=SYSTEM)


def test_a_reload_or_a_doubled_click_opens_no_second_draft_and_the_report_stays(desk, root):
    def send(content):
        return root.post("/drafts", {"file": (io.BytesIO(content), "q.bpmn"), "translate": "1", "command_id": "one"})

    first, second, other = send(CAMUNDA_7), send(CAMUNDA_7), send(GOOD)

    assert first.location == second.location != other.location
    assert len(diagrams.drafts(desk.engine, actor=SYSTEM)) == 2
    shown = root.get(first.location).text
    assert "What was said about it when it was read" in shown and "It had no picture" in shown
    without = root.get(first.location.partition("?")[0]).text
    assert "What was said about it" not in without
    assert root.get(f"{first.location}x").status_code == 200


def test_what_is_deployed_is_opened_as_one_draft_however_often_the_button_is_pressed(desk, root):
    repository.deploy(desk.engine, [Resource("q.bpmn", GOOD)], actor=SYSTEM)
    key = repository.latest(desk.engine, "q", actor=SYSTEM).key

    sent = [root.post(f"/drafts/of/{key}", {"command_id": "one"}).location for _ in range(2)]

    assert sent[0] == sent[1]
    assert len(diagrams.drafts(desk.engine, actor=SYSTEM)) == 1


def test_another_file_takes_its_place_unless_somebody_was_first(root):
    page = opened(root, BAD)
    for revision, status in (("1", 302), ("1", 409)):
        sent = root.post(page, {"file": (io.BytesIO(GOOD), "x.bpmn"), "revision": revision})
        assert sent.status_code == status

    assert "revision 2" in root.get(page).text
    assert root.post(f"{page}/discard").status_code == 302
    assert root.get(page).status_code == 404


@pytest.mark.parametrize("content", [b"", b"hello", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_a_file_that_is_no_diagram_is_refused_in_a_sentence(root, content):
    answer = root.post("/drafts", {"file": (io.BytesIO(content), "x.bpmn")})

    assert answer.status_code == 422 and "This file cannot be opened" in answer.text
    assert root.post("/drafts", {}).status_code == 422


def test_drafts_are_for_those_who_deploy(browser, root):
    page = opened(root, GOOD)

    for login in ("alice", "carol", "mallory"):
        who = browser(login)
        assert 'data-place="drafts"' not in who.get("/inbox").text
        assert who.get("/drafts").status_code == 403
        assert who.post("/drafts", {"file": (io.BytesIO(GOOD), "q.bpmn")}).status_code == 403
        for path in (page, f"{page}/export", f"{page}/diagram.bpmn"):
            assert who.get(path).status_code == 404
        assert who.post(f"{page}/deploy").status_code == 404


FORM = b'{"id": "ask", "type": "default", "components": [{"type": "textfield", "id": "f", "key": "note", "label": "Note"}]}'
WITH_FORM = line(user("a", form="ask"), id="q")


def test_what_is_deployed_is_opened_changed_and_deployed_with_its_forms(desk, root):
    sent = [Resource("d/q.bpmn", WITH_FORM), Resource("ask.form", FORM)]
    repository.deploy(desk.engine, sent, actor=SYSTEM)
    first = repository.latest(desk.engine, "q", actor=SYSTEM)

    assert f"/drafts/of/{first.key}" in root.get("/drafts").text
    page = root.post(f"/drafts/of/{first.key}").location
    shown = root.get(page).text
    assert "q.bpmn" in shown and "ask.form" in shown and "refuses the deployment" not in shown

    changed = WITH_FORM.replace(b'name="Do a"', b'name="Do it"')
    assert changed != WITH_FORM
    root.post(page, {"file": (io.BytesIO(changed), "q2.bpmn"), "revision": "1"})
    assert root.post(f"{page}/deploy").status_code == 302

    second = repository.latest(desk.engine, "q", actor=SYSTEM)
    names = [each.name for each in repository.files(desk.engine, second.deployment, actor=SYSTEM)]
    assert (second.version, second.unit, second.resource_name) == (2, None, "d/q.bpmn")
    assert names == ["ask.form", "d/q.bpmn"]
    assert b"Do it" in repository.xml(desk.engine, second.key, actor=SYSTEM)


def test_who_may_not_deploy_opens_nothing(browser, desk):
    repository.deploy(desk.engine, [Resource("q.bpmn", GOOD)], actor=SYSTEM)
    key = repository.latest(desk.engine, "q", actor=SYSTEM).key

    assert browser("alice").post(f"/drafts/of/{key}").status_code == 403
