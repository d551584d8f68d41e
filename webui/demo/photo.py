"""A photo for the demo: a small picture, so that forms that ask for one get one."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 320, 240


def photo() -> bytes:
    """Give a PNG: a lift's door, drawn with three greys."""
    rows = b"".join(b"\x00" + bytes(_shade(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))


def _shade(x: int, y: int) -> int:
    inside = 60 < x < WIDTH - 60 and y > 30
    if not inside:
        return 90
    return 40 if abs(x - WIDTH // 2) < 3 else 190 - y // 4


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
