"""Time zones: the common ones by name, and any of the IANA's by its name or the name of its city."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from corpus.arabic import fold_text
from prompts import Language, say

COMMON = {
    "nouakchott": "Africa/Nouakchott", "rabat": "Africa/Casablanca", "algiers": "Africa/Algiers",
    "tunis": "Africa/Tunis", "tripoli": "Africa/Tripoli", "cairo": "Africa/Cairo",
    "khartoum": "Africa/Khartoum", "jerusalem": "Asia/Hebron", "beirut": "Asia/Beirut",
    "damascus": "Asia/Damascus", "amman": "Asia/Amman", "baghdad": "Asia/Baghdad",
    "riyadh": "Asia/Riyadh", "kuwait": "Asia/Kuwait", "manama": "Asia/Bahrain", "doha": "Asia/Qatar",
    "abudhabi": "Asia/Dubai", "muscat": "Asia/Muscat", "sanaa": "Asia/Aden", "djibouti": "Africa/Djibouti",
    "mogadishu": "Africa/Mogadishu", "moroni": "Indian/Comoro",
}  # fmt: skip
"""The Arab capitals and the time zones their clocks follow, from west to east and then south."""
DEFAULT = COMMON["damascus"]

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?00)?")
_LANGUAGES: tuple[Language, ...] = ("ar", "en")


def is_zone(name: str) -> bool:
    """Return whether the IANA has a time zone of this name."""
    return name in _all()


def find_zone(text: str) -> str | None:
    """Return the time zone that somebody names; None when there is none of that name.

    By its own name («Europe/Berlin»), that of its city in Arabic or English («برلين», «Berlin»), or its distance from
    UTC in hours («UTC+3»).
    """
    if offset := _OFFSET.fullmatch(text.strip().lower()):
        # The names of these zones count westwards.
        name = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
        return name if is_zone(name) else None
    return _named().get(_key(text))


def zone_name(zone: str, language: Language) -> str:
    """Return the name of a time zone: an Arab capital, else its city with the zone's own name."""
    known = next((key for key, each in COMMON.items() if each == zone), None)
    if known is not None:
        return say(f"telegram_zone_{known}", language)
    city = _city(zone, language)
    return f"{city} ({zone})" if city and city != zone else zone


def zone(name: str) -> ZoneInfo:
    """Return the time zone of this name, UTC where this system has none."""
    return ZoneInfo(name if is_zone(name) else "UTC")


@cache
def _all() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _named() -> dict[str, str]:
    """Return the time zones by the folded names under which they are found; of two of a name, the common one."""
    found = {
        _key(say(f"telegram_zone_{key}", language)): zone
        for key, zone in COMMON.items()
        for language in _LANGUAGES
    }
    for zone in sorted(_all()):
        found.setdefault(_key(zone), zone)
        if "/" in zone and not zone.startswith("Etc/"):
            found.setdefault(_key(zone.rpartition("/")[2]), zone)
            for language in _LANGUAGES:
                found.setdefault(_key(_city(zone, language)), zone)
    return found


def _city(zone: str, language: Language) -> str:
    from babel.dates import get_timezone_location

    return "" if zone.startswith("Etc/") else get_timezone_location(zone, locale=language, return_city=True)


def _key(name: str) -> str:
    return " ".join(fold_text(name).replace("_", " ").casefold().split())
