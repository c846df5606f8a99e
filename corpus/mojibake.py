"""Undo a wrong decoding: Arabic whose bytes were read in another encoding, «Ø§Ù„» for «ال», and then stored so.

Text is turned back into bytes by the encoding that it was read in, and these are read in the one that they are in. That
is certain where the bytes are UTF-8, which other text is by no accident, and where a whole text becomes words that
Arabic is full of (`corpus.arabic.letters`). Of both no letter is lost. What cannot be turned back is left as it is;
`is_garbled` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from corpus.arabic.letters import Signs, signs

_READ_IN = ("cp1252", "cp1256", "mac_roman", "cp437", "cp850")
"""Encodings in which bytes are read by mistake: of the West, of Arabic Windows, of old Macintoshes and of DOS."""
_WRITTEN_IN = ("cp1256", "iso8859-6")
_MOST_TIMES = 3
"""How many wrong decodings, one after another, are undone."""
_LEAST_LETTERS = 4
"""Arabic letters that have to come out of UTF-8 bytes: fewer may be signs that somebody meant."""
_LEAST_RUNS = 3
"""Words of such bytes in a text that is garbled."""
_FOREIGN = re.compile("[^\x00-\x7f]+")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_PAIR = re.compile(rb"[\xd8-\xdb][\x80-\xbf]")


def undone(text: str) -> str:
    """Return the text with its wrong decodings undone where that is certain; else the text as it is."""
    return _undone(text, _MOST_TIMES) or text


def is_garbled(text: str) -> bool:
    """Return whether words of the text are UTF-8 of Arabic, read in another encoding."""
    runs = [found[0] for found in _FOREIGN.finditer(text) if len(found[0]) >= _LEAST_LETTERS]
    return any(
        sum(_is_pairs(run, name) for run in runs) >= _LEAST_RUNS
        for name in _READ_IN
        if len(_pairs(name).findall(text)) >= _LEAST_RUNS
    )


def _is_pairs(run: str, name: str) -> bool:
    """Return whether most of a run of characters are pairs of bytes that UTF-8 has for an Arabic letter."""
    data = run.translate(_replaced(name)).encode("latin-1", "replace")
    return len(_PAIR.findall(data)) * 3 > len(data)


def _undone(text: str, times: int) -> str | None:
    if not times or _FOREIGN.search(text) is None:
        return None
    for name in _READ_IN:
        if _run(name).search(text) is None:
            continue
        letters = runs = 0

        def turn(found: re.Match[str], name: str = name) -> str:
            nonlocal letters, runs
            data = _bytes(found[0], name)
            try:
                turned = data.decode("utf-8") if data else found[0]
            except UnicodeDecodeError:
                return found[0]
            if data:
                letters, runs = letters + len(_ARABIC.findall(turned)), runs + 1
            return turned

        turned = _run(name).sub(turn, text)
        if letters >= _LEAST_LETTERS:
            return _undone(turned, times - 1) or turned
        if runs >= _LEAST_RUNS and runs * 5 >= 4 * len(_FOREIGN.findall(text)):
            further = _undone(turned, times - 1)  # its bytes were read in a wrong way twice
            if further is not None:
                return further
    return _as_arabic(text)


def _as_arabic(text: str) -> str | None:
    """Return a text of one byte a letter, read as Western, in the encoding of Arabic that makes it Arabic."""
    if _ARABIC.search(text) or len(_FOREIGN.findall(text)) < 3:
        return None
    best, most = None, signs(text)
    for name in _WRITTEN_IN:
        turned = _FOREIGN.sub(lambda found, name=name: _turned(found[0], name), text)  # type: ignore[misc]
        if is_written(found := signs(turned)) and found.forward > most.forward:
            best, most = turned, found
    return best


def is_written(found: Signs) -> bool:
    """Return whether these are the signs of Arabic as it is written: seldom has it fewer than one word in five."""
    return found.forward >= 2 and found.forward * 6 >= found.words and found.backward * 3 <= found.forward


def _turned(text: str, name: str) -> str:
    data = _bytes(text, _READ_IN[0])
    try:
        return data.decode(name) if data else text
    except UnicodeDecodeError:
        return text


def _bytes(text: str, name: str) -> bytes | None:
    """Return the bytes that were read as the text; None where it has characters that no byte gives."""
    try:
        return text.translate(_replaced(name)).encode("latin-1")
    except UnicodeEncodeError:
        return None


@cache
def _replaced(name: str) -> Mapping[int, str]:
    """Return for each character that a byte gives in an encoding, the one with the byte's own number.

    A byte that gives none, and those that a program read as controls, keep their number.
    """
    characters = {n: bytes([n]).decode(name, "replace") for n in range(0x80, 0x100)}
    table = {ord(character): chr(n) for n, character in characters.items() if character != "\ufffd"}
    given = set(table)
    # What no byte gives is not to become one by its own number: «é» of Latin-1 is another byte of a Macintosh.
    others = {n: "\ufffd" for n in range(0xA0, 0x100) if n not in given}
    return table | others


@cache
def _run(name: str) -> re.Pattern[str]:
    """Return a pattern for a run of `_FOREIGN` that may be UTF-8, read in an encoding: by its first two bytes.

    Hardly any word that is written rightly begins so, and only these are turned into bytes.
    """
    return re.compile(rf"(?<![^\x00-\x7f]){_sequence(name, 0xC2, 0xF4)}[^\x00-\x7f]*")


@cache
def _pairs(name: str) -> re.Pattern[str]:
    """Return a pattern for what is `_PAIR` in bytes, read in an encoding."""
    return re.compile(_sequence(name, 0xD8, 0xDB))


def _sequence(name: str, first: int, last: int) -> str:
    """Return a pattern for a byte of this range and one that goes on in UTF-8, read in an encoding."""
    begins, goes_on = "", ""
    for code, character in _replaced(name).items():
        if first <= ord(character) <= last:
            begins += chr(code)
        elif "\x80" <= character <= "\xbf":
            goes_on += chr(code)
    controls = "\x80-\x9f"  # of bytes that give none, and of programs that read them so
    return f"[{re.escape(begins)}][{re.escape(goes_on)}{controls}]"
