"""Messages: a missing or wrongly filled one is an error at the call, never a gap in the text."""

from __future__ import annotations

import pytest

from prompts import PromptError, counted, names, prompt, say


def test_a_message_comes_in_both_languages() -> None:
    assert "الأرشيف" in say("refused_no_evidence", "ar")
    assert "archive" in say("refused_no_evidence", "en")


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(PromptError, match="no_such_message"):
        say("no_such_message")
    with pytest.raises(PromptError, match="no-such-prompt"):
        prompt("no-such-prompt")


@pytest.mark.parametrize("variables", [{}, {"words": "x", "more": "y"}])
def test_variables_too_few_or_too_many_are_refused(variables: dict[str, str]) -> None:
    with pytest.raises(PromptError, match="words"):
        say("unknown_words", "ar", **variables)


def test_what_is_filled_in_is_never_read_as_a_template() -> None:
    assert "{words}" in say("unknown_words", "ar", words="{words}")


def test_every_message_has_a_name() -> None:
    assert {"refused_no_evidence", "when", "unknown_words"} <= set(names())


@pytest.mark.parametrize(
    ("n", "ar", "en"),
    [
        (1, "ثانية واحدة", "1 second"),
        (2, "ثانيتين", "2 seconds"),
        (3, "3 ثوانٍ", "3 seconds"),
        (10, "10 ثوانٍ", "10 seconds"),
        (11, "11 ثانية", "11 seconds"),
        (60, "60 ثانية", "60 seconds"),
        (100, "100 ثانية", "100 seconds"),
        (103, "103 ثوانٍ", "103 seconds"),
    ],
)
def test_a_count_agrees_with_its_noun(n: int, ar: str, en: str) -> None:
    assert (counted("count_seconds", n, "ar"), counted("count_seconds", n, "en")) == (ar, en)
