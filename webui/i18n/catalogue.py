"""Keeps the Chinese catalogue: finds every sentence in the sources, carries translations over, compiles. Run it after a sentence changed.

    python -m webui.i18n.catalogue

Sentences are those of pages and scripts' neighbours (``gettext``), of templates (``_``), and of the engine and connectors: templates of
``Text`` and of errors.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "zh_Hans_CN" / "LC_MESSAGES"
SOURCES = ("engine", "connectors", "webui")
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false", "encoding": "utf-8"}}
ERRORS = (
    "NotFound",
    "NotAllowed",
    "IllegalTransition",
    "ConcurrentUpdate",
    "Conflict",
    "Clash",
    "LimitExceeded",
    "Invalid",
    "ConnectorError",
    "PropflowError",
    "PeriodLocked",
    "Damaged",
    "Replayed",
    "Unavailable",
)
# why something is null or stuck: after the place or the kind
REASONS = ("say", "null", "Stuck")
# one pass for what stands outside and one for what stands inside: Babel does not look into a call that it has found
PASSES: tuple[dict[str, tuple[int, ...] | None], ...] = (
    {**dict.fromkeys(("NoResult", *ERRORS), (1,)), **dict.fromkeys(REASONS, (2,))},
    dict.fromkeys(("_", "gettext", "lazy_gettext", "Text"), (1,)),
)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def sentences() -> Iterator[tuple[str, int, str]]:
    """Find every sentence: (file, line, sentence)."""
    for source, keywords in product(SOURCES, PASSES):
        found = extract_from_dir(str(ROOT / source), METHODS, OPTIONS, keywords)
        for file, line, message, _comments, _context in found:
            text = message[0] if isinstance(message, tuple) else message
            if text:
                yield f"{source}/{file}", line, text


def fresh() -> Catalog:
    """Make a catalogue of what the sources say now, without translations."""
    catalogue = Catalog(locale="zh_Hans_CN", project="propflow", fuzzy=False)
    for file, _line, text in sentences():
        catalogue.add(text, locations=[(file, 0)])
    return catalogue


def stored() -> Catalog:
    """Read the catalogue as it is kept."""
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def compiled(catalogue: Catalog) -> bytes:
    """Give a catalogue in the form that gettext reads."""
    catalogue.creation_date = catalogue.revision_date = BEGINNING  # the same sentences give the same bytes
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def update() -> list[str]:
    """Carry translations over to what the sources say now, write the catalogue, and give what is not translated."""
    catalogue, old = fresh(), stored()
    for message in catalogue:
        known = old.get(message.id) if message.id else None
        if known and known.string:
            message.string = known.string
    catalogue.mime_headers = [("Content-Type", "text/plain; charset=utf-8"), ("Language", "zh_Hans_CN")]
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False, no_location=True)
    header = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: zh_Hans_CN\\n"\n\n'
    (FOLDER / "messages.po").write_bytes(header + out.getvalue())
    (FOLDER / "messages.mo").write_bytes(compiled(stored()))
    return [str(message.id) for message in catalogue if message.id and not message.string]


if __name__ == "__main__":
    missing = update()
    for sentence in missing:
        sys.stdout.write(f"not translated: {sentence}\n")
    raise SystemExit(1 if missing else 0)
