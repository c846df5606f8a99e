"""Records of fields, in JSON Lines, JSON arrays or tables, as entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
from typing import Any

from corpus.decode import NoTextError, Reason
from corpus.parse.collections.delimited import rows
from corpus.parse.collections.entry import MOST_ENTRY, Entry, Item, Mapped, Refused, document, one_line
from corpus.parse.collections.fields import Fields, flat, guess
from corpus.parse.collections.jsonarrays import Element, Path, elements, loaded
from corpus.parse.collections.stamped import published_of
from corpus.parse.collections.streams import Stream, lines, no_line
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import site_of, web_address
from corpus.parse.plain.outlets import known_outlet, outlet_of

_SAMPLE = 200  # records from which the fields are guessed
_DEEPEST = 3  # keys on the way to an array of records
_LONGEST_NAME = 200

Raw = Mapping[str, Any] | Refused


def records(
    open_stream: Callable[[], Stream], read: Callable[[Stream], Iterator[Raw]], given: Mapping[str, str]
) -> Iterator[Item]:
    """Yield the fields that were guessed, then the records as entries. Raises NoTextError where no field is a text."""
    sample: list[dict[str, str]] = []
    broken: NoTextError | None = None
    with closing(open_stream()) as stream:
        try:
            for raw in islice(read(stream), _SAMPLE):
                if not isinstance(raw, Refused):
                    sample.append(flat(raw))
        except NoTextError as error:  # what stands before it goes in
            broken = error
    if not sample and broken:
        raise broken
    if not sample:
        raise NoTextError(Reason.NO_ARTICLE, "no records in it")
    fields = guess(sample, given)
    yield Mapped(fields.of)
    with closing(open_stream()) as stream:
        for number, raw in enumerate(read(stream), 1):
            yield raw if isinstance(raw, Refused) else _entry(flat(raw), fields, number)


def _entry(record: Mapping[str, str], fields: Fields, number: int) -> Entry | Refused:
    url = address(fields.value(record, "url"))
    key = fields.value(record, "key") or url or str(number)
    outlet = one_line(fields.value(record, "outlet"))[:_LONGEST_NAME]
    said = PageMetadata(
        publisher=outlet_named(outlet),
        site=site_of(url) if url else None,
        url=url,
        published=published_of(whole(fields.value(record, "published")), url, fields.order),
    )
    return document(key, fields.value(record, "title"), fields.value(record, "text"), said)


def address(url: str) -> str | None:
    """Return a web address as it is, None for anything else."""
    return web_address(url)


def outlet_named(name: str) -> str | None:
    """Return an outlet by what a field calls it: a name, or a host."""
    name = whole(name).strip()
    if not any(each.isalpha() for each in name):
        return None
    host = site_of(name) if " " not in name and "." in name else None
    return known_outlet(name) or (outlet_of(host) if host else name)


def whole(text: str) -> str:
    """Return a text without halves of pairs, which JSON may hold and no file can."""
    return text.encode("utf-8", "ignore").decode()


def json_lines(stream: Stream) -> Iterator[Raw]:
    """Yield the objects of a file with one a line."""
    number = 0
    for line in lines(stream.bytes):
        if line is not None and not line.strip():
            continue
        number += 1
        yield (
            Refused(str(number), Reason.TOO_LARGE, no_line())
            if line is None
            else _object(line, number, stream.charset)
        )


def json_array(stream: Stream, at: Path) -> Iterator[Raw]:
    """Yield the objects of the arrays at a path."""
    number = 0
    for found in elements(stream.bytes, lambda path: path == at):
        if isinstance(found, Element):
            number += 1
            data = found.data
            yield (
                Refused(str(number), Reason.TOO_LARGE, no_line())
                if data is None
                else _object(data, number, stream.charset)
            )
        elif found.path == at and at == ():
            number += 1
            yield Refused(str(number), Reason.DAMAGED, "no object")


def single(stream: Stream) -> Iterator[Raw]:
    """Yield the one object that a file is."""
    data = stream.bytes.read(MOST_ENTRY + 1)
    yield (
        Refused("1", Reason.TOO_LARGE, no_line())
        if len(data) > MOST_ENTRY
        else _object(data, 1, stream.charset)
    )


def table(stream: Stream, suffix: str) -> Iterator[Raw]:
    yield from rows(stream.bytes, suffix, stream.charset)


def find_array(open_stream: Callable[[], Stream]) -> Path | None:
    """Return the path of the array that holds most of a JSON file's beginning; None where none holds objects."""
    held: Counter[Path] = Counter()
    # One that breaks off later on gives what stands before.
    with closing(open_stream()) as stream, suppress(NoTextError):
        for found in islice(elements(stream.bytes, lambda path: len(path) <= _DEEPEST), 20 * _SAMPLE):
            if isinstance(found, Element):
                held[found.path] += len(found.data or b"") + 1
            if held.total() > MOST_ENTRY:
                break
    return held.most_common(1)[0][0] if held else None


def _object(data: bytes, number: int, charset: str | None) -> Raw:
    try:
        value = loaded(data, charset)
    except NoTextError as error:
        return Refused(str(number), error.reason, error.detail)
    except MemoryError:  # many small things, each of which takes more here than there
        return Refused(str(number), Reason.TOO_MUCH_MEMORY)
    except RecursionError:
        return Refused(str(number), Reason.DAMAGED, "nested too deeply")
    except ValueError:
        return Refused(str(number), Reason.DAMAGED, "no JSON")
    return value if isinstance(value, dict) else Refused(str(number), Reason.DAMAGED, "no object")


__all__ = [
    "address",
    "find_array",
    "json_array",
    "json_lines",
    "loaded",
    "outlet_named",
    "records",
    "single",
    "table",
]
