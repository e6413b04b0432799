# The command line: demo, init, run, statement, lifetime, budget and check, with exit codes that scripts can rely on.
"""``custfolio``: the five steps from a terminal.

Exit status 0: done; 1: the input is wrong (the message names what and where); 2: wrong usage; 3: the plan is infeasible.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from custfolio._flow import Inputs, Outcome

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Customers are water in a bucket: raise the temperature (profitability) without letting the level (revenue) drop.",
)

_STEPS = {
    "reading": "Reading and checking the ledger",
    "statement": "Statement of every customer",
    "baseline": "Baseline",
    "selection": "1. Selection",
    "remediation": "2. Remediation",
    "anchoring": "3. Anchoring",
    "growth": "4. Internal growth",
    "acquisition": "5. External growth",
    "optimising": "Optimising the plan",
}
"""What the progress bar says of each step of the flow."""

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def main() -> None:
    """Run the command line; errors of the input end it with a message and an exit status, never with a traceback."""
    from custfolio.errors import CustfolioError, InfeasibleError

    try:
        app()
    except InfeasibleError as error:
        _err.print(f"[bold red]No plan is possible.[/] {escape(_said(error))}", soft_wrap=True)
        raise SystemExit(3) from None
    except (CustfolioError, OSError, UnicodeError) as error:
        _err.print(f"[bold red]Error:[/] {escape(_said(error))}", soft_wrap=True)
        raise SystemExit(1) from None


def _said(error: BaseException) -> str:
    """Return an error's text in one piece; a KeyError's own str() is its repr."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error.args[0]) if len(error.args) == 1 else str(error)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Show a progress bar of the flow's steps on standard error."""
    if quiet:
        yield lambda step, fraction: None
        return
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    names = list(_STEPS)
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task("", total=len(names))

        def told(step: str, fraction: float) -> None:
            bar.update(task, description=_STEPS[step], completed=names.index(step) + fraction)

        yield told


def _amount(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _share(value: float, digits: int = 1) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}%}"


def _warmth(found: Any, digits: int = 1) -> str:
    """Return the temperature of a bucket or customer; without positive revenue there is none to show."""
    return _share(found.temperature, digits) if found.level > 0 else "–"


