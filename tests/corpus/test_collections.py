"""Files that hold many articles: each format, whatever is wrong with one entry, and what a hostile one may cost."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import corpus.worker.client as client
from corpus.dates import numeric_order
from corpus.decode import NoTextError, Reason
from corpus.document import Document
from corpus.parse.collections import Entry, Item, LeftOut, Link, Mapped, Refused, entries, streams
from corpus.parse.collections.fields import flat, guess
from corpus.parse.collections.jsonarrays import Element, elements
from corpus.parse.collections.stamped import published_of
from corpus.unfold import MOST_LINKS, unfold
from corpus.worker import Bounds, Worker

NEWS = "قالت مديرية الطرق في المدينة إن الجسر الجديد افتتح يوم الإثنين. وأضافت أن العمل استغرق 14 شهرا."
MARKET = "أعاد تجار المدينة القديمة فتح محالهم في السوق المسقوف. وتقول الجمعية إن الترميم شمل ستين محلا."


def record(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"n-{number}",
        "headline": f"افتتاح الجسر رقم {number}",
        "content": f"{NEWS} هذا الخبر رقم {number}.",
        "pubDate": f"2024-03-{number % 28 + 1:02}T10:00:00+03:00",
        "link": f"https://news.example/{number}",
        "source": "صحيفة الضفة",
    } | fields


def put(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read(path: Path, **fields: str) -> list[Item]:
    return list(entries(path, fields))


def texts(items: list[Item]) -> dict[str, str]:
    return {item.key: item.data.decode() for item in items if isinstance(item, Entry)}


def refused(items: list[Item]) -> dict[str, tuple[str, str]]:
    return {item.key: (item.reason, item.detail) for item in items if isinstance(item, Refused)}


def reason(path: Path, **fields: str) -> tuple[Reason, str]:
    with pytest.raises(NoTextError) as caught:
        read(path, **fields)
    return caught.value.reason, caught.value.detail


_NAME_IT = "its fields: ; name it: --fields text=…"


def until_it_breaks(items: Iterator[Item]) -> tuple[list[Item], NoTextError]:
    """The items up to where a collection breaks off, and why."""
    found: list[Item] = []
    try:
        found.extend(items)
    except NoTextError as error:
        return found, error
    raise AssertionError("it did not break off")


def lines(*values: Any) -> str:
    return "".join(
        (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) + "\n"
        for value in values
    )


# Records: JSON Lines, arrays, tables

PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("packing", PACK)
def test_lines_are_entries_in_every_packing(tmp_path: Path, packing: str) -> None:
    data = lines(*map(record, range(300))).encode()
    mapped, *items = read(put(tmp_path / f"n.jsonl{packing}", PACK[packing](data)))
    assert mapped == Mapped(
        {
            "key": "id",
            "title": "headline",
            "text": "content",
            "published": "pubDate",
            "outlet": "source",
            "url": "link",
        }
    )
    assert len(items) == 300
    first = items[0]
    assert isinstance(first, Entry)
    assert first.data.decode() == f"افتتاح الجسر رقم 0\n\n{NEWS} هذا الخبر رقم 0."
    assert (first.key, first.kind, first.said.publisher, first.said.url, first.said.site) == (
        "n-0",
        ".txt",
        "صحيفة الضفة",
        "https://news.example/0",
        "news.example",
    )
    assert first.said.published is not None
    assert first.said.published.date == "2024-03-01"


def test_two_packed_files_one_after_the_other_are_one(tmp_path: Path) -> None:
    data = b"".join(gzip.compress(lines(record(number)).encode()) for number in (1, 2))
    assert list(texts(read(put(tmp_path / "n.jsonl.gz", data)))) == ["n-1", "n-2"]


@pytest.mark.parametrize(
    "whole",
    [
        lambda records: records,
        lambda records: {"count": len(records), "tags": ["أ", "ب"], "articles": records},
        lambda records: {"meta": {"tags": [{"n": 1}]}, "data": {"items": records}},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_is_found_wherever_it_stands(tmp_path: Path, whole: Any, indent: int | None) -> None:
    written = json.dumps(whole([record(number) for number in range(5)]), ensure_ascii=False, indent=indent)
    assert list(texts(read(put(tmp_path / "n.json", written)))) == [f"n-{number}" for number in range(5)]


def test_one_object_is_one_article_and_lines_need_no_name_of_their_own(tmp_path: Path) -> None:
    assert list(texts(read(put(tmp_path / "one.json", json.dumps(record(1)))))) == ["n-1"]
    assert list(texts(read(put(tmp_path / "two.json", lines(record(1), record(2)))))) == ["n-1", "n-2"]


@pytest.mark.parametrize(
    ("suffix", "delimiter"), [(".csv", ","), (".csv", ";"), (".tsv", "\t"), (".csv", "|")]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_tables_in_every_form(tmp_path: Path, suffix: str, delimiter: str, encoding: str) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    names = ["المعرف", "العنوان", "النص", "تاريخ النشر"]
    rows = [names, *([str(n), f"عنوان «{n}»", f'{NEWS} قال "نعم"،\nثم {n}.', "31/12/2023"] for n in (1, 2))]
    table = "\r\n".join(delimiter.join(map(quoted, row)) for row in rows)
    items = read(put(tmp_path / f"t{suffix}", table.encode(encoding)))
    assert texts(items) == {str(n): f'عنوان «{n}»\n\n{NEWS} قال "نعم"،\nثم {n}.' for n in (1, 2)}
    assert [
        item.said.published.date for item in items if isinstance(item, Entry) and item.said.published
    ] == ["2023-12-31"] * 2


def test_fields_are_told_by_their_values_where_their_names_say_nothing() -> None:
    sample = [
        {
            "c1": f"خبر قصير عن الجسر {n}",
            "c2": NEWS * 3,
            "c3": f"2024-01-{n + 1:02}",
            "c4": f"https://a.example/{n}",
            "updated": "2024-02-02",
        }
        for n in range(9)
    ]
    assert guess(sample, {}).of == {"title": "c1", "text": "c2", "published": "c3", "url": "c4"}


def test_a_name_does_not_hold_against_its_values() -> None:
    sample = [{"title": "خبر", "content": "12", "body": NEWS, "date": "قريبا", "url": "لا رابط"}] * 3
    assert guess(sample, {}).of == {"title": "title", "text": "body"}


def test_fields_that_are_given_are_taken_and_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "n.jsonl", lines(record(1, summary=MARKET)))
    [_, entry] = read(path, text="summary", url="https://t.me/name/{id}", title="headline")
    assert isinstance(entry, Entry)
    assert MARKET in entry.data.decode()
    assert entry.said.url == "https://t.me/name/n-1"
    assert reason(path, text="nothing") == (
        Reason.NO_ARTICLE,
        "no field nothing; its fields: id, headline, content, pubDate, link, source, summary",
    )


def test_objects_in_records_and_pieces_of_html(tmp_path: Path) -> None:
    posts = [
        {
            "id": n,
            "date": "2024-05-06T07:08:09",
            "title": {"rendered": "عنوان &#8220;أول&#8221;"},
            "content": {"rendered": f"<p>{NEWS}</p>\n<p>خبر {n}</p>", "protected": False},
        }
        for n in (1, 2)
    ]
    mapped, first, _ = read(put(tmp_path / "posts.json", json.dumps(posts)))
    assert isinstance(mapped, Mapped)
    assert mapped.fields["text"] == "content.rendered"
    assert isinstance(first, Entry)
    assert first.kind == ".html"
    with Worker() as worker:
        page = first.complete(worker.read(first.data, first.kind))
        [article] = worker.parse(page.text, "a", page.said)
    assert (article.title, article.published.date) == ("عنوان “أول”", "2024-05-06")
    assert NEWS in article.body


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2017-01-22T185600", "2017-01-22"),
        ("17/05/2015", "2015-05-17"),
        ("١٧/٠٥/٢٠١٥", "2015-05-17"),
        ("2015/5/7", "2015-05-07"),
        ("2015-5-7", "2015-05-07"),
        ("20150507", "2015-05-07"),
        ("1431000000", "2015-05-07"),
        ("1431000000000", "2015-05-07"),
        ("Thu, 07 May 2015 12:00:00 GMT", "2015-05-07"),
        ("7 أيار 2015", "2015-05-07"),
        ("0001-01-01T00:00:00", None),
        ("1970-01-01", None),
        ("2015-02-30", None),
        ("31/31/2015", None),
        ("2999-01-01", None),
        ("قريبا", None),
        ("", None),
    ],
)
def test_days_in_fields(value: str, day: str | None) -> None:
    found = published_of(value)
    assert (found and found.date) == day


def test_the_day_comes_first_unless_the_column_shows_otherwise() -> None:
    assert numeric_order(["5/6/2024", "7/8/2024"]) == "dmy"
    assert numeric_order(["5/6/2024", "5/31/2024"]) == "mdy"
    assert numeric_order(["31/5/2024", "5/31/2024"]) == "dmy"
    found = published_of("5/6/2024", order="mdy")
    assert found is not None
    assert found.date == "2024-05-06"


def test_a_stamp_in_utc_gives_the_day_of_the_outlets_place() -> None:
    late = "2026-02-09T22:30:00Z"
    there, unknown = published_of(late, "https://www.sana.sy/1"), published_of(late)
    assert there is not None
    assert unknown is not None
    assert (there.date, unknown.date) == ("2026-02-10", "2026-02-09")


# What is wrong with one entry ends that entry


def test_one_bad_line_ends_no_file(tmp_path: Path) -> None:
    huge = '{"id": "huge", "content": "' + "ا" * 5_000_000 + '"}'
    deep = '{"id": "deep", "content": ' + "[" * 100_000 + "]" * 100_000 + "}"
    path = put(
        tmp_path / "n.jsonl",
        lines(
            record(1),
            '{"id": "cut", "content":',
            "[1, 2]",
            "",
            huge,
            deep,
            json.dumps(record(6, content="نصف زوج \ud800 هنا")),
            record(7, content=""),
            record(8, content=None),
            record(9, content=12, headline=float("nan")),
            record(10, pubDate=True, link=["x"], source={}, headline=""),
            '{"n": ' + "9" * 5000 + "}",
            record(12),
        ),
    )
    items = read(path)
    assert list(texts(items)) == ["n-1", "n-10", "n-12"] or list(texts(items)) == [
        "n-1",
        "n-9",
        "n-10",
        "n-12",
    ]
    assert refused(items) | {"n-9": ("", "")} == {
        "2": (Reason.DAMAGED, "no JSON"),
        "3": (Reason.DAMAGED, "no object"),
        "4": (Reason.TOO_LARGE, "the limit is 8,388,608 bytes"),
        "5": (Reason.DAMAGED, "nested too deeply"),
        "n-6": (Reason.ENCODING, "bytes in the article that are no text"),
        "n-7": (Reason.EMPTY, ""),
        "n-8": (Reason.EMPTY, ""),
        "n-9": ("", ""),
        "11": (Reason.DAMAGED, "no JSON"),
    }


def test_lines_in_several_encodings_and_a_mark_at_the_beginning(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + lines(record(1)).encode() + lines(record(2)).encode("cp1256")
    items = read(
        put(tmp_path / "n.jsonl", data + b'{"content": "\xff\xfe\x81"}\n' + lines(record(4)).encode())
    )
    assert list(texts(items)) == ["n-1", "n-2", "n-4"]
    assert refused(items)["3"][0] == Reason.ENCODING


def test_one_bad_element_ends_no_array(tmp_path: Path) -> None:
    one, two = (json.dumps(record(number), ensure_ascii=False) for number in (1, 2))
    items = read(put(tmp_path / "n.json", f'[{one}, {{"id": nothing}}, "نص", {two}]'))
    assert list(texts(items)) == ["n-1", "n-2"]
    assert refused(items) == {"2": (Reason.DAMAGED, "no JSON"), "3": (Reason.DAMAGED, "no object")}


def test_bad_rows_end_no_table(tmp_path: Path) -> None:
    rows = ["id,title,text", f"1,أول,{NEWS}", "2,ثان,أ,ب,ج", "3,ثالث", f"4,رابع,{NEWS} وأكثر"]
    items = read(put(tmp_path / "t.csv", "\n".join(rows)))
    assert list(texts(items)) == ["1", "4"]
    assert refused(items) == {
        "2": (Reason.DAMAGED, "5 fields where 3 are named"),
        "3": (Reason.EMPTY, ""),
    }


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.json", "", (Reason.EMPTY, "")),
        ("a.json", "{}", (Reason.NO_ARTICLE, f"no field with the text of articles; {_NAME_IT}")),
        ("a.json", "[1, 2]", (Reason.NO_ARTICLE, "no records in it")),
        ("a.json", "نص لا غير", (Reason.UNSUPPORTED, "no collection of articles")),
        ("a.csv", "نص لا غير\nوسطر آخر", (Reason.DAMAGED, "no names of fields in its first line")),
        ("a.xml", "<note>نص</note>", (Reason.UNSUPPORTED, "no collection of articles")),
        ("a.rss", "<rss><channel></channel></rss>", (Reason.NO_ARTICLE, "no items in the feed")),
        ("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\0", (Reason.DAMAGED, "breaks off")),
        ("a.wacz", b"PK\x03\x04....", (Reason.DAMAGED, "no web archive")),
        ("a.warc", b"WARC/1.0\r\nnothing", (Reason.DAMAGED, "no web archive")),
    ],
)  # fmt: skip
def test_what_is_no_collection_is_named(tmp_path: Path, name: str, data: bytes | str, said: Any) -> None:
    assert reason(put(tmp_path / name, data)) == said


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz", ".zst"])
def test_a_file_that_breaks_off_gives_what_came_before(tmp_path: Path, packing: str) -> None:
    data = lines(*(record(number, noise=str(number) * 900) for number in range(9000))).encode()
    path = put(tmp_path / f"n.jsonl{packing}", PACK[packing](data)[:-200])
    found, why = until_it_breaks(entries(path, {}))
    assert why.reason is Reason.DAMAGED
    assert len(texts(found)) > 100


# What a hostile file may cost


def _bomb(packing: str, megabytes: int) -> bytes:
    """So many megabytes of one line, packed."""
    packers = {
        ".gz": zlib.compressobj(wbits=31),
        ".bz2": bz2.BZ2Compressor(),
        ".xz": lzma.LZMACompressor(),
        ".zst": zstandard.ZstdCompressor().compressobj(),
    }
    packer: Any = packers[packing]
    return b"".join(packer.compress(b"a" * 1024**2) for _ in range(megabytes)) + bytes(packer.flush())


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz", ".zst"])
def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ALWAYS_UNPACKED", 8 * 1024**2)
    path = put(tmp_path / f"bomb.jsonl{packing}", _bomb(packing, 40))
    assert path.stat().st_size < 60_000
    why, detail = reason(path)
    assert why is Reason.TOO_LARGE
    assert int(detail.split()[0].replace(",", "")) < 25 * 1024**2


def test_a_few_bytes_that_take_much_memory_are_one_entry_refused(tmp_path: Path) -> None:
    many = '{"id": "many", "content": [' + "[]," * 2_700_000 + "0]}"
    path = put(tmp_path / "n.jsonl", lines(record(1), many, record(3)))
    with Worker(Bounds(memory=200 * 1024**2)) as worker:
        items = [item for item, _ in worker.split(path, {})]
    assert list(texts(items)) == ["n-1", "n-3"]
    assert refused(items) == {"2": (Reason.TOO_MUCH_MEMORY, "")}


def test_entities_that_multiply_are_not_resolved(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    secret = put(tmp_path / "secret.txt", "سر دفين")
    for root in ('<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">', '<rss version="2.0">'):
        xml = (
            f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ها">{laughs}<!ENTITY f SYSTEM "{secret.as_uri()}">]>'
            f"{root}<channel><title>م</title><item><title>عنوان</title><description>&l12;&f; {NEWS}</description>"
            "</item></channel></rss>"
        )
        path = put(tmp_path / "laughs.xml", xml)
        with Worker(Bounds(memory=250 * 1024**2, seconds=5)) as worker:
            found = b""
            with contextlib.suppress(NoTextError):
                found = b"".join(item.data for item, _ in worker.split(path, {}) if isinstance(item, Entry))
        assert len(found) < 10_000
        assert "سر دفين" not in found.decode()


def test_a_process_that_ends_leaves_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = client._CODE.replace(
        "from corpus.worker.process import main",
        "import os; from corpus.parse.collections import records; real = records._object; "
        "records._object = lambda data, *more: os._exit(3) if b'deadly' in data else real(data, *more); "
        "from corpus.worker.process import main",
    )
    monkeypatch.setattr(client, "_CODE", code)
    path = put(tmp_path / "n.jsonl", lines(*map(record, range(400)), record(400, deadly=1), record(401)))
    with Worker() as worker:
        found, why = until_it_breaks(item for item, _ in worker.split(path, {}))
    assert why.reason is Reason.TOO_MUCH_MEMORY
    assert len(texts(found)) > 300


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v))
)
def test_elements_are_cut_out_as_a_parser_reads_them(value: Any) -> None:
    objects = [{"v": value, "s": '{"[\\"}'}, {"v": [value]}, {}]
    for indent in (None, 1):
        data = json.dumps({"before": value, "items": objects, "after": [value]}, indent=indent).encode()
        found = [
            json.loads(each.data)
            for each in elements(io.BytesIO(data), lambda path: path == ("items",))
            if isinstance(each, Element) and each.data
        ]
        assert found == objects


@given(
    st.dictionaries(
        st.text(), st.none() | st.floats() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
    )
)
def test_any_record_is_flat_text(value: dict[str, Any]) -> None:
    assert all(isinstance(each, str) for each in flat(value).values())


# Telegram


def post(number: int, text: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2024-03-05T21:30:00",
        "from": "قناة النهر",
        "text": text,
    } | more


CHANNEL = {
    "name": "قناة النهر",
    "type": "public_channel",
    "id": 12345,
    "messages": [
        {"id": 1, "type": "service", "date": "2024-03-01T00:00:00", "action": "create_channel", "text": ""},
        post(
            2,
            ["عاجل | ", {"type": "bold", "text": NEWS}, "\n", {"type": "link", "text": "https://a.example"}],
        ),
        post(3, MARKET, forwarded_from="وكالة السهل", edited="2024-03-06T08:00:00"),
        post(4, "", photo="photo.jpg"),
    ],
}


def test_an_export_of_a_channel(tmp_path: Path) -> None:
    path = put(tmp_path / "result.json", json.dumps(CHANNEL, ensure_ascii=False, indent=1))
    service, first, forward, bare = read(path, url="https://t.me/river/{id}")
    assert (service, bare) == (LeftOut("service message"), LeftOut("post without text"))
    assert isinstance(first, Entry)
    assert isinstance(forward, Entry)
    assert first.data.decode() == f"عاجل | {NEWS}\nhttps://a.example"
    assert (first.key, first.said.url, first.said.publisher, first.said.headed) == (
        "2", "https://t.me/river/2", "قناة النهر", False,
    )  # fmt: skip
    assert first.said.published is not None
    assert forward.said.published is not None
    assert first.said.published.date == "2024-03-05"
    assert forward.said.publisher == "وكالة السهل"
    assert "edited 2024-03-06" in forward.said.published.evidence


def test_of_what_people_write_to_each_other_only_forwards_are_taken(tmp_path: Path) -> None:
    chats = {
        "chats": {"list": [CHANNEL | {"id": 7}, CHANNEL | {"id": 8, "type": "personal_chat", "name": "فلان"}]}
    }
    items = read(put(tmp_path / "result.json", json.dumps(chats)))
    assert list(texts(items)) == ["7/2", "7/3", "8/3"]


PAGE = f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"/><title>Exported Data</title></head><body>
<div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">قناة النهر</div></div></div>
<div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">1 March 2024</div></div>
<div class="message default clearfix" id="message2"><div class="body">
<div class="pull_right date details" title="05.03.2024 21:30:00 UTC+03:00">21:30</div>
<div class="from_name">قناة النهر</div><div class="text">{NEWS}<br><br>سطر &amp; آخر</div></div></div>
<div class="message default clearfix joined" id="message3"><div class="body">
<div class="pull_right date details" title="06.03.2024 08:00:00 UTC+03:00">08:00</div>
<div class="forwarded body"><div class="from_name">وكالة السهل <span class="date details" title="01.01.2020 00:00:00">
01.01.2020</span></div><div class="text">{MARKET}</div></div></div></div>
<div class="message default clearfix" id="message4"><div class="body"><div class="media_wrap">صورة</div></div></div>
</div></div></div></body></html>"""


