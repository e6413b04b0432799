# The cost to serve a customer: an amount per driver, and a share of revenue.
"""The cost model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custfolio import _core
from custfolio._tables.arguments import checked, real, text
from custfolio._tables.result import Result
from custfolio.errors import InputError

__all__ = ["CostModel"]


@checked
class CostModel(Result):
    """The cost to serve: the sum over drivers of amount x driver, and a share of revenue.

    The statement shows this full cost. A decision counts only the avoidable share of each element: the wage of a driver who
    stays does not leave with a customer.

    ``plot`` draws the amounts of the rates as bars.

    Parameters
    ----------
    rates : mapping of str to float
        Currency per unit of each driver: ``deliveries``, ``lines``, ``quantity`` (units sold), ``returns``, ``returned_quantity`` (units
        returned), or a further driver of the ledger.
    revenue_share : float
        Share of net revenue that is passed on (duties, commissions), a fraction in [0, 1].
    avoidable : mapping of str to float
        Share in [0, 1] of an element that changes with its driver, by driver or ``"revenue_share"``; 1 where it is not given.
    credit_rate : float
        Yearly rate at which open invoices cost money, a fraction in [0, 1]. A statement then needs receivables.

    Raises
    ------
    InputError
        If an amount is negative or not finite, a share is out of range, or `avoidable` names an unknown element.
    """

    def __init__(
        self,
        rates: Mapping[str, float] | None = None,
        *,
        revenue_share: float = 0.0,
        avoidable: Mapping[str, float] | None = None,
        credit_rate: float = 0.0,
    ) -> None:
        self.rates = dict(rates or {})
        """Currency per unit, by driver."""
        self.revenue_share = float(revenue_share)
        """Share of net revenue that is passed on."""
        self.credit_rate = float(credit_rate)
        """Yearly rate at which open invoices cost money."""
        self.avoidable = dict(avoidable or {})
        """Avoidable share of the elements for which one was given."""
        unknown = [name for name in self.avoidable if name not in self.rates and name != "revenue_share"]
        if unknown:
            known = ", ".join(map(repr, [*self.rates, "revenue_share"]))
            raise InputError(f"avoidable names {unknown[0]!r}; it must name an element of the model: {known}")
        self.core = _core.CostModel()
        """The model as the core has it."""
        for driver, amount in self.rates.items():
            share = real(self.avoidable.get(driver, 1.0), f"avoidable of {driver!r}")
            self.core.rate(text(driver, "a driver"), real(amount, f"the rate of {driver!r}"), share)
        self.core.revenue_share(
            self.revenue_share, real(self.avoidable.get("revenue_share", 1.0), "avoidable of 'revenue_share'")
        )
        self.core.credit_rate(self.credit_rate)

    def _columns(self) -> Mapping[str, Any]:
        elements = [*self.rates, *(["revenue share"] if self.revenue_share else [])]
        amounts = [*map(float, self.rates.values()), *([self.revenue_share] if self.revenue_share else [])]
        keys = [*self.rates, *(["revenue_share"] if self.revenue_share else [])]
        avoidable = [float(self.avoidable.get(key, 1.0)) for key in keys]
        if self.credit_rate:
            elements, amounts, avoidable = [*elements, "credit"], [*amounts, self.credit_rate], [*avoidable, 1.0]
        return {"element": elements, "amount": amounts, "avoidable": avoidable}

    def _title(self) -> str:
        return "Cost to serve"

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        values = [{"driver": driver, "amount": float(amount)} for driver, amount in self.rates.items()]
        bars = alt.Chart(alt.Data(values=values)).mark_bar()
        return bars.encode(
            x=alt.X("amount:Q", title="Currency per unit"), y=alt.Y("driver:N", sort=None, title=None)
        ).properties(**options)
