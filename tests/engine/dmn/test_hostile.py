"""Damaged and absurd files: refused with a sentence, or loaded and evaluated; never another exception."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine import dmn
from engine.dmn.check import check
from engine.errors import Invalid, LimitExceeded
from tests.engine.dmn.files import decision, input_data, literal, model, table

SAMPLE = model(
    '<import namespace="http://example.com/other" name="other" importType="DMN"/>',
    '<itemDefinition name="tKind"><typeRef>string</typeRef>'
    '<allowedValues><text>"a","b"</text></allowedValues></itemDefinition>',
    '<itemDefinition name="tBox"><itemComponent name="size"><typeRef>number</typeRef></itemComponent></itemDefinition>',
    input_data("kind", "tKind"),
    input_data("amount", "number"),
    decision(
        "fee",
        table(
            "PRIORITY",
            [("kind", '"a","b"'), "amount"],
            [("level", '"high","low"', '"low"')],
            ['"a"', "> 3", '"high"'],
            ["-", "[1..5)", '"low"'],
        ),
        needs=["input:kind", "input:amount"],
    ),
    decision(
        "total",
        "<context><contextEntry><variable name='x' typeRef='number'/>"
        + literal("amount + 1")
        + "</contextEntry><contextEntry>"
        + f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('item > x')}</match></filter>"
        + "</contextEntry></context>",
        needs=["decision:fee", "input:amount"],
        knows=["twice"],
    ),
    '<businessKnowledgeModel id="twice" name="twice"><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    + literal("n * 2")
    + "</encapsulatedLogic></businessKnowledgeModel>",
    '<decisionService id="s" name="s"><outputDecision href="#total"/>'
    '<inputDecision href="#fee"/><inputData href="#amount"/></decisionService>',
)
VALUES = [
    "",
    "x",
    "#fee",
    "#total",
    "#twice",
    "#s",
    "tKind",
    "tBox",
    "number",
    "COLLECT",
    "ANY",
    "SUM",
    "-1",
    "é" * 50,
    "a.b",
    "[1..2",
    "= 3",
]


def damaged(seed):
    """Damage the sample: drop, repeat, move and rename elements, and change attributes and texts."""
    chance = random.Random(seed)
    root = etree.fromstring(SAMPLE)
    for _ in range(chance.randint(1, 4)):
        elements = [element for element in root.iter() if element is not root]
        victim = chance.choice(elements)
        match chance.randrange(6):
            case 0:
                victim.getparent().remove(victim)
            case 1:
                victim.addnext(etree.fromstring(etree.tostring(victim)))
            case 2:
                other = chance.choice(elements)
                if victim not in other.iterancestors() and other is not victim:
                    other.append(victim)
            case 3:
                victim.tag = chance.choice(elements).tag
            case 4 if victim.attrib:
                victim.set(chance.choice(list(victim.attrib)), chance.choice(VALUES))
            case _:
                victim.text = chance.choice(VALUES)
    return etree.tostring(root)


def use(content):
    try:
        decisions = dmn.load(content)
        check(decisions)
        for listed in decisions.decisions:
            decisions.inputs(listed.id)
            for context in ({}, {"kind": "a", "amount": 4}, {"kind": [], "amount": {"x": None}}):
                decisions.evaluate(listed.id, context)
                decisions.explain(listed.id, context).as_json()
    except (Invalid, LimitExceeded) as error:
        assert str(error)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**9))
def test_a_damaged_file_is_refused_or_works(seed):
    use(damaged(seed))


@pytest.mark.long
@settings(deadline=None, max_examples=5000)
@given(st.integers(0, 10**9))
def test_thousands_of_damaged_files_are_refused_or_work(seed):
    use(damaged(seed))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200) | st.tuples(st.integers(0, len(SAMPLE)), st.binary(max_size=5)))
def test_any_bytes_are_refused_or_work(content):
    if isinstance(content, tuple):
        at, inserted = content
        content = SAMPLE[:at] + inserted + SAMPLE[at:]
    use(content)
