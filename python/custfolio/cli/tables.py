# The files that commands read and write: ledgers in, tables out.
"""Read the ledger of a command's files; write a table, whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from custfolio.cli.option_names import renamer
from custfolio.cli.screen import WrongUsage, escape, messages
from custfolio.errors import InputError

__all__ = [
    "TABLES", "DateFormat", "Decimal", "check_choice", "check_out", "csv_bytes", "gaps_of", "in_options", "ledger_options", "named_values",
    "option_group", "rates_of", "read_ledger", "read_table", "with_tables", "write_table", "wrong_usage",
]  # fmt: skip


DateFormat = Annotated[str | None, typer.Option(help="Format of text dates, as %d/%m/%Y.")]
Decimal = Annotated[str | None, typer.Option(help="Decimal sign of text amounts: . or ,")]


def _text(help: str) -> Any:
    return Annotated[str | None, typer.Option(help=help)]


_COLUMN = _text("Column of the file; usual names are recognised.")
_OPTIONAL = _text('Column of the file; usual names are recognised, "" leaves it out.')
_LEDGER: dict[str, Any] = {
    **dict.fromkeys(("customer", "date", "revenue"), _COLUMN),
    **dict.fromkeys(("cost", "quantity", "document", "lines", "name"), _OPTIONAL),
    "kind": _text('Column of the kind of document, in which credit notes are recognised; "" leaves it out.'),
    "price": _text("Column of the unit price; revenue is quantity x price."),
    "unit_cost": _text(
        "Column of the cost of a unit, in place of cost: quantity x unit cost; usual names are recognised."
    ),
    "status": _text("Column of the status; rows that failed or were cancelled are no sale."),
    "refunded": _text("Column of what was paid back, which lowers revenue."),
    "tax": _text("Column of the tax within the amount, which lowers revenue."),
    "layout": _text(
        "Layout of another system's export, as shopify; auto (default) recognises it, none turns that off."
    ),
    "revenue_accounts": _text("First digits of the revenue accounts of journal lines, as 44 or 44,48."),
    "sheet": Annotated[
        list[str] | None,
        typer.Option(help="Sheet of a workbook, by default the first; again for further ones, or all."),
    ],
    "date_format": DateFormat,
    "decimal": Decimal,
    "currency": _text("Currency of the figures, where amounts of the file name theirs, as EUR."),
    "currency_column": _text('Column of the currency of each row; usual names are recognised, "" leaves it out.'),
    "exchange_rates": Annotated[
        list[str] | None,
        typer.Option(
            "--exchange-rate",
            help="Worth of another currency, as USD=0.9; again for further ones. Or a table with month, currency and rate.",
        ),
    ],
    "list_price": _text("Column of the list price of a unit."),
    "discount": _text("Column of discounts, which revenue is after."),
    "rebate": _text("Column of rebates, paid later, which lower revenue."),
    "freight": _text("Column of freight, a cost of the customer."),
    "commission": _text("Column of commissions, a cost of the customer."),
    "returns": _text("Period of a return: booked (default), its own day, or origin, that of the sale."),
    "reference": _text("Column of the document that a return refers to, for --returns origin."),
    "drivers": Annotated[
        list[str] | None,
        typer.Option("--driver", help="Further driver and its column, as kilometres=km; again for further ones."),
    ],
    "delivery_drivers": Annotated[
        list[str] | None,
        typer.Option("--delivery-driver", help="Driver that each row of a document repeats, as rush=express."),
    ],
    "missing_cost": _text(
        "Cost of rows without one: a ratio of revenue, the mean ratio of the customer, family or company (default), or reject."
    ),
    "item": _text("Column of the product."),
    "family": _text("Column of the product family, also for --missing-cost family."),
    "ship_to": _text("Column of the place of delivery."),
    "group": _text("Column of the customer's group, or a table with customer_id and group."),
    "manager": _text("Column of the account manager, or a table with customer_id, manager and share."),
    "customer_since": _text("Table with customer_id and date: first days before the sales begin."),
    "merged": _text("Table with old and new: ids of customers that were merged or renamed."),
}
"""The options of every command that reads sales, by name."""

_READERS = {
    ".csv": "read_csv_auto",
    ".tsv": "read_csv_auto",
    ".txt": "read_csv_auto",
    ".parquet": "read_parquet",
    ".json": "read_json_auto",
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), "workbook"),
}
"""What reads a table by the end of its name: a function of DuckDB, or the reader of workbooks."""

_COLUMN_OR_TABLE = ("group", "manager")
_TABLE_ONLY = ("customer_since", "merged", "rates")


def option_group(group: Mapping[str, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the decorator of commands that have a group of options.

    Parameters
    ----------
    group : mapping of str to annotation
        The options by name; each is None by default.

    Returns
    -------
    callable
        From a command, whose parameter `options` receives them by name, to the same command with one parameter per option.
    """

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters: list[inspect.Parameter] = []
        for name, parameter in inspect.signature(command).parameters.items():
            given = [inspect.Parameter(each, kind, default=None, annotation=hint) for each, hint in group.items()]
            parameters += given if name == "options" else [parameter.replace(annotation=hints[name])]

        @functools.wraps(command)
        def run(**given: Any) -> None:
            options = {name: given.pop(name, None) for name in group}
            command(**given, options=options)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorated


