"""The first gate of every diagram: a safe parse, then the OMG schemas. Meaning is left to the reader and the linter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from threading import Lock

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from engine.errors import Invalid, Problem, Text


@dataclass(frozen=True, slots=True)
class DiagramLimits:
    """Bounds of one file; each ends in a refusal that names it.

    Attributes:
        bytes: size of the file.
        xml_depth: levels of XML elements.
        elements: flow nodes and sequence flows.
        branches: sequence flows into or out of one element.
        nesting: levels of subprocesses.
        expression: characters of one expression.
        label: characters of an id or a name.
        problems: how many schema errors are told; a file that is no BPMN at all would bring thousands.
    """

    bytes: int = 10_000_000
    xml_depth: int = 200
    elements: int = 20_000
    branches: int = 2000
    nesting: int = 50
    expression: int = 10_000
    label: int = 1000
    problems: int = 100


LIMITS = DiagramLimits()
Node = etree._Element  # noqa: SLF001 - lxml's only name for the type of an element


def validate(xml: bytes, *, limits: DiagramLimits = LIMITS) -> Node:
    """Parse a diagram and check it against the OMG schemas.

    Returns:
        The root element, without comments and processing instructions.

    Raises:
        Invalid: it is too large, not XML, has a DOCTYPE, or breaks the schemas; one ``Problem`` per fault.
    """
    root = parse(xml, limits=limits)
    problems = schema_problems(root, limits=limits)
    if problems:
        raise Invalid(problems)
    return root


def parse(xml: bytes, *, limits: DiagramLimits = LIMITS) -> Node:
    """Parse untrusted XML: no entities, no DTD, no network, bounded in size and depth.

    Raises:
        Invalid: it cannot be had safely, or not at all.
    """
    if len(xml) > limits.bytes:
        raise Invalid(
            Problem(
                "line 1",
                Text("the file has {size} bytes; {limit} are allowed", size=len(xml), limit=limits.bytes),
                Text("split it into several processes that call one another"),
                rule="limit-bytes",
            )
        )
    try:
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError as error:
        raise Invalid(_syntax_problem(error, limits)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Invalid(
            Problem(
                "line 1",
                Text("the file has a DOCTYPE, which could draw in other files"),
                Text("remove the DOCTYPE and everything that it declares"),
                rule="xml-doctype",
            )
        )
    if _deeper_than(limits.xml_depth)(root):
        raise Invalid(_too_deep(limits))
    return root


def schema_problems(root: Node, *, limits: DiagramLimits = LIMITS) -> tuple[Problem, ...]:
    """List what breaks the OMG schemas, in document order; empty when nothing does."""
    validator = _validator()
    # the error log belongs to the schema, which all threads share
    with _lock:
        validator.preprocess(root)
        if validator.validator.validate(root):
            return ()
        errors = list(validator.validator.error_log)
    problems = [_schema_problem(root, error) for error in errors[: limits.problems]]
    if len(errors) > limits.problems:
        problems.append(
            Problem(
                f"line {errors[limits.problems].line}",
                Text("{count} more faults follow", count=len(errors) - limits.problems),
                Text("correct the first ones and try again"),
                rule="xml-schema",
            )
        )
    return tuple(problems)


# ---- parsing -------------------------------------------------------------------------------------------------------

_lock = Lock()


@cache
def _validator() -> BpmnValidator:
    return BpmnValidator()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


@cache
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _too_deep(limits: DiagramLimits) -> Problem:
    return Problem(
        "line 1",
        Text("the XML is nested deeper than {limit} levels", limit=limits.xml_depth),
        Text("move inner subprocesses into processes of their own and call them"),
        rule="limit-xml-depth",
    )


def _syntax_problem(error: etree.XMLSyntaxError, limits: DiagramLimits) -> Problem:
    reason = re.sub(r", line \d+, column \d+.*$", "", error.msg or "the document is empty", flags=re.DOTALL)
    if "depth" in reason:
        return _too_deep(limits)
    return Problem(
        f"line {error.lineno or 1}",
        Text("this is not well-formed XML: {reason}", reason=reason),
        Text("export the diagram again from the editor"),
        rule="xml-syntax",
    )


# ---- schema errors in plain words -----------------------------------------------------------------------------------

_NAMESPACE = re.compile(r"\{[^}\s']*[:/][^}\s']*\}")
_PREFIXED = re.compile(r"/([^/\[\]:*]+:[^/\[\]]+)")
_QUOTED = re.compile(r"'((?:[^']|'(?=\w))*)'")
_REPEATED = "the id {id} is used twice"
_ID = re.compile(r"[^\W\d][\w.-]*")
_KINDS = {
    "xs:boolean": Text("true or false"),
    "xs:integer": Text("a whole number"),
    "xs:int": Text("a whole number"),
    "xs:ID": Text("an id: it begins with a letter or _, has no spaces and occurs once in the file"),
    "xs:IDREF": Text("the id of an element of this file"),
    "xs:NCName": Text("a name without spaces and colons"),
    "xs:QName": Text("the id of an element"),
    "xs:anyURI": Text("an address"),
    "xs:double": Text("a number"),
}


def _schema_problem(root: Node, error: etree._LogEntry) -> Problem:
    message, remedy = _in_plain_words(error)
    # an id that is well formed can only be wrong because it occurs already
    is_repeated = message.template == _REPEATED
    return Problem(_where(root, error), message, remedy, rule="id-duplicate" if is_repeated else "xml-schema")


def _in_plain_words(error: etree._LogEntry) -> tuple[Text, Text]:
    said = _NAMESPACE.sub("", error.message)
    quoted = _QUOTED.findall(said)
    element = quoted[0] if quoted else ""
    kind = error.type_name
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4" and len(quoted) > 1:
        return (
            Text("{element} has no attribute {attribute}", element=element, attribute=quoted[1]),
            Text("set the attribute {attribute}", attribute=quoted[1]),
        )
    if kind in ("SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2") and len(quoted) > 1:
        return (
            Text("{element} must not have the attribute {attribute}", element=element, attribute=quoted[1]),
            Text("remove the attribute {attribute}", attribute=quoted[1]),
        )
    if kind == "SCHEMAV_CVC_ENUMERATION_VALID" and "element of the set" in said:
        allowed = said.partition("element of the set {")[2].rpartition("}")[0].replace("'", "")
        return (
            Text("{attribute} of {element} cannot be {value}", attribute=quoted[1], element=element, value=quoted[3]),
            Text("use one of: {allowed}", allowed=allowed),
        )
    if kind == "SCHEMAV_CVC_DATATYPE_VALID_1_2_1" and quoted[-1] == "xs:ID" and _ID.fullmatch(quoted[-2]):
        return Text(_REPEATED, id=quoted[-2]), Text("give each element an id of its own")
    if kind == "SCHEMAV_CVC_DATATYPE_VALID_1_2_1" and len(quoted) >= 3:
        attribute, value, wanted = quoted[1] if len(quoted) > 3 else Text("the text"), repr(quoted[-2]), quoted[-1]
        return (
            Text("{attribute} of {element} cannot be {value}", attribute=attribute, element=element, value=value),
            Text("give {kind}", kind=_KINDS.get(wanted, wanted)),
        )
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        expected = said.partition("Expected is ")[2].strip(" .").removeprefix("one of ").strip("() ")
        if "Missing child" in said:
            return (
                Text("{element} lacks something inside it", element=element),
                Text("add one of: {expected}", expected=expected),
            )
        if expected:
            return (
                Text("{element} must not stand here", element=element),
                Text("here may stand: {expected}; the order counts", expected=expected),
            )
        return Text("{element} must not stand here", element=element), Text("remove it, or put it elsewhere")
    if kind == "SCHEMAV_CVC_ELT_1":
        return (
            Text("the file is not BPMN: its outermost element is {element}", element=element),
            Text("give a BPMN 2.0 file, which begins with definitions in the BPMN namespace"),
        )
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        return Text("there is loose text inside {element}", element=element), Text("remove the text")
    return Text("{said}", said=said), Text("export the diagram again from the editor")


def _where(root: Node, error: etree._LogEntry) -> str:
    """Give the id of the innermost element that has one around the fault, else its line."""
    # a step with a prefix cannot be looked up without its namespace, which may be declared anywhere
    path = _PREFIXED.sub(r"/*[name()='\1']", error.path or "/..")
    found = root.getroottree().xpath(path)
    node = found[0] if isinstance(found, list) and found else None
    while isinstance(node, Node) and node is not root:
        if element_id := node.get("id"):
            return str(element_id)
        node = node.getparent()
    return f"line {error.line}"
