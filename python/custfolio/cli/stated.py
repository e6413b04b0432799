# The sections [ledger], [costs] and [statement] of a custfolio.toml: what a statement needs.
"""Settings of a statement."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from custfolio.cli.option_names import key_renamer
from custfolio.cli.screen import escape, messages
from custfolio.cli.tables import read_table, with_tables
from custfolio.errors import CustfolioError, InfeasibleError, InputError

if TYPE_CHECKING:
    from custfolio.costing import CostModel
    from custfolio.ledger import Ledger

__all__ = ["StatementSettings", "errors_of", "settings_of"]

_T = TypeVar("_T")

_ABOUT_PERIOD = re.compile(r"(the )?period |the ledger has no row from")
"""Beginning of the errors of a statement that are about [ledger] period."""
_ABOUT_SEGMENTS = re.compile("(condition|segment) '|the rule of '")
"""Beginnings of the errors of rules that assign segments."""


@dataclasses.dataclass
class StatementSettings:
    """What a statement needs.

    Attributes
    ----------
    ledger : callable
        Gives the :class:`Ledger`.
    costs : CostModel
        The cost model.
    period : (str, str) or None
        First and last day; None for all days.
    arguments : dict
        Further arguments of :func:`custfolio.statement`: drivers, receivables, prices, events, spent, horizon.
    pages : dict
        Arguments of :meth:`custfolio.Statement.pages`: by, key, trace and bridge; and against, first and last day of an earlier period.
    uncertain : dict or None
        Arguments of :meth:`custfolio.Statement.uncertain`, of the section [selection]; None where it has none.
    target : float
        Least temperature of a warm customer, of the section [selection].
    files : dict of str to str
        Names of the statement's own files, by kind; empty without a section [statement].
    named : dict of str to Path
        Those of them that the section names, in the folder of [output].
    sales : list of str
        Files and patterns of the ledger.
    tables : list of Path
        The file of the settings, and the tables that it names.
    """

    ledger: Callable[[], Ledger]
    costs: CostModel
    period: tuple[str, str] | None
    arguments: dict[str, Any]
    pages: dict[str, Any]
    uncertain: dict[str, Any] | None
    target: float
    files: dict[str, str]
    named: dict[str, Path]
    sales: list[str]
    tables: list[Path]

    def read(self) -> list[Path]:
        """Return all files that are read; InputError where the sales are not there."""
        from custfolio._reading.files import files_of

        return [*self.tables, *map(Path, files_of(self.sales))]


@contextmanager
def errors_of(name: str, section: str) -> Iterator[None]:
    """Let errors of settings name the file and the section; limits that no plan keeps are no error of one section."""
    try:
        yield
    except InfeasibleError:
        raise
    except CustfolioError as error:
        text = str(error).removeprefix(f"{section}: ")
        section = "ledger" if _ABOUT_PERIOD.match(text) else "segments" if _ABOUT_SEGMENTS.match(text) else section
        error.args = (f"{name}: [{section}] {text}",)
        raise


def settings_of(path: Path, settings: Mapping[str, Mapping[str, Any]], ledger_keys: Sequence[str]) -> StatementSettings:
    """Return what a statement needs from the sections of a file.

    Parameters
    ----------
    path : Path
        The file; paths in it are relative to its folder.
    settings : mapping
        Its sections, with keys and kinds checked.
    ledger_keys : sequence of str
        The arguments of the ledger, as messages name them.

    Returns
    -------
    StatementSettings
        The settings.

    Raises
    ------
    InputError
        If a setting is wrong or a file cannot be read; the message names the file and the section.
    """
    from custfolio.report.whole_file import check_kind

    here = path.resolve().parent
    ledger = dict(settings.get("ledger", {}))
    costs = dict(settings.get("costs", {}))
    stated = settings.get("statement")
    files = ledger.pop("files", None)
    if files is None:
        raise InputError(f'{path.name}: [ledger] has no files; it must name the sales to read: files = "sales.csv"')
    period = ledger.pop("period", None)
    if period is not None and len(period) != 2:
        raise InputError(f"{path.name}: [ledger] period has {len(period)} entries; it must have a first and a last day")
    paths = [str(here / name) for name in ([files] if isinstance(files, str) else files)]
    tables = [path]

    def table(name: str) -> Any:
        tables.append(here / name)
        return read_table(here / name, texts=True)

    with errors_of(path.name, "ledger"):
        named = with_tables(ledger, here, tables)
    with errors_of(path.name, "costs"):
        arguments: dict[str, Any] = {key: costs.pop(key) for key in ("spent", "horizon") if key in costs}
        arguments |= {key: table(costs.pop(key)) for key in ("drivers", "receivables", "prices") if key in costs}
        if "rules" in settings.get("segments", {}):
            arguments["segments"] = settings["segments"]["rules"]
        if "events" in costs:
            arguments["events"] = {name: table(file) for name, file in costs.pop("events").items()}
        model = _cost_model(costs)

    def open_ledger() -> Ledger:
        from custfolio.ledger import Ledger

        with errors_of(path.name, "ledger"):
            read = Ledger.read(paths, **named)
        for note in read.notes:
            messages.print(f"Note: {escape(key_renamer(ledger_keys)(note))}", soft_wrap=True)
        return read

    shown = dict(stated or {})
    if len(shown.get("against", ("", ""))) != 2:
        raise InputError(f"{path.name}: [statement] against must have the first and the last day of an earlier period")
    by, bridge = (
        [(one,) if isinstance(one, str) else tuple(one) for one in shown.get(name, [])] for name in ("by", "bridge")
    )
    kinds = {"report": "statement.html", "workbook": "statement.xlsx"}
    written = {} if stated is None else {kind: shown.get(kind, name) for kind, name in kinds.items()}
    with errors_of(path.name, "statement"):
        for kind, name in written.items():
            check_kind(name, Path(kinds[kind]).suffix)
    selection = settings.get("selection", {})
    uncertain = {
        name: selection[f"uncertain_{name}"] for name in ("rates", "months") if f"uncertain_{name}" in selection
    }
    return StatementSettings(
        ledger=open_ledger,
        costs=model,
        period=None if period is None else (str(period[0]), str(period[1])),
        arguments=arguments,
        pages={
            "by": by,
            "bridge": bridge,
            **{name: shown[name] for name in ("key", "trace", "against") if name in shown},
        },
        uncertain={"rates": 0.0, "target": selection.get("target", 0.05), **uncertain} if uncertain else None,
        target=selection.get("target", 0.05),
        files=written,
        named={
            kind: here / settings.get("output", {}).get("folder", "plan") / shown[kind]
            for kind in kinds
            if kind in shown
        },
        sales=paths,
        tables=tables,
    )


def _cost_model(costs: Mapping[str, Any]) -> CostModel:
    """Return the cost model of a section [costs]."""
    from custfolio.costing import Activity, CostModel, Pool

    given = dict(costs)
    for key, kind in (("pools", Pool), ("activities", Activity)):
        if key in given:
            given[key] = [_entry(kind, entry, f"{key}, entry {place}") for place, entry in enumerate(given[key], 1)]
    if "avoidable" in given:
        given["avoidable"] = {
            name: {_month(month): part for month, part in share.items()} if isinstance(share, Mapping) else share
            for name, share in given["avoidable"].items()
        }
    return CostModel(**given)


def _entry(kind: type[_T], entry: Mapping[str, Any], where: str) -> _T:
    """Return a pool or an activity of its table."""
    fields = {field.name: field.default is dataclasses.MISSING for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in entry:
        if name not in fields:
            raise InputError(f"{where}: {name} is unknown; it must be one of {', '.join(fields)}")
    for name, needed in fields.items():
        if needed and name not in entry:
            raise InputError(f"{where} has no {name}")
    return kind(**entry)


def _month(text: str) -> int | str:
    """Return the months of a key: a number where it is one."""
    return int(text) if text.isdecimal() else text
