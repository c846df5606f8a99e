"""The command line `musnad`.

shell       what is around every command: options, exit codes, errors as one line
commands    the commands; ``follow``: those that follow sources; ``backups``: `musnad backup` and `musnad restore`
repl        `musnad repl`, question after question
jsonl       `musnad ask --jsonl`, questions from a file
measure     `musnad eval`
progress    how far long work is, on standard error
"""

from bot.cli import backups as _backups  # noqa: F401  (each adds its commands to the app)
from bot.cli import commands as _commands  # noqa: F401
from bot.cli import follow as _follow  # noqa: F401
from bot.cli.shell import app, main

__all__ = ["app", "main"]
