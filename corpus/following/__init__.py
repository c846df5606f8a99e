"""Sources that are followed: feeds, sitemaps, folders, files and channels whose news comes into the archive by itself.

followed     what is known of a source, and of an item of it; how it stands
habit        how long it is usually silent, learnt from when it had something new
store        all of that in ``following.sqlite``, made by ``migrations``
"""

from corpus.following.followed import POLLED, Failure, Followed, Kind, Known, Standing
from corpus.following.store import Following

__all__ = ["POLLED", "Failure", "Followed", "Following", "Kind", "Known", "Standing"]
