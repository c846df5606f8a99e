"""Losses and gradients of a training step."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from bot.answering.judges.reader.network import Reader
from bot.answering.judges.reader.tokens import Batch, Tokenising, Tokens, collate
from tests.bench.reader.data import Example
from vectorstore.models.bert import Embeddings


def tokens_of(tokenising: Tokenising, example: Example) -> Tokens:
    passage = example.passage
    question, headline, text = tokenising.encode([example.question, passage.headline, passage.text])
    return tokenising.join((question, example.words), headline, (text, passage.sentences))


TOKENS = 640  # of a share that one thread works on at a time


@dataclass(frozen=True, slots=True)
class Share:
    """The work of one thread: examples with their tokens, in groups of which one is answered."""

    examples: list[Example]
    tokens: list[Tokens]
    groups: list[int]


def shares(drawn: Sequence[list[Example]], tokenising: Tokenising) -> list[Share]:
    """Split draws into shares of about the same length, longest first."""
    units = [(group, [tokens_of(tokenising, example) for example in group]) for group in drawn]
    units.sort(key=lambda unit: -max(len(tokens.ids) for tokens in unit[1]))
    found: list[Share] = []
    longest = 0
    for number, (group, tokens) in enumerate(units):
        if not found or (len(found[-1].tokens) + len(tokens)) * longest > TOKENS:
            found.append(Share([], [], []))
            longest = max(len(row.ids) for row in tokens)
        found[-1].examples.extend(group)
        found[-1].tokens.extend(tokens)
        found[-1].groups.extend([number] * len(group))
    return found


def loss_of(
    reader: Reader, embeddings: Embeddings, share: Share, device: str
) -> tuple[Tensor, dict[str, float]]:
    """Return the weighted sum of the losses over the share's draws, and the mean of each part."""
    batch = collate(share.tokens)
    batch = Batch(*(part.to(device) for part in (batch.ids, batch.sides, batch.sentences, batch.words)))
    count = max(1, *(len(example.passage.sentences) for example in share.examples))
    words = max(1, *(len(example.words) for example in share.examples))
    output = reader(embeddings(batch.ids), batch, count, words)
    logits = torch.cat([output.null[:, None], output.sentences], 1).log_softmax(-1)
    parts: dict[str, list[Tensor]] = defaultdict(list)
    nothing: dict[int, list[Tensor]] = defaultdict(list)
    for row, example in enumerate(share.examples):
        if example.somewhere:
            nothing[share.groups[row]].append(logits[row, 0])
        elif not example.answers:
            parts["passage"].append(-logits[row, 0])
        else:
            tokens = share.tokens[row]
            starts, ends, holding = targets(tokens, example)
            if holding:
                parts["passage"].append(-logits[row, [1 + i for i in holding]].logsumexp(0))
                inside = batch.sentences[row].ge(0)
                for scores, at in ((output.starts[row], starts), (output.ends[row], ends)):
                    chosen = scores.masked_fill(~inside, -1e4).log_softmax(-1)
                    parts["span"].append(-chosen[at].logsumexp(0))
        if example.opened:
            seen = {number for number in share.tokens[row].words if number >= 0}
            judged = [i for i, value in enumerate(example.opened) if value >= 0 and i in seen]
            if judged:
                gold = torch.tensor([float(example.opened[i]) for i in judged], device=device)
                each = F.binary_cross_entropy_with_logits(output.words[row, judged], gold, reduction="none")
                # One word left open counts as much as three that are not.
                parts["open"].append((each * (1 + 2 * gold)).sum() / (len(judged) + 2 * gold.sum()))
            if example.weak:
                unknown = [i for i, value in enumerate(example.opened) if value == -1 and i in seen]
                if unknown:
                    closed = F.logsigmoid(-output.words[row, unknown]).sum()
                    parts["weak"].append(-torch.log(-torch.expm1(closed.clamp_max(-1e-5))))
    for group in nothing.values():
        parts["passage"].append(-torch.log(-torch.expm1(torch.stack(group).sum().clamp_max(-1e-5))))
    share_of = {"passage": 1.0, "span": 0.25, "open": 1.0, "weak": 0.15}
    total = sum(
        (share_of[name] * torch.stack(values).sum() for name, values in parts.items()), torch.zeros(())
    )
    return total, {name: float(torch.stack(values).detach().mean()) for name, values in parts.items()}


def targets(tokens: Tokens, example: Example) -> tuple[list[int], list[int], list[int]]:
    """Return the tokens at which answers start and end, and the sentences that hold answers."""
    starts, ends, holding = set(), set(), set()
    for answer in example.answers:
        inside = [
            i
            for i, (start, end) in enumerate(tokens.places)
            if start < answer.end and end > answer.start and start < end
        ]
        if inside and tokens.sentences[inside[0]] >= 0:
            starts.add(inside[0])
            ends.add(inside[-1])
            holding.add(tokens.sentences[inside[0]])
    return sorted(starts), sorted(ends), sorted(holding)


def step_gradients(
    reader: Reader,
    embeddings: Embeddings,
    work: Sequence[Share],
    parameters: Sequence[Tensor],
    sums: list[list[Tensor]],
    device: str,
) -> tuple[list[Tensor], dict[str, list[float]]]:
    """Sum the gradients over the shares into the first of ``sums``, which are float32, one for each thread.

    Returns the sum and the losses of each part. Threads take shares as they come. Threads with shares of their own
    do not hold each other up on a busy machine, as threads within one multiplication do.
    """
    waiting: queue.SimpleQueue[Share] = queue.SimpleQueue()
    for share in work:
        waiting.put(share)
    for mine in sums:
        torch._foreach_zero_(mine)
    logged: dict[str, list[float]] = defaultdict(list)
    errors: list[BaseException] = []

    def run(mine: list[Tensor]) -> None:
        try:
            while True:
                try:
                    share = waiting.get_nowait()
                except queue.Empty:
                    return
                loss, parts = loss_of(reader, embeddings, share, device)
                gradients = torch.autograd.grad(loss, list(parameters), allow_unused=True)
                pairs = [(a, g) for a, g in zip(mine, gradients, strict=True) if g is not None]
                torch._foreach_add_([a for a, _ in pairs], [g for _, g in pairs])
                for name, value in parts.items():
                    logged[name].append(value)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            errors.append(error)

    others = [threading.Thread(target=run, args=(mine,)) for mine in sums[1:]]
    for other in others:
        other.start()
    run(sums[0])
    for other in others:
        other.join()
    if errors:
        raise errors[0]
    for mine in sums[1:]:
        torch._foreach_add_(sums[0], mine)
    return sums[0], logged
