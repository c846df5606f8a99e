"""Rewrite a question that leans on the conversation: «وما رقم عضويتها؟» after a question about Syria.

A question that names a subject of its own is never touched. For one that does not, this offers wordings that stand
alone, made only of the words of the last question. The judge decides which of them is meant, or whether the
question was meant as it stands (``pipeline``).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.answering.courtesy import without_courtesy
from bot.answering.matching import words_of
from bot.answering.question import Query, understand
from bot.conversation import Turn
from corpus.arabic import Word, fold_text, stopwords
from corpus.arabic.affixes import affixes, article
from corpus.arabic.questions import question_words, shape_words
from corpus.arabic.wordlists import pattern, word_list
from prompts import Language, say

_ENGLISH = re.compile(r"\b(it|its|they|them|their|he|his|him|she|her|there|that|this)\b|^and\b", re.I)
_OWN_SUBJECT = 2  # words, beside the one that leans, with which a question has a subject of its own
_SHOWN = 160  # characters shown of the question that a follow-up follows
_MOST_TOPIC = 4  # words of the topic that «ماذا عن …» names


@cache
def _pronoun() -> re.Pattern[str]:
    return re.compile(rf"^(?P<bare>\w{{3,}}?)(?:{'|'.join(affixes('pronouns'))})$")


@cache
def _particle() -> re.Pattern[str]:
    """Return a preposition, or «قال», with a pronoun behind it, as they are written."""
    bearers = "|".join(word_list("questions", "pronoun_bearers"))
    return re.compile(rf"^[وف]?(?:{bearers})(?:{'|'.join(affixes('pronouns'))})$")


@cache
def _turning() -> re.Pattern[str]:
    """Return a question that only turns to another topic: «ماذا عن العراق؟», «والعراق؟», "what about Iraq?"."""
    well = "|".join(word_list("questions", "turning"))
    what = "|".join(word_list("questions", "turning_what"))
    about = pattern("questions", "turning_about")
    return re.compile(
        rf"^(?:{well})?[\s،]*(?:و|ف)?\s*(?:(?:{what})\s+)?(?:{about})\s*(?P<topic>[^؟?]+?)\s*[؟?]*$"
        r"|^و(?P<bare>\S+(?:\s+\S+){0,3}?)\s*[؟?]+$"
        r"|^(?:and\s+)?(?:what\s+|how\s+)?about\s+(?P<english>.+?)[\s?]*$",
        re.I,
    )


@cache
def _of() -> re.Pattern[str]:
    """Return a preposition before the topic of a question."""
    about = (*word_list("questions", "topic"), *word_list("questions", "english_topic"), "regarding")
    return re.compile(rf"\s(?:{'|'.join(about)})\s", re.I)


def leans(query: Query) -> bool:
    """Return whether a question names no subject of its own.

    Signs are a bare question word, a pronoun, «ذلك», and «و…» before a word.
    """
    text = query.text
    found = words_of(text)
    if not found:
        return False
    pointing = [word for word in found if _points(text, word)]
    own = [word for word in query.words if not any(word.span.start == each.start for each in pointing)]
    if query.period is not None or any(word.value is not None for word in own):
        return False
    if not own:
        return True
    if topic_of(query) is not None:
        return True
    if query.english:
        return bool(_ENGLISH.search(text)) and len(own) <= _OWN_SUBJECT
    goes_on = found[0].text[0] == "و" and found[0].text[1:] in shape_words()
    return bool(pointing or goes_on) and len(own) < _OWN_SUBJECT


def is_short(query: Query, most: int = 1) -> bool:
    """Return whether a question has so few words that its subject may be in the conversation: «أين وُلد؟».

    This matters where the question finds nothing by itself.
    """
    return len(query.words) <= most and query.period is None


def topic_of(query: Query) -> str | None:
    """Return «العراق» for «وعن العراق؟», «ماذا عن العراق؟» and «والعراق؟»; None for other questions."""
    about = _turning().match(query.text)
    topic = next((group for group in about.groups() if group), None) if about else None
    if (
        topic is None
        or not query.words
        or len(query.words) > _MOST_TOPIC
        or query.kind not in {"what", "said"}
    ):
        return None
    first = words_of(topic)[0].text if words_of(topic) else ""
    return None if first in shape_words() or first in stopwords() else topic


def _points(text: str, word: Word) -> bool:
    """Return whether a word stands for something said before: «عضويتها»، «فيه»، «ذلك»."""
    raw = text[word.start : word.end]
    if word.text in question_words("pointing") or _particle().match(raw):
        return True
    return (
        not raw.endswith("ة")
        and bool(_pronoun().match(word.text))
        and not raw.startswith(article())
        and word.text not in stopwords()
    )


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording of a follow-up that stands alone."""

    text: str
    """What is searched and judged: words of the conversation, joined whether or not they make a sentence."""
    topic: str | None = None
    """The topic about which the question before is asked again; None where the follow-up keeps its own words."""


