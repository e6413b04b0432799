// Tests of the special functions: values of mpmath (50 digits) in the corners, identities, bad input.
#include "custfolio/math/special_functions.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;
using custfolio::NumericalError;

namespace {

double error_of(double found, double right, double scale) {
    return std::abs(found - right) / scale;
}

}  // namespace

TEST_CASE("gamma functions against mpmath") {
    struct Row {
        double x, log_gamma, digamma, trigamma;
    };
    const std::vector<Row> rows{
        {1e-08, 18.420680738180209, -1.0000000057721565e+8, 1.0000000000000001e+16},
        {0.3, 1.0957979948180756, -3.5025242222001331, 12.245364546107731},
        {0.75, 0.20328095143129537, -1.0858608797864722, 2.5418796476716065},
        {1.0, 0.0, -0.57721566490153286, 1.6449340668482264},
        {1.0000000009313226, -5.3757397843110445e-10, -0.57721566336956863, 1.644934064609221},
        {1.4616321449683622, -0.12148629053584961, -9.2412655217294275e-17, 0.96767224544762125},
        {2.0, 0.0, 0.42278433509846714, 0.64493406684822644},
        {2.5, 0.28468287047291916, 0.70315664064524319, 0.49035775610023486},
        {7.25, 7.0521854507385394, 1.910453526883736, 0.14787923315893217},
        {9.999, 12.799575780077414, 2.2516474172057353, 0.10517738667672886},
        {10.0, 12.80182748008147, 2.2517525890667211, 0.10516633568168575},
        {123.4, 469.33609744219059, 4.8113737751162774, 8.1366516108652633e-3},
        {1000000.0, 1.2815504569147612e+7, 13.815510057964191, 1.0000005000001667e-6},
        {1000000000000.0, 2.6631021115915652e+13, 27.631021115928048, 1.0000000000005e-12},
    };
    for (const Row& row : rows) {
        CAPTURE(row.x);
        CHECK(error_of(log_gamma(row.x), row.log_gamma, std::abs(row.log_gamma) + 1e-300) < 4e-15);
        CHECK(error_of(digamma(row.x), row.digamma, std::max(1.0, std::abs(row.digamma))) < 4e-15);
        CHECK(error_of(trigamma(row.x), row.trigamma, row.trigamma) < 4e-15);
    }
    CHECK(log_gamma(1.0) == 0.0);
    CHECK(log_gamma(2.0) == 0.0);
}

TEST_CASE("beta function and gamma ratio against mpmath, huge beside small") {
    struct Row {
        double a, b, log_beta, log_gamma_ratio;
    };
    const std::vector<Row> rows{
        {1000000000000.0, 0.001, 6.8795478642679256, 0.027631021115928049},
        {0.001, 1000000000000.0, 6.8795478642679256, 2.6631021115908772e+13},
        {0.243, 5000.0, -0.75161596539932895, 37583.37793165075},
        {5000.0, 0.243, -0.75161596539932895, 2.0696595500989988},
        {300000.0, 300000.0, -415893.34859230385, 3.8993492878537395e+6},
        {12.0, 1000000000.0, -231.17688226348305, 1.9723266058680599e+10},
        {0.5, 0.5, 1.1447298858494002, -0.57236494292470009},
        {1e-08, 1e-08, 19.113827924512311, -0.69314718633210171},
        {10.0, 10.0, -13.736229227036555, 26.538056707118024},
        {9.9, 10.1, -13.735177544346377, 26.762704282979614},
        {0.553, 26.0, -1.3221354064251057, 59.325740629405626},
    };
    for (const Row& row : rows) {
        CAPTURE(row.a);
        CAPTURE(row.b);
        CHECK(error_of(log_beta(row.a, row.b), row.log_beta, std::max(1.0, std::abs(row.log_beta))) < 2e-14);
        CHECK(log_beta(row.a, row.b) == log_beta(row.b, row.a));
        CHECK(error_of(log_gamma_ratio(row.a, row.b), row.log_gamma_ratio,
                       std::max(std::min(row.b, 1.0), std::abs(row.log_gamma_ratio))) < 2e-14);
    }
    CHECK(log_gamma_ratio(3.0, 0.0) == 0.0);
}

