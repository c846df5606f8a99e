"""Makers of the files whose bytes are more than a text: Word, OpenDocument, RTF, EPUB, MHTML, WARC, packed, garbled."""

from __future__ import annotations

import base64
import gzip
import io
import lzma
import quopri
import re
import zipfile
from collections.abc import Callable, Mapping

from tests.evals.reading.cases import Case

Options = Mapping[str, str]


def build(case: Case, name: str, text: str) -> bytes:
    """Return the bytes of one of a case's files. Bytes that UTF-8 lets no table hold stand there as U+DC80 … U+DCFF."""
    if not case.build:
        return text.encode(case.encoding)
    return _BUILDERS[case.build](text, case.options)


# Packed and garbled text


def _zst(text: str, _: Options) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor().compress(text.encode())


def _misread(text: str, options: Options) -> bytes:
    """Text written in one encoding, read as another, and saved as UTF-8; ``times`` in a row."""
    for _ in range(int(options.get("times", "1"))):
        data = text.encode(options.get("written", "utf-8"))
        # As browsers read them: a byte that the code page leaves undefined is the control character of its number.
        text = "".join(_letter(byte, options["read"]) for byte in data)
    return text.encode()


def _letter(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)


def _reversed(text: str, _: Options) -> bytes:
    """Text whose lines stand back to front, as tools write them that take letters as they lie on the page."""
    mirrored = str.maketrans("()[]«»", ")(][»«")
    return "\n".join(line[::-1].translate(mirrored) for line in text.split("\n")).encode()


def _asked(text: str, _: Options) -> bytes:
    """Text saved in a code page without Arabic letters: each of them is a question mark."""
    return text.encode("latin-1", "replace")


def _broken(text: str, _: Options) -> bytes:
    """Text of which half of the letters were lost for good and are U+FFFD now."""
    return re.sub("[\u0621-\u063a]", "\ufffd", text).encode()


def _numeric(text: str, _: Options) -> bytes:
    """Text whose Arabic letters are numeric entities, as some programs export it."""
    return "".join(f"&#{ord(each)};" if ord(each) > 127 else each for each in text).encode()


# Word

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_R = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NAMES = {
    "w": _W,
    "r": _R,
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}
_STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/></w:style>'
    '<w:style w:type="character" w:styleId="Unseen"><w:name w:val="Unseen"/><w:rPr><w:vanish/></w:rPr></w:style>'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _docx(text: str, options: Options) -> bytes:
    """A Word document with this markup in its body; [[…]] is a paragraph, [[#…]] one in the style Title.

    ``main`` names its main part, ``strict`` writes it by the strict standard, ``dangling`` adds a picture that is not
    there, ``alt`` a page that is part of it, ``footnote`` a footnote.
    """
    body = re.sub(
        r"\[\[#(.*?)\]\]", _paragraph_of('<w:pPr><w:pStyle w:val="Title"/></w:pPr>'), text, flags=re.DOTALL
    )
    body = re.sub(r"\[\[(.*?)\]\]", _paragraph_of(""), body, flags=re.DOTALL)
    main = options.get("main", "word/document.xml")
    folder, _, name = main.rpartition("/")
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items())
    links = [(f"{_R}/styles", "styles.xml", "")]
    types = [(main, "document.main+xml"), (f"{folder}/styles.xml", "styles+xml")]
    parts = {
        main: f'{_HEAD}<w:document {spaces} mc:Ignorable="w14"><w:body>{body}<w:sectPr/></w:body></w:document>',
        f"{folder}/styles.xml": f'{_HEAD}<w:styles xmlns:w="{_W}">{_STYLES}</w:styles>',
    }
    if "dangling" in options:
        links.append((f"{_R}/image", options["dangling"], ""))
    if "alt" in options:
        links.append((f"{_R}/aFChunk", "chunk.html", ""))
        parts[f"{folder}/chunk.html"] = options["alt"]
    if "footnote" in options:
        links.append((f"{_R}/footnotes", "footnotes.xml", ""))
        types.append((f"{folder}/footnotes.xml", "footnotes+xml"))
        note = f'<w:footnote w:id="2"><w:p><w:r><w:t>{options["footnote"]}</w:t></w:r></w:p></w:footnote>'
        parts[f"{folder}/footnotes.xml"] = f'{_HEAD}<w:footnotes xmlns:w="{_W}">{note}</w:footnotes>'
    parts[f"{folder}/_rels/{name}.rels"] = _relations(links)
    parts["_rels/.rels"] = _relations([(f"{_R}/officeDocument", main, "")])
    parts["[Content_Types].xml"] = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="html" ContentType="text/html"/><Default Extension="png" ContentType="image/png"/>'
        + "".join(f'<Override PartName="/{part}" ContentType="{_MAIN}.{kind}"/>' for part, kind in types)
        + "</Types>"
    )
    if "strict" in options:
        parts = {part: xml.replace(_W, _STRICT_W).replace(_R, _STRICT_R) for part, xml in parts.items()}
    return _zip({"[Content_Types].xml": parts.pop("[Content_Types].xml"), **parts})


