# Prospects: candidates ranked by the warmth of their neighbourhood and network.
"""Newcomers worth pursuing, and candidates without a rank."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custfolio import _core
from custfolio._core import Terms
from custfolio._tables.arguments import checked
from custfolio._tables.dates import is_blank, is_missing
from custfolio._tables.frames import (
    FrameLike,
    check_spelling,
    eager,
    identity_or_empty,
    library_of,
    number_or_nan,
    require_columns,
)
from custfolio._tables.result import Reasons, Result
from custfolio._tables.wording import counted
from custfolio.acquisition._network import edges_of
from custfolio.acquisition._places import WhiteSpots
from custfolio.acquisition._win_fit import WinFit, odds_of
from custfolio.costing import CostModel
from custfolio.portfolio import Portfolio

__all__ = ["Prospects", "RejectedCandidates", "acquire"]


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "")
"""Names of the days of a route; the last one where no route is known."""


class RejectedCandidates(Reasons):
    """Candidates without a rank, each with the reason; with the prospects these are all candidates.

    ``plot`` draws their number by reason.
    """

    _heading = "Candidates without a rank"
    _things = "Candidates"


class Prospects(Result):
    """Newcomers worth pursuing, warmest first. Made by :func:`acquire`.

    ``plot`` draws expected heat against warmth.
    """

    def __init__(self, core: _core.Prospects, notes: list[str], library: str | None) -> None:
        self.core = core
        """The prospects as the core has them."""
        self._notes = notes
        self._library = library

    def __len__(self) -> int:
        return len(self.core)

    @property
    def identity(self) -> _core.Identity:
        """The portfolio whose neighbourhood they are from."""
        return self.core.identity

    @property
    def notes(self) -> list[str]:
        """What to know of the figures: where the chance to win comes from, and places that look swapped."""
        return list(self._notes)

    @property
    def rejected(self) -> RejectedCandidates:
        """Candidates without a rank, each with the reason."""
        rejected = self.core.rejected
        columns = {
            "row": [row + 1 for row, _, _ in rejected],
            "id": [identity for _, identity, _ in rejected],
            "reason": [reason for _, _, reason in rejected],
        }
        return RejectedCandidates(columns, self._library)

    def _columns(self) -> Mapping[str, Any]:
        core = self.core
        return {
            "rank": core.rank,
            "id": core.id,
            "name": core.name,
            "warmth": core.warmth,
            "win_probability": core.win_probability,
            "level": core.level,
            "heat": core.heat,
            "deliveries": core.deliveries,
            "hours": core.hours,
            "introduced_by": core.introduced_by,
            "distance_km": core.distance_km,
            "network_warmth": core.network_warmth,
            "path_strength": core.path_strength,
            "path": core.path,
            "level_low": core.level_low,
            "level_median": core.level_median,
            "level_high": core.level_high,
            "warmth_score": core.warmth_score,
            "likeness": core.likeness,
            "source": core.source,
            "added_km": core.added_km,
            "delivery_day": [_DAYS[day] for day in core.delivery_day],
            "latitude": core.latitude,
            "longitude": core.longitude,
            "burden": core.burden,
            "terms": core.terms,
            "manager": core.manager,
            "lead_months": np.where(core.lead_months < 0, np.nan, core.lead_months),
        }

    def _facts(self) -> Mapping[str, Any]:
        core = self.core
        return {
            "prospects": len(self),
            "candidates without a rank": len(core.rejected),
            "expected level a year": float(core.win_probability @ core.level),
            "expected heat a year": float(core.win_probability @ core.heat),
        }

    @checked
    def map(self, portfolio: Portfolio, spots: WhiteSpots | None = None, **options: Any) -> Any:
        """Draw prospects, customers and white spots as a map, without any background from a network.

        Parameters
        ----------
        portfolio : Portfolio
            Today's customers, located.
        spots : WhiteSpots, optional
            Places without a customer.
        **options
            Properties of the chart.

        Returns
        -------
        altair.Chart
            Warm and cold customers, prospects and white spots by place. Without places of customers the rest is drawn. A customer whose
            latitude and longitude look swapped is not; see :attr:`Portfolio.swapped_places`.

        Raises
        ------
        InputError
            If the portfolio or the spots are of another type.
        """
        return self._draw_map(portfolio, spots, **options)

    def _draw_map(self, portfolio: Portfolio, spots: WhiteSpots | None, **options: Any) -> Any:
        from custfolio import plots

        today, core = portfolio.core, self.core
        parts: list[tuple[Any, ...]] = []
        if today.latitude is not None and today.longitude is not None:
            # A place far from all others would shrink them to a point.
            rows = np.setdiff1d(np.arange(len(portfolio.ids)), np.array(_core.swapped_places(today), dtype=np.int64))
            kinds = np.where(today.contribution[rows] > 0, "warm customer", "cold customer").tolist()
            names = [portfolio.ids[row] for row in rows.tolist()]
            parts.append((today.latitude[rows], today.longitude[rows], kinds, names, np.abs(today.contribution[rows])))
        parts.append((core.latitude, core.longitude, ["prospect"] * len(self), core.name, core.warmth))
        if spots is not None:
            columns = spots.columns()
            names = [f"near {nearest}" for nearest in columns["nearest"]]
            kinds = ["white spot"] * len(names)
            parts.append((columns["latitude"], columns["longitude"], kinds, names, columns["warmth"]))
        latitude, longitude, kind, name, size = zip(*parts, strict=True)
        return plots.places(
            np.concatenate(latitude),
            np.concatenate(longitude),
            list(itertools.chain(*kind)),
            list(itertools.chain(*name)),
            np.concatenate(size),
            **options,
        )

    def _draw(self, **options: Any) -> Any:
        import altair as alt

        table = self._columns()
        names = ("id", "name", "warmth", "win_probability", "heat", "introduced_by")
        rows = zip(*(np.asarray(table[name]).tolist() for name in names), strict=True)
        data = alt.Data(values=[dict(zip(names, row, strict=True)) for row in rows])
        points = alt.Chart(data).mark_circle(opacity=0.7)
        return points.encode(
            x=alt.X("warmth:Q", title="Warmth of the neighbourhood"),
            y=alt.Y("heat:Q", title="Heat a year if won"),
            size=alt.Size("win_probability:Q", title="Won with", legend=alt.Legend(format="%")),
            tooltip=["id:N", "name:N", "introduced_by:N"],
        ).properties(**options)


def _months(value: Any) -> int:
    """Return months; -1 where the cell is missing, and -2 where it is no whole number: the core lists the candidate."""
    if is_blank(value):
        return -1
    number = number_or_nan(value)
    return int(number) if number.is_integer() and 0 <= number <= 120 else -2


@checked
def acquire(
    candidates: FrameLike,
    portfolio: Portfolio,
    *,
    network: Any = None,
    win: WinFit | None = None,
    bandwidth_km: float = 10.0,
    cutoff: float = 40.0,
    base_win_probability: float = 0.2,
    warmth_sensitivity: float = 0.5,
    network_sensitivity: float = 1.0,
    likeness_sensitivity: float = 0.5,
    source_log_odds: Mapping[str, float] | None = None,
    new_customer_share: float = 0.5,
    minimum_temperature: float = 0.05,
    costs: CostModel | None = None,
    terms: Sequence[Terms] = (),
    burden_sensitivity: float = 0.0,
    kilometre_cost: float = 0.0,
    ramp_months: int = 3,
    hours_per_pursuit: float = 8.0,
    threads: int = 0,
) -> Prospects:
    """Rank candidates by the heat of the warm customers around them, and of those that may introduce them.

    Every assumption is an argument. The chance to win is logistic in the standardised log warmth, the strength of the best path of
    introduction, the likeness and the source. It does not depend on other candidates. :func:`fit_win` fits it to the past.

    Parameters
    ----------
    candidates : frame
        Columns id, latitude, longitude (degrees; missing where not located). Optionally name, source, likeness (see
        :func:`custfolio.acquisition.likeness`), manager (who pursues it), and lead_months (months from the pursuit to the first month as
        a customer; missing: those of the strategy).
    portfolio : Portfolio
        Today's customers, located (see :meth:`Portfolio.located`).
    network : frame, optional
        Relations: source, target, and optionally weight. Identities are of customers, candidates or others.
    win : WinFit, optional
        Replaces base_win_probability, the three sensitivities and source_log_odds.
    bandwidth_km : float
        Distance over which a neighbour's weight falls to 1/e, km.
    cutoff : float
        Neighbours beyond this many bandwidths are left out.
    base_win_probability : float
        Chance to win an average candidate, in (0, 1).
    warmth_sensitivity : float
        Log-odds per standard deviation of log warmth; mean and deviation are those of the warm customers.
    network_sensitivity : float
        Log-odds of a path of strength 1.
    likeness_sensitivity : float
        Log-odds per unit of likeness.
    source_log_odds : mapping of str to float, optional
        Log-odds by source; 0 for others.
    new_customer_share : float
        Level of a newcomer as a share of its neighbours'.
    minimum_temperature : float
        Least temperature of a newcomer without `costs`, a fraction.
    costs : CostModel, optional
        Gives the heat from the newcomer's own drivers: revenue less goods and avoidable cost.
    terms : sequence of Terms
        Terms of newcomers, applied in turn; they need `costs`. Who buys less in a year than a minimum order has no rank.
    burden_sensitivity : float
        Fall of the log-odds to win per unit of burden of the terms, as :attr:`custfolio.Acceptance.sensitivity`; at 0 the chance does
        not depend on the terms.
    kilometre_cost : float
        Cost of a kilometre that a delivery adds to a route, currency; see :func:`custfolio.acquisition.route_fit`. It needs the orders
        of the ledger.
    ramp_months : int
        Months from winning to the full level.
    hours_per_pursuit : float
        Working hours of a pursuit, won or not.
    threads : int
        0 for all cores; the bits do not depend on it.

    Returns
    -------
    Prospects
        Warmest first, and the candidates without a rank, each with its reason.

    Raises
    ------
    InputError
        If a column is missing, a setting or the network is out of range, or kilometres cost and there are no orders. A bad candidate is
        listed, not an error.
    """
    library = library_of(candidates, "candidates")
    table = eager(candidates)
    require_columns(table.columns, ("id", "latitude", "longitude"), "the candidates; they have")
    known = ("id", "name", "latitude", "longitude", "source", "likeness", "manager", "lead_months")
    check_spelling(table.columns, known, "the candidates")

    def cells(name: str) -> list[Any]:
        return table[name].to_list() if name in table.columns else [None] * len(table)

    chance = {
        "base_win_probability": base_win_probability,
        "warmth_sensitivity": warmth_sensitivity,
        "network_sensitivity": network_sensitivity,
        "likeness_sensitivity": likeness_sensitivity,
        "source_log_odds": odds_of(source_log_odds),
    }

    def words(name: str) -> list[str]:
        return [identity_or_empty(each) for each in cells(name)]

    core = _core.acquire(
        words("id"),
        words("name"),
        np.array([number_or_nan(each) for each in cells("latitude")], dtype=np.float64),
        np.array([number_or_nan(each) for each in cells("longitude")], dtype=np.float64),
        words("source"),
        np.array([0.0 if is_missing(each) else number_or_nan(each) for each in cells("likeness")], dtype=np.float64),
        words("manager"),
        np.array([_months(each) for each in cells("lead_months")], dtype=np.int32),
        # A route needs the days of orders, and places.
        portfolio.core if portfolio.core.latitude is None else portfolio.with_orders(),
        network=None if network is None else edges_of(network),
        bandwidth_km=bandwidth_km,
        cutoff=cutoff,
        new_customer_share=new_customer_share,
        minimum_temperature=minimum_temperature,
        costs=None if costs is None else costs.core,
        terms=list(terms),
        burden_sensitivity=burden_sensitivity,
        kilometre_cost=kilometre_cost,
        ramp_months=ramp_months,
        hours_per_pursuit=hours_per_pursuit,
        threads=threads,
        **(chance if win is None else win.settings()),
    )
    notes = ["The chance to win is an assumption that no past outcome supports." if win is None else win.note]
    if terms and burden_sensitivity == 0:
        notes.append("The chance to win does not depend on the new terms.")
    swapped = portfolio.swapped_places
    if swapped:
        notes.append(f"Latitude and longitude look swapped: {counted(len(swapped), 'customer')}, such as {swapped[0]}.")
    rejected = portfolio.rejected_places
    if len(rejected):
        row, customer, reason = (values[0] for values in rejected.columns().values())
        notes.append(
            f"Customers with bad places: {counted(len(rejected), 'row')}, such as row {row} ({customer}): {reason}."
        )
    return Prospects(core, notes, library)
