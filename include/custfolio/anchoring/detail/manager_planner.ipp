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
    bool near = false;
    for (auto& [customer, placed] : of_customer) {
        std::stable_sort(placed.begin(), placed.end(), [&](std::size_t a, std::size_t b) {
            return std::pair(at(a), reviews_[open_[a].review].due) < std::pair(at(b), reviews_[open_[b].review].due);
        });
        for (std::size_t k = 1; k < placed.size(); ++k) {
            const std::size_t a = placed[k - 1];
            const std::size_t b = placed[k];
            const int gap = std::max(reviews_[open_[a].review].least_gap, reviews_[open_[b].review].least_gap);
            if (at(b) - at(a) >= gap) continue;
            near = true;
            const auto middle = (std::int64_t{at(a)} + at(b) - gap) / 2;
            std::erase_if(windows[a], [&](const FlowDay& each) {
                return limits_.days[static_cast<std::size_t>(each.day)] > middle;
            });
            std::erase_if(windows[b], [&](const FlowDay& each) {
                return limits_.days[static_cast<std::size_t>(each.day)] < middle + gap;
            });
        }
    }
    return near;
}

// Solves again with cut windows until all gaps hold, then searches with the whole windows; a second search starts from
// an empty agenda. The better of the two.
CUSTFOLIO_INLINE std::vector<std::int32_t> ManagerPlanner::keep_gaps(std::span<const int> capacity,
                                                                     std::span<const std::int32_t> day) const {
    Windows windows = this->windows();
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
    ReviewSearch searched(jobs, {&limits_, 1});
    searched.start(start);
    searched.improve();
    searched.shake(std::accumulate(value_.begin(), value_.end(), 0.0) - result_.bound);
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

CUSTFOLIO_INLINE ManagerPlanner::Windows ManagerPlanner::windows() const {
    Windows windows;
    windows.reserve(open_.size());
    for (const OpenReview& each : open_) windows.push_back(each.days);
    return windows;
}

// As if all reviews had one length.
CUSTFOLIO_INLINE ManagerPlanner::Relaxed ManagerPlanner::by_number(const Windows& windows,
                                                                   std::span<const int> capacity) const {
    ReviewFlow flow({capacity.begin(), capacity.end()}, limits_.week, limits_.week_room);
    for (std::size_t k = 0; k < open_.size(); ++k) flow.add({rank_[k], windows[k]});
    Relaxed relaxed{{}, value_of(flow.day()), deviation_of(flow.day())};
    for (std::size_t k = 0; k < open_.size(); ++k) {
        if (flow.day()[k] != no_flow_day) relaxed.places.emplace_back(k, flow.day()[k]);
    }
    return relaxed;
}

// The greatest length that divides those of all reviews.
CUSTFOLIO_INLINE int ManagerPlanner::part_length() const {
    int part = 0;
    for (const OpenReview& each : open_) part = std::gcd(part, reviews_[each.review].minutes);
    return part;
}

// Reviews of unlike length as parts of equal length, each free to choose its day.
CUSTFOLIO_INLINE ManagerPlanner::Relaxed ManagerPlanner::by_parts(const Windows& windows) const {
    const int part = part_length();
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
        share[k] = windows[k];
        for (FlowDay& each : share[k]) each.deviation /= parts;
        for (int p = 0; p < parts; ++p) {
            flow.add({ranks[k], share[k]});
            whole.push_back(k);
        }
    }
    Relaxed relaxed;
    for (std::size_t p = 0; p < whole.size(); ++p) {
        const std::int32_t day = flow.day()[p];
        if (day == no_flow_day) continue;
        const std::size_t k = whole[p];
        relaxed.places.emplace_back(k, day);
        relaxed.value += density[k];
        const auto at = detail::find_if(share[k], [&](const FlowDay& each) { return each.day == day; });
        relaxed.deviation += static_cast<double>(at->deviation);
    }
    return relaxed;
}

// The day of each review whose parts are all there and share one.
CUSTFOLIO_INLINE std::vector<std::int32_t> ManagerPlanner::whole_days(const Relaxed& relaxed) const {
    const int part = part_length();
    std::vector<std::int32_t> day = none_placed();
    std::vector<int> parts(open_.size());
    for (const auto& [k, on] : relaxed.places) {
        if (parts[k] == 0) day[k] = on;
        if (day[k] == on) ++parts[k];
    }
    for (std::size_t k = 0; k < open_.size(); ++k) {
        if (parts[k] * part != reviews_[open_[k].review].minutes) day[k] = no_flow_day;
    }
    return day;
}

// Two reviews of a customer that are too near: in any agenda the first one is not after a day, or is after it and keeps
// its gap to the second. Returns whether there are such two.
CUSTFOLIO_INLINE bool ManagerPlanner::branch(const Relaxed& relaxed, const Windows& windows, Windows& early,
                                             Windows& late) const {
    const auto at = [&](std::int32_t day) { return limits_.days[static_cast<std::size_t>(day)]; };
    for (const auto& [a, on_a] : relaxed.places) {
        for (const auto& [b, on_b] : relaxed.places) {
            if (a == b || open_[a].customer != open_[b].customer || on_a > on_b) continue;
            const DayNumber gap = std::max(reviews_[open_[a].review].least_gap, reviews_[open_[b].review].least_gap);
            if (at(on_b) - at(on_a) >= gap) continue;
            early = windows;
            late = windows;
            const DayNumber last = at(windows[a].back().day);
            // The second one could also come first: only then can the first one be later.
            const DayNumber after = at(on_b) + gap;
            if (last >= after) {
                std::erase_if(early[a], [&](const FlowDay& each) { return at(each.day) >= after; });
                std::erase_if(late[a], [&](const FlowDay& each) { return at(each.day) < after; });
                return true;
            }
            const DayNumber middle = at(on_a) - (at(on_a) + gap - at(on_b) + 1) / 2;
            std::erase_if(early[a], [&](const FlowDay& each) { return at(each.day) > middle; });
            std::erase_if(late[a], [&](const FlowDay& each) { return at(each.day) <= middle; });
            const DayNumber next = at(late[a].front().day);
            std::erase_if(late[b],
                          [&](const FlowDay& each) { return at(each.day) > last - gap && at(each.day) < next + gap; });
            return true;
        }
    }
    return false;
}