def test_a_page_of_an_export(tmp_path: Path) -> None:
    service, first, forward, bare = read(put(tmp_path / "messages.html", PAGE), url="https://t.me/river/{id}")
    assert (service, bare) == (LeftOut("service message"), LeftOut("post without text"))
    assert isinstance(first, Entry)
    assert isinstance(forward, Entry)
    assert first.data.decode() == f"{NEWS}\n\nسطر & آخر"
    assert (first.key, first.said.url, first.said.publisher) == ("2", "https://t.me/river/2", "قناة النهر")
    assert (forward.data.decode(), forward.said.publisher) == (MARKET, "وكالة السهل")
    assert [each.said.published and each.said.published.date for each in (first, forward)] == [
        "2024-03-05",
        "2024-03-06",
    ]


# XML


def wordpress(*items: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>مدونة الضفة</title><link>https://b.example</link>'
        + "".join(items)
        + "</channel></rss>"
    )


def wordpress_item(number: int, content: str, kind: str = "post", status: str = "publish") -> str:
    return (
        f"<item><title>عنوان {number}</title><link>https://b.example/{number}</link>"
        f"<pubDate>Tue, 05 Mar 2024 21:30:00 +0000</pubDate><content:encoded><![CDATA[{content}]]></content:encoded>"
        f"<excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{number}</wp:post_id>"
        f"<wp:post_date>2024-03-06 00:30:00</wp:post_date><wp:status>{status}</wp:status>"
        f"<wp:post_type>{kind}</wp:post_type></item>"
    )


