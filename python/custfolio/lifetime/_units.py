# Horizons and discount rates as people write them, in the unit of time of a model.
"""Read horizons ("52 weeks") and discount rates ("10 % a year")."""

from __future__ import annotations

import math
import re
from typing import Any

from custfolio.errors import InputError

__all__ = ["DAYS_PER", "continuous_rate", "days_per", "horizon_in", "one_unit", "periods_in", "rate_per_period"]

DAYS_PER = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "quarter": 365.25 / 4.0, "year": 365.25}
"""Days of each unit of time; a year has 365.25, a month is a twelfth of it."""

_NUMBER = r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_RATE = re.compile(rf"\s*{_NUMBER}\s*(%?)\s*(?:(?:a|an|per|/)\s*)?([a-z]*)\s*", re.IGNORECASE)
_SPAN = re.compile(rf"\s*{_NUMBER}\s*([a-z]+)\s*", re.IGNORECASE)
_ADJECTIVES = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}


def days_per(unit: Any, what: str = "time unit") -> float:
    """Return the days of a unit of time, named in singular or plural."""
    name = str(unit).strip().lower()
    name = _ADJECTIVES.get(name, {"annum": "year", "annually": "year"}.get(name, name))
    if name not in DAYS_PER and name.endswith("s"):
        name = name[:-1]
    if name not in DAYS_PER:
        raise InputError(f"{what} is {unit!r}; it must be {', '.join(DAYS_PER)}")
    return DAYS_PER[name]


def one_unit(given: str | None, data: str | None, fitted: str | None) -> str | None:
    """Return the unit of time of a prediction: the argument, else that of the data, else that of the fitted model.

    Those that are known must agree.
    """
    named = {"time_unit": given, "the summary": data, "the fitted model": fitted}
    known = {who: unit for who, unit in named.items() if unit is not None}
    days = {who: days_per(unit) for who, unit in known.items()}
    if len(set(days.values())) > 1:
        units = ", ".join(f"{who} has the unit {unit!r}" for who, unit in known.items())
        raise InputError(f"{units}; they must agree, such as summary(ledger, time_unit={list(known.values())[-1]!r})")
    return next(iter(known.values()), None)


def horizon_in(horizon: float | str, time_unit: str) -> float:
    """Return a horizon in units of time; a bare number is such already."""
    if isinstance(horizon, str):
        match = _SPAN.fullmatch(horizon)
        if match is None:
            raise InputError(f'horizon is {horizon!r}; write a number and a unit, such as "52 weeks" or "12 months"')
        value = float(match[1]) * days_per(match[2], "unit of the horizon") / days_per(time_unit)
    else:
        try:
            value = float(horizon)
        except (OverflowError, TypeError, ValueError):
            raise InputError(
                f'horizon is {horizon!r}; it must be a number of {time_unit}s or text like "52 weeks"'
            ) from None
    if not 0.0 < value < math.inf:
        raise InputError(f"horizon is {horizon!r}; it must be finite and above 0")
    return value


def periods_in(horizon: float | str, time_unit: str | None) -> float:
    """Return a horizon as a whole number of periods; `time_unit` is the length of one, None if unknown."""
    if isinstance(horizon, str) and time_unit is None:
        raise InputError(
            f"horizon is {horizon!r}, but the length of a period is unknown; pass time_unit, such as 'month'"
        )
    value = horizon_in(horizon, time_unit or "period")
    if abs(value - round(value)) > 1e-9 * value:
        raise InputError(
            f"horizon is {horizon!r}, {value:g} {time_unit or 'period'}s; it must be a whole number of them"
        )
    return float(round(value))


def _rate_and_period(rate: Any) -> tuple[float, str]:
    """Return a discount rate as a fraction and the period that it is for; of a bare number a year."""
    period: Any = "year"
    value: Any = rate
    if isinstance(rate, (tuple, list)):
        if len(rate) != 2:
            raise InputError(f'discount rate is {rate!r}; a pair must be a rate and a period, such as (0.10, "year")')
        value, period = rate
    if isinstance(value, str):
        match = _RATE.fullmatch(value)
        if match is None or (isinstance(rate, str) and not match[3]) or (match[3] and not isinstance(rate, str)):
            raise InputError(f'discount rate is {rate!r}; write a rate and its period, such as "10 % a year"')
        value = float(match[1]) / (100.0 if match[2] else 1.0)
        period = match[3] or period
    try:
        value = float(value)
    except (OverflowError, TypeError, ValueError):
        raise InputError(f'discount rate is {rate!r}; write "10 % a year", or 0.10 for a fraction a year') from None
    if not 0.0 <= value < 1.0:
        raise InputError(
            f"discount rate is {rate!r}; it must be a fraction from 0 to below 1 a period"
            + (f'; {value:g} % is "{value:g} % a year"' if 1.0 <= value <= 100.0 else "")
        )
    return value, str(period)


def continuous_rate(rate: Any, time_unit: str) -> float:
    """Return the continuous rate per unit of time that discounts as much as `rate`: ln(1 + rate) / units in its period.

    A bare number is a fraction a year; a pair is a rate and its period.
    """
    value, period = _rate_and_period(rate)
    return math.log1p(value) * days_per(time_unit) / days_per(period, "period of the discount rate")


def rate_per_period(rate: Any, time_unit: str | None) -> float:
    """Return the rate per period that discounts as much as `rate`; `time_unit` is the length of a period, None where unknown.

    A bare number is a fraction a year, ``"1 % a period"`` a rate of the periods themselves, however long they are.
    """
    value, period = _rate_and_period(rate)
    if period.strip().lower() in ("period", "opportunity") or value == 0.0:
        return value
    if time_unit is None:
        raise InputError(
            f"discount rate is {rate!r}, but the length of a period is unknown; "
            "pass time_unit, such as 'month', or a rate such as \"1 % a period\""
        )
    if days_per(period, "period of the discount rate") == days_per(time_unit):
        return value
    return math.expm1(continuous_rate(rate, time_unit))
