"""Diagrams that something went wrong with: refused with problems, or run; never an exception of any other kind."""

import random
import time

import pytest
from lxml import etree

from engine.bpmn.lint import lint
from engine.bpmn.read import read
from tests.engine.bpmn.blocks import Blocks
from tests.engine.bpmn.test_differential import Ours

BATCH = 100
QUICK, ALL = 5, 50  # batches
TAGS = [
    "task", "userTask", "scriptTask", "serviceTask", "receiveTask", "callActivity", "subProcess", "transaction",
    "adHocSubProcess", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway",
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent", "sequenceFlow",
    "errorEventDefinition", "signalEventDefinition", "terminateEventDefinition", "compensateEventDefinition",
    "cancelEventDefinition", "linkEventDefinition", "conditionalEventDefinition", "choreographyTask",
]  # fmt: skip
NAMESPACE = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def mutate(xml, dice):
    """Change a thing or a few at random places, as a careless hand or tool would."""
    root = etree.fromstring(xml)
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        nodes = list(root[0].iterdescendants())
        node, other = dice.choice(nodes), dice.choice(nodes)
        flow, wrong = (dice.choice(root.findall(f".//{NAMESPACE}sequenceFlow") or [node]) for _ in range(2))
        match dice.randrange(11):
            case 0:
                node.getparent().remove(node)
            case 1:
                node.tag = NAMESPACE + dice.choice(TAGS)
            case 2 if node.attrib:
                del node.attrib[dice.choice(list(node.attrib))]
            case 3 if node.attrib and other.attrib:
                node.set(dice.choice(list(node.attrib)), other.get(dice.choice(list(other.attrib))))
            case 4:
                node.text = dice.choice(["=", "=1 +", "x" * 6000, "", "=null", "=false", "水管", "-1", "R/PT0S"])
            case 5 if node is not other and other not in list(node.iterancestors()):
                node.append(other)
            case 6:
                node.set(
                    dice.choice(["id", "default", "triggeredByEvent", "isForCompensation", "startQuantity"]), "true"
                )
            case 7:
                node.addnext(etree.fromstring(etree.tostring(node)))
            case 8 | 9:
                flow.set("targetRef", wrong.get("targetRef") or "")
            case 10:
                flow.set("sourceRef", wrong.get("sourceRef") or "")
    return etree.tostring(root)


@pytest.mark.parametrize(
    "batch", [*range(QUICK), *(pytest.param(each, marks=pytest.mark.long) for each in range(QUICK, ALL))]
)
def test_a_mutated_diagram_is_refused_or_run(batch):
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        made = Blocks(seed)
        xml = mutate(made.xml, random.Random(seed))
        result = read(xml)
        for definition in result.definitions:
            problems = [*result.errors, *(each for each in lint(definition) if each.severity == "error")]
            assert all(problem.where and problem.message and problem.remedy for problem in problems), f"seed {seed}"
            if not problems:
                Ours(definition, made.variables, made.answers).run()


def test_some_mutated_diagrams_are_refused_and_some_run():
    outcomes = {"refused": 0, "run": 0}
    for seed in range(100):
        result = read(mutate(Blocks(seed).xml, random.Random(seed)))
        refused = result.errors or any(each.severity == "error" for one in result.definitions for each in lint(one))
        outcomes["refused" if refused else "run"] += 1

    assert min(outcomes.values()) >= 10


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"\x00" * 1000,
        b"<definitions/>",
        b'<definitions xmlns="http://example.org/other"><process id="p"/></definitions>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "' + b"&lol;" * 1000 + b'">]><lolz>&l2;</lolz>',
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p"><task id="t" name="'
        + b"x" * 5_000_000
        + b'"/></process></definitions>',
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p"><task id="'
        + b"x" * 1_000_000
        + b'"/></process></definitions>',
    ],
    ids=["empty", "zeros", "bare", "namespace", "encoding", "bomb", "label", "id"],
)
def test_an_absurd_file_is_answered_with_problems(xml):
    began = time.process_time()
    result = read(xml)

    assert result.problems
    assert all(problem.remedy for problem in result.problems)
    assert time.process_time() - began < 2
