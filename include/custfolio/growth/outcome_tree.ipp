// Definitions of the ways in which a small graph of steps can go.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/outcome_tree.hpp"
#include "custfolio/growth/plan_graph.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE std::string outcome_shape(std::span<const PlanGraph::Node> nodes, Month start, int months) {
    std::string key;
    const auto add = [&](auto value) {
        char bytes[sizeof(value)];
        std::memcpy(bytes, &value, sizeof(value));
        key.append(bytes, sizeof(value));
    };
    const auto add_all = [&](const std::vector<double>& values) {
        add(values.size());
        for (const double value : values) add(value);
    };
    const auto add_pattern = [&](const std::vector<double>& values) {
        add(values.size());
        for (const double value : values) key.push_back(value > 0 ? '1' : '0');
    };
    key.reserve(64 * nodes.size());
    add(months);
    for (const PlanGraph::Node& node : nodes) {
        add(node.parents.size());
        for (const std::size_t parent : node.parents) add(parent);
        key.push_back(node.any ? 'a' : ' ');
        add(std::min(node.earliest, months));
        add(std::min(node.latest, months));
        key.push_back(node.known ? node.known->succeeded ? '+' : '-' : ' ');
        if (node.known) add(node.known->month - start);
        key.push_back(node.step == nullptr ? 'e' : 's');
        if (node.step == nullptr) continue;
        const ActionStep& step = *node.step;
        add(step.duration_months);
        add_pattern(step.duration_chances);
        add(step.retries);
        add(step.retry_spacing);
        for (const double amount : {step.spend, step.revenue_per_month, step.contribution_per_month,
                                    step.one_off_revenue, step.one_off_contribution}) {
            key.push_back(amount != 0 ? '1' : '0');
        }
        add(step.ramp_months);
        add(step.pays_months);
        add_all(step.season);
        if (!step.season.empty()) add(((start.index() % 12) + 12) % 12);
        add_all(step.sizes);
        add_pattern(step.size_probabilities);
    }
    return key;
}

/// Tells a visitor what may become of a step that is begun in a month, in an order that depends on its shape alone.
template <class Visitor>
void walk_outcomes(const ActionStep& step, int latest, int start, int months, Visitor& visit) {
    const double fixed = 1;
    const std::span<const double> durations = step.duration_chances.empty()
                                                  ? std::span<const double>(&fixed, 1)
                                                  : std::span<const double>(step.duration_chances);
    const auto attempt = [&](const auto& self, int month, int left, const typename Visitor::Path& path) -> void {
        if (month > latest) {
            visit.fail(path);
            return;
        }
        const typename Visitor::Path begun = visit.begin(path, month);
        for (std::size_t d = 0; d < durations.size() && !visit.full(); ++d) {
            if (!(durations[d] > 0)) continue;
            const int decided = month + step.duration_months + static_cast<int>(d);
            const typename Visitor::Path here = visit.take(begun, durations[d]);
            if (decided >= months) {
                visit.fail(here);
                continue;
            }
            const typename Visitor::Path failing = visit.decide(here, decided);
            if (left > 0) {
                self(self, decided + step.retry_spacing, left - 1, failing);
            } else {
                visit.fail(failing);
            }
        }
    };
    attempt(attempt, start, step.retries, typename Visitor::Path{});
}

