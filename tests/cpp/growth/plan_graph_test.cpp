// Tests of the exact amounts of a graph of steps, against all ways in which the steps can go.
#include "custfolio/growth/plan_graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/math/parallel.hpp"
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

/// Probability by amount, in millionths, as whole numbers.
using Masses = std::map<long long, double>;

/// Every way in which the steps of a graph can go, one by one: slow, and independent of PlanGraph.
struct Enumeration {
    const std::vector<PlanGraph::Node>& nodes;
    const PlanQuestion& question;
    const std::vector<double>& shift;  // added to each node's chance of success
    Masses masses{};
    std::vector<int> success = std::vector<int>(nodes.size(), PlanGraph::never);

    [[nodiscard]] double chance(std::size_t v, int month) const {
        const PlanGraph::Node& node = nodes[v];
        if (node.step == nullptr) return node.event_probability + shift[v];
        double p = node.step->success_probability + shift[v];
        const std::vector<double>& by_month = node.step->by_month;
        if (!by_month.empty()) p *= by_month[std::min<std::size_t>(by_month.size() - 1, static_cast<unsigned>(month))];
        p *= std::pow(1 - node.step->hazard, std::max(month - node.soonest, 0));
        return chance_given_factor(p, node.step != nullptr ? question.correlation : 0, question.factor);
    }
    [[nodiscard]] double payoff(std::size_t v) const {
        const ActionStep& step = *nodes[v].step;
        const bool revenue = question.payoff == Payoff::revenue;
        double sum = 0;
        for (int m = std::max(question.first, success[v]); m <= question.last; ++m) {
            const int since = m - success[v];
            if (since == 0) sum += revenue ? step.one_off_revenue : step.one_off_contribution;
            if (step.pays_months > 0 && since >= step.pays_months) continue;
            double share = step.ramp_months > 1 ? std::min(1.0, (since + 1.0) / step.ramp_months) : 1.0;
            if (!step.season.empty()) share *= step.season[static_cast<std::size_t>((april + m).index() % 12)];
            sum += share * (revenue ? step.revenue_per_month : step.contribution_per_month);
        }
        return sum;
    }
    void add(double amount, double probability) { masses[std::llround(1e6 * amount)] += probability; }
    void succeed(std::size_t v, int month, double amount, double probability) {
        success[v] = month;
        const ActionStep* const step = nodes[v].step;
        if (step == nullptr || step->sizes.empty()) {
            go_on(v + 1, amount + (step == nullptr ? 0 : payoff(v)), probability);
        } else {
            for (std::size_t i = 0; i < step->sizes.size(); ++i) {
                success[v] = month;
                go_on(v + 1, amount + step->sizes[i] * payoff(v), probability * step->size_probabilities[i]);
            }
        }
        success[v] = PlanGraph::never;
    }
    void fail(std::size_t v, double amount, double probability) {
        if (question.succeeds != v) go_on(v + 1, amount, probability);
    }
    void attempt(std::size_t v, int month, int left, double amount, double probability) {
        const ActionStep& step = *nodes[v].step;
        if (month > std::min(nodes[v].latest, question.last)) return fail(v, amount, probability);
        if (question.payoff == Payoff::contribution && month >= question.first) amount -= step.spend;
        const std::vector<double> durations = step.duration_chances.empty() ? std::vector{1.0} : step.duration_chances;
        for (std::size_t d = 0; d < durations.size(); ++d) {
            const int decided = month + step.duration_months + static_cast<int>(d);
            const double lasting = probability * durations[d];
            if (decided > question.last) {
                fail(v, amount, lasting);
                continue;
            }
            const double p = chance(v, decided);
            succeed(v, decided, amount, lasting * p);
            if (left > 0) {
                attempt(v, decided + step.retry_spacing, left - 1, amount, lasting * (1 - p));
            } else {
                fail(v, amount, lasting * (1 - p));
            }
        }
    }
    void go_on(std::size_t v, double amount, double probability) {
        if (probability == 0) return;
        if (v == nodes.size()) return add(amount, probability);
        const PlanGraph::Node& node = nodes[v];
        if (node.known) {
            const int month = node.known->month - april;
            if (!node.known->succeeded) return fail(v, amount, probability);
            if (question.succeeds == v && month > question.last) return;
            return succeed(v, month, amount, probability);
        }
        int start = node.any && !node.parents.empty() ? PlanGraph::never : 0;
        for (const std::size_t parent : node.parents) {
            start = node.any ? std::min(start, success[parent]) : std::max(start, success[parent]);
        }
        start = std::max(start, node.earliest);
        if (start > std::min(node.latest, question.last)) return fail(v, amount, probability);
        if (node.step != nullptr) return attempt(v, start, node.step->retries, amount, probability);
        succeed(v, start, amount, probability * chance(v, start));
        fail(v, amount, probability * (1 - chance(v, start)));
    }
};

/// The masses of all ways; with a derivative, by a central difference: each node's chance counts linearly or, with
/// retries or a factor, smoothly.
Masses enumerated(const std::vector<PlanGraph::Node>& nodes, const PlanQuestion& question) {
    const auto at = [&](double moved) {
        std::vector<double> shift(nodes.size());
        if (question.derivative) shift[*question.derivative] = moved;
        Enumeration ways{nodes, question, shift};
        ways.go_on(0, 0, 1);
        return ways.masses;
    };
    if (!question.derivative) return at(0);
    constexpr double step = 1e-5;
    Masses difference;
    for (const auto& [amount, probability] : at(step)) difference[amount] += probability / (2 * step);
    for (const auto& [amount, probability] : at(-step)) difference[amount] -= probability / (2 * step);
    return difference;
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

}  // namespace

