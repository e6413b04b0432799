// Definitions of the checks of managers and hours.
#pragma once

#include <string_view>
#include <unordered_set>

#include "custfolio/anchoring/availability.hpp"
#include "custfolio/anchoring/detail/manager_checks.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check(Hours hours, const std::string& what) {
    if (hours.from < 0 || hours.to > 24 * 60 || hours.from >= hours.to) {
        throw InputError(what + " go from minute " + std::to_string(hours.from) + " to " + std::to_string(hours.to) +
                         "; they must lie within the 1440 minutes of a day and end after they begin");
    }
}

CUSTFOLIO_INLINE void check(const Manager& manager) {
    const std::string what = "manager '" + manager.id + "': ";
    if (manager.reviews_per_day < 0 || manager.reviews_per_week < 0) {
        const bool day = manager.reviews_per_day < 0;
        throw InputError(what + (day ? "reviews_per_day is " : "reviews_per_week is ") +
                         std::to_string(day ? manager.reviews_per_day : manager.reviews_per_week) +
                         "; it must be 0 or more");
    }
    check(manager.hours, what + "the working hours");
    for (const BusyTime& busy : manager.busy) check(busy.hours, what + "busy times on " + day_text(busy.day));
}

CUSTFOLIO_INLINE void check(std::span<const Manager> managers) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t k = 0; k < managers.size(); ++k) {
        if (managers[k].id.empty()) {
            throw InputError("manager at position " + std::to_string(k) + " has no identity; each needs one");
        }
        if (!seen.insert(managers[k].id).second) {
            throw InputError("manager '" + managers[k].id + "' is listed twice; identities are unique");
        }
        check(managers[k]);
    }
}

CUSTFOLIO_INLINE void check_increasing(std::span<const DayNumber> working_days) {
    for (std::size_t d = 1; d < working_days.size(); ++d) {
        if (working_days[d] <= working_days[d - 1]) {
            throw InputError("working day " + day_text(working_days[d]) + " follows " + day_text(working_days[d - 1]) +
                             "; working days must be strictly increasing");
        }
    }
}

CUSTFOLIO_INLINE std::string manager_text(std::size_t manager, std::size_t count) {
    return "names manager " + std::to_string(manager) + " (0-based); there are " + std::to_string(count);
}

}  // namespace detail

}  // namespace custfolio
