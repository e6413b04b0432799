# The whole plan of `demo` and `run`: the five steps, the files, and the printed figures.
"""Run the five steps, write the report, the workbook, the agenda and the coaster, and print the plan's figures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from custfolio._tables.wording import counted
from custfolio.cli.config import LEDGER_KEYS
from custfolio.cli.option_names import in_own_names, key_renamer
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
from custfolio.report.data import PARTS, has_meaningful_shares, rounded_to

if TYPE_CHECKING:
    from custfolio._flow import Inputs, Outcome
    from custfolio._tables.result import Listing
    from custfolio.acquisition import Prospects
    from custfolio.remediation import AskSequences, PriceList, Review, UnlikeOffers
    from custfolio.selection import Selection, Statement, WhaleCurve
    from custfolio.strategy import Plan, PlanSimulation

__all__ = ["make_plan"]

_PRICES = 3
"""Most shadow prices on the screen."""
_REJECTED = 10
"""Most candidates without a rank on the screen."""


def make_plan(inputs: Inputs, folder: Path, files: dict[str, str], as_json: bool, **texts: Any) -> None:
    """Run the flow, write the files and print; exit status 3 where a floor or capacity was relaxed."""
    from custfolio._flow import NoHeatError, run
    from custfolio.errors import RelaxedWarning
    from custfolio.report.whole_file import check_folder, output_file

    for name in files.values():
        check_folder((folder / name).parent)
        output_file(folder / name)
    with progress_bar(as_json) as progress, warnings.catch_warnings():
        warnings.simplefilter("ignore", RelaxedWarning)  # the first lines have the same sentence
        try:
            outcome = run(inputs, progress)
        except NoHeatError as error:
            _write_levels(error.statement, folder, files)
            raise
    if assumed := outcome.ledger.gaps.assumed_cost():
        texts["assumptions"] = [assumed, *texts.get("assumptions", ())]
    results = [one for one in (outcome.offers, inputs.acceptance, *outcome.results.values()) if hasattr(one, "tables")]
    written = _write(outcome, folder, files, inputs.calendars, results=results, **texts)
    if inputs.letters is not None and outcome.offers is not None:
        settings = dict(inputs.letters)
        path = folder / settings.pop("path")
        with inputs.errors_of("letters"):
            written += [path] if outcome.plan.letters(path, **settings) else []
    plan = outcome.plan
    if as_json:
        print_json(_summary(outcome, written))
        if len(plan.relaxed):
            messages.print(escape(plan.summary[0]), soft_wrap=True)
    else:
        for place, sentence in enumerate(plan.summary):
            screen.print(f"[bold]{escape(sentence)}[/]" if place == 0 else escape(sentence), soft_wrap=True)
        _show(outcome)
        _show_rest(outcome, written, **texts)
    if len(plan.relaxed):
        raise SystemExit(3)


def _write_levels(statement: Statement, folder: Path, files: dict[str, str]) -> None:
    """Write the page and the workbook of levels, and print where they are: without costs of goods there is no plan."""
    folder.mkdir(parents=True, exist_ok=True)
    from custfolio.report import html, workbook

    pages = in_own_names(statement.pages(), key_renamer(LEDGER_KEYS))
    html.write(folder / files["report"], pages)
    workbook.write(folder / files["workbook"], pages)
    written = ", ".join(escape(str(folder / files[kind])) for kind in ("report", "workbook"))
    messages.print(f"Levels written: {written}", soft_wrap=True)


def _show_rest(outcome: Outcome, written: Sequence[Path], **texts: Any) -> None:
    """Print what was rejected, assumed and written."""
    for what, rows in (("Rejected", outcome.ledger.rows_rejected), ("Left out", outcome.ledger.rows_left_out)):
        if rows:
            of = counted(outcome.ledger.rows_read, "row")
            screen.print(f"{what}: {rows:,} of {of}; `custfolio check` lists them.")
    if texts.get("source"):
        screen.print(f"Source: {escape(texts['source'])}", soft_wrap=True)
    for sentence in list(texts.get("assumptions", ()))[:1]:
        screen.print(f"Assumed: {escape(sentence)} The report lists all assumptions.", soft_wrap=True)
    screen.print("Written: " + ", ".join(escape(str(path)) for path in written), soft_wrap=True)


def _show(outcome: Outcome) -> None:
    """Print the plan's figures."""
    plan = outcome.plan
    buckets = (plan.without, plan.after, plan.before)
    rows = [
        ("level", *(amount_text(bucket.level) for bucket in buckets)),
        ("heat", *(amount_text(bucket.heat) for bucket in buckets)),
        ("temperature", *(share_text(bucket.temperature, 2) for bucket in buckets)),
    ]
    new = math.fsum(plan.new_business)
    if new:
        rows.insert(1, ("of it new business", amount_text(new), amount_text(new), ""))
    print_grid(f"The bucket, in {plan.strategy.currency}", ["", "without action", "with the plan", "before"], rows)
    _show_rise(plan)
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
    if outcome.selection.uncertainty is not None:
        screen.print(outcome.selection.uncertainty.sentence(), soft_wrap=True)
    coldest = [] if outcome.offers is None else _coldest(outcome)
    if coldest:
        heads = ["customer", "name", "offer", "month", "temperature", "chance", "heat"]
        print_grid("The coldest customers with an offer, its chance and its expected heat", heads, coldest, left=3)
    elif outcome.offers is not None:
        screen.print("No customer gets an offer of new terms.")
    if outcome.offers is not None:
        for note in outcome.offers.notes:
            screen.print(escape(note), soft_wrap=True)
    for name, show in _SHOWN.items():
        if name in outcome.results:
            show(outcome.results[name])
    if outcome.prospects is not None:
        _show_newcomers(outcome.prospects)
    months = plan.trajectory.columns()
    names = ["month", "level", "baseline_level", "heat", "baseline_heat", "temperature", "baseline_temperature"]
    heads = ["month", "level", "without", "heat", "without", "temperature", "without"]
    if any(months["new_business"]):
        names.insert(3, "new_business")
        heads.insert(3, "new business")
    if plan.floor_by_month:
        names.insert(2, "floor")
        heads.insert(2, "floor")
    by_month = [
        (
            cells[0],
            *(
                share_text(cell, 2) if "temperature" in name else amount_text(cell)
                for name, cell in zip(names[1:], cells[1:], strict=True)
            ),
        )
        for cells in zip(*(months[name] for name in names), strict=True)
    ]
    print_grid("The plan, month by month, with and without action", heads, by_month)
    heat_name = "discounted heat" if plan.strategy.discount_rate else "heat"
    gap = math.ceil(plan.gap * 1e4 - 1e-9) / 1e4  # rounded up: never shown smaller than it is
    screen.print(
        f"No plan has more than {amount_text(plan.bound)} of {heat_name}. The gap is {share_text(gap, 2)}: "
        f"{amount_text(plan.duality_gap)} of the bound and {amount_text(plan.order_gap)} of the order of overflow."
    )
    prices = plan.shadow_prices.columns()
    dearest = sorted(zip(prices["price"], prices["text"], strict=True), key=lambda one: -one[0])[:_PRICES]
    for meaning in (text for price, text in dearest if price > 0):
        screen.print(f"{meaning[:1].upper()}{meaning[1:]}.", soft_wrap=True)
    if plan.strategy.chance is not None:
        screen.print(
            f"The chance of the floor costs {amount_text(plan.chance_cost)} of {heat_name}, a part of the gap as well."
        )


