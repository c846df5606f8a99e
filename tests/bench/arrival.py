"""How soon what a feed publishes can be asked for: ``python -m tests.bench.arrival ARTICLES [--minutes 40]``.

A feed on loopback publishes articles of a file at random moments, by the real clock; a follower with the usual schedule
looks at it. An article can be asked for once an answer to its headline shows a passage of it, as an answer or among
what is nearest. Prints the seconds from publication to that.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.build import Musnad, build
from bot.following import Follower
from bot.settings import Settings
from corpus.following.web import Web
from tests.bench.archives import read_articles
from tests.feedserver import FeedServer

_SEED = 5
_EVERY = 5.0  # seconds between two questions for what was published


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.arrival")
    parser.add_argument("articles", type=Path)
    parser.add_argument("--items", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=40.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="musnad-bench-") as folder:
        took = measure(Path(folder), options.articles, options.items, options.minutes * 60)
    found = {"items": len(took), "median_s": round(statistics.median(took)), "longest_s": round(max(took))}
    print(json.dumps({**found, "seconds": [round(each) for each in took]}))


def measure(folder: Path, articles: Path, items: int, seconds: float) -> list[float]:
    """Return the seconds from the publication of each item to the first answer that shows it."""
    draw = random.Random(_SEED)
    drawn = draw.sample(list(read_articles(articles)), items)
    moments = sorted(draw.uniform(0, seconds) for _ in drawn)
    stop = threading.Event()
    took: list[float] = []
    with build(Settings(data=folder / "data"), llm=False) as musnad, FeedServer() as site:
        site.publish("0", drawn[0]["title"], "بداية الخلاصة.", datetime.now(UTC) - timedelta(days=1))
        musnad.following.add(site.feed, "feed", datetime.now(UTC), private=True)
        thread = threading.Thread(target=Follower(musnad, musnad.following, web=Web(stop)).run, args=(stop,))
        thread.start()
        began = time.monotonic()
        waiting: dict[str, tuple[str, float]] = {}
        try:
            while len(took) < items:
                now = time.monotonic()
                while moments and now - began >= moments[0]:
                    moments.pop(0)
                    number = items - len(moments)
                    article = drawn[number - 1]
                    site.publish(str(number), article["title"], article["text"], datetime.now(UTC))
                    waiting[f"{site.address}/{number}"] = article["title"], now
                for address, (title, published) in list(waiting.items()):
                    if _shows(musnad, title, address):
                        took.append(time.monotonic() - published)
                        del waiting[address]
                        print(f"{len(took):>3} {took[-1]:6.0f} s", flush=True)
                time.sleep(_EVERY)
        finally:
            stop.set()
            thread.join()
    return took


def _shows(musnad: Musnad, question: str, address: str) -> bool:
    answer = musnad.ask(question)
    return any(quote.article.url == address for quote in (*answer.quotes, *answer.related))


if __name__ == "__main__":
    main()
