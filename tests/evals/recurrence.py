"""How much of what a site puts around its articles is found by recurrence, and how much reporting is lost to it.

    .venv/bin/python -m tests.evals.recurrence ARCHIVE.jsonl[.xz] [--half 0|1] [--articles 30] [--topical] [--lost]

Ten sites of our own, five for choosing thresholds (half 0) and five set aside (half 1), are put around real
articles of an archive (objects with ``title`` and ``text``, one a line). A site has lines above and below its
articles, some with dates, names, headlines and addresses that change, some on the line of the last paragraph.
Some articles on a subject end with the same paragraph of background, which is reporting: it must stay. Given is
what is left out of evidence by the rules alone and with recurrence, by sentences.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from corpus.arabic import sentences
from corpus.article import Article, Chunk
from corpus.chunk import chunks
from corpus.parse import ParseError, parse
from corpus.store import Archive


@dataclass(frozen=True, slots=True)
class Site:
    """A site's lines above and below its articles, and what it repeats as reporting."""

    host: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    glued: str = ""
    """Stands on the line of the last paragraph, behind it."""
    middle: str = ""
    """Stands after the first paragraph."""
    subject: str = ""
    """A word of the articles that end with the background."""
    background: str = ""
    often: float = 1.0
    """The share of its articles that have the lines of ``sometimes``."""
    sometimes: tuple[str, ...] = field(default=())


SITES = (
    Site(
        "sahl-post.example",
        above=("نشرت هذه المادة على بوابة السهل في {date} عند الساعة {hour}",),
        below=(
            "رابط الخبر ببوابة السهل: {title}",
            "ترحب بوابة السهل بآراء قرائها وتنشر منها ما يخلو من التجريح. ولا تنشر الردود التي تحض على الكراهية أو "
            "تخالف القانون. ويحق لفريق الإشراف حذف أي رد دون إبداء السبب. وتبقى الردود ملكًا لأصحابها وحدهم.",
        ),
        subject="الإفريقي",
        background="وكان النادي الإفريقي قد أنهى الموسم الماضي في مرتبة متأخرة خلف الترجي، قبل أن تتغير إدارته "
        "الفنية ويعود الفريق إلى المنافسة على لقب البطولة.",
    ),
    Site(
        "marfa-news.example",
        above=("{role} - المرفأ اليوم",),
        below=("حرر هذا الخبر {role}، ودققه قسم المراجعة في المرفأ اليوم.",),
        glued="المصدر غرفة أخبار المرفأ اليوم، ويمنع النقل دون إذن مكتوب.",
        subject="الشاهد",
        background="ويرأس يوسف الشاهد حكومة الوحدة الوطنية في تونس منذ أن منحها مجلس نواب الشعب ثقته بأغلبية واسعة.",
    ),
    Site(
        "waha.example",
        above=(),
        below=(
            "{role} في موقع الواحة، يكتب في الشأن المحلي منذ عام {year}، وتصله رسائلكم على {mail}",
            "وصلتم إلى آخر الصفحة. تجدون نشراتنا الصوتية على كل المنصات.",
        ),
        middle="شاهد بالفيديو على الواحة: {other}",
        subject="الأمنية",
        background="وتواصل الوحدات الأمنية في تونس حملاتها على الخلايا الإرهابية المتحصنة بالمرتفعات الغربية، وأوقفت "
        "منذ بداية السنة عشرات المظنون فيهم.",
    ),
    Site(
        "rasif.example",
        above=("زمن المطالعة: {number} دقائق", "مشاركة الرابط المختصر https://rasif.example/{number}"),
        below=(
            "أعجبتك المادة؟ ادعم صحافة مستقلة بمبلغ رمزي كل شهر.",
            "اقتراحات المحررين",
            "{other}",
            "{other}",
        ),
        often=0.4,
        sometimes=("تنبيه من الرصيف: هذه المادة منقولة عن وكالة، ولم تراجعها هيئة التحرير.",),
    ),
    Site(
        "naba24.example",
        above=("نبأ 24", "{weekday} {date}"),
        below=("جميع ما ينشر هنا يخضع لرخصة المشاع الإبداعي.", "فريق نبأ 24"),
        subject="الطقس",
        background="وكان المعهد الوطني للرصد الجوي قد نبه مستعملي الطريق إلى توخي الحذر بسبب الطقس البارد وتساقط "
        "الثلوج في المرتفعات الغربية.",
    ),
    Site(
        "qalam-hurr.example",
        above=("صحيفة القلم الحر الإلكترونية - {date}",),
        below=(
            "إن إدارة القلم الحر لا تلتزم بما يكتبه الزوار تحت المواد، وكل كاتب مسؤول عن كلامه. ونرجو من الجميع احترام "
            "الرأي الآخر. وسنغلق باب الردود بعد أسبوع من النشر.",
            "عدد من قرؤوا المادة حتى الآن {number}",
        ),
        subject="المدرسة",
        background="وتشكو المدارس الابتدائية في الجهات الداخلية من نقص الإطار التربوي وتقادم بناء المدرسة وبعدها عن "
        "مساكن التلاميذ، حسب تقرير وزارة التربية.",
    ),
    Site(
        "jabal.example",
        above=("راديو الجبل على الموجة 97.3 - أخبار {section}",),
        below=("استمعوا إلى البث الحي لراديو الجبل على مدار الساعة", "أعد المادة للنشر: {role}"),
        glued="(راديو الجبل، {date})",
        subject="الحماية المدنية",
        background="وسجلت الحماية المدنية ارتفاعًا في حوادث المرور خلال الأشهر الأخيرة، ودعت السواق إلى التقليص من "
        "السرعة واحترام المسافة بين السيارات.",
    ),
    Site(
        "midan-online.example",
        above=(),
        below=(
            "نسخة للطباعة من الميدان أونلاين | {title} | {date}",
            "سياسة النشر: يلتزم الميدان أونلاين تصحيح أخطائه خلال يوم واحد من إبلاغه بها. راسلوا قسم التصويبات على "
            "{mail}. وتظهر التصويبات أسفل المواد المعنية.",
        ),
        subject="الفيفا",
        background="ويتولى الاتحاد الدولي لكرة القدم «الفيفا» الفصل في نزاعات اللاعبين والأندية، وقد سبق أن عاقب أندية "
        "عدة بخصم نقاط من رصيدها.",
    ),
    Site(
        "afaq.example",
        above=("آفاق برس", "بقلم {role} في {date}", "حجم النص كبير صغير"),
        below=("اختتام المادة من آفاق برس رقم {number}",),
        often=0.5,
        sometimes=("يعبر هذا النص عن وجهة نظر صاحبه ولا يلزم آفاق برس في شيء.",),
        middle="إعلان: تطبيق آفاق برس الجديد بين يديكم",
    ),
    Site(
        "diwan.example",
        above=("ديوان {section}: {title}",),
        below=(
            "محتوى ديوان متاح مجانًا بفضل اشتراكات القراء. كن واحدًا منهم اليوم.",
            "تاريخ آخر مراجعة للصفحة {date}",
        ),
        subject="الرئيس",
        background="وينص الدستور على أن رئيس الجمهورية يعين رئيس الحكومة من الحزب الفائز بأكبر عدد من المقاعد، ثم يعرض "
        "الرئيس المكلف حكومته على المجلس لنيل الثقة.",
    ),
)

