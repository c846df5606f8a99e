"""Load the judge that the settings name, with the archive's calibration of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.answering.calibrating.calibration import load, recipe_of
from bot.answering.judges import Judge
from bot.answering.judges.corrected import CorrectedJudge
from bot.answering.judges.cross_encoder import CrossEncoderJudge, Model
from bot.answering.select import Policy

log = logging.getLogger(__name__)

LINEAR = "linear"
"""Name of musnad's own judge in ``MUSNAD_JUDGE``; the default."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A judge with the policy whose thresholds apply to it."""

    judge: Judge
    policy: Policy = field(default_factory=Policy)
    due: bool = False
    """Whether the judge still needs `musnad calibrate`."""


def is_own(name: str | None) -> bool:
    """Return whether the name, or its absence, selects musnad's own judge."""
    return name is None or name.strip() == LINEAR


def uncalibrated(name: str | None, base: Judge, folder: Path) -> Judge:
    """Return the uncalibrated judge of that name over ``base``, for the data directory ``folder``.

    Raises JudgeModelError when loading fails.
    """
    return (
        base if name is None or is_own(name) else CrossEncoderJudge(base, Model.load(name, folder / "models"))
    )


def configured(name: str | None, base: Judge, folder: Path, index: Mapping[str, str]) -> Configured:
    """Return the judge of that name with its calibration, if the data directory ``folder`` holds one.

    A calibration counts only when it was made for this judge and for an index of the recipe ``index``. Raises
    JudgeModelError.
    """
    judge = uncalibrated(name, base, folder)
    found = load(folder, recipe_of(judge, index))
    if isinstance(judge, CrossEncoderJudge):
        if found is None:
            log.warning("%s only reorders what musnad's own judge finds: run `musnad calibrate`", name)
            return Configured(judge, due=True)
        return Configured(judge.fitted(found.parameters), replace(Policy(), answered=found.threshold))
    if found is None:
        return Configured(judge)
    return Configured(CorrectedJudge(judge, found.parameters), replace(Policy(), answered=found.threshold))
