// Definitions of the exact distribution of a graph of steps.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <memory_resource>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/growth/outcome_tree.hpp"
#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"

namespace custfolio {

namespace detail {

// Adds up amounts of the same bits, of many atoms of which many are equal; the number that is left.
CUSTFOLIO_INLINE std::size_t gather(std::span<Atom> atoms, std::pmr::vector<std::uint32_t>& table) {
    const std::size_t places = std::bit_ceil(2 * atoms.size());
    const int shift = 64 - std::countr_zero(places);
    table.assign(places, 0);
    std::uint32_t kept = 0;
    for (const Atom atom : atoms) {
        const double amount = atom.amount + 0.0;  // no -0
        std::size_t at = (std::bit_cast<std::uint64_t>(amount) * 0x9e3779b97f4a7c15U) >> shift;
        while (table[at] != 0 && atoms[table[at] - 1].amount != amount) at = (at + 1) & (places - 1);
        if (table[at] == 0) {
            atoms[kept] = {amount, atom.probability};
            table[at] = ++kept;
        } else {
            atoms[table[at] - 1].probability += atom.probability;
        }
    }
    return kept;
}

// Sorts amounts: few by insertion, some by their place between the least and the greatest first.
CUSTFOLIO_INLINE void sort_amounts(std::span<Atom> atoms) {
    constexpr std::size_t few = 32;
    constexpr std::size_t some = 1024;
    const auto insert = [](std::span<Atom> own) {
        for (std::size_t i = 1; i < own.size(); ++i) {
            const Atom atom = own[i];
            std::size_t at = i;
            for (; at > 0 && atom.amount < own[at - 1].amount; --at) own[at] = own[at - 1];
            own[at] = atom;
        }
    };
    const auto sort = [](std::span<Atom> own) {
        std::sort(own.begin(), own.end(), [](const Atom& a, const Atom& b) { return a.amount < b.amount; });
    };
    if (atoms.size() <= few) return insert(atoms);
    if (atoms.size() > some) return sort(atoms);
    double least = atoms[0].amount;
    double greatest = least;
    for (const Atom& atom : atoms) {
        least = std::min(least, atom.amount);
        greatest = std::max(greatest, atom.amount);
    }
    const double scale = static_cast<double>(atoms.size() - 1) / (greatest - least);
    if (!(scale > 0) || !std::isfinite(scale)) return sort(atoms);
    std::array<std::uint16_t, some> place;
    std::array<std::uint16_t, some + 1> end{};
    std::array<Atom, some> copy;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
        copy[i] = atoms[i];
        place[i] = static_cast<std::uint16_t>((atoms[i].amount - least) * scale);
        ++end[place[i] + 1U];
    }
    for (std::size_t b = 1; b <= atoms.size(); ++b) end[b] = static_cast<std::uint16_t>(end[b] + end[b - 1]);
    for (std::size_t i = 0; i < atoms.size(); ++i) atoms[end[place[i]]++] = copy[i];
    // Now end[b] is where place b ends.
    std::size_t begin = 0;
    for (std::size_t b = 0; b < atoms.size(); ++b) {
        const std::span<Atom> own = atoms.subspan(begin, end[b] - begin);
        if (own.size() > few) {
            sort(own);
        } else {
            insert(own);
        }
        begin = end[b];
    }
}

// Sorts amounts and adds up equal ones; the number that is left.
CUSTFOLIO_INLINE std::size_t compact(std::span<Atom> atoms) {
    if (atoms.size() < 2) return atoms.size();
    sort_amounts(atoms);
    std::size_t kept = 0;
    for (std::size_t i = 1; i < atoms.size(); ++i) {
        const double near = 1e-11 * std::max(1.0, std::abs(atoms[kept].amount));
        if (atoms[i].amount - atoms[kept].amount <= near) {
            atoms[kept].probability += atoms[i].probability;
        } else {
            atoms[++kept] = atoms[i];
        }
    }
    return kept + 1;
}

CUSTFOLIO_INLINE void compact(std::vector<Atom>& atoms) {
    atoms.resize(compact(std::span(atoms)));
}

CUSTFOLIO_INLINE void append(std::span<const Atom> atoms, DiscreteAmount& found, bool chances) {
    found.amount.reserve(found.amount.size() + atoms.size());
    found.probability.reserve(found.probability.size() + atoms.size());
    for (const Atom& atom : atoms) {
        found.amount.push_back(atom.amount);
        found.probability.push_back(chances ? std::min(atom.probability, 1.0) : atom.probability);
    }
}

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

/// The months in which the steps that others still wait for have succeeded, with the amounts so far: one row of months
/// and one run of amounts a state.
struct Frontier {
    std::size_t slots = 0;
    std::pmr::vector<int> month;
    std::pmr::vector<std::size_t> begin;
    std::pmr::vector<Atom> atoms;

