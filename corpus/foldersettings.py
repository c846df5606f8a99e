"""What the keeper of a folder says of the articles in it: `musnad.toml`.

    outlet = "صحيفة …"                            # the outlet of every article
    trust = true                                  # the outlets that the files name are right
    url = "https://news.example/{path}"           # an article's address: {name} of its file, {path} below this folder
    date_format = "%d/%m/%Y"                      # how its dates are written, as in Python's strptime
    zone = "Asia/Riyadh"                          # the zone of its stamps in UTC

    [fields]                                      # of a collection: the names of its own fields
    title = "headline"

All of it may be left out. The file holds for its folder and those below it, up to one with a `musnad.toml` of its own.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from corpus.arabic import fold_text
from corpus.article import Article, Published
from corpus.dates.calendars import is_possible
from corpus.document import safe_name
from corpus.errors import MusnadError
from corpus.parse.plain.facts import names_user, site_of
from corpus.provenance import given

FILE = "musnad.toml"
FIELDS = ("title", "text", "published", "outlet", "url")
"""What a field of a collection may hold."""
_MOST_BYTES = 64 * 1024
_SLOT = re.compile(r"\{([^{}]*)\}")
_DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}",
    "H": r"\d{1,2}",
    "I": r"\d{1,2}",
}
_DIRECTIVES |= {
    "M": r"\d{1,2}",
    "S": r"\d{1,2}",
    "B": r"[^\W\d_]+",
    "b": r"[^\W\d_]+",
    "p": r"[^\W\d_]+",
    "%": "%",
}


class FolderSettingsError(MusnadError):
    """A `musnad.toml` that cannot be used: ``path`` is the file, the message says which line and what to do."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {problem}" if line else problem)
        self.path = path


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """What is said of the articles of a folder; None for what is not said."""

    folder: Path | None = None
    """The folder of the file that says so."""
    outlet: str | None = None
    trust: bool = False
    """Whether the outlets that the files themselves name are right."""
    url: str | None = None
    """Pattern of an address, with ``{name}`` or ``{path}`` in it."""
    date_format: str | None = None
    """Format of `datetime.strptime`, with a year, a month and a day."""
    zone: str | None = None
    """Name of a time zone: ``Asia/Riyadh``."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The names of a collection's own fields, by those of `FIELDS`."""

    @property
    def digest(self) -> str:
        """A digest of what is said, "" when nothing is: with another one, files are to be read again."""
        said = (self.outlet, self.trust, self.url, self.date_format, self.zone, sorted(self.fields.items()))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:8] if any(said) else ""

    def address_of(self, path: Path) -> str | None:
        """Return the address of the article in a file of the folder."""
        if self.url is None or self.folder is None:
            return None
        below = path.relative_to(self.folder) if path.is_relative_to(self.folder) else Path(path.name)
        values = {"name": path.stem, "path": below.with_suffix("").as_posix()}
        return _SLOT.sub(lambda slot: quote(values[slot[1]]), self.url)

    def day_of(self, stamp: str) -> str | None:
        """Return the ISO day of a stamp as this folder writes them, in its own zone; None for another form."""
        if self.date_format and (day := _formatted_day(stamp, self.date_format)):
            return day
        if self.zone:
            try:
                moment = datetime.fromisoformat(stamp.strip())
            except ValueError:
                return None
            if moment.tzinfo is not None:
                try:
                    there = moment.astimezone(ZoneInfo(self.zone)).date()
                except OverflowError:  # the first and the last day of the calendar
                    return None
                return there.isoformat() if is_possible(there) else None
        return None

    def complete(self, article: Article, path: Path) -> Article:
        """Return an article of the folder with what is said of it, which comes before what its file says."""
        if self.outlet:
            article = given(article, self.outlet)
        elif self.trust and article.publisher:
            article = given(article, article.publisher)
        if url := self.address_of(path):
            article = replace(article, url=url, site=site_of(url))
        evidence = article.published.evidence
        if evidence and (day := self.day_of(evidence)):
            article = replace(article, published=Published(day, "day", evidence))
        return article


NOTHING = FolderSettings()


