// Definitions of the exact distribution of a graph of steps.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/detail/attempts.hpp"
#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"

namespace custfolio {

namespace detail {

/// What a success brings in each month, and once.
struct StepPayoffs {
    double regular = 0;
    double one_off = 0;
};

CUSTFOLIO_INLINE StepPayoffs payoffs(const ActionStep& step, Payoff payoff) {
    const StepPayoffs revenue{step.revenue_per_month, step.one_off_revenue};
    const StepPayoffs contribution{step.contribution_per_month, step.one_off_contribution};
    if (payoff == Payoff::revenue) return revenue;
    if (payoff == Payoff::contribution) return contribution;
    return {revenue.regular - contribution.regular, revenue.one_off - contribution.one_off};
}

}  // namespace detail

CUSTFOLIO_INLINE PlanGraph::PlanGraph(std::vector<Node> nodes, Month start, int months)
    : nodes_(std::move(nodes)), last_use_(nodes_.size()), start_(start), months_(months) {
    for (std::size_t v = 0; v < nodes_.size(); ++v) {
        last_use_[v] = v;
        // Nodes are in an order in which parents come first, so the last writer is the last use.
        for (const std::size_t parent : nodes_[v].parents) last_use_[parent] = v;
        draws_ += draws_of(nodes_[v]);
    }
}

// A duration and a result for each attempt, and a size.
CUSTFOLIO_INLINE std::uint64_t PlanGraph::draws_of(const Node& node) {
    return node.step == nullptr ? 1 : 2 * static_cast<std::uint64_t>(node.step->retries + 1) + 1;
}

// Adds up outcomes with the same month and the same bits of the amount, from position `first` on.
CUSTFOLIO_INLINE void PlanGraph::merge_equal(detail::ResourceVector<Outcome>& outcomes, std::size_t first) {
    if (outcomes.size() < first + 2) return;
    const auto before = [](const Outcome& a, const Outcome& b) {
        return a.month != b.month ? a.month < b.month : a.amount < b.amount;
    };
    // Equal months and amounts stand side by side after sorting.
    std::sort(outcomes.begin() + static_cast<std::ptrdiff_t>(first), outcomes.end(), before);
    std::size_t last = first;
    for (std::size_t i = first + 1; i < outcomes.size(); ++i) {
        if (before(outcomes[last], outcomes[i])) {
            outcomes[++last] = outcomes[i];
        } else {
            outcomes[last].probability += outcomes[i].probability;
        }
    }
    outcomes.resize(last + 1);
}

CUSTFOLIO_INLINE PlanGraph PlanGraph::given(std::size_t node, const StepOutcome& outcome) const {
    PlanGraph result = *this;
    result.nodes_[node].known = outcome;
    return result;
}

// The month in which a node may start, from those in which its parents have succeeded.
template <class MonthOfParent>
int PlanGraph::start_of(const Node& node, const MonthOfParent& month_of_parent) {
    int start = node.any && !node.parents.empty() ? never : 0;
    for (std::size_t i = 0; i < node.parents.size(); ++i) {
        start = node.any ? std::min(start, month_of_parent(i)) : std::max(start, month_of_parent(i));
    }
    return start == never ? never : std::max(start, node.earliest);
}

// How all nodes after a position that wait for a node wait for another one too; `previous` where they do not.
CUSTFOLIO_INLINE Join PlanGraph::joined(std::size_t node, std::size_t other, std::size_t after) const {
    Join join = Join::previous;
    for (std::size_t v = after + 1; v <= last_use_[node]; ++v) {
        const auto waits = [&](std::size_t parent) { return detail::contains(nodes_[v].parents, parent); };
        if (!waits(node)) continue;
        const Join here = nodes_[v].any ? Join::any : Join::all;
        if (!waits(other) || (join != Join::previous && join != here)) return Join::previous;
        join = here;
    }
    return join;
}

// Events have no plan, and do not depend on the factor.
CUSTFOLIO_INLINE double PlanGraph::factor_of(const Node& node, const PlanQuestion& question) {
    return question.factors.empty() ? question.factor : question.factors[node.plan];
}

// Share of a month that counts.
CUSTFOLIO_INLINE double PlanGraph::share_of(const PlanQuestion& question, int month) {
    return question.shares.empty() ? 1 : question.shares[static_cast<std::size_t>(month - question.first)];
}

// What is left of a step's chance where it is decided in a month.
CUSTFOLIO_INLINE double PlanGraph::lateness(const Node& node, int month, double whole) {
    const ActionStep& step = *node.step;
    if (!step.by_month.empty()) {
        whole *= step.by_month[std::min(static_cast<std::size_t>(month), step.by_month.size() - 1)];
    }
    // Each month after the soonest loses the hazard's share of the chance.
    if (step.hazard > 0) whole *= std::pow(1 - step.hazard, std::max(month - node.soonest, 0));
    return whole;
}

CUSTFOLIO_INLINE double PlanGraph::chance(const Node& node, int month, const PlanQuestion& question) const {
    if (node.step == nullptr) return node.event_probability;
    const double p = std::min(lateness(node, month, node.step->success_probability), 1.0);
    return chance_given_factor(p, question.correlation, factor_of(node, question));
}

// Derivative of the chance by the step's success probability.
CUSTFOLIO_INLINE double PlanGraph::chance_derivative(const Node& node, int month, const PlanQuestion& question) const {
    if (node.step == nullptr) return 1;
    double late = lateness(node, month, 1);
    const double p = node.step->success_probability * late;
    const double correlation = question.correlation;
    if (correlation > 0 && p > 0 && p < 1) {
        const double x = math::normal_quantile(p);
        // By the chain rule through the normal quantile; the densities' ratio is exp((x^2 - y^2) / 2).
        const double y = (x - std::sqrt(correlation) * factor_of(node, question)) / std::sqrt(1 - correlation);
        late *= std::exp((x * x - y * y) / 2) / std::sqrt(1 - correlation);
    }
    return late;
}

// Share of the regular amount that a success brings in a month.
CUSTFOLIO_INLINE double PlanGraph::regular_share(const ActionStep& step, int success, int month) const {
    const int since = month - success;
    if (since < 0 || (step.pays_months > 0 && since >= step.pays_months)) return 0;
    // The ramp is linear: the k-th month pays k shares of it.
    double share = since + 1 < step.ramp_months ? static_cast<double>(since + 1) / step.ramp_months : 1;
    if (!step.season.empty()) {
        const int calendar = ((start_ + month).index() % 12 + 12) % 12;
        share *= step.season[static_cast<std::size_t>(calendar)];
    }
    return share;
}

CUSTFOLIO_INLINE double PlanGraph::payoff_in(const ActionStep& step, int success, int month, Payoff payoff) const {
    const auto [regular, one_off] = detail::payoffs(step, payoff);
    return (month == success ? one_off : 0) + regular * regular_share(step, success, month);
}

// What a success brings in all months of the question.
CUSTFOLIO_INLINE double PlanGraph::payoff_over(const Node& node, int success, const PlanQuestion& question) const {
    if (!question.counted.empty() && question.counted[node.plan] == 0) return 0;
    const ActionStep& step = *node.step;
    const int begin = std::max(success, question.first);
    // The same amount in every month from the success on.
    const bool even = step.ramp_months <= 1 && step.pays_months == 0 && step.season.empty();
    if (even && question.shares.empty()) {
        // The common case needs no loop over months.
        if (begin > question.last) return 0;
        const auto [regular, one_off] = detail::payoffs(step, question.payoff);
        return regular * (question.last - begin + 1) + (success >= question.first ? one_off : 0);
    }
    double sum = 0;
    for (int m = begin; m <= question.last; ++m) {
        sum += share_of(question, m) * payoff_in(step, success, m, question.payoff);
    }
    return sum;
}

// The spend of an attempt that begins in a month, as far as it counts for the question.
CUSTFOLIO_INLINE double PlanGraph::spend_on_attempt(const Node& node, int month, const PlanQuestion& question) {
    // Spend is a cost of the contribution, not of the revenue; costs alone count it as positive.
    if (question.payoff == Payoff::revenue || month < question.first) return 0;
    if (!question.counted.empty() && question.counted[node.plan] == 0) return 0;
    const double sign = question.payoff == Payoff::costs ? -1 : 1;
    return sign * share_of(question, month) * node.step->spend;
}

// Lists the outcomes of a node. With `derivative` their probabilities are derivatives by its success probability.
struct PlanGraph::OutcomeVisitor {
    struct Mass {
        double reached = 0;
        double change = 0;  // derivative of `reached`
        explicit operator bool() const { return reached != 0 || change != 0; }
        Mass& operator+=(const Mass& other) {
            reached += other.reached;
            change += other.change;
            return *this;
        }
    };
    const PlanGraph& graph;
    const Node& node;
    const PlanQuestion& question;
    bool differentiated;
    bool waited;  // whether another node waits for this one
    std::size_t first;
    detail::ResourceVector<Outcome>& outcomes;

