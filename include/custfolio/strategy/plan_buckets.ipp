// Definitions of the buckets of a plan.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/plan_buckets.hpp"

namespace custfolio {

CUSTFOLIO_INLINE PlanBuckets plan_buckets(const Plan& plan, const Portfolio& portfolio, const Baseline& baseline,
                                          std::span<const Prospect> prospects) {
    const std::size_t customers = portfolio.size();
    if (plan.courses.size() != customers + prospects.size()) {
        throw InputError("the plan has " + std::to_string(plan.courses.size()) + " courses; there are " +
                         std::to_string(customers) + " customers and " + std::to_string(prospects.size()) +
                         " prospects");
    }
    baseline.check(portfolio, plan.start, plan.months);
    const Baseline reference = seasonal_baseline(portfolio, plan.start, plan.months);
    PlanBuckets buckets;
    buckets.before.bucket = {math::deterministic_sum(reference.level.values()),
                             math::deterministic_sum(reference.heat.values()), customers};
    math::CompensatedSum level, heat, level_without, heat_without, new_business;
    for (const PlanMonth& month : plan.trajectory) {
        level += month.level;
        heat += month.heat;
        level_without += month.baseline_level;
        heat_without += month.baseline_heat;
        new_business += month.new_business;
    }
    buckets.without.bucket = {level_without.value(), heat_without.value(), customers};
    buckets.without.new_business = buckets.after.new_business = new_business.value();
    buckets.before.customers = buckets.without.customers = static_cast<double>(customers);
    buckets.after.customers = plan.customers_after;
    buckets.after.below_freezing = plan.ice_cubes_after;
    buckets.after.bucket = {level.value(), heat.value(),
                            static_cast<std::size_t>(std::nearbyint(std::max(plan.customers_after, 0.0)))};
    const auto begin = static_cast<std::size_t>(plan.start - baseline.start);
    const auto months = static_cast<std::size_t>(plan.months);
    for (std::size_t k = 0; k < customers; ++k) {
        math::CompensatedSum expected;
        for (const double amount : baseline.heat.row(k).subspan(begin, months)) expected += amount;
        buckets.before.below_freezing += portfolio.columns().contribution[k] < 0 ? 1 : 0;
        buckets.without.below_freezing += expected.value() < 0 ? 1 : 0;
    }
    return buckets;
}

}  // namespace custfolio
