"""Telegram messages to owners about the archive: what was ingested, and its contents."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from html import escape

from bot.render.dates import shown_moment
from bot.render.direction import cleaned, filled, isolated, line
from bot.render.fitting import packed
from bot.render.report import not_taken, reason_of
from bot.render.telegram import caption
from corpus.article import Article
from corpus.following import Followed
from corpus.report import Report, Skipped
from prompts import Language, say

_SHOWN = 6
"""Most articles of one document that are named."""
MOST_SOURCES = 20
"""Most followed sources that are named."""
_MOST_NAME = 60
"""Most characters shown of the name of an entry in a file of many articles."""
MOST_OF_MANY = 3
"""Articles named of a document that holds many."""


def render_fed(report: Report, articles: Sequence[Article], language: Language = "ar") -> str:
    """Render the outcome for one document: whether it went in, and the headline, outlet and date found in it."""
    if report.skipped:
        why = reason_of(report.skipped[0], language)
        return filled("feed_skipped", language, "why", why)
    if report.duplicates:
        return filled("feed_duplicate", language, "of", report.duplicates[0].of)
    fate = "added" if report.added else "changed" if report.changed else "unchanged"
    blocks = [f"<b>{line(say(f'feed_{fate}', language), language)}</b>", *_listed(articles, language)]
    if report.scanned:
        blocks.append(line(say("cli_scanned", language, count=report.scanned), language))
    if articles:
        blocks.append(filled("feed_source", language, "source", articles[0].source))
    return "\n\n".join(blocks)


def render_fed_collection(report: Report, articles: Sequence[Article], language: Language = "ar") -> str:
    """Render the outcome for one document that holds many articles: how many of them went in, and why others did not.

    ``articles`` are some of those that the archive holds.
    """
    (collected,) = report.collections
    head = f"<b>{line(say('feed_collection', language, count=collected.held), language)}</b>"
    counts = [
        line(say(f"feed_entries_{fate}", language, count=count), language)
        for fate in ("added", "changed", "unchanged", "duplicates", "missing", "removed")
        if (count := getattr(collected, fate))
    ]
    counts += [line(text, language) for text in not_taken(collected, _brief, language)]
    blocks = ["\n".join([head, *counts])]
    if report.skipped:
        blocks.append(filled("feed_broken_off", language, "why", reason_of(report.skipped[0], language)))
    if articles:
        blocks += _listed(articles, language)
        if len(articles) < collected.held:
            blocks.append("…")
    blocks.append(filled("feed_source", language, "source", collected.source))
    return "\n\n".join(blocks)


def _brief(name: str) -> str:
    clean = cleaned(name)
    return clean if len(clean) <= _MOST_NAME else f"{clean[:_MOST_NAME]}…"


def render_work(text: str, waiting: Sequence[str], language: Language = "ar") -> str:
    """Render what is being done, and the names of what waits for it to end."""
    if not waiting:
        return line(text, language)
    comma = "، " if language == "ar" else ", "
    names = comma.join(isolated(name) for name in waiting[:_SHOWN])
    more = f"{comma}…" if len(waiting) > _SHOWN else ""
    head = line(say("feed_waiting", language, count=len(waiting)), language)
    return f"{line(text, language)}\n{head} {names}{more}"


def render_archive(
    counts: str,
    health: str,
    latest: Sequence[Article],
    language: Language = "ar",
    sources: Sequence[str] = (),
    followed: int = 0,
) -> list[str]:
    """Render the archive's counts, whether the index is sound, the latest articles and the followed sources.

    ``sources``: their blocks, as ``render_sources`` makes them; ``followed``: their number. The messages, in order.
    """
    blocks = [
        f"<b>{line(say('feed_archive', language), language)}</b>",
        line(counts, language) + "\n" + line(health, language),
    ]
    if latest:
        blocks += [f"<b>{line(say('feed_latest', language), language)}</b>", *_listed(latest, language)]
    if sources:
        head = f"<b>{line(say('sources_followed', language, count=followed), language)}</b>"
        blocks += [f"{head}\n{sources[0]}", *sources[1:]]
    return packed(blocks)


def render_sources(
    sources: Sequence[Followed], now: datetime.datetime, language: Language, zone: datetime.tzinfo
) -> list[str]:
    """Render each source that is followed as a block: its name, how it stands, its last new item and last success."""
    shown = []
    for each in sources[:MOST_SOURCES]:
        facts = [_standing(each, now, language, zone)]
        if each.newest is not None and each.standing(now) != "silent":  # else it is said already
            facts.append(
                say("following_newest", language, when=shown_moment(each.newest, now, language, zone))
            )
        if each.kind != "channel" and each.succeeded is not None:
            facts.append(
                say("following_checked", language, when=shown_moment(each.succeeded, now, language, zone))
            )
        if each.failures:
            facts.append(say("source_failures", language, count=each.failures))
        shown.append(
            "\n".join([f"<b>{isolated(source_name(each))}</b>", *(line(fact, language) for fact in facts)])
        )
    if len(sources) > MOST_SOURCES:
        shown.append(line(say("source_more", language, count=len(sources) - MOST_SOURCES), language))
    return shown


def render_sources_troubled(
    sources: Sequence[Followed], now: datetime.datetime, language: Language, zone: datetime.tzinfo
) -> str:
    """Render that sources are silent or cannot be read longer than is their habit."""
    lines = [
        f"• {isolated(source_name(each))}: {line(_standing(each, now, language, zone), language)}"
        for each in sources[:MOST_SOURCES]
    ]
    return _under("sources_troubled", lines, len(sources), language)


def render_sources_back(sources: Sequence[Followed], language: Language) -> str:
    """Render that news comes from these sources again."""
    lines = [f"• {isolated(source_name(each))}" for each in sources[:MOST_SOURCES]]
    return _under("sources_back", lines, len(sources), language)


def source_name(source: Followed) -> str:
    """Return what a source is called: the outlet given for it, what it calls itself, else its address."""
    return source.outlet or source.title or source.address


def _under(name: str, lines: list[str], count: int, language: Language) -> str:
    if count > len(lines):
        lines.append(line(say("source_more", language, count=count - len(lines)), language))
    return "\n".join([f"<b>{line(say(name, language), language)}</b>", *lines])


def _standing(each: Followed, now: datetime.datetime, language: Language, zone: datetime.tzinfo) -> str:
    standing = each.standing(now)
    if standing == "failing":
        why = reason_of(Skipped("", each.error.reason, each.error.detail), language) if each.error else "?"
        since = shown_moment(each.failing_since or now, now, language, zone)
        return say("source_gone" if each.stopped else "source_failing", language, since=since, why=why)
    if standing == "silent":
        since = shown_moment(each.newest or each.added, now, language, zone)
        return say("source_silent", language, since=since)
    return say(f"source_{standing}", language)


def render_removal(articles: Sequence[Article], language: Language = "ar", *, done: bool = False) -> str:
    """Render the question whether to remove articles; with ``done``, the note that they were removed."""
    said = say("feed_removed" if done else "feed_remove_confirm", language)
    return "\n\n".join([line(said, language), *_listed(articles, language)])


def _listed(articles: Sequence[Article], language: Language) -> list[str]:
    blocks = [
        "\n".join([*reversed(caption(article, language)), _number(article, language)])
        for article in articles[:_SHOWN]
    ]
    return [*blocks, "…"] if len(articles) > _SHOWN else blocks


def _number(article: Article, language: Language) -> str:
    return f"{line(say('feed_number', language), language)} <code>{escape(article.id)}</code>"
