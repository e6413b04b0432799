// Definitions of the budget that action plans give.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/grow.hpp"
#include "custfolio/growth/independent_sum.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE std::string node_text(const std::vector<ActionPlan>& plans, const PlanGraph::Node& node) {
    return step_text(plans[node.plan], node.position);
}

// Nodes in an order in which each comes after its parents and as few as can be are waited for at a time.
CUSTFOLIO_INLINE std::vector<std::size_t> graph_order(const std::vector<PlanGraph::Node>& nodes,
                                                      const std::vector<ActionPlan>& plans) {
    const std::size_t count = nodes.size();
    std::vector<std::size_t> missing(count);
    std::vector<std::size_t> waiting(count);
    std::vector<std::vector<std::size_t>> children(count);
    for (std::size_t v = 0; v < count; ++v) {
        missing[v] = nodes[v].parents.size();
        for (const std::size_t parent : nodes[v].parents) {
            children[parent].push_back(v);
            ++waiting[parent];
        }
    }
    std::vector<std::size_t> ready;
    for (std::size_t v = 0; v < count; ++v) {
        if (missing[v] == 0) ready.push_back(v);
    }
    std::vector<std::size_t> order;
    std::vector<bool> done(count);
    while (!ready.empty()) {
        // The node after which the fewest are waited for; the latest made ready among equals, which goes deep first.
        std::size_t best = 0;
        int fewest = std::numeric_limits<int>::max();
        for (std::size_t i = ready.size(); i-- > 0;) {
            const std::size_t v = ready[i];
            int change = waiting[v] > 0 ? 1 : 0;
            for (const std::size_t parent : nodes[v].parents) change -= waiting[parent] == 1 ? 1 : 0;
            if (change < fewest ||
                (change == fewest && nodes[v].step != nullptr && nodes[ready[best]].step == nullptr)) {
                fewest = change;
                best = i;
            }
        }
        const std::size_t v = ready[best];
        ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(best));
        order.push_back(v);
        done[v] = true;
        for (const std::size_t parent : nodes[v].parents) --waiting[parent];
        for (const std::size_t child : children[v]) {
            if (--missing[child] == 0) ready.push_back(child);
        }
    }
    if (order.size() == count) return order;
    // What is left waits for something that is left: following it comes round.
    std::vector<std::size_t> way{static_cast<std::size_t>(std::ranges::find(done, false) - done.begin())};
    for (;;) {
        const auto& parents = nodes[way.back()].parents;
        way.push_back(*std::ranges::find_if(parents, [&](std::size_t parent) { return !done[parent]; }));
        const auto round = std::find(way.begin(), way.end() - 1, way.back());
        if (round == way.end() - 1) continue;
        std::string text;
        for (auto at = round; at != way.end(); ++at) {
            text += (at == round ? "" : " after ") + node_text(plans, nodes[*at]);
        }
        throw InputError("steps wait for each other: " + text + "; plans have no circle");
    }
}

/// The sum of all graphs' amounts in a span of months, and the graphs that it was made of.
struct KeptSum {
    PlanQuestion question{};
    SumOptions options{};
    std::vector<std::shared_ptr<const PlanGraph>> graphs{};
    std::vector<char> simulated{};
    IndependentSum sum;

    [[nodiscard]] bool answers(const PlanQuestion& asked, const SumOptions& lattice) const {
        return question.first == asked.first && question.last == asked.last && question.payoff == asked.payoff &&
               options.step == lattice.step && options.unit == lattice.unit && options.points == lattice.points &&
               options.trimmed == lattice.trimmed;
    }
};

/// The sums that were asked for last.
class KeptSums {
  public:
    using Pointer = std::shared_ptr<const KeptSum>;

    KeptSums() = default;
    explicit KeptSums(std::vector<Pointer> sums) : sums_(std::move(sums)) {}
    [[nodiscard]] std::vector<Pointer> all() const {
        const std::scoped_lock lock(mutex_);
        return sums_;
    }
    [[nodiscard]] Pointer find(const PlanQuestion& question, const SumOptions& options) const {
        const std::scoped_lock lock(mutex_);
        const auto found = std::ranges::find_if(sums_, [&](const Pointer& s) { return s->answers(question, options); });
        return found == sums_.end() ? nullptr : *found;
    }
    void keep(Pointer sum) {
        const std::scoped_lock lock(mutex_);
        std::erase_if(sums_, [&](const Pointer& s) { return s->answers(sum->question, sum->options); });
        sums_.insert(sums_.begin(), std::move(sum));
        std::size_t bytes = 0;
        const auto full = std::ranges::find_if(
            sums_, [&](const Pointer& s) { return (bytes += s->sum.memory()) > (std::size_t{1} << 28); });
        sums_.erase(full, sums_.end());
    }

  private:
    mutable std::mutex mutex_;
    std::vector<Pointer> sums_;  // the latest first
};

/// Sum of amounts times their masses.
CUSTFOLIO_INLINE double first_moment(const DiscreteAmount& x) {
    math::CompensatedSum sum;
    for (std::size_t k = 0; k < x.amount.size(); ++k) sum += x.amount[k] * x.probability[k];
    return sum.value();
}

