"""Files and folders into the archive: what is named, what goes in, and what a kill leaves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

import corpus.files
import corpus.parse
from corpus.article import Article, Chunk
from corpus.chunk import chunks
from corpus.decode import NoTextError, decode
from corpus.document import Document, kind_of
from corpus.files import read_file
from corpus.ingest import Duplicate, Reason, Report, Skipped, ingest, ingest_documents
from corpus.parse.page import PageMetadata
from corpus.store import Archive, ArchiveBusyError, InconsistentArticleError
from corpus.worker import Worker

BRIDGE = """افتتاح جسر جديد فوق النهر

قالت مديرية الطرق في المدينة إن الجسر الجديد افتتح يوم الإثنين. وأضافت أن العمل استغرق 14 شهرا.

وقال مهندس المشروع إن الجسر يخدم القرى التي على الضفة الشرقية.
"""
MARKET = """عودة السوق القديم بعد ترميمه

أعاد تجار المدينة القديمة فتح محالهم في السوق المسقوف. وتقول الجمعية الحرفية إن الترميم شمل ستين محلا.
"""
HARVEST = """بدء موسم الحصاد في السهل

بدأ مزارعو السهل حصاد القمح هذا الأسبوع. وتتوقع المديرية محصولا أوفر من الذي جمع في العام الماضي.
"""


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def cut(article: Article) -> list[Chunk]:
    return chunks(article, count_words, target=20, limit=30)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    write(folder / "bridge.txt", BRIDGE)
    write(folder / "local" / "market.txt", MARKET)
    return folder


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def reasons(report: Report) -> dict[str, str]:
    return {skipped.source: skipped.reason for skipped in report.skipped}


def all_of(archive: Archive) -> dict[str, str]:
    """The beginning of each current article, by source."""
    return {article.source: article.title for article in archive.articles()}


# What goes in


def test_a_folder_goes_in_by_the_paths_below_it(archive: Archive, folder: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    report = ingest([folder], archive, cut, progress=lambda *given: seen.append(given))
    assert report == Report(added=("bridge.txt", "local/market.txt"), articles=2)
    assert archive.article("local/market.txt").title == "عودة السوق القديم بعد ترميمه"
    assert archive.file_text("bridge.txt") == BRIDGE
    assert seen == [(1, 2, "bridge.txt"), (2, 2, "local/market.txt")]


def test_twice_changes_nothing(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    before = dump(archive.path)
    generation = archive.generation()
    report = ingest([folder], archive, cut)
    assert report == Report(unchanged=("bridge.txt", "local/market.txt"), articles=2)
    assert archive.generation() == generation
    assert dump(archive.path) == before


def test_a_changed_file_is_a_new_version(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    old = archive.article("bridge.txt")
    write(folder / "bridge.txt", BRIDGE.replace("14 شهرا", "عامين"))
    report = ingest([folder], archive, cut)
    assert (report.changed, report.unchanged) == (("bridge.txt",), ("local/market.txt",))
    assert archive.article("bridge.txt").version == 2
    assert "14 شهرا" in archive.article(old.id).body
    assert "14 شهرا" in archive.file_text("bridge.txt", old.id)


def test_a_file_by_itself_goes_in_by_its_name(archive: Archive, folder: Path) -> None:
    assert ingest([folder / "local" / "market.txt"], archive, cut).added == ("market.txt",)


def test_a_file_keeps_its_name_however_it_is_given(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    market = write(folder / "local" / "market.txt", MARKET + "\nوقالت الجمعية إن العمل في السوق انتهى.\n")
    assert ingest([market], archive, cut) == Report(changed=("local/market.txt",), articles=2)
    assert ingest([folder / "local"], archive, cut) == Report(unchanged=("local/market.txt",), articles=2)


def test_a_relative_path_and_a_link_to_the_folder_are_the_same_place(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([folder], archive, cut)
    link = folder.parent / "link"
    link.symlink_to(folder)
    monkeypatch.chdir(folder)
    for path in (Path("."), Path("../in"), link, Path("bridge.txt"), link / "bridge.txt"):
        report = ingest([path], archive, cut)
        assert report.unchanged
        assert report == Report(unchanged=report.unchanged, articles=2)


def test_a_file_given_twice_goes_in_once(archive: Archive, folder: Path) -> None:
    torn = write(folder / "torn.txt", b"\xd9")
    report = ingest([folder / "bridge.txt", folder, folder, torn], archive, cut)
    assert report.added == ("bridge.txt", "local/market.txt")
    assert [skipped.source for skipped in report.skipped] == ["torn.txt"]


def test_a_folder_that_moved_is_the_same_files(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    moved = folder.rename(folder.parent / "moved")
    write(moved / "bridge.txt", HARVEST)
    report = ingest([moved], archive, cut)
    assert report == Report(changed=("bridge.txt",), unchanged=("local/market.txt",), articles=2)
    (moved / "bridge.txt").unlink()
    assert ingest([moved], archive, cut).missing == ("bridge.txt",)


# Names and duplicates


def test_files_of_one_name_are_told_apart_by_their_folders(archive: Archive, folder: Path) -> None:
    other = write(folder.parent / "other" / "bridge.txt", HARVEST)
    third = write(folder.parent / "deep" / "other" / "bridge.txt", HARVEST.replace("القمح", "الشعير"))
    same = write(folder.parent / "copies" / "bridge.txt", BRIDGE)
    names = ("bridge.txt", "other/bridge.txt", "deep/other/bridge.txt")
    given = [folder / "bridge.txt", other, third, same]
    report = ingest(given, archive, cut)
    assert (report.added, report.skipped) == (names, ())
    assert report.duplicates == (Duplicate(str(same), "bridge.txt"),)
    assert ingest(given, archive, cut).unchanged == names
    again = ingest([folder.parent / "other"], archive, cut)  # nor in another run, nor as a folder
    assert again == Report(unchanged=("other/bridge.txt",), articles=3)
    write(other, HARVEST + "\nوقال مزارع إن المطر تأخر.\n")
    assert ingest([other], archive, cut).changed == ("other/bridge.txt",)


def test_a_text_goes_in_once(archive: Archive, folder: Path) -> None:
    write(folder / "copy.txt", BRIDGE)
    write(folder / "marked.txt", BRIDGE.encode("utf-16"))
    report = ingest([folder], archive, cut)
    assert report.duplicates == (Duplicate("copy.txt", "bridge.txt"), Duplicate("marked.txt", "bridge.txt"))
    assert report.skipped == ()
    assert set(all_of(archive)) == {"bridge.txt", "local/market.txt"}
    copied = write(folder.parent / "other" / "bridge.txt", BRIDGE)
    assert ingest([copied.parent], archive, cut).duplicates == (Duplicate(str(copied), "bridge.txt"),)


def test_two_files_that_change_places_both_stay(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    write(folder / "bridge.txt", MARKET)
    write(folder / "local" / "market.txt", BRIDGE)
    report = ingest([folder], archive, cut)
    assert report == Report(changed=("bridge.txt", "local/market.txt"), articles=2)


def test_a_copy_takes_over_when_the_first_changes(archive: Archive, folder: Path) -> None:
    write(folder / "a.txt", BRIDGE)
    write(folder / "b.txt", BRIDGE)
    (folder / "bridge.txt").unlink()
    ingest([folder], archive, cut)
    write(folder / "a.txt", HARVEST)
    report = ingest([folder], archive, cut)
    assert (report.changed, report.added, report.duplicates) == (("a.txt",), ("b.txt",), ())


def test_a_file_that_the_archive_knows_keeps_its_new_text_beside_a_new_copy(
    archive: Archive, folder: Path
) -> None:
    ingest([folder], archive, cut)
    before = archive.article("local/market.txt")
    for name in ("a-copy.txt", "local/market.txt"):
        write(folder / name, HARVEST)
    report = ingest([folder], archive, cut)
    assert (report.changed, report.added, report.removed) == (("local/market.txt",), (), ())
    assert report.duplicates == (Duplicate("a-copy.txt", "local/market.txt"),)
    assert archive.article("local/market.txt").version == before.version + 1


def test_a_file_that_becomes_a_copy_goes_out_of_search(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    old = archive.article("local/market.txt")
    write(folder / "local" / "market.txt", BRIDGE)
    report = ingest([folder], archive, cut)
    assert report.removed == ("local/market.txt",)
    assert report.duplicates == (Duplicate("local/market.txt", "bridge.txt"),)
    assert set(all_of(archive)) == {"bridge.txt"}
    assert archive.article(old.id).body == old.body


# Missing files


def test_missing_files_are_reported_then_pruned(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    old = archive.article("local/market.txt")
    (folder / "local" / "market.txt").unlink()
    report = ingest([folder], archive, cut)
    assert report == Report(unchanged=("bridge.txt",), missing=("local/market.txt",), articles=2)
    assert ingest([folder / "bridge.txt"], archive, cut, prune=True).removed == ()
    report = ingest([folder], archive, cut, prune=True)
    assert report == Report(unchanged=("bridge.txt",), removed=("local/market.txt",), articles=1)
    assert not archive.article(old.id).current
    assert ingest([folder], archive, cut, prune=True) == Report(unchanged=("bridge.txt",), articles=1)


def test_another_folder_says_nothing_of_the_first(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    (folder / "bridge.txt").unlink()
    other = write(folder.parent / "in two" / "harvest.txt", HARVEST)
    report = ingest([other.parent], archive, cut, prune=True)
    assert report == Report(added=("harvest.txt",), articles=3)


def test_a_folder_that_is_gone_prunes_nothing(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    folder.rename(folder.parent / "unmounted")
    report = ingest([folder], archive, cut, prune=True)
    assert reasons(report) == {str(folder): Reason.NOT_FOUND}
    assert report.removed == ()
    assert report.articles == 2


def test_a_renamed_file_is_itself_again_once_pruned(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    (folder / "bridge.txt").rename(folder / "jisr.txt")
    report = ingest([folder], archive, cut)
    assert report.missing == ("bridge.txt",)
    assert report.duplicates == (Duplicate("jisr.txt", "bridge.txt"),)
    report = ingest([folder], archive, cut, prune=True)
    assert (report.removed, report.added) == (("bridge.txt",), ("jisr.txt",))


def test_a_file_that_is_there_but_unreadable_now_is_not_missing(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    write(folder / "bridge.txt", b"")
    report = ingest([folder], archive, cut, prune=True)
    assert reasons(report) == {"bridge.txt": Reason.EMPTY}
    assert report.removed == report.missing == ()
    assert archive.article("bridge.txt").current


# What cannot be read


def test_what_cannot_be_read_is_named_and_the_rest_goes_in(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus.files, "MAX_BYTES", 1000)
    write(folder / "empty.txt", b"")
    write(folder / "blank.txt", " \n\t\u00a0\r\n")
    write(folder / "picture.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    write(folder / "torn.txt", BRIDGE[:100].encode() + b"\xff" + BRIDGE[100:].encode())
    write(folder / "large.txt", BRIDGE * 3)
    write(folder / "signs.txt", "*** --- ***\n")
    (folder / "dangling.txt").symlink_to(folder / "nowhere")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    os.mkfifo(folder / "pipe.txt")
    write(folder / "notes.xyz", b"PK")
    write(folder / ".hidden.txt", MARKET)
    write(folder / ".git" / "x.txt", MARKET)
    report = ingest([folder], archive, cut)
    assert report.added == ("bridge.txt", "local/market.txt")
    assert {(skipped.source, skipped.reason, skipped.detail) for skipped in report.skipped} == {
        ("empty.txt", "empty", ""),
        ("blank.txt", "empty", ""),
        ("picture.txt", "binary, not text", "NUL at byte 8"),
        ("torn.txt", "wrongly encoded", f"not UTF-8 at byte {len(BRIDGE[:100].encode())}"),
        ("large.txt", "too large", f"{len(BRIDGE.encode()) * 3:,} bytes, the limit is 1,000"),
        ("dangling.txt", "not found", "broken link"),
        ("loop.txt", "unreadable", "Too many levels of symbolic links"),
        ("pipe.txt", "not a regular file", ""),
        ("signs.txt", "no article in it", next(s.detail for s in report.skipped if s.source == "signs.txt")),
    }
    assert any(str(skipped).startswith("signs.txt: no article in it (") for skipped in report.skipped)
    assert str(Skipped("a.txt", Reason.EMPTY)) == "a.txt: empty"


def test_a_path_that_is_not_there_or_not_supported_is_named(archive: Archive, folder: Path) -> None:
    other = write(folder / "notes.xyz", b"PK")
    report = ingest([other, folder / "none.txt", folder / "none", folder / "bridge.txt"], archive, cut)
    assert reasons(report) == {
        str(other): Reason.UNSUPPORTED,
        str(folder / "none.txt"): Reason.NOT_FOUND,
        str(folder / "none"): Reason.NOT_FOUND,
    }
    assert report.added == ("bridge.txt",)


def test_a_file_name_that_is_no_text_is_named(archive: Archive, folder: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xe3.txt")).write_text(HARVEST)
    except OSError:
        pytest.skip("the file system takes only Unicode names")
    assert reasons(ingest([folder], archive, cut)) == {"\\udce3.txt": Reason.NAME}


def test_what_may_not_be_read_is_named_and_not_pruned(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    (folder / "bridge.txt").chmod(0)
    (folder / "local").chmod(0)
    if os.access(folder / "bridge.txt", os.R_OK):
        pytest.skip("root may read everything")
    try:
        report = ingest([folder], archive, cut, prune=True)
    finally:
        (folder / "local").chmod(0o700)
    assert reasons(report) == {"bridge.txt": Reason.UNREADABLE, "local": Reason.UNREADABLE}
    assert report.removed == ()


def test_a_file_that_vanishes_or_a_parser_at_fault_stops_nothing(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(worker: Worker, text: str, source: str, said: object) -> list[Article]:
        (folder / "local" / "market.txt").unlink(missing_ok=True)
        if source == "harvest.txt":
            raise InconsistentArticleError("not what the file holds")
        return [Article(source, "عنوان", text)]

    write(folder / "harvest.txt", HARVEST)
    # so that some are read again in their turn
    monkeypatch.setattr("corpus.ingest.pages.MOST_HELD", len(HARVEST))
    monkeypatch.setattr(Worker, "parse", parse)
    report = ingest([folder], archive, cut)
    assert report.added == ("bridge.txt",)
    assert reasons(report) == {"harvest.txt": Reason.NO_ARTICLE, "local/market.txt": Reason.NOT_FOUND}


def test_links_that_go_round_are_followed_once(archive: Archive, folder: Path) -> None:
    (folder / "local" / "up").symlink_to(folder)
    (folder / "a link").symlink_to(folder / "local")
    (folder / "seen.txt").symlink_to(folder / "local" / "market.txt")
    report = ingest([folder], archive, cut)
    assert report == Report(
        added=("bridge.txt", "local/market.txt"),
        duplicates=(Duplicate("seen.txt", "local/market.txt"),),
        articles=2,
    )


def test_links_out_of_a_folder_are_named_and_not_followed(archive: Archive, folder: Path) -> None:
    secret = write(folder.parent / "elsewhere" / "harvest.txt", HARVEST)
    (folder / "linked").symlink_to(secret.parent)
    (folder / "one.txt").symlink_to(secret)
    (folder / "picture.png").symlink_to(write(secret.parent / "picture.png", b"x"))
    (folder / "local" / "far").symlink_to("../../elsewhere")
    (folder / "round.txt").symlink_to("../in/bridge.txt")
    report = ingest([folder], archive, cut)
    assert reasons(report) == dict.fromkeys(("linked", "one.txt", "local/far"), Reason.OUTSIDE)
    assert (report.added, report.articles) == (("bridge.txt", "local/market.txt"), 2)
    by_itself = ingest([folder / "linked", folder / "one.txt"], archive, cut)
    assert (by_itself.added, by_itself.skipped) == (("harvest.txt",), ())


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1256"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_arabic_is_read_in_the_encodings_it_comes_in(encoding: str, newline: str) -> None:
    text = BRIDGE.replace("\n", newline) + "«اقتباس»؛ هل انتهى؟ – “نعم”…"
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "reason", "where"),
    [
        ("Çarşıda kırk dükkân açıldı.".encode("cp1254"), Reason.ENCODING, "not UTF-8 at byte 0"),
        ("Un pont a été inauguré à côté de l'île.".encode("cp1252"), Reason.ENCODING, "not UTF-8 at byte 10"),
        (BRIDGE.encode() + b"\xd9\n", Reason.ENCODING, f"not UTF-8 at byte {len(BRIDGE.encode())}"),
        (
            BRIDGE.encode("utf-8-sig") + b"\xff",
            Reason.ENCODING,
            f"not UTF-8 at byte {len(BRIDGE.encode()) + 3}",
        ),
        (BRIDGE.encode("utf-16") + b"\x00", Reason.ENCODING, f"not UTF-16 at byte {len(BRIDGE) * 2 + 2}"),
        (BRIDGE.encode("utf-32-le"), Reason.BINARY, "NUL at byte "),
        (BRIDGE.encode("utf-32") + b"\x00", Reason.ENCODING, f"not UTF-32 at byte {len(BRIDGE) * 4 + 4}"),
        (b"\xff\xd8\xff\xe0\x10JFIF\x01", Reason.BINARY, "not UTF-8 at byte 0"),
        (BRIDGE.encode() + b"\x02", Reason.BINARY, f"control character at character {len(BRIDGE)}"),
    ],
)
def test_what_is_not_text_is_never_guessed(data: bytes, reason: Reason, where: str) -> None:
    with pytest.raises(NoTextError) as caught:
        decode(data)
    assert caught.value.reason == reason
    assert caught.value.detail.startswith(where)


@given(st.text())
def test_utf8_comes_back_or_is_refused(text: str) -> None:
    assert outcome(text.encode()) in (text.removeprefix("\ufeff"), Reason.EMPTY, Reason.BINARY)


@given(st.binary())
def test_bytes_are_text_or_the_reason_is_named(data: bytes) -> None:
    assert outcome(data).strip()


def outcome(data: bytes) -> str:
    try:
        return decode(data)
    except NoTextError as error:
        return error.reason


# Versions of the code, kills, and company


def age(folder: Path, seconds: float = 60.0) -> None:
    """Every file as if written that long ago."""
    for path in folder.rglob("*.*"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened."""
    names: list[str] = []

    def read(path: Path, worker: Worker) -> object:
        names.append(path.name)
        return read_file(path, worker)

    monkeypatch.setattr("corpus.ingest.pages.read_file", read)
    return names


