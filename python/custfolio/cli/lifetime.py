# custfolio lifetime: customer-base models of a ledger.
"""The command ``lifetime``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from custfolio._tables.wording import counted
from custfolio.cli.screen import WrongUsage, amount_text, escape, finite, print_grid, print_json, screen, share_text
from custfolio.cli.tables import TABLES, check_choice, check_out, ledger_options, read_ledger, write_table
from custfolio.errors import InputError
from custfolio.report.whole_file import check_outputs

__all__ = ["lifetime"]


@ledger_options
def lifetime(
    files: Annotated[list[Path], typer.Argument(help="Sales: CSV, Excel, Parquet or JSON; several are read as one.")],
    options: dict[str, Any],
    calibration_end: Annotated[
        str | None,
        typer.Option(help="Last day of the fit, as 2021-06-30; later days are the holdout."),
    ] = None,
    unit: Annotated[str, typer.Option(help="Unit of time: day, week, month, quarter or year.")] = "week",
    horizon: Annotated[str, typer.Option(help="How far ahead, a number and a unit.")] = "52 weeks",
    discount_rate: Annotated[str, typer.Option(help="A rate and its period.")] = "10 % a year",
    weak_prior: Annotated[
        bool, typer.Option("--weak-prior", help="Fit with a weak prior, for small portfolios.")
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(help="CSV, Parquet or Excel file to write, one row per customer; again for further files."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, for scripts.")] = False,
) -> None:
    """Fit customer-base models: the chance that a customer still buys, its purchases, and its value."""
    import numpy as np

    from custfolio.lifetime import summary
    from custfolio.lifetime._units import DAYS_PER, continuous_rate, horizon_in

    outputs = out or []
    for path in outputs:
        check_out(path, files, *TABLES)
    check_outputs(outputs, [])
    check_choice(unit, "--unit", *DAYS_PER)
    try:
        horizon_in(horizon, unit)
        continuous_rate(discount_rate, unit)
    except InputError as error:
        raise WrongUsage(str(error)) from None
    ledger = read_ledger(files, options)
    seen: Any = summary(ledger, calibration_end=calibration_end, time_unit=unit)  # type: ignore[arg-type]
    models, failed = _fitted_models(seen, _MODELS, weak_prior)
    compared = _compared(models, seen) if models else {"model": []}
    # The best one in the holdout that also fits all days.
    whole: Any = summary(ledger, time_unit=unit) if seen.has_holdout else seen  # type: ignore[arg-type]
    fitted, unfit = _fitted_models(whole, compared["model"], weak_prior) if seen.has_holdout else (models, {})
    failed |= {name: f"on all days {why}" for name, why in unfit.items()}
    if not fitted:
        advice = "" if weak_prior else ". Small portfolios need a prior: pass --weak-prior"
        raise InputError(
            "no model could be fitted. " + "; ".join(f"{name}: {why}" for name, why in failed.items()) + advice
        )
    chosen = next(name for name in compared["model"] if name in fitted)
    model = fitted[chosen]
    predicted = model.predict(whole, horizon=horizon, discount_rate=discount_rate)
    for path in outputs:
        write_table(predicted.to_frame("pyarrow"), path)
    alive = predicted["probability_alive"]
    valued = "value" in predicted.columns()
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
        "notes": seen.notes,
        "rows_read": ledger.rows_read,
        "rows_rejected": ledger.rows_rejected,
        "rows_left_out": ledger.rows_left_out,
    }
    parameters = model.columns()
    if as_json:
        figures = {
            **facts,
            "models": [{name: _plain(compared[name][k]) for name in compared} for k in range(len(compared["model"]))],
            "not_fitted": failed,
            "parameters": {
                name: {key: _plain(parameters[key][k]) for key in ("estimate", "standard_error", "lower", "upper")}
                for k, name in enumerate(parameters["parameter"])
            },
            "files": [str(path) for path in outputs],
        }
        print_json(figures)
        return
    _show_lifetime(compared, failed, parameters, facts, seen)
    if not costed:
        screen.print(
            "The ledger has no cost, so the value is revenue, not contribution; name the column of costs with --cost.",
            soft_wrap=True,
        )
    for path in outputs:
        screen.print(f"Written: {escape(str(path))}", soft_wrap=True)


def _plain(value: Any) -> Any:
    """Return a cell for JSON."""
    return finite(float(value)) if isinstance(value, (int, float)) or hasattr(value, "dtype") else value


_MODELS = ("BGNBD", "MBGNBD", "ParetoNBD", "NBD")
"""The models of repeat purchases."""


def _fitted_models(seen: Any, names: Sequence[str], weak_prior: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Fit models of repeat purchases; return the models, and the reasons of those that failed."""
    from custfolio import lifetime

    models: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name in names:
        kind = getattr(lifetime, name)
        try:
            model = kind(prior=kind.weak_prior if weak_prior else None).fit(seen)
        except InputError as error:
            failed[name] = str(error)
            continue
        if model.converged_:
            models[name] = model
        else:
            failed[name] = model.message_
    return models, failed


