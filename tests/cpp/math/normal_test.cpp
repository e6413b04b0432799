// Tests of the normal distribution and the logistic function against published and 50-digit values.
#include "custfolio/math/normal.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

namespace {

const double infinity = std::numeric_limits<double>::infinity();

double relative_error(double value, double expected) {
    return std::abs(value - expected) / std::abs(expected);
}

}  // namespace

TEST_CASE("normal_cdf agrees with a 400-digit series") {
    struct {
        double x;
        double probability;
    } const table[] = {
        {-37.5, 4.605353009581955e-308}, {-30.0, 4.906713927148187e-198}, {-20.0, 2.7536241186062337e-89},
        {-12.25, 8.399796063633417e-35}, {-8.0, 6.220960574271784e-16},   {-6.5, 4.016000583859118e-11},
        {-5.0, 2.866515718791939e-07},   {-4.0, 3.1671241833119924e-05},  {-3.0, 0.0013498980316300946},
        {-2.5, 0.006209665325776135},    {-2.0, 0.02275013194817921},     {-1.5, 0.06680720126885807},
        {-1.0, 0.15865525393145705},     {-0.75, 0.2266273523768682},     {-0.5, 0.3085375387259869},
        {-0.125, 0.4502617751698871},    {0.25, 0.5987063256829237},      {0.5, 0.6914624612740131},
        {1.0, 0.8413447460685429},       {2.0, 0.9772498680518208},       {3.0, 0.9986501019683699},
        {4.5, 0.9999966023268753},
    };
    for (const auto& row : table)
        CHECK(relative_error(normal_cdf(row.x), row.probability) < 3e-16 * (2.0 + row.x * row.x));
}

TEST_CASE("normal_quantile agrees with Newton's method on a 400-digit series") {
    struct {
        double probability;
        double z;
    } const table[] = {
        {1e-300, -37.0470962993612},  {1e-100, -21.273453560965326},       {1e-30, -11.464024688443615},
        {1e-15, -7.941345326170997},  {1e-11, -6.706023155495136},         {1.4e-11, -6.656723091518184},
        {1e-08, -5.612001244174789},  {1e-05, -4.264890793922825},         {0.001, -3.0902323061678136},
        {0.025, -1.9599639845400543}, {0.05, -1.6448536269514726},         {0.074, -1.4466320671589785},
        {0.076, -1.4325027208258116}, {0.1, -1.2815515655446004},          {0.25, -0.6744897501960817},
        {0.4, -0.2533471031357997},   {0.499999, -2.5066282745665593e-06}, {0.6, 0.2533471031357997},
        {0.9, 1.2815515655446006},    {0.95, 1.6448536269514722},          {0.975, 1.9599639845400538},
        {0.999, 3.090232306167813},
    };
    for (const auto& row : table) CHECK(relative_error(normal_quantile(row.probability), row.z) < 1e-15);
}

TEST_CASE("normal_pdf") {
    CHECK(relative_error(normal_pdf(0.0), 0.3989422804014327) < 1e-15);
    CHECK(relative_error(normal_pdf(-1.5), normal_pdf(1.5)) == 0.0);
    CHECK(normal_pdf(infinity) == 0.0);
    CHECK(std::isnan(normal_pdf(std::nan(""))));
}

TEST_CASE("normal_cdf at the ends") {
    CHECK(normal_cdf(0.0) == 0.5);
    CHECK(normal_cdf(-infinity) == 0.0);
    CHECK(normal_cdf(infinity) == 1.0);
    CHECK(std::isnan(normal_cdf(std::nan(""))));
}

TEST_CASE("log_normal_cdf agrees with 30-digit values, also where normal_cdf underflows") {
    const double expected[][2] = {{-38.5, -745.69527029041108},  {-31.0, -484.85396362717929},
                                  {-29.5, -439.42947460915023},  {-3.0, -6.6077262215103495},
                                  {0.0, -0.69314718055994531},   {2.0, -0.023012909328963488},
                                  {9.0, -1.1285884059538406e-19}};
    for (const auto& [x, logarithm] : expected) {
        CHECK(std::abs(log_normal_cdf(x) - logarithm) <= 4e-13 * std::abs(logarithm));
    }
}

TEST_CASE("normal_quantile reproduces the test values of AS 241") {
    // Wichura (1988), section "Test": the quantiles at 0.25, 0.001 and 1e-20.
    CHECK(relative_error(normal_quantile(0.25), -0.6744897501960817) < 4e-16);
    CHECK(relative_error(normal_quantile(0.001), -3.090232306167814) < 4e-16);
    CHECK(relative_error(normal_quantile(1e-20), -9.262340089798408) < 4e-16);
}

