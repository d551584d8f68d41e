"""Files as the harness takes them: paths, or bytes that say themselves what they are."""

from __future__ import annotations

from pathlib import Path

from engine.bpmn.read.parts import BPMN
from engine.model.values import Resource
from engine.services import decisions, reading

KNOWN = (*reading.DIAGRAMS, *reading.FORMS, decisions.SUFFIX, ".json", ".svg")
"""Endings of file names that say what is in them; for others, the content does."""


def resource(number: int, source: str | Path | bytes) -> Resource:
    """Give a source as a file of a deployment; ``number`` names one that comes without a name."""
    if isinstance(source, bytes):
        return Resource(f"{number}{_suffix(source)}", source)
    path = Path(source)
    content = path.read_bytes()
    known = path.name.lower().endswith(KNOWN) or content.lstrip()[:1] not in (b"<", b"{")
    return Resource(path.name if known else path.name + _suffix(content), content)


def _suffix(content: bytes) -> str:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return ".form"
    if BPMN.encode() in start:
        return ".bpmn"  # which may name DMN as the language of its expressions
    return ".dmn" if b"/DMN/" in start or b"dmn" in start.partition(b">")[0].lower() else ".bpmn"
