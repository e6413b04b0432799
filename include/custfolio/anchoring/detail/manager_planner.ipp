// Definitions of the plan of one manager.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "custfolio/anchoring/detail/clock.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/anchoring/detail/further_days.hpp"
#include "custfolio/anchoring/detail/manager_planner.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio::detail {

// Rank of each value, from 1: equal values have equal ranks.
CUSTFOLIO_INLINE std::vector<std::int64_t> ranks_of(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::vector<std::int64_t> ranks;
    ranks.reserve(values.size());
    for (const double value : values) {
        ranks.push_back(1 + (std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin()));
    }
    return ranks;
}

// Positions by falling value: a flow that is filled in this order has less to repair.
CUSTFOLIO_INLINE std::vector<std::size_t> by_falling(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    return order;
}

CUSTFOLIO_INLINE ManagerPlanner::ManagerPlanner(std::span<const Review> reviews, std::vector<OpenReview> open,
                                                DayLimits limits, const Manager& manager)
    : reviews_(reviews),
      open_(std::move(open)),
      limits_(std::move(limits)),
      per_day_(manager.reviews_per_day),
      hours_(manager.hours) {
    value_.reserve(open_.size());
    for (const OpenReview& each : open_) value_.push_back(reviews_[each.review].value);
    // The flow takes reviews by falling value.
    const std::vector<std::size_t> order = by_falling(value_);
    std::vector<OpenReview> sorted;
    sorted.reserve(open_.size());
    for (const std::size_t k : order) sorted.push_back(std::move(open_[k]));
    open_ = std::move(sorted);
    std::sort(value_.begin(), value_.end(), std::greater<>());
    rank_ = ranks_of(value_);
}

CUSTFOLIO_INLINE double ManagerPlanner::value_of(std::span<const std::int32_t> day) const {
    double value = 0;
    for (std::size_t k = 0; k < open_.size(); ++k) {
        if (day[k] != no_flow_day) value += value_[k];
    }
    return value;
}

CUSTFOLIO_INLINE double ManagerPlanner::deviation_of(std::span<const std::int32_t> day) const {
    double deviation = 0;
    for (std::size_t k = 0; k < open_.size(); ++k) {
        for (const FlowDay& each : open_[k].days) {
            if (each.day == day[k]) deviation += static_cast<double>(each.deviation);
        }
    }
    return deviation;
}

// Cuts the windows of neighbouring reviews of one customer whose days are too near, between the two days. Returns
// whether there was such a pair.
CUSTFOLIO_INLINE bool ManagerPlanner::cut(std::span<const std::int32_t> day, Windows& windows) const {
    std::map<std::size_t, std::vector<std::size_t>> of_customer;
    for (std::size_t k = 0; k < open_.size(); ++k) {
        if (day[k] != no_flow_day) of_customer[open_[k].customer].push_back(k);
    }
    const auto at = [&](std::size_t k) { return limits_.days[static_cast<std::size_t>(day[k])]; };
    bool found = false;
    for (auto& [customer, own] : of_customer) {
        std::stable_sort(own.begin(), own.end(), [&](std::size_t a, std::size_t b) {
            return std::pair(at(a), reviews_[open_[a].review].due) < std::pair(at(b), reviews_[open_[b].review].due);
        });
        for (std::size_t k = 1; k < own.size(); ++k) {
            const std::size_t a = own[k - 1];
            const std::size_t b = own[k];
            const int gap = std::max(reviews_[open_[a].review].least_gap, reviews_[open_[b].review].least_gap);
            if (at(b) - at(a) >= gap) continue;
            found = true;
            const auto middle = (std::int64_t{at(a)} + at(b) - gap) / 2;
            std::erase_if(windows[a], [&](const FlowDay& each) {
                return limits_.days[static_cast<std::size_t>(each.day)] > middle;
            });
            std::erase_if(windows[b], [&](const FlowDay& each) {
                return limits_.days[static_cast<std::size_t>(each.day)] < middle + gap;
            });
        }
    }
    return found;
}

// Solves again with cut windows until all gaps hold, then searches with the whole windows; a second search starts from
// an empty agenda. The better of the two.
CUSTFOLIO_INLINE std::vector<std::int32_t> ManagerPlanner::keep_gaps(std::span<const int> capacity,
                                                                     std::span<const std::int32_t> day) const {
    Windows windows;
    for (const OpenReview& each : open_) windows.push_back(each.days);
    std::vector<std::int32_t> placed(day.begin(), day.end());
    constexpr int most_rounds = 30;
    for (int round = 0; round < most_rounds && cut(placed, windows); ++round) {
        ReviewFlow flow({capacity.begin(), capacity.end()}, limits_.week, limits_.week_room);
        for (std::size_t k = 0; k < open_.size(); ++k) flow.add({rank_[k], windows[k]});
        placed = flow.day();
    }
    return better(search(placed), search(none_placed()));
}

