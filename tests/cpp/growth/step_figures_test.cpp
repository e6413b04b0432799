// Tests of figures of single steps: differences of whole forecasts, conditional chances, months to a target.
#include "custfolio/growth/step_figures.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

std::vector<ActionPlan> plans(double first = 0.5) {
    ActionStep trial{.name = "trial", .success_probability = first};
    trial.one_off_contribution = 100;
    ActionStep listing{.name = "listing", .duration_months = 1, .success_probability = 0.6};
    listing.contribution_per_month = 40;
    ActionStep deal{.name = "deal", .success_probability = 0.25};
    deal.earliest = Month{2022y / 3};
    deal.one_off_contribution = 500;
    return {{"a", "range", {trial, listing}}, {"b", "deal", {deal}}};
}

GrowthForecast forecast(double first = 0.5) {
    return grow(plans(first), 2022y / 1, 6);
}

}  // namespace

TEST_CASE("step figures: a point of success chance is worth the difference that it makes") {
    const GrowthForecast growth = forecast();
    const std::vector<StepWorth> steps = step_sensitivity(growth, 300.0);
    REQUIRE(steps.size() == 3);
    CHECK(std::abs(steps[0].worth) >= std::abs(steps[1].worth));
    for (const StepWorth& one : steps) {
        if (one.plan != 0 || one.step != 0) continue;
        const double up = forecast(0.51).total().mean();
        CHECK(one.worth == doctest::Approx(up - growth.total().mean()));
        const double reached = forecast(0.51).total().probability_at_least(300);
        CHECK(*one.chance == doctest::Approx(reached - growth.total().probability_at_least(300)));
    }
    CHECK(step_sensitivity(growth, std::nullopt, Payoff::contribution, 2).size() == 2);
    CHECK(!step_sensitivity(growth)[0].chance);
}

TEST_CASE("step figures: shares of the uncertainty of independent plans, and the chance given a step") {
    const GrowthForecast growth = forecast();
    const double deal = 0.25 * 0.75 * 500 * 500;
    for (const StepShare& one : step_uncertainty(growth)) {
        if (one.plan == 1) CHECK(one.share == doctest::Approx(deal / growth.total().variance()));
    }
    const TargetNeed need = target_need(growth, 500, 0.9);
    CHECK(need.chance == doctest::Approx(growth.total().probability_at_least(500)));
    CHECK(need.to_be_added == doctest::Approx(500 - growth.total().quantile(0.1)));
    for (const StepChance& one : need.steps) {
        if (one.plan == 1) CHECK(one.chance == doctest::Approx(1.0));
        const GrowthForecast::Known won{one.plan, one.step, {true, Month{2022y / 1}}};
        if (one.step == 1) continue;  // its month is uncertain
        CHECK(one.chance == doctest::Approx(growth.given({&won, 1}).total().probability_at_least(500)));
    }
    CHECK_THROWS_AS(target_need(growth, 500, 1.5), InputError);
}

TEST_CASE("step figures: the months to a target") {
    const GrowthForecast growth = forecast();
    const TimeToTarget time = time_to_target(growth, 500);
    REQUIRE(time.reached.size() == 6);
    for (int m = 0; m < 6; ++m) {
        const double chance = growth.range(growth.start(), growth.start() + m).probability_at_least(500);
        CHECK(time.reached[static_cast<std::size_t>(m)] == chance);
    }
    CHECK(time.reached[1] == 0);
    CHECK(time.quantile(0.25) == Month{2022y / 3});
    CHECK(!time.quantile(0.99));
    CHECK(time.not_within_horizon() == doctest::Approx(1 - time.reached[5]));
    CHECK_THROWS_AS(time_to_target({}, 500), InputError);
}
