# What differs between two plans.
"""The comparison of two plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custfolio._tables.result import Listing
from custfolio._tables.wording import counted

__all__ = ["PlanComparison"]


class PlanComparison(Listing):
    """Customers and prospects whose course differs between two plans, with the cause. Made by :meth:`Plan.compare`.

    Columns: kind ("customer" or "prospect"), id, name, the actions before and after in words, and the cause. ``cause`` is

    - "inputs": the customer's own amounts, offers, action plans or prospect changed;
    - "prices": the shadow prices changed, since others need more or less of what is scarce;
    - "limits": another course is best at the prices; limits in whole actions, or the order of overflow, decide.

    ``lead_before`` is what the earlier course is worth more than the later one in the earlier plan: discounted heat at the shadow prices.
    ``lead_after`` is the same of the later course in the later plan. ``by_inputs`` and ``by_prices`` are the two parts of their sum. They are NaN
    where one of the courses is no choice in one of the plans. ``why`` is one sentence.

    ``plot`` draws the number of changes by cause.
    """

    _heading = "Plans compared"

    def __init__(
        self,
        columns: Mapping[str, Any],
        library: str | None,
        prices: Any,
        settings: Mapping[str, tuple[Any, Any]],
        gain: float,
    ) -> None:
        super().__init__(columns, library)
        self.prices = prices
        """Shadow prices that differ, as a table: row, month, months, before, after."""
        self.settings: dict[str, tuple[Any, Any]] = dict(settings)
        """Settings of the strategy that differ: by name, the earlier and the later one."""
        self.gain_change: float = gain
        """Gain over no action of the later plan less that of the earlier one, currency."""

    @property
    def causes(self) -> dict[str, int]:
        """Number of changes by cause."""
        found = list(self._entries["cause"])
        return {cause: found.count(cause) for cause in ("inputs", "prices", "limits")}

    def sentence(self) -> str:
        """Return the comparison in one sentence."""
        if not len(self):
            return "No customer or prospect changes course."
        by = ", ".join(f"{count:,} by {cause}" for cause, count in self.causes.items() if count)
        changes = "changes" if len(self) == 1 else "change"
        return f"{counted(len(self), 'customer or prospect', 'customers and prospects')} {changes} course: {by}."

    def _facts(self) -> Mapping[str, Any]:
        settings = "; ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in self.settings.items())
        return {
            "in short": self.sentence(),
            "change of the gain": self.gain_change,
            **({"settings": settings} if settings else {}),
        }

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        values = [{"cause": cause, "changes": count} for cause, count in self.causes.items()]
        chart = alt.Chart(alt.Data(values=values)).mark_bar()
        return chart.encode(x=alt.X("cause:N", sort=None, title=None), y=alt.Y("changes:Q")).properties(**options)
