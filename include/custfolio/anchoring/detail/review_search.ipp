// Definitions of the local search for reviews that a flow does not place exactly.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/anchoring/detail/review_search.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE ReviewSearch::ReviewSearch(std::span<const SearchJob> jobs, const DayLimits& limits)
    : jobs_(jobs),
      limits_(limits),
      day_(jobs.size(), no_flow_day),
      on_(limits.days.size()),
      used_(limits.week_room.size()),
      by_value_(jobs.size()) {
    std::size_t customers = 0;
    for (const SearchJob& job : jobs) customers = std::max(customers, job.customer + 1);
    of_customer_.resize(customers);
    widest_gap_.resize(customers);
    for (const SearchJob& job : jobs) widest_gap_[job.customer] = std::max(widest_gap_[job.customer], job.least_gap);
    std::iota(by_value_.begin(), by_value_.end(), std::size_t{0});
    std::stable_sort(by_value_.begin(), by_value_.end(),
                     [&](std::size_t a, std::size_t b) { return jobs_[a].value > jobs_[b].value; });
}

CUSTFOLIO_INLINE void ReviewSearch::put(std::size_t job, std::int32_t day) {
    day_[job] = day;
    on_[static_cast<std::size_t>(day)].push_back(job);
    of_customer_[jobs_[job].customer].emplace(day, job);
    ++used_[static_cast<std::size_t>(limits_.week[static_cast<std::size_t>(day)])];
}

CUSTFOLIO_INLINE void ReviewSearch::take(std::size_t job) {
    const auto day = static_cast<std::size_t>(day_[job]);
    on_[day].erase(std::find(on_[day].begin(), on_[day].end(), job));
    of_customer_[jobs_[job].customer].erase({day_[job], job});
    --used_[static_cast<std::size_t>(limits_.week[day])];
    day_[job] = no_flow_day;
}

CUSTFOLIO_INLINE bool ReviewSearch::room_for(std::size_t job, std::size_t day) const {
    const auto week = static_cast<std::size_t>(limits_.week[day]);
    if (static_cast<int>(on_[day].size()) >= limits_.room[day] || used_[week] >= limits_.week_room[week]) return false;
    std::vector<ReviewLength> reviews{jobs_[job].length};
    for (const std::size_t other : on_[day]) reviews.push_back(jobs_[other].length);
    std::vector<std::size_t> at;
    return pack(parts_of(limits_.free[day], reviews), reviews, at);
}

// The other reviews of the same customer that are too near to a day.
CUSTFOLIO_INLINE std::vector<std::size_t> ReviewSearch::too_near(std::size_t job, std::int32_t day) const {
    std::vector<std::size_t> near;
    const std::size_t customer = jobs_[job].customer;
    const DayNumber on = limits_.days[static_cast<std::size_t>(day)];
    // Positions of days are at most as far apart as the days.
    const auto& placed = of_customer_[customer];
    for (auto at = placed.lower_bound({day - widest_gap_[customer], 0}); at != placed.end(); ++at) {
        const auto [other_day, other] = *at;
        const DayNumber apart = limits_.days[static_cast<std::size_t>(other_day)] - on;
        if (apart >= widest_gap_[customer]) break;
        if (other != job && std::abs(apart) < std::max(jobs_[job].least_gap, jobs_[other].least_gap)) {
            near.push_back(other);
        }
    }
    return near;
}

CUSTFOLIO_INLINE bool ReviewSearch::fits(std::size_t job, std::int32_t day) const {
    return too_near(job, day).empty() && room_for(job, static_cast<std::size_t>(day));
}

CUSTFOLIO_INLINE std::int64_t ReviewSearch::deviation(std::size_t job) const {
    for (const FlowDay& each : jobs_[job].days) {
        if (each.day == day_[job]) return each.deviation;
    }
    return 0;
}

CUSTFOLIO_INLINE const FlowDay* ReviewSearch::best_day(std::size_t job) const {
    const FlowDay* best = nullptr;
    for (const FlowDay& each : jobs_[job].days) {
        if ((best == nullptr || each.deviation < best->deviation) && fits(job, each.day)) best = &each;
    }
    return best;
}

