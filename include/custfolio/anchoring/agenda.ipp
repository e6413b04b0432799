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
#include "custfolio/math/detail/range_algorithms.hpp"
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

// The slots of one manager, and the working days with room. Days without room are skipped by union-find, so that a full
// month costs no more than a full day.
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
        // Slots are sorted; the first gap is the first free one.
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
        // A full day points to its neighbours on both sides.
        later_[day] = day + 1;
        earlier_[day + 1] = day;
    }
    static std::size_t find(std::vector<std::size_t>& next, std::size_t at) {
        while (next[at] != at) {
            // Path halving keeps later searches short.
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

CUSTFOLIO_INLINE void check(std::span<const DayNumber> working_days, int tolerance_days) {
    if (tolerance_days < 0) {
        throw InputError("tolerance_days is " + std::to_string(tolerance_days) + "; it must be 0 or more");
    }
    for (std::size_t d = 1; d < working_days.size(); ++d) {
        if (working_days[d] <= working_days[d - 1]) {
            throw InputError("working day " + day_text(working_days[d]) + " follows " + day_text(working_days[d - 1]) +
                             "; working days must be strictly increasing");
        }
    }
}

// An agenda that is being filled: first with the fixed appointments, then with one review after the other.
class AgendaPlan {
  public:
    AgendaPlan(std::span<const Manager> managers, std::span<const DayNumber> working_days, int tolerance_days)
        : managers_(managers), working_days_(working_days), tolerance_days_(tolerance_days) {
        days_.reserve(managers.size());
        for (const Manager& manager : managers) days_.emplace_back(manager.reviews_per_day, working_days.size());
    }

    // Adds a fixed appointment, also on a day that is no working day or is full.
    void fix(const Appointment& appointment) {
        const auto where = [&] {
            return "the appointment of customer " + std::to_string(appointment.customer) + " on " +
                   day_text(appointment.day);
        };
        if (appointment.manager >= managers_.size()) {
            throw InputError(where() + " " + manager_text(appointment.manager, managers_.size()));
        }
        if (appointment.slot < 0) {
            throw InputError(where() + " has slot " + std::to_string(appointment.slot) + "; slots count from 0");
        }
        agenda_.appointments.push_back(appointment);
        agenda_.appointments.back().fixed = true;
        ++unmatched_[{appointment.customer, appointment.due}];
        seen_on_.insert({appointment.customer, appointment.day});
        const std::size_t day = position(appointment.day);
        if (day < working_days_.size() && working_days_[day] == appointment.day) {
            days_[appointment.manager].take(day, appointment.slot);
        }
    }

    // Whether a fixed appointment answers a review; each answers one.
    bool answered(const Review& review) {
        if (review.manager >= managers_.size()) {
            throw InputError("the review of customer " + std::to_string(review.customer) + " due on " +
                             day_text(review.due) + " " + manager_text(review.manager, managers_.size()));
        }
        require_finite(review.value, "the review of customer " + std::to_string(review.customer) + ": value");
        const auto at = unmatched_.find({review.customer, review.due});
        if (at == unmatched_.end() || at->second == 0) return false;
        --at->second;
        return true;
    }

    // Gives a review the nearest day with room, the earlier of two equally near; false where there is none.
    bool place(const Review& review) {
        const std::optional<std::size_t> after_due = day_from(review);
        const std::optional<std::size_t> before_due = day_before(review);
        if (!after_due && !before_due) return false;
        const bool earlier = before_due && (!after_due || std::int64_t{review.due} - working_days_[*before_due] <=
                                                              std::int64_t{working_days_[*after_due]} - review.due);
        const std::size_t day = earlier ? *before_due : *after_due;
        const int slot = days_[review.manager].first_free_slot(day);
        days_[review.manager].take(day, slot);
        seen_on_.insert({review.customer, working_days_[day]});
        agenda_.appointments.push_back({review.customer, review.manager, working_days_[day], review.due, false, slot});
        return true;
    }

    void leave_out(const Review& review) {
        agenda_.unplaced.push_back({review, "manager '" + managers_[review.manager].id +
                                                "' has no free working day within " + std::to_string(tolerance_days_) +
                                                " days of " + day_text(review.due)});
    }

    Agenda finished() {
        // A total order, so that the agenda does not depend on the order in which reviews found their places.
        std::sort(agenda_.appointments.begin(), agenda_.appointments.end(),
                  [](const Appointment& a, const Appointment& b) {
                      return std::tuple(a.day, a.manager, a.slot, a.customer, a.due) <
                             std::tuple(b.day, b.manager, b.slot, b.customer, b.due);
                  });
        return std::move(agenda_);
    }

  private:
    // The position of a day among the working days, or of the next one.
    [[nodiscard]] std::size_t position(DayNumber day) const {
        return static_cast<std::size_t>(std::lower_bound(working_days_.begin(), working_days_.end(), day) -
                                        working_days_.begin());
    }
    [[nodiscard]] bool within(std::size_t day, const Review& review) const {
        return std::abs(std::int64_t{working_days_[day]} - review.due) <= tolerance_days_;
    }
    // A customer is never seen twice on a day.
    [[nodiscard]] bool free_for_customer(std::size_t day, const Review& review) const {
        return !seen_on_.contains({review.customer, working_days_[day]});
    }
    std::optional<std::size_t> day_from(const Review& review) {
        ManagerDays& diary = days_[review.manager];
        for (std::size_t day = diary.at_or_after(position(review.due));
             day < working_days_.size() && within(day, review); day = diary.at_or_after(day + 1)) {
            if (free_for_customer(day, review)) return day;
        }
        return std::nullopt;
    }
    std::optional<std::size_t> day_before(const Review& review) {
        ManagerDays& diary = days_[review.manager];
        for (std::size_t day = diary.before(position(review.due)); day > 0 && within(day - 1, review);
             day = diary.before(day - 1)) {
            if (free_for_customer(day - 1, review)) return day - 1;
        }
        return std::nullopt;
    }

    std::span<const Manager> managers_;
    std::span<const DayNumber> working_days_;
    int tolerance_days_;
    Agenda agenda_;
    std::vector<ManagerDays> days_;
    std::map<std::pair<std::size_t, DayNumber>, int> unmatched_;  // fixed appointments, by customer and due date
    std::set<std::pair<std::size_t, DayNumber>> seen_on_;         // customer and day
};

}  // namespace detail

CUSTFOLIO_INLINE Agenda plan_agenda(std::span<const Review> reviews, std::span<const Manager> managers,
                                    std::span<const DayNumber> working_days, std::span<const Appointment> fixed,
                                    int tolerance_days) {
    detail::check(managers);
    detail::check(working_days, tolerance_days);
    detail::AgendaPlan plan(managers, working_days, tolerance_days);
    for (const Appointment& appointment : fixed) plan.fix(appointment);
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < reviews.size(); ++r) {
        if (!plan.answered(reviews[r])) order.push_back(r);
    }
    // Greedy by value: a customer of greater value never gives way to one of less.
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const Review& x = reviews[a];
        const Review& y = reviews[b];
        return std::tuple(-x.value, x.due, x.customer) < std::tuple(-y.value, y.due, y.customer);
    });
    std::erase_if(order, [&](std::size_t r) { return plan.place(reviews[r]); });
    std::sort(order.begin(), order.end());
    for (const std::size_t r : order) plan.leave_out(reviews[r]);
    return plan.finished();
}

CUSTFOLIO_INLINE std::vector<DayNumber> working_days(Period period, std::span<const DayNumber> holidays) {
    std::vector<DayNumber> days;
    for (int k = 0; k < period.days(); ++k) {
        const DayNumber day = period.first + k;
        const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::days{day}}};
        // Weekends by the calendar; all else is a holiday that the user names.
        const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
        if (!weekend && !detail::contains(holidays, day)) days.push_back(day);
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
    // Given customers load their managers before the others are divided.
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
    // Without a customer to assign managers need no capacity.
    if (!missing) return assigned;
    if (std::none_of(managers.begin(), managers.end(), [](const Manager& m) { return m.reviews_per_day > 0; })) {
        throw InputError("customers are to be assigned but no manager has capacity; reviews_per_day must be above 0");
    }
    // One after the other, each to the least loaded so far: the order of the customers decides, and nothing random.
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
