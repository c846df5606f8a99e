"""What stands between quote marks goes out character for character, whatever blanks and marks are in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.answer import Answer, Quote
from bot.quotes import cut, verify_answer
from bot.render import json as as_json
from bot.render import terminal
from bot.render.cards import cite, render_page
from bot.render.controls import plain
from bot.render.direction import filled, line
from bot.render.layout import Layout
from bot.render.telegram import render, render_line, render_quote
from bot.telegram.features.inline import card
from corpus.article import Article
from tests.botapi.entities import accept
from tests.botapi.running import LIBRARY, Articles, answered, quote

BLANKS = "\u00a0\u00a0 \t\u2003\u202f\u200b\u200c\u200d\u2060\ufeff\u00ad\u0640"
ODD = BLANKS + "\u200e\u200f\u061c\u202a\u202e\u202c\u2067\u2068\u2069'’&<>٪"
WORDS = ["قال", "المدير", "NATO", "BBC News", "2026", "٪٤٠", "ذَهَبَ", "e\u0301", "🙂", "."]
BODIES = st.lists(st.sampled_from(WORDS) | st.text(ODD, min_size=1, max_size=4), min_size=1, max_size=12).map(
    lambda parts: "".join(parts).strip()
)
TEXTS = BODIES.filter(lambda body: any(map(str.isalnum, body)))
LANGUAGES: tuple[Literal["ar", "en"], ...] = ("ar", "en")


def told(text: str) -> tuple[Quote, Answer, Articles]:
    """A quote of all of an article, an answer whose first line quotes it too, and their archive."""
    article: Article = replace(LIBRARY, body=text)
    made = cut(article, 0, len(text))
    archive = Articles({article.id: article})
    answer = verify_answer(answered(f"قال المدير: «{made.text}» أمس.", made), archive)
    assert answer.text, "the gate takes it"
    return made, answer, archive


def sent(html: str) -> str:
    """The text of a message as the bot sends it: Telegram itself drops some direction marks of it."""
    return unescape(re.sub("<[^<>]*>", "", html))


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=TEXTS)
@example(text="زاد\u00a0\u00a0العدد")
@example(text="قال NATO إن")
@example(text="أ\u202eب")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_so_in_every_way_out(text: str, language: Literal["ar", "en"]) -> None:
    """In Telegram, in what is copied and offered in other chats, in a pipe, a terminal and JSON.

    A terminal gets blanks for tabs, which would move its cursor, and nothing of what turns the direction of the text
    around it.
    """
    made, answer, archive = told(text)
    quoted = f"«{made.text}»"
    (message,) = render(answer, language)
    assert quoted in sent(message)
    for shown in (message, *render_quote(made, language), render_page(made, 1, 1, "a_bot", language)):
        (block,) = re.findall("<blockquote>(.*)</blockquote>", shown, re.DOTALL)
        assert sent(block) == made.text
    assert cite(made, language).startswith(quoted)
    offered = card(made, "a_bot", language)
    assert offered is not None
    assert made.text in (offered.description or "")
    for layout in (Layout(language), Layout(language, width=4000)):
        rendered = terminal.render_answer(answer, archive, layout)
        if layout.width is None:
            assert rendered.count(made.text) >= 2
            assert quoted in rendered
        else:
            assert plain(rendered).count(plain(made.text)) >= 2
            assert plain(quoted) in plain(rendered)
    found = json.loads(as_json.render_answer(answer, archive, language))
    assert quoted in found["answer"]
    assert found["quotes"][0]["text"] == made.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("marks", ["«»", "“”", '""'])
@given(text=TEXTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_keep_their_quotations(text: str, language: Literal["ar", "en"], marks: str) -> None:
    quoted = f"{marks[0]}{text}{marks[1]}"
    for around in (quoted, f"  قال\u00a0 {quoted}  NATO  ", f"NATO said\u202e {quoted} أمس «x»"):
        shown = unescape(line(around, language))
        assert quoted in shown
        assert "\u202e" not in shown.replace(quoted, "")
        assert quoted in unescape(filled("telegram_headline", language, "title", around))
        assert quoted in unescape(render_line(around, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_quotation_leaves_open_is_closed_after_it(language: Literal["ar", "en"]) -> None:
    assert re.search("«أ\u202eب»\u202c", line("قال «أ\u202eب» ثم", language))
    assert re.search("«\u2067أ\u202dب»\u202c\u2069", line("قال «\u2067أ\u202dب» ثم", language))
    assert "\u202c" not in line("قال «أب» ثم", language)


def test_a_line_break_in_a_quotation_stays_where_it_is() -> None:
    words = "العام\nصباح الأحد"
    article = replace(LIBRARY, body=words)
    answer = verify_answer(
        answered(f"أولًا: «{words}»\nثانيًا: لا شيء.", quote(article, words)), Articles({article.id: article})
    )
    shown, _ = accept(render(answer)[0], "HTML")
    assert shown.startswith(f"أولًا: «{words}»\n\nثانيًا: لا شيء.")


def test_a_first_line_of_many_messages_keeps_its_quotation_together(tmp_path: Path) -> None:
    words = "كلمة\u00a0\u00a0أخرى. " * 400
    made = answered(f"قال: «{words.strip()}»")
    shown = "".join(accept(message, "HTML")[0] for message in render(made))
    assert shown.count("كلمة\u00a0\u00a0أخرى") == 400
