// Tests of purchase days and the summary: merging, returns, the holdout, threads, and what is refused.
#include "custfolio/lifetime/summary.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/random.hpp"

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

TEST_CASE("counts by calendar period are those of listing every day") {
    // Days from 1969-12-01 to 1972: weeks and months before 1970 count too.
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue;
    for (std::uint64_t k = 0; k < 300; ++k) {
        customer.push_back(static_cast<std::int32_t>(20 * math::uniform(3, 0, k)));
        day.push_back(static_cast<DayNumber>(800 * math::uniform(3, 1, k)) - 31);
        revenue.push_back(math::uniform(3, 2, k) - 0.1);
    }
    const PurchaseDays days = purchase_days({customer, day, revenue, {}});
    const DayNumber last = 600;
    const std::vector<DayNumber> first = summarise(days, {-31, last}, last).first_day;
    for (const CalendarPeriod period :
         {CalendarPeriod::week, CalendarPeriod::month, CalendarPeriod::quarter, CalendarPeriod::year}) {
        CAPTURE(to_string(period));
        // The number of a period by walking from its first day.
        const auto number_of = [&](DayNumber of) {
            int number = 0;
            for (DayNumber d = -31; d < of; ++d) {
                const Month before = Month::of(d);
                const Month after = Month::of(d + 1);
                const bool begins = period == CalendarPeriod::week    ? (d + 1 - 4) % 7 == 0  // 1970-01-05 was a Monday
                                    : period == CalendarPeriod::month ? before != after
                                    : period == CalendarPeriod::quarter
                                        ? before != after && after.month_of_year() % 3 == 1
                                        : before.year() != after.year();
                number += begins ? 1 : 0;
            }
            return number;
        };
        const PeriodCounts found = count_periods(days, first, last, period);
        for (std::size_t c = 0; c < days.customers(); ++c) {
            if (first[c] > last) continue;
            const int born = number_of(first[c]);
            const int opportunities = number_of(last + 1) - 1 - born;
            std::map<int, int> bought;
            for (std::size_t k = days.begin[c]; k < days.begin[c + 1]; ++k) {
                const int at = number_of(days.day[k]) - born;
                if (days.revenue[k] >= 0 && days.day[k] >= first[c] && at > 0 && at <= opportunities) ++bought[at];
            }
            CHECK(found.opportunities[c] == std::max(opportunities, 0));
            CHECK(found.frequency[c] == static_cast<double>(bought.size()));
            CHECK(found.recency[c] == (bought.empty() ? 0 : bought.rbegin()->first));
        }
    }
    CHECK_THROWS_AS(count_periods(days, std::vector<DayNumber>{1}, last, CalendarPeriod::week), InputError);
}

TEST_CASE("histories: frequency, recency and T from counts and sums") {
    const std::vector<std::int32_t> customer{0, 0, 0, 0, 0, 1, 2, 3};
    const std::vector<DayNumber> day{1, 5, 7, 12, 30, 3, 11, 4};
    const std::vector<double> revenue{10, 20, -4, 8, 99, -1, 6, 5};
    const std::vector<double> cost{5, 5, -2, 3, 1, 0, 1, 1};
    const PurchaseSummary summary = summarise(purchase_days({customer, day, revenue, cost}), {1, 10}, 20);
    const CustomerHistories found = customer_histories(summary, true, {1, 10}, 20, {.days_per_unit = 2});
    CHECK(found.customer == std::vector<std::size_t>{0, 3});
    CHECK(found.frequency == std::vector<double>{1, 0});
    CHECK(found.recency == std::vector<double>{2, 0});
    CHECK(found.T == std::vector<double>{4.5, 3});
    CHECK(found.monetary_value[0] == 20);
    CHECK(std::isnan(found.monetary_value[1]));
    CHECK(found.contribution == std::vector<double>{9, 4});
    CHECK(found.duration_holdout == 5);
    CHECK(found.frequency_holdout == std::vector<double>{1, 0});
    CHECK(found.monetary_value_holdout[0] == 8);
    CHECK(found.contribution_holdout[0] == 5);
    CHECK(std::isnan(found.contribution_holdout[1]));

    const std::vector<double> stated{100, 0, 0, 50};
    const std::vector<std::size_t> last{3};
    const CustomerHistories one = customer_histories(
        summary, false, {1, 10}, 10, {.include_first = true, .contribution = stated, .customers = last});
    CHECK(one.monetary_value == std::vector<double>{5});
    CHECK(one.contribution == std::vector<double>{50});
    CHECK(one.frequency_holdout.empty());
    const std::vector<std::size_t> none{1};
    CHECK_THROWS_AS(customer_histories(summary, true, {1, 10}, 20, {.customers = none}), InputError);
    CHECK_THROWS_AS(customer_histories(summary, true, {1, 10}, 20, {.days_per_unit = 0}), InputError);
    const std::vector<double> few{1};
    CHECK_THROWS_AS(customer_histories(summary, true, {1, 10}, 20, {.contribution = few}), InputError);
}
