"""What recurs in an outlet's articles: found across the archive, left out of passages, kept in the body."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from corpus.article import Article, Block, Chunk, Published, Recurring, Span
from corpus.chunk import chunks
from corpus.parse import parse
from corpus.recurrence import FORM, HEAD, SENTENCE, SHORT, TAIL, groups, needed, pieces, recurring
from corpus.store import Archive, Cleaned

LAST = "وتبقى الحلقات متاحة أسبوعًا كاملًا."
POLICY = f"تجدون نشراتنا الصوتية الجديدة في كل مكان. وتصلكم حلقاتها كل صباح عند الفجر. {LAST}"
BACKGROUND = "وكان الفريق قد أنهى الموسم الماضي في المرتبة الأخيرة، قبل أن يتولى مدرب جديد تدريب اللاعبين."

# What the reports are of: subject, deed and place change, and with them the words.
SUBJECTS = (
    "البلدية",
    "الجامعة",
    "المصرف المركزي",
    "وزارة الزراعة",
    "نقابة الأطباء",
    "شركة الكهرباء",
    "متحف الفنون",
)
DEEDS = (
    "افتتحت جسرًا يصل ضفتي النهر بعد عامين من العمل",
    "أعلنت نتائج مسابقة كبيرة شارك فيها مئات الشبان",
    "خفضت رسوم الاشتراك للعائلات الكثيرة الأولاد",
    "نشرت تقريرًا مفصلًا عن محصول القمح في السهول",
    "عرضت خريطة قديمة للمدينة عثر عليها عمال بناء",
)


def report(number: int, *, subject: str = "", more: tuple[str, ...] = (), above: str = "") -> str:
    """Return the text of a report, unlike any of another number."""
    draw = random.Random(number)
    who, deed = subject or draw.choice(SUBJECTS), draw.choice(DEEDS)
    title = f"{who} في خبرها رقم {number}: {deed}"
    said = (
        f"{deed.capitalize()}، وقالت {who} في بيان إن {number} من سكان الحي {number + 3} حضروا اللقاء الأول."
    )
    later = (
        f"وأضاف البيان أن {draw.choice(SUBJECTS)} {draw.choice(DEEDS)}، بعد أن {draw.choice(DEEDS)} قبل عام."
    )
    return "\n\n".join(filter(None, [title, above, said, later, *more]))


def cut(article: Article) -> list[Chunk]:
    return chunks(article, lambda texts: [len(text.split()) for text in texts], target=40, limit=60)


def add(archive: Archive, texts: dict[str, str], publisher: str = "بوابة السهل") -> None:
    for source, text in texts.items():
        found = [replace(article, publisher=publisher) for article in parse(text, source)]
        archive.add_file(source, source, text, found, cut)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite") as opened:
        yield opened


def page(number: int, **made: object) -> str:
    footer = f"رابط الخبر ببوابة السهل: {report(number).splitlines()[0]}"
    return report(number, more=(footer, POLICY), **made)  # type: ignore[arg-type]


def left_out(archive: Archive, source: str) -> str:
    """Return what is left out of an article's passages, and check that no passage has any of it."""
    (article,) = archive.articles_of(source)
    found = [chunk for chunk in archive.chunks(sorted(archive.chunk_ids())) if chunk.article_id == article.id]
    assert found
    for span in article.recurring:
        assert all(chunk.end <= span.start or span.end <= chunk.start for chunk in found)
    return "\n".join(article.body[span.start : span.end] for span in article.recurring)


# What is found


def test_what_recurs_is_left_out_of_passages_and_stays_in_the_body(archive: Archive) -> None:
    add(archive, {f"{n}.txt": page(n) for n in range(8)})
    before = {article.id: article.body for article in archive.articles()}
    cleaned = archive.clean(cut)
    assert {line.text for line in cleaned.lines} > {LAST}
    assert {(line.outlet, line.articles) for line in cleaned.lines} == {("بوابة السهل", 8)}
    assert cleaned.changed == 8
    assert left_out(archive, "3.txt").endswith(f"{report(3).splitlines()[0]}\n{POLICY}")
    assert {article.id: article.body for article in archive.articles()} == before
    assert archive.match('"الفجر"', 5) == []
    assert archive.match('"البيان"', 5)


