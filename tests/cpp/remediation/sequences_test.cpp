// Tests of sequences: enumeration of all sequences, simulated customers, the group's distribution, bad input.
#include "custfolio/remediation/sequences.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// Expected heat of asking candidates in an order, step by step through the tree.
double tree_value(std::span<const double> acceptance, std::span<const double> heat, std::span<const std::size_t> order,
                  double patience) {
    double value = 0;
    double arrives = 1;  // chance that the customer is asked
    double refused = 0;  // limits up to this acceptance were refused
    for (const std::size_t k : order) {
        const double chance = refused < 1 ? std::max(acceptance[k] - refused, 0.0) / (1 - refused) : 0;
        value += arrives * chance * heat[k];
        arrives *= (1 - chance) * patience;
        refused = std::max(refused, acceptance[k]);
    }
    return value;
}

/// The best of all orders of at most `asks` of the candidates.
double best_of_all(std::span<const double> acceptance, std::span<const double> heat, std::size_t asks, double patience,
                   std::vector<std::size_t>& order) {
    double best = tree_value(acceptance, heat, order, patience);
    if (order.size() == asks) return best;
    for (std::size_t k = 0; k < acceptance.size(); ++k) {
        if (std::find(order.begin(), order.end(), k) != order.end()) continue;
        order.push_back(k);
        best = std::max(best, best_of_all(acceptance, heat, asks, patience, order));
        order.pop_back();
    }
    return best;
}

Portfolio customers_in_need(std::size_t customers, const CostModel& costs) {
    PortfolioColumns columns;
    for (std::size_t i = 0; i < customers; ++i) {
        const auto k = static_cast<double>(i);
        columns.id.push_back("c" + std::to_string(i));
        columns.revenue.push_back(10'000 + 1'000 * k);
        columns.goods.push_back(0.8 * columns.revenue[i]);
        columns.deliveries.push_back(20 + k);
        columns.lines.push_back(40);
        columns.quantity.push_back(100);
        const Volume volume{columns.revenue[i], columns.goods[i], columns.deliveries[i], 40, 100};
        columns.cost_to_serve.push_back(costs.cost(volume));
        columns.avoidable_cost.push_back(costs.avoidable_cost(volume));
        columns.contribution.push_back(columns.revenue[i] - columns.goods[i] - costs.cost(volume));
    }
    return Portfolio(std::move(columns));
}

CostModel delivery_costs() {
    CostModel costs;
    costs.rate(Driver::deliveries, 110);
    return costs;
}

std::vector<std::size_t> first_rows(std::size_t count) {
    std::vector<std::size_t> rows(count);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

}  // namespace

TEST_CASE("the best sequence is the best of all orders") {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> chance(0, 10);
    std::uniform_int_distribution<int> amount(-2, 12);
    for (int trial = 0; trial < 400; ++trial) {
        const auto count = static_cast<std::size_t>(1 + trial % 6);
        Column acceptance;
        Column heat;
        for (std::size_t k = 0; k < count; ++k) {
            acceptance.push_back(0.1 * chance(random));
            heat.push_back(100.0 * amount(random));
        }
        const SequenceOptions options{1 + static_cast<std::size_t>(trial) % 4, 0.25 * (trial % 5)};
        const BestSequence found = best_sequence(acceptance, heat, options);
        std::vector<std::size_t> none;
        CHECK(found.expected ==
              doctest::Approx(best_of_all(acceptance, heat, options.asks, options.patience, none)).epsilon(1e-12));
        CHECK(found.expected ==
              doctest::Approx(tree_value(acceptance, heat, found.order, options.patience)).epsilon(1e-12));
        CHECK(found.order.size() <= options.asks);
        for (std::size_t k = 1; k < found.order.size(); ++k) {
            CHECK(acceptance[found.order[k]] > acceptance[found.order[k - 1]]);
        }
    }
}

TEST_CASE("many candidates have the sequence of a plain recursion") {
    std::mt19937 random(5);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (int trial = 0; trial < 20; ++trial) {
        std::vector<std::pair<double, double>> candidates;
        for (int k = 0; k < 150; ++k) candidates.emplace_back(uniform(random), 100 * uniform(random));
        std::sort(candidates.begin(), candidates.end());
        Column acceptance;
        Column heat;
        for (const auto& [chance, amount] : candidates) {
            acceptance.push_back(chance);
            // Half of the trials have falling heats, so that no candidate is left out.
            heat.push_back(trial % 2 == 0 ? amount : 100 * (1 - chance) * (1 - chance * chance));
        }
        const double patience = 0.1 * (trial % 11);
        std::vector<double> worth(151, 0);
        for (int ask = 0; ask < 4; ++ask) {
            std::vector<double> more(151, 0);
            for (std::size_t k = 0; k <= 150; ++k) {
                for (std::size_t l = k + 1; l <= 150; ++l) {
                    const double refused = k == 0 ? 0 : acceptance[k - 1];
                    const double value = (acceptance[l - 1] - refused) * heat[l - 1] + patience * worth[l];
                    more[k] = std::max(more[k], value);
                }
            }
            worth = more;
        }
        CHECK(best_sequence(acceptance, heat, {4, patience}).expected == doctest::Approx(worth[0]).epsilon(1e-12));
    }
}