TEST_CASE("normal_quantile inverts normal_cdf, is odd and increasing") {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> z(-37.0, 5.0);
    for (int k = 0; k < 20000; ++k) {
        const double x = z(random);
        const double p = normal_cdf(x);
        if (p <= 0.5) {
            CHECK(std::abs(normal_quantile(p) - x) <= 1e-14 * (1.0 + std::abs(x)));
            CHECK(relative_error(normal_cdf(normal_quantile(p)), p) < 1e-14 + 1e-15 * x * x);
        }
        CHECK(normal_quantile(p) <= normal_quantile(std::nextafter(p, 1.0)) + 1e-14);
    }
    for (const double p : {0.5, 0.25, 0.0625, 1.0 / 1024}) CHECK(normal_quantile(p) == -normal_quantile(1.0 - p));
    CHECK(normal_quantile(0.5) == 0.0);
    CHECK(normal_quantile(0.0) == -infinity);
    CHECK(normal_quantile(1.0) == infinity);
}

TEST_CASE("probabilities outside [0, 1] are refused with what was found") {
    CHECK_THROWS_WITH_AS(normal_quantile(1.5), "normal_quantile: probability is 1.500000, must be between 0 and 1",
                         InputError);
    CHECK_THROWS_AS(normal_quantile(std::nan("")), InputError);
    CHECK_THROWS_AS(logit(-0.1), InputError);
}

TEST_CASE("logistic and logit are inverse, without overflow") {
    CHECK(logistic(0.0) == 0.5);
    CHECK(logistic(1000.0) == 1.0);
    CHECK(logistic(-1000.0) == 0.0);
    CHECK(relative_error(logistic(-700.0), std::exp(-700.0)) < 1e-15);
    CHECK(logit(0.0) == -infinity);
    CHECK(logit(1.0) == infinity);
    CHECK(logit(0.5) == 0.0);
    CHECK(relative_error(logit(0.5 + 1e-12), 4.0 * ((0.5 + 1e-12) - 0.5)) < 1e-15);
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> number(-700.0, 30.0);
    for (int k = 0; k < 5000; ++k) {
        const double x = number(random);
        CHECK(logistic(x) + logistic(-x) == doctest::Approx(1.0).epsilon(1e-15));
        const double tolerance = x <= 0.0 ? 1e-14 * (1.0 - x) : 1e-14 + 4e-16 * std::exp(x);
        CHECK(std::abs(logit(logistic(x)) - x) <= tolerance);
    }
}

TEST_CASE("log1pexp agrees with long double on all its branches") {
    for (double x = -60.0; x <= 60.0; x += 0.37) {
        const auto reference = static_cast<double>(std::log1p(std::exp(static_cast<long double>(x))));
        CHECK(relative_error(log1pexp(x), reference) < 4e-16);
    }
    CHECK(log1pexp(1e308) == 1e308);
    CHECK(log1pexp(-infinity) == 0.0);
}

TEST_CASE("Gauss-Hermite rules give the normal distribution's moments, and smooth expectations") {
    for (const std::size_t n : {1U, 2U, 5U, 32U, 64U, 256U}) {
        const QuadratureRule rule = gauss_hermite(n);
        REQUIRE(rule.node.size() == n);
        double moment = 1.0;
        for (std::size_t power = 0; power < std::min<std::size_t>(2 * n, 12); power += 2) {
            double found = 0.0;
            for (std::size_t i = 0; i < n; ++i) {
                found += rule.weight[i] * std::pow(rule.node[i], static_cast<double>(power));
                CHECK(rule.node[i] == -rule.node[n - 1 - i]);
            }
            CHECK(relative_error(found, moment) < 1e-12);
            moment *= static_cast<double>(power + 1);
        }
    }
    // E[Phi((a - b Z) / c)] = Phi(a / sqrt(b^2 + c^2)).
    const QuadratureRule rule = gauss_hermite(64);
    double found = 0.0;
    for (std::size_t i = 0; i < 64; ++i) found += rule.weight[i] * normal_cdf(-1.0 - 0.5 * rule.node[i]);
    CHECK(found == doctest::Approx(normal_cdf(-1.0 / std::sqrt(1.25))).epsilon(1e-13));
    // Abramowitz and Stegun, table 25.10, n = 2 and n = 3, in units of the standard normal.
    CHECK(gauss_hermite(2).node[1] == doctest::Approx(1.0).epsilon(1e-15));
    CHECK(gauss_hermite(3).node[2] == doctest::Approx(std::sqrt(3.0)).epsilon(1e-15));
    CHECK(gauss_hermite(3).weight[1] == doctest::Approx(2.0 / 3.0).epsilon(1e-15));
    CHECK_THROWS_AS(gauss_hermite(0), InputError);
    CHECK_THROWS_AS(gauss_hermite(257), InputError);
}
