// Two plans compared: whose course of action changes, and whether inputs, prices or limits are the cause.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/plan_inputs.hpp"

namespace custfolio {

/// Why a course differs from that of an earlier plan.
enum class ChangeCause {
    inputs,  ///< The customer's own amounts, offers, action plans or prospect changed.
    prices,  ///< The shadow prices changed: others need more or less of what is scarce.
    limits   ///< Another course is best at the prices: limits in whole actions, or the order of overflow, decide.
};

/// @param cause any value.
/// @return its name: "inputs", "prices" or "limits".
/// @throws InputError for a number that is none of them.
std::string to_string(ChangeCause cause);

/// A customer or prospect whose course differs. What a course is worth is its discounted heat at the shadow prices of
/// the rows that it uses. A lead is NaN where one of the courses does not exist in that plan.
struct CourseChange {
    bool prospect = false;                    ///< Whether it is a prospect (else a customer).
    std::string id{};                         ///< Its identity.
    std::string name{};                       ///< Its name for people.
    std::string before{};                     ///< Its actions in the earlier plan; empty: none.
    std::string after{};                      ///< Its actions in the later plan; empty: none.
    ChangeCause cause = ChangeCause::inputs;  ///< The cause.
    double lead_before =
        std::numeric_limits<double>::quiet_NaN();  ///< What the earlier course is worth more in the earlier plan.
    double lead_after =
        std::numeric_limits<double>::quiet_NaN();  ///< What the later course is worth more in the later plan.
    double by_inputs = std::numeric_limits<double>::quiet_NaN();  ///< Part of lead_before + lead_after by inputs.
    double by_prices = std::numeric_limits<double>::quiet_NaN();  ///< The other part, by prices.
    std::string why{};                                            ///< One sentence.
};

/// A row whose shadow price differs.
struct PriceChange {
    std::string row{};  ///< As in ShadowPrice.
    Month month{};      ///< First month of the row.
    int months = 0;     ///< Number of its months.
    double before = 0;  ///< Shadow price in the earlier plan; 0 where it has no such row.
    double after = 0;   ///< Shadow price in the later plan; 0 where it has no such row.
};

/// What differs between two plans.
struct PlanComparison {
    std::vector<CourseChange>
        courses;  ///< By customers of the later plan, then of the earlier one alone; prospects last.
    std::vector<PriceChange> prices;  ///< In the order of the later plan's rows, then of those of the earlier alone.
};

/// Compares two plans by the identities of customers and prospects. A course is the same if its offer has the same
/// lever, all its months are the same months of the calendar, and its action plans have the same names. Amounts of an
/// offer may differ.
/// @param before the earlier plan.
/// @param before_inputs what it was made with.
/// @param after the later plan; it may begin in another month.
/// @param after_inputs what it was made with.
/// @return the differences. Linear in customers and prospects, but for sorting.
/// @throws InputError where inputs are not those of their plan.
PlanComparison compare_plans(const Plan& before, const PlanInputs& before_inputs, const Plan& after,
                             const PlanInputs& after_inputs);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/plan_comparison.ipp"
#endif
