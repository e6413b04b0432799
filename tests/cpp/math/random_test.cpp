// Tests of the counter-based random numbers: published known answers, moments, independence of order.
#include "custfolio/math/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "custfolio/math/normal.hpp"

using namespace custfolio::math;

TEST_CASE("known answers of the Random123 distribution for philox4x32 with 10 rounds") {
    using Counter = std::array<std::uint32_t, 4>;
    using Key = std::array<std::uint32_t, 2>;
    CHECK(philox4x32(Counter{0, 0, 0, 0}, Key{0, 0}) == Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(philox4x32(Counter{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, Key{0xffffffff, 0xffffffff}) ==
          Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox4x32(Counter{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, Key{0xa4093822, 0x299f31d0}) ==
          Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("uniform is inside (0, 1), also for the extreme words, and is a function of its arguments") {
    CHECK(custfolio::detail::open_unit(0, 0) == 0x1p-53);
    CHECK(custfolio::detail::open_unit(0xffffffff, 0xffffffff) == 1.0 - 0x1p-53);
    CHECK(uniform(1, 2, 3) == uniform(1, 2, 3));
    std::set<double> seen;
    for (std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63}) {
        for (std::uint64_t stream : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63}) {
            for (std::uint64_t index : {0ULL, 1ULL, 2ULL, 3ULL, 1ULL << 33, 1ULL << 63})
                seen.insert(uniform(seed, stream, index));
        }
    }
    CHECK(seen.size() == 4 * 4 * 6);
}

TEST_CASE("uniforms fills what uniform gives, from any first index and length") {
    for (const std::uint64_t first : {0ULL, 1ULL, 2ULL, 7ULL, (1ULL << 32) - 1}) {
        for (const std::size_t n : {0U, 1U, 2U, 3U, 10U, 11U}) {
            std::vector<double> column(n);
            uniforms(9, 4, first, column);
            for (std::size_t i = 0; i < n; ++i) CHECK(column[i] == uniform(9, 4, first + i));
        }
    }
}

TEST_CASE("uniform numbers are uniform and uncorrelated; normal numbers have their moments") {
    constexpr std::size_t n = 200000;
    std::vector<double> u(n);
    uniforms(42, 7, 0, u);
    double correlation = 0.0;
    double z1 = 0.0;
    double z2 = 0.0;
    double z4 = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        correlation += (u[i] - 0.5) * (uniform(42, 8, i) - 0.5) + (u[i] - 0.5) * (u[(i + 1) % n] - 0.5);
        const double z = standard_normal(42, 7, i);
        CHECK(normal_cdf(z) == doctest::Approx(u[i]).epsilon(1e-13));
        z1 += z;
        z2 += z * z;
        z4 += z * z * z * z;
    }
    const auto count = static_cast<double>(n);
    CHECK(std::abs(correlation * 12.0 / std::sqrt(2.0 * count)) < 4.0);
    CHECK(std::abs(z1 / std::sqrt(count)) < 4.0);
    CHECK(std::abs((z2 / count - 1.0) / std::sqrt(2.0 / count)) < 4.0);
    CHECK(std::abs((z4 / count - 3.0) / std::sqrt(96.0 / count)) < 4.0);
    std::sort(u.begin(), u.end());
    double distance = 0.0;  // Kolmogorov-Smirnov
    for (std::size_t i = 0; i < n; ++i) {
        distance = std::max(distance, std::abs(u[i] - (static_cast<double>(i) + 0.5) / count));
    }
    CHECK(distance * std::sqrt(count) < 1.63);  // 1 % point
}
