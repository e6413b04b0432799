// The ways in which a small graph of steps can go, laid out once for all graphs of the same shape and for all chances.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/plan_graph.hpp"

namespace custfolio::detail {

/// What the ways in which a graph can go depend on: what waits for what, months, retries, and which amounts and chances
/// there are, but not how large.
/// @param nodes the steps, each after its parents.
/// @param start the horizon's first month.
/// @param months number of months.
/// @return a key; graphs with the same key may share an OutcomeTree.
std::string outcome_shape(std::span<const PlanGraph::Node> nodes, Month start, int months);

/// Every way in which the steps of a graph can go within the horizon. States are partial ways; those that differ in
/// nothing that matters later are one. The chance of a state is a sum of products of the chances of single steps, its
/// amount a linear function of the steps' own amounts: both are laid out once and evaluated for any chances and
/// amounts. Safe to use from any thread; what is kept changes no answer.
class OutcomeTree {
  public:
    /// Tells that one more graph shares the tree; not while it is asked.
    void add_graph() { ++graphs_; }
    /// Whether laying the ways out costs less than it saves: for several graphs, or for many values of a factor.
    /// @param question what is asked.
    /// @return true where amounts() should be asked.
    [[nodiscard]] bool pays_off(const PlanQuestion& question) const { return graphs_ >= 4 || question.correlation > 0; }
    /// @param graph a graph of this tree's shape.
    /// @param question months, payoff and circumstances.
    /// @param limit greatest number of states.
    /// @return as PlanGraph::amounts(); nothing where the ways are too many to be laid out.
    std::optional<DiscreteAmount> amounts(const PlanGraph& graph, const PlanQuestion& question, std::size_t limit);

  private:
    using Index = std::uint32_t;
    /// What may become of a node that is begun in a month.
    struct End {
        int finish = PlanGraph::never;
        Index attempts = 0;      ///< First of the months in which attempts began, where they cost something.
        Index attempts_end = 0;  ///< One past the last.
        double size = 1;
    };
    /// A node begun in a month, and the ends that this may have.
    struct Start {
        std::size_t node = 0;
        int month = 0;
        Index begin = 0;    ///< Its first end.
        Index slot = 0;     ///< Its first entry in `slot_`.
        Index outcome = 0;  ///< End of its entries in `slot_`.
    };
    /// From one state to another by an end of a node, or by none.
    struct Step {
        Index from = 0;
        Index end = 0;
        Index to = 0;
    };
    /// One kind of amount: regular * regular amount + one_off * one-off amount - attempts * spend of a node.
    struct Term {
        std::size_t node = 0;
        double regular = 0;
        double one_off = 0;
        double attempts = 0;
    };
    /// An amount is that of a shorter one and a term.
    struct Key {
        Index before = 0;
        Index term = 0;
    };
    /// What of all this a span of months and a payoff need: states of which all ways on bring the same are leaves.
    struct Cut {
        int first = 0;
        int last = 0;
        Payoff payoff = Payoff::contribution;
        std::optional<std::size_t> succeeds{};
        std::vector<Index> starts;
        std::vector<Step> steps;
        std::size_t states = 1;
        std::vector<Term> terms;
        std::vector<Key> keys;  ///< The first is nothing.
        std::vector<Index> atom_key;
        std::vector<Index> atom_begin;
        std::vector<Index> leaves;  ///< States by atom.
        [[nodiscard]] std::size_t memory() const {
            return sizeof(Cut) + starts.size() * sizeof(Index) + steps.size() * sizeof(Step) +
                   terms.size() * sizeof(Term) + keys.size() * sizeof(Key) +
                   (atom_key.size() + atom_begin.size() + leaves.size()) * sizeof(Index);
        }
    };
    static constexpr Index none = 0;  // the end that is no end, of chance 1
    static constexpr std::size_t most_states = 4096;

    bool lay_out(const PlanGraph& graph);
    [[nodiscard]] bool lay_out_start(const PlanGraph& graph, Start& start);
    [[nodiscard]] Cut cut(const PlanGraph& graph, const PlanQuestion& question) const;
    [[nodiscard]] Term term(const PlanGraph& graph, std::size_t node, const End& end, const PlanQuestion& q) const;
    std::shared_ptr<const Cut> kept_cut(const PlanGraph& graph, const PlanQuestion& question);
    void chances(const PlanGraph& graph, const PlanQuestion& question, const Cut& cut, std::span<double> chance,
                 std::span<double> marked) const;

    std::size_t graphs_ = 1;
    std::once_flag once_;
    bool small_ = false;
    std::size_t states_ = 1;
    std::vector<End> ends_;
    std::vector<std::size_t> end_node_;
    std::vector<int> attempts_;
    std::vector<Index> slot_;  // of each outcome of a start, in the order of walk_outcomes(), the end that it is
    std::vector<Start> starts_;
    std::vector<Index> end_start_;
    std::vector<Step> steps_;  // from a state to one of a greater number
    std::mutex mutex_;
    std::vector<std::shared_ptr<const Cut>> cuts_;  // the latest last
};

}  // namespace custfolio::detail

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/outcome_tree.ipp"
#endif
