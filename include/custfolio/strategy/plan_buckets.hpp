// The bucket before a plan, over its months without any action, and over its months as planned.
#pragma once

#include <cstddef>
#include <span>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

/// A bucket over the months of a plan.
struct PlanBucket {
    Bucket bucket;              ///< Level, heat and customers.
    double customers = 0;       ///< Customers; an expectation after a plan, while `bucket` has the nearest number.
    double below_freezing = 0;  ///< Customers of the portfolio with a negative heat over the plan's months; an
                                ///< expectation after a plan.
    double new_business = 0;    ///< Part of the level that is new business as usual, currency; 0 before.
};

/// The three buckets that a plan is judged by.
struct PlanBuckets {
    PlanBucket before;   ///< Actual amounts of the reference period, in the calendar months of the plan.
    PlanBucket without;  ///< The baseline: expected amounts without any action.
    PlanBucket after;    ///< Expected amounts as planned; the customers expected at the end, to the nearest one.
};

/// @param plan a plan.
/// @param portfolio its customers.
/// @param baseline the baseline that it was made on; it covers the months of the plan.
/// @param prospects the prospects that it was made with.
/// @return the three buckets.
/// @throws InputError where portfolio, baseline or prospects are not those of the plan.
PlanBuckets plan_buckets(const Plan& plan, const Portfolio& portfolio, const Baseline& baseline,
                         std::span<const Prospect> prospects = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/plan_buckets.ipp"
#endif
