"""Split a message of several sentences or questions into the questions and the text that introduces them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.answering.matching import words_of
from bot.answering.question import understand
from corpus.arabic import fold_text, sentences
from corpus.arabic.questions import interrogatives, question_words, shape_words, written_interrogatives
from corpus.arabic.wordlists import word_list

MOST_PARTS = 3
"""Maximum number of questions of one message that are answered."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The questions of a message and the text around them."""

    questions: tuple[str, ...]
    """The questions, each as it would be asked on its own; at least one."""
    framing: str = ""
    """The rest of the message, which may name the subject of the questions."""


_NUMBERED = re.compile(r"^\s*(?:\d{1,2}\s*[.)\-]|[-•*])\s+")
"""List mark before a question: «1. متى …»."""
_ENGLISH = re.compile(
    r"^(?P<first>when|where|who|why|how)\s+and\s+(?P<second>when|where|who|why|how)\s+(?P<rest>\S.+)$", re.I
)


_JOINED = ("when", "where", "how_many", "how", "why", "what")  # not «من», which may be «from»


@cache
def _and() -> re.Pattern[str]:
    """Return what parts two questions: «و» before a question word, which may be typed without hamza and dots."""
    asking = [word for asked, word in written_interrogatives().items() if asked in _JOINED]
    words = "|".join(dict.fromkeys((*asking, *map(fold_text, asking))))
    return re.compile(rf"\s+و(?=(?:{words})\s)|(?<=\w)\s+and\s+(?=(?:when|where|who|why|how|what)\s)", re.I)


@cache
def _named() -> re.Pattern[str]:
    """Return the topic at the end of a sentence: «أكتب عن سوريا»."""
    about = "|".join((*word_list("questions", "topic"), *word_list("questions", "english_topic")))
    return re.compile(rf"\s(?:{about})\s+(?P<topic>.+?)[\s.،؛:!]*$")


def parts_of(text: str) -> Parts:
    """Return the questions of a message and the text that frames them."""
    text = "\n".join(_NUMBERED.sub("", line) for line in text.split("\n"))
    pieces = [text[span.start : span.end].strip() for span in sentences(text)]
    pieces = [part for piece in pieces for part in re.split(r"(?<=[؟?])\s+", piece) if part.strip(" ؟?")]
    asked = [piece for piece in pieces if _asks(piece)]
    if not asked:
        return Parts((" ".join(text.split()),))
    framing = [piece for piece in pieces if piece not in asked]
    questions = [each for piece in asked for each in _separate(piece)]
    named = [found["topic"] for piece in framing if (found := _named().search(piece))]
    return Parts(tuple(dict.fromkeys(questions)), "؛ ".join(named or framing))


def asks(text: str) -> bool:
    """Return whether a text holds a question, and is no mere remark."""
    return any(_asks(text[span.start : span.end].strip()) for span in sentences(text))


def _asks(piece: str) -> bool:
    """Return whether a sentence asks: it ends so, or a question word opens it or follows «أريد أن أعرف»."""
    if piece.rstrip('»") ').endswith(("؟", "?")):
        return True
    found = [word.text for word in words_of(understand(piece).searched)]
    shape, opening = shape_words(), frozenset(interrogatives().values())
    leading = 0
    while (
        leading < len(found)
        and (found[leading] in shape or found[leading] in question_words("leading"))
        and found[leading] not in opening
    ):
        leading += 1
    return (
        leading < len(found)
        and found[leading].removeprefix("و") in opening
        and found[leading] != interrogatives()["which_is"]
    )


def _separate(piece: str) -> list[str]:
    """Split a double question: «متى وأين انعقد الاجتماع؟», «متى انعقد وكم دام؟»."""
    if english := _ENGLISH.match(piece):
        return [
            f"{english['first']} {english['rest']}",
            f"{english['second'].capitalize()} {english['rest']}",
        ]
    found = list(words_of(piece))
    asking = interrogatives()
    separate = {word for asked, word in asking.items() if asked not in ("which_is", "which", "whether")}
    heads: list[str] = []
    end = at = 0
    while at < len(found):
        word = found[at]
        bare = word.text.removeprefix("و") if at else word.text
        follows = not at or word.text[0] == "و" or "،" in piece[found[at - 1].end : word.start]
        if not follows or fold_text(bare) not in separate:
            break
        # «من أين» is one question word.
        following = found[at + 1] if at + 1 < len(found) else None
        is_from_where = bare == asking["who"] and following and following.text == asking["where"]
        last = following if following and is_from_where else word
        heads.append(piece[word.start : last.end].removeprefix("و") if at else piece[word.start : last.end])
        end, at = last.end, at + (2 if last is not word else 1)
    if len(heads) > 1:
        rest = piece[end:].strip()
        return [f"{head} {rest}" if at < len(found) else head for head in heads]
    return [part for part in _and().split(piece) if part.strip()] or [piece]