// Reviews whose place keeps a review from a day: those of the day, of a full week, and of the same customer.
CUSTFOLIO_INLINE std::vector<std::size_t> ReviewSearch::in_the_way(std::size_t job, std::int32_t day) const {
    const auto at = static_cast<std::size_t>(day);
    std::vector<std::size_t> others = on_[at];
    const auto week = static_cast<std::size_t>(limits_.week[at]);
    if (used_[week] >= limits_.week_room[week]) {
        for (std::size_t near = 0; near < on_.size(); ++near) {
            if (near != at && limits_.week[near] == limits_.week[at]) {
                others.insert(others.end(), on_[near].begin(), on_[near].end());
            }
        }
    }
    for (const std::size_t other : too_near(job, day)) {
        if (!contains(others, other)) others.push_back(other);
    }
    return others;
}

CUSTFOLIO_INLINE void ReviewSearch::start(std::span<const std::int32_t> day) {
    for (const std::size_t job : by_value_) {
        if (day[job] != no_flow_day && fits(job, day[job])) put(job, day[job]);
    }
}

// The cheapest way to place a review that is not placed, moving one other review; its deviation is below a limit.
CUSTFOLIO_INLINE ReviewSearch::Move ReviewSearch::best_exchange(std::size_t job, std::int64_t below) {
    Move best;
    best.deviation = below;
    for (const FlowDay& each : jobs_[job].days) {
        for (const std::size_t other : in_the_way(job, each.day)) {
            const std::int32_t from = day_[other];
            const std::int64_t before = deviation(other);
            if (each.deviation - before >= best.deviation) continue;
            take(other);
            if (fits(job, each.day)) {
                put(job, each.day);
                const FlowDay* const to = best_day(other);
                if (to != nullptr && each.deviation + to->deviation - before < best.deviation) {
                    best = {&each, other, to, each.deviation + to->deviation - before};
                }
                take(job);
            }
            put(other, from);
        }
    }
    return best;
}

CUSTFOLIO_INLINE bool ReviewSearch::insert(std::size_t job) {
    if (const FlowDay* const day = best_day(job)) {
        put(job, day->day);
        return true;
    }
    const Move move = best_exchange(job, std::numeric_limits<std::int64_t>::max());
    if (move.to == nullptr) return displace(job);
    take(move.other);
    put(job, move.to->day);
    put(move.other, move.other_to->day);
    return true;
}

// Lets reviews of less value in sum give way; they look for other days in the next round.
CUSTFOLIO_INLINE bool ReviewSearch::displace(std::size_t job) {
    for (const FlowDay& each : jobs_[job].days) {
        std::vector<std::size_t> others = in_the_way(job, each.day);
        std::stable_sort(others.begin(), others.end(),
                         [&](std::size_t a, std::size_t b) { return jobs_[a].value < jobs_[b].value; });
        std::vector<std::pair<std::size_t, std::int32_t>> gone;
        double value = 0;
        for (const std::size_t other : others) {
            if (fits(job, each.day) || value + jobs_[other].value >= jobs_[job].value) break;
            value += jobs_[other].value;
            gone.emplace_back(other, day_[other]);
            take(other);
        }
        if (fits(job, each.day)) {
            put(job, each.day);
            return true;
        }
        for (const auto& [other, day] : gone) put(other, day);
    }
    return false;
}

// The less, the better: value left out first, then deviation.
CUSTFOLIO_INLINE std::pair<double, std::int64_t> ReviewSearch::order() const {
    std::pair<double, std::int64_t> sum{0, 0};
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
        if (day_[job] == no_flow_day) {
            sum.first += jobs_[job].value;
        } else {
            sum.second += deviation(job);
        }
    }
    return sum;
}

CUSTFOLIO_INLINE bool ReviewSearch::force(std::size_t job) {
    const std::vector<std::int32_t> before = day_;
    const auto least = order();
    for (const FlowDay& each : jobs_[job].days) {
        std::vector<std::size_t> others = in_the_way(job, each.day);
        std::stable_sort(others.begin(), others.end(),
                         [&](std::size_t a, std::size_t b) { return jobs_[a].value < jobs_[b].value; });
        for (const std::size_t other : others) {
            if (fits(job, each.day)) break;
            take(other);
        }
        if (fits(job, each.day)) {
            put(job, each.day);
            improve();
            if (order() < least) return true;
        }
        for (std::size_t k = 0; k < day_.size(); ++k) {
            if (day_[k] != no_flow_day) take(k);
        }
        for (std::size_t k = 0; k < day_.size(); ++k) {
            if (before[k] != no_flow_day) put(k, before[k]);
        }
    }
    return false;
}

