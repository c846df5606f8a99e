"""Folding with its way back, words, stems, other spellings, and where sentences end."""

from __future__ import annotations

import re
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.arabic import fold, fold_text, sentences, stem, stopwords, variants, words
from corpus.arabic.calendar import month_names, months, weekday_names
from corpus.arabic.wordlists import fold_pattern, pattern
from corpus.article import Span
from corpus.parse.plain import facts

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآىةؤئ"
MARKS = "\u064b\u064e\u0651\u0652\u0670\u0640\u200f\u200c\ufeff"
ODD = "ﻻﷲﷺﹰﻼﬁＡİß½²é" + "\u0301\u0327\u0338" + "کیگپ٣۷٫٬…"
PUNCTUATION = ' \n.،؛؟!:«»"“”()[]%-/@\u00a0\t\r\u2028'
texts = st.text(st.sampled_from(LETTERS + MARKS + ODD + PUNCTUATION + "aB1290")) | st.text()


class TestFold:
    @pytest.mark.parametrize(
        ("written", "folded"),
        [
            ("أَعْلَنَتْ", "اعلنت"),
            ("إعلانٌ آخر ٱسم", "اعلان اخر اسم"),
            ("مستشفى القاهرة", "مستشفي القاهره"),
            ("مسؤول رئيس شيء", "مسوول رييس شيء"),
            ("ســـوريا", "سوريا"),
            ("الرحمٰن", "الرحمن"),
            ("٢٠٢٦ و۱۴۰۲", "2026 و1402"),
            ("٢٫٥ و١٬٢٠٠", "2.5 و1,200"),
            ("کتاب یوم", "كتاب يوم"),
            ("ﻻ إله إلا ﷲ", "لا اله الا الله"),
            ("\u200fبيان\u200e \u2068Reuters\u2069", "بيان reuters"),
            ("CAFÉ Über", "café über"),
            ("cafe\u0301", "café"),
            ("بعد\u00a0الظهر", "بعد الظهر"),
            ("", ""),
        ],
    )
    def test_gives_the_search_form(self, written: str, folded: str) -> None:
        assert fold_text(written) == folded
        assert fold(written).text == folded

    def test_leads_back_to_the_marks_of_the_letters(self) -> None:
        text = "قال: «أَعْلَنَ»"
        folded = fold(text)
        at = folded.text.index("اعلن")
        span = folded.span(at, at + 4)
        assert text[span.start : span.end] == "أَعْلَنَ"

    def test_half_a_ligature_leads_back_to_all_of_it(self) -> None:
        folded = fold("اﻻن")
        assert folded.text == "الان"
        assert folded.span(1, 2) == folded.span(2, 3) == Span(1, 2)

    def test_a_span_outside_is_an_error(self) -> None:
        with pytest.raises(IndexError, match=r"2\.\.9"):
            fold("نص").span(2, 9)

    @pytest.mark.slow
    def test_every_character_folds_once_and_for_all(self) -> None:
        for code in range(sys.maxunicode + 1):
            folded = fold_text(chr(code))
            assert fold_text(folded) == folded, hex(code)
            assert [*fold(chr(code)).offsets] == [*[0] * len(folded), 1], hex(code)

    @given(texts)
    def test_folding_again_changes_nothing(self, text: str) -> None:
        assert fold_text(fold_text(text)) == fold_text(text)

    @given(texts)
    def test_offsets_are_monotone_and_agree_with_the_text(self, text: str) -> None:
        folded = fold(text)
        assert folded.text == fold_text(text)
        assert len(folded.offsets) == len(folded.text) + 1
        assert list(folded.offsets) == sorted(folded.offsets)
        assert folded.offsets[-1] == len(text)

    @given(texts, st.data())
    def test_every_folded_span_leads_back_to_text_that_folds_to_it(
        self, text: str, data: st.DataObject
    ) -> None:
        folded = fold(text)
        start = data.draw(st.integers(0, len(folded.text)))
        end = data.draw(st.integers(start, len(folded.text)))
        span = folded.span(start, end)
        there = fold_text(text[span.start : span.end])
        within_a_ligature = folded.offsets[start - 1 : start] == (folded.offsets[start],) or (
            folded.offsets[end - 1 : end] == (folded.offsets[end],)
        )
        if start == end:
            assert span.start == span.end
        elif within_a_ligature:
            assert folded.text[start:end] in there
        else:
            assert there == folded.text[start:end]


