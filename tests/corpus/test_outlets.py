"""Outlets: read from the lines that sign, from folders and their settings, and what a name rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given as property_of
from hypothesis import strategies as st

from bot.render.layout import Layout
from bot.render.outlets import note_of, render_outlets
from corpus.article import Article, Chunk
from corpus.document import Document
from corpus.folderoutlets import names_in, outlet_among
from corpus.foldersettings import FIELDS, FolderSettings, FolderSettingsError, read_settings
from corpus.ingest import Reason, ingest, ingest_documents
from corpus.parse import parse, read
from corpus.parse.plain.signatures import read_signature
from corpus.provenance import origin_of
from corpus.store import Archive

REPORT = (
    "قالت مديرية الطرق في المدينة إن الجسر الجديد افتتح صباح يوم الإثنين، وأضافت أن العمل فيه استغرق أربعة عشر شهرا "
    "وأن كلفته بلغت نصف ما كان مقدرا له."
)
TITLE = "افتتاح جسر جديد فوق النهر"


def whole(article: Article) -> list[Chunk]:
    return []


def signed(*lines: str, below: str = "") -> Article:
    return parse("\n".join([TITLE, *lines, "", REPORT, "", REPORT, below]), "bridge.txt")[0]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened


# Lines that sign


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("صحيفة الضفة | 21 يوليو 2015", "صحيفة الضفة"),
        ("الثلاثاء 21 يوليو 2015 - صحيفة الضفة", "صحيفة الضفة"),
        ("21/07/2015 • موقع نهر نت", "موقع نهر نت"),
        ("وكالة الضفتين للأنباء، 21 تموز/يوليو 2015", "وكالة الضفتين للأنباء"),
        ("خاص - إذاعة الوادي - 21 تموز 2015", "إذاعة الوادي"),
        ("نشرت في جريدة الضفة بتاريخ 21 جويلية 2015", "جريدة الضفة"),
        ("ضفاف نيوز – 21-07-2015", "ضفاف نيوز"),
        ("وكالة فرانس برس | 21 يوليو 2015", "فرانس برس"),
        ("هيئة التحرير - 21 يوليو 2015", None),
        ("محرر الشؤون المحلية | 21 يوليو 2015", None),
        ("القاهرة - 21 يوليو 2015", None),
        ("سياسة | 21 يوليو 2015", None),
        ("وكالات - 21 يوليو 2015", None),
        ("الضفة - 21 يوليو 2015", None),
    ],
)
def test_an_outlet_is_read_from_a_line_with_its_date(line: str, name: str | None) -> None:
    article = signed(line)
    assert article.publisher == name
    assert article.attribution == ("claimed" if name else None)
    assert article.published.date == "2015-07-21"
    assert line not in article.body


@pytest.mark.parametrize(
    ("lines", "below", "name"),
    [
        (("وكالة الضفتين", "21 يوليو 2015"), "", "وكالة الضفتين"),
        (("مراسل الشؤون المحلية - قناة الضفة", "21 يوليو 2015"), "", "قناة الضفة"),
        ((), "© صحيفة الضفة 2015. جميع الحقوق محفوظة", "صحيفة الضفة"),
        ((), "رابط الخبر بصحيفة الضفة: https://bit.ly/3abcdef", "صحيفة الضفة"),
        ((), "وقالت صحيفة الضفة", None),
        ((), "جميع الحقوق محفوظة للكاتب 2015", None),
    ],
)
def test_an_outlet_is_read_from_the_lines_around(
    lines: tuple[str, ...], below: str, name: str | None
) -> None:
    assert signed(*lines, below=below).publisher == name


@pytest.mark.parametrize("opening", ["بيروت – وكالة أخبار الوادي: ", "بيروت (شبكة أخبار الوادي) - "])
def test_an_outlet_is_read_from_a_dateline(opening: str) -> None:
    article = parse(f"{TITLE}\n\n{opening}{REPORT}\n\n{REPORT}", "x.txt")[0]
    assert article.publisher in ("وكالة أخبار الوادي", "شبكة أخبار الوادي")
    assert article.place == "بيروت"


def test_a_line_that_signs_is_no_headline() -> None:
    article = parse(f"محليات | موقع الضفة اليوم | 21/07/2015\n{TITLE}\n\n{REPORT}\n\n{REPORT}", "x.txt")[0]
    assert (article.title, article.publisher) == (TITLE, "موقع الضفة اليوم")


@property_of(st.text("صحيفة وكالة |-–:،«»()0129٣/ الضفة\t.", max_size=120))
def test_a_name_is_taken_from_the_line_as_it_stands(line: str) -> None:
    found = read_signature(line)
    for name in (found.name, *found.possible):
        assert name is None or name in " ".join(line.split())


@pytest.mark.parametrize("unit", ["صحيفة ", "- ", "21 | ", "«", "ا"])
def test_a_long_line_is_read_in_no_time(unit: str) -> None:
    start = process_time()
    read_signature(unit * 100_000)
    signed(unit * 20_000)
    assert process_time() - start < 5


# What recurs in a folder


def folder_of(tmp_path: Path, line: str, count: int) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(count):
        text = f"{TITLE} رقم {number}\n{line.format(number + 1)}\n\n{REPORT} {number}\n\n{REPORT}\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def outlets_of(archive: Archive) -> set[tuple[str | None, str | None]]:
    return {(article.publisher, article.attribution) for article in archive.articles()}


def test_the_line_that_recurs_in_a_folder_is_its_outlet(archive: Archive, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "الضفة - {}/07/2015", 6)
    (folder / "other.txt").write_text(f"{TITLE} الآخر\n\n{REPORT}\n\n{REPORT}", encoding="utf-8")
    ingest([folder], archive, whole)
    assert outlets_of(archive) == {("الضفة", "recurring"), (None, None)}
    assert not ingest([folder], archive, whole).changed
    (folder / "new.txt").write_text(
        f"{TITLE} غدا\nالضفة - 9/08/2015\n\n{REPORT}\n\n{REPORT}", encoding="utf-8"
    )
    ingest([folder], archive, whole)
    assert archive.article("new.txt").publisher == "الضفة"


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("الضفة - {}/07/2015", 4),  # too few
        ("سليم الضفاف - {}/07/2015", 9),  # may be who wrote them all
        ("القاهرة - {}/07/2015", 9),
        ("المصدر: وكالات", 9),
        ("سليم الضفاف", 9),
        ("منبر الرأي", 9),  # a rubric
        ("صوت القراء", 9),
        ("صوت الضفة", 4),
    ],
)
def test_what_is_uncertain_is_no_outlet(archive: Archive, tmp_path: Path, line: str, count: int) -> None:
    ingest([folder_of(tmp_path, line, count)], archive, whole)
    assert outlets_of(archive) == {(None, None)}


@pytest.mark.parametrize("name", ["صوت الضفة", "مرآة الوادي", "نبض الجسر", "الوادي والضفة", "ضفاف برس"])
def test_a_papers_title_by_itself_below_the_headlines_is_the_outlet(
    archive: Archive, tmp_path: Path, name: str
) -> None:
    ingest([folder_of(tmp_path, name, 9)], archive, whole)
    assert {publisher for publisher, _ in outlets_of(archive)} == {name}
    assert name not in archive.article("1.txt").body


def test_two_names_that_recur_are_none() -> None:
    texts = [names_in(f"{TITLE}\nالضفة | الشاطئ | {day}/07/2015\n\n{REPORT}") for day in range(1, 9)]
    assert outlet_among(texts, len(texts)) is None
    assert outlet_among([names_in(f"{TITLE}\nالضفة | 2/07/2015\n\n{REPORT}")] * 9, 9) == "الضفة"
    assert outlet_among([names_in(f"{TITLE}\nالضفة | 2/07/2015\n\n{REPORT}")] * 9, 40) is None


# What people say of a folder


def test_an_outlet_that_is_given_holds_until_another_is(archive: Archive, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "صحيفة الوادي | {}/07/2015", 2)
    ingest([folder], archive, whole)
    before = {article.id for article in archive.articles()}
    ingest([folder], archive, whole, outlet="شبكة الضفة")
    assert outlets_of(archive) == {("شبكة الضفة", "given")}
    assert not ingest([folder], archive, whole).changed
    (folder / "0.txt").write_text(f"{TITLE} رقم 0\n\n{REPORT}\n\n{REPORT} 0", encoding="utf-8")
    ingest([folder], archive, whole)
    assert outlets_of(archive) == {("شبكة الضفة", "given")}
    ingest([folder], archive, whole, outlet="")
    assert {article.id for article in archive.articles()} & before
    assert outlets_of(archive) == {("صحيفة الوادي", "claimed"), (None, None)}


def test_the_settings_of_a_folder_come_before_its_files_and_after_the_command_line(
    archive: Archive, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, "صحيفة الوادي | 0{}/07/2015", 1)
    (folder / "musnad.toml").write_text(
        'outlet = "شبكة الضفة"\nurl = "https://daffa.example/a/{path}"\ndate_format = "%m/%d/%Y"\n',
        encoding="utf-8",
    )
    below = folder / "2015 7"
    below.mkdir()
    (below / "x y.txt").write_text(f"{TITLE} غدا\n05/07/2015\n\n{REPORT}", encoding="utf-8")
    ingest([folder], archive, whole)
    assert outlets_of(archive) == {("شبكة الضفة", "given")}
    assert archive.article("0.txt").published.date == "2015-01-07"
    deep = archive.article("2015 7/x y.txt")
    assert (deep.url, deep.published.date) == ("https://daffa.example/a/2015%207/x%20y", "2015-05-07")
    ingest([folder], archive, whole, outlet="منصة الضفة")
    assert outlets_of(archive) == {("منصة الضفة", "given")}


def test_files_are_read_again_when_the_settings_of_their_folder_change(
    archive: Archive, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, "صحيفة الوادي | 0{}/07/2015", 1)
    ingest([folder], archive, whole)
    (folder / "musnad.toml").write_text("trust = true", encoding="utf-8")
    ingest([folder], archive, whole)
    assert outlets_of(archive) == {("صحيفة الوادي", "given")}


NEEDS_ADDRESS = "line 1: url must be a web address, such as https://news.example/{path}"
NEEDS_SLOT = "line 1: url must hold {name} or {path} behind the host, and nothing else in braces"
NEEDS_FORMAT = "line 1: date_format must hold a day, a month and a year, such as %d/%m/%Y"
BAD = {
    'outlet = "شبكة"\nurll = "x"': "line 2: urll is no setting: use outlet, url, date_format, zone, trust, fields",
    'zone = "Asia/Riyadh"\n\noutlet = 5': "line 3: outlet must be a text in quotation marks",
    'outlet = "…"': "line 1: outlet must be a name",
    'outlet = "a': "line 1: not written as TOML",
    'url = "news.example/{path}"': NEEDS_ADDRESS,
    'url = "https://u@news.example/{path}"': NEEDS_ADDRESS,
    'url = "https://news.example/"': NEEDS_SLOT,
    'url = "https://{name}.example/"': NEEDS_SLOT,
    'date_format = "%d/%m"': NEEDS_FORMAT,
    'date_format = "%q/%m/%d/%Y"': NEEDS_FORMAT,
    'zone = "../etc"': "line 1: zone must be the name of a time zone, such as Asia/Riyadh",
    'trust = "yes"': "line 1: trust must be true or false",
    "fields = 3": "line 1: fields must be a table: [fields]",
    '[fields]\nheadline = "h"': "line 2: headline is no field with a name: use title, text, published, outlet, url",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_settings_are_refused_with_the_line_and_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "musnad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FolderSettingsError) as raised:
        read_settings(path)
    assert str(raised.value) == BAD[text]


@property_of(st.binary(max_size=200) | st.text("outlet=\"{}[]\n#'", max_size=60).map(str.encode))
def test_no_settings_file_does_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "musnad.toml"
    path.write_bytes(data)
    problem = ""
    try:
        assert isinstance(read_settings(path), FolderSettings)
    except FolderSettingsError as error:
        problem = str(error)
    assert "\n" not in problem


def test_a_folder_with_bad_settings_is_left_out_and_the_rest_goes_in(
    archive: Archive, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, "صحيفة الوادي | 0{}/07/2015", 1)
    bad = folder / "bad"
    bad.mkdir()
    for name in ("1.txt", "2.txt"):
        (bad / name).write_text(f"{TITLE} {name}\n\n{REPORT}", encoding="utf-8")
    (bad / "musnad.toml").write_text("outlet = 1", encoding="utf-8")
    report = ingest([folder], archive, whole)
    assert report.added == ("0.txt",)
    assert [(skipped.source, skipped.reason) for skipped in report.skipped] == [
        (str(bad / "musnad.toml"), Reason.SETTINGS)
    ]


def test_stamps_are_turned_to_the_day_of_the_folders_zone() -> None:
    settings = FolderSettings(zone="Asia/Riyadh")
    assert settings.day_of("2026-02-09T22:30:00Z") == "2026-02-10"
    assert settings.day_of("2026-02-09T22:30:00+03:00") == "2026-02-09"
    assert settings.day_of("2026-02-09") is None
    for stamp in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2999-01-01T00:00:00Z"):
        assert settings.day_of(stamp) is None, "no day of publication"
    assert FolderSettings(date_format="%d/%m/%Y").day_of("نشر: ٣/٢/٢٠٢٦") == "2026-02-03"
    assert FolderSettings(date_format="%d/%m/%Y").day_of("31/12/9999") is None
    assert set(FolderSettings(fields={"title": "headline"}).fields) <= set(FIELDS)


# What a name rests on


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.sana.sy/a/1", "sana.sy"),
        ("https://t.me/somebody/12", "t.me/somebody"),
        ("https://www.reuters.com@evil.example/", None),
        ("http://[", None),
    ],
)
def test_the_origin_is_the_host_that_was_asked(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


def page(site_name: str = "", url: str = "") -> bytes:
    meta = f'<meta property="og:site_name" content="{site_name}">' if site_name else ""
    meta += f'<meta property="og:url" content="{url}">' if url else ""
    return f"<html><head>{meta}</head><body><h1>{TITLE}</h1><p>{REPORT}</p><p>{REPORT}</p></body></html>".encode()


@pytest.mark.parametrize(
    ("url", "site_name", "publisher", "attribution", "origin", "note"),
    [
        ("https://sana.sy/1", "", "سانا", "host", "sana.sy", ""),
        ("https://sana.sy/1", "رويترز", "سانا", "host", "sana.sy", ""),
        ("https://daffa.example/1", "", "daffa.example", "host", "daffa.example", ""),
        ("https://daffa.example/1", "رويترز", "رويترز", "claimed", "daffa.example",
         "كما تقول الصفحة؛ الموقع: daffa.example"),
        ("https://daffa.example/1", "صحيفة الضفة", "صحيفة الضفة", "claimed", "daffa.example",
         "الموقع: daffa.example"),
        (None, "رويترز", "رويترز", "claimed", None, "كما يقول الملف"),
        (None, "", None, None, None, ""),
    ],
)  # fmt: skip
def test_a_known_name_is_a_fact_only_at_its_own_host(
    archive: Archive,
    url: str | None,
    site_name: str,
    publisher: str | None,
    attribution: str | None,
    origin: str | None,
    note: str,
) -> None:
    ingest_documents([Document("page.html", page(site_name), ".html", url=url)], archive, whole)
    article = archive.article("page.html")
    assert (article.publisher, article.attribution, article.origin) == (publisher, attribution, origin)
    assert note_of(article, "ar") == note


def test_the_address_that_a_file_claims_is_no_fact() -> None:
    for site_name, publisher, address in [
        ("", "رويترز", "https://www.reuters.com/1"),
        ("سانا", "سانا", None),
    ]:
        found = read(page(site_name, "https://www.reuters.com/1"), ".html")
        article = parse(found.text, "page.html", found.said)[0]
        assert (article.publisher, article.url, article.attribution) == (publisher, address, "claimed")


@pytest.mark.parametrize(
    "line",
    [
        "أعيد نشر هذا المقال عن https://reuters.com@evil.example/x",
        f'هذا الخبر بعنوان "{TITLE}" نشر أولاً على موقع sana.sy@evil.example وتم جلبه من مصدره الأصلي.',
        "الرابط: https://www.reuters.com:443@evil.example/1",
    ],
)
def test_a_user_before_the_host_makes_no_outlet(line: str) -> None:
    article = signed(below=line)
    assert (article.publisher, article.site, article.url) == (None, None, None)


def linked(publisher: str) -> str:
    said = f'{{"@type": "NewsArticle", "headline": "x", "publisher": {publisher}}}'
    return f'<script type="application/ld+json">{said}</script>'


def test_a_site_is_named_by_a_reference_in_its_markup_or_behind_its_headline() -> None:
    graph = (
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "headline": "x", "publisher":'
        ' {"@id": "#o"}}, {"@type": "Organization", "@id": "#o", "name": "\\ud800شبكة الضفة"}]}</script>'
    )
    for head, name in [
        (graph, "شبكة الضفة"),
        (f"<title>{TITLE} - محليات - صحيفة الضفة</title>", "صحيفة الضفة"),
        (f"<title>{TITLE} | محليات</title>", None),
        (linked('{"@id": "#o"}'), None),
        (linked('[{"@id": "#o"}]'), None),
        (linked('{"@id": "https://daffa.example/#o", "name": ""}'), None),
        (linked('"_:b0"'), None),
        (linked('"شبكة الضفة"'), "شبكة الضفة"),
        (linked('[{"@type": "Organization", "name": ["شبكة الضفة"]}]'), "شبكة الضفة"),
        (f"<title>بالصور | {TITLE}</title>", None),
    ]:
        found = read(page().replace(b"<head>", f"<head>{head}".encode()), ".html")
        assert found.said is not None
        assert found.said.publisher == name


def test_the_list_of_outlets_counts_and_names_hosts(archive: Archive) -> None:
    documents = [
        Document(f"{number}.html", page(name).replace(b"</h1>", f" {number}</h1>".encode()), ".html", url=url)
        for number, (name, url) in enumerate(
            [
                ("", "https://sana.sy/1"),
                ("", "https://sana.sy/2"),
                ("رويترز", "https://daffa.example/1"),
                ("", None),
            ]
        )
    ]
    ingest_documents(documents, archive, whole)
    assert render_outlets(archive.outlets(), Layout("ar")).split("\n") == [
        "2  سانا · sana.sy",
        "1  جهة غير مذكورة",
        "1  رويترز · daffa.example · بقول الملف أو الصفحة وحده: 1",
    ]


# Markdown


def markdown(text: str) -> Article:
    found = read(text.encode(), ".md")
    articles = parse(found.text, "x.md", found.said)
    for article in articles:
        assert article.body == "".join(found.text[span.start : span.end] for span in article.kept)
    return articles[0]


@pytest.mark.parametrize(
    "front",
    [
        "title: عنوان الخبر\noutlet: صحيفة الضفة\ndate: 2024-05-12\nurl: https://daffa.example/1\n",
        "العنوان: عنوان الخبر\nالناشر: صحيفة الضفة\nتاريخ النشر: 12 أيار 2024\nالرابط: https://daffa.example/1\n",
        "title: 'عنوان الخبر'\npublisher: {name: صحيفة الضفة}\npublished_at: 2024-05-12T10:00:00Z\nsource: https://daffa.example/1",
        "title: عنوان الخبر\nnot: yaml: at all\noutlet: صحيفة الضفة\ndate: 2024-05-12\nlink: https://daffa.example/1\n",
    ],
)
def test_front_matter_comes_before_what_the_text_says(front: str) -> None:
    article = markdown(
        f"---\n{front.strip()}\n---\n\n# عنوان الخبر\nالناشر: رويترز\nالتاريخ: 1 حزيران 2020\n\n{REPORT}\n"
    )
    assert (article.title, article.publisher) == ("عنوان الخبر", "صحيفة الضفة")
    assert (article.published.date, article.url) == ("2024-05-12", "https://daffa.example/1")


def test_markdown_is_read_as_the_page_it_becomes() -> None:
    half, rest = REPORT[:50], REPORT[50:]
    first = REPORT.replace("المدينة", "[المدينة](https://x.example)")
    indented = f"    {half.rstrip()}\n{rest.strip()}"
    below = f"## عنوان **فرعي**\n\n{REPORT}\n\n- بند\\*\n- بند &amp; آخر\n"
    article = markdown(f"# {TITLE}\n\n{first}\n\n{indented}\n\n{below}")
    assert article.title == TITLE
    kinds = [(block.kind, article.body[block.start : block.end]) for block in article.blocks]
    assert kinds == [
        ("paragraph", REPORT),
        ("paragraph", REPORT),
        ("heading", "عنوان فرعي"),
        ("paragraph", REPORT),
        ("item", "بند*"),
        ("item", "بند & آخر"),
    ]


@pytest.mark.parametrize(
    "url", ["https://www.reuters.com@evil.example/", "javascript:alert(1)", "reuters.com", "https://"]
)
def test_front_matter_gives_no_address_but_one_of_a_page(url: str) -> None:
    article = markdown(f"---\ntitle: عنوان الخبر\nurl: '{url}'\n---\n{REPORT}\n\n{REPORT}")
    assert (article.url, article.publisher) == (None, None)
