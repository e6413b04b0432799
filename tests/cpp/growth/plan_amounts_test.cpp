// Tests of sums of shares of months of some plans: against enumeration, play and averages over the factor.
#include "custfolio/growth/plan_amounts.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr Month sum_start{2022y / 1};

/// Two steps in a row with attempts that cost money, and a plan that waits for the first of them.
std::vector<ActionPlan> waiting_plans() {
    ActionPlan first{"a",
                     "range",
                     {{.name = "trial",
                       .success_probability = 0.5,
                       .revenue_per_month = 100,
                       .contribution_per_month = 40,
                       .hours = 3,
                       .retries = 1,
                       .spend = 10},
                      {.name = "roll out",
                       .duration_months = 2,
                       .success_probability = 0.6,
                       .revenue_per_month = 300,
                       .contribution_per_month = 90}}};
    ActionStep visit{.name = "visit",
                     .duration_months = 1,
                     .success_probability = 0.8,
                     .revenue_per_month = 50,
                     .contribution_per_month = 20};
    visit.after = {Join::all, {}, {"a/range/trial"}};
    return {first, {"b", "help", {visit}}};
}

double chance_near(const Distribution& found, double amount) {
    return found.cdf(amount + 0.005) - found.cdf(amount - 0.005);
}

}  // namespace

TEST_CASE("plan amounts: shares of months and attempts that cost money are exact") {
    // An attempt a month until the first success: tries in January, February, March, April.
    const ActionPlan tries{"a",
                           "p",
                           {{.name = "tries",
                             .success_probability = 0.3,
                             .retries = 3,
                             .spend = 10,
                             .one_off_revenue = 200,
                             .one_off_contribution = 150}}};
    const PlanAmounts amounts(grow(std::vector{tries}, sum_start, 6));
    const MonthlySum asked{{0}, sum_start, {0.5, 0.25}};
    const Distribution brought = amounts.sum(asked);
    CHECK(chance_near(brought, -7.5) == doctest::Approx(0.49).epsilon(1e-12));
    CHECK(chance_near(brought, 150 * 0.5 - 5) == doctest::Approx(0.3).epsilon(1e-12));
    CHECK(chance_near(brought, 150 * 0.25 - 7.5) == doctest::Approx(0.21).epsilon(1e-12));
    MonthlySum costs = asked;
    costs.payoff = Payoff::costs;
    CHECK(chance_near(amounts.sum(costs), 5 + 50 * 0.5) == doctest::Approx(0.3).epsilon(1e-12));
    CHECK(amounts.sum(costs).mean() ==
          doctest::Approx(amounts.expected(0, 0, Payoff::costs) * 0.5 + amounts.expected(0, 1, Payoff::costs) * 0.25));
}

TEST_CASE("plan amounts: a plan that waits for another's step keeps its chance, and that one's amounts do not count") {
    const PlanAmounts amounts(grow(waiting_plans(), sum_start, 6));
    const Distribution found = amounts.sum({{1}, sum_start, {1, 1, 1, 1, 1, 1}});
    // The trial succeeds in January (0.5) or February (0.25 of it); the visit a month later.
    CHECK(chance_near(found, 100) == doctest::Approx(0.5 * 0.8).epsilon(1e-12));
    CHECK(chance_near(found, 0) == doctest::Approx(1 - 0.75 * 0.8).epsilon(1e-12));
    CHECK(found.mean() == doctest::Approx(0.5 * 0.8 * 100 + 0.25 * 0.8 * 80));
    CHECK(amounts.name(1) == "b/help");
    CHECK(amounts.probability(1) == doctest::Approx(0.75 * 0.8));
}

