// Plans that depend on each other as one graph of steps, and the exact distribution of what they bring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/growth/action_plan.hpp"
#include "custfolio/math/detail/resource_vector.hpp"
#include "custfolio/math/matrix.hpp"

namespace custfolio {

namespace detail {
class Conditioning;
}

/// What has become of a step.
struct StepOutcome {
    bool succeeded = true;  ///< Else it has failed for good.
    Month month{};          ///< The month at whose beginning it succeeded; may lie before the horizon.
};

/// Where a step of a plan is among several graphs.
struct StepPlace {
    std::size_t graph = 0;  ///< Position of its graph.
    std::size_t node = 0;   ///< Position in the graph.
};

/// Months of a horizon, a payoff, and values of the factors.
struct PlanQuestion {
    int first = 0;                            ///< First month, counted from the horizon's first.
    int last = 0;                             ///< Last month, included.
    Payoff payoff = Payoff::contribution;     ///< What is added up.
    double correlation = 0;                   ///< Share of the common factor in each success, in [0, 1).
    double factor = 0;                        ///< Value of the common factor; a high one is bad luck for all.
    std::span<const double> factors{};        ///< Its value for each plan, where they differ; empty: `factor` for all.
    std::span<const double> shares{};         ///< Share of each month that counts, from `first` on; empty: all of each.
    std::span<const char> counted{};          ///< Whether the amounts of each plan count, by plan; empty: those of all.
    std::optional<std::size_t> derivative{};  ///< Node whose chance of success is differentiated by.
    std::optional<std::size_t> succeeds{};  ///< Node of which only its success by `last` counts: the rest has no mass.
};

/// The steps of plans that depend on each other, in an order in which each comes after what it waits for. Immutable.
class PlanGraph {
  public:
    /// Never.
    static constexpr int never = std::numeric_limits<int>::max();

    /// A step, or an external event.
    struct Node {
        const ActionStep* step = nullptr;    ///< Null for an external event.
        std::size_t plan = 0;                ///< Position of its plan; of no meaning for an event.
        std::size_t position = 0;            ///< Position in its plan; of no meaning for an event.
        std::vector<std::size_t> parents{};  ///< Nodes that it waits for, before it in the order.
        bool any = false;                    ///< Whether one of them is enough.
        int earliest = 0;                    ///< First month in which it may start; an event: in which it happens.
        int latest = never;                  ///< Last month in which it may start.
        int soonest = 0;                     ///< First month in which it could be decided.
        double event_probability = 1;        ///< Of an event.
        std::optional<StepOutcome> known{};  ///< What has become of it.
    };

    /// A graph without steps.
    PlanGraph() = default;
    /// @param nodes the steps, each after its parents.
    /// @param start the horizon's first month.
    /// @param months number of months.
    PlanGraph(std::vector<Node> nodes, Month start, int months);

    /// @return the steps in their order.
    [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
    /// The same graph with the outcome of one step.
    /// @param node position of the step.
    /// @param outcome what has become of it.
    /// @return a new graph.
    [[nodiscard]] PlanGraph given(std::size_t node, const StepOutcome& outcome) const;

    /// The exact distribution of what all plans of the graph bring. It conditions on the months in which the steps that
    /// others still wait for have succeeded. Steps of a tree wait for one at a time, so that it is linear for them.
    /// @param question months, payoff and circumstances.
    /// @param limit greatest number of amounts at once.
    /// @return ascending amounts and their probabilities; nothing beyond `limit`. With `derivative` they are
    /// derivatives, and sum to 0.
    [[nodiscard]] std::optional<DiscreteAmount> amounts(const PlanQuestion& question, std::size_t limit) const;

    /// The chance that each step is first attempted in each month.
    /// @param circumstances correlation and factor; its months do not count.
    /// @param limit greatest number of states at once.
    /// @return nodes x months; nothing beyond `limit`.
    [[nodiscard]] std::optional<std::vector<double>> starts(const PlanQuestion& circumstances, std::size_t limit) const;

    /// What an attempt that begins in each month is expected to bring from then on, retries included.
    struct Expectation {
        std::vector<double> revenue;       ///< By month.
        std::vector<double> contribution;  ///< By month.
        std::vector<double> hours;         ///< By month.
        double succeeds = 0;               ///< Chance to succeed within the horizon.
    };
    /// @param node a step.
    /// @param start month of the first attempt.
    /// @param circumstances correlation and factor; its months do not count.
    /// @return what it brings by month, in expectation.
    [[nodiscard]] Expectation expectation(std::size_t node, int start, const PlanQuestion& circumstances) const;

    /// What one play brings by plan and month, currency.
    struct Play {
        Matrix revenue{};       ///< Plans x months: net revenue.
        Matrix contribution{};  ///< Plans x months: contribution, net of spend.
    };
    /// One play of all steps.
    /// @param question months, payoff and circumstances.
    /// @param seed any number.
    /// @param path number of the play.
    /// @param first number of the first draw; draws() are used.
    /// @param begun where given: for each node the month of its first attempt, or never.
    /// @param by_month where given: what each plan brings in each month of the question is added, whatever its payoff.
    /// @return what the plans bring.
    double play(const PlanQuestion& question, std::uint64_t seed, std::uint64_t path, std::uint64_t first,
                std::vector<int>* begun = nullptr, Play* by_month = nullptr) const;
    /// @return how many numbers a play draws.
    [[nodiscard]] std::uint64_t draws() const { return draws_; }

  private:
    friend class detail::Conditioning;
    /// One way in which a node may end.
    struct Outcome {
        double probability = 0;
        int month = never;  // of its success
        double amount = 0;
    };
    struct OutcomeVisitor;
    struct ExpectationVisitor;
    struct PlayVisitor;
    static void merge_equal(detail::ResourceVector<Outcome>& outcomes, std::size_t first);
    static std::uint64_t draws_of(const Node& node);
    static double factor_of(const Node& node, const PlanQuestion& question);
    static double share_of(const PlanQuestion& question, int month);
    static double lateness(const Node& node, int month, double whole);
    [[nodiscard]] Join joined(std::size_t node, std::size_t other, std::size_t after) const;
    template <class MonthOfParent>
    static int start_of(const Node& node, const MonthOfParent& month_of_parent);
    [[nodiscard]] double chance(const Node& node, int month, const PlanQuestion& question) const;
    [[nodiscard]] double chance_derivative(const Node& node, int month, const PlanQuestion& question) const;
    [[nodiscard]] double regular_share(const ActionStep& step, int success, int month) const;
    [[nodiscard]] double payoff_in(const ActionStep& step, int success, int month, Payoff payoff) const;
    [[nodiscard]] double payoff_over(const Node& node, int success, const PlanQuestion& question) const;
    static double spend_on_attempt(const Node& node, int month, const PlanQuestion& question);
    void append_outcomes(std::size_t node, int start, const PlanQuestion& question,
                         detail::ResourceVector<Outcome>& outcomes) const;

    std::vector<Node> nodes_;
    std::vector<std::size_t> last_use_;
    Month start_;
    int months_ = 0;
    std::uint64_t draws_ = 0;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/plan_graph.ipp"
#include "custfolio/growth/plan_graph_amounts.ipp"
#endif
