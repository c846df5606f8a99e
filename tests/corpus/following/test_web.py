"""Requests as a polite guest makes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from corpus.decode import Reason
from corpus.fetch import FOLLOWER, FetchError
from corpus.following.web import StoppedError, Web
from tests.feedserver import FeedServer


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        site.publish("1", "افتتاح جسر", "افتتحت البلدية الجسر صباح الأحد.")
        yield site


def test_it_names_itself_and_reads_robots_txt_once(site: FeedServer) -> None:
    web = Web(pause=0)
    web.get(site.feed, private=True)
    web.get(f"{site.address}/1", private=True)
    assert [path for path, _ in site.asked] == ["/robots.txt", "/feed", "/1"]
    assert {headers["User-Agent"] for _, headers in site.asked} == {FOLLOWER}
    assert FOLLOWER.startswith("musnad/")


def test_what_did_not_change_is_not_sent_again(site: FeedServer) -> None:
    web = Web(pause=0)
    first = web.get(site.feed, private=True)
    again = web.get(site.feed, private=True, etag=first.etag)
    assert first.document is not None
    assert (again.document, again.etag) == (None, first.etag)


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/feed", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Musnad\nDisallow: /1", "/feed", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Musnad\nDisallow: /1", "/1", False),
        ("User-agent: *\nDisallow: /*.xml$", "/sitemap.xml", False),
        ("<html>404</html>", "/feed", True),
    ],
)
def test_robots_txt_is_heeded(site: FeedServer, robots: str, path: str, allowed: bool) -> None:
    site.robots = robots
    if allowed:
        assert Web(pause=0).get(site.address + path, private=True).document
        return
    with pytest.raises(FetchError) as found:
        Web(pause=0).get(site.address + path, private=True)
    assert found.value.reason is Reason.ROBOTS
    assert site.count(path) == 0


def test_requests_to_a_host_are_apart_as_it_asks(site: FeedServer) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 0.3"
    web = Web(pause=0)
    began = time.monotonic()
    threads = [
        threading.Thread(target=web.get, args=(f"{site.address}/1",), kwargs={"private": True})
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began >= 0.9  # robots.txt before them
    assert site.overlapping == 1


def test_whoever_waits_for_a_turn_hears_of_the_end(site: FeedServer) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 30"
    stop = threading.Event()
    web = Web(stop, pause=0)
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(StoppedError):
        web.get(site.feed, private=True)
