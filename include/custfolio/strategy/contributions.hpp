// Contributions: the part of each step in the rise from no action to a plan.
#pragma once

#include <vector>

#include "custfolio/budget/budget.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/plan_inputs.hpp"

namespace custfolio {

/// The part of one source in the bucket over the months of a plan. The parts of all sources add up to the plan's
/// bucket.
struct Contribution {
    Source source = Source::baseline;  ///< Source::baseline: the bucket without any action.
    double level = 0;                  ///< Net revenue, currency, in units of the plan's budget.
    double heat = 0;                   ///< Contribution, currency, in units of the plan's budget; not discounted.
    double temperature = 0;            ///< Heat / level, a fraction; NaN where the level of the plan or without action
                                       ///< is not positive.
    double percent = 0;                ///< The temperature in percent, rounded to two decimals: these parts add up too.
};

/// Where the rise of a plan comes from: Shapley values of new terms, action plans, newcomers and overflow, at the
/// courses of the plan. A source is left out by its part of each course: the offer, the action plans, the pursuit, the
/// leaving. Without its offer a customer leaves only if it refused earlier. Nothing is optimised again, and what is
/// left out may break floors and the rules of overflow.
/// @param plan a plan.
/// @param inputs what it was made with.
/// @param threads 0 means all cores; the same bits for any number.
/// @return without action first, then one entry per action, in the order of `action_sources`. O(2^k) effects a customer
/// whose course has k sources, k <= 3.
/// @throws InputError where the inputs are not those of the plan.
/// @see L. S. Shapley (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317.
std::vector<Contribution> contributions(const Plan& plan, const PlanInputs& inputs, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/contributions.ipp"
#endif
