"""Taking in of a case's files, and what the program then shows of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.render.json import render_article
from bot.render.telegram import render_source
from corpus.article import Article, Chunk
from corpus.chunk import chunks
from corpus.document import Document
from corpus.ingest import ingest, ingest_documents
from corpus.store import Archive
from tests.evals.reading.build import build
from tests.evals.reading.cases import Case
from tests.evals.reading.check import ReadArticle, Seen

_FOLDER = "newsroom"


def take(case: Case, work: Path) -> Seen:
    """Take the files of a case into a new archive in the folder ``work``, and return what is seen of them."""
    folder = work / _FOLDER
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(build(case, name, text))
    if case.args:
        return _by_command(case, folder, work / "data")
    with Archive(work / "archive.sqlite") as archive:
        try:
            if case.url:
                documents = [
                    Document(path.name, path.read_bytes(), path.suffix, url=case.url)
                    for path in sorted(folder.iterdir())
                ]
                report = ingest_documents(documents, archive, _chunk)
            else:
                report = ingest([folder], archive, _chunk)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the case found
            return Seen(raised=f"{type(error).__name__}: {error}")
        refused = (f"{each.source}: {of.reason}" for each in report.collections for of in each.refused)
        return Seen(_articles(archive), (*map(str, report.skipped), *refused))


def _chunk(article: Article) -> list[Chunk]:
    return chunks(article, lambda texts: [len(text) // 4 for text in texts])


def _by_command(case: Case, folder: Path, data: Path) -> Seen:
    musnad = Path(sys.executable).with_name("musnad")
    done = subprocess.run(
        [musnad, "ingest", folder, *case.args, "--data", data],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "MUSNAD_LANGUAGE": "en"},
        timeout=120,
    )
    if "Traceback" in done.stderr:
        return Seen(raised=done.stderr.strip().splitlines()[-1])
    if not (data / "archive.sqlite").exists():
        return Seen(refusals=(f"{done.stderr}{done.stdout}".strip()[-300:],))
    with Archive(data / "archive.sqlite") as archive:
        return Seen(_articles(archive), (f"{done.stderr}{done.stdout}"[-300:],))


def _articles(archive: Archive) -> tuple[ReadArticle, ...]:
    passages = archive.chunks(sorted(archive.chunk_ids()))
    return tuple(_read(article, archive, passages) for article in archive.articles())


def _read(article: Article, archive: Archive, passages: list[Chunk]) -> ReadArticle:
    shown = json.loads(render_article(article))
    body = shown["body"]
    text = archive.file_text(article.source, article.id)
    spans = {span for passage in passages if passage.article_id == article.id for span in passage.sentences}
    return ReadArticle(
        **{
            name: shown.get(name) or ""
            for name in ("title", "published", "precision", "publisher", "url", "site")
        },
        body=body,
        blocks=tuple(body[block["start"] : block["end"]] for block in shown["blocks"]),
        sentences=tuple(body[span.start : span.end] for span in sorted(spans)),
        source_line=render_source(article, "ar"),
        verbatim=body == "".join(text[span.start : span.end] for span in article.kept),
    )
