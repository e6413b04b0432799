// Definition of the plans for a few chances of the floors.
#pragma once

#include <algorithm>

#include "custfolio/config.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/chance_table.hpp"

namespace custfolio {

CUSTFOLIO_INLINE std::vector<ChanceRow> heat_by_chance(const PlanInputs& inputs, std::span<const double> chances,
                                                       const PlanOptions& options) {
    std::vector<ChanceRow> rows;
    for (const double chance : chances) {
        Strategy strategy = inputs.strategy;
        strategy.chance = chance;
        strategy.strict = false;
        const Plan plan = strategy.optimise(inputs.portfolio, inputs.offers, inputs.growth, inputs.prospects,
                                            inputs.baseline, options);
        ChanceRow row{chance, 1.0, 0.0, plan.gain(), plan.chance_cost, plan.relaxed.size()};
        for (const FloorRow& floor : plan.floors) row.reached = std::min(row.reached, floor.chance);
        math::CompensatedSum level;
        for (const PlanMonth& month : plan.trajectory) level += month.level;
        row.level = level.value();
        rows.push_back(row);
    }
    return rows;
}

}  // namespace custfolio