    explicit Frontier(std::pmr::memory_resource* memory)
        : month(memory), begin({0, 1}, memory), atoms({{0, 1}}, memory) {}

    [[nodiscard]] std::size_t states() const { return begin.size() - 1; }
    [[nodiscard]] std::span<const int> months(std::size_t state) const {
        return std::span(month).subspan(state * slots, slots);
    }
    [[nodiscard]] std::size_t amounts(std::size_t state) const { return begin[state + 1] - begin[state]; }

    /// States that are the same but for slots that nobody waits for any more: the number of its class for each, classes
    /// counted; `keep` are the others.
    std::size_t classes(std::span<const std::size_t> keep, std::pmr::vector<std::size_t>& of) const {
        of.resize(states());
        std::iota(of.begin(), of.end(), std::size_t{0});
        if (keep.size() == slots) return states();
        std::pmr::vector<std::size_t> order(of, of.get_allocator());
        const auto compare = [&](std::size_t a, std::size_t b) {
            for (const std::size_t slot : keep) {
                const int difference = month[a * slots + slot] < month[b * slots + slot]   ? -1
                                       : month[a * slots + slot] > month[b * slots + slot] ? 1
                                                                                           : 0;
                if (difference != 0) return difference;
            }
            return 0;
        };
        if (!keep.empty()) {
            std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
                const int difference = compare(a, b);
                return difference != 0 ? difference < 0 : a < b;
            });
        }
        std::size_t count = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (i > 0 && compare(order[i - 1], order[i]) != 0) ++count;
            of[order[i]] = count;
        }
        return count + 1;
    }
};

}  // namespace detail

CUSTFOLIO_INLINE PlanGraph::PlanGraph(std::vector<Node> nodes, Month start, int months)
    : nodes_(std::move(nodes)), last_use_(nodes_.size()), start_(start), months_(months) {
    chain_ = !nodes_.empty();
    for (std::size_t v = 0; v < nodes_.size(); ++v) {
        chain_ = chain_ && (v == 0 ? nodes_[v].parents.empty() : nodes_[v].parents == std::vector{v - 1});
        chain_ = chain_ && !nodes_[v].known;  // a known success stands whatever came before it
        last_use_[v] = v;
        for (const std::size_t parent : nodes_[v].parents) last_use_[parent] = v;
        draws_ += draws_of(nodes_[v]);
    }
    outcomes_ = std::make_shared<detail::OutcomeTree>();
}

CUSTFOLIO_INLINE void PlanGraph::share(const PlanGraph& other) {
    outcomes_ = other.outcomes_;
    if (outcomes_ != nullptr) outcomes_->add_graph();
}

CUSTFOLIO_INLINE std::string PlanGraph::shape() const {
    return detail::outcome_shape(nodes_, start_, months_);
}

// A duration and a result for each attempt, and a size.
CUSTFOLIO_INLINE std::uint64_t PlanGraph::draws_of(const Node& node) {
    return node.step == nullptr ? 1 : 2 * static_cast<std::uint64_t>(node.step->retries + 1) + 1;
}

