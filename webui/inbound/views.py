"""Webhooks. Each request is signed; the signature is checked by the connector, the answer says what became of it."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from connectors.calls import Context
from connectors.ledger import webhook
from connectors.telemetry import ingest, service
from engine.errors import NotFound
from webui.context import engine, parts
from webui.security import csrf

blueprint = Blueprint("inbound", __name__)
csrf.exempt(blueprint)  # machines have no session to abuse; the signature says who they are


@blueprint.post("/hooks/telemetry/<source>/<path:topic>")
def telemetry(source: str, topic: str) -> tuple[Response, int]:
    """Take readings and alarms; the path stands for a topic. 202 once they are durable."""
    registry = parts().registry
    context = Context(engine(), registry.settings("telemetry"), registry.ports)
    if "devices" not in registry.ports:
        raise NotFound("telemetry is not set up here: there is no register of devices")
    taken = ingest.ingest(
        service.intake(context),
        source,
        topic,
        dict(request.headers),
        request.get_data(),
        secret=context.settings.secret("ingest_secret"),
    )
    return jsonify({"counts": dict(taken.counts), "announced": taken.announced}), 202


@blueprint.post("/hooks/payments/<source>")
def payments(source: str) -> tuple[Response, int]:
    """Take a payment gateway's notification; the answer says where the money went, and a repeat gets the same."""
    told = webhook.take_webhook(
        engine(),
        parts().registry.settings("ledger"),
        source=source,
        headers=dict(request.headers),
        body=request.get_data(),
    )
    return jsonify(dict(told)), 200
