// Definitions of white spots.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>

#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/acquisition/white_spots.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"

namespace custfolio {

namespace detail {

/// Points of a grid, row by row from south to north.
struct PlaceGrid {
    std::vector<double> latitude, longitude;
};

CUSTFOLIO_INLINE PlaceGrid grid_over(std::span<const double> latitude, std::span<const double> longitude,
                                     double step_km) {
    const auto [south, north] = std::minmax_element(latitude.begin(), latitude.end());
    const auto [west, east] = std::minmax_element(longitude.begin(), longitude.end());
    const double step = step_km / math::earth_radius_km * 180.0 / std::numbers::pi;
    PlaceGrid grid;
    const double rows = std::floor((*north - *south) / step) + 1;
    const auto along = [&](double at) {
        return std::max(step / std::max(std::cos(at * std::numbers::pi / 180.0), 0.01), 1e-9);
    };
    if (!(rows * ((*east - *west) / along(0.5 * (*south + *north)) + 1) <= 1e6)) {
        throw InputError("the customers' area has more than 1000000 points at a distance of " + number_text(step_km) +
                         " km; a larger distance_km makes fewer");
    }
    for (double row = 0; row < rows; ++row) {
        const double at = *south + row * step;
        const double wide = along(at);
        const double columns = std::floor((*east - *west) / wide) + 1;
        for (double column = 0; column < columns; ++column) {
            grid.latitude.push_back(at);
            grid.longitude.push_back(*west + column * wide);
        }
    }
    return grid;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<WhiteSpot> white_spots(const Portfolio& portfolio, const WhiteSpotOptions& options) {
    detail::require_positive(options.bandwidth_km, "bandwidth_km");
    detail::require_positive(options.distance_km, "distance_km");
    portfolio.require_heat("a search for white spots");
    const PortfolioColumns& columns = portfolio.columns();
    std::vector<double> latitude, longitude, heat;
    std::vector<double> warm_latitude, warm_longitude;
    std::vector<std::size_t> row;
    for (std::size_t i = 0; i < columns.latitude.size(); ++i) {
        if (std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
        row.push_back(i);
        latitude.push_back(columns.latitude[i]);
        longitude.push_back(columns.longitude[i]);
        heat.push_back(columns.contribution[i]);
        if (!(columns.contribution[i] > 0)) continue;
        warm_latitude.push_back(columns.latitude[i]);
        warm_longitude.push_back(columns.longitude[i]);
    }
    if (warm_latitude.empty()) return {};
    const detail::PlaceGrid grid = detail::grid_over(warm_latitude, warm_longitude, options.distance_km);
    const std::vector<double> warmth = neighbourhood_warmth(grid.latitude, grid.longitude, latitude, longitude, heat,
                                                            options.bandwidth_km, 1e-6, options.threads);
    std::vector<std::size_t> order(warmth.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return warmth[a] > warmth[b]; });
    const detail::Neighbourhood customers(latitude, longitude, options.distance_km, 1.0, "customer");
    detail::Neighbourhood::Answer near;
    std::vector<WhiteSpot> spots;
    for (const std::size_t k : order) {
        if (spots.size() >= options.count || !(warmth[k] > 0)) break;
        WhiteSpot spot{grid.latitude[k], grid.longitude[k], warmth[k], std::numeric_limits<double>::infinity(), {}};
        customers.near(spot.latitude, spot.longitude, near);
        if (!near.index.empty()) continue;
        const bool close = std::any_of(spots.begin(), spots.end(), [&](const WhiteSpot& other) {
            return math::great_circle_km(spot.latitude, spot.longitude, other.latitude, other.longitude) <
                   options.bandwidth_km;
        });
        if (close) continue;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const double apart = math::great_circle_km(spot.latitude, spot.longitude, latitude[i], longitude[i]);
            if (apart < spot.distance_km) {
                spot.distance_km = apart;
                spot.nearest = columns.id[row[i]];
            }
        }
        spots.push_back(std::move(spot));
    }
    return spots;
}

}  // namespace custfolio
