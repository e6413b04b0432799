// Definitions of the exact distribution of a graph of steps: conditioning on the steps that others wait for.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <numeric>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/distribution/detail/atoms.hpp"
#include "custfolio/growth/detail/thresholds.hpp"
#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio {

namespace detail {

/// The states between two nodes: the months in which the steps that others still wait for have succeeded, and the
/// amounts so far. One row of months and one run of amounts a state.
struct Frontier {
    std::size_t slots = 0;
    ResourceVector<int> month;
    ResourceVector<std::size_t> begin;
    ResourceVector<Atom> atoms;  // those beyond the last state's end do not count

    explicit Frontier(std::pmr::memory_resource* memory)
        : month(memory), begin({0, 1}, memory), atoms({{0, 1}}, memory) {}

    [[nodiscard]] std::size_t states() const { return begin.size() - 1; }
    [[nodiscard]] std::span<const int> months(std::size_t state) const {
        return std::span(month).subspan(state * slots, slots);
    }
    [[nodiscard]] std::span<const Atom> amounts(std::size_t state) const {
        return {atoms.data() + begin[state], begin[state + 1] - begin[state]};
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
            if (waited_) find_joins(v);
            if (!spread() || !merge()) return false;
            std::swap(frontier_, next_);
            for (std::size_t i = 0; i < keep_.size(); ++i) live_[i] = live_[keep_[i]];
            live_.resize(keep_.size());
            if (waited_) live_.push_back(v);
        }
        return true;
    }

    /// @return ascending amounts and their probabilities, after run().
    [[nodiscard]] std::span<const Atom> atoms() const { return {frontier_.atoms.data(), frontier_.begin.back()}; }

  private:
    using Outcome = PlanGraph::Outcome;
    /// The outcomes of a node that is begun in a month.
    struct Begun {
        int start;
        std::size_t begin;
        std::size_t end;
    };
    /// How two steps are joined in all that waits for the earlier one, and in all that waits for the node.
    struct Joins {
        Join before;
        Join node;
    };

