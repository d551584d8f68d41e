"""Somebody at the product's own doors: a browser without a screen. Signs in, reads pages, fills in their forms, sends files.

Knows nothing of the database; what it can do, anybody with the same login or link can do.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

from lxml import html

from engine.errors import PropflowError

TIMEOUT_S = 30


class Refused(PropflowError):
    """A door did not open: the server said no, or a page was not what it should be."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was answered."""

    url: str
    text: str

    @property
    def tree(self) -> Any:
        """The page, to look things up in."""
        return html.fromstring(self.text)

    @property
    def title(self) -> str:
        """What stands at the top of it."""
        found = self.tree.xpath("//h1")
        return found[0].text_content().strip() if found else ""

    @property
    def chip(self) -> str:
        """The state that stands beside the title, in words."""
        found = self.tree.xpath("//article/header/*[contains(@class, 'chip')]")
        return found[0].text_content().strip() if found else ""

    @property
    def has_form(self) -> bool:
        """Whether there is anything to fill in."""
        return bool(self.tree.xpath("//*[@data-form and @data-action]"))

    @property
    def token(self) -> str:
        """The token that every form of the page carries along.

        Raises:
            Refused: it has none.
        """
        found = self.tree.xpath('//meta[@name="csrf-token"]/@content')
        if not found:
            raise Refused("{url} has no CSRF token", url=self.url)
        return str(found[0])

    def links(self, beginning: str) -> list[str]:
        """Give the addresses on the page that begin with a path, in their order."""
        return [str(href) for href in self.tree.xpath("//a/@href") if str(href).startswith(beginning)]

    def form(self) -> FormOnPage:
        """Give the form of the page.

        Raises:
            Refused: there is none to fill in.
        """
        found = self.tree.xpath("//*[@data-form and @data-action]")
        if not found:
            raise Refused("{url} has no form", url=self.url)
        holder = found[0]
        payload = holder.xpath('./script[@type="application/json"]/text()')
        told = json.loads(payload[0]) if payload else {"schema": {}, "data": {}}
        fields = frozenset(_keys(told["schema"] or {}))
        return FormOnPage(
            self, holder.get("data-action"), holder.get("data-upload") or "", holder.get("data-command"), fields
        )


@dataclass(frozen=True, slots=True)
class FormOnPage:
    """A form on a page. ``fields`` are the keys that it asks for."""

    page: Page
    action: str
    upload: str
    command: str
    fields: frozenset[str]


def _keys(schema: Mapping[str, Any]) -> list[str]:
    found = []
    for component in schema.get("components") or ():
        found += [component["key"]] if component.get("key") else []
        found += _keys(component)
    return found


class Visitor:
    """One person with one browser.

    Args:
        address: of the server.
        language: ``zh`` or ``en``.
    """

    def __init__(self, address: str, *, language: str = "zh") -> None:
        if not address.startswith(("http://", "https://")):
            raise Refused("{address} is no address of a server", address=address)
        self._address = address
        # no proxy: what is asked for is on this machine, or named by whoever asked
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
        self._headers = {"Accept-Language": "zh-CN" if language == "zh" else "en"}

    def sign_in(self, login: str, password: str) -> None:
        """Sign in by the form.

        Raises:
            Refused: the login or the password is wrong.
        """
        token = self.get("/sign-in").token
        form = {"csrf_token": token, "login": login, "password": password}
        page = self._page(self._open("/sign-in", urlencode(form).encode()))
        if page.url.endswith("/sign-in"):
            raise Refused("{login} may not sign in", login=login)

    def get(self, path: str) -> Page:
        """Open a page.

        Raises:
            Refused: the server does not give it.
        """
        return self._page(self._open(path))

    def press(self, path: str, token: str) -> Page:
        """Press a button that asks nothing, such as to claim a task."""
        return self._page(self._open(path, urlencode({"csrf_token": token}).encode()))

    def submit(self, form: FormOnPage, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a form as the page's script does; give the answer.

        Raises:
            Refused: a field is not the form's, or the server refuses the values.
        """
        strange = sorted(set(values) - form.fields)
        if strange:
            raise Refused("the form at {url} does not ask for {fields}", url=form.page.url, fields=", ".join(strange))
        body = json.dumps({"values": dict(values), "command_id": form.command}).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": form.page.token, "Referer": form.page.url}
        with self._open(form.action, body, headers) as answer:
            told: Mapping[str, Any] = json.load(answer)
        return told

    def send_photo(self, form: FormOnPage, name: str, content: bytes) -> list[Mapping[str, Any]]:
        """Send a photo to where the form wants its files; give what its field holds then."""
        edge = secrets.token_hex(16)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "X-CSRFToken": form.page.token,
            "Referer": form.page.url,
        }
        with self._open(form.upload, body, headers) as answer:
            return [json.load(answer)]

    def _open(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        url = urljoin(self._address + "/", path)
        request = Request(url, body, {**self._headers, **(headers or {})})  # noqa: S310 - its scheme is checked at the start
        try:
            answer: HTTPResponse = self._opener.open(request, timeout=TIMEOUT_S)
        except HTTPError as error:
            with error:
                said = error.read().decode("utf-8", "replace")
            raise Refused(
                "{method} {url}: {status} {said}",
                method=request.get_method(),
                url=request.full_url,
                status=error.code,
                said=_gist(said),
            ) from error
        except OSError as error:
            raise Refused("{url} does not answer: {reason}", url=request.full_url, reason=str(error)) from error
        return answer

    @staticmethod
    def _page(answer: HTTPResponse) -> Page:
        with answer:
            return Page(answer.url, answer.read().decode("utf-8"))


def _gist(said: str) -> str:
    """Give the sentence of an answer that says what is wrong."""
    if said.startswith("<") or "<html" in said[:200]:
        main: Any = html.fromstring(said).find(".//main")
        said = " ".join(main.text_content().split()) if main is not None else said
    return said[:500]
