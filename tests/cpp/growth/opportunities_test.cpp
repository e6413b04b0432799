// Tests of plans of opportunities: months of the decision, payoffs by hand, missing values, bad input.
#include "custfolio/growth/opportunities.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

Opportunity deal() {
    return {.customer = "x", .name = "deal", .row = 7, .close = Month{2022y / 3}, .probability = 0.4, .amount = 1000};
}

OpportunityKind half() {
    return {.margin = 0.5};
}

const PipelineOptions from_january{.start = {2022y / 1}};

}  // namespace

TEST_CASE("opportunities: an overdue one is decided in the months that its delays leave") {
    const MonthChances slip{{0, 0.5}, {1, 0.2}, {2, 0.2}, {4, 0.1}};
    const auto decided = months_of_decision(2021y / 11, slip, 2022y / 1);
    REQUIRE(decided.size() == 2);
    CHECK(decided.at(2022y / 1) == doctest::Approx(2.0 / 3));
    CHECK(decided.at(2022y / 3) == doctest::Approx(1.0 / 3));
    CHECK(months_of_decision(2021y / 1, slip, 2022y / 1) == std::map<Month, double>{{2022y / 1, 1.0}});
}

TEST_CASE("opportunities: amounts over months and monthly amounts are two payoffs of one success") {
    Opportunity one = deal();
    one.monthly_amount = 50;
    one.exchange_rate = 2;
    PipelineOptions options = from_january;
    options.months = 2;
    options.recurring_months = 3;
    const OpportunityKind kind = half();
    const OpportunityPlans made = opportunity_plans({&one, 1}, {&kind, 1}, options);
    REQUIRE(made.plans.size() == 1);
    CHECK(made.figures[0].amount == 2300);
    CHECK(made.figures[0].contribution == 1150);
    CHECK(made.figures[0].month == Month{2022y / 3});
    const GrowthForecast growth = grow(made.plans, 2022y / 1, 6);
    const auto expected = growth.expected(Payoff::revenue);
    const std::vector<double> by_hand{0, 0, 440, 440, 40, 0};
    for (std::size_t m = 0; m < by_hand.size(); ++m) CHECK(expected[m] == doctest::Approx(by_hand[m]));
}

TEST_CASE("opportunities: defaults fill missing values, equal names stay apart") {
    std::vector<Opportunity> deals{deal(), deal(), deal()};
    deals[1].row = 8;
    deals[1].amount = std::numeric_limits<double>::quiet_NaN();
    deals[2].customer.clear();
    deals[2].close.reset();
    deals[2].kind = 1;
    std::vector<OpportunityKind> kinds{half(), half()};
    kinds[0].amount = 70;
    kinds[1].undated = {{0, 0.25}, {2, 0.75}};
    PipelineOptions options = from_january;
    options.customer = "(none)";
    const OpportunityPlans made = opportunity_plans(deals, kinds, options);
    REQUIRE(made.plans.size() == 3);
    CHECK(made.plans[1].name == "deal (row 8)");
    CHECK(made.figures[1].amount == 70);
    CHECK(made.plans[2].customer == "(none)");
    CHECK(made.plans[2].steps[0].duration_chances == std::vector<double>{0.25, 0, 0.75});
}

TEST_CASE("opportunities: a missing value is an error with its row, or a row left out") {
    std::vector<Opportunity> deals{deal(), deal()};
    deals[1].probability = std::numeric_limits<double>::quiet_NaN();
    const OpportunityKind kind = half();
    PipelineOptions options = from_january;
    CHECK_THROWS_WITH_AS(opportunity_plans(deals, {&kind, 1}, options),
                         doctest::Contains("opportunity 'deal', row 7: no probability"), InputError);
    options.leave_out = true;
    const OpportunityPlans made = opportunity_plans(deals, {&kind, 1}, options);
    CHECK(made.plans.size() == 1);
    REQUIRE(made.left_out.size() == 1);
    CHECK(made.left_out[0].opportunity == 1);
}

TEST_CASE("opportunities: impossible values name their row") {
    const auto refused = [](auto change, const char* text) {
        Opportunity one = deal();
        OpportunityKind kind = half();
        PipelineOptions options = from_january;
        change(one, kind, options);
        CHECK_THROWS_WITH_AS(opportunity_plans({&one, 1}, {&kind, 1}, options), doctest::Contains(text), InputError);
    };
    refused([](auto& one, auto&, auto&) { one.probability = 1.5; }, "row 7: probability is 1.5");
    refused([](auto& one, auto&, auto&) { one.amount = -5; }, "row 7: amount is -5");
    refused([](auto& one, auto&, auto&) { one.exchange_rate = 0; }, "row 7: exchange rate is 0");
    refused([](auto& one, auto&, auto&) { one.kind = 3; }, "row 7: kind is 3");
    refused([](auto&, auto& kind, auto&) { kind.margin = 30; }, "margin is 30");
    refused([](auto&, auto& kind, auto&) { kind.margin.reset(); }, "no margin");
    refused([](auto&, auto& kind, auto&) { kind.slip = {{0, 0.5}}; }, "sum to 0.5");
    refused([](auto&, auto& kind, auto&) { kind.undated = {{-1, 1.0}}; }, "cannot be negative");
    refused([](auto&, auto&, auto& options) { options.months = 0; }, "months is 0");
}
