"""Recognisers of encodings on texts of Arabic, Persian, French and others: right, wrong or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from corpus.decode import NoTextError, decode

_TEXTS = {
    "Arabic": "افتتحت بلدية المدينة صباح أمس سوقا جديدة للخضار تضم أربعين متجرا، بعد أعمال ترميم استمرت سبعة أشهر. "
    "وقال رئيس البلدية إن السوق ستعمل ستة أيام في الأسبوع، وإن إيجار المتجر لن يزيد على خمسين ألف ليرة. ",
    "Arabic and English": 'قالت شركة Delta Works إن مشروع "Blue Sea 2000" سينتهي في 2027، وأضافت أن الكلفة 40 مليون '
    "دولار (USD). The company said the harbour will be open in spring, and the road to it too. ",
    "Persian": "شهرداري تهران امروز بازار تازه\u200cاي را در مرکز شهر گشود که چهل مغازه دارد "
    "و پس از هفت ماه آماده شد. ",
    "French": "La mairie a inauguré hier matin un marché où quarante commerçants s'installent après sept mois. "
    "Le maire a déclaré que le loyer ne dépassera pas cinq cents livres à l'année. ",
}
_FORMS = {
    "Arabic": ("utf-8", "utf-8-sig", "cp1256", "iso8859-6", "utf-16", "utf-16-le", "utf-16-be"),
    "Arabic and English": ("utf-8", "cp1256", "iso8859-6", "utf-16-le", "utf-16-be"),
    "Persian": ("utf-8", "cp1256", "utf-16-le"),
    "French": ("utf-8", "cp1252", "iso8859-15", "utf-16-le", "cp1256"),
}
_LENGTHS = (40, 100, 250, 2500)
_OTHERS = {
    "cp1254": "Belediye dün sabah kırk dükkânlı yeni bir sebze pazarı açtı, çarşı yedi ay sonra hazır oldu. ",
    "cp1250": "Miasto otworzyło wczoraj rano nowy targ warzywny z czterdziestoma sklepami, po siedmiu miesiącach. ",
    "cp1251": "Вчера утром город открыл новый овощной рынок, на котором сорок магазинов. ",
    "cp1253": "Ο δήμος άνοιξε χθες το πρωί μια νέα αγορά λαχανικών με σαράντα καταστήματα. ",
}

Recogniser = Callable[[bytes], str | None]


def samples() -> Iterator[tuple[str, str, bytes]]:
    """Yield the kind of each sample, its text and its bytes."""
    for kind, text in _TEXTS.items():
        for form in _FORMS[kind]:
            for length in _LENGTHS:
                part = _cut(text, length)
                if form != "utf-8" and not form.startswith("utf-16") and kind == "Persian":
                    part = part.replace("ک", "ك")
                yield kind, part, part.encode(form)
    for form, text in _OTHERS.items():
        for length in _LENGTHS:
            yield "other code pages", _cut(text, length), _cut(text, length).encode(form)
    for kind in ("Arabic", "French"):
        for length in _LENGTHS:
            part = _cut(_TEXTS[kind], length)
            whole = part.encode()
            yield (
                "UTF-8 with a broken byte",
                part,
                whole[: len(whole) // 2] + b"\xff" + whole[len(whole) // 2 :],
            )


def compare() -> str:
    """Return the outcomes of each recogniser by kind of sample, as a table."""
    import chardet  # type: ignore[import-not-found]
    from charset_normalizer import from_bytes

    def by_normalizer(data: bytes) -> str | None:
        best = from_bytes(data).best()
        return str(best) if best else None

    def by_chardet(data: bytes) -> str | None:
        named = chardet.detect(data)["encoding"]
        return data.decode(named, "replace") if named else None

    ways: dict[str, Recogniser] = {"ours": _ours, "charset-normalizer": by_normalizer, "chardet": by_chardet}
    counts: dict[str, dict[str, Counter[str]]] = {}
    for kind, text, data in samples():
        for way, recognise in ways.items():
            read = recognise(data)
            outcome = (
                "refused" if read is None else "right" if read.removeprefix("\ufeff") == text else "wrong"
            )
            counts.setdefault(kind, {}).setdefault(way, Counter())[outcome] += 1
    rows = [f"| samples | {' | '.join(ways)} |", "|---" * (len(ways) + 1) + "|"]
    for kind, found in counts.items():
        cells = [" / ".join(str(found[way][each]) for each in ("right", "wrong", "refused")) for way in ways]
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _ours(data: bytes) -> str | None:
    try:
        return decode(data)
    except NoTextError:
        return None


def _cut(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length].rsplit(" ", 1)[0]
