# custfolio statement: profit and loss of every customer, of groups, and what became of the pools.
"""The command ``statement``."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custfolio._flow import pages_of, uncertainty_of
from custfolio._tables.wording import counted
from custfolio.cli.config import LEDGER_KEYS, read_statement
from custfolio.cli.option_names import in_own_names, key_renamer, naming_keys
from custfolio.cli.screen import (
    WrongUsage,
    amount_text,
    escape,
    finite,
    print_grid,
    print_json,
    screen,
    share_text,
)
from custfolio.cli.stated import errors_of
from custfolio.cli.tables import (
    TABLES,
    check_out,
    gaps_of,
    in_options,
    ledger_options,
    read_ledger,
    read_table,
    write_table,
    wrong_usage,
)
from custfolio.portfolio import NO_HEAT, Portfolio
from custfolio.report.statement_pages import INDENT
from custfolio.report.whole_file import check_outputs

if TYPE_CHECKING:
    from custfolio.ledger import Ledger
    from custfolio.report.data import Table
    from custfolio.report.statement_pages import StatementPages
    from custfolio.selection import Statement

__all__ = ["statement"]

_ROWS = 20
"""Rows of groups that are printed."""


@ledger_options
def statement(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Sales: CSV, Excel, Parquet or JSON; several are read as one. Or a custfolio.toml with its \\[ledger] and \\[costs]."
        ),
    ],
    options: dict[str, Any],
    rate: Annotated[
        list[str] | None, typer.Option(help="Cost per unit of a driver: deliveries=90, lines=2.5, quantity=0.12.")
    ] = None,
    revenue_share: Annotated[
        float | None, typer.Option(help="Share of revenue that is passed on, a fraction.", show_default="0")
    ] = None,
    credit_rate: Annotated[
        float | None, typer.Option(help="Yearly rate of open invoices, a fraction; with --receivables.")
    ] = None,
    receivables: Annotated[
        Path | None,
        typer.Option(help="Table of invoices: customer, invoice (day), due, paid, amount; or customer, dso, terms."),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            help="Table of list prices, discounts, rebates, freight, commissions: customer, element, amount, year."
        ),
    ] = None,
    first: Annotated[str | None, typer.Option(help="First day, as 2021-01-01.")] = None,
    last: Annotated[str | None, typer.Option(help="Last day.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="State groups: customer, month, item, family, ship_to, group, manager, or several as manager,month; again for further tables."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="What the rows of a delivery share its cost by: lines (default), quantity, revenue or a driver."
        ),
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(
            help="A segment and its rule, such as 'core=revenue >= 10000 and temperature >= 0.05'; the first that is met counts. Then --by segment."
        ),
    ] = None,
    trace: Annotated[
        list[str] | None,
        typer.Option(help="A customer to trace down to its events and lines, by id or name; again for further ones."),
    ] = None,
    against_first: Annotated[
        str | None, typer.Option(help="First day of an earlier period with which --trace and --bridge compare.")
    ] = None,
    against_last: Annotated[str | None, typer.Option(help="Last day of that period.")] = None,
    bridge: Annotated[
        list[str] | None,
        typer.Option(
            help="Groups of what changed since the earlier period, as for --by, such as manager,family; again for further tables."
        ),
    ] = None,
    uncertain: Annotated[
        float | None,
        typer.Option(
            help="Relative deviation of every rate, a fraction: who is surely warm, surely cold or undecided."
        ),
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            help="With --uncertain or --own-months: least temperature of a warm customer, a fraction.",
            show_default="0.05",
        ),
    ] = None,
    own_months: Annotated[
        bool,
        typer.Option(
            "--own-months",
            help="The deviation of the customers' own months counts, in addition to that of --uncertain.",
        ),
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write: .html (page), .xlsx (workbook), .json (all figures), .csv or .parquet (a row per customer); again for further files."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """State profit and loss of every customer. Pools and activities stand in a custfolio.toml; `custfolio init` writes one."""
    period = _period("first", first, "last", last)
    against = _period("against-first", against_first, "against-last", against_last)
    shown: dict[str, Any] = {"by": [_dimensions(text, "by") for text in by]} if by else {}
    shown |= ({} if key is None else {"key": key}) | ({"trace": trace} if trace else {})
    shown |= ({} if against is None else {"against": against}) | (
        {"bridge": [_dimensions(text, "bridge") for text in bridge]} if bridge else {}
    )
    sure: dict[str, Any] = {} if uncertain is None else {"rates": uncertain}
    sure |= ({} if target is None else {"target": target}) | ({"months": True} if own_months else {})
    settings = [file for file in files if file.suffix.lower() == ".toml"]
    costs: dict[str, Any] = {
        "rate": rate,
        "revenue_share": revenue_share,
        "credit_rate": credit_rate,
        "receivables": receivables,
        "prices": prices,
        "segment": segment,
    }
    if set(sure) == {"target"} and not settings:
        raise WrongUsage(
            "--target has no effect without --uncertain or --own-months; give both, such as --uncertain 0.25"
        )
    outputs = out or []
    tables = [table for table in (receivables, prices) if table is not None]
    for path in outputs:
        check_out(path, [*files, *tables], *TABLES, ".html", ".json")
    check_outputs(outputs, [])
    if key is not None and not by and not settings:
        raise WrongUsage("--key has no effect without --by; name the groups, such as --by family")
    if against is not None and not trace and not bridge and not segment and not settings:
        raise WrongUsage(
            "--against-first and --against-last have no effect without --trace or --bridge; name a customer or groups"
        )
    if bridge and against is None and not settings:
        raise WrongUsage("--bridge has no effect without --against-first and --against-last; give the earlier period")
    if settings:
        _refuse_options(files, {**options, **costs})
        ledger, stated, pages, named = naming_keys(_of_settings, LEDGER_KEYS)(files[0], period, shown, sure, outputs)
    else:
        ledger, stated, pages = _of_sales(files, options, costs, period, shown, sure)
        named = []
    renamed = key_renamer(LEDGER_KEYS) if settings else in_options
    pages = in_own_names(pages, renamed)
    written = [*named, *outputs]
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, stated, pages, ledger, written)
    if as_json:
        print_json(_figures(stated, pages, ledger, written))
        return
    _print(stated, pages, ledger, renamed)
    for path in written:
        screen.print(f"Written: {escape(str(path))}", soft_wrap=True)


def _period(first: str, first_day: str | None, last: str, last_day: str | None) -> tuple[str, str] | None:
    """Return the days of two options that are given together."""
    if (first_day is None) != (last_day is None):
        raise WrongUsage(f"only one of --{first} and --{last} is given; both are needed")
    return None if first_day is None or last_day is None else (first_day, last_day)


def _dimensions(text: str, option: str) -> tuple[str, ...]:
    """Read the dimensions of an option."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise WrongUsage(f"--{option} is {text!r}; it must be written as family, or manager,month")
    return names


