"""Names that a source may have, best first; whoever asks takes the first that is free."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePosixPath

from corpus.document import safe_name
from corpus.parse.collections.streams import SUFFIXES as PACKED


def longer(name: str, path: Path) -> Iterator[str]:
    """Yield the name of a file, then with more and more of the folders it is in: «a.html», «2015/a.html», …"""
    yield name
    folders = path.parts[1 : -len(PurePosixPath(name).parts)]
    for number in range(1, len(folders) + 1):
        yield "/".join((*folders[-number:], name))


def numbered(source: str) -> Iterator[str]:
    """Yield a name and its numbered forms: «بيان.docx», «بيان (2).docx», …"""
    yield source
    suffix = PurePosixPath(source).suffix
    if suffix.lower() in PACKED:
        suffix = PurePosixPath(source.removesuffix(suffix)).suffix + suffix
    for number in count(2):
        yield f"{source.removesuffix(suffix)} ({number}){suffix}"


def entry_name(collection: str, key: str, seen: set[int]) -> str:
    """Return the source name of an entry; of several with one key the later ones are numbered, as documents are.

    ``seen`` are the hashes of the names that others have, to which it is added: there may be a million.
    """
    name = first = f"{collection}#{safe_name(key) or '?'}"
    number = 1
    while hash(name) in seen:
        number += 1
        name = f"{first} ({number})"
    seen.add(hash(name))
    return name