_ROLES = (
    "محرر الأخبار",
    "مراسلتنا في الشمال",
    "محررة الرياضة",
    "مراسل الجنوب",
    "قسم المتابعة",
    "كاتب في الاقتصاد",
)
_MONTHS = ("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول")
_DAYS = ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت")
_SECTIONS = ("سياسة", "رياضة", "اقتصاد", "ثقافة")
_SHARE_OF_BACKGROUND = 0.4  # of a site's articles


@dataclass(frozen=True, slots=True)
class Made:
    """A page of a site: its text, the site's own pieces in it, and its repeated reporting."""

    source: str
    text: str
    own: tuple[str, ...]
    background: str


def pages(
    site: Site, real: list[dict[str, str]], count: int, draw: random.Random, *, topical: bool = False
) -> Iterator[Made]:
    """Yield ``count`` pages of a site, made of real articles; with ``topical`` all of them on its subject."""
    about = [each for each in real if site.subject and site.subject in each["text"]]
    if topical:
        real = about
        count = min(count, len(real))
    told = draw.sample(about, min(len(about), int(count * _SHARE_OF_BACKGROUND)))
    taken = [*((each, site.background) for each in told)]
    taken += [(each, "") for each in draw.sample(real, count - len(taken))]
    draw.shuffle(taken)
    for number, (each, background) in enumerate(taken):
        fill = partial(_filled, site=site, title=each["title"], real=real, draw=draw)
        paragraphs = [line.strip() for line in each["text"].splitlines() if line.strip()]
        paragraphs += [background] if background else []
        above, below = [fill(line) for line in site.above], [fill(line) for line in site.below]
        below += [fill(line) for line in site.sometimes if draw.random() < site.often]
        middle, glued = fill(site.middle), fill(site.glued)
        if middle:
            paragraphs.insert(1, middle)
        if glued:
            paragraphs[-1] += " " + glued
        text = "\n\n".join([each["title"], *above, *paragraphs, *below])
        own = tuple(piece for piece in (*above, *below, middle, glued) if piece)
        yield Made(f"{site.host}/{number}.txt", text, own, background)


