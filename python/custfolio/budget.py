# The budget: level and heat per month and source, in whole cents that add up.
"""Budget lines from any source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custfolio import _core
from custfolio._days import month_index, month_text
from custfolio._result import Result

__all__ = ["Budget"]


class Budget(Result):
    """Level and heat by month and source, rounded to the currency's unit so that all totals add up exactly.

    Sources are baseline, remediation, growth, acquisition and overflow (whose level is negative).
    """

    def __init__(self, core: _core.Budget, library: str | None = None) -> None:
        self._core = core
        self._library = library

    @property
    def total(self) -> tuple[float, float]:
        """Level and heat of all lines, currency."""
        return self._core.total

    def month_total(self, month: Any) -> tuple[float, float]:
        """Level and heat of a month.

        Parameters
        ----------
        month : str or date
            "2022-01".

        Returns
        -------
        (float, float)
            Level and heat, currency: the sums of the month's lines.

        Raises
        ------
        InputError
            If it is no month.
        """
        return self._core.month_total(month_index(month, "month"))

    def source_total(self, source: str) -> tuple[float, float]:
        """Level and heat of a source.

        Parameters
        ----------
        source : {"baseline", "remediation", "growth", "acquisition", "overflow"}
            The source.

        Returns
        -------
        (float, float)
            Level and heat, currency: the sums of the source's lines.

        Raises
        ------
        InputError
            If there is no such source.
        """
        return self._core.source_total(source)

    def _columns(self) -> Mapping[str, Any]:
        lines = self._core.lines
        return {**lines, "month": [month_text(month) for month in lines["month"]]}

    def _facts(self) -> Mapping[str, Any]:
        level, heat = self.total
        return {"level": level, "heat": heat}

    def plot(self, **options: Any) -> Any:
        """Draw the heat by month and source.

        Parameters
        ----------
        **options
            As for :func:`custfolio.plots.budget`.

        Returns
        -------
        altair.Chart
            The chart.
        """
        from custfolio import plots

        columns = self._columns()
        return plots.budget(columns["month"], columns["source"], columns["heat"], **options)