def _grid(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> Table:
    """Make a table whose first columns are text and whose others are numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for place, head in enumerate(heads):
        words = place < left  # numbers are never broken over two lines
        table.add_column(head, justify="left" if words else "right", overflow="fold", no_wrap=not words)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def _show(outcome: Outcome) -> None:
    """Print what the plan comes to."""
    plan = outcome.plan
    buckets = (plan.before, plan.without, plan.after)
    rows = [
        ("level", *(_amount(bucket.level) for bucket in buckets)),
        ("heat", *(_amount(bucket.heat) for bucket in buckets)),
        ("temperature", *(_warmth(bucket, 2) for bucket in buckets)),
    ]
    after = "after (12 months of the plan)" if plan.months == 12 else "after"
    _out.print(_grid("The bucket", ["", "before", "without action", after], rows))
    if outcome.baseline is not None:
        methods = [name.replace("_", " ") for name in outcome.baseline.customers._columns()["method"]]
        counts = ", ".join(f"{methods.count(name):,} by {name}" for name in sorted(set(methods)))
        _out.print(f"What customers do without action is foreseen from their history: {counts}.")
    whale = outcome.statement.whale
    heat = outcome.statement.portfolio._core.contribution
    temperature = outcome.statement.portfolio.temperature
    _out.print(
        f"Whale curve: the best {whale.customers_at_peak:,} of {len(heat):,} customers bring {_share(whale.peak_share)} of "
        f"the heat; the others cost {_amount(whale.loss)}. The best 20 % bring {_share(whale.share(0.2))}; Gini {_number(whale.gini)}."
    )
    _out.print(
        f"{int((heat < 0).sum()):,} customers are below freezing, {int((temperature < outcome.selection.target).sum()):,} below the "
        f"target of {_share(outcome.selection.target)}."
    )
    if outcome.offers is not None:
        _out.print(
            _grid(
                "The five coldest that get an offer, and the heat that it is expected to bring",
                *_coldest(outcome),
                left=3,
            )
        )
    months = outcome.plan.trajectory._columns()
    names = ("month", "level", "floor", "heat", "temperature", "baseline_temperature")
    by_month = [
        (month, _amount(level), _amount(floor), _amount(heat), _share(warm, 2), _share(old, 2))
        for month, level, floor, heat, warm, old in zip(*(months[name] for name in names), strict=True)
    ]
    heads = ["month", "level", "floor", "heat", "at", "else at"]
    _out.print(_grid("The plan, month by month: its temperature, and that without any action", heads, by_month))
    _out.print(
        f"{len(plan.actions):,} actions; {len(plan.overflow):,} ice cubes flow over once replaced. Discounted heat "
        f"{_amount(plan.value)}, {_amount(plan.gain)} more than without action; no plan can bring more than "
        f"{_amount(plan.bound)} (gap {plan.gap:.1e})."
    )


def _coldest(outcome: Outcome) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the heads and rows of the coldest customers' best offers."""
    assert outcome.offers is not None
    offers = outcome.offers._columns()
    best: dict[str, int] = {}
    for k, customer in enumerate(offers["customer_id"]):
        if customer not in best or offers["expected_heat_change"][k] > offers["expected_heat_change"][best[customer]]:
            best[customer] = k
    portfolio = outcome.statement.portfolio
    coldest = sorted((portfolio[customer] for customer in best), key=lambda found: found.temperature)[:5]
    rows: list[tuple[str, ...]] = []
    for found in coldest:
        k = best[found.id]
        rows.append(
            (
                found.id,
                found.name,
                str(offers["terms"][k]),
                _amount(found.level),
                _warmth(found),
                _share(float(offers["acceptance"][k]), 0),
                _amount(float(offers["expected_heat_change"][k])),
            )
        )
    return ["customer", "name", "offer", "level", "at", "accepts", "heat"], rows


def _write(outcome: Outcome, folder: Path, files: dict[str, str], **told: Any) -> list[Path]:
    """Write the report, the workbook, the agenda and the coaster."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = outcome.plan
    writers: dict[str, Callable[[Path], Any]] = {
        "report": lambda path: plan.report(path, statement=outcome.statement, **told),
        "workbook": lambda path: plan.to_excel(path, statement=outcome.statement, **told),
        "agenda": plan.to_ics,
        "coaster": plan.coaster,
    }
    written = []
    for kind, name in files.items():
        if kind == "agenda" and outcome.agenda is None:
            continue
        writers[kind](folder / name)
        written.append(folder / name)
    return written


def _summary(outcome: Outcome, written: Sequence[Path]) -> dict[str, Any]:
    """Return the plan's figures for scripts."""
    plan = outcome.plan

    def bucket(found: Any) -> dict[str, Any]:
        return {"level": found.level, "heat": found.heat, "temperature": _finite(found.temperature)}

    months = plan.trajectory._columns()
    names = ("level", "p10", "p90", "heat", "floor")
    return {
        "customers": len(outcome.statement.portfolio),
        "rows_read": outcome.ledger.rows_read,
        "rows_rejected": outcome.ledger.rows_rejected,
        "before": bucket(plan.before),
        "without_action": bucket(plan.without),
        "after": bucket(plan.after),
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "gain": plan.gain,
        "actions": len(plan.actions),
        "overflow": len(plan.overflow),
        "months": [
            {"month": str(month), **{name: _finite(float(months[name][k])) for name in names}}
            for k, month in enumerate(months["month"])
        ],
        "files": [str(path) for path in written],
    }


def _finite(value: float) -> float | None:
    """Return a number that JSON can hold."""
    return value if math.isfinite(value) else None


def _plan(inputs: Inputs, folder: Path, files: dict[str, str], as_json: bool, **told: Any) -> None:
    """Run the flow, write the files and print."""
    from custfolio._flow import run

    with _progress(as_json) as progress:
        outcome = run(inputs, progress)
    written = _write(outcome, folder, files, **told)
    if as_json:
        typer.echo(json.dumps(_summary(outcome, written), ensure_ascii=False, allow_nan=False, indent=2))
        return
    _show(outcome)
    if outcome.ledger.rows_rejected:
        _out.print(
            f"{outcome.ledger.rows_rejected:,} of {outcome.ledger.rows_read:,} rows were rejected; `custfolio check` lists them."
        )
    if told.get("source"):
        _out.print(f"Source: {escape(told['source'])}", soft_wrap=True)
    for sentence in list(told.get("assumptions", ()))[:1]:
        _out.print(f"Assumed: {escape(sentence)} The report lists all assumptions.", soft_wrap=True)
    _out.print("Written: " + ", ".join(escape(str(path)) for path in written), soft_wrap=True)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the files that are written.")] = Path("custfolio-demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Run the five steps on the real data that ships: every delivery of Iowa's liquor wholesaler in 2021."""
    from custfolio import demo as data

    files = {"report": "plan.html", "workbook": "plan.xlsx", "agenda": "agenda.ics", "coaster": "coaster.svg"}
    _plan(
        data.inputs(),
        out,
        files,
        as_json,
        title="1,948 stores, one bucket",
        period="2021",
        unit="US dollars",
        source=data.SOURCE,
        assumptions=data.ASSUMPTIONS,
    )


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it must not hold a custfolio.toml yet.")],
) -> None:
    """Write a commented custfolio.toml and the templates of the tables that it reads."""
    from importlib.resources import files

    from custfolio.errors import InputError
    from custfolio.report.whole_file import write_whole

    templates = [entry for entry in files("custfolio.cli").joinpath("templates", "init").iterdir() if entry.is_file()]
    for entry in templates:
        if (folder / entry.name).exists():
            raise InputError(f"{folder / entry.name} is there already; choose another folder, or remove it first")
    folder.mkdir(parents=True, exist_ok=True)
    for entry in sorted(templates, key=lambda found: found.name):
        write_whole(folder / entry.name, entry.read_bytes())
        _out.print(f"Written: {escape(str(folder / entry.name))}", soft_wrap=True)
    _out.print(
        f"Next: fill in the tables, then run: custfolio run {escape(str(folder / 'custfolio.toml'))}", soft_wrap=True
    )


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="The custfolio.toml; `custfolio init DIR` writes one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Make the whole plan: data in, five steps, optimise, write."""
    from custfolio._config import read

    found = read(config)
    _plan(found.inputs, found.folder, found.files, as_json, title=found.title)