CUSTFOLIO_INLINE std::vector<int> ManagerPlanner::whole_capacity(int minutes) const {
    std::vector<int> capacity = limits_.room;
    for (std::size_t day = 0; day < capacity.size(); ++day) {
        capacity[day] = std::min(capacity[day], fitting_reviews(limits_.free[day], minutes));
    }
    return capacity;
}

CUSTFOLIO_INLINE ReviewFlow ManagerPlanner::flow_of(std::span<const int> capacity) const {
    ReviewFlow flow({capacity.begin(), capacity.end()}, limits_.week, limits_.week_room);
    for (std::size_t k = 0; k < open_.size(); ++k) flow.add({rank_[k], open_[k].days});
    return flow;
}

CUSTFOLIO_INLINE std::vector<SearchJob> ManagerPlanner::search_jobs() const {
    std::vector<SearchJob> jobs;
    jobs.reserve(open_.size());
    for (const OpenReview& each : open_) {
        const Review& review = reviews_[each.review];
        jobs.push_back(
            {each.days, review.value, length_of(review.minutes, each.site), review.least_gap, each.customer});
    }
    return jobs;
}

CUSTFOLIO_INLINE std::vector<std::int32_t> ManagerPlanner::search(std::span<const std::int32_t> start) const {
    const std::vector<SearchJob> jobs = search_jobs();
    ReviewSearch searched(jobs, limits_);
    searched.start(start);
    searched.improve();
    searched.force();
    return searched.day();
}

CUSTFOLIO_INLINE bool ManagerPlanner::unlike() const {
    return std::any_of(open_.begin(), open_.end(), [&](const OpenReview& each) {
        return reviews_[each.review].minutes != reviews_[open_.front().review].minutes;
    });
}

// Whether the reviews of each day find a time in the parts of the day that customers require.
CUSTFOLIO_INLINE bool ManagerPlanner::parts_fit(std::span<const std::int32_t> day) const {
    std::vector<std::vector<ReviewLength>> on(limits_.days.size());
    for (std::size_t k = 0; k < open_.size(); ++k) {
        const ReviewLength length = length_of(reviews_[open_[k].review].minutes, open_[k].site);
        if (day[k] != no_flow_day) on[static_cast<std::size_t>(day[k])].push_back(length);
    }
    for (std::size_t d = 0; d < on.size(); ++d) {
        if (none_of(on[d], [](const ReviewLength& each) { return each.part != PartOfDay::any; })) continue;
        std::vector<std::size_t> at;
        if (!pack(parts_of(limits_.free[d], on[d]), on[d], at)) return false;
    }
    return true;
}

// As if all reviews had one length.
CUSTFOLIO_INLINE ManagerPlanner::Relaxed ManagerPlanner::by_number(int minutes) const {
    Relaxed found{flow_of(whole_capacity(minutes)).day(), 0, 0};
    found.value = value_of(found.day);
    found.deviation = deviation_of(found.day);
    return found;
}

// Reviews of unlike length as parts of equal length, each free to choose its day.
CUSTFOLIO_INLINE ManagerPlanner::Relaxed ManagerPlanner::by_parts() const {
    int part = 0;
    for (const OpenReview& each : open_) part = std::gcd(part, reviews_[each.review].minutes);
    std::vector<double> density;
    density.reserve(open_.size());
    std::int64_t most = 1;
    for (const OpenReview& each : open_) {
        const Review& review = reviews_[each.review];
        density.push_back(review.value * part / review.minutes);
        most = std::max<std::int64_t>(most, review.minutes / part);
    }
    std::vector<int> capacity(limits_.room.size());
    for (std::size_t day = 0; day < capacity.size(); ++day) {
        const std::int64_t number = limits_.room[day] * most;
        capacity[day] = static_cast<int>(std::min<std::int64_t>(number, fitting_reviews(limits_.free[day], part)));
    }
    std::vector<int> weeks = limits_.week_room;
    for (int& week : weeks) week = static_cast<int>(std::min<std::int64_t>(week * most, no_review_limit));
    ReviewFlow flow(capacity, limits_.week, weeks);
    const std::vector<std::int64_t> ranks = ranks_of(density);
    std::vector<std::vector<FlowDay>> share(open_.size());
    std::vector<std::size_t> whole;
    for (const std::size_t k : by_falling(density)) {
        const int parts = reviews_[open_[k].review].minutes / part;
        share[k] = open_[k].days;
        for (FlowDay& each : share[k]) each.deviation /= parts;
        for (int p = 0; p < parts; ++p) {
            flow.add({ranks[k], share[k]});
            whole.push_back(k);
        }
    }
    // A review is on the day of its parts where they share one.
    Relaxed found{std::vector<std::int32_t>(open_.size(), no_flow_day), 0, 0};
    std::vector<bool> split(open_.size());
    for (std::size_t p = 0; p < whole.size(); ++p) {
        const std::int32_t day = flow.day()[p];
        const std::size_t k = whole[p];
        const bool first = p == 0 || whole[p - 1] != k;
        if (day == no_flow_day || (!first && day != found.day[k])) split[k] = true;
        if (first) found.day[k] = day;
        if (day == no_flow_day) continue;
        found.value += density[k];
        for (const FlowDay& each : share[k]) {
            if (each.day == day) found.deviation += static_cast<double>(each.deviation);
        }
    }
    for (std::size_t k = 0; k < split.size(); ++k) {
        if (split[k]) found.day[k] = no_flow_day;
    }
    return found;
}

