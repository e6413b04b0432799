# What single steps of action plans are worth: a point of their chance, the uncertainty they carry, what a target needs of them.
"""Questions about single steps of a forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from custfolio._tables.result import Listing
from custfolio.errors import InputError

if TYPE_CHECKING:
    from custfolio.growth._forecast import Growth

__all__ = ["Steps", "needed", "sensitivity", "uncertainty"]


class Steps(Listing):
    """Steps of action plans with a figure each. Made by the questions of :class:`Growth`.

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
        return chart.encode(y=alt.Y("step:N", title=None, sort=None), x=alt.X(f"{self._figure}:Q")).properties(
            **options
        )


def sensitivity(growth: Growth, target: float | None, payoff: str, top: int | None) -> Steps:
    """Find what a point of success is worth; see :meth:`Growth.sensitivity`."""
    first, last = growth._span()
    begin, worth = growth._core.worth(first, last, payoff)
    found = [(*row, 0.01 * float(worth[begin[row[3]] + row[4]])) for row in _places(growth)]
    found.sort(key=lambda row: -abs(row[5]))
    found = found[:top]
    columns: dict[str, Any] = {
        "customer": [row[0] for row in found],
        "plan": [row[1] for row in found],
        "step": [row[2] for row in found],
        "worth": np.array([row[5] for row in found]),
    }
    if target is not None:
        reached = _reach(growth, [(row[3], row[4]) for row in found], target, payoff, derivative=True)
        columns["chance"] = 0.01 * np.array(reached)
    return Steps("What a point of success is worth", columns, "worth", growth.library)


def _uncertain(growth: Growth, top: int, payoff: str) -> list[tuple[str, str, str, float, float, int, int]]:
    """Return customer, plan, step, success and share of the variance, graph and node of the steps that carry most of it."""
    first, last = growth._span()
    variance = growth.distribution(payoff=payoff).variance
    begin, successes, covariances = growth._core.carried(first, last, payoff)
    rows = []
    for customer, plan, step, graph, node in _places(growth):
        success = float(successes[begin[graph] + node])
        covariance = float(covariances[begin[graph] + node])
        spread = success * (1.0 - success)
        share = covariance**2 / (spread * variance) if spread > 1e-15 and variance > 0 else 0.0
        rows.append((customer, plan, step, success, share, graph, node))
    rows.sort(key=lambda row: -row[4])
    return rows[: max(0, top)]


def uncertainty(growth: Growth, top: int, payoff: str) -> Steps:
    """Find the steps that carry most of the uncertainty; see :meth:`Growth.uncertainty`."""
    rows = _uncertain(growth, top, payoff)
    columns = {
        name: [row[k] for row in rows] for k, name in enumerate(("customer", "plan", "step", "success", "share"))
    }
    return Steps("Steps that carry the uncertainty", columns, "share", growth.library)


def needed(growth: Growth, target: float, probability: float, payoff: str, top: int) -> Steps:
    """Find what must be added to reach a target; see :meth:`Growth.needed`."""
    if not 0 <= probability <= 1:
        raise InputError(f"probability is {probability!r}; it must lie in [0, 1] (80 % is 0.8)")
    total = growth.distribution(payoff=payoff)
    added = max(0.0, target - total.quantile(1.0 - probability))
    rows = _uncertain(growth, top, payoff)
    joint = _reach(growth, [row[5:] for row in rows], target, payoff, derivative=False)
    columns: dict[str, Any] = {
        name: [row[k] for row in rows] for k, name in enumerate(("customer", "plan", "step", "success"))
    }
    columns["chance"] = np.array([both / row[3] if row[3] > 0 else 0.0 for both, row in zip(joint, rows, strict=True)])
    facts = {"target": target, "chance as things are": total.probability_at_least(target), "to be added": added}
    return Steps("What must be added", columns, "chance", growth.library, facts)


def _places(growth: Growth) -> list[tuple[str, str, str, int, int]]:
    """Customer, plan and step, graph and node of every step."""
    return [
        (plan.customer, plan.name, step.name, *growth._core.place(p, k))
        for p, plan in enumerate(growth.plans)
        for k, step in enumerate(plan.steps)
    ]


def _reach(
    growth: Growth, places: Sequence[tuple[int, int]], target: float, payoff: str, derivative: bool
) -> list[float]:
    """For each place the chance that its step succeeds and the target is reached, or the derivative of the chance to reach it."""
    first, last = growth._span()
    by_graph: dict[int, list[int]] = {}
    for graph, node in places:
        by_graph.setdefault(graph, []).append(node)
    found = {
        (graph, node): chance
        for graph, nodes in by_graph.items()
        for node, chance in zip(
            nodes, growth._core.reach(graph, first, last, payoff, target, nodes, derivative), strict=True
        )
    }
    return [found[place] for place in places]
