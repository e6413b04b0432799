# What a budget shows: totals, bands and pivots, how they are computed and drawn, and waterfalls.
"""Tables of a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from custfolio import _core
from custfolio._tables.result import Listing
from custfolio.budget._chances import Chances
from custfolio.budget._rounded import LEVEL_HEAT, TIMES
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.budget._budget import Budget

__all__ = ["Bands", "Pivot", "Totals", "bands_of", "pivot_of", "source_waterfall", "totals_of", "waterfall"]


class Totals(Listing):
    """Totals of a budget's lines: each the sum of its rounded lines."""

    _heading = "Totals of the budget"

    def __init__(self, columns: Mapping[str, Any], by: Sequence[str], library: str | None) -> None:
        super().__init__(columns, library)
        self._by = list(by)

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        figure = "amount" if "amount" in self._entries else "heat"
        names = [*self._by, figure]
        rows = [
            {name: (float(v) if name == figure else str(v)) for name, v in zip(names, row, strict=True)}
            for row in zip(*(self._entries[name] for name in names), strict=True)
        ]
        for row in rows:
            row["group"] = " / ".join(str(row[name]) for name in self._by) or "all"
        chart = alt.Chart(alt.Data(values=rows)).mark_bar()
        return chart.encode(
            x=alt.X("group:N", title=None, sort=None), y=alt.Y(f"{figure}:Q", title=figure.capitalize())
        ).properties(**options)


class Bands(Listing):
    """P10, P50 and P90 of a budget's cells, each from the cell's own distribution."""

    _heading = "The budget with its chances"

    def __init__(self, columns: Mapping[str, Any], by: Sequence[str], measure: str, library: str | None) -> None:
        super().__init__(columns, library)
        self._by = list(by)
        self.measure = measure
        """What the amounts are: the level, the heat, or an account."""

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        figures = ("expected", "p10", "p50", "p90")
        rows = [
            {"cell": " / ".join(map(str, row[: len(self._by)])) or "all"}
            | dict(zip(figures, map(float, row[len(self._by) :]), strict=True))
            for row in zip(*(self._entries[name] for name in (*self._by, *figures)), strict=True)
        ]
        base = alt.Chart(alt.Data(values=rows)).encode(x=alt.X("cell:N", title=None, sort=None))
        band = base.mark_bar(opacity=0.35, color="#1f77b4").encode(
            y=alt.Y("p10:Q", title=self.measure.capitalize()), y2="p90:Q"
        )
        tips = ["cell:N", *(alt.Tooltip(f"{name}:Q", format=",.0f") for name in figures)]
        dots = base.mark_point(filled=True, size=60, color="#1f77b4").encode(y="expected:Q", tooltip=tips)
        middle = base.mark_tick(color="#333333").encode(y="p50:Q")
        return alt.layer(band, middle, dots).properties(**options)


class Pivot(Listing):
    """A budget with one column a month."""

    _heading = "The budget by columns"

    def __init__(self, columns: Mapping[str, Any], by: Sequence[str], library: str | None) -> None:
        super().__init__(columns, library)
        self._by = list(by)

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        heads = [name for name in self._entries if name not in self._by and name != "total"]
        labels = [" / ".join(row) for row in zip(*(self._entries[name] for name in self._by), strict=True)]
        rows = [
            {"row": label, "column": head, "amount": float(self._entries[head][k])}
            for k, label in enumerate(labels or ["all"])
            for head in heads
        ]
        chart = alt.Chart(alt.Data(values=rows)).mark_rect()
        return chart.encode(
            x=alt.X("column:O", title=None),
            y=alt.Y("row:N", title=None, sort=None),
            color=alt.Color("amount:Q", title="Amount", scale=alt.Scale(scheme="redblue", domainMid=0)),
            tooltip=["row:N", "column:O", alt.Tooltip("amount:Q", format=",.2f")],
        ).properties(**options)


def totals_of(budget: Budget, by: str | Sequence[str]) -> Totals:
    """Add up the lines; see :meth:`Budget.totals`."""
    names = [by] if isinstance(by, str) else list(by)
    texts, group, rows, units = budget._grouped(names)
    count = len(texts[0]) if texts else 1
    columns: dict[str, Any] = dict(zip(names, texts, strict=True))
    if "account" in names:
        columns["amount"] = budget._money(budget._sums(group, units, count))
    else:
        for which, name in enumerate(LEVEL_HEAT):
            signed = units * budget._signs(rows, which)
            columns[name] = budget._money(budget._sums(group, signed, count if rows.size else 0))
            if not names and not rows.size:
                columns[name] = np.zeros(1)
        columns["temperature"] = _core.temperature_of(columns["level"], columns["heat"])
    return Totals(columns, names, budget.library)


