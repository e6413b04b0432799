# A plan as one HTML page that needs nothing else: no network, no script, all text escaped.
"""The report, made with Jinja2."""

from __future__ import annotations

import base64
import hashlib
import math
import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custfolio._tables.segments import GONE, POURED_IN
from custfolio._tables.wording import control_free
from custfolio.errors import InputError
from custfolio.report import bucket_picture
from custfolio.report import charts as chart_images
from custfolio.report.data import COUNTS, NOTHING, USUAL, Column, Numbers, PlanPages, Table, has_meaningful_shares
from custfolio.report.statement_pages import INDENT, StatementPages
from custfolio.report.svg import Fragment
from custfolio.report.variance_pages import VariancePages

if TYPE_CHECKING:
    import jinja2

__all__ = ["render", "write"]

_MANY = 8  # columns above which a table is set smaller
_LONG = 16  # characters above which a cell's text keeps some width of its own
_WHOLE = {
    "growth", "trajectory", "simulation", "budget_level", "budget_heat", "reconciliation", "contributions", "alternatives", "chances",
    "floors", "group_floors", "relaxed", "resources",
    "pools", "activities", "elements", "waterfall", "causes", "by_month", "by_month_account",
}  # fmt: skip
"""Tables that the page shows whole."""
_TEMPLATES = Path(__file__).resolve().parent / "templates"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: value if isinstance(value, Fragment) or not isinstance(value, str) else _kept(value),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _kept(text: str) -> str:
    """Text without characters that a page may not contain; escaped markup stays as it is."""
    return text if hasattr(text, "__html__") else control_free(text)


@lru_cache(maxsize=1)
def _style() -> str:
    return (_TEMPLATES / "report.css").read_text(encoding="utf-8") + bucket_picture.STYLE


