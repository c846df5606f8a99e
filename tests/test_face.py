"""Names importable from `bot`, loaded lazily, and the examples of README.md and docs/python-api.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import bot
from bot import Musnad, MusnadError, Question
from corpus.errors import ArchiveError
from corpus.parse import ParseError
from vectorstore.errors import VectorstoreError

ROOT = Path(__file__).parent.parent
EXAMPLES = (ROOT / "README.md", ROOT / "docs" / "python-api.md")


def test_every_name_of_the_face_is_there() -> None:
    assert [name for name in bot.__all__ if getattr(bot, name).__name__ != name] == []
    assert set(bot.__all__) <= set(dir(bot))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        bot.Nothing  # noqa: B018


def test_the_face_brings_no_model_and_no_client() -> None:
    heavy = ["torch", "chromadb", "sentence_transformers", "transformers", "telegram", "langchain"]
    code = (
        "import sys; from bot import Musnad, Settings, Question, Answer, Quote, Refusal, MusnadError;"
        f" print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("error", [ArchiveError, ParseError, VectorstoreError])
def test_what_goes_wrong_has_one_root(error: type[Exception]) -> None:
    assert issubclass(error, MusnadError)


@pytest.mark.parametrize("doc", EXAMPLES, ids=lambda doc: doc.name)
def test_the_example_of_the_docs_runs(doc: Path, tmp_path: Path, models: Path) -> None:
    found = re.search(r"```python\n(.*?)```", doc.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{found[1]}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2025" in done.stdout
    assert "«" in done.stdout


def test_it_may_be_one_of_a_chain(samples: Musnad) -> None:
    chain = samples.as_runnable() | (lambda answer: [quote.text for quote in answer.shown])
    asked = "متى انضمت سوريا إلى التحالف الدولي؟"
    assert chain.invoke(asked) == [quote.text for quote in samples.ask(Question(asked)).shown] != []
