"""Collections into the archive: each entry a source, what changed and no more, whatever a kill leaves."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import corpus.ingest.collection
from corpus.article import Article
from corpus.decode import Reason
from corpus.document import Document, kind_of
from corpus.ingest import ingest, ingest_documents
from corpus.report import Collected, Refusals, Report
from corpus.spool import FOLDER, Spool, clear_left_over
from corpus.store import Archive
from tests.corpus.test_ingest import BRIDGE, HARVEST, MARKET, archive, cut, dump

__all__ = ["archive"]  # the fixture, which pytest finds by its name here

TEXTS = {"a": BRIDGE, "b": MARKET, "c": HARVEST}
POOL = "افتتاح المسبح البلدي\n\nفتحت البلدية المسبح البلدي بعد صيانة دامت شهرين، ويعمل كل يوم حتى المساء.\n"
FIELDS = (("key", "id"), ("title", "title"), ("text", "text"), ("published", "date"))


def put(path: Path, texts: Mapping[str, str]) -> Path:
    """Write texts, each a headline and what follows it, as a collection that is old enough to be trusted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    records = []
    for key, text in texts.items():
        title, _, body = text.partition("\n")
        records.append({"id": key, "title": title, "text": body.strip(), "date": "2024-03-05"})
    path.write_text(
        "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records), encoding="utf-8"
    )
    settle(path)
    return path


def settle(path: Path) -> None:
    before = time.time() - 60 + len(path.read_bytes()) % 50
    os.utime(path, (before, before))


def collected(report: Report) -> Collected:
    [only] = report.collections
    return only


def test_each_entry_is_a_source_of_its_own(archive: Archive, tmp_path: Path) -> None:
    put(tmp_path / "in" / "sub" / "news.jsonl", TEXTS)
    report = ingest([tmp_path / "in"], archive, cut)
    assert report == Report(collections=(Collected("sub/news.jsonl", added=3, fields=FIELDS),), articles=3)
    assert (report.undated, report.unnamed) == (0, 3)
    article = archive.article("sub/news.jsonl#b")
    assert article.title == "عودة السوق القديم بعد ترميمه"
    assert article.published.date == "2024-03-05"
    assert archive.file_text("sub/news.jsonl#b").startswith("عودة السوق القديم بعد ترميمه\n\nأعاد تجار")


def test_a_collection_that_is_as_it_was_is_not_opened(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "news.jsonl", TEXTS | {"empty": "عنوان\n"})
    first = collected(ingest([path], archive, cut))
    assert first.refused == (Refusals(Reason.EMPTY, 1, (("empty", ""),)),)
    monkeypatch.setattr(corpus.ingest.collection, "Worker", None)
    generation = archive.generation()
    again = collected(ingest([path], archive, cut))
    assert again == Collected("news.jsonl", unchanged=3, refused=first.refused, fields=FIELDS)
    os.utime(path, (1, 1))  # touched, but the same by its digest
    assert collected(ingest([path], archive, cut)) == again
    assert archive.generation() == generation


def test_only_what_changed_is_written(archive: Archive, tmp_path: Path) -> None:
    path = put(tmp_path / "news.jsonl", TEXTS)
    ingest([path], archive, cut)
    versions = {article.source: article.version for article in archive.articles()}
    more = (
        "انتهاء موسم القطاف\n\nأنهى مزارعو الجبل قطاف الزيتون في ثلاثة أسابيع، وقالوا إن الموسم كان وفيرا.\n"
    )
    put(path, {"d": more, "b": MARKET.replace("ستين", "سبعين"), "a": BRIDGE})
    report = collected(ingest([path], archive, cut))
    assert (report.added, report.changed, report.unchanged, report.missing) == (1, 1, 1, 1)
    now = {article.source: article.version for article in archive.articles()}
    assert now == versions | {"news.jsonl#b": 2, "news.jsonl#d": 1}
    assert collected(ingest([path], archive, cut)).missing == 1
    pruned = collected(ingest([path], archive, cut, prune=True))
    assert (pruned.removed, pruned.unchanged, pruned.missing) == (1, 3, 0)
    assert sorted(archive.sources()) == ["news.jsonl#a", "news.jsonl#b", "news.jsonl#d"]


