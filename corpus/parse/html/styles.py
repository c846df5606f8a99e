"""What the style of a page's elements hides or strikes out: in their attributes, and in the page's own rules.

Style sheets outside of the page are not at hand. Of the rules within it those count that hold on every screen and
name elements by tag, id, class, attribute and ancestors; their order of precedence is that of CSS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from cssselect2 import CompiledSelector  # type: ignore[import-untyped]

Element: TypeAlias = Any
"""An lxml element; lxml has no types."""
Values: TypeAlias = dict[str, tuple[bool, str]]
"""Values by property, each with whether it is important."""

_PROPERTIES = frozenset(
    """
    display visibility font-size position left right top text-indent clip clip-path text-decoration
    text-decoration-line
    """.split()  # noqa: SIM905
)
# No declaration hides or strikes without one of these.
_TELLING = re.compile(
    r"none|hidden|collapse|font-size|absolute|fixed|text-indent|line-through", re.IGNORECASE
)
_NOTHING = re.compile(r"[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z]+|%)?")
_FAR = re.compile(r"-(?:\d{4,}|9\d\d)(?:\.\d*)?(?:px|r?em|pt|%|v[wh])")
_CLIPPED = re.compile(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)")
_INSET = re.compile(r"inset\(\s*(?:[5-9]\d|100)%\s*\)")
_SCREENS = frozenset({"", "all", "screen", "only screen"})

_NAMING = ("whitespace", "ident", "hash", "[] block")  # tokens of a selector without conditions

_MOST_CSS = 200_000  # characters of a page's style sheets that are looked at
_LONGEST_STYLE = 2000  # characters of an attribute
_MOST_SELECTORS = 1000
_MOST_ANCESTORS = 2  # that a selector names one after the other
_DEEPEST = 100  # elements around one that is looked at


def hides(style: Mapping[str, str]) -> bool:
    """Return whether an element of this style cannot be seen: not displayed, without size, or out of the page."""
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return True
    if _NOTHING.fullmatch(style.get("font-size", "1")) or _FAR.fullmatch(style.get("text-indent", "")):
        return True
    if style.get("position") not in ("absolute", "fixed"):
        return False
    return (
        any(_FAR.fullmatch(style.get(side, "")) for side in ("left", "right", "top"))
        or bool(_CLIPPED.fullmatch(style.get("clip", "")))
        or bool(_INSET.fullmatch(style.get("clip-path", "")))
    )


def strikes(style: Mapping[str, str]) -> bool:
    """Return whether the text of an element of this style is struck out."""
    return any("line-through" in style.get(name, "") for name in ("text-decoration", "text-decoration-line"))


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of a page's elements, as far as they hide or strike."""

    ruled: Mapping[Element, Values] = field(default_factory=dict)
    """What the rules of the page say, by element."""

    def of(self, element: Element) -> Mapping[str, str]:
        """Return the values of an element's properties; empty for one that nothing hides or strikes."""
        ruled = self.ruled.get(element, {})
        written = element.get("style") or ""
        if not ruled and not _TELLING.search(written, 0, _LONGEST_STYLE):
            return {}
        values = {name: value for name, (_, value) in ruled.items()}
        for name, (important, value) in _declared(written[:_LONGEST_STYLE]).items():
            if important or not ruled.get(name, (False, ""))[0]:
                values[name] = value
        return values


def read_styles(root: Element) -> Styles:
    """Return the styles of a page."""
    rules = list(_rules(root))
    if not any(hides(_plain(values)) or strikes(_plain(values)) for _, values in rules):
        return Styles()
    return Styles(dict(_matches(root, rules)))


def _plain(values: Values) -> dict[str, str]:
    return {name: value for name, (_, value) in values.items()}


def _rules(root: Element) -> Iterator[tuple[Any, Values]]:
    """Yield the selectors of a page's rules, as tokens, each with what it declares."""
    import tinycss2  # type: ignore[import-untyped]

    left = _MOST_CSS
    for sheet in root.iter("style"):
        text = (sheet.text or "")[:left]
        left -= len(text)
        if not _is_for_screens(sheet.get("media") or "") or not _TELLING.search(text):
            continue
        parsed = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        yield from _of_sheet(parsed)


def _of_sheet(sheet: Iterable[Any], nested: bool = False) -> Iterator[tuple[Any, Values]]:
    import tinycss2

    for rule in sheet:
        if rule.type == "qualified-rule":
            if values := _values(tinycss2.parse_blocks_contents(rule.content)):
                yield from ((selector, values) for selector in _selectors(rule.prelude))
        elif (
            rule.type == "at-rule"
            and rule.lower_at_keyword == "media"
            and rule.content
            and not nested
            and _is_for_screens(_text(rule.prelude[:100]))
        ):
            yield from _of_sheet(tinycss2.parse_rule_list(rule.content), nested=True)


def _is_for_screens(media: str) -> bool:
    return any(" ".join(each.lower().split()) in _SCREENS for each in media[:1000].split(","))


def _selectors(prelude: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the selectors of a rule that name nothing but elements and a few of their ancestors."""
    selector: list[Any] = []
    for token in [*prelude, None]:
        if token is None or token == ",":
            simple = all(each.type in _NAMING or each in (".", "*", ">") for each in selector)
            steps = groupby(selector, lambda each: each.type == "whitespace" or each == ">")
            if selector and simple and sum(not between for between, _ in steps) <= 1 + _MOST_ANCESTORS:
                yield selector
            selector = []
        else:
            selector.append(token)


def _declared(style: str) -> Values:
    """Return what the attribute of an element declares."""
    import tinycss2

    return _values(tinycss2.parse_blocks_contents(style)) if _TELLING.search(style) else {}


def _text(tokens: Iterable[Any]) -> str:
    """Return the text of some tokens, "" where they hold brackets in brackets without end."""
    import tinycss2

    try:
        return str(tinycss2.serialize(tokens))
    except RecursionError:
        return ""


def _values(declarations: Iterable[Any]) -> Values:
    found: Values = {}
    for each in declarations:
        if each.type == "declaration" and each.lower_name in _PROPERTIES:
            value = " ".join(_text(each.value[:20]).lower().split())
            if each.important or not found.get(each.lower_name, (False, ""))[0]:
                found[each.lower_name] = (each.important, value)
    return found


def _matches(root: Element, rules: Iterable[tuple[Any, Values]]) -> Iterator[tuple[Element, Values]]:
    """Yield the elements that rules speak of, with what they say in the end."""
    import cssselect2

    matcher = cssselect2.Matcher()
    count = 0
    for tokens, values in rules:
        for selector in _compiled(tokens):
            if count < _MOST_SELECTORS:
                matcher.add_selector(selector, values)
                count += 1
    deep: dict[Element, int] = {}
    for wrapper in cssselect2.ElementWrapper.from_html_root(root).iter_subtree():
        depth = 0 if wrapper.parent is None else deep.get(wrapper.parent.etree_element, 0) + 1
        deep[wrapper.etree_element] = depth
        if depth > _DEEPEST:
            continue
        said: Values = {}
        for _, _, _, values in matcher.match(wrapper):  # what goes before comes last
            said |= {
                name: each for name, each in values.items() if each[0] or not said.get(name, (False, ""))[0]
            }
        if said:
            yield wrapper.etree_element, said


def _compiled(tokens: list[Any]) -> Iterator[CompiledSelector]:
    import cssselect2

    try:
        for selector in cssselect2.compile_selector_list(tokens):
            if selector.pseudo_element is None and not selector.never_matches:
                yield selector
    except cssselect2.SelectorError:
        return
