// Definitions of cadence and due dates.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {

CUSTFOLIO_INLINE Interval Cadence::of(char cls) const {
    switch (cls) {
        case 'A':
            return a;
        case 'B':
            return b;
        case 'C':
            return c;
        default:
            throw InputError(std::string("class '") + cls + "' has no cadence; classes are A, B and C");
    }
}

namespace detail {

CUSTFOLIO_INLINE void check(Interval interval, const std::string& what) {
    // Calendar months and days do not add up to a length, so one of the two is given.
    const bool valid = (interval.months > 0) != (interval.days > 0) && interval.months >= 0 && interval.days >= 0 &&
                       interval.months <= 1200 && interval.days <= 36525;
    if (!valid) {
        throw InputError(what + ": an interval of " + std::to_string(interval.months) + " months and " +
                         std::to_string(interval.days) +
                         " days; it is 1 to 1200 calendar months or 1 to 36525 days, one of the two");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE double reviews_per_year(Interval interval) {
    detail::check(interval, "reviews per year");
    // The mean year of the calendar, so that months and days compare.
    constexpr double days_per_year = 365.25;
    return days_per_year / (interval.months * (days_per_year / 12) + interval.days);
}

CUSTFOLIO_INLINE DayNumber after(DayNumber day, Interval interval, int times) {
    detail::check(interval, "after");
    if (times < 0) throw InputError("after: " + std::to_string(times) + " intervals; the number is 0 or more");
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    const std::int64_t shift = std::int64_t{interval.months} * times;
    // In 64 bits, since many intervals can leave the range of a day number.
    const std::int64_t days = std::int64_t{day} + std::int64_t{interval.days} * times;
    if (static_cast<int>(date.year()) + shift / 12 > 9999 || days > std::numeric_limits<DayNumber>::max()) {
        throw InputError("after: " + std::to_string(times) + " intervals from " + day_text(day) +
                         " lie beyond the calendar");
    }
    if (interval.months == 0) return static_cast<DayNumber>(days);
    const Month month = Month::of(day) + static_cast<int>(shift);
    const auto of_month = static_cast<DayNumber>(static_cast<unsigned>(date.day()));
    // The 31st becomes the last day of a shorter month.
    return std::min(month.first_day() + of_month - 1, month.last_day());
}

CUSTFOLIO_INLINE std::string to_string(AppointmentState state) {
    switch (state) {
        case AppointmentState::agreed:
            return "agreed";
        case AppointmentState::deleted:
            return "deleted";
        case AppointmentState::due_again:
            return "due again";
    }
    throw InputError("appointment state " + std::to_string(static_cast<int>(state)) + " does not exist");
}

CUSTFOLIO_INLINE int longest_days(Interval interval) {
    detail::check(interval, "longest_days");
    if (interval.months == 0) return interval.days;
    constexpr int months_of_four_years = 48;
    int longest = 0;
    for (int month = 0; month < months_of_four_years; ++month) {
        const DayNumber from = after(0, {1, 0}, month);
        longest = std::max(longest, after(from, interval) - from);
    }
    return longest;
}

CUSTFOLIO_INLINE std::vector<Interval> cadence_by_rule(std::span<const Interval> segment,
                                                       std::span<const CadenceRule> rules) {
    for (std::size_t k = 0; k < rules.size(); ++k) {
        const std::string what = "cadence rule " + std::to_string(k + 1);
        detail::check(rules[k].interval, what);
        if (rules[k].figure.size() != segment.size()) {
            throw InputError(what + " has " + std::to_string(rules[k].figure.size()) + " figures; there are " +
                             std::to_string(segment.size()) + " customers");
        }
        if (!(rules[k].at_least <= rules[k].at_most)) {
            throw InputError(what + " goes from " + number_text(rules[k].at_least) + " to " +
                             number_text(rules[k].at_most) + "; its least figure must not exceed its greatest");
        }
    }
    std::vector<Interval> intervals(segment.begin(), segment.end());
    for (std::size_t i = 0; i < segment.size(); ++i) {
        const auto met = detail::find_if(rules, [&](const CadenceRule& rule) {
            return rule.figure[i] >= rule.at_least && rule.figure[i] <= rule.at_most;
        });
        if (met != rules.end()) intervals[i] = met->interval;
    }
    return intervals;
}

CUSTFOLIO_INLINE std::vector<double> heat_at_stake(std::span<const double> contribution,
                                                   std::span<const double> revenue, double target) {
    if (contribution.size() != revenue.size()) {
        throw InputError("there are " + std::to_string(contribution.size()) + " contributions and " +
                         std::to_string(revenue.size()) + " revenues; each customer has one of both");
    }
    require_finite(target, "target");
    std::vector<double> stake(contribution.size());
    double least = 0;
    for (std::size_t i = 0; i < stake.size(); ++i) {
        const std::string what = "customer at position " + std::to_string(i);
        require_finite(contribution[i], what + ": contribution");
        require_finite(revenue[i], what + ": revenue");
        stake[i] = std::max(contribution[i], target * revenue[i] - contribution[i]);
        if (stake[i] > 0 && (least == 0 || stake[i] < least)) least = stake[i];
    }
    for (double& value : stake) {
        if (!(value > 0)) value = least > 0 ? least : 1.0;
    }
    return stake;
}

namespace detail {

// The agreed appointments of one customer, by due date; each answers at most one review.
struct Agreed {
    std::vector<Appointment> ahead;     // in the horizon
    std::vector<bool> taken;            // of those ahead
    DayNumber seen = never_reviewed;    // day of the last appointment before the horizon
    DayNumber anchor = never_reviewed;  // its due date

    // The free one nearest to a date, if it is less than half an interval away (twice the distance below
    // `interval_days`). One with that due date answers in any case. Those due at `due_before` or later do not.
    [[nodiscard]] std::optional<std::size_t> nearest(DayNumber date, std::int64_t interval_days,
                                                     DayNumber due_before) const {
        std::optional<std::size_t> best;
        std::int64_t distance = 0;
        for (std::size_t k = 0; k < ahead.size(); ++k) {
            const std::int64_t away = std::abs(std::int64_t{ahead[k].due} - date);
            if (taken[k] || ahead[k].due >= due_before || (2 * away >= interval_days && away > 0)) continue;
            if (!best || away < distance) {
                best = k;
                distance = away;
            }
        }
        return best;
    }
    // The one that is due last of those that were made for another interval.
    [[nodiscard]] const Appointment* made_for_another(Interval interval) const {
        const auto last = std::find_if(ahead.rbegin(), ahead.rend(), [&](const Appointment& each) {
            return each.interval != Interval{} && each.interval != interval;
        });
        return last == ahead.rend() ? nullptr : &*last;
    }
};

using AgreedOf = std::unordered_map<std::size_t, Agreed>;

CUSTFOLIO_INLINE AgreedOf agreed_of(std::span<const Appointment> fixed, DayNumber begin) {
    AgreedOf agreed;
    for (const Appointment& appointment : fixed) {
        if (appointment.state == AppointmentState::due_again) continue;
        Agreed& customer = agreed[appointment.customer];
        if (appointment.day >= begin) {
            customer.ahead.push_back(appointment);
        } else if (appointment.day > customer.seen) {
            customer.seen = appointment.day;
            customer.anchor = appointment.due;
        }
    }
    for (auto& [customer, each] : agreed) {
        std::sort(each.ahead.begin(), each.ahead.end(), [](const Appointment& a, const Appointment& b) {
            return std::tuple(a.due, a.day) < std::tuple(b.due, b.day);
        });
        each.taken.resize(each.ahead.size());
    }
    return agreed;
}

CUSTFOLIO_INLINE void check(const Anchored& customer) {
    const std::string what = "customer " + std::to_string(customer.customer);
    check(customer.interval, what);
    if (!(std::isfinite(customer.value) && customer.value > 0)) {
        throw InputError(what + ": value is " + number_text(customer.value) + "; it must be above 0");
    }
    if (customer.minutes < 1 || customer.minutes > 24 * 60) {
        throw InputError(what + ": a review of " + std::to_string(customer.minutes) +
                         " minutes; it must last 1 to 1440 minutes");
    }
    if (customer.least_gap < 0 || customer.greatest_gap < 0 ||
        (customer.greatest_gap > 0 && customer.greatest_gap < customer.least_gap)) {
        throw InputError(what + ": a least gap of " + std::to_string(customer.least_gap) + " and a greatest gap of " +
                         std::to_string(customer.greatest_gap) +
                         " days; they must be 0 or more, the least not above the greatest");
    }
    if (customer.greatest_gap > 0 && customer.greatest_gap < longest_days(customer.interval)) {
        throw InputError(what + ": a greatest gap of " + std::to_string(customer.greatest_gap) +
                         " days is shorter than its cadence; it must be at least " +
                         std::to_string(longest_days(customer.interval)) + " days, or the cadence shorter");
    }
    // The shortest month has 28 days.
    const int shortest = customer.interval.months * 28 + customer.interval.days;
    if (customer.least_gap > shortest) {
        throw InputError(what + ": a least gap of " + std::to_string(customer.least_gap) +
                         " days is longer than its cadence; it must be at most " + std::to_string(shortest) + " days");
    }
}

// The due dates of one customer, one after the other.
class DueDates {
  public:
    DueDates(const Anchored& customer, Period horizon, int tolerance_days, Agreed* agreed)
        : customer_(customer), horizon_(horizon), tolerance_days_(tolerance_days), agreed_(agreed) {
        seen_ = last_ = customer.last_review;
        if (agreed != nullptr && agreed->seen != never_reviewed) {
            // A review soon after an appointment is that appointment, held a little later.
            if (last_ == never_reviewed || last_ < agreed->seen + gap(agreed->seen)) last_ = agreed->anchor;
            seen_ = std::max(seen_, agreed->seen);
        }
    }

    // Whether a review was due before the horizon and no agreed appointment answers it; then, or without a last review,
    // the first one is spread.
    [[nodiscard]] bool overdue() {
        if (agreed_ != nullptr && agreed_->made_for_another(customer_.interval) != nullptr) return false;
        if (last_ == never_reviewed) return true;
        first_ = 1;
        bool late = false;
        for (; after(last_, customer_.interval, first_) < horizon_.first; ++first_) {
            // A later appointment belongs to a later date.
            late = !answer(after(last_, customer_.interval, first_), horizon_.first);
        }
        return late;
    }
    [[nodiscard]] DayNumber seen() const { return seen_; }

    void spread(std::int64_t place, std::int64_t count, std::vector<Review>& reviews) {
        const std::int64_t length = after(horizon_.first, customer_.interval) - horizon_.first;
        const DayNumber day = horizon_.first + static_cast<DayNumber>((2 * place + 1) * length / (2 * count));
        const Period first_interval{horizon_.first, std::max(horizon_.first + static_cast<DayNumber>(length) - 1, day)};
        base_ = day;
        times_ = 0;
        // Other customers change the spread. An agreed first review stays the first one.
        if (!agreed_later(length)) step(reviews, &first_interval);
        follow(reviews);
    }
    void regular(std::vector<Review>& reviews) {
        const Appointment* const other = agreed_ == nullptr ? nullptr : agreed_->made_for_another(customer_.interval);
        if (other != nullptr) {
            // The new interval changes only what is not agreed yet.
            base_ = other->due;
            times_ = 1;
            for (const Appointment& each : agreed_->ahead) {
                if (each.due <= base_) seen_ = std::max(seen_, each.day);
            }
        } else {
            base_ = last_;
            times_ = first_;
        }
        follow(reviews);
    }

  private:
    [[nodiscard]] std::int64_t length(DayNumber from) const { return after(from, customer_.interval) - from; }
    [[nodiscard]] int gap(DayNumber from) const {
        return customer_.least_gap > 0 ? customer_.least_gap : std::max(1, static_cast<int>(length(from) / 2));
    }
    bool answer(DayNumber due, DayNumber due_before = std::numeric_limits<DayNumber>::max()) {
        if (agreed_ == nullptr) return false;
        const auto match = agreed_->nearest(due, length(due), due_before);
        if (!match) return false;
        agreed_->taken[*match] = true;
        const Appointment& appointment = agreed_->ahead[*match];
        seen_ = std::max(seen_, appointment.day);
        answered_due_ = appointment.due;
        return true;
    }
    // Whether an agreed appointment is the first review although the spread has another day for it.
    bool agreed_later(std::int64_t length) {
        if (agreed_ == nullptr || agreed_->ahead.empty()) return false;
        const Appointment& earliest = agreed_->ahead.front();
        if (2 * (std::int64_t{earliest.due} - horizon_.first) >= 3 * length) return false;
        for (int times = 0; after(base_, customer_.interval, times) <= earliest.due; ++times) {
            if (after(base_, customer_.interval, times) == earliest.due) return false;
        }
        agreed_->taken.front() = true;
        seen_ = std::max(seen_, earliest.day);
        base_ = earliest.due;
        times_ = 1;
        return true;
    }
    // Makes the review of the present date, or leaves it to the appointment that answers it.
    void step(std::vector<Review>& reviews, const Period* wide) {
        const DayNumber planned = after(base_, customer_.interval, times_);
        ++times_;
        DayNumber due = planned;
        if (seen_ != never_reviewed && planned + tolerance(planned) < seen_ + gap(seen_)) {
            // A review before one that was postponed past it would come in the wrong order.
            if (planned < seen_) {
                answer(planned);
                return;
            }
            due = seen_ + gap(seen_);
        }
        if (answer(due)) {
            if (answered_due_ != due && answered_due_ != planned) {
                base_ = answered_due_;
                times_ = 1;
            }
            return;
        }
        if (due > std::min(horizon_.last, customer_.until)) return;
        const bool handed_over = customer_.handover_to != no_second && due >= customer_.handover_on;
        reviews.push_back({customer_.customer, handed_over ? customer_.handover_to : customer_.manager, due,
                           customer_.value, window(due, wide), gap(due), customer_.minutes, customer_.second,
                           customer_.group, customer_.interval});
        seen_ = never_reviewed;
    }
    void follow(std::vector<Review>& reviews) {
        while (after(base_, customer_.interval, times_) <= horizon_.last) step(reviews, nullptr);
    }
    // Days around a due date, fewer where the greatest gap needs it.
    [[nodiscard]] DayNumber tolerance(DayNumber due) const {
        constexpr std::int64_t most = 1'000'000;
        std::int64_t days = std::min<std::int64_t>(tolerance_days_, most);
        if (customer_.greatest_gap > 0) {
            days = std::clamp<std::int64_t>((customer_.greatest_gap - length(due)) / 2, 0, days);
        }
        return static_cast<DayNumber>(days);
    }
    [[nodiscard]] Period window(DayNumber due, const Period* wide) const {
        Period days{due - tolerance(due), due + tolerance(due)};
        if (wide != nullptr) {
            // The next review keeps its days.
            const DayNumber next = after(due, customer_.interval);
            days = {wide->first, std::max(days.last, std::min(wide->last, next + tolerance(next) - gap(due)))};
        }
        if (seen_ != never_reviewed) {
            days.first = std::max(days.first, seen_ + gap(seen_));
            if (customer_.greatest_gap > 0 && wide == nullptr) {
                days.last = std::max(due, std::min(days.last, seen_ + customer_.greatest_gap));
            }
        }
        return {std::max(days.first, horizon_.first), std::min({days.last, horizon_.last, customer_.until})};
    }

    const Anchored& customer_;
    Period horizon_;
    int tolerance_days_;
    Agreed* agreed_;
    DayNumber last_ = never_reviewed;  // the anchor from which the dates count
    DayNumber seen_ = never_reviewed;  // the day on which the customer is last seen before the present date
    DayNumber base_ = 0;
    DayNumber answered_due_ = 0;
    int first_ = 1;
    int times_ = 0;
};

// Place of each overdue customer among those of the same manager and interval, by value, then by age.
CUSTFOLIO_INLINE std::vector<std::pair<std::int64_t, std::int64_t>> spread_places(std::span<const Anchored> customers,
                                                                                  std::span<const std::size_t> overdue,
                                                                                  std::span<const DayNumber> seen) {
    std::vector<std::size_t> order(overdue.begin(), overdue.end());
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::tuple(-customers[a].value, seen[a]) < std::tuple(-customers[b].value, seen[b]);
    });
    using Group = std::tuple<std::size_t, int, int>;
    const auto group = [&](std::size_t i) {
        return Group{customers[i].manager, customers[i].interval.months, customers[i].interval.days};
    };
    std::map<Group, std::int64_t> size;
    std::vector<std::pair<std::int64_t, std::int64_t>> places(customers.size());
    for (const std::size_t i : order) places[i].first = size[group(i)]++;
    for (const std::size_t i : order) places[i].second = size[group(i)];
    return places;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<Review> due_reviews(std::span<const Anchored> customers, Period horizon,
                                                 std::span<const Appointment> fixed, int tolerance_days) {
    if (horizon.days() == 0) throw InputError("the horizon has no day; its last day must not be before its first");
    if (tolerance_days < 0) {
        throw InputError("tolerance_days is " + std::to_string(tolerance_days) + "; it must be 0 or more");
    }
    detail::AgreedOf agreed = detail::agreed_of(fixed, horizon.first);
    std::vector<detail::DueDates> dates;
    dates.reserve(customers.size());
    std::vector<std::size_t> overdue;
    std::vector<bool> is_overdue(customers.size());
    std::vector<DayNumber> seen(customers.size());
    std::unordered_set<std::size_t> listed;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        detail::check(customers[i]);
        if (!listed.insert(customers[i].customer).second) {
            throw InputError("customer " + std::to_string(customers[i].customer) +
                             " is listed twice; each customer has one cadence");
        }
        const auto at = agreed.find(customers[i].customer);
        dates.emplace_back(customers[i], horizon, tolerance_days, at == agreed.end() ? nullptr : &at->second);
        seen[i] = dates[i].seen();
        is_overdue[i] = dates[i].overdue();
        if (is_overdue[i]) overdue.push_back(i);
    }
    const auto places = detail::spread_places(customers, overdue, seen);
    std::vector<Review> reviews;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        if (is_overdue[i]) {
            dates[i].spread(places[i].first, places[i].second, reviews);
        } else {
            dates[i].regular(reviews);
        }
    }
    return reviews;
}

CUSTFOLIO_INLINE std::vector<CadenceChange> cadence_changes(std::span<const Anchored> customers, Period horizon,
                                                            std::span<const Appointment> fixed) {
    const detail::AgreedOf agreed = detail::agreed_of(fixed, horizon.first);
    std::vector<CadenceChange> changes;
    for (const Anchored& customer : customers) {
        detail::check(customer);
        const auto at = agreed.find(customer.customer);
        if (at == agreed.end()) continue;
        const Appointment* const other = at->second.made_for_another(customer.interval);
        if (other == nullptr) continue;
        // They count from the last review, or from the first day where that is later or there is none.
        DayNumber from = at->second.seen == never_reviewed ? customer.last_review : at->second.anchor;
        int times = 1;
        if (from == never_reviewed || after(from, customer.interval) < horizon.first) {
            from = horizon.first;
            times = 0;
        }
        int needed = 0;
        while (after(from, customer.interval, times + needed) <= other->due) ++needed;
        const auto reviews = std::count_if(at->second.ahead.begin(), at->second.ahead.end(),
                                           [&](const Appointment& each) { return each.due <= other->due; });
        changes.push_back({customer.customer, other->interval, customer.interval, static_cast<int>(reviews), needed});
    }
    return changes;
}

}  // namespace custfolio
