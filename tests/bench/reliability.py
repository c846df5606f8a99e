"""How true the stated probabilities are, and what a threshold costs.

    python -m tests.bench.reliability FOLDER [--write]

FOLDER is what `python -m tests.bench.fit_judge observe|read` filled. The news questions of it that the reader has not
seen are dealt into ten parts by article; each part is judged by models fitted on the other nine. Printed: for each
tenth of probability how many best-ranked sentences were right, and for each threshold what is presented as an answer.
Drawn with ``--write``: ``docs/reliability.svg`` and ``docs/trade-off.svg``.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.answering.judges.linear import ANSWER, RANK, names
from tests.bench.fit_judge import Example, fit_answer, fit_rank, judge_of

DOCS = Path(__file__).parents[2] / "docs"
PARTS = 10
SETS = ("news-fit", "news-train", "news-states")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Judgement of the best-ranked sentence of a question."""

    probability: float
    right: bool
    near_miss: bool


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="draw into docs/")
    options = parser.parse_args()
    examples: list[Example] = []
    for name in SETS:
        with (options.folder / f"{name}.read").open("rb") as file:
            examples += pickle.load(file)
    found = {name: list(outcomes([e for e in examples if e.set == name], examples)) for name in SETS[:2]}
    news = [each for outcomes_of in found.values() for each in outcomes_of]
    for row in bins(news):
        print(json.dumps(row))
    for row in thresholds(news):
        print(json.dumps(row))
    if options.write:
        (DOCS / "reliability.svg").write_text(reliability(news), encoding="utf-8")
        (DOCS / "trade-off.svg").write_text(trade_off(news), encoding="utf-8")
    return 0


def outcomes(measured: Sequence[Example], every: Sequence[Example]) -> Iterator[Outcome]:
    """Yield the outcome of each question, judged by models fitted without the questions on its article."""
    for part in range(PARTS):
        own = [e for e in measured if _part(e) == part]
        others = [e for e in every if _part(e) != part]
        if not own:
            continue
        rank = fit_rank(others, names(RANK, "read"))
        judge = judge_of(rank, fit_answer(others, names(ANSWER, "read"), rank))
        for e in own:
            judged = judge.judge_seen(e.query, e.kept)
            rights = {
                (s.candidate.article.id, s.candidate.span.start)
                for s, r in zip(e.kept, e.right, strict=True)
                if r
            }
            if judged:
                best = judged[0]
                right = (best.candidate.article.id, best.candidate.span.start) in rights
                yield Outcome(best.probability, right, e.near_miss)


def _part(e: Example) -> int:
    return random.Random(f"{e.set}-{e.article}").randrange(PARTS)


def bins(news: Sequence[Outcome]) -> Iterator[dict[str, float]]:
    """Yield for each tenth of probability: number of sentences, mean stated probability, share right."""
    for number in range(10):
        own = [e for e in news if number / 10 <= e.probability < (number + 1) / 10]
        if own:
            yield {
                "from": number / 10,
                "sentences": len(own),
                "said": round(float(np.mean([e.probability for e in own])), 3),
                "right": round(float(np.mean([e.right for e in own])), 3),
            }


def thresholds(news: Sequence[Outcome]) -> Iterator[dict[str, float]]:
    """Yield for each threshold the shares presented, right, and of near misses presented."""
    near = [e for e in news if e.near_miss]
    for least in np.arange(0.3, 0.96, 0.05):
        shown = [e for e in news if e.probability >= least]
        yield {
            "from": round(float(least), 2),
            "presented": round(len([e for e in shown if not e.near_miss]) / (len(news) - len(near)), 3),
            "right": round(float(np.mean([e.right for e in shown])), 3) if shown else 0.0,
            "near_misses": round(len([e for e in shown if e.near_miss]) / len(near), 3),
        }


# --- pictures ------------------------------------------------------------------------------------------------------

_SIDE, _EDGE = 360, 56


def reliability(news: Sequence[Outcome]) -> str:
    """Draw the reliability diagram: stated probability against share right; dot areas are numbers of sentences."""
    rows = list(bins(news))
    most = max(row["sentences"] for row in rows)
    marks = [
        _line([(0, 0), (1, 1)], "#999", dashed=True),
        _line([(r["said"], r["right"]) for r in rows], "#0a5"),
    ]
    marks += [_dot(r["said"], r["right"], 3 + 7 * (r["sentences"] / most) ** 0.5) for r in rows]
    return _picture(marks, "stated probability", "share that was right")


def trade_off(news: Sequence[Outcome]) -> str:
    """Draw for each threshold the shares of answerable questions presented, of right ones, of near misses."""
    rows = list(thresholds(news))
    marks = []
    for at, (name, colour) in enumerate(
        (("right", "#0a5"), ("presented", "#05a"), ("near_misses", "#c30")), start=1
    ):
        marks.append(_line([(row["from"], row[name]) for row in rows], colour))
        label = {
            "right": "of all presented, right",
            "presented": "answerable questions presented",
            "near_misses": "near misses presented",
        }[name]
        marks.append(f'<text x="{_EDGE + 8}" y="{_SIDE - 10 - 15 * at}" fill="{colour}">{label}</text>')
    return _picture(marks, "threshold", "share")


def _x(value: float) -> float:
    return round(_EDGE + value * (_SIDE - _EDGE - 12), 1)


def _y(value: float) -> float:
    return round(_SIDE - _EDGE - value * (_SIDE - _EDGE - 12), 1)


def _line(points: Sequence[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    places = " ".join(f"{_x(x)},{_y(y)}" for x, y in points)
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _dot(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{_x(x)}" cy="{_y(y)}" r="{radius:.1f}" fill="#0a5" fill-opacity="0.7"/>'


def _picture(marks: Sequence[str], across: str, up: str) -> str:
    ticks = []
    for tenth in range(0, 11, 2):
        value = tenth / 10
        ticks.append(f'<text x="{_x(value)}" y="{_SIDE - _EDGE + 18}" text-anchor="middle">{value}</text>')
        ticks.append(f'<text x="{_EDGE - 8}" y="{_y(value) + 4}" text-anchor="end">{value}</text>')
    frame = f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="#333"/>'
    names_of = (
        f'<text x="{_x(0.5)}" y="{_SIDE - 14}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(16 {_y(0.5)}) rotate(-90)" text-anchor="middle">{up}</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" width="{_SIDE}" height="{_SIDE}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join([frame, *ticks, names_of, *marks])
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
