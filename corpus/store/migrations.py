"""Migrations of the archive's tables. A released step is never changed: a new one follows it.

files      every text a source ever had: old versions of an article stay readable in their own file
sources    the current text of each source, and the path of its file; a removed source has no row
articles   every version of every article; ``current`` marks those that are searched
chunks     the passages of current articles, and of no others
search     the same passages for FTS5, as words and stems that are cut already; rowid = chunks.number
terms      the number of chunks that contain each word or stem, and as which: FTS5's own vocabulary counts too
           slowly to be queried on every question
blocks     the passages whose words are packed, by their numbers; postings: their words
edges      the sentences at the edges of current articles, each under the keys that others of its kind have too
members    the outlets, hosts and folders among whose articles each current article is counted
recurring  the keys that recur among those, as last settled: ``line`` is how one article has it
unsettled  how many articles came to each of those or left it since
state      values for the whole archive: its generation, the last number given to a chunk
changes    what became of the articles of a source, in order; ids as JSON
signatures  the band keys of current articles, and the outlet that their text credits: corpus/copies
bands      the same keys, each with the articles that have it
copies     pairs of current articles that are copies, each in both directions
collections, doubles   files that hold many sources, and those of their entries that are held under another name
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from corpus.copies.signatures import VERSION as COPIES
from corpus.recurrence import VERSION
from corpus.store.postings import SCHEMA, seal_all

migrations = Migrations("musnad.archive")

# The text comes cut into words with blanks between them, and a word may hold any other sign: «2.5».
# FTS5's ascii tokenizer takes all of non-ASCII for letters, and of ASCII what it is told.
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@migrations()
def first(db: Database) -> None:
    files = db.table("files")
    files.create(
        {"id": int, "source": str, "digest": str, "text": str, "ingested": str},
        pk="id",
        not_null={"source", "digest", "text", "ingested"},
    )
    files.create_index(["source", "digest"], unique=True)

    sources = db.table("sources")
    sources.create(
        {"source": str, "file": int, "path": str, "parser": str, "recipe": str},
        pk="source",
        not_null={"file", "parser", "recipe"},
        foreign_keys=[("file", "files", "id")],
    )
    sources.create_index(["file"])
    sources.create_index(["path"])

    articles = db.table("articles")
    articles.create(
        {
            "id": str,
            "file": int,
            "source": str,
            "part": int,
            "version": int,
            "current": int,
            "title": str,
            "body": str,
            "publisher": str,
            "site": str,
            "url": str,
            "place": str,
            "published": str,  # its date alone, for filters
            "dating": str,  # all of Published, as JSON
            "blocks": str,
            "kept": str,
            "dropped": str,
            "ingested": str,
        },
        pk="id",
        not_null={"id", "file", "source", "part", "version", "current", "title", "body"},
        foreign_keys=[("file", "files", "id")],
    )
    articles.create_index(["source", "part", "version"], unique=True)
    articles.create_index(["title"])
    articles.create_index(["current", "publisher"])

    chunks = db.table("chunks")
    chunks.create(
        {"number": int, "id": str, "article": str, "start": int, "stop": int, "sentences": str},
        pk="number",
        not_null={"id", "article", "start", "stop", "sentences"},
        foreign_keys=[("article", "articles", "id")],
    )
    chunks.create_index(["id"], unique=True)
    chunks.create_index(["article", "start"])

    tokenizer = _quoted("ascii tokenchars " + _quoted(_PUNCTUATION))
    db.execute(f"create virtual table search using fts5(words, stems, tokenize = {tokenizer})")
    db.execute(
        "create table terms"
        " (term text primary key, chunks integer not null, words integer not null) without rowid"
    )
    db.table("state").insert({"key": "generation", "value": 0}, pk="key")


@migrations()
def stamps(db: Database) -> None:
    """Add the size and modification time of each source's file, so that an unchanged one need not be read."""
    sources = db.table("sources")
    sources.add_column("size", int)
    sources.add_column("modified", int)


@migrations()
def collections(db: Database) -> None:
    """Add collections, whose entries are sources; what each source was read from; texts by their digest.

    ``doubles`` are the entries whose text the archive holds under another name: once that is gone, they are wanted.
    """
    db.table("collections").create(
        {"source": str, "path": str, "parser": str, "recipe": str, "given": str, "size": int, "modified": int}
        | {"digest": str, "outcome": str},
        pk="source",
        not_null={"path", "parser", "recipe", "given", "digest", "outcome"},
    )
    sources = db.table("sources")
    sources.add_column("collection", str)
    sources.add_column("raw", str)
    sources.create_index(["collection"])
    db.table("files").create_index(["digest"])
    doubles = db.table("doubles")
    doubles.create(
        {"source": str, "collection": str, "digest": str},
        pk="source",
        not_null={"collection", "digest"},
    )
    doubles.create_index(["collection"])