    // Attempts that fail, and successes of one month, mostly come shortly after each other.
    void add(const Outcome& outcome) const {
        for (std::size_t i = outcomes.size(); i > first && i + 4 > outcomes.size(); --i) {
            Outcome& before = outcomes[i - 1];
            if (before.month != outcome.month || before.amount != outcome.amount) continue;
            before.probability += outcome.probability;
            return;
        }
        outcomes.push_back(outcome);
    }
    static Mass whole() { return {1, 0}; }
    [[nodiscard]] double begin(const Mass& /*mass*/, int month) const {
        return spend_on_attempt(node, month, question);
    }
    [[nodiscard]] Mass lasting(const Mass& mass, int /*month*/, std::size_t d) const {
        const double share = detail::duration_chance(*node.step, d);
        return {mass.reached * share, mass.change * share};
    }
    void succeed(double probability, int month, double cost) const {
        if (probability == 0) return;
        // Where nobody waits for the step, the month in which it succeeds matters for the amount alone.
        const int noted = waited ? month : 0;
        if (node.step == nullptr) return add({probability, noted, 0});
        const ActionStep& step = *node.step;
        const double amount = graph.payoff_over(node, month, question);
        // A size is a factor of the amount, so without an amount it needs no outcomes of its own.
        if (step.sizes.empty() || amount == 0) return add({probability, noted, amount - cost});
        for (std::size_t i = 0; i < step.sizes.size(); ++i) {
            const double share = step.size_probabilities[i];
            if (share > 0) add({probability * share, noted, amount * step.sizes[i] - cost});
        }
    }
    [[nodiscard]] Mass decide(const Mass& mass, int month, double cost) const {
        const double p = graph.chance(node, month, question);
        const double dp = differentiated ? graph.chance_derivative(node, month, question) : 0;
        succeed(differentiated ? mass.change * p + mass.reached * dp : mass.reached * p, month, cost);
        // The product rule: the mass may depend on the chance, and the decision does.
        return {mass.reached * (1 - p), mass.change * (1 - p) - mass.reached * dp};
    }
    void fail(const Mass& mass, double cost) const {
        const double probability = differentiated ? mass.change : mass.reached;
        if (probability != 0) add({probability, never, -cost});
    }
};

CUSTFOLIO_INLINE void PlanGraph::append_outcomes(std::size_t at, int start, const PlanQuestion& question,
                                                 detail::ResourceVector<Outcome>& outcomes) const {
    const Node& node = nodes_[at];
    const bool differentiated = question.derivative == at;
    const std::size_t first = outcomes.size();
    OutcomeVisitor visitor{*this, node, question, differentiated, last_use_[at] > at, first, outcomes};
    if (node.known) {
        if (differentiated) return;  // what has happened does not depend on a chance
        visitor.waited = true;       // it may have happened after the question's last month
        if (node.known->succeeded) return visitor.succeed(1, node.known->month - start_, 0);
        return outcomes.push_back({1, never, 0});
    }
    // Too late, or beyond the question: nothing is attempted any more.
    if (start > std::min(node.latest, question.last)) {
        // No chance decides this, so the derivative is 0.
        if (!differentiated) outcomes.push_back({1, never, 0});
        return;
    }
    if (node.step == nullptr) {
        const double p = node.event_probability;
        visitor.succeed(differentiated ? 1 : p, start, 0);
        // The derivative of not happening is -1 times that of happening.
        return visitor.fail({1 - p, -1}, 0);
    }
    detail::walk_attempts(*node.step, start, {node.latest, question.last}, visitor);
    merge_equal(outcomes, first);
}

// Adds up by month what an attempt is expected to bring.
struct PlanGraph::ExpectationVisitor {
    struct Mass {
        double reached = 0;
        explicit operator bool() const { return reached > 0; }
        Mass& operator+=(const Mass& other) {
            reached += other.reached;
            return *this;
        }
    };
    const PlanGraph& graph;
    const Node& node;
    const PlanQuestion& question;
    double size;  // expected factor of the amounts
    Expectation& sum;

