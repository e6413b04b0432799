// Definitions of the free time of a day.
#pragma once

#include <algorithm>
#include <numeric>
#include <utility>

#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

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

inline constexpr int noon = 12 * 60;

// Whether a time lies in a part of the day.
CUSTFOLIO_INLINE bool keeps(Hours time, PartOfDay part) {
    return part == PartOfDay::any || (part == PartOfDay::morning ? time.to <= noon : time.from >= noon);
}

CUSTFOLIO_INLINE std::vector<Hours> within(std::span<const Hours> free, PartOfDay part) {
    const std::vector<Hours> half{part == PartOfDay::morning ? Hours{0, noon} : Hours{noon, 24 * 60}};
    return part == PartOfDay::any ? std::vector<Hours>(free.begin(), free.end()) : common_time(free, half);
}

CUSTFOLIO_INLINE std::vector<Hours> parts_of(std::span<const Hours> free, std::span<const ReviewLength> reviews) {
    std::vector<Hours> parts(free.begin(), free.end());
    if (none_of(reviews, [](const ReviewLength& each) { return each.part != PartOfDay::any; })) return parts;
    parts = within(free, PartOfDay::morning);
    for (const Hours& each : within(free, PartOfDay::afternoon)) parts.push_back(each);
    return parts;
}

// Tries every free time for the reviews from position k on; `left` are the minutes of each.
CUSTFOLIO_INLINE bool pack_rest(std::span<const Hours> free, std::span<const std::size_t> order,
                                std::span<const ReviewLength> reviews, std::size_t k, std::vector<int>& left,
                                std::vector<std::size_t>& at) {
    if (k == order.size()) return true;
    const ReviewLength& review = reviews[order[k]];
    for (std::size_t time = 0; time < left.size(); ++time) {
        if (left[time] < review.minutes || !keeps(free[time], review.part)) continue;
        left[time] -= review.minutes;
        at[order[k]] = time;
        if (pack_rest(free, order, reviews, k + 1, left, at)) return true;
        left[time] += review.minutes;
    }
    return false;
}

CUSTFOLIO_INLINE bool pack(std::span<const Hours> free, std::span<const ReviewLength> reviews,
                           std::vector<std::size_t>& at) {
    at.assign(reviews.size(), 0);
    std::vector<std::size_t> order(reviews.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Reviews that must keep a part of the day come first.
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto rank = [&](std::size_t k) {
            return std::pair(reviews[k].part == PartOfDay::any, -reviews[k].minutes);
        };
        return rank(a) < rank(b);
    });
    std::vector<int> left;
    left.reserve(free.size());
    for (const Hours& each : free) left.push_back(each.to - each.from);
    constexpr std::size_t enumerated = 8;
    if (order.size() <= enumerated) return pack_rest(free, order, reviews, 0, left, at);
    for (const std::size_t review : order) {
        std::size_t time = 0;
        while (time < left.size() &&
               (left[time] < reviews[review].minutes || !keeps(free[time], reviews[review].part))) {
            ++time;
        }
        if (time == left.size()) return false;
        left[time] -= reviews[review].minutes;
        at[review] = time;
    }
    return true;
}

}  // namespace custfolio::detail
