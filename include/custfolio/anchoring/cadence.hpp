// Cadence: the time between reviews of a customer, and the due dates that follow from it.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
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

/// A rule that gives customers an interval of their own, such as one month where the risk of leaving is 0.5 or more.
struct CadenceRule {
    std::span<const double> figure;                              ///< One figure per customer; NaN meets no rule.
    double at_least = -std::numeric_limits<double>::infinity();  ///< Least figure.
    double at_most = std::numeric_limits<double>::infinity();    ///< Greatest figure.
    Interval interval{};                                         ///< The interval where the figure is between the two.
};

/// The interval of each customer: that of the first rule that it meets, otherwise that of its segment.
/// @param segment interval of each customer's segment.
/// @param rules the rules, the most important first.
/// @return one interval per customer. O(customers x rules).
/// @throws InputError where a rule has another number of figures, its bounds cross, or an interval is not valid.
std::vector<Interval> cadence_by_rule(std::span<const Interval> segment, std::span<const CadenceRule> rules);

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

/// @param interval months or days.
/// @return the most days that it can last: 92 for three months.
/// @throws InputError unless exactly one of months and days is positive, or where it leaves the calendar.
int longest_days(Interval interval);

/// Marks a customer that has never been reviewed.
inline constexpr DayNumber never_reviewed = std::numeric_limits<DayNumber>::min();

/// Marks a review without a second manager.
inline constexpr std::size_t no_second = std::numeric_limits<std::size_t>::max();

/// The priority of each customer: the heat that a review can keep or win.
///
/// It is the greater of the heat, and of the heat that is missing at the target temperature. Customers without either
/// get the smallest priority that another customer has, or 1.
/// @param contribution heat of each customer, currency.
/// @param revenue level of each customer, currency; same length.
/// @param target target temperature, a fraction.
/// @return one value > 0 per customer.
/// @throws InputError where lengths differ or a number is not finite.
std::vector<double> heat_at_stake(std::span<const double> contribution, std::span<const double> revenue, double target);

/// A customer with a fixed place in the agenda.
struct Anchored {
    std::size_t customer = 0;                ///< Row or code of the customer; unique.
    std::size_t manager = 0;                 ///< Position of its account manager.
    Interval interval{};                     ///< Time between reviews.
    DayNumber last_review = never_reviewed;  ///< Day of the last review.
    double value = 1;                        ///< Priority, > 0: the greater value keeps its day.
    int least_gap = 0;                       ///< Least days between two reviews; 0: half the interval.
    int greatest_gap = 0;                    ///< Most days between two reviews, at least the interval; 0: no limit.
    int minutes = 60;                        ///< Length of a review, > 0.
    std::size_t second = no_second;          ///< Position of a manager who comes along.
    std::size_t group = 0;                   ///< Group of customers (region, language).
    DayNumber until = std::numeric_limits<DayNumber>::max();  ///< Last day with reviews, for customers who leave.
    std::size_t handover_to = no_second;                      ///< Position of the manager who takes the customer over.
    DayNumber handover_on = 0;                                ///< First day of that manager.
};

/// A review that is due.
struct Review {
    std::size_t customer = 0;        ///< Row or code of the customer.
    std::size_t manager = 0;         ///< Position of its account manager.
    DayNumber due = 0;               ///< Day on which it is due, days since 1970-01-01.
    double value = 1;                ///< Priority, > 0: the greater value keeps its day.
    Period window{};                 ///< Days on which it may take place.
    int least_gap = 1;               ///< Least days to another review of the customer, >= 1.
    int minutes = 60;                ///< Length, > 0.
    std::size_t second = no_second;  ///< Position of a manager who comes along.
    std::size_t group = 0;           ///< Group of customers (region, language).
    Interval interval{};             ///< The customer's cadence; months and days 0 where it has none.
};

/// Marks an appointment without a clock time.
inline constexpr int no_time = -1;

/// What an appointment that was made earlier stands for now.
enum class AppointmentState {
    agreed,     ///< It has its day and its time.
    deleted,    ///< Deleted in a calendar: it takes no time, but its due date gets no other review.
    due_again,  ///< Deleted, and its due date gets another review: only its number stays in use.
};

/// @param state what an appointment stands for.
/// @return its name: "agreed", "deleted" or "due again".
std::string to_string(AppointmentState state);

/// An appointment of a customer with its manager.
struct Appointment {
    std::size_t customer = 0;        ///< Row or code of the customer.
    std::size_t manager = 0;         ///< Position of its account manager.
    DayNumber day = 0;               ///< The day, days since 1970-01-01.
    DayNumber due = 0;               ///< The due date that it answers.
    bool fixed = false;              ///< Whether it was given as fixed.
    int start = no_time;             ///< Minutes after midnight, local clock.
    int minutes = 60;                ///< Length, > 0.
    int number = 0;                  ///< Running number of the customer's appointments, from 1; 0: not yet given.
    std::size_t second = no_second;  ///< Position of a manager who comes along.
    Interval interval{};             ///< The cadence that it was made for; months and days 0 where not known.
    AppointmentState state = AppointmentState::agreed;  ///< What it stands for; of fixed ones alone.
    /// Same in all parts.
    /// @return whether the two are the same.
    bool operator==(const Appointment&) const = default;
};

/// The reviews that are due within a horizon and not agreed yet.
///
/// With a last review on day L they are due on L + k intervals, k = 1, 2, ... A review that took place on another day
/// than planned keeps its anchor: the next one counts from its due date. If that breaks the least gap, the next one is
/// due when the gap ends. Overdue customers, and those without a review, are ordered by value, then by age. They are
/// spread over the first interval, per manager and interval, and may take place on any day of it. Later dates count
/// from there.
///
/// A due date less than half an interval from that of a fixed appointment of the customer is answered by it, each
/// appointment once. So planning again, or later, makes no review twice. A customer whose fixed appointments were made
/// for another interval keeps them: its new interval counts from the last of them (see cadence_changes).
///
/// The window of a review is `tolerance_days` around its due date, smaller where the greatest gap needs it.
/// @param customers the customers.
/// @param horizon the days to plan, not empty.
/// @param fixed earlier appointments, before the horizon and in it.
/// @param tolerance_days greatest distance from the due date, days, >= 0.
/// @return the reviews, by customer as given, then by date.
/// @throws InputError where the horizon is empty, a setting of a customer is out of range, a customer is repeated or a
/// value is not above 0. O((n + f) log(n + f) + reviews).
std::vector<Review> due_reviews(std::span<const Anchored> customers, Period horizon,
                                std::span<const Appointment> fixed = {}, int tolerance_days = 14);

/// A customer whose agreed reviews were made for another cadence than it has now.
struct CadenceChange {
    std::size_t customer = 0;  ///< Row or code of the customer.
    Interval agreed{};         ///< Cadence of the agreed reviews.
    Interval wanted{};         ///< Cadence of the customer now.
    int reviews = 0;           ///< Agreed reviews in the horizon.
    int needed = 0;            ///< Reviews that the new cadence needs until the last agreed one.
};

/// Changes of cadence that touch agreed reviews: proposals, since agreed reviews stay.
/// @param customers the customers.
/// @param horizon the days to plan.
/// @param fixed earlier appointments; those without an interval are left out.
/// @return one change per customer whose last appointment in the horizon has another interval, as given. O(n + f).
std::vector<CadenceChange> cadence_changes(std::span<const Anchored> customers, Period horizon,
                                           std::span<const Appointment> fixed);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/anchoring/cadence.ipp"
#endif
