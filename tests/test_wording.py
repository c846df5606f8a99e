"""A sentence shortened says what the sentence says; everything else is another sentence."""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.lexicon import numbers
from bot.wording import TURNING, as_published, is_shortened
from corpus.arabic import sentences, words
from corpus.dates import find_dates
from corpus.samples import folder

DAY = datetime.date(2026, 2, 8)  # a Sunday
OPENED = (
    "وأعلنت بلدية السهل في دمشق أمس السبت افتتاح الجسر الجديد، وهو الثالث في المدينة، أمام السيارات التي تقل"
    " عن 12 طنًّا، بحسب بيان نشرته الصحف."
)
DENIED = "ولم يشارك الوزير في الافتتاح، لكن نائب رئيس البلدية ألقى كلمة قصيرة عند الجسر."
SAID = "وقال رئيس البلدية إن كلفة الجسر بلغت اثني عشر مليون ليرة."


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (OPENED, OPENED),
        ("أعلنت بلدية السهل افتتاح الجسر الجديد.", OPENED),
        ("أعلنت بلدية السهل أمس السبت افتتاح الجسر الجديد أمام السيارات", OPENED),
        ("وأعلنت بلدية السهل في 7 شباط 2026 افتتاح الجسر الجديد، وهو الثالث في المدينة", OPENED),
        ("اعلنت بلديه السهل افتتاح الجسر الجديد", OPENED),
        ("لم يشارك الوزير في الافتتاح.", DENIED),
        ("نائب رئيس البلدية ألقى كلمة قصيرة", "وفي الظهيرة، نائب رئيس البلدية ألقى كلمة قصيرة."),
        ("افتُتح الجسر الجديد أمام الناس", "وبحسب ما أعلنت البلدية، افتُتح الجسر الجديد أمام الناس."),
        ("قال رئيس البلدية إن كلفة الجسر بلغت اثني عشر مليون ليرة", SAID),
        ("انضمت السهل إلى الاتفاق", "انضمت السهل إلى الاتفاق أمس السبت ومعها التلال."),
        ("بلغ طول الجسر 300 متر", "بلغ طول الجسر ثلاثمئة متر."),
        ("يفتح الجسر الجديد في 8/2/2026", "يفتح الجسر الجديد اليوم الأحد، بعد سنوات."),
    ],
)
def test_a_shortened_sentence_is_taken(text: str, source: str) -> None:
    assert as_published(text, source, DAY) == text


