# Figures of single steps: the worth of a point of success chance, the share of the uncertainty, the need of a target.
"""Questions about single steps of a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from custfolio import _core
from custfolio._tables.result import Listing
from custfolio.errors import InputError
from custfolio.growth._plans import ActionPlan

__all__ = ["ForecastOfPlans", "Steps", "needed", "sensitivity", "uncertainty"]


class ForecastOfPlans(Protocol):
    """What the questions need of a :class:`Growth`."""

    plans: list[ActionPlan]

    @property
    def core(self) -> _core.GrowthForecast:
        """The forecast as the core has it."""
        ...

    @property
    def library(self) -> str | None:
        """The frame library of the answers."""
        ...


class Steps(Listing):
    """Steps of action plans with a figure each. Made by :meth:`Growth.sensitivity`, :meth:`Growth.uncertainty` and :meth:`Growth.needed`.

    ``plot`` draws the figure of each step.
    """

    def __init__(
        self,
        title: str,
        columns: Mapping[str, Any],
        figure: str,
        library: str | None,
        facts: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(columns, library)
        self._heading, self._figure = title, figure
        self.facts = dict(facts or {})
        """Figures about all of them."""

    def _facts(self) -> Mapping[str, Any]:
        return self.facts

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        from custfolio.plots import COLOURS

        table = self._entries
        values = [
            {"step": f"{customer} / {plan} / {step}", self._figure: float(figure)}
            for customer, plan, step, figure in zip(
                table["customer"], table["plan"], table["step"], table[self._figure], strict=True
            )
        ]
        chart = alt.Chart(alt.Data(values=values)).mark_bar(color=COLOURS["growth"])
        return chart.encode(
            y=alt.Y("step:N", title=None, sort=None),
            x=alt.X(f"{self._figure}:Q", title=self._figure.replace("_", " ").capitalize()),
        ).properties(**options)


def sensitivity(growth: ForecastOfPlans, target: float | None, payoff: str, top: int | None) -> Steps:
    """Find the worth of a point of success chance; see :meth:`Growth.sensitivity`."""
    steps = _core.step_sensitivity(growth.core, target, payoff, None if top is None else max(0, top))
    return Steps("What a point of success is worth", _named(growth, steps), "worth", growth.library)


def uncertainty(growth: ForecastOfPlans, top: int, payoff: str) -> Steps:
    """Find the steps that carry most of the uncertainty; see :meth:`Growth.uncertainty`."""
    steps = _core.step_uncertainty(growth.core, max(0, top), payoff)
    return Steps("Steps that carry the uncertainty", _named(growth, steps), "share", growth.library)


def needed(growth: ForecastOfPlans, target: float, probability: float, payoff: str, top: int) -> Steps:
    """Find the amount that must be added to reach a target; see :meth:`Growth.needed`."""
    if not 0 <= probability <= 1:
        raise InputError(f"probability is {probability:g}; it must lie in [0, 1] (80 % is 0.8)")
    found, chance, added = _core.target_need(growth.core, target, probability, payoff, max(0, top))
    facts = {"target": target, "chance as things are": chance, "to be added": added}
    return Steps("What must be added", _named(growth, found), "chance", growth.library, facts)


def _named(growth: ForecastOfPlans, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns with the names of customers, plans and steps instead of their positions."""
    plans = [growth.plans[p] for p in found["plan"].tolist()]
    return {
        "customer": [plan.customer for plan in plans],
        "plan": [plan.name for plan in plans],
        "step": [plan.steps[k].name for plan, k in zip(plans, found["step"].tolist(), strict=True)],
        **{name: values for name, values in found.items() if name not in ("plan", "step")},
    }