CUSTFOLIO_INLINE void ReviewSearch::force() {
    constexpr std::size_t few = 60;
    if (jobs_.size() > few) return;
    for (bool better = true; better;) {
        better = false;
        for (const std::size_t job : by_value_) {
            if (day_[job] == no_flow_day) better = force(job) || better;
        }
    }
}

// Moves a placed review to a day of less deviation, with another review where that pays.
CUSTFOLIO_INLINE bool ReviewSearch::nearer(std::size_t job) {
    const std::int32_t from = day_[job];
    const std::int64_t before = deviation(job);
    if (before == 0) return false;
    take(job);
    const FlowDay* const day = best_day(job);
    const std::int64_t alone = day == nullptr ? before : std::min(before, day->deviation);
    const Move move = best_exchange(job, alone);
    if (move.to != nullptr) {
        take(move.other);
        put(job, move.to->day);
        put(move.other, move.other_to->day);
        return true;
    }
    put(job, alone < before ? day->day : from);
    return alone < before;
}

CUSTFOLIO_INLINE void ReviewSearch::improve() {
    constexpr int most_rounds = 50;
    for (int round = 0; round < most_rounds; ++round) {
        bool better = false;
        for (const std::size_t job : by_value_) {
            if (day_[job] == no_flow_day) better = insert(job) || better;
        }
        for (const std::size_t job : by_value_) {
            if (day_[job] != no_flow_day) better = nearer(job) || better;
        }
        if (!better) return;
    }
}

// The move of a review, alone or in exchange with another one, that lowers the costs of the two days most. `slack` is
// what deviation may still rise.
CUSTFOLIO_INLINE ReviewSearch::Move ReviewSearch::cheapest_days(std::size_t job, std::int64_t slack,
                                                                const DayCost& cost) {
    Move best;
    double least = -1e-9;
    const std::int32_t from = day_[job];
    const std::int64_t before = deviation(job);
    const auto sum = [&](std::int32_t other) {
        return cost(on_[static_cast<std::size_t>(from)]) + cost(on_[static_cast<std::size_t>(other)]);
    };
    for (const FlowDay& each : jobs_[job].days) {
        if (each.day == from || each.deviation - before > slack) continue;
        const double now = sum(each.day);
        const auto consider = [&](std::size_t other, const FlowDay* other_to, std::int64_t rise) {
            const double change = sum(each.day) - now;
            if (change < least) {
                least = change;
                best = {&each, other, other_to, rise};
            }
        };
        take(job);
        if (fits(job, each.day)) {
            put(job, each.day);
            consider(job, nullptr, each.deviation - before);
            take(job);
        } else {
            for (const std::size_t other : std::vector<std::size_t>(on_[static_cast<std::size_t>(each.day)])) {
                const auto to = std::find_if(jobs_[other].days.begin(), jobs_[other].days.end(),
                                             [&](const FlowDay& day) { return day.day == from; });
                if (to == jobs_[other].days.end()) continue;
                const std::int64_t rise = each.deviation - before + to->deviation - deviation(other);
                if (rise > slack) continue;
                take(other);
                if (fits(job, each.day)) {
                    put(job, each.day);
                    if (fits(other, from)) {
                        put(other, from);
                        consider(other, &*to, rise);
                        take(other);
                    }
                    take(job);
                }
                put(other, each.day);
            }
        }
        put(job, from);
    }
    return best;
}

CUSTFOLIO_INLINE void ReviewSearch::even_out(std::int64_t most_deviation, const DayCost& cost) {
    std::int64_t slack = most_deviation;
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
        if (day_[job] != no_flow_day) slack -= deviation(job);
    }
    constexpr int most_rounds = 20;
    for (int round = 0; round < most_rounds; ++round) {
        bool better = false;
        // The least value first: its deviation weighs least.
        for (auto at = by_value_.rbegin(); at != by_value_.rend(); ++at) {
            const std::size_t job = *at;
            if (day_[job] == no_flow_day) continue;
            const Move move = cheapest_days(job, slack, cost);
            if (move.to == nullptr) continue;
            const std::int32_t from = day_[job];
            take(job);
            if (move.other_to != nullptr) {
                take(move.other);
                put(move.other, from);
            }
            put(job, move.to->day);
            slack -= move.deviation;
            better = true;
        }
        if (!better) break;
    }
    // A day that others left may have room for a review without a place.
    for (const std::size_t job : by_value_) {
        if (day_[job] != no_flow_day) continue;
        if (const FlowDay* const day = best_day(job)) put(job, day->day);
    }
}

}  // namespace custfolio::detail
