// How well forecast distributions of counts met what happened: scores, quantiles and the probability integral
// transform.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Scores of one forecast distribution a row against the count that came true.
struct CountScores {
    std::vector<double> crps;    ///< Continuous ranked probability score, counts; 0 is perfect.
    std::vector<double> lower;   ///< Smallest count whose cumulative probability reaches the lower level.
    std::vector<double> upper;   ///< The same for the upper level.
    std::vector<double> below;   ///< Probability of fewer than the count that came true, in [0, 1].
    std::vector<double> up_to;   ///< Probability of at most that count: the transform is uniform between the two.
    std::vector<double> within;  ///< Probability from the lower to the upper quantile, both included.
    double missing_mass = 0;     ///< The most probability that any row leaves beyond its last count.
};

/// Scores forecasts of counts from their probability mass.
///
/// CRPS = sum over k >= 0 of (F(k) - [count <= k])^2, which for counts is the integral of its definition. Beyond the
/// last count of the mass F stays as it is there; the error is at most `missing_mass` a unit.
/// @see T. Gneiting & A. E. Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102, eq.
/// 20; C. Czado, T. Gneiting & L. Held (2009), Predictive Model Assessment for Count Data, Biometrics 65.
/// @param mass probabilities of the counts 0 .. width - 1, row by row: `count.size()` rows of `width` numbers.
/// @param width counts of a row, at least 1.
/// @param count what came true, whole numbers >= 0.
/// @param lower,upper levels of the quantiles, 0 < lower < upper < 1.
/// @param threads upper bound on threads; 0 means all cores; same bits for any number.
/// @return one score a row. O(rows * width).
/// @throws InputError where the mass has another size, a probability lies outside of [0, 1] or a row sums to more than
/// 1 + 1e-6, a count is negative or no whole number (the text names the row, counted from 0), or the levels are out of
/// order.
CountScores score_counts(std::span<const double> mass, std::size_t width, std::span<const double> count,
                         double lower = 0.1, double upper = 0.9, unsigned threads = 0);

/// Repeat purchases of all customers by steps of time: those that happened, and those that a model expects.
struct PurchaseTracking {
    std::vector<double> actual;               ///< In the step.
    std::vector<double> expected;             ///< In the step.
    std::vector<double> actual_cumulative;    ///< Up to the end of the step.
    std::vector<double> expected_cumulative;  ///< Up to the end of the step.
};

/// Sums a model's expectation over the customers' own first days, beside what happened.
/// @param end last day of each step, ascending.
/// @param first_purchase first purchase of each customer.
/// @param expected_by_age expected repeat purchases of a new customer within 0, 1, ... days.
/// @param repeat_purchase the day of every repeat purchase, in any order.
/// @return one entry per step. O(days + steps * distinct first days).
/// @throws InputError where the steps do not ascend, or a customer is older than `expected_by_age` is long.
/// @see P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science
/// 24(2), section 4.
PurchaseTracking track_purchases(std::span<const DayNumber> end, std::span<const DayNumber> first_purchase,
                                 std::span<const double> expected_by_age, std::span<const DayNumber> repeat_purchase);

/// Customers by their number of repeat purchases: 0, 1, ..., and all of `classes` or more.
struct FrequencyClasses {
    std::vector<double> actual;    ///< Customers with that number.
    std::vector<double> expected;  ///< Customers that a model expects to have it.
};

/// Counts customers by repeat purchases, beside what a model expects.
/// @param frequency repeat purchases of each customer, >= 0.
/// @param customers customers of each group of the same age.
/// @param mass for each group the probabilities of 0 .. classes - 1 purchases, row by row.
/// @return `classes` + 1 entries. O(customers + groups * classes).
/// @throws InputError where there is no group, or the mass is no multiple of the groups.
FrequencyClasses frequency_classes(std::span<const double> frequency, std::span<const double> customers,
                                   std::span<const double> mass);

/// How well forecasts of a holdout were met, over all customers.
struct HoldoutMeasures {
    double purchases_actual = 0;          ///< Purchases of all customers.
    double purchases_expected = 0;        ///< The same by the forecast.
    double crps = 0;                      ///< Mean continuous ranked probability score, purchases.
    double crps_constant = 0;             ///< The same where each customer's forecast is what all customers did.
    double mae = 0;                       ///< Mean absolute error, purchases.
    double rmse = 0;                      ///< Root mean squared error, purchases.
    double bias = 0;                      ///< Mean of expected - actual, purchases.
    double coverage = 0;                  ///< Share of customers from their lower to their upper quantile.
    double coverage_nominal = 0;          ///< The share that the forecasts give.
    std::vector<double> transform;        ///< Share of the probability integral transform in each of ten equal bins.
    std::vector<double> class_customers;  ///< Customers by repeat purchases before the holdout; the last class is open.
    std::vector<double> class_actual;     ///< Their mean purchases in the holdout; 0 where the class is empty.
    std::vector<double> class_expected;   ///< The same by the forecast.
};

/// Measures forecasts of a holdout.
/// @param actual purchases of each customer in the holdout, whole numbers >= 0.
/// @param expected their forecast.
/// @param scores scores of each customer, from score_counts().
/// @param frequency repeat purchases of each customer before the holdout.
/// @param classes frequencies up to one below it are classes of their own; >= 1.
/// @return the measures. Linear in customers.
/// @throws InputError where lengths differ, there is no customer, or a count is negative.
/// @see C. Czado, T. Gneiting & L. Held (2009), Predictive Model Assessment for Count Data, Biometrics 65, for the
/// transform, which is not randomised.
HoldoutMeasures measure_holdout(std::span<const double> actual, std::span<const double> expected,
                                const CountScores& scores, std::span<const double> frequency, std::size_t classes);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/lifetime/assessment.ipp"
#endif
