"""``/healthz``: 200 when the database answers, 503 when it does not."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from engine.model.values import SYSTEM
from engine.services import units
from webui.context import engine

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Say whether the database answers."""
    try:
        units.select(engine(), kinds=("group",), actor=SYSTEM)
    except Exception:  # whatever it is, the answer is that this installation does not work now
        log.exception("the database does not answer")
        return jsonify({"status": "failing", "database": "unreachable"}), 503
    return jsonify({"status": "ok", "database": "ok"}), 200
