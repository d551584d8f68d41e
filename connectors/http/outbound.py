"""The job types of REST calls. The idempotency key travels as ``Idempotency-Key``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.calls import JobCall
from connectors.fetch import Allowed, fetch
from engine.errors import ConnectorError
from engine.model import json

METHODS = ("POST", "PUT", "PATCH", "DELETE")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "authorization"})
"""Headers that a diagram may not set."""


def get(call: JobCall) -> Mapping[str, Any]:
    """Read ``url``; give ``response`` with ``status`` and ``body`` (JSON, or a text). ``credential`` names an authorization."""
    return _send(call, "GET")


def request(call: JobCall) -> Mapping[str, Any]:
    """Send ``body`` as JSON to ``url`` with ``method`` (default POST); give ``response`` as ``get`` does."""
    method = str(call.variables.get("method") or "POST").upper()
    if method not in METHODS:
        raise ConnectorError(
            "the method {method} is not one of {methods}",
            method=method[:20],
            methods=", ".join(METHODS),
            permanent=True,
        )
    return _send(call, method)


def _send(call: JobCall, method: str) -> Mapping[str, Any]:
    settings = call.settings
    allowed = Allowed(tuple(settings["origins"]), tuple(settings["networks"]))
    headers = {"Accept": "application/json", **_given_headers(call)}
    body = b""
    if method != "GET" and "body" in call.variables:
        body = json.dumps(call.variables["body"]).encode()
        headers["Content-Type"] = "application/json"
    if method != "GET":
        headers["Idempotency-Key"] = call.key
    credential = call.variables.get("credential")
    if credential:
        headers["Authorization"] = _credential(call, str(credential))
    answer = fetch(allowed, method, str(call.variables.get("url") or ""), headers=headers, body=body)
    return {"response": {"status": answer.status, "body": _body(answer.body)}}


def _given_headers(call: JobCall) -> dict[str, str]:
    given = call.variables.get("headers") or {}
    if not isinstance(given, Mapping):
        raise ConnectorError("headers must be a context of texts", permanent=True)
    for name, value in given.items():
        bad = (
            not _HEADER.fullmatch(name) or name.lower() in OURS or not isinstance(value, str) or not value.isprintable()
        )
        if bad:
            raise ConnectorError("the header {name} cannot be set by a diagram", name=name[:60], permanent=True)
    return dict(given)


def _credential(call: JobCall, name: str) -> str:
    try:
        known = json.loads(call.settings.secret("credentials") or "{}")
        return str(known[name])
    except (ValueError, KeyError, TypeError):
        # the error itself could quote the secret
        raise ConnectorError("there is no credential {name}", name=name[:60], permanent=True) from None


def _body(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
