// Definitions of the placing of reviews in the managers' agendas.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "custfolio/anchoring/agenda.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check(std::span<const Manager> managers) {
    std::unordered_set<std::string_view> seen;
    for (std::size_t k = 0; k < managers.size(); ++k) {
        if (managers[k].id.empty()) {
            throw InputError("manager at position " + std::to_string(k) + " has no identity; each needs one");
        }
        if (!seen.insert(managers[k].id).second) {
            throw InputError("manager '" + managers[k].id + "' is listed twice; identities are unique");
        }
        if (managers[k].reviews_per_day < 0) {
            throw InputError("manager '" + managers[k].id + "': reviews_per_day is " +
                             std::to_string(managers[k].reviews_per_day) + "; it must be 0 or more");
        }
    }
}

// The slots of one manager: the customers in them, and the working days with room.
class ManagerDays {
  public:
    ManagerDays(int capacity, std::size_t days) : capacity_(capacity), later_(days + 1), earlier_(days + 1) {
        std::iota(later_.begin(), later_.end(), std::size_t{0});
        std::iota(earlier_.begin(), earlier_.end(), std::size_t{0});
        used_.resize(days);
        if (capacity == 0) {
            for (std::size_t day = 0; day < days; ++day) close(day);
        }
    }

    // Uses a slot of a working day (by position); fixed appointments may use slots beyond the capacity.
    void take(std::size_t day, int slot) {
        used_[day].insert(slot);
        if (static_cast<int>(used_[day].size()) == capacity_) close(day);
    }
    [[nodiscard]] int first_free_slot(std::size_t day) const {
        int slot = 0;
        for (const int taken : used_[day]) {
            if (taken > slot) break;
            if (taken == slot) ++slot;
        }
        return slot;
    }
    // First day with room at or after a position; the number of days where there is none.
    std::size_t at_or_after(std::size_t day) { return find(later_, day); }
    // 1 + last day with room before a position; 0 where there is none.
    std::size_t before(std::size_t day) { return find(earlier_, day); }

  private:
    void close(std::size_t day) {
        later_[day] = day + 1;
        earlier_[day + 1] = day;
    }
    static std::size_t find(std::vector<std::size_t>& next, std::size_t at) {
        while (next[at] != at) {
            next[at] = next[next[at]];
            at = next[at];
        }
        return at;
    }

    int capacity_;
    std::vector<std::size_t> later_;    // union-find over days: itself where it has room
    std::vector<std::size_t> earlier_;  // entry k + 1 stands for day k
    std::vector<std::multiset<int>> used_;
};

CUSTFOLIO_INLINE std::string manager_text(std::size_t manager, std::size_t count) {
    return "names manager " + std::to_string(manager) + " (0-based); there are " + std::to_string(count);
}

}  // namespace detail

