"""The tables of cases: a file or several, and what is right about the articles read from them."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("cases")
HALVES = ("fit", "held")


@dataclass(frozen=True, slots=True)
class Right:
    """What is right about one article; None and empty tuples for what a case does not look at.

    An article without a date or an outlet is "" there. Spaces and newlines count as one space each time.
    """

    title: str | None = None
    published: str | None = None
    precision: str | None = None
    publisher: tuple[str, ...] | None = None
    """The outlet's name in the forms that are right."""
    never_publisher: tuple[str, ...] = ()
    url: str | None = None
    never_site: tuple[str, ...] = ()
    claim: str = ""
    """An outlet that the file only claims: its source line must not say so without one of ``where``."""
    where: tuple[str, ...] = ()
    plainly: bool = False
    """Whether the source line must begin with the outlet, with no word of doubt."""
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    """Words that stand in the body one after the other."""
    sentences: tuple[str, ...] = ()
    """Whole sentences, as the archive cuts them."""
    blocks: tuple[str, ...] | None = None
    """All blocks of the body."""


@dataclass(frozen=True, slots=True)
class Case:
    """Files and what is right about the articles read from them."""

    id: str
    kind: str
    fault: str
    """What goes wrong where such a file is misread."""
    files: dict[str, str]
    """The text or the recipe of each file by its name."""
    rights: tuple[Right, ...]
    """One for each article looked at; each must fit one of those read."""
    every: bool = False
    """Whether every article read must fit the first of ``rights``."""
    count: int | None = None
    """Number of articles."""
    refused: bool = False
    """Whether nothing may be read, and a line must name the file and say why."""
    or_refused: bool = False
    """Whether that is as right as reading it."""
    says: tuple[str, ...] = ()
    """Words of which one stands in what is said of what was refused."""
    encoding: str = "utf-8"
    build: str = ""
    """The builder that makes the file of its text: see `tests.evals.reading.build`."""
    options: dict[str, str] = field(default_factory=dict)
    url: str | None = None
    """The address at which a document was found; it is no file then."""
    args: tuple[str, ...] = ()
    """Arguments of ``musnad ingest``, for a case that is taken in by the command."""

    @property
    def half(self) -> str:
        """The half of a case, by a digest of its id."""
        return HALVES[hashlib.sha256(self.id.encode()).digest()[0] % 2]


@cache
def every_case() -> tuple[Case, ...]:
    """Return all cases, by kind and id."""
    stories: dict[str, dict[str, str]] = _table("stories.toml")
    found = [
        _case(case, path.stem, stories)
        for path in sorted(TABLES.glob("*.toml"))
        if path.name != "stories.toml"
        for case in _table(path.name)["case"]
    ]
    ids = [case.id for case in found]
    assert len(ids) == len(set(ids)), "two cases of one id"
    return tuple(found)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((TABLES / name).read_text(encoding="utf-8"))


_RIGHT = {each.name for each in fields(Right)}
_PLAIN_CASE = {
    "id",
    "fault",
    "every",
    "count",
    "refused",
    "or_refused",
    "encoding",
    "build",
    "options",
    "url",
}
_MARKUP = (".html", ".htm")


def _case(said: dict[str, Any], kind: str, stories: dict[str, dict[str, str]]) -> Case:
    """Return a case of a table. ``file`` with ``text`` is short for one of ``files``; see `_text_of`."""
    names = sorted(stories)
    story = stories[said.get("story") or names[hashlib.sha256(said["id"].encode()).digest()[1] % len(names)]]
    given = dict(said.get("files", {}))
    if "file" in said:
        given[said["file"]] = said.get("text", "")
    files = {name: _text_of(name, text, said, story) for name, text in given.items()}
    articles = said.get("article") or [{name: said[name] for name in said if name in _RIGHT}]
    known = (
        _RIGHT
        | _PLAIN_CASE
        | {"file", "files", "text", "shown", "head", "body", "after", "story", "article", "says", "args"}
    )
    assert set(said) <= known, f"{said['id']}: what is {set(said) - known}?"
    return Case(
        kind=kind,
        files=files,
        rights=tuple(_right(article, story) for article in articles),
        says=tuple(said.get("says", ())),
        args=tuple(said.get("args", ())),
        **{name: said[name] for name in _PLAIN_CASE if name in said},
    )


def _right(said: dict[str, Any], story: dict[str, str]) -> Right:
    assert set(said) <= _RIGHT, f"what is {set(said) - _RIGHT}?"
    filled = {name: _filled(value, story) for name, value in said.items()}
    if isinstance(filled.get("publisher"), str):
        filled["publisher"] = (filled["publisher"],)
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in filled.items()
    }
    return Right(**values)


def _filled(value: Any, story: dict[str, str]) -> Any:
    """Return a value with the parts of its story in it: {{title}}, {{1}}, {{2}}, {{3}}."""
    if isinstance(value, list):
        return [_filled(each, story) for each in value]
    if not isinstance(value, str):
        return value
    for name, words in story.items():
        value = value.replace("{{" + name + "}}", words)
    return value


def _text_of(name: str, text: str, said: dict[str, Any], story: dict[str, str]) -> str:
    """Return the text of a file: the one given, or a usual page or text with the parts that are given."""
    shown, head, after = (said.get(part, "") for part in ("shown", "head", "after"))
    if not text and name.endswith(_MARKUP):
        body = said.get("body", "<p>{{1}}</p><p>{{2}}</p><p>{{3}}</p>")
        text = (
            '<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{{title}}</title>'
            f"{head}</head><body><header><nav><a href='/'>الرئيسية</a> <a href='/n'>محليات</a></nav></header>"
            f"<main><article><h1>{{{{title}}}}</h1>{shown}{body}</article>{after}</main>"
            "<footer>جميع الحقوق محفوظة</footer></body></html>"
        )
    elif not text:
        body = said.get("body", "{{1}}\n\n{{2}}\n\n{{3}}\n")
        text = "{{title}}\n" + (f"{shown}\n" if shown else "") + f"\n{body}{after}"
    filled = _filled(text, story)
    assert isinstance(filled, str)
    return filled
