"""Facts about Arabic news outlets: the outlet of each host, and the names that stand for the same agency.

Real outlets only, each under the name Arabic readers know it by. A host that is not listed is its own name.
"""

from __future__ import annotations

from functools import cache

from corpus.arabic import fold_text

HOSTS = {
    # Syria
    "sana.sy": "سانا",
    "enabbaladi.net": "عنب بلدي",
    "enabbaladi.org": "عنب بلدي",
    "syria.tv": "تلفزيون سوريا",
    "alwatan.sy": "الوطن السورية",
    "alikhbariah.com": "الإخبارية السورية",
    "syriahr.com": "المرصد السوري لحقوق الإنسان",
    "npasyria.com": "نورث برس",
    "hawarnews.com": "هاوار",
    "shaam.org": "شبكة شام",
    "halabtodaytv.net": "حلب اليوم",
    # Agencies
    "spa.gov.sa": "واس",
    "wafa.ps": "وفا",
    "wam.ae": "وام",
    "qna.org.qa": "قنا",
    "kuna.net.kw": "كونا",
    "bna.bh": "بنا",
    "petra.gov.jo": "بترا",
    "nna-leb.gov.lb": "الوكالة الوطنية للإعلام",
    "ina.iq": "واع",
    "aps.dz": "وكالة الأنباء الجزائرية",
    "tap.info.tn": "وات",
    "mapnews.ma": "وكالة المغرب العربي للأنباء",
    "ami.mr": "الوكالة الموريتانية للأنباء",
    "mena.org.eg": "أ ش أ",
    "aa.com.tr": "الأناضول",
    "reuters.com": "رويترز",
    "afp.com": "فرانس برس",
    "apnews.com": "أسوشيتد برس",
    "dpa.com": "د ب أ",
    "xinhuanet.com": "شينخوا",
    "news.cn": "شينخوا",
    "sputnikarabic.ae": "سبوتنيك",
    "sarabic.ae": "سبوتنيك",
    "tass.com": "تاس",
    "irna.ir": "إرنا",
    # Channels and newspapers read across the region
    "aljazeera.net": "الجزيرة",
    "alarabiya.net": "العربية",
    "alhadath.net": "الحدث",
    "skynewsarabia.com": "سكاي نيوز عربية",
    "asharq.com": "الشرق",
    "aawsat.com": "الشرق الأوسط",
    "alquds.co.uk": "القدس العربي",
    "alaraby.co.uk": "العربي الجديد",
    "alaraby.com": "التلفزيون العربي",
    "independentarabia.com": "اندبندنت عربية",
    "arabic.cnn.com": "CNN بالعربية",
    "cnn.com": "CNN",
    "bbc.com": "BBC",
    "bbc.co.uk": "BBC",
    "arabic.rt.com": "RT عربي",
    "rt.com": "RT",
    "france24.com": "فرانس 24",
    "mc-doualiya.com": "مونت كارلو الدولية",
    "dw.com": "DW",
    "euronews.com": "يورونيوز",
    "alhurra.com": "الحرة",
    "almayadeen.net": "الميادين",
    "alghad.tv": "قناة الغد",
    "trtarabi.com": "TRT عربي",
    "news.un.org": "أخبار الأمم المتحدة",
    "raseef22.net": "رصيف22",
    "daraj.media": "درج",
    "alhayat.com": "الحياة",
    "elaph.com": "إيلاف",
    "arabi21.com": "عربي21",
    "noonpost.com": "نون بوست",
    "alkhaleejonline.net": "الخليج أونلاين",
    # Lebanon, Iraq, Jordan, Palestine
    "annahar.com": "النهار",
    "al-akhbar.com": "الأخبار",
    "almodon.com": "المدن",
    "lbcgroup.tv": "LBCI",
    "mtv.com.lb": "MTV اللبنانية",
    "lebanon24.com": "لبنان 24",
    "shafaq.com": "شفق نيوز",
    "alsumaria.tv": "السومرية",
    "rudawarabia.net": "رووداو",
    "rudaw.net": "رووداو",
    "kurdistan24.net": "كوردستان 24",
    "almadapaper.net": "المدى",
    "alghad.com": "الغد",
    "alrai.com": "الرأي الأردنية",
    "addustour.com": "الدستور الأردنية",
    "ammonnews.net": "عمون",
    "royanews.tv": "رؤيا",
    "maannews.net": "معا",
    "alquds.com": "القدس",
    # Egypt and Sudan
    "ahram.org.eg": "الأهرام",
    "youm7.com": "اليوم السابع",
    "almasryalyoum.com": "المصري اليوم",
    "shorouknews.com": "الشروق المصرية",
    "elwatannews.com": "الوطن المصرية",
    "masrawy.com": "مصراوي",
    "madamasr.com": "مدى مصر",
    "dabangasudan.org": "راديو دبنقا",
    # The Gulf and Yemen
    "alriyadh.com": "الرياض",
    "okaz.com.sa": "عكاظ",
    "al-jazirah.com": "الجزيرة السعودية",
    "sabq.org": "سبق",
    "alkhaleej.ae": "الخليج",
    "albayan.ae": "البيان",
    "alittihad.ae": "الاتحاد",
    "emaratalyoum.com": "الإمارات اليوم",
    "al-sharq.com": "الشرق القطرية",
    "raya.com": "الراية",
    "al-watan.com": "الوطن القطرية",
    "alqabas.com": "القبس",
    "alraimedia.com": "الراي الكويتية",
    "aljarida.com": "الجريدة",
    "omandaily.om": "عمان",
    "almasdaronline.com": "المصدر أونلاين",
    # The Maghreb
    "hespress.com": "هسبريس",
    "alyaoum24.com": "اليوم 24",
    "echoroukonline.com": "الشروق أونلاين",
    "elkhabar.com": "الخبر",
    "ennaharonline.com": "النهار أونلاين",
    "mosaiquefm.net": "موزاييك أف أم",
    "jawharafm.net": "جوهرة أف أم",
    "babnet.net": "باب نات",
    "alchourouk.com": "الشروق التونسية",
    "alwasat.ly": "بوابة الوسط",
    "alakhbar.info": "الأخبار الموريتانية",
}
"""Outlet name by host, without ``www.``."""

