# custfolio run: the whole plan from a custfolio.toml.
"""The command ``run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custfolio.cli.plan import make_plan

__all__ = ["run"]


def run(
    config: Annotated[Path, typer.Argument(help="The custfolio.toml; `custfolio init DIR` writes one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Make the whole plan: data in, five steps, optimise, write."""
    from custfolio.cli.config import read

    found = read(config)
    make_plan(found.inputs, found.folder, found.files, as_json, title=found.title)