def _show_rise(plan: Plan) -> None:
    """Print where the rise comes from, and the alternatives."""
    rise, four = plan.contributions.columns(), plan.alternatives.columns()
    parts = zip(PARTS, _whole(rise["level"]), _whole(rise["heat"]), map(number_text, rise["percent"]), strict=True)
    print_grid("Where the rise comes from", ["", "level", "heat", "temperature, percent"], list(parts))
    rows = [
        (name, *map(amount_text, amounts), share_text(temperature, 2))
        for name, *amounts, temperature in zip(
            *(four[name] for name in ("plan", "level", "heat", "gain", "temperature")), strict=True
        )
    ]
    print_grid("The alternatives", ["", "level", "heat", "gain", "temperature"], rows)


def _whole(parts: Sequence[float]) -> list[str]:
    """Return parts as whole amounts that add up to the whole total; the first is the nearest one, as the bucket has it."""
    first, *changes = parts
    return [amount_text(part) for part in (first, *rounded_to(changes, round(math.fsum(parts)) - round(first), 0))]


def _show_newcomers(prospects: Prospects) -> None:
    """Print what to know of the chances to win, and the candidates without a rank with their reasons."""
    if len(prospects):
        for note in prospects.notes:
            screen.print(escape(note), soft_wrap=True)
    rejected = prospects.rejected.columns()
    rows = list(zip(map(str, rejected["row"]), rejected["id"], rejected["reason"], strict=True))
    if rows:
        print_grid("Candidates without a rank", ["row", "candidate", "reason"], rows[:_REJECTED], left=3)
        if len(rows) > _REJECTED:
            screen.print(
                f"{len(rows) - _REJECTED:,} more candidates have no rank: the report and the workbook list all."
            )


