// Tests of the verdict: its boundaries, its order and the words of its reasons.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/selection/select.hpp"

using namespace custfolio;

namespace {

constexpr DayNumber day_0 = 18628;  // 2021-01-01
constexpr DayNumber year_end = day_0 + 364;

Portfolio portfolio_of(const std::vector<double>& revenue, const std::vector<double>& contribution,
                       const std::vector<DayNumber>& first_day = {}) {
    PortfolioColumns columns;
    columns.period = {day_0, year_end};
    columns.revenue = revenue;
    columns.contribution = contribution;
    for (std::size_t i = 0; i < revenue.size(); ++i) columns.id.push_back("c" + std::to_string(i));
    columns.first_day = first_day;
    return Portfolio(std::move(columns));
}

Selection judge(double revenue, double contribution, SelectionOptions options = {}) {
    return select(portfolio_of({revenue}, {contribution}), options);
}

}  // namespace

TEST_CASE("select: warm at the target, lukewarm just below, cold below freezing") {
    CHECK(judge(1000, 50).verdict[0] == Verdict::keep);
    CHECK(judge(1000, 50).reason[0] == "warm: temperature 5.0%, target 5.0%");
    CHECK(judge(1000, 49.6).verdict[0] == Verdict::remediate);
    CHECK(judge(1000, 49.6).reason[0] == "lukewarm: temperature 4.96%, target 5.0%");
    CHECK(judge(1000, 49.99999).reason[0] == "lukewarm: temperature 4.999999%, target 5.0%");
    CHECK(judge(1000, 0).verdict[0] == Verdict::remediate);
    CHECK(judge(1000, 0).reason[0] == "lukewarm: temperature 0.0%, target 5.0%");
    CHECK(judge(1000, -0.01).reason[0] == "cold: temperature -0.001%, below freezing");
    CHECK(judge(1000, -123.4).reason[0] == "cold: temperature -12.3%, below freezing");
    CHECK(judge(1000, -123.4).verdict[0] == Verdict::remediate);
    CHECK(judge(1000, 80, {.target = 0.0825}).reason[0] == "lukewarm: temperature 8.0%, target 8.25%");
    CHECK(judge(1000, 1, {.target = 0}).verdict[0] == Verdict::keep);
    CHECK(judge(1000, -10, {.target = -0.02}).reason[0] == "warm: temperature -1.0%, target -2.0%");
    const Selection both = select(portfolio_of({100, 100}, {5, 4}));
    CHECK(both.warm(0));
    CHECK_FALSE(both.warm(1));
    CHECK(both.rows(Verdict::remediate).rows == std::vector<std::size_t>{1});
    CHECK(both.rows(Verdict::remediate).identity == both.identity);
    CHECK_THROWS_AS(static_cast<void>(both.warm(2)), NotFoundError);
}

TEST_CASE("select: without positive revenue there is no temperature") {
    CHECK(judge(0, -10).verdict[0] == Verdict::remediate);
    CHECK(judge(0, -10).reason[0] == "cold: costs without revenue, below freezing");
    CHECK(judge(0, 0).verdict[0] == Verdict::keep);
    CHECK(judge(0, 0).reason[0] == "no revenue and no loss: nothing to remediate");
    // Two losses must not make a warm quotient.
    const Selection returned = judge(-100, -200);
    CHECK(returned.verdict[0] == Verdict::remediate);
    CHECK(std::isnan(returned.temperature[0]));
    CHECK_FALSE(returned.warm(0));
}

TEST_CASE("select: too young to judge below the months asked for, before anything else") {
    const DayNumber july_1 = Month::from_index(12 * 51 + 6).first_day();
    const Portfolio portfolio =
        portfolio_of({100, 100, 100, 100}, {-5, -5, 50, 50}, {july_1, july_1 + 1, year_end, year_end + 1});
    const Selection selection = select(portfolio);
    CHECK(selection.verdict[0] == Verdict::remediate);  // six whole months
    CHECK(selection.verdict[1] == Verdict::too_young);
    CHECK(selection.reason[1] == "too young to judge: a customer for 5 months, judged from 6 on; temperature -5.0%");
    CHECK(selection.verdict[2] == Verdict::too_young);
    CHECK(selection.reason[2] == "too young to judge: a customer for 0 months, judged from 6 on; temperature 50.0%");
    CHECK(selection.verdict[3] == Verdict::too_young);
    CHECK(select(portfolio, {.min_months = 0}).verdict[2] == Verdict::keep);
    CHECK(select(portfolio, {.min_months = 5}).verdict[1] == Verdict::remediate);
    CHECK(select(portfolio_of({100}, {-5})).verdict[0] == Verdict::remediate);  // no first days: nobody is too young
}

TEST_CASE("select: months end where a shorter month ends") {
    CHECK(detail::whole_months(day_0, day_0 + 30) == 1);
    CHECK(detail::whole_months(day_0, day_0 + 29) == 0);
    CHECK(detail::whole_months(day_0 + 30, day_0 + 58) == 1);  // 31 January to 28 February
    CHECK(detail::whole_months(day_0, year_end) == 12);
    CHECK(detail::whole_months(day_0 + 1, year_end) == 11);
}

