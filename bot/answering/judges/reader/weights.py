"""Read and write the reader's weights in 8 bits, with a scale for each ``BLOCK`` weights of a row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from bot.answering.judges.reader.network import Reader

FORMAT = 1
"""Format number, raised when weights written before can no longer be read."""
BLOCK = 128  # weights that share a scale


def quantised(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Convert matrices whose rows are whole blocks to 8 bits with their scales; keep the rest in float32."""
    found = {}
    for name, tensor in state.items():
        values = tensor.detach().float().cpu()
        if values.ndim != 2 or values.shape[1] % BLOCK:
            found[name] = values.contiguous()
            continue
        blocks = values.view(values.shape[0], -1, BLOCK)
        scales = (blocks.abs().amax(-1) / 127).clamp_min(1e-7).half()
        found[f"{name}.int8"] = (
            (blocks / scales.float()[..., None]).round().clamp(-127, 127).to(torch.int8).view(values.shape)
        )
        found[f"{name}.scale"] = scales
    return found


def dequantised(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Invert ``quantised``, in float32."""
    found = {}
    for name, tensor in state.items():
        if name.endswith(".int8"):
            scales = state[f"{name.removesuffix('.int8')}.scale"].float()
            blocks = tensor.view(tensor.shape[0], -1, BLOCK).float() * scales[..., None]
            found[name.removesuffix(".int8")] = blocks.view(tensor.shape)
        elif not name.endswith(".scale"):
            found[name] = tensor
    return found


def save(reader: Reader, file: Path) -> None:
    """Write the reader's weights in 8 bits; the file appears under its name only once it is complete."""
    work = file.with_name(f".{file.name}.part")
    save_file(quantised(reader.state_dict()), work, metadata={"format": str(FORMAT)})
    work.chmod(0o644)
    work.replace(file)


def load(file: Path) -> dict[str, Tensor]:
    """Read the weights of a file, in float32."""
    return dequantised(load_file(file))
