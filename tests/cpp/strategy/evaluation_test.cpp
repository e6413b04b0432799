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
#include "every_source.hpp"

using namespace std::chrono_literals;

using test_plans::Evaluated;
using test_plans::every_source;

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
        CHECK(parts[k].source == (k == 0 ? custfolio::Source::baseline : custfolio::action_sources[k - 1]));
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

TEST_CASE("two plans: the same plan has no differences, whatever the order of its customers") {
    const Evaluated one = every_source();
    const Evaluated other = every_source({2, 0, 1});
    const auto found = custfolio::compare_plans(one.plan, one.inputs(), other.plan, other.inputs());
    CHECK(found.courses.empty());
    CHECK(found.prices.empty());
}

TEST_CASE("two plans: a worse offer changes its customer's course by its inputs") {
    const Evaluated before = every_source();
    Evaluated after = every_source();
    REQUIRE(before.plan.courses[2].offer == 1);
    const int answered = before.plan.courses[2].month + 1;
    after.offers.offers[1].heat_change = -600;
    after.plan = after.strategy.optimise(after.portfolio, after.offers, after.growth, after.prospects, after.baseline);
    const auto found = custfolio::compare_plans(before.plan, before.inputs(), after.plan, after.inputs());
    REQUIRE(found.courses.size() == 1);
    const custfolio::CourseChange& change = found.courses[0];
    CHECK(change.id == "cold");
    CHECK_FALSE(change.prospect);
    CHECK(change.before.starts_with("offer "));
    CHECK(change.after.empty());
    CHECK(change.cause == custfolio::ChangeCause::inputs);
    // Replacement has no price here: a lead is the heat of the offer, 0.6 of its change from the answer on.
    REQUIRE(before.plan.courses[2].overflow < 0);
    const double months = 12 - answered;
    CHECK(change.lead_before == doctest::Approx(0.6 * 2'400 * months / 12));
    CHECK(change.lead_after == doctest::Approx(0.6 * 600 * months / 12));
    CHECK(change.by_inputs == doctest::Approx(0.6 * 3'000 * months / 12));
    CHECK(change.by_prices == doctest::Approx(0));
}

TEST_CASE("two plans: a scarcer resource changes courses by its price or in whole actions") {
    Evaluated before = every_source();
    before.strategy.limits = {{"offers", {2.0}}};
    before.plan =
        before.strategy.optimise(before.portfolio, before.offers, before.growth, before.prospects, before.baseline);
    Evaluated after = every_source();
    after.strategy.limits = {{"offers", {1.0}}};
    after.plan = after.strategy.optimise(after.portfolio, after.offers, after.growth, after.prospects, after.baseline);
    const auto found = custfolio::compare_plans(before.plan, before.inputs(), after.plan, after.inputs());
    REQUIRE_FALSE(found.prices.empty());
    CHECK(found.prices.front().row == "offers");
    CHECK(found.prices.front().before == 0);
    CHECK(found.prices.front().after > 0);
    REQUIRE_FALSE(found.courses.empty());
    for (const custfolio::CourseChange& change : found.courses) {
        CHECK(change.cause != custfolio::ChangeCause::inputs);
        CHECK(change.by_inputs == doctest::Approx(0).epsilon(1e-9));
        CHECK(change.lead_before + change.lead_after == doctest::Approx(change.by_prices));
    }
}

TEST_CASE("two plans: other months, and customers and prospects that came or went") {
    const Evaluated before = every_source();
    Evaluated after = every_source();
    after.strategy.start = {2022y / 3};
    after.strategy.months = 10;
    after.prospects.ranked[0].id = "q";
    after.baseline = custfolio::seasonal_baseline(after.portfolio, after.strategy.start, 10);
    after.growth = custfolio::grow(before.growth.plans(), 2022y / 3, 10);
    after.plan = after.strategy.optimise(after.portfolio, after.offers, after.growth, after.prospects, after.baseline);
    const auto found = custfolio::compare_plans(before.plan, before.inputs(), after.plan, after.inputs());
    REQUIRE(before.plan.courses[2].month == 0);
    bool past = false;
    bool came = false;
    bool went = false;
    for (const custfolio::CourseChange& change : found.courses) {
        past = past || (change.id == "cold" && change.why.find("are past") != std::string::npos);
        came = came || (change.id == "q" && change.before.empty() && !change.after.empty());
        went = went || (change.id == "p" && change.after.empty() && !change.before.empty());
        CHECK(change.cause == custfolio::ChangeCause::inputs);
    }
    CHECK(past);
    CHECK(came);
    CHECK(went);
}