def _show_price_list(prices: PriceList) -> None:
    """Print the table of minimum and fee, and what orders lost."""
    table = prices.table.columns()
    rows = [
        (zones, amount_text(minimum), amount_text(fee), f"{orders:,}", f"{below:,}")
        for zones, minimum, fee, orders, below in zip(
            *(np.asarray(table[name]).tolist() for name in ("zones", "minimum", "fee", "orders", "below")), strict=True
        )
    ]
    if rows:
        print_grid("The price list", ["zones", "minimum order", "fee below it", "orders", "below"], rows)
    else:
        screen.print("There is no price list: at no order value the margin covers a delivery.")
    losing = prices.losing_orders.columns()["contribution"]
    if len(losing):
        screen.print(
            f"{counted(len(losing), 'order')} of the period lost {amount_text(-float(np.sum(losing)))} in total."
        )


def _show_sequences(asks: AskSequences) -> None:
    """Print what sequences of asks bring."""
    screen.print(
        f"Customers who may be asked again after a refusal bring {amount_text(asks.expected_heat)} in expectation; "
        f"asked once, {amount_text(asks.single_heat)}."
    )


def _show_unlike(pairs: UnlikeOffers) -> None:
    """Print how many like customers have unlike offers."""
    screen.print(
        f"{counted(pairs.found, 'pair')} of like customers {'has' if pairs.found == 1 else 'have'} unlike offers."
    )


_SHOWN: Mapping[str, Callable[[Any], None]] = {
    "price_list": _show_price_list,
    "review": lambda review: screen.print(review.sentence(), soft_wrap=True),
    "ask_sequences": _show_sequences,
    "unlike_offers": _show_unlike,
    "simulation": lambda simulation: screen.print(f"Simulation: {simulation.sentence()}", soft_wrap=True),
}
"""How further results are printed; the others are on the page."""


def _whale_text(whale: WhaleCurve, customers: int) -> str:
    """Return the whale curve in a sentence: amounts, and shares where the total is large enough to compare with."""
    best = whale.customers_at_peak
    who = f"the best {best:,} of {counted(customers, 'customer')}"
    if best == customers:
        who = "the only customer" if best == 1 else f"all {counted(customers, 'customer')}"
    text = f"Whale curve: {who} {'brings' if best == 1 else 'bring'} {amount_text(whale.peak)}"
    text += f"; the others cost {amount_text(whale.loss)}." if best < customers else "."
    if not has_meaningful_shares(whale.total, whale.peak):
        return f"{text} The total is {amount_text(whale.total)}."
    return (
        f"{text} The best bring {share_text(whale.peak_share)} of the heat, the best 20% {share_text(whale.share(0.2))}; "
        f"Gini {number_text(whale.gini)}{' (above 1, since some customers cost money)' if whale.gini > 1 else ''}."
    )


