// Tests of the growth forecast: by hand, against the enumeration of every outcome, and against simulation.
#include "custfolio/growth/growth_forecast.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr Month start{2022y / 1};

ActionPlan hand() {
    return {"a",
            "p",
            {{.name = "one",
              .duration_months = 1,
              .success_probability = 0.8,
              .revenue_per_month = 100,
              .contribution_per_month = 10,
              .hours = 4},
             {.name = "two",
              .earliest = {2022y / 3},
              .duration_months = 2,
              .success_probability = 0.5,
              .revenue_per_month = 200,
              .contribution_per_month = 40,
              .hours = 6}}};
}

std::vector<ActionPlan> random_plans(std::uint64_t seed, std::size_t count, int most_steps) {
    std::uint64_t draw = 0;
    const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 3, draw++)); };
    std::vector<ActionPlan> plans;
    for (std::size_t i = 0; i < count; ++i) {
        ActionPlan plan{"c" + std::to_string(i), "p", {}};
        const int steps = 1 + number(most_steps);
        for (int k = 0; k < steps; ++k) {
            ActionStep step;
            step.name = "s" + std::to_string(k);
            if (number(2) == 0) step.earliest = start + (number(16) - 2);
            step.duration_months = number(5);
            step.success_probability = number(8) == 0 ? number(2) : math::uniform(seed, 4, draw++);
            step.revenue_per_month = number(50) * 10 - 50;
            step.contribution_per_month = number(40) - 10;
            step.hours = number(9);
            plan.steps.push_back(step);
        }
        plans.push_back(plan);
    }
    return plans;
}

// Every way in which all steps of one plan can turn out, played month by month: the slow twin. Calls with probability,
// payoff per month and hours per month.
template <class Seen>
void play(const ActionPlan& plan, int months, bool revenue, Seen seen) {
    const std::size_t steps = plan.steps.size();
    for (unsigned turn = 0; turn < (1U << steps); ++turn) {
        double probability = 1;
        for (std::size_t k = 0; k < steps; ++k) {
            const double p = plan.steps[k].success_probability;
            probability *= ((turn >> k) & 1U) != 0 ? p : 1 - p;
        }
        std::vector<double> pay(static_cast<std::size_t>(months));
        std::vector<double> hours(pay.size());
        std::size_t at = 0;  // step being waited for or done
        int since = -1;      // month in which it started; -1: not yet
        double earning = 0;  // per month
        bool stopped = false;
        for (int m = 0; m < months; ++m) {
            while (!stopped && at < steps) {
                const ActionStep& step = plan.steps[at];
                if (since < 0 && start + m >= step.earliest) {
                    since = m;
                    const int spread = std::max(1, step.duration_months);
                    for (int h = m; h < std::min(months, m + spread); ++h) {
                        hours[static_cast<std::size_t>(h)] += step.hours / spread;
                    }
                }
                if (since < 0 || m < since + step.duration_months) break;
                if (((turn >> at) & 1U) == 0) {
                    stopped = true;
                } else {
                    earning += revenue ? step.revenue_per_month : step.contribution_per_month;
                    ++at;
                    since = -1;
                }
            }
            pay[static_cast<std::size_t>(m)] = earning;
        }
        seen(probability, pay, hours);
    }
}

}  // namespace

TEST_CASE("a plan of two steps by hand") {
    const std::vector<ActionPlan> plans{hand()};
    const GrowthForecast forecast = grow(plans, start, 6);
    // decided at the beginning of February and of May
    const std::vector<double> revenue{0, 80, 80, 80, 80 + 80, 160};
    const std::vector<double> hours{4, 0, 0.8 * 3, 0.8 * 3, 0, 0};
    for (std::size_t m = 0; m < 6; ++m) {
        CHECK(forecast.expected_revenue()(0, m) == doctest::Approx(revenue[static_cast<std::size_t>(m)]));
        CHECK(forecast.expected_hours()(0, m) == doctest::Approx(hours[static_cast<std::size_t>(m)]));
    }
    CHECK(forecast.expected_contribution()(0, 5) == doctest::Approx(0.8 * 10 + 0.4 * 40));
    CHECK(forecast.expected()[5] == doctest::Approx(24));
    CHECK(forecast.expected(Payoff::revenue)[5] == doctest::Approx(160));

    CHECK(forecast.success(0, 0) == doctest::Approx(0.8));
    CHECK(forecast.success(0, 1) == doctest::Approx(0.4));
    const DiscreteAmount ends = forecast.amounts(0, {.first = 0, .last = 5, .payoff = Payoff::revenue});
    CHECK(ends.amount == std::vector<double>{0, 500, 900});
    CHECK(ends.probability[1] == doctest::Approx(0.4));

    const Distribution total = forecast.total(Payoff::revenue);
    CHECK(total.mean() == doctest::Approx(80 * 5 + 80 * 2));
    CHECK(total.cdf(0) == doctest::Approx(0.2));
    CHECK(total.cdf(500) == doctest::Approx(0.6));
    CHECK(total.quantile(0.7) == 900);
    CHECK(total.probability_at_least(900) == doctest::Approx(0.4));
    CHECK(forecast.month({2022y / 2}).quantile(0.5) == 10);
    CHECK(forecast.range({2022y / 4}, {2022y / 5}, Payoff::revenue).quantile(1) == 400);
    CHECK(forecast.notes().empty());
}

