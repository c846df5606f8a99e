"""What a conversation's last turn spoke of: its nouns, and which of them a pronoun or a new name stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import lexicon
from bot.conversation import Turn
from bot.matching import Term, view
from bot.names import nationality
from bot.question import COUNT_NOUNS, Asked, understand
from bot.terms import content_words
from corpus.arabic import fold_text, words


@dataclass(frozen=True, slots=True)
class Noun:
    text: str
    feminine: bool
    name: bool


def subjects_of(turn: Turn) -> list[str]:
    """Noun phrases of the last question, its names first, as it words them."""
    return [noun.text for noun in sorted(nouns_of(turn.standalone), key=lambda noun: not noun.name)]


def nouns_of(text: str) -> list[Noun]:
    asked = understand(text)
    verb = _verb_at(asked)
    found: list[Noun] = []
    for term in asked.terms:
        span = span_of(term, asked.standard)
        if span is None or (not term.name and span[0] == verb):
            continue
        raw = asked.standard[span[0] : span[1]]
        # An adjective goes with the noun before it: «التحالف الدولي».
        adjective = _definite(raw) and (not term.name or nationality(fold_text(raw)) is not None)
        if found and adjective and _definite(found[-1].text.split()[-1]):
            if f"{found[-1].text} {raw}" in asked.standard:
                found[-1] = Noun(f"{found[-1].text} {raw}", found[-1].feminine, found[-1].name)
                continue
        elif (
            found
            and not found[-1].name
            and not _definite(found[-1].text.split()[-1])
            and f"{found[-1].text} {raw}" in asked.standard
        ):
            # «بيان الرياض»: what is possessed keeps its own gender.
            found[-1] = Noun(f"{found[-1].text} {raw}", found[-1].feminine, term.name)
            continue
        found.append(Noun(raw, _feminine(raw, term), term.name))
    return found


_NO_ARTICLE = tuple(
    map(fold_text, ("التزام", "التحاق", "التقاء", "التماس", "التهاب", "إلغاء", "إلزام", "إلحاق"))
)


def _definite(word: str) -> bool:
    """Whether a word has the article: «الاتفاق», not «التزامات»."""
    folded = fold_text(word)
    return folded.startswith("ال") and not folded.startswith(_NO_ARTICLE)


def _verb_at(asked: Asked) -> int | None:
    """Where the verb of a question stands: right behind its question word, without the article."""
    found = words(asked.standard)
    if asked.kind in {"what", "number"} or len(found) < 2:
        return None
    behind = 2 if found[1].text in {"هو", "هي", "هم", "الذي", "التي"} else 1
    if (
        behind >= len(found)
        or found[behind].text.startswith("ال")
        or (behind == 2 and found[1].text.startswith("ه"))
    ):
        return None
    return found[behind].start


def antecedent_of(pronoun: str, last: Turn, inside: bool = False) -> str | None:
    if pronoun in {"هم", "هن", "هما"}:
        plural = [n for n in nouns_of(last.standalone) if n.text.endswith(("ون", "ين", "ات"))]
        return plural[0].text if plural else None
    nouns = nouns_of(last.standalone)
    if inside:
        # «شارك فيه», «انعقد فيها»: one takes part in a meeting before one does in a country.
        events = [noun for noun in nouns if not (noun.name and " " not in noun.text)]
        fitting = [noun for noun in events if noun.feminine == (pronoun == "ها")]
        if fitting:
            return fitting[0].text
    fitting = [noun for noun in nouns if noun.feminine == (pronoun == "ها")]
    fitting.sort(key=lambda noun: not noun.name)
    if fitting:
        return fitting[0].text
    if pronoun == "ها":
        # «على متن الطائرة الليبية»: the possessor is meant.
        for noun in nouns:
            parts = noun.text.split()
            for at, part in enumerate(parts):
                if at and part.endswith("ة") and _definite(part):
                    return " ".join(parts[at:])
    return last.direct if last.direct and pronoun == "ه" else next((n.text for n in nouns), None)


def with_topic(question: str, last: Turn) -> str:
    """The question, with those nouns of the last one in brackets that it does not name itself."""
    own = view(question)
    # A country is left out where the question has a noun of its own: «ما رقم عضوية سوريا (التحالف الدولي)».
    own_topic = len(content_words(question)) > 1
    # «رقم عضوية سوريا» was what the last question asked for: its topic is the rest.
    topics = [(without_head(noun.text), noun) for noun in nouns_of(last.standalone)]
    rest = [
        text
        for text, noun in topics
        if (not (noun.name and " " not in noun.text) or not own_topic)
        and text not in question
        and not all(stem in own.forms for stem in view(text).stems)
    ]
    body = question.rstrip(" ؟?.")
    return f"{body} ({'، '.join(rest[:3])})؟" if rest else f"{body}؟"


def without_head(phrase: str) -> str:
    head, _, rest = phrase.partition(" ")
    return rest if rest and fold_text(head) in COUNT_NOUNS else phrase


def topic_of(last: Turn) -> str:
    asked = understand(last.standalone)
    if asked.english:
        spans = [span for term in asked.terms[:5] if (span := span_of(term, asked.standard)) is not None]
        return asked.standard[min(spans)[0] : max(end for _, end in spans)] if spans else ""
    return "، ".join(subjects_of(last)[:3])


_MASCULINE = {
    fold_text(w)
    for w in (
        "العراق", "لبنان", "الأردن", "السودان", "المغرب", "اليمن", "الصومال", "داعش", "تنظيم الدولة", "الناتو",
        "البيت الأبيض", "مجلس الأمن", "الاتحاد الأوروبي",
    )
}  # fmt: skip


def _feminine(raw: str, term: Term) -> bool:
    if term.name and fold_text(raw) not in _MASCULINE:
        return True  # countries and cities, but for a few
    return raw.split()[0].endswith(("ة", "اء", "ات"))


def counterpart_of(fresh: Sequence[Term], old: Asked) -> Term | None:
    """The term of the old question that the new one takes the place of: a name for a name, a place for a place."""
    new_is_place = any(term.text in lexicon.places() for term in fresh)
    names = [term for term in old.terms if term.name]
    alike = [term for term in names if (term.text in lexicon.places()) == new_is_place]
    if alike or names:
        return (alike or names)[0]
    return old.terms[-1] if old.terms and not any(t.name for t in fresh) else None


def span_of(term: Term | None, text: str) -> tuple[int, int] | None:
    """Where the text says the term."""
    if term is None:
        return None
    found = words(text)
    parts = term.text.split()
    for i in range(len(found) - len(parts) + 1):
        here = [word.text for word in found[i : i + len(parts)]]
        if here == parts:
            return found[i].start, found[i + len(parts) - 1].end
        if here[1:] == parts[1:] and here[0].endswith(parts[0]) and len(here[0]) - len(parts[0]) <= 2:
            return found[i].start + len(text[found[i].start : found[i].end]) - len(parts[0]), found[
                i + len(parts) - 1
            ].end
    return None
