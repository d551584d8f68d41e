"""What bytes are, whatever their sender calls them: only types on a short list pass."""

from __future__ import annotations

import io
import zipfile

import puremagic

from engine.errors import Invalid, Problem, Text

IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
PDF = "application/pdf"
_OFFICE_XML = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
# the names of the main streams in a compound file, as its directory writes them
_OFFICE_97 = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
EXTENSIONS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    PDF: (".pdf",),
    _OFFICE_XML["word/"]: (".docx",),
    _OFFICE_XML["xl/"]: (".xlsx",),
    _OFFICE_XML["ppt/"]: (".pptx",),
    _OFFICE_97["WordDocument"]: (".doc", ".wps"),
    _OFFICE_97["Workbook"]: (".xls", ".et"),
    _OFFICE_97["PowerPoint Document"]: (".ppt", ".dps"),
}
"""{media type: the endings that a file of it may bear, the usual one first}"""

_MAX_ENTRIES = 5000  # of an office file; a real one has some dozens


def media_type(content: bytes) -> str:
    """Give the media type of bytes.

    Raises:
        Invalid: they are none of the types that are accepted.
    """
    try:
        guesses = {guess.mime_type for guess in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        guesses = set()
    for accepted in (*sorted(IMAGES), PDF):
        if accepted in guesses and _starts_right(accepted, content):
            return accepted
    if content.startswith(b"PK\x03\x04"):
        found = _office_xml(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        found = next((type_ for name, type_ in _OFFICE_97.items() if name.encode("utf-16-le") in content), "")
    else:
        found = ""
    if not found:
        remedy = Text("send a photo (JPEG, PNG, GIF, WebP), a PDF, or a Word, Excel or PowerPoint file without macros")
        raise Invalid(Problem("file", Text("this kind of file is not accepted"), remedy))
    return found


def _starts_right(accepted: str, content: bytes) -> bool:
    # guesses may also come from the end of a file; what a browser would make of it depends on its beginning
    return content.startswith(
        {
            "image/jpeg": (b"\xff\xd8\xff",),
            "image/png": (b"\x89PNG\r\n\x1a\n",),
            "image/gif": (b"GIF87a", b"GIF89a"),
            "image/webp": (b"RIFF",),
            PDF: (b"%PDF-",),
        }[accepted]
    )


def _office_xml(content: bytes) -> str:
    """Tell the office type from the names in the archive, without unpacking anything."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    if len(names) > _MAX_ENTRIES or "[Content_Types].xml" not in names or any(name.endswith(".bin") for name in names):
        return ""  # .bin: macros and embedded objects
    return next((type_ for part, type_ in _OFFICE_XML.items() if any(name.startswith(part) for name in names)), "")
