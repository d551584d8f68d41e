"""Settings: none is needed, all problems are told together, secrets stay secret."""

from __future__ import annotations

import stat
from dataclasses import fields
from pathlib import Path

import pytest

from engine.bpmn.progress import Limits
from engine.errors import Invalid
from webui import settings


def test_no_setting_is_needed(tmp_path):
    found = settings.load({}, tmp_path)

    assert found.data_dir == tmp_path / "data"
    assert found.database_url == f"sqlite:///{tmp_path / 'data' / 'propflow.db'}"
    assert found.address == "http://127.0.0.1:8080"


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path):
    first, second = settings.load({}, tmp_path), settings.load({}, tmp_path)

    assert first.secret_key == second.secret_key and len(first.secret_key) >= 48
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600
    assert first.secret_key not in repr(first)


def test_the_environment_goes_before_the_file(tmp_path):
    (tmp_path / "propflow.toml").write_text('port = 9000\norganisation = "锦和"\n', encoding="utf-8")

    found = settings.load({"PROPFLOW_PORT": "9001"}, tmp_path)

    assert (found.port, found.organisation) == (9001, "锦和")


def test_all_problems_are_told_together(tmp_path):
    (tmp_path / "propflow.toml").write_text('threads = "many"\nprot = 1\n', encoding="utf-8")
    environ = {"PROPFLOW_PORT": "99999", "PROPFLOW_TIMEZONE": "Mars/Base", "PROPFLOW_SECRET_KEY": "short"}

    with pytest.raises(Invalid) as refused:
        settings.load(environ, tmp_path)

    assert {problem.where for problem in refused.value.problems} == {
        "PROPFLOW_PORT",
        "PROPFLOW_TIMEZONE",
        "PROPFLOW_SECRET_KEY",
        "threads",
        "prot",
    }


def test_a_file_that_is_not_toml_is_told(tmp_path):
    (tmp_path / "propflow.toml").write_text("port =", encoding="utf-8")

    with pytest.raises(Invalid, match="cannot be read"):
        settings.load({}, tmp_path)


@pytest.mark.parametrize(("url", "https"), [("https://work.example.com/", True), ("http://10.0.0.2:8080", False)])
def test_cookies_know_whether_browsers_come_by_https(tmp_path, url, https):
    assert settings.load({"PROPFLOW_PUBLIC_URL": url}, tmp_path).https_only is https


def test_limits_come_from_their_table_and_the_environment(tmp_path):
    (tmp_path / "propflow.toml").write_text("[limits]\ncall_depth = 3\nvariable_depth = 20\n")

    found = settings.load({"PROPFLOW_LIMITS_CALL_DEPTH": "4"}, tmp_path).limits

    assert (found.call_depth, found.variable_depth, found.multi_instance) == (4, 20, Limits().multi_instance)


def test_every_limit_that_is_wrong_or_unknown_is_told(tmp_path):
    (tmp_path / "propflow.toml").write_text('[limits]\ncall_depth = 0\nvariable_depth = "many"\nsteps = 3\n')

    with pytest.raises(Invalid) as refusal:
        settings.load({"PROPFLOW_LIMITS_MULTI_INSTANCE": "x"}, tmp_path)

    told = {each.where for each in refusal.value.problems}
    assert told == {"limits.call_depth", "limits.variable_depth", "limits.steps", "PROPFLOW_LIMITS_MULTI_INSTANCE"}


def test_every_limit_is_a_setting_and_on_its_page():
    page = (Path(__file__).parents[2] / "docs/reference/settings.md").read_text(encoding="utf-8")

    assert {each.name for each in fields(Limits)} == set(settings._LIMITS)
    assert all(f"| `{name}` |" in page for name in settings._LIMITS)
