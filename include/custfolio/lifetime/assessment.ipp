// Definitions of lifetime/assessment.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/assessment.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// @throws InputError where a number of purchases is negative or not finite.
CUSTFOLIO_INLINE double check_count(double count) {
    if (count >= 0 && std::isfinite(count)) return count;
    throw InputError("a number of purchases is " + number_text(count) + "; it must be at least 0");
}

/// Class of a number of purchases: the number itself, or the last class.
CUSTFOLIO_INLINE std::size_t class_of(double count, std::size_t classes) {
    return static_cast<std::size_t>(std::min(check_count(count), static_cast<double>(classes)));
}

}  // namespace detail

CUSTFOLIO_INLINE CountScores score_counts(std::span<const double> mass, std::size_t width,
                                          std::span<const double> count, double lower, double upper, unsigned threads) {
    const std::size_t rows = count.size();
    if (width == 0 || mass.size() != rows * width) {
        throw InputError("forecasts: the mass has " + std::to_string(mass.size()) + " probabilities for " +
                         std::to_string(rows) + " rows of " + std::to_string(width) + "; it must have one each");
    }
    if (!(0 < lower && lower < upper && upper < 1)) {
        throw InputError("forecasts: the levels are " + number_text(lower) + " and " + number_text(upper) +
                         "; they must rise and lie within 0 and 1");
    }
    CountScores scores;
    for (auto* column : {&scores.crps, &scores.lower, &scores.upper, &scores.below, &scores.up_to, &scores.within}) {
        column->resize(rows);
    }
    std::vector<double> missing(rows);
    math::parallel_for(0, rows, 4096, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row) {
            const std::string where = "forecasts, row " + std::to_string(row) + " (counted from 0): ";
            const double observed = count[row];
            if (!(observed >= 0) || observed != std::floor(observed) || !std::isfinite(observed)) {
                throw InputError(where + "the count is " + number_text(observed) +
                                 "; it must be a whole number from 0");
            }
            double reached = 0;
            double below = 0;
            double up_to = 0;
            double score = 0;
            double low = -1;
            double high = -1;
            double under_low = 0;
            double up_to_high = 0;
            for (std::size_t k = 0; k < width; ++k) {
                const double probability = mass[row * width + k];
                if (!(probability >= 0 && probability <= 1 + 1e-6)) {
                    throw InputError(where + "the probability of " + std::to_string(k) + " is " +
                                     number_text(probability) + "; it must lie in [0, 1]");
                }
                const auto value = static_cast<double>(k);
                const double before = reached;
                reached += probability;
                if (value == observed) {
                    below = before;
                    up_to = reached;
                }
                // The continuous ranked probability score: squared distance of the two distribution functions, summed
                // over counts.
                const double distance = reached - (observed <= value ? 1.0 : 0.0);
                score += distance * distance;
                if (low < 0 && reached >= lower) {
                    low = value;
                    under_low = before;
                }
                if (high < 0 && reached >= upper) {
                    high = value;
                    up_to_high = reached;
                }
            }
            if (reached > 1 + 1e-6) {
                throw InputError(where + "the probabilities sum to " + number_text(reached) +
                                 "; they must to at most 1");
            }
            // Beyond the last count the forecast's function stays where it is, up to the observed count.
            const auto beyond = static_cast<double>(width);
            if (observed >= beyond) {
                score += (observed - beyond) * reached * reached;
                below = up_to = reached;
            }
            scores.crps[row] = score;
            scores.lower[row] = low < 0 ? beyond : low;
            scores.upper[row] = high < 0 ? beyond : high;
            scores.below[row] = std::min(below, 1.0);
            scores.up_to[row] = std::min(up_to, 1.0);
            scores.within[row] = (high < 0 ? reached : up_to_high) - (low < 0 ? reached : under_low);
            missing[row] = std::max(0.0, 1 - reached);
        }
    });
    for (const double one : missing) scores.missing_mass = std::max(scores.missing_mass, one);
    return scores;
}

CUSTFOLIO_INLINE PurchaseTracking track_purchases(std::span<const DayNumber> end,
                                                  std::span<const DayNumber> first_purchase,
                                                  std::span<const double> expected_by_age,
                                                  std::span<const DayNumber> repeat_purchase) {
    for (std::size_t k = 1; k < end.size(); ++k) {
        if (end[k] <= end[k - 1]) throw InputError("tracking: step " + std::to_string(k) + " does not end later");
    }
    // Customers of one day share their expectation, so days are counted and not customers.
    std::map<DayNumber, double> born;
    for (const DayNumber day : first_purchase) born[day] += 1.0;
    if (!born.empty() && !end.empty() && end.back() - born.begin()->first >= std::ssize(expected_by_age)) {
        throw InputError("tracking: there are expectations up to " + std::to_string(std::ssize(expected_by_age) - 1) +
                         " days; the first customer is " + std::to_string(end.back() - born.begin()->first) +
                         " days old at the end");
    }
    std::vector<DayNumber> bought(repeat_purchase.begin(), repeat_purchase.end());
    detail::sort(bought);
    PurchaseTracking tracking;
    double actual_before = 0;
    double expected_before = 0;
    for (const DayNumber day : end) {
        double expected = 0;
        for (const auto& [first, customers] : born) {
            if (first > day) break;
            expected += customers * expected_by_age[static_cast<std::size_t>(day - first)];
        }
        // Sorted purchases: how many lie up to a day is a position.
        const auto actual = static_cast<double>(detail::upper_bound(bought, day) - bought.begin());
        tracking.actual.push_back(actual - actual_before);
        tracking.expected.push_back(expected - expected_before);
        tracking.actual_cumulative.push_back(actual_before = actual);
        tracking.expected_cumulative.push_back(expected_before = expected);
    }
    return tracking;
}