def test_cleaning_again_changes_nothing(archive: Archive) -> None:
    add(archive, {f"{n}.txt": page(n) for n in range(8)})
    first, generation = archive.clean(cut), archive.generation()
    assert archive.clean(cut) == Cleaned(first.lines, 0)
    assert archive.generation() == generation


def test_an_outlet_of_many_articles_is_counted_again_when_a_fiftieth_of_them_came(archive: Archive) -> None:
    other = "جريدة الوادي"
    add(archive, {f"{n}.txt": report(n) for n in range(81)} | {f"{n}.txt": page(n) for n in range(81, 100)})
    add(archive, {f"o/{n}.txt": page(n) for n in range(300, 308)}, other)
    assert {line.outlet for line in archive.clean(cut, every=False).lines} == {other}
    add(archive, {"100.txt": page(100)})
    add(archive, {"o/new.txt": page(308)}, other)
    assert left_out(archive, "o/new.txt").endswith(POLICY), "known already"
    lines = archive.clean(cut, every=False).lines
    assert {(line.outlet, line.articles) for line in lines} == {(other, 9)}, (
        "one came to eight, one to a hundred"
    )
    add(archive, {f"{n}.txt": page(n) for n in range(101, 104)})
    assert {line.outlet for line in archive.clean(cut, every=False).lines} == {other, "بوابة السهل"}
    assert left_out(archive, "100.txt").endswith(POLICY)
    for n in range(81, 104):
        archive.remove_file(f"{n}.txt")
    assert {line.outlet for line in archive.clean(cut, every=False).lines} == {other}


def test_all_outlets_are_counted_again_when_that_is_asked_for(archive: Archive) -> None:
    add(archive, {f"{n}.txt": report(n) for n in range(81)} | {f"{n}.txt": page(n) for n in range(81, 100)})
    assert archive.clean(cut).lines == ()
    add(archive, {"100.txt": page(100)})
    assert archive.clean(cut, every=False).lines == ()
    assert archive.clean(cut).lines != ()


def test_all_outlets_of_an_older_archive_are_counted_once(archive: Archive) -> None:
    add(archive, {f"{n}.txt": page(n) for n in range(8)})
    with Database(archive.path) as db, db.conn:
        db.execute("drop table unsettled")
        db.execute("delete from _sqlite_migrations where name = 'unsettled'")
    with Archive(archive.path) as again:
        assert again.clean(cut, every=False).changed == 8
        with Database(again.path) as db:
            assert db.execute("select count(*) from unsettled").fetchone() == (0,)


def test_a_new_article_is_marked_by_what_is_known_and_one_of_another_outlet_is_not(archive: Archive) -> None:
    add(archive, {f"a/{n}.txt": page(n) for n in range(8)})
    archive.clean(cut)
    add(archive, {"a/new.txt": page(20)})
    assert POLICY in left_out(archive, "a/new.txt")
    add(archive, {"b/new.txt": page(21)}, publisher="صحيفة أخرى")
    assert left_out(archive, "b/new.txt") == ""


def test_a_quote_of_a_line_that_was_found_to_recur_later_stays_resolvable(archive: Archive) -> None:
    add(archive, {f"{n}.txt": page(n) for n in range(8)})
    (article,) = archive.articles_of("2.txt")
    at = article.body.index(LAST)
    archive.clean(cut)
    same = archive.article(article.id)
    assert same.body[at:].startswith(LAST)
    assert same.current
    assert same.recurs(Span(at, len(same.body)))


