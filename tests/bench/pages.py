"""``python -m tests.bench.pages [--aside]``: how many of the small pages are read right."""

from __future__ import annotations

import argparse

from corpus.decode import NoTextError
from corpus.parse import ParseError, parse, read
from tests.corpus.pages import SAMPLES, Sample


def wrong(sample: Sample) -> str:
    """Return what is read wrong of a page, "" for nothing."""
    try:
        page = read(sample.markup.encode(), ".html")
        articles = parse(page.text, sample.name, page.said)
    except (NoTextError, ParseError) as error:
        return f"not read: {error}"
    if len(articles) != 1:
        return f"{len(articles)} articles"
    [article] = articles
    found = [article.body[block.start : block.end] for block in article.blocks]
    faults = [f"without «{line}»" for line in sample.lines if line not in found]
    faults += [f"with «{line}»" for line in found if line not in sample.lines]
    if not faults and tuple(found) != sample.lines:
        faults.append("in another order")
    if article.title != sample.title:
        faults.append(f"headline «{article.title}»")
    if sample.date and article.published.date != sample.date:
        faults.append(f"date {article.published.date}")
    return "; ".join(faults)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages")
    parser.add_argument("--aside", action="store_true", help="say what is wrong on the pages set aside, too")
    options = parser.parse_args()
    for aside in (False, True):
        samples = [sample for sample in SAMPLES if sample.aside is aside]
        faults = {sample.name: fault for sample in samples if (fault := wrong(sample))}
        print(
            f"{'aside' if aside else 'in sight'}: {len(samples) - len(faults)} of {len(samples)} read right"
        )
        if options.aside or not aside:
            for name, fault in faults.items():
                print(f"  {name}: {fault}")


if __name__ == "__main__":
    main()
