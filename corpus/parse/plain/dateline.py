"""Datelines: «دمشق – سانا»، «القاهرة – (د ب أ)»، «دبي، الإمارات العربية المتحدة (CNN)--»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from corpus.arabic import STOPWORDS, fold_text, words
from corpus.parse.plain.lines import SPEAKS
from corpus.parse.plain.outlets import agency_names, known_agency

_DASH = r"[-–—−ـ]+"
_PLACE = r"(?P<place>[^\W\d_][^\d:.؟?!«»\"“”()/\[\]\n–—]{1,50}?)"
_DATE = r"(?:[\s،,:]*(?P<date>(?:في\s+)?\d[\w\s/.\-]{3,30}?))?"
_MARK = r"[\s\u200e\u200f\u061c\ufeff]*"
_LONGEST_PLACE = 5  # words, of a place that is not known
# «وقال في تصريح لوكالة (…)» names an agency too, after words like these.
_NOT_IN_PLACES = frozenset(
    fold_text(
        """
        وكالة شبكة قناة صحيفة هيئة موقع إذاعة مراسل مراسلة مندوب تصريح تصريحات تقرير بيان حديث مصدر وفق
        بحسب حسب نقلا
        """
    ).split()
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place where a report was written, its agency if named, its date, and the end offset of the dateline."""

    place: str
    agency: str | None
    date: str
    end: int


def read_dateline(text: str) -> Dateline | None:
    """Return the dateline at the start of a paragraph, or None.

    The place must be a known one, or an agency known by name must follow it: «وقال – وهو يغادر –» is no
    dateline.
    """
    head = text[:120]
    for pattern in _patterns():
        found = pattern.match(head)
        if not found:
            continue
        place = " ".join(found["place"].split()).strip(" ،,-–—ـ")
        groups = found.groupdict()
        agency = known_agency(groups["agency"]) if groups.get("agency") else None
        if is_place(place) or (agency and _could_be_place(place)):
            return Dateline(place, agency, (groups.get("date") or "").strip(), found.end())
    return None


def is_place(name: str) -> bool:
    """Return whether a name is a known city or country, or several of them separated by commas."""
    parts = [part for part in re.split(r"[،,/]|\sو(?=\S)|\s[-–—]\s", name) if part.strip()]
    return bool(parts) and all(_fold_place(part) in _places() for part in parts)


def _could_be_place(name: str) -> bool:
    found = words(name)
    stems = {form for word in found for form in (word.text, word.stem)}
    return 0 < len(name.split()) <= _LONGEST_PLACE and not stems & (_NOT_IN_PLACES | STOPWORDS | SPEAKS)


def _fold_place(name: str) -> str:
    return " ".join(fold_text(name).split())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    agency = "(?P<agency>" + "|".join(re.escape(name) for name in agency_names()) + ")"
    return (
        # دبي، الإمارات العربية المتحدة (CNN)-- ، القاهرة – (د ب أ) ، باريس 3 آذار 2024 (أ ف ب) -
        re.compile(
            rf"{_MARK}{_PLACE}{_DATE}\s*(?:{_DASH}|[:/،])?\s*\((?P<agency>[^()\n]{{1,40}})\)", re.IGNORECASE
        ),
        # دمشق-سانا ، إسطنبول/ الأناضول ، لندن: «الشرق الأوسط» ، رام الله 10-2-2026 وفا-
        re.compile(
            rf"{_MARK}{_PLACE}{_DATE}\s*(?:{_DASH}|[:/،]|"
            rf"(?<=\d)\s)\s*[«\"“]?{agency}[»\"”]?(?!\w)\s*(?:{_DASH}|[:/،])?",
            re.IGNORECASE,
        ),
        # واشنطن – قال ، دمشق- كشف
        re.compile(rf"{_MARK}{_PLACE}{_DATE}(?:\s+{_DASH}\s*|{_DASH}\s+)", re.IGNORECASE),
    )


@cache
def _places() -> frozenset[str]:
    return frozenset(_fold_place(name) for line in _PLACES.strip().splitlines() for name in line.split("،"))