def _paragraph_of(properties: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f'<w:p>{properties}<w:r><w:t xml:space="preserve">{found[1]}</w:t></w:r></w:p>'


def _relations(links: list[tuple[str, str, str]]) -> str:
    each = "".join(
        f'<Relationship Id="rId{at}" Type="{kind}" Target="{target}"/>'
        for at, (kind, target, _) in enumerate(links, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _zip(parts: Mapping[str, str], stored: str = "") -> bytes:
    """A zip file of these parts, of which the one called ``stored`` is not packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writing:
        for name, content in parts.items():
            writing.writestr(name, content, zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _ole(text: str, _: Options) -> bytes:
    """The beginning of an old Word file: the head of its container and a sector with the name of Word's stream."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff0900060000000000")
    directory = "Root Entry".encode("utf-16-le").ljust(128, b"\0") + "WordDocument".encode("utf-16-le").ljust(
        128, b"\0"
    )
    return head.ljust(512, b"\0") + directory.ljust(512, b"\0") + text.encode("utf-16-le")


# OpenDocument, EPUB, RTF

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def _odt(text: str, _: Options) -> bytes:
    """An OpenDocument text with this markup as its text."""
    spaces = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "text", "table", "style"))
    content = (
        f'{_HEAD}<office:document-content {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'office:version="1.3"><office:body><office:text>{text}</office:text></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media}"/>'
        for path, media in (("/", kind), ("content.xml", "text/xml"))
    )
    manifest = (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0">{listed}</manifest:manifest>'
    )
    parts = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return _zip(parts, stored="mimetype")