_Column = Annotated[str | None, typer.Option(help="Column of the file; recognised where its name is usual.")]


def _ledger(files: list[Path], **columns: str | None) -> Any:
    """Read the ledger of a command's files."""
    from custfolio.ledger import Ledger

    return Ledger.read([str(path) for path in files], **{name: column for name, column in columns.items() if column})


@app.command()
def statement(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Parquet or JSON; several are read as one.")],
    customer: _Column = None,
    date: _Column = None,
    revenue: _Column = None,
    cost: _Column = None,
    quantity: _Column = None,
    document: _Column = None,
    lines: _Column = None,
    name: _Column = None,
    rate: Annotated[
        list[str] | None, typer.Option(help="Cost per unit of a driver: deliveries=90, lines=2.5, quantity=0.12.")
    ] = None,
    revenue_share: Annotated[float, typer.Option(help="Share of revenue that is passed on, a fraction.")] = 0.0,
    first: Annotated[str | None, typer.Option(help="First day, as 2021-01-01.")] = None,
    last: Annotated[str | None, typer.Option(help="Last day.")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV, Parquet or Excel file to write, one row a customer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """State profit and loss of every customer."""
    from custfolio.costing import CostModel
    from custfolio.errors import InputError
    from custfolio.selection import statement as state

    if out is not None:
        _check_out(out, *_TABLES)
    rates: dict[str, float] = {}
    for entry in rate or []:
        driver, sign, amount = entry.partition("=")
        try:
            rates[driver.strip()] = float(amount)
        except ValueError:
            sign = ""
        if not sign:
            raise InputError(f"--rate {entry!r} is no rate; it is written as DRIVER=AMOUNT, such as deliveries=90")
    if (first is None) != (last is None):
        raise InputError("--first and --last go together; found only one of them")
    ledger = _ledger(
        files, customer=customer, date=date, revenue=revenue, cost=cost, quantity=quantity, document=document,
        lines=lines, name=name,
    )  # fmt: skip
    period = None if first is None or last is None else (first, last)
    stated = state(ledger, CostModel(rates=rates, revenue_share=revenue_share), period=period)
    if out is not None:
        _table(stated.to_frame("pyarrow"), out)
    bucket = stated.bucket
    if as_json:
        figures = {
            "level": bucket.level,
            "heat": bucket.heat,
            "temperature": _finite(bucket.temperature),
            "customers": bucket.customers,
            "rows_read": ledger.rows_read,
            "rows_accepted": ledger.rows_accepted,
            "rows_rejected": ledger.rows_rejected,
            "files": [] if out is None else [str(out)],
        }
        typer.echo(json.dumps(figures, ensure_ascii=False, allow_nan=False, indent=2))
        return
    _out.print(
        f"Level {_amount(bucket.level)}, heat {_amount(bucket.heat)}, temperature {_warmth(bucket, 2)}, "
        f"{bucket.customers:,} customers; {ledger.rows_read:,} rows read, {ledger.rows_rejected:,} rejected."
    )
    rows = sorted(stated.portfolio, key=lambda found: found.heat)
    shown = [(found.id, found.name, _amount(found.level), _amount(found.heat), _warmth(found)) for found in rows]
    heads = ["customer", "name", "level", "heat", "temperature"]
    if len(shown) > 20:
        _out.print(_grid("The ten that bring most", heads, shown[:-11:-1], left=2))
        shown = shown[:10]
    _out.print(_grid("Who costs most first", heads, shown, left=2))
    if out is not None:
        _out.print(f"Written: {escape(str(out))}", soft_wrap=True)


_TABLES = (".csv", ".parquet", ".xlsx")


def _table(table: Any, path: Path) -> None:
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


def _check_out(path: Path, *known: str) -> None:
    """Refuse a file that cannot be written, by its ending or for want of its folder, before any work is done."""
    from custfolio.errors import InputError

    if path.suffix.lower() not in known:
        listed = f"{', '.join(known[:-1])} or {known[-1]}"
        raise InputError(f"{path.name} ends in {path.suffix or 'nothing'}; it must end in {listed}")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {str(path.parent)!r}")


@app.command()
def lifetime(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Parquet or JSON; several are read as one.")],
    customer: _Column = None,
    date: _Column = None,
    revenue: _Column = None,
    cost: _Column = None,
    calibration_end: Annotated[
        str | None,
        typer.Option(help="Last day that the models see, as 2021-06-30; they are judged by what comes after it."),
    ] = None,
    unit: Annotated[str, typer.Option(help="Unit of time: day, week, month or year.")] = "week",
    horizon: Annotated[str, typer.Option(help="How far ahead, a number and a unit.")] = "52 weeks",
    discount_rate: Annotated[str, typer.Option(help="A rate and its period.")] = "10 % a year",
    out: Annotated[Path | None, typer.Option(help="CSV, Parquet or Excel file to write, one row a customer.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Fit customer-base models: who is still a customer, what each will buy, and what it is worth."""
    import numpy as np

    from custfolio.lifetime import summary

    if out is not None:
        _check_out(out, *_TABLES)
    ledger = _ledger(files, customer=customer, date=date, revenue=revenue, cost=cost)
    seen: Any = summary(ledger, calibration_end=calibration_end, time_unit=unit)  # type: ignore[arg-type]
    models, failed = _fitted_models(seen)
    compared = _compared(models, seen)
    chosen = compared["model"][0]
    # Judged on what it had not seen, the best one may now see everything.
    whole: Any = summary(ledger, time_unit=unit) if seen.has_holdout else seen  # type: ignore[arg-type]
    model = type(models[chosen])().fit(whole) if seen.has_holdout else models[chosen]
    predicted = model.predict(whole, horizon=horizon, discount_rate=discount_rate)
    if out is not None:
        _table(predicted.to_frame("pyarrow"), out)
    alive = predicted["probability_alive"]
    valued = "value" in predicted._columns()
    costed = bool(np.isfinite(whole.contribution).any())
    half_life = model.half_life()
    facts: dict[str, Any] = {
        "model": chosen,
        "customers": len(predicted),
        "left_out": whole.left_out.reasons,
        "share_alive": float(alive.mean()),
        "half_life": half_life if np.isfinite(half_life) else None,
        "time_unit": unit,
        "horizon": horizon,
        "discount_rate": discount_rate,
        "expected_purchases": float(predicted["expected_purchases"].sum()),
        "value": float(predicted["value"].sum()) if valued else None,
        "value_of": "contribution" if costed else "revenue",
        "rows_read": ledger.rows_read,
        "rows_rejected": ledger.rows_rejected,
    }
    parameters = model._columns()
    if as_json:
        told = {
            **facts,
            "models": [{name: _plain(compared[name][k]) for name in compared} for k in range(len(compared["model"]))],
            "not_fitted": failed,
            "parameters": {
                name: {key: _plain(parameters[key][k]) for key in ("estimate", "standard_error", "lower", "upper")}
                for k, name in enumerate(parameters["parameter"])
            },
            "files": [] if out is None else [str(out)],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, allow_nan=False, indent=2))
        return
    _show_lifetime(compared, failed, parameters, facts, seen)
    if not costed:
        _out.print(
            "The ledger has no cost, so that is revenue and no contribution; name the column of costs with --cost.",
            soft_wrap=True,
        )
    if out is not None:
        _out.print(f"Written: {escape(str(out))}", soft_wrap=True)


def _plain(value: Any) -> Any:
    """Return a cell as JSON can hold it."""
    return _finite(float(value)) if isinstance(value, (int, float)) or hasattr(value, "dtype") else value


def _fitted_models(seen: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Fit every model of repeat purchases, and say why those that could not be were not."""
    from custfolio import lifetime
    from custfolio.errors import InputError

    models: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name in ("BGNBD", "MBGNBD", "ParetoNBD", "NBD"):
        try:
            model = getattr(lifetime, name)().fit(seen)
        except InputError as error:
            failed[name] = str(error)
            continue
        if model.converged_:
            models[name] = model
        else:
            failed[name] = model.message_
    if not models:
        raise InputError("no model could be fitted. " + "; ".join(f"{name}: {why}" for name, why in failed.items()))
    return models, failed


def _compared(models: dict[str, Any], seen: Any) -> dict[str, list[Any]]:
    """Return the models side by side, the best first: by their forecast of the holdout, else by BIC."""
    from custfolio.lifetime import assess_models

    table = assess_models(models, seen)._columns()
    names = ("model", "crps", "mae", "bias", "coverage_p10_p90", "log_likelihood", "bic")
    return {name: list(table[name]) for name in names if name in table}


def _show_lifetime(
    compared: dict[str, list[Any]], failed: dict[str, str], parameters: Any, facts: dict[str, Any], seen: Any
) -> None:
    """Print what the models say."""
    heads = {"coverage_p10_p90": "in P10-P90", "log_likelihood": "log-likelihood"}
    rows = [
        tuple(
            value
            if isinstance(value, str)
            else _share(value)
            if name.startswith("coverage")
            else f"{value:,.4g}"
            if name in ("crps", "mae", "bias")
            else f"{value:,.1f}"
            for name, value in zip(compared, row, strict=True)
        )
        for row in zip(*compared.values(), strict=True)
    ]
    judged = f"forecasts of the days after {seen.calibration_end}" if seen.has_holdout else "fit (no holdout)"
    _out.print(_grid(f"Models by their {judged}, best first", [heads.get(name, name) for name in compared], rows))
    for name, why in failed.items():
        _out.print(f"{name} is left out: {escape(why)}", soft_wrap=True)
    cells = [
        (name, *(f"{parameters[key][k]:.4g}" for key in ("estimate", "standard_error", "lower", "upper")))
        for k, name in enumerate(parameters["parameter"])
    ]
    fitted = f"{facts['model']}, fitted on all days" if seen.has_holdout else facts["model"]
    _out.print(_grid(fitted, ["parameter", "estimate", "standard error", "95 % from", "to"], cells))
    half = facts["half_life"]
    _out.print(
        f"{facts['customers']:,} customers, {_share(facts['share_alive'])} of them still customers by expectation. Half of new customers "
        + ("never leave." if half is None else f"are gone after {half:,.1f} {facts['time_unit']}s.")
    )
    worth = (
        ""
        if facts["value"] is None
        else f", worth {_amount(facts['value'])} of {facts['value_of']} at {facts['discount_rate']}"
    )
    _out.print(
        f"Within {facts['horizon']} they are expected to buy {_amount(facts['expected_purchases'])} times{worth}."
    )
    for reason, count in facts["left_out"].items():
        _out.print(f"{count:,} customers left out: {escape(reason)}.")


def _chances(text: str | None, option: str) -> dict[int, float] | int:
    """Read months of delay: "2", or "0=0.6,1=0.3,2=0.1"."""
    from custfolio.errors import InputError

    try:
        if text is None or "=" not in text:
            return int(text or 0)
        parts = (part.split("=") for part in text.split(","))
        return {int(months): float(chance) for months, chance in parts}
    except ValueError:
        raise InputError(f"{option} is {text!r}; it is written as 2, or as 0=0.6,1=0.3,2=0.1") from None


def _correlations(given: Sequence[str]) -> dict[str, float]:
    """Read the shares of factors, each "0.1" (of the market) or "owner=0.05"."""
    from custfolio.errors import InputError
    from custfolio.growth._plans import MARKET

    shares: dict[str, float] = {}
    for text in given:
        name, named, share = text.rpartition("=")
        name = name.strip() if named else MARKET
        try:
            value = float(share)
        except ValueError:
            name = ""
        if not name:
            raise InputError(f"--correlation is {text!r}; it is written as 0.1, or as owner=0.05")
        if name in shares:
            raise InputError(f"--correlation tells factor {name!r} twice: {shares[name]:g} and {value:g}")
        shares[name] = value
    return shares


@app.command()
def budget(
    files: Annotated[list[Path], typer.Argument(help="Action plans or a CRM export: CSV, Parquet or JSON.")],
    start: Annotated[str | None, typer.Option(help="First month, as 2026-01; this month if not given.")] = None,
    months: Annotated[int, typer.Option(min=1, max=1200, help="Number of months.")] = 12,
    correlation: Annotated[
        list[str] | None,
        typer.Option(
            help="Share of a common factor in all successes, in [0, 1): 0.1, which is market=0.1; again for factors with a value for each "
            "label: owner=0.05 (owner or product of a CRM's deals, any column of action plans)."
        ),
    ] = None,
    fiscal_start: Annotated[int, typer.Option(min=1, max=12, help="Month in which the fiscal year begins.")] = 1,
    weeks: Annotated[
        str | None,
        typer.Option(
            help="Years of whole weeks: 4-4-5, 4-5-4 or 5-4-4; they end on the last Saturday before --fiscal-start."
        ),
    ] = None,
    currency: Annotated[str, typer.Option(help="Code of the currency.")] = "EUR",
    margin: Annotated[float, typer.Option(help="CRM: contribution as a share of the amount.")] = 1.0,
    learn: Annotated[
        str | None,
        typer.Option(
            help="CRM: learn the chances from closed deals by these columns: owner, product, stage (owner,product)."
        ),
    ] = None,
    probability: Annotated[float | None, typer.Option(help="CRM: one chance for all, a fraction.")] = None,
    amount: Annotated[float | None, typer.Option(help="CRM: amount of deals that have none.")] = None,
    slip: Annotated[str | None, typer.Option(help="CRM: months later than expected: 1, or 0=0.6,1=0.3,2=0.1.")] = None,
    undated: Annotated[str | None, typer.Option(help="CRM: the same from the start, for deals without a date.")] = None,
    source: Annotated[str | None, typer.Option(help="CRM: the system, where its columns do not tell.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Workbook (.xlsx) or lines for planning systems (.csv) to write.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Weigh action plans or a CRM's pipeline by their chances: a budget with P10, P50 and P90."""
    import datetime

    from custfolio.budget import Budget, FiscalCalendar
    from custfolio.errors import InputError
    from custfolio.growth import grow, plans_from_frame, success_rates
    from custfolio.growth._opportunities import read_opportunities, rows_of
    from custfolio.growth._pipeline import FACTORS
    from custfolio.growth._plans import MARKET

    if out is not None:
        _check_out(out, ".xlsx", ".csv")
    begin = start or f"{datetime.date.today():%Y-%m}"
    correlations = _correlations(correlation or ())
    factors = [name for name in correlations if name != MARKET]
    read = rows_of([str(path) for path in files])
    table, broken = read.table, read.broken
    notes: list[str] = []
    labels: dict[str, Any] = {}
    left: dict[str, int] = {}
    plans: Any
    if any(name.strip().lower() == "step" for name in table.column_names):
        if broken["row"]:
            raise InputError(f"row {broken['row'][0]} of the action plans cannot be read: {broken['reason'][0]}")
        plans = plans_from_frame(table, factors)
    else:
        for name in factors:
            if name not in FACTORS:
                raise InputError(
                    f"--correlation names factor {name!r}; deals share {', '.join(map(repr, FACTORS))}, and all of them {MARKET!r}"
                )
        pipeline = read_opportunities(read, source=source)
        chances: Any = "stated" if probability is None else probability
        if learn is not None:
            chances = success_rates(pipeline, by=[name.strip() for name in learn.split(",")])
        plans = pipeline.to_plans(
            begin, margin=margin, probability=chances, amount=amount, slip=_chances(slip, "--slip"), customer="(none)",
            undated=None if undated is None else _chances(undated, "--undated"), incomplete="leave out",
        )  # fmt: skip
        for reason in plans.left_out._columns()["reason"]:
            left[reason] = left.get(reason, 0) + 1
        labels = {"manager": plans.labels("owner")}
        notes = [*pipeline.notes, f"{len(pipeline.rejected):,} of {pipeline.rows_read:,} rows could not be read"]
        if not len(plans):
            why = "; ".join(f"{count:,} have {reason}" for reason, count in left.items()) or "none is open"
            raise InputError(
                f"no opportunity can be budgeted: {why} (--learn, --amount and --undated say what is not there)"
            )
    growth = grow(plans, start=begin, months=months, correlation=correlations)
    warned = growth.notes
    calendar = (
        FiscalCalendar(fiscal_start)
        if weeks is None
        else FiscalCalendar.weeks(weeks, month=(fiscal_start - 2) % 12 + 1)
    )
    made = Budget.from_growth(growth, labels=labels, currency=currency, calendar=calendar)
    bands = {by: _bands(made, by) for by in ("month", *(() if weeks is None else ("period",)), "quarter", "year")}
    if out is not None:
        if out.suffix.lower() == ".xlsx":
            made.to_excel(out, title=f"Budget from {begin}", stamp=datetime.datetime(int(begin[:4]), 1, 1))
        else:
            made.to_csv(out, version=f"budget from {begin}")
    if as_json:
        figures = {
            "plans": len(plans),
            "left_out": left,
            "notes": [*notes, *warned],
            "currency": currency,
            **{f"{by}s": rows for by, rows in bands.items()},
            "files": [] if out is None else [str(out)],
        }
        typer.echo(json.dumps(figures, ensure_ascii=False, allow_nan=False, indent=2))
        return
    for by, rows in bands.items():
        if by != "quarter" or len(rows) > 1:
            shown = [(row[by], *(_amount(row[name]) for name in _FIGURES)) for row in rows]
            title = "By fiscal year" if by == "year" else f"By {by}"
            _out.print(_grid(f"{title}, {currency}", [by, "revenue", "contribution", "P10", "P50", "P90"], shown))
    _out.print(f"{len(plans):,} plans; quantiles are of the contribution, each of its own distribution.")
    for reason, count in left.items():
        _out.print(f"{count:,} opportunities are not in it: {escape(reason)}", soft_wrap=True)
    for note in [*notes, *warned[:_NOTES]]:
        _out.print(escape(note), soft_wrap=True)
    if len(warned) > _NOTES:
        _out.print(f"{len(warned) - _NOTES:,} more notes on plans: --json tells all.")
    if out is not None:
        _out.print(f"Written: {escape(str(out))}", soft_wrap=True)


_NOTES = 5
"""Notes on plans that the terminal shows."""

_FIGURES = ("revenue", "contribution", "p10", "p50", "p90")


def _bands(made: Any, by: str) -> list[dict[str, Any]]:
    """Return a budget's expected revenue and contribution with its band, a row a month, quarter or year."""
    sums, bands = made.totals(by)._columns(), made.bands(by)._columns()
    columns = {by: sums[by], "revenue": sums["level"], "contribution": sums["heat"]}
    columns |= {name: bands[name] for name in ("p10", "p50", "p90")}
    return [
        {name: (value if name == by else float(value)) for name, value in zip(columns, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Parquet or JSON; several are read as one.")],
    customer: _Column = None,
    date: _Column = None,
    revenue: _Column = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for scripts.")] = False,
    rows: Annotated[int, typer.Option(min=0, help="Rejected rows to show.")] = 20,
) -> None:
    """Say what the readers think of a file: columns recognised, rows rejected and why."""
    ledger = _ledger(files, customer=customer, date=date, revenue=revenue)
    rejected = ledger.rejected._columns()
    found = {
        "rows_read": ledger.rows_read,
        "rows_accepted": ledger.rows_accepted,
        "rows_rejected": ledger.rows_rejected,
        "duplicates": ledger.duplicates,
        "customers": ledger.customers,
        "first_day": None if ledger.first_day is None else str(ledger.first_day),
        "last_day": None if ledger.last_day is None else str(ledger.last_day),
        "revenue": ledger.revenue,
        "reasons": ledger.rejected.reasons,
    }
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=2))
        return
    facts = [
        (name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
        for name, value in found.items()
        if name != "reasons"
    ]
    _out.print(_grid("What was read", ["", ""], facts))
    if len(ledger.rejected):
        heads = [name for name in ("file", "row", "column", "value", "reason") if name in rejected]
        entries = [
            tuple("" if rejected[name][k] is None else str(rejected[name][k]) for name in heads)
            for k in range(min(rows, len(ledger.rejected)))
        ]
        _out.print(_grid(f"Rejected: {len(ledger.rejected):,} rows", heads, entries, left=len(heads)))
