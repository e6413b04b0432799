// Definitions of the route fit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "custfolio/acquisition/route_fit.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"

namespace custfolio {

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
        double added = 2 * std::get<1>(stops[begin]);
        if (end - begin > 1) added = std::numeric_limits<double>::infinity();
        // The nearest stops suffice: a detour between far ones is longer by the triangle inequality, but for rare
        // cases.
        const std::size_t last = std::min(end, begin + 5);
        for (std::size_t a = begin; a < last; ++a) {
            for (std::size_t b = a + 1; b < last; ++b) {
                const std::size_t i = std::get<2>(stops[a]);
                const std::size_t j = std::get<2>(stops[b]);
                const double between =
                    math::great_circle_km(stop_latitude[i], stop_longitude[i], stop_latitude[j], stop_longitude[j]);
                added = std::min(added, std::max(0.0, std::get<1>(stops[a]) + std::get<1>(stops[b]) - between));
            }
        }
        if (best.route < 0 || added < best.added_km) best = {added, std::get<0>(stops[begin])};
    }
    return best;
}

}  // namespace custfolio