def _policy(style: str) -> str:
    """Nothing may be loaded or run; only the page's own style sheet, named by its digest, counts."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _css(column: Column, value: Any = None) -> str:
    kind = "n" if column.numeric else "d" if column.kind in ("date", "month") else ""
    if not kind and isinstance(value, str):  # a part of a trace keeps its indent on one line
        kind = "d" if value.startswith(INDENT) else "t" if len(value) > _LONG else ""
    below = column.kind in ("amount", "share") and isinstance(value, (int, float)) and value < 0
    return f"{kind} below" if below else kind


def _view(table: Table, numbers: Numbers, rows: int) -> dict[str, Any]:
    """A table as the template wants it: texts with their classes, the first rows only, totals of all of them."""

    def cells(values: list[Any]) -> list[tuple[str, str]]:
        return [
            (numbers.cell(value, column, table.decimals), _css(column, value))
            for value, column in zip(values, table.columns, strict=True)
        ]

    totals: list[tuple[str, str]] = []
    if len(table) > 1 and any(column.total for column in table.columns):
        totals = [
            (
                numbers.cell(table.total(column.name), column, table.decimals),
                _css(column, table.total(column.name)),
            )
            if column.total
            else ("", _css(column))
            for column in table.columns
        ]
        if not table.columns[0].total:
            totals[0] = (f"Total of {numbers.amount(len(table), 0)}", "" if len(table.columns) > _MANY else "d")
    return {
        "title": table.title,
        "columns": [{"label": column.label, "css": _css(column)} for column in table.columns],
        "rows": [cells(row) for row in table.rows(rows)],
        "totals": totals,
        "note": table.note,
        "shown": numbers.amount(rows, 0),
        "count": numbers.amount(len(table), 0),
        "hidden": len(table) > rows,
        "dense": len(table.columns) > _MANY,
    }


def _figures(pages: PlanPages, numbers: Numbers) -> list[tuple[str, list[str], str]]:
    buckets = [bucket for _, _, bucket in pages.stages]
    new = [numbers.compact(bucket.new_business) if bucket.new_business else NOTHING for bucket in buckets]
    return [
        ("Temperature", [numbers.share(bucket.temperature) for bucket in buckets], "big"),
        ("Level", [numbers.level(bucket.level) for bucket in buckets], "big"),
        *([("Of it new business as usual", new, "")] if pages.new_business else []),
        ("Heat", [numbers.compact(bucket.heat) for bucket in buckets], ""),
        ("Customers", [numbers.expected(bucket.customers) for bucket in buckets], ""),
        ("Ice cubes (below freezing)", [numbers.expected(bucket.frozen) for bucket in buckets], ""),
    ]


def _whale_content(whale: Any, numbers: Numbers) -> dict[str, Any]:
    """The figures and the caption of the whale curve."""
    return {"whale_facts": _whale_facts(whale, numbers), "whale_caption": _whale_caption(whale)}


def _whale_facts(whale: Any, numbers: Numbers) -> list[tuple[str, str]]:
    """The figures of the whale curve: amounts, and shares where the total is large enough to compare with."""
    if whale is None:
        return []
    facts = [
        ("Contribution of the customers at the peak", numbers.compact(float(whale["peak"]))),
        ("Customers at the peak", numbers.amount(whale["customers_at_peak"], 0)),
        ("Cost of the customers after the peak", numbers.compact(float(whale["loss"]))),
    ]
    if has_meaningful_shares(float(whale["total"]), float(whale["peak"])):
        facts.append(("Peak, of total contribution", numbers.share(float(whale["peak_share"]))))
        known = float(whale["gini"]) <= 1
        label = "Gini coefficient" if known else "Gini coefficient (no share: losses raise it above 1)"
        facts.append((label, numbers.amount(float(whale["gini"]) if known else None, 3)))
    return facts


def _whale_caption(whale: Any) -> str:
    """What the whale curve shows: who brings most and who costs most."""
    if whale is None:
        return ""
    loss = float(whale["loss"]) > 0
    caption = "Every customer after the peak costs money." if loss else "No customer costs money."
    names = whale.get("names", ())
    if len(names) > 1:
        caption += f" {names[0]} brings most" + (f", {names[-1]} costs most." if loss else ".")
    return caption


def _gap(gap: float, numbers: Numbers) -> str:
    """A gap in percent with enough decimals, rounded up: never shown smaller than it is."""
    decimals = next((digits for digits in (1, 2, 3) if gap >= 10.0 ** -(digits + 1)), 4)
    unit = 10.0 ** -(decimals + 2)
    return numbers.share(math.ceil(max(gap, 0.0) / unit - 1e-9) * unit, decimals)


def render(pages: PlanPages | StatementPages | VariancePages, *, rows: int = 25) -> str:
    """The report of a plan, a statement or a variance as one HTML page.

    The page is self-contained: style and pictures are inside it, there is no script, and its content security policy
    allows nothing to be loaded. All text from data is escaped.

    Parameters
    ----------
    pages
        Content of the page; missing parts are left out.
    rows
        Rows shown of a long table; tables of months are shown whole. The workbook has all rows.

    Returns
    -------
    str
        An HTML document.

    Raises
    ------
    InputError
        If ``rows`` is not positive, a table's columns differ in length, or the locale is unknown.
    """
    if rows < 1:
        raise InputError(f"at least one row of a table must be shown; found rows={rows}")
    numbers, style = Numbers(pages.locale), _style()
    if isinstance(pages, StatementPages):
        template, tables, content = "statement.html", pages.tables, _statement_content(pages, numbers)
    elif isinstance(pages, VariancePages):
        template, tables, content = "variance.html", pages.tables, _variance_content(pages, numbers)
    else:
        template, tables, content = "report.html", _plan_tables(pages), _plan_content(pages, numbers)
    return (
        _environment()
        .get_template(template)
        .render(
            pages=pages,
            policy=_policy(style),
            style=Fragment(style),
            tables={
                key: _view(table, numbers, max(len(table), 1) if key in _WHOLE or key.startswith("trace_") else rows)
                for key, table in tables.items()
            },
            **content,
        )
    )


_IN_THE_WORKBOOK = frozenset(
    (
        "certainty", "probability_below", "temperature_p10", "temperature_p90", "interest", "only_by_cost_that_stays",
        "white_space_p10", "white_space_p90",
    )
)  # fmt: skip
"""Columns of the customers that the page of a plan leaves out: their reason has what matters of them."""


def _plan_tables(pages: PlanPages) -> dict[str, Table]:
    """The tables of a plan's page, the customers from the largest loss on."""
    tables = dict(pages.tables)
    if "statement" in tables:
        statement = tables["statement"].ordered("contribution")
        shown = tuple(column for column in statement.columns if column.name not in _IN_THE_WORKBOOK)
        tables["statement"] = replace(statement, columns=shown)
    if "simulation" in tables:  # the chart has the quarters
        simulation = tables["simulation"]
        shown = tuple(column for column in simulation.columns if not column.name.endswith(("_p25", "_p75")))
        tables["simulation"] = replace(simulation, columns=shown)
    return tables


def _certainty(table: Table, numbers: Numbers) -> Fragment:
    """The chart of the level that is surely warm, undecided and surely cold."""
    levels = dict(zip(table.values["group"], table.values["revenue"], strict=True))
    kinds = {"surely warm": "heat", "undecided": "remediation", "surely cold": "cold"}
    return chart_images.amounts(levels, "Level of customers by certainty", numbers, kinds)


