"""Which field of a collection's records holds the headline, the text, the date: guessed from names and values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from corpus.arabic.fields import ROLES, field_key, inner_names, other_dates, ranks
from corpus.dates import numeric_order
from corpus.dates.stamps import Order
from corpus.decode import NoTextError, Reason
from corpus.parse.collections.stamped import published_of

Record = Mapping[str, Any]

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_HOLE = re.compile(r"\{([^{}]*)\}")
_MOST_FIELDS = 500
_MOST_NAMED = 12  # fields named to somebody who is to choose one
_LONG = 100  # characters that a text's field has in the middle, where its name does not say that it is one
_TITLE = (8, 300)  # characters of a headline, in the middle


@dataclass(frozen=True, slots=True)
class Fields:
    """The field, or the template of fields («https://t.me/name/{id}»), that holds each of `ROLES`."""

    of: Mapping[str, str]
    order: Order = "dmy"

    def value(self, record: Mapping[str, str], role: str) -> str:
        """Return what a flat record holds for a role, "" for nothing."""
        name = self.of.get(role, "")
        if "{" not in name:
            return record.get(name, "").strip() if name else ""
        filled = [record.get(hole, "").strip() for hole in _HOLE.findall(name)]
        return _HOLE.sub(lambda hole: record[hole[1]].strip(), name) if all(filled) else ""


def flat(record: Record) -> dict[str, str]:
    """Return a record's values as text: those of objects in it as «object.field», lists as paragraphs."""
    found: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            inner = {f"{name}.{key}": _text(each) for key, each in value.items()}
            found.update({key: each for key, each in inner.items() if each})
        elif text := _text(value):
            found[str(name)] = text
        if len(found) > _MOST_FIELDS:
            break
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int) or (isinstance(value, float) and value == value and abs(value) < 1e15):
        return str(value)
    if isinstance(value, Sequence):
        return "\n\n".join(each for each in value if isinstance(each, str))
    return ""


def guess(sample: Sequence[Mapping[str, str]], given: Mapping[str, str]) -> Fields:
    """Return the fields of these flat records; those ``given`` by role are taken as given.

    Raises NoTextError where none holds a text, or one that was given is not there.
    """
    columns: dict[str, list[str]] = {}
    for record in sample:
        for name, value in record.items():
            if value.strip():
                columns.setdefault(name, []).append(value)
    for name in given.values():
        for asked in _HOLE.findall(name) if "{" in name else [name]:
            if asked and asked not in columns:
                raise NoTextError(Reason.NO_ARTICLE, f"no field {asked}; its fields: {_named(columns)}")
    found = {role: name for role, name in given.items() if name}
    free = {name: values for name, values in columns.items() if name not in found.values()}
    for role, fits in _CHECKS.items():
        if role in given:
            continue
        name = _best(role, free, fits, len(sample))
        if name:
            found[role] = name
            del free[name]
    if "text" not in found:
        raise NoTextError(
            Reason.NO_ARTICLE,
            f"no field with the text of articles; its fields: {_named(columns)}; name it: --fields text=…",
        )
    dates = columns.get(found.get("published", ""), [])
    return Fields({role: found[role] for role in ROLES if role in found}, numeric_order(dates))


def _best(role: str, columns: Mapping[str, list[str]], fits: Any, records: int) -> str:
    """Return the column with the likeliest name whose values fit, else the one whose values tell; "" for none."""
    named = sorted(
        (rank, at, name) for at, name in enumerate(columns) if (rank := _rank(role, name)) is not None
    )
    for _, _, name in named:
        if fits(columns[name], True):
            return name
    if role in ("outlet", "key"):
        return ""
    telling = [name for name, values in columns.items() if len(values) * 2 > records and fits(values, False)]
    if role == "published":
        telling = [name for name in telling if not other_dates() & set(field_key(name).split())]
    if role == "text":
        telling.sort(key=lambda name: -median(map(len, columns[name])))
    return telling[0] if telling else ""


def _rank(role: str, name: str) -> int | None:
    words = field_key(name).split()
    while len(words) > 1 and words[-1] in inner_names() and " ".join(words) not in ranks(role):
        words.pop()
    return ranks(role).get(" ".join(words))


def _share(values: Sequence[str], fits: Any) -> float:
    return sum(1 for value in values if fits(value)) / len(values)


def _is_url(values: Sequence[str], named: bool) -> bool:
    return _share(values, lambda value: _ADDRESS.fullmatch(value.strip())) >= (0.5 if named else 0.8)


def _is_date(values: Sequence[str], named: bool) -> bool:
    return _share(values, published_of) >= (0.3 if named else 0.8)


def _is_text(values: Sequence[str], named: bool) -> bool:
    if named:
        return _share(values, lambda value: " " in value.strip()) >= 0.5
    return median(map(len, values)) >= _LONG and _share(values, lambda value: " " in value.strip()) >= 0.8


def _is_title(values: Sequence[str], named: bool) -> bool:
    shortest, longest = (1, 1000) if named else _TITLE
    fits = shortest <= median(map(len, values)) <= longest and not _is_url(values, True)
    return fits and (named or (len(set(values)) >= 0.9 * len(values) and _share(values, _is_worded) >= 0.8))


def _is_worded(value: str) -> bool:
    return " " in value.strip() and any(each.isalpha() for each in value)


def _is_key(values: Sequence[str], named: bool) -> bool:
    return len(set(values)) >= 0.5 * len(values) and median(map(len, values)) <= 200


def _is_name(values: Sequence[str], named: bool) -> bool:
    return (
        median(map(len, values)) <= 80
        and _share(values, lambda value: any(each.isalpha() for each in value)) > 0.5
    )


_CHECKS = {
    "key": _is_key,
    "url": _is_url,
    "published": _is_date,
    "text": _is_text,
    "title": _is_title,
    "outlet": _is_name,
}
"""Whether a column's values fit a role; its name says that they do, or not. In the order in which roles choose."""


def _named(columns: Mapping[str, object]) -> str:
    named = list(columns)[:_MOST_NAMED]
    return ", ".join([*named, "…"] if len(columns) > len(named) else named)
