// Tests of the ways of small graphs: laid out once, they answer as conditioning on what is waited for does.
#include "custfolio/growth/outcome_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr Month april{2022y / 4};
constexpr int months = 10;
constexpr std::size_t limit = std::size_t{1} << 20;

/// Steps and events that wait for each other at random.
struct RandomGraph {
    std::vector<ActionStep> steps;
    std::vector<PlanGraph::Node> nodes;

    explicit RandomGraph(std::uint64_t seed, double scale = 1) {
        std::uint64_t draw = 0;
        const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 1, draw++)); };
        steps.resize(static_cast<std::size_t>(2 + number(5)));
        for (std::size_t v = 0; v < steps.size(); ++v) {
            PlanGraph::Node& node = nodes.emplace_back();
            node.any = number(2) == 0;
            for (std::size_t parent = 0; parent < v; ++parent) {
                if (number(3) == 0) node.parents.push_back(parent);
            }
            node.earliest = number(3);
            node.soonest = node.earliest;
            if (number(6) == 0) node.known = StepOutcome{number(3) > 0, april + (number(6) - 2)};
            if (number(6) == 0) {
                node.event_probability = number(4) == 0 ? number(2) : scale * math::uniform(seed, 2, draw++);
                continue;
            }
            ActionStep& step = steps[v];
            node.step = &step;
            if (number(5) == 0) node.latest = number(8);
            step.success_probability = number(8) == 0 ? number(2) : scale * math::uniform(seed, 2, draw++);
            step.duration_months = number(3);
            if (number(3) == 0) step.duration_chances = {0.25, 0, 0.75};
            step.retries = number(4) == 0 ? 1 : 0;
            step.retry_spacing = number(2);
            if (number(4) == 0) step.hazard = 0.1;
            if (number(6) == 0) step.by_month = {1, 0.5, 0.9};
            if (number(3) == 0) continue;  // pays nothing
            step.spend = number(3) == 0 ? 7 * scale : 0;
            step.contribution_per_month = scale * (10 * number(9) - 20);
            step.revenue_per_month = scale * 5 * number(9);
            step.one_off_contribution = number(3) == 0 ? 100 * scale : 0;
            step.one_off_revenue = number(3) == 0 ? 30 * scale : 0;
            step.ramp_months = number(3) == 0 ? 3 : 0;
            step.pays_months = number(3) == 0 ? 4 : 0;
            if (number(5) == 0) step.season = {1, 2, 0, 1, 1, 3, 1, 1, 0.5, 1, 1, 1};
            if (number(4) == 0) {
                step.sizes = {0.5, 0, 2};
                step.size_probabilities = {0.3, 0.5, 0.2};
            }
        }
    }
};

/// Has so many graphs share the ways of one that they are laid out without a factor too.
void share_with_copies(const PlanGraph& graph) {
    for (int k = 0; k < 3; ++k) {
        PlanGraph copy(graph.nodes(), april, months);
        copy.share(graph);
    }
}

/// Questions of spans, payoffs, a factor, derivatives and successes.
std::vector<PlanQuestion> questions(const PlanGraph& graph) {
    std::vector<PlanQuestion> result;
    for (const std::pair<int, int>& span :
         {std::pair{0, months - 1}, std::pair{3, 3}, std::pair{0, 4}, std::pair{4, 8}}) {
        for (const Payoff payoff : {Payoff::contribution, Payoff::revenue}) {
            for (const double correlation : {0.0, 0.3}) {
                const auto add = [&](const std::optional<std::size_t>& derivative,
                                     const std::optional<std::size_t>& succeeds) {
                    result.push_back({.first = span.first,
                                      .last = span.second,
                                      .payoff = payoff,
                                      .correlation = correlation,
                                      .factor = 0.7,
                                      .derivative = derivative,
                                      .succeeds = succeeds});
                };
                add({}, {});
                for (std::size_t v = 0; v < graph.nodes().size(); ++v) {
                    add(v, {});
                    add({}, v);
                }
            }
        }
    }
    return result;
}