def test_only_what_changed_is_read(archive: Archive, folder: Path, opened: list[str]) -> None:
    age(folder)
    ingest([folder], archive, cut)
    assert set(opened) == {"bridge.txt", "market.txt"}
    opened.clear()
    report = ingest([folder], archive, cut)
    assert (report.unchanged, opened) == (("bridge.txt", "local/market.txt"), [])
    write(folder / "bridge.txt", HARVEST.encode())
    age(folder, 30)
    assert ingest([folder], archive, cut).changed == ("bridge.txt",)
    assert set(opened) == {"bridge.txt", "market.txt"}  # both were touched, and one says something else


def test_a_file_just_written_is_read_again(archive: Archive, folder: Path, opened: list[str]) -> None:
    """Its clock may not tell that it was written once more."""
    ingest([folder], archive, cut)
    opened.clear()
    write(folder / "bridge.txt", BRIDGE.replace("14", "15").encode())  # as long, in the same moment
    assert ingest([folder], archive, cut).changed == ("bridge.txt",)


def test_another_reader_or_recipe_reads_all_files_again(
    archive: Archive, folder: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    age(folder)
    ingest([folder], archive, cut)
    opened.clear()
    monkeypatch.setattr(corpus.parse, "VERSION", corpus.parse.VERSION + 1)
    assert ingest([folder], archive, cut).unchanged == ("bridge.txt", "local/market.txt")
    assert set(opened) == {"bridge.txt", "market.txt"}
    opened.clear()
    assert ingest([folder], archive, cut, recipe="other").changed == ("bridge.txt", "local/market.txt")


def test_an_unread_file_still_keeps_its_text_from_coming_twice(
    archive: Archive, folder: Path, opened: list[str]
) -> None:
    age(folder)
    ingest([folder], archive, cut)
    write(folder / "copy.txt", BRIDGE.encode())
    assert ingest([folder], archive, cut).duplicates == (Duplicate("copy.txt", "bridge.txt"),)


NAMES = [
    "المرفأ",
    "المطحنة",
    "المكتبة",
    "الملعب",
    "المشفى",
    "المدرسة",
    "الحديقة",
    "المحطة",
    "المتحف",
    "البلدية",
]
DEEDS = [
    "افتتح أبوابه",
    "أعلن برنامجه",
    "استقبل زواره",
    "أنهى ترميمه",
    "جدد أثاثه",
    "وسع خدماته",
    "كرم عماله",
]
TIMES = ["صباح الأحد", "مساء الخميس", "أول الشهر", "بعد العيد", "قبل الشتاء", "في عطلة الربيع"]


def generate(folder: Path, count: int) -> None:
    """News of a town that is nowhere, the same every time."""
    chance = random.Random(1)
    for number in range(count):
        lines = [f"خبر {number}: {chance.choice(NAMES)} {chance.choice(DEEDS)}", ""]
        for _ in range(chance.randint(2, 5)):
            lines.append(
                " ".join(
                    f"قال مدير {chance.choice(NAMES)} إنه {chance.choice(DEEDS)} {chance.choice(TIMES)}."
                    for _ in range(chance.randint(2, 4))
                )
            )
        write(folder / f"{number % 7}" / f"{number}.txt", "\n".join(lines))
    write(folder / "again.txt", (folder / "0" / "0.txt").read_bytes())


def dump(path: Path) -> dict[str, list[object]]:
    """All that the archive says, but for the times and the numbers of rows."""
    with Database(path) as db:
        files = "(select digest from files where id = file)"
        return {
            name: [tuple(row) for row in db.execute(sql)]
            for name, sql in {
                "files": "select source, digest, text from files order by source, digest",
                "sources": f"select source, {files}, path, parser, recipe from sources order by source",
                "articles": f"select id, {files}, source, part, version, current, title, body, publisher,"
                " site, url, place, published, dating, blocks, kept, dropped from articles order by id",
                "chunks": "select id, article, start, stop, sentences, words, stems"
                " from chunks join search on search.rowid = number order by id",
                "search": "select count(*) from search",
                "terms": "select * from terms order by term",
            }.items()
        }


CHILD = """
import sys
from pathlib import Path
from corpus.chunk import chunks
from corpus.ingest import ingest
from corpus.store import Archive
def cut(article):
    return chunks(article, lambda texts: [len(text.split()) for text in texts], target=20, limit=30)
with Archive(Path(sys.argv[1])) as archive:
    ingest([Path(sys.argv[2])], archive, cut, prune=True, progress=lambda *done: print(done, flush=True))
"""


def start(path: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(path), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_killed_at_any_point_and_run_again_is_as_if_never_killed(tmp_path: Path) -> None:
    folder, chance = tmp_path / "in", random.Random()
    generate(folder, 150)

    def change() -> None:
        """One file of each kind of change."""
        write(folder / "0" / "7.txt", BRIDGE)
        write(folder / "1" / "1.txt", (folder / "2" / "2.txt").read_bytes())
        (folder / "3" / "3.txt").unlink()
        write(folder / "new.txt", MARKET)

    killed = tmp_path / "killed" / "archive.sqlite"
    with Archive(tmp_path / "whole" / "archive.sqlite") as whole:
        ingest([folder], whole, cut, prune=True)
        kill(killed, folder, chance, 4)
        assert dump(killed) == dump(whole.path)
        change()
        ingest([folder], whole, cut, prune=True)
    kill(killed, folder, chance, 2)
    assert dump(killed) == dump(whole.path)
    with Database(killed) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        db.execute("insert into search(search) values ('integrity-check')")


def kill(path: Path, folder: Path, chance: random.Random, times: int) -> None:
    """Ingest, killed some files and some milliseconds on, several times; then once to the end."""
    for _ in range(times):
        process = start(path, folder)
        assert process.stdout
        for _ in range(chance.randint(0, 60)):
            process.stdout.readline()
        time.sleep(chance.random() * 0.03)
        process.kill()
        process.communicate()
    process = start(path, folder)
    process.communicate()
    assert process.returncode == 0


def test_two_ingests_at_once_take_turns(tmp_path: Path) -> None:
    folder, path = tmp_path / "in", tmp_path / "archive.sqlite"
    generate(folder, 40)
    both = [start(path, folder) for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    with Archive(path) as archive, Archive(tmp_path / "alone.sqlite") as alone:
        ingest([folder], alone, cut)
        assert dump(archive.path) == dump(alone.path)
        assert {article.version for article in archive.articles(current=False)} == {1}


def test_an_ingest_beside_a_long_one_is_told(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(archive.path) as other, other.lock():
        monkeypatch.setattr(archive, "lock", lambda: type(archive).lock(archive, 0.05))
        with pytest.raises(ArchiveBusyError, match="wait until it is done"):
            ingest([folder], archive, cut)
    assert ingest([folder], archive, cut).articles == 2


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "it is empty"),
        (["a.xyz", "sub/b.XYZ", "c.png", "README", "musnad.toml"], "by kind: .xyz×2, -×1, .png×1"),
    ],
)
def test_a_folder_with_nothing_to_read_is_named(
    archive: Archive, tmp_path: Path, names: list[str], said: str
) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    for name in names:
        write(nothing / name, b"")
    report = ingest([nothing], archive, cut)
    assert report == Report(skipped=(Skipped(str(nothing), Reason.NOTHING, said),))
    write(nothing / "bridge.txt", BRIDGE)
    assert ingest([nothing], archive, cut).skipped == ()
    (nothing / "bridge.txt").unlink()
    assert ingest([nothing], archive, cut) == Report(missing=("bridge.txt",), articles=1)


def test_a_file_that_takes_on_the_text_of_another_meanwhile_is_its_double_in_the_next_run(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = Worker.parse

    def swap(worker: Worker, text: str, source: str, said: PageMetadata | None = None) -> list[Article]:
        write(folder / "local" / "market.txt", BRIDGE)  # after it was found, before it is taken
        return parse(worker, text, source, said)

    monkeypatch.setattr("corpus.ingest.pages.MOST_HELD", 0)
    monkeypatch.setattr(Worker, "parse", swap)
    ingest([folder], archive, cut)
    monkeypatch.undo()
    settled = ingest([folder], archive, cut)
    assert settled.duplicates == (Duplicate("local/market.txt", "bridge.txt"),)
    assert all_of(archive) == {"bridge.txt": "افتتاح جسر جديد فوق النهر"}


def test_no_more_of_a_file_is_read_than_the_most_whatever_its_size_was(
    archive: Archive, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.files.check_file", lambda path: 10)
    monkeypatch.setattr("corpus.files.MAX_BYTES", 100)
    report = ingest([folder / "bridge.txt"], archive, cut)
    assert [str(each) for each in report.skipped] == [
        f"{folder / 'bridge.txt'}: too large (101 bytes, the limit is 100)"
    ]


# Documents without a path


def document(source: str, text: str = BRIDGE, **given: Any) -> Document:
    return Document(source, text.encode(), ".txt", **given)


def test_a_document_goes_in_without_a_path(archive: Archive, folder: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    report = ingest_documents([document("جسر.txt")], archive, cut, progress=lambda *done: seen.append(done))
    assert report == Report(added=("جسر.txt",), articles=1)
    assert seen == [(1, 1, "جسر.txt")]
    [article] = archive.articles_of("جسر.txt")
    assert article.title == "افتتاح جسر جديد فوق النهر"
    assert archive.origins()["جسر.txt"].path is None
    assert ingest([folder], archive, cut, prune=True).removed == ()
    assert ingest_documents([document("جسر.txt")], archive, cut) == Report(unchanged=("جسر.txt",), articles=2)


def test_a_post_fills_what_its_text_does_not_say(archive: Archive) -> None:
    given = {
        "url": "https://t.me/river/7",
        "publisher": "قناة النهر",
        "published": "2026-02-10T21:30:00+00:00",
    }
    headed = BRIDGE.replace(
        "\n\n", "\nالناشر: صحيفة الضفة\nالتاريخ: 9 شباط 2026\nالرابط: daffa.example/7\n\n", 1
    )
    ingest_documents(
        [document("t.me/river/7", HARVEST, **given), document("t.me/river/8", headed, **given)], archive, cut
    )
    bare, dated = archive.articles_of("t.me/river/7")[0], archive.articles_of("t.me/river/8")[0]
    assert (bare.publisher, bare.published.date, bare.url, bare.site) == (
        "قناة النهر",
        "2026-02-10",
        "https://t.me/river/7",
        None,
    )
    assert (dated.publisher, dated.published.date, dated.url) == (
        "صحيفة الضفة",
        "2026-02-09",
        "https://t.me/river/7",
    )


def test_a_page_without_a_name_is_of_the_outlet_whose_site_it_is_on(archive: Archive) -> None:
    given = {"url": "https://www.sana.sy/statement.txt"}
    ingest_documents([document("sana.sy/statement.txt", **given)], archive, cut)
    ingest_documents([document("127.0.0.1/x", HARVEST, url="http://127.0.0.1:8000/x")], archive, cut)
    assert archive.article("sana.sy/statement.txt").publisher == "سانا"
    assert archive.article("127.0.0.1/x").publisher is None


def test_a_document_of_the_same_name_is_a_new_version_only_of_its_like(
    archive: Archive, folder: Path
) -> None:
    ingest_documents([document("بيان.txt")], archive, cut)
    corrected = BRIDGE.replace("14 شهرا", "عامين")
    assert ingest_documents([document("بيان.txt", corrected)], archive, cut).changed == ("بيان.txt",)
    report = ingest_documents([document("بيان.txt", HARVEST)], archive, cut)
    assert report == Report(added=("بيان (2).txt",), articles=2)
    assert ingest_documents([document("بيان.txt", HARVEST)], archive, cut).unchanged == ("بيان (2).txt",)
    page = {"url": "https://news.example/live"}
    ingest_documents([document("news.example/live", MARKET, **page)], archive, cut)
    later = document("news.example/live", MARKET.replace("السوق", "المرفأ") * 3 + "وانتهى.", **page)
    assert ingest_documents([later], archive, cut).changed == ("news.example/live",)


def test_a_document_and_a_file_of_one_name_are_two(archive: Archive, folder: Path) -> None:
    ingest([folder], archive, cut)
    assert ingest_documents([document("bridge.txt", HARVEST)], archive, cut).added == ("bridge (2).txt",)
    report = ingest_documents([document("هذا.txt", MARKET)], archive, cut)
    assert report.duplicates == (Duplicate("هذا.txt", "local/market.txt"),)
    write(folder / "bridge (2).txt", MARKET + "\nوقالت الجمعية إن العمل في السوق انتهى.\n")
    assert ingest([folder], archive, cut).added == ("in/bridge (2).txt",)
    assert archive.article("bridge (2).txt").title == "بدء موسم الحصاد في السهل"


def test_a_format_that_is_not_read_is_named_in_a_folder_too(archive: Archive, folder: Path) -> None:
    write(folder / "prices.xls", b"x")
    write(folder / "letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1WordDocument")
    report = ingest([folder], archive, cut)
    assert {skipped.source: skipped.detail.partition(":")[0] for skipped in report.skipped} == {
        "prices.xls": "a spreadsheet",
        "letter.doc": "an old Word file",
    }


def test_a_document_that_cannot_be_read_is_named(archive: Archive) -> None:
    report = ingest_documents(
        [Document("a.xyz", b"{", ".xyz"), Document("b.txt", b"", ".txt"), document("c.txt")], archive, cut
    )
    assert reasons(report) == {"a.xyz": Reason.UNSUPPORTED, "b.txt": Reason.EMPTY}
    assert report.added == ("c.txt",)


def test_a_strangers_name_is_made_safe() -> None:
    named = Document("../\u202egnp.\u2066txt\x1b[2J\n" + "طويل" * 100 + ".html", b"", "HTML")
    assert named.source.startswith("../gnp.txt[2J طويل")
    assert len(named.source) == 200
    assert named.source.endswith("….html")
    assert named.kind == ".html"
    assert Document("\u202e\n", b"", ".pdf").source == "document.pdf"
    assert Document("ا", b"", ".txt", publisher="\u200f \x00", published="2026-13-01").published is None


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("بيان.PDF", "application/octet-stream", ".pdf"),
        ("page.htm", "text/html", ".html"),
        ("بلا لاحقة", "text/html; charset=utf-8", ".html"),
        ("تقرير.docx", "application/zip", ".docx"),
        ("x.docx.exe", "application/x-dosexec", ".exe"),
        ("x", "", ""),
    ],
)
def test_the_kind_of_a_document_is_known_by_its_name_or_type(name: str, media_type: str, kind: str) -> None:
    assert kind_of(name, media_type) == kind