    static Mass whole() { return {1}; }
    [[nodiscard]] double begin(const Mass& mass, int month) const {
        sum.contribution[static_cast<std::size_t>(month)] -= mass.reached * node.step->spend;
        return 0;  // counted here already
    }
    [[nodiscard]] Mass lasting(const Mass& mass, int month, std::size_t d) const {
        const double reached = mass.reached * detail::duration_chance(*node.step, d);
        // Hours are spread evenly over the attempt's months.
        const int spread = std::max(node.step->duration_months + static_cast<int>(d), 1);
        for (int m = month; reached > 0 && m < std::min(month + spread, graph.months_); ++m) {
            sum.hours[static_cast<std::size_t>(m)] += reached * node.step->hours / spread;
        }
        return {reached};
    }
    void succeed(double probability, int month) const {
        sum.succeeds += probability;
        for (int m = std::max(month, 0); m < graph.months_; ++m) {
            const auto k = static_cast<std::size_t>(m);
            sum.revenue[k] += probability * size * graph.payoff_in(*node.step, month, m, Payoff::revenue);
            sum.contribution[k] += probability * size * graph.payoff_in(*node.step, month, m, Payoff::contribution);
        }
    }
    [[nodiscard]] Mass decide(const Mass& mass, int month, double /*cost*/) const {
        const double p = graph.chance(node, month, question);
        succeed(mass.reached * p, month);
        return {mass.reached * (1 - p)};
    }
    static void fail(const Mass& /*mass*/, double /*cost*/) {}
};

CUSTFOLIO_INLINE PlanGraph::Expectation PlanGraph::expectation(std::size_t at, int start,
                                                               const PlanQuestion& circumstances) const {
    const auto months = static_cast<std::size_t>(months_);
    Expectation result{std::vector<double>(months), std::vector<double>(months), std::vector<double>(months), 0};
    const Node& node = nodes_[at];
    if (node.step == nullptr) return result;
    const ActionStep& step = *node.step;
    // Sizes are independent of all else: the expectation needs their mean alone.
    const double size = step.sizes.empty() ? 1
                                           : std::inner_product(step.sizes.begin(), step.sizes.end(),
                                                                step.size_probabilities.begin(), 0.0);
    ExpectationVisitor visitor{*this, node, circumstances, size, result};
    if (!node.known) {
        detail::walk_attempts(step, start, {node.latest, months_ - 1}, visitor);
    } else if (node.known->succeeded) {
        visitor.succeed(1, node.known->month - start_);
    }
    return result;
}

// Follows the one way that the draws choose. Every attempt has two numbers of its own.
struct PlanGraph::PlayVisitor {
    using Mass = bool;  // whether this is the way
    const PlanGraph& graph;
    const Node& node;
    const PlanQuestion& question;
    std::uint64_t seed;
    std::uint64_t path;
    std::uint64_t draw;  // the next attempt's first number
    Play* by_month = nullptr;
    std::size_t duration = 0;
    double spent = 0;
    int success = never;

