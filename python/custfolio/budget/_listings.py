# The tables of a budget and their charts: totals, bands, pivots, versions side by side, and waterfalls.
"""Tables of a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custfolio._tables.result import Listing

__all__ = ["Bands", "Pivot", "SideBySide", "Totals", "source_waterfall", "waterfall"]


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
    """P10, P50 and P90 of groups of budget lines, each from the distribution of the group's own sum."""

    _heading = "The budget with its chances"

    def __init__(self, columns: Mapping[str, Any], by: Sequence[str], measure: str, library: str | None) -> None:
        super().__init__(columns, library)
        self.by = list(by)
        """Names that the lines are grouped by."""
        self.measure = measure
        """The level, the heat, or an account."""

    def plain_columns(self) -> dict[str, list[Any]]:
        """Return the columns as lists, for a file; a quantile that is not known is None."""
        return {
            name: list(v) if name in self.by else [None if x != x else x for x in np.asarray(v).tolist()]
            for name, v in self._entries.items()
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        figures = ("expected", "p10", "p50", "p90")
        rows = [
            {"cell": " / ".join(map(str, row[: len(self.by)])) or "all"}
            | {name: None if x != x else float(x) for name, x in zip(figures, row[len(self.by) :], strict=True)}
            for row in zip(*(self._entries[name] for name in (*self.by, *figures)), strict=True)
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


class SideBySide(Listing):
    """Budgets beside each other, and the changes from the first."""

    _heading = "Side by side"

    def __init__(
        self, columns: Mapping[str, Any], by: Sequence[str], names: Sequence[str], library: str | None
    ) -> None:
        super().__init__(columns, library)
        self._by, self._names = list(by), list(names)

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        labels = [" / ".join(row) for row in zip(*(self._entries[name] for name in self._by), strict=True)]
        rows = [
            {"cell": label, "version": name, "amount": float(self._entries[name][k])}
            for k, label in enumerate(labels or ["all"])
            for name in self._names
        ]
        chart = alt.Chart(alt.Data(values=rows)).mark_bar()
        return chart.encode(
            x=alt.X("cell:N", title=None, sort=None),
            xOffset=alt.XOffset("version:N", sort=None),
            y=alt.Y("amount:Q", title="Amount", axis=alt.Axis(format="~s")),
            color=alt.Color("version:N", title=None, sort=None),
        ).properties(**options)


def source_waterfall(heat_of: Mapping[str, float], total: float, currency: str, **options: Any) -> Any:
    """Draw the heat of each source on top of the one before, up to the total."""
    import altair as alt

    rows, at = [], 0.0
    for name, heat in heat_of.items():
        rows.append(
            {"source": name, "from": at, "to": at + heat, "heat": heat, "kind": "more" if heat >= 0 else "less"}
        )
        at += heat
    rows.append({"source": "total", "from": 0.0, "to": total, "heat": total, "kind": "total"})
    y = alt.Y("from:Q", title=f"Heat, {currency}", axis=alt.Axis(format="~s"))
    tips = ["source:N", alt.Tooltip("heat:Q", format=",.2f")]
    return waterfall(rows, "source", y).encode(tooltip=tips).properties(**{"width": 420, "height": 240, **options})


def waterfall(rows: Sequence[Mapping[str, Any]], label: str, y: Any) -> Any:
    """Draw steps from one total to another: rows with from, to and kind (more, less or total), labelled by a column."""
    import altair as alt

    colours = alt.Scale(domain=["more", "less", "total"], range=["#4c8c6b", "#b5523b", "#2b3a42"])
    chart = alt.Chart(alt.Data(values=list(rows))).mark_bar()
    return chart.encode(
        x=alt.X(f"{label}:N", title=None, sort=[row[label] for row in rows], axis=alt.Axis(labelAngle=0)),
        y=y,
        y2="to:Q",
        color=alt.Color("kind:N", title=None, scale=colours),
    )
