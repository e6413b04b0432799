// Tests of the scores of count forecasts: their definition, quantiles, counts beyond the mass, and what is refused.
#include "custfolio/lifetime/assessment.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

TEST_CASE("a forecast of two rows") {
    const std::vector<double> mass{0.5, 0.25, 0.25, 0.0, 1.0, 0.0};
    const std::vector<double> count{1, 1};
    const CountScores found = score_counts(mass, 3, count, 0.1, 0.9);
    CHECK(found.crps[0] == doctest::Approx(0.5 * 0.5 + 0.25 * 0.25));
    CHECK(found.crps[1] == 0);
    CHECK(found.lower == std::vector<double>{0, 1});
    CHECK(found.upper == std::vector<double>{2, 1});
    CHECK(found.below == std::vector<double>{0.5, 0});
    CHECK(found.up_to == std::vector<double>{0.75, 1});
    CHECK(found.missing_mass == 0);
}

TEST_CASE("a count beyond the last of the mass costs its distance") {
    const std::vector<double> mass{1.0, 0.0};
    const std::vector<double> count{5};
    CHECK(score_counts(mass, 2, count).crps[0] == doctest::Approx(5));
    const std::vector<double> short_mass{0.5, 0.2};
    CHECK(score_counts(short_mass, 2, count).missing_mass == doctest::Approx(0.3));
    CHECK(score_counts(short_mass, 2, count).upper[0] == 2);
}

TEST_CASE("what is no forecast is refused") {
    const std::vector<double> count{1};
    const std::vector<double> above{0.9, 0.9};
    const std::vector<double> negative{-0.1, 0.9};
    const std::vector<double> fine{0.5, 0.5};
    const std::vector<double> half{0.5};
    CHECK_THROWS_AS(score_counts(above, 2, count), InputError);
    CHECK_THROWS_AS(score_counts(negative, 2, count), InputError);
    CHECK_THROWS_AS(score_counts(fine, 3, count), InputError);
    CHECK_THROWS_AS(score_counts(fine, 2, half), InputError);
    CHECK_THROWS_AS(score_counts(fine, 2, count, 0.9, 0.1), InputError);
}

TEST_CASE("the probability between two quantiles includes both") {
    const std::vector<double> mass{0.05, 0.25, 0.65, 0.05, 0.95, 0.05, 0.0, 0.0};
    const std::vector<double> count{1, 1};
    const CountScores found = score_counts(mass, 4, count, 0.1, 0.9);
    CHECK(found.within[0] == doctest::Approx(0.9));
    CHECK(found.within[1] == doctest::Approx(0.95));
}

TEST_CASE("tracking sums expectations over the customers' own first days") {
    const std::vector<DayNumber> end{9, 12, 19};
    const std::vector<DayNumber> first{3, 3, 10, 15};
    const std::vector<DayNumber> repeats{19, 9, 8, 11};
    std::vector<double> by_age(20);
    for (std::size_t day = 0; day < by_age.size(); ++day) by_age[day] = std::sqrt(static_cast<double>(day));
    const PurchaseTracking found = track_purchases(end, first, by_age, repeats);
    CHECK(found.actual == std::vector<double>{2, 1, 1});
    CHECK(found.actual_cumulative == std::vector<double>{2, 3, 4});
    for (std::size_t k = 0; k < end.size(); ++k) {
        double expected = 0;
        for (const DayNumber day : first) expected += day <= end[k] ? std::sqrt(end[k] - day) : 0;
        CHECK(found.expected_cumulative[k] == doctest::Approx(expected));
        const double before = k == 0 ? 0 : found.expected_cumulative[k - 1];
        CHECK(found.expected[k] == doctest::Approx(expected - before));
    }
    CHECK_THROWS_AS(track_purchases(end, first, std::vector<double>(16), repeats), InputError);
    CHECK_THROWS_AS(track_purchases(first, first, by_age, repeats), InputError);
}

TEST_CASE("customers are counted by repeat purchases, with an open last class") {
    const std::vector<double> frequency{0, 0, 1, 5, 2};
    const std::vector<double> customers{2, 3};
    const std::vector<double> mass{0.5, 0.25, 0.25, 0.5};
    const FrequencyClasses found = frequency_classes(frequency, customers, mass);
    CHECK(found.actual == std::vector<double>{2, 1, 2});
    CHECK(found.expected == std::vector<double>{1.75, 2.0, 1.25});
    CHECK_THROWS_AS(frequency_classes(frequency, customers, customers.size() == 2 ? std::vector<double>(3) : mass),
                    InputError);
    CHECK_THROWS_AS(frequency_classes(std::vector<double>{-1}, customers, mass), InputError);
}

TEST_CASE("measures of a holdout are those of the slow definitions") {
    const std::size_t customers = 200;
    const std::size_t width = 12;
    std::uint64_t draw = 0;
    const auto random = [&] { return math::uniform(7, 0, draw++); };
    std::vector<double> mass, actual, expected, frequency;
    for (std::size_t i = 0; i < customers; ++i) {
        double left = 1;
        double mean = 0;
        for (std::size_t k = 0; k < width; ++k) {
            const double part = k + 1 == width ? left : left * random();
            mass.push_back(part);
            mean += part * static_cast<double>(k);
            left -= part;
        }
        expected.push_back(mean);
        actual.push_back(std::floor(6 * random()));
        frequency.push_back(std::floor(5 * random()));
    }
    const CountScores scores = score_counts(mass, width, actual);
    const HoldoutMeasures found = measure_holdout(actual, expected, scores, frequency, 3);
    double squares = 0, bias = 0, constant = 0, covered = 0, fourth = 0;
    for (std::size_t i = 0; i < customers; ++i) {
        squares += std::pow(expected[i] - actual[i], 2) / customers;
        bias += (expected[i] - actual[i]) / customers;
        covered += (actual[i] >= scores.lower[i] && actual[i] <= scores.upper[i] ? 1.0 : 0.0) / customers;
        // The transform's distribution is uniform between both probabilities.
        const auto below = [&](double edge) {
            return std::clamp((edge - scores.below[i]) / (scores.up_to[i] - scores.below[i]), 0.0, 1.0);
        };
        fourth += (below(0.4) - below(0.3)) / customers;
        for (double k = 0; k < 8; ++k) {
            double share = 0;
            for (const double one : actual) share += (one <= k ? 1.0 : 0.0) / customers;
            constant += std::pow(share - (actual[i] <= k ? 1.0 : 0.0), 2) / customers;
        }
    }
    CHECK(found.rmse == doctest::Approx(std::sqrt(squares)));
    CHECK(found.bias == doctest::Approx(bias));
    CHECK(found.coverage == doctest::Approx(covered));
    CHECK(found.crps_constant == doctest::Approx(constant));
    CHECK(found.transform[3] == doctest::Approx(fourth));
    double last = 0, in_last = 0;
    for (std::size_t i = 0; i < customers; ++i) {
        in_last += frequency[i] >= 3 ? 1 : 0;
        last += frequency[i] >= 3 ? actual[i] : 0;
    }
    CHECK(found.class_customers[3] == in_last);
    CHECK(found.class_actual[3] == doctest::Approx(last / in_last));
    CHECK_THROWS_AS(measure_holdout(actual, expected, scores, std::vector<double>(3), 3), InputError);
    CHECK_THROWS_AS(measure_holdout({}, {}, {}, {}, 3), InputError);
}