// Ways to the same end are one.
CUSTFOLIO_INLINE void PlanGraph::merge(std::vector<End>& ends, std::size_t first) {
    if (ends.size() < first + 2) return;
    std::sort(ends.begin() + static_cast<std::ptrdiff_t>(first), ends.end(), [](const End& a, const End& b) {
        return a.finish != b.finish ? a.finish < b.finish : a.amount < b.amount;
    });
    std::size_t kept = first;
    for (std::size_t i = first + 1; i < ends.size(); ++i) {
        if (ends[i].finish == ends[kept].finish && ends[i].amount == ends[kept].amount) {
            ends[kept].probability += ends[i].probability;
        } else {
            ends[++kept] = ends[i];
        }
    }
    ends.resize(kept + 1);
}

CUSTFOLIO_INLINE PlanGraph PlanGraph::given(std::size_t node, const StepOutcome& outcome) const {
    PlanGraph result = *this;
    result.nodes_[node].known = outcome;
    result.chain_ = false;
    result.outcomes_ = std::make_shared<detail::OutcomeTree>();
    return result;
}

// Of events the factor says nothing; they have no plan.
CUSTFOLIO_INLINE double PlanGraph::factor_of(const Node& node, const PlanQuestion& question) {
    return question.factors.empty() ? question.factor : question.factors[node.plan];
}

// What is left of a step's chance where it is decided in a month.
CUSTFOLIO_INLINE double PlanGraph::lateness(const Node& node, int month, double whole) {
    const ActionStep& step = *node.step;
    if (!step.by_month.empty()) {
        whole *= step.by_month[std::min(static_cast<std::size_t>(month), step.by_month.size() - 1)];
    }
    if (step.hazard > 0) whole *= std::pow(1 - step.hazard, std::max(month - node.soonest, 0));
    return whole;
}

CUSTFOLIO_INLINE double PlanGraph::chance(const Node& node, int month, const PlanQuestion& question) const {
    if (node.step == nullptr) return node.event_probability;
    const double p = std::min(lateness(node, month, node.step->success_probability), 1.0);
    return chance_given_factor(p, question.correlation, factor_of(node, question));
}

// Derivative of the chance by the step's success probability.
CUSTFOLIO_INLINE double PlanGraph::slope(const Node& node, int month, const PlanQuestion& question) const {
    if (node.step == nullptr) return 1;
    double late = lateness(node, month, 1);
    const double p = node.step->success_probability * late;
    const double correlation = question.correlation;
    if (correlation > 0 && p > 0 && p < 1) {
        const double x = math::normal_quantile(p);
        const double y = (x - std::sqrt(correlation) * factor_of(node, question)) / std::sqrt(1 - correlation);
        late *= std::exp((x * x - y * y) / 2) / std::sqrt(1 - correlation);
    }
    return late;
}

// Share of the regular amount that a success brings in a month.
CUSTFOLIO_INLINE double PlanGraph::regular_share(const ActionStep& step, int success, int month) const {
    const int since = month - success;
    if (since < 0 || (step.pays_months > 0 && since >= step.pays_months)) return 0;
    double share = since + 1 < step.ramp_months ? static_cast<double>(since + 1) / step.ramp_months : 1;
    if (!step.season.empty()) {
        const int calendar = ((start_ + month).index() % 12 + 12) % 12;
        share *= step.season[static_cast<std::size_t>(calendar)];
    }
    return share;
}

CUSTFOLIO_INLINE double PlanGraph::pay(const ActionStep& step, int success, int month, Payoff payoff) const {
    const auto [regular, one_off] = detail::payoffs(step, payoff);
    return (month == success ? one_off : 0) + regular * regular_share(step, success, month);
}

