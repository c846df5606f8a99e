"""Word documents, written as markup: each shows one thing that Word does."""

from __future__ import annotations

from collections.abc import Mapping

from tests.office import HEAD, LAST, LEDE, MORE, Sample, packed

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_R_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OTHERS = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:far="urn:example:a-feature-nobody-has" xmlns:v="urn:schemas-microsoft-com:vml"'
)
_STYLES = """
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="a1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="a2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="عنوان الجريدة"/><w:basedOn w:val="a1"/></w:style>
<w:style w:type="paragraph" w:styleId="Level"><w:name w:val="Front"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Item"><w:name w:val="Points"/>
<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Hidden"><w:name w:val="Note"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="SecretToo"><w:name w:val="Too"/><w:basedOn w:val="Secret"/></w:style>
"""


def r(text: str, properties: str = "") -> str:
    """A run."""
    properties = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def p(content: str, style: str = "", more: str = "") -> str:
    """A paragraph of text, or of markup."""
    content = content if content.startswith("<") or not content else r(content)
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style}{more}</w:pPr>{content}</w:p>"


def table(*rows: list[str]) -> str:
    """A table of cells, each text or markup."""
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(map(tc, row))}</w:tr>" for row in rows) + "</w:tbl>"


def tc(content: str) -> str:
    return f"<w:tc><w:tcPr/>{content if content.startswith('<') else p(content)}</w:tc>"


def field(code: str, result: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def choice(first: str, fallback: str, requires: str = "wps") -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="{requires}">{first}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


def drawing(content: str) -> str:
    return (
        f"<w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{content}"
        "</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )


def vml(content: str) -> str:
    return (
        f"<w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"
    )


TITLE, TEXT = p(HEAD, "Title"), p(LEDE) + p(MORE)


def word(
    body: str,
    *,
    parts: Mapping[str, str | bytes] | None = None,
    links: str = "",
    main: str = "word/document.xml",
    strict: bool = False,
    target: str = "",
    slash: str = "/",
) -> bytes:
    """A Word document with this body; ``links`` are relationships of its main part beside its styles."""
    folder, _, name = main.rpartition("/")
    r_namespace = _R_STRICT if strict else _R
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{_W}" xmlns:r="{r_namespace}" '
        f"{_OTHERS}><w:body>{body}<w:sectPr/></w:body></w:document>"
    )
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/{main}" ContentType="{_CT}.document.main+xml"/>'
        f'<Override PartName="/{folder}/styles.xml" ContentType="{_CT}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{r_namespace}/officeDocument" '
        f'Target="{target or main}"/></Relationships>',
        main: document,
        f"{folder}/_rels/{name}.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
        f'Type="{r_namespace}/styles" Target="styles.xml"/>{links}</Relationships>',
        f"{folder}/styles.xml": f'<w:styles xmlns:w="{_W}">{_STYLES}</w:styles>',
        **(parts or {}),
    }
    if strict:
        written = {
            name: data.replace(_W, _STRICT) if isinstance(data, str) else data
            for name, data in written.items()
        }
    return packed({name.replace("/", slash): data for name, data in written.items()})


def link(id: str, kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="{id}" Type="{_R}/{kind}" Target="{target}"{more}/>'


_STORE = "{9DD3A0A2-6D0B-4A51-9B77-5C1C7A1C0001}"
BOUND = (
    "<w:sdt><w:sdtPr><w:dataBinding w:prefixMappings=\"xmlns:n='urn:example:news'\" "
    f'w:xpath="/n:news[1]/n:place[1]" w:storeItemID="{_STORE}"/><w:text/></w:sdtPr><w:sdtContent>'
    f"{r('اسم المكان')}</w:sdtContent></w:sdt>"
)
STORED = {
    "customXml/item1.xml": '<n:news xmlns:n="urn:example:news"><n:place>حي الميناء</n:place></n:news>',
    "customXml/itemProps1.xml": '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/'
    f'customXml" ds:itemID="{_STORE}"/>',
    "customXml/_rels/item1.xml.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
    f'Type="{_R}/customXmlProps" Target="itemProps1.xml"/></Relationships>',
}
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title></cp:coreProperties>'
)


def with_core(title: str, body: str) -> bytes:
    """A document whose properties claim a title."""
    both = (
        f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_R}/officeDocument" '
        'Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/'
        'relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>'
    )
    return word(body, parts={"_rels/.rels": both, "docProps/core.xml": _CORE.format(title)})


_PAGE = f"<html><body><h2>ملحق</h2><p>{MORE}</p></body></html>"
_RTF = "{\\rtf1\\ansi\\ansicpg1256 " + "".join(f"\\u{ord(each)}?" for each in MORE) + "\\par}"