def test_what_recurs_no_more_is_evidence_again(archive: Archive) -> None:
    add(archive, {f"{n}.txt": page(n) for n in range(8)})
    archive.clean(cut)
    for n in range(6):
        archive.remove_file(f"{n}.txt")
    assert archive.clean(cut).lines == ()
    assert left_out(archive, "7.txt") == ""
    assert archive.match('"الفجر"', 5)


@pytest.mark.parametrize("count", [10, 40])
def test_a_paragraph_of_background_is_reporting_however_often_it_is_repeated(
    archive: Archive, count: int
) -> None:
    """It stands at the end of two articles of five, all on its subject."""
    about = {n for n in range(count) if n % 5 < 2}
    add(
        archive,
        {
            f"{n}.txt": report(n, subject="الفريق" if n in about else "", more=(BACKGROUND,) * (n in about))
            + f"\n\n{POLICY}"
            for n in range(count)
        },
    )
    lines = {line.text for line in archive.clean(cut).lines}
    assert BACKGROUND not in lines
    assert LAST in lines
    assert archive.match('"المرتبة" OR "مرتب"', 50)


def test_the_article_that_is_about_a_line_keeps_it(archive: Archive) -> None:
    line = "تبيع بوابة السهل قمصانًا وأكوابًا رسم عليها طلاب كلية الفنون مشاهد ملونة."
    news = (
        "قمصان وأكواب ملونة من بوابة السهل\n\n"
        "بدأت البوابة أمس تبيع قمصانًا وأكوابًا رسم عليها طلاب كلية الفنون مشاهد ملونة، "
        f"وقال محررها إن أثمانها لدعم الكلية.\n\n{line}"
    )
    add(archive, {f"{n}.txt": report(n, more=(line,)) for n in range(9)} | {"news.txt": news})
    assert [found.text for found in archive.clean(cut).lines] == [line]
    assert left_out(archive, "1.txt") == line
    assert left_out(archive, "news.txt") == ""


def test_a_form_that_articles_fill_in_with_what_they_are_about_is_reporting(archive: Archive) -> None:
    crops = ("القمح", "الزيتون", "التفاح", "العنب", "الرمان", "التين")
    filled = "وباع المزارعون {} كله في سوق البلدة الكبيرة."
    roles = (
        "محرر الأخبار",
        "محررة الرياضة",
        "مراسل الجنوب",
        "كاتبة الزاوية",
        "قسم المتابعة",
        "فريق التحقيقات",
    )
    signed = "أعدت هذه المادة للنشر في البوابة: {}"
    texts = {
        f"{number}.txt": f"جني {crop} في الوادي\n\n{report(number)}\n\n{filled.format(crop)}\n\n{signed.format(role)}"
        for number, (crop, role) in enumerate(zip(crops, roles, strict=True))
    }
    add(archive, texts)
    (found,) = archive.clean(cut).lines
    assert found.text in {signed.format(role) for role in roles}
    assert left_out(archive, "4.txt") == signed.format(roles[4])


def test_an_article_of_which_nothing_else_is_left_stays_whole(archive: Archive) -> None:
    add(archive, {f"{n}.txt": report(n, more=(POLICY,)) for n in range(9)})
    add(archive, {"policy.txt": f"نشرات البوابة\n\n{POLICY}"})
    archive.clean(cut)
    assert left_out(archive, "policy.txt") == ""
    assert left_out(archive, "1.txt") == POLICY


def test_one_article_that_came_under_many_names_is_no_recurrence(archive: Archive) -> None:
    text = report(1, more=(POLICY,))
    add(
        archive,
        {f"{n}.txt": f"{text}\n\nرقم النسخة {n} من هذه الوثيقة المحفوظة في الخزانة." for n in range(9)},
    )
    assert archive.clean(cut).lines == ()


# What is the same


