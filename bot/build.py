"""Assembly of the program: the one place where its parts are created and connected."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from bot.answering.asker import Asker
from bot.answering.freshness import Watch
from bot.answering.judges.linear import LinearJudge
from bot.answering.pipeline import PASSAGES, Pipeline, Question
from bot.answering.select import Policy
from bot.backup.placing import finish
from bot.conversation import Conversations
from bot.filling import Filling
from bot.llm import ChatModel, LLMError
from bot.llm.budget import Budget
from bot.settings import Settings
from bot.state import State
from corpus.store import Archive
from vectorstore.models.loading import release_memory

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from bot.answer import Answer
    from bot.answering.calibrating.calibration import Calibration
    from bot.answering.judges import Judge
    from corpus.document import Document
    from corpus.following import Following
    from corpus.ingest import Report
    from corpus.store import Cleaned
    from vectorstore.embed import Embedder
    from vectorstore.embedding import Embedding
    from vectorstore.index import Index, IndexState

_MOST_DEPTH = 2  # sitemaps that list sitemaps

Progress = Callable[[str, int, int], None]
"""Callback for the stage (``read``, ``clean``, ``embed``, ``fetch``, ``questions``), the number done and the total."""


P = ParamSpec("P")
R = TypeVar("R")


def _in_turn(
    method: Callable[Concatenate[Musnad, P], R],
) -> Callable[Concatenate[Musnad, P], R]:
    """Return the method so that one thread at a time runs it, and others wait for it, however long."""

    @functools.wraps(method)
    def run(self: Musnad, /, *values: P.args, **named: P.kwargs) -> R:
        with self._feeding:
            return method(self, *values, **named)

    return run


class Musnad:
    """The whole question-answering program over one data directory.

    Opening is quick: each part is created on first access, once, under one lock, so that one thread may load while
    another already asks.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        llm: bool = True,
        embedder: Embedder | None = None,
        ray: str | None = None,
    ) -> None:
        self.settings = settings
        finish(settings.data)  # a restore that was killed while it was brought into use
        self._ray = ray
        self.archive = Archive(settings.data / "archive.sqlite")
        self._llm = llm and settings.llm is not None
        self._lock = threading.RLock()
        self._feeding = threading.RLock()
        """Held while something goes into the archive; other processes wait for its file's lock, and give up soon."""
        self._opening = threading.Lock()
        self._embedder = embedder
        self._index: Index | None = None
        self._state: State | None = None
        self._following: Following | None = None
        self._conversations: Conversations | None = None
        self._chat_model: ChatModel | None = None
        self._judge: Judge | None = None
        self._policy = Policy()
        self.calibration_due = False
        """Whether the loaded judge still needs `musnad calibrate`."""
        self._filling = Filling()
        self._pipeline: Pipeline | None = None
        self._asker: Asker | None = None

    @property
    def embedder(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                from vectorstore.embed import load_embedder

                self._embedder = load_embedder(
                    self.settings.data / "models",
                    model=self.settings.embedding_model,
                    query_prompt=self.settings.embedding_query_prompt,
                    passage_prompt=self.settings.embedding_passage_prompt,
                )
            return self._embedder

    @property
    def index(self) -> Index:
        with self._lock:
            if self._index is None:
                from vectorstore.index import Index

                url = self.settings.chroma_url
                self._index = Index(
                    self.settings.data,
                    self.archive,
                    self.embedder,
                    chroma_url=url.get_secret_value() if url else None,
                    embedding=self._cluster() if self._ray else None,
                )
            return self._index

    def _cluster(self) -> Embedding:
        from functools import partial

        from vectorstore.cluster import Cluster, load_on_worker

        load = partial(
            load_on_worker,
            self.settings.embedding_model,
            self.settings.embedding_query_prompt,
            self.settings.embedding_passage_prompt,
        )
        return Cluster(self._ray or "", load, self.embedder.recipe)

    @property
    def state(self) -> State:
        """The bot's database of conversations, answers and access rights. Never waits for a load."""
        with self._opening:
            if self._state is None:
                self._state = State(self.settings.data / "bot.sqlite")
            return self._state

    @property
    def following(self) -> Following:
        """The sources that are followed. Never waits for a load, nor for an ingest."""
        with self._opening:
            if self._following is None:
                from corpus.following import Following

                self._following = Following(self.settings.data / "following.sqlite")
            return self._following

    def followed(self) -> Following | None:
        """Return the sources that are followed; None while nothing ever was."""
        there = self._following is not None or (self.settings.data / "following.sqlite").exists()
        return self.following if there else None

    def check_writable(self, wait: float) -> None:
        """Raise ArchiveError when the bot's database or the archive cannot be written to within ``wait`` seconds."""
        self.state.check_writable(wait)
        self.archive.check_writable(wait)

    @property
    def conversations(self) -> Conversations:
        with self._lock:
            if self._conversations is None:
                self._conversations = Conversations(self.state, self.settings.conversation_turns)
            return self._conversations

    @property
    def asker(self) -> Asker:
        with self._lock:
            if self._asker is None:
                self._asker = Asker(self.archive, self.pipeline, self.conversations, self.chat_model)
            return self._asker

    @property
    def chat_model(self) -> ChatModel | None:
        """The configured chat model, not connected yet; None without one."""
        with self._lock:
            if self._llm and self._chat_model is None:
                self._chat_model = ChatModel(self.settings, self._budget())
            return self._chat_model

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that answers one standalone question."""
        with self._lock:
            if self._pipeline is None:
                from vectorstore.retriever import PassageRetriever

                judge = self.judge
                self._pipeline = Pipeline(
                    self.archive,
                    PassageRetriever(index=self.index, k=PASSAGES),
                    judge,
                    quick=LinearJudge(),
                    policy=self._policy,
                    chat_model=self.chat_model,
                    watch=Watch(self.archive, self.followed),
                )
            return self._pipeline

    @property
    def judge(self) -> Judge:
        """The judge for every question except those answered while the user is still typing."""
        with self._lock:
            if self._judge is None:
                from bot.answering.judges.configured import configured

                named, folder = self.settings.judge, self.settings.data
                found = configured(named, self._base_judge(), folder, self.index.recipe())
                self._judge, self._policy, self.calibration_due = found.judge, found.policy, found.due
            return self._judge

    def _base_judge(self) -> Judge:
        """Return the judge that needs no other model."""
        from bot.answering.judges.reader.model import shared
        from vectorstore.embed import embedded_folder

        embedder = self.embedder
        if embedder.folder is not None:
            return LinearJudge(shared(embedder.folder, embedder.tokenizer))
        return LinearJudge(shared(embedded_folder(self.settings.data / "models")))

    def calibrate(self, precision: float, progress: Progress | None = None) -> Calibration:
        """Fit and measure a calibration of the configured judge on this archive, without storing it.

        Raises TooSmallError, JudgeModelError, ScoringError and the errors of opening the index.
        """
        from bot.answering.calibrating.calibrate import calibrate, questions_of
        from bot.answering.judges.configured import uncalibrated

        made = questions_of(self.archive)
        self.index.check_recipe()
        self.index.sync(_stage("embed", progress))
        return calibrate(
            made,
            self.archive,
            self.index,
            uncalibrated(self.settings.judge, self._base_judge(), self.settings.data),
            precision=precision,
            progress=_stage("questions", progress),
        )

    def _budget(self) -> Budget | None:
        return Budget(self.state, self.settings.llm_daily) if self.settings.llm_daily else None

    def load(self, progress: Progress | None = None, *, fill: bool = True) -> None:
        """Load the model and open the index, so that the first question finds them ready.

        Also completes the index where a killed ingest left it unfinished; without ``fill`` that is left to calls of
        ``fill``. Raises the errors of opening, such as RecipeMismatchError and EmbeddingModelError.
        """
        from corpus.spool import clear_left_over
        from vectorstore.errors import IndexBusyError

        clear_left_over(self.archive)
        with self._lock:
            self.index.check_recipe()
            if not fill:
                self.index.open()
                self._filling.begin(self.index)
            elif self.archive.size():
                # When another process is at it, that one completes it; until then the index answers as it stands.
                with contextlib.suppress(IndexBusyError):
                    self.index.sync(_stage("embed", progress), wait=0)
            self.index.encode([""])
            _ = self.asker
            if self._chat_model is not None:
                # One that cannot be made is named in the log; answers go out without it.
                with contextlib.suppress(LLMError):
                    self._chat_model.load()
            release_memory()

    def fill(self, progress: Progress) -> bool:
        """Index a piece of what the archive has and the index lacks; return whether something is left.

        Raises IndexBusyError while another process writes to the index.
        """
        return self._filling.piece(self.index, lambda done, total: progress("embed", done, total))

    @property
    def filling(self) -> bool:
        """Whether calls of ``fill`` have yet to complete the index."""
        return self._filling.active

    def sync(self, progress: Progress | None = None) -> None:
        """Bring the index up to the archive's changes; leave that to ``fill`` while it is at work."""
        if not self.filling:
            self.index.sync(_stage("embed", progress))
        release_memory()

    @property
    def loaded(self) -> bool:
        """Whether the embedding model is loaded, so that a question need not wait for it."""
        return self._embedder is not None

    def index_state(self) -> IndexState | None:
        """Compare the index with the archive; None while the index was not needed. Never waits for a load."""
        index = self._index
        if index is None:
            return None
        held = index.index_state()
        # Between two pieces nobody holds the lock.
        return replace(held, writing=True) if self.filling and not held.agree else held

    @_in_turn
    def ingest(
        self,
        paths: Sequence[Path],
        *,
        samples: bool = False,
        prune: bool = False,
        fields: Mapping[str, str] | None = None,
        outlet: str | None = None,
        progress: Progress | None = None,
        leave: Collection[Path] = (),
    ) -> Report:
        """Add files and folders to the archive and the index. Safe to repeat and to kill.

        ``fields`` names the fields of collections by role (`corpus.arabic.fields.ROLES`), instead of a guess; ``{}``
        forgets those named before.
        ``outlet`` is that of all the files, whatever they say; "" forgets one given before. Files that ``leave`` names
        by their real paths are left out.
        """
        from corpus.ingest import ingest
        from vectorstore.ahead import ahead

        if samples:
            from corpus.samples import folder

            paths = [*paths, folder()]
        self.index.check_recipe()
        # A cluster has the passages all at once: it pays only for many.
        reading = contextlib.nullcontext(self.index.chunk) if self._ray else ahead(self.index)
        with reading as chunk:
            report = ingest(
                paths,
                self.archive,
                chunk,
                prune=prune,
                fields=fields,
                progress=_reading(progress),
                recipe=self.index.chunk_recipe,
                outlet=outlet,
                ocr=self.settings.ocr,
                leave=leave,
            )
        if report.brought:  # what an outlet repeats shows only across its articles
            self.archive.clean(self.index.chunk, every=False, progress=_stage("clean", progress))
        self.sync(progress)
        return report

    @_in_turn
    def clean(self, progress: Progress | None = None) -> Cleaned:
        """Leave out of the passages what recurs in an outlet's articles. Safe to repeat and to kill.

        An ingest of files does it too.
        """
        self.index.check_recipe()
        cleaned = self.archive.clean(self.index.chunk, progress=_stage("clean", progress))
        self.sync(progress)
        return cleaned

    @_in_turn
    def ingest_documents(
        self, documents: Iterable[Document], progress: Progress | None = None, *, outlet: str | None = None
    ) -> Report:
        """Add documents that have no path to the archive and the index. Safe to repeat and to kill.

        The report lists each by its source as added, changed or unchanged, a duplicate, or skipped with its
        reason; `Archive.articles_of` returns the articles found in it. Of one that holds many articles it counts them.
        """
        from corpus.ingest import ingest_documents

        self.index.check_recipe()
        report = ingest_documents(
            documents,
            self.archive,
            self.index.chunk,
            progress=_reading(progress),
            recipe=self.index.chunk_recipe,
            outlet=outlet,
            ocr=self.settings.ocr,
        )
        if any(each.added or each.changed for each in report.collections):  # as after an ingest of files
            self.archive.clean(self.index.chunk, every=False, progress=_stage("clean", progress))
        self.sync(progress)
        return report

    def ingest_links(
        self,
        links: Sequence[str],
        progress: Progress | None = None,
        *,
        allow_private: bool = False,
        outlet: str | None = None,
    ) -> Report:
        """Fetch pages and documents and add them; a link that cannot be fetched is skipped with its reason.

        ``allow_private`` also allows links to this machine and its network, and feeds and sitemaps, whose items and
        pages are added: for a user who sits at it.
        """
        from corpus.decode import NoTextError, Reason
        from corpus.document import safe_name
        from corpus.fetch import FetchError, fetch
        from corpus.report import Report, Skipped
        from corpus.unfold import KIND, unfold

        documents, skipped, waiting = [], [], list(links)
        depth = dict.fromkeys(waiting, 0)
        for done, link in enumerate(waiting):  # which grows by what sitemaps list
            if progress:
                progress("fetch", done, len(waiting))
            try:
                document = fetch(link, allow_private=allow_private, feeds=allow_private)
                if document.kind != KIND:
                    documents.append(document)
                    continue
                items, listed, left_out = unfold(document)
                documents += items
                deeper = depth[link] < _MOST_DEPTH
                new = [each for each in listed if deeper and each not in depth]
                depth |= dict.fromkeys(new, depth[link] + 1)
                waiting += new
                if left_out or not deeper:
                    count = left_out + (0 if deeper else len(listed))
                    detail = f"{count} of its addresses left out: on other sites, or beyond the limit"
                    skipped.append(Skipped(document.source, Reason.LINKS, detail))
            except FetchError as error:
                skipped.append(Skipped(safe_name(error.url), error.reason, safe_name(error.detail)))
            except NoTextError as error:
                skipped.append(Skipped(document.source, error.reason, error.detail))
        if progress:
            progress("fetch", len(waiting), len(waiting))
        if not documents:
            return Report(skipped=tuple(skipped), articles=self.archive.count_articles())
        return Report(skipped=tuple(skipped)) + self.ingest_documents(documents, progress, outlet=outlet)

    def ask(self, question: str | Question) -> Answer:
        """Answer a question. A plain string stands by itself; a ``Question`` may belong to a conversation."""
        return self.asker.ask(Question(question) if isinstance(question, str) else question)

    def as_runnable(self) -> Runnable[str | Question, Answer]:
        """Return ``ask`` as a LangChain runnable, to be composed with others."""
        from langchain_core.runnables import RunnableLambda

        return RunnableLambda(self.ask, name="musnad")

    def close(self) -> None:
        for part in (self._index, self._state, self._following, self._chat_model):
            if part is not None:
                part.close()
        self.archive.close()

    def __enter__(self) -> Musnad:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def build(
    settings: Settings, *, llm: bool = True, embedder: Embedder | None = None, ray: str | None = None
) -> Musnad:
    """Create a ``Musnad`` for these settings.

    ``embedder`` is one that is loaded already; ``ray`` is the address of the Ray cluster that embeds passages
    (``vectorstore.cluster``).
    """
    return Musnad(settings, llm=llm, embedder=embedder, ray=ray)


def _reading(progress: Progress | None) -> Callable[[int, int, str], None] | None:
    if progress is None:
        return None
    return lambda done, total, name: progress("read", done, total)


def _stage(name: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(name, done, total)
