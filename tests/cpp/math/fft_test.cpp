// Tests of the Fourier transform against its definition and of the convolution against the O(n m) sum in long double.
#include "custfolio/math/fft.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;
using Complex = std::complex<double>;

namespace {

std::vector<double> random_column(std::size_t n, std::mt19937_64& random, double lowest = -1.0) {
    std::uniform_real_distribution<double> number(lowest, 1.0);
    std::vector<double> column(n);
    for (double& v : column) v = number(random);
    return column;
}

std::vector<long double> convolve_slowly(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<long double> c(a.size() + b.size() - 1, 0.0L);
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < b.size(); ++j) c[i + j] += static_cast<long double>(a[i]) * b[j];
    return c;
}

void check_convolution(const std::vector<double>& a, const std::vector<double>& b) {
    const Convolution fast = convolve(a, b);
    const std::vector<long double> slow = convolve_slowly(a, b);
    REQUIRE(fast.values.size() == slow.size());
    CHECK(fast.by_fft == (convolution_fft_size(a.size(), b.size()) != 0));
    long double largest = 0.0L;
    long double total = 0.0L;
    for (std::size_t k = 0; k < slow.size(); ++k) {
        const long double error = std::abs(fast.values[k] - slow[k]);
        largest = std::max(largest, error);
        total += error;
    }
    CHECK(largest <= static_cast<long double>(fast.max_error));
    CHECK(total <= static_cast<long double>(fast.total_error));
    CHECK(fast.total_error < 1e-9 * static_cast<double>(a.size() + b.size()));  // a bound that says something
}

}  // namespace

TEST_CASE("the transform agrees with its definition") {
    std::mt19937_64 random(1);
    const FftPlan plan(256);
    for (std::size_t n = 1; n <= 256; n *= 2) {
        std::vector<Complex> x(n);
        for (Complex& v : x)
            v = {std::uniform_real_distribution<double>(-1, 1)(random),
                 std::uniform_real_distribution<double>(-1, 1)(random)};
        std::vector<Complex> spectrum = x;
        plan.forward(spectrum);
        for (std::size_t k = 0; k < n; ++k) {
            std::complex<long double> sum = 0.0L;
            for (std::size_t j = 0; j < n; ++j) {
                const long double angle = -2.0L * std::numbers::pi_v<long double> *
                                          static_cast<long double>(j * k % n) / static_cast<long double>(n);
                sum += std::complex<long double>(x[j]) * std::polar(1.0L, angle);
            }
            CHECK(std::abs(std::complex<long double>(spectrum[k]) - sum) < 1e-15L * static_cast<long double>(n));
        }
        plan.inverse(spectrum);
        for (std::size_t k = 0; k < n; ++k) CHECK(std::abs(spectrum[k] - x[k]) < 1e-14);
    }
}

TEST_CASE("real transforms agree with complex ones and invert; energy is kept (Parseval)") {
    std::mt19937_64 random(2);
    const FftPlan plan(1024);
    for (std::size_t n = 2; n <= 1024; n *= 2) {
        for (const std::size_t filled : {n, n - 1, n / 2}) {
            const std::vector<double> x = random_column(filled, random);
            std::vector<Complex> full(n, 0.0);
            std::copy(x.begin(), x.end(), full.begin());
            plan.forward(full);
            std::vector<Complex> half(n / 2 + 1);
            plan.forward_real(x, half);
            double energy = 0.0;
            for (std::size_t k = 0; k <= n / 2; ++k) {
                CHECK(std::abs(half[k] - full[k]) < 1e-14 * std::sqrt(static_cast<double>(n)));
                energy += (k == 0 || k == n / 2 ? 1.0 : 2.0) * std::norm(half[k]);
            }
            double expected = 0.0;
            for (const double v : x) expected += v * v;
            CHECK(energy == doctest::Approx(expected * static_cast<double>(n)).epsilon(1e-13));
            std::vector<double> back(filled);
            plan.inverse_real(half, back);
            for (std::size_t k = 0; k < filled; ++k) CHECK(std::abs(back[k] - x[k]) < 1e-14);
        }
    }
}

TEST_CASE("convolution: signed and non-negative, balanced and not, by both ways, within its bounds") {
    std::mt19937_64 random(3);
    for (const std::size_t n : {1U, 2U, 7U, 64U, 300U, 1000U, 3000U}) {
        for (const std::size_t m : {1U, 5U, 129U, 1000U, 2500U}) {
            check_convolution(random_column(n, random), random_column(m, random));
            check_convolution(random_column(n, random, 0.0), random_column(m, random, 0.0));
        }
    }
    CHECK(convolve(random_column(3000, random), random_column(2500, random)).by_fft);
}

TEST_CASE("non-negative operands never give a negative value, also where the truth is below rounding") {
    std::vector<double> a(4000);
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] = std::exp(-0.5 * std::pow((static_cast<double>(i) - 2000.0) / 40.0, 2));
    const Convolution c = convolve(a, a);
    CHECK(c.by_fft);
    CHECK(*std::min_element(c.values.begin(), c.values.end()) >= 0.0);
    check_convolution(a, a);
}

TEST_CASE("operands with few values other than 0 are summed directly, whatever their length") {
    std::mt19937_64 random(5);
    std::vector<double> sparse(50000, 0.0);
    sparse.front() = 0.25;
    sparse.back() = 0.75;
    const std::vector<double> dense = random_column(2000, random, 0.0);
    const Convolution c = convolve(dense, sparse);
    CHECK_FALSE(c.by_fft);
    CHECK(c.values == convolve(sparse, dense).values);
    for (std::size_t k = 0; k < dense.size(); ++k) {
        CHECK(c.values[k] == 0.25 * dense[k]);
        CHECK(c.values[k + 49999] == 0.75 * dense[k]);
    }
    CHECK(c.total_error < 1e-12);
}

TEST_CASE("units, empty operands, plans kept for later") {
    std::mt19937_64 random(4);
    const std::vector<double> a = random_column(2000, random);
    CHECK(convolve(a, std::vector<double>{1.0}).values == a);
    CHECK(convolve(a, std::vector<double>{}).values.empty());
    const FftPlan plan(1 << 14);
    CHECK(convolve(a, a, plan).values == convolve(a, a).values);
    CHECK(convolution_fft_size(2000, 2000) == 4096);
    CHECK(convolution_fft_size(0, 5) == 0);
}

TEST_CASE("bad input is refused with its place") {
    CHECK_THROWS_WITH_AS(FftPlan(12), "FftPlan: size is 12, must be a power of two up to 2^40", InputError);
    CHECK_THROWS_AS(FftPlan(0), InputError);
    const FftPlan plan(8);
    std::vector<Complex> x(16);
    CHECK_THROWS_WITH_AS(plan.forward(x), doctest::Contains("between 1 and 8"), InputError);
    std::vector<Complex> spectrum(5);
    CHECK_THROWS_AS(plan.forward_real(std::vector<double>(9), spectrum), InputError);
    CHECK_THROWS_AS(plan.forward_real(std::vector<double>(9), std::span<Complex>{}), InputError);
    CHECK_THROWS_WITH_AS(convolve(std::vector<double>{1.0, 2.0}, std::vector<double>{0.0, std::nan("")}),
                         doctest::Contains("operand b is"), InputError);
    CHECK_THROWS_AS(convolve(std::vector<double>(2000, 1.0), std::vector<double>(2000, 1.0), plan), InputError);
}
