"""A cross-encoder as a judge: what it reads, how its score joins the base judge's, and what goes wrong."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.answering.calibrating.calibration import Parameters
from bot.answering.candidates import Candidate, candidates
from bot.answering.features import before
from bot.answering.judges import Judged, JudgeModelError
from bot.answering.judges.cross_encoder import (
    BEST,
    CrossEncoderJudge,
    Model,
    ScoringError,
    pair,
    standardised,
)
from bot.answering.judges.linear import JUDGED, MOST_WHEN_BARRED, LinearJudge
from bot.answering.pipeline import Question
from bot.answering.question import Query, understand
from bot.build import Musnad, build
from bot.settings import Settings
from tests.crossencoders import Knowing, tiny
from vectorstore.embed import Embedder

pytestmark = pytest.mark.slow

ASKED = "متى انضمت سوريا إلى التحالف الدولي؟"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    return tiny(tmp_path_factory.mktemp("judge") / "tiny", models)


@pytest.fixture(scope="module")
def model(folder: Path, models: Path) -> Model:
    return Model.load(str(folder), models)


@pytest.fixture(scope="module")
def query() -> Query:
    return understand(ASKED)


@pytest.fixture(scope="module")
def found(samples: Musnad, query: Query) -> list[Candidate]:
    return candidates(samples.index.find(query.searched, 20).hits)


# The judgement


class Favouring:
    """A scorer that prefers one sentence."""

    recipe = "favouring"

    def __init__(self, text: str) -> None:
        self._text = text

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [4.0 if text.endswith(self._text) else -4.0 for _, text in pairs]


def test_it_reads_the_question_with_headline_sentence_and_the_one_before(
    query: Query, found: list[Candidate]
) -> None:
    scorer = Knowing()
    judge = CrossEncoderJudge(LinearJudge(), scorer)
    judged = judge.judge(query, found)
    assert len(judged) == len(found) > BEST
    assert {each.candidate.span for each in judged} == {each.span for each in found}
    assert scorer.asked == [pair(query, each.candidate) for each in LinearJudge().judge(query, found)[:BEST]]
    second = next(each for each in found if before(each))
    question, text = pair(query, second)
    assert question == query.searched
    assert text == f"{second.article.title}\n{before(second)} {second.text}"


def test_what_it_prefers_comes_first_and_the_base_judges_order_holds_for_the_rest(
    query: Query, found: list[Candidate]
) -> None:
    base = LinearJudge().judge(query, found)
    favourite = base[5]
    judge = CrossEncoderJudge(LinearJudge(), Favouring(favourite.candidate.text), Parameters(rank=20.0))
    judged = judge.judge(query, found)
    assert judged[0].candidate == favourite.candidate
    others = [each.candidate for each in base if each is not favourite]
    assert [each.candidate for each in judged[1:]] == others
    assert [each.rank for each in judged] == sorted((each.rank for each in judged), reverse=True)


def test_uncalibrated_it_makes_no_sentence_surer(query: Query, found: list[Candidate]) -> None:
    base = {each.candidate.span: each.probability for each in LinearJudge().judge(query, found)}
    for each in CrossEncoderJudge(LinearJudge(), Knowing()).judge(query, found):
        assert each.probability <= max(base[each.candidate.span], 0.02) + 1e-9


def test_calibrated_its_score_makes_a_sentence_surer_but_not_where_a_year_is_missing(
    found: list[Candidate],
) -> None:
    fitted = Parameters(intercept=1.0, base=0.5, score=2.0, rank=2.0, mean=0.0, scale=2.0)
    for text, most in ((ASKED, 1.0), ("متى انضمت سوريا إلى التحالف الدولي عام 1987؟", MOST_WHEN_BARRED)):
        query = understand(text)
        best = LinearJudge().judge(query, found)[0]
        judge = CrossEncoderJudge(LinearJudge(), Favouring(best.candidate.text), fitted)
        first = judge.judge(query, found)[0]
        assert first.candidate == best.candidate
        assert first.probability == most if most < 1 else first.probability > best.probability


def test_a_sentence_from_far_down_is_said_to_leave_words_open(query: Query, found: list[Candidate]) -> None:
    base = LinearJudge().judge(query, found)
    low = next(each for each in base[JUDGED:BEST] if "انضم" not in each.candidate.hit.text)
    assert low.probability == 0
    assert not low.open
    judge = CrossEncoderJudge(LinearJudge(), Favouring(low.candidate.text), Parameters(rank=20.0))
    assert judge.judge(query, found)[0].open


def test_scores_are_standardised_and_bounded_and_what_was_not_scored_is_last() -> None:
    assert standardised([1.0, 3.0], 3, Parameters()) == [-1.0, 1.0, -1.0]
    assert standardised([1.0, 3.0], 2, Parameters(mean=1.0, scale=0.5)) == [0.0, 4.0]
    assert standardised([1e9, 2.0], 2, Parameters(mean=2.0)) == [5.0, 0.0]
    assert standardised([2.0, 2.0], 2, Parameters()) == [0.0, 0.0]
    assert standardised([], 2, Parameters()) == [0.0, 0.0]


def test_nothing_found_is_nothing_judged(query: Query, model: Model) -> None:
    assert CrossEncoderJudge(LinearJudge(), model).judge(query, []) == []


def test_when_the_model_fails_the_base_judges_word_stands(
    query: Query, found: list[Candidate], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Knowing):
        def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
            raise ScoringError("out of memory")

    with caplog.at_level("WARNING"):
        judged = CrossEncoderJudge(LinearJudge(), Broken()).judge(query, found)
    assert judged == LinearJudge().judge(query, found)
    assert [record.getMessage() for record in caplog.records] == ["knowing 1 did not judge: out of memory"]


# The model


def test_its_scores_are_the_cross_encoders_own_logits(folder: Path, model: Model) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    pairs = [
        ("متى؟", "أمس"),
        ("من حضر الاجتماع؟", "حضره الوزير " * 60),
        ("كم؟", ""),
        *[("س", "ج" * n) for n in range(20)],
    ]
    bare = CrossEncoder(str(folder), local_files_only=True, device="cpu")
    wanted = bare.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
    assert model.scores(pairs) == pytest.approx(wanted.tolist(), abs=0.01)  # bfloat16 keeps three digits
    assert model.scores([]) == []


def test_threads_get_what_one_thread_gets(model: Model) -> None:
    pairs = [("متى انعقد المنتدى؟", "انعقد المنتدى " * n) for n in range(1, 20)]
    wanted = model.scores(pairs)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: model.scores(pairs), range(8)):
            assert scores == pytest.approx(wanted, abs=0.01)


def test_the_recipe_names_the_model_its_weights_and_the_base_judge_but_no_place(
    folder: Path, model: Model, models: Path, tmp_path: Path
) -> None:
    recipe = CrossEncoderJudge(LinearJudge(), model).recipe
    assert recipe.startswith("cross-encoder tiny ")
    assert LinearJudge().recipe in recipe
    assert str(folder.parent) not in recipe
    shutil.copytree(folder, tmp_path / "tiny")
    assert Model.load(str(tmp_path / "tiny"), models).recipe == model.recipe
    assert Model.load(str(tiny(tmp_path / "other" / "tiny", models, seed=8)), models).recipe != model.recipe


def test_scores_that_are_no_numbers_are_an_error(folder: Path, models: Path, tmp_path: Path) -> None:
    import torch

    broken = Model.load(str(folder), models)
    with torch.no_grad():
        for weights in broken._model.parameters():
            weights.fill_(math.nan)
    with pytest.raises(ScoringError, match="no number"):
        broken.scores([("س", "ج")])


@pytest.mark.parametrize(
    "name", ["/no/such/folder", "nobody/no-such-model", "no-such-model", "two words", " ", "{empty}"]
)
def test_a_wrong_name_is_explained_without_waiting(
    name: str, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "empty").mkdir()
    name = name.replace("{empty}", str(tmp_path / "empty"))
    start = time.monotonic()
    with pytest.raises(JudgeModelError, match="MUSNAD_JUDGE") as error:
        Model.load(name, models)
    assert repr(name) in str(error.value)
    assert "\n" not in str(error.value)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("scores", "head", "why"), [(3, True, "3 scores for a pair"), (1, False, "no layer that scores")]
)
def test_a_model_of_another_kind_is_refused(
    scores: int, head: bool, why: str, models: Path, tmp_path: Path
) -> None:
    folder = tiny(tmp_path / "other", models, scores=scores, head=head)
    with pytest.raises(JudgeModelError, match=why):
        Model.load(str(folder), models)


# The product


@pytest.fixture
def without_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Musnad, "_base_judge", lambda self: LinearJudge())


@pytest.mark.usefixtures("without_reader")
def test_it_judges_what_is_asked(
    folder: Path, tmp_path: Path, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=tmp_path, judge=str(folder))
    with build(settings, embedder=embedder) as musnad, caplog.at_level("WARNING"):
        musnad.ingest([], samples=True)
        musnad.load()
        assert musnad.judge.recipe.startswith("cross-encoder tiny ")
        answer = musnad.asker.ask(Question(ASKED))
    assert answer.shown
    assert musnad.calibration_due
    assert [record.getMessage() for record in caplog.records if "calibrate" in record.getMessage()] == [
        f"{folder} only reorders what musnad's own judge finds: run `musnad calibrate`"
    ]


@pytest.mark.usefixtures("without_reader")
@pytest.mark.parametrize("name", [None, "linear"])
def test_the_default_is_musnads_own(name: str | None, tmp_path: Path, embedder: Embedder) -> None:
    with build(Settings(data=tmp_path, judge=name), embedder=embedder) as musnad:
        assert isinstance(musnad.judge, LinearJudge)
        assert not musnad.calibration_due


@pytest.mark.usefixtures("without_reader")
def test_a_judge_that_cannot_be_loaded_is_one_line(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.cli import main

    monkeypatch.setattr("vectorstore.embed.load_embedder", lambda *given, **named: embedder)
    monkeypatch.setenv("MUSNAD_JUDGE", str(tmp_path / "nothing"))
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    assert main(["ask", ASKED, "--data", str(tmp_path / "data")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("musnad: the judge ")
    assert "MUSNAD_JUDGE" in err
    assert err.count("\n") == 1


def test_what_is_judged_is_what_it_says(found: list[Candidate], query: Query, model: Model) -> None:
    for each in CrossEncoderJudge(LinearJudge(), model).judge(query, found):
        assert isinstance(each, Judged)
        assert 0 <= each.probability <= 1
        assert math.isfinite(each.rank)
