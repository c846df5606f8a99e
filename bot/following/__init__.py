"""Following: what the sources of `corpus.following` have new comes into the archive while the program runs.

follower   looks at the sources that are due, in threads of their own
intake     takes what they find into the archive, and records it
targets    what someone wants to follow, as a source: an address, a path, a list of them
events     what is told of a look, and the list of sources, as text and JSON
"""

from bot.following.follower import Follower
from bot.following.intake import Looked

__all__ = ["Follower", "Looked"]
