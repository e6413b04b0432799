// Route fit: the kilometres that one more stop adds to the routes that exist.
#pragma once

#include <span>
#include <vector>

namespace custfolio {

/// The route that a place fits best.
struct RouteFit {
    double added_km = 0;  ///< Kilometres that the stop adds; NaN without any route.
    int route = -1;       ///< Its route; -1 without any.
};

/// Cheapest insertion of a stop: per route the least of d(a, p) + d(p, b) - d(a, b) over stops a, b that follow each
/// other on its tour. A route of one stop adds 2 d(a, p).
///
/// The tour is a round trip without a depot over the 30 stops of the route that are nearest to the place. It begins
/// with the nearest stop, goes on to the nearest one left, and is improved by 2-opt until no exchange of two legs
/// shortens it. The real tour may be another one.
/// @param latitude degrees north, in [-90, 90].
/// @param longitude degrees east, in [-180, 180].
/// @param stop_latitude stops of today, degrees north.
/// @param stop_longitude degrees east; same length.
/// @param route route of each stop, >= 0, such as the day of the week; same length.
/// @return the route with the least addition; of equal ones the lower number. O(stops log(stops)).
/// @throws InputError where lengths differ, a coordinate is out of range, or a route is negative; the message names it.
/// @see G. A. Croes (1958), A Method for Solving Traveling-Salesman Problems, Operations Research 6(6).
RouteFit route_fit(double latitude, double longitude, std::span<const double> stop_latitude,
                   std::span<const double> stop_longitude, std::span<const int> route);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/acquisition/route_fit.ipp"
#endif