ledger_options = option_group(_LEDGER)
"""The decorator of commands that read sales; `options` is for :func:`read_ledger`."""


def read_ledger(files: Sequence[Path], options: Mapping[str, Any], *, show_notes: bool = True) -> Any:
    """Read the ledger of a command's files, with the options of :func:`ledger_options`."""
    from custfolio._reading.layouts.reading import layout_of
    from custfolio._reading.rows import MissingCost
    from custfolio.ledger import Ledger

    given: dict[str, Any] = {name: value or False for name, value in options.items() if value is not None}
    rates: Any = given.pop("exchange_rates", None) or None
    table = rates is not None and len(rates) == 1 and "=" not in rates[0]
    rates = read_table(Path(rates[0])) if table else rates_of(rates)
    for name, option in (("drivers", "--driver"), ("delivery_drivers", "--delivery-driver")):
        given[name] = named_values(given.get(name) or None, option, "kilometres=km")
    given["sheet"] = given.get("sheet") or None
    if given.get("revenue_accounts"):
        given["revenue_accounts"] = given["revenue_accounts"].split(",")
    if "missing_cost" in given:
        with contextlib.suppress(ValueError):
            given["missing_cost"] = float(given["missing_cost"])
    check_choice(given.get("decimal") or None, "--decimal", ".", ",")
    with wrong_usage():
        MissingCost(given.get("missing_cost", "company"))
        layout_of([], given.get("layout") or None)
    ledger = Ledger.read([str(path) for path in files], rates=rates, **with_tables(given, Path(), []))
    for note in ledger.notes if show_notes else ():
        messages.print(f"Note: {escape(in_options(note))}", soft_wrap=True)
    return ledger


def gaps_of(ledger: Any) -> list[dict[str, Any]]:
    """Return the gaps of a ledger for JSON."""
    table = ledger.gaps.columns()
    return [
        {
            "role": table["role"][k], "column": table["column"][k], "rows": int(table["rows"][k]),
            "revenue": float(table["revenue"][k]), "taken_as": table["taken_as"][k],
        }
        for k in range(len(ledger.gaps))
    ]  # fmt: skip


def in_options(text: str) -> str:
    """Return a text of the library with the options of commands that read sales."""
    return renamer(_LEDGER)(text)


def with_tables(given: Mapping[str, Any], folder: Path, read: list[Path]) -> dict[str, Any]:
    """Return the arguments of a ledger with the tables that some of them name.

    Parameters
    ----------
    given : mapping of str to object
        The arguments. Groups and managers are a column, or a table if the text ends as a file of one does.
    folder : path
        The folder of the tables.
    read : list of path
        Receives the tables that were read.

    Returns
    -------
    dict of str to object
        The arguments.

    Raises
    ------
    InputError
        If a table is missing or of another kind than its name.
    """
    found = dict(given)
    for name in (*_COLUMN_OR_TABLE, *_TABLE_ONLY):
        value = found.get(name)
        if isinstance(value, str) and value and (name in _TABLE_ONLY or Path(value).suffix.lower() in _READERS):
            read.append(folder / value)
            found[name] = read_table(folder / value, texts=name != "rates")
    return found


def named_values(given: Sequence[str] | None, option: str, example: str) -> dict[str, str]:
    """Read values with names, each "amount=Value"."""
    found: dict[str, str] = {}
    for text in given or ():
        name, sign, value = text.partition("=")
        if not (sign and name.strip() and value.strip()):
            raise WrongUsage(f"{option} is {text!r}; it must be written as {example}")
        found[name.strip()] = value.strip()
    return found


def rates_of(given: Sequence[str] | None) -> dict[str, float]:
    """Read the options --exchange-rate."""
    rates = {}
    for code, text in named_values(given, "--exchange-rate", "USD=0.9").items():
        try:
            rates[code] = float(text)
        except ValueError:
            raise WrongUsage(f"--exchange-rate has {text!r}; it must be a number") from None
    return rates


