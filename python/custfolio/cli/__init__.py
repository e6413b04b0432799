# The command line: demo, init, run, agenda, statement, lifetime, budget, close, compare and check, with exit codes that scripts can rely on.
"""``custfolio``: the five steps from a terminal.

Exit status 0: done. 1: the input is wrong, or no plan keeps the limits; the message names the place. 2: wrong usage.
3: the plan is made, but a floor or capacity was relaxed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import typer
import typer.core
import typer.main

from custfolio.cli.agenda import agenda
from custfolio.cli.budget import budget
from custfolio.cli.check import check
from custfolio.cli.close import close
from custfolio.cli.compare import compare
from custfolio.cli.config import LEDGER_KEYS
from custfolio.cli.demo import demo
from custfolio.cli.init import init
from custfolio.cli.lifetime import lifetime
from custfolio.cli.option_names import naming_keys, naming_options
from custfolio.cli.run import run
from custfolio.cli.screen import WrongUsage, error_text, escape, messages
from custfolio.cli.statement import statement
from custfolio.errors import CustfolioError, InfeasibleError

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Customers are water in a bucket: raise the temperature (profitability) without letting the level (revenue) drop.",
)


class _Command(typer.core.TyperCommand):
    """A command that refuses a second value of an option that takes one; the last one would count, and the others not."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given: list[Any] = [*self.make_parser(ctx).parse_args(args=list(args))[2]]
        for option in given:
            times = given.count(option)
            if times > 1 and option.param_type_name == "option" and not option.multiple and not option.is_flag:
                ctx.fail(f"{option.opts[0]} is given {times} times; it takes one value")
        return super().parse_args(ctx, args)


_readers: list[Callable[..., None]] = [statement, lifetime, budget, close, compare, check]
_commands: list[Callable[..., None]] = [
    demo,
    init,
    naming_keys(run, LEDGER_KEYS),
    naming_keys(agenda, LEDGER_KEYS),
    *map(naming_options, _readers),
]
for command in _commands:
    app.command(cls=_Command)(command)


@functools.cache
def _command_line() -> Any:
    """Return the commands as read from their functions, in some tenths of a second."""
    return typer.main.get_command(app)


def main() -> None:
    """Run the command line; errors of the input end it with a message and an exit status, never with a traceback."""
    try:
        _command_line()()
    except InfeasibleError as error:
        messages.print(f"[bold red]Infeasible:[/] {escape(error_text(error))}", soft_wrap=True)
        raise SystemExit(1) from None
    except WrongUsage as error:
        messages.print(f"[bold red]Wrong usage:[/] {escape(error_text(error))}", soft_wrap=True)
        raise SystemExit(2) from None
    except (CustfolioError, OSError, UnicodeError) as error:
        messages.print(f"[bold red]Error:[/] {escape(error_text(error))}", soft_wrap=True)
        raise SystemExit(1) from None
