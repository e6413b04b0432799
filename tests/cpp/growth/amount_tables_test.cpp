// Tests of tables of amounts and durations: kept means, slices by numeric integration, bad input.
#include "custfolio/growth/amount_tables.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

using namespace custfolio;

namespace {

double mean_of(const SizeTable& table) {
    return std::inner_product(table.sizes.begin(), table.sizes.end(), table.probabilities.begin(), 0.0);
}

}  // namespace

TEST_CASE("amount tables: the mean is kept") {
    for (const int points : {1, 4, 9, 50}) {
        CHECK(mean_of(triangular_sizes(0.5, 1, 2.1, points)) == doctest::Approx(3.6 / 3));
        CHECK(mean_of(triangular_sizes(0, 0, 1, points)) == doctest::Approx(1.0 / 3));
        CHECK(mean_of(lognormal_sizes(0.7, points)) == doctest::Approx(1.0));
    }
    CHECK(triangular_sizes(2, 2, 2).sizes == std::vector<double>{2});
}

TEST_CASE("amount tables: sizes are means of slices of the quantile function") {
    const double sigma = 0.6;
    const SizeTable table = lognormal_sizes(sigma, 5);
    for (std::size_t k = 0; k < 5; ++k) {
        double sum = 0;
        constexpr int steps = 200'000;
        for (int i = 0; i < steps; ++i) {
            const double q = (static_cast<double>(k) + (i + 0.5) / steps) / 5;
            sum += std::exp(sigma * math::normal_quantile(q) - sigma * sigma / 2);
        }
        CHECK(table.sizes[k] == doctest::Approx(sum / steps).epsilon(1e-4));
    }
}

TEST_CASE("amount tables: months of a triangular duration") {
    const std::vector<double> chances = triangular_months(1, 2, 4);
    const std::vector<double> weights{0.5, 1, 2.0 / 3, 1.0 / 3};
    REQUIRE(chances.size() == 4);
    for (std::size_t k = 0; k < 4; ++k) CHECK(chances[k] == doctest::Approx(weights[k] / 2.5));
}

TEST_CASE("amount tables: bad input") {
    CHECK_THROWS_AS(triangular_sizes(2, 1, 3), InputError);
    CHECK_THROWS_AS(triangular_sizes(0, 1, 2, 0), InputError);
    CHECK_THROWS_AS(lognormal_sizes(0), InputError);
    CHECK_THROWS_AS(triangular_months(3, 2, 1), InputError);
    CHECK_THROWS_AS(triangular_months(0, 1, 1'000'000'000), InputError);
}