def read_table(path: Path, *, texts: bool = False) -> Any:
    """Read a small table (CSV, Parquet, JSON, or the first sheet of a workbook) as an Arrow table; every column as DuckDB types it.

    Parameters
    ----------
    path : Path
        The file.
    texts : bool
        Whether the cells of a CSV file stay text, where the library reads days, amounts and ids as those of a ledger.

    Returns
    -------
    pyarrow.Table
        Its rows.

    Raises
    ------
    InputError
        If the file is missing or of another kind than its name.
    """
    from custfolio._tables.frames import require

    duckdb = require("duckdb")
    from custfolio._reading.queries import connect
    from custfolio._reading.workbooks import open_workbooks
    from custfolio.report.workbook import unmarked

    if not path.is_file():
        raise InputError(f"there is no file {str(path)!r}")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} cannot be read as a table; it must end in {', '.join(_READERS)}")
    connection = connect()
    try:
        if reader == "workbook":
            rows = open_workbooks(connection, [(path, path)], None).relation
            return rows.project("* exclude (cf_number)").to_arrow_table()
        if reader == "read_csv_auto":
            _check_cells(path)
        options = ", header = true" if reader == "read_csv_auto" else ""
        options += ", all_varchar = true" if options and texts else ""
        table = connection.sql(f"SELECT * FROM {reader}(?{options})", params=[str(path)]).to_arrow_table()  # noqa: S608
        return _mapped(table, unmarked) if reader == "read_csv_auto" else table
    except duckdb.Error as error:
        raise InputError(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None
    finally:
        connection.close()


def _check_cells(path: Path) -> None:
    """Refuse an empty CSV file, and a line with more cells than the header has."""
    from custfolio._reading.csv_files import dialect

    if not path.stat().st_size:
        raise InputError(f"{path.name} is empty; its first line must name the columns")
    found = dialect(path, path)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        reader = csv.reader(lines, delimiter=found.delimiter)
        for row in reader:
            if any(row[len(found.names) :]):
                raise InputError(
                    f"{path.name}, line {reader.line_num}: there are {len(row)} cells, and {len(found.names)} columns; "
                    "put a cell that contains the delimiter in quotation marks"
                )


def _mapped(table: Any, change: Callable[[str], str]) -> Any:
    """Return an Arrow table whose texts a function has changed."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            cells = [None if cell is None else change(cell) for cell in table[at].to_pylist()]
            table = table.set_column(at, field, pa.array(cells, field.type))
    return table


@contextlib.contextmanager
def wrong_usage() -> Iterator[None]:
    """Let errors about a value of an option, whatever the data, end the command as wrong usage."""
    try:
        yield
    except InputError as error:
        raise WrongUsage(str(error)) from None


def check_choice(value: str | None, option: str, *choices: str) -> None:
    """Refuse a value of an option that is none of its choices, before any file is read."""
    if value is not None and value not in choices:
        raise WrongUsage(f"{option} is {value!r}; it must be {', '.join(choices[:-1])} or {choices[-1]}")


TABLES = (".csv", ".parquet", ".xlsx")


def write_table(table: Any, path: Path) -> None:
    """Write a table to a CSV, Parquet or Excel file, whole or not at all."""
    import io

    import pyarrow.parquet

    from custfolio.report import data, workbook
    from custfolio.report.whole_file import write_whole

    if path.suffix.lower() == ".csv":
        write_whole(path, csv_bytes(table))
        return
    if path.suffix.lower() == ".xlsx":
        columns = {name: table[name].to_pylist() for name in table.column_names}
        workbook.write(path, [data.Table.of(path.stem, columns)], title=path.stem)
        return
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    write_whole(path, buffer.getvalue())


def csv_bytes(table: Any) -> bytes:
    """Return an Arrow table as a CSV file; texts that a spreadsheet would read as formulas are marked."""
    import io

    import pyarrow.csv

    from custfolio.report.workbook import plain_text

    buffer = io.BytesIO()
    pyarrow.csv.write_csv(_mapped(table, plain_text), buffer)
    return buffer.getvalue()


def check_out(path: Path, inputs: list[Path], *known: str) -> None:
    """Refuse a file that cannot be written before any work is done: by its kind, its folder, or as one of the inputs."""
    from custfolio._reading.files import files_of
    from custfolio.report.whole_file import check_kind, check_outputs, output_file

    output_file(path)
    with wrong_usage():
        check_kind(path, *known)
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {str(path.parent)!r}")
    check_outputs([path], files_of([str(file) for file in inputs]))