/// The step of a lattice that holds the sums for all values of the factor; `given` tells the amounts at one of them.
template <class Given>
double step_over_factor(const std::vector<DiscreteAmount>& middle, const Given& given, const SumOptions& options) {
    if (options.step > 0) return options.step;
    std::vector<double> places;
    for (const DiscreteAmount& one : middle) {
        const double least = one.amount.empty() ? 0 : std::ranges::min(one.amount);
        for (const double amount : one.amount) places.push_back(amount - least);
    }
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    for (const double factor : {-8.0, -4.0, 0.0, 4.0, 8.0}) {
        math::CompensatedSum mean;
        math::CompensatedSum variance;
        math::CompensatedSum least;
        math::CompensatedSum most;
        double reach = 0;
        for (const DiscreteAmount& one : given(factor)) {
            const auto [low, high] = std::ranges::minmax(one.amount);
            double centre = 0;
            for (std::size_t k = 0; k < one.amount.size(); ++k) centre += one.probability[k] * one.amount[k];
            for (std::size_t k = 0; k < one.amount.size(); ++k) {
                variance += one.probability[k] * (one.amount[k] - centre) * (one.amount[k] - centre);
            }
            mean += centre;
            least += low;
            most += high;
            reach = std::max({reach, high - centre, centre - low});
        }
        const double half = untrimmed_half_width(variance.value(), reach, options);
        lowest = std::min(lowest, std::max(least.value(), mean.value() - half));
        highest = std::max(highest, std::min(most.value(), mean.value() + half));
    }
    if (!std::isfinite(highest - lowest)) {
        throw InputError("the amounts are too large: their sum is not a finite number");
    }
    return chosen_step(places, highest - lowest, options);
}

}  // namespace detail

CUSTFOLIO_INLINE void GrowthForecast::build_graphs() {
    const std::vector<ActionPlan>& plans = *plans_;
    // Steps and events by name, where any step waits for one.
    std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> named;
    std::unordered_map<std::string, std::size_t> events;
    const bool waits = std::ranges::any_of(plans, [](const ActionPlan& plan) {
        return std::ranges::any_of(plan.steps, [](const ActionStep& step) { return !step.after.events.empty(); });
    });
    for (std::size_t e = 0; e < options_.events.size(); ++e) {
        const ExternalEvent& event = options_.events[e];
        if (event.name.empty())
            throw InputError("event " + std::to_string(e + 1) + " has no name; each event needs one");
        require_probability(event.probability, "event '" + event.name + "': probability");
        if (!events.emplace(event.name, e).second) throw InputError("event '" + event.name + "' is given twice");
    }
    if (waits) {
        for (std::size_t p = 0; p < plans.size(); ++p) {
            for (std::size_t k = 0; k < plans[p].steps.size(); ++k) {
                named.emplace(plans[p].customer + "/" + plans[p].name + "/" + plans[p].steps[k].name, std::pair{p, k});
            }
        }
    }
    // Plans that depend on each other, or on the same uncertain event, are one graph.
    std::vector<std::size_t> leader(plans.size() + options_.events.size());
    std::iota(leader.begin(), leader.end(), std::size_t{0});
    const auto find = [&](std::size_t i) {
        while (leader[i] != i) i = leader[i] = leader[leader[i]];
        return i;
    };
    const auto join = [&](std::size_t a, std::size_t b) {
        a = find(a);
        b = find(b);
        leader[std::max(a, b)] = std::min(a, b);
    };
    const auto certain = [&](std::size_t e) {
        return options_.events[e].probability == 0 || options_.events[e].probability == 1;
    };
    for (std::size_t p = 0; waits && p < plans.size(); ++p) {
        for (std::size_t k = 0; k < plans[p].steps.size(); ++k) {
            for (const std::string& name : plans[p].steps[k].after.events) {
                if (const auto step = named.find(name); step != named.end()) {
                    join(p, step->second.first);
                } else if (const auto event = events.find(name); event != events.end()) {
                    if (!certain(event->second)) join(p, plans.size() + event->second);
                } else {
                    throw InputError(detail::step_text(plans[p], k) + ": comes after '" + name +
                                     "', which is neither a step of its plan, nor a step of another plan "
                                     "(\"customer/plan/step\"), nor an event that was given");
                }
            }
        }
    }
    std::vector<std::vector<std::size_t>> groups;
    std::vector<std::size_t> group_of(leader.size(), leader.size());
    for (std::size_t p = 0; p < plans.size(); ++p) {
        std::size_t& group = group_of[find(p)];
        if (group == leader.size()) {
            group = groups.size();
            groups.emplace_back();
        }
        groups[group].push_back(p);
    }
    std::vector<std::vector<Place>> places(plans.size());
    std::vector<std::uint64_t> draws{0};
    for (std::size_t g = 0; g < groups.size(); ++g) {
        std::vector<PlanGraph::Node> nodes;
        std::map<std::size_t, std::size_t> event_node;
        for (const std::size_t p : groups[g]) {
            for (std::size_t k = 0; k < plans[p].steps.size(); ++k) {
                const ActionStep& step = plans[p].steps[k];
                places[p].push_back({g, nodes.size()});
                PlanGraph::Node& node = nodes.emplace_back();
                node.step = &step;
                node.plan = p;
                node.position = k;
                node.any = step.after.join == Join::any;
                node.earliest = std::max(step.earliest - start_, 0);
                node.latest = step.latest ? *step.latest - start_ : PlanGraph::never;
            }
        }
        for (const std::size_t p : groups[g]) {
            for (std::size_t k = 0; k < plans[p].steps.size(); ++k) {
                const std::size_t v = places[p][k].node;
                for (const int before : detail::steps_before(plans[p], k)) {
                    nodes[v].parents.push_back(places[p][static_cast<std::size_t>(before)].node);
                }
                for (const std::string& name : plans[p].steps[k].after.events) {
                    if (const auto step = named.find(name); step != named.end()) {
                        nodes[v].parents.push_back(places[step->second.first][step->second.second].node);
                        continue;
                    }
                    const std::size_t e = events.at(name);
                    const auto [at, fresh] = event_node.try_emplace(e, nodes.size());
                    if (fresh) {
                        PlanGraph::Node& event = nodes.emplace_back();
                        event.earliest = std::max(options_.events[e].month - start_, 0);
                        event.event_probability = options_.events[e].probability;
                    }
                    nodes[v].parents.push_back(at->second);
                }
                std::ranges::sort(nodes[v].parents);
                const auto twice = std::ranges::unique(nodes[v].parents);
                nodes[v].parents.erase(twice.begin(), twice.end());
            }
        }
        const std::vector<std::size_t> order = detail::graph_order(nodes, plans);
        std::vector<std::size_t> rank(nodes.size());
        for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
        std::vector<PlanGraph::Node> sorted;
        sorted.reserve(nodes.size());
        for (const std::size_t v : order) {
            PlanGraph::Node& node = sorted.emplace_back(std::move(nodes[v]));
            int begin = 0;
            for (std::size_t i = 0; i < node.parents.size(); ++i) {
                node.parents[i] = rank[node.parents[i]];
                const int decided = sorted[node.parents[i]].soonest;
                begin = i == 0 ? decided : node.any ? std::min(begin, decided) : std::max(begin, decided);
            }
            begin = std::max(begin, node.earliest);
            node.soonest = begin + (node.step == nullptr ? 0 : detail::shortest(*node.step));
            if (node.step != nullptr) places[node.plan][node.position].node = rank[v];
        }
        graphs_.push_back(std::make_shared<const PlanGraph>(std::move(sorted), start_, months_));
        draws.push_back(draws.back() + graphs_.back()->draws());
    }
    places_ = std::make_shared<const std::vector<std::vector<Place>>>(std::move(places));
    draws_ = std::make_shared<const std::vector<std::uint64_t>>(std::move(draws));
}

