// Tests of fit_log_parameters: a likelihood whose optimum is known in closed form, priors, edges, several optima.
#include "custfolio/lifetime/maximum_likelihood.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "custfolio/math/errors.hpp"

using custfolio::Fit;
using custfolio::fit_log_parameters;
using custfolio::FitOptions;

namespace {

/// Normal sample of 50 with mean m (unrestricted) and variance v: sufficient statistics mean 2, mean square 13.
double normal_likelihood(std::span<const double> x, std::span<double> gradient) {
    const double v = std::exp(x[1]);
    const double squares = 13.0 - 4.0 * x[0] + x[0] * x[0];
    gradient[0] = 50.0 * (2.0 - x[0]) / v;
    gradient[1] = -25.0 + 25.0 * squares / v;
    return -25.0 * (std::log(2.0 * std::acos(-1.0)) + x[1] + squares / v);
}

}  // namespace

TEST_CASE("a fit reproduces a normal sample's maximum likelihood, errors and criteria") {
    FitOptions options;
    options.unrestricted = {true, false};
    const Fit fit = fit_log_parameters({"mean", "variance"}, normal_likelihood, {{0.0, 0.0}}, 50.0, options);
    CHECK(fit.converged);
    CHECK(fit.estimate[0] == doctest::Approx(2.0).epsilon(1e-12));
    CHECK(fit.estimate[1] == doctest::Approx(9.0).epsilon(1e-12));
    CHECK(fit.standard_error[0] == doctest::Approx(std::sqrt(9.0 / 50.0)).epsilon(1e-8));
    CHECK(fit.standard_error[1] == doctest::Approx(9.0 * std::sqrt(2.0 / 50.0)).epsilon(1e-8));
    const double expected = -25.0 * (std::log(2.0 * std::acos(-1.0) * 9.0) + 1.0);
    CHECK(fit.log_likelihood == doctest::Approx(expected).epsilon(1e-13));
    CHECK(fit.aic() == doctest::Approx(4.0 - 2.0 * expected));
    CHECK(fit.bic() == doctest::Approx(2.0 * std::log(50.0) - 2.0 * expected));
    const auto interval = fit.interval(0.95);
    CHECK(interval.upper[0] - 2.0 == doctest::Approx(1.959963984540054 * std::sqrt(9.0 / 50.0)).epsilon(1e-7));
    CHECK(interval.lower[1] * interval.upper[1] == doctest::Approx(81.0));
    CHECK_THROWS_AS((void)fit.interval(95.0), custfolio::InputError);
    CHECK(fit.log_parameters()[1] == doctest::Approx(std::log(9.0)));
}

TEST_CASE("a normal prior on a normal mean gives the conjugate answer") {
    FitOptions options;
    options.unrestricted = {true};
    options.prior = {{1.0, 0.5}};
    const auto likelihood = [](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = 8.0 * (3.0 - x[0]);
        return -4.0 * (3.0 - x[0]) * (3.0 - x[0]);
    };
    const Fit fit = fit_log_parameters({"mean"}, likelihood, {{0.0}}, 8.0, options);
    CHECK(fit.estimate[0] == doctest::Approx((8.0 * 3.0 + 4.0 * 1.0) / 12.0));
    CHECK(fit.standard_error[0] == doctest::Approx(std::sqrt(1.0 / 12.0)));
    CHECK(fit.log_likelihood == doctest::Approx(-4.0 * std::pow(3.0 - fit.estimate[0], 2)));
    CHECK(fit.log_prior < 0.0);
}

TEST_CASE("a parameter that runs away is told") {
    // All of n trials succeed: the odds run to infinity.
    const auto likelihood = [](std::span<const double> x, std::span<double> gradient) {
        const double odds = std::exp(x[0]);
        gradient[0] = 20.0 / (1.0 + odds);
        return -20.0 * std::log1p(1.0 / odds);
    };
    const Fit fit = fit_log_parameters({"odds"}, likelihood, {{0.0}}, 20.0, {});
    CHECK_FALSE(fit.converged);
    CHECK(fit.message.find("odds runs to infinity") != std::string::npos);
    CHECK(std::isfinite(fit.log_likelihood));
}