def test_a_collection_that_is_gone_is_missing_or_pruned_with_its_entries(
    archive: Archive, tmp_path: Path
) -> None:
    path = put(tmp_path / "in" / "news.jsonl", TEXTS)
    ingest([tmp_path / "in"], archive, cut)
    path.unlink()
    assert ingest([tmp_path / "in"], archive, cut) == Report(missing=("news.jsonl",), articles=3)
    assert ingest([tmp_path / "in"], archive, cut, prune=True) == Report(removed=("news.jsonl",), articles=0)
    put(tmp_path / "in" / "other.jsonl", {"d": BRIDGE})
    assert ingest([tmp_path / "in"], archive, cut, prune=True).removed == ()


def test_a_text_goes_in_once_wherever_it_stands(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder / "news.jsonl", {"a": BRIDGE, "again": BRIDGE, "b": MARKET})
    (folder / "bridge.txt").write_text(archive_text(BRIDGE), encoding="utf-8")
    report = ingest([folder], archive, cut)
    assert report.added == ("bridge.txt",)
    assert (collected(report).added, collected(report).duplicates) == (1, 2)
    (folder / "bridge.txt").unlink()
    report = ingest([folder], archive, cut, prune=True)
    assert report.removed == ("bridge.txt",)
    assert (collected(report).added, collected(report).duplicates) == (1, 1)
    (folder / "bridge.txt").write_text(archive_text(BRIDGE), encoding="utf-8")
    report = ingest([folder], archive, cut)
    assert [(each.source, each.of) for each in report.duplicates] == [("bridge.txt", "news.jsonl#a")]


def archive_text(text: str) -> str:
    title, _, body = text.partition("\n")
    return f"{title}\n\n{body.strip()}"


def test_two_entries_that_change_places_both_stay(archive: Archive, tmp_path: Path) -> None:
    path = put(tmp_path / "news.jsonl", {"a": BRIDGE, "b": MARKET})
    ingest([path], archive, cut)
    put(path, {"a": MARKET, "b": BRIDGE})
    ingest([path], archive, cut)
    titles = {article.source: article.title for article in archive.articles()}
    assert titles == {"news.jsonl#a": MARKET.split("\n")[0], "news.jsonl#b": BRIDGE.split("\n")[0]}


