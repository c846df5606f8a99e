"""Articles printed to PDF by the engines at hand: Chromium, WeasyPrint, Typst."""

from __future__ import annotations

import html
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page is set; ``columns`` side by side, ``justified`` to both edges."""

    name: str
    font: str
    columns: int = 1
    justified: bool = False


LAYOUTS = (
    Layout("one column", "Noto Naskh Arabic"),
    Layout("justified", "Noto Sans Arabic", justified=True),
    Layout("two columns", "Noto Naskh Arabic", columns=2, justified=True),
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF file and the text that was printed to it, one paragraph a line."""

    engine: str
    layout: str
    article: str
    text: str
    data: bytes


def printed(articles: Sequence[Path]) -> Iterator[Printed]:
    """Print every article, a text file whose first line is its headline, in every layout with every engine."""
    engines = {name: engine for name, (ready, engine) in _ENGINES.items() if ready()}
    for path in articles:
        lines = [" ".join(line.split()) for line in path.read_text(encoding="utf-8").splitlines()]
        paragraphs = [line for line in lines if line]
        for layout in LAYOUTS:
            for name, engine in engines.items():
                yield Printed(name, layout.name, path.name, "\n".join(paragraphs), engine(paragraphs, layout))


def _page(paragraphs: Sequence[str], layout: Layout) -> str:
    title, *rest = map(html.escape, paragraphs)
    style = (
        f"body {{ font-family: '{layout.font}', 'DejaVu Sans'; columns: {layout.columns};"
        f" text-align: {'justify' if layout.justified else 'start'} }}"
    )
    body = "".join(f"<p>{each}</p>" for each in rest)
    return (
        f"<!doctype html><html lang=ar dir=rtl><meta charset=utf-8><style>{style}</style>"
        f"<h1>{title}</h1>{body}</html>"
    )


def _chromium(paragraphs: Sequence[str], layout: Layout) -> bytes:
    with tempfile.TemporaryDirectory(prefix="musnad-print-") as name:
        page, file = Path(name, "page.html"), Path(name, "page.pdf")
        page.write_text(_page(paragraphs, layout), encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   f"--user-data-dir={name}/profile", "--no-pdf-header-footer",
                   f"--print-to-pdf={file}", page.as_uri()]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return file.read_bytes()


def _weasyprint(paragraphs: Sequence[str], layout: Layout) -> bytes:
    data: bytes = import_module("weasyprint").HTML(string=_page(paragraphs, layout)).write_pdf()
    return data


def _typst(paragraphs: Sequence[str], layout: Layout) -> bytes:
    title, *rest = [each.replace("\\", "\\\\").replace('"', '\\"') for each in paragraphs]
    source = "\n\n".join(
        [
            f"#set page(columns: {layout.columns})",
            f"#set par(justify: {'true' if layout.justified else 'false'})",
            f'#set text(font: ("{layout.font}", "DejaVu Sans"), lang: "ar")',
            f'#heading("{title}")',
            *(f'#par(text("{each}"))' for each in rest),
        ]
    )
    with tempfile.TemporaryDirectory(prefix="musnad-print-") as name:
        file = Path(name, "page.typ")
        file.write_text(source, encoding="utf-8")
        data: bytes = import_module("typst").compile(str(file))
        return data


def _installed(name: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(name) is not None


_ENGINES: dict[str, tuple[Callable[[], bool], Callable[[Sequence[str], Layout], bytes]]] = {
    "Chromium": (lambda: shutil.which("chromium") is not None, _chromium),
    "WeasyPrint": (_installed("weasyprint"), _weasyprint),
    "Typst": (_installed("typst"), _typst),
}
