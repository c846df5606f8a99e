"""``python -m tests.bench.libraries pdf|html|stems|dates|encodings``: compare our own code with libraries."""

from __future__ import annotations

import argparse
from pathlib import Path

from corpus.samples import folder
from tests.bench.libraries import dates, encodings, html, pdf, stems


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.libraries")
    trials = parser.add_subparsers(dest="trial", required=True)
    files = trials.add_parser("pdf", help="readers of PDF files, on articles printed by the engines at hand")
    files.add_argument("articles", nargs="*", type=Path, help="text files, besides the samples")
    files.add_argument("--keep", type=Path, help="an existing folder for files that were read wrongly")
    pages = trials.add_parser("html", help="readers of web pages, on saved ones")
    pages.add_argument("folder", nargs="?", type=Path, help="tests/data of newspaper4k's source distribution")
    words = trials.add_parser("stems", help="Arabic stemmers, on retrieval and on the whole program")
    words.add_argument("archive", type=Path, help="ant-news.jsonl.xz")
    words.add_argument("squads", nargs="*", type=Path, help="questions in SQuAD format")
    words.add_argument(
        "--models", type=Path, default=Path(".musnad/models"), help="where the model is cached"
    )
    trials.add_parser("dates", help="readers of dates, on the ways of writing of the tests")
    trials.add_parser("encodings", help="recognisers of encodings")
    options = parser.parse_args()
    if options.trial == "dates":
        print(dates.compare())
    if options.trial == "encodings":
        print(encodings.compare())
    if options.trial == "html":
        print(html.compare(options.folder))
    if options.trial == "stems":
        for row in stems.compare(options.archive, options.squads, options.models):
            print(row, flush=True)
    if options.trial == "pdf":
        samples = sorted(folder().glob("*.txt"))
        print(pdf.compare([*samples, *options.articles], options.keep))


if __name__ == "__main__":
    main()