def _refuse_options(files: Sequence[Path], given: Mapping[str, Any]) -> None:
    """Refuse what a custfolio.toml states itself."""
    if len(files) > 1:
        raise WrongUsage("a custfolio.toml names its sales itself; it must be the only file")
    for name, value in given.items():
        if value is not None and value != []:
            option = {"exchange_rates": "exchange-rate", "drivers": "driver", "delivery_drivers": "delivery-driver"}
            raise WrongUsage(
                f"--{option.get(name, name.replace('_', '-'))} has no effect with a {files[0].name}; set it in the file"
            )


def _of_settings(
    file: Path,
    period: tuple[str, str] | None,
    shown: Mapping[str, Any],
    sure: Mapping[str, Any],
    outputs: Sequence[Path],
) -> tuple[Ledger, Statement, StatementPages, list[Path]]:
    """Return the ledger, the statement, its pages and the files to write, from a custfolio.toml; `shown` and `sure` replace keys of it."""
    from custfolio.selection import statement as state

    found = read_statement(file)
    named = list(found.named.values())
    check_outputs([*named, *outputs], found.read())
    ledger = found.ledger()

    def of(period: tuple[str, str] | None) -> Statement:
        return state(ledger, found.costs, period=period, **found.arguments)

    with errors_of(file.name, "costs"):
        stated = of(period or found.period)
    if set(sure) == {"target"} and found.uncertain is None:
        raise WrongUsage(f"--target has no effect without --uncertain, --own-months, or uncertain_rates in {file.name}")
    with errors_of(file.name, "selection"):
        of_file = found.uncertain or {"rates": 0.0, "target": found.target}
        uncertainty = uncertainty_of(stated, {**of_file, **sure} if sure else found.uncertain)
    with errors_of(file.name, "statement"):
        pages = pages_of(stated, of, uncertainty=uncertainty, **{**found.pages, **shown})
        return ledger, stated, pages, named