TEST_CASE("plan amounts: spend and hours count in the month in which an attempt starts") {
    const GrowthForecast forecast = grow(waiting_plans(), sum_start, 6);
    const PlanAmounts spend(forecast, PlanFigure::spend);
    CHECK(spend.expected(0, 0, Payoff::costs) == doctest::Approx(10));
    CHECK(spend.expected(0, 1, Payoff::costs) == doctest::Approx(5));
    const PlanAmounts hours(forecast, PlanFigure::hours);
    const Distribution found = hours.sum({{0}, sum_start, {1, 1}, Payoff::costs});
    CHECK(chance_near(found, 3) == doctest::Approx(0.5).epsilon(1e-12));
    CHECK(chance_near(found, 6) == doctest::Approx(0.5).epsilon(1e-12));
    const GrowthForecast::Known failed{0, 0, {false, {}}};
    const PlanAmounts known(forecast.given(std::span(&failed, 1)), PlanFigure::spend);
    CHECK(known.expected(0, 0, Payoff::costs) == 0);
}

TEST_CASE("plan amounts: sums at each value of the common factor average to the sum over all values") {
    GrowOptions options;
    std::vector<ActionPlan> plans = waiting_plans();
    for (int k = 0; k < 6; ++k) {
        plans.push_back({"c" + std::to_string(k),
                         "p",
                         {{.name = "won", .success_probability = 0.4, .one_off_contribution = 100.0 + k}}});
    }
    options.correlation = 0.2;
    for (int labels : {0, 1, 2}) {  // no further factor; one that divides the plans; one that crosses a graph
        if (labels > 0) options.factors = {{"manager", 0.15}};
        for (std::size_t p = 0; p < plans.size(); ++p) {
            plans[p].factors["manager"] = p < 2 ? (labels == 2 && p == 1 ? "Bob" : "Ann") : p % 2 == 0 ? "Ann" : "Bob";
        }
        const PlanAmounts amounts(grow(plans, sum_start, 6, options));
        MonthlySum asked{{0, 1, 3, 4, 5}, sum_start + 1, {0.5, 1, 0.25}};
        const Distribution whole = amounts.sum(asked);
        const std::vector<double> at{20, 60, 100, 150, 220};
        std::vector<double> below(at.size());
        double mean = 0;
        const double spacing = labels == 2 ? 0.5 : 0.25;  // crossed factors are simulated: fewer values are near enough
        const double end = labels == 2 ? 4 : 8;
        for (double z = -end; z <= end; z += spacing) {
            asked.factor = z;
            const Distribution given = amounts.sum(asked);
            for (std::size_t i = 0; i < at.size(); ++i) below[i] += spacing * math::normal_pdf(z) * given.cdf(at[i]);
            mean += spacing * math::normal_pdf(z) * given.mean();
        }
        const double tolerance = labels == 2 ? 0.01 : 1e-6;  // 65,536 plays
        for (std::size_t i = 0; i < at.size(); ++i) {
            CHECK(std::abs(whole.cdf(at[i]) - below[i]) < tolerance);
        }
        CHECK(std::abs(whole.mean() - mean) < (labels == 2 ? 1 : 1e-6));
    }
}

TEST_CASE("plan amounts: sums that cannot be are refused") {
    const PlanAmounts amounts(grow(waiting_plans(), sum_start, 6));
    CHECK_THROWS_AS(static_cast<void>(amounts.sum({{0}, sum_start, {}})), InputError);
    CHECK_THROWS_AS(static_cast<void>(amounts.sum({{0}, sum_start + 5, {1, 1}})), InputError);
    CHECK_THROWS_AS(static_cast<void>(amounts.sum({{0}, sum_start, {NAN}})), InputError);
    CHECK_THROWS_AS(static_cast<void>(amounts.sum({{2}, sum_start, {1}})), NotFoundError);
}

TEST_CASE("figures of plans have names") {
    CHECK(custfolio::to_string(custfolio::PlanFigure::payoffs) == "payoffs");
    CHECK(custfolio::to_string(custfolio::PlanFigure::spend) == "spend");
    CHECK(custfolio::to_string(custfolio::PlanFigure::hours) == "hours");
    CHECK_THROWS_AS((void)custfolio::to_string(static_cast<custfolio::PlanFigure>(99)), custfolio::InputError);
}
