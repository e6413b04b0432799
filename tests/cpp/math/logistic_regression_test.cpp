// Tests of the logistic regression: gradient at the mode, weights against repeated rows, groups against columns.
#include "custfolio/math/logistic_regression.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

TEST_CASE("the mode of a logistic regression has no gradient, and separated outcomes stay finite") {
    Matrix features(40, 2, 1.0);
    std::vector<double> outcome;
    for (std::size_t i = 0; i < 40; ++i) {
        features(i, 1) = 6 * math::uniform(5, 0, i) - 3;
        outcome.push_back(features(i, 1) > 0 ? 1.0 : 0.0);
    }
    const std::vector<double> mean{0.2, -0.1}, deviation{2, 1.5};
    const math::LogisticRegression fit = math::fit_logistic({features, outcome}, {mean, deviation});
    for (std::size_t k = 0; k < 2; ++k) {
        double gradient = -(fit.coefficients[k] - mean[k]) / (deviation[k] * deviation[k]);
        for (std::size_t i = 0; i < 40; ++i) {
            gradient += (outcome[i] - fit.probability(features.row(i))) * features(i, k);
        }
        CHECK(std::abs(gradient) < 1e-9);
        CHECK(fit.covariance(k, k) > 0);
        CHECK(fit.covariance(k, k) <= deviation[k] * deviation[k]);
    }
}

TEST_CASE("a weight counts as repeated rows, and a group's offset as a column with its own prior") {
    Matrix features(60, 2, 1.0);
    Matrix repeated(90, 2, 1.0);
    Matrix columns(60, 5);  // both features, then one column per group
    std::vector<double> outcome, weight, outcomes;
    std::vector<std::int32_t> group;
    for (std::size_t i = 0; i < 60; ++i) {
        features(i, 1) = columns(i, 1) = 4 * math::uniform(6, 0, i) - 2;
        columns(i, 0) = 1;
        group.push_back(static_cast<std::int32_t>(i % 4) - 1);  // -1: none
        if (group[i] >= 0) columns(i, 2 + static_cast<std::size_t>(group[i])) = 1;
        outcome.push_back(math::uniform(6, 1, i));
        weight.push_back(i % 2 == 0 ? 1 : 2);
        for (int copy = 0; copy < weight[i]; ++copy) {
            repeated(outcomes.size(), 1) = features(i, 1);
            outcomes.push_back(outcome[i]);
        }
    }
    const double none = std::numeric_limits<double>::infinity();
    const std::vector<double> mean{0, 0}, deviation{none, 2};
    const math::LogisticRegression weighted = math::fit_logistic({features, outcome, weight}, {mean, deviation});
    const math::LogisticRegression plain = math::fit_logistic({repeated, outcomes}, {mean, deviation});
    const math::LogisticRegression grouped =
        math::fit_logistic({features, outcome, weight, group, 3}, {mean, deviation, 0.7});
    const math::LogisticRegression wide = math::fit_logistic(
        {columns, outcome, weight}, {std::vector<double>(5), std::vector<double>{none, 2, 0.7, 0.7, 0.7}});
    CHECK(weighted.log_likelihood == doctest::Approx(plain.log_likelihood).epsilon(1e-12));
    CHECK(grouped.log_likelihood == doctest::Approx(wide.log_likelihood).epsilon(1e-12));
    CHECK((weighted.converged && plain.converged && grouped.converged && wide.converged));
    for (std::size_t k = 0; k < 2; ++k) {
        CHECK(weighted.coefficients[k] == doctest::Approx(plain.coefficients[k]).epsilon(1e-12));
        CHECK(grouped.coefficients[k] == doctest::Approx(wide.coefficients[k]).epsilon(1e-12));
        for (std::size_t l = 0; l < 2; ++l) {
            CHECK(weighted.covariance(k, l) == doctest::Approx(plain.covariance(k, l)).epsilon(1e-12));
            CHECK(grouped.covariance(k, l) == doctest::Approx(wide.covariance(k, l)).epsilon(1e-12));
        }
    }
    for (std::size_t g = 0; g < 3; ++g) {
        CHECK(grouped.offset[g] == doctest::Approx(wide.coefficients[2 + g]).epsilon(1e-12));
        // The variance of the offset: its own, and that of the coefficients along its slope.
        double variance = grouped.offset_variance[g];
        for (std::size_t k = 0; k < 2; ++k) {
            for (std::size_t l = 0; l < 2; ++l) {
                variance += grouped.slope(g, k) * grouped.covariance(k, l) * grouped.slope(g, l);
            }
        }
        CHECK(variance == doctest::Approx(wide.covariance(2 + g, 2 + g)).epsilon(1e-12));
    }
}

TEST_CASE("a logistic regression refuses rows and priors that are out of range") {
    const Matrix features(3, 2, 1.0);
    const std::vector<double> outcome(3, 0.5), two(2, 1.0), three(3, 1.0);
    const std::vector<std::int32_t> group{0, 1, -1};
    const auto message = [&](const math::LogisticRows& rows, const math::LogisticPrior& prior) -> std::string {
        try {
            (void)math::fit_logistic(rows, prior);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    CHECK(message({features, two}, {two, two}) ==
          "the regression has 3 rows x 2 features, 2 outcomes, 2 prior means and 2 deviations; each row and each "
          "feature needs one");
    CHECK(message({features, outcome, two}, {two, two}) ==
          "the regression has 3 rows and 2 weights; each row needs one, or none has one");
    CHECK(message({features, outcome}, {two, std::vector<double>{1, 0}}) ==
          "feature 1: the prior has mean 1 and deviation 0; the mean is finite, and the deviation is positive");
    CHECK(message({features, std::vector<double>{0, 1, 2}}, {two, two}) ==
          "row 2: the outcome is 2; it lies in [0, 1]");
    CHECK(message({features, outcome, std::vector<double>{1, -1, 1}}, {two, two}) ==
          "row 1: the weight is -1; it is finite and not negative");
    CHECK(message({features, outcome, three, group, 1}, {two, two, 1}) == "row 1: the group is 1; there are 1");
    CHECK(message({features, outcome, three, group, 2}, {two, two}) ==
          "the prior deviation between groups is 0; it is positive and finite");
    CHECK(message({Matrix(3, 2, std::numeric_limits<double>::quiet_NaN()), outcome}, {two, two}) ==
          "row 0: a feature is not finite");
}