@pytest.mark.parametrize(
    ("text", "source", "why"),
    [
        ("أعلنت بلدية التلال افتتاح الجسر الجديد", OPENED, "another name"),
        ("ستعلن بلدية السهل افتتاح الجسر الجديد", OPENED, "another tense"),
        ("أعلنت بلدية السهل إغلاق الجسر الجديد", OPENED, "another word"),
        ("لم تعلن بلدية السهل افتتاح الجسر الجديد", OPENED, "a denial added"),
        ("أعلنت بلدية السهل في 8 شباط 2026 افتتاح الجسر الجديد", OPENED, "another day"),
        ("أعلنت بلدية السهل أول أمس افتتاح الجسر الجديد", OPENED, "another day in words"),
        ("أعلنت بلدية السهل افتتاح الجسر الجديد أمام السيارات التي تقل عن 13 طنًّا", OPENED, "another number"),
        (
            "أعلنت بلدية السهل افتتاح الجسر الجديد أمام السيارات التي تقل عن 12% طنًّا",
            OPENED,
            "a per cent sign",
        ),
        ("افتتاح الجسر الجديد أعلنت بلدية السهل", OPENED, "another order"),
        ("أعلنت السهل افتتاح الجسر الجديد", OPENED, "a word left out of a phrase"),
        ("أعلنت بلدية السهل افتتاح الجسر", OPENED, "the end left out inside of a phrase"),
        ("السهل أعلنت افتتاح الجسر الجديد", OPENED, "subject and verb turned"),
        ("أعلنت بلدية السهل افتتاح الجسر الجديد؟", OPENED, "a question mark"),
        ("أعلنت بلدية السهل افتتاح الجسر الجديد 👎", OPENED, "a sign"),
        ("أعلنت بلدية السهل\u202e افتتاح الجسر الجديد", OPENED, "a mark that turns the direction"),
        ("أعلنت بلدية السهل «افتتاح الجسر", OPENED, "a quotation without an end"),
        ("أعلنت بلدية السهل «افتتاح الجسر أمام السيارات»", OPENED, "a quotation with something left out"),
        ("أعلنت بلدية السهل افتتاح «الجسر الجديد", OPENED, "a quotation without an end, its words in place"),
        ("أعلنت «بلدية السهل افتتاح الجسر الجديد»", OPENED, "a quotation with a time and a place left out"),
        ("أعلنت بلدية بلدية السهل افتتاح الجسر الجديد", OPENED, "a word twice"),
        ("رئيس البلدية ألقى كلمة قصيرة", "نائب رئيس البلدية ألقى كلمة قصيرة.", "a deputy left out"),
        ("حضر وزير ورحب بالقرار الجديد", "حضر وزير الدفاع، ورحب بالقرار الجديد.", "which minister left out"),
        (
            "يعود الوزير إلى المدينة",
            "يعود الوزير إلى المدينة في حال لم تسقط.",
            "a condition at the end left out",
        ),
        ("قتل عام 2014 مقاتلا", "قتل 2014 مقاتلا.", "a number taken for a year"),
        ("استقبل الوفد السوري الكبير", "استقبل وزير لبنان الوفد السوري الكبير.", "who did it left out"),
        ("Sahl opened the new bridge", OPENED, "English"),
        ("أعلنت البلدية", "أعلنت البلدية.", "too few words"),
        ("", OPENED, "nothing"),
        ("- .", OPENED, "no word at all"),
        (" ".join([OPENED] * 6), OPENED, "too many words"),
        ("يشارك الوزير في الافتتاح", DENIED, "a denial left out"),
        ("الوزير في الافتتاح، لكن نائب رئيس البلدية ألقى كلمة قصيرة", DENIED, "a beginning left out"),
        ("رئيس البلدية ألقى كلمة قصيرة عند الجسر", DENIED, "a deputy left out"),
        ("كلفة الجسر بلغت اثني عشر مليون ليرة", SAID, "who says so left out"),
        ("قال رئيس البلدية إن كلفة الجسر بلغت اثني عشر", SAID, "part of a number left out"),
        ("افتتح الوزير الجسر الجديد", "هل افتتح الوزير الجسر الجديد؟", "a question taken for an answer"),
        ("افتتح الوزير الجسر الجديد", "افتتح الوزير الجسر الجديد؟", "a question taken for an answer"),
        ("حضر الوزراء كلهم الحفل", "حضر الوزراء كلهم الحفل، باستثناء وزير النقل.", "an exception left out"),
        ("انهار الجسر الجديد", "انهار الجسر الجديد، وهو خبر نفته البلدية.", "a denial after it left out"),
        ("ستغلق المدينة الجسر", "إذا استمر المطر، ستغلق المدينة الجسر.", "a condition left out"),
        (
            "المدينة آمنة اليوم تماما",
            "المدينة، نفى الوزير، آمنة اليوم تماما.",
            "a denial between commas left out",
        ),
        ("زال التنظيم من المدينة", "ما زال التنظيم من المدينة قريبًا.", "«ما» left out"),
        ("هاجمت السهل التلال أمس", "هاجمت التلال السهل أمس.", "who did it to whom"),
        ("نقل الجنود من التلال إلى السهل", "نقل الجنود من السهل إلى التلال.", "from where to where"),
        ("استقال رئيس الحكومة", "استقال في بيروت نائب رئيس الحكومة.", "who it was left out behind a place"),
        ("انسحبت قوات السهل أمس", "انسحبت قوات من التلال إلى السهل أمس.", "prepositions left out"),
        ("وصل 90 مقاتلا إلى السهل", "وصل 9 مقاتلين و90 جنديا إلى السهل.", "of what there were so many"),
        ("افتتح الجسر الجديد. انهار الجسر القديم.", "افتتح الجسر الجديد.", "a further sentence"),
        (
            "افتتح الوزير الجسر القديم",
            "افتتح الوزير الجسر الجديد. وأغلق النائب الجسر القديم.",
            "two sentences made one",
        ),
    ],
)
def test_what_says_more_or_else_is_not_taken(text: str, source: str, why: str) -> None:
    assert as_published(text, source, DAY) is None, why


def test_a_day_in_calendar_form_needs_the_day_of_the_article() -> None:
    text = "أعلنت بلدية السهل في 7 شباط 2026 افتتاح الجسر الجديد"
    assert as_published(text, OPENED, DAY) == text
    assert as_published(text, OPENED, None) is None
    assert as_published(text, OPENED, DAY + datetime.timedelta(7)) is None