    static bool whole() { return true; }
    double begin(bool /*mass*/, int month) {
        const double cost = spend_on_attempt(node, month, question);
        spent += cost;
        if (by_month != nullptr && month >= 0) {
            by_month->contribution(node.plan, static_cast<std::size_t>(month)) -= node.step->spend;
        }
        const std::vector<double>& chances = node.step->duration_chances;
        // The second number of the attempt is for its duration, the first for its result.
        if (!chances.empty()) duration = detail::drawn(chances, math::uniform(seed, path, draw + 1));
        return cost;
    }
    [[nodiscard]] bool lasting(bool /*mass*/, int /*month*/, std::size_t d) const { return d == duration; }
    [[nodiscard]] bool decide(bool /*mass*/, int month, double /*cost*/) {
        const bool succeeds = math::uniform(seed, path, draw) < graph.chance(node, month, question);
        draw += 2;
        if (succeeds) success = month;
        return !succeeds;
    }
    static void fail(bool /*mass*/, double /*cost*/) {}
};

CUSTFOLIO_INLINE double PlanGraph::play(const PlanQuestion& question, std::uint64_t seed, std::uint64_t path,
                                        std::uint64_t first, std::vector<int>* begun, Play* by_month) const {
    std::vector<int> success(nodes_.size(), never);
    if (begun != nullptr) begun->assign(nodes_.size(), never);
    math::CompensatedSum total;
    std::uint64_t draw = first;
    for (std::size_t v = 0; v < nodes_.size(); ++v) {
        const Node& node = nodes_[v];
        // Every step has its own numbers, attempted or not: a changed step does not disturb the draws of the others.
        const std::uint64_t first_draw = draw;
        draw += draws_of(node);
        const int start = start_of(node, [&](std::size_t i) { return success[node.parents[i]]; });
        if (begun != nullptr && start < months_ && start <= node.latest) (*begun)[v] = start;
        if (node.known) {
            if (node.known->succeeded) success[v] = node.known->month - start_;
        } else if (node.step == nullptr) {
            const bool happens =
                start <= question.last && math::uniform(seed, path, first_draw) < node.event_probability;
            if (happens) success[v] = start;
        } else {
            PlayVisitor visitor{*this, node, question, seed, path, first_draw, by_month};
            detail::walk_attempts(*node.step, start, {node.latest, question.last}, visitor);
            success[v] = visitor.success;
            total += -visitor.spent;
        }
        if (success[v] == never || node.step == nullptr) continue;
        const ActionStep& step = *node.step;
        const double size =
            step.sizes.empty()
                ? 1
                : step.sizes[detail::drawn(step.size_probabilities, math::uniform(seed, path, draw - 1))];
        total += size * payoff_over(node, success[v], question);
        for (int m = std::max(success[v], 0); by_month != nullptr && m <= question.last; ++m) {
            const auto month = static_cast<std::size_t>(m);
            by_month->revenue(node.plan, month) += size * payoff_in(step, success[v], m, Payoff::revenue);
            by_month->contribution(node.plan, month) += size * payoff_in(step, success[v], m, Payoff::contribution);
        }
    }
    return total.value();
}

}  // namespace custfolio
