"""What is told of a look, and the list of sources, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.following.intake import Looked
from bot.render.controls import escaped
from bot.render.dates import shown_duration, shown_moment
from bot.render.layout import Layout
from bot.render.report import reason_of
from corpus.following import Followed
from corpus.following.followed import TIMES
from corpus.report import Skipped
from prompts import Language, say

_BELOW = "  "


def name_of(followed: Followed) -> str:
    """Return how a source is called: as it was named, as it calls itself, or by its address."""
    return followed.outlet or followed.title or followed.address


def error_of(followed: Followed, language: Language) -> str:
    """Return why a source could not be read, or what is wrong with it; "" where nothing is."""
    if followed.error is None:
        return ""
    skipped = Skipped(followed.address, followed.error.reason, followed.error.detail)
    return reason_of(skipped, language)


def render_event(looked: Looked, now: datetime, layout: Layout) -> str:
    """Render what came of a look as one line; "" where nothing came of it that was not known."""
    language, followed = layout.language, looked.followed
    parts = []
    if looked.new:
        titled = layout.isolate(f"«{followed.newest_title}»") if followed.newest_title else ""
        parts.append(f"{say('following_event_new', language, count=looked.new)} {titled}".strip())
    if looked.changed:
        parts.append(say("following_event_changed", language, count=looked.changed))
    if looked.gone:
        parts.append(say("following_event_gone", language, count=len(looked.gone)))
    failed, before = followed.failures > 0, looked.before.failures > 0
    if failed and (not before or followed.error != looked.before.error or followed.stopped):
        parts.append(_failed(followed, now, language))
    elif before and not failed:
        parts.append(say("following_event_well", language))
    elif followed.error and followed.error != looked.before.error:
        parts.append(error_of(followed, language))
    if not parts:
        return ""
    time = now.astimezone().strftime("%H:%M")
    return layout.note(f"{time} {layout.isolate(name_of(followed))}: {' · '.join(parts)}")


def _failed(followed: Followed, now: datetime, language: Language) -> str:
    reason = error_of(followed, language)
    if followed.stopped or followed.due is None:
        return say("following_event_stopped", language, reason=reason)
    again = shown_duration(followed.due - now, language)
    return say("following_event_failed", language, reason=reason, again=again)


def render_sources(sources: Sequence[Followed], now: datetime, layout: Layout) -> str:
    """Render each source: its name, kind and standing, when it had something new and was looked at, what is wrong."""
    if not sources:
        return layout.note(say("following_none", layout.language))
    return "\n\n".join(_source(each, now, layout) for each in sources)


def _source(followed: Followed, now: datetime, layout: Layout) -> str:
    language = layout.language
    standing = followed.standing(now)
    kind = say(f"following_kind_{followed.kind}", language)
    head = [layout.isolate(name_of(followed)), kind, say(f"following_standing_{standing}", language)]
    lines = [layout.note(" · ".join(head), style="bold")]
    if name_of(followed) != followed.address:
        lines.append(layout.note(_BELOW + layout.isolate(followed.address)))
    if followed.location:
        moved = say("following_moved", language, address=layout.isolate(followed.location))
        lines.append(layout.note(_BELOW + moved))
    newest = say("following_nothing_yet", language)
    if followed.newest:
        newest = say("following_newest", language, when=shown_moment(followed.newest, now, language))
        if followed.newest_title:
            newest += " " + layout.isolate(f"«{followed.newest_title}»")
    lines.append(layout.note(_BELOW + newest))
    if followed.pace and followed.habit:
        habit = {"pace": followed.pace, "habit": followed.habit}
        shown = {name: shown_duration(time, language) for name, time in habit.items()}
        lines.append(layout.note(_BELOW + say("following_habit", language, **shown)))
    if followed.kind != "channel":
        lines.append(layout.note(_BELOW + _checks(followed, now, language)))
    if followed.error:
        name = "following_failures" if followed.failures else "following_problem"
        said = {"count": followed.failures, "reason": error_of(followed, language)}
        lines.append(layout.note(_BELOW + say(name, language, **said)))
    if followed.stopped:
        lines.append(layout.note(_BELOW + say("following_stopped", language)))
    return "\n".join(lines)


def _checks(followed: Followed, now: datetime, language: Language) -> str:
    parts = [say("following_never", language)]
    if followed.succeeded:
        parts = [say("following_checked", language, when=shown_moment(followed.succeeded, now, language))]
    if followed.due and followed.due > now:
        parts.append(say("following_due", language, time=shown_duration(followed.due - now, language)))
    elif followed.due:
        parts.append(say("following_due_now", language))
    return " · ".join(parts)


def render_json(sources: Sequence[Followed], now: datetime) -> str:
    """Render the sources as one line of JSON: a list, with times in UTC and the habit in seconds."""
    return escaped(json.dumps([_as_json(each, now) for each in sources], ensure_ascii=False))


def _as_json(followed: Followed, now: datetime) -> dict[str, Any]:
    found = {name: getattr(followed, name) for name in TIMES}
    error = followed.error
    return {
        "address": followed.address,
        "kind": followed.kind,
        "outlet": followed.outlet,
        "title": followed.title,
        "location": followed.location,
        "standing": followed.standing(now),
        **{name: at.isoformat(timespec="seconds") if at else None for name, at in found.items()},
        "newest_title": followed.newest_title,
        "items": followed.items,
        "pace": followed.pace.total_seconds() if followed.pace else None,
        "habit": followed.habit.total_seconds() if followed.habit else None,
        "failures": followed.failures,
        "error": {"reason": str(error.reason), "detail": error.detail} if error else None,
        "stopped": followed.stopped,
    }