def _of_sales(
    files: Sequence[Path],
    options: Mapping[str, Any],
    costs: Mapping[str, Any],
    period: tuple[str, str] | None,
    shown: Mapping[str, Any],
    sure: Mapping[str, Any],
) -> tuple[Ledger, Statement, StatementPages]:
    """Return the ledger of files of sales, its statement by the options, and the pages."""
    from custfolio.costing import CostModel
    from custfolio.selection import statement as state

    with wrong_usage():
        model = CostModel(
            _rates(costs["rate"] or []),
            revenue_share=costs["revenue_share"] or 0.0,
            credit_rate=costs["credit_rate"] or 0.0,
        )
    ledger = read_ledger(files, options)
    tables = {
        name: read_table(costs[name], texts=True) for name in ("receivables", "prices") if costs[name] is not None
    }
    tables |= {"segments": _rules(costs["segment"])} if costs["segment"] else {}

    def of(period: tuple[str, str] | None) -> Statement:
        return state(ledger, model, period=period, **tables)

    stated = of(period)
    with wrong_usage():
        uncertainty = uncertainty_of(stated, {"rates": 0.0, **sure} if sure else None)
    return ledger, stated, pages_of(stated, of, uncertainty=uncertainty, **shown)


def _rules(given: Sequence[str]) -> dict[str, str]:
    """Read the options --segment."""
    rules: dict[str, str] = {}
    for entry in given:
        name, sign, rule = entry.partition("=")
        if not sign or not name.strip() or name.strip()[-1] in "<>!":
            raise WrongUsage(
                f"--segment {entry!r} is not a segment; it must be written as NAME=RULE, such as 'core=revenue >= 10000'"
            )
        if name.strip() in rules:
            raise WrongUsage(f"--segment gives {name.strip()} twice; it must be given once")
        rules[name.strip()] = rule.strip()
    return rules


def _rates(given: Sequence[str]) -> dict[str, float]:
    """Read the options --rate."""
    rates: dict[str, float] = {}
    for entry in given:
        driver, sign, amount = entry.partition("=")
        if driver.strip() in rates:
            raise WrongUsage(f"--rate gives {driver.strip()} twice; it must be given once")
        try:
            rates[driver.strip()] = float(amount)
        except ValueError:
            sign = ""
        if not sign:
            raise WrongUsage(
                f"--rate {entry!r} is not a rate; it must be written as DRIVER=AMOUNT, such as deliveries=90"
            )
    return rates


