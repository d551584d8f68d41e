"""The real application on the cast's company, with a small process, and a browser's worth of helpers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import connectors.schema  # noqa: F401 - the company of the tests gets every table
import engine.store.schema  # noqa: F401 - as above
from connectors.executor import Executor
from connectors.register.store import devices
from connectors.registry import Registry
from connectors.webhooks.signature import sign
from engine.model import json
from engine.model.ports import FakeClock
from engine.model.values import SYSTEM, Resource
from engine.services import repository
from engine.services.engine import Compiled, Engine
from engine.store.blobs import FolderFiles
from engine.store.database import Store
from tests import people
from webui.app import create_app
from webui.compose import supply
from webui.context import KEY, Parts
from webui.directory import Directory
from webui.security import limiter
from webui.settings import Settings
from webui.tasks.live import Live
from webui.tasks.views import LIVE

SECRET = "what devices and the payment gateway sign with"
HERE = Path(__file__).parent
FILES = (
    "visit.bpmn",
    "process.toml",
    "en.po",
    "ask.form",
    "look.form",
    "rate.form",
    "urge.form",
    "reopen.form",
)


@pytest.fixture(scope="session")
def deployed(company: tuple[bytes, people.Office]) -> tuple[bytes, people.Office, Compiled]:
    """The company with the visit process deployed, once: the bytes of the database, who is in it, and what was compiled."""
    content, office = company
    store = opened(content)
    engine = Engine(store, FakeClock())
    repository.deploy(engine, [Resource(name, (HERE / name).read_bytes()) for name in FILES], actor=SYSTEM)
    with store.engine.connect() as connection:
        content = connection.connection.driver_connection.serialize()
    store.close()
    return content, office, engine.compiled


def opened(content: bytes) -> Store:
    """A database in memory with this content."""
    store = Store("sqlite://", clock=FakeClock())
    with store.engine.connect() as connection:
        connection.rollback()
        connection.connection.driver_connection.deserialize(content)
    return store


@pytest.fixture(scope="session")
def application() -> Flask:
    """The web application without a database, once: its routes and templates take longer to make than most tests to run."""
    registry = Registry(configured={"telemetry": {"ingest_secret": SECRET}, "ledger": {"gateway_secret": SECRET}})
    nowhere = Engine(Store("sqlite://", clock=FakeClock()), FakeClock())
    settings = Settings(data_dir=Path(), database_url="sqlite://", secret_key="k" * 48, rate_limits=False)
    app = create_app(nowhere, registry, settings)
    app.testing = False  # errors are answered, as in production
    return app


@pytest.fixture
def desk(
    application: Flask, deployed: tuple[bytes, people.Office, Compiled], tmp_path: Path
) -> Iterator[SimpleNamespace]:
    """The company with the visit process deployed, in a database file of its own, and the web application on it."""
    content, office, compiled = deployed
    (tmp_path / "propflow.db").write_bytes(content)
    clock = FakeClock()
    store = Store(f"sqlite:///{tmp_path / 'propflow.db'}", clock=clock)
    engine = Engine(store, clock, files=FolderFiles(tmp_path / "files"), compiled=compiled)
    before = application.extensions[KEY]
    settings = dataclasses.replace(before.settings, data_dir=tmp_path)
    supply(before.registry, engine)
    application.extensions |= {KEY: Parts(engine, before.registry, settings, Directory(engine)), LIVE: Live()}
    limiter.enabled = settings.rate_limits  # it is of the module: the last application that was made has its say
    executor = Executor(engine, before.registry)
    office = dataclasses.replace(office, engine=engine)
    yield SimpleNamespace(app=application, engine=engine, office=office, executor=executor)
    store.close()


class Browser:
    """Somebody at a browser: keeps cookies, carries the CSRF token along, signs in."""

    def __init__(self, client: FlaskClient, *, language: str = "en") -> None:
        self.client = client
        self._token = ""
        self._signed_in = False
        self.client.set_cookie("language", "zh_Hans_CN" if language == "zh" else "en")

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def token(self) -> str:
        """The CSRF token of the session, out of a page, as the script takes it."""
        if not self._token:
            page = self.client.get("/profile" if self._signed_in else "/sign-in").text
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            assert found, page
            self._token = found[1]
        return self._token

    def post(self, path: str, data: Any = None, *, json: Any = None, headers: Any = None) -> Any:
        carried = {"X-CSRFToken": self.token(), "Referer": "http://localhost/"}
        return self.client.post(path, data=data, json=json, headers={**carried, **(headers or {})})

    def become(self, key: int) -> Browser:
        """Sit down at a browser where an account has signed in before."""
        with self.client.session_transaction() as session:
            session["_user_id"] = f"{key}.1"
            session["_fresh"] = True
        self._signed_in = True
        return self


@pytest.fixture
def browser(desk: SimpleNamespace) -> Any:
    """Open a browser: ``browser("alice")`` has signed in, ``browser()`` has not."""

    def open_one(login: str = "", *, language: str = "en") -> Browser:
        opened = Browser(desk.app.test_client(), language=language)
        return opened.become(desk.office.key(login)) if login else opened

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


@pytest.fixture
def running(desk: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The same, with jobs being done in the background."""
    desk.executor.start(daemons=False)
    yield desk
    desk.executor.stop()


LIFT = {
    "code": "YT-LIFT-01",
    "name_zh": "1号客梯",
    "name_en": "Lift 1",
    "type": "lift",
    "model": "GEN3",
    "maker": "华梯",
    "location_zh": "1栋",
    "location_en": "Building 1",
    "importance": "A",
    "vendor": None,
    "parent": None,
    "registration": "31-0001",
    "installed_on": None,
    "warranty_until": None,
    "inspection_due": None,
    "service_days": 15,
    "windows": [],
    "alias": None,
}


@pytest.fixture
def lift(desk):
    """A lift of the project, and a way to let it speak."""
    with desk.engine.store.begin() as uow:
        unit = desk.office.unit("yunting")
        devices.put(uow, [{**LIFT, "unit": unit, "project": unit}])
        uow.commit()
    client = desk.app.test_client()

    def speak(values, *, at: datetime | None = None, secret: str = SECRET, nonce: str = ""):
        now = desk.engine.clock.now()
        body = json.dumps({"ts": int((at or now).timestamp() * 1000), "values": values}).encode()
        path = "/hooks/telemetry/gateway-1/pm/yunting/YT-LIFT-01/telemetry"
        return client.post(path, data=body, headers=sign(body, secret, now, nonce))

    return speak
