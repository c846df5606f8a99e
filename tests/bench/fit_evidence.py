"""Fit the two models of ``bot/candidates.py`` and write ``bot/evidence_weights.json``.

    python -m tests.bench.fit_evidence SQUAD.json [SQUAD.json …] [--write]

Titled entries with an even number are fitted on, the odd ones only measured on, file by file. ``rank`` learns which
sentence of those found holds the answer; ``answer`` learns, from the best-ranked sentence, whether the article was
there (1), was left out (0), or only its paragraph was (0, at half weight: the rest of the article may hold the answer
after all). Weights are kept from being negative where more of a feature can only speak for a sentence. The
threshold is a choice on the trade-off that is printed for each half of each file: a little below one half, since what
names another country, or holds no date where one is asked for, has been refused by then.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.candidates import FEATURES, Candidate
from bot.evidence import fitting
from bot.refusal import Observation, observe
from vectorstore.embed import load_embedder
from vectorstore.evaluate import read_squad

THRESHOLD = 0.45
SHOWN = (0.3, 0.4, 0.45, 0.5, 0.6, 0.7)


@dataclass(frozen=True)
class Fitted:
    """A logistic model on standardised features."""

    weights: Any
    means: Any
    scales: Any
    intercept: float

    def log_odds(self, rows: Sequence[Candidate]) -> Any:
        features = np.array([c.features for c in rows])
        return (features - self.means) / self.scales @ self.weights + self.intercept

    def as_json(self) -> dict[str, Any]:
        def rounded(values: Any) -> list[float]:
            return [round(float(value), 4) for value in values]

        return {
            "weights": rounded(self.weights),
            "means": rounded(self.means),
            "scales": rounded(self.scales),
            "intercept": round(self.intercept, 4),
        }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="write bot/evidence_weights.json")
    parser.add_argument(
        "--models", type=Path, default=Path(".musnad/models"), help="where the model is cached"
    )
    options = parser.parse_args()
    embedder = load_embedder(options.models)
    found: dict[str, list[Observation]] = {}
    for file in options.files:
        print(f"{file.name}: asking every question three times …", file=sys.stderr)
        found[file.name] = list(observe(read_squad(file), embedder))
    halves = {name: [o for o in all_ if o.entry % 2 == 0] for name, all_ in found.items()}
    rank, answer = fit([o for half in halves.values() for o in half])
    rest = {name: [o for o in all_ if o.entry % 2] for name, all_ in found.items()}
    shown = [(f"{name} (fitted on)", half) for name, half in halves.items()]
    for name, half in [*shown, *((f"{name} (held out)", half) for name, half in rest.items())]:
        print(name, json.dumps(measured(half, rank, answer)))
    data = {
        "features": list(FEATURES),
        "fitted_on": [f"{file.name}, entries with an even number" for file in options.files],
        "rank": rank.as_json(),
        "answer": answer.as_json(),
        "threshold": THRESHOLD,
    }
    for part in ("rank", "answer"):
        print(part, dict(zip(FEATURES, data[part]["weights"], strict=True)))  # type: ignore[index]
    if options.write:
        target = Path(__file__).parents[2] / "bot" / "evidence_weights.json"
        target.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"wrote {target.name}", file=sys.stderr)
    return 0


def fit(observations: Sequence[Observation]) -> tuple[Fitted, Fitted]:
    rows = [
        (candidate.features, right)
        for o in observations
        if any(o.right)
        for candidate, right in zip(o.kept, o.right, strict=True)
    ]
    # Within one passage the cosine that counts is the sentence's beyond its passage's.
    rank = _logistic([row for row, _ in rows], [right for _, right in rows], free={"passage_cosine", "asked"})
    seen: list[tuple[tuple[float, ...], int, float]] = []
    for o in observations:
        for candidates, label, weight in ((o.kept, 1, 1.0), (o.removed, 0, 1.0), (o.nearby, 0, 0.5)):
            first = best(o, candidates, rank)
            if first is not None:
                seen.append((first.features, label, weight))
    answer = _logistic([s[0] for s in seen], [s[1] for s in seen], [s[2] for s in seen], free={"asked"})
    return rank, answer


def _logistic(
    rows: Sequence[Sequence[float]],
    labels: Sequence[int | bool],
    weights: Sequence[float] | None = None,
    *,
    free: Collection[str],
) -> Fitted:
    """Logistic regression (L2, strength 1, as scikit-learn's default) whose weights are not negative but for the
    features in ``free``: a sentence that matches more is never judged to answer less."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    x, y = np.array(rows, dtype=float), np.array(labels, dtype=float)
    w = np.ones(len(y)) if weights is None else np.array(weights)
    means, scales = x.mean(axis=0), x.std(axis=0)
    x = (x - means) / scales

    def loss(parameters: Any) -> tuple[float, Any]:
        odds = x @ parameters[:-1] + parameters[-1]
        value = float(w @ (np.logaddexp(0, odds) - y * odds)) + 0.5 * float(parameters[:-1] @ parameters[:-1])
        error = w * (1 / (1 + np.exp(-odds)) - y)
        return value, np.append(x.T @ error + parameters[:-1], error.sum())

    bounds = [(None, None) if name in free else (0.0, None) for name in FEATURES] + [(None, None)]
    found = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return Fitted(found.x[:-1], means, scales, float(found.x[-1]))


def best(o: Observation, candidates: Sequence[Candidate], rank: Fitted) -> Candidate | None:
    """The sentence that the rule of ``bot.evidence`` would judge by."""
    may = fitting(o.asked, candidates)
    return may[int(np.argmax(rank.log_odds(may)))] if may else None


def probabilities(observations: Sequence[Observation], which: str, rank: Fitted, answer: Fitted) -> Any:
    found = []
    for o in observations:
        first = best(o, getattr(o, which), rank)
        found.append(1 / (1 + np.exp(-answer.log_odds([first])[0])) if first is not None else 0.0)
    return np.array(found)


def measured(observations: Sequence[Observation], rank: Fitted, answer: Fitted) -> dict[str, Any]:
    from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

    kept, removed, nearby = (
        probabilities(observations, which, rank, answer) for which in ("kept", "removed", "nearby")
    )
    first = three = 0
    for o in observations:
        order: list[int] = np.argsort(-rank.log_odds(o.kept)).tolist() if o.kept else []
        first += bool(order) and o.right[order[0]]
        three += any(o.right[i] for i in order[:3])
    count = len(observations)
    labels = [1] * count + [0] * count
    return {
        "questions": count,
        "first_sentence_right": round(first / count, 4),
        "first_three_right": round(three / count, 4),
        "auroc_article_left_out": round(float(roc_auc_score(labels, np.r_[kept, removed])), 4),
        "auroc_paragraph_left_out": round(float(roc_auc_score(labels, np.r_[kept, nearby])), 4),
        "answered, without article, without paragraph": {
            str(threshold): [round(float((p >= threshold).mean()), 3) for p in (kept, removed, nearby)]
            for threshold in SHOWN
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())
