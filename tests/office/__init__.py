"""Office files made by the tests, each with the lines that a reader of it sees.

word.WORD        Word documents
others.OTHERS    OpenDocument, RTF and EPUB files, and files that bear another format's name
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

HEAD = "افتتاح مكتبة الحي الشرقي بعد عام من الترميم"
LEDE = "افتتحت البلدية أمس مكتبة الحي الشرقي بعد عام من الترميم، وفيها أربعة آلاف كتاب تبرع بها الأهالي."
MORE = "وقال أمين المكتبة إن الاستعارة مجانية لمن هم دون السادسة عشرة، وإن القاعة تتسع لستين قارئا في اليوم."
LAST = "ويأمل السكان أن تبقى المكتبة مفتوحة في أيام العطل كما وعدت البلدية في الصيف الماضي."


@dataclass(frozen=True, slots=True)
class Sample:
    """A file and its right reading."""

    data: bytes
    lines: tuple[str, ...]
    """All lines of its stored text, in their order."""
    kind: str
    title: str = HEAD


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in parts.items():
            written.writestr(name, data)
    return stream.getvalue()
