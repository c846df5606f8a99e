"""Training of the reader, resumed where it was stopped."""

from __future__ import annotations

import argparse
import json
import math
import os
import queue
import threading
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bot.answering.judges.reader import weights
from bot.answering.judges.reader.model import ReaderModel
from bot.answering.judges.reader.network import Reader
from bot.answering.judges.reader.tokens import Tokenising
from tests.bench.reader.data import SEED, add_news, left_out, load
from tests.bench.reader.draw import Draw
from tests.bench.reader.exchange import Exchange
from tests.bench.reader.losses import Share, shares, step_gradients
from tests.bench.reader.measures import measures
from vectorstore.models.bert import Embeddings, Shape, embedded_layers
from vectorstore.models.numberformat import fastest

BATCH = 16  # draws per step
RATE, HEADS_RATE, FALL = (
    2e-4,
    6e-4,
    0.93,
)  # of the last layer and of the heads; a layer below learns FALL as fast
WARMUP = 0.05


class Training:
    """The network, its float32 weights and AdamW's state; written to and read from one file."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        device: str,
        threads: int,
        start: Path | None = None,
        rate: float = 1.0,
    ) -> None:
        torch.manual_seed(SEED)
        self.shape = Shape.of(folder)
        self.embeddings = Embeddings(folder, self.shape)
        reader = Reader(self.shape)
        reader.layers.load_state_dict(embedded_layers(folder, self.shape))
        self.reader = reader.to(device).train()
        if device != "cpu":
            self.embeddings.hold(device)
        self.names = [name for name, _ in self.reader.named_parameters()]
        self.master = [p.detach().clone().float() for p in self.reader.parameters()]
        self.sums = [[torch.zeros_like(p) for p in self.master] for _ in range(threads)]
        groups = [
            {
                "params": [p],
                "lr": rate * self._rate(name),
                "full": rate * self._rate(name),
                "weight_decay": 0.01 * (p.ndim > 1),
            }
            for name, p in zip(self.names, self.master, strict=True)
        ]
        self.optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)
        self.reader.layers.to(torch.bfloat16 if device != "cpu" else fastest(folder))
        self.parameters: list[Tensor] = list(self.reader.parameters())
        self.steps, self.seconds = 0, 0.0
        self.file = work / "training.pt"
        if self.file.is_file():
            state = torch.load(self.file, map_location=device, weights_only=True)
            torch._foreach_copy_(self.master, state["master"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.steps, self.seconds = state["steps"], state["seconds"]
            self._publish()
        elif start:
            state = torch.load(start, map_location=device, weights_only=True)
            torch._foreach_copy_(self.master, state["master"])
            self._publish()

    def _rate(self, name: str) -> float:
        if not name.startswith("layers."):
            return HEADS_RATE
        return RATE * FALL ** (self.shape.layers - 1 - int(name.split(".")[1]))

    def _publish(self) -> None:
        with torch.no_grad():
            torch._foreach_copy_(self.parameters, self.master)

    def update(self, gradients: list[Tensor], scale: float, slowdown: float) -> float:
        """Take a step over ``scale * gradients``, clipped to length 1; return the length before clipping."""
        length = float(torch.stack(torch._foreach_norm(gradients)).norm()) * scale
        if not math.isfinite(length):
            return length
        torch._foreach_mul_(gradients, scale * min(1.0, 1.0 / (length + 1e-6)))
        for master, gradient in zip(self.master, gradients, strict=True):
            master.grad = gradient
        for group in self.optimiser.param_groups:
            group["lr"] = group["full"] * slowdown
        self.optimiser.step()
        self.steps += 1
        self._publish()
        return length

    def float_reader(self) -> Reader:
        """Return a copy in float32 on the CPU."""
        copy = Reader(self.shape)
        values = {n: p.detach().float().cpu() for n, p in zip(self.names, self.master, strict=True)}
        copy.load_state_dict(values)
        return copy

    def save(self) -> None:
        part = self.file.with_suffix(".part")
        state = {"master": self.master, "optimiser": self.optimiser.state_dict()}
        torch.save({**state, "steps": self.steps, "seconds": self.seconds}, part)
        os.replace(part, self.file)
        weights.save(self.float_reader(), self.file.with_name("reader.safetensors"))


def train(arguments: argparse.Namespace) -> None:
    threads = arguments.threads if arguments.device == "cpu" else 1
    torch.set_num_threads(1)
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    log = (work / "log.txt").open("a", encoding="utf-8")

    def say(text: str) -> None:
        line = f"{time.strftime('%H:%M:%S')} {text}"
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    training = Training(arguments.model, work, arguments.device, threads, arguments.start, arguments.rate)
    tokenising = Tokenising.of(arguments.model)
    data = load(arguments.data, left_out(arguments.leave_out))
    add_news(data, arguments.news, arguments.data / "archive/ant-news.jsonl.xz", tokenising)
    exchange = Exchange(data, tokenising, training.embeddings.words())
    draw = Draw(data, exchange)
    say(
        "examples "
        + " ".join(f"{name}={len(source)}" for name, source in data.train.items())
        + f" headlines={len(data.headlines)} unanswered={len(data.unanswered)} answered={len(data.answered)}"
        + f" news={len(draw.answerable)}+{len(draw.near)} held={len(data.news_dev)}"
    )
    say(f"begins at step {training.steps}, {training.seconds / 60:.1f} minutes worked before")
    measured = saved = training.seconds
    losses: dict[str, list[float]] = defaultdict(list)
    tokens = 0
    begun = time.monotonic() - training.seconds
    since = training.seconds
    pending: queue.Queue[list[Share]] = queue.Queue(4)

    def prepare(step: int) -> None:
        while True:
            drawn = [draw(index) for index in range(step * BATCH, (step + 1) * BATCH)]
            pending.put(shares(drawn, tokenising))
            step += 1

    threading.Thread(target=prepare, args=(training.steps,), daemon=True).start()
    while True:
        done = training.steps * BATCH / arguments.examples
        if arguments.minutes:
            done = max(done, training.seconds / 60 / arguments.minutes)
        if done >= 1:
            break
        slowdown = min(1.0, done / WARMUP + 0.02) * max(0.03, (1 - done) / (1 - WARMUP))
        parts = pending.get()
        gradients, logged = step_gradients(
            training.reader, training.embeddings, parts, training.parameters, training.sums, arguments.device
        )
        length = training.update(gradients, 1 / BATCH, slowdown)
        tokens += sum(len(row.ids) for share in parts for row in share.tokens)
        for name, values in logged.items():
            losses[name] += values
        losses["gradient"].append(length)
        training.seconds = time.monotonic() - begun
        if training.steps % 20 == 0:
            means = " ".join(f"{name} {np.mean(values):.3f}" for name, values in sorted(losses.items()))
            speed = (training.seconds - since) / tokens * 256 * 1000
            say(f"step {training.steps} done {done:.3f} {means} | {speed:.0f} ms for 256 tokens")
            losses.clear()
            tokens, since = 0, training.seconds
        if training.seconds - saved > 60 * arguments.save_minutes:
            training.save()
            saved = training.seconds
        if training.seconds - measured > 60 * arguments.measure_minutes:
            reader = training.float_reader()
            reader.layers.to(fastest(arguments.model))
            model = ReaderModel(tokenising, training.embeddings, reader.eval(), "training", threads)
            say(f"step {training.steps} measures {json.dumps(measures(model, data, exchange, 0.25))}")
            training.seconds = time.monotonic() - begun
            measured = since = training.seconds
    training.save()
    say(f"trained, {training.steps} steps, {training.seconds / 60:.1f} minutes")
