"""An Answer as Telegram messages: HTML, right to left, split between blocks and never inside one.

Everything that comes from outside is escaped. The text of a quote stands alone in its blockquote, character
for character: labels, isolates and ellipses stay outside of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape, unescape
from itertools import zip_longest

from bot.answer import Answer, Quote
from corpus.arabic import fold_text, sentences
from corpus.article import Article, Span
from corpus.dates import format_date
from prompts import Language, say

MOST_UNITS = 4096
"""What a message holds, in UTF-16 code units after the markup is read."""
_EXPANDABLE_FROM = 320
"""Units from which a quote is shown folded: about six lines on a phone."""
_BOLD_TO = 300
_TITLE_TO = 300
_GAP = "\n\n"


def render(answer: Answer, language: Language = "ar") -> list[str]:
    """The messages of an answer or a refusal, in order, each of which Telegram takes whole."""
    blocks = _head(answer, language)
    # A long first quote is cut so that its beginning fits under the first line, which must not go out alone.
    beside = min(visible_units(_GAP.join(blocks)), MOST_UNITS // 2)
    for quote, last in _in_runs(answer.quotes):
        blocks += _quote(quote, language, beside, headline=last)
        beside = 0
    if not answer.related:
        return _packed(blocks)
    # Each message that shows related passages says what they are: messages are forwarded one by one.
    label = f"<b>{_line(say('telegram_related', language), language)}</b>"
    messages = _packed(blocks)
    related = [
        block for quote, last in _in_runs(answer.related) for block in _quote(quote, language, headline=last)
    ]
    return [*messages[:-1], *_packed(related, before=messages[-1:], label=label)]


def render_quote(quote: Quote, language: Language = "ar") -> list[str]:
    """One quote by itself, with its outlet, date and link, and the headline: a message, or several when it is long."""
    return _packed(_quote(quote, language))


def render_source(article: Article, language: Language = "ar") -> str:
    """The outlet and the date in one plain line, for places that take no HTML."""
    outlet = article.publisher or article.site or say("telegram_no_outlet", language)
    return f"{_cleaned(outlet)} · {_cleaned(_date(article, language))}"


def render_sources(answer: Answer | None, language: Language = "ar") -> list[str]:
    """The articles an answer rests on, each once: headline, outlet, date, link."""
    quotes = (answer.quotes or answer.related) if answer else ()
    if not quotes:
        return [_line(say("telegram_no_sources", language), language)]
    title = "telegram_sources" if answer and answer.quotes else "telegram_sources_refused"
    articles = {quote.article.id: quote.article for quote in quotes}.values()
    blocks = ["\n".join(reversed(_caption(article, language))) for article in articles]
    return _packed([f"<b>{_line(say(title, language), language)}</b>", *blocks])


def render_line(text: str, language: Language = "ar") -> str:
    """A message of the bot's own as HTML, its foreign words isolated."""
    return "\n".join(_line(line, language) for line in text.strip().split("\n"))


def visible_units(html: str) -> int:
    """The length Telegram counts: UTF-16 units without tags."""
    return _units(unescape(re.sub(r"<[^<>]*>", "", html)))


def _head(answer: Answer, language: Language) -> list[str]:
    text = answer.text.strip()
    if not text:
        text = say("telegram_quotes_only" if answer.status == "answered" else "telegram_refused", language)
    paragraphs = [part for part in re.split(r"\n+", text) if part.strip()]
    bold = visible_units(escape(text)) <= _BOLD_TO
    blocks = [
        f"<b>{_paragraph(part, language)}</b>" if bold else _paragraph(part, language)
        for paragraph in paragraphs
        for part in _slices(paragraph, MOST_UNITS - 500)
    ]
    if fold_text(answer.standalone_question) != fold_text(answer.question):
        # Not in italics, as the notice below: Arabic type has none, and clients slant its letters by force.
        blocks.append(_filled("telegram_understood", language, "question", answer.standalone_question))
    if answer.notice:
        blocks += [_paragraph(part, language) for part in _slices(answer.notice.strip(), MOST_UNITS - 500)]
    return blocks


def _in_runs(quotes: Sequence[Quote]) -> list[tuple[Quote, bool]]:
    """Each quote, and whether it is the last in a row from its article: the headline is said once, under that one."""
    return [
        (quote, following is None or following.article.id != quote.article.id)
        for quote, following in zip_longest(quotes, quotes[1:])
    ]


def _quote(quote: Quote, language: Language, beside: int = 0, *, headline: bool = True) -> list[str]:
    """A quote with its outlet, date and link, and the headline: one block, or several when a message is too small."""
    caption = "\n".join(_caption(quote.article, language)[: 2 if headline else 1])
    again = _line(say("telegram_continued", language), language)
    related = _line(say("telegram_related", language), language)
    room = MOST_UNITS - sum(map(visible_units, (caption, again, related))) - beside - 4 * len(_GAP)
    parts = [
        Quote(
            quote.article, quote.start + span.start, quote.start + span.end, quote.text[span.start : span.end]
        )
        for span in _cuts(quote.text, room)
    ]
    blocks = [_blockquote(part.text) for part in parts]
    blocks = [blocks[0], *(f"{again}\n{block}" for block in blocks[1:])]
    return [*blocks[:-1], f"{blocks[-1]}\n{caption}"]


def _blockquote(text: str) -> str:
    tag = "blockquote expandable" if _units(text) >= _EXPANDABLE_FROM else "blockquote"
    return f"<{tag}>{escape(text, quote=False)}</blockquote>"


def _caption(article: Article, language: Language) -> list[str]:
    """Two lines: outlet, date and link; headline."""
    outlet = article.publisher or article.site or say("telegram_no_outlet", language)
    parts = [
        _filled("telegram_source", language, "outlet", outlet),
        _line(_date(article, language), language),
    ]
    parts += _link(article, language)
    return [
        " · ".join(parts),
        _filled("telegram_headline", language, "title", article.title),
    ]