def wordings(query: Query, turns: Sequence[Turn]) -> list[Wording]:
    """Return the possible wordings of a question that leans, the likeliest first; none without earlier turns."""
    last = next((turn for turn in reversed(turns) if turn.standalone), None)
    if last is None:
        return []
    mark = "?" if query.english else "؟"
    question = query.text.rstrip(" ؟?.")
    topic = topic_of(query)
    before = last.standalone.rstrip(" ؟?.")
    if topic is not None:
        return [Wording(f"{wording}{mark}", topic) for wording in _about(topic, before)]
    question = re.sub(r"^(?:و(?=\w{2,})|and\s+)", "", question, flags=re.I)
    question = question[:1].upper() + question[1:]
    if not query.words and query.kind == "said" and last.direct:
        return [Wording(f"{question} {last.direct}{mark}")]
    if not query.words:
        # «ومتى؟»: the last question with this question word.
        return [Wording(f"{question} {_subject(before, query.kind == 'number')}{mark}")]
    offered = [Wording(f"{question} ({_subject(before)}){mark}")]
    if last.direct and "\n" not in last.direct and understand(last.standalone).kind in {"who", "where"}:
        offered.append(Wording(f"{question} ({last.direct}){mark}"))
    return offered


def understood(topic: str | None, turns: Sequence[Turn], language: Language) -> str:
    """Return how a follow-up was understood, in a sentence; "" when the question that it follows is not known.

    The wording that was searched need be no sentence: this says the question that it follows, as it was asked, and
    the ``topic`` about which that is asked again.
    """
    if topic is not None:
        root = next((turn.question for turn in reversed(turns) if turn.standalone), None)
    else:
        root = next((turn.question for turn in reversed(turns) if _names_its_subject(turn)), None)
    if root is None:
        return ""
    question = textwrap.shorten(without_courtesy(root), _SHOWN, placeholder="…")
    if topic is not None:
        return say("understood_again", language, topic=topic, question=question)
    return say("understood_after", language, question=question)


def _names_its_subject(turn: Turn) -> bool:
    """Return whether the question of a turn was taken as it stands, or named a topic: «ماذا عن العراق؟»."""
    asked = without_courtesy(turn.question)
    alone = fold_text(asked) == fold_text(without_courtesy(turn.standalone))
    return alone or topic_of(understand(asked)) is not None


def _about(topic: str, before: str) -> list[str]:
    """Return the last question asked about another topic.

    The topic replaces the text behind its last «عن», or each of its words that it can replace, from the end.
    """
    of = list(_of().finditer(before))
    if of:
        return [f"{before[: of[-1].end()]}{topic}"]
    asked = understand(before)
    offered = []
    for word in sorted(asked.words, key=lambda each: -each.span.start)[:3]:
        head = before[: word.span.start]
        # «لسوريا» gives way to «للعراق»; that ل may be the word's own, so both are offered.
        clitic = "لل" if topic.startswith(article()) else "ل"
        joined = [f"{clitic}{topic.removeprefix(article())}"] if word.text.startswith("ل") else []
        offered += [f"{head}{put}{before[word.span.end :]}" for put in (*joined, topic)]
    return offered or [f"{before} {topic}"]


def _subject(before: str, counts: bool = True) -> str:
    """Return the subject of the last question: the text in its brackets, or all of it behind its question words.

    Unless it ``counts``, without the noun it counted: «أوقف في السفيرة» of «كم شخصًا أوقف في السفيرة».
    """
    bracketed = re.search(r"\(([^()]+)\)$", before)
    if bracketed:
        return bracketed[1]
    asked = understand(before)
    start = asked.counted.span.end if asked.counted and not counts else 0
    shape = shape_words() | question_words("english_shape") | stopwords()
    first = next((w for w in words_of(before) if w.start >= start and w.text not in shape), None)
    return before[first.start :] if first else before
