// Figures of single steps: the worth of a point of success chance, the share of the uncertainty, the need of a target.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "custfolio/growth/growth_forecast.hpp"

namespace custfolio {

/// No limit on the number of steps.
inline constexpr std::size_t all_steps = std::numeric_limits<std::size_t>::max();

/// The worth of one point (0.01) of success chance of a step over the horizon.
struct StepWorth {
    std::size_t plan = 0;            ///< Position of the plan.
    std::size_t step = 0;            ///< Position of the step in it.
    double worth = 0;                ///< Expected payoff that the point adds, currency.
    std::optional<double> chance{};  ///< Chance that it adds to reach the target; none without a target.
};

/// @param growth the forecast.
/// @param target amount to reach by the end of the horizon, currency; none: no chances.
/// @param payoff which payoff.
/// @param top greatest number of steps. The chance needs a sum over all plans for each graph of steps.
/// @return the steps, the greatest worth first: exact derivatives by the success chance of the step.
/// @throws InputError where a graph of steps is too large to be computed exactly.
std::vector<StepWorth> step_sensitivity(const GrowthForecast& growth, std::optional<double> target = std::nullopt,
                                        Payoff payoff = Payoff::contribution, std::size_t top = all_steps);

/// The part of the horizon's uncertainty that one step carries.
struct StepShare {
    std::size_t plan = 0;  ///< Position of the plan.
    std::size_t step = 0;  ///< Position of the step in it.
    double success = 0;    ///< Chance to succeed within the horizon.
    double share = 0;      ///< Var(E[X | S]) / Var(X) = Cov(X, S)^2 / (Var(S) Var(X)) of the sum X and the success S.
};

/// @param growth the forecast.
/// @param top greatest number of steps.
/// @param payoff which payoff.
/// @return the steps, the greatest share first. Shares of steps that depend on each other overlap.
/// @throws InputError where a graph of steps is too large to be computed exactly.
std::vector<StepShare> step_uncertainty(const GrowthForecast& growth, std::size_t top = 5,
                                        Payoff payoff = Payoff::contribution);

/// The chance to reach a target if one step succeeds.
struct StepChance {
    std::size_t plan = 0;  ///< Position of the plan.
    std::size_t step = 0;  ///< Position of the step in it.
    double success = 0;    ///< Chance to succeed within the horizon.
    double chance = 0;     ///< Chance to reach the target if it succeeds.
};

/// What a target needs.
struct TargetNeed {
    double chance = 0;              ///< Chance to reach the target now.
    double to_be_added = 0;         ///< Certain amount to add, so that the wanted chance is reached; currency, >= 0.
    std::vector<StepChance> steps;  ///< Steps with the greatest shares of the uncertainty; see step_uncertainty().
};

/// @param growth the forecast.
/// @param target amount to reach by the end of the horizon, currency.
/// @param probability wanted chance to reach it, in [0, 1].
/// @param payoff which payoff.
/// @param top greatest number of steps.
/// @return the chance now, the amount that must be added, and the chance given each step.
/// @throws InputError where the probability is out of range or a graph of steps is too large to be computed exactly.
TargetNeed target_need(const GrowthForecast& growth, double target, double probability = 0.8,
                       Payoff payoff = Payoff::contribution, std::size_t top = 5);

/// The chance, month by month, that the plans have brought an amount.
struct TimeToTarget {
    Month start{};                ///< First month of the horizon.
    std::vector<double> reached;  ///< Chance by the end of each month; it may fall where payoffs are negative.

    /// @return the chance that the target is not reached at the end of the horizon.
    [[nodiscard]] double not_within_horizon() const { return 1 - reached.back(); }
    /// @param probability in [0, 1].
    /// @return the first month by whose end the target is reached with that chance; none within the horizon: nothing.
    [[nodiscard]] std::optional<Month> quantile(double probability) const;
};

/// @param growth the forecast, of at least one month.
/// @param amount the target, cumulated from the first month of the horizon, currency.
/// @param payoff which payoff.
/// @return the chance of each month.
/// @throws InputError where the amount is NaN or the horizon is empty.
TimeToTarget time_to_target(const GrowthForecast& growth, double amount, Payoff payoff = Payoff::contribution);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/step_figures.ipp"
#endif
