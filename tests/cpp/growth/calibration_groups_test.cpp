// Tests of forecasts against outcomes by group: counts by hand, order statistics, days, bad input.
#include "custfolio/growth/calibration_groups.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

Encoding groups(const std::vector<std::string>& names) {
    return encode(names);
}

constexpr auto won = CaseEnd::won;
constexpr auto lost = CaseEnd::lost;
constexpr auto open = CaseEnd::open;

}  // namespace

TEST_CASE("calibration by group: most cases first, with the rates of the counts") {
    const std::vector<double> stated{0.7, 0.2, 0.9, 0.4, 0.1};
    const std::vector<std::uint8_t> happened{1, 0, 0, 1, 0};
    const auto found = calibration_by_group(stated, happened, groups({"b", "a", "b", "b", "c"}));
    REQUIRE(found.size() == 3);
    CHECK(found[0].group == "b");
    CHECK(found[1].group == "a");
    CHECK(found[0].stated == doctest::Approx(2.0 / 3));
    CHECK(found[0].observed == doctest::Approx(2.0 / 3));
    const SuccessRates rates = success_rates(std::vector<double>{0, 2, 0}, std::vector<double>{1, 3, 1});
    CHECK(found[0].expected == rates.rate[1]);
    CHECK_THROWS_AS(calibration_by_group(stated, happened, groups({"b"})), InputError);
}

TEST_CASE("recalibration joins the points by straight lines") {
    const std::vector<ReliabilityPoint> points{{.stated = 0.2, .recalibrated = 0.1},
                                               {.stated = 0.6, .recalibrated = 0.5}};
    const auto found = recalibrated(points, std::vector<double>{0, 0.2, 0.3, 0.6, 1});
    const std::vector<double> by_hand{0.1, 0.1, 0.2, 0.5, 0.5};
    for (std::size_t k = 0; k < 5; ++k) CHECK(found[k] == doctest::Approx(by_hand[k]));
    CHECK_THROWS_AS(recalibrated(points, std::vector<double>{std::nan("")}), InputError);
    CHECK_THROWS_AS(recalibrated({}, std::vector<double>{0.5}), InputError);
}

TEST_CASE("success rates of cases: open ones do not count") {
    const GroupSuccess found =
        success_rates(groups({"a", "a", "b", "b", "b", "c"}), std::vector<CaseEnd>{won, lost, won, won, open, open});
    CHECK(found.undecided == 2);
    CHECK(found.cases == std::vector<std::size_t>{2, 2, 0});
    CHECK(found.successes == std::vector<std::size_t>{1, 2, 0});
    CHECK(std::isnan(found.share[2]));
    CHECK(found.rate("b") == found.rates.rate[1]);
    CHECK(found.rate("nobody") == found.rates.mean);
    CHECK_THROWS_AS(success_rates(groups({"a"}), std::vector<CaseEnd>{open}), InputError);
}

TEST_CASE("win rates by age count periods from days") {
    const std::vector<DayNumber> start{0, 10, 20, 5};
    const std::vector<DayNumber> decided{13, 10, no_day, 40};
    const std::vector<CaseEnd> end{won, lost, open, won};
    const auto found = win_rate_by_age(start, decided, end, {.period_days = 7});
    const auto ages = win_rate_by_age(std::vector<std::uint32_t>{1, 0, 2, 5}, end);
    REQUIRE(found.size() == ages.size());
    for (std::size_t t = 0; t < ages.size(); ++t) CHECK(found[t].won_by == ages[t].won_by);
    CHECK(win_rate_by_age(start, decided, end, {.seen = 200}).size() > found.size());
    CHECK_THROWS_WITH_AS(win_rate_by_age(start, std::vector<DayNumber>{13, 9, no_day, 40}, end, {}),
                         doctest::Contains("row 2"), InputError);
    CHECK_THROWS_AS(win_rate_by_age(start, std::vector<DayNumber>(4, no_day), std::vector<CaseEnd>(4, open), {}),
                    InputError);
}

TEST_CASE("slippage: quantiles are linear between order statistics") {
    const std::vector<DayNumber> planned{0, 0, 0, 0, 100, no_day};
    const std::vector<DayNumber> actual{10, -5, 0, 20, no_day, 7};
    const auto found = slippage(planned, actual, groups({"a", "a", "a", "a", "a", "b"}));
    REQUIRE(found.size() == 2);
    CHECK(found[0].cases == 4);
    CHECK(found[0].without_date == 1);
    CHECK(found[0].mean == doctest::Approx(6.25));
    CHECK(found[0].p10 == doctest::Approx(-3.5));
    CHECK(found[0].p50 == doctest::Approx(5));
    CHECK(found[0].p90 == doctest::Approx(17));
    CHECK(found[0].late == doctest::Approx(0.5));
    CHECK(std::isnan(found[1].mean));
    CHECK_THROWS_AS(slippage(std::vector<DayNumber>{no_day}, std::vector<DayNumber>{3}, groups({"a"})), InputError);
}

TEST_CASE("coverage: the ends of a band are within") {
    const std::vector<double> actual{1, 2, 3, 4};
    const std::vector<double> low{1, 3, 1, 1};
    const std::vector<double> high{2, 4, 2, 4};
    const Coverage found = coverage(actual, low, high);
    CHECK(found.place ==
          std::vector<BandPlace>{BandPlace::inside, BandPlace::below, BandPlace::above, BandPlace::inside});
    CHECK(found.inside == 2);
    CHECK(found.within.share == 0.5);
    CHECK_THROWS_WITH_AS(coverage(actual, high, low), doctest::Contains("band in row 1"), InputError);
    CHECK_THROWS_AS(coverage({}, {}, {}), InputError);
}

TEST_CASE("places in a band have names") {
    CHECK(custfolio::to_string(custfolio::BandPlace::below) == "below");
    CHECK(custfolio::to_string(custfolio::BandPlace::inside) == "inside");
    CHECK(custfolio::to_string(custfolio::BandPlace::above) == "above");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::BandPlace>(99)), custfolio::InputError);
}
