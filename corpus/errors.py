"""What can go wrong without being a fault of the program. Everything of the house stands under ``MusnadError``.

MusnadError
├── ArchiveError           the archive, each with what to do in its message:
│   ├── ArchiveBusyError       another process is writing to it
│   ├── ArchiveDamagedError    the file is no archive, or no longer one
│   ├── ArchiveNewerError      a newer musnad made it
│   ├── ArchiveUnusableError   the place does not let us: a folder, read-only, full, closed
│   ├── InconsistentArticleError  an article does not fit the file it is said to come from
│   ├── QuerySyntaxError       not an FTS5 query
│   ├── ArticleNotFoundError   also a LookupError
│   └── AmbiguousArticleError  also a LookupError
├── NoTextError, ParseError    a document that holds no article (``corpus.decode``, ``corpus.parse``)
├── FetchError                 a link that cannot be fetched (``corpus.fetch``)
├── VectorstoreError           the index (``vectorstore.errors``)
├── EmbeddingModelError        the embedding model (``vectorstore.models``)
├── EvaluationError            a set of questions to measure on (``vectorstore.evaluate``)
├── JudgeModelError, JudgeError, ScoringError   a judge (``bot.answering.judges``)
├── TooSmallError              an archive too small to calibrate on (``bot.answering.calibrate``)
├── LLMError                   the chat model (``bot.llm``)
└── InputError                 what somebody typed (``bot.failures``)
"""

from __future__ import annotations


class MusnadError(Exception):
    """What can go wrong without being a fault of the program; the message says what, where and what to do."""


class ArchiveError(MusnadError):
    """Base of the others: the message names what, where and what to do."""


class ArchiveBusyError(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveDamagedError(ArchiveError):
    """The file cannot be read as an archive."""


class ArchiveNewerError(ArchiveError):
    """The archive was made by a newer musnad, whose tables this one does not know."""


class ArchiveUnusableError(ArchiveError):
    """No archive can be opened or written at this place."""


class InconsistentArticleError(ArchiveError):
    """An article's body is not what its spans hold in the file: a fault of the parser, not of the file."""


class QuerySyntaxError(ArchiveError):
    """FTS5 does not understand the query."""


class ArticleNotFoundError(ArchiveError, LookupError):
    """Nothing in the archive goes by this name."""


class AmbiguousArticleError(ArchiveError, LookupError):
    """Several articles go by this name."""
