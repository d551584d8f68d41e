"""The channels to the outside: mail by SMTP, SMS by a gateway's HTTP API, group chats by the webhooks of WeCom, DingTalk and Feishu.

Source: the group robot documentation of WeCom (``/cgi-bin/webhook/send``), DingTalk (``/robot/send``, signed) and Feishu
(``/open-apis/bot/v2/hook``, signed).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import smtplib
import ssl
import time
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.fetch import Allowed, fetch
from connectors.notify.recipients import Address
from connectors.notify.store import Outbound
from connectors.settings import ConnectorSettings
from engine.errors import ConnectorError
from engine.model import json

TIMEOUT_S = 10
REPEATABLE = frozenset({"mail"})
"""Channels where a repeat is told by its id: a mail reader shows two mails with one Message-ID once."""


def is_set_up(settings: ConnectorSettings, address: Address) -> bool:
    """Whether a message to this address could go out."""
    if address.channel == "mail":
        return bool(settings["smtp_host"])
    if address.channel == "sms":
        return bool(settings["sms_url"])
    return address.address in settings["chats"]


def deliver(settings: ConnectorSettings, row: Outbound) -> None:
    """Hand a message to its channel.

    Raises:
        ConnectorError: it was not taken; says whether trying again can help, and whether it may have gone out nevertheless.
    """
    {"mail": _mail, "sms": _sms, "chat": _chat}[row.channel](settings, row)


# ---- mail -----------------------------------------------------------------------------------------------------------


def mail_of(settings: ConnectorSettings, row: Outbound) -> EmailMessage:
    """Make the mail: plain text, an id that is the same for every try."""
    mail = EmailMessage()
    sender = settings["mail_from"]
    mail["From"] = sender
    mail["To"] = formataddr((_one_line(row.name), _one_line(row.address)))
    mail["Subject"] = _one_line(row.title)
    mail["Date"] = formatdate(row.created_at.timestamp())
    mail["Message-ID"] = f"<{row.key}@{sender.rpartition('@')[2].strip('> ') or 'propflow'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(row.body)
    return mail


def _mail(settings: ConnectorSettings, row: Outbound) -> None:
    host, port, security = settings["smtp_host"], settings["smtp_port"], settings["smtp_security"]
    context = ssl.create_default_context()
    try:
        if security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        with server:
            if security == "starttls":
                server.starttls(context=context)
            if settings["smtp_user"]:
                server.login(settings["smtp_user"], settings.secret("smtp_password"))
            server.send_message(mail_of(settings, row))
    except smtplib.SMTPAuthenticationError as error:
        raise ConnectorError("the mail server refuses our login", permanent=True) from error
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise ConnectorError(
            "the mail server refuses the recipient ({code})", code=code, permanent=code >= 500
        ) from error
    except smtplib.SMTPResponseException as error:
        raise ConnectorError(
            "the mail server answered {code}", code=error.smtp_code, permanent=error.smtp_code >= 500
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ConnectorError(
            "the mail server {host} cannot be reached: {reason}", host=host, reason=str(error)
        ) from error


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ---- SMS ------------------------------------------------------------------------------------------------------------


def _sms(settings: ConnectorSettings, row: Outbound) -> None:
    body = {
        "id": str(row.key),
        "phone": row.address,
        "text": f"{row.title}\n{row.body}",
        "signature": settings["sms_signature"],
    }
    headers = {"Idempotency-Key": str(row.key)}
    if settings.has_secret("sms_token"):
        headers["Authorization"] = f"Bearer {settings.secret('sms_token')}"
    _post(settings, settings["sms_url"], body, headers)


# ---- group chats ----------------------------------------------------------------------------------------------------


def _chat(settings: ConnectorSettings, row: Outbound) -> None:
    """Post to a group chat. ``chats`` names them: ``repair=wecom:https://...``; secrets of signed robots are in ``chat_secrets``."""
    kind, _, url = settings["chats"].get(row.address, "").partition(":")
    if kind not in CHATS:
        raise ConnectorError("the chat {name} is not set up", name=row.address, permanent=True)
    secrets = json.loads(settings.secret("chat_secrets") or "{}")
    url, body = CHATS[kind](url, f"{row.title}\n{row.body}", str(secrets.get(row.address, "")), int(time.time()))
    answer = _post(settings, url, body, {})
    code = answer.get("errcode", answer.get("code", answer.get("StatusCode", 0)))
    if code != 0:
        said = str(answer.get("errmsg") or answer.get("msg") or "")[:200]
        raise ConnectorError(
            "the chat {name} refuses ({code}): {said}", name=row.address, code=code, said=said, permanent=True
        )


def wecom(url: str, text: str, _secret: str, _now: int) -> tuple[str, Mapping[str, Any]]:
    """Make what a WeCom group robot takes; its key is in the URL."""
    return url, {"msgtype": "text", "text": {"content": text}}


def dingtalk(url: str, text: str, secret: str, now: int) -> tuple[str, Mapping[str, Any]]:
    """Make what a DingTalk group robot takes; a signed one wants milliseconds and the signature in the URL."""
    if secret:
        stamp = f"{now * 1000}"
        sign = base64.b64encode(hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest())
        url = f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote(sign, safe='')}"
    return url, {"msgtype": "text", "text": {"content": text}}


def feishu(url: str, text: str, secret: str, now: int) -> tuple[str, Mapping[str, Any]]:
    """Make what a Feishu group robot takes; a signed one wants seconds and the signature in the body."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret:
        sign = base64.b64encode(hmac.new(f"{now}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()
        body |= {"timestamp": str(now), "sign": sign}
    return url, body


CHATS: Mapping[str, Callable[[str, str, str, int], tuple[str, Mapping[str, Any]]]] = {
    "wecom": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
}


def _post(
    settings: ConnectorSettings, url: str, body: Mapping[str, Any], headers: Mapping[str, str]
) -> Mapping[str, Any]:
    split = urlsplit(url)
    # an administrator entered the address, which lists it; private networks are listed apart
    allowed = Allowed((f"{split.scheme}://{split.netloc}",), tuple(settings["networks"]))
    content = {"Content-Type": "application/json; charset=utf-8", **headers}
    answer = fetch(allowed, "POST", url, headers=content, body=json.dumps(body).encode())
    try:
        read = json.loads(answer.body) if answer.body.strip() else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
