"""The bounded process: documents on standard input, their pages or articles on standard output.

The content of a document may make it die in any way; `corpus.worker.client` starts it and says why it died.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from corpus.decode import NoTextError
from corpus.parse import ParseError, parse, read
from corpus.parse.collections import Entry, Item, entries
from corpus.parse.collections.streams import Stream
from corpus.worker.wire import (
    BrokenPipesError,
    Header,
    pack_article,
    pack_items,
    pack_metadata,
    pack_text,
    packed,
    receive,
    unpack_metadata,
    unpack_text,
)

OVER_MEMORY = 3
"""Exit status of a process that used up its memory."""

_WATCH = 0.2  # seconds between two looks at the memory and the parent
_THREAD = 256 * 1024  # bytes of stack that a look needs
_MOST_BATCH = 1024 * 1024  # bytes of entries after which a reply takes no more
_SPENT = 0.5  # of its memory: what a process that outgrew it holds is garbage and fragments


def main() -> None:
    """Answer requests until there are no more. The arguments are the search path and ``Bounds`` as JSON."""
    memory, seconds, requests = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then ends this process
    logging.disable(logging.CRITICAL)  # pdfminer tells of every oddity of a file
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    _bound_memory(memory)
    threading.stack_size(_THREAD)
    threading.Thread(target=_watch, args=(os.getppid(), memory), daemon=True).start()
    with contextlib.suppress(BrokenPipesError, OSError):
        _serve(sys.stdin.buffer, replies, memory, seconds, requests)
    os._exit(0)  # nothing to tidy up, and no time to lose


def _serve(requests: IO[bytes], replies: IO[bytes], memory: int, seconds: int, most: int) -> None:
    served = 0
    splitting = Splitting()
    while (request := receive(requests)) is not None:
        _bound_time(seconds)
        try:
            header, content = splitting.answer(request[0]) if "items" in request[0] else answer(*request)
        except MemoryError:
            os._exit(OVER_MEMORY)
        served += 1
        header["spent"] = served >= most or resident() > memory * _SPENT
        replies.write(packed(header, content))
        replies.flush()


def answer(request: Header, content: bytes) -> tuple[Header, bytes]:
    """Return the reply to a request, whose content is a document to read or a text to parse."""
    try:
        if "kind" in request:
            page = read(content, request["kind"], url=request["url"], charset=request["charset"])
            return {"said": pack_metadata(page.said)}, pack_text(page.text)
        articles = parse(unpack_text(content), request["source"], unpack_metadata(request["said"]))
        return {"articles": [pack_article(article) for article in articles]}, b""
    except NoTextError as error:
        return {"reason": error.reason, "detail": error.detail}, b""
    except ParseError as error:
        return {"unparsed": str(error)}, b""


class Splitting:
    """The collection that is being read, from one request for some of its items to the next."""

    def __init__(self) -> None:
        self._items: Iterator[Item] = iter(())
        self._stream: Stream | None = None

    def _watch(self, stream: Stream) -> None:
        self._stream = stream

    def answer(self, request: Header) -> tuple[Header, bytes]:
        """Return the reply to a request for the next ``items`` of a collection, ``path`` where it is to be opened.

        It has fewer where they are large, and ends with the reason where the collection breaks off.
        """
        if "path" in request:
            self._items = entries(Path(request["path"]), request["fields"], self._watch)
        found: list[Item] = []
        size = 0
        header: Header = {}
        try:
            while len(found) < request["items"] and size < _MOST_BATCH:
                item = next(self._items, None)
                if item is None:
                    header["end"] = True
                    break
                found.append(item)
                size += len(item.data) if isinstance(item, Entry) else 0
        except NoTextError as error:
            header |= {"end": True, "broken": error.reason, "detail": error.detail}
        headers, content = pack_items(found)
        read = self._stream.read if self._stream else 0
        return {**header, "found": headers, "read": read}, content


def _bound_memory(memory: int) -> None:
    """Let no allocation go beyond the memory. macOS takes this bound and does not keep it: there `_watch` does."""
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time(seconds: int) -> None:
    """Let the system end this process after so many more seconds of processor time."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _watch(parent: int, memory: int) -> None:
    """End this process when its parent is gone, whatever it is at, or when it holds more than its memory."""
    while True:
        time.sleep(_WATCH)
        if os.getppid() != parent:
            os._exit(0)
        if resident() > memory:
            os._exit(OVER_MEMORY)


def resident() -> int:
    """Return the bytes of memory that this process holds now, or, where only that is known, the most it ever held."""
    try:
        with open("/proc/self/statm", "rb") as status:
            return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
