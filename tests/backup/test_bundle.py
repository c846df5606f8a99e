"""A stranger's backup: what is in it is data, and nothing of it gets anywhere but where a backup's files belong."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from bot.backup import placing
from bot.backup.backup import back_up
from bot.backup.bundle import Writer
from bot.backup.errors import BackupError
from bot.backup.manifest import HEAD, LAST, Head
from bot.backup.restore import restore
from tests.backup.folders import data_folder

OURS = Head("2026-01-01T00:00:00+00:00", "0.1.0")


def bundle(file: Path, fill: Callable[[tarfile.TarFile], None], *, format: int = tarfile.GNU_FORMAT) -> Path:
    """Write a tar under zstd that begins as a backup does."""
    with (
        file.open("wb") as out,
        zstandard.ZstdCompressor().stream_writer(out) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=format) as tar,
    ):
        tar.addfile(*plain(HEAD, OURS.as_bytes()))
        fill(tar)
    return file


def plain(name: str, data: bytes) -> tuple[tarfile.TarInfo, io.BytesIO]:
    header = tarfile.TarInfo(name)
    header.size = len(data)
    return header, io.BytesIO(data)


def special(name: str, type: bytes, target: str = "") -> Callable[[tarfile.TarFile], None]:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = type, target
    return lambda tar: tar.addfile(header)


def refused(file: Path, into: Path, *reasons: str) -> BackupError:
    """Restore, which must be refused, and return why; nothing may have come of it."""
    around = {each for each in into.parent.rglob("*") if into not in each.parents and each != into}
    with pytest.raises(BackupError) as raised:
        restore(file, into)
    assert raised.value.reason in reasons
    assert {each for each in into.parent.rglob("*") if into not in each.parents and each != into} == around
    assert placing.occupants(into) == []
    assert not list(into.glob(".restore*"))
    return raised.value


@pytest.mark.parametrize(
    "name",
    [
        "../archive.sqlite",
        "/archive.sqlite",
        "./archive.sqlite",
        "chroma/../../archive.sqlite",
        "archive.sqlite/",
        "archive.sqlite.lock",
        "webhook-secret",
        "judge.json\n",
        "\u202eetilqs",
        "x" * 90,
        "",
    ],
)
def test_a_name_that_no_backup_has_is_refused(tmp_path: Path, name: str) -> None:
    file = bundle(tmp_path / "b", lambda tar: tar.addfile(*plain(name, b"data")))
    error = refused(file, tmp_path / "new", "strange", "not_one")
    assert error.said("ar").isprintable()


@pytest.mark.parametrize(
    "type",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"S", b"x", b"L"],
)
def test_links_folders_and_devices_are_refused(tmp_path: Path, type: bytes) -> None:
    file = bundle(tmp_path / "b", special("archive.sqlite", type, "/etc/passwd"))
    refused(file, tmp_path / "new", "strange")


def test_long_headers_of_other_formats_are_refused(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        header, data = plain("archive.sqlite", b"data")
        header.pax_headers = {"path": "../archive.sqlite", "comment": "x" * 100_000}
        tar.addfile(header, data)

    refused(bundle(tmp_path / "b", fill, format=tarfile.PAX_FORMAT), tmp_path / "new", "strange")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        tar.addfile(*plain("bot.sqlite", b"one"))
        tar.addfile(*plain("bot.sqlite", b"two"))

    refused(bundle(tmp_path / "b", fill), tmp_path / "new", "strange")


def test_a_tar_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "b"
    with (
        file.open("wb") as out,
        zstandard.ZstdCompressor().stream_writer(out) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        tar.addfile(*plain("archive.sqlite", b"data"))
    refused(file, tmp_path / "new", "not_one")


def test_more_than_the_disk_holds_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """Ten terabytes, of which not a byte needs to be there."""

    def fill(tar: tarfile.TarFile) -> None:
        header = tarfile.TarInfo("archive.sqlite")
        header.size = 10 * 2**40
        tar.fileobj.write(header.tobuf(tarfile.GNU_FORMAT))

    refused(bundle(tmp_path / "b", fill), tmp_path / "new", "no_room")


def test_zeros_that_pack_well_are_not_read_into_memory(tmp_path: Path) -> None:
    zeros = bytes(1 << 24)

    def fill(tar: tarfile.TarFile) -> None:
        tar.addfile(*plain(LAST, zeros))

    refused(bundle(tmp_path / "b", fill), tmp_path / "new", "strange")
    refused(
        bundle(tmp_path / "b", lambda tar: tar.addfile(*plain("judge.json", zeros))),
        tmp_path / "new",
        "strange",
    )


def test_a_negative_size_is_refused(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        header = tarfile.TarInfo("archive.sqlite")
        header.size = -512
        tar.fileobj.write(header.tobuf(tarfile.GNU_FORMAT))

    refused(bundle(tmp_path / "b", fill), tmp_path / "new", "strange", "not_one")


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b"{}",
        b'{"files": 1}',
        b'{"files": [], "steps": {}, "counts": {}, "generation": 1, "unresolved": 0}',
        b'{"files": [{"name": "archive.sqlite", "size": "x", "sha256": ""}], "steps": {}, "counts": {},'
        b' "generation": 1, "unresolved": 0}',
        b"\xff\xfe",
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, manifest: bytes) -> None:
    refused(
        bundle(tmp_path / "b", lambda tar: tar.addfile(*plain(LAST, manifest))), tmp_path / "new", "strange"
    )


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"format": 2}, "newer"),
        ({"format": 0}, "strange"),
        ({}, "strange"),
        ({"format": True}, "strange"),
        ({"format": 1, "made": "\u202e", "musnad": "1"}, "strange"),
    ],
)
def test_a_format_of_newer_code_is_named(tmp_path: Path, head: dict[str, object], reason: str) -> None:
    with (tmp_path / "b").open("wb") as out:
        writer = Writer(out)
        writer.add_bytes(HEAD, json.dumps(head).encode())
        writer.close()
    refused(tmp_path / "b", tmp_path / "new", reason)


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    """Return the files of a good backup by name, the manifest last."""
    data = data_folder(tmp_path / "data")
    made = back_up(data, tmp_path / "good.tar.zst").file
    with zstandard.open(made) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def with_database(parts: dict[str, bytes], name: str, content: bytes) -> Callable[[tarfile.TarFile], None]:
    """Return what fills a bundle with those parts and another database, of which the manifest says what is true."""
    manifest = json.loads(parts[LAST])
    for each in manifest["files"]:
        if each["name"] == name:
            each |= {"size": len(content), "sha256": sha256(content).hexdigest()}
    changed = {**parts, name: content, LAST: json.dumps(manifest).encode()}

    def fill(tar: tarfile.TarFile) -> None:
        for each in changed:
            if each != HEAD:
                tar.addfile(*plain(each, changed[each]))

    return fill


def altered(content: bytes, folder: Path, *statements: str) -> bytes:
    """Return a database after those statements."""
    file = folder / "altered.sqlite"
    file.write_bytes(content)
    with closing(sqlite3.connect(file)) as db:
        for each in statements:
            db.execute(each)
        db.commit()
    return file.read_bytes()


def test_a_database_that_does_things_when_it_is_used_is_refused(
    parts: dict[str, bytes], tmp_path: Path
) -> None:
    trigger = "create trigger t after insert on turns begin delete from turns; end"
    content = altered(parts["bot.sqlite"], tmp_path, trigger)
    refused(bundle(tmp_path / "b", with_database(parts, "bot.sqlite", content)), tmp_path / "new", "strange")


def test_a_database_of_newer_code_is_named(parts: dict[str, bytes], tmp_path: Path) -> None:
    step = (
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('musnad.bot', 'later', '')"
    )
    content = altered(parts["bot.sqlite"], tmp_path, step)
    error = refused(
        bundle(tmp_path / "b", with_database(parts, "bot.sqlite", content)), tmp_path / "new", "newer"
    )
    assert "bot.sqlite" in str(error)


@pytest.mark.parametrize("content", [b"", b"text", b"SQLite format 3\0" + bytes(5000)])
def test_a_database_that_is_none_is_refused(parts: dict[str, bytes], tmp_path: Path, content: bytes) -> None:
    file = bundle(tmp_path / "b", with_database(parts, "archive.sqlite", content))
    refused(file, tmp_path / "new", "damaged_database")


def test_the_files_of_a_good_backup_restore_however_they_were_packed(
    parts: dict[str, bytes], tmp_path: Path
) -> None:
    """The tests above refuse for what they changed, not for how they pack."""
    file = bundle(tmp_path / "b", with_database(parts, "bot.sqlite", parts["bot.sqlite"]))
    assert restore(file, tmp_path / "new").manifest is not None


def test_links_that_wait_in_the_data_folder_are_not_followed(parts: dict[str, bytes], tmp_path: Path) -> None:
    file = bundle(tmp_path / "b", with_database(parts, "bot.sqlite", parts["bot.sqlite"]))
    outside = tmp_path / "outside"
    outside.mkdir()
    new = tmp_path / "new"
    new.mkdir()
    os.symlink(outside, new / ".restore-staging")
    with pytest.raises(BackupError):
        restore(file, new)
    assert list(outside.iterdir()) == []
