// Tests of the Pareto/NBD and NBD models: published figures, gradients, sums, corners, recovery, bad input.
#include "custfolio/lifetime/pareto_nbd.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "custfolio/lifetime/nbd.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/special_functions.hpp"

using namespace custfolio;

namespace {

// Fader & Hardie's estimates on CDNOW's sample, weeks.
const ParetoNBD cdnow{0.553277, 10.577684, 0.606240, 11.668748};

// Likelihood as published (Fader & Hardie 2005, A note on deriving the Pareto/NBD model), with alpha >= beta.
double published(const ParetoNBD& m, double x, double t_x, double age) {
    const double sum = m.r + m.s + x;
    const auto part = [&](double t) {
        return math::hyp2f1(sum, m.s + 1.0, sum + 1.0, (m.alpha - m.beta) / (m.alpha + t)) *
               std::pow((m.alpha + t_x) / (m.alpha + t), sum);
    };
    const double log_alive = -(m.r + x) * std::log(m.alpha + age) - m.s * std::log(m.beta + age);
    const double log_left = std::log(m.s / sum) - sum * std::log(m.alpha + t_x) + std::log(part(t_x) - part(age));
    return math::log_gamma_ratio(m.r, x) + m.r * std::log(m.alpha) + m.s * std::log(m.beta) +
           math::log_sum_exp(log_alive, log_left);
}

}  // namespace

TEST_CASE("Pareto/NBD: published figures of CDNOW") {
    CHECK(cdnow.expected_purchases(52.0) == doctest::Approx(1.473434).epsilon(1e-6));
    CHECK(cdnow.probability_alive(26.0, 216.0 / 7.0, 31.0) == doctest::Approx(0.997874).epsilon(1e-5));
    CHECK(cdnow.probability_alive(26.0, 216.0 / 7.0, 31.0) * cdnow.given_alive(26.0, 31.0).expected_purchases(52.0) ==
          doctest::Approx(25.45647).epsilon(1e-4));
}

TEST_CASE("Pareto/NBD: the likelihood is the published one") {
    const ParetoNBD model{0.6, 12.0, 0.7, 9.0};
    for (const auto& [x, t_x] : std::vector<std::pair<double, double>>{{0, 0}, {1, 3}, {5, 20}, {26, 30}}) {
        CHECK(model.log_likelihood(x, t_x, 38.0) == doctest::Approx(published(model, x, t_x, 38.0)).epsilon(1e-10));
    }
}

TEST_CASE("Pareto/NBD: gradient against differences; corners are finite") {
    const std::vector<double> x{0, 1, 5, 5000, 0, 3}, t_x{0, 3, 20, 900, 0, 38}, age{38, 30, 30, 1000, 0, 38};
    const PurchaseHistories histories(x, t_x, age);
    for (const Column& at :
         {Column{-0.6, 2.4, -0.5, 2.5}, Column{1.0, 9.0, 0.5, -4.0}, Column{-3.0, -6.0, 2.0, 10.0}}) {
        Column gradient(4);
        Column unused(4);
        const double value = pareto_nbd_log_likelihood(at, gradient, histories, 1);
        REQUIRE(std::isfinite(value));
        CHECK(pareto_nbd_log_likelihood(at, unused, histories, 2) == value);
        double sum = 0.0;
        const ParetoNBD model{std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3])};
        for (std::size_t i = 0; i < x.size(); ++i) {
            sum += model.log_likelihood(x[i], t_x[i], age[i]);
        }
        CHECK(value == doctest::Approx(sum).epsilon(1e-12));
        for (std::size_t k = 0; k < 4; ++k) {
            Column above = at;
            Column below = at;
            above[k] += 1e-5;
            below[k] -= 1e-5;
            const double difference = (pareto_nbd_log_likelihood(above, unused, histories) -
                                       pareto_nbd_log_likelihood(below, unused, histories)) /
                                      2e-5;
            CHECK(std::abs(gradient[k] - difference) < 1e-5 * (1.0 + std::abs(difference)));
        }
    }
}

