# The whole plan of `demo` and `run`: the five steps, the files, and the printed figures.
"""Run the five steps, write the report, the workbook, the agenda and the coaster, and print the plan's figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custfolio._tables.wording import counted
from custfolio.cli.screen import (
    amount_text,
    escape,
    finite,
    messages,
    number_text,
    print_grid,
    print_json,
    progress_bar,
    screen,
    share_text,
)
from custfolio.report.data import has_meaningful_shares

if TYPE_CHECKING:
    from custfolio._flow import Inputs, Outcome
    from custfolio.selection import WhaleCurve

__all__ = ["make_plan"]


def make_plan(inputs: Inputs, folder: Path, files: dict[str, str], as_json: bool, **texts: Any) -> None:
    """Run the flow, write the files and print."""
    from custfolio._flow import run

    with progress_bar(as_json) as progress:
        outcome = run(inputs, progress)
    written = _write(outcome, folder, files, **texts)
    if as_json:
        print_json(_summary(outcome, written))
    else:
        _show(outcome)
        _show_rest(outcome, written, **texts)
    missed = outcome.plan.relaxed.columns()["text"]
    for text in missed:
        messages.print(escape(text), soft_wrap=True)
    if missed:
        raise SystemExit(3)


def _show_rest(outcome: Outcome, written: Sequence[Path], **texts: Any) -> None:
    """Print what was rejected, assumed and written."""
    if outcome.ledger.rows_rejected:
        screen.print(
            f"Rejected: {outcome.ledger.rows_rejected:,} of {counted(outcome.ledger.rows_read, 'row')}; `custfolio check` lists them."
        )
    if texts.get("source"):
        screen.print(f"Source: {escape(texts['source'])}", soft_wrap=True)
    for sentence in list(texts.get("assumptions", ()))[:1]:
        screen.print(f"Assumed: {escape(sentence)} The report lists all assumptions.", soft_wrap=True)
    screen.print("Written: " + ", ".join(escape(str(path)) for path in written), soft_wrap=True)


def _show(outcome: Outcome) -> None:
    """Print the plan's figures."""
    plan = outcome.plan
    buckets = (plan.before, plan.without, plan.after)
    rows = [
        ("level", *(amount_text(bucket.level) for bucket in buckets)),
        ("heat", *(amount_text(bucket.heat) for bucket in buckets)),
        ("temperature", *(share_text(bucket.temperature, 2) for bucket in buckets)),
    ]
    after = "after (12 months of the plan)" if plan.months == 12 else "after"
    print_grid("The bucket", ["", "before", "without action", after], rows)
    if outcome.baseline is not None:
        methods = [name.replace("_", " ") for name in outcome.baseline.customers.columns()["method"]]
        counts = ", ".join(f"{methods.count(name):,} by {name}" for name in sorted(set(methods)))
        screen.print(f"Without action, customers are forecast from their history: {counts}.")
    whale = outcome.statement.whale
    heat = outcome.statement.portfolio.core.contribution
    temperature = outcome.statement.portfolio.temperature
    screen.print(_whale_text(whale, len(heat)))
    screen.print(
        f"Below freezing: {counted(int((heat < 0).sum()), 'customer')}; below the target: "
        f"{int((temperature < outcome.selection.target).sum()):,}, at a target of {share_text(outcome.selection.target)}."
    )
    if outcome.offers is not None and len(outcome.offers):
        print_grid("The coldest customers with an offer, and its expected heat", *_coldest(outcome), left=3)
    elif outcome.offers is not None:
        screen.print("No customer gets an offer of new terms.")
    months = outcome.plan.trajectory.columns()
    names = ("month", "level", "floor", "heat", "temperature", "baseline_temperature")
    by_month = [
        (month, amount_text(level), amount_text(floor), amount_text(heat), share_text(warm, 2), share_text(old, 2))
        for month, level, floor, heat, warm, old in zip(*(months[name] for name in names), strict=True)
    ]
    heads = ["month", "level", "floor", "heat", "temperature", "without action"]
    print_grid("The plan, month by month: its temperature with and without action", heads, by_month)
    screen.print(
        f"{counted(len(plan.actions), 'action')}; {counted(len(plan.overflow), 'ice cube flows', 'ice cubes flow')} over once replaced. "
        f"Discounted heat {amount_text(plan.value)}, {amount_text(plan.gain)} more than without action; no plan can have more than "
        f"{amount_text(plan.bound)} (gap {plan.gap:.1e})."
    )


def _whale_text(whale: WhaleCurve, customers: int) -> str:
    """Return the whale curve in a sentence: amounts, and shares where the total is large enough to compare with."""
    best = whale.customers_at_peak
    text = f"Whale curve: the best {best:,} of {counted(customers, 'customer')} {'brings' if best == 1 else 'bring'} {amount_text(whale.peak)}"
    text += f"; the others cost {amount_text(whale.loss)}." if best < customers else "."
    if not has_meaningful_shares(whale.total, whale.peak):
        return f"{text} The total is {amount_text(whale.total)}."
    return (
        f"{text} The best bring {share_text(whale.peak_share)} of the heat, the best 20 % {share_text(whale.share(0.2))}; "
        f"Gini {number_text(whale.gini)}{' (above 1, since some customers cost money)' if whale.gini > 1 else ''}."
    )


def _coldest(outcome: Outcome) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the heads and rows of the coldest customers' best offers."""
    assert outcome.offers is not None
    offers = outcome.offers.columns()
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
                amount_text(found.level),
                share_text(found.temperature),
                share_text(float(offers["acceptance"][k]), 0),
                amount_text(float(offers["expected_heat_change"][k])),
            )
        )
    return ["customer", "name", "offer", "level", "temperature", "acceptance", "heat"], rows


def _write(outcome: Outcome, folder: Path, files: dict[str, str], **texts: Any) -> list[Path]:
    """Write the report, the workbook, the agenda and the coaster."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = outcome.plan
    writers: dict[str, Callable[[Path], Any]] = {
        "report": lambda path: plan.report(path, statement=outcome.statement, **texts),
        "workbook": lambda path: plan.to_excel(path, statement=outcome.statement, **texts),
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
        return {"level": found.level, "heat": found.heat, "temperature": finite(found.temperature)}

    months = plan.trajectory.columns()
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
            {"month": str(month), **{name: finite(float(months[name][k])) for name in names}}
            for k, month in enumerate(months["month"])
        ],
        "files": [str(path) for path in written],
    }
