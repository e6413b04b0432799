// Step four: the budget that action plans give, in expectation and as a whole distribution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/growth/action_plan.hpp"
#include "custfolio/growth/plan_factors.hpp"
#include "custfolio/growth/plan_graph.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// How plans depend on the world, and how large a graph is still answered exactly.
struct GrowOptions {
    std::vector<ExternalEvent> events{};  ///< What steps may wait for outside of all plans.
    /// Share of a common factor in the success of every attempt, in [0, 1); see chance_given_factor(). One standard
    /// normal Z serves all plans and months. Each attempt, retries too, succeeds with its chance given Z, independently
    /// of all else. Durations, sizes and external events do not depend on Z. A plan of one step keeps its expectation.
    /// The expectation of a chain rises: a first success makes a good Z more probable.
    double correlation = 0;
    /// Factors that only plans with the same label share, beside the one that all have in common; see PlanFactors. The
    /// shares of all factors sum to less than 1. One such factor is averaged over exactly while no graph joins plans of
    /// different labels. Otherwise, and where several factors cross, distributions come from `paths` plays.
    std::vector<GroupFactor> factors{};
    std::size_t limit = std::size_t{1} << 18;  ///< Amounts of one graph at once; beyond it is simulated.
    std::size_t paths = std::size_t{1} << 16;  ///< Plays of a graph that is simulated, 100 to 10,000,000.
    std::uint64_t seed = 1;                    ///< Of these plays; the same seed gives the same bits.
    unsigned threads = 0;                      ///< 0 means all cores; the bits do not depend on it.
    math::Pulse pulse{};                       ///< Called now and then by long computations; what it throws ends them.
};

/// What a set of action plans brings in each month of a horizon. Plans that wait for each other's steps, or for the
/// same uncertain event, form one graph. Graphs are independent of each other but for the common factors. Immutable;
/// safe to read from any thread.
class GrowthForecast {
  public:
    /// A forecast without plans and months.
    GrowthForecast() = default;
    /// @param plans the plans.
    /// @param start first month of the horizon.
    /// @param months number of months, 1..1200.
    /// @param options events, dependence, and limits of exact computation.
    /// @throws InputError where a plan is not valid, waits for an event that is not there, has no label of a factor, or
    /// is part of a circle. The text names customer, plan and step. The same where the horizon is out of range. Linear
    /// in steps x months for trees of steps.
    GrowthForecast(std::vector<ActionPlan> plans, Month start, int months, GrowOptions options = {});

    /// @return first month of the horizon.
    [[nodiscard]] Month start() const { return start_; }
    /// @return number of months.
    [[nodiscard]] int months() const { return months_; }
    /// @return number of plans.
    [[nodiscard]] std::size_t size() const { return plans_->size(); }
    /// @return the plans, in the order given.
    [[nodiscard]] const std::vector<ActionPlan>& plans() const { return *plans_; }
    /// @return what is worth knowing and not wrong: steps that cannot pay, or not even start, within the horizon.
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

    /// Plans x months: expected net revenue, currency; exact.
    /// @return one row a plan.
    [[nodiscard]] const Matrix& expected_revenue() const { return revenue_; }
    /// Plans x months: expected contribution, currency; exact.
    /// @return one row a plan.
    [[nodiscard]] const Matrix& expected_contribution() const { return contribution_; }
    /// Plans x months: expected working hours, attempt-weighted; exact. A step's hours fall evenly on the months from
    /// its start to its decision; without a duration, on the starting month. Hours beyond the horizon are not counted.
    /// @return one row a plan.
    [[nodiscard]] const Matrix& expected_hours() const { return hours_; }
    /// The success-probability-weighted budget.
    /// @param payoff which payoff.
    /// @return expected payoff per month over all plans, currency; sums are compensated.
    [[nodiscard]] Column expected(Payoff payoff = Payoff::contribution) const;