TEST_CASE("the gamma ratio is the logarithm of a product; its derivative is digamma") {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> exponent(-3.0, 4.0);
    for (int k = 0; k < 200; ++k) {
        const double a = std::pow(10.0, exponent(random));
        double sum = 0.0;
        for (int n = 1; n <= 30; ++n) {
            sum += std::log(a + n - 1.0);
            CHECK(log_gamma_ratio(a, n) == doctest::Approx(sum).epsilon(1e-12));
        }
        const double tiny = 1e-9 * a;
        CHECK(log_gamma_ratio(a, tiny) / tiny == doctest::Approx(digamma(a)).epsilon(1e-7));
    }
}

TEST_CASE("hypergeometric function against mpmath: near 0 and 1, negative, 5000 purchases, c below a and b") {
    struct Row {
        double a, b, c, z, log_value;
    };
    const std::vector<Row> rows{
        {26.243, 27.426000000000002, 27.219, 0.6, 24.231349026870184},
        {1.159, 1.606, 2.159, 0.0935, 0.084294477816179615},
        {5001.16, 1.606, 5002.16, 0.9999, 13.670170419649365},
        {5001.16, 5000.553, 5002.16, 0.5, 3465.4262266695823},
        {1.159, 1.606, 2.159, 0.9999990463256836, 9.0490851894314673},
        {1.159, 0.553, 2.159, 1e-12, 2.968628994906184e-13},
        {1.159, 0.553, 2.159, 0.9999999990686774, 0.87065148536958986},
        {5000.243, 5002.426, 5002.219, 0.999, 34541.884803075294},
        {1.243, 3.426, 3.219, 0.999999, 19.791917683757925},
        {0.243, 2.426, 2.219, 0.9, 0.66661384941820392},
        {3.2, 0.5, 4.1, -1000000.0, -6.7524864309982587},
        {0.25, 0.3, 0.2, 0.9999, 3.295396032285726},
        {0.01, 0.01, 0.02, 0.999, 0.033959968998132008},
        {300.0, 40.0, 80.0, 0.99, 1135.0588387834136},
        {2.5, 2.5, 1.5, 0.75, 5.2574953720277815},
        {0.7, 30.0, 30.5, -2.5, -0.86852323998304138},
        // large parameters: mpmath's integral over the beta variable at 50 digits
        {2.5, 3400000.0, 110003400000.0, -20.0, -0.00154492931817779655},
        {2.5, 3400000.0, 110003400000.0, -500000.0, -7.0014306856879296},
        {100000.0, 2171422.0, 467934002723.0, -1.0, -0.464043373034702458},
        {100000.0, 2171422.0, 467934002723.0, -1e12, -1532693.26872080403},
        {21675.0, 0.5, 7929.5, -1616.5, -4.19693719189423217},
        {3.5, 1000000.0, 1000000.25, -1e9, -72.5314295578105805},
    };
    for (const Row& row : rows) {
        CAPTURE(row.a);
        CAPTURE(row.b);
        CAPTURE(row.c);
        CAPTURE(row.z);
        const double scale = std::max(1.0, std::abs(row.log_value));
        CHECK(error_of(log_hyp2f1(row.a, row.b, row.c, row.z), row.log_value, scale) < 1e-12);
        CHECK(log_hyp2f1(row.a, row.b, row.c, row.z) == log_hyp2f1(row.b, row.a, row.c, row.z));
    }
    const std::vector<Row> negative_c{
        {0.25, 0.3, -0.35, 0.5, 0.75551426036619517},
        {0.25, 0.3, -0.35, 0.999, -193.24669322229634},
        {4.0, 0.05, -0.9, 0.25, -0.17664697228890644},
    };
    for (const Row& row : negative_c) {
        CHECK(hyp2f1(row.a, row.b, row.c, row.z) == doctest::Approx(row.log_value).epsilon(1e-12));
    }
}

