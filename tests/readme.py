"""Generated parts of README.md and docs/. ``python -m tests.readme`` writes them anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = (README, *sorted((ROOT / "docs").glob("*.md")))
"""All documentation for users."""
MADE = {"transcript": README, "settings": ROOT / "docs" / "settings.md"}
"""The file of each generated part."""
MUSNAD = [sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())"]
CONVERSATION = """
متى انضمت سوريا إلى التحالف الدولي؟
ماذا قال بيان الرياض عن قسد؟
متى انضمت تركيا إلى التحالف؟
""".strip()


def settings_table() -> str:
    """Return the settings as a Markdown table: environment variable, default and description."""
    rows = [
        f"| `MUSNAD_{name.upper()}` | {_default(name)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return "".join(["| variable | default | what it does |\n", "|---|---|---|\n", *rows])


def transcript() -> str:
    """Return the output of ``musnad repl`` for CONVERSATION over the sample archive."""
    with tempfile.TemporaryDirectory() as data:
        _run(data, "ingest", "--samples")
        return f"```text\n{_run(data, 'repl', given=CONVERSATION).strip()}\n```\n"


def section(name: str) -> str:
    """Return the text between ``<!-- name -->`` and ``<!-- /name -->``, empty when it is missing."""
    found = _section(name).search(MADE[name].read_text(encoding="utf-8"))
    return found[0] if found else ""


def write() -> None:
    for name, content in (("settings", settings_table()), ("transcript", transcript())):
        text = MADE[name].read_text(encoding="utf-8")
        MADE[name].write_text(
            _section(name).sub(lambda _, content=content: content, text),  # type: ignore[misc]
            encoding="utf-8",
        )


def _section(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def _run(data: str, *arguments: str, given: str = "") -> str:
    command = [*MUSNAD, "--data", data, *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MUSNAD_")}
    done = subprocess.run(
        command, input=given, stdout=subprocess.PIPE, text=True, check=False, env=environment
    )
    if done.returncode not in (0, 1):  # 1: the last question was refused
        raise SystemExit(f"musnad {arguments[0]} failed")
    return done.stdout


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
    write()
