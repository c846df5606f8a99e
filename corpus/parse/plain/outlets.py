"""Recognise Arabic news outlets by their host and by the names that stand for the same agency."""

from __future__ import annotations

from functools import cache

from corpus.arabic import fold_text
from corpus.arabic.outlets import agencies, hosts, not_outlets

_MOST_LABELS = 8  # of a host that are looked at, the last ones: no outlet's has more


def outlet_of(host: str) -> str:
    """Return the outlet's name for a host, or the host itself (without ``www.``) when it is not a known one.

    A subdomain stands for its site: ``m.sana.sy`` is ``sana.sy``.
    """
    host = bare_host(host)
    labels = host.split(".")
    for first in range(max(0, len(labels) - _MOST_LABELS), len(labels) - 1):
        name = hosts().get(".".join(labels[first:]))
        if name:
            return name
    return host


def bare_host(host: str) -> str:
    """Return a host in lower case, without ``www.`` and a final dot or slash."""
    return host.strip().lower().rstrip("./").removeprefix("www.")


def known_outlet(name: str) -> str | None:
    """Return the usual name of a known outlet for any of its names: «أ ف ب» → «فرانس برس»; None for all others."""
    return _names().get(key(name))


def known_agency(name: str) -> str | None:
    """Return an outlet's usual name for a name that is clear without context («الأخبار» is not), else None."""
    return _agencies().get(key(name))


def agency_names() -> list[str]:
    """Return every name that `known_agency` knows, longest first."""
    return sorted((name for names in agencies().values() for name in names), key=len, reverse=True)


def named_outlet(credit: str) -> str | None:
    """Return the first outlet in a credit such as «الجزيرة + وكالات»; None when it names none («وكالات»)."""
    found = known_outlet(credit)
    if found:
        return found
    for separator in ("+", "،", ",", "/", "|", "؛", ";", " - ", " – "):
        if separator in credit:
            named = (named_outlet(part) for part in credit.split(separator))
            return next((name for name in named if name), None)
    name = credit.strip(" .:«»\"'()[]\t")
    return None if is_generic(name) else name


def is_generic(name: str) -> bool:
    """Return whether a name stands for no outlet in particular: «وكالات», «صحيفة محلية»."""
    return not key(name) or key(name) in _generic()


def key(name: str) -> str:
    """Return the folded letters and digits of a name, for comparison."""
    return "".join(character for character in fold_text(name) if character.isalnum())


@cache
def _names() -> dict[str, str]:
    return {key(name): name for name in hosts().values()} | _agencies()


@cache
def _agencies() -> dict[str, str]:
    return {key(other): name for name, others in agencies().items() for other in others}


@cache
def _generic() -> frozenset[str]:
    return frozenset(key(name) for name in not_outlets())
