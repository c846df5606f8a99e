"""A process that writes to a data folder for as long as it lives: ``python -m tests.backup.writing DATA NAME [PAUSE]``.

An article goes into the archive, then a quote of it into the bot's database, then a turn of a conversation, as fast as
it goes or with a pause of so many seconds; after each it says so with a line. The file's digest and the turn's question
hold the time, in seconds since 1970, right before their commits.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from itertools import count
from pathlib import Path

from bot.quotes import cut
from bot.state import State, stamp
from bot.telegram.answers.quotestore import QuoteStore
from corpus.chunk import chunks
from corpus.parse import parse
from corpus.store import Archive


def write(data: Path, name: str, pause: float) -> None:
    with Archive(data / "archive.sqlite") as archive, closing(State(data / "bot.sqlite")) as state:
        quotes = QuoteStore(state, archive)
        for number in count():
            source = f"{name}-{number % 50}.txt"  # every fiftieth changes an earlier one
            text = f"خبر رقم {number} من {name}\n\nقال المتحدث إن العدد بلغ {number} هذا اليوم. وأضاف أن {name} سيستمر."
            archive.add_file(
                source,
                f"{time.time():.4f} {number}",
                text,
                parse(text, source),
                lambda article: chunks(article, lambda texts: [len(each.split()) for each in texts]),
            )
            quotes.issue(cut(each, 0, len(each.body)) for each in archive.articles_of(source))
            with state.writing() as db:
                db.execute(
                    "insert into turns (conversation, asked_at, question, standalone, status, answer)"
                    " values (?, ?, ?, ?, 'refused', '{}')",
                    [name, stamp(), f"{time.time():.4f} {number}", text],
                )
            print(number, flush=True)
            time.sleep(pause)


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 0.0)