AGENCIES = {
    "CNN": ("CNN", "سي إن إن", "سي ان ان", "شبكة سي إن إن"),
    "CNN بالعربية": ("CNN بالعربية", "CNN Arabic", "سي إن إن عربية", "سي إن إن بالعربية"),
    "BBC": ("BBC", "بي بي سي"),
    "BBC عربي": ("BBC عربي", "BBC Arabic", "بي بي سي عربي"),
    "رويترز": ("رويترز", "Reuters", "وكالة رويترز", "وكالة رويترز للأنباء"),
    "فرانس برس": ("فرانس برس", "ا ف ب", "اف ب", "أ.ف.ب", "AFP", "وكالة فرانس برس", "وكالة الصحافة الفرنسية"),
    "أسوشيتد برس": ("أسوشيتد برس", "أسوشييتد برس", "اسوشيتدبرس", "أ ب", "أ.ب", "AP", "وكالة أسوشيتد برس"),
    "د ب أ": ("د ب أ", "د.ب.أ", "دب أ", "dpa", "وكالة الأنباء الألمانية"),
    "أ ش أ": ("أ ش أ", "أ.ش.أ", "وكالة أنباء الشرق الأوسط", "MENA"),
    "سانا": (
        "سانا",
        "SANA",
        "وكالة سانا",
        "الوكالة العربية السورية للأنباء",
        "الوكالة العربية السورية للأنباء سانا",
    ),
    "واس": ("واس", "SPA", "وكالة الأنباء السعودية", "وكالة الأنباء السعودية واس"),
    "وفا": ("وفا", "WAFA", "وكالة وفا", "وكالة الأنباء الفلسطينية", "وكالة الأنباء والمعلومات الفلسطينية"),
    "وام": ("وام", "WAM", "وكالة أنباء الإمارات"),
    "قنا": ("قنا", "QNA", "وكالة الأنباء القطرية"),
    "كونا": ("كونا", "KUNA", "وكالة الأنباء الكويتية"),
    "بنا": ("بنا", "BNA", "وكالة أنباء البحرين"),
    "بترا": ("بترا", "Petra", "وكالة الأنباء الأردنية", "وكالة الأنباء الأردنية بترا"),
    "واع": ("واع", "INA", "وكالة الأنباء العراقية", "وكالة الأنباء العراقية واع"),
    "وات": ("وات", "TAP", "وكالة تونس إفريقيا للأنباء"),
    "واج": ("واج", "وأج", "APS", "وكالة الأنباء الجزائرية"),
    "وكالة المغرب العربي للأنباء": ("و م ع", "ومع", "MAP", "وكالة المغرب العربي للأنباء"),
    "الأناضول": ("الأناضول", "وكالة الأناضول", "AA", "Anadolu", "Anadolu Agency"),
    "شينخوا": ("شينخوا", "Xinhua", "وكالة شينخوا", "وكالة أنباء شينخوا"),
    "سبوتنيك": ("سبوتنيك", "Sputnik", "وكالة سبوتنيك", "وكالة سبوتنيك الروسية"),
    "تاس": ("تاس", "TASS", "وكالة تاس"),
    "نوفوستي": ("نوفوستي", "وكالة نوفوستي", "ريا نوفوستي"),
    "إرنا": ("إرنا", "IRNA", "وكالة إرنا"),
    "الوكالة الوطنية للإعلام": ("الوكالة الوطنية للإعلام", "الوكالة الوطنية"),
    "RT عربي": ("RT عربي", "RT Arabic", "روسيا اليوم", "آر تي عربي"),
    "الجزيرة": ("الجزيرة", "الجزيرة نت", "قناة الجزيرة", "Al Jazeera"),
    "العربية": ("العربية", "العربية نت", "قناة العربية", "العربية.نت"),
    "الشرق الأوسط": ("الشرق الأوسط", "صحيفة الشرق الأوسط"),
    "القدس العربي": ("القدس العربي", "صحيفة القدس العربي"),
    "العربي الجديد": ("العربي الجديد", "صحيفة العربي الجديد"),
    "سكاي نيوز عربية": ("سكاي نيوز عربية", "Sky News Arabia"),
    "DW": ("DW", "دويتشه فيله"),
    "يورونيوز": ("يورونيوز", "Euronews"),
    "فرانس 24": ("فرانس 24", "فرانس24", "France 24"),
}
"""Names and initials that an outlet has in datelines, credits and source lines, by the outlet's name."""