TEST_CASE("random plans: amounts, expectation and hours are those of every way played month by month") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const std::vector<ActionPlan> plans = random_plans(seed, 1, 6);
        const int months = 1 + static_cast<int>(seed % 14);
        const GrowthForecast forecast = grow(plans, start, months);
        for (const bool revenue : {false, true}) {
            const Payoff payoff = revenue ? Payoff::revenue : Payoff::contribution;
            std::map<double, double> ways;
            std::vector<double> expected(static_cast<std::size_t>(months));
            std::vector<double> hours(expected.size());
            play(plans[0], months, revenue,
                 [&](double p, const std::vector<double>& pay, const std::vector<double>& work) {
                     if (p == 0) return;
                     ways[std::accumulate(pay.begin(), pay.end(), 0.0)] += p;
                     for (std::size_t m = 0; m < pay.size(); ++m) {
                         expected[m] += p * pay[m];
                         hours[m] += p * work[m];
                     }
                 });
            const DiscreteAmount found = forecast.amounts(0, {.first = 0, .last = months - 1, .payoff = payoff});
            std::size_t at = 0;
            for (const auto& [sum, p] : ways) {
                REQUIRE(at < found.amount.size());
                CHECK(found.amount[at] == doctest::Approx(sum));
                CHECK(found.probability[at++] == doctest::Approx(p));
            }
            CHECK(at == found.amount.size());
            const Matrix& exact = revenue ? forecast.expected_revenue() : forecast.expected_contribution();
            for (std::size_t m = 0; m < expected.size(); ++m) {
                CHECK(exact(0, m) == doctest::Approx(expected[m]));
                CHECK(forecast.expected_hours()(0, m) == doctest::Approx(hours[m]));
            }
        }
    }
}

TEST_CASE("several plans: the distribution of any range is that of all outcomes enumerated") {
    for (std::uint64_t seed = 100; seed < 120; ++seed) {
        const int months = 12;
        const std::vector<ActionPlan> plans = random_plans(seed, 6, 4);
        const GrowthForecast forecast = grow(plans, start, months);
        const int first = static_cast<int>(seed % 7);
        const int last = first + static_cast<int>(seed % 5);
        std::map<double, double> exact{{0.0, 1.0}};
        for (const ActionPlan& plan : plans) {
            std::map<double, double> next;
            play(plan, months, true, [&](double p, const std::vector<double>& pay, const std::vector<double>&) {
                double sum = 0;
                for (int m = first; m <= last; ++m) sum += pay[static_cast<std::size_t>(m)];
                for (const auto& [value, q] : exact) next[value + sum] += p * q;
            });
            exact = std::move(next);
        }
        const Distribution range = forecast.range(start + first, start + last, Payoff::revenue);
        CHECK(range.errors().discretisation == 0.0);
        double below = 0;
        double mean = 0;
        for (const auto& [value, p] : exact) {
            below += p;
            mean += p * value;
            CHECK(std::abs(range.cdf(value) - below) < 1e-13);
        }
        CHECK(range.mean() == doctest::Approx(mean));
        const Column revenue = forecast.expected(Payoff::revenue);
        CHECK(range.mean() ==
              doctest::Approx(std::accumulate(revenue.begin() + first, revenue.begin() + last + 1, 0.0)));
    }
}

