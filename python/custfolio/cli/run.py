# custfolio run: the whole plan from a custfolio.toml.
"""The command ``run``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from custfolio.cli.plan import make_plan
from custfolio.cli.screen import WrongUsage
from custfolio.errors import CustfolioError, InputError

__all__ = ["run"]


def run(
    config: Annotated[Path, typer.Argument(help="The custfolio.toml; `custfolio init DIR` writes one.")],
    floor_every: Annotated[
        str | None, typer.Option(help="What has a floor: each year, rolling year, quarter or month.")
    ] = None,
    reference: Annotated[str | None, typer.Option(help="First month of the reference year, as 2021-01.")] = None,
    relax: Annotated[
        str | None,
        typer.Option(
            help="A floor that cannot be held: baseline (it falls to the level without action), or nearest (as near as possible)."
        ),
    ] = None,
    chance: Annotated[
        float | None, typer.Option(help="Chance that each floor holds, from 0.5 on; it needs a baseline with a band.")
    ] = None,
    strict: Annotated[
        bool | None, typer.Option("--strict/--no-strict", help="Make no plan where a floor cannot be held.")
    ] = None,
    replaced_by_room: Annotated[
        bool | None,
        typer.Option(
            "--replaced-by-room/--no-replaced-by-room",
            help="Let room above the floor replace the customers who leave.",
        ),
    ] = None,
    may_leave: Annotated[
        list[str] | None,
        typer.Option(help="An interesting customer that may leave all the same; again for further ones."),
    ] = None,
    simulate: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, help="Simulate the plan on so many paths, such as 10000.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Code of the currency of all amounts, as EUR.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Make the whole plan: data in, five steps, optimise, write. Options replace keys of the file.

    Exit status 0: done.

    Exit status 1: the input is wrong, or no plan keeps the limits.

    Exit status 2: wrong usage.

    Exit status 3: the plan is made and written, but a floor or capacity had to be relaxed. The first lines state by how much.
    """
    from custfolio.cli.config import read

    for option, value in (
        ("floor_every", floor_every),
        ("reference", reference),
        ("relax", relax),
        ("chance", chance),
        ("currency", currency),
    ):
        _check_option(option, value)
    given = {
        "floor_every": floor_every,
        "reference": reference,
        "relax": relax,
        "chance": chance,
        "strict": strict,
        "replaced_by_room": replaced_by_room,
        "may_leave": may_leave,
    }
    changes: dict[str, dict[str, Any]] = {
        "strategy": {name: value for name, value in given.items() if value not in (None, [])}
    }
    if simulate is not None:
        changes["simulate"] = {"paths": simulate}
    changes["output"] = {} if currency is None else {"currency": currency}
    with _errors_of_options(config.name, changes["strategy"]):
        found = read(config, changes)
        make_plan(found.inputs, found.folder, found.files, as_json, title=found.title)


@contextmanager
def _errors_of_options(file: str, given: Mapping[str, Any]) -> Iterator[None]:
    """Let an error of an option name the option, not the file, whose key it replaces."""
    try:
        yield
    except CustfolioError as error:
        text = str(error).removeprefix(f"{file}: [strategy] ")
        strangers = [name for name in given.get("may_leave", ()) if text.startswith(f"no customer '{name}' ")]
        name = "may_leave" if strangers else text.partition(" ")[0]
        if text != str(error) and name in given:
            option = "--" + name.replace("_", "-")
            error.args = (f"{option}: {text}" if strangers else option + text.removeprefix(name),)
        raise


def _check_option(name: str, value: str | float | None) -> None:
    """Refuse a wrong value of an option before any file is read."""
    from custfolio.strategy import Strategy

    if value is None:
        return
    try:
        Strategy("2000-01", **{name: value})  # type: ignore[arg-type]
    except InputError as error:
        raise WrongUsage(str(error).replace(name, "--" + name.replace("_", "-"), 1)) from None
