// Months, days and money: calendar arithmetic, texts, rounding that keeps totals; the error checks' texts.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/exchange_rates.hpp"
#include "custfolio/portfolio/money.hpp"

using custfolio::Month;
using namespace std::chrono_literals;

TEST_CASE("months count on over years, before 1970 too") {
    CHECK(custfolio::to_string(Month{2021y / 11} + 3) == "2022-02");
    CHECK(Month{2022y / 2} - Month{2021y / 11} == 3);
    CHECK(custfolio::to_string(Month{1969y / 12}) == "1969-12");
    CHECK(custfolio::to_string(Month::from_index(-13)) == "1968-12");
    CHECK(custfolio::day_text(Month{2024y / 2}.last_day()) == "2024-02-29");
    CHECK(custfolio::day_text(0) == "1970-01-01");
    for (custfolio::DayNumber day = -30000; day < 30000; ++day) {
        const Month month = Month::of(day);
        REQUIRE(month.first_day() <= day);
        REQUIRE(day <= month.last_day());
    }
}

TEST_CASE("a month that the calendar does not have is refused") {
    CHECK_THROWS_WITH_AS(Month{2026y / 13}, "month 13 of year 2026 does not exist; months run from 1 to 12",
                         custfolio::InputError);
    CHECK_THROWS_AS(Month{2026y / 0}, custfolio::InputError);
    static_assert(Month{2026y / 12}.index() == 56 * 12 + 11);
}

TEST_CASE("a period counts its days and the months it touches") {
    const custfolio::Period period{Month{2021y / 1}.first_day() + 14, Month{2021y / 3}.first_day()};
    CHECK(period.days() == 46);
    CHECK(period.months() == 3);
    CHECK(period.contains(period.last));
    CHECK_FALSE(period.contains(period.last + 1));
    CHECK(custfolio::Period{}.days() == 0);
    CHECK(custfolio::Period{}.months() == 0);
}

TEST_CASE("a month counts by its days, or whole where only its edge is missing") {
    const Month january{2021y / 1};
    using custfolio::covered_months;
    CHECK(covered_months({january.first_day(), (january + 4).first_day() + 11}) ==
          std::vector<double>{1, 1, 1, 1, 12.0 / 31});
    CHECK(covered_months({january.first_day() + 5, (january + 1).first_day() + 22}) == std::vector<double>{1, 1});
    CHECK(covered_months({january.first_day() + 6, (january + 1).first_day() + 21}) ==
          std::vector<double>{25.0 / 31, 22.0 / 28});
    CHECK(covered_months({january.first_day() + 3, january.first_day() + 3}) == std::vector<double>{1.0 / 31});
    CHECK(covered_months({}).empty());
}

TEST_CASE("rounded amounts add up to the rounded total") {
    CHECK(custfolio::round_money(2.675) == doctest::Approx(2.68));
    CHECK(custfolio::round_money(-1.005, {"JPY", 0}) == -1.0);
    std::mt19937_64 random{3};
    std::uniform_real_distribution<double> amount{-1000, 1000};
    for (int round = 0; round < 50; ++round) {
        std::vector<double> amounts(100);
        for (double& value : amounts) value = amount(random);
        const auto rounded = custfolio::round_to_total(amounts);
        const double total = std::accumulate(amounts.begin(), amounts.end(), 0.0);
        long long cents = 0;
        for (std::size_t i = 0; i < rounded.size(); ++i) {
            CHECK(std::abs(rounded[i] - amounts[i]) < 0.01 + 1e-9);
            cents += std::llround(rounded[i] * 100);
        }
        CHECK(cents == std::llround(total * 100));
    }
    CHECK_THROWS_AS((void)custfolio::round_to_total(std::vector<double>{1.0, std::numeric_limits<double>::infinity()}),
                    custfolio::InputError);
    CHECK_THROWS_AS((void)custfolio::round_money(1e300), custfolio::InputError);
    CHECK_THROWS_AS((void)custfolio::round_money(1, {"XXX", 9}), custfolio::InputError);
}

TEST_CASE("a percentage given for a probability gets its remedy") {
    CHECK(custfolio::require_probability(1.0, "p") == 1.0);
    CHECK_THROWS_WITH_AS((void)custfolio::require_probability(70, "step 2: success probability"),
                         "step 2: success probability is 70; a probability lies in [0, 1] (70 % is 0.7)",
                         custfolio::InputError);
    CHECK_THROWS_AS((void)custfolio::require_probability(std::numeric_limits<double>::quiet_NaN(), "p"),
                    custfolio::InputError);
}

TEST_CASE("rates of exchange: the rate of each row by month and currency") {
    custfolio::ExchangeRates rates("EUR");
    rates.set("GBP", 1.2);
    rates.set(Month{2021y / 1}, "USD", 0.8);
    rates.set(Month{2021y / 2}, "USD", 0.9);
    const std::vector<std::string> names{"USD", "GBP", "EUR"};
    const std::vector<custfolio::DayNumber> day{18628, 18658, 18659,
                                                18659, 18700, 18628};  // 1 and 31 January, 1 February, March
    const std::vector<std::int32_t> currency{0, 0, 0, 1, -1, 2};
    CHECK(rates.rates(day, currency, names) == std::vector<double>{0.8, 0.8, 0.9, 1.2, 1, 1});
    const std::vector<std::int32_t> dollars(6, 0);
    CHECK_THROWS_WITH_AS(rates.rates(day, dollars, names), doctest::Contains("no rate for USD in 2021-03"),
                         custfolio::InputError);
    CHECK_THROWS_WITH_AS(rates.rates(day, std::vector<std::int32_t>{0}, names), doctest::Contains("1 currencies"),
                         custfolio::InputError);
    const std::vector<std::int32_t> unknown{0, 3, 0, 0, 0, 0};
    CHECK_THROWS_WITH_AS(rates.rates(day, unknown, names), doctest::Contains("row 1"), custfolio::InputError);
}
