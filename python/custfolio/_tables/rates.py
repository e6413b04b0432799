# Rates of exchange, read from a mapping or a frame.
"""What a unit of a currency is worth, by month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.dates import month_text
from custfolio._tables.frames import TableLike, arrow_columns, months_of, require_columns
from custfolio.errors import InputError

__all__ = ["Rates"]


@checked
class Rates:
    """What one unit of a currency is worth in the reporting currency, by month. Reads a mapping or a frame.

    Parameters
    ----------
    rates : mapping of str to float, or frame
        One rate a currency for all months, or a frame with columns month, currency and rate.
    reporting : str
        Code of the reporting currency, whose own rate is 1.
    """

    def __init__(self, rates: Mapping[str, float] | TableLike | Rates | None, reporting: str) -> None:
        self.reporting = reporting
        self.core = _core.ExchangeRates(reporting)
        if rates is None:
            return
        if isinstance(rates, Rates):
            self._copy(rates.core)
            return
        if isinstance(rates, Mapping) and "rate" not in rates:
            for code, rate in rates.items():
                self.core.set(str(code), self._checked(code, rate, f"currency {code}"))
            return
        table = arrow_columns(cast("TableLike", rates), "rates")
        require_columns(table, ("month", "currency", "rate"), "the rates; they have")
        months = months_of(table["month"], "rates, column 'month'").tolist()
        monthly = set()
        for row, (month, code, rate) in enumerate(
            zip(months, table["currency"].to_pylist(), table["rate"].to_pylist(), strict=True), 1
        ):
            key = (month, str(code))
            if key in monthly:
                raise InputError(f"rates, row {row}: {code} has two rates in {month_text(key[0])}")
            monthly.add(key)
            self.core.set(str(code), self._checked(code, rate, f"rates, row {row}"), month)

    def _copy(self, rates: _core.ExchangeRates) -> None:
        for code, rate in rates.always.items():
            if code != self.reporting:
                self.core.set(code, rate)
        for (month, code), rate in rates.monthly.items():
            self.core.set(code, rate, month)

    def _checked(self, code: Any, rate: Any, where: str) -> float:
        number = _rate(rate, where)
        if str(code) == self.reporting and number != 1:
            raise InputError(
                f"{where}: rate is {rate!r}, and {code} is the reporting currency, whose rate is 1; give what one unit of each other currency "
                "is worth in it"
            )
        return number


def _rate(rate: Any, where: str) -> float:
    try:
        number = float(rate)
    except (TypeError, ValueError):
        number = math.nan
    if not (number > 0 and math.isfinite(number)):
        raise InputError(f"{where}: rate is {rate!r}; it must be above 0")
    return number
