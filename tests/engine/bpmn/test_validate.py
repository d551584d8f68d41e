from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.validate import LIMITS, parse, schema_problems, validate
from engine.errors import Invalid
from tests.engine.bpmn.diagram import definitions, process


def refusal(xml, limits=LIMITS):
    with pytest.raises(Invalid) as refused:
        validate(xml, limits=limits)
    return refused.value.problems


def test_a_diagram_that_keeps_the_schemas_passes():
    root = validate(process('<startEvent id="s"/>'))

    assert root.tag.endswith("definitions")


@pytest.mark.parametrize(
    "xml",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>',
        "<!DOCTYPE a><a/>".encode("utf-16"),
    ],
)
def test_a_doctype_is_refused(xml):
    (problem,) = refusal(xml)

    assert problem.rule == "xml-doctype"
    assert "remove the DOCTYPE" in problem.remedy


def test_entities_that_multiply_are_refused_at_once():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{entities}]><a b="&e11;">&e11;</a>'

    assert refusal(bomb.encode())


def test_a_file_above_ten_megabytes_is_refused_by_name():
    (problem,) = refusal(b" " * (LIMITS.bytes + 1))

    assert problem.rule == "limit-bytes"
    assert "10000000" in problem.message


def test_a_smaller_limit_of_bytes_can_be_set():
    (problem,) = refusal(process(""), limits=replace(LIMITS, bytes=10))

    assert problem.rule == "limit-bytes"


@pytest.mark.parametrize("depth", [201, 300, 100_000])
def test_xml_deeper_than_two_hundred_levels_is_refused_by_name(depth):
    (problem,) = refusal(b"<a>" * depth + b"</a>" * depth)

    assert problem.rule == "limit-xml-depth"
    assert "200" in problem.message


def test_xml_of_two_hundred_levels_is_parsed():
    assert parse(b"<a>" * 200 + b"</a>" * 200).tag == "a"


@pytest.mark.parametrize("xml", [b"", b"<a", b"\xff\xfe\x00", b"PK\x03\x04", b"<a>&x;</a>", "流程".encode()])
def test_what_is_not_xml_is_refused_with_its_line(xml):
    (problem,) = refusal(xml)

    assert problem.where == "line 1"
    assert problem.rule == "xml-syntax"


def test_xml_that_is_not_bpmn_is_refused_in_plain_words():
    (problem,) = refusal(b"<html/>")

    assert problem.message == "the file is not BPMN: its outermost element is html"


@pytest.mark.parametrize(
    ("inside", "where", "message", "remedy"),
    [
        ('<task id="1 a"/>', "1 a", "id of task cannot be '1 a'", "begins with a letter"),
        ('<sequenceFlow id="f" sourceRef="a"/>', "f", "sequenceFlow has no attribute targetRef", "set the attribute"),
        ("<foo/>", "p", "foo must not stand here", "here may stand: documentation"),
        ('<task id="t" bogus="x"/>', "t", "task must not have the attribute bogus", "remove the attribute bogus"),
        ('<task id="t" startQuantity="x"/>', "t", "startQuantity of task cannot be 'x'", "give a whole number"),
        (
            '<task id="t"><multiInstanceLoopCharacteristics behavior="Never"/></task>',
            "t",
            "behavior of multiInstanceLoopCharacteristics cannot be Never",
            "use one of: None, One, All, Complex",
        ),
        ("words", "p", "there is loose text inside process", "remove the text"),
        ('<task id="t"><outgoing/></task>', "t", "the text of outgoing cannot be ''", "give the id of an element"),
    ],
)
def test_a_fault_is_told_with_its_element_and_what_to_do(inside, where, message, remedy):
    (problem,) = refusal(process(inside))

    assert problem.where == where
    assert problem.message == message
    assert remedy in problem.remedy
    assert problem.rule == "xml-schema"


def test_an_id_that_occurs_twice_is_told_as_what_it_is():
    (problem,) = refusal(process('<task id="a"/><task id="a"/>'))

    assert (problem.where, problem.rule, problem.message) == ("a", "id-duplicate", "the id a is used twice")


def test_all_faults_are_told_together():
    found = refusal(process('<task id="a" one="1"/><task id="b" two="2"/><sequenceFlow id="f"/>'))

    assert [problem.where for problem in found] == ["a", "b", "f", "f"]


def test_a_fault_outside_any_element_with_an_id_is_told_with_its_line():
    (problem,) = refusal(definitions("\n\n<bogus/>"))

    assert problem.where == "line 3"


def test_a_file_full_of_faults_ends_its_list_with_their_number():
    found = refusal(process('<task x="1"/>' * 500))

    assert len(found) == LIMITS.problems + 1
    assert found[-1].message == "400 more faults follow"


def test_messages_can_be_translated_from_their_templates():
    (problem,) = refusal(process('<task id="t" bogus="x"/>'))

    assert problem.message.template == "{element} must not have the attribute {attribute}"
    assert problem.message.params == {"element": "task", "attribute": "bogus"}


def test_threads_that_validate_at_once_get_their_own_faults():
    files = [process("".join(f'<task id="t{n}" x="1"/>' for n in range(count))) for count in range(1, 40)]

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda xml: len(schema_problems(parse(xml))), files * 3))

    assert counts == list(range(1, 40)) * 3


@given(st.binary(max_size=300))
def test_no_bytes_bring_down_the_gate(xml):
    try:
        validate(xml)
    except Invalid as refused:
        assert refused.problems
