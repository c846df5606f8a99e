"""What a question asks for is read from standard Arabic, dialect and English alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import NAMED, RELATED, SAME, root, view
from bot.question import name_words, to_standard, understand, weigh
from bot.terms import single_term
from bot.transliteration import consonants, transliterated


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("متى انضمت سوريا إلى التحالف؟", "when"),
        ("في أي عام تأسس التحالف؟", "when"),
        ("ما تاريخ انعقاد الاجتماع؟", "when"),
        ("ايمتى انعقد الاجتماع", "when"),
        ("When did Syria join?", "when"),
        ("كم عدد المقاتلين؟", "number"),
        ("ما رقم عضوية سوريا؟", "number"),
        ("قديش عددهم؟", "number"),
        ("How many fighters remain?", "number"),
        ("من مثّل سوريا؟", "who"),
        ("مين وقّع الاتفاق؟", "who"),
        ("ما اسم وزير الخارجية؟", "who"),
        ("Who signed the agreement?", "who"),
        ("أين عُقد الاجتماع؟", "where"),
        ("وين صار الاجتماع؟", "where"),
        ("في أي مدينة عُقد الاجتماع؟", "where"),
        ("ماذا قال البيان عن العراق؟", "said"),
        ("شو قال الوزير؟", "said"),
        ("ما موقف الحكومة من الاتفاق؟", "said"),
        ("What did the minister say about Iraq?", "said"),
        ("هل الاتفاق عسكري؟", "whether"),
        ("Is the deal military?", "whether"),
        ("لماذا تأخر الاجتماع؟", "why"),
        ("ما أسباب الانسحاب؟", "why"),
        ("كيف يعمل التحالف؟", "how"),
        ("ما هو التحالف الدولي؟", "what"),
    ],
)
def test_kind(question: str, kind: str) -> None:
    assert understand(question).kind == kind


@pytest.mark.parametrize(
    ("dialect", "standard"),
    [
        ("ايمتى انضمت سوريا عالتحالف؟", "متى انضمت سوريا على التحالف؟"),
        ("شو قال البيان؟", "ماذا قال البيان؟"),
        ("شو اسم الوزير؟", "ما اسم الوزير؟"),
        ("وقتاش تبدا الدورة؟", "متى تبدأ الدورة؟"),
        ("شكون راح لتونس؟", "من توجه لتونس؟"),
        ("مين شارك بهالاجتماع؟", "من شارك في الاجتماع؟"),
        ("وين انعقد هالاجتماع؟", "أين انعقد الاجتماع؟"),
        ("قديش عدد الأعضاء؟", "كم عدد الأعضاء؟"),
    ],
)
def test_dialect_is_put_into_standard_words(dialect: str, standard: str) -> None:
    assert to_standard(dialect) == standard


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    asked = understand(text)
    assert all(term.text for term in asked.terms)


def test_a_country_is_a_name_in_each_of_its_forms() -> None:
    (term,) = [t for t in understand("متى انضمت سوريا؟").terms if t.name]
    for form in ("سوريا", "سورية", "وسوريا", "السورية", "السوري", "السوريون"):
        assert term.match(view(f"وفد {form} هنا")) >= NAMED, form
    assert term.match(view("وصل الوفد العراقي")) == 0


def test_a_country_is_not_taken_for_another() -> None:
    (turkey,) = [t for t in understand("متى انضمت تركيا؟").terms if t.name]
    assert turkey.match(view("انضمت سوريا إلى التحالف، وفق التركيبة الجديدة")) == 0
    assert turkey.match(view("وزير الدفاع التركي")) >= NAMED


@pytest.mark.parametrize("said", ["منحة لسوريا", "وصل إلى سوريا", "مصنع بسوريا"])
def test_a_country_is_met_with_what_is_written_onto_it(said: str) -> None:
    (term,) = [t for t in understand("ماذا قال الوزير عن سوريا؟").terms if t.name]
    assert term.match(view(said)) >= NAMED


def test_nobody_is_taken_to_come_from_a_town() -> None:
    (term,) = [t for t in understand("كم علبة حُجزت في باجة؟").terms if t.name]
    assert term.match(view("مصنع في باجة")) == SAME
    assert term.match(view("قال الباجي إنه راض")) == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [("شخصًا", "أشخاص"), ("جنديًّا", "الجنود"), ("شقًّا", "الشق"), ("شباط", "فيفري"), ("أوقف", "أوقفت")],
)
def test_a_word_is_met_in_its_plural_and_in_the_calendar_of_another_country(asked: str, said: str) -> None:
    (term,) = [t for t in understand(f"هل ورد {asked}؟").terms if t.text != "ورد"]
    assert term.match(view(said)) >= RELATED


@pytest.mark.parametrize(
    ("question", "office"),
    [
        ("من هو وزير النقل؟", True),
        ("ما اسم رئيس البلدية؟", True),
        ("Who is the transport minister?", True),
        ("من التقى وزير النقل؟", False),
        ("من أعلن العضوية؟", False),
    ],
)
def test_an_office_is_asked_for_only_where_it_comes_first(question: str, office: bool) -> None:
    assert understand(question).holds_office is office


def test_an_organisation_is_known_by_its_other_names() -> None:
    (term,) = [t for t in understand("ماذا قال البيان عن قسد؟").terms if t.text == "قسد"]
    assert term.match(view("شكر المجتمعون قوات سوريا الديمقراطية على دورها")) == SAME
    assert term.match(view("قوات الأمن في سوريا")) == 0


def test_words_of_one_family_are_related_and_never_the_same() -> None:
    joined = single_term("انضمت")
    assert joined.match(view("انضمت سوريا")) == SAME
    assert joined.match(view("بعد الانضمام")) == RELATED
    assert joined.match(view("بعد المغادرة")) == 0


def test_roots() -> None:
    assert root("انضمت") == root("انضمام") == root("ينضم")
    assert root("مقاتلين") != root("قتلى"), "a fighter is not one who was killed"


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي", max_size=15))
def test_a_root_has_three_consonants_or_is_none(word: str) -> None:
    assert root(word) == "" or len(root(word)) >= 3


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [("Shaibani", "الشيباني"), ("al-Mustafa", "المصطفي"), ("Barrack", "باراك"), ("Hussein", "حسين")],
)
def test_names_meet_across_scripts(latin: str, arabic: str) -> None:
    assert transliterated(latin) == consonants(arabic)


def test_an_english_name_is_found_among_the_words_of_the_passages() -> None:
    asked = understand("What did Shaibani say?")
    asked = name_words(asked, ["قال الشيباني إن الاجتماع مثمر"])
    (term,) = [t for t in asked.terms if t.text == "shaibani"]
    assert term.match(view("وأضاف الشيباني")) == NAMED


def test_english_words_match_their_arabic() -> None:
    terms = {t.text: t for t in understand("When did Syria join the coalition?").terms}
    assert terms["syria"].match(view("سوريا")) == SAME
    assert terms["join"].match(view("انضمت سوريا")) >= RELATED
    assert terms["coalition"].match(view("التحالف الدولي")) >= NAMED


def test_the_speaker_is_told_from_what_is_spoken_of() -> None:
    asked = understand("ماذا قال بيان الرياض عن قسد؟")
    assert asked.speaker == {"بيان", "الرياض"}


def test_rare_terms_weigh_more_and_unknown_ones_are_marked() -> None:
    counts = {"التحالف": 90, "انضمت": 3}
    asked = weigh(
        understand("متى انضمت تركيا إلى التحالف؟"),
        lambda forms: {form: counts.get(form, 0) for form in forms},
        100,
    )
    terms = {t.text: t for t in asked.terms}
    assert terms["تركيا"].weight > terms["انضمت"].weight > terms["التحالف"].weight
    assert not terms["تركيا"].known
    assert terms["التحالف"].known


def test_a_misspelt_word_takes_the_archives_spelling() -> None:
    asked = weigh(
        understand("ما هو التحالوف؟"),
        lambda forms: {form: 5 for form in forms if form == "التحالف"},
        100,
        lambda word: "التحالف" if word == "التحالوف" else None,
    )
    (term,) = asked.terms
    assert term.known
    assert term.match(view("اجتمع التحالف")) > 0.8
    assert "التحالف" in asked.expansions
