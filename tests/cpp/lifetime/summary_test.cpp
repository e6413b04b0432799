// Tests of purchase days and the summary: merging, returns, the holdout, threads, and what is refused.
#include "custfolio/lifetime/summary.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("all lines of a customer on one day are one entry") {
    const std::vector<std::int32_t> customer{1, 0, 1, 1, 0};
    const std::vector<DayNumber> day{20, 10, 10, 20, 9};
    const std::vector<double> revenue{5, 2, 3, -1, 4};
    const std::vector<double> cost{4, 1, 1, -1, 1};
    const PurchaseDays found = purchase_days({customer, day, revenue, cost});
    CHECK(found.begin == std::vector<std::size_t>{0, 2, 4});
    CHECK(found.day == std::vector<DayNumber>{9, 10, 10, 20});
    CHECK(found.revenue == std::vector<double>{4, 2, 3, 4});
    CHECK(found.contribution == std::vector<double>{3, 1, 2, 1});
}

TEST_CASE("purchases are counted up to the end of the calibration and after it; returns are no purchases") {
    const std::vector<std::int32_t> customer{0, 0, 0, 0, 0, 1, 2};
    const std::vector<DayNumber> day{1, 5, 7, 12, 30, 3, 11};
    const std::vector<double> revenue{10, 20, -4, 8, 99, -1, 6};
    const std::vector<double> cost{5, 5, -2, 3, 1, 0, 1};
    const PurchaseSummary found = summarise(purchase_days({customer, day, revenue, cost}), {1, 10}, 20);
    CHECK(found.first_day == std::vector<DayNumber>{1, std::numeric_limits<DayNumber>::max(), 11});
    CHECK(found.last_day[0] == 5);
    CHECK(found.purchases == std::vector<double>{2, 0, 0});
    CHECK(found.first_revenue == std::vector<double>{10, 0, 0});
    CHECK(found.revenue == std::vector<double>{30, 0, 0});
    CHECK(found.contribution == std::vector<double>{18, -1, 0});
    CHECK(found.returned == std::vector<double>{-4, -1, 0});
    CHECK(found.holdout_purchases == std::vector<double>{1, 0, 1});
    CHECK(found.holdout_revenue == std::vector<double>{8, 0, 6});
    CHECK(found.holdout_contribution == std::vector<double>{5, 0, 5});
}

TEST_CASE("many customers: equal to a map, the same bits for any number of threads") {
    constexpr std::size_t rows = 700'000;
    constexpr std::uint64_t customers = 20'000;
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue;
    std::uint64_t state = 7;
    const auto next = [&state] { return (state = state * 6364136223846793005ULL + 1442695040888963407ULL) >> 33; };
    std::map<std::pair<std::int32_t, DayNumber>, double> expected;
    for (std::size_t row = 0; row < rows; ++row) {
        customer.push_back(static_cast<std::int32_t>(next() % customers));
        day.push_back(static_cast<DayNumber>(next() % 400));
        revenue.push_back(static_cast<double>(next() % 1000) / 8);
        expected[{customer.back(), day.back()}] += revenue.back();
    }
    const PurchaseDays one = purchase_days({customer, day, revenue}, 1);
    const PurchaseDays three = purchase_days({customer, day, revenue}, 3);
    CHECK(one.begin == three.begin);
    CHECK(one.day == three.day);
    CHECK(one.revenue == three.revenue);
    REQUIRE(one.day.size() == expected.size());
    std::size_t k = 0;
    bool equal = true;
    for (const auto& [key, sum] : expected) {
        const auto code = static_cast<std::size_t>(key.first);
        equal = equal && one.begin[code] <= k && k < one.begin[code + 1] && one.day[k] == key.second &&
                one.revenue[k] == sum;
        ++k;
    }
    CHECK(equal);
}

TEST_CASE("a ledger without rows has no purchases; what cannot be counted is refused by name") {
    CHECK(purchase_days({}).customers() == 0);
    const std::vector<std::int32_t> customer{0, 0};
    const std::vector<DayNumber> day{1, 2};
    const std::vector<double> revenue{1, std::numeric_limits<double>::infinity()};
    CHECK_THROWS_WITH_AS(purchase_days({customer, day, revenue}),
                         "ledger, row 1 (counted from 0): revenue is not finite; an amount must be", InputError);
    const std::vector<std::int32_t> negative{0, -1};
    const std::vector<double> fine{1, 1};
    CHECK_THROWS_AS(purchase_days({negative, day, fine}), InputError);
    CHECK_THROWS_AS(purchase_days({customer, day, std::span(fine).first(1)}), InputError);
    const PurchaseDays days = purchase_days({customer, day, fine});
    CHECK_THROWS_AS(summarise(days, {5, 4}, 6), InputError);
    CHECK_THROWS_AS(summarise(days, {1, 4}, 3), InputError);
}
