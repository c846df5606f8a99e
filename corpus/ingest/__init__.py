"""Ingest files, folders and documents into the archive.

New files are added, changed ones become new versions, and those that cannot be read are reported without
stopping the rest.

A file's source name is its path below the given folder, with "/", or its own name when it was given by itself; where
another has that name, with as many of the folders above it as tell the two apart. A file that the archive knows by its
path keeps the name it has. A text that is in the archive under another name is not ingested twice, or its quotes would
come twice: it is reported as a duplicate.

Documents without a path are ingested the same way, under the source names they come with. Two with the same
name and without an address, most of whose words differ, are two documents, not versions: the second is called
«name (2)». One that is a collection is read from a copy in the data folder, which goes at the end.

pipeline     from what is given to the report: first all is found, then it is taken in
paths        files found at and below the given paths; ``documents``: those that came without a path
found        what both give: files and collections, with the size and time of each
kinds        what a file is by its suffix, its beginning and what lies beside it
names        the names that a source may have
pages        what was read of files when they were found, until their turn
taking       what was found, taken in one after another; what is gone from its folder
versions     a file's text as the newest version of its source, and its articles
outlets      articles whose outlet only shows across the files of a folder
collection   a file that holds many articles: its ``entries``, and the ``tally`` of what became of them
sameness     whether two texts are one, or two states of one
context      what is said and known of sources; ``tools``: what they are read, cut and stored with
outcomes     what is to be reported
"""

from corpus.decode import Reason
from corpus.document import Document
from corpus.ingest.pipeline import ingest, ingest_documents
from corpus.report import Duplicate, Report, Skipped

__all__ = ["Document", "Duplicate", "Reason", "Report", "Skipped", "ingest", "ingest_documents"]
