"""Arabic stemmers compared: retrieval on public sets, and what the whole program answers on news.

A word's stem stands in the index and in the judge's features; words that share a root are taken for related. Both
are replaced in turn. The models of the judge stay those that were fitted with our own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

import numpy as np

from bot.answering import matching
from bot.answering.judges.reader.model import ReaderModel
from bot.answering.pipeline import Question
from bot.answering.question import reading
from bot.build import build
from bot.render.json import render_answer
from bot.settings import Settings
from corpus.arabic import fold_text, roots, text
from tests.evals import news
from tests.evals.readings import remembering
from vectorstore.embed import Embedded, Embedder, Passage, Progress, load_embedder
from vectorstore.evaluate import evaluate, read_squad
from vectorstore.models.encoder import Vectors

Stemmer = Callable[[str], str]


def _snowball() -> Stemmer:
    stemmer = import_module("snowballstemmer").stemmer("arabic")
    return lambda word: str(stemmer.stemWord(word))


def _isri() -> Stemmer:
    stemmer = import_module("nltk.stem.isri").ISRIStemmer()
    return lambda word: str(stemmer.stem(word))


def _arlstem() -> Stemmer:
    stemmer = import_module("nltk.stem.arlstem2").ARLSTem2()
    return lambda word: str(stemmer.stem(word) or word)


def _tashaphyne() -> Stemmer:
    stemmer = import_module("tashaphyne.stemming").ArabicLightStemmer()
    return lambda word: str(stemmer.light_stem(word) or word)


def _tashaphyne_root() -> Stemmer:
    stemmer = import_module("tashaphyne.stemming").ArabicLightStemmer()

    def root(word: str) -> str:
        stemmer.light_stem(word)
        return str(stemmer.get_root() or "")

    return root


STEMS: dict[str, Callable[[], Stemmer]] = {
    "ours (light10)": lambda: text.stem,
    "no stem": lambda: str,
    "Snowball": _snowball,
    "ISRI (NLTK)": _isri,
    "ARLSTem2 (NLTK)": _arlstem,
    "Tashaphyne": _tashaphyne,
}
ROOTS: dict[str, Callable[[], Stemmer]] = {
    "ours": lambda: roots.root,
    "no root": lambda: _none,
    "ISRI (NLTK)": _isri,
    "Tashaphyne": _tashaphyne_root,
    "Snowball's stem": _snowball,
}


def _none(word: str) -> str:
    return ""


def _arabic(stemmer: Stemmer) -> Stemmer:
    """Return a stemmer that leaves words of other letters alone, and folds what it makes of Arabic ones."""

    @cache
    def stem(word: str) -> str:
        if word.isascii() or not word.isalpha():
            return word
        return fold_text(stemmer(word)) or word

    return stem


def _three(stemmer: Stemmer) -> Stemmer:
    """Return a stemmer that makes "" of what has fewer than three letters, as a root has three."""

    @cache
    def root(word: str) -> str:
        found = "" if word.isascii() or " " in word else fold_text(stemmer(word))
        return found if len(found) >= 3 else ""

    return root


@contextmanager
def replaced(*, stem: Stemmer | None = None, root: Stemmer | None = None) -> Iterator[None]:
    """Replace our stemmer or our roots wherever they are used, and forget what was found with others."""
    named = (
        (text, "stem", stem),
        (matching, "stem", stem),
        (matching, "root", root),
        (reading, "root", root),
    )
    with ExitStack() as stack:
        for module, name, other in named:
            if other is not None:
                stack.enter_context(patch.object(module, name, other))
        _forget()
        yield
    _forget()


def _forget() -> None:
    for cached in (matching.view, matching.words_of, matching.forms_of, matching.spellings):
        cached.cache_clear()


class RememberingEmbedder(Embedder):
    """An embedder that embeds no passage and no question twice: the vectors know nothing of stems."""

    def __init__(self, embedder: Embedder) -> None:
        self.__dict__.update(embedder.__dict__)
        self._known: dict[Passage, Embedded] = {}
        self._asked: dict[str, np.ndarray] = {}

    def passages(self, passages: Sequence[Passage], progress: Progress | None = None) -> list[Embedded]:
        new = [each for each in dict.fromkeys(passages) if each not in self._known]
        self._known.update(zip(new, super().passages(new), strict=True))
        return [self._known[each] for each in passages]

    def queries(self, texts: Sequence[str]) -> Vectors:
        new = [each for each in dict.fromkeys(texts) if each not in self._asked]
        if new:
            self._asked.update(zip(new, super().queries(new), strict=True))
        return np.stack([self._asked[each] for each in texts])


def compare(archive: Path, squads: Sequence[Path], models: Path) -> Iterator[str]:
    """Yield a row of JSON for each stemmer and each way to find roots."""
    embedder = RememberingEmbedder(load_embedder(models))
    with (
        tempfile.TemporaryDirectory(prefix="musnad-stems-") as name,
        patch.object(ReaderModel, "read", remembering(ReaderModel.read)),
    ):
        articles = Path(name, "articles")
        articles.mkdir()
        news.write(news.draw(archive, "fit"), articles)
        for stem, load in STEMS.items():
            own = stem.startswith("ours")
            with replaced(stem=None if own else _arabic(load())):
                row: dict[str, object] = {"stem": stem}
                for squad in squads:
                    found = evaluate(read_squad(squad), embedder)
                    row[squad.stem] = {stage: found[stage]["ndcg@10"] for stage in ("lexical", "fused")}
                row["news"] = _news(articles, Path(name, f"stem-{len(stem)}-{stem[:3]}"), embedder)
                yield json.dumps(row, ensure_ascii=False)
        for root, load in ROOTS.items():
            with replaced(root=None if root == "ours" else _three(load())):
                found_news = _news(articles, Path(name, f"root-{len(root)}-{root[:3]}"), embedder)
                yield json.dumps({"root": root, "news": found_news}, ensure_ascii=False)


def _news(articles: Path, data: Path, embedder: Embedder) -> dict[str, object]:
    items = news.read("fit")
    with build(Settings(data=data), llm=False, embedder=embedder) as musnad:
        musnad.ingest([articles])
        answers = [
            json.loads(render_answer(musnad.asker.ask(Question(item.question)), musnad.archive))
            for item in items
        ]
    return news.measure(items, answers)