def _write(out: Path, stated: Statement, pages: StatementPages, ledger: Ledger, written: Sequence[Path]) -> None:
    """Write one of the files that --out and [statement] name."""
    from custfolio.report import html, workbook
    from custfolio.report.whole_file import write_whole

    kind = out.suffix.lower()
    if kind == ".html":
        html.write(out, pages)
    elif kind == ".xlsx":
        workbook.write(out, pages)
    elif kind == ".json":
        figures = _figures(stated, pages, ledger, written) | {"statement": _records(pages.full_statement)}
        write_whole(out, json.dumps(figures, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    else:
        from custfolio._tables.frames import make_frame

        columns = stated.columns()
        further = {name: values for name, values in pages.details.items() if name not in columns}  # how sure
        write_table(make_frame({**columns, **further}, "pyarrow"), out)


def _figures(stated: Statement, pages: StatementPages, ledger: Ledger, written: Sequence[Path]) -> dict[str, Any]:
    """Return the figures for scripts: amounts as the page and the workbook show them."""
    bucket, period = stated.bucket, stated.portfolio.period
    tables = {name: _records(table) for name, table in pages.full_tables.items() if name != "statement"}
    groups = [
        {"by": list(one.dimensions), "rows": tables.pop(f"groups_{place}")} for place, one in enumerate(pages.groups)
    ]
    bridges = [
        {"by": list(one.dimensions), "rows": tables.pop(f"bridge_{place}")} for place, one in enumerate(pages.bridges)
    ]
    traces = [
        {
            "customer": traced.customer,
            "name": traced.name,
            **({"against": traced.against} if traced.against else {}),
            "rows": [_node(row) for row in tables.pop(f"trace_{place}")],
        }
        for place, traced in enumerate(pages.traces)
    ]
    return {
        "currency": stated.currency,
        "level": _rounded(bucket.level, pages.digits),
        "heat": _rounded(bucket.heat, pages.digits),
        "temperature": finite(bucket.temperature),
        "customers": bucket.customers,
        "period": [str(day) for day in period or ()],
        "rows_read": ledger.rows_read,
        "rows_accepted": ledger.rows_accepted,
        "rows_rejected": ledger.rows_rejected,
        "rows_left_out": ledger.rows_left_out,
        "gaps": gaps_of(ledger),
        "exact": stated.reconciliation.exact,
        **tables,
        "groups": groups,
        "bridges": bridges,
        "traces": traces,
        "files": [str(path) for path in written],
    }


def _node(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node of a trace with its depth in place of its indent."""
    name = row["node"].lstrip(INDENT)
    return {"depth": len(row["node"]) - len(name), **row, "node": name}


def _rounded(amount: float, digits: int) -> float | None:
    """Return an amount for JSON."""
    shown = finite(amount)
    return shown if shown is None else round(shown, digits)


def _records(table: Table) -> list[dict[str, Any]]:
    """Return the rows of a table for JSON, as the page and the workbook show them."""

    def cell(value: Any, kind: str) -> Any:
        if isinstance(value, datetime.date):
            return str(value)[: 7 if kind == "month" else 10]
        return int(value) if kind == "count" and value is not None else value

    columns = table.columns
    return [
        {column.name: cell(value, column.kind) for column, value in zip(columns, row, strict=True)}
        for row in table.rows()
    ]


def _print(stated: Statement, pages: StatementPages, ledger: Ledger, renamed: Callable[[str], str]) -> None:
    """Print the figures; `renamed` names options or keys in a text of the library."""
    bucket = stated.bucket
    left_out = f", {ledger.rows_left_out:,} left out" if ledger.rows_left_out else ""
    read = f"{counted(ledger.rows_read, 'row')} read, {ledger.rows_rejected:,} rejected{left_out}"
    rows = f"{counted(bucket.customers, 'customer')}; {read}."
    if stated.portfolio.core.has_heat:
        heat = f"heat {amount_text(bucket.heat)}, temperature {share_text(bucket.temperature, 2)}"
        screen.print(f"Level {amount_text(bucket.level)}, {heat}, {rows}")
    else:
        screen.print(f"Level {amount_text(bucket.level)}, {rows}")
        screen.print(f"No heat: {escape(renamed(NO_HEAT))}.", soft_wrap=True)
    for sentence in pages.summary[1:]:
        screen.print(escape(sentence), soft_wrap=True)
    _print_customers(stated.portfolio)
    if "pools" in pages.tables:
        _print_pools(pages.tables["pools"])
    for place, groups in enumerate(pages.groups):
        _print_groups(pages.tables[f"groups_{place}"], groups.dimensions)
    if "migration" in pages.tables:
        _print_migration(pages.tables["migration"])
    if "bridge" in pages.tables:
        _print_bridge(pages.tables["bridge"])
    for place, bridged in enumerate(pages.bridges):
        _print_changes(pages.tables[f"bridge_{place}"], bridged.dimensions)
    for place in range(len(pages.traces)):
        _print_trace(pages.tables[f"trace_{place}"])


def _print_customers(portfolio: Portfolio) -> None:
    """Print the customers of most and least heat, or of most level where heat is not known."""
    heads = ["customer", "name", "level", "heat", "temperature"]
    if not portfolio.core.has_heat:
        rows = sorted(portfolio, key=lambda found: -found.level)[:_ROWS]
        print_grid(
            "The highest level first",
            heads[:3],
            [(each.id, each.name, amount_text(each.level)) for each in rows],
            left=2,
        )
        return
    shown = [
        (found.id, found.name, amount_text(found.level), amount_text(found.heat), share_text(found.temperature))
        for found in sorted(portfolio, key=lambda found: found.heat)
    ]
    if len(shown) > _ROWS:
        print_grid("The ten that bring most", heads, shown[:-11:-1], left=2)
        shown = shown[:10]
    print_grid("The least heat first", heads, shown, left=2)


def _print_pools(table: Table) -> None:
    """Print what became of the cost of each pool."""
    names = ("cost", "charged", "unused", "not_attributed")
    cells = table.cells
    rows = [
        (pool, *(amount_text(cells[name][k]) for name in names), _used(cells["used"][k], cells["capacity"][k]))
        for k, pool in enumerate(cells["pool"])
    ]
    print_grid("Pools", ["pool", "cost", "charged", "unused", "not attributed", "capacity used"], rows)


def _used(minutes: float, capacity: float) -> str:
    """Return the used share of a capacity."""
    return share_text(minutes / capacity) if capacity else "–"


def _print_trace(table: Table) -> None:
    """Print a customer's contribution down to the terms of its activities."""
    names = [column.name for column in table.columns[1:]]
    amounts = {column.name for column in table.columns if column.kind == "amount"}

    def cell(name: str, value: float | None) -> str:
        return f"{value + 0.0:,.{table.digits}f}" if name in amounts and value is not None else _trace_text(value)

    rows = [(record["node"], *(cell(name, record[name]) for name in names)) for record in _records(table)]
    heads = names if "units" in names else [column.label.lower() for column in table.columns[1:]]
    print_grid(table.title, ["part", *heads], rows)


def _trace_text(value: float | None) -> str:
    """Return units or a rate; nothing where there are none."""
    return "" if value is None else f"{value:,.4f}".rstrip("0").rstrip(".")


def _print_migration(table: Table) -> None:
    """Print who moved between segments."""
    names = [column.name for column in table.columns if column.kind == "amount"]
    rows = [
        (one["from_segment"], one["to_segment"], f"{one['customers']:,}", *(amount_text(one[name]) for name in names))
        for one in _records(table)
    ]
    print_grid(table.title, ["from", "to", "customers", *(name.replace("_", " ") for name in names)], rows, left=2)


def _print_bridge(table: Table) -> None:
    """Print the way from the earlier contribution to the later one."""
    rows = [(one["step"], amount_text(one["amount"]), f"{one['points']:.3f}") for one in _records(table)]
    print_grid(table.title, ["part", "amount", "points of temperature"], rows)


def _print_changes(table: Table, dimensions: Sequence[str]) -> None:
    """Print the contribution of groups before and after, and the part that changed it most."""
    labels = {column.name: column.label.lower() for column in table.columns}
    parts = [name for name in labels if name.startswith("contribution of ")]
    rows = []
    for one in _records(table):
        largest = max(parts, key=lambda name: abs(one[name]), default=None)
        named = "" if largest is None else f"{labels[largest]} {amount_text(one[largest])}"
        amounts = (amount_text(one[name]) for name in ("contribution_before", "contribution_after"))
        rows.append((*(str(one[name]) for name in dimensions), *amounts, named))
    heads = ["heat before", "heat after", "largest part"]
    print_grid(table.title, [*dimensions, *heads], rows[:_ROWS], left=len(dimensions))


def _print_groups(table: Table, dimensions: Sequence[str]) -> None:
    """Print groups: level, heat and temperature."""
    names = [name for name in ("revenue", "contribution", "temperature") if name in table.cells]
    heads = {"revenue": "level", "contribution": "heat"}
    rows = [
        (
            *(str(record[name]) for name in dimensions),
            f"{record['customers']:,}",
            *(_group_text(name, record[name]) for name in names),
        )
        for record in _records(table)
    ]
    print_grid(
        table.title,
        [*dimensions, "customers", *(heads.get(name, name) for name in names)],
        rows[:_ROWS],
        left=len(dimensions),
    )
    if len(rows) > _ROWS:
        screen.print(f"{counted(len(rows) - _ROWS, 'further row')}; --out writes all of them.")


def _group_text(name: str, value: float | None) -> str:
    """Return a figure of a group."""
    if value is None:
        return "–"
    return share_text(value, 2) if name == "temperature" else amount_text(value)
