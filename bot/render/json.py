"""Rendering of answers and articles as JSON, for scripts.

The keys are a contract (docs/commands.md, "For scripts").
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bot.answer import Answer, Quote
from bot.opening import first_line
from bot.quotes import Articles, verify_answer
from bot.render.controls import escaped
from bot.render.outlets import outlet_of
from corpus.article import Article
from prompts import Language


def render_answer(answer: Answer, archive: Articles, language: Language = "ar") -> str:
    """Render an answer as one line of JSON, after looking up every quote in the archive."""
    answer = verify_answer(answer, archive)
    return _dumps(
        {
            "question": answer.question,
            "standalone_question": answer.standalone_question,
            "status": answer.status,
            "reason": answer.reason,
            "answer": _text(answer, language),
            "mode": answer.mode,
            "quotes": [_quote(quote) for quote in answer.quotes],
            "related": [_quote(quote) for quote in answer.related],
            "open": answer.open,
            "freshness": asdict(answer.freshness) if answer.freshness is not None else None,
            "independent": answer.independent,
            "timings_ms": {stage: round(taken, 2) for stage, taken in answer.timings_ms.items()},
        }
    )


def render_article(article: Article) -> str:
    """Render an article as one line of JSON; ``body[start:end]`` is the text of every quote of it."""
    published = article.published
    return _dumps(
        {
            **_named(article),
            "body": article.body,
            "site": article.site,
            "place": article.place,
            "precision": published.precision,
            "not_before": published.not_before,
            "not_after": published.not_after,
            "evidence": published.evidence,
            "part": article.part,
            "version": article.version,
            "current": article.current,
            "ingested": article.ingested,
            "confidence": article.confidence,
            "blocks": [
                {"start": block.start, "end": block.end, "kind": block.kind} for block in article.blocks
            ],
            "recurring": [asdict(span) for span in article.recurring],
        }
    )


def render_error(line: int, error: str) -> str:
    """Render the line that replaces an answer for an input line without a question."""
    return _dumps({"error": error, "line": line})


def _text(answer: Answer, language: Language) -> str:
    if answer.quotes and not answer.text.strip():
        return answer.quotes[0].text
    return first_line(answer, language)


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "id": quote.id,
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "score": quote.score,
        "words": _words(quote),
        "article": _named(quote.article),
        "also": [
            {
                "id": article.id,
                "publisher": outlet_of(article),
                "published": article.published.date,
                "title": article.title,
            }
            for article in quote.also
        ],
    }


def _words(quote: Quote) -> dict[str, Any] | None:
    if quote.words is None:
        return None
    start, end = quote.words.start, quote.words.end
    return {"start": start, "end": end, "text": quote.article.body[start:end]}


def _named(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published.date,
        "url": article.url,
        "source": article.source,
        "origin": article.origin,
        "attribution": article.attribution,
        "machine_read": article.machine_read,
    }


def _dumps(value: dict[str, Any]) -> str:
    return escaped(json.dumps(value, ensure_ascii=False))
