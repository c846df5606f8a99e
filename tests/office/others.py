"""OpenDocument, RTF and EPUB files, and files that bear another format's name."""

from __future__ import annotations

from collections.abc import Sequence

from tests.office import HEAD, LAST, LEDE, MORE, Sample, packed
from tests.office.word import TEXT, TITLE, word

_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"))
) + (
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
_ODT_STYLES = """
<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>
<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:style style:name="T2" style:family="text">
<style:text-properties style:text-line-through-style="solid"/></style:style>
"""


def odt(body: str, *, changes: str = "", flat: bool = False, more: dict[str, str] | None = None) -> bytes:
    """An OpenDocument text with this body."""
    inside = (
        f"<office:automatic-styles>{_ODT_STYLES}</office:automatic-styles><office:body><office:text>{changes}{body}"
        "</office:text></office:body>"
    )
    if flat:
        kind = 'office:mimetype="application/vnd.oasis.opendocument.text"'
        return f'<?xml version="1.0"?><office:document {_NAMES} {kind}>{inside}</office:document>'.encode()
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'<?xml version="1.0"?><office:document-content {_NAMES}>{inside}</office:document-content>',
            "META-INF/manifest.xml": "<manifest/>",
            **(more or {}),
        }
    )


def tp(text: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


ODT_HEAD = f'<text:h text:outline-level="1">{HEAD}</text:h>'
_CHANGES = (
    '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info>'
    f"<dc:creator>x</dc:creator></office:change-info>{tp('حذف من قبل')}</text:deletion></text:changed-region>"
    "</text:tracked-changes>"
)


def rtf(body: str, head: str = "\\ansi\\ansicpg1256\\deff0\\uc1") -> bytes:
    """An RTF file; every character beyond ASCII in the body is a byte of Windows-1256."""
    sheet = "{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0 heading 1;}{\\*\\cs10 Default;}}"
    fonts = "{\\fonttbl{\\f0\\fnil\\fcharset178 Arial;}{\\f1\\fnil\\fcharset0 Times;}}"
    plain = f"{{\\rtf1{head}{fonts}{{\\colortbl;\\red0;}}{sheet}{{\\info{{\\title x}}}}{body}}}"
    return "".join(each if ord(each) < 128 else f"\\'{each.encode('cp1256').hex()}" for each in plain).encode(
        "ascii"
    )


def escaped(text: str, instead: str = "?") -> str:
    return "".join(f"\\u{ord(each)}{instead}" if ord(each) > 127 else each for each in text)


RTF_HEAD = f"\\pard\\s1\\rtlpar {HEAD}\\par\\pard\\plain\\s0\\rtlpar "


def epub(
    chapters: Sequence[str],
    *,
    about: str = "",
    linear: Sequence[str] = (),
    more: dict[str, str] | None = None,
) -> bytes:
    """An EPUB whose chapters have these bodies."""
    items = "".join(
        f'<item id="c{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    refs = "".join(
        f'<itemref idref="c{n}" {"" if f"c{n}" not in linear else "linear=" + chr(34) + "no" + chr(34)}/>'
        for n in range(len(chapters))
    )
    pages = {
        f"OEBPS/text/c {n}.xhtml": '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>x</title></head><body>{chapter}</body></html>"
        for n, chapter in enumerate(chapters)
    }
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<metadata>{about}</metadata><manifest>{items}</manifest><spine>{refs}</spine></package>",
            **pages,
            **(more or {}),
        }
    )


def _o(kind: str, data: bytes, *lines: str, title: str = HEAD) -> Sample:
    return Sample(data, lines, kind, title)


