from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors import manifest
from connectors.calls import JobCall
from connectors.element_templates import element_templates
from connectors.manifest import Effect
from connectors.registry import BUILT_IN, ENTRY_POINTS, Registry
from engine.errors import Invalid, NotFound

FOLDERS = sorted(path.parent for path in BUILT_IN.glob("*/manifest.toml"))


def customer(tmp_path: Path, text: str, code: str = "", name: str = "gate") -> Path:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "manifest.toml").write_text(
        f'name = "{name}"\ntitle = {{en="G", zh="G"}}\nsummary = {{en="G", zh="G"}}\n' + text
    )
    (folder / "outbound.py").write_text(
        code or "from connectors.calls import JobCall\ndef lift(call: JobCall):\n    return {'open': True}\n"
    )
    return tmp_path


LIFT = '[[operation]]\nname = "lift"\ncall = "outbound:lift"\ntitle = {en="Lift", zh="抬杆"}\neffect = "once"\n'


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_shipped_connector_has_a_manifest_a_readme_and_functions_that_are_there(folder):
    read = manifest.read(folder)
    registry = Registry()

    assert read.name == folder.name
    assert (folder / "README.md").exists()
    for operation in read.operations:
        assert callable(registry.operation(f"{read.name}:{operation.name}").run)
    connector = next(each for each in registry.connectors if each.manifest.name == read.name)
    for call in [*(chore.call for chore in read.chores), *read.daemons]:
        assert callable(connector.function(call))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_shipped_connector_speaks_chinese_and_english(folder):
    read = manifest.read(folder)

    for titled in (read, *read.operations, *read.messages, *read.settings):
        assert titled.title["en"] and titled.title["zh"]


def test_a_customers_own_connector_is_loaded_from_its_folder(tmp_path):
    registry = Registry(directory=customer(tmp_path, LIFT))

    served = registry.operation("gate:lift")

    assert "gate:lift" in registry.job_types and "ledger:post_repair" in registry.job_types
    assert served.spec.effect is Effect.ONCE
    assert served.run(JobCall(engine=None, settings=served.connector.settings)) == {"open": True}


def test_a_job_type_that_nobody_serves_is_not_found():
    registry = Registry()

    for job_type in ("nobody:there", "ledger:nothing", "plain"):
        with pytest.raises(NotFound):
            registry.operation(job_type)


SETTINGS = """
[[setting]]
name = "url"
type = "text"
default = "http://x"
title = {en="a", zh="a"}
[[setting]]
name = "times"
type = "integer"
default = 3
title = {en="a", zh="a"}
[[setting]]
name = "wait"
type = "seconds"
default = 5
title = {en="a", zh="a"}
[[setting]]
name = "share"
type = "decimal"
default = "0.1"
title = {en="a", zh="a"}
[[setting]]
name = "on"
type = "boolean"
default = false
title = {en="a", zh="a"}
[[setting]]
name = "hosts"
type = "list"
title = {en="a", zh="a"}
[[setting]]
name = "names"
type = "table"
title = {en="a", zh="a"}
[[secret]]
name = "token"
title = {en="a", zh="a"}
"""


def test_settings_come_from_the_environment_then_the_configuration_then_the_default(tmp_path):
    registry = Registry(
        directory=customer(tmp_path, SETTINGS),
        configured={"gate": {"url": "http://configured", "times": 7, "hosts": ["a", "b"]}},
        environ={
            "PROPFLOW_GATE_TIMES": "9",
            "PROPFLOW_GATE_ON": "yes",
            "PROPFLOW_GATE_NAMES": "x=1, y=2",
            "PROPFLOW_GATE_TOKEN": "s3cret",
        },
    )

    settings = registry.settings("gate")

    assert dict(settings) == {
        "url": "http://configured",
        "times": 9,
        "wait": timedelta(seconds=5),
        "share": Decimal("0.1"),
        "on": True,
        "hosts": ("a", "b"),
        "names": {"x": "1", "y": "2"},
    }
    assert settings.secret("token") == "s3cret" and settings.has_secret("token")
    assert "s3cret" not in repr(settings) and "token" not in settings