CUSTFOLIO_INLINE double PlanGraph::pay(const ActionStep& step, int success, int first, int last, Payoff payoff) const {
    double sum = 0;
    if (step.ramp_months <= 1 && step.pays_months == 0 && step.season.empty()) {
        const int begin = std::max(success, first);
        if (begin > last) return 0;
        const auto [regular, one_off] = detail::payoffs(step, payoff);
        sum = regular * (last - begin + 1);
        if (success >= first) sum += one_off;
        return sum;
    }
    for (int m = std::max(success, first); m <= last; ++m) sum += pay(step, success, m, payoff);
    return sum;
}

// What a success brings in all months of the question.
CUSTFOLIO_INLINE double PlanGraph::pay(const Node& node, int success, const PlanQuestion& question) const {
    if (!question.counted.empty() && question.counted[node.plan] == 0) return 0;
    if (question.shares.empty()) return pay(*node.step, success, question.first, question.last, question.payoff);
    double sum = 0;
    for (int m = std::max(success, question.first); m <= question.last; ++m) {
        sum += question.shares[static_cast<std::size_t>(m - question.first)] *
               pay(*node.step, success, m, question.payoff);
    }
    return sum;
}

// What an attempt that begins in a month takes from the amounts of the question.
CUSTFOLIO_INLINE double PlanGraph::spent(const Node& node, int month, const PlanQuestion& question) {
    if (question.payoff == Payoff::revenue || month < question.first) return 0;
    if (!question.counted.empty() && question.counted[node.plan] == 0) return 0;
    const double sign = question.payoff == Payoff::costs ? -1 : 1;
    const double share =
        question.shares.empty() ? 1 : question.shares[static_cast<std::size_t>(month - question.first)];
    return sign * share * node.step->spend;
}

CUSTFOLIO_INLINE void PlanGraph::ends(std::size_t at, int start, const PlanQuestion& question,
                                      std::vector<End>& result) const {
    const Node& node = nodes_[at];
    const bool differentiated = question.derivative == at;
    const std::size_t first = result.size();
    const auto succeed = [&](double probability, int month, double cost) {
        if (!(probability != 0)) return;
        const double amount = node.step == nullptr ? 0 : pay(node, month, question);
        if (node.step == nullptr || node.step->sizes.empty() || amount == 0) {
            result.push_back({probability, month, amount - cost});
            return;
        }
        for (std::size_t i = 0; i < node.step->sizes.size(); ++i) {
            if (!(node.step->size_probabilities[i] > 0)) continue;
            result.push_back(
                {probability * node.step->size_probabilities[i], month, amount * node.step->sizes[i] - cost});
        }
    };
    const auto fail = [&](double probability, double cost) {
        if (probability != 0) result.push_back({probability, never, -cost});
    };
    if (node.known) {
        if (differentiated) return;
        if (node.known->succeeded) {
            succeed(1, node.known->month - start_, 0);
        } else {
            fail(1, 0);
        }
        return;
    }
    if (start > std::min(node.latest, question.last)) {
        if (!differentiated) fail(1, 0);
        return;
    }
    if (node.step == nullptr) {
        const double p = node.event_probability;
        succeed(differentiated ? 1 : p, start, 0);
        fail(differentiated ? -1 : 1 - p, 0);
        return;
    }
    const ActionStep& step = *node.step;
    const double fixed = 1;
    const std::span<const double> durations = step.duration_chances.empty()
                                                  ? std::span<const double>(&fixed, 1)
                                                  : std::span<const double>(step.duration_chances);
    // `reached` is the chance of this attempt, `change` its derivative by the success probability.
    const auto attempt = [&](const auto& self, int month, int left, double reached, double change,
                             double cost) -> void {
        if (month > std::min(node.latest, question.last)) {
            fail(differentiated ? change : reached, cost);
            return;
        }
        cost += spent(node, month, question);
        for (std::size_t d = 0; d < durations.size(); ++d) {
            if (!(durations[d] > 0)) continue;
            const int decided = month + step.duration_months + static_cast<int>(d);
            const double q = reached * durations[d];
            const double dq = change * durations[d];
            if (decided > question.last) {
                fail(differentiated ? dq : q, cost);
                continue;
            }
            const double p = chance(node, decided, question);
            const double dp = differentiated ? slope(node, decided, question) : 0;
            succeed(differentiated ? dq * p + q * dp : q * p, decided, cost);
            const double failing = q * (1 - p);
            const double dfailing = dq * (1 - p) - q * dp;
            if (left > 0 && (failing > 0 || dfailing != 0)) {
                self(self, decided + step.retry_spacing, left - 1, failing, dfailing, cost);
            } else {
                fail(differentiated ? dfailing : failing, cost);
            }
        }
    };
    attempt(attempt, start, step.retries, 1, 0, 0);
    // Where nobody waits for the step, the month in which it succeeds matters for the amount alone.
    if (last_use_[at] == at) {
        for (std::size_t i = first; i < result.size(); ++i) {
            if (result[i].finish != never) result[i].finish = 0;
        }
    }
    if (result.size() > first + 2) merge(result, first);
}

