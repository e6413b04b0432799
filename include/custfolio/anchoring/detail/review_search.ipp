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
#include "custfolio/math/random.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE ReviewSearch::ReviewSearch(std::span<const SearchJob> jobs, std::span<const DayLimits> limits)
    : jobs_(jobs),
      limits_(limits),
      days_(limits[0].days),
      weeks_(limits[0].week_room.size()),
      day_(jobs.size(), no_flow_day),
      start_(jobs.size(), no_time),
      on_(limits.size() * days_.size()),
      used_(limits.size() * weeks_),
      by_value_(jobs.size()) {
    std::size_t customers = 0;
    for (const SearchJob& job : jobs) customers = std::max(customers, job.customer + 1);
    of_customer_.resize(customers);
    widest_gap_.resize(customers);
    jobs_of_.resize(customers);
    for (std::size_t job = 0; job < jobs.size(); ++job) {
        if (!jobs[job].days.empty()) jobs_of_[jobs[job].customer].push_back(job);
    }
    for (std::vector<std::size_t>& reviews : jobs_of_) {
        std::stable_sort(reviews.begin(), reviews.end(), [&](std::size_t a, std::size_t b) {
            return jobs[a].days.front().day < jobs[b].days.front().day;
        });
    }
    for (const SearchJob& job : jobs) widest_gap_[job.customer] = std::max(widest_gap_[job.customer], job.least_gap);
    std::iota(by_value_.begin(), by_value_.end(), std::size_t{0});
    std::stable_sort(by_value_.begin(), by_value_.end(),
                     [&](std::size_t a, std::size_t b) { return jobs_[a].value > jobs_[b].value; });
}

CUSTFOLIO_INLINE void ReviewSearch::put(std::size_t job, ReviewPlace place) {
    day_[job] = place.day;
    start_[job] = place.start;
    of_customer_[jobs_[job].customer].emplace(place.day, job);
    for (const std::size_t manager : {jobs_[job].manager, jobs_[job].second}) {
        if (manager == no_second) continue;
        on_[slot(manager, place.day)].push_back(job);
        ++used_[week_of(manager, place.day)];
    }
}

CUSTFOLIO_INLINE void ReviewSearch::put(std::size_t job, std::int32_t day) {
    put(job, {day, jobs_[job].second == no_second ? no_time : start_on(job, day)});
}

CUSTFOLIO_INLINE ReviewPlace ReviewSearch::take(std::size_t job) {
    const ReviewPlace place{day_[job], start_[job]};
    of_customer_[jobs_[job].customer].erase({place.day, job});
    for (const std::size_t manager : {jobs_[job].manager, jobs_[job].second}) {
        if (manager == no_second) continue;
        std::vector<std::size_t>& on = on_[slot(manager, place.day)];
        on.erase(std::find(on.begin(), on.end(), job));
        --used_[week_of(manager, place.day)];
    }
    day_[job] = no_flow_day;
    start_[job] = no_time;
    return place;
}

CUSTFOLIO_INLINE bool ReviewSearch::week_is_full(std::size_t manager, std::int32_t day) const {
    const auto week = static_cast<std::size_t>(limits_[manager].week[static_cast<std::size_t>(day)]);
    return used_[week_of(manager, day)] >= limits_[manager].week_room[week];
}

// What the meetings of a day leave of a manager's free times.
CUSTFOLIO_INLINE std::vector<Hours> ReviewSearch::free_of(std::size_t manager, std::int32_t day) const {
    std::vector<Hours> free = limits_[manager].free[static_cast<std::size_t>(day)];
    for (const std::size_t job : on_[slot(manager, day)]) {
        if (start_[job] != no_time) take_time(free, {start_[job], start_[job] + jobs_[job].length.minutes});
    }
    return free;
}

// Whether the reviews of a day that are no meetings fit into free times, with further ones.
CUSTFOLIO_INLINE bool ReviewSearch::packs(std::size_t manager, std::int32_t day, std::span<const Hours> free,
                                          std::vector<ReviewLength> reviews) const {
    for (const std::size_t other : on_[slot(manager, day)]) {
        if (start_[other] == no_time) reviews.push_back(jobs_[other].length);
    }
    std::vector<std::size_t> at;
    return pack(parts_of(free, reviews), reviews, at);
}

CUSTFOLIO_INLINE bool ReviewSearch::has_room(std::size_t job, std::int32_t day) const {
    for (const std::size_t manager : {jobs_[job].manager, jobs_[job].second}) {
        if (manager == no_second) continue;
        const auto reviews = static_cast<int>(on_[slot(manager, day)].size());
        if (reviews >= limits_[manager].room[static_cast<std::size_t>(day)] || week_is_full(manager, day)) return false;
    }
    if (jobs_[job].second != no_second) return start_on(job, day) != no_time;
    return packs(jobs_[job].manager, day, free_of(jobs_[job].manager, day), {jobs_[job].length});
}