OTHERS: dict[str, Sample] = {
    "odt plain": _o(".odt", odt(ODT_HEAD + tp(LEDE) + tp(MORE)), HEAD, LEDE, MORE),
    "odt title by a derived style, spaces and breaks": _o(
        ".odt",
        odt(
            tp(HEAD, "P1")
            + tp(LEDE)
            + tp(f"القاعة<text:tab/>60<text:s text:c='2'/>قارئا<text:line-break/>{MORE}")
        ),
        HEAD,
        LEDE,
        "القاعة\t60  قارئا",
        MORE,
    ),
    "odt tracked, hidden, struck": _o(
        ".odt",
        odt(
            ODT_HEAD
            + tp(
                f'{LEDE}<text:change text:change-id="c1"/><text:span text:style-name="T1">سرا</text:span>'
                '<text:span text:style-name="T2">12</text:span><office:annotation><text:p>تعليق</text:p>'
                "</office:annotation><text:note><text:note-citation>1</text:note-citation><text:note-body>"
                "<text:p>حاشية</text:p></text:note-body></text:note>"
            )
            + tp(MORE),
            changes=_CHANGES,
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "odt table, list and frame": _o(
        ".odt",
        odt(
            ODT_HEAD
            + tp(f"{LEDE}<draw:frame><draw:text-box>{tp(LAST)}</draw:text-box></draw:frame>")
            + f"<text:list><text:list-item>{tp('أولا في القائمة')}</text:list-item></text:list>"
            + "<table:table><table:table-row><table:table-cell>"
            + tp("القاعة")
            + "</table:table-cell><table:table-cell>"
            + tp("60")
            + "</table:table-cell></table:table-row></table:table>"
            + f"<text:section>{tp(MORE)}</text:section><text:section text:display='none'>{tp('سر')}</text:section>"
        ),
        HEAD,
        LEDE,
        LAST,
        "أولا في القائمة",
        "القاعة\t60",
        MORE,
    ),
    "odt flat": _o(".fodt", odt(ODT_HEAD + tp(LEDE) + tp(MORE), flat=True), HEAD, LEDE, MORE),
    "rtf in the code page": _o(".rtf", rtf(f"{RTF_HEAD}{LEDE}\\par {MORE}\\par"), HEAD, LEDE, MORE),
    "rtf in unicode": _o(
        ".rtf",
        rtf(
            f"\\pard\\s1 {escaped(HEAD)}\\par\\pard {{\\uc2 {escaped(LEDE, chr(92) + chr(39) + '3f?')}}}\\par "
            f"{{\\uc0 {escaped(MORE, ' ')}}}\\par"
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "rtf in a Western file, letters by the font": _o(
        ".rtf",
        rtf(f"\\f0{RTF_HEAD}\\f0 {LEDE}\\par\\f1 \\f0 {MORE}\\par", "\\ansi\\ansicpg1252\\deff1"),
        HEAD,
        LEDE,
        MORE,
    ),
    "rtf hidden, deleted, struck": _o(
        ".rtf",
        rtf(
            f"{RTF_HEAD}{LEDE}{{\\v  سرا}}{{\\deleted  حذف}}{{\\strike  12}}{{\\*\\unknown  شيء}}"
            f"{{\\footnote  حاشية}}{{\\field{{\\*\\fldinst PAGE}}{{\\fldrslt  وزيد}}}}\\par"
            f"{{\\header  ترويسة\\par}}{{\\pict 0102}}{MORE}\\par"
        ),
        HEAD,
        LEDE + " وزيد",
        MORE,
    ),
    "rtf with a title in two encodings, a box in its header and one in its text": _o(
        ".rtf",
        rtf(
            "{\\info{\\upr{\\title ???}{\\*\\ud{\\title " + escaped("عنوان في الخصائص") + "}}}}"
            "{\\header {\\shp{\\*\\shpinst{\\shptxt " + escaped("في الترويسة") + "\\par}}}}"
            f"{RTF_HEAD}{LEDE}\\par {{\\upr{{?}}{{\\*\\ud{{{escaped(MORE)}}}}}}}"
            "{\\shp{\\*\\shpinst{\\shptxt " + escaped("في الإطار") + "\\par}}}\\par"
        ),
        HEAD,
        LEDE,
        MORE,
        "في الإطار",
    ),
    "rtf table, marks and list": _o(
        ".rtf",
        rtf(
            f"{RTF_HEAD}{LEDE}\\par\\trowd\\cellx1\\cellx2 القاعة\\cell 60\\cell\\row\\pard "
            f"{{\\pntext\\'95\\tab}}{{\\listtext 1.\\tab}}\\ls1 أولا في القائمة\\par\\pard "
            f"قال:\\~\\ldblquote x\\rdblquote \\_y\\emdash z\\{{\\}}\\\\\\line {MORE}\\par"
        ),
        HEAD,
        LEDE,
        "القاعة\t60",
        "أولا في القائمة",
        "قال:\u00a0“x”\u2011y—z{}\\",
        MORE,
    ),
    "epub of one chapter": _o(
        ".epub",
        epub([f"<nav><p>الفهرس</p></nav><h1>{HEAD}</h1><p>{LEDE}</p><p>{MORE}</p>"]),
        HEAD,
        LEDE,
        MORE,
    ),
    "epub of several": _o(
        ".epub",
        epub(
            [
                "<div><img src='cover.png'/></div>",
                f"<h1>الأول</h1><p>{LEDE}</p>",
                f"<h1>الثاني</h1><p>{MORE}</p>",
                "<p>إعلان</p>",
            ],
            about=f"<dc:title>{HEAD}</dc:title><dc:publisher>دار الحي</dc:publisher><dc:date>2025-03-04</dc:date>",
            linear=["c3"],
        ),
        HEAD,
        "الأول",
        LEDE,
        "الثاني",
        MORE,
    ),
    "doc that is RTF": _o(".doc", rtf(f"{RTF_HEAD}{LEDE}\\par {MORE}\\par"), HEAD, LEDE, MORE),
    "doc that is a new Word document": _o(".doc", word(TITLE + TEXT), HEAD, LEDE, MORE),
    "docx that is RTF": _o(".docx", rtf(f"{RTF_HEAD}{LEDE}\\par {MORE}\\par"), HEAD, LEDE, MORE),
    "rtf that is OpenDocument": _o(".rtf", odt(ODT_HEAD + tp(LEDE) + tp(MORE)), HEAD, LEDE, MORE),
    "doc that is a page": _o(
        ".doc",
        f"<html><head><meta charset='utf-8'><title>{HEAD}</title></head><body><h1>{HEAD}</h1><p>{LEDE}</p><p>{MORE}</p>"
        "</body></html>".encode(),
        HEAD,
        LEDE,
        MORE,
    ),
}
"""Files of the other formats by what they show."""