// A chain: only the step that was taken last matters, and a chain that has broken is over.
CUSTFOLIO_INLINE bool PlanGraph::chain(const PlanQuestion& question, std::size_t limit, DiscreteAmount& found) const {
    std::vector<End> alive{{1, 0, 0}};
    std::vector<End> next;
    std::vector<detail::Atom> over;
    for (std::size_t v = 0; v < nodes_.size(); ++v) {
        next.clear();
        std::vector<End> ways;
        int before = never;
        for (const End& state : alive) {
            const int start = std::max(state.finish, nodes_[v].earliest);
            if (ways.empty() || start != before) {
                ways.clear();
                ends(v, start, question, ways);
            }
            before = start;
            for (const End& end : ways) {
                if (end.probability == 0 || (question.succeeds == v && end.finish == never)) continue;
                const double probability = state.probability * end.probability;
                if (end.finish != never) {
                    next.push_back({probability, end.finish, state.amount + end.amount});
                    continue;
                }
                // What comes after is never attempted: it does not succeed, and its chance does not matter.
                if ((question.derivative && *question.derivative > v) ||
                    (question.succeeds && *question.succeeds > v)) {
                    continue;
                }
                over.push_back({state.amount + end.amount, probability});
            }
        }
        merge(next, 0);
        std::swap(alive, next);
        if (over.size() > 4 * limit) detail::compact(over);
        if (alive.size() + over.size() > limit) return false;
    }
    for (const End& state : alive) over.push_back({state.amount, state.probability});
    detail::compact(over);
    detail::append(over, found, !question.derivative);
    return true;
}

