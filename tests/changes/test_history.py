"""What `musnad changes` lists: both versions, what differs, and the quotes given in answers that it touches."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.changes.differences import differences
from bot.changes.history import history
from bot.changes.report import render_changes, render_json
from bot.render.layout import Layout
from bot.state import State
from bot.telegram.answers.quotestore import QuoteStore
from bot.telegram.answers.store import AnswerBook
from bot.telegram.chats.context import ChatContext
from corpus.store import Archive
from tests.botapi.running import LIBRARY, answered
from tests.telegram.test_corrections import BOOKS, NOW, corrected, put, quoted


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive.sqlite")
    put(archive, LIBRARY)
    return archive


def give(archive: Archive, state: State, chat: int, words: str = BOOKS) -> None:
    book = AnswerBook(state=state, archive=archive, quotes=QuoteStore(state, archive))
    here = ChatContext(chat, None, chat, True, "ar", chat)
    book.add(answered("جواب", quoted(archive, words)), here, question_message=1, recipe="{}")


def test_a_change_names_both_wordings_and_the_quotes_it_touches(archive: Archive, state: State) -> None:
    give(archive, state, 501)
    give(archive, state, 502)
    give(archive, state, 503, "الإعارة ستكون مجانية طوال الشهر الأول")
    put(archive, corrected())
    [found] = history(archive, state)
    [difference] = found.differences
    assert difference.was is not None
    assert difference.now is not None
    assert (difference.was.text, difference.now.text) == (BOOKS, NOW)
    assert found.quotes == (quoted(archive, BOOKS).id,)
    assert found.chats == 2
    text = render_changes([found], Layout("ar"))
    assert f"كان:\n│ {BOOKS}\nصار:\n│ {NOW}\nالفرق: اثني عشر ألف ← عشرة آلاف" in text
    assert "في محادثات عددها 2" in text
    [read] = json.loads(render_json([found]))
    assert read["before"]["id"] == LIBRARY.id
    was = read["differences"][0]["was"]
    assert LIBRARY.body[was["start"] : was["end"]] == was["text"] == BOOKS


def test_a_removal_touches_all_quotes(archive: Archive, state: State) -> None:
    give(archive, state, 501)
    archive.remove_file(LIBRARY.source)
    [found] = history(archive, state)
    assert (found.after, found.differences, found.chats) == (None, (), 1)
    assert "أُزيل من الأرشيف في" in render_changes([found], Layout("ar"))
    assert "Removed from the archive on" in render_changes([found], Layout("en"))


def test_what_was_only_read_anew_is_counted_and_listed_only_for_one_article(
    archive: Archive, state: State
) -> None:
    put(archive, replace(LIBRARY, publisher="جهة أخرى"))
    found = list(history(archive, state))
    assert "عددها" not in render_changes(found, Layout("ar"), whole=True)
    assert render_changes(found, Layout("ar")) == "ومقالات قُرئ نصها نفسه من جديد: 1"


def test_a_terminal_gets_right_to_left_lines_with_the_differing_words_bold(
    archive: Archive, state: State
) -> None:
    put(archive, corrected())
    text = render_changes(list(history(archive, state)), Layout("ar", 80, colour=True))
    assert "\x1b[1mعشرة آلاف\x1b[0m" in text
    assert all("\u2067" in line for line in text.split("\n") if line.strip())


def test_moved_sentences_are_no_difference_and_others_are_in_order() -> None:
    first, second, third = (
        "أعلنت البلدية موعد الافتتاح.",
        "وبلغت الكلفة مليون ليرة.",
        "وحضر الأهالي الحفل مساء.",
    )
    before = replace(LIBRARY, body=f"{first} {second} {third}")
    moved = replace(LIBRARY, body=f"{third} {first} {second}")
    assert differences(before, moved) == []
    after = replace(LIBRARY, body=f"{third} {first} وبلغت الكلفة مليوني ليرة. ويستمر العرض أسبوعا.")
    found = [(each.was and each.was.text, each.now and each.now.text) for each in differences(before, after)]
    assert found == [(second, "وبلغت الكلفة مليوني ليرة."), (None, "ويستمر العرض أسبوعا.")]