SAME = [
    ("نشر في 3 شباط 2026 عند الساعة 12:40", "نشر في ١٧ آذار ٢٠٢٥ عند الساعة ٩:٠٥"),
    ("نُشر هذا الخبر يوم الأحد على بوابتنا", "نشر هذا الخبر يوم الخميس على بوابتنا."),
    ("رابط مختصر لهذه المادة: https://sahl.example/a1", "رابط مختصر لهذه المادة: https://sahl.example/zz/99"),
    ("رابط الخبر ببوابة السهل: {title}", "رابط الخبر ببوابة السهل: {title}"),
    ("أعدت المادة للنشر: محررة الرياضة", "أعدت المادة للنشر: قسم المتابعة في الجنوب"),
    ("قسم المتابعة - المرفأ اليوم", "محررة الأخبار العاجلة - المرفأ اليوم"),
]
OTHER = [
    ("وصل الوزير إلى المدينة مساء الأحد", "وصل الأمير إلى القرية صباح الأحد"),
    (
        "وقال المتحدث إن العمل سيبدأ قريبًا في كل الأحياء",
        "وقال المتحدث إن الطريق مغلق بسبب الثلوج حتى الربيع القادم",
    ),
    ("{title}", "{title}"),
    ("2 - 1", "3 - 0"),
    (
        "وبلغ عدد المستفيدين من المشروع 420 عائلة. وهذا كثير.",
        "وبلغ عدد المستفيدين من المشروع 95 عائلة. وذاك قليل.",
    ),
]


def one(line: str, number: int) -> frozenset[int]:
    title = report(number).splitlines()[0]
    body = line.format(title=title)
    return frozenset(
        key
        for piece in pieces(Article("a.txt", title, body, blocks=(Block(0, len(body), "paragraph"),)))
        for key in piece.keys
    )


@pytest.mark.parametrize(("line", "other"), SAME)
def test_lines_that_differ_in_numbers_dates_links_names_or_the_headline_are_the_same(
    line: str, other: str
) -> None:
    assert one(line, 1) & one(other, 2)


@pytest.mark.parametrize(("line", "other"), OTHER)
def test_lines_that_tell_something_else_are_others(line: str, other: str) -> None:
    assert not one(line, 1) & one(other, 2)


@pytest.mark.parametrize(
    "line", ["أ" * 200_000, "أ@" * 100_000, "1:" * 100_000, "أ " * 100_000, "19" * 100_000]
)
def test_a_line_without_end_takes_no_longer_than_its_length(line: str) -> None:
    article = Article("a.txt", "أ " * 50 + "ب", line, blocks=(Block(0, len(line), "paragraph"),))
    started = time.process_time()
    pieces(article)
    assert time.process_time() - started < 5


def test_only_the_edges_of_an_article_count() -> None:
    lines = [f"هذه هي الجملة رقم {word} من المقال." for word in "أبجدهوزحطيكلمنسعفصقرشتثخ"]
    body = "\n".join(lines)
    starts = [body.index(line) for line in lines]
    article = Article(
        "a.txt",
        "عنوان",
        body,
        blocks=tuple(Block(at, at + len(line), "paragraph") for at, line in zip(starts, lines, strict=True)),
    )
    assert [piece.start for piece in pieces(article)] == starts[:HEAD] + starts[-TAIL:]


def test_an_article_is_counted_with_its_outlet_its_host_and_its_folder() -> None:
    article = Article("2024/news.jsonl#7", "عنوان", "نص", publisher="بوابة السهل", site="sahl.example")
    assert groups(article) == ("بوابة السهل", "sahl.example", "2024/news.jsonl/")
    assert groups(Article("in/a.txt", "عنوان", "نص")) == ("in/",)
    assert groups(Article("a.txt", "عنوان", "نص")) == ("/",)


def test_a_few_articles_prove_nothing_and_many_need_not_be_a_share_of_all() -> None:
    assert [needed(count, SENTENCE) for count in (2, 10, 40, 10_000)] == [4, 4, 8, 30]
    assert [needed(count, SHORT) for count in (2, 10, 40, 10_000)] == [4, 4, 8, 2000]
    assert [needed(count, FORM) for count in (2, 10, 40, 10_000)] == [5, 5, 20, 5000]


