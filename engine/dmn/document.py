"""A DMN file as an XML tree that is safe to walk. What its elements mean is the reader's business."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.errors import Invalid, LimitExceeded, Problem, Text

MAX_BYTES = 10_000_000
MAX_DEPTH = 200

VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}

_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY")


def parse(content: bytes) -> etree._Element:
    """Parse a file and give its ``definitions`` element.

    Raises:
        Invalid: it is no XML, has a DOCTYPE, is nested too deeply, or is not DMN 1.1 to 1.5.
        LimitExceeded: it is larger than ``MAX_BYTES``.
    """
    if len(content) > MAX_BYTES:
        raise LimitExceeded("the file is larger than {limit} bytes", limit=MAX_BYTES)
    # UTF-16 would hide a DOCTYPE from a search in bytes, so only encodings that contain ASCII are let in.
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content:
        raise Invalid(Problem("line 1", Text("the file is not UTF-8"), Text("save it as UTF-8")))
    if _DOCTYPE.search(content):
        raise Invalid(Problem("line 1", Text("the file has a DOCTYPE, which is not allowed"), Text("remove it")))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise Invalid(
            Problem(
                Text("line {line}", line=line), Text("the file is not XML: {reason}", reason=error.msg or "it is empty")
            )
        ) from error
    _check_depth(root)
    if tag(root) != "definitions" or etree.QName(root).namespace not in VERSIONS:
        raise Invalid(
            Problem(
                Text("line {line}", line=root.sourceline or 1),
                Text("the file is not a DMN model: its root is {root}", root=str(root.tag)[:200]),
                Text("use a file of DMN 1.1 to 1.5"),
            )
        )
    return root


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise LimitExceeded("the file is nested deeper than {limit} levels", limit=MAX_DEPTH)


def tag(element: etree._Element) -> str:
    """Give the name of an element without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Walk the child elements of DMN that have one of these names; without names, all of them."""
    space = etree.QName(element).namespace
    for child in element:
        if isinstance(child.tag, str):
            name = etree.QName(child)
            if name.namespace == space and (not names or name.localname in names):
                yield child


def child(element: etree._Element, *names: str) -> etree._Element | None:
    """Give the first such child, if there is one."""
    return next(children(element, *names), None)


def text(element: etree._Element | None) -> str:
    """Give the text inside an element's ``text`` child, stripped; empty where there is none."""
    inner = None if element is None else child(element, "text")
    return "" if inner is None else "".join(map(str, inner.itertext())).strip()


def words(value: str) -> str:
    """Give a name with every run of white space as one space."""
    return " ".join(value.split())


def place(element: etree._Element) -> str:
    """Say where an element is: its id, else its line."""
    return element.get("id") or Text("line {line}", line=element.sourceline)
