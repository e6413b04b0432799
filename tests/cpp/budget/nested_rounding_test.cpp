// Tests of rounding in two hierarchies: every group of both within a unit over random lines, whole amounts stay, bad
// input.
#include "custfolio/budget/nested_rounding.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// Largest distance of a group's rounded sum from its true one, in units, over all groups of a hierarchy.
double farthest(const std::vector<double>& amounts, const std::vector<std::int64_t>& units, const LineLevels& levels) {
    double worst = 0;
    for (std::size_t depth = 0; depth <= levels.size(); ++depth) {
        std::map<std::vector<std::int32_t>, std::pair<long double, std::int64_t>> groups;
        for (std::size_t line = 0; line < amounts.size(); ++line) {
            std::vector<std::int32_t> key;
            for (std::size_t k = 0; k < depth; ++k) key.push_back(levels[k][line]);
            groups[key].first += static_cast<long double>(amounts[line]) * 100;
            groups[key].second += units[line];
        }
        for (const auto& [key, group] : groups) {
            worst =
                std::max(worst, static_cast<double>(std::abs(group.first - static_cast<long double>(group.second))));
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("every group of both hierarchies is within a unit, the whole nearest") {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same cases every time
    for (int trial = 0; trial < 200; ++trial) {
        const std::size_t n = 1 + random() % 80;
        std::uniform_real_distribution<double> uniform(-3.0, 3.0);
        std::vector<double> amounts(n);
        LineLevels first(3, std::vector<std::int32_t>(n));
        LineLevels second(3, std::vector<std::int32_t>(n));
        long double sum = 0;
        for (std::size_t line = 0; line < n; ++line) {
            amounts[line] = random() % 4 == 0 ? 0.005 * static_cast<double>(random() % 9) : uniform(random);
            sum += static_cast<long double>(amounts[line]) * 100;
            for (auto& level : first) level[line] = static_cast<std::int32_t>(random() % 3);
            for (auto& level : second) level[line] = static_cast<std::int32_t>(random() % 4);
        }
        const std::vector<std::int64_t> units = round_nested(amounts, first, second);
        std::int64_t total = 0;
        for (std::size_t line = 0; line < n; ++line) {
            CHECK(std::abs(static_cast<double>(units[line]) - amounts[line] * 100) < 1);
            total += units[line];
        }
        CHECK(farthest(amounts, units, first) < 1 + 1e-9);
        CHECK(farthest(amounts, units, second) < 1 + 1e-9);
        CHECK(std::abs(static_cast<double>(sum - static_cast<long double>(total))) <= 0.5 + 1e-9);
        CHECK(units == round_nested(amounts, first, second));
    }
}

TEST_CASE("many lines of customers, months and accounts") {
    std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same case every time
    std::vector<double> amounts;
    LineLevels levels(3);
    for (int customer = 0; customer < 800; ++customer) {
        for (int month = 0; month < 12; ++month) {
            for (int account = 0; account < 2; ++account) {
                amounts.push_back(std::uniform_real_distribution<double>(0, 900)(random));
                levels[0].push_back(account);
                levels[1].push_back(customer);
                levels[2].push_back(month);
            }
        }
    }
    const LineLevels first{levels[0], levels[1]};
    const LineLevels second{levels[2], levels[0]};
    const std::vector<std::int64_t> units = round_nested(amounts, first, second);
    CHECK(farthest(amounts, units, first) < 1 + 1e-6);
    CHECK(farthest(amounts, units, second) < 1 + 1e-6);
}

TEST_CASE("whole amounts stay, and there may be no line") {
    CHECK(round_nested(std::vector<double>{0.29, -1.10}, {{0, 1}}, {{0, 0}}) == std::vector<std::int64_t>{29, -110});
    CHECK(round_nested({}, {}, {}).empty());
    CHECK(round_nested(std::vector<double>{1.4, 1.4, 1.4}, {}, {}, {"JPY", 0}).size() == 3);
}

TEST_CASE("a wrong line is named") {
    const std::vector<double> one{1.0};
    CHECK_THROWS_AS(round_nested(one, {{0, 1}}, {}), InputError);
    const std::vector<double> wrong{1.0, std::numeric_limits<double>::quiet_NaN()};
    CHECK_THROWS_WITH_AS(round_nested(wrong, {}, {}), doctest::Contains("amount 1"), InputError);
    const std::vector<double> large{9e15};
    CHECK_THROWS_WITH_AS(round_nested(large, {}, {}), doctest::Contains("2^53"), InputError);
}