TEST_CASE("large forecasts agree with simulation, which does not depend on threads") {
    const std::vector<ActionPlan> plans = random_plans(7, 200, 6);
    const GrowthForecast forecast = grow(plans, start, 12);
    const Distribution total = forecast.total();
    const std::size_t paths = 20000;
    const std::vector<double> draws = simulate_total(forecast, paths, 1, Payoff::contribution, 1);
    const std::vector<double> few = simulate_total(forecast, 2000, 1, Payoff::contribution, 1);
    CHECK(simulate_total(forecast, 2000, 1, Payoff::contribution, 7) == few);
    CHECK(simulate_total(forecast, 2000, 2, Payoff::contribution, 1) != few);
    double mean = 0;
    for (const double draw : draws) mean += draw / static_cast<double>(paths);
    CHECK(std::abs(mean - total.mean()) < 4 * total.standard_deviation() / std::sqrt(paths));
    for (const double q : {0.01, 0.1, 0.5, 0.9, 0.99}) {
        const double value = total.quantile(q);
        double below = 0;
        for (const double draw : draws) below += draw <= value ? 1.0 / static_cast<double>(paths) : 0.0;
        const double p = total.cdf(value);
        CHECK(std::abs(below - p) < 4 * std::sqrt(p * (1 - p) / static_cast<double>(paths)));
    }
    CHECK_THROWS_AS(simulate_total(forecast, 0, 1), InputError);
}

TEST_CASE("known outcomes: a distribution from what was kept has the bits of one computed anew") {
    const auto same = [](const Distribution& a, const Distribution& b) {
        CHECK(a.mean() == b.mean());
        CHECK(a.variance() == b.variance());
        CHECK(a.value(0) == b.value(0));
        CHECK(a.errors().probability() == b.errors().probability());
        CHECK(std::equal(a.mass().begin(), a.mass().end(), b.mass().begin(), b.mass().end()));
    };
    std::vector<ActionPlan> plans = random_plans(8, 300, 6);
    plans[5].steps[0].after = {.join = Join::all, .events = {"c6/p/s0"}};  // one graph of two plans
    const GrowthForecast warm = grow(plans, start, 12);
    const auto before = warm.total();
    static_cast<void>(warm.month(start + 3));
    const std::vector<GrowthForecast::Known> first{{7, 0, {true, start + 1}}};
    const std::vector<GrowthForecast::Known> then{{9, 0, {false, {}}}, {5, 0, {true, start}}, {7, 0, {false, {}}}};
    const GrowthForecast known = warm.given(first);
    const GrowthForecast later = known.given(then);
    for (const Payoff payoff : {Payoff::contribution, Payoff::revenue}) {
        for (const unsigned threads : {1U, 2U}) {
            const SumOptions options{.threads = threads};
            same(known.total(payoff, options), grow(plans, start, 12).given(first).total(payoff));
            same(later.total(payoff, options), grow(plans, start, 12).given(first).given(then).total(payoff));
            same(later.month(start + 3, payoff, options),
                 grow(plans, start, 12).given(first).given(then).month(start + 3, payoff));
        }
    }
    same(warm.total(), before);
    CHECK(known.total().mean() != before.mean());
    // A graph that is left out brings nothing; with a common factor all is computed anew.
    const double left = warm.range(start, start + 11, Payoff::contribution, {}, nullptr, 7).mean();
    CHECK(left == doctest::Approx(before.mean() - as_array(warm.expected_contribution()).row(8).sum()));
    const GrowthForecast factor = grow(random_plans(8, 12, 3), start, 12, {.correlation = 0.2});
    static_cast<void>(factor.total());
    same(factor.given(first).total(),
         grow(random_plans(8, 12, 3), start, 12, {.correlation = 0.2}).given(first).total());
}

TEST_CASE("a common factor behind many plans: as the mean of forecasts with the chances given the factor") {
    for (const double correlation : {0.1, 0.5}) {
        CAPTURE(correlation);
        const std::vector<ActionPlan> plans = random_plans(11, 150, 3);
        const Distribution found = grow(plans, start, 12, {.correlation = correlation}).total();
        std::vector<double> value;
        for (const double q : {1e-6, 0.01, 0.1, 0.5, 0.9, 0.99, 1 - 1e-6}) value.push_back(found.quantile(q));
        std::vector<math::CompensatedSum> below(value.size());
        math::CompensatedSum mean;
        constexpr double spacing = 1.0 / 8;
        for (int k = -8 * 8; k <= 8 * 8; ++k) {
            std::vector<ActionPlan> given = plans;
            for (ActionPlan& plan : given) {
                for (ActionStep& step : plan.steps) {
                    step.success_probability = chance_given_factor(step.success_probability, correlation, k * spacing);
                }
            }
            const Distribution one = grow(given, start, 12).total();
            const double weight = spacing * math::normal_pdf(k * spacing);
            mean += weight * one.mean();
            for (std::size_t i = 0; i < value.size(); ++i) below[i] += weight * one.cdf(value[i]);
        }
        CHECK(found.mean() == doctest::Approx(mean.value()).epsilon(1e-12));
        for (std::size_t i = 0; i < value.size(); ++i) {
            CHECK(std::abs(found.cdf(value[i]) - below[i].value()) < 1e-12);
        }
        CHECK(found.errors().probability() < 1e-9);
    }
}