def _compared(models: dict[str, Any], seen: Any) -> dict[str, list[Any]]:
    """Return the models side by side, the best first: by their forecast of the holdout, else by BIC."""
    from custfolio.lifetime import assess_models

    table = assess_models(models, seen).columns()
    names = ("model", "crps", "mae", "bias", "coverage_p10_p90", "log_likelihood", "bic")
    return {name: list(table[name]) for name in names if name in table}


def _show_lifetime(
    compared: dict[str, list[Any]], failed: dict[str, str], parameters: Any, facts: dict[str, Any], seen: Any
) -> None:
    """Print the models' figures."""
    heads = {"coverage_p10_p90": "in P10-P90", "log_likelihood": "log-likelihood"}
    rows = [
        tuple(
            value
            if isinstance(value, str)
            else share_text(value)
            if name.startswith("coverage")
            else f"{value:,.4g}"
            if name in ("crps", "mae", "bias")
            else f"{value:,.1f}"
            for name, value in zip(compared, row, strict=True)
        )
        for row in zip(*compared.values(), strict=True)
    ]
    judged = f"forecasts of the days after {seen.calibration_end}" if seen.has_holdout else "fit (no holdout)"
    print_grid(f"Models by their {judged}, best first", [heads.get(name, name) for name in compared], rows)
    for name, why in failed.items():
        screen.print(f"{name} is left out: {escape(why)}", soft_wrap=True)
    cells = [
        (name, *(f"{parameters[key][k]:.4g}" for key in ("estimate", "standard_error", "lower", "upper")))
        for k, name in enumerate(parameters["parameter"])
    ]
    fitted = f"{facts['model']}, fitted on all days" if seen.has_holdout else facts["model"]
    print_grid(fitted, ["parameter", "estimate", "standard error", "95 % from", "to"], cells)
    half = facts["half_life"]
    leaving = (
        f"Half of new customers are gone after {half:,.1f} {facts['time_unit']}s."
        if half is not None
        else "NBD assumes that no customer leaves."
        if facts["model"] == "NBD"
        else f"Fewer than half of new customers leave within a billion {facts['time_unit']}s."
    )
    screen.print(
        f"{counted(facts['customers'], 'customer')}; {share_text(facts['share_alive'])} are expected to be still customers. {leaving}"
    )
    worth = (
        ""
        if facts["value"] is None
        else f", worth {amount_text(facts['value'])} of {facts['value_of']} at {facts['discount_rate']}"
    )
    screen.print(f"Expected purchases within {facts['horizon']}: {amount_text(facts['expected_purchases'])}{worth}.")
    for note in facts["notes"]:
        screen.print(f"Note: {escape(note)}.", soft_wrap=True)
    for reason, count in facts["left_out"].items():
        screen.print(f"Left out: {counted(count, 'customer')}: {escape(reason)}.")
