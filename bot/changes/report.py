"""What changed in the archive as text for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.answer import Quote
from bot.changes.differences import Difference
from bot.changes.history import ArticleChange
from bot.render.controls import escaped
from bot.render.emphasis import differing_pairs, differing_words
from bot.render.layout import Layout
from bot.render.terminal import BAR, date_of
from corpus.article import Article
from corpus.dates import format_date
from prompts import say

MOST_SHOWN = 5
"""Differences shown of an article in a list of many."""
_GAP = "\n\n"


def render_changes(changes: Sequence[ArticleChange], layout: Layout, *, whole: bool = False) -> str:
    """Render changes, the newest first; ``whole``: with all that differs, and those that only read a text anew."""
    shown = [each for each in changes if whole or each.change.kind != "reread"]
    parts = [_change(each, layout, whole) for each in shown]
    if more := len(changes) - len(shown):
        parts.append(layout.note(say("changes_reread_count", layout.language, count=more), style="dim"))
    return _GAP.join(parts)


def render_json(changes: Sequence[ArticleChange]) -> str:
    """Render changes as one line of JSON: a list, the newest first. The keys are a contract (docs/changes.md)."""
    return escaped(
        json.dumps(
            [
                {
                    "number": each.change.number,
                    "kind": each.change.kind,
                    "at": each.change.at,
                    "source": each.change.source,
                    "before": _named(each.before),
                    "after": _named(each.after),
                    "differences": [
                        {"was": _placed(found.was), "now": _placed(found.now)} for found in each.differences
                    ],
                    "quotes": each.quotes,
                    "chats": each.chats,
                }
                for each in changes
            ],
            ensure_ascii=False,
        )
    )


def when(each: ArticleChange, layout: Layout) -> str:
    """Return what happened to an article, and when."""
    what = say(f"changes_kind_{each.change.kind}", layout.language)
    if not each.change.at:
        return what
    moment = datetime.fromisoformat(each.change.at)
    date = format_date(moment.date().isoformat(), "day", layout.language)
    return say("changes_when", layout.language, what=what, date=date, time=f"{moment:%H:%M}")


def _change(each: ArticleChange, layout: Layout, whole: bool) -> str:
    language, article = layout.language, each.after or each.before
    assert article is not None, "a change has an article"
    caption = [
        layout.isolate(article.publisher or say("cli_no_outlet", language)),
        date_of(article, layout),
        layout.isolate(article.source),
        layout.isolate(article.id),
    ]
    head = [
        layout.lines(article.title, style="bold"),
        layout.note(" · ".join(caption), style="dim"),
        layout.note(when(each, layout)),
    ]
    if each.before and each.after and each.before.title != each.after.title:
        head.append(layout.note(say("changes_title", language, title=layout.isolate(each.before.title))))
    elif each.before and each.after and each.before.body == each.after.body:
        head.append(layout.note(say("changes_facts", language)))
    if each.quotes:
        said = say("changes_touched", language, quotes=len(each.quotes), chats=each.chats)
        head.append(layout.note(said, style="bold"))
    most = len(each.differences) if whole else MOST_SHOWN
    parts = ["\n".join(head), *(_difference(found, layout) for found in each.differences[:most])]
    if more := len(each.differences[most:]):
        parts.append(layout.note(say("changes_more", language, count=more), style="dim"))
    return _GAP.join(parts)


def _difference(found: Difference, layout: Layout) -> str:
    language = layout.language
    if found.was is None or found.now is None:
        quote = found.was or found.now
        assert quote is not None, "a difference has a text"
        name = "changes_added" if found.was is None else "changes_taken_out"
        return "\n".join([layout.note(say(name, language), style="dim"), _text(quote, None, layout)])
    nothing = say("changes_no_words", language)
    words = [
        say(
            "changes_words",
            language,
            was=layout.isolate(was) or nothing,
            now=layout.isolate(now) or nothing,
        )
        for was, now in differing_pairs(found.was.text, found.now.text)
    ]
    return "\n".join(
        [
            layout.note(say("changes_was", language), style="dim"),
            _text(found.was, found.now, layout),
            layout.note(say("changes_now", language), style="dim"),
            _text(found.now, found.was, layout),
            *(layout.note(each) for each in words),
        ]
    )


def _text(quote: Quote, other: Quote | None, layout: Layout) -> str:
    """Return a wording behind its bar, from the first word to the last that the other lacks in bold."""
    spans = differing_words(quote.text, other.text) if other is not None else []
    bold = type(spans[0])(spans[0].start, spans[-1].end) if spans else None
    return layout.lines(quote.text, marker=BAR, bold=bold)


def _named(article: Article | None) -> dict[str, Any] | None:
    if article is None:
        return None
    return {
        "id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published.date,
        "url": article.url,
        "version": article.version,
        "current": article.current,
    }


def _placed(quote: Quote | None) -> dict[str, Any] | None:
    if quote is None:
        return None
    return {"text": quote.text, "start": quote.start, "end": quote.end}
