# custfolio init: a commented custfolio.toml and the templates of its tables.
"""The command ``init``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from custfolio.cli.screen import escape, screen
from custfolio.errors import InputError

__all__ = ["init"]


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it must not have a custfolio.toml yet.")],
) -> None:
    """Write a commented custfolio.toml and the templates of the tables that it reads."""
    from custfolio.report.whole_file import write_whole

    templates = [entry for entry in files("custfolio.cli").joinpath("templates", "init").iterdir() if entry.is_file()]
    for entry in templates:
        if (folder / entry.name).exists():
            raise InputError(f"{folder / entry.name} is there already; choose another folder, or remove it first")
    folder.mkdir(parents=True, exist_ok=True)
    for entry in sorted(templates, key=lambda found: found.name):
        write_whole(folder / entry.name, entry.read_bytes())
        screen.print(f"Written: {escape(str(folder / entry.name))}", soft_wrap=True)
    screen.print(
        f"Next: fill in the tables, then run: custfolio run {escape(str(folder / 'custfolio.toml'))}", soft_wrap=True
    )