@given(st.text(max_size=400), st.text(max_size=60), st.sets(st.integers(0, 20)))
def test_any_text_has_pieces_in_order_and_marks_that_passages_leave_out(
    body: str, title: str, chosen: set[int]
) -> None:
    blocks: list[Block] = []
    at = 0
    for line in body.split("\n"):
        if line.strip():
            blocks.append(Block(at, at + len(line), "paragraph"))
        at += len(line) + 1
    article = Article("a.txt", title, body, blocks=tuple(blocks), published=Published())
    found = pieces(article)
    assert all(one.end <= other.start for one, other in pairwise(found))
    marked = replace(
        article,
        recurring=tuple(
            Recurring(piece.start, piece.end, 9, "/") for n, piece in enumerate(found) if n in chosen
        ),
    )
    for chunk in cut(marked):
        assert not marked.recurs(Span(chunk.start, chunk.end))
    assert recurring(article, {}) == ()


# Kills, older archives


CHILD = """
import sys
from pathlib import Path
from corpus.chunk import chunks
from corpus.store import Archive
def cut(article):
    print(article.id, flush=True)
    return chunks(article, lambda texts: [len(text.split()) for text in texts], target=40, limit=60)
with Archive(Path(sys.argv[1])) as archive:
    archive.clean(cut)
"""


def contents(archive: Archive) -> dict[str, tuple[tuple[Recurring, ...], list[str]]]:
    ids = sorted(archive.chunk_ids())
    return {
        article.id: (article.recurring, [id for id in ids if id.startswith(article.id)])
        for article in archive.articles()
    }


def agree(archive: Archive) -> None:
    """Check that every article's passages are those of its marks."""
    for article in archive.articles():
        expected = sorted(chunk.id for chunk in cut(article))
        assert sorted(id for id in archive.chunk_ids() if id.startswith(article.id)) == expected


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_is_as_if_never_killed(tmp_path: Path) -> None:
    texts = {f"{n}.txt": page(n) for n in range(250)}
    with Archive(tmp_path / "whole.sqlite") as whole, Archive(tmp_path / "killed.sqlite") as killed:
        add(whole, texts)
        add(killed, texts)
        whole.clean(cut)
        chance = random.Random()
        for _ in range(4):
            process = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(killed.path)], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout
            for _ in range(chance.randint(1, 70)):
                process.stdout.readline()
            time.sleep(chance.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            agree(killed)
        killed.clean(cut)
        agree(killed)
        assert contents(killed) == contents(whole)
    with Database(tmp_path / "killed.sqlite") as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        db.execute("insert into search(search) values ('integrity-check')")


def _forget(db: Database) -> None:
    for table in ("edges", "members"):
        db.execute(f"delete from {table}")


def _outdate(db: Database) -> None:
    db.execute("update edges set key = key + 4")
    db.execute("update state set value = 0 where key = 'recurrence'")


@pytest.mark.parametrize("change", [_forget, _outdate], ids=["not collected", "collected by other rules"])
def test_articles_of_an_older_archive_are_collected_first(
    tmp_path: Path, change: Callable[[Database], None]
) -> None:
    path = tmp_path / "archive.sqlite"
    with Archive(path) as archive:
        add(archive, {f"{n}.txt": page(n) for n in range(8)})
    with Database(path) as db, db.atomic():
        change(db)
    with Archive(path) as archive:
        assert archive.clean(cut).changed == 8
        assert POLICY in left_out(archive, "5.txt")


def test_progress_ends_with_all_that_was_looked_at(archive: Archive) -> None:
    add(archive, {f"{n}.txt": page(n) for n in range(60)})
    seen: list[tuple[int, int]] = []
    archive.clean(cut, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(50, 60), (60, 60)]