CUSTFOLIO_INLINE Agenda plan_agenda(std::span<const Review> reviews, std::span<const Manager> managers,
                                    std::span<const DayNumber> working_days, std::span<const Appointment> fixed,
                                    int tolerance_days) {
    detail::check(managers);
    if (tolerance_days < 0) {
        throw InputError("tolerance_days is " + std::to_string(tolerance_days) + "; it must be 0 or more");
    }
    for (std::size_t d = 1; d < working_days.size(); ++d) {
        if (working_days[d] <= working_days[d - 1]) {
            throw InputError("working day " + day_text(working_days[d]) + " follows " + day_text(working_days[d - 1]) +
                             "; working days must be strictly increasing");
        }
    }
    const auto position = [&](DayNumber day) {
        return static_cast<std::size_t>(std::lower_bound(working_days.begin(), working_days.end(), day) -
                                        working_days.begin());
    };

    Agenda agenda;
    std::vector<detail::ManagerDays> days;
    days.reserve(managers.size());
    for (const Manager& manager : managers) days.emplace_back(manager.reviews_per_day, working_days.size());
    std::map<std::pair<std::size_t, DayNumber>, int> answered;  // customer and due date -> fixed appointments left
    std::set<std::pair<std::size_t, DayNumber>> seen_on;        // customer and day
    for (const Appointment& appointment : fixed) {
        if (appointment.manager >= managers.size()) {
            throw InputError("the appointment of customer " + std::to_string(appointment.customer) + " on " +
                             day_text(appointment.day) + " " +
                             detail::manager_text(appointment.manager, managers.size()));
        }
        if (appointment.slot < 0) {
            throw InputError("the appointment of customer " + std::to_string(appointment.customer) + " on " +
                             day_text(appointment.day) + " has slot " + std::to_string(appointment.slot) +
                             "; slots count from 0");
        }
        agenda.appointments.push_back(appointment);
        agenda.appointments.back().fixed = true;
        ++answered[{appointment.customer, appointment.due}];
        seen_on.insert({appointment.customer, appointment.day});
        const std::size_t day = position(appointment.day);
        if (day < working_days.size() && working_days[day] == appointment.day) {
            days[appointment.manager].take(day, appointment.slot);
        }
    }

    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < reviews.size(); ++r) {
        const Review& review = reviews[r];
        if (review.manager >= managers.size()) {
            throw InputError("the review of customer " + std::to_string(review.customer) + " due on " +
                             day_text(review.due) + " " + detail::manager_text(review.manager, managers.size()));
        }
        require_finite(review.value, "the review of customer " + std::to_string(review.customer) + ": value");
        const auto at = answered.find({review.customer, review.due});
        if (at != answered.end() && at->second > 0) {
            --at->second;
        } else {
            order.push_back(r);
        }
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const Review& x = reviews[a];
        const Review& y = reviews[b];
        return std::tuple(-x.value, x.due, x.customer) < std::tuple(-y.value, y.due, y.customer);
    });

    std::vector<std::size_t> without_place;
    for (const std::size_t r : order) {
        const Review& review = reviews[r];
        detail::ManagerDays& diary = days[review.manager];
        const std::size_t at = position(review.due);
        const auto within = [&](std::size_t day) {
            return std::abs(std::int64_t{working_days[day]} - review.due) <= tolerance_days;
        };
        const auto free_for_customer = [&](std::size_t day) {
            return !seen_on.contains({review.customer, working_days[day]});
        };
        std::optional<std::size_t> after_due;
        for (std::size_t day = diary.at_or_after(at); day < working_days.size() && within(day);
             day = diary.at_or_after(day + 1)) {
            if (free_for_customer(day)) {
                after_due = day;
                break;
            }
        }
        std::optional<std::size_t> before_due;
        for (std::size_t day = diary.before(at); day > 0 && within(day - 1); day = diary.before(day - 1)) {
            if (free_for_customer(day - 1)) {
                before_due = day - 1;
                break;
            }
        }
        if (!after_due && !before_due) {
            without_place.push_back(r);
            continue;
        }
        const bool earlier = before_due && (!after_due || std::int64_t{review.due} - working_days[*before_due] <=
                                                              std::int64_t{working_days[*after_due]} - review.due);
        const std::size_t day = earlier ? *before_due : *after_due;
        const int slot = diary.first_free_slot(day);
        diary.take(day, slot);
        seen_on.insert({review.customer, working_days[day]});
        agenda.appointments.push_back({review.customer, review.manager, working_days[day], review.due, false, slot});
    }
    std::sort(agenda.appointments.begin(), agenda.appointments.end(), [](const Appointment& a, const Appointment& b) {
        return std::tuple(a.day, a.manager, a.slot, a.customer, a.due) <
               std::tuple(b.day, b.manager, b.slot, b.customer, b.due);
    });
    std::sort(without_place.begin(), without_place.end());
    for (const std::size_t r : without_place) {
        const Review& review = reviews[r];
        agenda.unplaced.push_back({review, "manager '" + managers[review.manager].id +
                                               "' has no free working day within " + std::to_string(tolerance_days) +
                                               " days of " + day_text(review.due)});
    }
    return agenda;
}

CUSTFOLIO_INLINE std::vector<DayNumber> working_days(Period period, std::span<const DayNumber> holidays) {
    std::vector<DayNumber> days;
    for (int k = 0; k < period.days(); ++k) {
        const DayNumber day = period.first + k;
        const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::days{day}}};
        const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
        if (!weekend && std::ranges::find(holidays, day) == holidays.end()) days.push_back(day);
    }
    return days;
}

CUSTFOLIO_INLINE std::vector<std::size_t> assign_managers(std::span<const double> load,
                                                          std::span<const Manager> managers,
                                                          std::span<const std::int64_t> given) {
    detail::check(managers);
    if (load.size() != given.size()) {
        throw InputError("there are " + std::to_string(load.size()) + " loads and " + std::to_string(given.size()) +
                         " managers given; each customer has one of both");
    }
    std::vector<double> total(managers.size());
    std::vector<std::size_t> assigned(load.size());
    bool missing = false;
    for (std::size_t i = 0; i < load.size(); ++i) {
        if (!(std::isfinite(load[i]) && load[i] >= 0)) {
            throw InputError("customer at position " + std::to_string(i) + ": load is " + number_text(load[i]) +
                             "; it must be 0 or more");
        }
        if (given[i] == no_manager) {
            missing = true;
            continue;
        }
        if (given[i] < 0 || static_cast<std::size_t>(given[i]) >= managers.size()) {
            throw InputError("customer at position " + std::to_string(i) + " " +
                             detail::manager_text(static_cast<std::size_t>(given[i]), managers.size()));
        }
        assigned[i] = static_cast<std::size_t>(given[i]);
        total[assigned[i]] += load[i];
    }
    if (!missing) return assigned;
    if (std::none_of(managers.begin(), managers.end(), [](const Manager& m) { return m.reviews_per_day > 0; })) {
        throw InputError("customers are to be assigned but no manager has capacity; reviews_per_day must be above 0");
    }
    for (std::size_t i = 0; i < load.size(); ++i) {
        if (given[i] != no_manager) continue;
        std::optional<std::size_t> best;
        for (std::size_t k = 0; k < managers.size(); ++k) {
            if (managers[k].reviews_per_day == 0) continue;
            // total / capacity compared crosswise: no division, no rounding of equal shares
            if (!best || total[k] * managers[*best].reviews_per_day < total[*best] * managers[k].reviews_per_day) {
                best = k;
            }
        }
        assigned[i] = *best;
        total[*best] += load[i];
    }
    return assigned;
}

}  // namespace custfolio
