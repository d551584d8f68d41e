"""Where somebody is: a position near a place that the server knows, or the code on a door or a device.

Source: RFC 5870 (``geo:`` URIs) for what a browser sends of a position.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from engine.errors import Text
from engine.feel import Expression
from engine.forms.field import Check, Refused, Scene
from engine.forms.text import check_text
from engine.model.json import Json

EARTH_M = 6_371_009
"""The mean radius of the earth in metres."""

MAX_CODE = 64
_MAX_SCANNED = 500  # the address in a code that carries one
_GEO = re.compile(
    r"geo:(-?\d{1,2}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)(?:;crs=wgs84)?(?:;u=(\d{1,7}(?:\.\d{1,9})?))?"
)


def position(near: Expression | None, within_m: int) -> Check:
    """Give the check of a position: ``geo:31.2304,121.4737;u=15``, the uncertainty ``u`` in metres.

    Accepted as ``{"latitude", "longitude", "accuracy_m", "distance_m"}``, degrees of WGS 84 and whole metres.

    Args:
        near: gives where one must be, a context with ``latitude`` and ``longitude``; None for anywhere.
        within_m: how far away one may be; a position that is less exact than this says nothing.
    """

    def check(value: Any, scene: Scene) -> dict[str, Json]:
        found = _GEO.fullmatch(check_text(value, 120))
        here = _degrees(found[1], found[2]) if found else None
        if found is None or here is None:
            raise Refused(Text("Take your position again"))
        accuracy = round(Decimal(found[3] or 0))
        if accuracy > within_m:
            raise Refused(
                Text(
                    "Your position is exact to {accuracy} m only; step outside and try again, or use the code",
                    accuracy=accuracy,
                )
            )
        accepted: dict[str, Json] = {"latitude": here[0], "longitude": here[1], "accuracy_m": accuracy}
        if near is None:
            return accepted
        there = _place(scene.ask(near))
        if there is None:
            raise Refused(Text("The position of this place is not known; use the code"))
        away = distance_m(here, there)
        if away > within_m:
            raise Refused(
                Text("You are {distance} m away; come within {limit} m or use the code", distance=away, limit=within_m)
            )
        return {**accepted, "distance_m": away}

    return check


def _degrees(latitude: Any, longitude: Any) -> tuple[Decimal, Decimal] | None:
    here = Decimal(latitude), Decimal(longitude)
    return here if abs(here[0]) <= 90 and abs(here[1]) <= 180 else None


def _place(found: Json) -> tuple[Decimal, Decimal] | None:
    """Give the position that a context says, if it says one."""
    if not isinstance(found, Mapping):
        return None
    latitude, longitude = found.get("latitude"), found.get("longitude")
    if not isinstance(latitude, int | Decimal) or not isinstance(longitude, int | Decimal):
        return None
    return _degrees(latitude, longitude)


def distance_m(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> int:
    """Give how far two positions (latitude, longitude in degrees) are apart on a sphere, in whole metres.

    Source: the haversine formula; against an ellipsoid it is wrong by up to 0.5 %, 1 m in 200.
    """
    (south, west), (north, east) = ((radians(a), radians(b)) for a, b in (one, other))
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(half))))


def code(codes: Expression | None) -> Check:
    """Give the check of a code that was scanned or typed; accepted as the list has it.

    A code may carry an address with the code in it, such as ``https://.../report?device_code=PUMP-01``.

    Args:
        codes: gives the codes that are right there; while it gives none, any code is.
    """

    def check(value: Any, scene: Scene) -> str:
        scanned = check_text(value, _MAX_SCANNED).strip()
        known = scene.ask(codes) if codes is not None else None
        right = {each.casefold(): each for each in known if isinstance(each, str)} if isinstance(known, list) else {}
        for candidate in _candidates(scanned):
            if candidate.casefold() in right or not right:
                return check_text(right.get(candidate.casefold(), candidate), MAX_CODE)
        raise Refused(Text("This is the code of something else; scan the one at the place where the work is"))

    return check


def _candidates(scanned: str) -> Iterator[str]:
    """Give what may be the code in a text, the likeliest first: what an address says last, else the text itself."""
    try:
        address = urlsplit(scanned)
    except ValueError:  # brackets that are no host
        address = urlsplit("")
    if address.scheme in ("http", "https"):
        yield from (said.strip() for _, said in reversed(parse_qsl(address.query)))
        if last := address.path.rpartition("/")[2]:
            yield last
    yield scanned
