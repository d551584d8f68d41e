"""Files: what is taken in, who reads it, and that bytes are neither lost nor kept for ever."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid, LimitExceeded, NotAllowed, NotFound
from engine.model.values import SYSTEM, Actor, Bound
from engine.services import attachments, audit, files, holding, sniff
from engine.store.blobs import FolderFiles

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(64)
PDF = b"%PDF-1.7\n" + bytes(64)
VISITOR = Actor("public:1", "Visitor", everything=False)


def office_file(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return content.getvalue()


def upload(office, actor, content=PNG, name="leak.png", **where):
    return files.upload(office.engine, io.BytesIO(content), name=name, actor=actor, **where)


def link_to(instance, purpose):
    return Actor("link:1", "Vendor", bound=Bound(purpose, instance))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"GIF89a" + bytes(30), "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30), "image/webp"),
        (PDF, "application/pdf"),
        (office_file("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office_file("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") + bytes(600), "application/msword"),
    ],
)
def test_photos_pdfs_and_office_files_are_known_by_their_bytes(content, expected):
    assert sniff.media_type(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"MZ" + bytes(100),
        b"\x7fELF" + bytes(100),
        b"#!/bin/sh\nrm -rf /",
        b"just text",
        b"PK\x03\x04 broken",
        office_file("payload.exe"),
        office_file("word/document.xml", "word/vbaProject.bin"),
        b"GIF98a<script>",
        b" " + PNG,
    ],
)
def test_everything_else_is_refused_whatever_it_is_called(office, content):
    with pytest.raises(Invalid, match="not accepted"):
        upload(office, office.actor("alice"), content, "photo.png", unit=office.unit("yunting"))


@given(st.binary(max_size=2000))
def test_no_bytes_make_the_sniffing_fail_otherwise(content):
    with contextlib.suppress(Invalid):
        assert sniff.media_type(content) in sniff.EXTENSIONS


def test_a_file_has_at_most_ten_megabytes_and_at_least_one_byte(office):
    where = {"unit": office.unit("yunting")}

    with pytest.raises(LimitExceeded, match="10 MB"):
        upload(office, SYSTEM, PNG + bytes(files.MAX_BYTES), **where)
    with pytest.raises(Invalid, match="empty"):
        upload(office, SYSTEM, b"", **where)
    assert upload(office, SYSTEM, PNG.ljust(files.MAX_BYTES, b"\0"), **where).size == files.MAX_BYTES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("漏水 照片.PNG", "漏水 照片.PNG"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\x\\photo.png", "photo.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie x.png"),
        ("", "file.png"),
        ("..", "file.png"),
        ("x" * 300 + ".png", "x" * 150 + ".png"),
        ("page.html", "page.html.png"),
    ],
)
def test_names_are_cleaned_and_end_as_their_type_does(name, expected):
    assert files.clean_name(name, "image/png") == expected


@given(st.text(max_size=300), st.sampled_from(sorted(sniff.EXTENSIONS)))
def test_every_name_becomes_a_safe_one(name, media_type):
    cleaned = files.clean_name(name, media_type)

    assert 0 < len(cleaned) <= 160
    assert cleaned.lower().endswith(sniff.EXTENSIONS[media_type])
    assert not set(cleaned) & set('/\\<>:"|?*\r\n\0')


@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", True), ("bob", True), ("carol", True), ("mallory", False), ("dan", False), ("root", True)],
)
def test_who_may_hand_in_a_file_for_a_ticket_and_read_it(office, ticket, who, may):
    there = upload(office, SYSTEM, instance=ticket.instance)

    if may:
        assert upload(office, office.actor(who), task=ticket.task).instance == ticket.instance
        row, stream = files.open_file(office.engine, there.key, actor=office.actor(who))
        assert (row.media_type, stream.read()) == ("image/png", PNG)
    else:
        with pytest.raises(NotAllowed):
            upload(office, office.actor(who), task=ticket.task)
        with pytest.raises(NotFound):
            files.open_file(office.engine, there.key, actor=office.actor(who))
        assert files.of_instance(office.engine, ticket.instance, actor=office.actor(who)) == []


def test_whoever_holds_a_task_hands_in_and_reads_its_files_without_any_role(office, ticket):
    there = upload(office, SYSTEM, instance=ticket.instance)

    holding.assign(office.engine, ticket.task, to=office.key("mallory"), actor=office.actor("carol"))

    mallory = office.actor("mallory")
    assert files.get(office.engine, there.key, actor=mallory).key == there.key
    assert upload(office, mallory, task=ticket.task).uploader == mallory.id


def test_the_unit_of_a_file_is_that_of_its_instance_whatever_is_said(office, ticket):
    row = upload(office, SYSTEM, instance=ticket.instance, unit=office.unit("jinheli"))

    assert row.unit == office.unit("yunting")


def test_a_link_reads_photos_of_its_own_instance_and_a_vendor_everything(office, ticket):
    photo, paper = (
        upload(office, SYSTEM, instance=ticket.instance),
        upload(office, SYSTEM, PDF, "a.pdf", instance=ticket.instance),
    )

    def seen(actor):
        return [row.key for row in files.of_instance(office.engine, ticket.instance, actor=actor)]

    assert seen(link_to(ticket.instance, "track")) == [photo.key]
    assert seen(link_to(ticket.instance, "vendor")) == [photo.key, paper.key]
    assert seen(link_to(ticket.instance + 1, "vendor")) == []
    with pytest.raises(NotFound):
        files.get(office.engine, paper.key, actor=link_to(ticket.instance, "rate"))


def test_a_link_hands_in_files_for_its_own_instance_only_and_a_tracking_link_none(office, ticket):
    assert upload(office, link_to(ticket.instance, "vendor"), instance=ticket.instance)
    for actor, where in (
        (link_to(ticket.instance, "track"), {"instance": ticket.instance}),
        (link_to(ticket.instance + 1, "vendor"), {"instance": ticket.instance}),
        (link_to(ticket.instance, "vendor"), {"unit": office.unit("yunting")}),
    ):
        with pytest.raises(NotAllowed):
            upload(office, actor, **where)


def test_files_handed_in_before_a_start_belong_to_their_sender_until_they_are_bound(office, ticket):
    row = upload(office, office.actor("alice"), unit=office.unit("yunting"))
    with pytest.raises(NotFound):
        files.get(office.engine, row.key, actor=office.actor("carol"))

    bind(office, [row.key], ticket, office.actor("alice"))

    assert files.get(office.engine, row.key, actor=office.actor("carol")).instance == ticket.instance


def bind(office, keys, ticket, actor):
    with office.engine.store.begin() as uow:
        attached = {"photos": [str(key) for key in keys]}
        attachments.hand_in(uow, attached, instance=ticket.instance, unit=office.unit("yunting"), actor=actor)
        uow.commit()


def test_nobody_binds_files_of_others_or_files_that_do_not_exist(office, ticket):
    mine = upload(office, office.actor("alice"), unit=office.unit("yunting"))
    yours = upload(office, office.actor("bob"), unit=office.unit("yunting"))

    for keys in ([mine.key, yours.key], [12345]):
        with pytest.raises(Invalid, match="not yours to hand in"):
            bind(office, keys, ticket, office.actor("alice"))

    assert files.get(office.engine, mine.key, actor=office.actor("alice")).instance is None
    bind(office, [mine.key], ticket, office.actor("alice"))
    bind(office, [mine.key], ticket, office.actor("alice"))  # a repeat changes nothing


def test_what_was_handed_in_for_nothing_is_forgotten_after_a_day(office, ticket):
    start = office.engine.clock.now()
    loose = upload(office, office.actor("alice"), PDF, "a.pdf", unit=office.unit("yunting"))
    kept = upload(office, office.actor("alice"), instance=ticket.instance)
    twin = upload(office, office.actor("alice"), unit=office.unit("yunting"))  # the same bytes as ``kept``

    office.engine.clock.move_to(start + timedelta(hours=23))
    assert files.sweep(office.engine) == 0
    office.engine.clock.move_to(start + timedelta(hours=25))
    assert files.sweep(office.engine) == 2
    assert files.sweep(office.engine) == 0

    for gone in (loose, twin):
        with pytest.raises(NotFound):
            files.get(office.engine, gone.key, actor=SYSTEM)
    with pytest.raises(NotFound):
        office.engine.files.open(loose.sha256)
    assert files.open_file(office.engine, kept.key, actor=SYSTEM)[1].read() == PNG
    assert [entry.action for entry in audit.entries(office.engine, stream=audit.FILES, actor=SYSTEM)] == ["file.sweep"]


# ---- the folder


def read(folder, digest):
    with folder.open(digest) as stream:
        return stream.read()


def test_a_folder_keeps_bytes_once_and_gives_them_back(tmp_path: Path):
    folder = FolderFiles(tmp_path)

    first = folder.put(io.BytesIO(PNG), max_bytes=1000)
    second = FolderFiles(tmp_path).put(io.BytesIO(PNG), max_bytes=1000)

    assert first == second
    assert read(folder, first[0]) == PNG
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 2, "the bytes and the lock"


def test_a_folder_takes_no_more_than_it_is_told_and_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(LimitExceeded):
        FolderFiles(tmp_path).put(io.BytesIO(bytes(1001)), max_bytes=1000)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64])
def test_a_folder_opens_digests_and_nothing_else(tmp_path: Path, digest):
    with pytest.raises(NotFound):
        FolderFiles(tmp_path).open(digest)


def test_a_folder_keeps_bytes_that_somebody_stored_again(tmp_path: Path):
    folder = FolderFiles(tmp_path)
    digest, _ = folder.put(io.BytesIO(PNG), max_bytes=1000)
    now = datetime.now(UTC)

    assert not folder.remove(digest, stored_before=now - timedelta(hours=1))
    assert read(folder, digest) == PNG
    assert folder.remove(digest, stored_before=now + timedelta(hours=1))
    assert folder.remove(digest, stored_before=now), "twice is once"
    with pytest.raises(NotFound):
        folder.open(digest)
