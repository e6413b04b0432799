# The files that commands read and write: ledgers in, tables out.
"""Read the ledger of a command's files; write a table, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from custfolio.errors import InputError

__all__ = [
    "TABLES", "Column", "Currency", "DateFormat", "Decimal", "ExchangeRates", "Family", "MissingCost", "OptionalColumn", "check_out", "named_values",
    "rates_of", "read_ledger", "write_table",
]  # fmt: skip


Column = Annotated[str | None, typer.Option(help="Column of the file; usual names are recognised.")]
OptionalColumn = Annotated[
    str | None, typer.Option(help='Column of the file; usual names are recognised, "" leaves it out.')
]
DateFormat = Annotated[str | None, typer.Option(help="Format of text dates, as %d/%m/%Y.")]
Decimal = Annotated[str | None, typer.Option(help="Decimal sign of text amounts: . or ,")]
Currency = Annotated[
    str | None, typer.Option(help="Currency of the figures, where amounts of the file name theirs, as EUR.")
]
ExchangeRates = Annotated[
    list[str] | None,
    typer.Option("--exchange-rate", help="Worth of another currency, as USD=0.9; again for further ones."),
]
MissingCost = Annotated[
    str | None,
    typer.Option(
        help="Cost of rows without one: a ratio of revenue, the mean ratio of the customer, family or company (default), or reject."
    ),
]
Family = Annotated[str | None, typer.Option(help="Column of the product family, for --missing-cost family.")]


def read_ledger(
    files: list[Path],
    *,
    exchange_rates: list[str] | None = None,
    missing_cost: str | None = None,
    **options: str | None,
) -> Any:
    """Read the ledger of a command's files."""
    from custfolio.ledger import Ledger

    given: dict[str, Any] = {name: value or False for name, value in options.items() if value is not None}
    if missing_cost is not None:
        try:
            given["missing_cost"] = float(missing_cost)
        except ValueError:
            given["missing_cost"] = missing_cost
    return Ledger.read([str(path) for path in files], rates=rates_of(exchange_rates), **given)


def named_values(given: Sequence[str] | None, option: str, example: str) -> dict[str, str]:
    """Read values with names, each "amount=Value"."""
    found: dict[str, str] = {}
    for text in given or ():
        name, sign, value = text.partition("=")
        if not (sign and name.strip() and value.strip()):
            raise InputError(f"{option} is {text!r}; it must be written as {example}")
        found[name.strip()] = value.strip()
    return found


def rates_of(given: Sequence[str] | None) -> dict[str, float]:
    """Read the options --exchange-rate."""
    rates = {}
    for code, text in named_values(given, "--exchange-rate", "USD=0.9").items():
        try:
            rates[code] = float(text)
        except ValueError:
            raise InputError(f"--exchange-rate has {text!r}; it must be a number") from None
    return rates


TABLES = (".csv", ".parquet", ".xlsx")


def write_table(table: Any, path: Path) -> None:
    """Write a table to a CSV, Parquet or Excel file, whole or not at all."""
    import io

    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    from custfolio.report import data, workbook
    from custfolio.report.whole_file import write_whole

    if path.suffix.lower() == ".xlsx":
        columns = {name: table[name].to_pylist() for name in table.column_names}
        workbook.write(path, [data.Table.of(path.stem, columns)], title=path.stem)
        return
    buffer = io.BytesIO()
    if path.suffix.lower() == ".csv":
        for at, field in enumerate(table.schema):
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                cells = [None if cell is None else workbook.plain_text(cell) for cell in table[at].to_pylist()]
                table = table.set_column(at, field, pa.array(cells, field.type))
        pyarrow.csv.write_csv(table, buffer)
    else:
        pyarrow.parquet.write_table(table, buffer)
    write_whole(path, buffer.getvalue())


def check_out(path: Path, inputs: list[Path], *known: str) -> None:
    """Refuse a file that cannot be written before any work is done: by its kind, its folder, or as one of the inputs."""
    from custfolio._reading.files import files_of
    from custfolio.report.whole_file import check_kind, check_outputs, output_file

    output_file(path)
    check_kind(path, *known)
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {str(path.parent)!r}")
    check_outputs([path], files_of([str(file) for file in inputs]))
