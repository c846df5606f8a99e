"""Generated parts of README.md and docs/. ``python -m tests.readme`` writes them anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = (README, *sorted((ROOT / "docs").glob("*.md")))
"""All documentation for users."""
MADE = {"transcript": (README, ROOT / "docs" / "README.ar.md"), "settings": (ROOT / "docs" / "settings.md",)}
"""The files that hold each generated part."""
MUSNAD = [sys.executable, "-c", "import sys; from bot.cli import main; sys.exit(main())"]
CONVERSATION = """
متى انضمت سوريا إلى التحالف الدولي؟
ماذا قال بيان الرياض عن قسد؟
متى انضمت تركيا إلى التحالف؟
""".strip()

_QUOTE = "│ "
_WIDTH = 84
"""Columns of a transcript's lines: what a page of GitHub shows without scrolling."""
_FILE = re.compile(r"[\w-]+\.txt\b", re.ASCII)


def settings_table() -> str:
    """Return the settings as a Markdown table: environment variable, default and description."""
    rows = [
        f"| `MUSNAD_{name.upper()}` | {_default(name)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return "".join(["| variable | default | what it does |\n", "|---|---|---|\n", *rows])


def transcript() -> str:
    """Return the output of ``musnad repl`` for CONVERSATION over the sample archive.

    Long lines are wrapped and file names isolated: a page shows the block as it is, from right to left.
    """
    with tempfile.TemporaryDirectory() as data:
        _run(data, "ingest", "--samples")
        said = _run(data, "repl", given=CONVERSATION).strip()
    shown = "\n".join(_wrapped(_FILE.sub("\u2068\\g<0>\u2069", line)) for line in said.splitlines())
    return f"```text\n{shown}\n```\n"


def _wrapped(line: str) -> str:
    prefix = _QUOTE if line.startswith(_QUOTE) else ""
    return textwrap.fill(line, _WIDTH, subsequent_indent=prefix, break_on_hyphens=False) if line else ""


def unwrapped(shown: str) -> list[str]:
    """Return the lines of a transcript as the terminal has them: each quote on one line."""
    lines: list[str] = []
    for line in shown.splitlines():
        if lines and line.startswith(_QUOTE) and lines[-1].startswith(_QUOTE):
            lines[-1] += f" {line.removeprefix(_QUOTE)}"
        else:
            lines.append(line)
    return lines


def sections(name: str) -> list[str]:
    """Return the text between ``<!-- name -->`` and ``<!-- /name -->`` in each file; empty where it is missing."""
    found = [_section(name).search(file.read_text(encoding="utf-8")) for file in MADE[name]]
    return [match[0] if match else "" for match in found]


def write() -> None:
    for name, content in (("settings", settings_table()), ("transcript", transcript())):
        for file in MADE[name]:
            text = file.read_text(encoding="utf-8")
            before, _, after = _section(name).sub("\0", text, count=1).partition("\0")
            file.write_text(f"{before}{content}{after}", encoding="utf-8")


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
