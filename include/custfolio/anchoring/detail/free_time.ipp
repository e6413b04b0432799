// Definitions of the free time of a day.
#pragma once

#include <algorithm>
#include <numeric>

#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/config.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE void take_time(std::vector<Hours>& free, Hours taken) {
    std::vector<Hours> left;
    left.reserve(free.size() + 1);
    for (const Hours& each : free) {
        if (each.from < taken.from) left.push_back({each.from, std::min(each.to, taken.from)});
        if (each.to > taken.to) left.push_back({std::max(each.from, taken.to), each.to});
    }
    free.swap(left);
}

CUSTFOLIO_INLINE std::vector<Hours> common_time(std::span<const Hours> a, std::span<const Hours> b) {
    std::vector<Hours> common;
    for (const Hours& x : a) {
        for (const Hours& y : b) {
            const Hours both{std::max(x.from, y.from), std::min(x.to, y.to)};
            if (both.from < both.to) common.push_back(both);
        }
    }
    return common;
}

CUSTFOLIO_INLINE int fitting_reviews(std::span<const Hours> free, int minutes) {
    int reviews = 0;
    for (const Hours& each : free) reviews += (each.to - each.from) / minutes;
    return reviews;
}

CUSTFOLIO_INLINE int first_start(std::span<const Hours> free, int minutes, int earliest) {
    for (const Hours& each : free) {
        const int start = std::max(each.from, earliest);
        if (start + minutes <= each.to) return start;
    }
    return no_time;
}

// Tries every free time for the reviews from position k on; `left` are the minutes of each.
CUSTFOLIO_INLINE bool pack_rest(std::span<const std::size_t> order, std::span<const int> minutes, std::size_t k,
                                std::vector<int>& left, std::vector<std::size_t>& at) {
    if (k == order.size()) return true;
    const std::size_t review = order[k];
    for (std::size_t time = 0; time < left.size(); ++time) {
        if (left[time] < minutes[review]) continue;
        left[time] -= minutes[review];
        at[review] = time;
        if (pack_rest(order, minutes, k + 1, left, at)) return true;
        left[time] += minutes[review];
    }
    return false;
}

CUSTFOLIO_INLINE bool pack(std::span<const Hours> free, std::span<const int> minutes, std::vector<std::size_t>& at) {
    at.assign(minutes.size(), 0);
    std::vector<std::size_t> order(minutes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return minutes[a] > minutes[b]; });
    std::vector<int> left;
    left.reserve(free.size());
    for (const Hours& each : free) left.push_back(each.to - each.from);
    constexpr std::size_t enumerated = 8;
    if (order.size() <= enumerated) return pack_rest(order, minutes, 0, left, at);
    for (const std::size_t review : order) {
        const auto time = std::find_if(left.begin(), left.end(), [&](int rest) { return rest >= minutes[review]; });
        if (time == left.end()) return false;
        *time -= minutes[review];
        at[review] = static_cast<std::size_t>(time - left.begin());
    }
    return true;
}

}  // namespace custfolio::detail