// What may become of a node begun in a month; false where that is too much.
CUSTFOLIO_INLINE bool OutcomeTree::lay_out_start(const PlanGraph& graph, Start& start) {
    const PlanGraph::Node& node = graph.nodes_[start.node];
    start.begin = static_cast<Index>(ends_.size());
    start.slot = static_cast<Index>(slot_.size());
    const auto add = [&](int finish, std::span<const int> attempts, double size) {
        for (std::size_t e = start.begin; e < ends_.size(); ++e) {
            const auto own = std::span(attempts_).subspan(ends_[e].attempts, ends_[e].attempts_end - ends_[e].attempts);
            if (ends_[e].finish == finish && ends_[e].size == size && std::ranges::equal(own, attempts)) {
                slot_.push_back(static_cast<Index>(e));
                return;
            }
        }
        slot_.push_back(static_cast<Index>(ends_.size()));
        const auto begin = static_cast<Index>(attempts_.size());
        attempts_.insert(attempts_.end(), attempts.begin(), attempts.end());
        ends_.push_back({finish, begin, static_cast<Index>(attempts_.size()), size});
        end_node_.push_back(start.node);
        end_start_.push_back(static_cast<Index>(starts_.size()));
    };
    const auto succeed = [&](int finish, std::span<const int> attempts) {
        if (node.step == nullptr || node.step->sizes.empty()) {
            add(finish, attempts, 1);
            return;
        }
        for (std::size_t i = 0; i < node.step->sizes.size(); ++i) {
            if (node.step->size_probabilities[i] > 0) add(finish, attempts, node.step->sizes[i]);
        }
    };
    struct Visitor {
        using Path = std::vector<int>;
        const decltype(add)& add_end;
        const decltype(succeed)& succeed_with;
        const std::vector<Index>& slots;
        bool spends;
        [[nodiscard]] bool full() const { return slots.size() > most_states; }
        void fail(const Path& path) const { add_end(PlanGraph::never, path, 1); }
        [[nodiscard]] Path begin(const Path& path, int month) const {
            Path result = path;
            if (spends) result.push_back(month);
            return result;
        }
        [[nodiscard]] Path take(const Path& path, double /*chance*/) const { return path; }
        [[nodiscard]] Path decide(const Path& path, int month) const {
            succeed_with(month, path);
            return path;
        }
    };
    if (node.known) {
        succeed(start.month, {});
    } else if (node.step == nullptr) {
        succeed(start.month, {});
        add(PlanGraph::never, {}, 1);
    } else {
        Visitor visitor{add, succeed, slot_, node.step->spend != 0};
        walk_outcomes(*node.step, std::min(node.latest, graph.months_ - 1), start.month, graph.months_, visitor);
    }
    start.outcome = static_cast<Index>(slot_.size());
    return slot_.size() <= most_states;
}

CUSTFOLIO_INLINE bool OutcomeTree::lay_out(const PlanGraph& graph) {
    const std::vector<PlanGraph::Node>& nodes = graph.nodes_;
    const std::size_t count = nodes.size();
    if (count == 0 || count > 256) return false;
    const std::size_t most = std::min<std::size_t>(1024, (std::size_t{1} << 14) / count);
    ends_.emplace_back();  // none
    end_node_.push_back(count);
    end_start_.push_back(0);
    // One row a way so far: what it has earned is told by its history, and months are held of nodes still waited for.
    struct Row {
        Index state;
        Index history;
        Index end;
    };
    std::vector<Row> rows{{0, 0, none}};
    std::vector<int> finish(count);
    std::vector<Row> next;
    std::vector<int> next_finish;
    std::vector<std::size_t> order;
    Index histories = 1;
    bool merges = false;  // whether any ways can be one: where a step that pays nothing is forgotten
    for (std::size_t v = 0; v < count; ++v) {
        const PlanGraph::Node& node = nodes[v];
        const bool pays =
            node.step != nullptr &&
            (node.step->revenue_per_month != 0 || node.step->contribution_per_month != 0 ||
             node.step->one_off_revenue != 0 || node.step->one_off_contribution != 0 || node.step->spend != 0);
        merges = merges || !pays;
        next.clear();
        next_finish.clear();
        const std::size_t own = starts_.size();
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const std::span<const int> months = std::span(finish).subspan(r * count, count);
            const auto go_on = [&](Index end, int at) {
                next.push_back({rows[r].state, end != none && pays ? histories++ : rows[r].history, end});
                next_finish.insert(next_finish.end(), months.begin(), months.end());
                next_finish[next_finish.size() - count + v] = at;
            };
            int start = node.any && !node.parents.empty() ? PlanGraph::never : 0;
            for (const std::size_t parent : node.parents) {
                start = node.any ? std::min(start, months[parent]) : std::max(start, months[parent]);
            }
            if (start != PlanGraph::never) start = std::max(start, node.earliest);
            if (node.known ? !node.known->succeeded : start > std::min(node.latest, graph.months_ - 1)) {
                go_on(none, PlanGraph::never);
                continue;
            }
            if (node.known) start = node.known->month - graph.start_;
            std::size_t s = own;
            while (s < starts_.size() && starts_[s].month != start) ++s;
            if (s == starts_.size()) {
                Start fresh{v, start, 0, 0, 0};
                if (!lay_out_start(graph, fresh)) return false;
                starts_.push_back(fresh);
            }
            const std::size_t last = s + 1 < starts_.size() ? starts_[s + 1].begin : ends_.size();
            for (std::size_t e = starts_[s].begin; e < last; ++e) go_on(static_cast<Index>(e), ends_[e].finish);
        }
        // Months that nobody asks for any more are forgotten.
        for (std::size_t u = 0; u <= v; ++u) {
            if (graph.last_use_[u] > v) continue;
            for (std::size_t r = 0; r < next.size(); ++r) next_finish[r * count + u] = 0;
        }
        order.resize(next.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const auto months = [&](std::size_t r) { return std::span(next_finish).subspan(r * count, v + 1); };
        const auto same = [&](std::size_t a, std::size_t b) {
            return next[a].history == next[b].history && std::ranges::equal(months(a), months(b));
        };
        if (merges) {
            std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
                if (next[a].history != next[b].history) return next[a].history < next[b].history;
                return std::ranges::lexicographical_compare(months(a), months(b));
            });
        }
        rows.clear();
        finish.clear();
        for (std::size_t i = 0; i < order.size();) {
            std::size_t j = i + 1;
            while (merges && j < order.size() && same(order[i], order[j])) ++j;
            Row row = next[order[i]];
            if (j > i + 1 || row.end != none) {
                const auto state = static_cast<Index>(states_++);
                for (std::size_t k = i; k < j; ++k) steps_.push_back({next[order[k]].state, next[order[k]].end, state});
                row.state = state;
            }
            rows.push_back(row);
            const auto at = next_finish.begin() + static_cast<std::ptrdiff_t>(order[i] * count);
            finish.insert(finish.end(), at, at + static_cast<std::ptrdiff_t>(count));
            i = j;
        }
        if (rows.size() > most || states_ > most_states) return false;
    }
    return true;
}

