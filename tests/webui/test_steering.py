"""Intervening in a case: every order is tried first, wants a reason, and stands in the history with who gave it."""

from __future__ import annotations

import re

import pytest

from engine.model.values import SYSTEM, Resource
from engine.services import checks, grants, history, repository, roles, runtime
from tests.engine.diagrams import diagram, end, extended, flows, line, script, start, user

LOOP = (
    '<multiInstanceLoopCharacteristics isSequential="false">'
    + extended('<zeebe:loopCharacteristics inputCollection="=[1,2]" inputElement="item"/>')
    + "</multiInstanceLoopCharacteristics>"
)
FIRST = line(user("a"), script("s", "=if bad then [1..2] else 1", "y"), user("b"), id="q")
SECOND = line(user("a2").replace("Do a2", "Do a"), script("s", "=2", "y"), user("b"), id="q")


@pytest.fixture
def case(desk):
    """A case at its first step, at the project; a second version of its process is there too."""
    repository.deploy(desk.engine, [Resource("q.bpmn", FIRST)], actor=SYSTEM)
    key = runtime.start(desk.engine, "q", {"bad": True}, unit=desk.office.unit("yunting"), actor=SYSTEM)
    repository.deploy(desk.engine, [Resource("q.bpmn", SECOND)], actor=SYSTEM)
    yield str(key)
    assert checks.all_of_them(desk.engine) == []


@pytest.fixture
def root(browser):
    return browser("root")


