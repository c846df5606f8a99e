"""`--help` in the user's language: what a command does and what it takes, each in a line.

Every line begins with Latin letters (a command, an option), so that it runs from the left with the Arabic behind.
"""

from __future__ import annotations

from typing import Any, cast

from typer.core import TyperCommand, TyperGroup

from bot.render.layout import columns
from prompts import Language, say


class Command(TyperCommand):
    """A command whose help comes from the messages."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(_help(self, ctx, f"cli_help_{self.name}"))


class Group(TyperGroup):
    """The command line as a whole."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        language: Language = ctx.find_root().obj.language
        commands = [(name, say(f"cli_command_{name}", language)) for name in self.list_commands(ctx)]
        formatter.write(
            _help(self, ctx, "cli_help") + "\n" + _table(say("cli_help_commands", language), commands)
        )


def _help(command: TyperCommand | TyperGroup, ctx: Any, about: str) -> str:
    language: Language = ctx.find_root().obj.language
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    options = [
        (" ".join([", ".join(param.opts), *_metavar(param)]), say(f"cli_option_{param.name}", language))
        for param in command.get_params(ctx)
        if param.param_type_name == "option"
    ]
    return f"{usage}\n\n{say(about, language)}\n\n{_table(say('cli_help_options', language), options)}"


def _metavar(option: object) -> list[str]:
    metavar = cast(str | None, getattr(option, "metavar", None))
    return [metavar] if metavar else []


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    width = max(columns(name) for name, _ in rows)
    return (
        "\n".join([title, *(f"  {name}{' ' * (width - columns(name))}  {about}" for name, about in rows)])
        + "\n"
    )