TEST_CASE("hypergeometric functions of neighbouring a obey their relation (DLMF 15.5.11); elementary cases") {
    std::mt19937_64 random(12);
    std::uniform_real_distribution<double> exponent(-1.5, 2.0);
    std::uniform_real_distribution<double> nines(0.0, 6.0);
    for (int k = 0; k < 100; ++k) {
        const double a = 1.0 + std::pow(10.0, exponent(random));
        const double b = std::pow(10.0, exponent(random));
        const double c = b + std::pow(10.0, exponent(random));
        const double z = 1.0 - std::pow(10.0, -nines(random));
        const double top = log_hyp2f1(a + 1.0, b, c, z);
        const double low = (c - a) * std::exp(log_hyp2f1(a - 1.0, b, c, z) - top);
        const double middle = (2.0 * a - c + (b - a) * z) * std::exp(log_hyp2f1(a, b, c, z) - top);
        const double high = a * (z - 1.0);
        CHECK(error_of(low + middle, -high, std::abs(low) + std::abs(middle) + std::abs(high)) < 1e-11);
        CHECK(hyp2f1(1.0, 1.0, 2.0, z) == doctest::Approx(-std::log1p(-z) / z).epsilon(1e-12));
        CHECK(log_hyp2f1(a, b, b, z) == doctest::Approx(-a * std::log1p(-z)).epsilon(1e-13));
    }
    CHECK(hyp2f1(0.5, 2.0, 3.0, 0.0) == 1.0);
}

TEST_CASE("logarithms of sums and differences of exponentials") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(log_sum_exp(1000.0, 1000.0) == doctest::Approx(1000.0 + std::log(2.0)).epsilon(1e-15));
    CHECK(log_sum_exp(-infinity, -3.0) == -3.0);
    CHECK(log_sum_exp(-infinity, -infinity) == -infinity);
    CHECK(log_sum_exp(std::array{-2000.0, -2000.0, -2000.0}) == doctest::Approx(-2000.0 + std::log(3.0)));
    CHECK(log_sum_exp(std::span<const double>{}) == -infinity);
    CHECK(log_diff_exp(700.0, 699.0) == doctest::Approx(700.0 + std::log1p(-std::exp(-1.0))).epsilon(1e-15));
    CHECK(log_diff_exp(5.0, 5.0) == -infinity);
    CHECK(log_diff_exp(5.0, -infinity) == 5.0);
    CHECK(log1m_exp(-1e-20) == doctest::Approx(std::log(1e-20)).epsilon(1e-15));
    CHECK(log1m_exp(-800.0) <= 0.0);
    CHECK(log1m_exp(0.0) == -infinity);
}

TEST_CASE("bad input of the special functions") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double x : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
        CHECK_THROWS_AS(log_gamma(x), InputError);
        CHECK_THROWS_AS(digamma(x), InputError);
        CHECK_THROWS_AS(trigamma(x), InputError);
        CHECK_THROWS_AS(log_beta(x, 1.0), InputError);
        CHECK_THROWS_AS(log_gamma_ratio(x, 1.0), InputError);
        CHECK_THROWS_AS(log_hyp2f1(1.0, x, 1.0, 0.5), InputError);
    }
    CHECK_THROWS_AS(log_gamma_ratio(1.0, -0.1), InputError);
    CHECK_THROWS_AS(log_hyp2f1(1.0, 1.0, 2.0, 1.0), InputError);
    CHECK_THROWS_AS(log_hyp2f1(3.0, 4.0, 2.0, -1.0), InputError);
    CHECK_THROWS_AS(hyp2f1(1.0, 1.0, 0.0, 0.5), InputError);
    CHECK_THROWS_AS(hyp2f1(5000.0, 5000.0, 2.0, 0.9), NumericalError);
    CHECK_THROWS_AS(log1m_exp(1e-9), InputError);
    CHECK_THROWS_AS(log_diff_exp(1.0, 2.0), InputError);
}
