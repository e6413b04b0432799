// Tests of fiscal calendars: published years of 52 and 53 weeks, years that begin in any month, exact division of
// months, bad input.
#include "custfolio/budget/fiscal_calendar.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

DayNumber day(int year, unsigned month, unsigned of_month) {
    const std::chrono::sys_days found{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
    return static_cast<DayNumber>(found.time_since_epoch().count());
}

}  // namespace

TEST_CASE("the 4-5-4 calendar of the National Retail Federation") {
    const FiscalCalendar nrf = FiscalCalendar::of_weeks(WeekPattern::four_five_four, 1, 6, true, false);
    CHECK(nrf.year_days(2006) == Period{day(2006, 1, 29), day(2007, 2, 3)});  // 53 weeks
    CHECK(nrf.year_days(2012) == Period{day(2012, 1, 29), day(2013, 2, 2)});  // 53 weeks
    CHECK(nrf.year_days(2017) == Period{day(2017, 1, 29), day(2018, 2, 3)});  // 53 weeks
    CHECK(nrf.year_days(2022) == Period{day(2022, 1, 30), day(2023, 1, 28)});
    CHECK(nrf.year_days(2023) == Period{day(2023, 1, 29), day(2024, 2, 3)});  // 53 weeks
    CHECK(nrf.year_days(2024) == Period{day(2024, 2, 4), day(2025, 2, 1)});
    const auto periods = nrf.periods(2023);
    CHECK(periods[0].days == Period{day(2023, 1, 29), day(2023, 2, 25)});   // February: 4 weeks
    CHECK(periods[1].days == Period{day(2023, 2, 26), day(2023, 4, 1)});    // March: 5 weeks
    CHECK(periods[11].days == Period{day(2023, 12, 31), day(2024, 2, 3)});  // January: 4 weeks and the 53rd
    CHECK(nrf.period_of(day(2024, 2, 3)) == periods[11]);
    CHECK(nrf.period_of(day(2024, 2, 4)).year == 2024);
}

TEST_CASE("a year that ends on the last Saturday of September") {  // Apple's, as its annual reports say
    const FiscalCalendar calendar = FiscalCalendar::of_weeks(WeekPattern::five_four_four, 9, 6, false, true, 3);
    CHECK(calendar.year_days(2017) == Period{day(2016, 9, 25), day(2017, 9, 30)});  // 53 weeks
    CHECK(calendar.year_days(2022) == Period{day(2021, 9, 26), day(2022, 9, 24)});
    CHECK(calendar.year_days(2023) == Period{day(2022, 9, 25), day(2023, 9, 30)});  // 53 weeks
    CHECK(calendar.periods(2023)[2].days.last == day(2022, 12, 31));                // the first quarter has 14 weeks
}

TEST_CASE("years of months begin in any month and take the name of either end") {
    const FiscalCalendar april = FiscalCalendar::of_months(4);
    CHECK(april.year_days(2022) == Period{day(2021, 4, 1), day(2022, 3, 31)});
    CHECK(FiscalCalendar::of_months(4, false).year_days(2022) == Period{day(2022, 4, 1), day(2023, 3, 31)});
    CHECK(FiscalCalendar().year_days(2024) == Period{day(2024, 1, 1), day(2024, 12, 31)});
    CHECK(FiscalCalendar::of_months(1, false).year_days(2024) == Period{day(2024, 1, 1), day(2024, 12, 31)});
    const FiscalPeriod period = april.period_of(day(2022, 2, 10));
    CHECK(period.year == 2022);
    CHECK(period.quarter == 4);
    CHECK(period.number == 11);
    CHECK(period.days == Period{day(2022, 2, 1), day(2022, 2, 28)});
}

TEST_CASE("years and periods follow each other without a gap, in whole weeks") {
    for (const WeekPattern pattern :
         {WeekPattern::four_four_five, WeekPattern::four_five_four, WeekPattern::five_four_four}) {
        for (unsigned month = 1; month <= 12; ++month) {
            for (unsigned weekday = 1; weekday <= 7; ++weekday) {
                const bool nearest = (month + weekday) % 2 == 0;
                const FiscalCalendar calendar =
                    FiscalCalendar::of_weeks(pattern, month, weekday, nearest, weekday % 3 == 0);
                int wrong = 0;
                for (int year = 1990; year < 2030; ++year) {
                    const Period days = calendar.year_days(year);
                    wrong += days.days() != 364 && days.days() != 371;
                    wrong += calendar.year_days(year + 1).first != days.last + 1;
                    DayNumber next = days.first;
                    for (const FiscalPeriod& period : calendar.periods(year)) {
                        wrong += period.days.first != next || period.days.days() % 7 != 0;
                        wrong += !(calendar.period_of(period.days.first) == period);
                        wrong += !(calendar.period_of(period.days.last) == period);
                        next = period.days.last + 1;
                    }
                    wrong += next != days.last + 1;
                }
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("months are divided over periods by days, to the unit") {
    const FiscalCalendar nrf = FiscalCalendar::of_weeks(WeekPattern::four_five_four, 1, 6, true, false);
    const std::vector<Month> february{Month{2023y / 2}};
    const auto parts = nrf.spread(february, std::vector<std::int64_t>{2800});
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].units == 2500);  // 1 to 25 February
    CHECK(parts[1].units == 300);
    CHECK(parts[1].period.number == 2);
    std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same cases every time
    std::vector<Month> months;
    std::vector<std::int64_t> units;
    for (int k = 0; k < 300; ++k) {
        months.push_back(Month{2020y / 1} + static_cast<int>(random() % 60));
        units.push_back(static_cast<std::int64_t>(random() % 200'001) - 100'000);
    }
    for (const FiscalCalendar& calendar : {nrf, FiscalCalendar::of_months(7)}) {
        std::vector<std::int64_t> sums(units.size(), 0);
        for (const PeriodShare& part : calendar.spread(months, units)) sums[part.line] += part.units;
        CHECK(sums == units);
    }
    CHECK(nrf.spread({}, {}).empty());
}

TEST_CASE("what is no calendar is told") {
    CHECK_THROWS_AS(FiscalCalendar::of_months(0), InputError);
    CHECK_THROWS_AS(FiscalCalendar::of_months(13), InputError);
    CHECK_THROWS_AS(FiscalCalendar::of_weeks(WeekPattern::four_four_five, 0, 6, true, true), InputError);
    CHECK_THROWS_AS(FiscalCalendar::of_weeks(WeekPattern::four_four_five, 1, 8, true, true), InputError);
    CHECK_THROWS_AS(FiscalCalendar::of_weeks(WeekPattern::four_four_five, 1, 6, true, true, 13), InputError);
    CHECK_THROWS_AS((void)FiscalCalendar().year_days(0), InputError);
    CHECK_THROWS_AS((void)FiscalCalendar().spread(std::vector<Month>(2), std::vector<std::int64_t>(1)), InputError);
}

TEST_CASE("patterns of weeks have names") {
    CHECK(custfolio::to_string(custfolio::WeekPattern::four_four_five) == "4-4-5");
    CHECK(custfolio::to_string(custfolio::WeekPattern::four_five_four) == "4-5-4");
    CHECK(custfolio::to_string(custfolio::WeekPattern::five_four_four) == "5-4-4");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::WeekPattern>(99)), custfolio::InputError);
}