class TestWords:
    def test_have_their_folded_form_stem_and_place(self) -> None:
        text = "رحّبت بالمشاركةِ السورية."
        found = words(text)
        assert [(word.text, word.stem) for word in found] == [
            ("رحبت", "رحبت"),
            ("بالمشاركه", "مشارك"),
            ("السوريه", "سور"),
        ]
        assert [text[word.start : word.end] for word in found] == ["رحّبت", "بالمشاركةِ", "السورية"]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("بلغ ٢٫٥ مليون", ["بلغ", "2.5", "مليون"]),
            ("1,200 و١٬٢٠٠ و1،200", ["1200", "و", "1200", "و", "1200"]),
            ("1,234.5 كم", ["1234.5", "كم"]),
            ("نسبة 50% أو ٤٠٪", ["نسبه", "50", "او", "40"]),
            ("في 9.2.2026 عند 10:30", ["في", "9", "2", "2026", "عند", "10", "30"]),
            ("بـ19 دولة", ["ب", "19", "دوله"]),
            ("عامي 2014,2015", ["عامي", "2014", "2015"]),
            ("192.168.1.1", ["192", "168", "1", "1"]),
            ("ـــ سـوريا ـ", ["سوريا"]),
            ("ﷺ", ["صلي", "الله", "عليه", "وسلم"]),
            ("موقع sana.sy", ["موقع", "sana", "sy"]),
            ("كوفيد19", ["كوفيد19"]),
            ("", []),
            ("«…»!", []),
        ],
    )
    def test_are_runs_of_letters_or_one_number(self, text: str, found: list[str]) -> None:
        assert [word.text for word in words(text)] == found

    def test_of_a_part_keep_their_place_in_the_whole(self) -> None:
        text = "وصل الوفد مساء"
        assert [(word.text, word.start) for word in words(text, 4, 9)] == [("الوفد", 4)]

    @given(texts)
    def test_lie_in_order_and_are_what_their_span_folds_to(self, text: str) -> None:
        found = words(text)
        for word in found:
            assert word.text
            assert word.text.replace(".", "") in fold_text(text[word.start : word.end]).replace(
                ",", ""
            ).replace("،", "").replace(".", "")
            assert word.stem == stem(word.text)
        assert [word.start for word in found] == sorted(word.start for word in found)

    # Marks on anything but letters may glue numbers together.
    @given(
        st.lists(st.sampled_from([*(LETTERS + "ßéکیگپ٣۷٫٬ .،؛:«»%-\n\taB1290"), "دَ", "سٌّ", "ىٰ", "بـ"])).map(
            "".join
        )
    )
    def test_of_the_folded_text_are_the_same_words(self, text: str) -> None:
        assert [word.text for word in words(fold_text(text))] == [word.text for word in words(text)]


class TestStem:
    @pytest.mark.parametrize(
        ("word", "stemmed"),
        [
            ("التحالف", "تحالف"),
            ("والتحالف", "تحالف"),
            ("للتحالف", "تحالف"),
            ("فالتحالف", "تحالف"),
            ("واعلن", "اعلن"),
            ("ورد", "ورد"),  # «و» stays where less than three letters would
            ("الم", "الم"),  # an article stays where less than two would
            ("مسوولون", "مسوول"),
            ("مسوولين", "مسوول"),
            ("سوريه", "سور"),
            ("وزاراتها", "زار"),
            ("reuters", "reuters"),
            ("2026", "2026"),
        ],
    )
    def test_is_light10(self, word: str, stemmed: str) -> None:
        assert stem(word) == stemmed

    @given(st.text(st.sampled_from(LETTERS), min_size=2))
    def test_leaves_two_letters_of_the_word(self, word: str) -> None:
        assert len(stem(word)) >= 2
        assert stem(word) in word


class TestVariants:
    @pytest.mark.parametrize(
        ("word", "others"),
        [
            ("سوريا", ("سوريه",)),
            ("سوريه", ("سوريا",)),
            ("تركيا", ("تركيه",)),
            ("امريكا", ("امريكه", "اميركا")),
            ("اميركا", ("اميركه", "امريكا")),
            ("بسوريا", ("بسوريه", "سوريا", "سوريه")),
            ("لالمانيا", ("المانيا",)),
            ("مسوول", ("مسيول",)),
            ("مسيول", ("مسوول",)),
            ("اعضا", ("اعضاء",)),
            ("وزير", ("الوزير",)),  # whose stem is «زير»
            ("الوزير", ("وزير",)),
            ("اعضاء", ("اعضا",)),
        ],
    )
    def test_hold_other_spellings(self, word: str, others: tuple[str, ...]) -> None:
        found = variants(word)
        assert set(others) <= set(found)
        assert [other for other in found if other in others] == list(others)

    @pytest.mark.parametrize("word", ["التحالف", "وقف", "reuters", "2026", "من", ""])
    def test_are_none_where_folding_and_stems_see_to_it(self, word: str) -> None:
        assert variants(word) == ()

    @given(st.text(st.sampled_from(sorted(set(fold_text(LETTERS))))))
    def test_are_few_folded_and_united_by_nothing_else(self, word: str) -> None:
        found = variants(word)
        assert len(set(found)) == len(found) <= 40
        for other in found:
            assert fold_text(other) == other
            assert stem(other) != stem(word)


