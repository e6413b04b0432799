// Definitions of the route fit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "custfolio/acquisition/route_fit.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/matrix.hpp"

namespace custfolio {

namespace detail {

/// Most stops of a tour.
inline constexpr std::size_t tour_stops = 30;

/// A round trip over all places of a matrix of distances: nearest neighbours from place 0 on, then 2-opt.
CUSTFOLIO_INLINE std::vector<std::size_t> tour_over(const Matrix& km) {
    const std::size_t count = km.rows();
    std::vector<std::size_t> tour(count);
    std::iota(tour.begin(), tour.end(), std::size_t{0});
    for (std::size_t k = 1; k < count; ++k) {
        const auto here = km.row(tour[k - 1]);
        std::iter_swap(tour.begin() + static_cast<std::ptrdiff_t>(k),
                       std::min_element(tour.begin() + static_cast<std::ptrdiff_t>(k), tour.end(),
                                        [&](std::size_t a, std::size_t b) { return here[a] < here[b]; }));
    }
    for (bool shorter = true; shorter;) {
        shorter = false;
        for (std::size_t i = 0; i + 2 < count; ++i) {
            for (std::size_t j = i + 2; j < count; ++j) {
                const std::size_t after = tour[(j + 1) % count];
                if (after == tour[i]) continue;
                const double legs = km(tour[i], tour[i + 1]) + km(tour[j], after);
                // A least gain, so that rounding cannot exchange the same legs for ever.
                if (!(km(tour[i], tour[j]) + km(tour[i + 1], after) < legs - 1e-9)) continue;
                std::reverse(tour.begin() + static_cast<std::ptrdiff_t>(i + 1),
                             tour.begin() + static_cast<std::ptrdiff_t>(j + 1));
                shorter = true;
            }
        }
    }
    return tour;
}

}  // namespace detail

CUSTFOLIO_INLINE RouteFit route_fit(double latitude, double longitude, std::span<const double> stop_latitude,
                                    std::span<const double> stop_longitude, std::span<const int> route) {
    if (stop_longitude.size() != stop_latitude.size() || route.size() != stop_latitude.size()) {
        throw InputError("there are " + std::to_string(stop_latitude.size()) + " latitudes, " +
                         std::to_string(stop_longitude.size()) + " longitudes and " + std::to_string(route.size()) +
                         " routes of stops; each stop needs all three");
    }
    std::vector<std::tuple<int, double, std::size_t>> stops;  // route, distance, position
    stops.reserve(route.size());
    for (std::size_t k = 0; k < route.size(); ++k) {
        if (route[k] < 0) {
            throw InputError("stop at position " + std::to_string(k) + ": route is " + std::to_string(route[k]) +
                             "; it must be 0 or more");
        }
        stops.emplace_back(route[k], math::great_circle_km(latitude, longitude, stop_latitude[k], stop_longitude[k]),
                           k);
    }
    std::sort(stops.begin(), stops.end());
    RouteFit best{std::numeric_limits<double>::quiet_NaN(), -1};
    for (std::size_t begin = 0, end = 0; begin < stops.size(); begin = end) {
        while (end < stops.size() && std::get<0>(stops[end]) == std::get<0>(stops[begin])) ++end;
        const std::size_t count = std::min(end - begin, detail::tour_stops);
        Matrix km(count, count);
        for (std::size_t a = 0; a < count; ++a) {
            const std::size_t i = std::get<2>(stops[begin + a]);
            for (std::size_t b = 0; b < a; ++b) {
                const std::size_t j = std::get<2>(stops[begin + b]);
                km(a, b) = km(b, a) =
                    math::great_circle_km(stop_latitude[i], stop_longitude[i], stop_latitude[j], stop_longitude[j]);
            }
        }
        const std::vector<std::size_t> tour = detail::tour_over(km);
        double added = std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < count; ++k) {
            const std::size_t a = tour[k];
            const std::size_t b = tour[(k + 1) % count];
            const double detour = std::get<1>(stops[begin + a]) + std::get<1>(stops[begin + b]) - km(a, b);
            added = std::min(added, std::max(0.0, detour));
        }
        if (best.route < 0 || added < best.added_km) best = {added, std::get<0>(stops[begin])};
    }
    return best;
}

}  // namespace custfolio
