// Definitions of clock times and of the order of visits.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "custfolio/anchoring/agenda.hpp"
#include "custfolio/anchoring/detail/clock.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/geography.hpp"
#include "custfolio/math/matrix.hpp"

namespace custfolio {

namespace detail {

// The shortest path through all places: best[set][last], from single places to all.
CUSTFOLIO_INLINE std::vector<std::size_t> shortest_path(const Matrix& km) {
    const std::size_t n = km.rows();
    const std::size_t sets = std::size_t{1} << n;
    // Backwards, so that the first of equal ways in lexicographic order is found by walking forwards.
    Matrix rest(sets, n, 0.0);
    for (std::size_t visited = sets - 1; visited-- > 1;) {
        for (std::size_t last = 0; last < n; ++last) {
            double least = std::numeric_limits<double>::infinity();
            for (std::size_t next = 0; next < n; ++next) {
                if ((visited >> next & 1u) != 0) continue;
                least = std::min(least, km(last, next) + rest(visited | std::size_t{1} << next, next));
            }
            rest(visited, last) = least;
        }
    }
    std::vector<std::size_t> order;
    std::size_t visited = 0;
    while (order.size() < n) {
        std::size_t best = n;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t next = 0; next < n; ++next) {
            if ((visited >> next & 1u) != 0) continue;
            const double way =
                (order.empty() ? 0.0 : km(order.back(), next)) + rest(visited | std::size_t{1} << next, next);
            if (way < least) {
                least = way;
                best = next;
            }
        }
        order.push_back(best);
        visited |= std::size_t{1} << best;
    }
    return order;
}

CUSTFOLIO_INLINE std::vector<std::size_t> nearest_next(const Matrix& km) {
    std::vector<std::size_t> order{0};
    std::vector<bool> visited(km.rows());
    visited[0] = true;
    while (order.size() < km.rows()) {
        std::size_t best = km.rows();
        for (std::size_t next = 0; next < km.rows(); ++next) {
            if (!visited[next] && (best == km.rows() || km(order.back(), next) < km(order.back(), best))) best = next;
        }
        visited[best] = true;
        order.push_back(best);
    }
    return order;
}

CUSTFOLIO_INLINE ReviewLength length_of(int minutes, const CustomerSite* site) {
    return {minutes, site == nullptr ? PartOfDay::any : site->open_part};
}

// The part of the day that a customer requires, or else the one that it prefers.
CUSTFOLIO_INLINE PartOfDay part_of(const CustomerSite* site) {
    if (site == nullptr) return PartOfDay::any;
    return site->open_part == PartOfDay::any ? site->part : site->open_part;
}

CUSTFOLIO_INLINE int start_in(std::span<const Hours> free, int minutes, const CustomerSite* site) {
    const std::vector<Hours> open = within(free, length_of(minutes, site).part);
    const int wanted = first_start(within(open, part_of(site)), minutes);
    return wanted == no_time ? first_start(open, minutes) : wanted;
}

// The order of a day's visits: by the shortest way where all places are known, then mornings before afternoons.
CUSTFOLIO_INLINE std::vector<std::size_t> order_of(std::span<const DayVisit> visits) {
    std::vector<std::size_t> order(visits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> latitude;
    std::vector<double> longitude;
    for (const DayVisit& visit : visits) {
        if (visit.site == nullptr || !std::isfinite(visit.site->latitude) || !std::isfinite(visit.site->longitude)) {
            continue;
        }
        latitude.push_back(visit.site->latitude);
        longitude.push_back(visit.site->longitude);
    }
    if (latitude.size() == visits.size() && visits.size() > 2) order = visiting_order(latitude, longitude);
    const auto rank = [&](std::size_t k) {
        const PartOfDay part = part_of(visits[k].site);
        return part == PartOfDay::morning ? 0 : part == PartOfDay::any ? 1 : 2;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    return order;
}

CUSTFOLIO_INLINE double way_km(std::span<const double> latitude, std::span<const double> longitude) {
    const std::vector<std::size_t> order = visiting_order(latitude, longitude);
    double km = 0;
    for (std::size_t k = 1; k < order.size(); ++k) {
        km += math::great_circle_km(latitude[order[k - 1]], longitude[order[k - 1]], latitude[order[k]],
                                    longitude[order[k]]);
    }
    return km;
}

CUSTFOLIO_INLINE std::vector<int> clock_times(std::span<const DayVisit> visits, std::vector<Hours> free) {
    const std::vector<std::size_t> order = order_of(visits);
    std::vector<int> starts(visits.size(), no_time);
    std::vector<Hours> left = free;
    bool all = true;
    for (const std::size_t k : order) {
        starts[k] = start_in(left, visits[k].minutes, visits[k].site);
        all = all && starts[k] != no_time;
        if (starts[k] != no_time) take_time(left, {starts[k], starts[k] + visits[k].minutes});
    }
    if (all) return starts;
    // In this order they do not fit: first choose a free time for each, then follow the order within each.
    std::vector<ReviewLength> reviews;
    reviews.reserve(visits.size());
    for (const DayVisit& visit : visits) reviews.push_back(length_of(visit.minutes, visit.site));
    std::vector<std::size_t> at;
    free = parts_of(free, reviews);
    pack(free, reviews, at);
    for (const std::size_t k : order) {
        starts[k] = free[at[k]].from;
        free[at[k]].from += visits[k].minutes;
    }
    return starts;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<std::size_t> visiting_order(std::span<const double> latitude,
                                                         std::span<const double> longitude) {
    if (latitude.size() != longitude.size()) {
        throw InputError("there are " + std::to_string(latitude.size()) + " latitudes and " +
                         std::to_string(longitude.size()) + " longitudes; each place has one of both");
    }
    const std::size_t places = latitude.size();
    if (places == 0) return {};
    Matrix km(places, places);
    for (std::size_t a = 0; a < places; ++a) {
        for (std::size_t b = 0; b < places; ++b) {
            km(a, b) = math::great_circle_km(latitude[a], longitude[a], latitude[b], longitude[b]);
        }
    }
    constexpr std::size_t most_enumerated = 8;
    return places <= most_enumerated ? detail::shortest_path(km) : detail::nearest_next(km);
}

}  // namespace custfolio
