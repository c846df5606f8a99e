"""The chart of what ``tests.bench.sizes`` measured, ``docs/large.svg``: small pictures over the number of articles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Points = list[tuple[int, float]]

_WIDE, _HIGH = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 28, 46, 34
_COLOURS = ("#05a", "#0a5", "#c30", "#888")


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines over the number of articles, each with its name; from 0 up, or from 1 up in powers of ten."""

    title: str
    lines: Mapping[str, Points]
    powers: bool = False


def chart(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the chart as SVG. Of several results of one size the last counts.

    An ingest that was disturbed has no rate: its ``seconds`` are null.
    """
    asked = {each["articles"]: each for each in results if each["bench"] == "ask"}
    taken = {each["articles"]: each for each in results if each["bench"] == "ingest"}

    def line(of: Mapping[int, Mapping[str, Any]], *keys: str) -> Points:
        found: Points = []
        for articles, each in sorted(of.items()):
            value: Any = each
            for key in keys:
                value = value[key]
            found.append((articles, float(value)))
        return found

    timed = [each for _, each in sorted(taken.items()) if each["seconds"] is not None]
    rate = [(each["articles"], each["passages"] / each["seconds"]) for each in timed]
    bare = [(each["articles"], each["passages"] / each["bare_s"]) for each in timed]
    pictures = [
        Picture(
            "Finding, 95th percentile, ms",
            {
                "all of it": line(asked, "parts_p95_ms", "retrieve"),
                "by words": line(asked, "parts_p95_ms", "lexical"),
                "by meaning": line(asked, "parts_p95_ms", "dense"),
            },
        ),
        Picture(
            "An answer, ms",
            {
                "95th percentile": line(asked, "p95_ms"),
                "median": line(asked, "p50_ms"),
                "judging, median": line(asked, "parts_p50_ms", "judge"),
            },
        ),
        Picture("Ingest, passages a second", {"musnad": rate, "the model alone": bare}),
        Picture(
            "Memory, MiB",
            {"ingest, peak": line(taken, "peak_mib"), "asking": line(asked, "resident_mib")},
        ),
        Picture("Disk, MiB", {"without the model": line(asked, "disk_mib")}, powers=True),
    ]
    drawn = [
        f'<g transform="translate({at % 2 * _WIDE} {at // 2 * _HIGH})">{_drawn(picture)}</g>'
        for at, picture in enumerate(pictures)
    ]
    wide, high = 2 * _WIDE, -(-len(pictures) // 2) * _HIGH
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _drawn(picture: Picture) -> str:
    points = [point for line in picture.lines.values() for point in line]
    if not points:
        return f'<text x="{_LEFT}" y="20">{escape(picture.title)}: nothing measured</text>'
    sizes = [math.log10(size) for size, _ in points]
    first, last = math.floor(min(sizes)), math.ceil(max(sizes)) or 1
    most = max(value for _, value in points)
    top = math.ceil(math.log10(most)) if picture.powers else _round(most)

    def x(size: float) -> float:
        share = (math.log10(size) - first) / max(last - first, 1)
        return round(_LEFT + share * (_WIDE - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        share = math.log10(max(value, 1)) / max(top, 1) if picture.powers else value / top
        return round(_HIGH - _BOTTOM - share * (_HIGH - _TOP - _BOTTOM), 1)

    marks = [
        f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(picture.title)}</text>',
        f'<path d="M{_LEFT} {_TOP}V{_HIGH - _BOTTOM}H{_WIDE - _RIGHT}" fill="none" stroke="#333"/>',
    ]
    for power in range(first, last + 1):
        marks.append(
            f'<text x="{x(10**power)}" y="{_HIGH - _BOTTOM + 16}" text-anchor="middle">{10**power:,}</text>'
        )
    steps = (
        [10.0**power for power in range(int(top) + 1)]
        if picture.powers
        else [top * at / 4 for at in range(5)]
    )
    marks += [
        f'<text x="{_LEFT - 6}" y="{y(step) + 4}" text-anchor="end">{step:,.0f}</text>' for step in steps
    ]
    named = "".join(
        f'<tspan dx="{8 if at else 0}" fill="{colour}">{escape(name)}</tspan>'
        for at, (name, colour) in enumerate(zip(picture.lines, _COLOURS, strict=False))
    )
    marks.append(f'<text x="{_LEFT}" y="32">{named}</text>')
    for line, colour in zip(picture.lines.values(), _COLOURS, strict=False):
        places = " ".join(f"{x(size)},{y(value)}" for size, value in line)
        marks.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [f'<circle cx="{x(size)}" cy="{y(value)}" r="3" fill="{colour}"/>' for size, value in line]
    return "\n".join(marks)


def _round(most: float) -> float:
    """Return a round number above the highest value, of which a quarter is round too."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 1.2, 2, 4, 6, 8, 10) if step * power >= most)
