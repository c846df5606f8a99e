"""Comparison of what was read from a case's files with what is right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.evals.reading.cases import Case, Right


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article as the program shows it. ``published`` and the like are "" where it has none."""

    title: str = ""
    published: str = ""
    precision: str = ""
    publisher: str = ""
    url: str = ""
    site: str = ""
    body: str = ""
    blocks: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    source_line: str = ""
    """What an answer says of its source: outlet and date."""
    verbatim: bool = True
    """Whether the body is the kept spans of the stored text."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read from the files of a case."""

    articles: tuple[ReadArticle, ...] = ()
    refusals: tuple[str, ...] = ()
    """What was said of files that were not taken in."""
    raised: str = ""
    """The error that ended the run: none ever should."""


def faults(case: Case, seen: Seen) -> list[str]:
    """Return what is wrong, nothing where all is right."""
    if seen.raised:
        return [f"the run ended: {seen.raised}"]
    refused = not seen.articles and any(_names(case, said) for said in seen.refusals)
    if case.refused or (case.or_refused and refused):
        return _faults_of_refusal(case, seen, refused)
    if not seen.articles:
        return ["nothing was read" + (f": {'; '.join(seen.refusals)}" if seen.refusals else "")]
    told = " ".join(seen.refusals)
    found = [f"says only «{told}»"] if case.says and not any(words in told for words in case.says) else []
    if case.count is not None and len(seen.articles) != case.count:
        found.append(f"{len(seen.articles)} articles, not {case.count}")
    if case.every:
        return found + [fault for article in seen.articles for fault in _faults(case.rights[0], article)]
    for right in case.rights:
        wrong = min((_faults(right, article) for article in seen.articles), key=len)
        found += wrong
    return found


def _names(case: Case, said: str) -> bool:
    return any(name in said for name in case.files)


def _faults_of_refusal(case: Case, seen: Seen, refused: bool) -> list[str]:
    if not refused:
        return [
            f"taken in as «{seen.articles[0].title[:50]}»" if seen.articles else "passed over without a word"
        ]
    told = " ".join(seen.refusals)
    if case.says and not any(words in told for words in case.says):
        return [f"says only: {told}"]
    return []


def plain(text: str) -> str:
    """Return a text with each run of white space as one space."""
    return re.sub(r"\s+", " ", text).strip()


def _faults(right: Right, article: ReadArticle) -> list[str]:
    body = plain(article.body)
    found: list[str] = []
    for name in ("title", "published", "precision", "url"):
        want, got = getattr(right, name), getattr(article, name)
        if want is not None and plain(got) != want:
            found.append(f"{name} «{got}», not «{want}»")
    if right.publisher is not None and article.publisher not in right.publisher:
        found.append(f"publisher «{article.publisher}», not «{' / '.join(right.publisher)}»")
    if article.publisher in right.never_publisher:
        found.append(f"publisher «{article.publisher}»")
    if article.site in right.never_site:
        found.append(f"site «{article.site}»")
    told = any(word in article.source_line for word in right.where)
    if right.claim and right.claim in article.source_line and not told:
        found.append(f"the source line says «{article.source_line}» as a fact")
    if right.plainly and not article.source_line.startswith(f"{article.publisher} ·"):
        found.append(f"the source line says «{article.source_line}»")
    found += [f"lacks «{words}»" for words in right.holds if words not in body]
    found += [f"holds «{words}»" for words in right.lacks if words in f"{article.title} {body}"]
    found += [f"«{words[:40]}» {body.count(words)} times" for words in right.once if body.count(words) != 1]
    places = [body.find(words) for words in right.order]
    if -1 in places or places != sorted(places):
        found.append(f"not in this order: {', '.join(right.order)}")
    cut = [plain(sentence) for sentence in article.sentences]
    found += [f"no sentence «{sentence}»" for sentence in right.sentences if sentence not in cut]
    if right.blocks is not None and tuple(map(plain, article.blocks)) != right.blocks:
        found.append(f"blocks {[plain(block)[:25] for block in article.blocks]}")
    if not article.verbatim:
        found.append("the body is not a slice of the stored text")
    return found


def reference(case: Case) -> Seen:
    """Return what would be seen if all were right: every case has it, and a test holds that it passes."""
    if case.refused:
        words = case.says[0] if case.says else ""
        return Seen(refusals=(f"{next(iter(case.files))}: {words}",))
    articles = tuple(_reference(right) for right in case.rights)
    while case.count is not None and len(articles) < case.count:
        articles += articles[:1] if case.every else (ReadArticle(title="another"),)
    return Seen(articles, case.says[:1])


def _reference(right: Right) -> ReadArticle:
    parts = [*right.order, *right.once, *right.holds, *right.sentences, *(right.blocks or ())]
    body = ""
    for part in parts:
        if part not in body:
            body += f"{part}\n"
    return ReadArticle(
        title=right.title or "",
        published=right.published or "",
        precision=right.precision or "",
        publisher=right.publisher[0] if right.publisher else "",
        url=right.url or "",
        body=body or "text",
        blocks=right.blocks or (),
        sentences=right.sentences,
        source_line=f"{right.claim} {right.where[0]}"
        if right.claim
        else f"{(right.publisher or [''])[0]} · day",
    )
