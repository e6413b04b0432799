// Tests of the required terms: closed forms by hand, agreement with a slow scan, the reasons why none reaches.
#include "custfolio/remediation/required.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <tuple>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

CostModel plain_costs() {
    CostModel costs;
    costs.rate(Driver::deliveries, 90).rate(Driver::lines, 2.5).rate(Driver::quantity, 0.12);
    costs.revenue_share(0.2);
    return costs;
}

Position at_full_cost(Volume volume, const CostModel& costs) {
    const double heat = volume.revenue - volume.goods - costs.cost(volume);
    return {std::move(volume), heat};
}

double temperature(const Position& before) {
    return before.heat / before.volume.revenue;
}

/// The first of many amounts up to the ceiling that reaches the target; NaN where none does.
double scan(const Terms& lever, const Position& before, double target, const CostModel& costs, int steps) {
    for (int k = 1; k <= steps; ++k) {
        const Terms terms = lever.with_amount(lever.amount * k / steps);
        if (outcome(terms, before, costs).temperature >= target) return terms.amount;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

TEST_CASE("by hand: each lever brings a customer to 5 %") {
    const CostModel costs = plain_costs();
    // 100,000 of revenue, 20 % duty, 40 deliveries: contribution 100,000 - 74,000 - 20,000 - 3,600 - 1,000 - 1,200 =
    // 200.
    const Position before = at_full_cost({100'000, 74'000, 40, 400, 10'000, {}}, costs);
    CHECK(before.heat == doctest::Approx(200));
    // A fee f: (200 + 0.8 x 40 f) / (100,000 + 40 f) = 0.05, f = 4,800 / (40 x 0.75).
    const Required fee = required_terms(Terms::delivery_fee(200), before, 0.05, costs);
    CHECK(fee.amount == doctest::Approx(160).epsilon(1e-12));
    CHECK(fee.best == fee.amount);
    CHECK(fee.shortfall.kind == Shortfall::Kind::none);
    // A minimum order must save 4,800 at 90 a delivery: more than there is. At 2 % it must save 1,800: 20 deliveries.
    const Required order = required_terms(Terms::minimum_order(6'000), before, 0.02, costs);
    CHECK(order.amount == doctest::Approx(5'000).epsilon(1e-12));
    CHECK(order.shortfall.kind == Shortfall::Kind::none);
    // A price: costs that stay are 79,800, and 0.75 of revenue must cover them: u = 79,800 / 75,000.
    const Required price = required_terms(Terms::price(0.1), before, 0.05, costs);
    CHECK(price.amount == doctest::Approx(0.064).epsilon(1e-12));
    for (const auto& [lever, required, target] :
         {std::tuple{Terms::delivery_fee(200), fee, 0.05}, std::tuple{Terms::minimum_order(6'000), order, 0.02},
          std::tuple{Terms::price(0.1), price, 0.05}}) {
        const Outcome after = outcome(lever.with_amount(required.amount), before, costs);
        CHECK(after.temperature == doctest::Approx(target).epsilon(1e-12));
    }
}

TEST_CASE("two temperatures: full cost decides the target, avoidable cost what the company gains") {
    CostModel costs;
    costs.rate(Driver::deliveries, 90, 0.5).revenue_share(0.2);
    const Position before = at_full_cost({100'000, 75'500, 40, 0, 0, {}}, costs);  // contribution 900
    const Required order = required_terms(Terms::minimum_order(50'000), before, 0.0108, costs);
    // 180 more heat in the statement: 2 deliveries at 90.
    CHECK(order.amount == doctest::Approx(100'000.0 / 38).epsilon(1e-12));
    const Outcome change = outcome(Terms::minimum_order(5'000), before, costs);
    CHECK(change.heat_change == 20 * 45);
    CHECK(change.full_change == 20 * 90);
    CHECK(change.revenue_change == 0);
    CHECK(change.temperature == (900 + 1'800) / 100'000.0);
    // A cost that stays with the company frees minutes and no money.
    CostModel pool;
    pool.pool("drivers", 100'000, 100'000).activity("delivery", "drivers", "90").revenue_share(0.2);
    const Position driven{before.volume, 900};
    const Required minutes = required_terms(Terms::minimum_order(50'000), driven, 0.0108, pool);
    CHECK(minutes.amount == doctest::Approx(100'000.0 / 38).epsilon(1e-12));
    const Outcome freed = outcome(Terms::minimum_order(5'000), driven, pool);
    CHECK(freed.heat_change == 0);
    CHECK(freed.full_change == 20 * 90);
    REQUIRE(freed.minutes_freed.size() == 1);
    CHECK(freed.minutes_freed[0] == 20 * 90);
    CostModel free;
    free.revenue_share(0.2);
    const Terms lever = Terms::minimum_order(50'000);
    const Required none = required_terms(lever, before, 0.0108, free);
    CHECK(std::isnan(none.amount));
    CHECK(none.best == 0);
    CHECK(to_string(none.shortfall, lever) == "a delivery less saves nothing: no cost per delivery");
}

TEST_CASE("random customers, levers and models: the answer agrees with a scan of a thousand amounts") {
    std::mt19937_64 random(17);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::normal_distribution<double> normal;
    int reached = 0;
    int beyond = 0;
    int never = 0;
    for (int k = 0; k < 1'500; ++k) {
        CostModel costs;
        costs.rate(Driver::deliveries, 150 * uniform(random), uniform(random));
        costs.rate(Driver::lines, 5 * uniform(random), uniform(random));
        costs.rate(Driver::quantity, 0.3 * uniform(random), uniform(random));
        costs.revenue_share(0.3 * uniform(random), uniform(random));
        Volume volume;
        volume.revenue = std::exp(9 + normal(random));
        volume.goods = volume.revenue * (0.4 + 0.6 * uniform(random));
        volume.deliveries = std::floor(60 * uniform(random));
        volume.lines = std::floor(10 * volume.deliveries * uniform(random));
        volume.quantity = std::floor(20 * volume.lines * uniform(random));
        const Position before = at_full_cost(volume, costs);
        const double target = -0.1 + 0.4 * uniform(random);
        if (temperature(before) >= target) {
            CHECK(required_terms(Terms::price(0.1), before, target, costs).amount == 0);
            continue;
        }
        const double elasticity = k % 5 == 0 ? -1 : k % 7 == 0 ? 0 : -4 * uniform(random);
        for (const Terms& lever :
             {Terms::delivery_fee(300 * uniform(random) + 1), Terms::minimum_order(5'000 * uniform(random) + 1),
              Terms::price(0.99 * uniform(random) + 0.01, elasticity)}) {
            constexpr int steps = 1'000;
            const Required required = required_terms(lever, before, target, costs);
            const double first = scan(lever, before, target, costs, steps);
            CAPTURE(k);
            CAPTURE(describe(lever));
            CAPTURE(elasticity);
            CAPTURE(target);
            CAPTURE(required.amount);
            CAPTURE(to_string(required.shortfall, lever));
            CHECK(required.best <= lever.amount);
            if (required.shortfall.kind == Shortfall::Kind::none) {
                ++reached;
                REQUIRE(required.amount <= lever.amount);
                CHECK(required.best == required.amount);
                CHECK(outcome(lever.with_amount(required.amount), before, costs).temperature >= target - 1e-9);
                // No smaller amount reaches: not the one just below, nor any that the scan tried.
                CHECK(outcome(lever.with_amount(required.amount * (1 - 1e-6)), before, costs).temperature <
                      target + 1e-9);
                if (!std::isnan(first)) {
                    CHECK(first >= required.amount * (1 - 1e-9));
                    CHECK(first <= required.amount + lever.amount / steps * (1 + 1e-9));
                }
            } else {
                CHECK(std::isnan(first));
                CHECK_FALSE(required.amount <= lever.amount);
                std::isnan(required.amount) ? ++never : ++beyond;
                const bool can_be_asked = lever.lever != Terms::Lever::price || required.amount <= 1;
                if (!std::isnan(required.amount) && can_be_asked) {
                    CHECK(outcome(lever.with_amount(required.amount), before, costs).temperature ==
                          doctest::Approx(target).epsilon(1e-6));
                }
                // The best up to the ceiling is at least as warm as any amount that a scan tries, or no warmer than
                // now.
                const double best = required.best > 0
                                        ? outcome(lever.with_amount(required.best), before, costs).temperature
                                        : temperature(before);
                for (int step = 1; step <= 50; ++step) {
                    const Outcome tried = outcome(lever.with_amount(lever.amount * step / 50), before, costs);
                    CHECK(tried.temperature <= best + 1e-9);
                }
            }
        }
    }
    CHECK(reached > 500);
    CHECK(beyond > 500);
    CHECK(never > 100);
}

TEST_CASE("a statement's heat that is not the model's is taken as it is") {
    const CostModel costs = plain_costs();
    const Position before{{100'000, 74'000, 40, 400, 10'000, {}}, 1'000};  // 800 more than the model says
    CHECK(required_terms(Terms::delivery_fee(200), before, 0.05, costs).amount ==
          doctest::Approx(4'000 / 30.0).epsilon(1e-12));
    CHECK(required_terms(Terms::price(0.2), before, 0.05, costs).amount ==
          doctest::Approx(4'000 / 75'000.0).epsilon(1e-12));
}

TEST_CASE("the reason why none does") {
    const CostModel costs = plain_costs();
    const Position before = at_full_cost({100'000, 74'000, 40, 400, 10'000, {}}, costs);
    const auto reason = [&](const Terms& lever, const Position& position, double target) {
        return to_string(required_terms(lever, position, target, costs).shortfall, lever);
    };
    CHECK(reason(Terms::delivery_fee(25), before, 0.05) ==
          "even at the ceiling of 25.00 per delivery the temperature is 1.0%");
    CHECK(reason(Terms::price(0.03), before, 0.05) == "even at the ceiling of 3.00% the temperature is 2.5%");
    CHECK(reason(Terms::delivery_fee(1e9), before, 0.85) ==
          "20.0% of every amount charged is passed on, so that 85.0% cannot be reached");
    CHECK(reason(Terms::price(1), before, 0.85) ==
          "20.0% of every amount charged is passed on, so that 85.0% cannot be reached");
    CHECK(reason(Terms::minimum_order(2'000), before, 0.05) ==
          "orders of 2500.00 on average are not below the ceiling of 2000.00 per order");
    CHECK(reason(Terms::minimum_order(4'000), before, 0.02) ==
          "even at the ceiling of 4000.00 per order the temperature is 1.6%");
    CHECK(reason(Terms::minimum_order(4'000), before, 0.05) ==
          "even with one delivery in the whole period the temperature is 3.7%");
    const Position loss = at_full_cost({100'000, 104'000, 40, 400, 10'000, {}}, costs);
    CHECK(reason(Terms::minimum_order(4'000), loss, 0.05) == "costs more than it earns in goods alone");
    const Position collected = at_full_cost({100'000, 90'000, 0, 400, 10'000, {}}, costs);
    CHECK(reason(Terms::delivery_fee(25), collected, 0.05) == "no deliveries that a fee could be charged for");
    CHECK(reason(Terms::minimum_order(25), collected, 0.05) == "no deliveries that could be combined");
    const Position once = at_full_cost({100'000, 90'000, 1, 400, 10'000, {}}, costs);
    CHECK(reason(Terms::minimum_order(25), once, 0.05) == "one delivery in the period: nothing to combine");
    const Position returned = at_full_cost({-500, -400, 3, 5, 0, {}}, costs);
    CHECK(reason(Terms::delivery_fee(25), returned, 0.05) ==
          "net revenue of the period is -500.00: no temperature to raise");
    // 300 deliveries at a high elasticity: fixed cost per delivery weighs ever more on a shrinking volume.
    const Position scattered = at_full_cost({100'000, 70'000, 300, 400, 10'000, {}}, costs);
    CHECK(reason(Terms::price(0.2, -6), scattered, 0.05) ==
          "dearer is no warmer: the volume falls faster than the price rises");
    CHECK(reason(Terms::price(1, -4), before, 0.3).find("no price reaches it") == 0);
}

TEST_CASE("nonsense is refused") {
    const CostModel costs = plain_costs();
    const Position before = at_full_cost({1'000, 900, 4, 4, 4, {}}, costs);
    CHECK_THROWS_WITH_AS(required_terms(Terms::delivery_fee(0), before, 0.05, costs),
                         "ceiling of the delivery fee is 0; it must be > 0: the most that the company will ask",
                         InputError);
    CHECK_THROWS_AS(required_terms(Terms::price(-0.1), before, 0.05, costs), InputError);
    CHECK_THROWS_WITH_AS(required_terms(Terms::price(0.1), before, 5, costs),
                         "target temperature is 5; it is a fraction in (-1, 1)", InputError);
    CHECK_THROWS_AS(required_terms(Terms::price(0.1), Position{before.volume, std::nan("")}, 0.05, costs), InputError);
    CostModel unknown;
    unknown.rate("miles", 2);
    CHECK_THROWS_AS(required_terms(Terms::price(0.1), before, 0.05, unknown), NotFoundError);
}