def test_quotations_come_back_as_published() -> None:
    source = "وقال الوزير إن الجسر «لن يُفتَحَ» قبل نهاية العام."
    said = as_published('قال الوزير إن الجسر "لن يفتح" قبل نهاية العام', source)
    assert said == 'قال الوزير إن الجسر "لن يُفتَحَ" قبل نهاية العام'


def test_two_sentences_may_come_of_two() -> None:
    source = f"{SAID} {DENIED}"
    text = "قال رئيس البلدية إن كلفة الجسر بلغت اثني عشر مليون ليرة. لم يشارك الوزير في الافتتاح."
    assert as_published(text, source) == text


# --- over the sample archive -----------------------------------------------------------------------------------


def _sentences() -> list[str]:
    found = []
    for path in sorted(folder().glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found += [text[span.start : span.end] for span in sentences(text)]
    return [text for text in found if 6 <= len(words(text)) <= 60 and not text.endswith("؟")]


SENTENCES = _sentences()
VOCABULARY = sorted(
    word
    for word in {word.text for text in SENTENCES for word in words(text)}
    if len(word) > 2 and not {word, word[1:]} & numbers().keys()  # «تسعون» is no foreign word beside 90
)
some_sentence = st.sampled_from(SENTENCES)


@pytest.mark.parametrize("source", SENTENCES[:: max(len(SENTENCES) // 40, 1)])
def test_every_sentence_is_itself_shortened_by_nothing(source: str) -> None:
    assert is_shortened(source, source, DAY)


@given(some_sentence, st.sampled_from(VOCABULARY), st.data())
@settings(deadline=None)
def test_no_foreign_word_gets_in(source: str, foreign: str, data: st.DataObject) -> None:
    """Neither in the place of a word nor between two."""
    found = words(source)
    stems = {form for word in found for form in (word.text, word.stem, word.text[1:])}
    single = words(foreign)[0]
    assume(not {single.text, single.stem, single.text[1:]} & stems and single.stem not in stems)
    word = data.draw(st.sampled_from(found))
    for end in (word.start, word.end):
        changed = f"{source[: word.start]} {foreign} {source[end:]}"
        # A month or weekday may make another date of its neighbours, or none: then it is no foreign word.
        assume(len(words(changed)) >= len(found))
        assert not is_shortened(changed, source, DAY)


@given(some_sentence, st.data())
@settings(deadline=None)
def test_no_two_words_change_places(source: str, data: st.DataObject) -> None:
    dates = find_dates(source)  # «8 شباط» and «شباط 8» are one day
    pairs = [
        (a, b)
        for a, b in pairwise(words(source))
        if not source[a.end : b.start].strip() and {a.text, a.stem}.isdisjoint({b.text, b.stem, b.text[1:]})
        if not any(a.start < date.end and date.start < b.end for date in dates)
    ]
    assume(pairs)
    first, second = data.draw(st.sampled_from(pairs))
    changed = (
        f"{source[: first.start]}{source[second.start : second.end]} {source[first.start : first.end]}"
        f"{source[second.end :]}"
    )
    folded = [word.text for word in words(source)]
    assume(folded.count(first.text) == folded.count(second.text) == 1)
    assert not is_shortened(changed, source, None)


@given(some_sentence, st.data())
@settings(deadline=None)
def test_no_denial_is_left_out_of_what_is_kept(source: str, data: st.DataObject) -> None:
    found = words(source)
    turning = [word for word in found if word.text in TURNING]
    assume(turning)
    word = data.draw(st.sampled_from(turning))
    assume([w.text for w in found].count(word.text) == 1)
    assert not is_shortened(source[: word.start] + source[word.end :], source, DAY)


@given(some_sentence, st.data())
@settings(deadline=None)
def test_what_is_taken_has_the_words_of_the_sentence_in_order(source: str, data: st.DataObject) -> None:
    """Any stretch left out, at random: whether it is taken or not, nothing else comes through."""
    found = words(source)
    first = data.draw(st.integers(0, len(found) - 1))
    last = data.draw(st.integers(first + 1, len(found)))
    end = found[last].start if last < len(found) else len(source)
    taken = as_published(source[: found[first].start] + source[end:], source, DAY)
    if taken is not None:
        rest = iter([word.text for word in found])
        assert all(any(word.text == other for other in rest) for word in words(taken))
        assert not any(word.text in TURNING for word in found[first:last] if last < len(found))