_PLACES = """
سوريا، سورية، دمشق، حلب، حمص، حماة، اللاذقية، طرطوس، إدلب، درعا، السويداء، القنيطرة، دير الزور
الرقة، الحسكة، القامشلي، منبج، تدمر، الباب، عفرين، جرابلس، عين العرب، كوباني، البوكمال، الميادين
السفيرة، ريف دمشق، ريف حلب، الشمال السوري، لبنان، بيروت، طرابلس، صيدا، صور، زحلة، بعلبك، الأردن
عمان، إربد، الزرقاء، العقبة، المفرق، فلسطين، القدس، القدس المحتلة، رام الله، غزة، قطاع غزة، نابلس
الخليل، جنين، بيت لحم، رفح، خان يونس، حيفا، الناصرة، تل أبيب، العراق، بغداد، البصرة، الموصل، أربيل
كركوك، السليمانية، النجف، كربلاء، الأنبار، دهوك، ديالى، السعودية، المملكة العربية السعودية، الرياض
جدة، مكة، مكة المكرمة، المدينة المنورة، الدمام، نيوم، العلا، الإمارات، الإمارات العربية المتحدة، دبي
أبوظبي، أبو ظبي، الشارقة، قطر، الدوحة، الكويت، مدينة الكويت، البحرين، المنامة، سلطنة عمان، مسقط
صلالة، اليمن، صنعاء، عدن، تعز، الحديدة، مأرب، المكلا، مصر، القاهرة، الإسكندرية، الجيزة، السويس
الإسماعيلية، بورسعيد، أسوان، الأقصر، شرم الشيخ، العريش، العلمين، السودان، الخرطوم، أم درمان
بورتسودان، الفاشر، جوبا، ليبيا، طرابلس الغرب، بنغازي، مصراتة، سبها، درنة، سرت، تونس، صفاقس، سوسة
القيروان، بنزرت، قابس، الجزائر، الجزائر العاصمة، وهران، قسنطينة، عنابة، المغرب، الرباط
الدار البيضاء، مراكش، فاس، طنجة، أكادير، العيون، موريتانيا، نواكشوط، الصومال، مقديشو، جيبوتي، موروني
تركيا، أنقرة، إسطنبول، اسطنبول، غازي عنتاب، إزمير، أنطاليا، إيران، طهران، إسرائيل، قبرص، نيقوسيا
الولايات المتحدة، واشنطن، نيويورك، لوس أنجلوس، شيكاغو، بوسطن، سان فرانسيسكو، فلوريدا، الأمم المتحدة
كندا، أوتاوا، تورونتو، بريطانيا، لندن، فرنسا، باريس، مرسيليا، ستراسبورغ، ألمانيا، برلين، ميونخ
ميونيخ، فرانكفورت، هامبورغ، بون، بلجيكا، بروكسل، هولندا، لاهاي، أمستردام، سويسرا، جنيف، بيرن، دافوس
زيورخ، النمسا، فيينا، إيطاليا، روما، ميلانو، الفاتيكان، إسبانيا، مدريد، برشلونة، البرتغال، لشبونة
السويد، ستوكهولم، النرويج، أوسلو، الدنمارك، كوبنهاغن، فنلندا، هلسنكي، أيرلندا، دبلن، اليونان، أثينا
روسيا، موسكو، سوتشي، أوكرانيا، كييف، بولندا، وارسو، المجر، بودابست، رومانيا، بوخارست، بلغاريا، صوفيا
صربيا، بلغراد، براغ، أرمينيا، يريفان، أذربيجان، باكو، جورجيا، تبليسي، كازاخستان، أستانا، أوزبكستان
طشقند، أفغانستان، كابول، باكستان، إسلام آباد، الهند، نيودلهي، مومباي، بنغلادش، دكا، سريلانكا
كولومبو، الصين، بكين، بيجين، شنغهاي، هونغ كونغ، اليابان، طوكيو، كوريا الجنوبية، سيول، كوريا الشمالية
بيونغ يانغ، إندونيسيا، جاكرتا، ماليزيا، كوالالمبور، سنغافورة، تايلاند، بانكوك، مانيلا، أستراليا
سيدني، كانبرا، ملبورن، إثيوبيا، أديس أبابا، كينيا، نيروبي، نيجيريا، أبوجا، لاغوس، السنغال، داكار
مالي، باماكو، النيجر، نيامي، تشاد، نجامينا، أوغندا، كمبالا، رواندا، كيغالي، جنوب أفريقيا
جنوب إفريقيا، جوهانسبرغ، بريتوريا، كيب تاون، البرازيل، برازيليا، ريو دي جانيرو، ساو باولو، الأرجنتين
بوينس آيرس، المكسيك، مكسيكو، كوبا، هافانا، فنزويلا، كاراكاس، عواصم
"""