    /// @return the graphs, each of one plan or of plans that depend on each other.
    [[nodiscard]] std::size_t graphs() const { return graphs_.size(); }
    /// One graph of steps.
    /// @param index below graphs().
    /// @return the graph.
    [[nodiscard]] const PlanGraph& graph(std::size_t index) const { return *graphs_[index]; }
    /// @param plan position of the plan.
    /// @param step position of the step in it.
    /// @return where it is.
    /// @throws NotFoundError where there is no such plan or step.
    [[nodiscard]] StepPlace place(std::size_t plan, std::size_t step) const;
    /// The chance that a step succeeds within the horizon; exact, or simulated where notes() names it.
    /// @param plan position of the plan.
    /// @param step position of the step in it.
    /// @return in [0, 1].
    /// @throws NotFoundError where there is no such plan or step.
    [[nodiscard]] double success(std::size_t plan, std::size_t step) const;

    /// An outcome of a step. Only the graph of that step is recomputed. Earlier hours and spend of the step are past,
    /// and no longer counted. Its prerequisites stay as uncertain as they are, unless their outcomes are given too. The
    /// common factor stays uncertain as well: an outcome changes nothing in other graphs.
    struct Known {
        std::size_t plan = 0;   ///< Position of the plan.
        std::size_t step = 0;   ///< Position of the step in it.
        StepOutcome outcome{};  ///< What has become of it.
    };
    /// @param known the outcomes; later ones replace earlier ones of the same step.
    /// @return the forecast given them.
    /// @throws NotFoundError where there is no such plan or step.
    /// @throws InputError where a success is dated after the horizon.
    [[nodiscard]] GrowthForecast given(std::span<const Known> known) const;

    /// What one graph brings from one month to another; exact, or simulated beyond the limit.
    /// @param graph below graphs().
    /// @param question months counted from the horizon's first, payoff, circumstances.
    /// @param simulated where given: set to true where it was simulated.
    /// @return ascending amounts and their probabilities.
    [[nodiscard]] DiscreteAmount amounts(std::size_t graph, const PlanQuestion& question,
                                         bool* simulated = nullptr) const;

    /// The distribution of what all plans bring from one month to another.
    /// @param first first month; must lie in the horizon.
    /// @param last last month, included; must lie in the horizon and not before `first`.
    /// @param payoff which payoff.
    /// @param options the lattice.
    /// @param standard_error where given: the greatest standard error of a probability, from the simulation of graphs
    /// that are too large; 0 where all are exact.
    /// @param without where given: a graph that is left out.
    /// @return the distribution of the sum, with its errors.
    /// @throws InputError where the months are not in the horizon (the text names it), or the sum is too large.
    [[nodiscard]] Distribution range(Month first, Month last, Payoff payoff = Payoff::contribution,
                                     const SumOptions& options = {}, double* standard_error = nullptr,
                                     std::optional<std::size_t> without = std::nullopt) const;
    /// The distribution of a weighted sum of months of some plans. Steps of other plans in the same graphs happen too,
    /// but their amounts do not count.
    /// @param sum plans by position, months, their shares, payoff; `factor` is the value of the factor that all plans
    /// have in common.
    /// @param options the lattice. With a value of the factor, graphs that are simulated have its share of the plays.
    /// @param standard_error as for range().
    /// @return the distribution of the sum, with its errors; exact where the graphs are.
    /// @throws InputError where the months are not in the horizon or a share is not finite.
    /// @throws NotFoundError where there is no such plan.
    [[nodiscard]] Distribution sum(const MonthlySum& sum, const SumOptions& options = {},
                                   double* standard_error = nullptr) const;
    /// First and last month of a span, both included.
    struct Span {
        Month first{};  ///< Must lie in the horizon.
        Month last{};   ///< Must lie in the horizon and not before `first`.
    };
    /// The distributions of several spans of months, computed side by side.
    /// @param spans the spans.
    /// @param payoff which payoff.
    /// @param options the lattice.
    /// @return as range() for each.
    /// @throws InputError as range().
    [[nodiscard]] std::vector<Distribution> ranges(std::span<const Span> spans, Payoff payoff = Payoff::contribution,
                                                   const SumOptions& options = {}) const;
    /// The distribution of one month.
    /// @param month a month of the horizon.
    /// @param payoff which payoff.
    /// @param options the lattice.
    /// @return as range(month, month).
    /// @throws InputError as range().
    [[nodiscard]] Distribution month(Month month, Payoff payoff = Payoff::contribution,
                                     const SumOptions& options = {}) const;
    /// The distribution of the whole horizon's total.
    /// @param payoff which payoff.
    /// @param options the lattice.
    /// @return as range(first month, last month).
    /// @throws InputError as range().
    [[nodiscard]] Distribution total(Payoff payoff = Payoff::contribution, const SumOptions& options = {}) const;