def _coldest(outcome: Outcome) -> list[tuple[str, ...]]:
    """Return the rows of the coldest customers to whom the plan makes an offer."""
    assert outcome.offers is not None
    actions, acceptance = outcome.plan.core.actions, outcome.plan.offer_chances
    portfolio = outcome.statement.portfolio
    made = [(portfolio[actions["id"][k]], k) for k, step in enumerate(actions["step"]) if step == "remediation"]
    return [
        (
            found.id,
            found.name,
            actions["what"][k].removeprefix("offer "),
            actions["month"][k],
            share_text(found.temperature),
            share_text(float(acceptance[actions["item"][k]]), 0),
            amount_text(float(actions["heat"][k])),
        )
        for found, k in sorted(made, key=lambda one: one[0].temperature)[:5]
    ]


def _write(
    outcome: Outcome, folder: Path, files: dict[str, str], calendars: Mapping[str, Any], **content: Any
) -> list[Path]:
    """Write the report, the workbook, the agenda, the coaster and the budget, and the statement's own files."""
    from custfolio.report import html, workbook

    for name in files.values():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    plan = outcome.plan
    writers: dict[str, Callable[[Path], Any]] = {
        "report": lambda path: plan.report(path, statement=outcome.statement, **content),
        "workbook": lambda path: plan.to_excel(path, statement=outcome.statement, **content),
        "agenda": lambda path: plan.to_ics(path, before=outcome.before, **calendars),
        "coaster": plan.coaster,
        "budget": lambda path: _freeze(plan, path),
        "plan": plan.save,
    }
    pages = outcome.pages
    if pages is not None:
        writers["statement_report"] = lambda path: html.write(path, pages)
        writers["statement_workbook"] = lambda path: workbook.write(path, pages)
    written = []
    for kind, name in files.items():
        if kind == "agenda" and outcome.agenda is None:
            continue
        writers[kind](folder / name)
        written.append(folder / name)
    return written


def _freeze(plan: Plan, path: Path) -> None:
    """Write the plan's budget as a version of the day before it begins; `custfolio close` compares actual amounts with it."""
    from custfolio._tables.dates import day_date, month_first_day

    plan.budget.freeze(path.stem, on=day_date(month_first_day(plan.strategy.first_month) - 1), bands=()).save(path)


def _newcomers(prospects: Prospects) -> dict[str, Any]:
    """Return the number of prospects, what to know of their chances, and the candidates without a rank for scripts."""
    rejected = prospects.rejected.columns()
    rows = zip(rejected["row"], rejected["id"], rejected["reason"], strict=True)
    return {
        "prospects": len(prospects),
        "prospect_notes": prospects.notes,
        "rejected_candidates": [{"row": row, "id": identity, "reason": reason} for row, identity, reason in rows],
    }


def _summary(outcome: Outcome, written: Sequence[Path]) -> dict[str, Any]:
    """Return the plan's figures for scripts."""
    plan, sure = outcome.plan, outcome.selection.uncertainty
    digits = plan.core.minor_digits

    def bucket(found: Any) -> dict[str, Any]:
        amounts = {"level": round(found.level, digits), "heat": round(found.heat, digits)}
        return {**amounts, "temperature": finite(found.temperature)}

    months = plan.trajectory.columns()
    names = (
        "level",
        "p10",
        "p90",
        "heat",
        "floor",
        "baseline_level",
        "baseline_heat",
        "new_business",
        "new_business_heat",
    )
    return {
        "summary": plan.summary,
        "currency": plan.strategy.currency,
        "customers": len(outcome.statement.portfolio),
        **({} if sure is None else {name: getattr(sure, name) for name in ("surely_warm", "undecided", "surely_cold")}),
        **_white_space(outcome.selection, digits),
        "rows_read": outcome.ledger.rows_read,
        "rows_rejected": outcome.ledger.rows_rejected,
        "rows_left_out": outcome.ledger.rows_left_out,
        "before": bucket(plan.before),
        "without_action": bucket(plan.without),
        "new_business": round(math.fsum(plan.new_business), digits),
        "after": bucket(plan.after),
        "customers_after": plan.customers_after,
        "ice_cubes_after": plan.ice_cubes_after,
        "gain": round(plan.gain, digits),
        "discount_rate": plan.strategy.discount_rate,
        "value": round(plan.value, digits),
        "bound": round(plan.bound, digits),
        "gap": plan.gap,
        "duality_gap": round(plan.duality_gap, digits),
        "order_gap": round(plan.order_gap, digits),
        "floor_chance": finite(plan.floor_chance),
        "chance_cost": round(plan.chance_cost, digits),
        **({"chances": _records(outcome.results["chances"], digits)} if "chances" in outcome.results else {}),
        "contributions": _records(plan.contributions, digits),
        "alternatives": _records(plan.alternatives, digits),
        "floors": _records(plan.floors, digits),
        "relaxed": _records(plan.relaxed, digits),
        **({"group_floors": _records(plan.group_floors, digits)} if len(plan.group_floors) else {}),
        **(
            {"price_list": _price_rows(outcome.results["price_list"], digits)}
            if "price_list" in outcome.results
            else {}
        ),
        **({"review": _reviewed(outcome.results["review"], digits)} if "review" in outcome.results else {}),
        **({} if outcome.prospects is None else _newcomers(outcome.prospects)),
        **(
            {"simulation": _simulated(outcome.results["simulation"], digits)} if "simulation" in outcome.results else {}
        ),
        "shadow_prices": _records(plan.shadow_prices, None),
        "actions": len(plan.actions),
        "overflow": len(plan.overflow),
        **({} if plan.switches is None else {"switches": plan.switches}),
        "months": [
            {"month": str(month), **{name: _plain(float(months[name][k]), digits) for name in names}}
            for k, month in enumerate(months["month"])
        ],
        "files": [str(path) for path in written],
    }