TEST_CASE("a likelihood that does not tell two parameters apart has no standard errors and says so") {
    const auto likelihood = [](std::span<const double> x, std::span<double> gradient) {
        const double sum = x[0] + x[1] - 1.0;
        gradient[0] = -10.0 * sum;
        gradient[1] = -10.0 * sum;
        return -5.0 * sum * sum;
    };
    const Fit fit = fit_log_parameters({"a", "b"}, likelihood, {{0.0, 0.0}}, 10.0, {});
    CHECK_FALSE(fit.converged);
    CHECK(std::isnan(fit.standard_error[0]));
    CHECK(fit.message.find("flat") != std::string::npos);
}

TEST_CASE("optima are counted where every start is followed, and the best is kept") {
    // Two modes, near -2 and 2, the right one higher.
    const auto likelihood = [](std::span<const double> x, std::span<double> gradient) {
        const double square = x[0] * x[0] - 4.0;
        gradient[0] = -4.0 * square * x[0] + 0.5;
        return -square * square + 0.5 * x[0];
    };
    FitOptions options;
    options.every_start = true;
    options.unrestricted = {true};
    const Fit fit = fit_log_parameters({"x"}, likelihood, {{-3.0}, {3.0}, {1.5}}, 1.0, options);
    CHECK(fit.optima == 2);
    CHECK(fit.estimate[0] > 0.0);
    CHECK(fit.message.find("2 optima") != std::string::npos);
}

TEST_CASE("a fit refuses what does not match its parameters") {
    const auto nowhere = [](std::span<const double>, std::span<double>) {
        return -std::numeric_limits<double>::infinity();
    };
    FitOptions options;
    options.prior = {{0.0, 1.0}};
    CHECK_THROWS_AS(fit_log_parameters({"a", "b"}, normal_likelihood, {{0.0, 0.0}}, 1.0, options),
                    custfolio::InputError);
    CHECK_THROWS_AS(fit_log_parameters({"a", "b"}, normal_likelihood, {{0.0}}, 1.0, {}), custfolio::InputError);
    CHECK_THROWS_AS(fit_log_parameters({"a"}, nowhere, {{0.0}}, 1.0, {}), custfolio::InputError);
    options.prior = {{0.0, 0.0}};
    CHECK_THROWS_AS(fit_log_parameters({"a"}, nowhere, {{0.0}}, 1.0, options), custfolio::InputError);
}

TEST_CASE("models of groups apart are compared with one of all") {
    const std::vector<double> apart{-10.0, -20.0, -30.0};
    const custfolio::LikelihoodRatio found = custfolio::likelihood_ratio(apart, -62.0, 1);
    CHECK(found.statistic == 4.0);
    CHECK(found.degrees == 2.0);
    CHECK(found.p_value == doctest::Approx(std::exp(-2.0)));  // chi-square with two degrees is exponential
    CHECK(found.aic_difference == 0.0);
    CHECK(custfolio::likelihood_ratio(std::span(apart).first(1), -10.0, 2).p_value == 1.0);
    CHECK_THROWS_AS(custfolio::likelihood_ratio({}, -10.0, 2), custfolio::InputError);
}

TEST_CASE("percentile intervals: quantiles of each column, linear between samples") {
    custfolio::Matrix samples(5, 2);
    const double first[] = {4, 0, 1, 3, 2};
    for (std::size_t i = 0; i < 5; ++i) {
        samples(i, 0) = first[i];
        samples(i, 1) = 10 * first[i];
    }
    const custfolio::ConfidenceIntervals found = custfolio::percentile_intervals(samples, 0.9);
    CHECK(found.lower[0] == doctest::Approx(0.2));
    CHECK(found.upper[0] == doctest::Approx(3.8));
    CHECK(found.lower[1] == doctest::Approx(2.0));
    CHECK(found.upper[1] == doctest::Approx(38.0));
    CHECK_THROWS_AS(static_cast<void>(custfolio::percentile_intervals(samples, 1.0)), custfolio::InputError);
    CHECK_THROWS_AS(static_cast<void>(custfolio::percentile_intervals(custfolio::Matrix(0, 2))), custfolio::InputError);
}
