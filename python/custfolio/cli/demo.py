# custfolio demo: the five steps on the real data that ships.
"""The command ``demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custfolio.cli.plan import make_plan

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the files that are written.")] = Path("custfolio-demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Run the five steps on the real data that ships: every delivery of Iowa's liquor wholesaler in 2021."""
    from custfolio import demo as data

    files = {"report": "plan.html", "workbook": "plan.xlsx", "agenda": "agenda.ics", "coaster": "coaster.svg"}
    make_plan(
        data.inputs(),
        out,
        files,
        as_json,
        title="1,948 stores, one bucket",
        period="2021",
        source=data.SOURCE,
        assumptions=data.ASSUMPTIONS,
    )
