"""The parts of a zip file, read one at a time within bounds."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from urllib.parse import unquote

from corpus.decode import NoTextError, Reason

MOST_PARTS = 5_000
MOST_UNPACKED = 100 * 1024 * 1024
"""Maximum number of bytes of all parts together: a document with its pictures."""
MOST_PART = 20 * 1024 * 1024
"""Maximum number of bytes of one part: some hundred times a long report.

It applies to pictures too, because a document itself declares which of its parts are markup, whatever their
names.
"""
_MOST_NAME = 100  # characters shown of the name of a part


class Zipped:
    """The parts of a zip file by their names; case, backslashes and a leading slash make no difference.

    ``detail`` says what a file that is no zip file is not. Raises NoTextError for a file that is locked, damaged or too
    large by what is known before anything is unpacked. A size that an archive only claims is checked again at
    unpacking, which stops where the claimed size ends.
    """

    def __init__(self, data: bytes, detail: str = "no Word document") -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise NoTextError(Reason.DAMAGED, detail) from error
        listed = self._file.infolist()
        if any(part.flag_bits & 1 for part in listed):
            raise NoTextError(Reason.LOCKED)
        unpacked = sum(part.file_size for part in listed)
        largest = max((part.file_size for part in listed), default=0)
        if len(listed) > MOST_PARTS or unpacked > MOST_UNPACKED or largest > MOST_PART:
            raise NoTextError(Reason.TOO_LARGE, f"{unpacked:,} bytes unpacked")
        self._parts = {_key(part.filename): part for part in listed}

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a part, None where there is none. Raises NoTextError for a damaged one."""
        part = self._parts.get(_key(name))
        if part is None:
            return None
        try:
            return self._file.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
            raise NoTextError(Reason.DAMAGED, broken(name)) from error

    def media_type(self) -> str:
        """Return the media type that OpenDocument files and electronic books give for themselves, "" for none."""
        return (self.read("mimetype") or b"")[:200].decode("ascii", "replace").strip()


def broken(part: str) -> str:
    """Return the detail for a part that cannot be read; "" where the whole file is one part."""
    name = "".join(each for each in part if each.isprintable() and each not in "“”")[:_MOST_NAME]
    return f"its part “{name}” cannot be read" if name else ""


def resolved(target: str, folder: str) -> str:
    """Return the name of the part that a reference in a part of this folder means."""
    path = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
