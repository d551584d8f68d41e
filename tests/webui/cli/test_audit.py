"""``propflow audit verify``: its exit status says whether the history is as it was written, its words say what is not."""

from __future__ import annotations

import json
import os
import stat

import pytest
import sqlalchemy as sa

from engine.model.values import SYSTEM, Resource
from engine.services import audit, repository, runtime, seals
from tests.engine.diagrams import line, user
from webui import cli, compose, settings


@pytest.fixture
def folder(tmp_path):
    """A data folder with a sealed stream of three entries."""
    with compose.parts(settings.load(os.environ)) as parts:
        with parts.engine.store.begin() as uow:
            for number in range(3):
                audit.append(uow, "organisation", "thing.change", number, actor=SYSTEM)
            uow.commit()
        seals.seal(parts.engine)
    return tmp_path


def tamper(folder) -> None:
    engine = sa.create_engine(f"sqlite:///{folder / 'propflow.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE audit_entry SET actor_name = 'Mallory' WHERE seq = 2"))
    engine.dispose()


def test_an_untouched_history_holds(folder, capsys):
    assert cli.main(["audit", "verify"]) == 0

    said = capsys.readouterr().out
    assert "all hold" in said
    assert "last seal: 1 of " in said


def test_a_break_is_named_and_the_exit_status_is_1(folder, capsys):
    tamper(folder)

    assert cli.main(["audit", "verify"]) == 1

    assert "organisation 2: modified: the entry was changed" in capsys.readouterr().out


def test_programs_read_one_document(folder, capsys):
    tamper(folder)

    assert cli.main(["audit", "verify", "--stream", "organisation", "--json"]) == 1

    found = json.loads(capsys.readouterr().out)
    assert (found["holds"], found["streams"], found["entries"], found["last_seal"]["number"]) == (False, 1, 3, 1)
    assert [(each["chain"], each["seq"], each["how"]) for each in found["breaks"]] == [("organisation", 2, "modified")]


def test_an_instance_that_never_was_is_not_found(folder, capsys):
    assert cli.main(["audit", "verify", "--instance", "12"]) == 1

    assert "there is no process instance 12" in capsys.readouterr().err


def test_the_key_lies_beside_the_database_for_its_owner_alone(folder):
    key = folder / "seal.key"

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 32
    assert key.read_text() != (folder / "secret.key").read_text()


def test_a_lost_key_shows(folder, capsys):
    (folder / "seal.key").unlink()

    assert cli.main(["audit", "verify"]) == 1

    assert "seals 1: forged: the seal was not made with the key of this installation" in capsys.readouterr().out


def test_an_instance_that_nothing_will_ever_move_is_named(folder, capsys):
    with compose.parts(settings.load(os.environ)) as parts:
        repository.deploy(parts.engine, [Resource("p.bpmn", line(user("a")))], actor=SYSTEM)
        key = runtime.start(parts.engine, "p", {}, actor=SYSTEM)
    assert cli.main(["audit", "verify"]) == 0
    engine = sa.create_engine(f"sqlite:///{folder / 'propflow.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM task"))
    engine.dispose()
    capsys.readouterr()

    assert cli.main(["audit", "verify", "--json"]) == 1

    found = json.loads(capsys.readouterr().out)
    assert found["breaks"] == []
    assert [(each["where"], each["message"]) for each in found["problems"]] == [
        (str(key), "nothing will ever move this process instance")
    ]
