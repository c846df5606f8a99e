"""Output of `musnad calibrate` as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.answering.calibrating.calibration import Calibration
from bot.render.controls import escaped
from prompts import Language, say


def render_calibration(found: Calibration, kept: Path | None, language: Language) -> str:
    """Render one line for each fact; ``kept``: the file that it was stored in, None when it was not."""
    before, after = found.measured["before"], found.measured["after"]
    lines = [
        say(
            "cli_calibrated",
            language,
            articles=found.articles,
            questions=found.questions,
            held=found.measured["held_out"],
            **found.measured["kinds"],
        ),
        say(
            "cli_calibrated_first",
            language,
            before=_percent(before["first_right"]),
            after=_percent(after["first_right"]),
        ),
        say(
            "cli_calibrated_loss",
            language,
            before=f"{before['log_loss']:.3f}",
            after=f"{after['log_loss']:.3f}",
        ),
        *(_answers(name, each, language) for name, each in (("before", before), ("after", after))),
    ]
    if after["precision"] is None or after["precision"] < found.precision:
        lines.append(say("cli_calibrated_short", language, precision=_percent(found.precision)))
    lines.append(say("cli_calibrated_easy", language))
    if kept is None:
        lines.append(say("cli_calibrated_not_kept", language))
    else:
        lines.append(say("cli_calibrated_kept", language, file=kept))
    return "\n".join(lines)


def render_json(found: Calibration, kept: Path | None) -> str:
    """Render one JSON object: the calibration, and the file that it was stored in, null when it was not."""
    return escaped(json.dumps({**asdict(found), "stored": str(kept) if kept else None}, ensure_ascii=False))


def _answers(name: str, measured: Mapping[str, Any], language: Language) -> str:
    return say(
        f"cli_calibrated_{name}",
        language,
        threshold=f"{measured['threshold']:.2f}",
        answers=measured["answers"],
        right=measured["right"],
        without=measured["answered"]["left out"],
        left=measured["asked"]["left out"],
        swapped=measured["answered"]["swapped"],
        asked=measured["asked"]["swapped"],
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
