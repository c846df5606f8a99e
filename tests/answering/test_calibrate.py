"""`musnad calibrate`: the questions it makes, what it fits, and the file it keeps."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.answering.calibrating import calibrate as calibrating
from bot.answering.calibrating.calibrate import TooSmallError, calibrate, fit_logistic, questions_of
from bot.answering.calibrating.calibration import FILE, Calibration, Parameters, load, log_odds, recipe_of
from bot.answering.calibrating.selfmade import questions
from bot.answering.candidates import candidates
from bot.answering.fitted import sigmoid
from bot.answering.judges.configured import configured
from bot.answering.judges.corrected import CorrectedJudge
from bot.answering.judges.cross_encoder import CrossEncoderJudge
from bot.answering.judges.linear import LinearJudge
from bot.answering.pipeline import Question
from bot.answering.question import understand
from bot.answering.select import Policy
from bot.build import Musnad, build
from bot.cli import main
from bot.settings import Settings
from corpus.parse import parse
from tests.crossencoders import Knowing, tiny, town, towns
from vectorstore.embed import Embedder

ROOT = Path(__file__).parents[2]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Musnad]:
    """Fifty-two towns, and no reader."""
    folder = tmp_path_factory.mktemp("towns")
    with build(Settings(data=folder / "data"), embedder=embedder) as musnad:
        musnad.ingest([towns(folder / "articles")])
        yield musnad


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> None:
    """Few questions, the model loaded once a run, and no reader."""
    monkeypatch.setattr(calibrating, "MOST", 20)
    monkeypatch.setattr(calibrating, "LEAST", 10)
    monkeypatch.setattr("vectorstore.embed.load_embedder", lambda *given, **named: embedder)
    monkeypatch.setattr(Musnad, "_base_judge", lambda self: LinearJudge())


def calibrated(recipe: str, **parameters: float) -> Calibration:
    return Calibration(recipe, Parameters(**parameters), 0.7, 0.9, 60, 36, "2026-01-01T00:00:00+00:00", {})


# Questions


def test_questions_are_made_of_the_articles_own_words() -> None:
    (article,) = parse(town(3), "town-03.txt")
    headline, keywords = questions([article], 10)
    assert headline.text == article.title
    lead = headline.right[0]
    assert article.body[lead.start : lead.end].startswith("افتتحت بلدية")
    assert keywords.text.startswith(("متى ", "كم "))
    (right,) = keywords.right
    sentence = article.body[right.start : right.end]
    assert all(word in sentence for word in keywords.text.rstrip("؟").split()[1:])
    assert not any(c.isdigit() for c in keywords.text)


def test_they_are_the_same_each_time_and_no_more_than_wanted(archive: Musnad) -> None:
    made = questions_of(archive.archive)
    assert made == questions_of(archive.archive)
    assert len(made) == 20
    assert {each.kind for each in made} == {"headline", "keywords"}
    assert len({each.article.id for each in made}) == 10


def test_english_articles_make_none() -> None:
    (article,) = parse(
        "The dam is full\n\nThe dam of the valley is full for the first time in ten years. " * 3, "a.txt"
    )
    assert questions([article], 10) == []


def test_a_small_archive_is_refused(samples: Musnad) -> None:
    with pytest.raises(TooSmallError) as error:
        questions_of(samples.archive)
    assert (error.value.articles, error.value.questions) == (samples.archive.count_articles(), None)


# Fitting


def test_a_logistic_model_finds_what_made_the_labels_and_trusts_nothing_that_misleads() -> None:
    random = np.random.default_rng(7)
    columns = np.column_stack([np.ones(4000), random.normal(size=4000), random.normal(size=4000)])
    labels = (random.random(4000) < 1 / (1 + np.exp(-(columns @ [-1.0, 0.5, 2.0])))).astype(float)
    assert fit_logistic(columns, labels, scored=True) == pytest.approx((-1.0, 0.5, 2.0), abs=0.2)
    _, base, score = fit_logistic(columns * [1, 1, -1], labels, scored=True)
    assert score == 0.0
    assert base > 0
    assert fit_logistic(columns, labels, scored=False)[2] == 0.0
    assert fit_logistic(columns[:0], labels[:0], scored=True) == (0.0, 1.0, 0.0)
    assert np.isfinite(fit_logistic(columns, np.ones(4000), scored=True)).all()


def test_a_model_that_knows_is_trusted_and_one_that_misleads_is_not(archive: Musnad) -> None:
    made = questions_of(archive.archive)
    found = {}
    for sign in (1.0, -1.0):
        judge = CrossEncoderJudge(LinearJudge(), Knowing(sign))
        found[sign] = calibrate(made, archive.archive, archive.index, judge)
    knowing, misleading = found[1.0], found[-1.0]
    assert knowing.parameters.score > 0
    assert misleading.parameters.score == 0
    assert misleading.parameters.rank == 0
    after, before = knowing.measured["after"], knowing.measured["before"]
    assert after["first_right"] >= before["first_right"]
    assert after["log_loss"] < before["log_loss"]
    assert knowing.threshold >= Policy().answered
    assert knowing.recipe == recipe_of(CrossEncoderJudge(LinearJudge(), Knowing()), archive.index.recipe())
    assert (knowing.articles, knowing.questions, knowing.measured["held_out"]) == (52, 20, 10)
    assert after["asked"]["kept"] == after["asked"]["left out"] == 10
    assert 0 < after["asked"]["swapped"] <= 5


def test_musnads_own_judge_is_corrected_only_where_that_is_better(archive: Musnad) -> None:
    found = calibrate(questions_of(archive.archive), archive.archive, archive.index, LinearJudge())
    assert (found.parameters.rank, found.parameters.score) == (0, 0)
    after, before = found.measured["after"], found.measured["before"]
    assert after["first_right"] == before["first_right"]
    assert after["log_loss"] <= before["log_loss"]
    assert found.parameters == Parameters() or after["log_loss"] < before["log_loss"]


# The file


def test_it_is_kept_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    kept = calibrated("judge 1", rank=1.5, mean=0.25, scale=2.0)
    file = kept.save(tmp_path)
    assert file == tmp_path / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(tmp_path, "judge 1") == kept
    replace(kept, threshold=0.8).save(tmp_path)
    again = load(tmp_path, "judge 1")
    assert again is not None
    assert again.threshold == 0.8
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_there_need_be_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load(tmp_path, "judge 1") is None
    assert not caplog.records


def test_one_of_another_judge_is_ignored_with_a_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calibrated("judge 1").save(tmp_path)
    assert load(tmp_path, "judge 2") is None
    (line,) = [record.getMessage() for record in caplog.records]
    assert "another judge or index" in line
    assert "musnad calibrate" in line


GOOD = {"format": 1, "recipe": "r", "parameters": {}, "threshold": 0.5, "precision": 0.9, "articles": 60,
        "questions": 36, "made": "2026", "measured": {}}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "[" * 100_000,
        json.dumps({**GOOD, "format": 2}),
        json.dumps({**GOOD, "threshold": 1.5}),
        json.dumps({**GOOD, "threshold": "0.5"}),
        json.dumps({**GOOD, "threshold": float("nan")}),
        json.dumps({**GOOD, "parameters": {"rank": None}}),
        json.dumps({**GOOD, "parameters": {"scale": 0}}),
        json.dumps({**GOOD, "parameters": {"other": 1}}),
        json.dumps({**GOOD, "parameters": []}),
        json.dumps({**GOOD, "recipe": 5}),
        json.dumps({name: value for name, value in GOOD.items() if name != "recipe"}),
        json.dumps({**GOOD, "more": 1}),
    ],
)  # fmt: skip
def test_a_damaged_file_is_ignored_with_a_line(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).write_text(json.dumps(GOOD), encoding="utf-8")
    assert load(tmp_path, "r") is not None
    (tmp_path / FILE).write_bytes(text.encode("latin-1"))
    assert load(tmp_path, "r") is None
    (line,) = [record.getMessage() for record in caplog.records]
    assert "is ignored: it cannot be read" in line
    assert "\n" not in line
    assert len(line) < 400


def test_a_kill_while_it_is_kept_leaves_the_old_one_or_the_new(tmp_path: Path) -> None:
    """Killed again and again in the middle of saving two calibrations in turn."""
    calibrated("one").save(tmp_path)
    code = textwrap.dedent(f"""
        from itertools import cycle
        from pathlib import Path
        from bot.answering.calibrating.calibration import Calibration, Parameters
        more = {{"x": "y" * 20000}}
        made = [Calibration(recipe, Parameters(), 0.7, 0.9, 60, 36, "", more) for recipe in ("one", "two")]
        print("ready", flush=True)
        for each in cycle(made):
            each.save(Path({str(tmp_path)!r}))
    """)
    for round in range(5):
        with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                process.wait(0.02 + 0.013 * round)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        assert (load(tmp_path, "one") is None) != (load(tmp_path, "two") is None)
    assert calibrated("three").save(tmp_path)
    assert load(tmp_path, "three") == calibrated("three")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


# What it changes


def test_a_calibration_is_in_force_for_its_judge_and_index_alone(
    archive: Musnad, models: Path, tmp_path: Path
) -> None:
    index = archive.index.recipe()
    calibrated(recipe_of(LinearJudge(), index), intercept=-1.0).save(tmp_path)
    found = configured(None, LinearJudge(), tmp_path, index)
    assert isinstance(found.judge, CorrectedJudge)
    assert found.policy == replace(Policy(), answered=0.7)
    assert not found.due
    other = configured(None, LinearJudge(), tmp_path, {**index, "model": "other"})
    assert isinstance(other.judge, LinearJudge)
    assert other.policy == Policy()
    named = configured(str(tiny(tmp_path / "tiny", models)), LinearJudge(), tmp_path, index)
    assert named.due
    assert named.policy == Policy()
    calibrated(recipe_of(named.judge, index), rank=1.0, mean=0.0).save(tmp_path)
    assert not configured(str(tmp_path / "tiny"), LinearJudge(), tmp_path, index).due


def test_a_correction_changes_probabilities_and_no_rank(samples: Musnad) -> None:
    query = understand("متى انضمت سوريا إلى التحالف الدولي؟")
    found = candidates(samples.index.find(query.searched, 20).hits)
    plain = LinearJudge().judge(query, found)
    corrected = CorrectedJudge(LinearJudge(), Parameters(intercept=-1.0)).judge(query, found)
    assert [each.candidate for each in corrected] == [each.candidate for each in plain]
    assert [each.rank for each in corrected] == [each.rank for each in plain]
    assert corrected[0].probability == pytest.approx(sigmoid(log_odds(plain[0].probability) - 1))
    assert CorrectedJudge(LinearJudge(), Parameters()).recipe == LinearJudge().recipe


# The command


def test_it_says_what_it_measured_and_leaves_musnads_own_judge_as_it_is(
    archive: Musnad, capsys: Captured
) -> None:
    data = archive.settings.data
    assert main(["calibrate", "--data", str(data)]) == 0
    out, err = capsys.readouterr()
    assert "الأسئلة المصنوعة منها: 20" in out
    assert "--apply" in out
    assert "الأسئلة: 20/20" in err
    assert not (data / FILE).exists()


def test_a_named_judge_is_calibrated_and_then_says_no_more_that_it_is_due(
    archive: Musnad, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    data = str(archive.settings.data)
    monkeypatch.setenv("MUSNAD_JUDGE", str(tiny(tmp_path / "tiny", models)))
    monkeypatch.setenv("MUSNAD_LANGUAGE", "en")
    asked = ["ask", "متى افتتحت بلدية تل الملح الجسر؟", "--data", data]
    try:
        main(asked)
        assert "is not calibrated on this archive" in capsys.readouterr().err
        assert main(["calibrate", "--data", data]) == 0
        assert f"Stored in {archive.settings.data / FILE}" in capsys.readouterr().out
        main(asked)
        assert "calibrated" not in capsys.readouterr().err
    finally:
        (archive.settings.data / FILE).unlink(missing_ok=True)


@pytest.mark.parametrize(("language", "told"), [("ar", "والأقلّ 50"), ("en", "at least 50 are needed")])
def test_the_command_refuses_a_small_archive_in_one_line(
    language: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("MUSNAD_LANGUAGE", language)
    assert main(["calibrate", "--data", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("musnad: ")
    assert told in err
    assert err.count("\n") == 1
    assert not (tmp_path / FILE).exists()


def test_a_precision_out_of_bounds_is_bad_usage(tmp_path: Path, capsys: Captured) -> None:
    assert main(["calibrate", "--precision", "1.5", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("musnad: ")


def test_killed_in_the_middle_it_leaves_nothing_and_repeated_it_is_in_force(
    archive: Musnad, capsys: Captured
) -> None:
    data = archive.settings.data
    code = textwrap.dedent("""
        import sys
        from bot.answering.judges.linear import LinearJudge
        from bot.build import Musnad
        from bot.cli import main

        class Loud(LinearJudge):
            def judge(self, query, candidates):
                print("judging", file=sys.stderr, flush=True)
                return super().judge(query, candidates)

        Musnad._base_judge = lambda self: Loud()
        sys.exit(main(sys.argv[1:]))
    """)
    command = [sys.executable, "-c", code, "calibrate", "--apply", "--data", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"judging\n" in iter(process.stderr.readline, b"")
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (data / FILE).exists()
    try:
        assert main(["calibrate", "--apply", "--json", "--data", str(data)]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert shown["stored"] == str(data / FILE)
        assert shown["threshold"] >= Policy().answered
        with build(Settings(data=data)) as musnad:
            assert isinstance(musnad.judge, CorrectedJudge)
            assert musnad.asker.ask(Question("متى افتتحت بلدية تل الملح الجسر؟")).shown
    finally:
        (data / FILE).unlink(missing_ok=True)
