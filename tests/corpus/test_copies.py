"""Copies: which articles are found to be one report, which are not, and that it holds whatever comes and goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.article import Article, Chunk
from corpus.chunk import chunks
from corpus.parse import parse
from corpus.provenance import attributed
from corpus.store import Archive

REPORT = """افتتحت بلدية السهل اليوم الأحد الجسر الجديد فوق النهر بعد عامين من الأعمال، ووقف على الضفة 300 شخص.

وقالت البلدية إن كلفة الجسر بلغت مليوني ليرة دفعتها صناديق القرى المجاورة كلها، ولم تتسلم مالًا من العاصمة.

ويعبر الجسر الذي صممه مهندسون من المدينة كل يوم أكثر من أربعة آلاف سيارة، بحسب تقدير مديرية الطرق.

وكان الجسر القديم قد انهار في سيول الشتاء قبل ثلاثة أعوام، فانقطعت القرى عن المستشفى والسوق."""
FIRST, SECOND, THIRD, LAST = REPORT.split("\n\n")
OTHER = """عاد الصيادون إلى ميناء الشاطئ بعد أسبوع من العاصفة، ووجدوا الأرصفة سليمة والشباك ممزقة.

وطلبت نقابة الصيادين تعويضًا عن خمسة عشر قاربًا غرقت، ووعدت الوزارة بجواب قبل نهاية الشهر."""


def page(title: str, text: str, outlet: str = "", day: str = "8 شباط 2026") -> str:
    return f"{title}\n{f'الناشر: {outlet}' if outlet else ''}\nالتاريخ: {day}\n\n{text}\n"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive.sqlite")
    # Others, among which the words of one report are rare.
    for number in range(4):
        put(
            archive,
            f"other{number}.txt",
            page(f"الميناء {number}", OTHER.replace("خمسة عشر", f"{20 + number}")),
        )
    return archive


def put(archive: Archive, name: str, text: str, origin: str | None = None) -> Article:
    articles = [attributed(each, origin) if origin else each for each in parse(text, name)]
    archive.add_file(name, f"{name}{hash(text)}", text, articles, cut)
    return articles[0]


def cut(article: Article) -> list[Chunk]:
    return chunks(article, lambda texts: [len(text.split()) for text in texts])


def of(archive: Archive, article: Article) -> set[str]:
    """Return the sources of an article's copies."""
    groups = archive.copies_of([article.id])
    ids = {id for group in groups for id in group.articles}
    return {each.source for each in archive.articles_by_id(ids).values()}


