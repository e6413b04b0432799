// Required terms: the smallest amount of one lever that brings a customer to the target, or why none does.
#pragma once

#include <span>
#include <string>

#include "custfolio/costing/cost_model.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {

/// A customer before the offer: its activity and the contribution that the statement shows.
struct Position {
    Volume volume{};  ///< Activity of the period on the old terms.
    double heat = 0;  ///< Contribution of the period on the old terms at full cost, currency.
};

/// A customer on new terms: its old full contribution plus avoidable changes only.
struct Outcome {
    Volume after;               ///< Activity on the new terms.
    double burden = 0;          ///< Extra cost for the customer as a share of its spend.
    double revenue_change = 0;  ///< Currency over the period.
    double heat_change = 0;     ///< dR - dGoods - avoidable cost change, currency over the period.
    double temperature = 0;     ///< (heat + heat_change) / revenue after, fraction; NaN where no revenue is left.
};

/// Applies terms to a customer and counts avoidable cost only.
/// @param terms the change.
/// @param before the customer on the old terms.
/// @param costs the cost model.
/// @param driver_names names of `before.volume.further`.
/// @return the outcome if the terms are accepted.
/// @throws InputError, NotFoundError as apply() and avoidable_change() do.
Outcome outcome(const Terms& terms, const Position& before, const CostModel& costs,
                std::span<const std::string> driver_names = {});

/// The answer to "how far must this lever be moved?".
struct Required {
    double amount =
        0;  ///< Smallest amount of the lever that reaches the target, whatever the ceiling; NaN where none does.
    double best = 0;     ///< The amount up to the ceiling with the highest temperature: the smallest that reaches, else
                         ///< the nearest to it.
    std::string reason;  ///< Empty where an amount up to the ceiling reaches the target; else why none does.
};

/// Finds the smallest amount of a lever that reaches a target temperature. A fee, a minimum order and a price with
/// elasticity 0 or -1 have a closed form. Other prices are the root of a function that rises up to its one maximum: an
/// elasticity below -1 loses volume faster than it gains price.
/// @param lever the lever; its amount is the ceiling, > 0.
/// @param before the customer on the old terms.
/// @param target temperature to reach, fraction < 1.
/// @param costs the cost model; only its avoidable shares count.
/// @param driver_names names of `before.volume.further`.
/// @return the amount, or the reason why none does; 0 where the customer has the target already.
/// @throws InputError where the ceiling is not positive, or the target or a number of the customer is not finite.
/// @throws NotFoundError where a rate's driver does not exist.
Required required_terms(const Terms& lever, const Position& before, double target, const CostModel& costs,
                        std::span<const std::string> driver_names = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/required.ipp"
#endif
