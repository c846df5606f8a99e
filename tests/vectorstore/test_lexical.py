"""From a question to an FTS5 query."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vectorstore.lexical import query


def matching(match: str, words: str, stems: str = "") -> bool:
    """Whether FTS5 finds a passage of these words and stems."""
    with sqlite3.connect(":memory:") as db:
        db.execute("create virtual table search using fts5(words, stems)")
        db.execute("insert into search values (?, ?)", [words, stems])
        found = db.execute("select count(*) from search where search match ?", [match]).fetchone()[0]
    db.close()
    return bool(found)


def test_content_words_folded_and_stemmed_without_stopwords() -> None:
    found = query("متى انضمّت سوريا إلى التحالف الدولي؟")
    assert found.words[:4] == ("انضمت", "سوريا", "التحالف", "الدولي")
    assert "تحالف" in found.stems
    assert not {"متي", "الي"} & {*found.words, *found.stems}


def test_one_word_of_the_question_is_enough() -> None:
    match = query("هل وقّعت الحكومة الاتفاق؟").match()
    assert matching(match, "الحكومه تعلن")
    assert matching(match, "بلا صله", "بلا حكوم")
    assert not matching(match, "الطقس غدا", "طقس غد")


def test_a_word_is_sought_among_words_and_a_stem_among_stems() -> None:
    match = query("المدينة").match()
    assert matching(match, "المدينه", "")
    assert not matching(match, "", "المدينه")


def test_a_question_of_stopwords_is_sought_by_all_its_words() -> None:
    assert query("من هو؟").words[:2] == ("من", "هو")
    assert query("من هو الوزير؟").words[0] == "الوزير"


def test_expansions_add_words_but_not_stopwords() -> None:
    found = query("ceasefire", ["وقف إطلاق النار", "the truce"])
    assert {"ceasefire", "وقف", "اطلاق", "النار", "truce"} <= set(found.words)
    assert "the" not in found.words


def test_a_word_said_twice_is_sought_once() -> None:
    assert query("الوزير الوزير والوزير").words.count("الوزير") == 1


def test_words_of_most_passages_are_left_out_unless_there_is_nothing_else() -> None:
    found = query("أعلنت الحكومة الميزانية")
    frequency = {"اعلنت": 60, "الحكومه": 90, "الميزانيه": 3, "اعلن": 70, "حكوم": 95, "ميزان": 50}
    frequency = dict.fromkeys([*found.words, *found.stems], 100) | frequency
    left = found.telling(frequency, 100)
    assert "الميزانيه" in left.words
    assert not {"اعلنت", "الحكومه"} & set(left.words)
    assert found.telling(dict.fromkeys(frequency, 51), 100) == found


@pytest.mark.parametrize("nothing", ["", "   ", "؟!…", "«»", "🙂"])
def test_nothing_to_look_for(nothing: str) -> None:
    assert query(nothing).match() == ""


@given(st.text(max_size=60))
@example('don\'t (C++) OR NEAR "x" * ^ - : AND')
@example('سوريا" OR words : "')
@example("NOT")
def test_whatever_is_asked_fts5_understands_the_query_and_finds_its_words(question: str) -> None:
    found = query(question)
    assert bool(found.match()) == bool(found.words or found.stems)
    if found.match():
        assert matching(found.match(), " ".join(found.words), " ".join(found.stems))
