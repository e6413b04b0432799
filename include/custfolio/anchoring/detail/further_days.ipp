// Definitions of the days that a manager needs beyond those of the agenda.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>

#include "custfolio/anchoring/detail/further_days.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE FurtherDays::FurtherDays(ReviewFlow& flow, std::span<const double> value)
    : flow_(flow), value_(value), days_(flow.capacity_.size()), wanted_(days_) {
    for (std::size_t job = 0; job < flow.jobs_.size(); ++job) {
        const std::span<const FlowDay> days = flow.jobs_[job].days;
        if (days.empty()) continue;
        widest_ = std::max(widest_, static_cast<std::size_t>(days.back().day - days.front().day));
        if (flow.day_[job] == no_flow_day) left_.push_back(job);
    }
    if (left_.empty()) return;
    // Of equal values the earliest first: the first days are filled first, and a search for jobs then stops early.
    const auto rank = [&](std::size_t job) { return std::pair(-value[job], flow.jobs_[job].days.front().day); };
    left_.sort([&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    movable_.resize(days_ * (2 * widest_ + 1));
    for (std::size_t job = 0; job < flow.jobs_.size(); ++job) count(job, 1);
}

CUSTFOLIO_INLINE void FurtherDays::count(std::size_t job, int change) {
    if (flow_.day_[job] == no_flow_day) return;
    const auto from = static_cast<std::size_t>(flow_.day_[job]);
    for (const FlowDay& each : flow_.jobs_[job].days) movable(from, static_cast<std::size_t>(each.day)) += change;
}

CUSTFOLIO_INLINE void FurtherDays::move(std::size_t job, std::int32_t to) {
    count(job, -1);
    flow_.move(job, to);
    count(job, 1);
}

CUSTFOLIO_INLINE void FurtherDays::want(std::size_t job, int change) {
    for (const FlowDay& each : flow_.jobs_[job].days) wanted_[static_cast<std::size_t>(each.day)] += change;
}

// A job on a day that can move to another day.
CUSTFOLIO_INLINE std::size_t FurtherDays::one_to(std::size_t from, std::size_t to) const {
    return *detail::find_if(flow_.on_[from], [&](std::size_t job) {
        return any_of(flow_.jobs_[job].days, [&](const FlowDay& each) { return each.day == static_cast<int>(to); });
    });
}

// The first day that a job of the greatest value reaches, itself or when other jobs move on.
CUSTFOLIO_INLINE std::size_t FurtherDays::best_day() {
    std::vector<bool> reached(days_);
    std::vector<std::size_t> open;
    const auto reach = [&](std::size_t day, bool can) {
        if (!can || reached[day]) return;
        reached[day] = true;
        open.push_back(day);
    };
    for (std::size_t day = 0; day < days_; ++day) reach(day, wanted_[day] > 0);
    std::size_t first = days_;
    while (!open.empty()) {
        const std::size_t day = open.back();
        open.pop_back();
        first = std::min(first, day);
        for (std::size_t to = first_near(day); to < end_near(day); ++to) reach(to, movable(day, to) > 0);
        // Its week is full: another day of the week gives up a place.
        if (!flow_.day_has_room(day)) continue;
        for (const std::size_t to : same_week(day)) reach(to, !flow_.on_[to].empty());
    }
    return first;
}

// From each day a way to room in the week of a day, where there is one.
CUSTFOLIO_INLINE void FurtherDays::find_ways(std::size_t day) {
    next_.assign(days_, nowhere);
    std::vector<std::size_t> open;
    const auto lead = [&](std::size_t from, std::size_t to, bool can) {
        if (!can || next_[from] != nowhere) return;
        next_[from] = to;
        open.push_back(from);
    };
    const bool week_has_room = flow_.week_has_room(flow_.week_node(day));
    for (const std::size_t each : same_week(day)) lead(each, each, week_has_room && flow_.day_has_room(each));
    for (std::size_t k = 0; k < open.size(); ++k) {
        const std::size_t to = open[k];
        for (std::size_t from = first_near(to); from < end_near(to); ++from) lead(from, to, movable(from, to) > 0);
        if (flow_.on_[to].empty()) continue;
        for (const std::size_t from : same_week(to)) lead(from, to, flow_.day_has_room(from));
    }
}

// Places a job where a way to room begins; the jobs on the way move on.
CUSTFOLIO_INLINE bool FurtherDays::place(std::size_t job) {
    const std::span<const FlowDay> days = flow_.jobs_[job].days;
    const auto at = std::find_if(days.begin(), days.end(), [&](const FlowDay& each) {
        return next_[static_cast<std::size_t>(each.day)] != nowhere;
    });
    if (at == days.end()) return false;
    auto day = static_cast<std::size_t>(at->day);
    for (std::size_t to = next_[day]; to != day; to = next_[day]) {
        if (movable(day, to) == 0) {
            // A day with room in a full week: the next day of the week gives up a place.
            move(job, static_cast<std::int32_t>(day));
            day = to;
            to = next_[day];
            job = one_to(day, to);
        } else {
            const std::size_t leaving = one_to(day, to);
            move(job, static_cast<std::int32_t>(day));
            job = leaving;
        }
        day = to;
    }
    move(job, static_cast<std::int32_t>(day));
    return true;
}

CUSTFOLIO_INLINE Further FurtherDays::add(int per_day) {
    Further further;
    double greatest = 0;
    while (!left_.empty()) {
        if (value_[left_.front()] != greatest) {
            greatest = value_[left_.front()];
            for (auto at = left_.begin(); at != left_.end() && value_[*at] == greatest; ++at) want(*at, 1);
        }
        const std::size_t day = best_day();
        if (further.days++ == 0) further.first = static_cast<std::int32_t>(day);
        flow_.capacity_[day] += per_day;
        int& week = flow_.week_capacity_[static_cast<std::size_t>(flow_.week_[day])];
        week += std::min(per_day, std::numeric_limits<int>::max() - week);
        find_ways(day);
        int placed = 0;
        for (auto at = left_.begin(); at != left_.end() && placed < per_day;) {
            if (!place(*at)) {
                ++at;
                continue;
            }
            if (value_[*at] == greatest) want(*at, -1);
            if (further.days == 1) further.value += value_[*at];
            at = left_.erase(at);
            ++placed;
            find_ways(day);
        }
    }
    return further;
}

}  // namespace custfolio::detail