CUSTFOLIO_INLINE bool PlanGraph::condition(const PlanQuestion& question, bool amounts, std::size_t limit,
                                           DiscreteAmount* found, std::vector<double>* starts) const {
    // Small graphs need no more memory than this, so that none is asked for.
    std::array<std::byte, std::size_t{1} << 16> space;
    std::pmr::monotonic_buffer_resource memory(space.data(), space.size());
    detail::Frontier frontier(&memory);
    detail::Frontier next(&memory);
    std::pmr::vector<std::size_t> live(&memory);  // the nodes whose months a state tells, in this order
    std::pmr::vector<std::size_t> slots(&memory);
    std::pmr::vector<std::size_t> keep(&memory);   // slots that somebody still waits for
    std::pmr::vector<std::size_t> group(&memory);  // of states
    std::vector<End> ways;                         // ends by the month of the start, behind each other
    struct Ways {
        int start;
        std::size_t begin;
        std::size_t end;
    };
    std::pmr::vector<Ways> known(&memory);
    std::pmr::vector<std::size_t> way(&memory);    // of each state
    std::pmr::vector<int> finishes(&memory);       // in which the node may succeed, where somebody waits for it
    std::pmr::vector<std::size_t> place(&memory);  // of each end's month in `finishes`
    std::pmr::vector<std::size_t> fill(&memory);
    std::pmr::vector<std::uint32_t> table(&memory);
    for (std::size_t v = 0; v < nodes_.size(); ++v) {
        const Node& node = nodes_[v];
        slots.clear();
        for (const std::size_t parent : node.parents) {
            slots.push_back(static_cast<std::size_t>(std::ranges::find(live, parent) - live.begin()));
        }
        const bool waited = last_use_[v] > v;
        keep.clear();
        for (std::size_t i = 0; i < live.size(); ++i) {
            if (last_use_[live[i]] > v) keep.push_back(i);
        }
        known.clear();
        ways.clear();
        way.resize(frontier.states());
        for (std::size_t s = 0; s < frontier.states(); ++s) {
            const std::span<const int> months = frontier.months(s);
            int start = node.any && !slots.empty() ? never : 0;
            for (const std::size_t slot : slots) {
                start = node.any ? std::min(start, months[slot]) : std::max(start, months[slot]);
            }
            if (start != never) start = std::max(start, node.earliest);
            if (starts != nullptr && start < months_ && start <= node.latest) {
                double& begun = (*starts)[v * static_cast<std::size_t>(months_) + static_cast<std::size_t>(start)];
                for (std::size_t k = frontier.begin[s]; k < frontier.begin[s + 1]; ++k) {
                    begun += frontier.atoms[k].probability;
                }
            }
            std::size_t at = 0;
            while (at < known.size() && known[at].start != start) ++at;
            if (at == known.size()) {
                const std::size_t begin = ways.size();
                ends(v, start, question, ways);
                known.push_back({start, begin, ways.size()});
            }
            way[s] = at;
        }
        const auto counts = [&](const End& end) {
            return end.probability != 0 && !(question.succeeds == v && end.finish > question.last);
        };
        finishes.clear();
        if (waited) {
            for (const End& end : ways) {
                if (counts(end)) finishes.push_back(end.finish);
            }
            std::ranges::sort(finishes);
            const auto twice = std::ranges::unique(finishes);
            finishes.erase(twice.begin(), twice.end());
        } else {
            finishes.push_back(never);
        }
        // A new state: the class of an old one, and the month in which this node succeeds.
        const std::size_t classes = frontier.classes(keep, group);
        place.assign(ways.size(), 0);
        for (std::size_t e = 0; waited && e < ways.size(); ++e) {
            place[e] = static_cast<std::size_t>(std::ranges::lower_bound(finishes, ways[e].finish) - finishes.begin());
        }
        fill.assign(classes * finishes.size() + 1, 0);
        std::size_t size = 0;
        for (std::size_t s = 0; s < frontier.states(); ++s) {
            for (std::size_t e = known[way[s]].begin; e < known[way[s]].end; ++e) {
                if (!counts(ways[e])) continue;
                fill[group[s] * finishes.size() + place[e] + 1] += frontier.amounts(s);
                size += frontier.amounts(s);
            }
            if (size > 8 * limit) return false;
        }
        for (std::size_t t = 1; t < fill.size(); ++t) fill[t] += fill[t - 1];
        next.atoms.clear();
        next.atoms.resize(size);
        next.slots = keep.size() + (waited ? 1 : 0);
        next.month.resize(next.slots * (fill.size() - 1));
        for (std::size_t s = 0; s < frontier.states(); ++s) {
            for (std::size_t e = known[way[s]].begin; e < known[way[s]].end; ++e) {
                const End& end = ways[e];
                if (!counts(end)) continue;
                const std::size_t t = group[s] * finishes.size() + place[e];
                for (std::size_t i = 0; i < keep.size(); ++i) {
                    next.month[t * next.slots + i] = frontier.month[s * frontier.slots + keep[i]];
                }
                if (waited) next.month[t * next.slots + keep.size()] = end.finish;
                const double by = amounts ? end.amount : 0;
                for (std::size_t k = frontier.begin[s]; k < frontier.begin[s + 1]; ++k) {
                    next.atoms[fill[t]++] = {frontier.atoms[k].amount + by,
                                             frontier.atoms[k].probability * end.probability};
                }
            }
        }
        // Now fill[t] is where the next state's amounts begin.
        next.begin.assign(1, 0);
        std::size_t states = 0;
        std::size_t kept = 0;
        std::size_t begin = 0;
        for (std::size_t t = 0; t + 1 < fill.size(); ++t) {
            const std::size_t end = fill[t];
            if (end == begin) continue;
            std::span<detail::Atom> own = std::span(next.atoms).subspan(begin, end - begin);
            if (own.size() > 32) own = own.first(detail::gather(own, table));
            const std::size_t left = detail::compact(own);
            std::copy_n(next.atoms.begin() + static_cast<std::ptrdiff_t>(begin), left,
                        next.atoms.begin() + static_cast<std::ptrdiff_t>(kept));
            std::copy_n(next.month.begin() + static_cast<std::ptrdiff_t>(t * next.slots), next.slots,
                        next.month.begin() + static_cast<std::ptrdiff_t>(states * next.slots));
            next.begin.push_back(kept += left);
            ++states;
            begin = end;
        }
        next.atoms.resize(kept);
        next.month.resize(states * next.slots);
        if (kept > limit) return false;
        std::swap(frontier, next);
        for (std::size_t i = 0; i < keep.size(); ++i) live[i] = live[keep[i]];
        live.resize(keep.size());
        if (waited) live.push_back(v);
    }
    if (found != nullptr) detail::append(frontier.atoms, *found, !question.derivative);
    return true;
}