// What an end brings in a span, as a linear function of the amounts of its step.
CUSTFOLIO_INLINE OutcomeTree::Term OutcomeTree::term(const PlanGraph& graph, std::size_t at, const End& end,
                                                     const PlanQuestion& q) const {
    Term result{at, 0, 0, 0};
    const ActionStep* step = graph.nodes_[at].step;
    if (step == nullptr) return result;
    if (end.finish <= q.last) {
        const bool revenue = q.payoff == Payoff::revenue;
        if ((revenue ? step->revenue_per_month : step->contribution_per_month) != 0) {
            for (int m = std::max(end.finish, q.first); m <= q.last; ++m) {
                result.regular += graph.regular_share(*step, end.finish, m);
            }
            result.regular *= end.size;
        }
        if ((revenue ? step->one_off_revenue : step->one_off_contribution) != 0 && end.finish >= q.first) {
            result.one_off = end.size;
        }
    }
    if (q.payoff == Payoff::contribution) {
        for (Index i = end.attempts; i < end.attempts_end; ++i) {
            result.attempts += attempts_[i] >= q.first && attempts_[i] <= q.last ? 1 : 0;
        }
    }
    return result;
}

CUSTFOLIO_INLINE OutcomeTree::Cut OutcomeTree::cut(const PlanGraph& graph, const PlanQuestion& q) const {
    constexpr Index nothing = 0;  // the empty term
    Cut result;
    result.first = q.first;
    result.last = q.last;
    result.payoff = q.payoff;
    result.succeeds = q.succeeds;
    // Each end's term; ends of a node stand behind each other.
    result.terms.push_back({graph.nodes_.size(), 0, 0, 0});
    std::vector<Index> term_of(ends_.size(), nothing);
    std::size_t own = 1;
    for (std::size_t e = 1; e < ends_.size(); ++e) {
        if (end_node_[e] != end_node_[e - 1]) own = result.terms.size();
        const Term one = term(graph, end_node_[e], ends_[e], q);
        if (one.regular == 0 && one.one_off == 0 && one.attempts == 0) continue;
        std::size_t t = own;
        while (t < result.terms.size() &&
               (result.terms[t].regular != one.regular || result.terms[t].one_off != one.one_off ||
                result.terms[t].attempts != one.attempts)) {
            ++t;
        }
        if (t == result.terms.size()) result.terms.push_back(one);
        term_of[e] = static_cast<Index>(t);
    }
    // Each state's amount; keys that go on from one are a list. Ways that meet in a state have brought the same.
    constexpr Index end_of_list = 0;
    result.keys.push_back({0, nothing});
    std::vector<Index> longer{end_of_list};
    std::vector<Index> beside{end_of_list};
    std::vector<Index> key(states_);
    for (const Step& step : steps_) {
        Index at = key[step.from];
        if (const Index t = term_of[step.end]; t != nothing) {
            Index found = longer[at];
            while (found != end_of_list && result.keys[found].term != t) found = beside[found];
            if (found == end_of_list) {
                found = static_cast<Index>(result.keys.size());
                result.keys.push_back({at, t});
                longer.push_back(end_of_list);
                beside.push_back(longer[at]);
                longer[at] = found;
            }
            at = found;
        }
        key[step.to] = at;
    }
    // What all ways on from a state bring, or that they differ.
    constexpr Index unknown = 0xffffffffU;
    constexpr Index mixed = 0xfffffffeU;
    std::vector<Index> brings(states_, unknown);
    for (std::size_t i = steps_.size(); i-- > 0;) {
        const Step& step = steps_[i];
        Index& here = brings[step.from];
        const Index then = brings[step.to] == unknown ? key[step.to] : brings[step.to];
        if (q.succeeds && end_node_[step.end] == *q.succeeds) here = mixed;
        if (here != mixed) here = here == unknown || here == then ? then : mixed;
    }
    std::vector<Index> number(states_, unknown);
    std::vector<Index> atom_of(result.keys.size(), unknown);
    std::vector<std::pair<Index, Index>> leaves;  // atom, state
    std::vector<char> used(starts_.size());
    const auto reach = [&](Index state) {
        if (number[state] != unknown) return;
        number[state] = state == 0 ? 0 : static_cast<Index>(result.states++);
        const Index own_key = brings[state] == unknown ? key[state] : brings[state];
        if (own_key == mixed) return;
        Index& atom = atom_of[own_key];
        if (atom == unknown) {
            atom = static_cast<Index>(result.atom_key.size());
            result.atom_key.push_back(own_key);
        }
        leaves.emplace_back(atom, number[state]);
    };
    reach(0);
    for (const Step& step : steps_) {
        if (number[step.from] == unknown || brings[step.from] != mixed) continue;
        reach(step.to);
        result.steps.push_back({number[step.from], step.end, number[step.to]});
        if (step.end != none) used[end_start_[step.end]] = 1;
    }
    for (std::size_t s = 0; s < starts_.size(); ++s) {
        if (used[s] != 0) result.starts.push_back(static_cast<Index>(s));
    }
    std::ranges::sort(leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        if (i == 0 || leaves[i].first != leaves[i - 1].first) result.atom_begin.push_back(static_cast<Index>(i));
        result.leaves.push_back(leaves[i].second);
    }
    result.atom_begin.push_back(static_cast<Index>(leaves.size()));
    return result;
}