def _interest(table: Table, numbers: Numbers) -> Fragment:
    """The matrix of potential revenue and quality, each cell with its class."""
    columns = table.values
    places = list(zip(columns["potential_class"], columns["quality_class"], strict=True))
    return chart_images.cells(
        dict(zip(places, columns["customers"], strict=True)),
        ("ABC", "ABC"),
        ("Potential revenue", "Quality"),
        "Customers by potential revenue and quality, with the class of each cell",
        numbers,
        dict(zip(places, (f"{name}:" for name in columns["interest"]), strict=True)),
    )


def _migration(table: Table, numbers: Numbers) -> Fragment:
    """The customers by their segments before and after."""
    columns = table.values
    places = list(zip(columns["from_segment"], columns["to_segment"], strict=True))
    before, after = ([pair[k] for pair in places] for k in (0, 1))
    names = [name for name in dict.fromkeys([*before, *after]) if name not in (POURED_IN, GONE)]
    return chart_images.cells(
        dict(zip(places, columns["customers"], strict=True)),
        ([*names, *{POURED_IN}.intersection(before)], [*names, *{GONE}.intersection(after)]),
        ("From", "To"),
        "Customers by segment before and after",
        numbers,
    )


def _plan_content(pages: PlanPages, numbers: Numbers) -> dict[str, Any]:
    """What only the page of a plan has."""
    tables = pages.tables
    first, last = pages.buckets
    charts: dict[str, Fragment] = {
        "coaster": bucket_picture.picture(
            first if pages.without is None else pages.without,
            last,
            before=first,
            target=pages.target,
            title=pages.title,
            locale=pages.locale,
        )
    }
    if pages.whale is not None and len(pages.whale["cumulative"]):
        charts["whale"] = chart_images.whale(pages.whale, numbers)
    if "certainty" in tables:
        charts["certainty"] = _certainty(tables["certainty"], numbers)
    if "interest" in tables and len(tables["interest"]):
        charts["interest"] = _interest(tables["interest"], numbers)
    if "simulation" in tables:
        charts["fan"] = chart_images.fan(tables["simulation"], numbers)
    if "trajectory" in tables and len(tables["trajectory"]):
        charts["trajectory"] = chart_images.trajectory(tables["trajectory"], pages.target, numbers)
    if "agenda" in tables and len(tables["agenda"]):
        charts["agenda"] = chart_images.agenda(tables["agenda"], numbers)
    if "growth" in tables and len(tables["growth"]):
        charts["growth"] = chart_images.growth(tables["growth"], numbers)
    if pages.places is not None:
        charts["places"] = chart_images.places(pages.places)
    sources = tables["budget_heat"].cells if "budget_heat" in tables else {}
    if any(any(column) for name, column in sources.items() if name not in ("month", *USUAL, "total")):
        charts["budget"] = chart_images.budget(tables["budget_heat"], numbers)
    certificate = [
        (label, _gap(value, numbers) if share else numbers.amount(value, 0))
        for label, value, share in pages.certificate
    ]
    proof = ""
    if pages.gap is not None:
        more = max((pages.bound or 0.0) - (pages.value or 0.0), 0.0)
        heat = "discounted heat" if pages.discount_rate else "heat"
        beyond = (
            f"more than {numbers.amount(math.ceil(more), 0)} of {heat} beyond" if more > 0.005 else f"more {heat} than"
        )
        proof = f"No plan within the same limits has {beyond} this one. This is proven, not estimated."
    sections = [
        ("bucket", "The bucket"),
        ("rise", "Where the rise comes from"),
        ("floor", "Floor"),
        ("selection", "Selection"),
        ("remediation", "Remediation"),
        ("anchoring", "Anchoring"),
        ("growth", "Internal growth"),
        ("acquisition", "External growth"),
        ("overflow", "Overflow"),
        ("months", "Month by month"),
        ("simulation", "Simulation"),
        ("budget", "Budget"),
        ("proof", "Proof"),
        ("reconciliation", "Reconciliation"),
        ("assumptions", "Assumptions"),
    ]
    there = {
        "bucket": True,
        "selection": "statement" in tables or "whale" in charts,
        "remediation": "offers" in tables or bool(pages.terms),
        "anchoring": "agenda" in tables,
        "growth": "growth" in tables or "plans" in tables,
        "acquisition": "prospects" in tables or "white_spots" in tables,
        "overflow": "overflow" in tables,
        "rise": "contributions" in tables,
        "floor": bool({"floors", "group_floors", "relaxed"} & set(tables)),
        "months": "trajectory" in tables or "actions" in tables,
        "simulation": "simulation" in tables,
        "budget": "budget_level" in tables,
        "proof": "shadow_prices" in tables or "resources" in tables or bool(certificate),
        "reconciliation": "reconciliation" in tables,
        "assumptions": bool(pages.assumptions or pages.source or pages.notes),
    }
    return {
        "counts": COUNTS,
        "subtitle": " · ".join(part for part in (pages.subtitle, pages.horizon) if part),
        "sections": [(key, name) for key, name in sections if there[key]],
        "figures": _figures(pages, numbers),
        "proof": proof,
        "certificate": certificate,
        "charts": charts,
        "verdicts": [(name.capitalize(), numbers.amount(count, 0)) for name, count in pages.verdicts.items()],
        "has_band": "level_p10" in pages.trajectory if pages.trajectory is not None else False,
        **_whale_content(pages.whale, numbers),
    }


