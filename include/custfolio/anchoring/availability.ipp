// Definitions of availability, working days and the assignment of managers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <unordered_set>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/detail/manager_checks.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE bool DayPattern::matches(DayNumber day) const {
    const std::chrono::sys_days at{std::chrono::days{day}};
    const unsigned weekday = std::chrono::weekday{at}.iso_encoding() - 1;
    if ((weekdays >> weekday & 1u) == 0) return false;
    const std::chrono::year_month_day date{at};
    const unsigned of_month = static_cast<unsigned>(date.day());
    const unsigned days = static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day());
    constexpr unsigned last = 5;
    return (weeks >> ((of_month - 1) / 7) & 1u) != 0 || (of_month + 7 > days && (weeks >> last & 1u) != 0);
}

CUSTFOLIO_INLINE bool Manager::serves(std::size_t group) const {
    return groups.empty() || detail::contains(groups, group);
}

CUSTFOLIO_INLINE std::string to_string(PartOfDay part) {
    switch (part) {
        case PartOfDay::any:
            return "any";
        case PartOfDay::morning:
            return "morning";
        case PartOfDay::afternoon:
            return "afternoon";
    }
    throw InputError("part of the day " + std::to_string(static_cast<int>(part)) + " does not exist");
}

CUSTFOLIO_INLINE std::vector<DayNumber> working_days(Period period, std::span<const DayNumber> holidays) {
    const std::unordered_set<DayNumber> off(holidays.begin(), holidays.end());
    std::vector<DayNumber> days;
    for (int k = 0; k < period.days(); ++k) {
        const DayNumber day = period.first + k;
        const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::days{day}}};
        // Weekends by the calendar; all else is a holiday that the user names.
        const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
        if (!weekend && !off.contains(day)) days.push_back(day);
    }
    return days;
}

CUSTFOLIO_INLINE std::vector<DayNumber> working_days_before(std::span<const DayNumber> days, int before,
                                                            std::span<const DayNumber> working_days) {
    detail::check_increasing(working_days);
    if (before < 0) throw InputError("before is " + std::to_string(before) + "; it must be 0 or more working days");
    if (working_days.empty()) throw InputError("there is no working day; at least one is needed");
    std::vector<DayNumber> ready;
    ready.reserve(days.size());
    for (const DayNumber day : days) {
        const auto at = std::lower_bound(working_days.begin(), working_days.end(), day) - working_days.begin();
        ready.push_back(working_days[static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, at - before))]);
    }
    return ready;
}

namespace detail {

// The manager with the least load for its capacity among those who serve a group.
CUSTFOLIO_INLINE std::size_t least_loaded(std::span<const Manager> managers, std::span<const double> total,
                                          std::size_t group) {
    std::optional<std::size_t> best;
    for (std::size_t k = 0; k < managers.size(); ++k) {
        if (managers[k].reviews_per_day == 0 || !managers[k].serves(group)) continue;
        // total / capacity compared crosswise: no division, no rounding of equal shares
        if (!best || total[k] * managers[*best].reviews_per_day < total[*best] * managers[k].reviews_per_day) best = k;
    }
    if (!best) {
        throw InputError("customers of group " + std::to_string(group) +
                         " are to be assigned but no manager who serves them has capacity; reviews_per_day must be "
                         "above 0");
    }
    return *best;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<std::size_t> assign_managers(std::span<const double> load,
                                                          std::span<const Manager> managers,
                                                          std::span<const std::int64_t> given,
                                                          std::span<const std::size_t> group) {
    detail::check(managers);
    if (load.size() != given.size() || (!group.empty() && group.size() != load.size())) {
        throw InputError("there are " + std::to_string(load.size()) + " loads, " + std::to_string(given.size()) +
                         " managers given and " + std::to_string(group.size()) + " groups; each customer has one");
    }
    // Given customers load their managers before the others are divided.
    std::vector<double> total(managers.size());
    std::vector<std::size_t> assigned(load.size());
    for (std::size_t i = 0; i < load.size(); ++i) {
        if (!(std::isfinite(load[i]) && load[i] >= 0)) {
            throw InputError("customer at position " + std::to_string(i) + ": load is " + number_text(load[i]) +
                             "; it must be 0 or more");
        }
        if (given[i] == no_manager) continue;
        if (given[i] < 0 || static_cast<std::size_t>(given[i]) >= managers.size()) {
            throw InputError("customer at position " + std::to_string(i) + " " +
                             detail::manager_text(static_cast<std::size_t>(given[i]), managers.size()));
        }
        assigned[i] = static_cast<std::size_t>(given[i]);
        total[assigned[i]] += load[i];
    }
    // One after the other, each to the least loaded so far: the order of the customers decides, and nothing random.
    for (std::size_t i = 0; i < load.size(); ++i) {
        if (given[i] != no_manager) continue;
        assigned[i] = detail::least_loaded(managers, total, group.empty() ? 0 : group[i]);
        total[assigned[i]] += load[i];
    }
    return assigned;
}

}  // namespace custfolio
