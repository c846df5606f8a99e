"""The time zone of an outlet, from its host: ``countries.toml``, or the end of a host of an Arab country.

Countries, their languages and their zones are the CLDR's, as Babel has them.
"""

from __future__ import annotations

import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from corpus.arabic.wordlists import entries, read

_MOST_LABELS = 8  # of a host that are looked at, the last ones


def zone_of_host(host: str) -> datetime.tzinfo | None:
    """Return the zone in which the outlet of a host dates its articles; None where its host does not say it.

    Of a country with several zones none is known, unless they name two places that share one clock.
    """
    country = _country_of(host.strip().lower().rstrip(".").removeprefix("www."))
    return _zone_of(country) if country else None


def _country_of(host: str) -> str | None:
    labels = host.split(".")
    for first in range(max(0, len(labels) - _MOST_LABELS), len(labels) - 1):
        if country := _hosts().get(".".join(labels[first:])):
            return country
    end = labels[-1].upper()
    # Elsewhere the end of a host may be anything: «.tv», «.me», «.io».
    return end if len(labels) > 1 and end in _arab_countries() else None


@cache
def _hosts() -> dict[str, str]:
    named = read("countries")["hosts"]
    return {host: country for country, hosts in named.items() for host in entries(hosts)}


@cache
def _arab_countries() -> frozenset[str]:
    """Return the countries in which Arabic is an official language."""
    from babel.core import get_global
    from babel.languages import get_territory_language_info

    countries = get_global("territory_languages")
    official = {"official", "de_facto_official"}
    return frozenset(
        country
        for country in countries
        if (get_territory_language_info(country).get("ar") or {}).get("official_status") in official
    )


@cache
def _zone_of(country: str) -> datetime.tzinfo | None:
    from babel.core import get_global

    names = get_global("territory_zones").get(country, [])
    try:
        zones = [ZoneInfo(name) for name in names]
    except ZoneInfoNotFoundError:  # a name younger than the system's tables
        return None
    clocks = {tuple(month.replace(tzinfo=zone).utcoffset() for month in _MONTHS) for zone in zones}
    return zones[0] if len(clocks) == 1 else None


_MONTHS = tuple(datetime.datetime(2026, month, 15) for month in range(1, 13))
