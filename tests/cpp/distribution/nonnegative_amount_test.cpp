// Tests of normal amounts that are censored at 0: against integrals over the quantiles, and the normal law.
#include "custfolio/distribution/nonnegative_amount.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/distribution/normal_amount.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

using namespace custfolio;

TEST_CASE("nonnegative amount: quantiles have the mean and the deviation, and none is below 0") {
    for (const double mean : {0.004, 40.2, 5e9}) {
        for (const double ratio : {0.12, 0.3, 1.0, 2.5, 12.0}) {
            const double deviation = ratio * mean;
            // The mean over the chances, whose tail matters: midpoints of equal parts of the normal scores up to 9.
            double first = 0;
            double second = 0;
            double before = math::normal_cdf(-9);
            constexpr int parts = 4'000;
            for (int k = 0; k < parts; ++k) {
                const double upper = -9 + 18.0 * (k + 1) / parts;
                const double after = math::normal_cdf(upper);
                const double middle = math::normal_cdf(upper - 9.0 / parts);
                const double value = middle < 1 ? nonnegative_quantile(mean, deviation, middle) : 0;
                CHECK(value >= 0);
                first += (after - before) * value;
                second += (after - before) * value * value;
                before = after;
            }
            CHECK(first == doctest::Approx(mean).epsilon(1e-4));
            CHECK(std::sqrt(second - first * first) == doctest::Approx(deviation).epsilon(1e-3));
        }
    }
    CHECK(nonnegative_quantile(40, 300, 0.1) == 0);
    CHECK(nonnegative_quantile(1, 2, 0.9) > 0);
}

TEST_CASE("nonnegative amount: far above 0 it is the normal amount, to the bit, without a step on the way there") {
    CHECK(nonnegative_quantile(900, 100, 0.1) == 900 + 100 * math::normal_quantile(0.1));
    const double near = nonnegative_quantile(899.999, 100, 0.1);
    CHECK(near == doctest::Approx(899.999 + 100 * math::normal_quantile(0.1)).epsilon(1e-12));
    CHECK(nonnegative_quantile(5, 0, 0.3) == 5);
    CHECK(nonnegative_quantile(0, 7, 0.999) == 0);
    CHECK(nonnegative_quantile(1, 1e3, 0.999) == 0);
}

TEST_CASE("nonnegative amount: the distribution has the moments and the quantiles") {
    for (const double deviation : {1.0, 40.0, 900.0, 5'000.0}) {
        const Distribution found = nonnegative_distribution(100, deviation);
        CHECK(found.mean() == 100);
        CHECK(found.lattice().mean() == doctest::Approx(100).epsilon(1e-6));
        CHECK(found.lattice().variance() == doctest::Approx(deviation * deviation).epsilon(1e-3));
        CHECK(found.lattice().origin() >= 0);
        for (const double q : {0.01, 0.1, 0.5, 0.9, 0.999}) {
            CHECK(std::abs(found.quantile(q) - nonnegative_quantile(100, deviation, q)) <= 1.001 * found.step());
        }
        CHECK(found.probability_at_least(0) == doctest::Approx(1));
    }
    CHECK(nonnegative_distribution(3, 0).quantile(0.9) == 3);
    CHECK(nonnegative_distribution(1, 1e4).mean() == 1);
    // A coarse lattice keeps the mean, wherever 0 lies.
    for (const double step : {1.0, 37.0, 400.0}) {
        CHECK(detail::nonnegative_lattice(100, 150, step).mean() == doctest::Approx(100).epsilon(1e-6));
    }
}

TEST_CASE("nonnegative amount: what is out of range is named") {
    CHECK_THROWS_WITH_AS(static_cast<void>(nonnegative_quantile(-1, 1, 0.1)), doctest::Contains("the mean is -1"),
                         InputError);
    CHECK_THROWS_WITH_AS(static_cast<void>(nonnegative_distribution(1, -2)), doctest::Contains("deviation is -2"),
                         InputError);
    CHECK_THROWS_AS(static_cast<void>(nonnegative_quantile(std::numeric_limits<double>::infinity(), 1, 0.1)),
                    InputError);
    CHECK_THROWS_AS(static_cast<void>(nonnegative_quantile(1, 1, 1.5)), InputError);
}
