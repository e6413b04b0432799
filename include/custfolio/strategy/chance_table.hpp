// What the chance of the floors costs: the best plan for each of a few chances.
#pragma once

#include <span>
#include <vector>

#include "custfolio/strategy/plan_inputs.hpp"
#include "custfolio/strategy/strategy.hpp"

namespace custfolio {

/// The best plan for a chance of the floors.
struct ChanceRow {
    double chance = 0;        ///< Chance that each floor must hold with; 0: in expectation.
    double reached = 0;       ///< Least chance of a row of the floor in the plan; 1 without rows.
    double level = 0;         ///< Level over the plan's months, currency.
    double gain = 0;          ///< Discounted heat of all actions, currency.
    double cost = 0;          ///< Plan::chance_cost, currency.
    std::size_t relaxed = 0;  ///< Number of entries of Plan::relaxed.
};

/// Makes the plan again for each chance; `strict` counts as false.
/// @param inputs what a plan was made with; Strategy::chance is replaced.
/// @param chances each in [0.5, 1), or 0: in expectation.
/// @param options settings of each computation.
/// @return one row per chance, in their order.
/// @throws InputError, InfeasiblePlan, Cancelled as Strategy::optimise().
std::vector<ChanceRow> heat_by_chance(const PlanInputs& inputs, std::span<const double> chances,
                                      const PlanOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/chance_table.ipp"
#endif
