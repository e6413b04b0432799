// Definitions of the displacement.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/overflow/displacement.hpp"
#include "custfolio/portfolio/bucket.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_cubes(std::span<const IceCube> cubes, std::span<const double> slack) {
    for (std::size_t m = 0; m < slack.size(); ++m) {
        if (std::isnan(slack[m])) {
            throw InputError("slack, month " + std::to_string(m + 1) +
                             ": it is nan; it must be the level above the floor");
        }
    }
    for (std::size_t i = 0; i < cubes.size(); ++i) {
        const IceCube& cube = cubes[i];
        const auto place = [&] { return "ice cube " + std::to_string(i + 1); };
        if (cube.level.size() != slack.size() || cube.heat.size() != slack.size()) {
            throw InputError(place() + " has " + std::to_string(cube.level.size()) + " months of level and " +
                             std::to_string(cube.heat.size()) + " of heat; the horizon has " +
                             std::to_string(slack.size()));
        }
        if (cube.earliest < 0) {
            throw InputError(place() + ": earliest month is " + std::to_string(cube.earliest) + "; it must be >= 0");
        }
        double level = 0;
        double heat = 0;
        for (std::size_t m = 0; m < slack.size(); ++m) {
            level += std::abs(cube.level[m]);
            heat += std::abs(cube.heat[m]);
            if (std::isfinite(cube.level[m]) && std::isfinite(cube.heat[m])) continue;
            const std::string where = place() + ", month " + std::to_string(m + 1) + ": ";
            require_finite(cube.level[m], where + "level");
            require_finite(cube.heat[m], where + "heat");
        }
        require_finite(level, place() + ": the sum of its levels");
        require_finite(heat, place() + ": the sum of its heat");
    }
}

/// First month from which on every month's slack covers the level that leaves; the number of months where none does.
CUSTFOLIO_INLINE std::size_t first_replaced(const IceCube& cube, std::span<const double> slack) {
    std::size_t month = slack.size();
    while (month > 0 && (cube.level[month - 1] <= 0 || slack[month - 1] >= cube.level[month - 1])) --month;
    return month;
}

/// The month with the least weighted heat from it on, of those that are allowed; the number of months where none is.
CUSTFOLIO_INLINE std::size_t best_month(const IceCube& cube, std::size_t first, const DisplacementOptions& options) {
    const std::size_t months = cube.heat.size();
    std::size_t best = months;
    double least = options.only_cold ? 0.0 : std::numeric_limits<double>::infinity();
    double heat = 0;
    for (std::size_t m = months; m-- > first;) {
        heat += cube.heat[m] * (options.discount.empty() ? 1.0 : options.discount[m]);
        // Of months that are worth the same the earliest frees the capacity soonest; leaving for nothing is no gain.
        if (options.only_cold && !(heat < 0)) continue;
        if (heat <= least) {
            least = heat;
            best = m;
        }
    }
    return best;
}

}  // namespace detail

CUSTFOLIO_INLINE double overflow_rank(double level, double heat) {
    if (level > 0) return temperature_of(level, heat);
    return heat < 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

CUSTFOLIO_INLINE double IceCube::rank() const {
    return overflow_rank(std::accumulate(level.begin(), level.end(), 0.0),
                         std::accumulate(heat.begin(), heat.end(), 0.0));
}

CUSTFOLIO_INLINE std::vector<Displaced> displace(std::span<const IceCube> cubes, std::span<const double> slack,
                                                 const DisplacementOptions& options) {
    detail::check_cubes(cubes, slack);
    if (!options.discount.empty() && options.discount.size() != slack.size()) {
        throw InputError("discount has " + std::to_string(options.discount.size()) + " months; the horizon has " +
                         std::to_string(slack.size()));
    }
    for (const double weight : options.discount) {
        if (!(weight >= 0 && std::isfinite(weight))) {
            throw InputError("discount is " + number_text(weight) + "; it must be a finite number >= 0");
        }
    }
    struct Rank {
        double rank;
        double heat;
        std::size_t cube;
    };
    std::vector<Rank> ranks;
    ranks.reserve(cubes.size());
    for (std::size_t i = 0; i < cubes.size(); ++i) {
        ranks.push_back({cubes[i].rank(), std::accumulate(cubes[i].heat.begin(), cubes[i].heat.end(), 0.0), i});
    }
    std::sort(ranks.begin(), ranks.end(), [](const Rank& a, const Rank& b) {
        if (a.rank != b.rank) return a.rank < b.rank;
        if (a.heat != b.heat) return a.heat < b.heat;
        return a.cube < b.cube;
    });
    std::vector<double> left(slack.begin(), slack.end());
    std::vector<Displaced> displaced;
    for (const Rank& rank : ranks) {
        const IceCube& cube = cubes[rank.cube];
        const std::size_t first = std::max(detail::first_replaced(cube, left), static_cast<std::size_t>(cube.earliest));
        const std::size_t month = detail::best_month(cube, first, options);
        if (month >= left.size()) continue;
        Displaced out{rank.cube, cube.customer, static_cast<int>(month), 0, 0};
        for (std::size_t m = month; m < left.size(); ++m) {
            out.level += cube.level[m];
            out.heat += cube.heat[m];
            left[m] -= cube.level[m];
        }
        displaced.push_back(out);
    }
    return displaced;
}

}  // namespace custfolio
