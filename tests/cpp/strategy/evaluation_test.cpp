// What is computed of a given plan, against slow computations of its own.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "custfolio/strategy.hpp"

using namespace std::chrono_literals;

namespace {

// Three customers, an action plan, and a prospect, whose best plan has every source.
struct Evaluated {
    custfolio::Portfolio portfolio;
    custfolio::Offers offers;
    custfolio::GrowthForecast growth;
    custfolio::Prospects prospects;
    custfolio::Strategy strategy;
    custfolio::Baseline baseline;
    custfolio::Plan plan;

    [[nodiscard]] custfolio::PlanInputs inputs() const {
        return {strategy, portfolio, offers, growth, prospects, baseline};
    }
};

custfolio::Offer offer_to(std::size_t customer, double acceptance, double level, double heat) {
    custfolio::Offer offer;
    offer.customer = customer;
    offer.acceptance = acceptance;
    offer.revenue_change = level;
    offer.heat_change = heat;
    return offer;
}

Evaluated every_source() {
    custfolio::PortfolioColumns columns;
    columns.period = {custfolio::Month(2021y / 1).first_day(), custfolio::Month(2021y / 12).last_day()};
    columns.id = {"ice", "warm", "cold"};
    columns.monthly_revenue = custfolio::Matrix(3, 12);
    const std::array<double, 3> revenue{12'000, 60'000, 24'000};
    const std::array<double, 3> heat{-6'000, 9'000, -1'200};
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t m = 0; m < 12; ++m) columns.monthly_revenue(i, m) = revenue[i] / 12;
        columns.revenue.push_back(revenue[i]);
        columns.goods.push_back(revenue[i] - heat[i]);
        columns.cost_to_serve.push_back(0);
        columns.avoidable_cost.push_back(0);
        columns.contribution.push_back(heat[i]);
    }
    Evaluated made{custfolio::Portfolio(std::move(columns)), {}, {}, {}, {}, {}, {}};
    made.offers.identity = made.portfolio.identity();
    made.offers.offers = {offer_to(0, 0.3, 600, 3'000), offer_to(2, 0.6, -1'200, 2'400)};
    made.offers.begin = {0, 1, 1, 2};
    made.offers.levers = {custfolio::Terms::price(0.03)};
    custfolio::ActionPlan plan;
    plan.customer = "ice";
    plan.name = "range";
    custfolio::ActionStep step;
    step.name = "listing";
    step.success_probability = 0.5;
    step.revenue_per_month = 400;
    step.contribution_per_month = 90;
    plan.steps = {step};
    made.growth = custfolio::grow(std::vector{plan}, 2022y / 1, 12);
    custfolio::Prospect prospect;
    prospect.id = "p";
    prospect.win_probability = 0.5;
    prospect.level = 48'000;
    prospect.heat = 4'800;
    made.prospects = custfolio::Prospects({prospect});
    made.strategy.start = {2022y / 1};
    made.strategy.floor = custfolio::Floor::none;
    made.baseline = custfolio::seasonal_baseline(made.portfolio, made.strategy.start, 12);
    // The courses are given: every source, and all of them with the first customer.
    made.plan = made.strategy.optimise(made.portfolio, made.offers, made.growth, made.prospects, made.baseline);
    return made;
}

}  // namespace

TEST_CASE("contributions: the mean over all orders of the four sources, and they add up to the plan") {
    Evaluated made = every_source();
    const custfolio::Course& first = made.plan.courses[0];
    REQUIRE(first.offer == 0);
    REQUIRE(first.plans.size() == 1);
    REQUIRE(first.overflow >= 0);
    REQUIRE(made.plan.courses[3].month >= 0);
    const auto parts = custfolio::contributions(made.plan, made.inputs());
    REQUIRE(parts.size() == 5);

    // Level and heat of a set of sources, by hand from the inputs.
    const auto bucket = [&](const std::array<bool, 4>& on) {
        const auto [terms, plans, newcomers, overflow] = on;
        double level = 96'000;
        double heat = 1'800;
        for (int m = 0; m < 12; ++m) {
            const bool answered = terms && m >= first.month + 1;
            // Nobody is gone who was not asked.
            const double gone = terms && overflow && m >= first.overflow ? 0.7 : 0.0;
            const double extra_level = plans ? made.growth.expected_revenue()(0, m) : 0.0;
            const double extra_heat = plans ? made.growth.expected_contribution()(0, m) : 0.0;
            level += (answered ? 0.3 * 600 / 12 : 0) + extra_level - gone * (1'000 + extra_level);
            heat += (answered ? 0.3 * 3'000 / 12 : 0) + extra_heat - gone * (-500 + extra_heat);
            const custfolio::Course& third = made.plan.courses[2];
            if (terms && third.offer == 1 && m >= third.month + 1) {
                level += 0.6 * -1'200 / 12;
                heat += 0.6 * 2'400 / 12;
            }
            if (terms && overflow && third.overflow >= 0 && m >= third.overflow) {
                level -= 0.4 * 2'000;
                heat -= 0.4 * -100;
            }
            const int age = m - made.plan.courses[3].month - 1;
            if (newcomers && age >= 0) {
                level += 0.5 * 48'000 / 12;
                heat += 0.5 * 4'800 / 12;
            }
        }
        return std::array{level, heat, heat / level};
    };
    std::array<std::array<double, 3>, 4> mean{};
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    int orders = 0;
    do {
        std::array<bool, 4> on{};
        std::array<double, 3> before = bucket(on);
        for (const std::size_t k : order) {
            on[k] = true;
            const std::array<double, 3> after = bucket(on);
            for (std::size_t figure = 0; figure < 3; ++figure) mean[k][figure] += (after[figure] - before[figure]) / 24;
            before = after;
        }
        ++orders;
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(orders == 24);
    double level = 0;
    double heat = 0;
    double temperature = 0;
    double percent = 0;
    for (std::size_t k = 0; k < 5; ++k) {
        CHECK(parts[k].source == custfolio::sources[k]);
        level += parts[k].level;
        heat += parts[k].heat;
        temperature += parts[k].temperature;
        percent += parts[k].percent;
        if (k == 0) continue;
        CHECK(parts[k].level != 0);
        CHECK(std::abs(parts[k].level - mean[k - 1][0]) < 0.02);  // in whole cents that add up
        CHECK(std::abs(parts[k].heat - mean[k - 1][1]) < 0.02);
        CHECK(parts[k].temperature == doctest::Approx(mean[k - 1][2]).epsilon(1e-9));
        CHECK(std::abs(parts[k].percent - 100 * mean[k - 1][2]) < 0.02);
    }
    double planned_level = 0;
    double planned_heat = 0;
    for (const custfolio::PlanMonth& month : made.plan.trajectory) {
        planned_level += month.level;
        planned_heat += month.heat;
    }
    CHECK(std::abs(level - planned_level) < 1e-6);
    CHECK(std::abs(heat - planned_heat) < 1e-6);
    CHECK(temperature == doctest::Approx(planned_heat / planned_level).epsilon(1e-6));
    CHECK(percent == doctest::Approx(std::round(1e4 * planned_heat / planned_level) / 100).epsilon(1e-12));
    CHECK(parts[0].percent == doctest::Approx(1.88));  // 1,800 / 96,000
}

TEST_CASE("contributions: a plan of other inputs is refused, by the customer") {
    Evaluated made = every_source();
    const custfolio::Plan whole = made.plan;
    made.plan.courses[0].offer = 1;
    CHECK_THROWS_WITH_AS(custfolio::contributions(made.plan, made.inputs()),
                         doctest::Contains("the plan's course of customer ice is not one of these inputs"),
                         custfolio::InputError);
    made.plan = whole;
    made.plan.courses[3].month = 12;
    CHECK_THROWS_WITH_AS(custfolio::contributions(made.plan, made.inputs()), doctest::Contains("prospect p"),
                         custfolio::InputError);
    made.plan = whole;
    made.plan.months = 11;
    CHECK_THROWS_WITH_AS(custfolio::contributions(made.plan, made.inputs()), doctest::Contains("2022-01 to 2022-11"),
                         custfolio::InputError);
}
