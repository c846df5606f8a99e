"""Rendering of a checked claim as text."""

from __future__ import annotations

from bot.claim import Checked, ClaimPart, compare
from bot.quotes import Articles, verify
from bot.render.layout import Layout
from bot.render.terminal import render_quote
from prompts import say

_MARKS = {"both": "{}", "claim": "[-{}-]", "published": "{{+{}+}}"}


def render_check(claim: str, checked: Checked, archive: Articles, layout: Layout) -> str:
    """Render the verdict, the published text and, for a claim never published, the difference by words."""
    language, quote = layout.language, checked.quote
    parts = [layout.note(say(f"cli_check_{checked.verdict}", language), style="bold")]
    if checked.earlier is not None:
        earlier = verify(checked.earlier, archive)
        parts.append(layout.note(say(f"cli_check_earlier_{earlier.standing}", language)))
        return "\n\n".join([*parts, render_quote(earlier, layout)])
    if quote is None:
        return parts[0]
    verify(quote, archive)
    if checked.verdict == "absent":
        parts.append(layout.note(say("cli_check_nearest", language)))
    parts.append(render_quote(quote, layout))
    if checked.verdict == "absent":
        parts.append(layout.note(say("cli_check_compared", language)))
        parts.append(layout.lines(" ".join(map(_marked, compare(claim, quote.text)))))
    return "\n\n".join(parts)


def _marked(part: ClaimPart) -> str:
    return _MARKS[part.where].format(part.text)
