"""Readers of web pages compared: headline, date and body of saved pages whose text is known."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from corpus.arabic import fold_text
from corpus.decode import NoTextError
from corpus.parse import ParseError, parse, read
from tests.corpus import test_parse_html as pages


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page, and what is to be found on it; a ``date`` of None is not looked at."""

    name: str
    data: bytes
    url: str
    language: str
    title: str
    date: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found on a page."""

    title: str
    date: str | None
    text: str


def _ours(page: Wanted) -> Found | None:
    try:
        document = read(page.data, ".html", url=page.url)
        articles = parse(document.text, page.name, document.said)
    except (NoTextError, ParseError):
        return None
    text = "\n".join(article.body for article in articles)
    return Found(articles[0].title, articles[0].published.date, text)


def _trafilatura(page: Wanted) -> Found | None:
    found = import_module("trafilatura").bare_extraction(
        page.data, url=page.url, with_metadata=True, include_comments=False
    )
    return found and Found(found.title or "", found.date, found.text or "")


def _newspaper(page: Wanted) -> Found | None:
    article = import_module("newspaper").Article(page.url, language=page.language)
    article.download(input_html=page.data.decode("utf-8", errors="replace"))
    article.parse()
    date = article.publish_date
    return (
        Found(article.title or "", date and date.date().isoformat(), article.text) if article.text else None
    )


def _readability(page: Wanted) -> Found | None:
    document = import_module("readability").Document(page.data)
    text = import_module("lxml.html").fromstring(document.summary()).text_content()
    return Found(document.short_title(), None, text) if text.strip() else None


READERS: dict[str, Callable[[Wanted], Found | None]] = {
    "ours": _ours,
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper,
    "readability-lxml": _readability,
}


_SPACED = frozenset({"ar", "en", "es"})
"""Languages of the saved pages whose words have spaces between them."""


def saved(folder: Path) -> Iterator[Wanted]:
    """Yield the pages of newspaper4k's own tests (``tests/data`` of its source distribution) that have a text."""
    for file in sorted((folder / "metadata").glob("*.json")):
        facts = json.loads(file.read_text(encoding="utf-8"))
        page, text = folder / "html" / f"{file.stem}.html", folder / "txt" / f"{file.stem}.txt"
        if facts.get("language") in _SPACED and page.exists() and text.exists():
            yield Wanted(
                file.stem,
                page.read_bytes(),
                facts["url"],
                facts["language"],
                facts["title"],
                (facts["publish_date"] or "")[:10] or None,
                text.read_text(encoding="utf-8"),
            )


def own() -> Iterator[Wanted]:
    """Yield Arabic pages of our own tests: a new one, old ones in two encodings, one of a heading and paragraphs."""
    body = [pages.LEDE, pages.SECOND, pages.THIRD]
    modern = [pages.STANDFIRST, pages.LEDE, "ما في المكتبة", pages.SECOND, *pages.ITEMS, pages.THIRD]
    plain = f"<h1>{pages.HEADLINE}</h1>{''.join(f'<p>{each}</p>' for each in body)}"
    made = (
        ("modern", pages.MODERN.encode(), modern, "2026-02-10"),
        ("old", pages.OLD.encode(), body, "2026-02-10"),
        ("old, windows-1256", pages.OLD.encode("cp1256"), body, "2026-02-10"),
        ("bare", pages.page_of(body=f"{pages.MENU}{plain}{pages.FOOTER}").encode(), body, None),
    )
    for name, data, lines, date in made:
        yield Wanted(name, data, "https://daffa.example/1", "ar", pages.HEADLINE, date, "\n".join(lines))


def titles(page: Wanted) -> set[str]:
    """Return what may be called the headline: the wanted one, and headings of the page that share most of its words."""
    root = import_module("lxml.html").document_fromstring(page.data)
    said = [
        *root.xpath("//meta[@property='og:title']/@content"),
        *(each.text_content() for each in root.iter("h1")),
    ]
    wanted = tokens(page.title)
    alike = (each for each in said if 2 * (tokens(each) & wanted).total() >= wanted.total())
    return {_plain(page.title), *map(_plain, alike)} - {""}


def _plain(text: str) -> str:
    """Return the words of a text in one line, quotation marks and no-break spaces made alike."""
    return " ".join(re.sub("[‘’“”]", "'", fold_text(text)).split())


def tokens(text: str) -> Counter[str]:
    """Count the words of a text."""
    return Counter(re.findall(r"\w+", fold_text(text).lower()))


def scores(found: str, wanted: str) -> tuple[float, float]:
    """Return the precision and the recall of the words found."""
    here, there = tokens(found), tokens(wanted)
    shared = (here & there).total()
    return shared / max(here.total(), 1), shared / max(there.total(), 1)


def compare(folder: Path | None) -> str:
    """Return a table of every page and reader, and one of their means; ``folder``: see `saved`."""
    rows = [
        "| page | reader | headline | date | precision | recall | lines whole |",
        "|---|---|---|---|---|---|---|",
    ]
    means: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    sets = {"saved": list(saved(folder)) if folder else [], "own": list(own())}
    for name, each in ((name, page) for name, wanted in sets.items() for page in wanted):
        for reader, finding in READERS.items():
            found = finding(each) or Found("", None, "")
            precision, recall = scores(found.text, each.text)
            title = _plain(found.title) in titles(each)
            date = each.date is None or found.date == each.date
            lines = [_plain(line) for line in each.text.splitlines() if line.strip()]
            whole = sum(line in _plain(found.text) for line in lines) / len(lines)
            figures = (float(title), float(date), precision, recall, whole)
            means[name, reader].append(figures)
            rows.append(f"| {each.name} | {reader} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
    for (name, reader), all_figures in means.items():
        average = [sum(column) / len(column) for column in zip(*all_figures, strict=True)]
        rows.append(
            f"| all {len(all_figures)} {name} | {reader} | {' | '.join(f'{figure:.2f}' for figure in average)} |"
        )
    return "\n".join(rows)