CUSTFOLIO_INLINE std::shared_ptr<const OutcomeTree::Cut> OutcomeTree::kept_cut(const PlanGraph& graph,
                                                                               const PlanQuestion& q) {
    constexpr std::size_t most_bytes = std::size_t{1} << 17;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& one : cuts_) {
            if (one->first == q.first && one->last == q.last && one->payoff == q.payoff &&
                one->succeeds == q.succeeds) {
                return one;
            }
        }
    }
    auto fresh = std::make_shared<const Cut>(cut(graph, q));
    const std::scoped_lock lock(mutex_);
    cuts_.push_back(fresh);
    std::size_t bytes = 0;
    for (const auto& one : cuts_) bytes += one->memory();
    while (bytes > most_bytes && cuts_.size() > 1) {
        bytes -= cuts_.front()->memory();
        cuts_.erase(cuts_.begin());
    }
    return fresh;
}

// The chance of each end that the cut needs; where asked for, of those of the node that is asked about, what counts.
CUSTFOLIO_INLINE void OutcomeTree::chances(const PlanGraph& graph, const PlanQuestion& question, const Cut& cut,
                                           std::span<double> chance, std::span<double> marked) const {
    struct Visitor {
        struct Path {
            double reached = 1;
            double change = 0;
        };
        const PlanGraph& graph;
        const PlanGraph::Node& node;
        const PlanQuestion& question;
        const Index* slot;
        std::span<double> chance;
        std::span<double> slope;
        bool constant = false;
        double p = 0;
        double dp = 0;

        [[nodiscard]] static bool full() { return false; }
        void set(int month) {
            p = graph.chance(node, month, question);
            if (!slope.empty()) dp = graph.slope(node, month, question);
        }
        void add(double probability, double change) {
            const Index end = *slot++;
            chance[end] += probability;
            if (!slope.empty()) slope[end] += change;
        }
        void fail(const Path& path) { add(path.reached, path.change); }
        [[nodiscard]] static Path begin(const Path& path, int /*month*/) { return path; }
        [[nodiscard]] static Path take(const Path& path, double share) {
            return {path.reached * share, path.change * share};
        }
        void succeed(double probability, double change) {
            if (node.step == nullptr || node.step->sizes.empty()) {
                add(probability, change);
                return;
            }
            for (const double share : node.step->size_probabilities) {
                if (share > 0) add(probability * share, change * share);
            }
        }
        [[nodiscard]] Path decide(const Path& path, int month) {
            if (!constant) set(month);
            succeed(path.reached * p, path.change * p + path.reached * dp);
            return {path.reached * (1 - p), path.change * (1 - p) - path.reached * dp};
        }
    };
    std::size_t before = graph.nodes_.size();
    double p = 0;
    double dp = 0;
    for (const Index s : cut.starts) {
        const Start& start = starts_[s];
        const PlanGraph::Node& node = graph.nodes_[start.node];
        const bool differentiated = question.derivative == start.node;
        Visitor visitor{
            graph, node, question, slot_.data() + start.slot, chance, differentiated ? marked : std::span<double>()};
        if (node.known) {
            visitor.succeed(1, 0);
        } else if (node.step == nullptr) {
            visitor.succeed(node.event_probability, 1);
            visitor.add(1 - node.event_probability, -1);
        } else {
            visitor.constant = node.step->by_month.empty() && !(node.step->hazard > 0);
            if (visitor.constant) {
                if (before != start.node) {
                    visitor.set(start.month);
                    p = visitor.p;
                    dp = visitor.dp;
                    before = start.node;
                }
                visitor.p = p;
                visitor.dp = dp;
            }
            walk_outcomes(*node.step, std::min(node.latest, graph.months_ - 1), start.month, graph.months_, visitor);
        }
        if (question.succeeds == start.node) {
            const std::size_t last = s + 1 < starts_.size() ? starts_[s + 1].begin : ends_.size();
            for (std::size_t e = start.begin; e < last; ++e) {
                if (ends_[e].finish <= question.last) marked[e] = chance[e];
            }
        }
    }
}