TEST_CASE("amounts are those of all ways, one by one, and derivatives those of differences") {
    for (std::uint64_t seed = 1; seed <= 120; ++seed) {
        const RandomGraph random(seed);
        const PlanGraph graph(random.nodes, april, months);
        CAPTURE(seed);
        double greatest = 0;
        double greatest_derivative = 0;
        for (const PlanQuestion& question : questions(graph)) {
            // A difference of a chance of 0 or 1 leaves [0, 1].
            if (question.derivative) {
                const PlanGraph::Node& node = random.nodes[*question.derivative];
                const double p = node.step == nullptr ? node.event_probability : node.step->success_probability;
                if (p < 0.01 || p > 0.99) continue;
            }
            const auto amounts = graph.amounts(question, limit);
            REQUIRE(amounts);
            CHECK(std::ranges::is_sorted(amounts->amount));
            Masses difference = enumerated(random.nodes, question);
            for (std::size_t k = 0; k < amounts->amount.size(); ++k) {
                difference[std::llround(1e6 * amounts->amount[k])] -= amounts->probability[k];
            }
            double& most = question.derivative ? greatest_derivative : greatest;
            for (const auto& one : difference) most = std::max(most, std::abs(one.second));
        }
        CHECK(greatest < 1e-12);
        CHECK(greatest_derivative < 1e-6);
    }
}

TEST_CASE("what takes more amounts than the limit is not computed") {
    std::vector<ActionStep> steps(12);
    std::vector<PlanGraph::Node> nodes(steps.size());
    for (std::size_t v = 0; v < steps.size(); ++v) {
        steps[v].success_probability = 0.5;
        steps[v].contribution_per_month = 1;
        nodes[v].step = &steps[v];
    }
    const PlanGraph graph(nodes, april, months);  // 4,096 ways, 13 amounts
    const auto amounts = graph.amounts({.first = 2, .last = 2}, 64);
    REQUIRE(amounts);
    REQUIRE(amounts->amount.size() == 13);
    CHECK(amounts->probability[6] == doctest::Approx(924.0 / 4096).epsilon(1e-14));
    CHECK(!graph.amounts({.first = 2, .last = 2}, 4));
}

TEST_CASE("many retries of uncertain duration are counted by month, not way by way") {
    ActionStep step;
    step.success_probability = 0.01;
    step.duration_months = 0;
    step.duration_chances = {0.25, 0.25, 0.25, 0.25};
    step.retries = 100;
    step.retry_spacing = 1;
    step.spend = 1;
    std::vector<PlanGraph::Node> nodes(1);
    nodes[0].step = &step;
    const PlanGraph graph(nodes, april, 120);
    const auto amounts = graph.amounts({.first = 0, .last = 119}, limit);
    REQUIRE(amounts);
    math::CompensatedSum total;
    math::CompensatedSum mean;
    for (std::size_t k = 0; k < amounts->amount.size(); ++k) {
        total += amounts->probability[k];
        mean += amounts->probability[k] * amounts->amount[k];
    }
    CHECK(total.value() == doctest::Approx(1).epsilon(1e-13));
    const PlanGraph::Expectation expected = graph.expectation(0, 0, {});
    math::CompensatedSum spent;
    for (const double month : expected.contribution) spent += month;
    CHECK(mean.value() == doctest::Approx(spent.value()).epsilon(1e-12));
}

TEST_CASE("states keep of two months what the steps that wait for both need") {
    ActionStep sure;
    sure.success_probability = 1;
    sure.duration_months = 0;
    sure.duration_chances = {0.25, 0.25, 0.25, 0.25};
    // Two steps that succeed in months 0 to 3, and steps that wait for them.
    const auto graph_of = [&](const std::vector<PlanGraph::Node>& waiting) {
        std::vector<PlanGraph::Node> nodes(2);
        nodes.insert(nodes.end(), waiting.begin(), waiting.end());
        for (PlanGraph::Node& node : nodes) node.step = &sure;
        return PlanGraph(nodes, april, months);
    };
    const auto begins = [](const PlanGraph& graph, std::size_t states, std::size_t node) {
        const auto starts = graph.starts({}, states);
        REQUIRE(starts);
        CHECK(!graph.starts({}, states - 1));
        return std::vector(starts->begin() + static_cast<std::ptrdiff_t>(node * months),
                           starts->begin() + static_cast<std::ptrdiff_t>(node * months + 4));
    };
    PlanGraph::Node all;
    all.parents = {0, 1};
    PlanGraph::Node any = all;
    any.any = true;
    PlanGraph::Node first_alone;
    first_alone.parents = {0};
    const std::vector<double> later{1 / 16.0, 3 / 16.0, 5 / 16.0, 7 / 16.0};
    const std::vector<double> earlier{7 / 16.0, 5 / 16.0, 3 / 16.0, 1 / 16.0};
    // Only the later month counts, or only the earlier one: 4 states.
    CHECK(begins(graph_of({all}), 4, 2) == later);
    CHECK(begins(graph_of({any}), 4, 2) == earlier);
    CHECK(begins(graph_of({all, all}), 4, 3) == later);
    // The first step's month counts too: 4 + 3 + 2 + 1 pairs of it and the later one.
    CHECK(begins(graph_of({all, first_alone}), 10, 2) == later);
    CHECK(begins(graph_of({all, first_alone}), 10, 3) == std::vector<double>(4, 0.25));
    // The later and the earlier one both count: all 16 pairs of months.
    CHECK(begins(graph_of({all, any}), 16, 2) == later);
    CHECK(begins(graph_of({all, any}), 16, 3) == earlier);
}