CUSTFOLIO_INLINE void GrowthForecast::note_timing(const PlanGraph& graph) {
    const Month last = start_ + (months_ - 1);
    const auto begins = [&](const PlanGraph::Node& node) {
        return node.soonest - (node.step == nullptr ? 0 : detail::shortest(*node.step));
    };
    for (const PlanGraph::Node& node : graph.nodes()) {
        if (node.step == nullptr) continue;
        const int begin = begins(node);
        if (begin > node.latest) {
            notes_.push_back(detail::node_text(*plans_, node) + " cannot start before " + to_string(start_ + begin) +
                             ", after its latest month " + to_string(start_ + node.latest) + ": it is never attempted");
        } else if (begin >= months_) {
            // Said of the first only: what comes after it cannot start either.
            const bool said = std::ranges::any_of(
                node.parents, [&](std::size_t parent) { return begins(graph.nodes()[parent]) >= months_; });
            if (!said) {
                notes_.push_back(detail::node_text(*plans_, node) + " cannot start before " +
                                 to_string(start_ + begin) + ", after the horizon's last month " + to_string(last));
            }
        } else if (node.soonest >= months_) {
            notes_.push_back(detail::node_text(*plans_, node) + " is decided in " + to_string(start_ + node.soonest) +
                             ", after the horizon's last month " + to_string(last) + ": it pays nothing in it");
        }
    }
}

// The chance that each step of a graph is first attempted in each month, given the factors; simulated where `plays` is
// set.
CUSTFOLIO_INLINE std::vector<double> GrowthForecast::starts(const PlanGraph& graph, const PlanQuestion& asked,
                                                            std::size_t& plays) const {
    std::optional<std::vector<double>> found = graph.starts(asked, options_.limit);
    if (found) return std::move(*found);
    plays = options_.paths;
    const auto months = static_cast<std::size_t>(months_);
    std::vector<double> result(graph.nodes().size() * months);
    std::vector<int> begun;
    PlanQuestion question = asked;
    question.first = 0;
    question.last = months_ - 1;
    for (std::size_t path = 0; path < options_.paths; ++path) {
        graph.play(question, options_.seed, path, 0, &begun);
        for (std::size_t v = 0; v < begun.size(); ++v) {
            if (begun[v] != PlanGraph::never) result[v * months + static_cast<std::size_t>(begun[v])] += 1;
        }
    }
    for (double& start : result) start /= static_cast<double>(options_.paths);
    return result;
}

