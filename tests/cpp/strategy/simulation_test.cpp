// The simulation of a plan against enumeration, the plan's own figures, and itself on other threads and orders.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "custfolio/strategy.hpp"
#include "every_source.hpp"

using test_plans::Evaluated;
using test_plans::every_source;

namespace {

// A joint error of purchases, and a floor that holds by chance.
void vary_purchases(Evaluated& made) {
    custfolio::Baseline& baseline = made.baseline;
    baseline.variance = custfolio::Matrix(3, 12);
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t m = 0; m < 12; ++m) {
            const double deviation = (0.1 + 0.01 * static_cast<double>(m)) * baseline.level(i, m);
            baseline.variance(i, m) = deviation * deviation;
        }
    }
    baseline.joint.common.assign(12, 0.05);
    baseline.joint.correlation = 0.4;
    baseline.joint.own_correlation = 0.5;
    made.strategy.floor = custfolio::Floor::number;
    made.strategy.floor_every = custfolio::FloorEvery::quarter;
    made.strategy.floor_level = {24'000};
    made.plan = made.strategy.optimise(made.portfolio, made.offers, made.growth, made.prospects, baseline);
}

}  // namespace

TEST_CASE("simulation: without errors of purchases every path is one of the outcomes, as often as its chance") {
    const Evaluated made = every_source();
    const custfolio::Course& ice = made.plan.courses[0];
    const custfolio::Course& cold = made.plan.courses[2];
    REQUIRE(cold.overflow < 0);
    constexpr std::size_t paths = 20'000;
    const auto found = custfolio::simulate(made.plan, made.inputs(), {.paths = paths, .seed = 3});
    CHECK_FALSE(found.purchases);
    CHECK(found.floors.empty());
    CHECK(std::isnan(found.floor_chance));
    struct Outcome {
        std::array<double, 12> level{}, heat{};
        double probability = 0;
        double accepted = 0;
        double won = 0;
        double left = 0;
        double seen = 0;
    };
    std::vector<Outcome> outcomes;
    for (unsigned set = 0; set < 16; ++set) {
        const auto yes = [&](unsigned k) { return (set >> k & 1U) != 0; };
        const auto chance = [&](unsigned k, double p) { return yes(k) ? p : 1 - p; };
        Outcome one;
        one.accepted = (yes(0) ? 1 : 0) + (yes(1) ? 1 : 0);
        one.won = yes(2) ? 1 : 0;
        one.left = yes(0) ? 0 : 1;
        one.probability = chance(0, 0.3) * chance(1, 0.6) * chance(2, 0.5) * chance(3, 0.5);
        for (int m = 0; m < 12; ++m) {
            const bool gone = !yes(0) && m >= ice.overflow;
            const bool first_answered = yes(0) && m >= ice.month + 1;
            const bool third_answered = yes(1) && m >= cold.month + 1;
            const bool newcomer = yes(2) && m >= made.plan.courses[3].month + 1;
            const double plan = yes(3) && !gone ? 1 : 0;  // the step is decided in its first month
            const auto k = static_cast<std::size_t>(m);
            one.level[k] = 7'000 + (gone ? 0 : 1'000) + (first_answered ? 50 : 0) + plan * 400 -
                           (third_answered ? 100 : 0) + (newcomer ? 4'000 : 0);
            one.heat[k] = 650 - (gone ? 0 : 500) + (first_answered ? 250 : 0) + plan * 90 + (third_answered ? 200 : 0) +
                          (newcomer ? 400 : 0);
        }
        outcomes.push_back(one);
    }
    for (std::size_t path = 0; path < paths; ++path) {
        std::size_t matches = 0;
        for (Outcome& one : outcomes) {
            bool same =
                found.accepted[path] == one.accepted && found.won[path] == one.won && found.left[path] == one.left;
            for (std::size_t m = 0; m < 12; ++m) {
                same = same && std::abs(found.level(path, m) - one.level[m]) < 1e-6 &&
                       std::abs(found.heat(path, m) - one.heat[m]) < 1e-6;
            }
            if (!same) continue;
            ++matches;
            one.seen += 1;
        }
        REQUIRE(matches == 1);
    }
    for (const Outcome& one : outcomes) {
        const double error = std::sqrt(one.probability * (1 - one.probability) / paths);
        CHECK(std::abs(one.seen / paths - one.probability) < 4.5 * error);
    }
}