def order(who, case, **fields):
    """Fill the form in and try it, then do what the page that answers offers."""
    path = f"/requests/{case}/intervene"
    tried = who.post(path, {"reason": "as agreed", **fields, "step": "try"})
    assert tried.status_code == 200 and "This would happen" in tried.text, tried.text
    form = tried.text.split("This would happen")[1].split("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    sent: dict[str, list[str]] = {}
    for name, value in hidden:
        sent.setdefault(name, []).append(value.replace("&#34;", '"'))
    done = who.post(path, {**sent, "step": "do"})
    assert done.status_code == 302, done.text
    return tried.text


def told(desk, case, kind):
    return [each for each in history.events(desk.engine, case, actor=SYSTEM) if each.kind == kind][-1]


def test_a_case_is_paused_resumed_and_canceled_with_a_reason(desk, root, case):
    before = len(list(history.events(desk.engine, case, actor=SYSTEM)))
    root.post(f"/requests/{case}/intervene", {"do": "suspend", "reason": "only looking", "step": "try"})
    assert len(list(history.events(desk.engine, case, actor=SYSTEM))) == before, "trying keeps nothing"

    for verb, kind, state in (
        ("suspend", "instance_suspended", "suspended"),
        ("resume", "instance_resumed", "active"),
        ("cancel", "instance_canceled", "canceled"),
    ):
        order(root, case, do=verb)
        said = told(desk, case, kind)
        assert (said.actor, said.data["reason"]) == (desk.office.actor("root").id, "as agreed")
        assert runtime.instance(desk.engine, case, actor=SYSTEM).state.value == state

    assert root.get(f"/requests/{case}/intervene").status_code == 403, "it has ended"


def test_steps_end_and_begin_and_the_page_says_so_first(desk, root, case):
    [node] = [each for each in runtime.tree(desk.engine, case, actor=SYSTEM) if each.element_id == "a"]

    page = order(root, case, do="move", end=str(node.id), begin="b")

    assert re.search(r"<dt>Ends</dt><dd>Do a</dd>", page) and re.search(r"<dt>Begins</dt><dd>Do b</dd>", page)
    assert runtime.active(desk.engine, case, actor=SYSTEM) == ["b"]
    said = told(desk, case, "instance_modified").data
    assert (said["before"], said["after"]) == (["a"], ["b"])


def test_an_order_without_reason_or_steps_is_refused_with_what_was_typed(root, case):
    without = root.post(f"/requests/{case}/intervene", {"do": "move", "begin": "b"})
    nothing = root.post(f"/requests/{case}/intervene", {"do": "move", "reason": "so"})

    assert without.status_code == 422 and "say why" in without.text
    assert re.search(r'name="begin" value="b"[^>]* checked', without.text)
    assert nothing.status_code == 422 and "choose at least one step" in nothing.text


def test_in_which_of_several_parts_a_step_begins_has_to_be_chosen(desk, root):
    part = f'<subProcess id="each" name="Part">{LOOP}{start("i")}{user("x")}{user("z")}{end("j")}{flows("i>x", "x>z", "z>j")}</subProcess>'
    xml = diagram(start(), part, end(), flows("start>each", "each>end"), id="r")
    repository.deploy(desk.engine, [Resource("r.bpmn", xml)], actor=SYSTEM)
    key = str(runtime.start(desk.engine, "r", actor=SYSTEM))

    page = root.get(f"/requests/{key}/intervene?do=move").text
    [select] = re.findall(r'<select class="input" name="within-z".*?</select>', page, re.DOTALL)
    options = re.findall(r'<option value="(\d+)">([^<]+)', select)
    assert [words for _, words in options] == ["Part, run 1", "Part, run 2"]
    unclear = root.post(f"/requests/{key}/intervene", {"do": "move", "begin": "z", "reason": "so"})
    assert unclear.status_code == 422 and "2 live instances" in unclear.text
    order(root, key, do="move", begin="z", **{"within-z": options[1][0]})

    [made] = [each for each in runtime.tree(desk.engine, key, actor=SYSTEM) if each.element_id == "z"]
    assert str(made.parent) == options[1][0]


def test_a_value_is_set_as_json_at_the_case_or_at_a_step(desk, root, case):
    order(root, case, do="data", name="n", value="12.50")
    [node] = [each for each in runtime.tree(desk.engine, case, actor=SYSTEM) if each.element_id == "a"]
    order(root, case, do="data", name="own", value='{"x": [1]}', scope=str(node.id))

    wrong = root.post(f"/requests/{case}/intervene", {"do": "data", "name": "n", "value": "hello", "reason": "so"})

    assert str(runtime.variables(desk.engine, case, actor=SYSTEM)["n"]) == "12.5"
    assert runtime.variables(desk.engine, case, "a", actor=SYSTEM) == {"own": {"x": [1]}}
    assert wrong.status_code == 422 and "this is not JSON" in wrong.text and ">hello</textarea>" in wrong.text
    assert told(desk, case, "variables_corrected").data["reason"] == "as agreed"
    before, after = next(iter(told(desk, case, "variables_set").data.values()))
    assert (before, after) == (None, {"x": [1]})


def test_what_stopped_is_tried_again_or_passed_with_its_output(desk, root, case):
    runtime.modify(desk.engine, case, activate=["s"], terminate=["a"], actor=SYSTEM)
    [stop] = re.findall(r'name="incident" value="(\d+)"', root.get(f"/requests/{case}/intervene?do=stops").text)

    again = root.post(f"/requests/{case}/intervene", {"do": "stops", "incident": stop, "how": "retry", "reason": "so"})
    assert re.search(r"<dt>Stops at</dt><dd>s</dd>", again.text)
    order(root, case, do="stops", incident=stop, how="skip", output='{"y": 7}')

    assert runtime.active(desk.engine, case, actor=SYSTEM) == ["b"]
    assert runtime.variables(desk.engine, case, actor=SYSTEM)["y"] == 7
    assert told(desk, case, "incident_skipped").data["reason"] == "as agreed"


def test_a_case_moves_to_another_version_by_the_proposed_mapping(desk, root, case):
    page = root.get(f"/requests/{case}/intervene?do=version").text
    row = next(each for each in page.split("<tr>") if 'name="map-a"' in each)
    assert re.search(r'<option value="a2" selected>', row) and "same name" in row

    chosen = dict(re.findall(r'name="(map-[^"]+)".*?(?:value="([^"]*)" selected)', page))
    refused = root.post(
        f"/requests/{case}/intervene",
        {"do": "version", "to_version": "2", "planned": "2", **chosen, "map-a": "", "reason": "so"},
    )
    assert refused.status_code == 422 and "nothing says where a belongs" in refused.text
    order(root, case, do="version", to_version="2", planned="2", **{**chosen, "map-a": "a2"})

    assert runtime.instance(desk.engine, case, actor=SYSTEM).version == 2
    assert runtime.active(desk.engine, case, actor=SYSTEM) == ["a2"]


def test_each_sees_the_orders_that_a_role_permits_and_no_other(desk, browser, case):
    roles.define(
        desk.engine, "halter", name_zh="停", name_en="Halter", permissions=["process_instance:suspend"], actor=SYSTEM
    )
    grants.grant(
        desk.engine, account=desk.office.key("carol"), role="halter", unit=desk.office.unit("yunting"), actor=SYSTEM
    )
    carol = browser("carol")

    page = carol.get(f"/requests/{case}/intervene").text
    assert re.findall(r"intervene\?do=(\w+)", page) == ["suspend"]
    assert "/intervene" in carol.get(f"/requests/{case}").text
    assert "/intervene" not in browser("alice").get(f"/requests/{case}").text
    for login, status in (("alice", 403), ("bob", 403), ("mallory", 404), ("dan", 404)):
        assert browser(login).get(f"/requests/{case}/intervene").status_code == status
        sent = browser(login).post(f"/requests/{case}/intervene", {"do": "cancel", "reason": "x", "step": "do"})
        assert sent.status_code == status
    # an order that is not offered is not carried out, whatever the form says
    carol.post(f"/requests/{case}/intervene", {"do": "cancel", "reason": "x", "step": "do"})
    assert runtime.instance(desk.engine, case, actor=SYSTEM).state.value == "suspended"


def test_the_page_speaks_chinese(browser, case):
    page = browser("root", language="zh").get(f"/requests/{case}/intervene?do=move").text

    assert "干预" in page and "看看会怎样" in page and "Begin" not in page