// A plan of each combination of labels in a graph; the first plan alone where no factor has labels.
CUSTFOLIO_INLINE std::vector<std::size_t> GrowthForecast::kinds(std::size_t graph) const {
    std::vector<std::size_t> found;
    for (const PlanGraph::Node& node : graphs_[graph]->nodes()) {
        if (node.step == nullptr) continue;
        const auto alike = [&](std::size_t plan) { return factors_->alike(plan, node.plan); };
        if (std::ranges::none_of(found, alike)) found.push_back(node.plan);
        if (factors_->groups().empty()) break;
    }
    return found;
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::over_graph(
    std::size_t graph, std::size_t count, double tolerance, std::size_t& draws,
    const std::function<void(const PlanQuestion&, std::vector<double>&)>& f) const {
    PlanQuestion asked;
    asked.correlation = factors_->total();
    std::vector<double> values(count);
    if (!(asked.correlation > 0)) {
        f(asked, values);
        return values;
    }
    const std::vector<std::size_t> plans = kinds(graph);
    if (plans.size() <= 1) {
        return detail::factor_means(count, tolerance, [&](double z, std::vector<double>& value) {
            asked.factor = z;
            f(asked, value);
        });
    }
    std::vector<double> factors(plans_->size());
    asked.factors = factors;
    if (plans.size() == 2) {
        // Two correlated normals by nodes for one and, given it, for the other.
        const double lean = factors_->correlation(plans[0], plans[1]);
        const double own = std::sqrt(1 - lean * lean);
        return detail::pair_means(count, 1e-9, [&](double z, double u, std::vector<double>& value) {
            for (const PlanGraph::Node& node : graphs_[graph]->nodes()) {
                if (node.step == nullptr) continue;
                factors[node.plan] = factors_->alike(node.plan, plans[0]) ? z : lean * z + own * u;
            }
            f(asked, value);
        });
    }
    draws = std::max<std::size_t>(options_.paths / 16, 100);
    std::vector<math::CompensatedSum> sum(count);
    for (std::size_t path = 0; path < draws; ++path) {
        factors = factors_->draw(options_.seed, path, draws_->back());
        asked.factors = factors;
        f(asked, values);
        for (std::size_t i = 0; i < count; ++i) sum[i] += values[i];
    }
    for (std::size_t i = 0; i < count; ++i) values[i] = sum[i].value() / static_cast<double>(draws);
    return values;
}

// Means over one factor, where all graphs may take the same value of it; where there is none, the values themselves.
CUSTFOLIO_INLINE std::vector<double> GrowthForecast::over_factor(
    std::size_t count, double tolerance, const std::function<void(double, std::vector<double>&)>& f) const {
    if (factors_->total() > 0) return detail::factor_means(count, tolerance, f);
    std::vector<double> values(count);
    f(0, values);
    return values;
}

// Sets the expectations of a graph's plans; the number of plays where they had to be simulated, else 0.
CUSTFOLIO_INLINE std::size_t GrowthForecast::expect(std::size_t at) {
    const PlanGraph& graph = *graphs_[at];
    const auto months = static_cast<std::size_t>(months_);
    std::vector<std::size_t> rows;  // the plans of the graph
    std::unordered_map<std::size_t, std::size_t> place;
    for (const PlanGraph::Node& node : graph.nodes()) {
        if (node.step != nullptr && place.try_emplace(node.plan, rows.size()).second) rows.push_back(node.plan);
    }
    std::size_t plays = 0;
    std::size_t draws = 0;
    const auto brought = [&](const PlanQuestion& asked, std::vector<double>& values) {
        std::ranges::fill(values, 0.0);
        const std::vector<double> begun = starts(graph, asked, plays);
        for (std::size_t v = 0; v < graph.nodes().size(); ++v) {
            const PlanGraph::Node& node = graph.nodes()[v];
            if (node.step == nullptr) continue;
            double* const revenue = values.data() + 3 * months * place.at(node.plan);
            for (std::size_t s = 0; s < months; ++s) {
                const double reached = node.known ? (s == 0 ? 1.0 : 0.0) : begun[v * months + s];
                if (!(reached > 0)) continue;
                const PlanGraph::Expectation brings = graph.expectation(v, static_cast<int>(s), asked);
                for (std::size_t m = 0; m < months; ++m) {
                    revenue[m] += reached * brings.revenue[m];
                    revenue[months + m] += reached * brings.contribution[m];
                    revenue[2 * months + m] += reached * brings.hours[m];
                }
            }
        }
    };
    const std::vector<double> mean = over_graph(at, 3 * months * rows.size(), 1e-13, draws, brought);
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const auto row = static_cast<Eigen::Index>(rows[k]);
        const Eigen::Map<const Eigen::MatrixXd> found(mean.data() + 3 * months * k, months_, 3);
        revenue_.row(row) = found.col(0).transpose();
        contribution_.row(row) = found.col(1).transpose();
        hours_.row(row) = found.col(2).transpose();
    }
    return plays > 0 && draws > 0 ? std::min(plays, draws) : std::max(plays, draws);
}

CUSTFOLIO_INLINE void GrowthForecast::note_factors() {
    if (factors_->groups().empty()) return;
    crossed_ = factors_->groups().size() > 1;
    for (std::size_t g = 0; g < graphs_.size() && !crossed_; ++g) crossed_ = kinds(g).size() > 1;
    if (!crossed_) return;
    notes_.push_back("factors cross, or plans with different labels wait for each other: distributions come from " +
                     std::to_string(options_.paths) + " plays, and the standard error of a chance is at most " +
                     number_text(0.5 / std::sqrt(static_cast<double>(options_.paths))));
}

CUSTFOLIO_INLINE GrowthForecast::GrowthForecast(std::vector<ActionPlan> plans, Month start, int months,
                                                GrowOptions options)
    : plans_(std::make_shared<const std::vector<ActionPlan>>(std::move(plans))),
      start_(start),
      months_(months),
      options_(std::move(options)) {
    if (months < 1 || months > 1200) {
        throw InputError("the horizon has " + std::to_string(months) + " months; it must have 1 to 1200");
    }
    if (options_.paths < 100) {
        throw InputError("paths are " + std::to_string(options_.paths) + "; a simulation needs at least 100");
    }
    for (const ActionPlan& plan : *plans_) check(plan);
    factors_ = std::make_shared<const PlanFactors>(*plans_, options_.correlation, options_.factors);
    build_graphs();
    kept_ = std::make_shared<detail::KeptSums>();
    const auto rows = static_cast<Eigen::Index>(plans_->size());
    revenue_ = Matrix::Zero(rows, months);
    contribution_ = Matrix::Zero(rows, months);
    hours_ = Matrix::Zero(rows, months);
    std::vector<std::size_t> plays(graphs_.size());
    math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t g = begin; g < end; ++g) plays[g] = expect(g);
    });
    note_factors();
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        note_timing(*graphs_[g]);
        if (plays[g] == 0) continue;
        notes_.push_back(
            "the expectation of the " + std::to_string(graphs_[g]->nodes().size()) +
            " steps that depend on each other around " +
            detail::node_text(*plans_, *std::ranges::find_if(graphs_[g]->nodes(),
                                                             [](const auto& node) { return node.step != nullptr; })) +
            " was simulated by " + std::to_string(plays[g]) + " plays: the standard error of a chance is at most " +
            number_text(0.5 / std::sqrt(static_cast<double>(plays[g]))));
    }
}

CUSTFOLIO_INLINE Column GrowthForecast::expected(Payoff payoff) const {
    const Matrix& by_plan = payoff == Payoff::revenue ? revenue_ : contribution_;
    Column result(months_);
    for (Eigen::Index m = 0; m < result.size(); ++m) {
        math::CompensatedSum sum;
        for (Eigen::Index row = 0; row < by_plan.rows(); ++row) sum += by_plan(row, m);
        result[m] = sum.value();
    }
    return result;
}

CUSTFOLIO_INLINE GrowthForecast::Place GrowthForecast::place(std::size_t plan, std::size_t step) const {
    if (plan >= plans_->size()) {
        throw NotFoundError("there is no plan " + std::to_string(plan) + " (0-based); there are " +
                            std::to_string(plans_->size()));
    }
    if (step >= (*plans_)[plan].steps.size()) {
        throw NotFoundError(detail::plan_text((*plans_)[plan]) + ": there is no step " + std::to_string(step) +
                            " (0-based); it has " + std::to_string((*plans_)[plan].steps.size()));
    }
    return (*places_)[plan][step];
}

