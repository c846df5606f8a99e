"""What stands at an address, and lists of addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.decode import Reason
from corpus.fetch import FetchError
from corpus.following.discover import Discovered, discover
from corpus.following.lists import ListedSource, sources_in
from corpus.following.web import Web
from tests.feedserver import FeedServer


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as site:
        site.publish("1", "افتتاح جسر", "افتتحت البلدية الجسر صباح الأحد.")
        yield site


def test_a_feed_a_sitemap_and_the_feed_that_a_page_names(site: FeedServer) -> None:
    web = Web(pause=0)
    feed = Discovered(site.feed, "feed", "صحيفة الجبل")
    assert discover(site.feed, web, private=True) == feed
    assert discover(f"{site.address}/", web, private=True) == feed
    assert discover(site.sitemap, web, private=True) == Discovered(site.sitemap, "sitemap")


def test_a_page_without_a_feed_and_what_is_private(site: FeedServer) -> None:
    with pytest.raises(FetchError) as found:
        discover(f"{site.address}/1", Web(pause=0), private=True)
    assert found.value.reason is Reason.NO_FEED
    with pytest.raises(FetchError) as found:
        discover(site.feed, Web(pause=0))
    assert found.value.reason is Reason.PRIVATE
    assert site.count("/feed") == 0


def test_lists_of_sources(tmp_path: Path) -> None:
    opml = tmp_path / "sources.opml"
    opml.write_text(
        '<?xml version="1.0"?><opml version="2.0"><body><outline text="الأخبار">'
        '<outline type="rss" text="صحيفة الجبل" xmlUrl="https://a.example/feed"/>'
        '<outline type="rss" text="x" xmlUrl="javascript:alert(1)"/></outline></body></opml>',
        encoding="utf-8",
    )
    assert sources_in(opml) == [ListedSource("https://a.example/feed", "صحيفة الجبل")]
    plain = tmp_path / "sources.txt"
    plain.write_text("# مصادرنا\nhttps://a.example/feed\n\nhttps://b.example/\n", encoding="utf-8")
    assert sources_in(plain) == [ListedSource("https://a.example/feed"), ListedSource("https://b.example/")]
    article = tmp_path / "article.txt"
    article.write_text("افتتاح جسر\n\nhttps://a.example/1\n", encoding="utf-8")
    assert sources_in(article) is None
