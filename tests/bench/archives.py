"""Inputs of the bench: articles as text files, and questions to put to them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

QUESTIONS = """
متى انضمت سوريا إلى التحالف الدولي؟
ما رقم عضوية سوريا في التحالف؟
هل يتضمن الإعلان شقًّا عسكريًّا؟
من وقّع عن سوريا؟
ماذا قال وزير الإعلام حمزة المصطفى عن الإعلان؟
ماذا قال بيان الرياض عن قوات سوريا الديمقراطية؟
من مثّل سوريا في اجتماع الرياض؟
كم عدد مقاتلي التنظيم الباقين في سوريا والعراق؟
متى زار أحمد الشرع البيت الأبيض؟
متى رُفعت القيود عن السفارة السورية في واشنطن؟
على ماذا ينص اتفاق آذار؟
ما أولويات المرحلة المقبلة في البيان الختامي؟
كم شخصًا أوقف في السفيرة؟
متى تأسس التحالف الدولي؟
أين عُقد الاجتماع؟
ماذا قال توم باراك في حوار المنامة؟
ما موقف دول الخليج من عودة سوريا؟
ما مصير مخيمي الهول وروج؟
ايمتى فاتت سوريا عالتحالف؟
مين حضر اجتماع الرياض؟
When did Syria join the coalition?
How many fighters remain in Syria and Iraq?
متى انضمت تركيا إلى التحالف؟
كم بلغ سعر النفط أمس؟
""".strip().splitlines()


def unpack(archive: Path, folder: Path, limit: int) -> int:
    """Write the first ``limit`` articles of a JSON-lines file (or ``.xz``) into ``folder`` as text files.

    A line is an object with ``title`` and ``text``, maybe ``publisher`` and ``published``. Returns their number.
    """
    count = 0
    for number, article in enumerate(islice(read_articles(archive), limit)):
        head = [article["title"]]
        head += [f"الناشر: {article['publisher']}"] if article.get("publisher") else []
        head += [f"التاريخ: {article['published'][:10]}"] if article.get("published") else []
        (folder / f"{number:06}.txt").write_text("\n".join(head) + "\n\n" + article["text"], encoding="utf-8")
        count += 1
    return count


def headlines(folder: Path, count: int) -> list[str]:
    """Make questions of the headlines of ``count`` articles, spread evenly over the folder."""
    files = sorted(folder.glob("*.txt"))
    chosen = files[:: max(1, len(files) // count)][:count]
    return [f"ما خبر {file.read_text(encoding='utf-8').partition(chr(10))[0]}؟" for file in chosen]


def read_articles(archive: Path) -> Iterator[dict[str, str]]:
    """Yield the articles of a JSON-lines file (or ``.xz``) that have a headline and more than a line of text."""
    with lzma.open(archive) if archive.suffix == ".xz" else archive.open("rb") as lines:
        for line in lines:
            article = json.loads(line)
            if article.get("title") and len(article.get("text") or "") > 100:
                yield article
