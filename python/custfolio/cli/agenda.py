# custfolio agenda: the review calendar alone, planned again from the one before, and written as calendar files.
"""The command ``agenda``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio.cli.screen import WrongUsage, amount_text, escape, print_grid, print_json, screen
from custfolio.cli.tables import check_out, read_table, write_table

if TYPE_CHECKING:
    from custfolio.anchoring import Agenda

__all__ = ["agenda"]


def agenda(
    config: Annotated[Path, typer.Argument(help="The custfolio.toml; its section anchoring names the managers.")],
    out: Annotated[
        Path, typer.Option(help="Folder for agenda.csv, unplaced.csv, changes.csv, capacity.csv and feeds.")
    ] = Path("agenda"),
    fixed: Annotated[
        Path | None, typer.Option(help="The agenda.csv of the time before: its appointments stay as they are.")
    ] = None,
    back: Annotated[
        list[Path] | None,
        typer.Option(help="A calendar that people changed since, with --fixed; again for further ones."),
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Brussels: 9:00 stays 9:00 in summer.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the entries: en or nl.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Plan the reviews with every customer, and write a calendar per manager."""
    from custfolio._flow import run_agenda
    from custfolio.anchoring import Agenda
    from custfolio.cli.config import read

    if back and fixed is None:
        raise WrongUsage("--back needs --fixed: the agenda from which the calendars were made")
    if language not in (None, "en", "nl"):
        raise WrongUsage(f"--language is {language!r}; it must be en or nl")
    found = read(config)
    given = {"timezone": timezone, "language": language}
    calendars: dict[str, Any] = {
        **found.inputs.calendars,
        **{name: value for name, value in given.items() if value is not None},
    }
    files = {name: out / f"{name}.csv" for name in ("agenda", "unplaced", "changes", "capacity")}
    out.mkdir(parents=True, exist_ok=True)
    for path in files.values():
        check_out(path, [each for each in (config, *(back or [])) if each is not None], ".csv")
    deleted: list[tuple[str, int]] = []

    def earlier(portfolio: Any) -> Agenda:
        before = Agenda.from_frame(read_table(fixed), portfolio)  # type: ignore[arg-type]
        if not back:
            return before
        read_back = before.read_back(*back, timezone=calendars.get("timezone"))
        deleted.extend(read_back.deleted)
        return read_back.agenda

    made = run_agenda(found.inputs, None if fixed is None else earlier)
    tables = {"agenda": made, "unplaced": made.unplaced, "changes": made.changes, "capacity": made.capacity}
    for name, table in tables.items():
        write_table(table.to_frame("pyarrow"), files[name])  # type: ignore[union-attr]
    feeds = made.to_feeds(out / "feeds", **calendars)
    written = [*map(str, files.values()), *(str(out / "feeds" / name) for name in feeds.values())]
    _show(made, deleted, written, as_json)


def _show(made: Agenda, deleted: list[tuple[str, int]], written: list[str], as_json: bool) -> None:
    """Print how full the managers' days are, what changed, and what was written."""
    assert made.by_manager is not None
    results = made.by_manager.columns()
    changes: list[str] = list(made.changes.columns()["change"])
    kinds = {kind: changes.count(kind) for kind in dict.fromkeys(changes)}
    facts = {
        "appointments": len(made),
        "without_place": len(made.unplaced),
        "gap": made.gap,
        "changes": kinds,
        "deleted_in_calendars": [f"{customer}, review {number}" for customer, number in deleted],
    }
    if as_json:
        names = ("manager", "placed", "unplaced", "days_needed")
        managers = [
            {name: str(results[name][k]) if name == "manager" else int(results[name][k]) for name in names}
            for k in range(len(results["manager"]))
        ]
        print_json({**facts, "managers": managers, "files": written})
        return
    rows = [
        (
            name,
            str(results["placed"][k]),
            str(results["unplaced"][k]),
            amount_text(float(results["value_of_one_more_day"][k])),
        )
        for k, name in enumerate(results["manager"])
    ]
    print_grid("Agenda", ("Manager", "Placed", "Without a place", "Value of one more day"), rows)
    for kind, count in kinds.items():
        screen.print(f"{escape(kind.capitalize())}: {count}", soft_wrap=True)
    for each in facts["deleted_in_calendars"]:  # type: ignore[attr-defined]
        screen.print(f"Deleted in a calendar, ask the customer: {escape(each)}", soft_wrap=True)
    for path in written:
        screen.print(f"Written: {escape(path)}", soft_wrap=True)
