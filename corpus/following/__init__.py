"""Sources that are followed: feeds, sitemaps, folders, files and channels whose news comes into the archive by itself.

followed     what is known of a source, and of an item of it; how it stands
habit        how long it is usually silent, learnt from when it had something new
store        all of that in ``following.sqlite``, made by ``migrations``
look         what a look at a source gives: ``feeds``, ``sitemaps`` and ``folders`` look
web          requests as a polite guest makes them
schedule     when a source is looked at next
discover     what stands at an address that someone wants to follow; ``lists``: many of them in one file
"""

from corpus.following.followed import POLLED, Failure, Followed, Kind, Known, Standing
from corpus.following.store import Following

__all__ = ["POLLED", "Failure", "Followed", "Following", "Kind", "Known", "Standing"]
