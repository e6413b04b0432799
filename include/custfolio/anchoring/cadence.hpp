// Cadence: the time between reviews of a customer, and the due dates that follow from it.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Time between two reviews: whole calendar months or whole days, one of the two.
struct Interval {
    int months = 0;  ///< Calendar months, >= 0.
    int days = 0;    ///< Days, >= 0.
    /// Same months and days.
    /// @return whether the two are the same.
    bool operator==(const Interval&) const = default;
};

/// Interval of each class of customer.
struct Cadence {
    Interval a{3, 0};   ///< Class A.
    Interval b{6, 0};   ///< Class B.
    Interval c{12, 0};  ///< Class C.
    /// @param cls 'A', 'B' or 'C'.
    /// @return the interval of that class.
    /// @throws InputError for any other letter.
    [[nodiscard]] Interval of(char cls) const;
};

/// @param interval months or days.
/// @return reviews per year, of 365.25 days: the load of a customer for its manager.
/// @throws InputError unless exactly one of months and days is positive.
double reviews_per_year(Interval interval);

/// A day some intervals later. Months are calendar months counted from `day` at once, so that no day is lost on the
/// way: one month after 31 January is 28 (29) February, two months after it 31 March.
/// @param day days since 1970-01-01.
/// @param interval months or days.
/// @param times how many intervals, >= 0.
/// @return the later day.
/// @throws InputError unless exactly one of months and days is positive, or where `times` is negative.
DayNumber after(DayNumber day, Interval interval, int times = 1);

/// Marks a customer that has never been reviewed.
inline constexpr DayNumber never_reviewed = std::numeric_limits<DayNumber>::min();

/// A customer with a fixed place in the agenda.
struct Anchored {
    std::size_t customer = 0;                ///< Row or code of the customer; unique.
    std::size_t manager = 0;                 ///< Position of its account manager.
    Interval interval{};                     ///< Time between reviews.
    DayNumber last_review = never_reviewed;  ///< Day of the last review.
    double value = 0;                        ///< Priority: the greater value keeps its day.
};

/// A review that is due.
struct Review {
    std::size_t customer = 0;  ///< Row or code of the customer.
    std::size_t manager = 0;   ///< Position of its account manager.
    DayNumber due = 0;         ///< Day on which it is due, days since 1970-01-01.
    double value = 0;          ///< Priority: the greater value keeps its day.
};

/// An appointment of a customer with its manager.
struct Appointment {
    std::size_t customer = 0;  ///< Row or code of the customer.
    std::size_t manager = 0;   ///< Position of its account manager.
    DayNumber day = 0;         ///< The day, days since 1970-01-01.
    DayNumber due = 0;         ///< The due date that it answers.
    bool fixed = false;        ///< Whether it was given as fixed.
    int slot = 0;              ///< Position within the manager's day, 0-based.
    /// Same in all parts.
    /// @return whether the two are the same.
    bool operator==(const Appointment&) const = default;
};

/// The due dates within a horizon.
///
/// With a last review on day L the dates are L + k intervals, k = 1, 2, ... A first date before the horizon is overdue:
/// it is due on the horizon's first day, and later dates count from there. Without a last review the first date is
/// spread over the first interval: customers of one manager and interval get equal distances in the order given, so
/// that the load is even.
///
/// A due date less than half an interval from that of a fixed appointment of the customer belongs to that appointment,
/// each appointment once. A customer without a review counts from its first fixed appointment. So planning again, or
/// later, makes no review twice. A fixed appointment before the horizon counts as a review: it is the last one where it
/// is the latest.
/// @param customers the customers.
/// @param horizon the days to plan, not empty.
/// @param fixed earlier appointments.
/// @return the reviews due in the horizon, by customer as given, then by date.
/// @throws InputError where the horizon is empty, an interval is not valid, a customer is repeated or a value is not
/// finite. O((n + f) log f + reviews).
std::vector<Review> due_reviews(std::span<const Anchored> customers, Period horizon,
                                std::span<const Appointment> fixed = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/cadence.ipp"
#endif
