# Places: warmth of a neighbourhood, route fit, white spots.
"""Warmth around places, the detour of a stop, and places without a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custfolio import _core
from custfolio._tables.arguments import checked, reals
from custfolio._tables.result import Listing
from custfolio.errors import InputError
from custfolio.portfolio import Portfolio

__all__ = ["WhiteSpots", "neighbourhood_warmth", "route_fit", "white_spots"]


@checked
def neighbourhood_warmth(
    latitude: ArrayLike,
    longitude: ArrayLike,
    customer_latitude: ArrayLike,
    customer_longitude: ArrayLike,
    heat: ArrayLike,
    bandwidth_km: float,
    tolerance: float = 1e-6,
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
    tolerance : float
        Largest relative error of each warmth, certified; 0 counts every pair within 40 bandwidths.
    threads : int
        0 for all cores; the bits do not depend on it.

    Returns
    -------
    array, shape (n,)
        Warmth of each place, currency.

    Raises
    ------
    InputError
        If the lengths differ, a coordinate is out of range, or bandwidth or tolerance are.
    """
    return _core.neighbourhood_warmth(
        np.asarray(latitude, dtype=np.float64),
        np.asarray(longitude, dtype=np.float64),
        np.asarray(customer_latitude, dtype=np.float64),
        np.asarray(customer_longitude, dtype=np.float64),
        np.asarray(heat, dtype=np.float64),
        bandwidth_km,
        tolerance,
        threads,
    )


@checked
def route_fit(
    latitude: ArrayLike, longitude: ArrayLike, stop_latitude: ArrayLike, stop_longitude: ArrayLike, route: Any
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Kilometres that one more stop adds to the routes of today, by cheapest insertion between two stops in a row.

    The tour of a route is a round trip without a depot over its 30 stops nearest to the place: nearest neighbours, improved by 2-opt.

    Parameters
    ----------
    latitude, longitude : array_like, shape (n,)
        Of the new stops, degrees north and east.
    stop_latitude, stop_longitude : array_like, shape (m,)
        Of the stops of today.
    route : array_like of int, shape (m,)
        Route of each stop, such as its day of the week.

    Returns
    -------
    added_km : array, shape (n,)
        Kilometres that the stop adds to the route that it fits best; NaN without any stop.
    route : array of int, shape (n,)
        That route; -1 without any stop.

    Raises
    ------
    InputError
        If the lengths differ, a coordinate is out of range, or a route is negative.
    """
    routes = reals(route, "route")
    if not (np.isfinite(routes).all() and (routes == np.floor(routes)).all() and (np.abs(routes) < 2**31).all()):
        raise InputError(
            "route has a value that is no whole number of at most 32 bits; it must number the route of each stop"
        )
    return _core.route_fit(latitude, longitude, stop_latitude, stop_longitude, routes.astype(np.int32))


class WhiteSpots(Listing):
    """Places near warm customers without a customer, warmest first. Made by :func:`white_spots`.

    ``plot`` draws them as a map.
    """

    _heading = "White spots"

    def _draw(self, **options: Any) -> Any:
        from custfolio import plots

        columns = self.columns()
        names = [f"white spot near {nearest}" for nearest in columns["nearest"]]
        kinds = ["white spot"] * len(names)
        return plots.places(columns["latitude"], columns["longitude"], kinds, names, columns["warmth"], **options)

    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Return the table of a page: ``plan.report(path, results=[spots])`` shows it, and the spots on the map.

        Returns
        -------
        dict of str to dict
            "White spots": latitude, longitude, warmth, distance_km, nearest_customer.
        """
        columns = dict(self.columns())
        columns["nearest_customer"] = columns.pop("nearest")
        return {"White spots": columns} if len(self) else {}


@checked
def white_spots(
    portfolio: Portfolio,
    *,
    bandwidth_km: float = 10.0,
    distance_km: float = 5.0,
    count: int = 20,
    threads: int = 0,
) -> WhiteSpots:
    """Find places near warm customers where no customer is.

    Parameters
    ----------
    portfolio : Portfolio
        The customers, located.
    bandwidth_km : float
        Distance over which a neighbour's weight falls to 1/e, km; also the least distance between two spots.
    distance_km : float
        Least distance to every located customer, km. The search begins at points of a grid with steps of this distance, and of circles
        around the warm customers; each spot then moves to the warmest place around it.
    count : int
        Most spots.
    threads : int
        0 for all cores; the bits do not depend on it.

    Returns
    -------
    WhiteSpots
        latitude, longitude, warmth, distance_km to the nearest customer, and that customer.

    Raises
    ------
    InputError
        If a setting is out of range, or the grid has more than 1,000,000 points.
    """
    spots = _core.white_spots(portfolio.core, bandwidth_km, distance_km, max(count, 0), threads)
    columns: Mapping[str, Any] = dict(
        zip(("latitude", "longitude", "warmth", "distance_km", "nearest"), spots, strict=True)
    )
    return WhiteSpots(columns, portfolio.library)