MADE = {
    "same": REPORT,
    "first paragraphs": f"{FIRST}\n\n{SECOND}",
    "last paragraphs": f"{THIRD}\n\n{LAST}",
    "with others below": f"{REPORT}\n\n{OTHER}",
    "in another order": f"{LAST} {FIRST} {THIRD} {SECOND}",
    "spelt otherwise": REPORT.replace("300", "٣٠٠").replace("أ", "ا").replace("ة", "ه").replace("ال", "الَ"),
    "an agency's": f"السهل - (رويترز) - {REPORT}\n\nالمصدر: رويترز",
    "a word here and there": REPORT.replace("اليوم الأحد", "أمس الأحد").replace("وقالت", "وأوضحت"),
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_copies_are_found(archive: Archive, made: str) -> None:
    original = put(archive, "original.txt", page("الجسر الجديد يفتح للعابرين", REPORT))
    copy = put(archive, "copy.txt", page("عنوان من غير هذه الألفاظ", made))
    assert of(archive, original) == of(archive, copy) == {"original.txt", "copy.txt"}


NONE = {
    "another day's figures": REPORT.replace("300", "450").replace("أربعة آلاف", "تسعة آلاف"),
    "one figure": REPORT.replace("300 شخص", "310 أشخاص"),
    "another month": REPORT.replace("الأحد", "الثلاثاء"),
    "news above": f"قُتل شخصان وجُرح 12 في حادث سير وقع فجر الاثنين عند مدخل الطريق.\n\n{SECOND}\n\n{LAST}",
    "another report": OTHER,
}


@pytest.mark.parametrize("made", NONE.values(), ids=NONE)
def test_what_is_only_like_it_is_none(archive: Archive, made: str) -> None:
    original = put(archive, "original.txt", page("الجسر الجديد", REPORT))
    put(archive, "like.txt", page("الجسر الجديد", made))
    assert of(archive, original) == set()


def test_two_parts_of_one_report_are_no_copies_of_each_other(archive: Archive) -> None:
    whole = put(archive, "whole.txt", page("نشرة اليوم", f"{REPORT}\n\n{OTHER.replace('أسبوع', 'يومين')}"))
    bridge = put(archive, "bridge.txt", page("الجسر", REPORT))
    port = put(archive, "port.txt", page("الميناء اليوم", OTHER.replace("أسبوع", "يومين")))
    assert of(archive, bridge) == {"whole.txt", "bridge.txt"}
    assert "bridge.txt" not in of(archive, port)
    assert of(archive, whole) >= {"whole.txt", "bridge.txt", "port.txt"}


def test_the_original_is_the_credited_one(archive: Archive) -> None:
    """A copy of the day before that credits the agency is the agency's."""
    early = put(
        archive, "early.txt", page("جسر", f"{REPORT}\n\nالمصدر: رويترز", day="7 شباط 2026"), "muhawil.example"
    )
    agency = put(archive, "agency.txt", page("الجسر", REPORT, "رويترز"), "reuters.com")
    (group,) = archive.copies_of([early.id])
    assert group.original == agency.id
    assert group.articles == (agency.id, early.id)
    assert group.credit == "رويترز"


def test_the_original_is_the_earliest_where_none_is_credited(archive: Archive) -> None:
    late = put(archive, "late.txt", page("جسر", REPORT, "بريد التلال", "9 شباط 2026"))
    early = put(archive, "early.txt", page("الجسر", REPORT, "صحيفة المرفأ"))
    (group,) = archive.copies_of([late.id, early.id])
    assert group.original == early.id


def test_of_one_day_none_is_called_the_original(archive: Archive) -> None:
    one = put(archive, "one.txt", page("جسر", REPORT, "بريد التلال"))
    put(archive, "two.txt", page("الجسر", REPORT, "صحيفة المرفأ"))
    (group,) = archive.copies_of([one.id])
    assert group.original is None


def test_versions_come_and_go(archive: Archive) -> None:
    original = put(archive, "original.txt", page("الجسر", REPORT))
    copy = put(archive, "copy.txt", page("جسر", REPORT))
    put(archive, "copy.txt", page("جسر", OTHER.replace("أسبوع", "شهر")))
    assert of(archive, original) == set() == of(archive, copy)
    back = put(archive, "copy.txt", page("جسر", REPORT))
    assert back.id == copy.id
    assert of(archive, original) == {"original.txt", "copy.txt"}
    third = put(archive, "third.txt", page("جسر ثالث", REPORT))
    archive.remove_file("original.txt")
    assert of(archive, third) == {"copy.txt", "third.txt"}
    assert of(archive, original) == set()
    with archive._connections.reading() as db:
        left = db.execute("select count(*) from bands where number not in (select number from signatures)")
        assert left.fetchone() == (0,)


def test_an_interrupted_file_leaves_nothing(archive: Archive) -> None:
    original = put(archive, "original.txt", page("الجسر", REPORT))
    text = page("جسر", REPORT)
    (first, second) = (replace(parse(text, "copy.txt")[0], part=part) for part in (0, 1))

    def fail(article: Article) -> list[Chunk]:
        if article.part:
            raise KeyboardInterrupt
        return cut(article)

    with pytest.raises(KeyboardInterrupt):
        archive.add_file("copy.txt", "d", text, [first, replace(second, title="2")], fail)
    assert of(archive, original) == set()


def test_an_archive_of_an_older_version_is_compared_by_and_by(archive: Archive, tmp_path: Path) -> None:
    original = put(archive, "original.txt", page("الجسر", REPORT))
    put(archive, "copy.txt", page("جسر", REPORT))
    with archive._connections.writing() as db:  # as the migration leaves it
        for table in ("signatures", "bands", "copies"):
            db.execute(f"delete from {table}")
    archive.close()
    archive = Archive(tmp_path / "archive.sqlite")
    assert of(archive, original) == set()

    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.clean(cut, progress=killed)
    assert of(archive, original) == {"original.txt", "copy.txt"}
    before = archive.generation()
    archive.clean(cut)
    assert archive.generation() == before
    archive.close()