CUSTFOLIO_INLINE std::optional<DiscreteAmount> OutcomeTree::amounts(const PlanGraph& graph,
                                                                    const PlanQuestion& question, std::size_t limit) {
    std::call_once(once_, [&] { small_ = lay_out(graph); });
    if (!small_ || states_ > limit) return std::nullopt;
    const std::shared_ptr<const Cut> cut = kept_cut(graph, question);
    const bool marks = question.derivative.has_value() || question.succeeds.has_value();
    const std::size_t sets = marks ? 2 : 1;
    // Most graphs need no more memory than this, so that none is asked for.
    std::array<double, 2048> little;
    std::vector<double> much;
    const std::size_t size = sets * (ends_.size() + cut->states) + cut->terms.size() + cut->keys.size();
    if (size > little.size()) much.resize(size);
    double* free = size > little.size() ? much.data() : little.data();
    std::fill_n(free, size, 0.0);
    const auto take = [&](std::size_t count) {
        double* const begin = free;
        free += count;
        return std::span(begin, count);
    };
    const std::span<double> chance = take(ends_.size());
    const std::span<double> state = take(cut->states);
    const std::span<double> term = take(cut->terms.size());
    const std::span<double> amount = take(cut->keys.size());
    const std::span<double> marked = take(marks ? ends_.size() : 0);
    const std::span<double> mass = take(marks ? cut->states : 0);
    chances(graph, question, *cut, chance, marked);
    chance[none] = 1;
    state[0] = 1;
    for (const Step& step : cut->steps) state[step.to] += state[step.from] * chance[step.end];
    if (marks) {
        for (const Step& step : cut->steps) {
            mass[step.to] += mass[step.from] * chance[step.end] + state[step.from] * marked[step.end];
        }
    }
    const bool revenue = question.payoff == Payoff::revenue;
    for (std::size_t t = 1; t < term.size(); ++t) {
        const Term& one = cut->terms[t];
        const ActionStep& step = *graph.nodes_[one.node].step;
        term[t] = one.regular * (revenue ? step.revenue_per_month : step.contribution_per_month) +
                  one.one_off * (revenue ? step.one_off_revenue : step.one_off_contribution) -
                  one.attempts * step.spend;
    }
    for (std::size_t k = 1; k < amount.size(); ++k) {
        amount[k] = amount[cut->keys[k].before] + term[cut->keys[k].term];
    }
    const std::span<const double> weight = marks ? std::span<const double>(mass) : std::span<const double>(state);
    std::array<Atom, 512> few;
    std::vector<Atom> many;
    if (cut->atom_key.size() > few.size()) many.resize(cut->atom_key.size());
    Atom* const atoms = many.empty() ? few.data() : many.data();
    std::size_t count = 0;
    for (std::size_t a = 0; a < cut->atom_key.size(); ++a) {
        double probability = 0;
        for (Index i = cut->atom_begin[a]; i < cut->atom_begin[a + 1]; ++i) probability += weight[cut->leaves[i]];
        if (probability != 0) atoms[count++] = {amount[cut->atom_key[a]] + 0.0, probability};
    }
    count = compact(std::span(atoms, count));
    DiscreteAmount result;
    append(std::span(atoms, count), result, !question.derivative);
    return result;
}

}  // namespace custfolio::detail
