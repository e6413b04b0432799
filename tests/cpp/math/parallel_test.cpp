// Tests of the parallel loop, reduction and sums: same bits for any number of threads.
#include "custfolio/math/parallel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <thread>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

namespace {

std::vector<double> rough_values(std::size_t n, unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> mantissa(-1.0, 1.0);
    std::uniform_int_distribution<int> exponent(-30, 30);
    std::vector<double> values(n);
    for (double& v : values) v = std::ldexp(mantissa(random), exponent(random));
    return values;
}

}  // namespace

TEST_CASE("resolve_threads") {
    CHECK(resolve_threads(0) >= 1);
    CHECK(resolve_threads(1) == 1);
    CHECK(resolve_threads(7) == 7);
}

TEST_CASE("parallel_for visits every index once, in chunks that do not depend on the number of threads") {
    for (const std::size_t n : {0U, 1U, 2U, 9U, 10U, 11U, 1000U}) {
        for (const std::size_t grain : {1U, 3U, 10U, 5000U}) {
            for (const unsigned threads : {0U, 1U, 2U, 7U}) {
                std::vector<std::atomic<int>> seen(n);
                std::atomic<bool> regular{true};
                parallel_for(5, 5 + n, grain, threads, [&](std::size_t b, std::size_t e) {
                    if ((b - 5) % grain != 0 || e != std::min(b + grain, 5 + n)) regular = false;
                    for (std::size_t i = b; i < e; ++i) ++seen[i - 5];
                });
                CHECK(regular);
                CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& count) { return count == 1; }));
            }
        }
    }
}

TEST_CASE("parallel_for accepts ranges at the end of the index type") {
    const std::size_t last = std::numeric_limits<std::size_t>::max();
    std::size_t count = 0;
    parallel_for(last - 10, last, 4, 1, [&](std::size_t b, std::size_t e) { count += e - b; });
    CHECK(count == 10);
}

TEST_CASE("a small input stays on the calling thread") {
    const auto caller = std::this_thread::get_id();
    bool same = false;
    parallel_for(0, 100, 100, 8, [&](std::size_t, std::size_t) { same = std::this_thread::get_id() == caller; });
    CHECK(same);
}

TEST_CASE("the exception of the lowest failing chunk is rethrown for any number of threads") {
    for (const unsigned threads : {1U, 2U, 7U}) {
        for (int repeat = 0; repeat < 50; ++repeat) {
            std::string message;
            try {
                parallel_for(0, 100, 1, threads, [&](std::size_t b, std::size_t) {
                    if (b == 13) std::this_thread::yield();
                    if (b >= 13) throw std::runtime_error("chunk " + std::to_string(b));
                });
            } catch (const std::runtime_error& error) {
                message = error.what();
            }
            CHECK(message == "chunk 13");
        }
    }
}

TEST_CASE("grain 0 is refused") {
    const auto body = [](std::size_t, std::size_t) {};
    CHECK_THROWS_WITH_AS(parallel_for(0, 1, 0, 1, body), "parallel_for: grain is 0, must be at least 1", InputError);
    CHECK_THROWS_AS(parallel_reduce(
                        0, 1, 0, 1, 0, [](std::size_t, std::size_t) { return 1; }, [](int a, int b) { return a + b; }),
                    InputError);
}

TEST_CASE("parallel_reduce keeps the order of its parts") {
    for (const unsigned threads : {1U, 2U, 7U}) {
        for (const std::size_t n : {0U, 1U, 2U, 3U, 7U, 64U, 101U}) {
            const std::string joined = parallel_reduce(
                0, n, 2, threads, std::string{},
                [](std::size_t b, std::size_t e) {
                    std::string part;
                    for (std::size_t i = b; i < e; ++i) part += std::to_string(i) + " ";
                    return part;
                },
                [](std::string left, const std::string& right) { return left += right; });
            std::string expected;
            for (std::size_t i = 0; i < n; ++i) expected += std::to_string(i) + " ";
            CHECK(joined == expected);
        }
    }
}

TEST_CASE("deterministic_sum: same bits for any number of threads, as exact as long double allows to see") {
    for (const std::size_t n : {0U, 1U, 5U, 16384U, 16385U, 200001U}) {
        const std::vector<double> values = rough_values(n, 1);
        const double one = deterministic_sum(values, 1);
        for (const unsigned threads : {0U, 2U, 3U, 7U}) {
            CHECK(std::bit_cast<std::uint64_t>(deterministic_sum(values, threads)) ==
                  std::bit_cast<std::uint64_t>(one));
        }
        long double reference = 0.0L;
        long double magnitude = 0.0L;
        for (const double v : values) {
            reference += v;
            magnitude += std::abs(v);
        }
        CHECK(std::abs(static_cast<long double>(one) - reference) <=
              1.2e-16L * std::abs(reference) + 1e-19L * static_cast<long double>(n) * magnitude);
    }
}

TEST_CASE("compensation recovers what plain summation loses") {
    const std::vector<double> values{1.0, 1e100, 1.0, -1e100};  // Neumaier's example: the sum is 2
    CHECK(std::accumulate(values.begin(), values.end(), 0.0) == 0.0);
    CompensatedSum sum;
    for (const double v : values) sum += v;
    CHECK(sum.value() == 2.0);
    CHECK(deterministic_sum(values) == 2.0);
    CompensatedSum twice = sum;
    twice += sum;
    CHECK(twice.value() == 4.0);
    CHECK(deterministic_sum(std::vector<double>(1000, 0.1)) == 100.0);
}

TEST_CASE("infinite and NaN values stay visible in the sum") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(deterministic_sum(std::vector<double>{1.0, infinity, 2.0}) == infinity);
    CHECK(std::isnan(deterministic_sum(std::vector<double>{infinity, -infinity})));
    CHECK(std::isnan(deterministic_sum(std::vector<double>{1.0, std::nan(""), 2.0})));
}
