// Definitions of the exact distribution of a graph of steps: conditioning on the steps that others wait for.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory_resource>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/detail/atoms.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/growth/plan_graph.hpp"

namespace custfolio {

namespace detail {

/// The states between two nodes: the months in which the steps that others still wait for have succeeded, and the
/// amounts so far. One row of months and one run of amounts a state.
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
    [[nodiscard]] std::span<const Atom> amounts(std::size_t state) const {
        return std::span(atoms).subspan(begin[state], begin[state + 1] - begin[state]);
    }
    /// Classes of states that differ only in slots that nobody waits for any more.
    /// @param keep the slots that somebody waits for.
    /// @param of set to the class of each state.
    /// @return the number of classes.
    std::size_t classes(std::span<const std::size_t> keep, std::pmr::vector<std::size_t>& of) const {
        of.resize(states());
        std::iota(of.begin(), of.end(), std::size_t{0});
        if (keep.size() == slots) return states();
        std::pmr::vector<std::size_t> order(of, of.get_allocator());
        const auto compare = [&](std::size_t a, std::size_t b) {
            for (const std::size_t slot : keep) {
                const int left = months(a)[slot];
                const int right = months(b)[slot];
                if (left != right) return left < right ? -1 : 1;
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

/// Goes through a graph node by node. A node's outcome depends on the months of the steps that others wait for, and on
/// nothing else of the past. So states with the same months are one, and their amounts are merged.
class Conditioning {
  public:
    /// @param graph the graph.
    /// @param question months, payoff and circumstances.
    /// @param amounts whether amounts are added up; else every state has the amount 0 alone.
    /// @param limit greatest number of amounts at once.
    /// @param starts where given: nodes x months, increased by the chance that each first attempt begins in the month.
    Conditioning(const PlanGraph& graph, const PlanQuestion& question, bool amounts, std::size_t limit,
                 std::vector<double>* starts)
        : graph_(graph), question_(question), amounts_(amounts), limit_(limit), starts_(starts) {
        outcomes_.reserve(64);  // most nodes have fewer
    }

    /// @return whether the limit was enough.
    bool run() {
        for (std::size_t v = 0; v < graph_.nodes_.size(); ++v) {
            waited_ = graph_.last_use_[v] > v;
            keep_.clear();
            for (std::size_t i = 0; i < live_.size(); ++i) {
                if (graph_.last_use_[live_[i]] > v) keep_.push_back(i);
            }
            find_outcomes(v);
            list_months(v);
            if (!spread(v) || !merge()) return false;
            std::swap(frontier_, next_);
            for (std::size_t i = 0; i < keep_.size(); ++i) live_[i] = live_[keep_[i]];
            live_.resize(keep_.size());
            if (waited_) live_.push_back(v);
        }
        return true;
    }

    /// @return ascending amounts and their probabilities, after run().
    [[nodiscard]] std::span<const Atom> atoms() const { return frontier_.atoms; }

  private:
    using Outcome = PlanGraph::Outcome;
    /// The outcomes of a node that is begun in a month.
    struct Begun {
        int start;
        std::size_t begin;
        std::size_t end;
    };

    [[nodiscard]] std::span<const Outcome> outcomes_of(std::size_t state) const {
        const Begun& begun = begun_[begun_of_[state]];
        return std::span(outcomes_).subspan(begun.begin, begun.end - begun.begin);
    }
    [[nodiscard]] bool counts(std::size_t v, const Outcome& outcome) const {
        return outcome.probability != 0 && !(question_.succeeds == v && outcome.month > question_.last);
    }

    /// The outcomes of the node in each state. Many states begin it in the same month.
    void find_outcomes(std::size_t v) {
        const PlanGraph::Node& node = graph_.nodes_[v];
        slots_.clear();
        for (const std::size_t parent : node.parents) {
            slots_.push_back(static_cast<std::size_t>(std::ranges::find(live_, parent) - live_.begin()));
        }
        begun_.clear();
        outcomes_.clear();
        begun_of_.resize(frontier_.states());
        double greatest = 0;
        for (std::size_t s = 0; s < frontier_.states(); ++s) {
            const std::span<const int> months = frontier_.months(s);
            const int start = PlanGraph::start_of(node, [&](std::size_t i) { return months[slots_[i]]; });
            if (starts_ != nullptr && start < graph_.months_ && start <= node.latest) {
                const auto row = v * static_cast<std::size_t>(graph_.months_);
                double& begins = (*starts_)[row + static_cast<std::size_t>(start)];
                for (const Atom& atom : frontier_.amounts(s)) begins += atom.probability;
            }
            std::size_t at = 0;
            while (at < begun_.size() && begun_[at].start != start) ++at;
            if (at == begun_.size()) {
                const std::size_t begin = outcomes_.size();
                graph_.append_outcomes(v, start, question_, outcomes_);
                begun_.push_back({start, begin, outcomes_.size()});
            }
            begun_of_[s] = at;
        }
        for (const Outcome& outcome : outcomes_) greatest = std::max(greatest, std::abs(outcome.amount));
        greatest_ += greatest;
    }

    /// The months in which the node may succeed, where somebody waits for it; else one month that stands for all.
    void list_months(std::size_t v) {
        months_.assign(1, PlanGraph::never);
        place_.assign(outcomes_.size(), 0);
        if (!waited_) return;
        months_.clear();
        for (const Outcome& outcome : outcomes_) {
            if (counts(v, outcome)) months_.push_back(outcome.month);
        }
        std::ranges::sort(months_);
        months_.erase(std::unique(months_.begin(), months_.end()), months_.end());
        for (std::size_t e = 0; e < outcomes_.size(); ++e) {
            const auto at = std::ranges::lower_bound(months_, outcomes_[e].month);
            place_[e] = static_cast<std::size_t>(at - months_.begin());
        }
    }

    /// Visits every pair of a state and an outcome of the node, with the position of the state that follows. That is
    /// the class of the old state with the month in which the node succeeds.
    template <class Visit>
    void for_followers(std::size_t v, const Visit& visit) const {
        for (std::size_t s = 0; s < frontier_.states(); ++s) {
            const std::span<const Outcome> outcomes = outcomes_of(s);
            const std::size_t first = begun_[begun_of_[s]].begin;
            for (std::size_t e = 0; e < outcomes.size(); ++e) {
                if (counts(v, outcomes[e])) visit(s, outcomes[e], class_of_[s] * months_.size() + place_[first + e]);
            }
        }
    }

    /// Writes the amounts of the states that follow, state by state: `end_` is counted first, then filled.
    bool spread(std::size_t v) {
        const std::size_t classes = frontier_.classes(keep_, class_of_);
        end_.assign(classes * months_.size() + 1, 0);
        std::size_t size = 0;
        for_followers(v, [&](std::size_t s, const Outcome&, std::size_t follower) {
            end_[follower + 1] += frontier_.amounts(s).size();
            size += frontier_.amounts(s).size();
        });
        if (size > unmerged_states * limit_) return false;
        std::partial_sum(end_.begin(), end_.end(), end_.begin());
        next_.atoms.resize(size);
        next_.slots = keep_.size() + (waited_ ? 1 : 0);
        next_.month.resize(next_.slots * (end_.size() - 1));
        for_followers(v, [&](std::size_t s, const Outcome& outcome, std::size_t follower) {
            int* const month = next_.month.data() + follower * next_.slots;
            for (std::size_t i = 0; i < keep_.size(); ++i) month[i] = frontier_.months(s)[keep_[i]];
            if (waited_) month[keep_.size()] = outcome.month;
            const double by = amounts_ ? outcome.amount : 0;
            for (const Atom& atom : frontier_.amounts(s)) {
                next_.atoms[end_[follower]++] = {atom.amount + by, atom.probability * outcome.probability};
            }
        });
        return true;
    }

    /// Merges the amounts of each state, and closes the gaps that this and states without amounts leave.
    bool merge() {
        next_.begin.assign(1, 0);
        std::size_t states = 0;
        std::size_t size = 0;
        std::size_t begin = 0;
        for (std::size_t t = 0; t + 1 < end_.size(); ++t) {
            const std::size_t end = end_[t];
            if (end == begin) continue;
            const std::size_t left = merge_atoms(std::span(next_.atoms).subspan(begin, end - begin), greatest_, table_);
            std::copy_n(next_.atoms.data() + begin, left, next_.atoms.data() + size);
            std::copy_n(next_.month.data() + t * next_.slots, next_.slots, next_.month.data() + states * next_.slots);
            next_.begin.push_back(size += left);
            ++states;
            begin = end;
        }
        next_.atoms.resize(size);
        next_.month.resize(states * next_.slots);
        return size <= limit_;
    }

    const PlanGraph& graph_;
    const PlanQuestion& question_;
    bool amounts_;
    std::size_t limit_;
    std::vector<double>* starts_;
    // Small graphs need no more memory than this, so that nothing is allocated.
    std::array<std::byte, std::size_t{1} << 16> space_;
    std::pmr::monotonic_buffer_resource memory_{space_.data(), space_.size()};
    Frontier frontier_{&memory_};
    Frontier next_{&memory_};
    double greatest_ = 0;                               // bounds every amount so far
    bool waited_ = false;                               // whether a later node waits for this one
    std::pmr::vector<std::size_t> live_{&memory_};      // the node of each slot
    std::pmr::vector<std::size_t> keep_{&memory_};      // slots that somebody still waits for
    std::pmr::vector<std::size_t> slots_{&memory_};     // of the node's parents
    std::pmr::vector<std::size_t> class_of_{&memory_};  // of each state
    std::vector<Outcome> outcomes_;                     // by the month of the start, behind each other
    std::pmr::vector<Begun> begun_{&memory_};
    std::pmr::vector<std::size_t> begun_of_{&memory_};  // of each state
    std::pmr::vector<int> months_{&memory_};            // in which the node may succeed
    std::pmr::vector<std::size_t> place_{&memory_};     // of each outcome's month among them
    std::pmr::vector<std::size_t> end_{&memory_};       // of each following state's amounts
    std::pmr::vector<std::uint32_t> table_{&memory_};   // for merging
};

}  // namespace detail

CUSTFOLIO_INLINE std::optional<DiscreteAmount> PlanGraph::amounts(const PlanQuestion& question,
                                                                  std::size_t limit) const {
    detail::Conditioning conditioning(*this, question, true, limit, nullptr);
    if (!conditioning.run()) return std::nullopt;
    return detail::discrete_amount(conditioning.atoms(), !question.derivative);
}

CUSTFOLIO_INLINE std::optional<std::vector<double>> PlanGraph::starts(const PlanQuestion& circumstances,
                                                                      std::size_t limit) const {
    std::vector<double> result(nodes_.size() * static_cast<std::size_t>(months_));
    PlanQuestion question = circumstances;
    question.first = 0;
    question.last = months_ - 1;
    detail::Conditioning conditioning(*this, question, false, limit, &result);
    if (!conditioning.run()) return std::nullopt;
    return result;
}

}  // namespace custfolio