CUSTFOLIO_INLINE double GrowthForecast::success(std::size_t plan, std::size_t step) const {
    const Place at = place(plan, step);
    const PlanGraph& graph = *graphs_[at.graph];
    const PlanGraph::Node& node = graph.nodes()[at.node];
    if (node.known) return node.known->succeeded ? 1 : 0;
    const auto months = static_cast<std::size_t>(months_);
    std::size_t plays = 0;
    std::size_t draws = 0;
    const auto succeeds = [&](const PlanQuestion& asked, std::vector<double>& chance) {
        const std::vector<double> begun = starts(graph, asked, plays);
        chance[0] = 0;
        for (std::size_t s = 0; s < months; ++s) {
            const double reached = begun[at.node * months + s];
            if (!(reached > 0)) continue;
            chance[0] += reached * graph.expectation(at.node, static_cast<int>(s), asked).succeeds;
        }
    };
    return std::clamp(over_graph(at.graph, 1, 1e-13, draws, succeeds)[0], 0.0, 1.0);
}

CUSTFOLIO_INLINE GrowthForecast GrowthForecast::given(std::span<const Known> known) const {
    GrowthForecast result = *this;
    if (kept_) result.kept_ = std::make_shared<detail::KeptSums>(kept_->all());
    std::vector<std::size_t> changed;
    for (const Known& one : known) {
        const Place at = place(one.plan, one.step);
        if (one.outcome.succeeded && one.outcome.month - start_ >= months_) {
            throw InputError(detail::step_text((*plans_)[one.plan], one.step) + ": has succeeded in " +
                             to_string(one.outcome.month) + ", after the horizon's last month " +
                             to_string(start_ + (months_ - 1)));
        }
        result.graphs_[at.graph] =
            std::make_shared<const PlanGraph>(result.graphs_[at.graph]->given(at.node, one.outcome));
        changed.push_back(at.graph);
    }
    std::ranges::sort(changed);
    const auto twice = std::ranges::unique(changed);
    changed.erase(twice.begin(), twice.end());
    for (const std::size_t g : changed) result.expect(g);
    return result;
}

CUSTFOLIO_INLINE DiscreteAmount GrowthForecast::amounts(std::size_t graph, const PlanQuestion& question,
                                                        bool* simulated) const {
    std::optional<DiscreteAmount> exact = graphs_[graph]->amounts(question, options_.limit);
    if (simulated != nullptr) *simulated = !exact;
    if (exact) return std::move(*exact);
    std::vector<detail::Atom> atoms(options_.paths);
    for (std::size_t path = 0; path < atoms.size(); ++path) {
        atoms[path] = {graphs_[graph]->play(question, options_.seed, path, (*draws_)[graph]),
                       1 / static_cast<double>(atoms.size())};
    }
    detail::compact(atoms);
    DiscreteAmount result;
    detail::append(atoms, result);
    return result;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::range(Month first, Month last, Payoff payoff, const SumOptions& options,
                                                    double* standard_error, std::optional<std::size_t> without) const {
    if (first > last || first < start_ || last >= start_ + months_) {
        throw InputError("the months " + to_string(first) + " to " + to_string(last) + " are not in the horizon " +
                         to_string(start_) + " to " + to_string(start_ + (months_ - 1)));
    }
    PlanQuestion question{.first = first - start_, .last = last - start_, .payoff = payoff};
    question.correlation = factors_->total();
    if (crossed_) {
        std::vector<detail::Atom> atoms;
        for (const double total : plays(question, options_.paths, options_.seed, options.threads, without)) {
            atoms.push_back({total, 1 / static_cast<double>(options_.paths)});
        }
        detail::compact(atoms);
        DiscreteAmount found;
        detail::append(atoms, found);
        if (standard_error != nullptr) *standard_error = 0.5 / std::sqrt(static_cast<double>(options_.paths));
        return sum_distribution(std::span(&found, 1), options);
    }
    if (!(question.correlation > 0)) return independent_range(question, options, standard_error, without);
    std::vector<char> simulated(graphs_.size());
    const auto brought = [&](double factor, unsigned threads) {
        PlanQuestion asked = question;
        asked.factor = factor;
        std::vector<DiscreteAmount> found(graphs_.size());
        math::parallel_for(0, graphs_.size(), 16, threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t g = begin; g < end; ++g) {
                bool by_play = false;
                found[g] = amounts(g, asked, &by_play);
                if (factor == 0) simulated[g] = by_play ? 1 : 0;
            }
        });
        if (without && *without < found.size()) found.erase(found.begin() + static_cast<std::ptrdiff_t>(*without));
        return found;
    };
    const std::vector<DiscreteAmount> found = brought(0, options.threads);
    if (standard_error != nullptr) {
        // A cdf value is linear in each graph's own; a mean of values in [0, 1] has at most half a standard deviation.
        const auto count = static_cast<double>(std::ranges::count(simulated, 1));
        *standard_error = 0.5 * std::sqrt(count / static_cast<double>(options_.paths));
    }
    if (!factors_->groups().empty()) return range_by_group(question, options, without);
    SumOptions given = options;
    given.threads = 1;
    given.step =
        detail::step_over_factor(found, [&](double factor) { return brought(factor, options.threads); }, options);
    const auto sum = [&](double factor) {
        const Distribution one = sum_distribution(brought(factor, 1), given);
        return GivenFactor{one.lattice(), one.mean(), one.variance()};
    };
    return average_over_factor(sum, options.unit, {.threads = options.threads});
}