@migrations()
def provenance(db: Database) -> None:
    """Add the host from which each article came and what its outlet rests on, and the outlet given for a source."""
    articles = db.table("articles")
    articles.add_column("origin", str)
    articles.add_column("attribution", str)
    for name in ("sources", "collections"):
        db.table(name).add_column("outlet", str)


@migrations()
def recurrence(db: Database) -> None:
    """Add what recurs in an outlet's articles; the first `Archive.clean` collects it from those there already."""
    db.table("articles").add_column("recurring", str, not_null_default="[]")
    for statement in (
        "create table edges (key integer not null, article text not null references articles (id),"
        " start integer not null, stop integer not null, primary key (key, article, start)) without rowid",
        "create index edges_article on edges (article)",
        'create table members ("group" text not null, article text not null references articles (id),'
        ' primary key ("group", article)) without rowid',
        "create index members_article on members (article)",
        'create table recurring ("group" text not null, key integer not null, articles integer not null,'
        ' line text not null, primary key ("group", key)) without rowid',
    ):
        db.execute(statement)
    db.table("state").insert({"key": "recurrence", "value": VERSION})


@migrations()
def recognition(db: Database) -> None:
    """Add whether an article's text was recognised in a picture, and with what confidence, in percent."""
    articles = db.table("articles")
    articles.add_column("machine_read", int, not_null_default=0)
    articles.add_column("confidence", int)


@migrations()
def newest(db: Database) -> None:
    """Add indexes for what came last, of all articles and of an outlet's."""
    articles = db.table("articles")
    articles.create_index(["current", "ingested"])
    articles.create_index(["current", "published"])
    articles.create_index(["current", "publisher", "ingested"])
    articles.create_index(["current", "publisher", "published"])


@migrations()
def changes(db: Database) -> None:
    """Add what changed, and fill it with what the versions tell; when an article was removed they do not tell."""
    db.execute(
        "create table changes (number integer primary key autoincrement, source text not null, kind text not null,"
        ' at text not null, "before" text not null, "after" text not null)'
    )
    db.execute("create index changes_source on changes (source)")
    db.execute(
        'insert into changes (source, kind, at, "before", "after")'
        " select old.source, iif(old.file = new.file, 'reread', 'changed'), coalesce(new.ingested, ''),"
        " json_array(old.id), json_array(new.id) from articles as old join articles as new"
        " on new.source = old.source and new.part = old.part and new.version = old.version + 1"
        " where not old.current order by new.ingested, new.rowid"
    )


@migrations()
def withdrawal(db: Database) -> None:
    """Add whether the page of an article was taken away by its outlet."""
    db.table("articles").add_column("withdrawn", int, not_null_default=0)


@migrations()
def postings(db: Database) -> None:
    """Add where each word and stem stands, packed; the number of chunks with each term as a stem; the last chunk's."""
    db.execute("alter table terms add column stems integer not null default 0")
    db.execute("create virtual table temp.held using fts5vocab(main, search, col)")
    db.execute(
        "insert into terms (term, chunks, words, stems) select term, doc, 0, doc from temp.held where col = 'stems'"
        " on conflict (term) do update set stems = excluded.stems"
    )
    db.execute("drop table temp.held")
    for statement in SCHEMA:
        db.execute(statement)
    top = db.execute("select coalesce(max(number), 0) from chunks").fetchone()[0]
    db.table("state").insert({"key": "passages", "value": top})
    seal_all(db)


@migrations()
def copies(db: Database) -> None:
    """Add which articles are copies; the next `Archive.clean` looks for them among those there already."""
    for statement in (
        "create table signatures (number integer primary key, article text not null unique references articles (id),"
        " keys blob not null, credit text)",
        "create table bands (key integer not null, number integer not null, primary key (key, number)) without rowid",
        "create table copies (article text not null, other text not null, likeness text not null,"
        " primary key (article, other)) without rowid",
    ):
        db.execute(statement)
    db.table("state").insert({"key": "copies", "value": COPIES})


@migrations()
def unsettled(db: Database) -> None:
    """Add how much changed in a group since what recurs there was settled: everything, for all we know."""
    db.execute(
        'create table unsettled ("group" text not null primary key, changes integer not null) without rowid'
    )
    db.execute('insert into unsettled select "group", count(*) from members group by 1')


STEPS = frozenset(
    {
        "first",
        "stamps",
        "collections",
        "provenance",
        "recurrence",
        "recognition",
        "newest",
        "changes",
        "withdrawal",
        "postings",
        "copies",
        "unsettled",
    }
)
"""The names of all steps: an archive with any other step was made by newer code."""