CUSTFOLIO_INLINE std::optional<DiscreteAmount> PlanGraph::amounts(const PlanQuestion& question,
                                                                  std::size_t limit) const {
    // Without a factor chains are counted sooner than their ways are laid out.
    const bool plain = question.shares.empty() && question.counted.empty() && question.payoff != Payoff::costs;
    if (plain && outcomes_ != nullptr && outcomes_->pays_off(question) && (!chain_ || question.correlation > 0)) {
        if (std::optional<DiscreteAmount> found = outcomes_->amounts(*this, question, limit)) return found;
    }
    DiscreteAmount result;
    const bool done = chain_ ? chain(question, limit, result) : condition(question, true, limit, &result, nullptr);
    return done ? std::optional(std::move(result)) : std::nullopt;
}

CUSTFOLIO_INLINE std::optional<std::vector<double>> PlanGraph::starts(const PlanQuestion& circumstances,
                                                                      std::size_t limit) const {
    std::vector<double> result(nodes_.size() * static_cast<std::size_t>(months_));
    PlanQuestion question = circumstances;
    question.first = 0;
    question.last = months_ - 1;
    if (!condition(question, false, limit, nullptr, &result)) return std::nullopt;
    return result;
}

CUSTFOLIO_INLINE PlanGraph::Expectation PlanGraph::expectation(std::size_t at, int start,
                                                               const PlanQuestion& circumstances) const {
    const auto months = static_cast<std::size_t>(months_);
    Expectation result{std::vector<double>(months), std::vector<double>(months), std::vector<double>(months), 0};
    const Node& node = nodes_[at];
    if (node.step == nullptr) return result;
    const ActionStep& step = *node.step;
    double size = 1;
    if (!step.sizes.empty()) {
        size = 0;
        for (std::size_t i = 0; i < step.sizes.size(); ++i) size += step.sizes[i] * step.size_probabilities[i];
    }
    const auto succeed = [&](double probability, int month) {
        result.succeeds += probability;
        for (int m = std::max(month, 0); m < months_; ++m) {
            const auto k = static_cast<std::size_t>(m);
            result.revenue[k] += probability * size * pay(step, month, m, Payoff::revenue);
            result.contribution[k] += probability * size * pay(step, month, m, Payoff::contribution);
        }
    };
    if (node.known) {
        if (node.known->succeeded) succeed(1, node.known->month - start_);
        return result;
    }
    std::vector<double> chances{1};
    if (!step.duration_chances.empty()) chances = step.duration_chances;
    // The chance of an attempt by its number and month: attempts that begin in one month are one.
    std::vector<double> now(months);
    if (start < months_ && start <= node.latest) now[static_cast<std::size_t>(start)] = 1;
    for (int left = step.retries; left >= 0; --left) {
        std::vector<double> next(months);
        for (int month = 0; month < std::min(months_, node.latest == never ? months_ : node.latest + 1); ++month) {
            const double reached = now[static_cast<std::size_t>(month)];
            if (!(reached > 0)) continue;
            result.contribution[static_cast<std::size_t>(month)] -= reached * step.spend;
            for (std::size_t d = 0; d < chances.size(); ++d) {
                if (!(chances[d] > 0)) continue;
                const double here = reached * chances[d];
                const int takes = step.duration_months + static_cast<int>(d);
                const int spread = std::max(takes, 1);
                for (int m = month; m < std::min(month + spread, months_); ++m) {
                    result.hours[static_cast<std::size_t>(m)] += here * step.hours / spread;
                }
                const int decided = month + takes;
                if (decided >= months_) continue;
                const double p = chance(node, decided, circumstances);
                succeed(here * p, decided);
                if (decided + step.retry_spacing < months_) {
                    next[static_cast<std::size_t>(decided + step.retry_spacing)] += here * (1 - p);
                }
            }
        }
        now = std::move(next);
    }
    return result;
}

