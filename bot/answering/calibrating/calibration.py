"""Result of `musnad calibrate` for a judge over one archive, and the file that stores it: ``judge.json``.

The file counts only for the judge and the index whose recipe it carries; any other file, and one that cannot be
read, is ignored with a line in the log.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.fitted import sigmoid

if TYPE_CHECKING:
    from bot.answering.judges import Judge

log = logging.getLogger(__name__)

FILE = "judge.json"
FORMAT = 1
LEAST_ODDS = -4.0
"""Log odds of a sentence that the base judge gives no probability because it ranks too low."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights that turn the log odds of a judge's probability and a further model's score into an answer's.

    The defaults change nothing. Scores are standardised: in standard deviations above ``mean``.
    """

    intercept: float = 0.0
    base: float = 1.0
    """Weight of the judge's own log odds."""
    score: float = 0.0
    """Weight of the score in the probability."""
    rank: float = 0.0
    """Weight of the score in the rank."""
    mean: float | None = None
    """Mean of the scores; None uses the mean and standard deviation of each question's sentences instead."""
    scale: float = 1.0

    def odds(self, base: float, score: float = 0.0) -> float:
        """Return the log odds that a sentence states what is asked."""
        return self.intercept + self.base * base + self.score * score


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters and threshold, the recipe they apply to, and their results on the questions held out."""

    recipe: str
    """Recipe of the judge and the index: ``recipe_of``."""
    parameters: Parameters
    threshold: float
    """Minimum probability of an answer: ``Policy.answered``."""
    precision: float
    """Share of right answers that was asked for."""
    articles: int
    questions: int
    made: str
    """Time of the calibration, ISO 8601 UTC."""
    measured: Mapping[str, Any]
    """Measurements that ``musnad calibrate`` prints; see ``bot.answering.calibrating.calibrate``."""

    def save(self, folder: Path) -> Path:
        """Store the calibration in the data directory, readable only for its owner.

        The file is written completely or, when the process is killed, the previous one stays.
        """
        file = folder / FILE
        draft = folder / f".{FILE}.part"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump({"format": FORMAT, **asdict(self)}, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        draft.chmod(0o600)  # also when it was left there by somebody with other habits
        draft.replace(file)
        return file


def recipe_of(judge: Judge, index: Mapping[str, str]) -> str:
    """Return the recipe a calibration depends on: the judge, and the index whose cosines it sees."""
    return f"{judge.recipe}; " + ", ".join(f"{name} {index[name]}" for name in sorted(index))


def load(folder: Path, recipe: str) -> Calibration | None:
    """Load the calibration of the data directory; None unless there is one for this recipe."""
    file = folder / FILE
    try:
        found = _read(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())[:100]
        log.warning("%s is ignored: it cannot be read (%s); `musnad calibrate` makes it anew", file, why)
        return None
    if found.recipe != recipe:
        log.warning(
            "%s is ignored: it was made for another judge or index; `musnad calibrate` makes it anew", file
        )
        return None
    return found


def _read(file: Path) -> Calibration:
    data = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise ValueError("it is of another format")
    data["parameters"] = parameters = Parameters(**data["parameters"])
    found = Calibration(**data)
    numbers = [getattr(parameters, field.name) for field in fields(parameters) if field.name != "mean"]
    if parameters.mean is not None:
        numbers.append(parameters.mean)
    if not all(_is_number(each) for each in [*numbers, found.threshold]):
        raise ValueError("a parameter is no number")
    if not 0 < found.threshold < 1 or parameters.scale <= 0 or not isinstance(found.recipe, str):
        raise ValueError("a parameter is out of its bounds")
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def log_odds(probability: float) -> float:
    """Return the log odds of a probability, not below ``LEAST_ODDS`` nor above its opposite.

    Neither end is ever certain.
    """
    least = sigmoid(LEAST_ODDS)
    bounded = max(least, min(1 - least, probability))
    return math.log(bounded / (1 - bounded))
