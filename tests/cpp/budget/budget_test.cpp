// Tests of the budget: lines are summed by month and source, and add up in cents in both directions.
#include "custfolio/budget/budget.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

std::int64_t cents(double amount) {
    return std::llround(amount * 100);
}

}  // namespace

TEST_CASE("a year of five sources adds up in cents by month, by source and as a whole") {
    std::mt19937_64 random(59);
    std::normal_distribution<double> normal;
    const Month start{2022y / 1};
    std::vector<BudgetLine> lines;
    double level = 0;
    for (int m = 0; m < 12; ++m) {
        lines.push_back({start + m, Source::baseline, 35e6 + 1e6 * normal(random), 2e6 * normal(random)});
        lines.push_back({start + m, Source::remediation, 1e4 * normal(random), 2e4 * normal(random)});
        lines.push_back({start + m, Source::growth, 1e5 * normal(random), 1e4 * normal(random)});
        lines.push_back({start + m, Source::acquisition, 1e5 * normal(random), 1e4 * normal(random)});
        if (m >= 6) lines.push_back({start + m, Source::overflow, -1e5 * std::abs(normal(random)), 2e4});
    }
    for (const BudgetLine& line : lines) level += line.level;
    std::vector<BudgetLine> shuffled = lines;
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    const Budget budget(shuffled);
    CHECK(Budget(lines).lines() == budget.lines());
    REQUIRE(budget.lines().size() == lines.size());
    REQUIRE(budget.months().size() == 12);
    std::int64_t total_level = 0;
    std::int64_t total_heat = 0;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        CHECK(budget.lines()[k].month == lines[k].month);
        CHECK(budget.lines()[k].source == lines[k].source);
        CHECK(std::abs(budget.lines()[k].level - lines[k].level) < 0.01);
        CHECK(std::abs(budget.lines()[k].heat - lines[k].heat) < 0.01);
        total_level += cents(budget.lines()[k].level);
        total_heat += cents(budget.lines()[k].heat);
    }
    CHECK(cents(budget.total().level) == total_level);
    CHECK(cents(budget.total().heat) == total_heat);
    CHECK(std::abs(budget.total().level - level) < 0.006);
    for (const Month month : budget.months()) {
        std::int64_t sum = 0;
        for (const Source source : sources) sum += cents(budget.at(month, source).level);
        CHECK(cents(budget.total(month).level) == sum);
    }
    for (const Source source : sources) {
        std::int64_t sum = 0;
        for (const Month month : budget.months()) sum += cents(budget.at(month, source).heat);
        CHECK(cents(budget.total(source).heat) == sum);
    }
    CHECK(budget.at(start, Source::overflow) == BudgetTotal{});
    CHECK(budget.total(start + 12) == BudgetTotal{});
    CHECK(budget.total().temperature() == budget.total().heat / budget.total().level);
}

TEST_CASE("several lines of one month and source are summed before they are rounded") {
    const Month month{2022y / 3};
    const std::vector<BudgetLine> lines(1'000, {month, Source::growth, 0.004, -0.004});
    const Budget budget(lines);
    REQUIRE(budget.lines().size() == 1);
    CHECK(budget.lines()[0] == BudgetLine{month, Source::growth, 4, -4});
    CHECK(budget.total(Source::growth).level == 4);
}

TEST_CASE("an empty budget") {
    const Budget budget{std::span<const BudgetLine>{}};
    CHECK(budget.lines().empty());
    CHECK(budget.total() == BudgetTotal{});
    CHECK(std::isnan(budget.total().temperature()));
    CHECK(std::isnan((BudgetTotal{-3'500, -880}.temperature())));
    CHECK(Budget{}.at({2022y / 1}, Source::growth) == BudgetTotal{});
}

TEST_CASE("an amount that is not finite is refused with month and source") {
    const std::vector<BudgetLine> lines{{{2022y / 3}, Source::overflow, 1, std::nan("")}};
    CHECK_THROWS_WITH_AS(Budget{lines}, "2022-03, overflow: heat is nan; a finite number is needed", InputError);
    const std::vector<BudgetLine> unknown{{{2022y / 3}, static_cast<Source>(9), 1, 1}};
    CHECK_THROWS_AS(Budget{unknown}, InputError);
    CHECK(to_string(Source::acquisition) == "acquisition");
}
