"""The composition root: an application out of an engine, the connectors and the settings."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from connectors.registry import Registry
from engine.services.engine import Engine
from webui import errors, layout, security
from webui.accounts import visitor
from webui.context import KEY, Parts
from webui.directory import Directory
from webui.i18n import languages
from webui.settings import Settings

FEATURES = (
    "accounts",
    "absences",
    "tasks",
    "handing",
    "start",
    "instances",
    "steering",
    "batches",
    "drafts",
    "devices",
    "upkeep",
    "rules",
    "notices",
    "files",
    "public",
    "outbox",
    "inbound",
    "health",
)
YEAR_S = 365 * 24 * 3600


def create_app(engine: Engine, registry: Registry, settings: Settings) -> Flask:
    """Put the web application together. Opens nothing and starts nothing; who calls serves it."""
    app = Flask("webui", root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_max_bytes + 100_000,  # the fields around a file
        MAX_FORM_MEMORY_SIZE=2_000_000,
        SEND_FILE_MAX_AGE_DEFAULT=YEAR_S,  # addresses of built files change with their content
    )
    app.extensions[KEY] = Parts(engine, registry, settings, Directory(engine))
    security.init(app, https_only=settings.https_only, rate_limits=settings.rate_limits)
    languages.init(app, settings.timezone)
    visitor.init(app)
    layout.init(app, organisation=settings.organisation)
    errors.init(app)
    for feature in FEATURES:
        app.register_blueprint(import_module(f"webui.{feature}.views").blueprint)
    app.after_request(_keep_built_files)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask says
    return app


def _keep_built_files(response: Response) -> Response:
    if response.cache_control.max_age == YEAR_S:
        response.cache_control.immutable = True
    return response
