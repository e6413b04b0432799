// Tests of the scores of count forecasts: their definition, quantiles, counts beyond the mass, and what is refused.
#include "custfolio/lifetime/assessment.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "custfolio/math/errors.hpp"

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
