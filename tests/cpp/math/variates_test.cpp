// Tests of random variates: the moments and probabilities of their distributions, and the same bits each time.
#include "custfolio/math/variates.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

using custfolio::math::VariateStream;

TEST_CASE("Gamma variates have the gamma distribution's mean and variance, and logarithms that stay finite") {
    for (const double shape : {0.05, 0.5, 1.0, 3.5, 200.0}) {
        const int n = 40000;
        VariateStream stream(7, 1);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; ++i) {
            const double log_variate = stream.log_gamma_variate(shape);
            CHECK(std::isfinite(log_variate));
            sum += std::exp(log_variate);
            squares += std::exp(2 * log_variate);
        }
        const double mean = sum / n;
        const double variance = squares / n - mean * mean;
        CHECK(std::abs(mean - shape) < 4 * std::sqrt(shape / n));
        CHECK(std::abs(variance / shape - 1) < 4 * std::sqrt((2 + 6 / shape) / n));
    }
}

TEST_CASE("Beta variates have the beta distribution's mean and variance") {
    const double cases[][2] = {{0.8, 2.4}, {0.01, 0.02}, {50, 3}};
    for (const auto& [a, b] : cases) {
        const int n = 40000;
        VariateStream stream(7, 2);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; ++i) {
            const double p = stream.beta(a, b);
            CHECK(p >= 0);
            CHECK(p <= 1);
            sum += p;
            squares += p * p;
        }
        const double mean = a / (a + b);
        const double variance = mean * (1 - mean) / (a + b + 1);
        CHECK(std::abs(sum / n - mean) < 4 * std::sqrt(variance / n));
        CHECK(squares / n - (sum / n) * (sum / n) == doctest::Approx(variance).epsilon(0.05));
    }
}

TEST_CASE("Streams repeat themselves and differ from each other; impossible shapes are refused") {
    VariateStream one(1, 5);
    VariateStream same(1, 5);
    VariateStream other(1, 6);
    const double first = one.exponential();
    CHECK(first == same.exponential());
    CHECK(first != other.exponential());
    CHECK(one.normal() == same.normal());
    CHECK_THROWS_AS(one.log_gamma_variate(0), custfolio::InputError);
    CHECK_THROWS_AS(one.beta(1, std::nan("")), custfolio::InputError);
}