/// The greatest difference of any amount's probability; amounts that differ by rounding alone are the same.
double greatest_difference(const DiscreteAmount& a, const DiscreteAmount& b, double shift) {
    std::map<long long, double> difference;
    for (std::size_t k = 0; k < a.amount.size(); ++k) difference[std::llround(1e6 * a.amount[k])] += a.probability[k];
    for (std::size_t k = 0; k < b.amount.size(); ++k) {
        difference[std::llround(1e6 * (b.amount[k] - shift))] -= b.probability[k];
    }
    double greatest = 0;
    for (const auto& one : difference) greatest = std::max(greatest, std::abs(one.second));
    return greatest;
}

}  // namespace

TEST_CASE("ways that are laid out answer as conditioning does") {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        RandomGraph random(seed);
        const PlanGraph small(random.nodes, april, months);
        share_with_copies(small);
        // Steps that are certain add an amount; their ways are too many to be laid out, so that the graph is
        // conditioned.
        const ActionStep certain{.name = "certain", .one_off_revenue = 1};
        std::vector<PlanGraph::Node> more = random.nodes;
        for (int k = 0; k < 13; ++k) more.emplace_back().step = &certain;
        const PlanGraph large(more, april, months);
        CAPTURE(seed);
        double greatest = 0;
        for (const PlanQuestion& question : questions(small)) {
            const auto a = small.amounts(question, limit);
            const auto b = large.amounts(question, limit);
            REQUIRE((a && b));
            CHECK(std::ranges::is_sorted(a->amount));
            const double shift = question.payoff == Payoff::revenue && question.first == 0 ? 13 : 0;
            greatest = std::max(greatest, greatest_difference(*a, *b, shift));
        }
        CHECK(greatest < 1e-12);
    }
}

TEST_CASE("graphs of one shape share their ways, and have the bits of ways of their own") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        RandomGraph one(seed);
        RandomGraph other(seed, 0.6);  // other amounts and chances
        const PlanGraph first(one.nodes, april, months);
        const PlanGraph own(other.nodes, april, months);
        PlanGraph shared(other.nodes, april, months);
        REQUIRE(first.shape() == shared.shape());
        shared.share(first);
        share_with_copies(shared);
        share_with_copies(own);
        for (const PlanQuestion& question : questions(first)) {
            REQUIRE(first.amounts(question, limit));
            const auto a = own.amounts(question, limit);
            const auto b = shared.amounts(question, limit);
            REQUIRE((a && b));
            CHECK(a->amount == b->amount);
            CHECK(a->probability == b->probability);
        }
        // With an outcome known the shape is another, and nothing is shared.
        const PlanGraph given = shared.given(0, {false, april});
        if (!one.nodes[0].known) CHECK(given.shape() != shared.shape());
        const PlanGraph given_alone = own.given(0, {false, april});
        CHECK(given.amounts({.first = 0, .last = 9}, limit)->amount ==
              given_alone.amounts({.first = 0, .last = 9}, limit)->amount);
    }
}

TEST_CASE("what is too large to be laid out within the limit is left to conditioning, and that to nothing") {
    std::vector<ActionStep> steps(12);
    std::vector<PlanGraph::Node> nodes(steps.size());
    for (std::size_t v = 0; v < steps.size(); ++v) {
        steps[v].success_probability = 0.5;
        steps[v].contribution_per_month = 1;
        nodes[v].step = &steps[v];
    }
    const PlanGraph graph(nodes, april, months);  // 4,096 ways, 13 amounts
    share_with_copies(graph);
    const auto found = graph.amounts({.first = 2, .last = 2}, 64);
    REQUIRE(found);
    REQUIRE(found->amount.size() == 13);
    CHECK(found->probability[6] == doctest::Approx(924.0 / 4096).epsilon(1e-14));
    CHECK(!graph.amounts({.first = 2, .last = 2}, 4));
}
