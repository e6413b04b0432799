# Step 5, external growth: newcomers from the neighbourhood of warm customers.
"""Prospects and the warmth of their neighbourhood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked
from custfolio._tables.frames import FrameLike, check_spelling, eager, library_of, numbers_of, require_columns, texts_of
from custfolio._tables.result import Reasons, Result
from custfolio.portfolio import Portfolio

__all__ = ["Prospects", "RejectedCandidates", "acquire", "neighbourhood_warmth"]


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

    def __init__(self, core: _core.Prospects, library: str | None) -> None:
        self.core = core
        """The prospects as the core has them."""
        self._library = library

    def __len__(self) -> int:
        return len(self.core)

    @property
    def identity(self) -> _core.Identity:
        """The portfolio whose neighbourhood they are from."""
        return self.core.identity

    @property
    def rejected(self) -> RejectedCandidates:
        """Candidates without a rank, each with the reason."""
        found = self.core.rejected
        columns = {
            "row": [row + 1 for row, _, _ in found],
            "id": [identity for _, identity, _ in found],
            "reason": [reason for _, _, reason in found],
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
        }

    def _facts(self) -> Mapping[str, Any]:
        core = self.core
        return {
            "prospects": len(self),
            "candidates without a rank": len(core.rejected),
            "expected level a year": float(core.win_probability @ core.level),
            "expected heat a year": float(core.win_probability @ core.heat),
        }

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


@checked
def acquire(
    candidates: FrameLike,
    portfolio: Portfolio,
    *,
    bandwidth_km: float = 10.0,
    cutoff: float = 40.0,
    base_win_probability: float = 0.2,
    warmth_sensitivity: float = 2.0,
    new_customer_share: float = 0.5,
    minimum_temperature: float = 0.05,
    ramp_months: int = 3,
    hours_per_pursuit: float = 8.0,
    threads: int = 0,
) -> Prospects:
    """Rank candidates by the distance-weighted heat of the warm customers around them.

    Every assumption is an argument; none is estimated.

    Parameters
    ----------
    candidates : frame
        Columns id, latitude, longitude (degrees; missing where not located) and, optionally, name.
    portfolio : Portfolio
        Today's customers, located (see :meth:`Portfolio.located`).
    bandwidth_km : float
        Distance over which a neighbour's weight falls to 1/e, km.
    cutoff : float
        Neighbours beyond this many bandwidths are left out.
    base_win_probability : float
        Chance to win a candidate of median warmth, in (0, 1).
    warmth_sensitivity : float
        Log-odds between the coldest and the warmest candidate, >= 0.
    new_customer_share : float
        Level of a newcomer as a share of its neighbours'.
    minimum_temperature : float
        Least temperature of a newcomer, on the new terms, a fraction.
    ramp_months : int
        Months from winning to the full level.
    hours_per_pursuit : float
        Working hours of a pursuit, won or not.
    threads : int
        0 for all cores; the bits do not depend on it.

    Returns
    -------
    Prospects
        Warmest first, and the candidates without a rank.

    Raises
    ------
    InputError
        If a column is missing, an identity is empty or repeated, or a coordinate or setting is out of range.
    """
    library = library_of(candidates)
    table = eager(candidates)
    require_columns(table.columns, ("id", "latitude", "longitude"), "the candidates; they have")
    check_spelling(table.columns, ("id", "name", "latitude", "longitude"), "the candidates")
    ids = texts_of(table["id"], "id")
    names = ["" if name is None else str(name) for name in table["name"].to_list()] if "name" in table.columns else ids
    core = _core.acquire(
        ids,
        names,
        numbers_of(table["latitude"], "latitude"),
        numbers_of(table["longitude"], "longitude"),
        portfolio.core,
        bandwidth_km=bandwidth_km,
        cutoff=cutoff,
        base_win_probability=base_win_probability,
        warmth_sensitivity=warmth_sensitivity,
        new_customer_share=new_customer_share,
        minimum_temperature=minimum_temperature,
        ramp_months=ramp_months,
        hours_per_pursuit=hours_per_pursuit,
        threads=threads,
    )
    return Prospects(core, library)


@checked
def neighbourhood_warmth(
    latitude: ArrayLike,
    longitude: ArrayLike,
    customer_latitude: ArrayLike,
    customer_longitude: ArrayLike,
    heat: ArrayLike,
    bandwidth_km: float,
    *,
    threads: int = 0,
) -> NDArray[np.float64]:
    """Distance-weighted heat of the warm customers around places: the sum of max(heat, 0) exp(-km / bandwidth_km).

    Parameters
    ----------
    latitude, longitude : array_like, shape (n,)
        Of the places, degrees north and east.
    customer_latitude, customer_longitude, heat : array_like, shape (m,)
        Of the customers: degrees and contribution, currency.
    bandwidth_km : float
        Distance over which a weight falls to 1/e, km.
    threads : int
        0 for all cores; the bits do not depend on it.

    Returns
    -------
    array, shape (n,)
        Warmth of each place, currency.

    Raises
    ------
    InputError
        If the lengths differ, a coordinate is out of range, or the bandwidth is not positive.
    """
    return _core.neighbourhood_warmth(
        np.asarray(latitude, dtype=np.float64),
        np.asarray(longitude, dtype=np.float64),
        np.asarray(customer_latitude, dtype=np.float64),
        np.asarray(customer_longitude, dtype=np.float64),
        np.asarray(heat, dtype=np.float64),
        bandwidth_km,
        threads,
    )
