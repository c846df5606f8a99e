"""Character maps in SentencePiece's binary form, as tokenizers' ``Precompiled`` normaliser reads them.

The form: a little-endian u32 with the trie's size in bytes, the trie, then the replacements, each ended by a
zero byte. The trie is a double array of u32 units over UTF-8 bytes, as darts-clone lays it out
(https://github.com/s-yata/darts-clone, "DoubleArrayUnit"): a node with base ``b`` keeps its child for byte
``c`` in unit ``b ^ c`` and, when a key ends there, the value in unit ``b`` itself.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_BLOCK = 256  # a node's units lie in one block, since labels are bytes
_LEAF = 1 << 8
_VALUE = 1 << 31

_Node = dict[int, "_Node"]


def compile_charsmap(replacements: Mapping[str, str]) -> bytes:
    """Return the map ``{key: replacement}`` in binary form.

    No key is empty, and neither side holds a zero character.
    """
    blob = bytearray()
    values: dict[bytes, int] = {}
    places: dict[str, int] = {}
    for key, replacement in replacements.items():
        if replacement not in places:
            places[replacement] = len(blob)
            blob += replacement.encode() + b"\0"
        values[key.encode()] = places[replacement]
    trie = _double_array(values)
    return struct.pack("<I", 4 * len(trie)) + struct.pack(f"<{len(trie)}I", *trie) + bytes(blob)


def _double_array(values: Mapping[bytes, int]) -> list[int]:
    root: _Node = {}
    for key in values:
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
    units = [0] * _BLOCK
    taken = {0}  # unit 0 is the root's own
    bases: set[int] = set()
    waiting: list[tuple[_Node, int, bytes]] = [(root, 0, b"")]
    for node, at, key in waiting:
        slots = [0, *node] if key in values else list(node)
        base = max(1, len(units) - 4 * _BLOCK)  # older blocks are nearly full: not worth the search
        while base in bases or any(base ^ slot in taken for slot in slots):
            base += 1
        bases.add(base)  # no two nodes share a base, so that a unit's label tells whose child it is
        while len(units) <= base | (_BLOCK - 1):
            units += [0] * _BLOCK
        units[at] |= (at ^ base) << 10
        if key in values:
            units[at] |= _LEAF
            units[base] = values[key] | _VALUE
        for byte, child in node.items():
            units[base ^ byte] = byte
            waiting.append((child, base ^ byte, key + bytes([byte])))
        taken.update(base ^ slot for slot in slots)
    return units
