"""The first line of an answer: what is asked for, said outright where the evidence allows; or why it is refused."""

from __future__ import annotations

from dataclasses import replace

from bot import lexicon
from bot.candidates import Candidate
from bot.evidence import Verdict
from bot.held import Held, named_together, only_reports
from bot.matching import view, without_article
from bot.names import nationality
from bot.question import COUNT_NOUNS, Asked, Kind
from bot.terms import SUPPORTING
from corpus.arabic import words
from corpus.dates import DateMention, format_date
from prompts import Language, say

_CLOSE = 0.15  # how near the terms a date, number or person must stand to be said outright (0 … 1)


def direct_line(asked: Asked, best: Candidate, language: Language) -> str:
    """What is asked for, said outright, when the best sentence holds it close to the question's terms; else "".

    A date is put in calendar form; everything else is the sentence's own words.
    """
    close = best.features[7] >= _CLOSE
    text = best.article.body[best.start : best.end]
    if best.holds is None or not close or not speaks_of(asked, text, best.article.title):
        return ""
    if isinstance(best.holds, DateMention):
        return outright(asked.kind, best.holds, best.article.body, language)
    if asked.kind == "who":
        within = replace(best.holds, start=best.holds.start - best.start, end=best.holds.end - best.start)
        if only_reports(asked, text, within):
            return ""
        persons = [within] if asked.holds_office else named_together(asked, text, within)
        named = [text[m.start : m.end] for m in persons]
        return say("person", language, words="، ".join(dict.fromkeys(named)))
    if asked.kind == "number":
        # A number without those it is asked of may be everybody's: «كم منهم تونسي».
        people = [t for t in asked.terms if t.text not in lexicon.places() and nationality(t.text)]
        if not all(term.match(view(text)) for term in people):
            return ""
    if asked.kind not in {"number", "where"}:
        return ""
    return outright(asked.kind, best.holds, best.article.body, language)


def outright(kind: Kind, held: Held, body: str, language: Language) -> str:
    """A date in calendar form; everything else in the words of the article."""
    if isinstance(held, DateMention):
        return say("when", language, date=format_date(held.date, held.precision, language))
    return say("number" if kind == "number" else "person", language, words=body[held.start : held.end])


_SPOKEN_OF = (
    0.55  # share of what a question says, its names apart, that a sentence must say to be answered from
)


def speaks_of(asked: Asked, text: str, title: str) -> bool:
    """Whether a sentence, under its headline, says enough of what the question does for its date, number or person to
    be the one asked for: names alone are not enough, nor is all but the word that tells most."""
    seen = view(text) | view(title)
    terms = [
        term
        for term in asked.terms
        if not term.name and term.text not in SUPPORTING and without_article(term.text) not in COUNT_NOUNS
    ]
    total = sum(term.weight for term in terms)
    said = [term for term in terms if term.match(seen)]
    heaviest = max(terms, key=lambda term: term.weight, default=None)
    return sum(term.weight for term in said) >= _SPOKEN_OF * total and (heaviest is None or heaviest in said)


def refusal_text(asked: Asked, reason: str, verdict: Verdict | None, language: Language) -> str:
    """Why the question is refused, and what the archive would need."""
    missing = list(verdict.missing) if verdict else []
    shown = [name for name in (_as_asked(asked, term.text) for term in missing) if name]
    if reason == "kind_missing":
        return say(f"refused_kind_{asked.kind}", language)
    if reason == "subject_missing":
        if shown:
            return say("refused_subject_missing", language, subject=shown[0])
        reason = "no_evidence"  # a word of dialect or another name stood for it: nothing of the question's own to show
    first = say(f"refused_{reason}", language)
    if reason != "no_evidence" or verdict is None:
        return first
    # What the archive knows nothing of is named; else what it knows, but nowhere together.
    wanted = [t for t in asked.terms if t.text not in SUPPORTING]
    unknown = [name for name in (_as_asked(asked, t.text) for t in wanted if not t.known) if name]
    together = [name for name in (_as_asked(asked, t.text) for t in wanted) if name]
    if not unknown and len(together) < 2:
        return first
    comma, mark = ("، ", "«{}»") if language == "ar" else (", ", "“{}”")
    terms = comma.join(mark.format(name) for name in (unknown or together)[:4])
    return f"{first} {say('needed' if unknown else 'needed_together', language, terms=terms)}"


def _as_asked(asked: Asked, folded: str) -> str | None:
    """A term as the question spells it, not as it is folded; None for a word that only stands for one of dialect."""
    found = words(asked.text)
    parts = folded.split()
    for i in range(len(found) - len(parts) + 1):
        if [word.text for word in found[i : i + len(parts)]] == parts:
            return asked.text[found[i].start : found[i + len(parts) - 1].end]
    return None
