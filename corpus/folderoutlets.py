"""The outlet of a folder whose files name it only by a line that recurs: «الوئام - 21/07/2015» in nearly all of them.

One such line may as well be a person's name or a rubric. What stands at the same end of nearly all files of a folder,
and looks like no person's name, is taken for its outlet; what stays uncertain is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from corpus.arabic.boilerplate import boilerplate_words
from corpus.arabic.outlets import title_heads
from corpus.parse.plain.lines import Line, split
from corpus.parse.plain.outlets import key
from corpus.parse.plain.signatures import read_signature

LEAST = 5
"""Number of files with the same line from which it says something."""
MOST_READ = 200
"""Maximum number of files of a folder that are looked at."""
_SHARE = 0.8  # of the files that name no outlet otherwise
_LINES = 12  # of a text that are looked at, at each end
_WORDS = 8  # of a line that signs

Names = Mapping[tuple[str, str], str]
"""The possible names of an outlet in one text, by the end where they stand and their letters."""


def names_in(text: str) -> Names:
    """Return what may name the outlet in the lines above and below the reporting of a text."""
    lines = split(text)
    paragraphs = [at for at, line in enumerate(lines) if line.is_paragraph]
    first, last = (paragraphs[0], paragraphs[-1]) if paragraphs else (len(lines), len(lines))
    ends = {"above": lines[: min(first, _LINES)], "below": lines[last + 1 :][-_LINES:]}
    return {(end, key(name)): name for end, found in ends.items() for line in found for name in _names(line)}


def _names(line: Line) -> tuple[str, ...]:
    if len(line.words) > _WORDS or line.is_stopped:
        return ()
    signature = read_signature(line.text)
    return (signature.name,) if signature.name else signature.possible


def outlet_among(texts: Iterable[Names], files: int) -> str | None:
    """Return the outlet of a folder: the one name in nearly all of ``texts``, and in half of its ``files`` or more."""
    found = list(texts)
    counts = Counter(at for names in found for at in names)
    written = {at: name for names in found for at, name in names.items()}
    least = max(LEAST, _SHARE * len(found), files / 2)
    recurring = {
        written[at] for at, count in counts.items() if count >= least and not _is_doubtful(written[at])
    }
    by_letters = {key(name): name for name in recurring}
    return next(iter(by_letters.values())) if len(by_letters) == 1 else None


def _is_doubtful(name: str) -> bool:
    """Return whether a name could be a person's or a rubric's: words, the first without an article or news in it.

    «صوت الجبل» is a paper's, «صوت القراء» is not.
    """
    words = Line(0, len(name), len(name), name).words
    rubric = (boilerplate_words("its_readers") | boilerplate_words("sections")).intersection(words)
    news = words[:1] and words[0] in title_heads() and not rubric
    return len(words) > 1 and not words[0].startswith("ال") and not news and read_signature(name).name is None
