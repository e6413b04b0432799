// Tests of the value of purchases and contracts: moments against simulation by hand, bands, and what is refused.
#include "custfolio/lifetime/purchase_value.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

const PurchaseForecast forecast{.alive = {0.9, 0.2, 0.5},
                                .mean = {4.0, 0.5, 0.0},
                                .sd = {2.5, 1.0, 0.0},
                                .none = {0.1, 0.8, 1.0},
                                .p10 = {0, 0, 0},
                                .p50 = {4, 0, 0},
                                .p90 = {8, 2, 0},
                                .discounted = {3.0, 0.4, 0.0},
                                .residual = {9.0, 1.0, std::numeric_limits<double>::quiet_NaN()}};

}  // namespace

TEST_CASE("certain amounts: the value is that of the number of purchases") {
    const std::vector<double> amount{10, -5, 7};
    const PurchaseValue found = purchase_value(PurchaseColumns(forecast), amount);
    CHECK(found.amount == amount);
    CHECK(found.value == std::vector<double>{30, -2, 0});
    CHECK(found.sd[0] == doctest::Approx(0.75 * 25));
    CHECK(found.p90[0] == doctest::Approx(60));
    CHECK(found.p10[1] == doctest::Approx(-8));  // a loss on each purchase: many purchases are the low end
    CHECK(found.p90[1] == 0);
    CHECK(found.infinite[0] == 90);
    CHECK(std::isnan(found.infinite[2]));
}

TEST_CASE("uncertain amounts: the variance is that of a random sum") {
    // Var S = E N W + E N^2 V + Var N m^2 for N purchases, average m of variance V and single amounts of variance W.
    const std::vector<double> frequency{3, 0, 1};
    const std::vector<double> average{20, 0, 12};
    const NormalNormal spend{15, 4, 9};
    const PurchaseValue found = purchase_value(PurchaseColumns(forecast), spend, frequency, average);
    for (std::size_t i = 0; i < 2; ++i) {
        const double weight = 4 / (4 + 9 / std::max(frequency[i], 1e-300));
        const double m = frequency[i] > 0 ? weight * average[i] + (1 - weight) * 15 : 15;
        const double v = frequency[i] > 0 ? 4 * (1 - weight) : 4;
        const double n = forecast.mean[i];
        const double n2 = forecast.sd[i] * forecast.sd[i] + n * n;
        const double variance = n * 9 + n2 * v + forecast.sd[i] * forecast.sd[i] * m * m;
        CHECK(found.amount[i] == doctest::Approx(m));
        CHECK(found.value[i] == doctest::Approx(m * forecast.discounted[i]));
        CHECK(found.sd[i] == doctest::Approx(forecast.discounted[i] / n * std::sqrt(variance)));
        CHECK(found.p10[i] <= found.p90[i]);
    }
    const PurchaseValue number =
        purchase_value(PurchaseColumns(forecast), spend, frequency, average, {.band = ValueBandOf::number});
    CHECK(number.sd == found.sd);
    CHECK(number.p90[0] == doctest::Approx(0.75 * 8 * found.amount[0]));
    CHECK(number.p90[0] != found.p90[0]);
}

TEST_CASE("gamma amounts: the mean of the published equation, and no deviation without a second moment") {
    const std::vector<double> frequency{3, 0, 1};
    const std::vector<double> average{20, 0, 12};
    const GammaGamma spend{2, 1.5, 30};
    const PurchaseValue found = purchase_value(PurchaseColumns(forecast), spend, frequency, average);
    CHECK(found.amount[0] == doctest::Approx((30 + 3 * 20) * 2 / (2 * 3 + 1.5 - 1)));
    // Given the history the rate is gamma(q + p x): Var m = m^2 / (q + p x - 2), and W = (Var m + m^2) / p.
    const double m = found.amount[0];
    const double v = m * m / (1.5 + 2 * 3 - 2);
    const double variance = 4 * (v + m * m) / 2 + (2.5 * 2.5 + 16) * v + 2.5 * 2.5 * m * m;
    CHECK(found.sd[0] == doctest::Approx(0.75 * std::sqrt(variance)));
    CHECK(std::isnan(found.sd[1]));
    CHECK(found.p10[0] < found.value[0]);
    CHECK(found.p90[0] > found.value[0]);
}

TEST_CASE("contracts: renewals times the contribution of a period") {
    ContractForecast contracts;
    contracts.discounted = {2.0, 1.0};
    contracts.worth_p10 = {1.0, 0.0};
    contracts.worth_p90 = {3.0, 2.0};
    contracts.residual = {6.0, std::numeric_limits<double>::quiet_NaN()};
    const ContractValue found = contract_value(contracts, std::vector<double>{100, -10});
    CHECK(found.value == std::vector<double>{200, -10});
    CHECK(found.p10 == std::vector<double>{100, -20});
    CHECK(found.p90 == std::vector<double>{300, 0});
    CHECK(found.infinite[0] == 600);
    CHECK(std::isnan(found.infinite[1]));
    CHECK_THROWS_AS(contract_value(contracts, std::vector<double>{1}), InputError);
}

TEST_CASE("columns of another length are refused") {
    const std::vector<double> two{1, 1};
    CHECK_THROWS_AS(purchase_value(PurchaseColumns(forecast), two), InputError);
    CHECK_THROWS_AS(purchase_value(PurchaseColumns(forecast), NormalNormal{}, two, two), InputError);
    CHECK_THROWS_AS(purchase_value(PurchaseColumns(forecast), GammaGamma{2, 2, 2}, two, two), InputError);
}