TEST_CASE("select: interesting enough to be kept") {
    CHECK(judge(1000, -100, {.interesting = {0.5}}).verdict[0] == Verdict::keep);
    CHECK(judge(1000, -100, {.interesting = {0.5}}).reason[0] ==
          "interesting (0.5), though cold: temperature -10.0%, below freezing");
    CHECK(judge(1000, -100, {.interesting = {0.49}}).verdict[0] == Verdict::remediate);
    CHECK(judge(1000, 10, {.interesting = {0.8}, .interesting_threshold = 0.9}).verdict[0] == Verdict::remediate);
    CHECK(judge(1000, 100, {.interesting = {0}}).verdict[0] == Verdict::keep);
}

TEST_CASE("select: classes by net revenue") {
    const Selection selection = select(portfolio_of({50, 30, 15, 5}, {1, 1, 1, 1}));
    CHECK(selection.cls == std::vector<Class>{Class::A, Class::A, Class::B, Class::C});
    CHECK(selection.size() == 4);
    CHECK(select(Portfolio{}).size() == 0);
}

TEST_CASE("select: bad options are named") {
    CHECK_THROWS_WITH_AS(judge(1, 1, {.target = 5}), doctest::Contains("target is 5"), InputError);
    CHECK_THROWS_WITH_AS(judge(1, 1, {.target = std::nan("")}), doctest::Contains("target is nan"), InputError);
    CHECK_THROWS_WITH_AS(judge(1, 1, {.min_months = -1}), doctest::Contains("min_months is -1"), InputError);
    CHECK_THROWS_WITH_AS(judge(1, 1, {.interesting = {0.1, 0.2}}), doctest::Contains("2 values for 1 customers"),
                         InputError);
    CHECK_THROWS_WITH_AS(judge(1, 1, {.interesting = {80}}), doctest::Contains("customer c0"), InputError);
    CHECK_THROWS_WITH_AS(judge(1, 1, {.interesting_threshold = 50}), doctest::Contains("interesting_threshold"),
                         InputError);
    CHECK(to_string(Verdict::too_young) == "too young");
    CHECK(to_string(Verdict::keep) == "keep");
    CHECK(to_string(Verdict::remediate) == "remediate");
}

TEST_CASE("classes have names") {
    CHECK(custfolio::to_string(custfolio::Class::A) == "A");
    CHECK(custfolio::to_string(custfolio::Class::B) == "B");
    CHECK(custfolio::to_string(custfolio::Class::C) == "C");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::Class>(99)), custfolio::InputError);
}

TEST_CASE("select: a verdict is sure or undecided, and says so") {
    const Portfolio portfolio = portfolio_of({1000, 1000, 1000, 0}, {80, 30, 40, -5});
    SelectionOptions options;
    options.probability_below = {0.001, 0.99, 0.7, 1.0};
    const Selection selection = select(portfolio, options);
    CHECK(selection.certainty ==
          std::vector<Certainty>{Certainty::sure, Certainty::sure, Certainty::undecided, Certainty::sure});
    CHECK(selection.reason[0] == "warm: temperature 8.0%, target 5.0%; sure");
    CHECK(selection.reason[2] ==
          "lukewarm: temperature 4.0%, target 5.0%; undecided: 70% chance to be below the target");
    // Own months shrink the third across the target: its verdict is not sure.
    options.probability_below[2] = 0.01;
    const Selection shrunk = select(portfolio, options);
    CHECK(shrunk.certainty[2] == Certainty::undecided);
    CHECK(shrunk.reason[2] ==
          "lukewarm: temperature 4.0%, target 5.0%; undecided: 1% chance to be below the target in usual months");
    options.probability_below[2] = 1.5;
    CHECK_THROWS_WITH_AS(select(portfolio, options), doctest::Contains("probability_below of customer c2"), InputError);
    options.probability_below = {0.5};
    CHECK_THROWS_WITH_AS(select(portfolio, options), doctest::Contains("1 values for 4 customers"), InputError);
}

TEST_CASE("select: below the target only by cost that stays") {
    PortfolioColumns columns;
    columns.period = {day_0, year_end};
    columns.id = {"stays", "cold", "warm"};
    columns.revenue = {1000, 1000, 1000};
    columns.goods = {800, 900, 700};
    columns.cost_to_serve = {180, 180, 180};
    columns.avoidable_cost = {100, 100, 100};
    columns.contribution = {20, -80, 120};
    const Selection selection = select(Portfolio(std::move(columns)));
    CHECK(selection.only_by_cost_that_stays == std::vector<bool>{true, false, false});
    CHECK(selection.reason[0] ==
          "lukewarm: temperature 2.0%, target 5.0%; only by cost that stays: 10.0% at avoidable cost");
    CHECK(selection.verdict[0] == Verdict::remediate);
}

TEST_CASE("select: a customer that was not asked is unknown, not 0") {
    SelectionOptions options;
    options.interesting = {std::numeric_limits<double>::quiet_NaN(), 0.2, 0.7};
    const Selection selection = select(portfolio_of({1000, 1000, 1000}, {10, 10, 10}), options);
    CHECK(selection.reason[0] == "lukewarm: temperature 1.0%, target 5.0%; interest not known");
    CHECK(selection.reason[1] == "lukewarm: temperature 1.0%, target 5.0%; interest 0.2, kept from 0.5");
    CHECK(selection.verdict[2] == Verdict::keep);
}