TEST_CASE("simulation: of one who leaves by a way out a share stays") {
    Evaluated made = every_source();
    made.strategy.exits = {{.customer = "ice", .way = "hand over", .level_stays = 0.5, .heat_stays = 0.25}};
    made.plan = made.strategy.optimise(made.portfolio, made.offers, made.growth, made.prospects, made.baseline);
    const int leaves = made.plan.courses[0].overflow;
    REQUIRE(leaves >= 0);
    REQUIRE(made.plan.courses[0].offer != custfolio::Course::none);
    constexpr std::size_t paths = 20'000;
    const auto found = custfolio::simulate(made.plan, made.inputs(), {.paths = paths, .seed = 4});
    for (std::size_t m = 0; m < 12; ++m) {
        const custfolio::SimulatedFigure level = found.level_of(m);
        const custfolio::SimulatedFigure heat = found.heat_of(m);
        const double root = std::sqrt(static_cast<double>(paths));
        CHECK(std::abs(level.mean - made.plan.trajectory[m].level) <= 4.5 * level.deviation / root + 1e-6);
        CHECK(std::abs(heat.mean - made.plan.trajectory[m].heat) <= 4.5 * heat.deviation / root + 1e-6);
    }
    // The level of a path without any success: half of the customer's 1,000 a month stays.
    for (std::size_t path = 0; path < paths; ++path) {
        if (found.left[path] == 0 || found.accepted[path] > 0 || found.won[path] > 0) continue;
        const double level = found.level(path, 11);
        CHECK((std::abs(level - 7'500) < 1e-6 || std::abs(level - 7'900) < 1e-6));
    }
}

TEST_CASE("simulation: customers of a holding have one answer") {
    Evaluated made = every_source();
    made.strategy.interesting.clear();
    made.strategy.linked = {{"ice", "group"}, {"cold", "group"}};
    made.plan = made.strategy.optimise(made.portfolio, made.offers, made.growth, made.prospects, made.baseline);
    REQUIRE(made.plan.courses[0].offer != custfolio::Course::none);
    REQUIRE(made.plan.courses[2].offer != custfolio::Course::none);
    constexpr std::size_t paths = 20'000;
    const auto found = custfolio::simulate(made.plan, made.inputs(), {.paths = paths, .seed = 6});
    double both = 0;
    for (std::size_t path = 0; path < paths; ++path) {
        CHECK((found.accepted[path] == 0 || found.accepted[path] == 2));
        both += found.accepted[path] / 2;
    }
    // The mean of the two chances, by revenue: (12,000 x 0.3 + 24,000 x 0.6) / 36,000.
    CHECK(std::abs(both / paths - 0.5) < 4.5 * 0.5 / std::sqrt(static_cast<double>(paths)));
    for (std::size_t m = 0; m < 12; ++m) {
        const custfolio::SimulatedFigure level = found.level_of(m);
        const double error = 4.5 * level.deviation / std::sqrt(static_cast<double>(paths));
        CHECK(std::abs(level.mean - made.plan.trajectory[m].level) <= error + 1e-6);
    }
}