// The first start of a meeting at an end of a time that both managers have free, where their other reviews still fit.
CUSTFOLIO_INLINE int ReviewSearch::start_on(std::size_t job, std::int32_t day) const {
    const std::size_t managers[] = {jobs_[job].manager, jobs_[job].second};
    const std::vector<Hours> free[] = {free_of(managers[0], day), free_of(managers[1], day)};
    const ReviewLength length = jobs_[job].length;
    const auto fits_at = [&](int start) {
        for (const std::size_t k : {0u, 1u}) {
            std::vector<Hours> left = free[k];
            take_time(left, {start, start + length.minutes});
            if (!packs(managers[k], day, left, {})) return false;
        }
        return true;
    };
    for (const Hours& each : within(common_time(free[0], free[1]), length.part)) {
        if (each.to - each.from < length.minutes) continue;
        for (const int start : {each.from, each.to - length.minutes}) {
            if (fits_at(start)) return start;
        }
    }
    return no_time;
}

// The other reviews of the same customer that are too near to a day.
CUSTFOLIO_INLINE std::vector<std::size_t> ReviewSearch::too_near(std::size_t job, std::int32_t day) const {
    std::vector<std::size_t> near;
    const std::size_t customer = jobs_[job].customer;
    const DayNumber on = days_[static_cast<std::size_t>(day)];
    // Positions of days are at most as far apart as the days.
    const auto& placed = of_customer_[customer];
    for (auto at = placed.lower_bound({day - widest_gap_[customer], 0}); at != placed.end(); ++at) {
        const auto [other_day, other] = *at;
        const DayNumber apart = days_[static_cast<std::size_t>(other_day)] - on;
        if (apart >= widest_gap_[customer]) break;
        if (other != job && std::abs(apart) < std::max(jobs_[job].least_gap, jobs_[other].least_gap)) {
            near.push_back(other);
        }
    }
    return near;
}