def test_entries_with_one_key_are_numbered(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    texts = [*TEXTS.values(), f"{BRIDGE} وللخبر بقية."]
    records = [{"id": "x\u202e" if n else "y", "text": text} for n, text in enumerate(texts)]
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    assert collected(ingest([path], archive, cut)).added == 4
    named = ["news.jsonl#x", "news.jsonl#x (2)", "news.jsonl#x (3)", "news.jsonl#y"]
    assert sorted(archive.sources()) == named


def test_fields_that_were_named_stay_named(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps({"id": 1, "text": BRIDGE, "other": MARKET}) + "\n", encoding="utf-8")
    settle(path)
    ingest([path], archive, cut)
    assert collected(ingest([path], archive, cut, fields={"text": "other"})).changed == 1
    assert "السوق" in archive.article("news.jsonl#1").body
    assert collected(ingest([path], archive, cut)).unchanged == 1
    wrong = ingest([path], archive, cut, fields={"text": "nothing"})
    assert [str(each) for each in wrong.skipped] == [
        "news.jsonl: no article in it (no field nothing; its fields: id, text, other)"
    ]


def test_what_a_folder_says_holds_for_its_collections_and_another_word_reads_them_again(
    archive: Archive, tmp_path: Path
) -> None:
    record = {
        "id": 1,
        "title": "من نشرة الضفة",
        "when": "04/03/2026",
        "stamp": "2026-03-04T22:30:00Z",
        "content": BRIDGE,
        "more": MARKET,
        "text": HARVEST,
    }
    folder = tmp_path / "in"
    path = folder / "news.jsonl"
    folder.mkdir()
    path.write_text(json.dumps(record), encoding="utf-8")
    settle(path)
    said = folder / "musnad.toml"

    def after(toml: str, status: str, **given: Any) -> Article:
        said.write_text(toml, encoding="utf-8")
        found = collected(ingest([folder], archive, cut, **given))
        assert [name for name in ("added", "changed", "unchanged") if getattr(found, name)] == [status]
        return archive.article("news.jsonl#1")

    first = '[fields]\ntext = "content"\npublished = "when"\n'
    article = after(first, "added")
    assert "الضفة الشرقية" in article.body
    assert article.published.date == "2026-03-04"
    assert after(first, "unchanged") == article
    american = f'date_format = "%m/%d/%Y"\n{first}'
    assert after(american, "changed").published.date == "2026-04-03"
    other = american.replace('"content"', '"more"')
    assert "السوق المسقوف" in after(other, "changed").body
    stamped = first.replace('"when"', '"stamp"')
    assert after(stamped, "changed").published.date == "2026-03-04"
    zoned = f'zone = "Asia/Riyadh"\n{stamped}'
    assert after(zoned, "changed").published.date == "2026-03-05"
    assert after(zoned, "changed", outlet="نشرة الضفة").publisher == "نشرة الضفة"
    assert after(zoned, "unchanged").publisher == "نشرة الضفة"
    assert after(zoned, "changed", outlet="").publisher is None
    assert after(f'outlet = "صوت السهل"\n{zoned}', "changed").publisher == "صوت السهل"
    # What is asked for by name goes before what the folder says, then and later.
    assert "مزارعو السهل" in after(zoned, "changed", fields={"text": "text"}).body
    assert "مزارعو السهل" in after(zoned, "unchanged").body
    assert "مزارعو السهل" in after("", "changed").body
    assert "الضفة الشرقية" in after(zoned, "changed", fields={}).body
    guessed = after("", "changed")
    assert ("مزارعو السهل" in guessed.body, guessed.published.date) == (True, "2026-03-04")


def sent(source: str, texts: Mapping[str, str], **given: Any) -> Document:
    records = [{"id": key, "text": text} for key, text in texts.items()]
    data = "".join(json.dumps(each) + "\n" for each in records).encode()
    return Document(source, data, kind_of(source), **given)


def test_a_collection_that_was_sent_is_taken_in_and_leaves_no_copy(archive: Archive) -> None:
    claims = {
        "url": "https://news.example/export.jsonl",
        "publisher": "نشرة الضفة",
        "published": "2026-03-04",
    }
    report = ingest_documents([sent("export.jsonl", TEXTS, **claims)], archive, cut)
    assert collected(report).added == 3
    for article in archive.articles():
        assert (article.publisher, article.origin, article.url) == (
            "نشرة الضفة",
            "news.example",
            "https://news.example/export.jsonl",
        )
        assert article.attribution == "claimed"
        assert article.published.date is None, "the day of the file is not that of its articles"
    assert not (archive.path.parent / FOLDER).exists()
    again = collected(ingest_documents([sent("export.jsonl", TEXTS, **claims)], archive, cut))
    assert (again.unchanged, again.added) == (3, 0)
    named = collected(ingest_documents([sent("export.jsonl", TEXTS, **claims)], archive, cut, outlet="ص"))
    assert (named.changed, archive.article("export.jsonl#a").publisher) == (3, "ص")


def test_a_later_state_of_what_was_sent_is_told_from_another_of_its_name(
    archive: Archive, tmp_path: Path
) -> None:
    ingest_documents([sent("result.jsonl", TEXTS)], archive, cut)
    later = {**TEXTS, "b": MARKET.replace("ستين", "سبعين"), "d": POOL}
    grown = collected(ingest_documents([sent("result.jsonl", later)], archive, cut))
    assert (grown.source, grown.added, grown.changed, grown.unchanged) == ("result.jsonl", 1, 1, 2)
    other = {
        "a": POOL.replace("المسبح", "الملعب") * 2,
        "b": HARVEST + "وقال مزارع إن المطر تأخر هذا العام.\n",
    }
    another = collected(ingest_documents([sent("result.jsonl", other)], archive, cut))
    assert (another.source, another.added) == ("result (2).jsonl", 2)
    assert collected(ingest_documents([sent("result.jsonl", other)], archive, cut)).unchanged == 2
    path = put(tmp_path / "in" / "result.jsonl", {"z": BRIDGE.replace("الجسر", "النفق")})
    assert collected(ingest([path], archive, cut)).source == "in/result.jsonl"


def test_collections_and_documents_of_one_name_are_two(archive: Archive, tmp_path: Path) -> None:
    ingest([put(tmp_path / "one" / "news.jsonl", {"a": BRIDGE})], archive, cut)
    assert (
        collected(ingest([put(tmp_path / "two" / "news.jsonl", {"a": MARKET})], archive, cut)).source
        == "two/news.jsonl"
    )
    report = ingest_documents([sent("news.jsonl", {"a": HARVEST})], archive, cut)
    assert collected(report).source == "news (2).jsonl"
    assert archive.count_articles() == 3


def test_what_a_killed_run_left_of_what_was_sent_goes_at_the_next_start(archive: Archive) -> None:
    spool = Spool(archive.path.parent)
    for clear in (lambda: ingest_documents([], archive, cut), lambda: clear_left_over(archive)):
        left = spool.put(b"{}", "../../x.csv.gz", ".gz")
        assert (left.parent, left.name[-7:]) == (archive.path.parent / FOLDER, ".csv.gz")
        assert left.stat().st_mode & 0o077 == 0
        clear()
        assert not left.parent.exists()


def test_what_cannot_be_taken_of_what_was_sent_is_named(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.ingest.documents.MAX_BYTES", 10)
    report = ingest_documents([sent("export.jsonl", TEXTS)], archive, cut)
    monkeypatch.undo()
    assert [each.reason for each in report.skipped] == [Reason.TOO_LARGE]
    (archive.path.parent / FOLDER).write_text("")  # where a folder is to be
    report = ingest_documents([sent("export.jsonl", TEXTS)], archive, cut)
    assert [(each.source, each.reason) for each in report.skipped] == [("export.jsonl", Reason.UNREADABLE)]


def test_one_that_breaks_off_loses_nothing_and_is_read_again(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    records = [{"id": key, "text": text} for key, text in TEXTS.items()]
    whole = json.dumps(records, ensure_ascii=False)
    path.write_text(whole, encoding="utf-8")
    ingest([path], archive, cut)
    path.write_text(whole[: whole.index('"c"')], encoding="utf-8")
    settle(path)
    for _ in range(2):
        report = ingest([path], archive, cut, prune=True)
        assert (collected(report).unchanged, collected(report).removed) == (2, 0)
        assert [(each.source, each.reason) for each in report.skipped] == [("news.json", Reason.DAMAGED)]
    assert len(archive.articles()) == 3


def test_half_of_a_pair_in_a_name_ends_no_run(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    bad = [
        {"id": n, "text": f"{BRIDGE} {n}", "publisher": "صحيفة \ud800", "date": "2024-01-01\ud800"}
        for n in (1, 2)
    ]
    path.write_text(
        "".join(json.dumps(each) + "\n" for each in [*bad, {"id": 3, "text": MARKET}]), encoding="utf-8"
    )
    assert collected(ingest([path], archive, cut)).added == 3
    assert {article.publisher for article in archive.articles()} == {"صحيفة", None}


def test_progress_counts_entries_and_ends_at_its_total(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "river.txt").write_text(HARVEST, encoding="utf-8")
    put(
        tmp_path / "in" / "news.jsonl",
        {str(n): f"{BRIDGE}\nوهذا الخبر رقم {n} من الأخبار.\n" for n in range(90)},
    )
    seen: list[tuple[int, int]] = []
    ingest([tmp_path / "in"], archive, cut, progress=lambda done, total, name: seen.append((done, total)))
    assert [done for done, _ in seen] == [*range(1, 92), 91]
    assert all(done < total for done, total in seen[1:-1])
    assert seen[-1] == (91, 91)


CHILD = """
import sys
from pathlib import Path
from corpus.document import Document, kind_of
from corpus.ingest import ingest, ingest_documents
from corpus.spool import FOLDER, Spool, clear_left_over
from corpus.store import Archive
from tests.corpus.test_collection_ingest import cut
with Archive(Path(sys.argv[1])) as archive:
    ingest([Path(sys.argv[2])], archive, cut, prune=True, progress=lambda *done: print(done, flush=True))
"""


def start(path: Path, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(folder)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_killed_in_the_middle_of_a_collection_the_next_run_goes_on(tmp_path: Path) -> None:
    chance = random.Random(7)
    texts = {
        str(n): f"عنوان الخبر {n}\n\nقالت المديرية إن العمل رقم {n} انتهى. وأضافت أنه كان مفيدا.\n"
        for n in range(150)
    }
    texts |= {"again": texts["17"], "last": texts["140"]}
    path = put(tmp_path / "in" / "news.jsonl", texts)
    killed = tmp_path / "killed" / "archive.sqlite"
    with Archive(tmp_path / "whole" / "archive.sqlite") as whole:
        for change in (
            {},
            {"3": texts["5"], "5": texts["3"], "8": "عنوان آخر\n\nنص آخر من كلمات أخرى هنا.\n"},
        ):
            texts |= change
            if change:
                del texts["17"]
            put(path, texts)
            ingest([path], whole, cut, prune=True)
            done = -1
            for _ in range(3):
                process = start(killed, path)
                assert process.stdout
                for _ in range(chance.randint(20, 60)):
                    process.stdout.readline()
                process.kill()
                process.communicate()
                if killed.exists():
                    with Archive(killed) as archive:
                        assert len(archive.sources()) >= done, "what was done is not done again"
                        done = len(archive.sources()) if not change else -1
            process = start(killed, path)
            process.communicate()
            assert process.returncode == 0
            assert dump(killed) == dump(whole.path)