TEST_CASE("customers with one limit each bring what the sequence states") {
    // Limits are simulated: a customer accepts the first ask whose acceptance is above its own uniform number.
    const Column acceptance{0.3, 0.5, 0.8};
    const Column heat{100, 70, 30};
    const BestSequence found = best_sequence(acceptance, heat, {3, 0.6});
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> uniform(0, 1);
    double sum = 0;
    constexpr int customers = 400'000;
    for (int k = 0; k < customers; ++k) {
        const double limit = uniform(random);
        for (const std::size_t ask : found.order) {
            if (limit < acceptance[ask]) {
                sum += heat[ask];
                break;
            }
            if (uniform(random) >= 0.6) break;
        }
    }
    CHECK(found.expected == doctest::Approx(sum / customers).epsilon(0.005));
}

TEST_CASE("a sequence brings at least the best offer, and its distribution has its mean") {
    const CostModel costs = delivery_costs();
    const Portfolio portfolio = customers_in_need(6, costs);
    const std::vector<Terms> levers{Terms::delivery_fee(40), Terms::minimum_order(2'000), Terms::price(0.05)};
    const RemediationOptions options{{0.7, 30}, Objective::expected};
    const Offers offers = remediate(portfolio, first_rows(6), 0.05, costs, levers, options);
    const AskSequences once = ask_sequences(portfolio, first_rows(6), 0.05, costs, levers, options, {1, 1});
    const AskSequences twice = ask_sequences(portfolio, first_rows(6), 0.05, costs, levers, options, {2, 1});
    double expected = 0;
    double single = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        REQUIRE(offers.best(i) != nullptr);
        const double best = offers.best(i)->expected_heat_change;
        // Of steps; remediate() also finds amounts between them.
        CHECK(once.expected[i] <= best * (1 + 1e-12));
        CHECK(once.expected[i] == doctest::Approx(best).epsilon(1e-3));
        CHECK(once.expected[i] == once.single[i]);
        CHECK(twice.expected[i] > once.expected[i]);
        REQUIRE(twice.asks.begin[i + 1] - twice.asks.begin[i] == 2);
        const std::size_t k = twice.asks.begin[i];
        CHECK(twice.asks.offers[k].heat_change > twice.asks.offers[k + 1].heat_change);
        CHECK(twice.asks.offers[k].burden > twice.asks.offers[k + 1].burden);
        CHECK(twice.reached[k] == 1);
        CHECK(twice.reached[k + 1] == doctest::Approx(1 - twice.asks.offers[k].acceptance).epsilon(1e-14));
        CHECK(twice.accepted[k] + twice.accepted[k + 1] ==
              doctest::Approx(twice.asks.offers[k + 1].acceptance).epsilon(1e-14));
        expected += twice.expected[i];
        single += best;
    }
    CHECK(heat_distribution(twice).mean() == doctest::Approx(expected).epsilon(1e-9));
    CHECK(heat_distribution(offers).mean() == doctest::Approx(single).epsilon(1e-9));
    // The chance of each outcome of the group, from all 2^6 answers.
    const Distribution sum = heat_distribution(offers);
    double above = 0;
    for (unsigned answers = 0; answers < 64; ++answers) {
        double chance = 1;
        double heat = 0;
        for (unsigned i = 0; i < 6; ++i) {
            const Offer& offer = *offers.best(i);
            const bool accepted = (answers >> i & 1U) != 0;
            chance *= accepted ? offer.acceptance : 1 - offer.acceptance;
            heat += accepted ? offer.heat_change : 0;
        }
        if (heat >= single) above += chance;
    }
    CHECK(sum.probability_at_least(single) == doctest::Approx(above).epsilon(1e-9));
    CHECK(heat_distribution(offers, 0.2).standard_deviation() > sum.standard_deviation());
    // The same bits for any number of threads, and a least heat.
    RemediationOptions one_thread = options;
    one_thread.threads = 1;
    CHECK(ask_sequences(portfolio, first_rows(6), 0.05, costs, levers, one_thread, {2, 1}).expected == twice.expected);
    RemediationOptions much = options;
    much.least_heat = 1e9;
    CHECK(ask_sequences(portfolio, first_rows(6), 0.05, costs, levers, much).asks.offers.empty());
    const std::vector<Terms> package{Terms::package({levers[0], Terms::price(0.03)})};
    const AskSequences packed = ask_sequences(portfolio, first_rows(1), 0.05, costs, package, options);
    REQUIRE(packed.asks.offers.size() == 1);
    CHECK(packed.asks.offers[0].parts.size() == 2);
}

TEST_CASE("sequences refuse what is out of range") {
    const Column chance{0.5};
    const Column heat{1};
    const auto refused = [&](std::span<const double> p, std::span<const double> h, SequenceOptions options) {
        static_cast<void>(best_sequence(p, h, options));
    };
    CHECK_THROWS_AS(refused(chance, heat, {0, 1}), InputError);
    CHECK_THROWS_AS(refused(chance, heat, {2, 1.5}), InputError);
    CHECK_THROWS_AS(refused(chance, {}, {}), InputError);
    const Column bad{1.5};
    CHECK_THROWS_AS(refused(bad, heat, {}), InputError);
    const Column infinite{INFINITY};
    CHECK_THROWS_AS(refused(chance, infinite, {}), InputError);
    CHECK(best_sequence({}, {}).order.empty());
    // Acceptance of exactly 0 or 1.
    const Column certain{0, 1};
    const Column both{100, 40};
    CHECK(best_sequence(certain, both).expected == 40);
    CHECK(heat_distribution(AskSequences{}).mean() == 0);
}
