"""Numbers, persons and places are found by the words of the sentence, and shown in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import mentions
from corpus.arabic import words
from corpus.dates import find_dates


def shown(text: str, found: list[mentions.Mention]) -> list[str]:
    return [text[m.start : m.end] for m in found]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("بقي نحو 2500 مقاتل في البلدين", ["نحو 2500 مقاتل"]),
        ("وصارت العضو رقم 90 في التحالف", ["العضو رقم 90"]),
        ("أصبحت سوريا العضو التسعين فيه", ["العضو التسعين"]),
        ("عند «أكثر من ثمانين دولة» كما كان", ["أكثر من ثمانين دولة"]),
        ("ما لا يقل عن 90 قتيلا في المدينة", ["ما لا يقل عن 90 قتيلا"]),
        ("وصل لأكثر من ألف أسرة", ["لأكثر من ألف أسرة"]),
        ("سيطر على نحو 40 في المئة من الأرض", ["نحو 40 في المئة"]),
        ("ارتفعت الأسعار 12% هذا الشهر", ["12%"]),
        ("اعتقل خمسة أشخاص في حلب", ["خمسة أشخاص"]),
        ("مضت إحدى عشرة سنة على البناء", ["إحدى عشرة سنة"]),
        ("ألفان وخمسمئة: هو العدد التقريبي", ["ألفان وخمسمئة"]),
        ("جاء في التقرير[1] أن الأمر كذلك", []),
        ("انعقد الاجتماع في 9 شباط 2026", []),
        ("تأسس التحالف عام 2014", []),
    ],
)
def test_numbers(text: str, numbers: list[str]) -> None:
    found = words(text)
    dates = [(date.start, date.end) for date in find_dates(text)]
    assert (
        shown(text, [mentions.counted(text, found, m) for m in mentions.numbers(text, found, dates)])
        == numbers
    )


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("التقى الرئيس أحمد الشرع الرئيس الأمريكي دونالد ترامب.", ["أحمد الشرع", "دونالد ترامب"]),
        (
            "شارك وزير الخارجية السوري، أسعد الشيباني، ورئيس جهاز الاستخبارات حسين السلامة في الاجتماع.",
            ["أسعد الشيباني", "حسين السلامة"],
        ),
        ("قال المبعوث الأمريكي توم باراك إن الأمر قريب", ["توم باراك"]),
        ("قال وزير الإعلام حمزة المصطفى إن الإعلان سياسي", ["حمزة المصطفى"]),
        ("قالت وزيرة النقل نورا بن سالم إن الطريق جاهز", ["نورا بن سالم"]),
        ("وهو أول زعيم سوري يلتقي بالرئيس منذ سنين", []),
        ("وصل زعيم كوريا الشمالية، وفق الوكالة", []),
        ("مع وزير الخارجية بالجمهورية الإسلامية", []),
        ("زار رئيس الوزراء المدينة أمس", []),
        ("وصل الوزراء إلى الرياض يوم الأحد", []),
        ("شارك رئيس الحكومة في الاجتماع", []),
    ],
)
def test_people(text: str, people: list[str]) -> None:
    assert shown(text, mentions.people(text, words(text))) == people


def test_a_family_name_is_known_once_it_was_met_with_a_title() -> None:
    first, second = "قال الوزير أسعد الشيباني إنه مثمر", "وأضاف الشيباني أن الدعم مسؤولية مشتركة"
    known = mentions.family_names(words(first), mentions.people(first, words(first)))
    assert shown(second, mentions.people(second, words(second), known)) == ["الشيباني"]
    assert mentions.people(second, words(second)) == []


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("انعقد الاجتماع في العاصمة السعودية الرياض أمس", ["العاصمة السعودية الرياض"]),
        ("التقى الوفدان بدمشق", ["بدمشق"]),
        ("اصطدمت الحافلة في منطقة الزهور صباحًا", ["منطقة الزهور"]),
        ("تقام المباراة بملعب البلدية مساء الأحد", ["بملعب البلدية"]),
        ("شاركت سوريا للمرة الأولى", []),
    ],
)
def test_a_place_is_where_something_is_said_to_be(text: str, spots: list[str]) -> None:
    assert shown(text, mentions.locations(text, words(text))) == spots


@given(st.text(max_size=120))
def test_mentions_of_any_text_are_slices_of_it(text: str) -> None:
    found = words(text)
    numbers = mentions.numbers(text, found)
    every = [
        *numbers,
        *(mentions.counted(text, found, m) for m in numbers),
        *mentions.people(text, found),
        *mentions.places(found),
        *mentions.locations(text, found),
    ]
    for mention in every:
        assert 0 <= mention.start < mention.end <= len(text)
        assert 0 <= mention.first < mention.last <= len(found)
