// Definitions of white spots.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>

#include "custfolio/acquisition/neighbourhood.hpp"
#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/acquisition/white_spots.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Degrees of latitude.
CUSTFOLIO_INLINE double degrees_of(double km) {
    return km / math::earth_radius_km * 180.0 / std::numbers::pi;
}

/// How much shorter a degree of longitude is than one of latitude; not 0 at the poles.
CUSTFOLIO_INLINE double shrinking(double latitude) {
    return std::max(std::cos(latitude * std::numbers::pi / 180.0), 0.01);
}

/// Points of a grid, row by row from south to north.
struct PlaceGrid {
    std::vector<double> latitude, longitude;
};

CUSTFOLIO_INLINE PlaceGrid grid_over(std::span<const double> latitude, std::span<const double> longitude,
                                     double distance_km) {
    const auto [south, north] = std::minmax_element(latitude.begin(), latitude.end());
    const auto [west, east] = std::minmax_element(longitude.begin(), longitude.end());
    const double step = degrees_of(distance_km);
    PlaceGrid grid;
    const double rows = std::floor((*north - *south) / step) + 1;
    const auto along = [&](double at) { return std::max(step / shrinking(at), 1e-9); };
    if (!(rows * ((*east - *west) / along(0.5 * (*south + *north)) + 1) <= 1e6)) {
        throw InputError("the customers' area has more than 1000000 points at a distance of " +
                         number_text(distance_km) + " km; a larger distance_km makes fewer");
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

/// Finds free places, and moves spots to the warmest place around them.
class SpotSearch {
  public:
    SpotSearch(std::span<const double> latitude, std::span<const double> longitude, std::span<const double> heat,
               const WhiteSpotOptions& options)
        : options_(options),
          heat_(heat),
          warm_(latitude, longitude, options.bandwidth_km, default_cutoff, "customer"),
          customers_(latitude, longitude, options.distance_km, 1.0, "customer") {}

    /// Adds the free points of circles around the customers: small gaps between customers have no point of a grid.
    void add_circles(std::span<const double> latitude, std::span<const double> longitude, PlaceGrid& grid) {
        const double radius = degrees_of(options_.distance_km) * (1 + 1e-6);
        const std::size_t points = std::clamp<std::size_t>(150000 / latitude.size(), 8, 72);
        for (std::size_t i = 0; i < latitude.size(); ++i) {
            for (std::size_t k = 0; k < points; ++k) {
                const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(points);
                const double at = std::clamp(latitude[i] + radius * std::sin(angle), -90.0, 90.0);
                const double along =
                    std::clamp(longitude[i] + radius * std::cos(angle) / shrinking(latitude[i]), -180.0, 180.0);
                if (!free(at, along, {})) continue;
                grid.latitude.push_back(at);
                grid.longitude.push_back(along);
            }
        }
    }

    /// @return whether no customer is within the distance and no other spot within the bandwidth.
    bool free(double latitude, double longitude, std::span<const WhiteSpot> spots) {
        customers_.near(latitude, longitude, near_);
        return near_.index.empty() && std::none_of(spots.begin(), spots.end(), [&](const WhiteSpot& other) {
                   return math::great_circle_km(latitude, longitude, other.latitude, other.longitude) <
                          options_.bandwidth_km;
               });
    }

    /// Steps in eight directions while a free place is warmer; the step halves down to a 32nd of the distance.
    void refine(WhiteSpot& spot, std::span<const WhiteSpot> spots) {
        spot.warmth = warmth(spot.latitude, spot.longitude);
        for (double step = 0.5 * degrees_of(options_.distance_km); step > degrees_of(options_.distance_km) / 33;) {
            WhiteSpot best = spot;
            for (int k = 0; k < 8; ++k) {
                const double angle = k * std::numbers::pi / 4;
                const double latitude = std::clamp(spot.latitude + step * std::sin(angle), -90.0, 90.0);
                const double east = step * std::cos(angle) / shrinking(spot.latitude);
                const double longitude = std::clamp(spot.longitude + east, -180.0, 180.0);
                const double found = warmth(latitude, longitude);
                if (!(found > best.warmth) || !free(latitude, longitude, spots)) continue;
                best.latitude = latitude;
                best.longitude = longitude;
                best.warmth = found;
            }
            if (best.warmth > spot.warmth) {
                spot = best;
            } else {
                step /= 2;
            }
        }
    }

  private:
    double warmth(double latitude, double longitude) {
        warm_.near(latitude, longitude, near_);
        math::CompensatedSum sum;
        for (std::size_t k = 0; k < near_.index.size(); ++k) {
            sum += std::max(heat_[near_.index[k]], 0.0) * near_.weight[k];
        }
        return sum.value();
    }

    const WhiteSpotOptions& options_;
    std::span<const double> heat_;
    Neighbourhood warm_;
    Neighbourhood customers_;
    Neighbourhood::Answer near_;
};

}  // namespace detail

CUSTFOLIO_INLINE std::vector<WhiteSpot> white_spots(const Portfolio& portfolio, const WhiteSpotOptions& options) {
    detail::require_positive(options.bandwidth_km, "bandwidth_km");
    detail::require_positive(options.distance_km, "distance_km");
    portfolio.require_heat("a search for white spots");
    const PortfolioColumns& columns = portfolio.columns();
    std::vector<double> latitude, longitude, heat;
    std::vector<double> warm_latitude, warm_longitude;
    std::vector<std::size_t> row;
    // A place that was typed in wrongly would make the grid very large.
    const std::vector<std::size_t> swapped = swapped_places(portfolio);
    for (std::size_t i = 0; i < columns.latitude.size(); ++i) {
        if (std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
        if (std::binary_search(swapped.begin(), swapped.end(), i)) continue;
        row.push_back(i);
        latitude.push_back(columns.latitude[i]);
        longitude.push_back(columns.longitude[i]);
        heat.push_back(columns.contribution[i]);
        if (!(columns.contribution[i] > 0)) continue;
        warm_latitude.push_back(columns.latitude[i]);
        warm_longitude.push_back(columns.longitude[i]);
    }
    if (warm_latitude.empty()) return {};
    detail::SpotSearch search(latitude, longitude, heat, options);
    detail::PlaceGrid grid = detail::grid_over(warm_latitude, warm_longitude, options.distance_km);
    search.add_circles(warm_latitude, warm_longitude, grid);
    const std::vector<double> warmth = neighbourhood_warmth(grid.latitude, grid.longitude, latitude, longitude, heat,
                                                            options.bandwidth_km, 1e-6, options.threads);
    std::vector<std::size_t> order(warmth.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return warmth[a] > warmth[b]; });
    std::vector<WhiteSpot> spots;
    for (const std::size_t k : order) {
        if (spots.size() >= options.count || !(warmth[k] > 0)) break;
        WhiteSpot spot{grid.latitude[k], grid.longitude[k], warmth[k], std::numeric_limits<double>::infinity(), {}};
        if (!search.free(spot.latitude, spot.longitude, spots)) continue;
        search.refine(spot, spots);
        for (std::size_t i = 0; i < row.size(); ++i) {
            const double apart = math::great_circle_km(spot.latitude, spot.longitude, latitude[i], longitude[i]);
            if (apart < spot.distance_km) {
                spot.distance_km = apart;
                spot.nearest = columns.id[row[i]];
            }
        }
        spots.push_back(std::move(spot));
    }
    std::stable_sort(spots.begin(), spots.end(),
                     [](const WhiteSpot& a, const WhiteSpot& b) { return a.warmth > b.warmth; });
    return spots;
}

}  // namespace custfolio
