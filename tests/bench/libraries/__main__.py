"""``python -m tests.bench.libraries pdf|html``: compare our own code with libraries."""

from __future__ import annotations

import argparse
from pathlib import Path

from corpus.samples import folder
from tests.bench.libraries import html, pdf


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.libraries")
    trials = parser.add_subparsers(dest="trial", required=True)
    files = trials.add_parser("pdf", help="readers of PDF files, on articles printed by the engines at hand")
    files.add_argument("articles", nargs="*", type=Path, help="text files, besides the samples")
    files.add_argument("--keep", type=Path, help="an existing folder for files that were read wrongly")
    pages = trials.add_parser("html", help="readers of web pages, on saved ones")
    pages.add_argument("folder", nargs="?", type=Path, help="tests/data of newspaper4k's source distribution")
    options = parser.parse_args()
    if options.trial == "html":
        print(html.compare(options.folder))
    if options.trial == "pdf":
        samples = sorted(folder().glob("*.txt"))
        print(pdf.compare([*samples, *options.articles], options.keep))


if __name__ == "__main__":
    main()
