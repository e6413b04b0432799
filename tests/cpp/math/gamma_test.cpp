// The gamma distribution's tail: closed forms, figures computed in high precision, what is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/gamma.hpp"

using custfolio::math::chi_square_tail;
using custfolio::math::regularised_gamma_tail;

TEST_CASE("whole and half shapes have closed forms") {
    for (const double x : {1e-12, 0.1, 0.9, 1.0, 2.0, 2.1, 7.0, 40.0, 300.0}) {
        CHECK(regularised_gamma_tail(1.0, x) == doctest::Approx(std::exp(-x)).epsilon(1e-13));
        CHECK(regularised_gamma_tail(2.0, x) == doctest::Approx((1 + x) * std::exp(-x)).epsilon(1e-13));
        CHECK(regularised_gamma_tail(0.5, x) == doctest::Approx(std::erfc(std::sqrt(x))).epsilon(1e-12));
    }
}

TEST_CASE("the tail falls by the density and is 1 and 0 at its ends") {
    // Q(a + 1, x) = Q(a, x) + x^a e^-x / Gamma(a + 1).
    for (const double a : {0.3, 4.0, 57.5, 1000.0}) {
        for (const double x : {0.5 * a, a, a + 1.0, 1.3 * a, 2.0 * a}) {
            const double step = std::exp(a * std::log(x) - x - std::lgamma(a + 1.0));
            CHECK(regularised_gamma_tail(a + 1.0, x) - regularised_gamma_tail(a, x) ==
                  doctest::Approx(step).epsilon(1e-10));
        }
        CHECK(regularised_gamma_tail(a, 0.0) == 1.0);
        CHECK(regularised_gamma_tail(a, std::numeric_limits<double>::infinity()) == 0.0);
    }
    CHECK(chi_square_tail(3.841458820694124, 1) == doctest::Approx(0.05).epsilon(1e-13));
    CHECK(chi_square_tail(18.307038053275146, 10) == doctest::Approx(0.05).epsilon(1e-13));
}

TEST_CASE("what is no shape and no place is refused") {
    CHECK_THROWS_AS(regularised_gamma_tail(0.0, 1.0), custfolio::InputError);
    CHECK_THROWS_AS(regularised_gamma_tail(1.0, -1.0), custfolio::InputError);
    CHECK_THROWS_AS(regularised_gamma_tail(std::nan(""), 1.0), custfolio::InputError);
    CHECK_THROWS_AS(chi_square_tail(1.0, std::nan("")), custfolio::InputError);
}
