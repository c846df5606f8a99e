"""Control characters of texts from outside, which would steer a terminal or the direction of what is around them."""

from __future__ import annotations

import re

_FIRST_STRONG, _POP = "\u2068", "\u2069"

CONTROLS: dict[int, str | None] = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd"),
    0x09: " ",
    0x0A: "\n",
    0x0D: None,
}
"""What would move the cursor or the colours of a terminal: C0, DEL and C1, with what stands in its place."""
_DIRECTIONS: dict[int, str | None] = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_BUT_ISOLATES: dict[int, str | None] = {
    code: None for code in _DIRECTIONS if code not in (ord(_FIRST_STRONG), ord(_POP))
}
_PLAIN = CONTROLS | _DIRECTIONS
_ISOLATING = re.compile(f"[{_FIRST_STRONG}{_POP}]")
_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Return a text from outside without embeddings, overrides and isolates, its other controls replaced."""
    return text.translate(_PLAIN)


def settled(text: str) -> str:
    """Return the program's own line around texts from outside as `plain` does, but with the isolates that close."""
    return "\n".join(map(_balanced, text.translate(CONTROLS | _BUT_ISOLATES).split("\n")))


def escaped(json: str) -> str:
    """Return JSON in which controls, embeddings, isolates and lone surrogates are escapes: the same value."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def _balanced(line: str) -> str:
    """Return a line with its outermost isolates, without what is not closed, not opened or inside another."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for found in _ISOLATING.finditer(line):
        if found[0] == _FIRST_STRONG:
            opened.append(found.start())
        elif opened:
            start = opened.pop()
            while pairs and pairs[-1][0] > start:
                pairs.pop()
            pairs.append((start, found.start()))
    kept = {at for pair in pairs for at in pair}
    return "".join(each for at, each in enumerate(line) if each not in (_FIRST_STRONG, _POP) or at in kept)