def test_an_export_of_wordpress(tmp_path: Path) -> None:
    blocks = f"<!-- wp:paragraph --><p>{NEWS}</p><!-- /wp:paragraph -->"
    classic = f'{NEWS}\n\n[caption id="a" width="9"]<img src="x.jpg"/> صورة الجسر[/caption]'
    classic += f"\n\n<strong>{MARKET}</strong>"
    path = put(
        tmp_path / "blog.xml",
        wordpress(
            wordpress_item(1, blocks),
            wordpress_item(2, classic),
            wordpress_item(3, NEWS, kind="page"),
            wordpress_item(4, "", kind="attachment"),
            wordpress_item(5, NEWS, status="draft"),
        ),
    )
    first, second, *rest = read(path)
    assert rest == [LeftOut("page"), LeftOut("attachment"), LeftOut("draft")]
    with Worker() as worker:
        found = []
        for entry in (first, second):
            assert isinstance(entry, Entry)
            page = entry.complete(worker.read(entry.data, entry.kind))
            found += worker.parse(page.text, entry.key, page.said)
    assert [article.title for article in found] == ["عنوان 1", "عنوان 2"]
    assert [article.published.date for article in found] == ["2024-03-06"] * 2
    assert {(article.publisher, article.site) for article in found} == {("مدونة الضفة", "b.example")}
    assert found[0].body == NEWS
    assert [found[1].body[block.start : block.end] for block in found[1].blocks] == [
        NEWS,
        "صورة الجسر",
        MARKET,
    ]


