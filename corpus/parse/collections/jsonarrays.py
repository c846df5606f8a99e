"""The elements of arrays in a JSON file of any size, cut out as bytes one after another.

A library that parses as it reads stops at the first fault; here an element that is no JSON is one element lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from corpus.decode import NoTextError, Reason, decode
from corpus.parse.collections.entry import MOST_ENTRY

Path = tuple[str, ...]
"""The keys on the way to a value; arrays on it count for nothing."""

_CHUNK = 64 * 1024
_MOST_TOKEN = 64 * 1024  # bytes of a value outside the elements: longer ones are passed over
_MOST_DEPTH = 64  # of objects and arrays around the elements
_MARK = re.compile(rb'["{}\[\],:]')
_BRACKET = re.compile(rb'["{}\[\]]')
_IN_STRING = re.compile(rb'["\\]')


@dataclass(frozen=True, slots=True)
class Element:
    """An object in an array at ``path``: its bytes, None where it is larger than `MOST_ENTRY`."""

    path: Path
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value outside the elements: a string, a number, true, false or null."""

    path: Path
    value: Any


@dataclass(slots=True)
class _Level:
    array: bool
    path: Path
    key: str = ""


def elements(stream: IO[bytes], wanted: Callable[[Path], bool]) -> Iterator[Element | Scalar]:
    """Yield the objects in the arrays at ``wanted`` paths, and the values outside of them, as the file has them.

    Raises NoTextError where the file is no JSON outside the elements, or breaks off.
    """
    levels: list[_Level] = []
    token = bytearray()  # outside the elements: what stands since the last mark
    element: bytearray | None = None
    large = False
    depth = 0
    in_string = escaped = False

    def path() -> Path:
        level = levels[-1] if levels else None
        return () if level is None else level.path if level.array else (*level.path, level.key)

    def keep(piece: bytes) -> None:
        nonlocal large
        held = token if element is None else element
        if len(held) + len(piece) > (_MOST_TOKEN if element is None else MOST_ENTRY):
            large = True
            held.clear()
        if not large:
            held += piece

    def value() -> Iterator[Scalar]:
        nonlocal large
        if token.strip():
            yield Scalar(path(), _loaded(bytes(token)))
        token.clear()
        large = False

    while chunk := stream.read(_CHUNK):
        at = begin = 0
        while at < len(chunk):
            if in_string:
                if escaped:
                    escaped = False
                    at += 1
                    continue
                found = _IN_STRING.search(chunk, at)
                if found is None:
                    break
                at = found.end()
                escaped = found[0] == b"\\"
                in_string = escaped
                continue
            found = (_MARK if element is None else _BRACKET).search(chunk, at)
            if found is None:
                break
            at, mark = found.end(), found[0]
            if mark == b'"':
                in_string = True
            elif element is not None:
                depth += 1 if mark in b"{[" else -1
                if not depth:
                    keep(chunk[begin:at])
                    begin = at
                    yield Element(path(), None if large else bytes(element))
                    element, large = None, False
            else:
                keep(chunk[begin : found.start()])
                begin = at
                if mark in b"{[":
                    if token.strip():
                        raise NoTextError(Reason.DAMAGED, "no JSON")
                    token.clear()
                    large = False
                    if mark == b"{" and levels and levels[-1].array and wanted(levels[-1].path):
                        element, depth, begin = bytearray(), 1, found.start()
                        continue
                    if len(levels) >= _MOST_DEPTH:
                        raise NoTextError(Reason.DAMAGED, "nested too deeply")
                    levels.append(_Level(mark == b"[", path()))
                elif mark == b":":
                    if not levels or levels[-1].array:
                        raise NoTextError(Reason.DAMAGED, "no JSON")
                    levels[-1].key = str(_loaded(bytes(token)))
                    token.clear()
                    large = False
                else:
                    yield from value()
                    if mark in b"}]":
                        if not levels or levels[-1].array != (mark == b"]"):
                            raise NoTextError(Reason.DAMAGED, "no JSON")
                        levels.pop()
        keep(chunk[begin:])
    if levels or element is not None or in_string:
        raise NoTextError(Reason.DAMAGED, "breaks off")
    yield from value()


def _loaded(data: bytes) -> Any:
    """Return a value outside the elements, None for one that is no JSON."""
    try:
        return loaded(data)
    except (NoTextError, ValueError, RecursionError):
        return None


def loaded(data: bytes, charset: str | None = None) -> Any:
    """Return the value of JSON; see `decode` for what is not UTF-8. Raises NoTextError, ValueError, RecursionError."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = decode(data, charset)
    return json.loads(text, strict=False)