def _epub(text: str, options: Options) -> bytes:
    """A book whose chapters are parted by lines of «==»; ``title`` is its title. The spine turns the files' order."""
    chapters = [chapter.strip() for chapter in text.split("\n==\n")]
    names = [f"z{len(chapters) - at}.xhtml" for at in range(len(chapters))]
    items = "".join(
        f'<item id="c{at}" href="{name}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{at}"/>' for at in range(len(names)))
    book = (
        f'{_HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:sample</dc:identifier>'
        f"<dc:title>{options['title']}</dc:title><dc:language>ar</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        f'{_HEAD}<container version="1.0" xmlns="{_OASIS}:container"><rootfiles><rootfile '
        'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": book}
    for name, chapter in zip(names, chapters, strict=True):
        parts[f"OEBPS/{name}"] = (
            f'{_HEAD}<html xmlns="http://www.w3.org/1999/xhtml" dir="rtl"><head><title>-</title></head>'
            f"<body>{chapter}</body></html>"
        )
    return _zip(parts, stored="mimetype")


def _rtf(text: str, options: Options) -> bytes:
    """RTF whose letters beyond ASCII are bytes of Windows-1256, or with ``escapes`` «unicode» numbers of UTF-16."""
    if options.get("escapes") == "unicode":
        return "".join(_escaped(each) for each in text).encode()
    data = text.encode("cp1256")
    return b"".join(bytes([byte]) if byte < 128 else b"\\'%02x" % byte for byte in data)


def _escaped(letter: str) -> str:
    number = ord(letter)
    return letter if number < 128 else f"\\u{number - 65536 if number > 32767 else number}?"


# Saved pages


def _mhtml(text: str, options: Options) -> bytes:
    """A page saved by a browser in one file, with a picture; ``transfer`` and ``charset`` are those of the page."""
    charset, transfer = options.get("charset", "utf-8"), options.get("transfer", "quoted-printable")
    page = text.encode(charset)
    packed = quopri.encodestring(page) if transfer == "quoted-printable" else base64.encodebytes(page)
    address = options.get("address", "https://news.example/story")
    bound = "----MultipartBoundary--sample----"
    head = (
        f"From: <Saved by Blink>\nSnapshot-Content-Location: {address}\nSubject: =?utf-8?Q?page?=\n"
        "Date: Mon, 11 Mar 2024 10:00:00 -0000\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/related;\n\ttype="text/html";\n\tboundary="{bound}"\n\n\n--{bound}\n'
        f"Content-Type: text/html{options.get('parameter', '')}\nContent-ID: <frame-1@mhtml.blink>\n"
        f"Content-Transfer-Encoding: {transfer}\nContent-Location: {address}\n\n"
    )
    picture = (
        f"\n--{bound}\nContent-Type: image/gif\nContent-Transfer-Encoding: base64\n"
        f"Content-Location: https://news.example/p.gif\n\nR0lGODlhAQABAAAAACw=\n\n--{bound}--\n"
    )
    return (
        head.encode().replace(b"\n", b"\r\n")
        + packed.replace(b"\n", b"\r\n")
        + picture.encode().replace(b"\n", b"\r\n")
    )


def _warc(text: str, options: Options) -> bytes:
    """A web archive of a page, its request, a picture and a missing page; ``packed`` packs each record."""
    address = options["address"]
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + text.encode()
    picture = b"HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\n\r\nGIF89a\x01\x00\x01\x00"
    missing = (
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        + (
            "<html><body><h1>لا صفحة هنا</h1><p>لم نعثر على الصفحة التي طلبتها، وقد تكون حُذفت أو نُقلت إلى مكان آخر من "
            "الموقع، فعد إلى الصفحة الرئيسية وابحث عنها هناك من جديد.</p></body></html>"
        ).encode()
    )
    records = [
        _record("warcinfo", None, "application/warc-fields", b"software: sample\r\n"),
        _record("request", address, "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
        _record("response", address, "application/http; msgtype=response", page),
        _record("response", "https://news.example/p.gif", "application/http; msgtype=response", picture),
        _record("response", "https://news.example/gone", "application/http; msgtype=response", missing),
    ]
    return (
        b"".join(gzip.compress(record, mtime=0) for record in records)
        if "packed" in options
        else b"".join(records)
    )


def _record(kind: str, address: str | None, media: str, content: bytes) -> bytes:
    target = f"WARC-Target-URI: {address}\r\n" if address else ""
    number = f"{len(content):08x}-0000-4000-8000-{len(kind):012x}"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\n{target}WARC-Date: 2024-03-12T05:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Type: {media}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


_BUILDERS: Mapping[str, Callable[[str, Options], bytes]] = {
    "gz": lambda text, _: gzip.compress(text.encode(), mtime=0),
    "xz": lambda text, _: lzma.compress(text.encode()),
    "zst": _zst,
    "misread": _misread,
    "reversed": _reversed,
    "question marks": _asked,
    "lost letters": _broken,
    "numeric": _numeric,
    "docx": _docx,
    "ole": _ole,
    "odt": _odt,
    "epub": _epub,
    "rtf": _rtf,
    "mhtml": _mhtml,
    "warc": _warc,
}
