"""A message of several sentences or several questions: what is asked in it, and what only leads up to that."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import lexicon
from bot.answering.matching import words_of
from bot.answering.question import understand
from corpus.arabic import fold_text, sentences

MOST_PARTS = 3
"""Questions of one message that are answered."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a message asks."""

    questions: tuple[str, ...]
    """Each as it would be asked by itself, at least one."""
    framing: str = ""
    """What the message says beside: it may name what the questions are about."""


_SEVERAL = re.compile(
    r"^(?P<first>\w+)(?P<more>(?:\s*[،,]?\s*و?\s*\w+)*?\s*[،,]?\s*و\s*(?P<last>\w+))\s+(?P<rest>\S.+)$"
)
_OPENING = {"متي", "اين", "من", "كم", "كيف", "لماذا", "ماذا", "هل", "ما", "اي"}
_NAMED = re.compile(r"\s(?:عن|حول|بشأن|بخصوص|about|on)\s+(?P<topic>.+?)[\s.،؛:!]*$")


def parts_of(text: str) -> Parts:
    """The questions of a message, and what frames them."""
    text = " ".join(text.split()) if "\n" not in text else text
    pieces = [text[span.start : span.end].strip() for span in sentences(text)]
    pieces = [part for piece in pieces for part in re.split(r"(?<=[؟?])\s+", piece) if part.strip(" ؟?")]
    asked = [piece for piece in pieces if _asks(piece)]
    if not asked:
        return Parts((" ".join(text.split()),))
    framing = [piece for piece in pieces if piece not in asked]
    questions = [each for piece in asked for each in _separate(piece)]
    named = [found["topic"] for piece in framing if (found := _NAMED.search(piece))]
    return Parts(tuple(dict.fromkeys(questions)), "؛ ".join(named or framing))


def _asks(piece: str) -> bool:
    """Whether a sentence asks: it ends so, or a question word opens it or follows «أريد أن أعرف»."""
    if piece.rstrip('»") ').endswith(("؟", "?")):
        return True
    found = [word.text for word in words_of(understand(piece).searched)]
    shape = lexicon.question("shape")
    leading = 0
    while (
        leading < len(found)
        and (found[leading] in shape or found[leading] in {"ان", "عن"})
        and found[leading] not in _OPENING
    ):
        leading += 1
    return leading < len(found) and found[leading].removeprefix("و") in _OPENING and found[leading] != "ما"


def _separate(piece: str) -> list[str]:
    """«متى وأين انعقد الاجتماع؟» as two questions."""
    found = list(words_of(piece))
    heads = []
    for index, word in enumerate(found):
        bare = word.text.removeprefix("و") if index else word.text
        if fold_text(bare) not in _OPENING - {"ما", "اي", "هل"} or (
            index and word.text[0] != "و" and "،" not in piece[found[index - 1].end : word.start]
        ):
            break
        heads.append(
            (word, piece[word.start : word.end].removeprefix("و") if index else piece[word.start : word.end])
        )
    if len(heads) < 2 or len(heads) == len(found):
        return [piece]
    rest = piece[heads[-1][0].end :].strip()
    return [f"{head} {rest}" for _, head in heads]
