# What the baseline says: level and heat by customer and month, the company with its band, and by which method and why.
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
from custfolio.lifetime._evaporation import Matrix
from custfolio.lifetime._level_band import Z90, Band
from custfolio.lifetime._level_forecast import METHODS, Forecast
from custfolio.portfolio import Portfolio

__all__ = ["Baseline"]


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
        return (
            alt.Chart(alt.Data(values=values))
            .mark_bar()
            .encode(x=alt.X("x:O", title=self._x), y=alt.Y("y:Q", title=self._y))
            .properties(**options)
        )


class Baseline(Result):
    """What every customer is expected to bring in each month without any action. Made by :func:`baseline`.

    As a table: one row a customer and month.

    ``plot`` draws the company's level: its history, what is expected, and the band from P10 to P90.

    Attributes
    ----------
    level, heat, variance : array of float, shape (customers, months)
        Expected net revenue and contribution, currency; variance of the level.
    """

    def __init__(
        self,
        portfolio: Portfolio,
        start: int,
        found: Forecast,
        temperature: Mapping[str, Any],
        band: Band,
        history: tuple[list[str], NDArray[np.float64]],
    ) -> None:
        self.portfolio = portfolio
        """The customers, in the order of the rows."""
        self._library = portfolio._library
        self._start = start
        self._found = found
        self._warmth = temperature
        self._band = band
        self._history = history
        self.level: Matrix = found.level
        self.heat: Matrix = found.level * temperature["expected"][:, None] if found.heat is None else found.heat
        self.variance: Matrix = found.variance
        self.months: int = self.level.shape[1]
        """Number of months."""
        total = self.level.sum(axis=0)
        deviation = np.abs(total) * (band.quantiles[2] - band.quantiles[0]) / (2.0 * Z90)
        warmth = self.heat.sum(axis=0) / np.where(total == 0, 1.0, total)
        own = (self.level**2 * np.nan_to_num(temperature["variance"])[:, None]).sum(axis=0)
        known = np.isfinite(deviation).all()
        self._deviation = deviation
        self._core = _core.Baseline(
            start,
            self.level,
            self.heat,
            self.variance,
            deviation if known else None,
            np.sqrt((warmth * deviation) ** 2 + own) if known else None,
            notes=found.notes,
        )

    @property
    def notes(self) -> list[str]:
        """What is worth knowing about how it was made."""
        return self._core.notes

    def _month_texts(self) -> list[str]:
        return [month_text(self._start + k) for k in range(self.months)]

    @cached_property
    def company(self) -> Listing:
        """The whole bucket per month: level, heat, temperature, and P10, P50 and P90 of the level.

        The band holds the errors that the company's own level had in the last year, seen from earlier origins; NaN where there was too
        little history for any.
        """
        level, heat = self.level.sum(axis=0), self.heat.sum(axis=0)
        errors = self._band.quantiles
        columns = {
            "month": self._month_texts(),
            "level": level,
            "heat": heat,
            "temperature": _core.temperature_of(level, heat),
            **{name: level + np.abs(level) * error for name, error in zip(("p10", "p50", "p90"), errors, strict=True)},
        }
        return _Table("Baseline of the company", columns, self._library, "month", "level")

    @cached_property
    def customers(self) -> Listing:
        """Per customer: method and why, origins compared, scaled errors, and the temperature observed and expected."""
        found, warmth = self._found, self._warmth
        columns = {
            "customer_id": list(self.portfolio.core.id),
            "method": found.method,
            "why": found.why,
            "origins": found.origins,
            **{f"error_{name}": found.error[:, k] for k, name in enumerate(METHODS)},
            "observed_temperature": warmth["observed"],
            "temperature": warmth["expected"],
            "own_weight": warmth["weight"],
        }
        return _Table("Methods", columns, self._library, "customer_id", "temperature")

    @cached_property
    def backtest(self) -> Listing:
        """The company's level at earlier origins, by months ahead: number of origins, bias and root mean squared error, as shares."""
        band = self._band
        columns = {
            "months_ahead": np.arange(1, len(band.origins) + 1),
            "origins": band.origins,
            "bias": band.bias,
            "error": band.error,
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
        methods = sorted(set(self._found.method))
        return {
            "months": f"{months[0]} to {months[-1]}",
            "level": float(self.level.sum()),
            "heat": float(self.heat.sum()),
            **{f"by {name}": self._found.method.count(name) for name in methods},
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        company = self.company.columns()
        shown = [("history", *pair) for pair in zip(*self._history, strict=True)]
        # The last month known is where what is expected begins.
        shown += [("expected", *pair[1:]) for pair in shown[-1:]]
        shown += [("expected", *pair) for pair in zip(company["month"], company["level"], strict=True)]
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
        if np.isfinite(self._deviation).all():
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