TEST_CASE("simulation: means, deviations, bands and chances of floors are those of the plan") {
    Evaluated made = every_source();
    vary_purchases(made);
    // Nobody leaves: one who leaves takes its errors along, which the plan's deviations do not count.
    for (custfolio::Course& course : made.plan.courses) course.overflow = -1;
    made.strategy.floor = custfolio::Floor::none;
    const Evaluated& fixed = made;
    constexpr std::size_t paths = 60'000;
    const auto found = custfolio::simulate(fixed.plan, fixed.inputs(), {.paths = paths, .seed = 11});
    CHECK(found.purchases);
    const custfolio::CourseModel model = fixed.inputs().model();
    for (std::size_t m = 0; m < 12; ++m) {
        // Expectation and variance from the model of the courses alone.
        double level = model.level()[m];
        double heat = model.heat()[m];
        double variance = model.level_covariance()(m, m);
        double heat_variance = model.heat_variance()[m];
        custfolio::CourseEffect effect;
        for (std::size_t i = 0; i < fixed.plan.courses.size(); ++i) {
            model.effect(i, fixed.plan.courses[i], effect);
            level += effect.level(m);
            heat += effect.heat(m);
            const custfolio::CourseOutcome outcome = model.outcome(i, fixed.plan.courses[i]);
            const double spread = outcome.probability * (1 - outcome.probability);
            variance += spread * outcome.level[m] * outcome.level[m];
            heat_variance += spread * outcome.heat[m] * outcome.heat[m];
        }
        if (!fixed.plan.courses[0].plans.empty()) {
            variance += 0.25 * 400 * 400;  // a step that succeeds with one half in its first month
            heat_variance += 0.25 * 90 * 90;
        }
        const custfolio::SimulatedFigure seen = found.level_of(m);
        const custfolio::SimulatedFigure warm = found.heat_of(m);
        const double root = std::sqrt(static_cast<double>(paths));
        CHECK(std::abs(seen.mean - level) < 4.5 * seen.deviation / root);
        CHECK(std::abs(warm.mean - heat) < 4.5 * warm.deviation / root);
        CHECK(seen.deviation == doctest::Approx(std::sqrt(variance)).epsilon(0.015));
        CHECK(warm.deviation == doctest::Approx(std::sqrt(heat_variance)).epsilon(0.015));
        const auto share_below = [&](double amount) {
            double below = 0;
            for (std::size_t path = 0; path < paths; ++path) below += found.level(path, m) < amount ? 1 : 0;
            return below / static_cast<double>(paths);
        };
        CHECK(share_below(seen.p10) == doctest::Approx(0.1).epsilon(1e-3));
        CHECK(share_below(seen.p25) == doctest::Approx(0.25).epsilon(1e-3));
        CHECK(share_below(seen.p50) == doctest::Approx(0.5).epsilon(1e-3));
        CHECK(share_below(seen.p75) == doctest::Approx(0.75).epsilon(1e-3));
        CHECK(share_below(seen.p90) == doctest::Approx(0.9).epsilon(1e-3));
    }
    // Months move together: the covariance of the first and the last one.
    double expected = model.level_covariance()(0, 11);
    for (std::size_t i = 0; i < fixed.plan.courses.size(); ++i) {
        const custfolio::CourseOutcome outcome = model.outcome(i, fixed.plan.courses[i]);
        expected += outcome.probability * (1 - outcome.probability) * outcome.level[0] * outcome.level[11];
    }
    if (!fixed.plan.courses[0].plans.empty()) expected += 0.25 * 400 * 400;
    const custfolio::SimulatedFigure first = found.level_of(0);
    const custfolio::SimulatedFigure last = found.level_of(11);
    double covariance = 0;
    for (std::size_t path = 0; path < paths; ++path) {
        covariance += (found.level(path, 0) - first.mean) * (found.level(path, 11) - last.mean) / paths;
    }
    CHECK(std::abs(covariance - expected) <
          4.5 * 1.5 * first.deviation * last.deviation / std::sqrt(static_cast<double>(paths)));
}

