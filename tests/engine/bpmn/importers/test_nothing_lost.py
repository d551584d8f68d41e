"""Whatever a file says for another engine is translated, kept or told: no word of it disappears in silence."""

from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.importers import convert
from engine.bpmn.importers.leftovers import BOOKKEEPING
from engine.bpmn.read import read
from tests.engine.bpmn.importers.documented import DIALECTS

MARK = re.compile(r"Wd\d+z")
# {element: where it stands}; {} stands for the element itself
AROUND = {
    "multiInstanceLoopCharacteristics": '<process id="p" isExecutable="true"><task id="e">{}</task></process>',
    "messageEventDefinition": '<process id="p"><intermediateThrowEvent id="e">{}</intermediateThrowEvent></process>',
    "signalEventDefinition": '<process id="p"><endEvent id="e">{}</endEvent></process>',
    "errorEventDefinition": '<process id="p"><endEvent id="e">{}</endEvent></process>',
    "escalationEventDefinition": '<process id="p"><endEvent id="e">{}</endEvent></process>',
    "terminateEventDefinition": '<process id="p"><endEvent id="e">{}</endEvent></process>',
    "conditionalEventDefinition": '<process id="p"><intermediateCatchEvent id="e">{}</intermediateCatchEvent></process>',
    "timerEventDefinition": '<process id="p"><intermediateCatchEvent id="e">{}</intermediateCatchEvent></process>',
    "timeCycle": '<process id="p"><startEvent id="e"><timerEventDefinition>{}</timerEventDefinition></startEvent></process>',
    "conditionExpression": '<process id="p"><sequenceFlow id="e" sourceRef="a" targetRef="b">{}</sequenceFlow></process>',
    **dict.fromkeys(("process", "message", "signal", "error"), "{}"),
}
VALUES = st.sampled_from(["@", "${@}", "#{@ == 1}", "${@.call(@)}", "Hello ${@}", "@, ${@}", "true", "a-@ b"])
CASES = [(namespace, element) for namespace, elements in DIALECTS.items() for element in elements]


def numbered(text, numbers):
    return re.sub("@", lambda _: f"Wd{next(numbers)}z", text)


def file(namespace, element, attributes, extensions, numbers):
    said = "".join(f' x:{name}="{numbered(value, numbers)}"' for name, value in attributes.items())
    inside = "".join(numbered(each, numbers) for each in extensions)
    inside = f"<extensionElements>{inside}</extensionElements>" if inside else ""
    if element == "scriptTask":
        inside += "<script>${a.b()}</script>"
    own = 'calledElement="q" ' if element == "callActivity" else ""
    content = f'<{element} id="it" {own}{said}>{inside}</{element}>'
    around = AROUND.get(element, '<process id="p" isExecutable="true">{}</process>').format(content)
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"'
        f' xmlns:x="{namespace}" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">{around}</definitions>'
    ).encode()


def judge(namespace, before):
    """Check that every marked word is still there or told, and that what stays is told."""
    done = convert(before)
    told = " ".join(str(each) for each in done.report)
    after = done.xml.decode()
    assert [each for each in MARK.findall(before.decode()) if each not in after and each not in told] == []
    root = etree.fromstring(done.xml)
    for node in root.iter("*"):
        for key in node.attrib:
            name = etree.QName(key)
            if name.namespace == namespace and not str(node.tag).startswith(f"{{{namespace}}}"):
                assert name.localname in told or node.get(key) in told or name.localname in BOOKKEEPING
        parent = node.getparent()
        is_outermost = parent is None or not str(parent.tag).startswith(f"{{{namespace}}}")
        if str(node.tag).startswith(f"{{{namespace}}}") and is_outermost:
            said = etree.tostring(node, encoding="unicode", with_tail=False)
            assert etree.QName(node).localname in told or any(each in told for each in MARK.findall(said))
    assert convert(done.xml).xml == done.xml, "importing twice must change nothing more"
    read(done.xml)


@pytest.mark.parametrize(
    ("namespace", "element"), CASES, ids=[f"{namespace.split('/')[2]}-{element}" for namespace, element in CASES]
)
def test_no_documented_word_is_lost(namespace, element):
    attributes, extensions = DIALECTS[namespace][element]

    for attribute in attributes:
        judge(namespace, file(namespace, element, {attribute: "@"}, [], count()))
    for extension in extensions:
        judge(namespace, file(namespace, element, {}, [extension], count()))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_word_is_lost_in_any_mixture(data):
    namespace = data.draw(st.sampled_from(list(DIALECTS)))
    element = data.draw(st.sampled_from(list(DIALECTS[namespace])))
    attributes, extensions = DIALECTS[namespace][element]
    names = st.sampled_from([*attributes, "unheardOf"])

    before = file(
        namespace,
        element,
        data.draw(st.dictionaries(names, VALUES, max_size=6)),
        data.draw(
            st.lists(st.sampled_from([*extensions, '<x:unheardOf a="@"><x:of>@</x:of></x:unheardOf>']), max_size=4)
        ),
        count(),
    )

    judge(namespace, before)


def test_what_stands_outside_its_place_is_told_too():
    xml = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        b' xmlns:x="http://flowable.org/bpmn" xmlns:y="urn:y" targetNamespace="t"><process id="p"><task id="a"><x:odd n="Wd1z"/>'
        b'<extensionElements><y:own><x:inner n="Wd2z"/></y:own></extensionElements></task></process>'
        b'<di:BPMNDiagram><di:BPMNPlane x:outside="Wd3z"/></di:BPMNDiagram></definitions>'
    )

    told = [str(each.message).partition(" of ")[0] for each in convert(xml).report if each.severity == "warning"]

    assert told == ["odd (n=Wd1z)", "inner (n=Wd2z)", "outside=Wd3z"]
