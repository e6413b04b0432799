// Tests of next actions: figures by hand, and against the whole forecast with a step that has failed.
#include "custfolio/growth/next_actions.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

ActionStep step(const char* name, double chance, double hours, double once = 0, double monthly = 0) {
    ActionStep one{.name = name, .success_probability = chance};
    one.hours = hours;
    one.one_off_contribution = once;
    one.contribution_per_month = monthly;
    return one;
}

std::vector<ActionPlan> plans() {
    std::vector<ActionPlan> made{
        {"a", "range", {step("trial", 0.5, 2), step("listing", 0.6, 4, 0, 90)}},
        {"b", "deal", {step("won", 0.25, 10, 4000)}},
        {"c", "help", {step("visit", 0.8, 1, 0, 50)}},
        {"d", "two ways", {step("call", 0.5, 1), step("fair", 0.4, 8), step("order", 0.5, 2, 1000)}}};
    made[2].steps[0].after = {Join::all, {}, {"a/range/trial"}};
    made[3].steps[1].after = {Join::all, {}, {}};
    made[3].steps[2].after = {Join::any, {0, 1}, {}};
    return made;
}

const NextAction& named(const std::vector<NextAction>& actions, const std::string& name) {
    const auto found = std::ranges::find(actions, name, &NextAction::action);
    REQUIRE(found != actions.end());
    return *found;
}

double sum(const Column& column) {
    double total = 0;
    for (const double value : column) total += value;
    return total;
}

}  // namespace

TEST_CASE("next actions: heat and hours of all that waits for a step") {
    const std::vector<NextAction> actions = next_actions(grow(plans(), 2022y / 1, 6));
    CHECK(actions.size() == 4);
    CHECK(std::ranges::is_sorted(actions, std::ranges::greater{}, &NextAction::heat_per_hour));
    const NextAction& trial = named(actions, "trial");
    CHECK(trial.heat == doctest::Approx(0.5 * 0.6 * 90 * 6 + 0.5 * 0.8 * 50 * 6));
    CHECK(trial.hours == doctest::Approx(2 + 0.5 * 4 + 0.5 * 1));
    CHECK(named(actions, "call").heat == doctest::Approx(1000 * 0.5 * (0.7 - 0.4)));
    CHECK(named(actions, "call").hours == doctest::Approx(1 + 2 * (0.7 - 0.4)));
}

TEST_CASE("next actions: the difference of two whole forecasts, for any known outcomes") {
    const GrowthForecast all = grow(plans(), 2022y / 1, 6);
    const std::vector<GrowthForecast::Known> known{{0, 0, {true, Month{2022y / 1}}}, {3, 0, {true, Month{2022y / 2}}}};
    for (const GrowthForecast& growth : {all, all.given({known.data(), 1}), all.given(known)}) {
        for (const NextAction& action : next_actions(growth)) {
            for (std::size_t p = 0; p < growth.size(); ++p) {
                for (std::size_t k = 0; k < growth.plans()[p].steps.size(); ++k) {
                    if (growth.plans()[p].steps[k].name != action.action) continue;
                    const GrowthForecast::Known failed{p, k, {false, growth.start()}};
                    const double without = sum(growth.given({&failed, 1}).expected());
                    CHECK(action.heat == doctest::Approx(sum(growth.expected()) - without));
                }
            }
        }
    }
}

TEST_CASE("next actions: a known payoff is not that of the step after it") {
    std::vector<ActionPlan> made{{"a", "x", {step("first", 0.5, 1, 0, 100), step("second", 0.5, 2, 10)}}};
    const GrowthForecast::Known won{0, 0, {true, Month{2022y / 1}}};
    const std::vector<NextAction> actions = next_actions(grow(made, 2022y / 1, 3).given({&won, 1}));
    REQUIRE(actions.size() == 1);
    CHECK(actions[0].heat == doctest::Approx(5));
    CHECK(actions[0].hours == doctest::Approx(2));
}

TEST_CASE("next actions: offers for customers without a step that can start") {
    const std::vector<ProductGap> gaps{
        {"d", "wine", 0, 100, 100, 1, 50}, {"e", "beer", 0, 100, 100, 1, 30}, {"f", "tea"}};
    const std::vector<NextAction> actions = next_actions({}, gaps, {.probability = 0.2, .hours = 3});
    REQUIRE(actions.size() == 2);
    CHECK(actions[0].action == "offer wine");
    CHECK(actions[0].heat_per_hour() == doctest::Approx(0.2 * 50 / 3));
    CHECK(!actions[0].month);
    const GrowthForecast growth = grow(plans(), 2022y / 1, 6);
    CHECK(next_actions(growth, gaps, {.probability = 0.2, .hours = 3}).size() == 5);
    CHECK_THROWS_WITH_AS(next_actions(growth, gaps), doctest::Contains("0 hours"), InputError);
}