TEST_CASE("Pareto/NBD and NBD: masses add up to 1 and to mean and variance") {
    const auto check = [](const auto& model, double t) {
        double total = 0.0, mean = 0.0, square = 0.0;
        for (double n = 0.0; n < 400.0; n += 1.0) {
            const double mass = model.probability_mass(n, t);
            total += mass;
            mean += n * mass;
            square += n * n * mass;
        }
        CHECK(total == doctest::Approx(1.0).epsilon(1e-9));
        CHECK(mean == doctest::Approx(model.expected_purchases(t)).epsilon(1e-7));
        CHECK(square - mean * mean == doctest::Approx(model.variance_of_purchases(t)).epsilon(1e-6));
    };
    check(cdnow, 52.0);
    check(cdnow, 0.5);
    check(cdnow.given_alive(6.0, 30.0), 52.0);
    check(NBD{0.385, 12.07}, 52.0);
    CHECK(cdnow.survival(0.0) == 1.0);
    CHECK(cdnow.probability_alive(3.0, 20.0, 20.0) == 1.0);
}

TEST_CASE("Pareto/NBD: discounting against the trapezoidal rule; without a rate it is the expectation") {
    CHECK(cdnow.discounted_purchases(0.0, 52.0) == cdnow.expected_purchases(52.0));
    double sum = 0.0;
    const double h = 0.01;
    for (int k = 0; k <= 5200; ++k) {
        const double t = h * k;
        sum += (k == 0 || k == 5200 ? 0.5 : 1.0) * h * std::exp(-0.02 * t) * cdnow.survival(t);
    }
    CHECK(cdnow.discounted_purchases(0.02, 52.0) == doctest::Approx(cdnow.r / cdnow.alpha * sum).epsilon(1e-7));
    CHECK(cdnow.discounted_purchases(0.02, 1e6) ==
          doctest::Approx(cdnow.discounted_purchases(0.02, std::numeric_limits<double>::infinity())).epsilon(1e-12));
}

TEST_CASE("Pareto/NBD and NBD: parameters come back from simulated customers, same bits for any number of threads") {
    const std::vector<double> age(4000, 50.0);
    std::vector<double> x(age.size()), t_x(age.size()), again(age.size()), last(age.size());
    const ParetoNBD truth{0.8, 6.0, 0.9, 20.0};
    truth.simulate(age, 7, 1, x, t_x);
    truth.simulate(age, 7, 2, again, last);
    CHECK(x == again);
    CHECK(t_x == last);
    const Fit fit = fit_pareto_nbd(PurchaseHistories(x, t_x, age));
    REQUIRE(fit.converged);
    const std::vector<double> right{truth.r, truth.alpha, truth.s, truth.beta};
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(std::abs(fit.estimate[k] - right[static_cast<std::size_t>(k)]) < 4.0 * fit.standard_error[k]);
    }
    NBD{0.8, 6.0}.simulate(age, 8, 0, x, t_x);
    const Fit plain = fit_nbd(PurchaseHistories(x, t_x, age));
    REQUIRE(plain.converged);
    CHECK(std::abs(plain.estimate[0] - 0.8) < 4.0 * plain.standard_error[0]);
}

TEST_CASE("Pareto/NBD and NBD: what cannot be") {
    CHECK_THROWS_AS((ParetoNBD{0.0, 1.0, 1.0, 1.0}.check()), InputError);
    CHECK_THROWS_AS(static_cast<void>(cdnow.expected_purchases(-1.0)), InputError);
    CHECK_THROWS_AS(static_cast<void>(cdnow.probability_mass(1.5, 2.0)), InputError);
    CHECK_THROWS_AS(static_cast<void>(cdnow.discounted_purchases(0.0, std::numeric_limits<double>::infinity())),
                    InputError);
    CHECK_THROWS_AS(
        static_cast<void>((NBD{1.0, 1.0}.discounted_purchases(0.0, std::numeric_limits<double>::infinity()))),
        InputError);
    const std::vector<double> none{0.0};
    CHECK_THROWS_AS(fit_pareto_nbd(PurchaseHistories(none, none, none)), InputError);
    CHECK_THROWS_AS(fit_nbd(PurchaseHistories(none, none, none)), InputError);
}