def _white_space(selection: Selection, digits: int) -> dict[str, Any]:
    """Return the white space of each customer that has some; nothing where it is not known."""
    table = selection.columns()
    if "white_space" not in table:
        return {}
    names = ("customer_id", "white_space", "white_space_p10", "white_space_p90", "white_space_product")
    rows = zip(*(table[name] for name in names), strict=True)
    return {
        "white_space": [
            dict(zip(names, (who, *(round(float(one), digits) for one in amounts), product), strict=True))
            for who, *amounts, product in rows
            if amounts[0] > 0
        ]
    }


def _price_rows(prices: PriceList, digits: int) -> list[dict[str, Any]]:
    """Return the rows of the table of a price list."""
    table = prices.table.columns()
    return [
        {"zones": zones, "minimum": round(minimum, digits), "fee": round(fee, digits), "orders": orders, "below": below}
        for zones, minimum, fee, orders, below in zip(
            *(np.asarray(table[name]).tolist() for name in ("zones", "minimum", "fee", "orders", "below")), strict=True
        )
    ]


def _reviewed(review: Review, digits: int) -> dict[str, Any]:
    """Return what accepted offers brought."""
    names = ("brought", "lower", "upper", "promised")
    return {"accepted": review.accepted, **{name: _plain(float(getattr(review, name)), digits) for name in names}}


def _simulated(simulation: PlanSimulation, digits: int) -> dict[str, Any]:
    """Return the figures of a simulation."""
    return {
        "paths": simulation.paths,
        "seed": simulation.seed,
        "drop_chance": finite(simulation.drop_chance),
        **{name: finite(value) for name, value in simulation.whole.items()},
        "floors": _records(simulation.floors, digits),
        "months": _records(simulation, digits),
    }


_AMOUNTS = (
    "floor", "to", "reference", "bound", "without", "new_business", "level", "heat", "gain", "nearest", "cost", "deviation",
)  # fmt: skip
"""Columns of a plan's tables that are amounts."""


def _records(table: Listing, digits: int | None) -> list[dict[str, Any]]:
    """Return the rows of a table for JSON, its amounts with the digits of their currency."""
    columns = {
        name: [
            _plain(cell, digits if name in _AMOUNTS or name.startswith(("level_", "heat_")) else None)
            for cell in values
        ]
        for name, values in table.columns().items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(cell: Any, digits: int | None) -> Any:
    """Return a cell for JSON."""
    cell = cell.item() if hasattr(cell, "item") else cell
    if not isinstance(cell, float) or not math.isfinite(cell):
        return finite(cell) if isinstance(cell, float) else cell
    return cell if digits is None else round(cell, digits)
