// Tests of BG/NBD and MBG/NBD: the gradient against differences, sums against single customers, thread counts,
// forecasts.
#include "custfolio/lifetime/bg_nbd.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "custfolio/lifetime/pareto_nbd.hpp"
#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

const std::vector<double> x{0, 1, 5, 5000, 0, 3, 60};
const std::vector<double> t_x{0, 3, 20, 900, 0, 38, 1};
const std::vector<double> age{38, 30, 30, 1000, 0, 38, 500};
const std::vector<double> weights{3, 1, 2, 1, 5, 1, 0.5};

Matrix two_covariates() {
    Matrix z(7, 2);
    as_array(z) << 0, 1.5, 1, -0.5, 0, 0.3, 1, 0.1, 0, 0, 1, 2, 0, -1;
    return z;
}

// Central differences of `value(at, gradient)` against its gradient.
template <class F>
void check_gradient(std::span<const double> at, F&& value) {
    Column gradient(at.size());
    Column unused(at.size());
    REQUIRE(std::isfinite(value(at, gradient)));
    for (std::size_t k = 0; k < at.size(); ++k) {
        Column above(at.begin(), at.end());
        Column below = above;
        above[k] += 1e-5;
        below[k] -= 1e-5;
        const double difference = (value(above, unused) - value(below, unused)) / 2e-5;
        CHECK(std::abs(gradient[k] - difference) < 1e-5 * (1.0 + std::abs(difference)));
    }
}

}  // namespace

TEST_CASE("BG/NBD and MBG/NBD: gradient against differences, sum over customers, any number of threads") {
    const PurchaseHistories histories(x, t_x, age, weights);
    for (const DropOut drop_out : {DropOut::after_repeat_purchases, DropOut::after_all_purchases}) {
        for (const Column& at :
             {Column{-1.4, 1.5, -0.2, 0.9}, Column{1.0, 9.0, 0.5, -4.0}, Column{-3.0, -6.0, 3.0, 6.0}}) {
            const auto value = [&](std::span<const double> point, std::span<double> gradient) {
                return beta_geometric_log_likelihood(point, gradient, histories, drop_out, 1);
            };
            check_gradient(at, value);
            Column unused(4);
            const double found = value(at, unused);
            CHECK(beta_geometric_log_likelihood(at, unused, histories, drop_out, 3) == found);
            const BetaGeometricNBD model(std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3]), drop_out);
            double sum = 0.0;
            for (std::size_t i = 0; i < x.size(); ++i) sum += weights[i] * model.log_likelihood(x[i], t_x[i], age[i]);
            CHECK(found == doctest::Approx(sum).epsilon(1e-12));
        }
    }
}

TEST_CASE("BG/NBD and Pareto/NBD with covariates: gradient against differences, and each customer's own model") {
    const Matrix z = two_covariates();
    const PurchaseHistories histories(x, t_x, age, weights, z);
    Column at{-1.4, 1.5, -0.2, 0.9, 0.3, -0.2, 0.4, 0.1, -0.3, 0.2};
    const auto beta_geometric = [&](std::span<const double> point, std::span<double> gradient) {
        return beta_geometric_log_likelihood(point, gradient, histories, DropOut::after_repeat_purchases);
    };
    check_gradient(at, beta_geometric);
    Column unused(10);
    const std::vector<double> coefficients(at.data() + 4, at.data() + 10);
    const BetaGeometricNBD base(std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3]),
                                DropOut::after_repeat_purchases);
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum += weights[i] * base.with(coefficients, {z.data() + 2 * i, 2}).log_likelihood(x[i], t_x[i], age[i]);
    }
    CHECK(beta_geometric(at, unused) == doctest::Approx(sum).epsilon(1e-12));

    at.resize(8);
    unused.resize(8);
    const auto pareto = [&](std::span<const double> point, std::span<double> gradient) {
        return pareto_nbd_log_likelihood(point, gradient, histories);
    };
    check_gradient(at, pareto);
    const ParetoNBD plain{std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3])};
    const std::vector<double> four(at.data() + 4, at.data() + 8);
    sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum += weights[i] * plain.with(four, {z.data() + 2 * i, 2}).log_likelihood(x[i], t_x[i], age[i]);
    }
    CHECK(pareto(at, unused) == doctest::Approx(sum).epsilon(1e-12));
}

TEST_CASE("BG/NBD: a forecast of many ages is that of each alone") {
    const BetaGeometricNBD model(0.25, 4.0, 0.8, 2.5, DropOut::after_repeat_purchases);
    std::vector<double> frequency, recency, observed;
    for (int k = 0; k < 400; ++k) {
        frequency.push_back(k % 5);
        observed.push_back(5.0 + 0.7 * k);
        recency.push_back(k % 5 == 0 ? 0.0 : 0.8 * observed.back());
    }
    const PurchaseForecast found = forecast_purchases(model, frequency, recency, observed, 52.0, 0.002);
    for (std::size_t i = 0; i < frequency.size(); i += 37) {
        const BetaGeometricState state = model.state(frequency[i], recency[i], observed[i]);
        CHECK(found.residual[i] == doctest::Approx(discounted_purchases(state, 0.002)).epsilon(1e-8));
        CHECK(found.discounted[i] == doctest::Approx(discounted_purchases(state, 0.002, 52.0)).epsilon(1e-8));
        CHECK(found.none[i] == doctest::Approx(probability_mass(state, 0, 52.0)).epsilon(1e-10));
        CHECK(found.p90[i] == purchase_count(state, 52.0).quantile(0.9));
    }
}

TEST_CASE("kinds of drop-out have names") {
    CHECK(custfolio::to_string(custfolio::DropOut::after_repeat_purchases) == "after repeat purchases");
    CHECK(custfolio::to_string(custfolio::DropOut::after_all_purchases) == "after all purchases");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::DropOut>(99)), custfolio::InputError);
}
