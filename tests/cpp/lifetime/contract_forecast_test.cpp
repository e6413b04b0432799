// Forecasts by opportunities and of contracts: against sums over the models' own single quantities; a pulse ends them.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "custfolio/lifetime/bg_bb.hpp"
#include "custfolio/lifetime/contract_forecast.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

TEST_CASE("the forecast by opportunities is that of the single quantities") {
    const custfolio::BGBB model{1.2035, 0.7497, 0.6568, 2.7838};
    const std::vector<double> x{0, 4, 6, 4};
    const std::vector<double> t_x{0, 5, 6, 6};
    const std::vector<double> n{6, 6, 6, 6};
    const auto found = custfolio::forecast_purchases(model, x, t_x, n, 10, 0.1, 1);
    const std::vector<double> ahead(4, 10.0);
    const auto mean = model.conditional_expected_purchases(ahead, x, t_x, n);
    const auto alive = model.probability_alive(x, t_x, n);
    const auto residual = model.discounted_expected_residual_transactions(0.1, x, t_x, n);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(found.mean[i] == doctest::Approx(mean[i]).epsilon(1e-12));
        CHECK(found.alive[i] == doctest::Approx(alive[i]).epsilon(1e-12));
        CHECK(found.residual[i] == doctest::Approx(residual[i]).epsilon(1e-12));
        CHECK(found.p10[i] <= found.p50[i]);
        CHECK(found.p50[i] <= found.p90[i]);
    }
}

TEST_CASE("what a pulse throws ends a forecast and a simulation") {
    const custfolio::BGBB model{1.2, 0.75, 0.66, 2.8};
    const auto stop = [] { throw std::runtime_error("stopped"); };
    std::vector<double> x(5000, 0.0);
    std::vector<double> n(5000);
    for (std::size_t i = 0; i < n.size(); ++i) n[i] = static_cast<double>(i);
    for (const unsigned threads : {1U, 2U}) {
        CHECK_THROWS_WITH(custfolio::forecast_purchases(model, x, x, n, 3, 0.1, threads, stop), "stopped");
        CHECK_THROWS_WITH(custfolio::simulate_bg_bb(model, n, 1, threads, stop), "stopped");
    }
}

TEST_CASE("simulated contracts are the inversion of the survival curve, period by period") {
    const custfolio::BetaDiscreteWeibull model{0.8, 3.0, 1.4};
    std::vector<double> age;
    for (int i = 0; i < 20'000; ++i) age.push_back(1 + i % 7);
    const std::vector<double> recency = custfolio::simulate_contracts(model, age, 5);
    double lost = 0;
    for (std::size_t i = 0; i < age.size(); ++i) {
        const double chance = custfolio::math::uniform(5, i, 0);
        double period = 1;
        while (period < age[i] && model.survival(period) >= chance) period += 1;
        CHECK(recency[i] == period);
        if (recency[i] < age[i]) lost += 1;
    }
    double expected = 0;
    for (const double t : age) expected += 1 - model.survival(t - 1);
    CHECK(std::abs(lost - expected) < 4 * std::sqrt(expected));
    CHECK(custfolio::simulate_contracts(custfolio::ShiftedBetaGeometric{0.7, 1.2}, age, 5) ==
          custfolio::simulate_contracts(custfolio::BetaDiscreteWeibull{0.7, 1.2, 1.0}, age, 5));
    CHECK_THROWS_AS(static_cast<void>(custfolio::simulate_contracts(model, std::vector<double>{3.0, 0.5}, 1)),
                    custfolio::InputError);
}

TEST_CASE("the forecast of contracts is a sum over the survival curve") {
    const custfolio::BetaDiscreteWeibull model{0.8, 3.0, 1.4};
    const std::vector<double> recency{1, 4, 2};
    const std::vector<double> age{1, 4, 5};
    const auto found = custfolio::forecast_contracts(model, recency, age, 6, 0.1);
    for (std::size_t i = 0; i < 2; ++i) {
        double mean = 0;
        double discounted = 0;
        for (int k = 1; k <= 6; ++k) {
            const double chance = model.survival(recency[i] - 1 + k) / model.survival(recency[i] - 1);
            mean += chance;
            discounted += chance / std::pow(1.1, k - 1);
        }
        CHECK(found.mean[i] == doctest::Approx(mean));
        CHECK(found.discounted[i] == doctest::Approx(discounted));
        CHECK(found.retention[i] == doctest::Approx(model.retention_rate(recency[i])));
        CHECK(found.residual[i] == doctest::Approx(model.discounted_expected_residual_lifetime(recency[i] - 1, 0.1)));
    }
    CHECK(found.mean[2] == 0);
    CHECK(found.renewals[2] == 1);
    CHECK_THROWS_AS(custfolio::forecast_contracts(model, recency, age, 2.5, 0.1), custfolio::InputError);
    CHECK_THROWS_AS(custfolio::forecast_contracts(model, recency, age, 2, -0.1), custfolio::InputError);
}

TEST_CASE("observed renewals are those of counting every customer") {
    const std::vector<double> recency{1, 2, 2, 3, 5, 5, 1};
    const std::vector<double> age{3, 2, 4, 3, 5, 6, 1};
    const std::vector<double> weight{2, 1, 3, 1, 4, 1, 5};
    const auto found = custfolio::observed_renewals(custfolio::contracts_of(recency, age, weight), 6);
    double survival = 1;
    for (std::size_t r = 0; r < 6; ++r) {
        double faced = 0;
        double left = 0;
        for (std::size_t i = 0; i < age.size(); ++i) {
            const bool lost = recency[i] < age[i];
            const double last = recency[i] - (lost ? 1 : 2);  // the last decision that the customer faced
            if (last >= static_cast<double>(r)) faced += weight[i];
            if (lost && last == static_cast<double>(r)) left += weight[i];
        }
        CHECK(found.customers[r] == faced);
        if (faced == 0) {
            CHECK(std::isnan(found.retention[r]));
        } else {
            CHECK(found.survival[r] == doctest::Approx(survival));
            survival *= 1 - left / faced;
            CHECK(found.retention[r] == doctest::Approx(1 - left / faced));
        }
    }
    CHECK(custfolio::observed_renewals(custfolio::contracts_of(recency, age), 0).customers.empty());
}
