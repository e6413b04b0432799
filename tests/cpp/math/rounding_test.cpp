// Tests of the rounding that adds up: totals to the unit, bounds per amount, symmetry, ties.
#include "custfolio/math/rounding.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

namespace {

std::int64_t total_of(const std::vector<std::int64_t>& units) {
    return std::accumulate(units.begin(), units.end(), std::int64_t{0});
}

}  // namespace

TEST_CASE("known apportionments") {
    // Hamilton's method on the standard seat example: votes 47 16 15.8 12 6.1 3.1 (thousands), 10 seats.
    const std::vector<double> votes{4.7, 1.6, 1.58, 1.2, 0.61, 0.31};
    CHECK(largest_remainder_units(votes, 1.0) == std::vector<std::int64_t>{5, 2, 1, 1, 1, 0});
    const std::vector<double> thirds(3, 100.0 / 3.0);
    CHECK(largest_remainder(thirds, 0.01) == std::vector<double>{33.34, 33.33, 33.33});
    CHECK(largest_remainder(thirds, 1.0) == std::vector<double>{34.0, 33.0, 33.0});
    CHECK(largest_remainder(std::vector<double>{}, 0.01).empty());
}

TEST_CASE("whole amounts stay as written") {
    const std::vector<double> amounts{0.29, 0.1 + 0.2, 1e9 + 0.07, -0.57, 0.0};
    CHECK(largest_remainder(amounts, 0.01) == std::vector<double>{0.29, 0.3, 1000000000.07, -0.57, 0.0});
    for (std::int64_t cents = -2000; cents <= 2000; ++cents) {
        CHECK(from_units(cents, 0.01) == static_cast<double>(cents) / 100.0);
    }
    CHECK(from_units(7, 1000.0) == 7000.0);
}

TEST_CASE(
    "random amounts: the sum is the rounded sum, each amount is within one unit, mirrored amounts mirror the result") {
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> number(-500.0, 1000.0);
    for (const double unit : {0.01, 0.05, 1.0, 1000.0, 0.3}) {
        for (int k = 0; k < 300; ++k) {
            std::vector<double> amounts(random() % 40 + 1);
            for (double& a : amounts) {
                a = number(random);
                if (k % 3 == 0) a = std::round(a * 8.0) / 8.0;  // many ties
            }
            const auto units = largest_remainder_units(amounts, unit);
            long double sum = 0.0L;
            for (std::size_t i = 0; i < amounts.size(); ++i) {
                sum += amounts[i];
                CHECK(std::abs(static_cast<double>(units[i]) - amounts[i] / unit) < 1.0);
            }
            const auto exact = static_cast<double>(sum / unit);
            CHECK(std::abs(static_cast<double>(total_of(units)) - exact) <= 0.5 + 1e-8);
            std::vector<double> mirrored(amounts.size());
            std::transform(amounts.begin(), amounts.end(), mirrored.begin(), std::negate<>{});
            auto negated = largest_remainder_units(mirrored, unit);
            for (auto& u : negated) u = -u;
            if (sum != 0.0L) CHECK(negated == units);
        }
    }
}

TEST_CASE("halves of the total are rounded away from zero, equal remainders go to the lower index") {
    CHECK(largest_remainder_units(std::vector<double>{0.25, 0.25}, 1.0) == std::vector<std::int64_t>{1, 0});
    CHECK(largest_remainder_units(std::vector<double>{-0.25, -0.25}, 1.0) == std::vector<std::int64_t>{-1, 0});
    CHECK(largest_remainder_units(std::vector<double>{0.5, -0.5}, 1.0) == std::vector<std::int64_t>{1, -1});
    CHECK(largest_remainder_units(std::vector<double>{0.1, 0.4, 0.4, 0.1}, 1.0) ==
          std::vector<std::int64_t>{0, 1, 0, 0});
}

TEST_CASE("children add up to a parent that was rounded with its own siblings") {
    std::mt19937_64 random(23);
    std::uniform_real_distribution<double> number(-10.0, 30.0);
    for (int k = 0; k < 300; ++k) {
        std::vector<std::vector<double>> children(random() % 8 + 1);
        std::vector<double> parents;
        for (auto& family : children) {
            family.resize(random() % 9 + 1);
            double sum = 0.0;
            for (double& c : family) sum += c = number(random);
            parents.push_back(sum);
        }
        const auto rounded = largest_remainder_units(parents, 0.01);
        for (std::size_t i = 0; i < parents.size(); ++i) {
            CHECK(total_of(largest_remainder_units(children[i], 0.01, rounded[i])) == rounded[i]);
        }
    }
}

TEST_CASE("what cannot be rounded is refused with its place") {
    CHECK_THROWS_WITH_AS(largest_remainder(std::vector<double>{1.0, std::nan("")}, 0.01),
                         doctest::Contains("amount at index 1 is"), InputError);
    CHECK_THROWS_WITH_AS(largest_remainder(std::vector<double>{1e20}, 0.01), doctest::Contains("more than 2^52 units"),
                         InputError);
    CHECK_THROWS_WITH_AS(largest_remainder(std::vector<double>{1.0}, 0.0), doctest::Contains("must be positive"),
                         InputError);
    CHECK_THROWS_WITH_AS(
        largest_remainder_units(std::vector<double>{1.2, 1.3}, 1.0, 5),
        "largest_remainder: total of 5 units cannot be reached, the amounts rounded down and up add up to "
        "2 and 4",
        InputError);
    CHECK_THROWS_AS(largest_remainder_units(std::vector<double>{}, 1.0, 1), InputError);
}
