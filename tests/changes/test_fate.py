"""The fate of quotes in pairs of versions of our own writing; see ``pairs.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.changes.fate import Fate, fate_of
from bot.quotes import cut
from corpus.article import Article, Published

PAIRS = tomllib.loads((Path(__file__).parent / "pairs.toml").read_text(encoding="utf-8"))
CASES = PAIRS["cases"]


def versions(case: dict[str, Any]) -> tuple[Article, list[Article]]:
    """Return the article of a case as it was, and the current articles of its source."""
    body = PAIRS["texts"][case["text"]]["body"].strip()
    old = Article(source="a.txt", title="عنوان الخبر", body=body, current=False)
    if case.get("removed"):
        return old, []
    new = case.get("body", body)
    for was, now in case.get("edits", ()):
        assert new.count(was) == 1, f"{was!r} stands {new.count(was)} times"
        new = new.replace(was, now)
    published = Published(case["published"], "day", "") if "published" in case else Published()
    newer = replace(
        old, body=new, title=case.get("title", old.title), published=published, current=True, version=2
    )
    return old, [newer]


def found(case: dict[str, Any]) -> Fate:
    old, current = versions(case)
    start = old.body.index(case["quote"])
    return fate_of(cut(old, start, start + len(case["quote"])), current)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['name']} ({case['text']})" for case in CASES])
def test_what_became_of_a_quote(case: dict[str, Any]) -> None:
    fate = found(case)
    assert fate.kind == case["fate"], fate.now and fate.now.text
    if "now" in case:
        assert fate.now is not None
        assert fate.now.text == case["now"]
    assert (fate.above and fate.above.text) == case.get("above")