    /// Chances of all plans together to reach a target, from questions about one graph.
    /// @param graph below graphs().
    /// @param questions about the graph, all of the same months and payoff; `derivative` and `succeeds` differ.
    /// @param target currency.
    /// @return for each question sum_k mass_k P(amount_k + all other graphs >= target), averaged over the factor. With
    /// `derivative` that is the derivative of the chance to reach the target. With `succeeds` it is the chance that the
    /// step succeeds and the target is reached.
    /// @throws InputError where the graph is too large to be computed exactly, or only some plans share a factor.
    /// @throws NotFoundError where there is no such graph.
    [[nodiscard]] std::vector<double> chances_to_reach(std::size_t graph, std::span<const PlanQuestion> questions,
                                                       double target) const;
    /// Derivatives of the mean of what all plans bring.
    /// @param first first month.
    /// @param last last month, included.
    /// @param payoff which payoff.
    /// @return for each node, in the order of the graphs, the derivative by the step's success probability, currency.
    /// @throws InputError where a graph is too large to be computed exactly.
    [[nodiscard]] std::vector<double> mean_derivatives(Month first, Month last,
                                                       Payoff payoff = Payoff::contribution) const;
    /// How the success of a step moves with the sum of all plans.
    struct SuccessCovariance {
        double success = 0;     ///< Chance that the step succeeds by the last month.
        double covariance = 0;  ///< Covariance of its success (1 or 0) with what all plans bring, currency.
    };
    /// Covariances of each step's success with what all plans bring.
    /// @param first first month.
    /// @param last last month, included.
    /// @param payoff which payoff.
    /// @return one entry a node, in the order of the graphs.
    /// @throws InputError where a graph is too large to be computed exactly, or joins plans of different labels.
    [[nodiscard]] std::vector<SuccessCovariance> success_covariances(Month first, Month last,
                                                                     Payoff payoff = Payoff::contribution) const;

    /// One play of some graphs, month by month: the factors, then the steps of each graph. What a graph brings does not
    /// depend on which others are played.
    /// @param seed any number.
    /// @param path number of the play.
    /// @param graphs their positions, each below graphs().
    /// @param play receives what each plan of these graphs brings in each month of the horizon. Its memory is used
    /// again where it fits; rows of other plans stay as they are.
    void play(std::uint64_t seed, std::uint64_t path, std::span<const std::size_t> graphs, PlanGraph::Play& play) const;

    /// @return events, dependence, and limits of exact computation.
    [[nodiscard]] const GrowOptions& options() const { return options_; }
    /// @return the factors behind the plans; factors that divide the plans alike are one.
    [[nodiscard]] const PlanFactors& factors() const { return *factors_; }
    /// Whether distributions are simulated because factors cross. They do where two factors divide the plans
    /// differently, or a graph joins plans of different labels.
    /// @return true where range() plays all steps `paths` times.
    [[nodiscard]] bool crossed() const { return crossed_; }