FEEDS = {
    "rss": f"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>أخبار الضفة</title><item><title>افتتاح جسر</title><link>https://d.example/1</link><guid>d-1</guid>
<pubDate>Tue, 05 Mar 2024 21:30:00 GMT</pubDate><description>ملخص قصير عن الجسر</description>
<content:encoded><![CDATA[<p>{NEWS}</p>]]></content:encoded></item></channel></rss>""",
    "atom": f"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>أخبار الضفة</title>
<entry><id>d-1</id><title>افتتاح جسر</title><link href="https://d.example/1"/><published>2024-03-05T21:30:00Z</published>
<updated>2024-04-01T00:00:00Z</updated><content type="html">&lt;p&gt;{NEWS}&lt;/p&gt;</content></entry></feed>""",
    "rdf": f"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>أخبار الضفة</title></channel>
<item rdf:about="d-1"><title>افتتاح جسر</title><link>https://d.example/1</link><dc:date>2024-03-05T21:30:00Z</dc:date>
<description>{NEWS}</description></item></rdf:RDF>""",
}


@pytest.mark.parametrize("kind", FEEDS)
def test_feeds(tmp_path: Path, kind: str) -> None:
    [item] = read(put(tmp_path / f"{kind}.xml", FEEDS[kind]))
    assert isinstance(item, Entry)
    assert (item.key, item.said.title, item.said.url, item.said.publisher) == (
        "d-1",
        "افتتاح جسر",
        "https://d.example/1",
        "أخبار الضفة",
    )
    assert item.said.published is not None
    assert item.said.published.date == "2024-03-05"
    assert NEWS in item.data.decode()


def test_a_sitemap_is_a_list_of_links(tmp_path: Path) -> None:
    urls = "".join(f"<url><loc>https://a.example/{n}</loc></url>" for n in range(7))
    path = put(
        tmp_path / "sitemap.xml",
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>',
    )
    assert read(path) == [Link(f"https://a.example/{n}") for n in range(7)]


# Web archives


def web_archive(*pages: tuple[str, str, str, bytes]) -> bytes:
    """A packed archive, each record packed by itself as crawlers do."""
    out = [gzip.compress(b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n")]
    for number, (url, status, media, body) in enumerate(pages):
        http = f"HTTP/1.1 {status} X\r\nContent-Type: {media}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:{number}>\r\nWARC-Target-URI: {url}\r\n"
            f"WARC-Date: 2024-03-07T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(http)}\r\n\r\n"
        )
        out.append(gzip.compress(head.encode() + http + b"\r\n\r\n"))
    return b"".join(out)


HTML = f"""<html><head><title>افتتاح جسر</title></head>
<body><article><h1>افتتاح جسر</h1><p>{NEWS}</p></article></body></html>"""
SAVED = [
    ("https://w.example/1", "200", "text/html; charset=windows-1256", HTML.encode("cp1256")),
    ("https://w.example/logo.png", "200", "image/png", b"\x89PNG"),
    ("https://w.example/2", "404", "text/html", HTML.encode()),
]


def _zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        members.writestr("archive/data.warc.gz", data)
        members.writestr("pages/pages.jsonl", "{}")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "made"), [("a.warc.gz", bytes), ("a.warc", gzip.decompress), ("a.wacz", _zipped)]
)
def test_web_archives(tmp_path: Path, name: str, made: Callable[[bytes], bytes]) -> None:
    page, *others = read(put(tmp_path / name, made(web_archive(*SAVED))))
    assert others == [LeftOut("no page")] * 2
    assert isinstance(page, Entry)
    with Worker() as worker:
        found = page.complete(worker.read(page.data, page.kind, url=page.url, charset=page.charset))
        [article] = worker.parse(found.text, "a", found.said)
    assert (article.title, article.url, article.site) == ("افتتاح جسر", "https://w.example/1", "w.example")
    assert article.published.date is None
    assert article.published.not_after == "2024-03-07"
    assert article.body == NEWS


def test_fetched_feeds_are_documents_and_sitemaps_links_on_their_own_host() -> None:
    feed = Document("d.example/feed", FEEDS["rss"].encode(), ".xml", url="https://d.example/feed")
    [item], links, left_out = unfold(feed)
    assert (links, left_out) == ([], 0)
    assert (item.source, item.url, item.publisher, item.published) == (
        "d.example/feed#d-1",
        "https://d.example/1",
        "أخبار الضفة",
        "2024-03-05",
    )
    hosts = ["https://www.d.example/a"] * (MOST_LINKS + 1) + [
        "https://other.example/b",
        "javascript:alert(1)",
    ]
    sitemap = "<urlset>" + "".join(f"<url><loc>{url}</loc></url>" for url in hosts) + "</urlset>"
    found = unfold(
        Document("d.example/sitemap.xml", sitemap.encode(), ".xml", url="https://d.example/sitemap.xml")
    )
    assert found == ([], ["https://www.d.example/a"] * MOST_LINKS, 2)
