// Step four: the budget that action plans give, in expectation and as a whole distribution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/action_plan.hpp"
#include "custfolio/growth/distribution.hpp"
#include "custfolio/growth/sum_distribution.hpp"
#include "custfolio/portfolio/columns.hpp"

namespace custfolio {

/// Which payoff a question is about.
enum class Payoff {
    contribution,  ///< Contribution (heat).
    revenue        ///< Net revenue (level).
};

/// One way in which a plan can end: after how many successes, how probable, and what it pays in each month.
struct PlanOutcome {
    int successes = 0;        ///< Steps that succeeded within the horizon.
    double probability = 0;   ///< In [0, 1]; those of a plan sum to 1.
    std::vector<double> pay;  ///< Payoff per month of the horizon, currency.
};

/// What a set of independent action plans brings in each month of a horizon. Immutable; safe to read from any thread.
class GrowthForecast {
  public:
    /// A forecast without plans and months.
    GrowthForecast() = default;
    /// @param plans the plans; independent of each other.
    /// @param start first month of the horizon.
    /// @param months number of months, 1..1200.
    /// @throws InputError where a plan is not valid (the text names customer, plan and step) or the horizon is out of
    /// range. Linear in steps x months.
    GrowthForecast(std::vector<ActionPlan> plans, Month start, int months);

    /// @return first month of the horizon.
    [[nodiscard]] Month start() const { return start_; }
    /// @return number of months.
    [[nodiscard]] int months() const { return months_; }
    /// @return number of plans.
    [[nodiscard]] std::size_t size() const { return plans_.size(); }
    /// @return the plans, in the order given.
    [[nodiscard]] const std::vector<ActionPlan>& plans() const { return plans_; }
    /// @return what is worth knowing and not wrong: steps that cannot pay, or not even start, within the horizon.
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

    /// Plans x months: expected net revenue, currency; exact.
    /// @return one row a plan.
    [[nodiscard]] const Matrix& expected_revenue() const { return revenue_; }
    /// Plans x months: expected contribution, currency; exact.
    /// @return one row a plan.
    [[nodiscard]] const Matrix& expected_contribution() const { return contribution_; }
    /// Plans x months: expected working hours, attempt-weighted; exact. A step's hours fall evenly on the months from
    /// its start to its decision (all on the starting month where it takes none), and those beyond the horizon are not
    /// counted.
    /// @return one row a plan.
    [[nodiscard]] const Matrix& expected_hours() const { return hours_; }
    /// The success-probability-weighted budget.
    /// @param payoff which payoff.
    /// @return expected payoff per month over all plans, currency; sums are compensated.
    [[nodiscard]] Column expected(Payoff payoff = Payoff::contribution) const;

    /// All ways in which one plan can end, at most steps + 1; outcomes that differ only beyond the horizon are one.
    /// @param plan position of the plan.
    /// @param payoff which payoff.
    /// @return the outcomes, by number of successes.
    /// @throws NotFoundError where there is no such plan.
    [[nodiscard]] std::vector<PlanOutcome> outcomes(std::size_t plan, Payoff payoff = Payoff::contribution) const;

    /// The distribution of what all plans bring from one month to another.
    /// @param first first month; must lie in the horizon.
    /// @param last last month, included; must lie in the horizon and not before `first`.
    /// @param payoff which payoff.
    /// @param options the lattice.
    /// @return the distribution of the sum, with its errors.
    /// @throws InputError where the months are not in the horizon (the text names it) or the sum cannot be held.
    [[nodiscard]] Distribution range(Month first, Month last, Payoff payoff = Payoff::contribution,
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

  private:
    std::vector<ActionPlan> plans_;
    Month start_;
    int months_ = 0;
    Matrix revenue_;
    Matrix contribution_;
    Matrix hours_;
    std::vector<std::string> notes_;
};

/// Forecasts what action plans bring.
/// @param plans independent action plans.
/// @param start first month of the horizon.
/// @param months number of months, 1..1200.
/// @return the forecast.
/// @throws InputError where a plan is not valid (the text names customer, plan and step) or the horizon is out of
/// range.
GrowthForecast grow(std::span<const ActionPlan> plans, Month start, int months);

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
#include "custfolio/growth/grow.ipp"
#endif