CUSTFOLIO_INLINE bool ReviewSearch::fits(std::size_t job, std::int32_t day) const {
    return too_near(job, day).empty() && has_room(job, day);
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
    std::vector<std::size_t> others;
    const auto add = [&](std::span<const std::size_t> more) {
        for (const std::size_t other : more) {
            if (!contains(others, other)) others.push_back(other);
        }
    };
    for (const std::size_t manager : {jobs_[job].manager, jobs_[job].second}) {
        if (manager == no_second) continue;
        if (others.empty()) {
            others = on_[slot(manager, day)];
        } else {
            add(on_[slot(manager, day)]);
        }
        if (!week_is_full(manager, day)) continue;
        for (std::int32_t near = 0; near < static_cast<std::int32_t>(days_.size()); ++near) {
            if (near != day && week_of(manager, near) == week_of(manager, day)) add(on_[slot(manager, near)]);
        }
    }
    add(too_near(job, day));
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
            const std::int64_t before = deviation(other);
            if (each.deviation - before >= best.deviation) continue;
            const ReviewPlace from = take(other);
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
        std::vector<std::pair<std::size_t, ReviewPlace>> gone;
        double value = 0;
        for (const std::size_t other : others) {
            if (fits(job, each.day) || value + jobs_[other].value >= jobs_[job].value) break;
            value += jobs_[other].value;
            gone.emplace_back(other, take(other));
        }
        if (fits(job, each.day)) {
            put(job, each.day);
            return true;
        }
        for (const auto& [other, place] : gone) put(other, place);
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

CUSTFOLIO_INLINE void ReviewSearch::refill(std::int32_t day) {
    const auto near = [&](std::size_t job) {
        return day_[job] == no_flow_day && jobs_[job].days.front().day <= day + most_apart &&
               jobs_[job].days.back().day >= day - most_apart;
    };
    for (const std::size_t job : by_value_) {
        if (!jobs_[job].days.empty() && near(job)) insert(job);
    }
    for (const std::vector<std::size_t>& reviews : jobs_of_) {
        if (reviews.size() > 1 && any_of(reviews, near)) rearrange(reviews);
    }
}

CUSTFOLIO_INLINE void ReviewSearch::shake(double least_left) {
    constexpr std::size_t few = 200;
    if (jobs_.size() > few) return;
    const std::size_t rounds = 10'000 / std::max<std::size_t>(jobs_.size(), 30);
    std::uint64_t draws = 0;
    const auto draw = [&](std::size_t below) {
        return static_cast<std::size_t>(static_cast<double>(below) * math::uniform(jobs_.size(), 0, draws++));
    };
    auto least = order();
    for (std::size_t round = 0; round < rounds && least.first > least_left; ++round) {
        std::vector<ReviewPlace> before;
        std::vector<std::size_t> left;
        for (std::size_t job = 0; job < jobs_.size(); ++job) {
            before.push_back(place(job));
            if (day_[job] == no_flow_day && !jobs_[job].days.empty()) left.push_back(job);
        }
        if (left.empty()) return;
        const std::size_t job = left[draw(left.size())];
        const std::int32_t day = jobs_[job].days[draw(jobs_[job].days.size())].day;
        for (const std::size_t other : in_the_way(job, day)) take(other);
        // A few others near it, so that chains of moves can form.
        for (std::size_t other = 0; other < jobs_.size(); ++other) {
            if (day_[other] != no_flow_day && std::abs(day_[other] - day) <= most_apart && draw(4) == 0) take(other);
        }
        if (draw(2) == 0 && fits(job, day)) {
            put(job, day);
        } else {
            rearrange(jobs_of_[jobs_[job].customer]);
        }
        refill(day);
        const auto now = order();
        if (now.first <= least.first) {
            least = now;
            continue;
        }
        for (std::size_t k = 0; k < jobs_.size(); ++k) {
            if (day_[k] != no_flow_day) take(k);
        }
        for (std::size_t k = 0; k < jobs_.size(); ++k) {
            if (before[k].day != no_flow_day) put(k, before[k]);
        }
    }
    improve();
}

// Moves a placed review to a day of less deviation, with another review where that pays.
CUSTFOLIO_INLINE bool ReviewSearch::nearer(std::size_t job) {
    const std::int64_t before = deviation(job);
    if (before == 0) return false;
    const ReviewPlace from = take(job);
    const FlowDay* const day = best_day(job);
    const std::int64_t alone = day == nullptr ? before : std::min(before, day->deviation);
    const Move move = best_exchange(job, alone);
    if (move.to != nullptr) {
        take(move.other);
        put(job, move.to->day);
        put(move.other, move.other_to->day);
        return true;
    }
    if (alone == before) {
        put(job, from);
        return false;
    }
    put(job, day->day);
    return true;
}

// The days of a customer's reviews with the greatest value, then the least deviation, where all other reviews stay.
// They keep their order, and the greatest least gap of the customer between any two.
CUSTFOLIO_INLINE std::vector<std::int32_t> ReviewSearch::best_days(std::span<const std::size_t> reviews) const {
    const DayNumber gap = widest_gap_[jobs_[reviews.front()].customer];
    const auto days_before = [&](std::size_t day) {
        return static_cast<std::size_t>(std::upper_bound(days_.begin(), days_.end(), days_[day] - gap) - days_.begin());
    };
    // Value and less deviation of the first k reviews on the first d days.
    using Sum = std::pair<double, std::int64_t>;
    std::vector<std::vector<Sum>> best{std::vector<Sum>(days_.size() + 1)};
    for (const std::size_t job : reviews) {
        const std::vector<Sum>& before = best.back();
        std::vector<Sum> now = before;
        for (const FlowDay& each : jobs_[job].days) {
            if (!has_room(job, each.day)) continue;
            const auto day = static_cast<std::size_t>(each.day);
            const Sum& rest = before[days_before(day)];
            now[day + 1] = std::max(now[day + 1], {rest.first + jobs_[job].value, rest.second - each.deviation});
        }
        for (std::size_t d = 1; d < now.size(); ++d) now[d] = std::max(now[d], now[d - 1]);
        best.push_back(std::move(now));
    }
    std::vector<std::int32_t> days(reviews.size(), no_flow_day);
    std::size_t d = days_.size();
    for (std::size_t k = reviews.size(); k-- > 0;) {
        if (best[k + 1][d] == best[k][d]) continue;
        while (best[k + 1][d] == best[k + 1][d - 1]) --d;
        days[k] = static_cast<std::int32_t>(d - 1);
        d = days_before(d - 1);
    }
    return days;
}

// Gives a customer's reviews their best days, where all other reviews stay.
CUSTFOLIO_INLINE bool ReviewSearch::rearrange(std::span<const std::size_t> reviews) {
    const auto sum = [&] {
        std::pair<double, std::int64_t> placed{0, 0};
        for (const std::size_t job : reviews) {
            if (day_[job] == no_flow_day) continue;
            placed.first += jobs_[job].value;
            placed.second -= deviation(job);
        }
        return placed;
    };
    const auto before = sum();
    std::vector<ReviewPlace> places(reviews.size());
    const auto take_all = [&] {
        for (const std::size_t job : reviews) {
            if (day_[job] != no_flow_day) take(job);
        }
    };
    for (std::size_t k = 0; k < reviews.size(); ++k) places[k] = place(reviews[k]);
    take_all();
    const std::vector<std::int32_t> days = best_days(reviews);
    for (std::size_t k = 0; k < reviews.size(); ++k) {
        // Two of its reviews can share a week that has room for one.
        if (days[k] != no_flow_day && fits(reviews[k], days[k])) put(reviews[k], days[k]);
    }
    if (sum() > before) return true;
    take_all();
    for (std::size_t k = 0; k < reviews.size(); ++k) {
        if (places[k].day != no_flow_day) put(reviews[k], places[k]);
    }
    return false;
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
        for (const std::vector<std::size_t>& reviews : jobs_of_) {
            if (reviews.size() > 1) better = rearrange(reviews) || better;
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
    const std::size_t manager = jobs_[job].manager;
    const auto sum = [&](std::int32_t other) {
        return cost(on_[slot(manager, from)]) + cost(on_[slot(manager, other)]);
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
            for (const std::size_t other : std::vector<std::size_t>(on_[slot(manager, each.day)])) {
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
