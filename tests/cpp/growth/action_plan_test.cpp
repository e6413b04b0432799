// Tests of action plans: timing of a chain, and what is refused by name.
#include "custfolio/growth/action_plan.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

ActionPlan plan() {
    return {"2633",
            "range",
            {{.name = "review",
              .condition = "appointment held",
              .duration_months = 1,
              .success_probability = 0.9,
              .hours = 2},
             {.name = "trial",
              .condition = "items named",
              .earliest = {2022y / 4},
              .duration_months = 2,
              .success_probability = 0.5,
              .revenue_per_month = 100,
              .contribution_per_month = 20,
              .hours = 3},
             {.name = "listing", .duration_months = 0, .success_probability = 0.6, .revenue_per_month = 300}}};
}

template <class Change>
ActionPlan changed(Change change) {
    ActionPlan result = plan();
    change(result);
    return result;
}

}  // namespace

TEST_CASE("a step starts when the one before has succeeded and its own month has come") {
    const std::vector<StepTiming> times = timing(plan(), {2022y / 1});
    REQUIRE(times.size() == 3);
    CHECK(times[0].start == 0);
    CHECK(times[0].decided == 1);
    CHECK(times[1].start == 3);  // April, not February
    CHECK(times[1].decided == 5);
    CHECK(times[2].start == 5);
    CHECK(times[2].decided == 5);
    // a horizon that begins after the earliest month: the step starts at once
    CHECK(timing(plan(), {2022y / 6})[1].start == 1);
}

TEST_CASE("errors name customer, plan and step") {
    CHECK_THROWS_WITH_AS(check(changed([](ActionPlan& p) { p.steps[1].success_probability = 50; })),
                         "customer 2633, plan 'range', step 'trial': success probability is 50; a probability lies in "
                         "[0, 1] (50 % is 0.5)",
                         InputError);
    CHECK_THROWS_WITH_AS(
        check(changed([](ActionPlan& p) { p.steps[2].duration_months = -1; })),
        "customer 2633, plan 'range', step 'listing': duration is -1 months; it must be a whole number from 0 to 1200",
        InputError);
    CHECK_THROWS_WITH_AS(
        check(changed([](ActionPlan& p) { p.steps[2].after = {Join::all, {3}, {}}; })),
        "customer 2633, plan 'range', step 'listing': comes after step 3 (0-based); the plan has 3 steps", InputError);
    CHECK_THROWS_WITH_AS(check(changed([](ActionPlan& p) { p.steps[0].after = {Join::any, {2}, {}}; })),
                         "customer 2633, plan 'range': its steps wait for each other: 'review' after 'listing' after "
                         "'trial' after 'review'; a plan has no circle",
                         InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].after = {Join::any, {}, {}}; })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].latest = Month(2022y / 3); })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].hazard = 1.5; })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].by_month = {3}; })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].retries = -1; })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].season = {1, 2}; })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].duration_chances = {0.5, 0.4}; })), InputError);
    CHECK_THROWS_AS(check(changed([](ActionPlan& p) { p.steps[1].sizes = {1}; })), InputError);
    CHECK_THROWS_WITH_AS(check(changed([](ActionPlan& p) { p.steps[0].hours = -2; })),
                         "customer 2633, plan 'range', step 'review': hours are -2; they must be 0 or more",
                         InputError);
    CHECK_THROWS_WITH_AS(
        check(changed([](ActionPlan& p) { p.steps[0].revenue_per_month = std::numeric_limits<double>::infinity(); })),
        "customer 2633, plan 'range', step 'review': revenue per month is inf; a finite number is needed", InputError);
    CHECK_THROWS_WITH_AS(check(changed([](ActionPlan& p) { p.steps[1].name.clear(); })),
                         "customer 2633, plan 'range': step 2 has no name; each step needs one", InputError);
    CHECK_THROWS_WITH_AS(check(changed([](ActionPlan& p) { p.steps.clear(); })),
                         "customer 2633, plan 'range' has no step; a plan has at least one", InputError);
    CHECK_THROWS_WITH_AS(check(changed([](ActionPlan& p) { p.customer.clear(); })),
                         "an action plan ('range') names no customer; each plan belongs to one", InputError);
    CHECK_NOTHROW(check(changed([](ActionPlan& p) { p.steps[2].after = {Join::all, {0, 1}, {}}; })));
}

TEST_CASE("a plan of nobody in the portfolio is named") {
    PortfolioColumns columns;
    columns.id = {"2633"};
    columns.revenue = Column(1, 10.0);
    columns.contribution = Column(1, 1.0);
    const Portfolio portfolio(std::move(columns));
    const std::vector<ActionPlan> known{plan()};
    CHECK_NOTHROW(check_customers(known, portfolio));
    const std::vector<ActionPlan> unknown{changed([](ActionPlan& p) { p.customer = "9"; })};
    CHECK_THROWS_WITH_AS(check_customers(unknown, portfolio),
                         "customer 9, plan 'range': the portfolio of 1 customers has no such customer", NotFoundError);
}

TEST_CASE("joins have names") {
    CHECK(custfolio::to_string(custfolio::Join::previous) == "previous");
    CHECK(custfolio::to_string(custfolio::Join::all) == "all");
    CHECK(custfolio::to_string(custfolio::Join::any) == "any");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::Join>(99)), custfolio::InputError);
}
