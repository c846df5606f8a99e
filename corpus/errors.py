"""Errors that are not a fault of the program. All errors of the project derive from ``MusnadError``.

MusnadError
├── ArchiveError           the archive's errors, each with the remedy in its message:
│   ├── ArchiveBusyError       another process is writing to it
│   ├── ArchiveDamagedError    the file is no archive, or no longer one
│   ├── ArchiveNewerError      a newer musnad made it
│   ├── ArchiveUnusableError   the place cannot be used: a folder, read-only, full, closed
│   ├── InconsistentArticleError  an article does not match the file it is attributed to
│   ├── QuerySyntaxError       not an FTS5 query
│   ├── ArticleNotFoundError   also a LookupError
│   └── AmbiguousArticleError  also a LookupError
├── NoTextError, ParseError    a document that holds no article (``corpus.decode``, ``corpus.parse``)
├── FetchError                 a link that cannot be fetched (``corpus.fetch``)
├── VectorstoreError           the index (``vectorstore.errors``)
├── EmbeddingModelError        the embedding model (``vectorstore.models``)
├── EvaluationError            a set of evaluation questions (``vectorstore.evaluate``)
├── JudgeModelError, JudgeError, ScoringError   a judge (``bot.answering.judges``)
├── TooSmallError              an archive too small to calibrate on (``bot.answering.calibrating.calibrate``)
├── LLMError                   the chat model (``bot.llm``)
└── InputError                 user input that cannot be used (``bot.failures``)
"""

from __future__ import annotations


class MusnadError(Exception):
    """Base of all errors that are not a fault of the program; the message says what, where and what to do."""


class ArchiveError(MusnadError):
    """Base of the archive's errors; the message says what, where and what to do."""


class ArchiveBusyError(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveDamagedError(ArchiveError):
    """The file cannot be read as an archive."""


class ArchiveNewerError(ArchiveError):
    """The archive was made by a newer musnad, whose tables this one does not know."""


class ArchiveUnusableError(ArchiveError):
    """No archive can be opened or written at this place."""


class InconsistentArticleError(ArchiveError):
    """An article's body differs from its spans in the file: a fault of the parser, not of the file."""


class QuerySyntaxError(ArchiveError):
    """The query is not valid in FTS5."""


class ArticleNotFoundError(ArchiveError, LookupError):
    """No article or file in the archive has this name."""


class AmbiguousArticleError(ArchiveError, LookupError):
    """Several articles match this name."""