def test_every_problem_of_every_connector_is_reported_together(tmp_path):
    customer(tmp_path, SETTINGS)
    customer(tmp_path, "[[operation]]\nname = 'Bad Name'\n", name="broken")

    with pytest.raises(Invalid) as caught:
        Registry(
            directory=tmp_path,
            configured={"gate": {"colour": "red", "times": "many"}, "nobody": {}},
            environ={"PROPFLOW_GATE_ON": "perhaps"},
        )

    where = sorted({problem.where.partition(" ")[0] for problem in caught.value.problems})
    assert where == [
        "PROPFLOW_GATE_ON",
        "broken/manifest.toml",
        "connectors.gate.colour",
        "connectors.gate.times",
        "connectors.nobody",
    ]
    assert not any("many" in str(problem) for problem in caught.value.problems), (
        "it might be a secret in the wrong place"
    )


def test_two_connectors_cannot_bear_one_name(tmp_path):
    with pytest.raises(Invalid, match="already a connector ledger"):
        Registry(directory=customer(tmp_path, "", name="ledger"))


@pytest.mark.parametrize(
    ("text", "where", "message", "remedy"),
    [
        ("= = =", "gate/manifest.toml", "this is not TOML", 'write name = value, with texts in "quotes"'),
        ("colour = 1", "gate/manifest.toml", "colour is not known here", "use one of: chore, daemon,"),
        ('[[operation]]\nname = "lift"\n', "gate/manifest.toml operation[1]", "call is missing", "add call here"),
        (LIFT.replace('"once"', '"twice"'), "gate/manifest.toml operation[1].effect", "twice is not known here", "once"),
        (LIFT.replace('"lift"', '"Lift it"'), "gate/manifest.toml operation[1].name", "Lift it is not written", "barrier_gate"),
        (LIFT.replace("outbound:lift", "lift"), "gate/manifest.toml operation[1].call", "lift is not written", "outbound:lift"),
        ('[[chore]]\nname = "x"\ncall = "a:b"\nevery_s = 0\n', "gate/manifest.toml chore[1].every_s", "0 is out", "at least 1"),
        ('ports = "devices"', "gate/manifest.toml ports", "here belongs a list", "write it in [brackets]"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_manifest_is_said_with_place_and_remedy(tmp_path, text, where, message, remedy):
    with pytest.raises(Invalid) as caught:
        manifest.read(customer(tmp_path, text) / "gate")

    found = [problem for problem in caught.value.problems if message in problem.message]
    assert [problem.where for problem in found] == [where]
    assert remedy in found[0].remedy


def test_a_folder_without_a_manifest_says_what_a_connector_is(tmp_path):
    with pytest.raises(Invalid, match="a connector is a folder with"):
        manifest.read(tmp_path)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_shipped_manifest_tells_an_editor_its_schema(folder):
    first = (folder / "manifest.toml").read_text(encoding="utf-8").partition("\n")[0]

    assert (folder / first.removeprefix("#:schema ")).resolve() == manifest.SCHEMA


# ---- what the editor offers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_editor_offers_every_job_type_once_in_either_language(language):
    registry = Registry()

    offered = element_templates(registry, language)

    types = [next(each["value"] for each in template["properties"] if each["type"] == "Hidden") for template in offered]
    assert sorted(types) == sorted(registry.job_types)
    assert len({template["id"] for template in offered}) == len(offered)
    receive = next(template for template in offered if template["id"] == "propflow.ledger.receive")
    amount = next(each for each in receive["properties"] if each["binding"].get("name") == "amount")
    assert amount["constraints"] == {"notEmpty": True} and not amount["optional"]
    assert amount["label"] == {"en": "Amount", "zh": "金额"}[language]


def test_a_connector_of_an_installed_package_is_found_by_its_entry_point(tmp_path, monkeypatch):
    folder = customer(tmp_path, LIFT, name="packaged") / "packaged"
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    point = EntryPoint("packaged", "packaged", ENTRY_POINTS)
    monkeypatch.setattr("connectors.registry.entry_points", lambda group: [point] if group == ENTRY_POINTS else [])

    assert "packaged:lift" in Registry().job_types
