"""The part of README.md that is made from the code. ``python -m tests.readme`` writes it anew."""

from __future__ import annotations

import re
from pathlib import Path

from bot.settings import Settings

README = Path(__file__).parent.parent / "README.md"
_TABLE = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)


def settings_table() -> str:
    """Every setting as a Markdown table: environment variable, default, what it does."""
    rows = [
        f"| `MUSNAD_{name.upper()}` | {_default(name)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return "".join(["| variable | default | what it does |\n", "|---|---|---|\n", *rows])


def written_table() -> str:
    """The table as README.md has it."""
    found = _TABLE.search(README.read_text(encoding="utf-8"))
    return found[0] if found else ""


def write_table() -> None:
    text = README.read_text(encoding="utf-8")
    README.write_text(_TABLE.sub(lambda _: settings_table(), text), encoding="utf-8")


def _default(name: str) -> str:
    if name == "data":  # depends on the machine
        return "`~/.local/share/musnad`"
    match Settings.model_fields[name].get_default():
        case None | frozenset():
            return ""
        case bool(value):
            return f"`{int(value)}`"
        case float(value):
            return f"`{value:g}`"
        case value:
            return f"`{value}`"


if __name__ == "__main__":
    write_table()