def _date(article: Article, language: Language) -> str:
    published = article.published
    if published.date and published.precision:
        return format_date(published.date, published.precision, language)
    return say("telegram_no_date", language)


def _link(article: Article, language: Language) -> list[str]:
    """A link to the article, else to its outlet's site, else none."""
    url, site = (article.url or "").strip(), (article.site or "").strip()
    if re.fullmatch(r"https?://[^\s/<>\"]+\S*", url):
        return [f'<a href="{escape(url)}">{escape(say("telegram_link", language))}</a>']
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", site):
        return [f'<a href="https://{escape(site)}">{_isolated(site)}</a>']
    return []


def _packed(blocks: Iterable[str], before: Sequence[str] = (), label: str = "") -> list[str]:
    """Blocks joined into as few messages as hold them whole, the first of them going on after ``before``.

    Each message that they fill says the label ahead of them.
    """
    messages = list(before)
    labelled = False
    for block in blocks:
        piece = block if labelled or not label else label + _GAP + block
        if messages and visible_units(messages[-1] + _GAP + piece) <= MOST_UNITS:
            messages[-1] += _GAP + piece
        else:
            messages.append(label + _GAP + block if label else block)
        labelled = True
    return messages


# Splitting: spans of a text that fit, each as many whole sentences as it holds


def _slices(text: str, room: int) -> list[str]:
    return [text[span.start : span.end] for span in _cuts(text, room)]


def _cuts(text: str, room: int) -> list[Span]:
    """Spans of at most ``room`` units, cut between sentences; inside one only where it alone is longer."""
    if _units(text) <= room:
        return [Span(0, len(text))]
    found: list[Span] = []
    for sentence in sentences(text):
        if found and _units(text[found[-1].start : sentence.end]) <= room:
            found[-1] = Span(found[-1].start, sentence.end)
        else:
            found += _within(text, sentence, room)
    return found


def _within(text: str, span: Span, room: int) -> list[Span]:
    """One sentence as spans of at most ``room`` units, cut at blanks where there are any."""
    found = []
    start, end = span.start, span.end
    while _units(text[start:end]) > room:
        most = start
        left = room
        while left >= (size := _units(text[most])):
            left -= size
            most += 1
        blank = max((at for at in range(start + 1, most + 1) if text[at].isspace()), default=0)
        cut = blank or _between_letters(text, start, most)
        found.append(Span(start, cut))
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    return [*found, Span(start, end)] if start < end else found


def _between_letters(text: str, start: int, most: int) -> int:
    """A place at or before ``most`` that parts no mark from its letter."""
    at = most
    while at > start + 1 and (unicodedata.combining(text[at]) or "\u200d" in text[at - 1 : at + 1]):
        at -= 1
    return at if at > start + 1 else most


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# Direction


_FIRST_STRONG, _POP = "\u2068", "\u2069"
_SLOT = "\ue000"
_CONTROLS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_ARABIC_LETTER = (
    "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc"
)
_LATIN_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
# Words and addresses in Latin letters, and what stands between them. In Arabic lines what is inside «…» stays
# as it is: it may be a quote.
_LATIN_RUN = re.compile(
    rf"«[^»]*»"
    rf"|([/@#]?[0-9]*[{_LATIN_LETTER}](?:[{_LATIN_LETTER}0-9 .,:;/&'’@#%+_?=-]*[{_LATIN_LETTER}0-9/])?)"
)
_ARABIC_RUN = re.compile(
    rf"(«?[{_ARABIC_LETTER}](?:[^{_LATIN_LETTER}\n]*[{_ARABIC_LETTER}\u064b-\u0652»؟0-9\u0660-\u0669])?)"
)


def _paragraph(text: str, language: Language) -> str:
    """A paragraph that opens in the language's own direction, whatever word it begins with."""
    clean = _cleaned(text)
    strong = re.search(rf"[{_ARABIC_LETTER}{_LATIN_LETTER}]", clean)
    if language == "ar" and (strong is None or re.match(rf"[{_LATIN_LETTER}]", strong[0])):
        clean = say("telegram_answer", language, text=clean)
    return _line(clean, language)


def _line(text: str, language: Language) -> str:
    """One line, escaped, with the runs of the other direction isolated."""
    clean = _cleaned(text)
    if language == "ar":
        clean = _LATIN_RUN.sub(lambda match: _FIRST_STRONG + match[1] + _POP if match[1] else match[0], clean)
    elif re.search(f"[{_LATIN_LETTER}]", clean):
        clean = _ARABIC_RUN.sub(rf"{_FIRST_STRONG}\1{_POP}", clean)
    return escape(clean, quote=False)


def _filled(name: str, language: Language, variable: str, value: str) -> str:
    """A line of the bot's own around a value from outside, which is isolated as a whole where it reads the other
    way: its last full stop belongs to it."""
    line = _line(say(name, language, **{variable: _SLOT}), language)
    value = _short(value)
    foreign = language == "en" and re.search(f"[{_ARABIC_LETTER}]", value)
    return line.replace(_SLOT, _isolated(value) if foreign else _line(value, language))


def _isolated(text: str) -> str:
    return f"{_FIRST_STRONG}{escape(_cleaned(text), quote=False)}{_POP}"


def _cleaned(text: str) -> str:
    """On one line, without direction marks of its own, which could turn what follows."""
    return " ".join(_CONTROLS.sub("", text).split())


def _short(text: str) -> str:
    clean = _cleaned(text)
    return clean if _units(clean) <= _TITLE_TO else clean[: _TITLE_TO // 2].rsplit(" ", 1)[0] + "…"
