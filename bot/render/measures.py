"""The figures of `musnad eval` as a table on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prompts import Language, say


def print_measures(result: Mapping[str, Any], language: Language) -> None:
    """Print a row for each ranking, or for each grade and each threshold, below a line about the measurement."""
    if "trade_off" in result:
        figures = {key: result[key] for key in ("auroc", "first_sentence_right", "first_three_right")}
        print(say("cli_eval_refusal", language, questions=result["questions"], **figures))
        rows = [
            (_chosen(row["threshold"], result["threshold"]), list(row.values())[1:])
            for row in result["trade_off"]
        ]
        heads = list(result["trade_off"][0])
        grades = result["grades"]
        _print_table(
            ["", *next(iter(grades.values()))], [(grade, list(of.values())) for grade, of in grades.items()]
        )
    else:
        counts = {key: result[key] for key in ("questions", "passages", "seconds")}
        print(say("cli_eval", language, **counts))
        stages = {name: of for name, of in result.items() if isinstance(of, Mapping)}
        rows = [(name, list(of.values())) for name, of in stages.items()]
        heads = ["", *next(iter(stages.values()))]
    _print_table(heads, rows)


def _chosen(threshold: float, in_use: float) -> str:
    return f"→ {threshold:g}" if threshold == in_use else f"{threshold:g}"


def _print_table(heads: Iterable[str], rows: Iterable[tuple[str, list[float]]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for n, head in enumerate(heads):
        table.add_column(head.replace("_", " "), justify="right" if n else "left")
    for name, figures in rows:
        table.add_row(name, *(f"{figure:.4f}" for figure in figures))
    Console().print(table)
