"""Rendering of outlets: what a name rests on, where else a report stands, and the list of all in the archive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from bot.answer import Answer
from bot.render.controls import escaped
from bot.render.layout import Layout, columns
from corpus.article import Article
from corpus.copies.original import carrier
from corpus.provenance import is_known
from corpus.store import Outlet
from prompts import Language, counted, say

_MOST = 4  # outlets that are named as having a report too


def note_of(article: Article, language: Language) -> str:
    """Return what the outlet's name rests on, where that is less than a fact: whose claim it is, and its origin.

    "" where the article came from the outlet's own host, or where the keeper of the archive named the outlet.
    """
    if article.publisher is None:
        return ""
    if article.attribution == "recurring":
        return say("outlet_recurring", language)
    if article.attribution != "claimed":
        return ""
    if article.origin is None:
        return say("outlet_of_file", language)
    return say(
        "outlet_of_page" if is_known(article.publisher) else "outlet_at", language, host=article.origin
    )


def machine_note(article: Article, language: Language) -> str:
    """Return that an article's text was recognised in a picture, and so proves no letter; "" for all others."""
    if not article.machine_read:
        return ""
    if article.confidence is None:
        return say("machine_read", language)
    return say("machine_read_sure", language, percent=article.confidence)


def also_line(
    article: Article, copies: Sequence[Article], language: Language, isolate: Callable[[str], str] = str
) -> str:
    """Return the line that names the outlets of an article's copies; "" where none has another name than its own."""
    own = outlet_of(article)
    others = [name for each in copies if (name := outlet_of(each)) and name != own]
    names = [isolate(name) for name in dict.fromkeys(others)]
    if not names:
        return ""
    listed = ("، " if language == "ar" else ", ").join(names[:_MOST])
    return say("also_in_more" if len(names) > _MOST else "also_in", language, outlets=listed)


def independent_line(answer: Answer, language: Language) -> str:
    """Return the line that several independent outlets state the answer; "" where that is not certain."""
    quote = answer.quotes[0] if answer.quotes else None
    if answer.independent < 2 or quote is None or quote.words is None:
        return ""
    count = counted("count_independent", answer.independent, language)
    words = " ".join(quote.article.body[quote.words.start : quote.words.end].split())
    return say("independent", language, sources=count, words=words)


def outlet_of(article: Article) -> str | None:
    """Return the outlet in which an article stands, whomever it credits."""
    return carrier(article.publisher, article.attribution, article.origin) or article.origin or article.site


def render_outlets(outlets: Sequence[Outlet], layout: Layout) -> str:
    """Render a line for each outlet: its number of articles, its name, its hosts; the unknown ones by their hosts."""
    if not outlets:
        return layout.note(say("cli_no_outlets", layout.language))
    rows = _by_name(outlets)
    counts = [str(count) for count, _, _ in rows]
    width = max(map(columns, counts))
    lines = []
    for (_, publisher, hosts), count in zip(rows, counts, strict=True):
        name = layout.isolate(publisher or say("cli_no_outlet", layout.language))
        shown = [name, *(layout.isolate(host) for host in hosts if host != publisher)]
        claimed = sum(
            each.articles
            for each in outlets
            if publisher and each.publisher == publisher and each.attribution == "claimed"
        )
        if claimed:
            shown.append(say("outlets_claimed", layout.language, count=claimed))
        lines.append(layout.note(f"{count.rjust(width)}  {' · '.join(shown)}"))
    return "\n".join(lines)


def render_json(outlets: Sequence[Outlet]) -> str:
    """Render the outlets as one line of JSON: a list by name, host and attribution."""
    return escaped(
        json.dumps(
            [
                {
                    "outlet": each.publisher,
                    "host": each.host,
                    "attribution": each.attribution,
                    "articles": each.articles,
                }
                for each in outlets
            ],
            ensure_ascii=False,
        )
    )


def _by_name(outlets: Iterable[Outlet]) -> list[tuple[int, str | None, list[str]]]:
    """Return the number of articles, the name and the hosts of each outlet; without a name, of each host."""
    found: dict[tuple[str | None, str | None], tuple[int, list[str]]] = {}
    for each in outlets:
        at = (each.publisher, None if each.publisher else each.host)
        count, hosts = found.get(at, (0, []))
        found[at] = (
            count + each.articles,
            list(dict.fromkeys([*hosts, *([each.host] if each.host else [])])),
        )
    rows = [(count, publisher, hosts) for (publisher, _), (count, hosts) in found.items()]
    return sorted(rows, key=lambda row: (-row[0], row[1] or "", row[2]))
