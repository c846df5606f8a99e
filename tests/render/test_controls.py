"""Control characters of texts from outside: replaced where a terminal would obey them, escaped in JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.controls import escaped, plain, settled
from bot.render.layout import Layout

STEERING = "\x00\x07\x1b\x7f\x85\x9b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = st.text(st.sampled_from(STEERING + "ab اب\n\t\r12"), max_size=30)


def is_safe(text: str) -> bool:
    """Return whether a terminal obeys nothing in the text, and each line closes the isolates that it opens."""
    for line in text.split("\n"):
        depth = 0
        for each in line:
            depth += (each in "\u2066\u2067\u2068") - (each == "\u2069")
            if depth < 0 or each in STEERING.replace("\u2067", "").replace("\u2068", "").replace(
                "\u2069", ""
            ):
                return False
        if depth:
            return False
    return True


@given(HOSTILE)
def test_nothing_in_a_text_steers(text: str) -> None:
    assert not set(plain(text)) & set(STEERING)
    assert is_safe(settled(text))
    assert settled(settled(text)) == settled(text)


@given(HOSTILE, HOSTILE)
def test_no_line_of_a_page_on_a_terminal_steers(text: str, name: str) -> None:
    for layout in (Layout("ar", width=40), Layout("en", width=40)):
        assert is_safe(layout.lines(text))
        assert is_safe(layout.note(text))
        assert is_safe(layout.note(f"{layout.isolate(name)} · {text} · {layout.isolate(text)}"))


def test_the_programs_own_isolates_stay() -> None:
    assert settled("ملف \u2068a.txt\u2069 أُضيف") == "ملف \u2068a.txt\u2069 أُضيف"
    assert settled("\u2069a\u2068b\u2069\u2068") == "a\u2068b\u2069"


@pytest.mark.parametrize("value", [STEERING, "\ud800", "\u2028", "اب\u200f", '"\\'])
def test_json_is_the_same_value(value: str) -> None:
    shown = escaped(json.dumps({"a": value}, ensure_ascii=False))
    assert json.loads(shown) == {"a": value}
    assert not set(shown) & (set(STEERING) | {"\ud800", "\u2028"})
