"""Measure how many outlets are read right from plain text files that are signed as newspapers sign them.

    python -m tests.evals.stamps ARTICLES.jsonl.xz [TEXT FOLDER]

Articles are drawn at random (the same each time), rendered in the styles of ``stamps.toml``, each style in a folder of
its own, and ingested. Printed: right, none and wrong, for the styles that the rules were made on and those set aside.
"""

from __future__ import annotations

import json
import lzma
import random
import sys
import tempfile
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from corpus.article import Article, Chunk
from corpus.ingest import ingest
from corpus.parse.plain.outlets import key
from corpus.store import Archive

ARTICLES = 430
STYLES = tomllib.loads((Path(__file__).parent / "stamps.toml").read_text(encoding="utf-8"))["style"]
LEVANT = ["كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول"]
LEVANT += ["تشرين الأول", "تشرين الثاني", "كانون الأول"]
WEST = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
]
MAGHREB = [
    "جانفي",
    "فيفري",
    "مارس",
    "أفريل",
    "ماي",
    "جوان",
    "جويلية",
    "أوت",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
]
DAYS = ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]
PLACES = ["الرياض", "تونس", "القاهرة", "بيروت", "صنعاء", "عمان"]
SECTIONS = ["سياسة", "اقتصاد", "محليات", "أخبار عربية", "رياضة"]
ROLES = ["مراسل الشؤون المحلية", "محرر الشؤون العربية", "مندوبنا في الشمال", "محرر الصفحة"]


def rendered(style: str, title: str, body: str, draw: random.Random) -> str:
    """Return an article signed in a style, on a random day."""
    day = date(2015, 1, 1) + timedelta(days=draw.randrange(1500))
    number, month = day.day, day.month - 1
    return style.format(
        title=title,
        body=body,
        long=f"{number} {WEST[month]} {day.year}",
        dual=f"{number} {LEVANT[month]}/{WEST[month]} {day.year}",
        maghreb=f"{number} {MAGHREB[month]} {day.year}",
        slash=f"{number:02}/{day.month:02}/{day.year}",
        dash=f"{number:02} - {day.month:02} - {day.year}",
        iso=day.isoformat(),
        weekday=DAYS[day.weekday()],
        place=draw.choice(PLACES),
        section=draw.choice(SECTIONS),
        role=draw.choice(ROLES),
    )


def drawn(export: Path, folder: Path | None, draw: random.Random) -> list[tuple[str, str]]:
    """Return headlines and texts: random ones of an export, and all of a folder of text files."""
    with lzma.open(export, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    usable = [record for record in records if len(record["text"].split()) > 40 and record["title"].strip()]
    texts = [(record["title"].strip(), record["text"].strip()) for record in draw.sample(usable, ARTICLES)]
    for path in sorted(folder.glob("*.txt")) if folder else ():
        headline, _, rest = path.read_text(encoding="utf-8").strip().partition("\n")
        lines = [line for line in rest.splitlines() if len(line.split()) > 25 and ".sy" not in line]
        body = "\n\n".join(lines)
        texts[draw.randrange(ARTICLES)] = (headline.strip(), body)
    return texts


def main() -> None:
    draw = random.Random(7)
    texts = drawn(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None, draw)
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for at, (title, body) in enumerate(texts):
            number = at % len(STYLES)
            file = root / "in" / f"{number:02}" / f"{at}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(rendered(STYLES[number]["text"], title, body, draw), encoding="utf-8")
        archive = Archive(root / "archive.sqlite")
        report = ingest([root / "in"], archive, whole)
        tell(archive.articles(), len(report.skipped))
        archive.close()


def whole(article: Article) -> list[Chunk]:
    return []


def tell(articles: list[Article], skipped: int) -> None:
    counts: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    styles: dict[int, Counter[str]] = {number: Counter() for number in range(len(STYLES))}
    for article in articles:
        if article.part:
            continue
        number = int(article.source.split("/")[0])
        names = {key(name) for name in STYLES[number]["names"]}
        found = article.publisher
        right = key(found) in names if found else not names
        outcome = "right" if right else "none" if found is None else "wrong"
        counts[bool(STYLES[number].get("aside"))][outcome] += 1
        styles[number][outcome if outcome != "wrong" else f"wrong ({found})"] += 1
    for number, outcomes in styles.items():
        text = STYLES[number]["text"].replace("\n", " ⏎ ")
        print(f"{number:02} {'aside' if STYLES[number].get('aside') else 'made '} {dict(outcomes)}  {text}")
    for aside, outcomes in counts.items():
        total = outcomes.total()
        print(
            f"{'set aside' if aside else 'made on'}: {outcomes['right']} of {total} right, "
            f"{outcomes['none']} none, {outcomes['wrong']} wrong"
        )
    print(f"skipped: {skipped}")


if __name__ == "__main__":
    main()
