"""Texts of a deployed process in the reader's language: they are written in Chinese, and translated by the ``.po`` files beside it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from babel.messages.pofile import PoFileError, read_po
from lxml import etree

from engine.bpmn.validate import parse
from engine.errors import NotFound
from engine.model.values import SYSTEM
from engine.services import repository
from webui.i18n.languages import language

if TYPE_CHECKING:
    from engine.services.engine import Engine

WRITTEN_IN = "zh_Hans_CN"
LABEL_WIDTH = 90  # pixels, as modellers draw them
log = logging.getLogger(__name__)

Translate = Callable[[str], str]


def translator(engine: Engine, deployment: int) -> Translate:
    """Give the function that says a text of a deployment in the language in use; what has no translation stays as written."""
    wanted = language()
    if wanted == WRITTEN_IN:
        return str
    catalogue = engine.compiled.get(("texts", deployment, wanted), lambda: _catalogue(engine, deployment, wanted))
    return lambda text: catalogue.get(text) or text


def drawing(xml: bytes, translate: Translate) -> bytes:
    """Give a diagram whose names and annotations are in the reader's language."""
    if language() == WRITTEN_IN:
        return xml
    root = parse(xml)
    for node in root.iter("{*}text"):
        node.text = translate(node.text or "")
    for node in root.iter(etree.Element):
        if node.get("name"):
            node.set("name", translate(node.get("name", "")))
    for box in root.iterfind(".//{*}BPMNLabel/{*}Bounds"):
        _widen(box)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _widen(box: etree._Element) -> None:
    """Give a label that was made for a few Chinese signs the room that words need, around the same middle."""
    width = float(box.get("width", LABEL_WIDTH))
    if width < LABEL_WIDTH:
        box.set("x", str(float(box.get("x", 0)) - (LABEL_WIDTH - width) / 2))
        box.set("width", str(LABEL_WIDTH))


def _catalogue(engine: Engine, deployment: int, wanted: str) -> Mapping[str, str]:
    try:
        files = repository.files(engine, deployment, f"{wanted}.po", actor=SYSTEM)
    except NotFound:
        return {}
    found: dict[str, str] = {}
    for file in files:
        try:
            catalogue = read_po(io.BytesIO(file.content), abort_invalid=True)
        except PoFileError as error:
            log.warning("%s of deployment %s cannot be read: %s", file.name, deployment, error)
            continue
        found |= {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
    return found