def pivot_of(budget: Budget, rows: str | Sequence[str], columns: str, measure: str) -> Pivot:
    """Set totals out in columns; see :meth:`Budget.pivot`."""
    names = [rows] if isinstance(rows, str) else list(rows)
    measured, figure = budget._of_measure(measure)
    found = measured.totals([*names, columns])._entries
    figure = "amount" if "account" in (*names, columns) else figure
    heads = sorted(set(found[columns])) if columns in TIMES else list(dict.fromkeys(found[columns]))
    keys = list(dict.fromkeys(zip(*(found[name] for name in names), strict=True))) if names else [()]
    place = {key: k for k, key in enumerate(keys)}
    column = {head: k for k, head in enumerate(heads)}
    table = np.zeros((len(keys), len(heads)))
    units = budget._whole(found[figure])
    all_names = zip(*(found[name] for name in names), strict=True) if names else [()] * len(units)
    for key, head, amount in zip(all_names, found[columns], units.tolist(), strict=True):
        table[place[key], column[head]] = amount
    result: dict[str, Any] = {name: [key[k] for key in keys] for k, name in enumerate(names)}
    for k, head in enumerate(heads):  # a customer may be called "total"
        result[f"{head} ({columns})" if head in (*names, "total") else head] = budget._money(table[:, k])
    result["total"] = budget._money(table.sum(axis=1))
    return Pivot(result, names, budget.library)


def bands_of(budget: Budget, by: str | Sequence[str], measure: str, quantiles: Sequence[float]) -> Bands:
    """Find quantiles of cells; see :meth:`Budget.bands`."""
    names = [by] if isinstance(by, str) else list(by)
    chosen = [float(q) for q in quantiles]
    if not all(0 < q < 1 for q in chosen) or sorted(chosen) != chosen:
        raise InputError(f"quantiles are {chosen}; they must ascend and lie between 0 and 1")
    measured, figure = budget._of_measure(measure)
    texts, group, rows, units = measured._grouped(names)
    count = len(texts[0]) if texts else 1
    signs = measured._signs(rows, LEVEL_HEAT.index(figure))
    days = measured._periods["share"] if measured._in_weeks(names) else np.ones(rows.size)
    columns: dict[str, Any] = dict(zip(names, texts, strict=True))
    columns["expected"] = measured._money(measured._sums(group, units * signs, count))
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(count + 1))
    heads = [f"p{100 * q:g}" for q in chosen]
    values = np.empty((count, len(chosen)))
    for k in range(count):
        own = order[ends[k] : ends[k + 1]]
        values[k] = Chances.of(measured, rows[own], signs[own], days[own]).quantiles(chosen)
    columns |= {head: values[:, k] for k, head in enumerate(heads)}
    return Bands(columns, names, measure, budget.library)


def source_waterfall(budget: Budget, first: Sequence[str], **options: Any) -> Any:
    """Draw the heat of one source upon the other up to the total, those of `first` first."""
    import altair as alt

    found = budget.totals("source")._entries
    names = list(found["source"])
    order = [name for name in first if name in names] + [name for name in names if name not in first]
    rows, at = [], 0.0
    for name in order:
        heat = float(found["heat"][names.index(name)])
        rows.append(
            {"source": name, "from": at, "to": at + heat, "heat": heat, "kind": "more" if heat >= 0 else "less"}
        )
        at += heat
    heat = budget.total[1]
    rows.append({"source": "total", "from": 0.0, "to": heat, "heat": heat, "kind": "total"})
    y = alt.Y("from:Q", title=f"Heat, {budget.currency}", axis=alt.Axis(format="~s"))
    tips = ["source:N", alt.Tooltip("heat:Q", format=",.2f")]
    return waterfall(rows, "source", y).encode(tooltip=tips).properties(**{"width": 420, "height": 240, **options})


def waterfall(rows: Sequence[Mapping[str, Any]], what: str, y: Any) -> Any:
    """Draw steps from one total to another: rows with from, to and kind (more, less or total), named by column `what`."""
    import altair as alt

    colours = alt.Scale(domain=["more", "less", "total"], range=["#4c8c6b", "#b5523b", "#2b3a42"])
    chart = alt.Chart(alt.Data(values=list(rows))).mark_bar()
    return chart.encode(
        x=alt.X(f"{what}:N", title=None, sort=[row[what] for row in rows], axis=alt.Axis(labelAngle=0)),
        y=y,
        y2="to:Q",
        color=alt.Color("kind:N", title=None, scale=colours),
    )
