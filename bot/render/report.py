"""Rendering of an ingest's report, and of what was read from each article, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from bot.render.layout import Layout
from bot.render.terminal import date_of, outlet_of
from corpus.article import Article
from corpus.ingest import Report, Skipped
from corpus.store import Cleaned
from prompts import Language, say, translated

_JOINERS = "\u200c\u200d"

_ROW = 90  # characters

MOST_LINES = 40
"""Most lines named for each outlet."""

MOST_NAMED = 10
"""Most files named for each outcome; of more there is a count."""


def render_report(report: Report, layout: Layout) -> str:
    """Render a line for each outcome of files with their number, and the number of articles in the archive now."""
    language = layout.language
    lines = []
    for fate in ("added", "changed", "unchanged", "missing", "removed"):
        if files := getattr(report, fate):
            lines.append(say(f"cli_{fate}", language, count=len(files), names=_listed(files, layout)))
    for duplicate in report.duplicates:
        lines.append(
            say(
                "cli_duplicate",
                language,
                file=_named(duplicate.source, layout),
                of=_named(duplicate.of, layout),
            )
        )
    if report.skipped:
        lines.append(say("cli_skipped", language, count=len(report.skipped)))
    lines.append(say("cli_archive_holds", language, count=report.articles))
    return "\n".join(layout.note(line) for line in lines)


def render_cleaned(cleaned: Cleaned, layout: Layout) -> str:
    """Render what recurs, below each outlet the lines with the number of articles that have them, and a line in sum."""
    parts: list[str] = []
    for outlet, group in groupby(cleaned.lines, lambda line: line.outlet):
        lines = list(group)
        rows = [layout.lines(f"{line.articles:>6}  {_shortened(line.text)}") for line in lines[:MOST_LINES]]
        more = [layout.lines(f"{'…':>6}")] if len(lines) > MOST_LINES else []
        parts.append("\n".join([layout.note(outlet_of(outlet, layout), style="bold"), *rows, *more]))
    counts = {"lines": len(cleaned.lines), "articles": cleaned.changed}
    parts.append(layout.note(say("cli_cleaned", layout.language, **counts)))
    return "\n\n".join(parts)


def _shortened(text: str) -> str:
    return text if len(text) <= _ROW else text[:_ROW].rsplit(" ", 1)[0] + " …"


def render_read(articles: Sequence[Article], layout: Layout) -> str:
    """Render what was read from each article: headline, outlet, date, paragraphs kept and spans dropped."""
    return "\n\n".join(
        "\n".join(
            [
                layout.lines(article.title, style="bold"),
                layout.note(_read(article, layout)),
                layout.note(_dropped(article, layout), style="dim"),
            ]
        )
        for article in articles
    )


def reason_of(skipped: Skipped, language: Language) -> str:
    """Return the reason why a file was not ingested, in the user's language."""
    reason = say(f"cli_reason_{skipped.reason.replace(' ', '_').replace(',', '')}", language)
    # One that is not known, such as what a server said, stays as it is.
    detail = translated("cli_detail_", skipped.detail, language)
    return f"{reason} ({detail})" if detail else reason


def _read(article: Article, layout: Layout) -> str:
    outlet = article.publisher or say("cli_no_outlet", layout.language)
    counted = say("cli_paragraphs", layout.language, count=len(article.blocks))
    return " · ".join(
        [layout.isolate(outlet), date_of(article, layout), counted, _named(article.source, layout)]
    )


def _dropped(article: Article, layout: Layout) -> str:
    reasons = Counter(dropped.reason for dropped in article.dropped if dropped.reason != "blank")
    named = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    return say(
        "cli_dropped",
        layout.language,
        count=reasons.total(),
        reasons=layout.isolate(f"({named})") if named else "",
    ).strip()


def name_of(source: str) -> str:
    """Return a file's name for printing: a line break or a control character in it changes no other line."""
    return "".join(each if each.isprintable() or each in _JOINERS else "\ufffd" for each in source)


def _named(file: str, layout: Layout) -> str:
    return layout.isolate(name_of(file))


def _listed(files: Sequence[str], layout: Layout) -> str:
    comma = "، " if layout.language == "ar" else ", "
    named = comma.join(_named(file, layout) for file in files[:MOST_NAMED])
    return named + (comma + "…" if len(files) > MOST_NAMED else "")
