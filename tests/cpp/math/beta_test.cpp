// Tests of the beta distribution: closed forms, the binomial identity, symmetry, quantiles and bad input.
#include "custfolio/math/beta.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;

TEST_CASE("regularised beta: closed forms") {
    for (const double x : {0.0, 1e-12, 0.1, 0.5, 0.9, 1 - 1e-12, 1.0}) {
        CHECK(math::regularised_beta(1, 1, x) == doctest::Approx(x).epsilon(1e-14));
        CHECK(math::regularised_beta(1, 4, x) == doctest::Approx(1 - std::pow(1 - x, 4)).epsilon(1e-13));
        CHECK(math::regularised_beta(3, 1, x) == doctest::Approx(x * x * x).epsilon(1e-13));
        const double half = 2 / std::acos(-1.0) * std::asin(std::sqrt(std::min(x, 1 - x)));
        const double arc = x <= 0.5 ? half : 1 - half;  // asin is flat near 1
        CHECK(math::regularised_beta(0.5, 0.5, x) == doctest::Approx(arc).epsilon(1e-12));
    }
}

TEST_CASE("regularised beta: the upper tail of a binomial") {
    for (const int n : {1, 7, 40}) {
        for (const double p : {0.02, 0.3, 0.77}) {
            double tail = 0;
            double mass = std::pow(p, n);
            for (int k = n; k >= 1; --k) {
                tail += mass;
                CHECK(math::regularised_beta(k, n - k + 1, p) == doctest::Approx(tail).epsilon(1e-12));
                mass *= k / static_cast<double>(n - k + 1) * (1 - p) / p;
            }
        }
    }
}

TEST_CASE("beta quantile: the inverse of the distribution, and symmetric") {
    for (std::uint64_t k = 0; k < 200; ++k) {
        const double a = std::exp(10 * math::uniform(1, 0, k) - 3);
        const double b = std::exp(10 * math::uniform(1, 1, k) - 3);
        const double p = math::uniform(1, 2, k);
        const double x = math::beta_quantile(p, a, b);
        CHECK(x >= 0);
        CHECK(x <= 1);
        if (x > 1e-10 && x < 1 - 1e-10) CHECK(math::regularised_beta(a, b, x) == doctest::Approx(p).epsilon(1e-8));
        CHECK(math::beta_quantile(1 - p, b, a) == doctest::Approx(1 - x).epsilon(1e-9));
    }
    CHECK(math::beta_quantile(0, 2, 3) == 0);
    CHECK(math::beta_quantile(1, 2, 3) == 1);
}

TEST_CASE("beta: what is out of range is refused") {
    CHECK_THROWS_AS(math::regularised_beta(0, 1, 0.5), InputError);
    CHECK_THROWS_AS(math::regularised_beta(1, 1, 1.5), InputError);
    CHECK_THROWS_AS(math::beta_quantile(0.5, 1, std::nan("")), InputError);
    CHECK_THROWS_AS(math::beta_quantile(-0.1, 1, 1), InputError);
}
