"""What stays of a folded word without its clitics and affixes, for comparing it with others."""

from __future__ import annotations

from functools import cache, lru_cache

from corpus.arabic.affixes import affixes, article, proclitics

WORDS = 1 << 14
"""Words whose forms are cached, up to 700 bytes each: most of a text are among as many that came last."""


@lru_cache(maxsize=WORDS)
def bare_forms(word: str) -> tuple[str, ...]:
    """Return the forms of the word without each clitic prefix it may have."""
    found = []
    for clitic in proclitics():
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            rest = word[len(clitic) :]
            found.append(rest)
            if clitic in affixes("joined_articles"):
                found.append(article() + rest)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=WORDS)
def root(word: str) -> str:
    """Return the consonants that words of one root share, roughly; "" when fewer than three.

    Of انضمت، انضمام، ينضم it is «نضم». Not a dictionary root: affixes and weak letters are dropped and doubled
    letters written once. Two words that share it are taken for related, never for the same.
    """
    if not word or word.isascii() or " " in word:
        return ""
    rest = word
    for prefix in _root_prefixes():
        if rest.startswith(prefix) and len(rest) - len(prefix) >= 3:
            rest = rest[len(prefix) :]
            break
    for suffix in affixes("root_suffixes"):
        if rest.endswith(suffix) and len(rest) - len(suffix) >= 3:
            rest = rest[: -len(suffix)]
            break
    # «مقاتل» is one who fights, «قتل» to kill: the م of an agent stays.
    agent = len(rest) == 5 and rest[0] == "م" and rest[2] == "ا" and not word.endswith("ه")
    weak = affixes("weak_letters")
    if (
        len(rest) >= 4
        and rest[0] in affixes("derivation_letters")
        and not agent
        and not (rest[0] == "م" and len(rest) == 4 and rest[2] not in weak)
    ):
        inner = rest[1:]
        if len([c for c in inner if c not in weak]) >= 3:
            rest = inner
    consonants: list[str] = []
    for index, letter in enumerate(rest):
        if letter in weak and not (index == 0 and letter == "و"):
            continue
        if not consonants or consonants[-1] != letter:
            consonants.append(letter)
    return "".join(consonants) if len(consonants) >= 3 else ""


@cache
def _root_prefixes() -> tuple[str, ...]:
    return (*affixes("joined_articles"), article(), *affixes("root_prefixes"))
