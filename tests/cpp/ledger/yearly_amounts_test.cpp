// Tests of yearly amounts in a period: by hand, day by day, and bad input.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("yearly amounts: a whole year, a part of one, and none of it") {
    const std::vector<double> amount{365, 366, 100};
    const std::vector<std::int32_t> year{2021, 2020, 1999};
    const DayNumber january = 18628;  // 1 January 2021
    CHECK(amounts_in_period(amount, year, {january, january + 364}) == std::vector<double>{365, 0, 0});
    CHECK(amounts_in_period(amount, year, {january - 10, january + 4}) == std::vector<double>{5, 10, 0});
}

TEST_CASE("yearly amounts: the same as counting the days") {
    std::mt19937 random(3);
    for (int round = 0; round < 100; ++round) {
        const Period period{18000 + static_cast<DayNumber>(random() % 700),
                            18700 + static_cast<DayNumber>(random() % 700)};
        const auto year = static_cast<std::int32_t>(2019 + random() % 5);
        int within = 0;
        int all = 0;
        for (DayNumber day = 17800; day < 20000; ++day) {
            if (Month::of(day).year() != year) continue;
            ++all;
            within += period.contains(day) ? 1 : 0;
        }
        const double found = amounts_in_period(std::vector<double>{7}, std::vector<std::int32_t>{year}, period)[0];
        CHECK(found == doctest::Approx(7.0 * within / all));
    }
}

TEST_CASE("yearly amounts: what is wrong is named") {
    const std::vector<double> amount{1, std::numeric_limits<double>::infinity()};
    const std::vector<std::int32_t> year{2021, 2021};
    CHECK_THROWS_WITH_AS(amounts_in_period(amount, year, {}), doctest::Contains("row 1"), InputError);
    const std::vector<std::int32_t> early{0};
    const std::vector<double> one{1};
    CHECK_THROWS_WITH_AS(amounts_in_period(one, early, {}), doctest::Contains("the year is 0"), InputError);
    CHECK_THROWS_WITH_AS(amounts_in_period(one, year, {}), doctest::Contains("2 years for 1 amounts"), InputError);
}
