"""The real application on the cast's company, with a small process, and a browser's worth of helpers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

import engine.store.schema  # noqa: F401 - the company of the tests gets every table
from connectors.registry import Registry
from engine.model.values import SYSTEM, Resource
from engine.services import repository
from engine.store.blobs import FolderFiles
from tests import people
from webui.app import create_app
from webui.settings import Settings

HERE = Path(__file__).parent
FILES = ("visit.bpmn", "ask.form", "look.form", "en.po")


@pytest.fixture
def desk(office: people.Office, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """The company with the visit process deployed, and its web application."""
    engine = dataclasses.replace(office.engine, files=FolderFiles(tmp_path / "files"))
    office = dataclasses.replace(office, engine=engine)
    resources = [Resource(name, (HERE / name).read_bytes()) for name in FILES]
    repository.deploy(engine, resources, actor=SYSTEM)
    settings = Settings(data_dir=tmp_path, database_url="sqlite://", secret_key="k" * 48, rate_limits=False)
    app = create_app(engine, Registry(), settings)
    app.testing = False  # errors are answered, as in production
    yield SimpleNamespace(app=app, engine=engine, office=office)


class Browser:
    """Somebody at a browser: keeps cookies, carries the CSRF token along, signs in."""

    def __init__(self, client: FlaskClient, *, language: str = "en") -> None:
        self.client = client
        self.client.set_cookie("language", "zh_Hans_CN" if language == "zh" else "en")

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def token(self, path: str = "/sign-in") -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get(path, follow_redirects=True).text)
        assert found, f"{path} has no CSRF token"
        return found[1]

    def post(self, path: str, data: Any = None, *, json: Any = None, headers: Any = None) -> Any:
        carried = {"X-CSRFToken": self.token("/sign-in"), "Referer": "http://localhost/"}
        return self.client.post(path, data=data, json=json, headers={**carried, **(headers or {})})

    def sign_in(self, login: str, password: str = people.PASSWORD) -> Browser:
        answer = self.post("/sign-in", {"login": login, "password": password})
        assert answer.status_code == 302, answer.text
        return self


@pytest.fixture
def browser(desk: SimpleNamespace) -> Any:
    """Open a browser: ``browser("alice")`` has signed in, ``browser()`` has not."""

    def open_one(login: str = "", *, language: str = "en") -> Browser:
        opened = Browser(desk.app.test_client(), language=language)
        return opened.sign_in(login) if login else opened

    return open_one


@pytest.fixture
def visit(browser: Any) -> Any:
    """Start a visit as Alice; gives the key of the instance."""

    def start(**values: Any) -> str:
        asked = {"project": "yunting", "name": "张丽华", "desc": "厨房漏水，滴到楼下", **values}
        answer = browser("alice").post("/start/visit", json={"values": asked})
        assert answer.status_code == 201, answer.text
        return str(answer.json["next"].rpartition("/")[2])

    return start
