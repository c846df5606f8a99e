"""Table of rules for the lines of a scraped page that are not reporting.

A rule fires on a whole line, never on part of one. «anywhere» rules are for lines that no report contains;
«edge» rules are for lines that a report might contain («سياسة», a date by itself): they fire only before the
first and after the last paragraph of reporting. Patterns and words are those of ``corpus.arabic.boilerplate``,
matched against `Line.bare`: folded words and numbers, one space between, no punctuation. Doubtful cases have
no rule: the line stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from corpus.arabic.boilerplate import boilerplate, boilerplate_words
from corpus.parse.plain.lines import Line
from corpus.parse.plain.outlets import known_agency
from corpus.parse.plain.stamps import is_date, is_dated_name, is_labelled_date

Where = Literal["anywhere", "edge"]
Test = Callable[[Line], bool]


def reason_for(line: Line, where: Where) -> str:
    """Return the reason of the first rule that fires on a line, "" when none does.

    ``edge`` applies all rules, ``anywhere`` only those that need no position.
    """
    if not line.words:
        return "ornament"
    for rule in RULES:
        if (where == "edge" or rule.where == "anywhere") and rule.fires(line):
            return rule.reason
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for lines to drop, with the reason given for them."""

    reason: str
    where: Where
    longest: int
    """Maximum number of words: a longer line is never dropped by this rule."""
    test: Test
    items: bool = True
    """Whether the rule may fire on a numbered or bulleted line."""

    def fires(self, line: Line) -> bool:
        return len(line.words) <= self.longest and (self.items or not line.is_item) and self.test(line)


def _is(kind: str) -> Test:
    """Return a test for lines that match a pattern as a whole."""
    compiled = re.compile(boilerplate(kind))
    return lambda line: bool(compiled.fullmatch(line.bare))


def _opens(kind: str) -> Test:
    """Return a test for lines that start with a pattern, as whole words."""
    compiled = re.compile(f"(?:{boilerplate(kind)})(?![^ ])")
    return lambda line: bool(compiled.match(line.bare))


def _holds(kind: str) -> Test:
    """Return a test for lines that contain a pattern, as whole words."""
    compiled = re.compile(f"(?<![^ ])(?:{boilerplate(kind)})(?![^ ])")
    return lambda line: bool(compiled.search(line.bare))


def _written(kind: str) -> Test:
    """Return a test for folded lines, with their punctuation, that match a pattern as a whole."""
    compiled = re.compile(boilerplate(kind))
    return lambda line: bool(compiled.fullmatch(line.folded))


def _made_of(*kinds: str, with_one_of: str) -> Test:
    """Return a test for lines of listed words, one of the last list; numbers and a leading «و» are ignored."""
    keys = boilerplate_words(with_one_of)
    known = keys.union(*map(boilerplate_words, kinds))

    def test(line: Line) -> bool:
        found = {
            word if word in known else word.removeprefix("و") for word in line.words if not word.isdigit()
        }
        return found <= known and bool(found & keys)

    return test


def _all(*tests: Test) -> Test:
    return lambda line: all(test(line) for test in tests)


def _unquoted(line: Line) -> bool:
    """Return whether the line quotes nobody."""
    return not any(mark in line.text for mark in '"«“”')


def _is_label(line: Line) -> bool:
    return not line.text.endswith(":")


def _is_agency(line: Line) -> bool:
    """Return whether the line is only an agency's name: «رويترز», «-أ ف ب-», «(CNN)»."""
    return known_agency(line.text) is not None


def _is_bracketed_credit(line: Line) -> bool:
    """Return whether the line is a credit in brackets: «(رويترز)», «[أ ف ب]», «(أرشيفية)»."""
    inside = re.fullmatch(r"[(\[]([^()\[\]]{2,40})[)\]]", line.text)
    return inside is not None and (known_agency(inside[1]) is not None or _ARCHIVE(line))


_ARCHIVE = _is("archive_photo")

RULES = (
    Rule("breaking flash", "anywhere", 4, _is("breaking")),
    Rule("advertisement", "anywhere", 6, _is("advertisement"), items=False),
    Rule("share", "anywhere", 14, _made_of("networks", "share_words", with_one_of="share_verbs")),
    Rule("share", "edge", 14, _made_of("share_words", with_one_of="networks"), items=False),
    Rule("share", "edge", 5, _is("share_phrase"), items=False),
    Rule("follow us", "anywhere", 30, _all(_opens("follow"), _unquoted)),
    Rule("follow us", "anywhere", 30, _all(_opens("join_verb"), _holds("our_channel"), _unquoted)),
    Rule("follow us", "anywhere", 20, _all(_opens("join_call"), _holds("channel"), _unquoted)),
    Rule("disclaimer", "anywhere", 40, _all(_opens("disclaimer"), _holds("whose_opinions"), _unquoted)),
    Rule("cookie notice", "anywhere", 60, _all(_holds("cookies"), _holds("cookie_use"), _unquoted)),
    Rule("cookie notice", "edge", 3, _is("cookie_button")),
    Rule("copyright", "anywhere", 20, _holds("rights_reserved")),
    Rule("copyright", "anywhere", 14, _written("copyright_sign")),
    Rule("copyright", "edge", 14, _opens("copyright_opening")),
    Rule("view count", "anywhere", 10, _is("view_count")),
    Rule("photo credit", "anywhere", 5, _is_bracketed_credit),
    Rule("photo credit", "anywhere", 8, _written("photo_credit")),
    Rule("short link label", "anywhere", 5, _is("short_link")),
    Rule("date line", "anywhere", 18, is_labelled_date),
    Rule("date line", "edge", 16, is_date, items=False),
    Rule("dated byline", "edge", 14, is_dated_name, items=False),
    Rule("outlet name", "edge", 6, _is_agency),
    Rule("end mark", "edge", 1, _is("end_mark")),
    Rule("byline", "edge", 9, _written("byline"), items=False),
    Rule("byline", "edge", 5, _is("newsroom"), items=False),
    Rule(
        "section name",
        "edge",
        5,
        _all(_made_of("section_qualifiers", with_one_of="sections"), _is_label),
        items=False,
    ),
    Rule("section name", "edge", 10, _written("section_label")),
    Rule("navigation", "edge", 30, _is("navigation")),
    Rule("navigation", "edge", 4, _written("font_size")),
    Rule("navigation", "edge", 40, _written("breadcrumbs")),
)
"""The rules in order; the first that fires gives the reason."""