// The sum where one factor divides the plans: graphs of one label are convolved for each value of what their factors
// are together.
CUSTFOLIO_INLINE Distribution GrowthForecast::range_by_group(const PlanQuestion& question, const SumOptions& options,
                                                             std::optional<std::size_t> without) const {
    const PlanFactors::Group& factor = factors_->groups().front();
    std::vector<std::vector<std::size_t>> groups(factor.labels);
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        if (g != without) groups[factor.label[kinds(g).front()]].push_back(g);
    }
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    if (groups.empty()) return sum_distribution(std::span<const DiscreteAmount>(), options);
    const auto brought = [&](const std::vector<std::size_t>& group, double value, unsigned threads) {
        PlanQuestion asked = question;
        asked.factor = value;
        std::vector<DiscreteAmount> found(group.size());
        math::parallel_for(0, group.size(), 16, threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k) found[k] = amounts(group[k], asked);
        });
        return found;
    };
    std::vector<std::size_t> all;
    for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
    SumOptions given = options;
    given.threads = 1;
    // The sums of all groups at all values are held at once, so that fewer points are affordable.
    given.points = std::min(options.points, std::size_t{1} << 14);
    given.step = detail::step_over_factor(
        brought(all, 0, options.threads), [&](double value) { return brought(all, value, options.threads); }, given);
    const auto sum = [&](std::size_t group, double value) {
        const Distribution one = sum_distribution(brought(groups[group], value, 1), given);
        return GivenFactor{one.lattice(), one.mean(), one.variance()};
    };
    return average_over_groups(groups.size(), sum, factors_->common() / factors_->total(), options.unit,
                               options.trimmed, {.threads = options.threads});
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::plays(const PlanQuestion& question, std::size_t paths,
                                                           std::uint64_t seed, unsigned threads,
                                                           std::optional<std::size_t> without) const {
    std::vector<double> totals(paths);
    math::parallel_for(0, paths, 64, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t path = begin; path < end; ++path) {
            PlanQuestion asked = question;
            std::vector<double> factors;
            if (asked.correlation > 0) {
                factors = factors_->draw(seed, path, draws_->back());
                asked.factors = factors;
            }
            math::CompensatedSum total;
            for (std::size_t g = 0; g < graphs_.size(); ++g) {
                if (g != without) total += graphs_[g]->play(asked, seed, path, (*draws_)[g]);
            }
            totals[path] = total.value();
        }
    });
    return totals;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::independent_range(const PlanQuestion& question, const SumOptions& options,
                                                                double* standard_error,
                                                                std::optional<std::size_t> without) const {
    detail::KeptSums::Pointer kept = kept_ ? kept_->find(question, options) : nullptr;
    if (!kept || kept->graphs != graphs_) {
        std::vector<std::size_t> changed;
        for (std::size_t g = 0; g < graphs_.size(); ++g) {
            if (!kept || kept->graphs[g] != graphs_[g]) changed.push_back(g);
        }
        std::vector<char> simulated = kept ? kept->simulated : std::vector<char>(graphs_.size());
        std::vector<DiscreteAmount> found(changed.size());
        math::parallel_for(0, changed.size(), 16, options.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                bool by_play = false;
                found[i] = amounts(changed[i], question, &by_play);
                simulated[changed[i]] = by_play ? 1 : 0;
            }
        });
        // Where most has changed, nothing is gained by what is kept.
        IndependentSum sum = kept && changed.size() < graphs_.size()
                                 ? kept->sum.replaced(changed, found, options.threads)
                                 : IndependentSum(found, options);
        kept = std::make_shared<const detail::KeptSum>(
            detail::KeptSum{question, options, graphs_, std::move(simulated), std::move(sum)});
        if (kept_) kept_->keep(kept);
    }
    if (standard_error != nullptr) {
        // A cdf value is linear in each graph's own; a mean of values in [0, 1] has at most half a standard deviation.
        const auto count = static_cast<double>(std::ranges::count(kept->simulated, 1));
        *standard_error = 0.5 * std::sqrt(count / static_cast<double>(options_.paths));
    }
    if (!without || *without >= graphs_.size()) return kept->sum.distribution();
    const DiscreteAmount nothing{{1}, {0}};
    return kept->sum.replaced(std::span(&*without, 1), std::span(&nothing, 1), options.threads).distribution();
}

CUSTFOLIO_INLINE DiscreteAmount GrowthForecast::exact_amounts(std::size_t graph, const PlanQuestion& question) const {
    std::optional<DiscreteAmount> found = graphs_[graph]->amounts(question, options_.limit);
    if (!found) throw InputError("the graph of steps is too large to be computed exactly; raise `limit`");
    return std::move(*found);
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::reach(std::size_t graph, std::span<const PlanQuestion> questions,
                                                           double target) const {
    require_finite(target, "the target");
    if (graph >= graphs_.size()) {
        throw NotFoundError("there is no graph " + std::to_string(graph) + "; there are " +
                            std::to_string(graphs_.size()));
    }
    if (questions.empty()) return {};
    if (!factors_->groups().empty()) {
        throw InputError(
            "the chance to reach a target given one step is not computed with factors that only some plans "
            "share; ask for the worth without a target, or put the share of all factors on the one that is "
            "common to all");
    }
    PlanQuestion rest = questions.front();
    rest.derivative.reset();
    rest.succeeds.reset();
    const auto reached = [&](double factor, std::vector<double>& chance) {
        rest.correlation = factors_->total();
        rest.factor = factor;
        std::vector<DiscreteAmount> others(graphs_.size());
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t begin, std::size_t end) {
            for (std::size_t g = begin; g < end; ++g) {
                if (g != graph) others[g] = amounts(g, rest);
            }
        });
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(graph));
        const Distribution sum = sum_distribution(others, {.threads = options_.threads});
        for (std::size_t q = 0; q < questions.size(); ++q) {
            PlanQuestion asked = questions[q];
            asked.correlation = factors_->total();
            asked.factor = factor;
            const DiscreteAmount found = exact_amounts(graph, asked);
            math::CompensatedSum total;
            for (std::size_t k = 0; k < found.amount.size(); ++k) {
                total += found.probability[k] * sum.probability_at_least(target - found.amount[k]);
            }
            chance[q] = total.value();
        }
    };
    return over_factor(questions.size(), 1e-9, reached);
}

