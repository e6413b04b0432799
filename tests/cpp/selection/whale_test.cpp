// Tests of the whale curve and the Gini coefficient.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/selection/whale.hpp"

using namespace custfolio;

TEST_CASE("whale curve: Kanthal's shape, the best 20 % of customers make 225 % of profit (Kaplan 1989)") {
    // 100 customers: 20 earn 11.25 each (225 in all), 70 break even or nearly, 10 lose the 125 above the total of 100.
    std::vector<double> contribution(100, 0.0);
    std::fill(contribution.begin(), contribution.begin() + 20, 11.25);
    std::fill(contribution.begin() + 90, contribution.end(), -12.5);
    std::shuffle(contribution.begin(), contribution.end(), std::mt19937(11));
    const WhaleCurve curve = whale_curve(contribution);
    CHECK(curve.total == doctest::Approx(100));
    CHECK(curve.peak == doctest::Approx(225));
    CHECK(curve.peak_share == doctest::Approx(2.25));
    CHECK(curve.share(0.2) == doctest::Approx(2.25));
    CHECK(curve.share(0.1) == doctest::Approx(1.125));
    CHECK(curve.share(0.9) == doctest::Approx(2.25));
    CHECK(curve.share(0.95) == doctest::Approx(2.25 - 0.625));
    CHECK(curve.share(0.105) == doctest::Approx(1.18125));
    CHECK(curve.share(1) == doctest::Approx(1));
    CHECK(curve.share(0) == 0);
    CHECK(curve.customers_at_peak == 20);
    CHECK(curve.loss == doctest::Approx(125));
    CHECK(curve.gini > 1);
}

TEST_CASE("whale curve: Horngren's Spring Distribution") {
    const WhaleCurve curve = whale_curve(std::vector<double>{2012, 11545, 38720, 41856, -3346});
    CHECK(curve.order == std::vector<std::size_t>{3, 2, 1, 0, 4});
    CHECK(curve.cumulative == std::vector<double>{41856, 80576, 92121, 94133, 90787});
    CHECK(curve.total == 90787);
    CHECK(curve.peak == 94133);
    CHECK(curve.loss == 3346);
    CHECK(curve.customers_at_peak == 4);
    CHECK(curve.peak_share == doctest::Approx(94133.0 / 90787.0));
}

TEST_CASE("whale curve: known values of the Gini coefficient") {
    CHECK(whale_curve(std::vector<double>{3, 3, 3}).gini == doctest::Approx(0));
    CHECK(whale_curve(std::vector<double>{0, 0, 0, 8}).gini == doctest::Approx(0.75));
    CHECK(whale_curve(std::vector<double>{1, 2}).gini == doctest::Approx(1.0 / 6));
    std::vector<double> ranks;
    for (int i = 1; i <= 50; ++i) ranks.push_back(i);
    CHECK(whale_curve(ranks).gini == doctest::Approx(49.0 / 150));  // (n - 1) / 3n
    // Against the mean absolute difference, losses included.
    std::mt19937 random(5);
    std::normal_distribution<double> normal(2, 3);
    std::vector<double> values(60);
    for (double& value : values) value = normal(random);
    double difference = 0;
    double sum = 0;
    for (const double a : values) {
        sum += a;
        for (const double b : values) difference += std::abs(a - b);
    }
    const double n = 60;
    CHECK(whale_curve(values).gini == doctest::Approx(difference / (2 * n * n) / (sum / n)));
}

TEST_CASE("whale curve: properties over random contributions") {
    std::mt19937 random(9);
    for (int trial = 0; trial < 50; ++trial) {
        std::vector<double> values(1 + random() % 200);
        for (double& value : values) value = static_cast<double>(static_cast<int>(random() % 2001) - 800) / 100;
        const WhaleCurve curve = whale_curve(values);
        CHECK(curve.loss >= 0);
        CHECK(curve.peak - curve.loss == doctest::Approx(curve.total).scale(1e3));
        CHECK(*std::max_element(curve.cumulative.begin(), curve.cumulative.end()) <= curve.peak + 1e-9);
        for (std::size_t k = 1; k < values.size(); ++k) {
            CHECK(values[curve.order[k]] <= values[curve.order[k - 1]]);
            if (values[curve.order[k]] == values[curve.order[k - 1]]) CHECK(curve.order[k] > curve.order[k - 1]);
        }
        if (curve.customers_at_peak > 0) {
            CHECK(curve.cumulative[curve.customers_at_peak - 1] == doctest::Approx(curve.peak));
        }
    }
}

TEST_CASE("whale curve: no shares without a total, and bad input") {
    const WhaleCurve loss = whale_curve(std::vector<double>{1, -2});
    CHECK(std::isnan(loss.peak_share));
    CHECK(std::isnan(loss.gini));
    CHECK(std::isnan(loss.share(0.5)));
    CHECK(loss.loss == 2);
    const WhaleCurve nobody = whale_curve({});
    CHECK(nobody.total == 0);
    CHECK(std::isnan(nobody.peak_share));
    CHECK_THROWS_WITH_AS(static_cast<void>(nobody.share(20)), doctest::Contains("20 % is 0.2"), InputError);
    const std::vector<double> bad{1, std::numeric_limits<double>::infinity()};
    CHECK_THROWS_WITH_AS(whale_curve(bad), doctest::Contains("position 1"), InputError);
    const std::vector<double> huge{1e308, 1e308};
    CHECK_THROWS_WITH_AS(whale_curve(huge), doctest::Contains("overflows"), InputError);
}
