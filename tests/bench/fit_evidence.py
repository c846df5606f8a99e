"""Fit the two models of ``bot/candidates.py`` and write ``bot/evidence_weights.json``.

    python -m tests.bench.fit_evidence SQUAD.json [SQUAD.json …] [--write]

Titled entries with an even number are fitted on, the odd ones only measured on, file by file. ``rank`` learns which
sentence of those found holds the answer; ``answer`` learns, from the best-ranked sentence, whether the article was
there (1), was left out (0), or only its paragraph was (0, at half weight: the rest of the article may hold the answer
after all). The threshold is the lowest that answers at most MOST_WRONG of the fitting half's questions whose article
was left out, averaged over the files.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.candidates import FEATURES, Candidate
from bot.evidence import needs_held
from bot.refusal import Observation, observe
from vectorstore.embed import load_embedder
from vectorstore.evaluate import read_squad

MOST_WRONG = 0.06


@dataclass(frozen=True)
class Fitted:
    """A logistic model on standardised features."""

    scaler: Any
    model: Any

    def log_odds(self, rows: Sequence[Candidate]) -> Any:
        return self.model.decision_function(self.scaler.transform([c.features for c in rows]))

    def as_json(self) -> dict[str, Any]:
        def rounded(values: Any) -> list[float]:
            return [round(float(value), 4) for value in values]

        return {
            "weights": rounded(self.model.coef_[0]),
            "means": rounded(self.scaler.mean_),
            "scales": rounded(self.scaler.scale_),
            "intercept": round(float(self.model.intercept_[0]), 4),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="write bot/evidence_weights.json")
    parser.add_argument("--models", type=Path, default=Path(".musnad/models"), help="where the model is cached")
    options = parser.parse_args()
    embedder = load_embedder(options.models)
    found: dict[str, list[Observation]] = {}
    for file in options.files:
        print(f"{file.name}: asking every question three times …", file=sys.stderr)
        found[file.name] = list(observe(read_squad(file), embedder))
    fitting = {name: [o for o in all_ if o.entry % 2 == 0] for name, all_ in found.items()}
    rank, answer = fit([o for half in fitting.values() for o in half])
    threshold = choose_threshold(list(fitting.values()), rank, answer)
    for name, half in {**{f"{n} (fitted on)": h for n, h in fitting.items()},
                       **{f"{n} (held out)": [o for o in all_ if o.entry % 2] for n, all_ in found.items()}}.items():  # fmt: skip
        print(name, json.dumps(measured(half, rank, answer, threshold)))
    data = {
        "features": list(FEATURES),
        "fitted_on": [f"{file.name}, entries with an even number" for file in options.files],
        "rank": rank.as_json(),
        "answer": answer.as_json(),
        "threshold": threshold,
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
    rank = _logistic([row for row, _ in rows], [right for _, right in rows])
    seen: list[tuple[tuple[float, ...], int, float]] = []
    for o in observations:
        for candidates, label, weight in ((o.kept, 1, 1.0), (o.removed, 0, 1.0), (o.nearby, 0, 0.5)):
            first = best(o, candidates, rank)
            if first is not None:
                seen.append((first.features, label, weight))
    return rank, _logistic([s[0] for s in seen], [s[1] for s in seen], [s[2] for s in seen])


def _logistic(rows: Sequence[Sequence[float]], labels: Sequence[int | bool], weights: Any = None) -> Fitted:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(max_iter=2000).fit(scaler.transform(rows), labels, sample_weight=weights)
    return Fitted(scaler, model)


def best(o: Observation, candidates: Sequence[Candidate], rank: Fitted) -> Candidate | None:
    """The sentence that the rule of ``bot.evidence`` would judge by."""
    fitting = [
        c for c in candidates if not c.names_missing and (c.holds is not None or not needs_held(o.asked))
    ]
    return fitting[int(np.argmax(rank.log_odds(fitting)))] if fitting else None


def probabilities(observations: Sequence[Observation], which: str, rank: Fitted, answer: Fitted) -> Any:
    found = []
    for o in observations:
        first = best(o, getattr(o, which), rank)
        found.append(1 / (1 + np.exp(-answer.log_odds([first])[0])) if first is not None else 0.0)
    return np.array(found)


def choose_threshold(halves: Sequence[Sequence[Observation]], rank: Fitted, answer: Fitted) -> float:
    removed = [probabilities(half, "removed", rank, answer) for half in halves]
    for threshold in np.arange(0.30, 0.95, 0.01):
        if np.mean([(p >= threshold).mean() for p in removed]) <= MOST_WRONG:
            return round(float(threshold), 2)
    return 0.95


def measured(
    observations: Sequence[Observation], rank: Fitted, answer: Fitted, threshold: float
) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    kept, removed, nearby = (
        probabilities(observations, which, rank, answer) for which in ("kept", "removed", "nearby")
    )
    first = three = 0
    for o in observations:
        order = np.argsort(-rank.log_odds(o.kept)) if o.kept else []
        first += bool(len(order)) and o.right[order[0]]
        three += any(o.right[i] for i in order[:3])
    count = len(observations)
    labels = [1] * count + [0] * count
    return {
        "questions": count,
        "first_sentence_right": round(first / count, 4),
        "first_three_right": round(three / count, 4),
        "auroc_article_left_out": round(float(roc_auc_score(labels, np.r_[kept, removed])), 4),
        "auroc_paragraph_left_out": round(float(roc_auc_score(labels, np.r_[kept, nearby])), 4),
        "threshold": threshold,
        "answered": round(float((kept >= threshold).mean()), 4),
        "answered_without_article": round(float((removed >= threshold).mean()), 4),
        "answered_without_paragraph": round(float((nearby >= threshold).mean()), 4),
    }


if __name__ == "__main__":
    raise SystemExit(main())
