// Required terms: the amount of a lever that brings a customer to the target, or that is worth most; or why none does.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "custfolio/remediation/acceptance.hpp"
#include "custfolio/remediation/outcome.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {

/// What the amount of an offer is chosen for.
enum class Objective {
    reach,    ///< The smallest amount that reaches the target; of a package, the least burden.
    expected  ///< The amount with the highest acceptance x heat change.
};

/// @param objective what amounts are chosen for.
/// @return its name: "reach" or "expected".
std::string to_string(Objective objective);

/// Why an amount of a lever does not reach the target, or why there is no offer.
struct Shortfall {
    /// The kind of reason.
    enum class Kind {
        none,             ///< It reaches.
        at_target,        ///< The customer has the target already; `value` is its temperature.
        no_revenue,       ///< No positive revenue; `value` is the revenue.
        nothing,          ///< Nothing that the lever could change.
        one_delivery,     ///< One delivery in the period.
        saves_nothing,    ///< A delivery less saves nothing.
        passed_on,        ///< A share `value` of every charge is passed on; `other` is the target.
        ceiling,          ///< The temperature at the ceiling is `value`.
        large_orders,     ///< Orders are `value` on average, not below the ceiling.
        loss_on_goods,    ///< Costs more than it earns in goods alone.
        once_a_period,    ///< Even with one delivery the temperature is `value`.
        volume_lost,      ///< Dearer is no warmer.
        turns,            ///< No amount reaches it: at most `value`, at an amount of `other`.
        worth_most,       ///< The temperature is `value` at the amount that is worth most.
        no_payment_days,  ///< Days to payment are not known.
        pays_in_time      ///< Pays within the term already; `value` is its days.
    };
    Kind kind = Kind::none;  ///< The kind.
    double value = 0;        ///< See the kind.
    double other = 0;        ///< See the kind.
};

/// @param kind a kind of reason.
/// @return its name: "none", "at target", "no revenue", "nothing", "one delivery", ...
std::string to_string(Shortfall::Kind kind);
/// @param shortfall a reason.
/// @param lever the lever, its amount the ceiling.
/// @return its text; empty where it reaches.
std::string to_string(const Shortfall& shortfall, const Terms& lever);

/// The answer to "how far must this lever be moved?".
struct Required {
    double amount = 0;  ///< Smallest amount, or step, that reaches the target, whatever the ceiling; NaN: none does.
    double best = 0;    ///< The amount to offer, up to the ceiling; 0: none.
    Shortfall shortfall{};        ///< Why `best` does not reach the target.
    std::vector<double> parts{};  ///< Package only: the amount of each part; NaN: it is not used.
};

/// Finds the amount of a lever to offer.
///
/// Fees, charges, discounts, rebates, prices with elasticity 0 or -1 and payment terms have a closed form. Other prices
/// are the root of a function that rises up to its one maximum. Levers that merge orders are replayed: more of them
/// never means more deliveries, so the smallest amount is found by bisection. A user's lever is tried at each step.
/// Amounts are multiples of the lever's step, and the ceiling.
///
/// A package tries each step of the parts that are not linear (20 steps where a part has none) and finds the least
/// charges in closed form; charges outside of the revenue share go first.
/// @param lever the lever; its amount is the ceiling, > 0; of a payment term the shortest.
/// @param before the customer on the old terms.
/// @param target temperature to reach at full cost, fraction < 1.
/// @param costs the cost model.
/// @param driver_names names of `before.volume.further`.
/// @param objective what the amount is chosen for.
/// @param acceptance prior of acceptance, for Objective::expected.
/// @return the amount, or the reason why none does; 0 where the customer has the target already.
/// @throws InputError where the ceiling is not positive, a step exceeds it, or the target or a number of the customer
/// is not finite.
/// @throws NotFoundError where a driver or an activity does not exist.
Required required_terms(const Terms& lever, const Position& before, double target, const CostModel& costs,
                        std::span<const std::string> driver_names = {}, Objective objective = Objective::reach,
                        const Acceptance& acceptance = {});

/// Checks a lever as a ceiling of offers.
/// @param lever the lever.
/// @throws InputError where its amount is not positive, its step exceeds it, or a number is out of range.
void check_ceiling(const Terms& lever);

/// The terms of an amount of a lever.
/// @param lever the lever.
/// @param amount its amount.
/// @param parts package only: the amount of each part; NaN: it is left out.
/// @return the terms.
Terms terms_of(const Terms& lever, double amount, std::span<const double> parts = {});

namespace detail {

/// What a search is for.
struct SearchGoal {
    double target = 0;                       ///< Temperature at full cost, fraction.
    Objective objective = Objective::reach;  ///< What the amount is chosen for.
    Acceptance acceptance{};                 ///< Prior of acceptance.
};

/// Finds the amount of a lever to offer to one customer.
/// @param lever the lever, checked by check_ceiling().
/// @param costs the resolved cost model.
/// @param input the customer, checked.
/// @param heat its contribution at full cost, currency.
/// @param goal the target and the objective.
/// @return as required_terms().
Required find_terms(const Terms& lever, const TermsCosts& costs, const TermsInput& input, double heat,
                    const SearchGoal& goal);

}  // namespace detail

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/required.ipp"
#endif