def chunk(name: str, data: str | bytes) -> bytes:
    """A document that takes in another one."""
    return word(
        TITLE + p(LEDE) + '<w:altChunk r:id="rId9"/>' + p(LAST),
        parts={f"word/{name}": data},
        links=link("rId9", "aFChunk", name),
    )


def _s(data: bytes, *lines: str, title: str = HEAD) -> Sample:
    return Sample(data, lines, ".docx", title)


_DELETED_MARK = "<w:rPr><w:del/></w:rPr>"

WORD: dict[str, Sample] = {
    "plain": _s(word(TITLE + TEXT), HEAD, LEDE, MORE),
    "strict": _s(word(TITLE + TEXT, strict=True), HEAD, LEDE, MORE),
    "main part of another name": _s(word(TITLE + TEXT, main="word/document2.xml"), HEAD, LEDE, MORE),
    "main part elsewhere, absolute": _s(
        word(TITLE + TEXT, main="content/text.xml", target="/content/text.xml"), HEAD, LEDE, MORE
    ),
    "relationship to NULL": _s(
        word(TITLE + TEXT, links=link("rId7", "image", "../NULL") + link("rId8", "numbering", "NULL")),
        HEAD,
        LEDE,
        MORE,
    ),
    "relationship to a part that is not there": _s(
        word(
            TITLE + TEXT, links=link("rId7", "footnotes", "footnotes.xml") + link("rId8", "theme", "a/b.xml")
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "no styles part": _s(
        word(p(HEAD) + TEXT, parts={"word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELS}"/>'}),
        HEAD,
        LEDE,
        MORE,
    ),
    "address that is none": _s(
        word(TITLE + TEXT, links=link("rId7", "hyperlink", "http://[x", ' TargetMode="External"')),
        HEAD,
        LEDE,
        MORE,
    ),
    "style based on a heading": _s(word(p(HEAD, "Own") + TEXT), HEAD, LEDE, MORE),
    "style with an outline level": _s(word(p(HEAD, "Level") + TEXT), HEAD, LEDE, MORE),
    "headline below a kicker": _s(
        word(p("محليات خاصة بالحي") + TITLE + TEXT), HEAD, "محليات خاصة بالحي", LEDE, MORE
    ),
    "headline with a line break": _s(
        word(
            p(f"{r(HEAD[:24])}<w:r><w:br/></w:r>{r(HEAD[25:])}", "Title") + TEXT,
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "title in the properties": _s(
        with_core(HEAD, p("محليات") + p(HEAD, more="<w:jc w:val='center'/>") + TEXT),
        HEAD,
        "محليات",
        LEDE,
        MORE,
    ),
    "foreign title in the properties": _s(with_core("Document1", p(HEAD) + TEXT), HEAD, LEDE, MORE),
    "table in a cell": _s(
        word(TITLE + p(LEDE) + table(["الأنشطة", p("الأسبوعية") + table(["السبت", "حكايات"]) + p("")])),
        HEAD,
        LEDE,
        "الأنشطة\tالأسبوعية",
        "السبت\tحكايات",
    ),
    "form in a cell": _s(
        word(
            TITLE
            + p(LEDE)
            + "<w:tbl><w:tr>"
            + tc("الدوام")
            + tc(f"<w:sdt><w:sdtPr/><w:sdtContent>{p('من الرابعة')}</w:sdtContent></w:sdt>")
            + "</w:tr></w:tbl>"
        ),
        HEAD,
        LEDE,
        "الدوام\tمن الرابعة",
    ),
    "forms around cells and rows": _s(
        word(
            TITLE
            + p(LEDE)
            + f"<w:tbl><w:sdt><w:sdtContent><w:tr>{tc('أولا')}<w:sdt><w:sdtContent>{tc('ثانيا')}</w:sdtContent></w:sdt>"
            "</w:tr></w:sdtContent></w:sdt>"
            + f"<w:customXml><w:tr>{tc('ثالثا')}{tc('رابعا')}</w:tr></w:customXml></w:tbl>"
        ),
        HEAD,
        LEDE,
        "أولا\tثانيا",
        "ثالثا\tرابعا",
    ),
    "form within a line": _s(
        word(
            TITLE
            + p(f"{r(LEDE[:30])}<w:sdt><w:sdtPr/><w:sdtContent>{r(LEDE[30:])}</w:sdtContent></w:sdt>")
            + p(MORE)
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "form that nobody filled in": _s(
        word(
            TITLE
            + p(LEDE)
            + "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            + p("انقر هنا لإدخال نص")
            + "</w:sdtContent></w:sdt>"
            + p(MORE)
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "form bound to data": _s(
        word(
            TITLE + p(f"{r('يقع المبنى في ')}{BOUND}{r('.')}") + TEXT,
            parts=STORED,
            links=link("rId5", "customXml", "../customXml/item1.xml"),
        ),
        HEAD,
        "يقع المبنى في حي الميناء.",
        LEDE,
        MORE,
    ),
    "form bound to data that is gone": _s(
        word(TITLE + p(f"{r('يقع المبنى في ')}{BOUND}{r('.')}") + TEXT),
        HEAD,
        "يقع المبنى في اسم المكان.",
        LEDE,
        MORE,
    ),
    "custom markup and smart tags": _s(
        word(
            TITLE
            + f"<w:customXml w:element='x'>{p(LEDE)}</w:customXml>"
            + p(
                f"{r(MORE[:12])}<w:smartTag><w:customXml>{r(MORE[12:30])}</w:customXml></w:smartTag>{r(MORE[30:])}"
            )
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "article in one cell": _s(word(table([TITLE + TEXT])), HEAD, LEDE, MORE),
    "article in a cell beside another": _s(
        word(table([TITLE + p(LEDE) + p(MORE), "صورة المكتبة"])), HEAD, LEDE, MORE, "صورة المكتبة"
    ),
    "table of data with two lines in a cell": _s(
        word(TITLE + p(LEDE) + table([p("القاعة") + p("الكبرى"), "60"], ["الصغرى", "25"])),
        HEAD,
        LEDE,
        "القاعة الكبرى\t60",
        "الصغرى\t25",
    ),
    "row that was deleted": _s(
        word(
            TITLE
            + p(LEDE)
            + f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr>{tc('قديم')}</w:tr><w:tr>{tc('جديد')}{tc('7')}</w:tr></w:tbl>"
        ),
        HEAD,
        LEDE,
        "جديد\t7",
    ),
    "text box in a drawing or in VML": _s(
        word(TITLE + p(r(LEDE) + f"<w:r>{choice(drawing(p(LAST)), vml(p(LAST)))}</w:r>") + p(MORE)),
        HEAD,
        LEDE,
        LAST,
        MORE,
    ),
    "text box in VML alone": _s(
        word(TITLE + p(f"<w:r>{vml(p(LAST))}</w:r>" + r(LEDE)) + p(MORE)), HEAD, LEDE, LAST, MORE
    ),
    "alternate content nobody has": _s(
        word(TITLE + p(f"<w:r>{choice('<w:t>لا يظهر</w:t>', f'<w:t>{LEDE}</w:t>', 'far')}</w:r>") + p(MORE)),
        HEAD,
        LEDE,
        MORE,
    ),
    "tracked changes": _s(
        word(
            TITLE
            + p(
                f"{r(LEDE)}<w:ins>{r(' وهذا زيد.')}</w:ins><w:del><w:r><w:delText> حذف.</w:delText></w:r></w:del>"
            )
            + p(MORE)
        ),
        HEAD,
        LEDE + " وهذا زيد.",
        MORE,
    ),
    "paragraph that moved": _s(
        word(
            TITLE
            + p(f"<w:moveFrom>{r(MORE)}</w:moveFrom>", more="<w:rPr><w:moveFrom/></w:rPr>")
            + p(LEDE)
            + p(f"<w:moveTo>{r(MORE)}</w:moveTo>", more="<w:rPr><w:moveTo/></w:rPr>")
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "paragraph mark that was deleted": _s(
        word(TITLE + p(LEDE[:40], more=_DELETED_MARK) + p(LEDE[40:]) + p(MORE)), HEAD, LEDE, MORE
    ),
    "inserted, then deleted": _s(
        word(TITLE + p(f"{r(LEDE)}<w:ins><w:del>{r(' لا شيء')}</w:del></w:ins>") + p(MORE)), HEAD, LEDE, MORE
    ),
    "hidden run": _s(
        word(
            TITLE
            + p(r(LEDE[:20]) + r("سرا ", "<w:vanish/>") + r(LEDE[20:], '<w:vanish w:val="0"/>'))
            + p(MORE)
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "hidden by a paragraph's style": _s(
        word(
            TITLE + p("ملاحظة داخلية", "Hidden") + p(r(LEDE, "<w:vanish w:val='false'/>"), "Hidden") + p(MORE)
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "hidden by a style of characters": _s(
        word(
            TITLE
            + p(
                r(LEDE)
                + r(" سرا", '<w:rStyle w:val="Secret"/>')
                + r(" أيضا", '<w:rStyle w:val="SecretToo"/>')
            )
            + p(MORE)
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "struck out": _s(
        word(TITLE + p(r("وبلغ العدد ") + r("12", "<w:strike/>") + r("15 قارئا.")) + p(LEDE)),
        HEAD,
        "وبلغ العدد 15 قارئا.",
        LEDE,
    ),
    "hidden paragraph mark": _s(
        word(TITLE + p(LEDE[:40], more="<w:rPr><w:vanish/><w:specVanish/></w:rPr>") + p(LEDE[40:]) + p(MORE)),
        HEAD,
        LEDE,
        MORE,
    ),
    "table of contents": _s(
        word(
            TITLE
            + "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
            + f"<w:sdtContent>{p('ما قيل 3')}</w:sdtContent></w:sdt>"
            + TEXT
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "field": _s(
        word(TITLE + p(r("عددها ") + field("= SUM(A1:A2)", r("42")) + r(" كتابا.")) + p(LEDE)),
        HEAD,
        "عددها 42 كتابا.",
        LEDE,
    ),
    "field in a field's code": _s(
        word(
            TITLE
            + p(
                r("عددها ")
                + '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
                + field("PAGE", r("99"))
                + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
                + r("42")
                + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
                + r(".")
            )
            + p(LEDE)
        ),
        HEAD,
        "عددها 42.",
        LEDE,
    ),
    "field that never ends": _s(
        word(TITLE + p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + r(LEDE)) + p(MORE)), HEAD, LEDE, MORE
    ),
    "link and simple field": _s(
        word(
            TITLE
            + p(
                f'{r(LEDE[:20])}<w:hyperlink r:id="rId44">{r(LEDE[20:40])}</w:hyperlink><w:fldSimple w:instr="X">'
                f"{r(LEDE[40:])}</w:fldSimple>"
            )
            + p(MORE)
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "footnote and comment": _s(
        word(
            TITLE
            + p(
                r(LEDE)
                + '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r>'
            )
            + p(MORE),
            parts={
                "word/footnotes.xml": f'<w:footnotes xmlns:w="{_W}"><w:footnote w:id="2">{p("حاشية")}</w:footnote>'
                "</w:footnotes>",
                "word/comments.xml": f'<w:comments xmlns:w="{_W}"><w:comment>{p("تعليق")}</w:comment></w:comments>',
                "word/header1.xml": f'<w:hdr xmlns:w="{_W}">{p("ترويسة")}</w:hdr>',
            },
            links=link("rId5", "footnotes", "footnotes.xml") + link("rId6", "header", "header1.xml"),
        ),
        HEAD,
        LEDE,
        MORE,
    ),
    "tabs, hyphens and breaks": _s(
        word(
            TITLE
            + p(
                "<w:r><w:t>قاعة</w:t><w:softHyphen/><w:t>ات</w:t><w:tab/><w:t>60</w:t><w:noBreakHyphen/><w:t>70</w:t>"
                "<w:br/><w:t>ثلاث</w:t><w:cr/><w:t>أربع</w:t></w:r>"
            )
            + p(LEDE)
        ),
        HEAD,
        "قاعةات\t60\u201170",
        "ثلاث",
        "أربع",
        LEDE,
    ),
    "direction, ruby and mathematics": _s(
        word(
            TITLE
            + p(
                f'<w:bdo w:val="rtl">{r("العدد ")}<w:dir w:val="ltr">{r("x")}</w:dir></w:bdo>'
                f"<w:r><w:ruby><w:rt>{r('ت')}</w:rt><w:rubyBase>{r(' س')}</w:rubyBase></w:ruby></w:r>"
                "<m:oMath><m:r><m:t>=3</m:t></m:r></m:oMath>"
            )
            + p(LEDE)
        ),
        HEAD,
        "العدد x س=3",
        LEDE,
    ),
    "items by style, none where numbering is off": _s(
        word(TITLE + p(LEDE) + p("أولا في القائمة", "Item") + p("ثانيا في القائمة", "Item") + p(MORE)),
        HEAD,
        LEDE,
        "أولا في القائمة",
        "ثانيا في القائمة",
        MORE,
    ),
    "page of HTML taken in": _s(chunk("part.html", _PAGE), HEAD, LEDE, "ملحق", MORE, LAST),
    "document taken in": _s(chunk("part.docx", word(p(MORE))), HEAD, LEDE, MORE, LAST),
    "RTF taken in": _s(chunk("part.rtf", _RTF), HEAD, LEDE, MORE, LAST),
    "text taken in": _s(chunk("part.txt", MORE), HEAD, LEDE, MORE, LAST),
    "part taken in that is not there": _s(
        word(TITLE + p(LEDE) + '<w:altChunk r:id="rId9"/>' + p(MORE)), HEAD, LEDE, MORE
    ),
    "letter that drops": _s(
        word(TITLE + p(LEDE[:1], more='<w:framePr w:dropCap="drop" w:lines="3"/>') + p(LEDE[1:]) + p(MORE)),
        HEAD,
        LEDE,
        MORE,
    ),
    "backslashes in names of parts": _s(
        word(TITLE + TEXT, slash="\\"),
        HEAD,
        LEDE,
        MORE,
    ),
}
"""Word documents by what they show."""
