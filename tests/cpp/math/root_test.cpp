// Tests of the root searches: known roots, random monotone functions, hostile brackets.
#include "custfolio/math/root.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

TEST_CASE("both methods find known roots to full precision") {
    const auto cubic = [](double x) { return x * x * x - 2.0 * x - 5.0; };  // Wallis's example
    CHECK(brent_root(cubic, 2.0, 3.0).root == doctest::Approx(2.0945514815423265).epsilon(4e-16));
    CHECK(bisect(cubic, 2.0, 3.0).root == doctest::Approx(2.0945514815423265).epsilon(4e-16));
    const auto cosine = [](double x) { return std::cos(x) - x; };
    CHECK(brent_root(cosine, 0.0, 1.0).root == doctest::Approx(0.7390851332151607).epsilon(4e-16));
    CHECK(brent_root(cosine, 0.0, 1.0).iterations < 12);
    CHECK(brent_root([](double x) { return std::sin(x); }, 3.0, 4.0).root ==
          doctest::Approx(std::numbers::pi).epsilon(4e-16));
}

TEST_CASE("random monotone functions: the final bracket is narrow and holds the root, Brent uses fewer values") {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> number(-1.0, 1.0);
    unsigned brent_values = 0;
    unsigned bisect_values = 0;
    for (int k = 0; k < 500; ++k) {
        const double root = 100.0 * number(random);
        const double cube = std::exp(5.0 * number(random));
        const double slope = std::exp(5.0 * number(random)) * (k % 2 == 0 ? 1.0 : -1.0);
        const auto f = [&](double x) {
            const double d = x - root;
            return slope * (d + cube * d * d * d + std::atan(50.0 * d));
        };
        for (const bool brent : {true, false}) {
            const RootResult result = brent ? brent_root(f, -150.0, 150.0) : bisect(f, -150.0, 150.0);
            CHECK(result.converged);
            CHECK(std::abs(result.root - root) <= 1e-15 * std::abs(root) + 1e-300);
            CHECK(result.lower <= result.root);
            CHECK(result.root <= result.upper);
            CHECK(result.residual == f(result.root));
            if (result.lower < result.upper) CHECK(f(result.lower) * f(result.upper) <= 0.0);
            (brent ? brent_values : bisect_values) += result.iterations;
        }
    }
    CHECK(3 * brent_values < 2 * bisect_values);
}

TEST_CASE("jumps, infinities, roots at the ends and at zero") {
    const auto step = [](double x) { return x < 0.3 ? -1.0 : 2.0; };
    for (const RootResult& result : {brent_root(step, 0.0, 1.0), bisect(step, 0.0, 1.0)}) {
        CHECK(result.converged);
        CHECK(result.lower < 0.3);
        CHECK(result.upper >= 0.3);
        CHECK(result.upper - result.lower <= 1e-15);
    }
    CHECK(brent_root([](double x) { return std::log(x); }, 0.0, 10.0).root == doctest::Approx(1.0).epsilon(1e-15));
    CHECK(brent_root([](double x) { return x - 2.0; }, 2.0, 5.0).root == 2.0);
    CHECK(bisect([](double x) { return x - 5.0; }, 2.0, 5.0).root == 5.0);
    CHECK(brent_root([](double x) { return x; }, -1.0, 3.0).root == 0.0);
    const RootResult flat = brent_root([](double x) { return std::pow(x, 19); }, -1.0, 4.0);
    CHECK(flat.converged);
    CHECK(std::abs(std::pow(flat.root, 19)) < 1e-30);
}

TEST_CASE("tolerances and the bound on iterations are kept") {
    const auto f = [](double x) { return std::exp(x) - 3.0; };
    const RootResult coarse = bisect(f, 0.0, 8.0, {0.5, 0.0, 100});
    CHECK(coarse.upper - coarse.lower == 0.5);
    CHECK(coarse.iterations == 4);
    const RootResult cut = brent_root(f, 0.0, 8.0, {0.0, 0.0, 3});
    CHECK_FALSE(cut.converged);
    CHECK(cut.iterations == 3);
    CHECK_FALSE(bisect(f, 0.0, 8.0, {0.0, 0.0, 3}).converged);
}

TEST_CASE("smallest_where answers with a point at which the condition holds") {
    std::mt19937_64 random(2);
    std::uniform_real_distribution<double> number(0.0, 10.0);
    for (int k = 0; k < 300; ++k) {
        const double threshold = number(random);
        const auto reached = [&](double x) { return x >= threshold; };
        CHECK(smallest_where(reached, 0.0, 10.0).root == doctest::Approx(threshold).epsilon(1e-15));
        CHECK(reached(smallest_where(reached, 0.0, 10.0, {0.01, 0.0, 100}).root));
    }
    CHECK(smallest_where([](double) { return true; }, 1.0, 2.0).root == 1.0);
    CHECK_THROWS_WITH_AS(smallest_where([](double) { return false; }, 1.0, 2.0),
                         doctest::Contains("does not hold at the upper end 2"), InputError);
}

TEST_CASE("bad brackets are refused with what was found") {
    const auto square = [](double x) { return x * x + 1.0; };
    CHECK_THROWS_WITH_AS(brent_root(square, -1.0, 2.0),
                         "brent_root: no change of sign between f(-1.000000) = 2.000000 and f(2.000000) = 5.000000; "
                         "widen the bracket",
                         InputError);
    CHECK_THROWS_AS(bisect(square, -1.0, 2.0), InputError);
    CHECK_THROWS_WITH_AS(bisect(square, 2.0, -1.0), doctest::Contains("is no interval"), InputError);
    CHECK_THROWS_AS(brent_root(square, std::nan(""), 1.0), InputError);
    CHECK_THROWS_WITH_AS(brent_root([](double x) { return std::sqrt(x); }, -1.0, 1.0),
                         doctest::Contains("the function is NaN at -1"), InputError);
}
