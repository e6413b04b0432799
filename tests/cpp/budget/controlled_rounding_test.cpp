// Tests of controlled rounding: exact additions and neighbours over random tables, small tables against all roundings,
// bad input.
#include "custfolio/budget/controlled_rounding.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

std::int64_t to_cents(double amount) {
    return std::llround(amount * 100);
}

/// Every promise of round_table, checked in whole cents.
void check_rounding(const std::vector<double>& amounts, std::size_t rows, std::size_t columns) {
    const RoundedTable table = round_table(amounts, rows, columns);
    REQUIRE(table.cells.size() == rows * columns);
    std::int64_t total = 0;
    long double exact_total = 0;
    int wrong = 0;
    std::vector<std::int64_t> column_sums(columns, 0);
    std::vector<long double> exact_columns(columns, 0);
    for (std::size_t i = 0; i < rows; ++i) {
        std::int64_t sum = 0;
        long double exact = 0;
        for (std::size_t j = 0; j < columns; ++j) {
            const double cell = table.cells[i * columns + j];
            const double amount = amounts[i * columns + j];
            wrong += cell != static_cast<double>(to_cents(cell)) / 100;  // the double nearest to whole cents
            wrong += !(std::abs(cell - amount) < 0.01 + 1e-9);
            sum += to_cents(cell);
            exact += static_cast<long double>(amount);
            column_sums[j] += to_cents(cell);
            exact_columns[j] += static_cast<long double>(amount);
        }
        wrong += table.row_totals[i] != static_cast<double>(sum) / 100;
        wrong += !(std::abs(static_cast<double>(table.row_totals[i] - exact)) < 0.01 + 1e-7);
        total += sum;
        exact_total += exact;
    }
    for (std::size_t j = 0; j < columns; ++j) {
        wrong += table.column_totals[j] != static_cast<double>(column_sums[j]) / 100;
        wrong += !(std::abs(static_cast<double>(table.column_totals[j] - exact_columns[j])) < 0.01 + 1e-7);
    }
    wrong += table.total != static_cast<double>(total) / 100;
    wrong += !(std::abs(static_cast<double>(table.total - exact_total)) <= 0.005 + 1e-7);  // to the nearest cent
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("thirds") {
    const RoundedTable table = round_table(std::vector<double>(9, 100.0 / 3), 3, 3);
    CHECK(table.total == 300);
    CHECK(table.row_totals == std::vector<double>{100, 100, 100});
    CHECK(table.column_totals == std::vector<double>{100, 100, 100});
}

TEST_CASE("random tables of many shapes, negative amounts included") {
    std::mt19937_64 random(41);
    std::normal_distribution<double> normal;
    for (const auto& shape : std::vector<std::pair<std::size_t, std::size_t>>{
             {1, 1}, {1, 7}, {7, 1}, {2, 2}, {3, 5}, {12, 5}, {12, 5}, {60, 5}, {24, 24}, {1, 500}, {500, 5}}) {
        const auto rows = shape.first, columns = shape.second;  // CAPTURE takes no names of a binding
        for (int round = 0; round < 20; ++round) {
            const double scale = std::pow(10.0, round % 8);
            std::vector<double> amounts(rows * columns);
            for (double& amount : amounts) amount = scale * normal(random);
            if (round % 4 == 1) {  // sparse, as a budget with few sources is
                for (std::size_t k = 0; k < amounts.size(); k += 2) amounts[k] = 0;
            }
            if (round % 4 == 2) {  // halves of cents
                for (double& amount : amounts) amount = std::round(amount * 200) / 200;
            }
            CAPTURE(rows);
            CAPTURE(columns);
            CAPTURE(round);
            check_rounding(amounts, rows, columns);
        }
    }
}

TEST_CASE("sixty thousand cells") {
    std::mt19937_64 random(43);
    std::normal_distribution<double> normal(0, 1'000);
    std::vector<double> amounts(300 * 200);
    for (double& amount : amounts) amount = normal(random);
    check_rounding(amounts, 300, 200);
}

TEST_CASE("whole cents stay, whatever their double says") {
    std::mt19937_64 random(47);
    std::uniform_int_distribution<std::int64_t> whole(-100'000'000'000, 100'000'000'000);
    std::vector<double> amounts(60);
    for (double& amount : amounts) amount = static_cast<double>(whole(random)) / 100;
    amounts[0] = 0.29;  // 0.29 x 100 = 28.999999999999996
    amounts[1] = -1.15;
    CHECK(round_table(amounts, 12, 5).cells == amounts);
}

TEST_CASE("small tables: a rounding that all roundings were tried for is never worse in the totals") {
    std::mt19937_64 random(53);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (int round = 0; round < 200; ++round) {
        std::vector<double> amounts(6);
        for (double& amount : amounts) amount = std::round(uniform(random) * 1e5) / 1e7;
        const RoundedTable table = round_table(amounts, 2, 3);
        // Of all 2^6 roundings to neighbours some keep every total a neighbour: ours is one of those.
        bool found = false;
        for (unsigned bits = 0; bits < 64 && !found; ++bits) {
            bool equal = true;
            for (unsigned k = 0; k < 6 && equal; ++k) {
                const double cell = (std::floor(amounts[k] * 100) + (bits >> k & 1U)) / 100;
                equal = std::abs(cell - table.cells[k]) < 1e-9;
            }
            found = equal;
        }
        CHECK(found);
        check_rounding(amounts, 2, 3);
    }
}

TEST_CASE("other units") {
    CHECK(round_table(std::vector<double>{1.4, 1.4, 1.4, 1.4}, 2, 2, {"JPY", 0}).total == 6);
    CHECK(round_table(std::vector<double>{0.00004, 0.00004}, 1, 2, {"X", 4}).total == doctest::Approx(0.0001));
    CHECK(round_table({}, 0, 5).total == 0);
    CHECK(round_table({}, 0, 5).column_totals == std::vector<double>(5, 0.0));
}

TEST_CASE("bad tables are refused") {
    CHECK_THROWS_WITH_AS(round_table(std::vector<double>{1, std::nan(""), 2, 3}, 2, 2),
                         "amount at row 0, column 1 (counted from 0) is nan; a finite number is needed", InputError);
    CHECK_THROWS_AS(round_table(std::vector<double>{1, 2}, 2, 2), InputError);
    CHECK_THROWS_AS(round_table(std::vector<double>{1e14, 1e14}, 1, 2), InputError);
    CHECK_THROWS_AS(round_table({}, std::numeric_limits<std::size_t>::max(), 2), InputError);
    CHECK_THROWS_AS(round_table(std::vector<double>{1}, 1, 1, {"X", 9}), InputError);
}