CUSTFOLIO_INLINE std::vector<std::size_t> GrowthForecast::first_nodes() const {
    std::vector<std::size_t> begin{0};
    for (const auto& graph : graphs_) begin.push_back(begin.back() + graph->nodes().size());
    return begin;
}

CUSTFOLIO_INLINE std::vector<double> GrowthForecast::worth(Month first, Month last, Payoff payoff) const {
    const std::vector<std::size_t> begin = first_nodes();
    const auto slopes = [&](std::size_t g, PlanQuestion asked, double* value) {
        asked.first = first - start_;
        asked.last = last - start_;
        asked.payoff = payoff;
        for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
            asked.derivative = v;
            value[v] = detail::first_moment(exact_amounts(g, asked));
        }
    };
    // Graphs whose plans carry different labels have factors of their own each.
    std::vector<char> mixed(graphs_.size());
    for (std::size_t g = 0; crossed_ && g < graphs_.size(); ++g) mixed[g] = kinds(g).size() > 1 ? 1 : 0;
    const auto slope = [&](double factor, std::vector<double>& value) {
        PlanQuestion asked;
        asked.correlation = factors_->total();
        asked.factor = factor;
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t g = b; g < e; ++g) {
                if (mixed[g] == 0) slopes(g, asked, value.data() + begin[g]);
            }
        });
    };
    std::vector<double> result = over_factor(begin.back(), 1e-13, slope);
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        if (mixed[g] == 0) continue;
        std::size_t draws = 0;
        const std::vector<double> found =
            over_graph(g, graphs_[g]->nodes().size(), 1e-13, draws,
                       [&](const PlanQuestion& asked, std::vector<double>& value) { slopes(g, asked, value.data()); });
        std::ranges::copy(found, result.begin() + static_cast<std::ptrdiff_t>(begin[g]));
    }
    return result;
}

CUSTFOLIO_INLINE std::vector<GrowthForecast::Carried> GrowthForecast::carried(Month first, Month last,
                                                                              Payoff payoff) const {
    if (!factors_->groups().empty()) {
        return carried_by_group({.first = first - start_, .last = last - start_, .payoff = payoff});
    }
    const std::vector<std::size_t> begin = first_nodes();
    const std::size_t count = begin.back();
    // Given the factor: the mean of everything, and for each node its chance, its covariance with its own graph, and
    // the product with the mean of everything.
    const auto joint = [&](double factor, std::vector<double>& value) {
        PlanQuestion question{.first = first - start_, .last = last - start_, .payoff = payoff};
        question.correlation = factors_->total();
        question.factor = factor;
        std::vector<double> mean(graphs_.size());
        math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
            for (std::size_t g = b; g < e; ++g) {
                mean[g] = detail::first_moment(exact_amounts(g, question));
                PlanQuestion asked = question;
                for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
                    asked.succeeds = v;
                    const DiscreteAmount found = exact_amounts(g, asked);
                    double chance = 0;
                    for (const double p : found.probability) chance += p;
                    value[1 + begin[g] + v] = chance;
                    value[1 + count + begin[g] + v] = detail::first_moment(found) - mean[g] * chance;
                }
            }
        });
        math::CompensatedSum total;
        for (const double one : mean) total += one;
        value[0] = total.value();
        for (std::size_t k = 0; k < count; ++k) value[1 + 2 * count + k] = total.value() * value[1 + k];
    };
    const std::vector<double> found = over_factor(1 + 3 * count, 1e-13, joint);
    std::vector<Carried> result(count);
    for (std::size_t k = 0; k < count; ++k) {
        result[k].success = std::clamp(found[1 + k], 0.0, 1.0);
        result[k].covariance = found[1 + count + k] + (found[1 + 2 * count + k] - found[0] * found[1 + k]);
    }
    return result;
}