TEST_CASE("a play of some graphs brings what they bring in a play of all") {
    std::vector<ActionPlan> plans = random_plans(8, 12, 3);
    for (std::size_t i = 0; i < plans.size(); ++i) plans[i].factors["branch"] = i % 3 == 0 ? "a" : "b";
    GrowOptions options{.correlation = 0.2};
    options.factors = {{"branch", 0.3}};
    const GrowthForecast forecast = grow(plans, start, 12, options);
    std::vector<std::size_t> graphs(forecast.graphs());
    std::iota(graphs.begin(), graphs.end(), std::size_t{0});
    const std::vector<std::size_t> some{2, 3, 7};
    PlanGraph::Play all, few;
    for (std::uint64_t path = 0; path < 50; ++path) {  // what few has from the path before does not count
        forecast.play(3, path, graphs, all);
        forecast.play(3, path, some, few);
        for (std::size_t plan = 0; plan < plans.size(); ++plan) {
            const bool played = std::find(some.begin(), some.end(), forecast.place(plan, 0).graph) != some.end();
            for (std::size_t m = 0; m < 12; ++m) {
                CHECK(few.revenue(plan, m) == (played ? all.revenue(plan, m) : 0));
                CHECK(few.contribution(plan, m) == (played ? all.contribution(plan, m) : 0));
            }
        }
    }
}

TEST_CASE("what cannot happen within the horizon is noted, not refused") {
    ActionPlan plan = hand();
    plan.steps.push_back({.name = "three", .duration_months = 1});
    const std::vector<ActionPlan> plans{plan};
    const GrowthForecast forecast = grow(plans, start, 4);
    REQUIRE(forecast.notes().size() == 2);
    CHECK(forecast.notes()[0] ==
          "customer a, plan 'p', step 'two' is decided in 2022-05, after the horizon's last month 2022-04: it pays "
          "nothing "
          "in it");
    CHECK(forecast.notes()[1] ==
          "customer a, plan 'p', step 'three' cannot start before 2022-05, after the horizon's last month 2022-04");
    CHECK(forecast.expected_hours()(0, 3) == doctest::Approx(0.8 * 3));
}

TEST_CASE("no plans give nothing for certain") {
    const GrowthForecast forecast = grow({}, start, 12);
    CHECK(forecast.size() == 0);
    CHECK(forecast.expected() == Column(12, 0.0));
    CHECK(forecast.total().quantile(0.9) == 0);
}

TEST_CASE("bad horizons and months are named") {
    const std::vector<ActionPlan> plans{hand()};
    CHECK_THROWS_WITH_AS(grow(plans, start, 0), "the horizon has 0 months; it must have 1 to 1200", InputError);
    const GrowthForecast forecast = grow(plans, start, 6);
    CHECK_THROWS_WITH_AS(static_cast<void>(forecast.month({2022y / 7})),
                         "the months 2022-07 to 2022-07 are not in the horizon 2022-01 to 2022-06", InputError);
    CHECK_THROWS_AS(static_cast<void>(forecast.range({2022y / 3}, {2022y / 2})), InputError);
    CHECK_THROWS_AS(static_cast<void>(forecast.success(1, 0)), NotFoundError);
    std::vector<ActionPlan> bad = plans;
    bad[0].steps[0].success_probability = 80;
    CHECK_THROWS_AS(grow(bad, start, 6), InputError);
}

TEST_CASE("plays with a common factor have the same bits for any number of threads, and agree with exact figures") {
    const std::vector<ActionPlan> plans = random_plans(7, 3, 3);
    GrowOptions options{.correlation = 0.2, .limit = 0, .paths = 20'000, .threads = 1};
    const GrowthForecast one = grow(plans, start, 12, options);
    options.threads = 3;
    const GrowthForecast three = grow(plans, start, 12, options);
    CHECK(std::ranges::equal(one.expected_contribution().values(), three.expected_contribution().values()));
    double standard_error = 0;
    const Distribution total = one.range(start, start + 11, Payoff::contribution, {}, &standard_error);
    CHECK(standard_error > 0);
    CHECK(std::ranges::equal(total.mass(), three.total().mass()));
    options.limit = std::size_t{1} << 18;
    const Distribution exact = grow(plans, start, 12, options).total();
    for (const double chance : {0.1, 0.5, 0.9}) {
        const double at = exact.quantile(chance);
        CHECK(std::abs(total.cdf(at) - exact.cdf(at)) < 5 * standard_error);
    }
}