def _filled(line: str, site: Site, title: str, real: list[dict[str, str]], draw: random.Random) -> str:
    return line.format(
        title=title,
        other=draw.choice(real)["title"],
        date=f"{draw.randint(1, 28)} {draw.choice(_MONTHS)} {draw.randint(2016, 2026)}",
        year=draw.randint(1999, 2020),
        hour=f"{draw.randint(0, 23)}:{draw.randint(10, 59)}",
        number=draw.randint(2, 99_999),
        role=draw.choice(_ROLES),
        mail=f"desk{draw.randint(1, 400)}@{site.host}",
        weekday=draw.choice(_DAYS),
        section=draw.choice(_SECTIONS),
    )


@dataclass(slots=True)
class Score:
    own: int = 0
    by_rules: int = 0
    found: int = 0
    lost: int = 0
    background: int = 0
    background_lost: int = 0
    reporting: int = 0

    def __str__(self) -> str:
        left_out = self.found + self.lost
        return (
            f"the sites' own sentences {self.own}: left out by rules {self.by_rules} ({_of(self.by_rules, self.own)}),"
            f" by recurrence {self.found} more (recall {_of(self.by_rules + self.found, self.own)});"
            f" precision of recurrence {_of(self.found, left_out)}; reporting lost {self.lost} of {self.reporting},"
            f" of it repeated background {self.background_lost} of {self.background}"
        )


def _of(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def measure(archive: Archive, made: list[Made], articles: dict[str, Article], show: bool) -> Score:
    """Return what became of each sentence."""
    score = Score()
    for page in made:
        article = archive.article(articles[page.source].id)
        marked = [(each.start, each.end) for each in article.recurring]
        spans = [span for block in article.blocks for span in sentences(article.body, block.start, block.end)]
        kept_own = 0
        own = [piece for text in page.own for piece in _pieces(text)]
        for span in spans:
            text = article.body[span.start : span.end]
            is_own = any(
                text in each or (len(each) > 12 and each in text and len(text) < 1.5 * len(each))
                for each in own
            )
            is_out = any(start <= span.start and span.end <= end for start, end in marked)
            if is_own:
                kept_own += 1
                score.found += is_out
                if show and not is_out:
                    print("  kept:", page.source, text[:100])
            else:
                score.reporting += 1
                score.lost += is_out
                score.background += text in page.background
                score.background_lost += is_out and text in page.background
                if show and is_out:
                    print("  LOST:", page.source, text[:150])
        score.own += max(len(own), kept_own)
        score.by_rules += max(len(own) - kept_own, 0)
    return score


def _pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def _read(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode()
    found = [json.loads(line) for line in text.splitlines()]
    return [each for each in found if each.get("title") and len(each["text"]) > 200]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--half", type=int, choices=(0, 1))
    arguments.add_argument("--articles", type=int, default=30)
    arguments.add_argument("--topical", action="store_true", help="sites that write of one subject only")
    arguments.add_argument(
        "--lost", action="store_true", help="name what is lost, what is kept, what was found"
    )
    given = arguments.parse_args()
    real = _read(given.archive)
    halves = (0, 1) if given.half is None else (given.half,)
    for half in halves:
        sites = [*SITES[half * 5 : half * 5 + 5]]
        draw = random.Random(half)
        if given.topical:
            sites = [site for site in sites if site.subject]
        made = [
            page for site in sites for page in pages(site, real, given.articles, draw, topical=given.topical)
        ]
        with tempfile.TemporaryDirectory() as folder, Archive(Path(folder) / "archive.sqlite") as archive:
            articles: dict[str, Article] = {}
            for page in made:
                try:
                    found = parse(page.text, page.source)
                except ParseError:
                    continue
                articles[page.source] = found[0]
                archive.add_file(page.source, page.source, page.text, found, _chunk)
            cleaned = archive.clean(_chunk)
            print(
                f"half {half}:",
                measure(archive, [page for page in made if page.source in articles], articles, given.lost),
            )
            if given.lost:
                for line in cleaned.lines:
                    print("   ", line.outlet, line.articles, line.text[:110])


def _chunk(article: Article) -> list[Chunk]:
    return chunks(article, lambda texts: [len(text.split()) for text in texts])


if __name__ == "__main__":
    main()