// With factors that only some plans share: given what the factors of two graphs are together, standard normal X and Y
// with the correlation c, the graphs are independent, so that Cov(f(X), g(Y)) = sum_k c^k f_k g_k over k > 0 with the
// coefficients f_k = E[f(X) h_k(X)] of the orthonormal Hermite polynomials (Mehler's formula).
CUSTFOLIO_INLINE std::vector<GrowthForecast::Carried> GrowthForecast::carried_by_group(
    const PlanQuestion& question) const {
    const std::vector<std::size_t> begin = first_nodes();
    const std::size_t count = begin.back();
    // Graphs by their combination of labels.
    std::vector<std::size_t> kind(graphs_.size());
    std::vector<std::size_t> plans;
    for (std::size_t g = 0; g < graphs_.size(); ++g) {
        const std::vector<std::size_t> own = kinds(g);
        if (own.size() > 1) {
            throw InputError("plans that wait for each other carry different labels of a factor (" +
                             detail::plan_text((*plans_)[own[0]]) + " and " + detail::plan_text((*plans_)[own[1]]) +
                             "): what their steps carry of the uncertainty is not computed; give them one label");
        }
        const auto same = [&](std::size_t plan) { return factors_->alike(plan, own[0]); };
        kind[g] = static_cast<std::size_t>(std::ranges::find_if(plans, same) - plans.begin());
        if (kind[g] == plans.size()) plans.push_back(own[0]);
    }
    double nearest = 0;
    std::vector<double> between(plans.size() * plans.size(), 1.0);
    for (std::size_t a = 0; a < plans.size(); ++a) {
        for (std::size_t b = 0; b < plans.size(); ++b) {
            if (a == b) continue;
            const double c = factors_->correlation(plans[a], plans[b]);
            between[a * plans.size() + b] = c;
            nearest = std::max(nearest, c);
        }
    }
    // Beyond these many terms c^k is nothing, or the coefficients of what is smoothed by the steps' own chance are.
    const auto terms =
        static_cast<std::size_t>(nearest > 0 ? std::clamp(std::ceil(-32 / std::log(nearest)), 2.0, 300.0) : 2.0);
    std::vector<math::CompensatedSum> mean_terms(graphs_.size() * terms);
    std::vector<math::CompensatedSum> chance_terms(count * terms);
    std::vector<math::CompensatedSum> own(count);
    std::vector<math::CompensatedSum> alike(count);
    const auto covariances = [&](double spacing) {
        std::vector<Carried> result(count);
        std::vector<double> kinds_terms(plans.size() * terms);
        for (std::size_t g = 0; g < graphs_.size(); ++g) {
            for (std::size_t k = 0; k < terms; ++k) {
                kinds_terms[kind[g] * terms + k] += spacing * mean_terms[g * terms + k].value();
            }
        }
        std::vector<double> seen(plans.size() * terms);  // of the other kinds, by a graph of that kind
        for (std::size_t a = 0; a < plans.size(); ++a) {
            for (std::size_t b = 0; b < plans.size(); ++b) {
                if (a == b) continue;
                double power = 1;
                for (std::size_t k = 0; k < terms; ++k) {
                    seen[a * terms + k] += power * kinds_terms[b * terms + k];
                    power *= between[a * plans.size() + b];
                }
            }
        }
        for (std::size_t g = 0; g < graphs_.size(); ++g) {
            for (std::size_t v = begin[g]; v < begin[g + 1]; ++v) {
                result[v].success = std::clamp(spacing * chance_terms[v * terms].value(), 0.0, 1.0);
                // Given X within the graph; with its own kind, which has the same X; with the others.
                math::CompensatedSum sum;
                sum += spacing * own[v].value();
                sum += spacing * alike[v].value() -
                       spacing * chance_terms[v * terms].value() * kinds_terms[kind[g] * terms];
                for (std::size_t k = 1; k < terms; ++k) {
                    sum += spacing * chance_terms[v * terms + k].value() * seen[kind[g] * terms + k];
                }
                result[v].covariance = sum.value();
            }
        }
        return result;
    };
    std::vector<double> mean(graphs_.size());
    std::vector<double> chance(count);
    std::vector<double> within(count);
    std::vector<double> hermite(terms);
    std::vector<Carried> now;
    for (int level = 0; level <= 6; ++level) {
        for (const double x : detail::factor_values(level)) {
            PlanQuestion given = question;
            given.correlation = factors_->total();
            given.factor = x;
            math::parallel_for(0, graphs_.size(), 16, options_.threads, [&](std::size_t b, std::size_t e) {
                for (std::size_t g = b; g < e; ++g) {
                    mean[g] = detail::first_moment(exact_amounts(g, given));
                    PlanQuestion asked = given;
                    for (std::size_t v = 0; v < graphs_[g]->nodes().size(); ++v) {
                        asked.succeeds = v;
                        const DiscreteAmount found = exact_amounts(g, asked);
                        double succeeds = 0;
                        for (const double p : found.probability) succeeds += p;
                        chance[begin[g] + v] = succeeds;
                        within[begin[g] + v] = detail::first_moment(found) - mean[g] * succeeds;
                    }
                }
            });
            hermite[0] = math::normal_pdf(x);
            if (terms > 1) hermite[1] = x * hermite[0];
            for (std::size_t k = 2; k < terms; ++k) {
                const auto order = static_cast<double>(k);
                hermite[k] = (x * hermite[k - 1] - std::sqrt(order - 1) * hermite[k - 2]) / std::sqrt(order);
            }
            for (std::size_t k = 0; k < terms; ++k) {
                for (std::size_t g = 0; g < mean.size(); ++g) mean_terms[g * terms + k] += hermite[k] * mean[g];
                for (std::size_t v = 0; v < count; ++v) chance_terms[v * terms + k] += hermite[k] * chance[v];
            }
            std::vector<double> together(plans.size());
            for (std::size_t g = 0; g < mean.size(); ++g) together[kind[g]] += mean[g];
            for (std::size_t g = 0; g < mean.size(); ++g) {
                for (std::size_t v = begin[g]; v < begin[g + 1]; ++v) {
                    own[v] += hermite[0] * within[v];
                    alike[v] += hermite[0] * chance[v] * together[kind[g]];
                }
            }
        }
        std::vector<Carried> next = covariances(detail::factor_spacing(level));
        double greatest = 0;
        double change = level == 0 ? std::numeric_limits<double>::infinity() : 0;
        for (std::size_t v = 0; v < count && level > 0; ++v) {
            greatest = std::max(greatest, std::abs(next[v].covariance));
            change = std::max(change, std::abs(next[v].covariance - now[v].covariance));
        }
        now = std::move(next);
        if (change <= 1e-11 * greatest) break;
    }
    return now;
}

CUSTFOLIO_INLINE std::vector<Distribution> GrowthForecast::ranges(std::span<const Span> spans, Payoff payoff,
                                                                  const SumOptions& options) const {
    std::vector<Distribution> found(spans.size());
    SumOptions own = options;
    own.threads = 1;
    // The last first: the longest span often, and the one that takes most.
    math::parallel_for(0, spans.size(), 1, options.threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t at = spans.size() - 1 - i;
            found[at] = range(spans[at].first, spans[at].last, payoff, own);
        }
    });
    return found;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::month(Month month, Payoff payoff, const SumOptions& options) const {
    return range(month, month, payoff, options);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::total(Payoff payoff, const SumOptions& options) const {
    return range(start_, start_ + (months_ - 1), payoff, options);
}

CUSTFOLIO_INLINE GrowthForecast grow(std::span<const ActionPlan> plans, Month start, int months,
                                     const GrowOptions& options) {
    return {std::vector<ActionPlan>(plans.begin(), plans.end()), start, months, options};
}

CUSTFOLIO_INLINE std::vector<double> simulate_total(const GrowthForecast& forecast, std::size_t paths,
                                                    std::uint64_t seed, Payoff payoff, unsigned threads) {
    if (paths == 0) throw InputError("paths is 0; at least one path is needed");
    const PlanQuestion question{
        .first = 0, .last = forecast.months_ - 1, .payoff = payoff, .correlation = forecast.factors_->total()};
    return forecast.plays(question, paths, seed, threads);
}

}  // namespace custfolio