TEST_CASE("simulation: the chance of each floor and of all is that of the plan") {
    Evaluated made = every_source();
    vary_purchases(made);
    constexpr std::size_t paths = 60'000;
    const auto found = custfolio::simulate(made.plan, made.inputs(), {.paths = paths, .seed = 5});
    REQUIRE(found.floors.size() == made.plan.floors.size());
    REQUIRE(found.floors.size() == 4);
    const auto error = [&](double chance) { return std::sqrt(std::max(chance * (1 - chance), 1e-4) / paths); };
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(found.floors[k].month == made.plan.floors[k].month);
        CHECK(std::abs(found.floors[k].level.mean - made.plan.floors[k].level) <
              4.5 * found.floors[k].level.deviation / std::sqrt(static_cast<double>(paths)));
        // A customer who leaves takes its errors along; the plan's chance counts them: here a hundredth at most.
        CHECK(std::abs(found.floors[k].chance - made.plan.floors[k].chance) <
              4.5 * error(made.plan.floors[k].chance) + 0.01);
    }
    // The plan takes several floors as jointly normal, which few large outcomes are not.
    CHECK(std::abs(found.floor_chance - made.plan.floor_chance) < 0.06);
    for (const custfolio::SimulatedFloor& row : found.floors) CHECK(found.floor_chance <= row.chance);
    const custfolio::SimulatedFigure temperature = found.temperature_of_all();
    CHECK(temperature.p10 < temperature.mean);
    CHECK(temperature.mean < temperature.p90);
}

TEST_CASE("simulation: the same bits for any number of threads and any order of the customers") {
    Evaluated made = every_source();
    vary_purchases(made);
    const custfolio::SimulationOptions options{.paths = 1'000, .seed = 7, .threads = 1};
    const auto one = custfolio::simulate(made.plan, made.inputs(), options);
    for (const unsigned threads : {2U, 3U}) {
        const auto more =
            custfolio::simulate(made.plan, made.inputs(), {.paths = 1'000, .seed = 7, .threads = threads});
        CHECK(more.level == one.level);
        CHECK(more.heat == one.heat);
    }
    Evaluated turned = every_source({2, 0, 1});
    vary_purchases(turned);
    REQUIRE(turned.plan.courses[1].month == made.plan.courses[0].month);
    REQUIRE(turned.plan.courses[1].overflow == made.plan.courses[0].overflow);
    const auto other = custfolio::simulate(turned.plan, turned.inputs(), options);
    // Sums without action are compensated in the order of the rows; here they are whole amounts.
    CHECK(other.level == one.level);
    CHECK(other.heat == one.heat);
    // Fewer paths are the first of more.
    const auto fewer = custfolio::simulate(made.plan, made.inputs(), {.paths = 100, .seed = 7});
    for (std::size_t path = 0; path < 100; ++path) {
        CHECK(std::ranges::equal(fewer.level.row(path), one.level.row(path)));
    }
    // An action plan that does not run changes nothing.
    Evaluated idle = every_source();
    vary_purchases(idle);
    std::vector<custfolio::ActionPlan> plans = idle.growth.plans();
    plans.push_back(plans.front());
    plans.back().customer = "warm";
    plans.back().steps.front().contribution_per_month = -90;
    idle.growth = custfolio::grow(plans, idle.strategy.start, 12);
    idle.plan = idle.strategy.optimise(idle.portfolio, idle.offers, idle.growth, idle.prospects, idle.baseline);
    REQUIRE(idle.plan.courses[1].plans.empty());
    CHECK(custfolio::simulate(idle.plan, idle.inputs(), options).level == one.level);
    const auto unlike = custfolio::simulate(made.plan, made.inputs(), {.paths = 1'000, .seed = 8});
    CHECK_FALSE(unlike.level == one.level);
}

TEST_CASE("simulation: settings out of range are refused") {
    const Evaluated made = every_source();
    CHECK_THROWS_WITH_AS(custfolio::simulate(made.plan, made.inputs(), {.paths = 0}),
                         doctest::Contains("paths is 0; it must lie in [1, 10000000]"), custfolio::InputError);
    CHECK_THROWS_WITH_AS(custfolio::simulate(made.plan, made.inputs(), {.paths = 10'000'001}),
                         doctest::Contains("paths is 10000001"), custfolio::InputError);
}
