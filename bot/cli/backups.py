"""The commands `musnad backup` and `musnad restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.progress import showing
from bot.cli.shell import DONE, Data, Run, app, complain
from bot.failures import InputError
from bot.render.controls import settled
from bot.render.help import Command
from prompts import Language, say

if TYPE_CHECKING:
    from bot.backup.manifest import Manifest


@app.command(cls=Command)
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="TARGET", show_default=False)],
    no_index: Annotated[bool, typer.Option("--no-index")] = False,
    keep: Annotated[int | None, typer.Option("--keep", metavar="N", min=1)] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite")] = False,
    verify: Annotated[bool, typer.Option("--check")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.backup.backup import back_up
    from bot.backup.restore import check

    target = target.expanduser()
    if verify:
        with _said(run.language), showing(run.language) as progress:
            manifest = check(target, progress=progress)
        print(_holds(manifest, run.language))
        _print(say("cli_backup_whole", run.language, file=target))
        return DONE
    folder = run.settings(data).data
    with _said(run.language), showing(run.language) as progress:
        made = back_up(folder, target, index=not no_index, keep=keep, force=overwrite, progress=progress)
    print(_holds(made.manifest, run.language))
    _print(say("cli_backup_made", run.language, file=made.file, size=_mb(made.size)))
    if made.dropped:
        _print(say("cli_backup_dropped", run.language, names=", ".join(each.name for each in made.dropped)))
    if made.manifest.unresolved:
        complain(say("cli_backup_unresolved", run.language, count=made.manifest.unresolved))
    return DONE


@app.command(cls=Command)
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="BACKUP", show_default=False)],
    force: Annotated[bool, typer.Option("--force")] = False,
    data: Data = None,
) -> int:
    run: Run = context.obj
    from bot.backup.restore import restore as restore_backup

    folder = run.settings(data).data
    with _said(run.language), showing(run.language) as progress:
        done = restore_backup(file.expanduser(), folder, force=force, progress=progress)
    if done.manifest is not None:
        print(_holds(done.manifest, run.language))
    _print(say("cli_restored", run.language, folder=folder))
    if done.aside is not None:
        _print(say("cli_restored_aside", run.language, folder=done.aside))
    return DONE


@contextmanager
def _said(language: Language) -> Iterator[None]:
    """Say in the user's language what could not be done."""
    from bot.backup.errors import BackupError

    try:
        yield
    except BackupError as error:
        raise InputError(error.said(language)) from error


def _holds(manifest: Manifest, language: Language) -> str:
    """Return the lines on what a backup holds."""
    counts = {
        name: manifest.counts.get(name, 0) for name in ("articles", "versions", "answers", "quotes", "turns")
    }
    made = say("cli_backup_of", language, made=_minute(manifest.head.made), musnad=manifest.head.musnad)
    index = "cli_backup_with_index" if "vectors" in manifest.counts else "cli_backup_without_index"
    return "\n".join([made, say("cli_backup_holds", language, **counts), say(index, language)])


def _minute(made: str) -> str:
    """Return «2026-12-01T12:15:25+00:00» to the minute."""
    return f"{made[:10]} {made[11:16]} UTC"


def _print(line: str) -> None:
    print(settled(line))


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
