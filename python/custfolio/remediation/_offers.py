# Offers of new terms: per customer and lever, the amount that reaches the target or is worth most.
"""Offers, and what is not offered."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from custfolio import _core
from custfolio._core import Terms
from custfolio._tables.arguments import checked, row_numbers
from custfolio._tables.dates import DayLike, day_date, day_number
from custfolio._tables.frames import TableLike
from custfolio._tables.result import Listing, Result
from custfolio._tables.segments import segment_names
from custfolio.distribution import Distribution, Recipe
from custfolio.errors import InputError
from custfolio.portfolio import Costs, Portfolio, Verdicts
from custfolio.remediation._acceptance import Acceptance, LearnedAcceptance

__all__ = ["NotOffered", "Offers", "Request", "offer_columns", "remediate", "spread_of"]


_MERGING = ("minimum order", "minimum quantity", "frequency", "fixed days")
"""Levers that merge orders."""


class NotOffered(Listing):
    """Levers that a customer does not get, each with the reason."""

    _heading = "Not offered"

    def _draw(self, **options: Any) -> Any:
        return _bars(self._entries["lever"], "Customers", options)


@checked
class Offers(Result):
    """Offers of new terms: one row an offer, amounts over the portfolio's period. Made by :func:`remediate`.

    ``plot`` draws acceptance against expected heat, coloured by lever.
    """

    def __init__(self, core: _core.Offers, portfolio: Portfolio, levers: Sequence[Terms]) -> None:
        self.core = core
        """The offers as the core has them."""
        self._library = portfolio.library
        self.portfolio = portfolio
        """The customers of the offers."""
        self.levers = list(levers)
        """The levers; their amounts are the ceilings."""

    @property
    def identity(self) -> _core.Identity:
        """The portfolio of the offers."""
        return self.core.identity

    @property
    def target(self) -> float:
        """The temperature that the offers must reach, a fraction."""
        return self.core.target

    @property
    def best(self) -> NDArray[np.int64]:
        """Rows of the table: each customer's offer with the highest expected heat change."""
        return self.core.best

    @property
    def not_offered(self) -> NotOffered:
        """Every lever that a customer with the verdict "remediate" does not get, with the reason."""
        ids = self.portfolio.ids
        refused = self.core.not_offered
        columns = {
            "customer_id": [ids[customer] for customer, _, _ in refused],
            "lever": [self.levers[lever].lever if self.levers else "" for _, lever, _ in refused],
            "reason": [reason for _, _, reason in refused],
        }
        return NotOffered(columns, self._library)

    @property
    def cost_per_delivery(self) -> NDArray[np.float64]:
        """Cost of one delivery per customer of the portfolio, currency, after a refusal; NaN without deliveries."""
        return self.core.cost_per_delivery

    @property
    def heat_per_delivery(self) -> NDArray[np.float64]:
        """Contribution of one delivery per customer of the portfolio, currency, after a refusal; NaN without deliveries."""
        return self.core.heat_per_delivery

    @property
    def notes(self) -> list[str]:
        """What to know about the offers, such as formulas in place of a replay of orders."""
        merging = [one.lever for lever in self.levers for one in [lever, *lever.parts] if one.lever in _MERGING]
        if not merging or self.core.replayed:
            return []
        return [
            f"{merging[0]}: the portfolio has no orders, so deliveries follow from averages: revenue / minimum. "
            "Replayed orders usually save more"
        ]

    def distribution(self, correlation: float = 0.0) -> Distribution:
        """Return what the best offer of each customer brings together.

        Parameters
        ----------
        correlation : float
            Share of a common factor in each acceptance, in [0, 1); 0: customers answer independently.

        Returns
        -------
        Distribution
            The sum of the heat changes, currency; its mean is the sum of the expected ones.

        Raises
        ------
        InputError
            If the correlation is out of range.
        """
        recipe = Recipe(Offers.distribution, (self, correlation))
        return Distribution(_core.offers_distribution(self.core, correlation), recipe)

    def __len__(self) -> int:
        return len(self.core)

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the table of a page: what the best offer of each customer brings together.

        Returns
        -------
        dict of str to mapping
            Columns by the title of the table: expected, p10, p50, p90.
        """
        return {"Heat a year of the best offers": spread_of(self.distribution())}

    def letters(
        self,
        path: str | os.PathLike[str],
        *,
        begins: DayLike | Iterable[DayLike],
        rows: Sequence[int] | None = None,
        language: str = "en",
        sender: str = "",
        date: DayLike | None = None,
        answer_by: DayLike | None = None,
        currency: str | None = None,
        template: str | os.PathLike[str] | None = None,
    ) -> list[Path]:
        """Write letters to the customers: what changes, from when, why, and what it means on their orders of the period.

        All of them are written, or none. Text from data is escaped.

        Parameters
        ----------
        path : str or path
            One document, a file that ends in .html; or a folder, with one file a customer.
        begins : date or str, or a sequence of them
            First day of the new terms: one for all, or one a letter.
        rows : sequence of int, optional
            Rows of the table to write to; default ``best``.
        language : {"en", "nl"}
            Language of the letters.
        sender : str
            Who writes: lines of text.
        date, answer_by : date or str, optional
            The day of the letters, and the last day of an answer.
        currency : str, optional
            Code of the currency; default that of the portfolio.
        template : str or path, optional
            Your own Jinja2 template of one letter; see :func:`custfolio.report.letters.render`. It runs in a sandbox.

        Returns
        -------
        list of Path
            The files written; none without an offer.

        Raises
        ------
        InputError
            If a row does not exist, `begins` has another length than the rows, `date`, `answer_by` and `begins` are not in this order, the language
            is unknown, or the template does not run.
        OSError
            If a file cannot be written.
        """
        from custfolio.report import letters

        def day(value: DayLike | None, what: str) -> Any:
            return None if value is None else day_date(day_number(value, what))

        chosen = self.best if rows is None else row_numbers(rows, "rows")
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise InputError(f"rows must lie in [0, {len(self) - 1}]; found {chosen.min()} to {chosen.max()}")
        days = begins if isinstance(begins, Iterable) and not isinstance(begins, str) else [begins] * chosen.size
        first = [day_date(day_number(one, "begins")) for one in days]
        if len(first) != chosen.size:
            raise InputError(f"begins has {len(first)} days for {chosen.size} letters; they must be as many")
        written, until = day(date, "date"), day(answer_by, "answer_by")
        dated = [(name, one) for name, one in (("date", written), ("answer_by", until)) if one is not None]
        for (name, one), (later, other) in itertools.pairwise(
            [*dated, *[("begins", one) for one in sorted(first)[:1]]]
        ):
            if one > other:
                raise InputError(f"{name} is {one}, after {later}, {other}; it must not be later")
        return letters.write(
            path,
            letters.letters_of(self._letters(chosen) | {"begins": first}),
            language=language,
            sender=sender,
            date=written,
            answer_by=until,
            currency=self.portfolio.currency if currency is None else currency,
            period=self.portfolio.period,
            template=template,
        )

    def _letters(self, rows: NDArray[np.int64]) -> dict[str, list[Any]]:
        """Return the columns of the letters of rows."""
        core, customers = self.core, self.portfolio.core
        who, terms = core.customer[rows], core.terms
        chosen = [terms[row] for row in rows]
        elastic = [any(part.elasticity != 0 for part in [one, *one.parts]) for one in chosen]
        deliveries = np.full(len(self.portfolio), np.nan) if customers.deliveries is None else customers.deliveries

        def known(values: NDArray[np.float64]) -> list[float | None]:
            return [value if np.isfinite(value) else None for value in values.tolist()]

        return {
            "customer_id": [self.portfolio.ids[k] for k in who],
            "name": [customers.name[k] for k in who],
            "terms": chosen,
            "revenue": customers.revenue[who].tolist(),
            "deliveries": known(deliveries[who]),
            "deliveries_after": known(deliveries[who] + core.deliveries_change[rows]),
            "cost_per_delivery": known(core.cost_per_delivery[who]),
            "heat_per_delivery": known(core.heat_per_delivery[who]),
            # With an elasticity the change of revenue is not that of the same purchases.
            "extra": [
                None if skip else change
                for skip, change in zip(elastic, core.revenue_change[rows].tolist(), strict=True)
            ],
            "burden": core.burden[rows].tolist(),
            "days_waited": core.days_waited[rows].tolist(),
            "stock": core.stock[rows].tolist(),
        }

    def _columns(self) -> Mapping[str, Any]:
        core = self.core
        customers = core.customer
        columns = offer_columns(core, self.portfolio) | {
            "required": core.required,
            "reaches": core.reaches,
            "burden": core.burden,
            "acceptance": core.acceptance,
            "revenue_change": core.revenue_change,
            "heat_change": core.heat_change,
            "full_change": core.full_change,
            "deliveries_change": core.deliveries_change,
            "temperature_after": core.temperature_after,
            "expected_heat_change": core.expected_heat_change,
            "heat_per_delivery": core.heat_per_delivery[customers],
        }
        if core.replayed:
            columns |= {
                "heat_if_waits": core.heat_if_waits,
                "heat_if_tops_up": core.heat_if_tops_up,
                "days_waited": core.days_waited,
                "stock": core.stock,
            }
        columns |= {f"minutes_freed of {pool}": core.minutes_freed[:, k] for k, pool in enumerate(core.pools)}
        return columns | {"below_cost": core.below_cost, "reason": core.reason}

    def _facts(self) -> Mapping[str, Any]:
        best = self.best
        facts = {
            "customers with an offer": int(best.size),
            "offers": len(self),
            "expected heat of the best": float(self.core.expected_heat_change[best].sum()),
        }
        return facts | ({"note": self.notes[0]} if self.notes else {})

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._columns()
        names = ("customer_id", "name", "terms", "lever", "acceptance", "expected_heat_change")
        columns = [np.asarray(table[name]).tolist() for name in names]
        values = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        points = alt.Chart(alt.Data(values=values)).mark_circle(opacity=0.6)
        return points.encode(
            x=alt.X("acceptance:Q", axis=alt.Axis(format="%"), title="Accepted with"),
            y=alt.Y("expected_heat_change:Q", title="Expected heat, currency"),
            color=alt.Color("lever:N", title="Lever"),
            tooltip=["customer_id:N", "name:N", "terms:N"],
        ).properties(**options)


def offer_columns(core: _core.Offers, portfolio: Portfolio) -> dict[str, Any]:
    """Return customer and terms of each offer."""
    ids, names, terms = portfolio.ids, portfolio.core.name, core.terms
    return {
        "customer_id": [ids[k] for k in core.customer],
        "name": [names[k] for k in core.customer],
        "terms": [str(one) for one in terms],
        "lever": [one.lever for one in terms],
        "amount": [one.amount for one in terms],
    }


def spread_of(distribution: Distribution) -> dict[str, list[float]]:
    """Return mean and quantiles of a distribution as columns of one row."""
    quantiles = {name: [distribution.quantile(share)] for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))}
    return {"expected": [distribution.mean], **quantiles}


def _bars(labels: Sequence[str], title: str, options: Mapping[str, Any]) -> Any:
    """Draw how often each label occurs."""
    import altair as alt

    counts: dict[str, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    data = alt.Data(values=[{"label": label, "count": count} for label, count in counts.items()])
    bars = alt.Chart(data).mark_bar()
    return bars.encode(x=alt.X("count:Q", title=title), y=alt.Y("label:N", title=None)).properties(**options)


def _priors(
    acceptance: Acceptance | LearnedAcceptance | Mapping[str, Acceptance] | None,
    ids: list[str],
    segments: TableLike | None,
) -> tuple[Acceptance, list[float] | None, list[float] | None]:
    """Return the acceptance of all, and where it differs the base and the sensitivity of each customer."""
    names = ids if segments is None else segment_names(segments, ids)
    if isinstance(acceptance, LearnedAcceptance) and acceptance.by is not None:
        if acceptance.by == "customer" and segments is not None:
            raise InputError("acceptance is learned by customer; leave segments= out, or learn by segment")
        if acceptance.by != "customer" and segments is None:
            raise InputError(
                f"acceptance is learned by {acceptance.by!r}; pass segments=, a frame with customer_id and segment"
            )
        others = acceptance.acceptance()
        of = {group: acceptance.acceptance(group) for group in acceptance.groups}
    elif isinstance(acceptance, Mapping):
        kind = "customer" if segments is None else "segment"
        unknown = sorted(set(acceptance) - set(names))
        if unknown:
            raise InputError(f"acceptance: there is no {kind} {unknown[0]!r}")
        for name, one in acceptance.items():
            if not isinstance(one, Acceptance):
                raise InputError(f"acceptance of {kind} {name!r} is {one!r}; it must be an Acceptance")
        others, of = Acceptance(), dict(acceptance)
    elif segments is not None:
        raise InputError("segments need acceptance by segment: a mapping, or Acceptance.learn(..., by='segment')")
    else:
        of_all = acceptance.acceptance() if isinstance(acceptance, LearnedAcceptance) else acceptance
        return of_all or Acceptance(), None, None
    each = [of.get(name, others) for name in names]
    return others, [one.base for one in each], [one.sensitivity for one in each]


class Request(NamedTuple):
    """What offers are made for, as the core takes it."""

    arguments: tuple[_core.Portfolio, NDArray[np.int64], float, _core.CostModel, list[Terms], float, float]
    """Customers, rows, target, costs, levers, base and sensitivity of all."""
    bases: list[float] | None
    """Base of each customer where acceptance differs."""
    sensitivities: list[float] | None
    """Sensitivity of each customer where acceptance differs."""

    @classmethod
    def read(
        cls,
        portfolio: Portfolio,
        selection: Verdicts | Sequence[int],
        terms: Sequence[Terms],
        acceptance: Acceptance | LearnedAcceptance | Mapping[str, Acceptance] | None,
        segments: TableLike | None,
        costs: Costs | None,
        target: float | None,
    ) -> Request:
        """Read the arguments of :func:`remediate`."""
        costs = costs or portfolio.costs
        if costs is None:
            raise InputError("the portfolio has no cost model; pass one: remediate(..., costs=cf.CostModel(...))")
        if isinstance(selection, Verdicts):
            _core.require_same(selection.identity, portfolio.identity, "the selection is")
            rows = selection.rows("remediate")
        else:
            rows = row_numbers(selection, "selection")
        wanted = getattr(selection, "target", None) if target is None else target
        if wanted is None:
            raise InputError("rows have no target temperature; pass one: remediate(..., target=0.05)")
        for one in terms:
            if not isinstance(one, Terms):
                raise InputError(f"terms contain {one!r}; they must be Terms, such as cf.Terms.delivery_fee(25)")
        replayed = any(
            one.lever in (*_MERGING, "order channel", "own terms") or one.below
            for lever in terms
            for one in [lever, *lever.parts]
        )
        prior, bases, sensitivities = _priors(acceptance, portfolio.ids, segments)
        core = portfolio.with_orders() if replayed else portfolio.core
        arguments = (core, rows, float(wanted), costs.core, list(terms), prior.base, prior.sensitivity)
        return cls(arguments, bases, sensitivities)


@checked
def remediate(
    portfolio: Portfolio,
    selection: Verdicts | Sequence[int],
    terms: Sequence[Terms],
    *,
    acceptance: Acceptance | LearnedAcceptance | Mapping[str, Acceptance] | None = None,
    segments: TableLike | None = None,
    costs: Costs | None = None,
    target: float | None = None,
    objective: str = "reach",
    least_heat: float = 0.0,
    horizon: int = 12,
    threads: int = 0,
) -> Offers:
    """Offer new terms: per customer and lever the change that reaches the target temperature, or is worth most.

    Full cost decides whether the target is reached, since the next statement shows it. ``heat_change`` counts avoidable cost. A lever that
    misses the target even at its ceiling is still offered if it raises the heat. Levers that merge orders, such as a minimum order, are
    replayed on ``portfolio.orders``. Without orders they follow from averages; see ``offers.notes``.

    Parameters
    ----------
    portfolio : Portfolio
        The customers.
    selection : Selection or sequence of int
        A selection (its customers with the verdict "remediate"), or rows of the portfolio.
    terms : sequence of Terms
        The levers; their amounts are the ceilings. Offers are multiples of their steps.
    acceptance : Acceptance, LearnedAcceptance or mapping of str to Acceptance, optional
        Chance of acceptance: one for all, as :meth:`Acceptance.learn` learned it, or per customer. With `segments`, per segment.
        A customer without an entry has ``Acceptance()``, or what was learned of all.
    segments : frame or mapping, optional
        The segment of each customer, for acceptance per segment: columns customer_id and segment.
    costs : CostModel, optional
        The cost model; default that of the portfolio.
    target : float, optional
        Temperature to reach, a fraction; default that of the selection.
    objective : {"reach", "expected"}
        The smallest amount that reaches the target, or the one with the highest acceptance x heat change.
    least_heat : float
        Offers that bring less heat than this if accepted are not made, currency over the portfolio's period.
    horizon : int
        Months after which a cost counts as avoidable.
    threads : int
        0 for all cores; the offers have the same bits for any number.

    Returns
    -------
    Offers
        The offers.

    Raises
    ------
    InputError
        If the selection is of another portfolio, there is no cost model or target, a ceiling is not positive or below its step, a row is
        repeated, a lever of your own returns what it cannot, or acceptance names an unknown customer or segment.
    NotFoundError
        If a row, a driver or an activity does not exist.
    """
    asked = Request.read(portfolio, selection, terms, acceptance, segments, costs, target)
    core = _core.remediate(
        *asked.arguments,
        objective=objective,
        least_heat=least_heat,
        horizon=horizon,
        threads=threads,
        bases=asked.bases,
        sensitivities=asked.sensitivities,
    )
    return Offers(core, portfolio, terms)
