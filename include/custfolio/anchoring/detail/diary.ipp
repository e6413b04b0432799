// Definitions of the diary of one manager.
#pragma once

#include <algorithm>

#include "custfolio/anchoring/detail/diary.hpp"
#include "custfolio/anchoring/detail/free_time.hpp"
#include "custfolio/config.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE DayNumber monday_of(DayNumber day) {
    // 1970-01-01 was a Thursday, 3 days after Monday.
    const DayNumber since = ((day + 3) % 7 + 7) % 7;
    return day - since;
}

CUSTFOLIO_INLINE std::size_t position_of(std::span<const DayNumber> working_days, DayNumber day) {
    const auto at = std::lower_bound(working_days.begin(), working_days.end(), day);
    return at == working_days.end() || *at != day ? working_days.size()
                                                  : static_cast<std::size_t>(at - working_days.begin());
}

CUSTFOLIO_INLINE DayLimits limits_of(const Manager& manager, std::span<const DayNumber> working_days) {
    DayLimits limits;
    limits.days.assign(working_days.begin(), working_days.end());
    limits.room.reserve(working_days.size());
    limits.week.reserve(working_days.size());
    for (const DayNumber day : working_days) {
        bool works = manager.days.matches(day);
        for (const Period& absence : manager.absences) works = works && !absence.contains(day);
        limits.room.push_back(works ? manager.reviews_per_day : 0);
        if (limits.week.empty() || monday_of(day) != monday_of(limits.days[limits.week.size() - 1])) {
            limits.week_room.push_back(manager.reviews_per_week);
        }
        limits.week.push_back(static_cast<std::int32_t>(limits.week_room.size()) - 1);
    }
    limits.free.assign(working_days.size(), {manager.hours});
    for (const BusyTime& busy : manager.busy) {
        const std::size_t at = position_of(working_days, busy.day);
        if (at == working_days.size()) continue;
        take_time(limits.free[at], busy.hours);
        if (limits.free[at].empty()) limits.room[at] = 0;
    }
    return limits;
}

CUSTFOLIO_INLINE void book(DayLimits& limits, const Appointment& appointment) {
    const std::size_t at = position_of(limits.days, appointment.day);
    if (at < limits.days.size()) {
        limits.room[at] = std::max(0, limits.room[at] - 1);
        if (appointment.start != no_time) {
            take_time(limits.free[at], {appointment.start, appointment.start + appointment.minutes});
        }
    }
    // An appointment on a day off counts for its week, too.
    const DayNumber monday = monday_of(appointment.day);
    const auto next = std::lower_bound(limits.days.begin(), limits.days.end(), monday);
    if (next == limits.days.end() || monday_of(*next) != monday) return;
    int& room =
        limits.week_room[static_cast<std::size_t>(limits.week[static_cast<std::size_t>(next - limits.days.begin())])];
    if (room != no_review_limit) room = std::max(0, room - 1);
}

}  // namespace custfolio::detail
