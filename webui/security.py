"""What every answer carries and every request must: content security policy and headers, CSRF, session cookies, rate limits."""

from __future__ import annotations

import time
from datetime import timedelta

from flask import Flask, Response, current_app, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # data: carries symbols of the diagram's style sheet, blob: a photo before it is sent
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "manifest-src 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
SESSION_LIFE = timedelta(hours=12)
REMEMBER = "remember_token"
"""The cookie of staying signed in."""


def token_of_program() -> str:
    """Give the API token that a program came with; an empty text for browsers, and where a cookie says who is asking."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return ""
    return "" if "_user_id" in session or REMEMBER in request.cookies else given.token


csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)


def init(app: Flask, *, https_only: bool, rate_limits: bool) -> None:
    """Protect an application. ``https_only`` marks cookies as for encrypted connections only."""
    app.config.update(
        SESSION_COOKIE_NAME="propflow",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https_only,
        REMEMBER_COOKIE_NAME=REMEMBER,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=https_only,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
        SESSION_REFRESH_EACH_REQUEST=False,  # see _keep_alive
        WTF_CSRF_CHECK_DEFAULT=False,  # see _protect
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch must still go through
        WTF_CSRF_SSL_STRICT=https_only,
        RATELIMIT_ENABLED=rate_limits,
        RATELIMIT_STORAGE_URI="memory://",  # one process serves; behind several, each counts for itself
    )
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_protect)
    app.before_request(_keep_alive)
    app.after_request(_harden)


def _protect() -> None:
    """Ask each change for the token of its session, but not a program: no page of another site can make its header."""
    if current_app.config["WTF_CSRF_ENABLED"] and not token_of_program():
        csrf.protect(apply_exemptions=True)


def _keep_alive() -> None:
    """Count the life of a session from the last hour of its use: its cookie is signed anew once in an hour, not with each answer."""
    if request.endpoint == "static":
        return  # answered alike for everybody
    hour = int(time.time() // 3600)
    if session.permanent and session.get("hour") != hour:
        session["hour"] = hour


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