ROOT = Path(__file__).parent.parent.parent
LISTS = sorted((ROOT / "corpus" / "arabic").glob("*.toml"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_word_list_says_what_it_is_and_where_it_is_from(path: Path) -> None:
    head = path.read_text(encoding="utf-8").partition("\n\n")[0]
    assert all(line.startswith("# ") for line in head.splitlines())
    assert re.search(r"\bSources?: ", head)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_word_list_has_no_entry_that_nothing_reads(path: Path) -> None:
    contents = tomllib.loads(path.read_text(encoding="utf-8"))
    names = {*contents, *contents.get("patterns", ())}
    modules = [path for package in ("corpus", "bot") for path in (ROOT / package).rglob("*.py")]
    code = " ".join(module.read_text(encoding="utf-8") for module in modules)
    read = set(re.findall(r"[\"'](\w+)[\"']", code)) | {f"header_{name}" for name in facts.HEADER_NAMES}
    read |= set(re.findall(r"\{\{(\w+)\}\}", path.read_text(encoding="utf-8")))
    assert names - read == set()


def test_a_pattern_is_made_of_the_lists_it_names() -> None:
    assert pattern("directives", "tell").startswith("قل|")
    assert f"(?:{pattern('directives', 'tell')})" in pattern("directives", "directive")
    assert fold_pattern("إ(?:ى|[ة])?") == "ا(?:ي|[ه])?"


def test_one_spelling_of_a_month_is_one_month() -> None:
    names = [month_names(calendar) for calendar in ("levantine", "egyptian", "tunisian", "moroccan")]
    for number, spelt in enumerate(zip(*names, strict=True), 1):
        assert {months()[fold_text(name)] for name in spelt} == {number}
    assert len({fold_text(name) for name in weekday_names()}) == 7


def test_stopwords_are_folded_question_and_function_words() -> None:
    questions = "متى أين ماذا لماذا من كم شو ايش مين وين ايمتى امتى قديش ليش كيف فين ازاي إلى على الذي التي"
    for word in questions.split():
        assert fold_text(word) in stopwords(), word
    assert {"ومن", "وفي", "وعلي", "وما", "what", "when", "the", "don", "t"} <= stopwords()
    assert all(fold_text(word) == word for word in stopwords())
    others = "سوريا تحالف دول غير عدم دون قال اعلن عضو رقم يوم عام مني ولي وهم syria coalition"
    for word in others.split():
        assert word not in stopwords(), word


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


class TestSentences:
    @pytest.mark.parametrize(
        "text",
        [
            # Each line's sentences, between bars.
            "وصل الوفد صباحا. | ثم بدأ اللقاء! | فهل نجح؟ | لا أحد يعرف… | سنرى",
            # Titles, units, pages, initials
            "وصل د. سامر إلى المقر. | واستقبله أ.د. نبيل وم. رامي. | وتحدث أ. د. ليلى.",
            "انظر ص. 5 من الملحق. | وراجع ط. 2 منه.",
            "بنيت القلعة عام 300 ق.م. في الساحل. | ثم هدمت.",
            "صدر عام 1447 هـ. | وأعيد عام 2026 م. | ثم نفد.",
            "وقع عليه J. K. Brown في U.S. territory. | ثم سافر.",
            "Dr. Brown met Gen. Green at 5 p.m. yesterday. | They left.",
            "Reports no. 7 and 8 are out, e.g. online. | Read them.",
            # Numbers and addresses
            "ارتفع السعر 3.5 في المئة. | وبلغ 1.200.000 عند 10.30 صباحا. | ثم ٢.٥ مرة.",
            "نشر موقع sana.sy البيان. | ونقله www.example.org/a.b?c=1. | وكتب إلى a.b@example.org. | ثم حذف.",
            "انعقد اللقاء عام 2014. | وأعيد بعده.",
            # Pauses
            "قال .. ثم صمت .. ومضى. | وعاد",
            "قال .... ثم صمت. | وعاد",
            "لم يكمل.... | ثم عاد",
            "جاء في البيان […] أن العمل مستمر. | «....» كذا كتب",
            # Quotations
            "قال الوزير: «انتهى العمل. لن نعود إليه. سنمضي». | ثم غادر.",
            "قال الوزير: «انتهى العمل. لن نعود.» | وأضاف أن «الباب مفتوح».",
            'قال الوزير: "انتهى العمل. لن نعود." | وأضاف أن "الباب مفتوح".',
            "قال الوزير: ”انتهى العمل. لن نعود“. | ثم غادر.",
            "«هل انتهى العمل؟» سأل المذيع. | «نعم!» أجاب الوزير.",
            "«انتهى العمل.» قال الوزير. | ثم غادر.",
            'قال «سألني: "هل انتهى؟ متى؟" فأجبت. ثم مضيت». | وغادر.',
            "كتب (راجع الملحق. وفيه الجدول) ثم مضى. | وعاد.",
            "انتهى العمل (كما قيل.) | ثم عاد.",
            # An opening mark without its partner holds nothing
            "قال: «انتهى العمل. | لن نعود. | سنمضي.",
            'قال: "انتهى العمل. | لن نعود. | ثم قال "سنمضي. معا" وغادر.',
            "قال «انتهى. | ثم كتب «سنمضي. معا» وغادر. | وعاد.",
            # Lists
            "1. وقف القتال. | وتثبيته. | 2. تبادل الأسرى.",
            "2) وقف القتال. | وتثبيته.",
            "أ- وقف القتال. | ب- تبادل الأسرى.",
            "- ثالثا. | ثم رابعا",
            # What follows the stop and belongs to it
            "بدأ العمل.[1] | ثم انتهى. [2] | ثم عاد.¹ | وغاب",
            "بدأ العمل . | وانتهى . . | ثم عاد ؟! | وغاب ...",
            # A missing space
            "انتهى اللقاء.وأكد الوزير ذلك؟ | نعم",
            "انتهى اللقاء عام 2014.وأكد الوزير ذلك.",
            # Marks that end nothing
            "كان العدد (؟) كبيرا. | اشترك الوفد (!) كله؛ ثم غادر، ومضى: هكذا.",
            "سأل: متى؟، ثم مضى.",
        ],
    )
    def test_end_where_a_reader_ends_them(self, text: str) -> None:
        expected = text.replace(".وأكد", ".|وأكد") if ".وأكد" in text else text
        written = text.replace("| ", "")
        assert cut(written) == [part.strip() for part in expected.split("|")]

    def test_a_new_line_always_ends_one(self) -> None:
        assert cut("عنوان بلا نقطة\n\nقال: «انتهى\nالعمل». ثم\r\nعاد\u2028ومضى ") == [
            "عنوان بلا نقطة",
            "قال: «انتهى",
            "العمل».",
            "ثم",
            "عاد",
            "ومضى",
        ]

    def test_a_stray_stop_stays_with_its_line(self) -> None:
        assert cut("انتهى العمل. ***\n***\n") == ["انتهى العمل. ***", "***"]

    def test_a_quotation_of_more_than_a_hundred_words_holds_nothing(self) -> None:
        inside = "هذه جملة من كلام طويل. " * 30
        assert len(cut(f"قال: «{inside}» ثم غادر.")) == 31

    def test_a_very_long_sentence_is_cut_at_semicolons(self) -> None:
        clause = "كلمة " * 39 + "أخيرة؛"
        parts = cut(" ".join([clause] * 4) + " ثم انتهى.")
        assert [len(part.split()) for part in parts] == [80, 82]
        assert all(part.endswith(("؛", ".")) for part in parts)
        assert len(cut(" ".join([clause] * 2) + " ثم انتهى.")) == 1

    def test_of_a_part_keep_their_place_in_the_whole(self) -> None:
        text = "أولى. ثانية. ثالثة."
        assert sentences(text, 6, 12) == [Span(6, 12)]
        assert sentences(text, 6) == [Span(6, 12), Span(13, 19)]

    @given(texts, st.data())
    def test_cover_all_but_white_space_in_order(self, text: str, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        at = start
        for span in sentences(text, start, end):
            assert not text[at : span.start].strip()
            assert text[span.start : span.end] == text[span.start : span.end].strip() != ""
            assert not {"\n", "\r", "\u2028"} & set(text[span.start : span.end])
            at = span.end
        assert not text[at:end].strip()

    @given(texts, st.data())
    def test_of_a_part_are_those_of_a_copy_of_it(self, text: str, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, len(text)))
        assert sentences(text, start) == [
            Span(span.start + start, span.end + start) for span in sentences(text[start:])
        ]

    @pytest.mark.parametrize("dirt", ['( " ', ". ", "« . ", '"a. ', "د. ", "«((", "؟", "…؛"])
    def test_no_text_is_slow(self, dirt: str) -> None:
        text = dirt * 50_000
        began = time.process_time()
        sentences(text)
        assert time.process_time() - began < 5