CUSTFOLIO_INLINE int ManagerPlanner::length(bool longest) const {
    int found = 0;
    for (const OpenReview& each : open_) {
        const int minutes = reviews_[each.review].minutes;
        if (found == 0 || (longest ? minutes > found : minutes < found)) found = minutes;
    }
    return std::max(found, 1);
}

CUSTFOLIO_INLINE std::pair<double, double> ManagerPlanner::bound(double unit) const {
    const Relaxed number = by_number(length(false));
    if (!unlike()) return {number.value, number.deviation / unit};
    const Relaxed parts = by_parts();
    const Relaxed& least = parts.value < number.value ? parts : number;
    return {least.value, least.deviation / unit};
}

CUSTFOLIO_INLINE std::vector<std::int32_t> ManagerPlanner::better(std::vector<std::int32_t> one,
                                                                  std::vector<std::int32_t> other) const {
    const auto order = [&](const std::vector<std::int32_t>& day) {
        return std::pair(-value_of(day), deviation_of(day));
    };
    return order(other) < order(one) ? other : one;
}

CUSTFOLIO_INLINE void ManagerPlanner::plan(double unit, double slack, double km_per_point) {
    // Where lengths differ, prices and remedies are as if all were the longest: what they promise also fits.
    const std::vector<int> capacity = whole_capacity(length(true));
    ReviewFlow flow = flow_of(capacity);
    if (unlike()) {
        std::tie(result_.bound, result_.deviation_bound) = bound(unit);
        day_ = better(search(by_parts().day), search(by_number(length(false)).day));
    } else {
        day_ = flow.day();
        result_.bound = value_of(day_);
        result_.deviation_bound = deviation_of(day_) / unit;
        Windows untouched(open_.size());
        if (cut(day_, untouched)) day_ = keep_gaps(capacity, day_);
        if (!parts_fit(day_)) day_ = better(search(day_), search(none_placed()));
    }
    price(flow);
    if (slack > 0) even_out(slack, km_per_point);
    for (const std::int32_t day : day_) ++(day == no_flow_day ? result_.unplaced : result_.placed);
    result_.value = value_of(day_);
    result_.deviation = deviation_of(day_) / unit;
}

// Even days and short ways, within a share of the deviation.
CUSTFOLIO_INLINE void ManagerPlanner::even_out(double slack, double km_per_point) {
    const std::vector<SearchJob> jobs = search_jobs();
    ReviewSearch searched(jobs, limits_);
    searched.start(day_);
    std::vector<double> latitude;
    std::vector<double> longitude;
    const auto points = [&](std::span<const std::size_t> on) {
        latitude.clear();
        longitude.clear();
        for (const std::size_t k : on) {
            const CustomerSite* const site = open_[k].site;
            if (site == nullptr || !std::isfinite(site->latitude) || !std::isfinite(site->longitude)) continue;
            latitude.push_back(site->latitude);
            longitude.push_back(site->longitude);
        }
        const auto reviews = static_cast<double>(on.size());
        return reviews * reviews + way_km(latitude, longitude) / km_per_point;
    };
    searched.even_out(static_cast<std::int64_t>(deviation_of(day_) * (1 + slack)), points);
    day_ = searched.day();
}

CUSTFOLIO_INLINE void ManagerPlanner::price(ReviewFlow& flow) {
    // A further day has the manager's hours, for reviews of the greatest length.
    const int per_day = std::min(per_day_, (hours_.to - hours_.from) / length(true));
    if (per_day < 1) return;
    const Further further = FurtherDays(flow, value_).add(per_day);
    if (further.first == no_flow_day) return;
    result_.best_day = limits_.days[static_cast<std::size_t>(further.first)];
    result_.day_value = further.value;
    result_.days_needed = further.days;
}

}  // namespace custfolio::detail
