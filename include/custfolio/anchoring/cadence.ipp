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

#include "custfolio/anchoring/cadence.hpp"
#include "custfolio/config.hpp"
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

namespace detail {

// The fixed appointments of one customer, by due date; each answers at most one review.
struct FixedDues {
    std::vector<DayNumber> due;
    std::vector<bool> taken;

    // The free one nearest to a date, if it is less than half an interval away (twice the distance below
    // `interval_days`).
    [[nodiscard]] std::optional<std::size_t> nearest(DayNumber date, std::int64_t interval_days) const {
        // Dues are sorted: only the free neighbours on both sides can be nearest.
        std::optional<std::size_t> best;
        std::int64_t distance = 0;
        const auto at = static_cast<std::size_t>(std::lower_bound(due.begin(), due.end(), date) - due.begin());
        // An appointment on the very day answers in any case.
        const auto consider = [&](std::size_t k) {
            const std::int64_t away = std::abs(std::int64_t{due[k]} - date);
            if (2 * away >= interval_days && away > 0) return;
            if (!best || away < distance) {
                best = k;
                distance = away;
            }
        };
        for (std::size_t k = at; k-- > 0;) {
            if (!taken[k]) {
                consider(k);
                break;
            }
        }
        for (std::size_t k = at; k < due.size(); ++k) {
            if (!taken[k]) {
                consider(k);
                break;
            }
        }
        return best;
    }
};

// What fixed appointments show of each customer.
struct FixedReviews {
    std::unordered_map<std::size_t, FixedDues> ahead;     // reviews in the horizon: they answer reviews that are due
    std::unordered_map<std::size_t, DayNumber> last_day;  // of the reviews before it: when the customer was last seen

    FixedReviews(std::span<const Appointment> fixed, DayNumber begin) {
        for (const Appointment& appointment : fixed) {
            if (appointment.day < begin) {
                const auto [entry, fresh] = last_day.try_emplace(appointment.customer, appointment.day);
                if (!fresh) entry->second = std::max(entry->second, appointment.day);
            } else {
                ahead[appointment.customer].due.push_back(appointment.due);
            }
        }
        for (auto& [customer, dues] : ahead) {
            std::sort(dues.due.begin(), dues.due.end());
            dues.taken.resize(dues.due.size());
        }
    }
};

// The first review of a customer who never had one. A manager's first reviews are spread evenly over an interval. An
// appointment that was made earlier decides where the spread has changed since, so that it is not lost.
CUSTFOLIO_INLINE DayNumber first_review(DayNumber begin, Interval interval, std::int64_t place, std::int64_t count,
                                        const FixedDues* dues) {
    const std::int64_t length = after(begin, interval) - begin;
    const DayNumber day = begin + static_cast<DayNumber>((2 * place + 1) * length / (2 * count));
    if (dues == nullptr) return day;
    const DayNumber made = dues->due.front();
    for (int times = 0; after(day, interval, times) <= made; ++times) {
        if (after(day, interval, times) == made) return day;
    }
    return made;
}

}  // namespace detail

CUSTFOLIO_INLINE std::vector<Review> due_reviews(std::span<const Anchored> customers, Period horizon,
                                                 std::span<const Appointment> fixed) {
    if (horizon.days() == 0) throw InputError("the horizon has no day; its last day must not be before its first");
    detail::FixedReviews made(fixed, horizon.first);

    // Position of each customer among those of the same manager and interval, for an even spread of first reviews.
    using Group = std::tuple<std::size_t, int, int>;
    std::map<Group, std::int64_t> group_size;
    std::vector<std::int64_t> place(customers.size());
    std::unordered_set<std::size_t> seen;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const Anchored& customer = customers[i];
        const std::string what = "customer " + std::to_string(customer.customer);
        detail::check(customer.interval, what);
        require_finite(customer.value, what + ": value");
        if (!seen.insert(customer.customer).second) {
            throw InputError(what + " is listed twice; each customer has one cadence");
        }
        place[i] = group_size[{customer.manager, customer.interval.months, customer.interval.days}]++;
    }

    std::vector<Review> reviews;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const Anchored& customer = customers[i];
        const Interval interval = customer.interval;
        const auto ahead = made.ahead.find(customer.customer);
        detail::FixedDues* const dues = ahead == made.ahead.end() ? nullptr : &ahead->second;
        DayNumber last = customer.last_review;
        if (const auto at = made.last_day.find(customer.customer); at != made.last_day.end()) {
            last = std::max(last, at->second);
        }
        // Months are counted from the review itself: 31 January, 28 February, 31 March. An overdue review is due now.
        const bool from_review = last != never_reviewed && after(last, interval) >= horizon.first;
        const std::int64_t count = group_size[{customer.manager, interval.months, interval.days}];
        const DayNumber base = from_review ? last
                               : last != never_reviewed
                                   ? horizon.first
                                   : detail::first_review(horizon.first, interval, place[i], count, dues);
        for (int times = from_review ? 1 : 0;; ++times) {
            DayNumber due = after(base, interval, times);
            if (due > horizon.last) break;
            if (dues != nullptr) {
                if (const auto match = dues->nearest(due, after(due, interval) - due)) {
                    dues->taken[*match] = true;
                    due = dues->due[*match];
                }
            }
            // An answered review has the due date of its appointment, so that the agenda finds the two together.
            reviews.push_back({customer.customer, customer.manager, due, customer.value});
        }
    }
    return reviews;
}

}  // namespace custfolio
