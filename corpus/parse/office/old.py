"""Formats that are not read, told apart by their bytes or by their names, each with what to do."""

from __future__ import annotations

from corpus.decode import NoTextError, Reason

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The start of compound files: old Office files, and new ones with a password."""
_OLD_WORD = "an old Word file: save it as .docx, then ingest that"
_OTHER = "a document of another program: export it as .docx or PDF, then ingest that"
SPREADSHEET = "a spreadsheet: save it as CSV, then ingest that"
PRESENTATION = "a presentation: export it as PDF, then ingest that"
_STREAMS = {"Workbook": SPREADSHEET, "PowerPoint Document": PRESENTATION}
NAMED = {
    ".dot": _OLD_WORD,
    **dict.fromkeys((".wps", ".wpd", ".hwp", ".pages", ".pub", ".indd", ".xps"), _OTHER),
    **dict.fromkeys((".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers"), SPREADSHEET),
    **dict.fromkeys((".ppt", ".pptx", ".pps", ".ppsx", ".odp", ".key"), PRESENTATION),
}
"""Suffixes of formats that hold text and are not read, each with what it is and what to do."""


def refuse_old(data: bytes) -> None:
    """Raise NoTextError for a compound file: locked, an old Word file, a spreadsheet or a presentation."""
    if not data.startswith(_COMPOUND):
        return
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise NoTextError(Reason.LOCKED)
    for stream, what in _STREAMS.items():
        if stream.encode("utf-16-le") in data:
            raise NoTextError(Reason.UNSUPPORTED, what)
    raise NoTextError(Reason.UNSUPPORTED, _OLD_WORD)
