"""The Makefile: questions passed on unchanged, work done once, clear messages when it cannot be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make here")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout that is set up, with a `musnad` that prints its arguments, one per line."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    musnad = tmp_path / ".venv/bin/musnad"
    musnad.parent.mkdir(parents=True)
    musnad.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit ${MUSNAD_EXITS:-0}\n', encoding="utf-8")
    musnad.chmod(0o755)
    (tmp_path / ".venv/.installed").touch()
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Without MAKEFLAGS: these tests may themselves run under `make test`.
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "Q"))
    }
    return subprocess.run(
        ["make", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env=inherited | environment,
    )


QUESTIONS = [
    "ما معنى «التحالف»؟",
    "what's \"new\" in Syria's embassy?",
    "كم ثمن $5 و $(shell touch stolen) و ${HOME} و `touch stolen`؟",
    "a; touch stolen # b \\ c = d := $$ %",
    "--help",
    "",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_make_ask_hands_the_question_on_as_it_is(checkout: Path, question: str) -> None:
    make(checkout, "ask")  # the first run indexes the samples
    asked = make(checkout, "ask", f"Q={question}")
    assert asked.stdout.splitlines() == ["--data", ".musnad", "ask", "--", question]
    assert asked.stderr == ""
    assert not (checkout / "stolen").exists()
    assert make(checkout, "ask", Q=question).stdout == asked.stdout


def test_make_ask_indexes_the_samples_once(checkout: Path) -> None:
    first, second = make(checkout, "ask"), make(checkout, "ask")
    assert first.stderr.splitlines() == ["--data", ".musnad", "ingest", "--samples"]
    assert second.stderr == ""
    assert first.stdout == second.stdout
    assert first.stdout.splitlines()[-1] == "متى انضمت سوريا إلى التحالف الدولي؟"


def test_make_ask_takes_a_refusal_for_an_answer_and_an_error_for_an_error(checkout: Path) -> None:
    make(checkout, "ask")
    assert make(checkout, "ask", MUSNAD_EXITS="1").returncode == 0
    assert make(checkout, "ask", MUSNAD_EXITS="2").returncode != 0


def test_samples_that_could_not_be_indexed_are_tried_again(checkout: Path) -> None:
    assert make(checkout, "ask", MUSNAD_EXITS="2").returncode != 0
    assert "ingest" in make(checkout, "ask").stderr


def test_make_quick_leaves_out_what_is_marked_slow_and_make_test_nothing(checkout: Path) -> None:
    python = checkout / ".venv/bin/python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    assert make(checkout, "quick").stdout.splitlines() == ["-m", "pytest", "-m", "not slow"]
    assert make(checkout, "test").stdout.splitlines() == ["-m", "pytest"]
    for target in ("quick", "test"):
        assert make(checkout, target, "T=tests/test_x.py").stdout.splitlines()[-1] == "tests/test_x.py"
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    markers = pyproject["tool"]["pytest"]["ini_options"]["markers"]
    assert [marker.partition(":")[0] for marker in markers] == ["slow"]


def test_whatever_loads_the_embedded_model_is_slow(request: pytest.FixtureRequest) -> None:
    loading = [item for item in request.session.items if "models" in getattr(item, "fixturenames", ())]
    assert [item.nodeid for item in loading if item.get_closest_marker("slow") is None] == []


def test_setup_without_a_fitting_python_says_so_and_leaves_no_stamp(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    done = make(checkout, "setup", "PYTHON=/nowhere/python3.10")
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13" in done.stderr
    assert "make setup PYTHON=" in done.stderr
    assert not (checkout / ".venv/.installed").exists()


def test_setup_runs_again_when_a_requirement_changes_and_not_otherwise(checkout: Path) -> None:
    assert make(checkout, "--question", "setup").returncode == 0
    later = (checkout / ".venv/.installed").stat().st_mtime + 10
    os.utime(checkout / "constraints.txt", (later, later))
    assert make(checkout, "--question", "setup").returncode != 0