def _statement_content(pages: StatementPages, numbers: Numbers) -> dict[str, Any]:
    """What only the page of a statement has."""
    tables = pages.tables
    charts: dict[str, Fragment] = {}
    if pages.whale is not None:
        charts["whale"] = chart_images.whale(pages.whale, numbers)
    if "certainty" in tables:
        charts["certainty"] = _certainty(tables["certainty"], numbers)
    if "migration" in tables and len(tables["migration"]):
        charts["migration"] = _migration(tables["migration"], numbers)
    if "waterfall" in tables:
        charts["waterfall"] = chart_images.waterfall(tables["waterfall"], numbers)
    if "pools" in tables:
        charts["pools"] = chart_images.pools(tables["pools"], numbers)
    what = "Revenue" if pages.whale is None else "Contribution"
    for k, groups in enumerate(pages.groups):
        first = groups.dimensions[0]
        if first in [each.dimensions[0] for each in pages.groups[:k]]:
            continue  # its chart is there
        if first == "month":
            amounts = {numbers.month(name): amount for name, amount in groups.amounts.items()}
        else:
            amounts = dict(sorted(groups.amounts.items(), key=lambda pair: -pair[1]))
        charts[f"groups_{k}"] = chart_images.amounts(amounts, f"{what} by {first.replace('_', ' ')}", numbers)
    if "bridge" in tables:
        cells = tables["bridge"].cells
        steps = zip(cells["step"], cells["kind"], cells["amount"], strict=True)
        changes = {step: float(amount) for step, kind, amount in steps if kind == "change"}
        if changes:
            charts["bridge"] = chart_images.amounts(changes, "What changed the contribution", numbers)
    for k, bridged in enumerate(pages.bridges):
        if bridged.dimensions[0] in [each.dimensions[0] for each in pages.bridges[:k]]:
            continue  # its chart is there
        changes = dict(sorted(bridged.changes.items(), key=lambda pair: -pair[1]))
        what = f"Change of the contribution by {bridged.dimensions[0].replace('_', ' ')}"
        charts[f"bridge_{k}"] = chart_images.amounts(changes, what, numbers)
    sections = [
        ("figures", "The bucket", True),
        ("customers", "Customers", True),
        ("certainty", "How sure", "certainty" in tables),
        ("waterfall", "Price waterfall", "waterfall" in tables),
        ("pools", "Pools", "pools" in tables),
        ("groups", "Groups", bool(pages.groups)),
        ("migration", "Who moved", "migration" in tables),
        ("bridge", "What changed", bool(pages.bridges)),
        ("traces", "Traces", bool(pages.traces)),
        ("reconciliation", "Reconciliation", True),
    ]
    return {
        "subtitle": pages.period,
        "sections": [(key, name) for key, name, there in sections if there],
        "figures": [
            (label, numbers.share(value) if share else numbers.compact(value)) for label, value, share in pages.figures
        ],
        "charts": charts,
        **_whale_content(pages.whale, numbers),
    }


def _variance_content(pages: VariancePages, numbers: Numbers) -> dict[str, Any]:
    """What only the page of a variance has."""
    charts = {"causes": chart_images.waterfall(pages.steps, numbers, "Causes of the difference, one upon the other")}
    for key, table in pages.tables.items():
        if key == "causes" or table.columns[1].name != "planned" or "judgement" in table.cells:
            continue  # its amounts are no contributions, or it has no single name per row
        named = {numbers.month(name): amount for name, amount in pages.differences(key).items()}
        if any(named.values()):
            charts[key] = chart_images.amounts(named, f"Difference, {table.title.lower()}", numbers)
    figures = {"Planned": pages.planned, "Difference": pages.actual - pages.planned, "Actual": pages.actual}
    return {
        "subtitle": pages.period,
        "sections": [(key, table.title) for key, table in pages.tables.items()],
        "figures": [(label, numbers.compact(value)) for label, value in figures.items()],
        "charts": charts,
    }


def write(file: str | os.PathLike[str], pages: PlanPages | StatementPages | VariancePages, *, rows: int = 25) -> None:
    """Write the report to a file, whole or not at all.

    Parameters
    ----------
    file
        Path of the file.
    pages, rows
        As for :func:`render`.

    Raises
    ------
    ValueError
        As :func:`render`.
    OSError
        If the file cannot be written.
    """
    from custfolio.report.whole_file import write_whole

    write_whole(file, render(pages, rows=rows))
