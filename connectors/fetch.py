"""One HTTP request to a system on a list: no redirects, no private addresses unless listed, bounded in time and size.

The name is resolved once and the connection goes to the address that was checked, so that a name which changes its mind in between
(DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from engine.errors import ConnectorError

TIMEOUT_S = 10.0
MAX_BYTES = 1024 * 1024
PASSING = frozenset({408, 425, 429})
"""Refusals that may pass; every other 4xx is for good."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where requests may go.

    Attributes:
        origins: ``https://api.example.com`` or ``http://127.0.0.1:8080``; ``https://*.example.com`` for every name beneath.
        networks: private addresses that may be reached nevertheless: ``10.1.2.0/24`` or ``127.0.0.1``.
    """

    origins: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    def check_origin(self, url: SplitResult) -> None:
        """Refuse a URL whose origin is not listed.

        Raises:
            ConnectorError: it is not, or the URL is none.
        """
        if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
            raise ConnectorError("{url} is not a http(s) address", url=url.geturl()[:200], permanent=True)
        if not any(_same_origin(url, urlsplit(origin)) for origin in self.origins):
            template = "{origin} is not on the list of systems that may be called; an administrator can add it"
            raise ConnectorError(template, origin=f"{url.scheme}://{url.netloc}"[:200], permanent=True)

    def check_address(self, address: str) -> None:
        """Refuse an address that is not public and not listed.

        Raises:
            ConnectorError: it is refused.
        """
        ip = ipaddress.ip_address(address)
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if ip.is_global and not ip.is_multicast:
            return
        if not any(ip in ipaddress.ip_network(network) for network in self.networks):
            raise ConnectorError(
                "the address {address} is private; list it to allow it", address=str(ip), permanent=True
            )


def _same_origin(url: SplitResult, listed: SplitResult) -> bool:
    if url.scheme != listed.scheme or _port(url) != _port(listed):
        return False
    host, allowed = (url.hostname or "").lower(), (listed.hostname or "").lower()
    return host.endswith(allowed[1:]) and host != allowed[2:] if allowed.startswith("*.") else host == allowed


def _port(url: SplitResult) -> int:
    try:
        return url.port or (443 if url.scheme == "https" else 80)
    except ValueError as error:
        raise ConnectorError("{url} has no valid port", url=url.geturl()[:200], permanent=True) from error


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``headers`` have small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    allowed: Allowed,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout_s: float = TIMEOUT_S,
) -> Response:
    """Send a request; give the answer if its status is 2xx.

    Raises:
        ConnectorError: permanent for a refusal of ours or theirs (4xx), passing for 5xx and what did not get through, uncertain when
            the request went out and no whole answer came back.
    """
    split = urlsplit(url)
    allowed.check_origin(split)
    deadline = time.monotonic() + timeout_s
    connection = _connect(allowed, split, deadline)
    try:
        return _exchange(connection, method, split, dict(headers or {}), body, deadline)
    finally:
        connection.close()


def _connect(allowed: Allowed, url: SplitResult, deadline: float) -> http.client.HTTPConnection:
    host, port = url.hostname or "", _port(url)
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    except (OSError, UnicodeError) as error:
        raise ConnectorError("the name {host} cannot be resolved", host=host) from error
    allowed.check_address(str(address))
    try:
        raw = socket.create_connection((str(address), port), timeout=_left(deadline))
        if url.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except ssl.SSLError as error:
        raise ConnectorError(
            "{host} cannot be trusted: {reason}", host=host, reason=str(error.reason or error)
        ) from error
    except OSError as error:
        raise ConnectorError("{host} cannot be reached: {reason}", host=host, reason=str(error)) from error
    connection = http.client.HTTPConnection(host, port)
    connection.sock = raw
    return connection


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    url: SplitResult,
    headers: dict[str, str],
    body: bytes,
    deadline: float,
) -> Response:
    host = connection.host
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        connection.request(
            method, target, body=body or None, headers={"Accept-Encoding": "identity", "Connection": "close", **headers}
        )
        with connection.getresponse() as answer:
            content = _read(connection, answer, deadline)
    except (ValueError, http.client.InvalidURL) as error:
        raise ConnectorError("the request is malformed: {reason}", reason=str(error), permanent=True) from error
    except (OSError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise ConnectorError(
            "no answer came from {host}: {reason}", host=host, reason=reason, uncertain=True
        ) from error
    status = answer.status
    if 200 <= status < 300:
        return Response(status, {name.lower(): value for name, value in answer.getheaders()}, content)
    said = content[:300].decode("utf-8", "replace")
    permanent = status < 500 and status not in PASSING
    raise ConnectorError("{host} answered {status}: {said}", host=host, status=status, said=said, permanent=permanent)


def _read(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        if connection.sock is not None:
            connection.sock.settimeout(_left(deadline))
        part = answer.read1(65536)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > MAX_BYTES:
            raise ConnectorError(
                "{host} sent more than {limit} bytes", host=connection.host, limit=MAX_BYTES, permanent=True
            )
        parts.append(part)
        _left(deadline)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
