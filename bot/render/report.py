"""Rendering of an ingest's report, and of what was read from each article, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from bot.render.layout import Layout
from bot.render.outlets import machine_note, note_of
from bot.render.terminal import date_of, outlet_of
from corpus.article import Article
from corpus.report import Collected, Report, Skipped
from corpus.store import Cleaned
from prompts import Language, say, translated

_BELOW = "  "  # before the lines of a collection
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
    for duplicate in report.duplicates[:MOST_NAMED]:
        lines.append(
            say(
                "cli_duplicate",
                language,
                file=_named(duplicate.source, layout),
                of=_named(duplicate.of, layout),
            )
        )
    if more := len(report.duplicates[MOST_NAMED:]):
        lines.append(say("cli_more_duplicates", language, count=more))
    for collected in report.collections:
        lines += _collected(collected, layout)
    if report.skipped:
        lines.append(say("cli_skipped", language, count=len(report.skipped)))
    if len(report.skipped) > MOST_NAMED:
        lines += _grouped(report.skipped, layout)
    if report.pictures:
        lines.append(say("cli_pictures", language, count=report.pictures))
    if report.scanned:
        lines.append(say("cli_scanned", language, count=report.scanned))
    for name, count in (("cli_undated", report.undated), ("cli_unnamed", report.unnamed)):
        if count:
            lines.append(say(name, language, count=count))
    lines.append(say("cli_archive_holds", language, count=report.articles))
    return "\n".join(layout.note(line) for line in lines)


def _grouped(skipped: Sequence[Skipped], layout: Layout) -> Iterator[str]:
    """Yield a line for each reason, the most frequent first, with the first files of it."""
    for reason, count in Counter(each.reason for each in skipped).most_common():
        names = [each.source for each in skipped if each.reason == reason]
        said = _reason(reason, layout.language)
        yield _BELOW + say(
            "cli_skipped_for", layout.language, reason=said, count=count, names=_listed(names, layout)
        )


def _collected(collected: Collected, layout: Layout) -> Iterator[str]:
    """Yield a collection's name, which fields were taken for what, and a line for each outcome of its entries."""
    language = layout.language
    yield say("cli_collection", language, file=_named(collected.source, layout), count=collected.held)
    if collected.fields:
        comma = "، " if language == "ar" else ", "
        mapped = comma.join(
            say("cli_field", language, role=say(f"cli_role_{role}", language), name=_named(name, layout))
            for role, name in collected.fields
        )
        yield _BELOW + say("cli_fields", language, fields=mapped)
    for fate in ("added", "changed", "unchanged", "duplicates", "missing", "removed"):
        if count := getattr(collected, fate):
            yield _BELOW + say(f"cli_entries_{fate}", language, count=count)
    for text in not_taken(collected, lambda name: _named(name, layout), language):
        yield _BELOW + text


def not_taken(collected: Collected, named: Callable[[str], str], language: Language) -> Iterator[str]:
    """Yield a line for each kind of entries that are no articles and for each reason to refuse some.

    ``named`` makes the name of an entry ready to be shown.
    """
    for what, count in collected.left_out:
        left = translated("cli_left_", what, language)
        yield say("cli_entries_left_out", language, count=count, what=named(left))
    for refusals in collected.refused:
        detail = translated("cli_detail_", refusals.first[0][1], language) if refusals.count == 1 else ""
        reason = _reason(refusals.reason, language) + (f" ({detail})" if detail else "")
        comma = "، " if language == "ar" else ", "
        names = comma.join(named(key) for key, _ in refusals.first)
        names += f"{comma}…" if refusals.count > len(refusals.first) else ""
        yield say("cli_entries_refused", language, count=refusals.count, reason=reason, names=names)


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
    reason = _reason(skipped.reason, language)
    line, colon, problem = skipped.detail.partition(": ")
    if colon and (number := line.removeprefix("line ")).isdecimal():
        problem = translated("cli_detail_", problem, language)
        return f"{reason} ({say('cli_at_line', language, line=number, problem=problem)})"
    # One that is not known, such as what a server said, stays as it is.
    detail = translated("cli_detail_", skipped.detail, language)
    return f"{reason} ({detail})" if detail else reason


def _reason(reason: str, language: Language) -> str:
    return say(f"cli_reason_{reason.replace(' ', '_').replace(',', '')}", language)


def _read(article: Article, layout: Layout) -> str:
    outlet = layout.isolate(article.publisher or say("cli_no_outlet", layout.language))
    if note := note_of(article, layout.language):
        outlet += f" ({note})"
    counted = say("cli_paragraphs", layout.language, count=len(article.blocks))
    machine = machine_note(article, layout.language)
    named = _named(article.source, layout)
    return " · ".join(filter(None, [outlet, date_of(article, layout), counted, named, machine]))


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