@cache
def _format_pattern(date_format: str) -> re.Pattern[str]:
    parts = re.split(r"%(.)", date_format)
    pattern = "".join(_DIRECTIVES[part] if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile(rf"(?<!\d){pattern}(?!\d)")


def _formatted_day(stamp: str, date_format: str) -> str | None:
    for found in _format_pattern(date_format).finditer(fold_text(stamp[:500])):
        try:
            day = datetime.strptime(found[0], date_format).date()
        except ValueError:
            continue
        if is_possible(day):
            return day.isoformat()
    return None


class Settings:
    """The settings of folders, each file read once. For the length of one ingest."""

    def __init__(self) -> None:
        self._found: dict[Path, FolderSettings | FolderSettingsError] = {}

    def of(self, folder: Path) -> FolderSettings:
        """Return what holds in a folder: said by the nearest file in it or above. Raises FolderSettingsError."""
        found = self._found.get(folder)
        if found is None:
            found = self._found[folder] = self._read(folder)
        if isinstance(found, FolderSettingsError):
            raise found
        return found

    def _read(self, folder: Path) -> FolderSettings | FolderSettingsError:
        try:
            if os.path.isfile(folder / FILE):  # False where Path.is_file raises
                return read_settings(folder / FILE)
            return self.of(folder.parent) if folder.parent != folder else NOTHING
        except FolderSettingsError as error:
            return error


def read_settings(path: Path) -> FolderSettings:
    """Read a `musnad.toml`. Raises FolderSettingsError."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise FolderSettingsError(path, f"larger than {_MOST_BYTES // 1024} KB")
        text = path.read_bytes().decode("utf-8-sig")
        said = tomllib.loads(text)
    except OSError as error:
        raise FolderSettingsError(path, error.strerror or "unreadable") from error
    except UnicodeDecodeError as error:
        raise FolderSettingsError(path, "not written in UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else len(text.splitlines())  # or else at its end
        raise FolderSettingsError(path, "not written as TOML", line) from error
    return _checked(path, text, said)


def _checked(path: Path, text: str, said: dict[str, Any]) -> FolderSettings:
    def wrong(key: str, problem: str) -> FolderSettingsError:
        lines = text.splitlines()
        own = re.compile(rf"\s*(?:\[\s*)?[\"']?{re.escape(key)}[\"']?\s*[\]=.]")
        return FolderSettingsError(
            path, problem, next((at for at, line in enumerate(lines, 1) if own.match(line)), None)
        )

    for key, value in said.items():
        if key not in (*_TESTS, "trust", "fields"):
            raise wrong(key, f"{_shown(key)} is no setting: use {', '.join((*_TESTS, 'trust', 'fields'))}")
        if key == "trust" and not isinstance(value, bool):
            raise wrong(key, "trust must be true or false")
        if key in _TESTS:
            if not isinstance(value, str) or not value.strip():
                raise wrong(key, f"{key} must be a text in quotation marks")
            if problem := _TESTS[key](value.strip()):
                raise wrong(key, problem)
    fields = said.pop("fields", {})
    trust = said.pop("trust", False)
    if not isinstance(fields, dict):
        raise wrong("fields", "fields must be a table: [fields]")
    for key, value in fields.items():
        if key not in FIELDS or not isinstance(value, str) or not value:
            raise wrong(key, f"{_shown(key)} is no field with a name: use {', '.join(FIELDS)}")
    given_values = {key: value.strip() for key, value in said.items()}
    if "outlet" in given_values:
        given_values["outlet"] = safe_name(given_values["outlet"])
    return FolderSettings(folder=path.parent, **given_values, trust=trust, fields=fields)


def _test_outlet(value: str) -> str:
    return "" if any(each.isalnum() for each in safe_name(value)) else "outlet must be a name"


def _test_url(value: str) -> str:
    slots = {found[1] for found in _SLOT.finditer(value)}
    try:
        parts = urlsplit(_SLOT.sub("x", value))
        host = parts.hostname
    except ValueError:
        host = None
    if (
        host is None
        or parts.scheme not in ("http", "https")
        or names_user(value)
        or any(map(str.isspace, value))
    ):
        return "url must be a web address, such as https://news.example/{path}"
    if not slots or slots - {"name", "path"} or "{" in value.partition("://")[2].partition("/")[0]:
        return "url must hold {name} or {path} behind the host, and nothing else in braces"
    return ""


def _test_date_format(value: str) -> str:
    directives = set(re.findall(r"%(.?)", value))
    if (
        directives - set(_DIRECTIVES)
        or not {"d"} <= directives
        or not directives & set("Yy")
        or not directives & set("mBb")
    ):
        return "date_format must hold a day, a month and a year, such as %d/%m/%Y"
    return (
        ""
        if _formatted_day(date(2015, 7, 21).strftime(value), value) == "2015-07-21"
        else ("date_format must hold a day, a month and a year, such as %d/%m/%Y")
    )


def _test_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        return "zone must be the name of a time zone, such as Asia/Riyadh"
    return ""


_TESTS = {"outlet": _test_outlet, "url": _test_url, "date_format": _test_date_format, "zone": _test_zone}


def _shown(key: str) -> str:
    return ascii(safe_name(key)[:40])[1:-1]