CUSTFOLIO_INLINE FrequencyClasses frequency_classes(std::span<const double> frequency,
                                                    std::span<const double> customers, std::span<const double> mass) {
    if (customers.empty() || mass.size() % customers.size() != 0) {
        throw InputError("classes: there are " + std::to_string(mass.size()) + " probabilities for " +
                         std::to_string(customers.size()) + " groups; each group must have the same number");
    }
    const std::size_t classes = mass.size() / customers.size();
    FrequencyClasses frequencies{std::vector<double>(classes + 1), std::vector<double>(classes + 1)};
    for (const double x : frequency) frequencies.actual[detail::class_of(x, classes)] += 1.0;
    for (std::size_t group = 0; group < customers.size(); ++group) {
        for (std::size_t k = 0; k < classes; ++k)
            frequencies.expected[k] += customers[group] * mass[group * classes + k];
    }
    double below = 0;
    for (std::size_t k = 0; k < classes; ++k) below += frequencies.expected[k];
    // The last class has what the others leave, so that classes sum to all customers.
    frequencies.expected[classes] = std::max(0.0, static_cast<double>(frequency.size()) - below);
    return frequencies;
}

CUSTFOLIO_INLINE HoldoutMeasures measure_holdout(std::span<const double> actual, std::span<const double> expected,
                                                 const CountScores& scores, std::span<const double> frequency,
                                                 std::size_t classes) {
    const std::size_t customers = actual.size();
    if (customers == 0 || classes == 0) throw InputError("holdout: there must be a customer and a class");
    for (const std::size_t length :
         {expected.size(), scores.crps.size(), scores.lower.size(), scores.upper.size(), scores.below.size(),
          scores.up_to.size(), scores.within.size(), frequency.size()}) {
        if (length != customers) {
            throw InputError("holdout: a column has " + std::to_string(length) + " values for " +
                             std::to_string(customers) + " customers");
        }
    }
    constexpr std::size_t bins = 10;
    HoldoutMeasures measures;
    measures.class_customers.resize(classes + 1);
    measures.class_actual.resize(classes + 1);
    measures.class_expected.resize(classes + 1);
    std::array<double, bins + 1> reached{};  // mean of the transform's distribution at the ends of the bins
    std::map<double, double> share;
    double squares = 0;
    for (std::size_t i = 0; i < customers; ++i) {
        const double error = expected[i] - actual[i];
        measures.purchases_actual += actual[i];
        measures.purchases_expected += expected[i];
        measures.crps += scores.crps[i];
        measures.mae += std::abs(error);
        squares += error * error;
        measures.bias += error;
        measures.coverage += scores.lower[i] <= actual[i] && actual[i] <= scores.upper[i] ? 1.0 : 0.0;
        measures.coverage_nominal += scores.within[i];
        share[detail::check_count(actual[i])] += 1.0;
        // The transform of a count is uniform between the probabilities below it and up to it (nonrandomised).
        const double width = std::max(scores.up_to[i] - scores.below[i], 1e-300);
        for (std::size_t b = 1; b < bins; ++b) {
            const double edge = static_cast<double>(b) / bins;
            reached[b] += std::clamp((edge - scores.below[i]) / width, 0.0, 1.0);
        }
        const std::size_t k = detail::class_of(frequency[i], classes);
        measures.class_customers[k] += 1.0;
        measures.class_actual[k] += actual[i];
        measures.class_expected[k] += expected[i];
    }
    const auto count = static_cast<double>(customers);
    for (double* mean : {&measures.crps, &measures.mae, &measures.bias, &measures.coverage, &measures.coverage_nominal})
        *mean /= count;
    measures.rmse = std::sqrt(squares / count);
    // A distribution function ends at 1.
    reached[bins] = count;
    for (std::size_t b = 0; b < bins; ++b) measures.transform.push_back((reached[b + 1] - reached[b]) / count);
    for (std::size_t k = 0; k <= classes; ++k) {
        measures.class_actual[k] /= std::max(measures.class_customers[k], 1.0);
        measures.class_expected[k] /= std::max(measures.class_customers[k], 1.0);
    }
    // The score of a forecast F is that of each outcome, sum over k of (F(k) - [outcome <= k])^2, by its share. With
    // the shares of the outcomes themselves it is the sum of F (1 - F), which is constant between two outcomes.
    double up_to = 0;
    for (auto at = share.begin(); std::next(at) != share.end(); ++at) {
        up_to += at->second / count;
        measures.crps_constant += up_to * (1 - up_to) * (std::next(at)->first - at->first);
    }
    return measures;
}

}  // namespace custfolio