  private:
    void note_timing(const PlanGraph& graph);
    void note_factors();
    std::size_t expect(std::size_t graph);
    [[nodiscard]] std::vector<double> played_starts(const PlanGraph& graph, const PlanQuestion& asked,
                                                    std::size_t first, std::size_t last) const;
    // The graphs whose amounts are added up, and the factors that are averaged over. The value of all factors of a plan
    // together is shift + scale * the value of these.
    struct PlanSum {
        PlanQuestion question{};
        std::vector<std::size_t> graphs{};
        std::shared_ptr<const PlanFactors> factors{};
        double shift = 0;
        double scale = 1;
        double share = 1;  // of the plays, where the factors are known
    };
    // Numbers of the plays of a graph that is too large to be computed exactly.
    struct PlayRange {
        std::size_t first = 0;
        std::size_t last = 0;
    };
    [[nodiscard]] PlayRange plays_at(const PlanSum& sum, double factor) const;
    [[nodiscard]] DiscreteAmount amounts(std::size_t graph, const PlanQuestion& question, const PlayRange& plays,
                                         unsigned threads, bool* simulated) const;
    void check_span(Month first, Month last) const;
    [[nodiscard]] std::vector<DiscreteAmount> amounts_at(const PlanSum& sum, std::span<const std::size_t> graphs,
                                                         double factor, unsigned threads,
                                                         std::size_t* simulated = nullptr) const;
    [[nodiscard]] Distribution over_factors(PlanSum sum, const SumOptions& options, double* standard_error) const;
    [[nodiscard]] FactorOptions factor_options(const SumOptions& options, bool simulated) const;
    [[nodiscard]] Distribution range_by_group(const PlanSum& plans, const std::vector<DiscreteAmount>& middle,
                                              bool simulated, const SumOptions& options) const;
    [[nodiscard]] std::vector<double> plays(const PlanSum& sum, std::size_t paths, std::uint64_t seed,
                                            unsigned threads) const;
    [[nodiscard]] std::vector<std::size_t> kinds(const PlanFactors& factors, std::size_t graph) const;
    [[nodiscard]] bool crosses(const PlanFactors& factors, std::span<const std::size_t> graphs) const;
    // Writes values, given the circumstances and the chances that each step begins in each month.
    using WriteGiven = std::function<void(const PlanQuestion&, std::span<const double>, std::vector<double>&)>;
    /// Means over the factors of a graph's plans of what `f` writes, and the number of plays or draws; 0: exact.
    std::vector<double> over_graph(std::size_t graph, std::size_t count, std::size_t& plays, const WriteGiven& f) const;
    std::vector<double> over_plays(std::size_t graph, std::size_t count, const WriteGiven& f) const;
    struct StepMoments;
    [[nodiscard]] StepMoments step_moments(std::span<const std::size_t> begin, const PlanQuestion& question) const;
    class GroupCovariances;
    [[nodiscard]] std::vector<std::size_t> first_nodes() const;
    [[nodiscard]] DiscreteAmount exact_amounts(std::size_t graph, const PlanQuestion& question) const;
    [[nodiscard]] std::vector<double> over_factor(std::size_t count, double tolerance,
                                                  const std::function<void(double, std::vector<double>&)>& f) const;

    std::shared_ptr<const std::vector<ActionPlan>> plans_ = std::make_shared<const std::vector<ActionPlan>>();
    std::vector<std::shared_ptr<const PlanGraph>> graphs_;
    std::shared_ptr<const std::vector<std::vector<StepPlace>>> places_;
    std::shared_ptr<const std::vector<std::uint64_t>> draws_;  // number of each graph's first draw, and of all
    std::shared_ptr<const PlanFactors> factors_ = std::make_shared<const PlanFactors>();
    bool crossed_ = false;
    Month start_;
    int months_ = 0;
    GrowOptions options_;
    Matrix revenue_;
    Matrix contribution_;
    Matrix hours_;
    std::vector<std::string> notes_;

    friend std::vector<double> simulate_total(const GrowthForecast& forecast, std::size_t paths, std::uint64_t seed,
                                              Payoff payoff, unsigned threads);
};

/// Forecasts what action plans bring.
/// @param plans action plans.
/// @param start first month of the horizon.
/// @param months number of months, 1..1200.
/// @param options events, dependence, and limits of exact computation.
/// @return the forecast.
/// @throws InputError where a plan is not valid (the text names customer, plan and step) or the horizon is out of
/// range.
GrowthForecast grow(std::span<const ActionPlan> plans, Month start, int months, const GrowOptions& options = {});

/// Draws totals of a horizon by playing every plan step by step: the independent check of total().
/// @param forecast the plans and horizon.
/// @param paths number of draws, >= 1.
/// @param seed any number; the same seed gives the same bits on any number of threads.
/// @param payoff which payoff.
/// @param threads 0 means all cores.
/// @return one total a path, currency.
/// @throws InputError where paths is 0.
std::vector<double> simulate_total(const GrowthForecast& forecast, std::size_t paths, std::uint64_t seed,
                                   Payoff payoff = Payoff::contribution, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/growth_forecast.ipp"
#include "custfolio/growth/growth_forecast_range.ipp"
#include "custfolio/growth/growth_forecast_steps.ipp"
#endif
