# custfolio agenda: the review calendar alone, planned again from the one before, and written as calendar files.
"""The command ``agenda``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio.cli.screen import WrongUsage, amount_text, escape, print_grid, print_json, screen, share_text
from custfolio.cli.tables import check_out, csv_bytes, read_table

if TYPE_CHECKING:
    from custfolio.anchoring import Agenda

__all__ = ["agenda"]


def agenda(
    config: Annotated[Path, typer.Argument(help="The custfolio.toml; its section anchoring names the managers.")],
    out: Annotated[
        Path,
        typer.Option(help="Folder for agenda.csv, its tables beside it (assigned.csv, deleted.csv, ...) and feeds."),
    ] = Path("agenda"),
    fixed: Annotated[
        Path | None,
        typer.Option(
            help="The agenda.csv of the time before: its appointments stay as they are. The assigned.csv and deleted.csv "
            "beside it are read, too; write again or drop in column answer of deleted.csv."
        ),
    ] = None,
    back: Annotated[
        list[str] | None,
        typer.Option(
            help="A calendar that people changed since, with --fixed; again for further ones. A file without any appointment "
            "needs its manager: Anna=anna.ics."
        ),
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Brussels: 9:00 stays 9:00 in summer.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the entries: en or nl.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Plan the reviews with every customer, and write a calendar per manager."""
    from custfolio._flow import run_agenda
    from custfolio.anchoring import Agenda
    from custfolio.cli.config import read
    from custfolio.report.review_text import terms_and_steps
    from custfolio.report.whole_file import write_all_whole

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
    names = ("agenda", "assigned", "deleted", "unplaced", "changes", "capacity", "by_manager")
    out.mkdir(parents=True, exist_ok=True)
    marked = [_whose(each) for each in back or []]
    for name in names:
        check_out(out / f"{name}.csv", [config, *(path for _, path in marked)], ".csv")
    asked: list[tuple[str, int]] = []
    moved: dict[tuple[str, int], tuple[str, str]] = {}

    def earlier(portfolio: Any) -> tuple[Agenda, dict[str, list[Any]] | None]:
        assert fixed is not None
        tables = {
            name: read_table(path, texts=True)
            for name in ("assigned", "deleted")
            if (path := fixed.with_name(f"{name}.csv")).is_file()
        }
        before = Agenda.from_frame(read_table(fixed, texts=True), portfolio, **tables)
        return _read_back(before, marked, calendars.get("timezone"), moved)

    made, portfolio, before, offers, plans = run_agenda(found.inputs, None if fixed is None else earlier)
    spoken = calendars.get("language", "en")
    terms, steps = terms_and_steps(offers, plans, spoken)
    texts = made.to_texts(portfolio, before=before, terms=terms, steps=steps, language=spoken)
    columns = made.deleted.columns()
    for k, answer in enumerate(columns["answer"]):
        if not answer:
            asked.append((columns["customer_id"][k], int(columns["number"][k])))
    tables = (made, made.assigned, made.deleted, made.unplaced, made.changes, made.capacity, made.by_manager)
    contents: dict[str, bytes | str] = {
        f"{name}.csv": csv_bytes(table.to_frame("pyarrow"))  # type: ignore[union-attr]
        for name, table in zip(names, tables, strict=True)
    }
    feeds = made.to_feeds(out / "feeds", texts=texts, **calendars)
    written = [*map(str, write_all_whole(out, contents)), *(str(out / "feeds" / name) for name in feeds.values())]
    _show(made, moved, asked, written, as_json)


def _whose(text: str) -> tuple[str | None, Path]:
    """Return the manager and the file of a calendar: Anna=anna.ics, or the file alone."""
    name, sign, path = text.partition("=")
    return (name.strip(), Path(path)) if sign and not Path(text).exists() else (None, Path(text))


def _read_back(
    agenda: Agenda,
    calendars: list[tuple[str | None, Path]],
    timezone: str | None,
    moved: dict[tuple[str, int], tuple[str, str]],
) -> tuple[Agenda, dict[str, list[Any]] | None]:
    """Return the agenda as calendars changed it, and their busy times; without calendars as it is. Lists what moved."""
    busy: dict[str, list[Any]] = {"manager": [], "start": [], "end": []}
    unmarked = [path for name, path in calendars if name is None]
    groups: list[tuple[str | None, list[Path]]] = [(None, unmarked)] if unmarked else []
    groups += [(name, [path]) for name, path in calendars if name is not None]
    for name, paths in groups:
        changed = agenda.read_back(*paths, manager=name, timezone=timezone)
        agenda = changed.agenda
        moved.update(changed.moved)
        for column, values in changed.busy.columns().items():
            busy[column] += values
    return agenda, busy if groups else None


def _show(
    made: Agenda,
    moved: dict[tuple[str, int], tuple[str, str]],
    asked: list[tuple[str, int]],
    written: list[str],
    as_json: bool,
) -> None:
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
        "moved_in_calendars": [
            f"{customer}, review {number}: {agreed} instead of {planned}"
            for (customer, number), (planned, agreed) in moved.items()
        ],
        "deleted_in_calendars": [f"{customer}, review {number}" for customer, number in asked],
    }
    if as_json:
        names = ("manager", "appointments", "placed", "unplaced", "days_needed")
        managers = [
            {name: str(results[name][k]) if name == "manager" else int(results[name][k]) for name in names}
            for k in range(len(results["manager"]))
        ]
        print_json({**facts, "managers": managers, "files": written})
        return
    rows = [
        (
            name,
            str(results["appointments"][k]),
            str(results["placed"][k]),
            str(results["unplaced"][k]),
            amount_text(float(results["value_of_one_more_day"][k])),
        )
        for k, name in enumerate(results["manager"])
    ]
    total, placed, unplaced = (str(int(results[name].sum())) for name in ("appointments", "placed", "unplaced"))
    rows.append(("All", total, placed, unplaced, ""))
    print_grid("Agenda", ("Manager", "Appointments", "New", "Without a place", "Value of one more day"), rows)
    for kind, count in kinds.items():
        screen.print(f"{escape(kind.capitalize())}: {count}", soft_wrap=True)
    if made.gap >= 0.0001:
        screen.print(f"Value: at most {share_text(made.gap, 2)} below the greatest possible")
    for each in facts["moved_in_calendars"]:  # type: ignore[attr-defined]
        screen.print(f"Moved in a calendar: {escape(each)}", soft_wrap=True)
    for each in facts["deleted_in_calendars"]:  # type: ignore[attr-defined]
        text = f"Deleted in a calendar, ask the customer and answer again or drop in deleted.csv: {escape(each)}"
        screen.print(text, soft_wrap=True)
    for path in written:
        screen.print(f"Written: {escape(path)}", soft_wrap=True)
