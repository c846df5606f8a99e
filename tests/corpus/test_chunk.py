"""Passages are whole sentences of an article, and the context that goes before them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.arabic import sentences, words
from corpus.article import Article, Block, BlockKind, Chunk, Published, Span
from corpus.chunk import chunks, context


def count_tokens(texts: Sequence[str]) -> list[int]:
    """Two tokens a word, about what the real tokenizer needs for Arabic."""
    return [2 * len(text.split()) for text in texts]


def article(*blocks: tuple[BlockKind, str]) -> Article:
    body, found = "", list[Block]()
    for kind, text in blocks:
        found.append(Block(len(body), len(body) + len(text), kind))
        body += text + "\n"
    return Article("brief.txt", "عنوان", body, blocks=tuple(found))


def paragraph(text: str) -> tuple[BlockKind, str]:
    return ("paragraph", text)


def sentence(length: int, name: str = "جملة") -> str:
    return " ".join([name, *["كلمة"] * (length - 2), "أخيرة."])


def texts_of(of: Article, found: Sequence[Chunk]) -> list[list[str]]:
    return [[of.body[span.start : span.end] for span in chunk.sentences] for chunk in found]


def test_a_short_article_is_one_passage() -> None:
    brief = article(("paragraph", "وصل الوفد صباحا. ثم بدأ اللقاء."), ("paragraph", "وانتهى مساء."))
    (passage,) = chunks(brief, count_tokens)
    assert brief.body[passage.start : passage.end] == "وصل الوفد صباحا. ثم بدأ اللقاء.\nوانتهى مساء."
    assert texts_of(brief, [passage]) == [["وصل الوفد صباحا.", "ثم بدأ اللقاء.", "وانتهى مساء."]]
    assert passage.article_id == brief.id


def test_nothing_to_cut_gives_nothing_and_counts_nothing() -> None:
    def fail(texts: Sequence[str]) -> list[int]:
        raise AssertionError("nothing to count")

    assert chunks(article(), fail) == []
    assert chunks(article(("reference", "1. تقرير سابق.")), fail) == []


def test_an_article_without_blocks_is_one_paragraph() -> None:
    plain = Article("brief.txt", "عنوان", "وصل الوفد. ثم غادر.")
    assert texts_of(plain, chunks(plain, count_tokens)) == [["وصل الوفد.", "ثم غادر."]]


def test_tokens_are_counted_once_an_article() -> None:
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return count_tokens(texts)

    chunks(article(*[paragraph(f"{sentence(20)} {sentence(30)}")] * 10), counting)
    assert calls == [20]


def test_neighbours_share_one_sentence() -> None:
    long = article(*[paragraph(sentence(25, f"فقرة{number}")) for number in range(9)])
    found = texts_of(long, chunks(long, count_tokens))
    assert len(found) > 2
    for before, after in pairwise(found):
        assert before[-1] == after[0]
        assert before[-2] not in after


def test_the_shared_sentence_is_left_out_where_it_leaves_no_room() -> None:
    long = article(("paragraph", sentence(60, "أولى")), ("paragraph", sentence(60, "ثانية")))
    assert texts_of(long, chunks(long, count_tokens)) == [[sentence(60, "أولى")], [sentence(60, "ثانية")]]


def test_passages_rather_end_with_a_paragraph() -> None:
    two: list[tuple[BlockKind, str]] = [
        ("paragraph", " ".join(sentence(20, name) for name in names))
        for names in (("أ1", "أ2", "أ3"), ("ب1", "ب2"))
    ]
    long = article(*two)
    found = texts_of(long, chunks(long, count_tokens, target=120, limit=160))
    assert [[text.split()[0] for text in passage] for passage in found] == [
        ["أ1", "أ2", "أ3"],
        ["أ3", "ب1", "ب2"],
    ]


def test_no_small_passage_is_left_at_the_end() -> None:
    long = article(*[paragraph(sentence(40))] * 2, ("paragraph", sentence(15)))
    assert len(chunks(long, count_tokens)) == 1  # 190 tokens


def test_a_heading_goes_with_what_follows_it_and_is_no_evidence() -> None:
    long = article(
        ("paragraph", f"{sentence(30)} {sentence(30)}"),
        ("heading", "ما بعد اللقاء"),
        ("paragraph", f"{sentence(30)} {sentence(30)}"),
    )
    first, second = chunks(long, count_tokens)
    assert "ما بعد" not in long.body[first.start : first.end]
    assert "\nما بعد اللقاء\n" in long.body[second.start : second.end]
    assert not any("ما بعد" in text for text in texts_of(long, [second])[0])


def test_a_heading_that_nothing_follows_stays_with_what_precedes_it() -> None:
    brief = article(("paragraph", sentence(30)), ("heading", "المراجع:"), ("reference", "1. تقرير."))
    (passage,) = chunks(brief, count_tokens)
    assert brief.body[passage.start : passage.end] == f"{sentence(30)}\nالمراجع:"
    assert texts_of(brief, [passage]) == [[sentence(30)]]


def test_headings_are_quotable_where_there_is_nothing_else() -> None:
    only = article(("heading", "وصول الوفد"), ("heading", "بدء اللقاء"))
    assert texts_of(only, chunks(only, count_tokens)) == [["وصول الوفد", "بدء اللقاء"]]


def test_references_are_in_no_passage_and_part_passages() -> None:
    brief = article(
        ("paragraph", "وصل الوفد."),
        ("reference", "1. تقرير سابق."),
        ("paragraph", "ثم غادر."),
        ("item", "- وعاد"),
    )
    assert texts_of(brief, chunks(brief, count_tokens)) == [["وصل الوفد."], ["ثم غادر.", "- وعاد"]]


def test_a_sentence_over_the_limit_is_a_passage_by_itself() -> None:
    long = article(("paragraph", f"{sentence(20)} {sentence(150, 'طويلة')} {sentence(20)}"))
    found = texts_of(long, chunks(long, count_tokens))
    assert [len(text) for text in found] == [1, 1, 1]
    assert found[1] == [sentence(150, "طويلة")]


def test_an_overlong_sentence_is_cut_at_its_commas() -> None:
    clause = " ".join(["عبارة"] * 59) + " أخيرة،"
    long = article(("paragraph", " ".join([clause] * 4) + " ثم انتهى."))
    found = chunks(long, count_tokens)
    assert texts_of(long, found) == [[clause], [clause], [clause], [f"{clause} ثم انتهى."]]


SENTENCES = st.integers(2, 260).map(sentence)
KINDS: list[BlockKind] = ["paragraph", "paragraph", "paragraph", "item", "heading", "reference"]
BLOCKS = st.tuples(
    st.sampled_from(KINDS),
    st.lists(st.integers(2, 60).map(sentence) | SENTENCES, min_size=1, max_size=5).map(" ".join),
)
ARTICLES = st.lists(BLOCKS, max_size=14).map(lambda blocks: article(*blocks))


def units(of: Article) -> list[list[Span]]:
    """The sentences and headings of each run of blocks without a reference."""
    runs: list[list[Span]] = [[]]
    for block in of.blocks:
        if block.kind == "reference":
            runs.append([])
        elif block.kind == "heading":
            runs[-1].append(Span(block.start, block.end))
        else:
            runs[-1] += sentences(of.body, block.start, block.end)
    return [run for run in runs if run]


@given(ARTICLES, st.integers(0, 3))
def test_passages_keep_their_promises(of: Article, overlap: int) -> None:
    target, limit = 160, 200
    found = chunks(of, count_tokens, target=target, limit=limit, overlap=overlap)
    assert found == chunks(of, count_tokens, target=target, limit=limit, overlap=overlap)
    headings = {Span(block.start, block.end) for block in of.blocks if block.kind == "heading"}

    def tokens(start: int, end: int) -> int:
        return count_tokens([of.body[start:end]])[0]

    for run in units(of):
        passages = [chunk for chunk in found if run[0].start <= chunk.start < run[-1].end]
        holding = [[unit for unit in run if chunk.start <= unit.start < chunk.end] for chunk in passages]
        only_headings = headings.issuperset(run)
        covered: set[Span] = set()
        for chunk, held in zip(passages, holding, strict=True):
            # Overlong sentences without commas stay whole.
            assert (chunk.start, chunk.end) == (held[0].start, held[-1].end)
            assert chunk.sentences == tuple(unit for unit in held if only_headings or unit not in headings)
            assert chunk.sentences
            assert tokens(chunk.start, chunk.end) <= limit or len(chunk.sentences) == 1
            assert held[-1] == run[-1] or only_headings or held[-1] not in headings
            covered.update(held)
        assert covered == set(run)
        for before, after in pairwise(passages):
            shared = [span for span in after.sentences if span.start < before.end]
            assert shared == list(before.sentences)[len(before.sentences) - len(shared) :]
            assert len(shared) <= overlap
            if len(shared) < min(overlap, len(before.sentences)):
                one_more = before.sentences[-1 - len(shared)]
                is_last = after.sentences[len(shared)] == after.sentences[-1]
                assert (
                    tokens(one_more.start, (after if is_last else after.sentences[len(shared)]).end) > limit
                )
            # Neither is so small that one passage would have done.
            assert tokens(before.start, after.end) > limit


@given(ARTICLES)
def test_passages_of_an_article_are_in_order_with_names_of_their_own(of: Article) -> None:
    found = chunks(of, count_tokens)
    assert [chunk.start for chunk in found] == sorted({chunk.start for chunk in found})
    assert len({chunk.id for chunk in found}) == len(found)
    kept = [unit for run in units(of) for unit in run]
    assert all(any(chunk.start <= unit.start and unit.end <= chunk.end for chunk in found) for unit in kept)


class TestContext:
    def test_is_headline_outlet_and_date(self) -> None:
        brief = Article(
            "brief.txt",
            "وصول  الوفد\n إلى المقر",
            "",
            publisher="سانا",
            published=Published("2026-02-09", "day"),
        )
        assert context(brief) == "وصول الوفد إلى المقر — سانا — 9 شباط/فبراير 2026"

    def test_leaves_out_what_is_not_known(self) -> None:
        assert context(Article("brief.txt", "وصول الوفد", "")) == "وصول الوفد"
        assert context(Article("brief.txt", "وصول الوفد", "", site="sana.sy")) == "وصول الوفد — sana.sy"
        assert context(Article("brief.txt", "", "")) == ""

    @pytest.mark.parametrize("length", [30, 38, 39, 100])
    def test_is_at_most_forty_words(self, length: int) -> None:
        said = context(Article("brief.txt", " ".join(["كلمة"] * length), "", publisher="وكالة الأنباء"))
        assert len(words(said)) <= 40
        assert said.endswith("— وكالة الأنباء")
        assert ("…" in said) == (length > 38)