// Branch and bound over the windows of reviews that are too near, the greatest value first. Whether all gaps hold.
CUSTFOLIO_INLINE std::pair<ManagerPlanner::Relaxed, bool> ManagerPlanner::with_gaps(
    const std::function<Relaxed(const Windows&)>& solve) const {
    struct Node {
        Relaxed relaxed;
        Windows windows;
        bool operator<(const Node& other) const {
            return std::pair(relaxed.value, -relaxed.deviation) <
                   std::pair(other.relaxed.value, -other.relaxed.deviation);
        }
    };
    constexpr std::size_t few = 100;
    const std::size_t most_nodes = open_.size() > few ? 1 : 4'000 / std::max<std::size_t>(open_.size(), 20);
    std::vector<Node> open{{solve(windows()), windows()}};
    for (std::size_t node = 1;; ++node) {
        std::pop_heap(open.begin(), open.end());
        Windows early;
        Windows late;
        const bool near = branch(open.back().relaxed, open.back().windows, early, late);
        if (!near || node >= most_nodes) return {open.back().relaxed, !near};
        open.pop_back();
        for (Windows* const each : {&early, &late}) {
            open.push_back({solve(*each), std::move(*each)});
            std::push_heap(open.begin(), open.end());
        }
    }
}

CUSTFOLIO_INLINE int ManagerPlanner::length(bool longest) const {
    int minutes = 0;
    for (const OpenReview& each : open_) {
        const int other = reviews_[each.review].minutes;
        if (minutes == 0 || (longest ? other > minutes : other < minutes)) minutes = other;
    }
    return std::max(minutes, 1);
}

CUSTFOLIO_INLINE std::pair<double, double> ManagerPlanner::bound(double unit) const {
    const std::vector<int> capacity = whole_capacity(length(false));
    const auto number = [&](const Windows& each) { return by_number(each, capacity); };
    const auto parts = [&](const Windows& each) { return by_parts(each); };
    const bool shared = unlike() && by_parts(windows()).value < by_number(windows(), capacity).value;
    const Relaxed least = shared ? with_gaps(parts).first : with_gaps(number).first;
    return {least.value, least.deviation / unit};
}

CUSTFOLIO_INLINE std::pair<double, std::vector<double>> ManagerPlanner::relaxed_parts() const {
    Relaxed least = by_number(windows(), whole_capacity(length(false)));
    bool shared = false;
    if (unlike()) {
        Relaxed parts = by_parts(windows());
        shared = parts.value < least.value;
        if (shared) least = std::move(parts);
    }
    const int part = part_length();
    std::vector<double> placed(reviews_.size());
    for (const auto& [k, day] : least.places) {
        const std::size_t review = open_[k].review;
        placed[review] += shared ? static_cast<double>(part) / reviews_[review].minutes : 1.0;
    }
    return {least.value, std::move(placed)};
}

CUSTFOLIO_INLINE std::vector<std::int32_t> ManagerPlanner::better(std::vector<std::int32_t> one,
                                                                  std::vector<std::int32_t> other) const {
    const auto order = [&](const std::vector<std::int32_t>& day) {
        return std::pair(-value_of(day), deviation_of(day));
    };
    return order(other) < order(one) ? other : one;
}

CUSTFOLIO_INLINE void ManagerPlanner::plan(double unit, double slack, double km_per_point,
                                           std::span<const std::int32_t> start) {
    // Where lengths differ, prices and remedies are as if all were the longest: what they promise also fits.
    const std::vector<int> capacity = whole_capacity(length(true));
    ReviewFlow flow = flow_of(capacity);
    if (unlike()) {
        std::tie(result_.bound, result_.deviation_bound) = bound(unit);
        const Relaxed number = by_number(windows(), whole_capacity(length(false)));
        std::vector<std::int32_t> day = none_placed();
        for (const auto& [k, on] : number.places) day[k] = on;
        day_ = better(search(whole_days(by_parts(windows()))), search(day));
    } else {
        day_ = flow.day();
        result_.bound = value_of(day_);
        result_.deviation_bound = deviation_of(day_) / unit;
        Windows untouched(open_.size());
        if (cut(day_, untouched)) {
            const auto [best, exact] = with_gaps([&](const Windows& each) { return by_number(each, capacity); });
            result_.bound = best.value;
            result_.deviation_bound = best.deviation / unit;
            day_ = exact ? whole_days(best) : keep_gaps(capacity, day_);
        }
        if (!parts_fit(day_)) day_ = better(search(day_), search(none_placed()));
    }
    if (!start.empty()) day_ = better(day_, search(start));
    price(flow);
    if (slack > 0) even_out(slack, km_per_point);
    for (const std::int32_t day : day_) ++(day == no_flow_day ? result_.unplaced : result_.placed);
    result_.value = value_of(day_);
    result_.deviation = deviation_of(day_) / unit;
}

// Even days and short ways, within a share of the deviation.
CUSTFOLIO_INLINE void ManagerPlanner::even_out(double slack, double km_per_point) {
    const std::vector<SearchJob> jobs = search_jobs();
    ReviewSearch searched(jobs, {&limits_, 1});
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
