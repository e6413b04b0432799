// Tests of minimise: known minima, bad scales, edges of the domain, saddles, and its second derivatives.
#include "custfolio/math/minimise.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <span>
#include <vector>

using custfolio::math::hessian_from_gradient;
using custfolio::math::minimise;

TEST_CASE("minimise finds Rosenbrock's minimum to full precision") {
    const auto f = [](std::span<const double> x, std::span<double> gradient) {
        const double a = 1.0 - x[0];
        const double b = x[1] - x[0] * x[0];
        gradient[0] = -2.0 * a - 400.0 * x[0] * b;
        gradient[1] = 200.0 * b;
        return a * a + 100.0 * b * b;
    };
    const auto found = minimise(f, {-1.2, 1.0});
    CHECK(found.converged);
    CHECK(found.message == "converged");
    CHECK(std::abs(found.x[0] - 1.0) < 1e-12);
    CHECK(std::abs(found.x[1] - 1.0) < 1e-12);
    CHECK(found.hessian(0, 0) == doctest::Approx(802.0).epsilon(1e-7));
    CHECK(found.hessian(0, 1) == doctest::Approx(-400.0).epsilon(1e-7));
    CHECK(found.hessian(1, 0) == found.hessian(0, 1));
}

TEST_CASE("minimise does not mind scales that differ by eight orders") {
    const auto f = [](std::span<const double> x, std::span<double> gradient) {
        double value = 0.0;
        for (std::size_t k = 0; k < 3; ++k) {
            const double scale = std::pow(10.0, 4.0 * static_cast<double>(k) - 4.0);
            const double e = std::exp(x[k] - static_cast<double>(k));
            value += scale * (e - x[k]);
            gradient[k] = scale * (e - 1.0);
        }
        return value;
    };
    const auto found = minimise(f, {3.0, -2.0, 0.0});
    CHECK(found.converged);
    for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(found.x[k] - static_cast<double>(k)) < 1e-9);
    CHECK(found.evaluations < 60);
}

TEST_CASE("minimise stays inside a domain that ends in infinity") {
    // Minimum of x - log(x) at 1; beyond 0 there is no value.
    const auto f = [](std::span<const double> x, std::span<double> gradient) {
        if (x[0] <= 0.0) return std::numeric_limits<double>::infinity();
        gradient[0] = 1.0 - 1.0 / x[0];
        return x[0] - std::log(x[0]);
    };
    const auto found = minimise(f, {4.0});
    CHECK(found.converged);
    CHECK(std::abs(found.x[0] - 1.0) < 1e-12);
    const auto outside = minimise(f, {-1.0});
    CHECK_FALSE(outside.converged);
    CHECK(outside.message == "the function is not finite at the start");
}

TEST_CASE("minimise leaves a saddle") {
    // x^2 + y^4/4 - y^2/2: a saddle at 0, minima at (0, -1) and (0, 1).
    const auto f = [](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = 2.0 * x[0];
        gradient[1] = x[1] * x[1] * x[1] - x[1];
        return x[0] * x[0] + 0.25 * std::pow(x[1], 4) - 0.5 * x[1] * x[1];
    };
    const auto found = minimise(f, {1.0, 0.0});
    CHECK(found.converged);
    CHECK(std::abs(std::abs(found.x[1]) - 1.0) < 1e-9);
    CHECK(found.value == doctest::Approx(-0.25));
}

TEST_CASE("minimise says so when it runs out of steps") {
    const auto f = [](std::span<const double> x, std::span<double> gradient) {
        gradient[0] = -std::exp(-x[0]);
        return std::exp(-x[0]);
    };
    custfolio::math::MinimiseOptions options;
    options.gradient_tolerance = 0.0;
    options.max_iterations = 3;
    const auto found = minimise(f, {0.0}, options);
    CHECK_FALSE(found.converged);
    CHECK(found.message.find("3 steps") != std::string::npos);
}

TEST_CASE("hessian_from_gradient agrees with second derivatives known in closed form") {
    const auto f = [](std::span<const double> x, std::span<double> gradient) {
        const double e = std::exp(x[0] * x[1]);
        gradient[0] = x[1] * e;
        gradient[1] = x[0] * e;
        return e;
    };
    const double x = 0.7;
    const double y = -1.3;
    const auto hessian = hessian_from_gradient(f, std::vector{x, y});
    const double e = std::exp(x * y);
    CHECK(hessian(0, 0) == doctest::Approx(y * y * e).epsilon(1e-8));
    CHECK(hessian(0, 1) == doctest::Approx((1.0 + x * y) * e).epsilon(1e-8));
    CHECK(hessian(1, 1) == doctest::Approx(x * x * e).epsilon(1e-8));
}
