"""Text whose letters are not what was written: put right where that is certain, else refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus.samples
from corpus.arabic.letters import signs
from corpus.decode import NoTextError, Reason, decode
from corpus.mojibake import is_garbled, undone
from corpus.parse import Page, PageMetadata, read
from corpus.parse.faithful import mended

TEXT = """\
مكتبة جديدة في حي الزيتون

افتتحت البلدية صباح اليوم مكتبة عامة في حي الزيتون، وتضم عشرة آلاف كتاب وقاعة للأطفال.

وقالت مديرة المكتبة إن الأبواب تُفتح كل يوم من التاسعة إلى السابعة، وإن الدخول بلا مقابل.
"""
ENGLISH = "The library opened this morning, with ten thousand books and a hall for children."
FRENCH = "La bibliothèque a été inaugurée à l'aube, là où s'élevait l'école: ça plaît déjà aux élèves et à leurs aînés."
SAMPLES = [
    path.read_text(encoding="utf-8")
    for path in sorted(Path(next(iter(corpus.samples.__path__))).glob("*.txt"))
]


def misread(text: str, written: str, read_in: str) -> str:
    """Decode a text's bytes as programs do: what the encoding does not know becomes the control of that number."""
    return "".join(
        chr(byte) if (character := bytes([byte]).decode(read_in, "replace")) == "\ufffd" else character
        for byte in text.encode(written)
    )


@pytest.mark.parametrize("read_in", ["latin-1", "cp1252", "cp1256", "mac_roman", "cp437", "cp850"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("text", [TEXT, f"{TEXT}\n{ENGLISH}\n{FRENCH}", *SAMPLES[:3]])
def test_utf8_read_in_another_encoding_comes_back(text: str, read_in: str, times: int) -> None:
    garbled = text
    for _ in range(times):
        garbled = misread(garbled, "utf-8", read_in)
    assert is_garbled(misread(text, "utf-8", read_in))
    assert undone(garbled) == text
    assert read(garbled.encode(), ".txt").text == text


@pytest.mark.parametrize("written", ["cp1256", "iso8859-6"])
def test_an_arabic_code_page_read_as_western_comes_back(written: str) -> None:
    assert decode(misread(TEXT, written, "cp1252").encode()) == TEXT


@pytest.mark.parametrize("text", [*SAMPLES, TEXT, ENGLISH, FRENCH, "À É Ô", "Ça va à Noël? «Où?» – là"])
def test_what_is_right_stays(text: str) -> None:
    assert undone(text) == text
    assert mended(Page(text)).text == text


@given(st.text(max_size=60))
def test_any_text_is_mended_or_refused(text: str) -> None:
    try:
        page = mended(Page(text, PageMetadata(kinds={0: "heading"})))
    except NoTextError as error:
        assert error.reason in {Reason.GARBLED, Reason.LOST, Reason.REVERSED}  # noqa: PT017
    else:
        assert page.said is not None
        assert page.said.kinds == {0: "heading"}
        assert page.text.count("\n") >= text.count("\n")


def test_a_garbled_text_of_which_letters_are_lost_is_refused() -> None:
    lost = "".join(c for c in misread(TEXT, "utf-8", "cp1252") if not "\x80" <= c <= "\x9f")
    with pytest.raises(NoTextError, match="other signs"):
        read(lost.encode(), ".txt")


@pytest.mark.parametrize("text", [TEXT, *SAMPLES])
def test_text_stored_back_to_front_is_refused(text: str) -> None:
    assert signs(text).forward > 4 * signs(text).backward
    with pytest.raises(NoTextError, match="back to front"):
        read("\n".join(line[::-1] for line in text.split("\n")).encode(), ".txt")


def test_one_paragraph_back_to_front_is_enough() -> None:
    *above, last = TEXT.strip().split("\n")
    with pytest.raises(NoTextError, match="back to front"):
        read("\n".join([*above, last[::-1]]).encode(), ".txt")


@pytest.mark.parametrize("lost", ["?", "\ufffd"])
def test_letters_lost_for_good_are_refused(lost: str) -> None:
    text = "".join(lost if "\u0621" <= c <= "\u0652" else c for c in TEXT)
    with pytest.raises(NoTextError, match="lost"):
        read(text.encode(), ".txt")
    assert read(f"{TEXT}\nأين؟؟؟ What??".encode(), ".txt").text.endswith("What??")


def test_entities_left_over_are_written_out_and_lines_keep_their_kinds() -> None:
    text = "&quot;مكتبة&quot; AT&amp;amp;T&nbsp;&#1571;&#x645;\nباب &copy2026; &unknown; &#10;فصل & ملحق\nقسم"
    page = mended(
        Page(text, PageMetadata(title="&laquo;مكتبة&raquo;", kinds={text.rindex("قسم"): "item"})),
        escaped=True,
    )
    assert page.text == '"مكتبة" AT&T\u00a0أم\nباب &copy2026; &unknown;  فصل & ملحق\nقسم'
    assert page.said is not None
    assert page.said.title == "«مكتبة»"
    assert page.said.kinds == {page.text.rindex("قسم"): "item"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256", "iso8859-6"]
)
@pytest.mark.parametrize("length", [25, 120, 10_000])
def test_encodings_are_recognised(encoding: str, length: int) -> None:
    text = TEXT.replace("ُ", "").replace("«", "").replace("»", "")[:length]
    assert decode(text.encode(encoding)) == text


def test_french_of_old_code_pages_is_read_and_other_western_ones_are_not() -> None:
    assert decode((FRENCH * 3).encode("cp1252")) == FRENCH * 3
    for text, encoding in (
        ("Çarşıda kırk dükkân açıldı, işçiler güzel günler bekliyor. ", "cp1254"),
        ("Źródło zysków, ściśle rzecz biorąc. ", "cp1250"),
    ):
        with pytest.raises(NoTextError):
            decode((text * 5).encode(encoding))