    /// The outcomes of the node in each state. Many states begin it in the same month.
    void find_outcomes(std::size_t v) {
        const PlanGraph::Node& node = graph_.nodes_[v];
        slots_.clear();
        for (const std::size_t parent : node.parents) {
            slots_.push_back(static_cast<std::size_t>(detail::find(live_, parent) - live_.begin()));
        }
        begun_.clear();
        outcomes_.clear();
        begun_of_.resize(frontier_.states());
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
                // Ascending by month: those that come too late for the question stand last.
                while (question_.succeeds == v && outcomes_.size() > begin && outcomes_.back().month > question_.last) {
                    outcomes_.pop_back();
                }
                begun_.push_back({start, begin, outcomes_.size()});
            }
            begun_of_[s] = at;
        }
        double largest = 0;
        bool whole = true;
        for (const Outcome& outcome : outcomes_) {
            largest = std::max(largest, std::abs(outcome.amount));
            whole = whole && outcome.amount == std::trunc(outcome.amount);
        }
        // The payoff of a success is itself a sum over months.
        bound_.add(largest, given_roundings + graph_.months_, whole);
    }

    /// How steps that somebody still waits for join the node. A month matters only as far as it moves the later of two
    /// that both must succeed, or the earlier of two that suffice alone.
    void find_joins(std::size_t v) {
        joins_.clear();
        for (const std::size_t slot : keep_) {
            joins_.push_back({graph_.joined(live_[slot], v, v), graph_.joined(v, live_[slot], v)});
        }
    }
    static int joined_month(Join join, int month, int other) {
        return join == Join::all ? std::max(month, other) : join == Join::any ? std::min(month, other) : month;
    }

    /// The state that follows where the node succeeds in a month; states of the same months are one.
    std::size_t follower(std::span<const int> months, int month) {
        const std::size_t row = next_.month.size();
        for (const std::size_t slot : keep_) next_.month.push_back(months[slot]);
        if (waited_) {
            for (std::size_t i = 0; i < keep_.size(); ++i) {
                int& before = next_.month[row + i];
                before = joined_month(joins_[i].before, before, month);
                month = joined_month(joins_[i].node, month, before);
            }
            next_.month.push_back(month);
        }
        // A hash table with open addressing, at most half full; the golden ratio mixes the bits.
        std::uint64_t hash = 0;
        const int* const wanted = next_.month.data() + row;
        for (std::size_t i = 0; i < next_.slots; ++i) {
            hash = (hash + static_cast<std::uint32_t>(wanted[i])) * 0x9e3779b97f4a7c15U;
        }
        const auto same = [&](std::span<const int> other) {
            for (std::size_t i = 0; i < other.size(); ++i) {
                if (other[i] != wanted[i]) return false;
            }
            return true;
        };
        std::size_t at = hash >> (64 - std::countr_zero(table_.size()));
        while (table_[at] != 0 && !same(next_.months(table_[at] - 1))) at = (at + 1) & (table_.size() - 1);
        if (table_[at] == 0) {
            table_[at] = static_cast<std::uint32_t>(end_.size());
            end_.push_back(0);
        } else {
            next_.month.resize(row);
        }
        return table_[at] - 1;
    }

    /// Visits every pair of a state and an outcome of the node.
    template <class Visit>
    void for_pairs(const Visit& visit) const {
        for (std::size_t s = 0; s < frontier_.states(); ++s) {
            const Begun& begun = begun_[begun_of_[s]];
            for (std::size_t e = begun.begin; e < begun.end; ++e) visit(s, outcomes_[e]);
        }
    }

    /// Writes the amounts of the states that follow, state by state: `end_` is counted first, then filled.
    bool spread() {
        std::size_t pairs = 0;
        std::size_t size = 0;
        for_pairs([&](std::size_t s, const Outcome&) {
            ++pairs;
            size += frontier_.amounts(s).size();
        });
        if (size > unmerged_states * limit_) return false;
        next_.slots = keep_.size() + (waited_ ? 1 : 0);
        next_.month.clear();
        // Never shorter: what is there need not be set again.
        if (next_.atoms.size() < size) next_.atoms.resize(size);
        follower_.clear();
        table_.assign(std::bit_ceil(2 * pairs + 2), 0);
        end_.assign(1, 0);
        for_pairs([&](std::size_t s, const Outcome& outcome) {
            follower_.push_back(follower(frontier_.months(s), outcome.month));
            end_[follower_.back() + 1] += frontier_.amounts(s).size();
        });
        std::partial_sum(end_.begin(), end_.end(), end_.begin());
        const std::size_t* follower = follower_.data();
        for_pairs([&](std::size_t s, const Outcome& outcome) {
            const double by = amounts_ ? outcome.amount : 0;
            std::size_t& end = end_[*follower++];
            Atom* to = next_.atoms.data() + end;
            for (const Atom& atom : frontier_.amounts(s)) {
                *to++ = {atom.amount + by, atom.probability * outcome.probability};
            }
            end += frontier_.amounts(s).size();
        });
        return true;
    }

    /// Merges the amounts of each state, and closes the gaps that this leaves.
    bool merge() {
        next_.begin.assign(1, 0);
        std::size_t size = 0;
        std::size_t begin = 0;
        for (std::size_t t = 0; t + 1 < end_.size(); ++t) {
            const std::size_t left = merge_atoms({next_.atoms.data() + begin, end_[t] - begin}, bound_.apart(), table_);
            if (size < begin) std::copy_n(next_.atoms.data() + begin, left, next_.atoms.data() + size);
            next_.begin.push_back(size += left);
            begin = end_[t];
        }
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
    RoundingBound bound_;                          // of every amount so far
    bool waited_ = false;                          // whether a later node waits for this one
    ResourceVector<std::size_t> live_{&memory_};   // the node of each slot
    ResourceVector<std::size_t> keep_{&memory_};   // slots that somebody still waits for
    ResourceVector<std::size_t> slots_{&memory_};  // of the node's parents
    ResourceVector<Outcome> outcomes_{&memory_};   // by the month of the start, behind each other
    ResourceVector<Begun> begun_{&memory_};
    ResourceVector<std::size_t> begun_of_{&memory_};  // of each state
    ResourceVector<Joins> joins_{&memory_};           // of each kept slot
    ResourceVector<std::size_t> follower_{&memory_};  // of each pair of a state and an outcome
    ResourceVector<std::size_t> end_{&memory_};       // of each following state's amounts
    ResourceVector<std::uint32_t> table_{&memory_};   // for finding followers and for merging
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