CUSTFOLIO_INLINE double PlanGraph::play(const PlanQuestion& question, std::uint64_t seed, std::uint64_t path,
                                        std::uint64_t first, std::vector<int>* begun) const {
    std::vector<int> finish(nodes_.size(), never);
    if (begun != nullptr) begun->assign(nodes_.size(), never);
    math::CompensatedSum total;
    std::uint64_t draw = first;
    for (std::size_t v = 0; v < nodes_.size(); ++v) {
        const Node& node = nodes_[v];
        // Every step has its own numbers, attempted or not: a changed step does not disturb the draws of the others.
        const std::uint64_t own = draw;
        draw += draws_of(node);
        int start = node.any && !node.parents.empty() ? never : 0;
        for (const std::size_t parent : node.parents) {
            start = node.any ? std::min(start, finish[parent]) : std::max(start, finish[parent]);
        }
        if (start != never) start = std::max(start, node.earliest);
        if (begun != nullptr && start < months_ && start <= node.latest) (*begun)[v] = start;
        if (node.known) {
            if (node.known->succeeded) finish[v] = node.known->month - start_;
        } else if (node.step == nullptr) {
            if (start <= question.last && math::uniform(seed, path, own) < node.event_probability) finish[v] = start;
        } else {
            const ActionStep& step = *node.step;
            for (int k = 0; k <= step.retries && start <= std::min(node.latest, question.last); ++k) {
                total += -spent(node, start, question);
                int takes = step.duration_months;
                if (!step.duration_chances.empty()) {
                    double number = math::uniform(seed, path, own + 2 * static_cast<std::uint64_t>(k) + 1);
                    std::size_t d = 0;
                    while (d + 1 < step.duration_chances.size() && number >= step.duration_chances[d]) {
                        number -= step.duration_chances[d++];
                    }
                    takes += static_cast<int>(d);
                }
                const int decided = start + takes;
                if (decided > question.last) break;
                if (math::uniform(seed, path, own + 2 * static_cast<std::uint64_t>(k)) <
                    chance(node, decided, question)) {
                    finish[v] = decided;
                    break;
                }
                start = decided + step.retry_spacing;
            }
        }
        if (finish[v] == never || node.step == nullptr) continue;
        const ActionStep& step = *node.step;
        double amount = pay(node, finish[v], question);
        if (!step.sizes.empty()) {
            double number = math::uniform(seed, path, draw - 1);
            std::size_t i = 0;
            while (i + 1 < step.sizes.size() && number >= step.size_probabilities[i])
                number -= step.size_probabilities[i++];
            amount *= step.sizes[i];
        }
        total += amount;
    }
    return total.value();
}

}  // namespace custfolio
