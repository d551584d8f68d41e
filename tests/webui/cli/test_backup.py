"""A backup is taken while everything runs, compared byte by byte, and put back into an empty place only."""

from __future__ import annotations

import hashlib
import io
import json

import pytest

from engine.model.values import SYSTEM
from engine.services import files, units
from webui import cli, compose, settings

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path, monkeypatch, capsys):
    """An installation with a unit and a photo; ``run`` runs a command at one place, ``here`` or ``there``."""
    urls = {"here": "", "there": ""}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        names = {place: server.create() for place in urls}
        urls = {place: server.url(name) for place, name in names.items()}
        monkeypatch.setenv("PATH", f"{server.bin}:/usr/bin:/bin")

    def environ(place):
        found = {"PROPFLOW_DATA_DIR": str(tmp_path / place)}
        return found | ({"PROPFLOW_DATABASE_URL": urls[place]} if urls[place] else {})

    def run(*words, at="here"):
        with monkeypatch.context() as patch:
            for name, value in environ(at).items():
                patch.setenv(name, value)
            status = cli.main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    run("unit", "add", "jinhe", "--kind", "group", "--name", "锦和")
    with compose.parts(settings.load(environ("here"))) as parts:
        unit = units.by_code(parts.engine, "jinhe").key
        row = files.upload(parts.engine, io.BytesIO(PHOTO), name="a.png", unit=unit, actor=SYSTEM)
    run.photo, run.environ, run.folder, run.dialect = row.key, environ, tmp_path / "copy", request.param
    yield run
    if request.param == "postgresql":
        for name in names.values():
            server.drop(name)


def test_what_was_backed_up_is_there_again_in_an_empty_place(site):
    status, said, complaint = site("backup", str(site.folder))
    assert status == 0, complaint
    assert "1 file(s)" in said
    assert site("restore", str(site.folder), "--check")[0] == 0

    status, said, complaint = site("restore", str(site.folder), at="there")

    assert status == 0, complaint
    assert "propflow audit verify" in said
    assert "jinhe" in site("unit", "list", at="there")[1]
    with compose.parts(settings.load(site.environ("there"))) as parts:
        row, stream = files.open_file(parts.engine, site.photo, actor=SYSTEM)
        assert (row.name, stream.read()) == ("a.png", PHOTO)
        stream.close()
    assert site("audit", "verify", at="there")[0] == 0


def test_nothing_is_written_over(site):
    site("backup", str(site.folder))

    assert "not empty" in site("backup", str(site.folder))[2]
    status, _, complaint = site("restore", str(site.folder))
    assert (status, "not empty" in complaint) == (1, True)
    assert site("unit", "list")[0] == 0


@pytest.mark.parametrize("damage", ["file", "database", "list", "missing", "outside"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(site, damage):
    site("backup", str(site.folder))
    digests = json.loads((site.folder / "manifest.json").read_text())["sha256"]
    database, photo = sorted(digests, key=lambda name: name.startswith("files/"))
    if damage == "file":
        (site.folder / photo).write_bytes(PHOTO + b"x")
    elif damage == "database":
        with (site.folder / database).open("ab") as out:
            out.write(b"x")
    elif damage == "list":
        (site.folder / "manifest.json").write_text("{")
    elif damage == "outside":
        (site.folder / "evil").write_bytes(b"x")
        said = json.loads((site.folder / "manifest.json").read_text())
        said["sha256"]["files/../evil"] = hashlib.sha256(b"x").hexdigest()
        (site.folder / "manifest.json").write_text(json.dumps(said))
    else:
        (site.folder / photo).unlink()

    status, _, complaint = site("restore", str(site.folder), at="there")

    assert status == 1 and complaint
    assert not (site.folder.parent / "there" / "propflow.db").exists()
    assert site("restore", str(site.folder), "--check")[0] == 1


def test_a_folder_that_is_no_backup_says_so(site, tmp_path):
    assert "there is no backup" in site("restore", str(tmp_path), at="there")[2]


def test_without_the_programs_of_postgresql_it_says_what_to_install(site, monkeypatch, tmp_path):
    if site.dialect == "sqlite":
        assert site("backup", str(site.folder))[0] == 0  # it needs no program
        return
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "postgresql-client" in site("backup", str(site.folder))[2]
