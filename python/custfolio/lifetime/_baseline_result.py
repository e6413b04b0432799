# The result of a baseline: tables by customer and month, of the company with its band, and of methods.
"""The result of a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._tables.dates import month_text
from custfolio._tables.frames import make_frame
from custfolio._tables.result import Listing, Result
from custfolio.portfolio import Portfolio

__all__ = ["METHODS", "Baseline"]

METHODS = ("seasonal_naive", "drift", "holt_winters")
"""Methods for regular customers, the simplest first."""

Matrix = NDArray[np.float64]


class _Table(Listing):
    """One table of a baseline."""

    def __init__(self, title: str, columns: Mapping[str, Any], library: str | None, x: str, y: str) -> None:
        super().__init__(columns, library)
        self._heading = title
        self._x, self._y = x, y

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        values = [
            {"x": str(x), "y": None if y is None or y != y else y}
            for x, y in zip(list(self._entries[self._x]), list(self._entries[self._y]), strict=True)
        ]
        across, up = (name.replace("_", " ").capitalize() for name in (self._x, self._y))
        return (
            alt.Chart(alt.Data(values=values))
            .mark_bar()
            .encode(x=alt.X("x:O", title=across), y=alt.Y("y:Q", title=up))
            .properties(**options)
        )


class Baseline(Result):
    """Expected level and heat of every customer and month without any action. Made by :func:`baseline`.

    As a table: one row a customer and month.

    ``plot`` draws the company's level: its history, its forecast with new business, and the band from P10 to P90.

    Attributes
    ----------
    level, heat, variance : array of float, shape (customers, months)
        Expected net revenue and contribution, currency; variance of the level.
    """

    def __init__(self, portfolio: Portfolio, core: _core.Baseline) -> None:
        self.portfolio = portfolio
        """The customers, in the order of the rows."""
        self._library = portfolio.library
        self.core = core
        """The baseline as an object of the core, for other modules."""
        self.level: Matrix = core.level
        self.heat: Matrix = core.heat
        self.variance: Matrix = core.variance
        self.months: int = self.level.shape[1]
        """Number of months."""

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the baseline."""
        return self.core.identity

    @property
    def notes(self) -> list[str]:
        """Facts about how it was made."""
        return self.core.notes

    def _month_texts(self) -> list[str]:
        return [month_text(self.core.start + k) for k in range(self.months)]

    @cached_property
    def company(self) -> Listing:
        """The whole bucket per month: level, heat, temperature, and P10, P50 and P90 of the level with new business.

        The band follows from the joint error, so a plan without actions and a budget have the same band. It is NaN without enough history.

        New business as usual stands apart, where the history has twelve months: `newcomers` is the expected net revenue of customers that do
        not exist yet and of earlier customers that come back (`returning` is the part of these), `newcomers_heat` their contribution,
        `newcomers_deviation` and `newcomers_heat_deviation` their standard deviations, and `arrivals` the expected number of first purchases.
        """
        columns = {"month": self._month_texts(), **self.core.company}
        return _Table("Baseline of the company", columns, self._library, "month", "level")

    @cached_property
    def customers(self) -> Listing:
        """Per customer: method and why, origins compared, scaled errors, and the temperature observed and expected."""
        customers = self.core.customers
        error = customers.pop("error")
        columns = {
            "customer_id": list(self.portfolio.core.id),
            **{name: customers[name] for name in ("method", "why", "origins")},
            **{f"error_{name}": error[:, k] for k, name in enumerate(METHODS)},
            **{name: customers[name] for name in ("observed_temperature", "temperature", "own_weight")},
        }
        return _Table("Methods", columns, self._library, "customer_id", "temperature")

    @cached_property
    def joint_error(self) -> Listing:
        """The error that all customers share per month, as a share of a level, and its correlation between two months; empty if not known.

        What a customer's `variance` has beyond it is the customer's own. `own_correlation` is that of two months of a customer's own error.
        """
        common, correlation, own_correlation = self.core.joint
        columns = {
            "month": self._month_texts()[: len(common)],
            "common": common,
            "correlation": np.full(len(common), correlation),
            "own_correlation": np.full(len(common), own_correlation),
        }
        return _Table("Joint error", columns, self._library, "month", "common")

    @cached_property
    def backtest(self) -> Listing:
        """The company's level at earlier origins, by months ahead: number of origins, bias and root mean squared error, as shares."""
        band = self.core.band
        columns = {
            "months_ahead": np.arange(1, len(band["origins"]) + 1),
            "origins": band["origins"],
            "bias": band["bias"],
            "error": band["error"],
        }
        return _Table("Backtest of the company", columns, self._library, "months_ahead", "error")

    def _columns(self) -> Mapping[str, Any]:
        count = len(self.portfolio)
        return {
            "customer_id": np.repeat(np.asarray(self.portfolio.core.id, dtype=object), self.months),
            "month": self._month_texts() * count,
            "level": self.level.ravel(),
            "heat": self.heat.ravel(),
            "variance": self.variance.ravel(),
        }

    def to_frame(self, library: str | None = None, *, wide: bool = False) -> Any:
        """Return the table as a frame.

        Parameters
        ----------
        library : str, optional
            As for every result.
        wide : bool
            One row a customer and one column of level a month, instead of one row a customer and month.

        Returns
        -------
        frame
            customer_id, month, level, heat, variance; or customer_id and the months.
        """
        if not wide:
            return super().to_frame(library)
        columns: dict[str, Any] = {"customer_id": list(self.portfolio.core.id)}
        columns |= {month: self.level[:, k] for k, month in enumerate(self._month_texts())}
        return make_frame(columns, library or self._library)

    def _facts(self) -> Mapping[str, Any]:
        months = self._month_texts()
        used = self.core.customers["method"]
        company = self.core.company
        new = float(np.sum(company.get("newcomers", 0.0)))
        return {
            "months": f"{months[0]} to {months[-1]}",
            "level": float(self.level.sum()),
            "heat": float(self.heat.sum()),
            **({"level with new business": float(self.level.sum()) + new} if new else {}),
            **{f"by {name}": used.count(name) for name in sorted(set(used))},
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        company = self.company.columns()
        begin, amounts = self.core.history
        shown = [("history", month_text(begin + k), amount) for k, amount in enumerate(amounts)]
        # The line of the forecast begins at the last known month.
        shown += [("expected", *pair[1:]) for pair in shown[-1:]]
        level = company["level"] + company.get("newcomers", 0.0)
        shown += [("expected", *pair) for pair in zip(company["month"], level, strict=True)]
        lines = [{"series": series, "month": f"{month}-01", "level": float(level)} for series, month, level in shown]
        band = [
            {"month": f"{month}-01", "p10": float(low), "p90": float(high)}
            for month, low, high in zip(*(company[name] for name in ("month", "p10", "p90")), strict=True)
        ]
        x = alt.X("month:T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True))
        amount = alt.Axis(format="~s")
        scale = alt.Scale(domain=["history", "expected"], range=["#3a454b", "#c9613a"])
        dash = alt.Scale(domain=["history", "expected"], range=[[1, 0], [6, 3]])
        layers = []
        if np.isfinite(company["p10"]).all():
            area = alt.Chart(alt.Data(values=band)).mark_area(opacity=0.2, color="#c9613a")
            layers.append(
                area.encode(
                    x=x,
                    y=alt.Y("p10:Q", title="Level", axis=amount),
                    y2="p90:Q",
                    tooltip=["month:T", alt.Tooltip("p10:Q", format=",.0f"), alt.Tooltip("p90:Q", format=",.0f")],
                )
            )
        layers.append(
            alt.Chart(alt.Data(values=lines))
            .mark_line()
            .encode(
                x=x,
                y=alt.Y("level:Q", title="Level", axis=amount),
                color=alt.Color("series:N", title=None, scale=scale),
                strokeDash=alt.StrokeDash("series:N", title=None, scale=dash),
                tooltip=["month:T", "series:N", alt.Tooltip("level:Q", format=",.0f")],
            )
        )
        return alt.layer(*layers).properties(**options)