_NOT_OUTLETS = (
    "وكالات",
    "الوكالات",
    "وكالة",
    "مواقع",
    "مواقع إلكترونية",
    "مواقع التواصل",
    "متابعات",
    "متابعة",
    "خاص",
    "إنترنت",
    "الإنترنت",
    "صحف",
    "وسائل إعلام",
    "مواقع ووكالات",
    "وكالات أنباء",
    "صحافة",
    "agencies",
    "أخرى",
)


_MOST_LABELS = 8  # of a host that are looked at, the last ones: no outlet's has more


def outlet_of(host: str) -> str:
    """Return the outlet's name for a host, or the host itself (without ``www.``) when it is not a known one.

    A subdomain stands for its site: ``m.sana.sy`` is ``sana.sy``.
    """
    host = bare_host(host)
    labels = host.split(".")
    for first in range(max(0, len(labels) - _MOST_LABELS), len(labels) - 1):
        name = HOSTS.get(".".join(labels[first:]))
        if name:
            return name
    return host


def bare_host(host: str) -> str:
    """Return a host in lower case, without ``www.`` and a final dot or slash."""
    return host.strip().lower().rstrip("./").removeprefix("www.")


def known_outlet(name: str) -> str | None:
    """Return the usual name of a known outlet for any of its names: «أ ف ب» → «فرانس برس»; None for all others."""
    return _names().get(key(name))


def known_agency(name: str) -> str | None:
    """Return an outlet's usual name for a name that is clear without context («الأخبار» is not), else None."""
    return _agencies().get(key(name))


def agency_names() -> list[str]:
    """Return every name that `known_agency` knows, longest first."""
    return sorted((name for names in AGENCIES.values() for name in names), key=len, reverse=True)


def named_outlet(credit: str) -> str | None:
    """Return the first outlet in a credit such as «الجزيرة + وكالات»; None when it names none («وكالات»)."""
    found = known_outlet(credit)
    if found:
        return found
    for separator in ("+", "،", ",", "/", "|", "؛", ";", " - ", " – "):
        if separator in credit:
            named = (named_outlet(part) for part in credit.split(separator))
            return next((name for name in named if name), None)
    name = credit.strip(" .:«»\"'()[]\t")
    return None if not key(name) or key(name) in _generic() else name


def key(name: str) -> str:
    """Return the folded letters and digits of a name, for comparison."""
    return "".join(character for character in fold_text(name) if character.isalnum())


@cache
def _names() -> dict[str, str]:
    return {key(name): name for name in HOSTS.values()} | _agencies()


@cache
def _agencies() -> dict[str, str]:
    return {key(other): name for name, others in AGENCIES.items() for other in others}


@cache
def _generic() -> frozenset[str]:
    return frozenset(key(name) for name in _NOT_OUTLETS)
