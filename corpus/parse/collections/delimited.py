"""Tables as text: records in rows, fields parted by commas, tabs, semicolons or bars, names in the first row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from corpus.decode import NoTextError, Reason, decode
from corpus.parse.collections.entry import MOST_ENTRY, Refused
from corpus.parse.collections.streams import lines, no_line

_DELIMITERS = "\t,;|"
_MOST_COLUMNS = 500
_LONGEST_NAME = 80


class _TooLongError(Exception):
    pass


class _Undecodable(Exception):
    def __init__(self, error: NoTextError) -> None:
        self.error = error


class _Lines:
    """The lines of a table as text; raises for one that is none, and goes on after it."""

    def __init__(self, stream: IO[bytes], charset: str | None) -> None:
        self._lines = lines(stream)
        self._charset = charset

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if line is None:
            raise _TooLongError
        try:
            return line.decode()
        except UnicodeDecodeError:
            try:
                return decode(line, self._charset)
            except NoTextError as error:
                raise _Undecodable(error) from error


def rows(stream: IO[bytes], suffix: str, charset: str | None = None) -> Iterator[dict[str, str] | Refused]:
    """Yield the rows as records by the names in the first one. Raises NoTextError where there are no names."""
    csv.field_size_limit(MOST_ENTRY)
    source = _Lines(stream, charset)
    try:
        head = next(source, "")
    except (_TooLongError, _Undecodable) as error:
        raise NoTextError(Reason.DAMAGED, "no names of fields in its first line") from error
    delimiter = "\t" if suffix == ".tsv" and "\t" in head else max(_DELIMITERS, key=head.count)
    # A quotation mark in a table parted by tabs may be just that, where the names are not quoted either.
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    if (
        not 1 < len(names) <= _MOST_COLUMNS
        or any(len(name) > _LONGEST_NAME for name in names)
        or not any(names)
    ):
        raise NoTextError(Reason.DAMAGED, "no names of fields in its first line")
    reader = csv.reader(source, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except _TooLongError:
            yield Refused(str(number), Reason.TOO_LARGE, no_line())
        except _Undecodable as undecodable:
            yield Refused(str(number), undecodable.error.reason, undecodable.error.detail)
        except csv.Error:
            yield Refused(str(number), Reason.DAMAGED, "no row of a table")
        else:
            if not any(cell.strip() for cell in row):
                number -= 1
            elif len(row) > len(names):
                yield Refused(str(number), Reason.DAMAGED, f"{len(row)} fields where {len(names)} are named")
            else:
                yield dict(zip(names, row, strict=False))
