"""What a page has painted so far, by which white text on the bare page is told: nobody sees that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_WHITE = 0.98  # of the light that paper gives back
_MOST = 200  # painted areas that are told apart


class Ground:
    """The areas of a page that are not white, as the boxes around them. Where in doubt a place is taken for painted."""

    def __init__(self) -> None:
        self._areas: list[tuple[float, float, float, float]] = []
        self._everywhere = False

    def clear(self) -> None:
        """Begin a page."""
        self._areas.clear()
        self._everywhere = False

    def paint(self, points: Iterable[tuple[float, float]]) -> None:
        """Add an area that holds these points."""
        found = list(points)
        if len(self._areas) >= _MOST:
            self.paint_all()
        elif found:
            xs, ys = zip(*found, strict=True)
            self._areas.append((min(xs), min(ys), max(xs), max(ys)))

    def paint_all(self) -> None:
        """Take the whole page for painted."""
        self._everywhere = True

    def is_bare(self, x: float, y: float) -> bool:
        """Return whether nothing was painted at a place."""
        return not self._everywhere and not any(
            x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in self._areas
        )


def is_white(space: str, colour: Any) -> bool:
    """Return whether a colour is white in a colour space, as pdfminer gives both. A pattern is not."""
    parts = colour if isinstance(colour, tuple | list) else (colour,)
    if not parts or not all(isinstance(part, int | float) for part in parts):
        return False
    if len(parts) == 4 and space in ("DeviceCMYK", "ICCBased"):  # ink rather than light
        return all(part <= 1 - _WHITE for part in parts)
    return space in _OF_LIGHT and all(part >= _WHITE for part in parts)


_OF_LIGHT = frozenset({"DeviceGray", "DeviceRGB", "CalGray", "CalRGB", "ICCBased"})
