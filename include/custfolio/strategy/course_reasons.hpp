// Why each customer has its course in a plan: its worth at the shadow prices term by term, and the runner-up.
#pragma once

#include <string>
#include <vector>

#include "custfolio/strategy/plan_inputs.hpp"

namespace custfolio {

struct Plan;  // defined in plan.hpp

/// The worth of a course: its discounted heat, and what it gives to the rows of the plan or takes from them, at their
/// shadow prices. All in discounted heat, currency; the terms add up to the worth.
struct CourseWorth {
    double heat = 0;         ///< Change of the discounted heat.
    double level = 0;        ///< Change of level, at the prices of floors and capacities.
    double replacement = 0;  ///< What it replaces less what it leaves to replace, at the prices of the replacement.
    double sales_hours = 0;  ///< Sales hours, <= 0 where it uses some.
    double deliveries = 0;   ///< Deliveries, <= 0 where it has more of them.
    double money = 0;        ///< Money spent, <= 0.
    double offers = 0;       ///< Offers made, <= 0.
    double switches = 0;     ///< Price of its switches, and of the rows that cap and freeze them.

    /// @return the sum of all terms.
    [[nodiscard]] double total() const {
        return heat + level + replacement + sales_hours + deliveries + money + offers + switches;
    }
};

/// Why a customer or prospect has its course.
struct CourseReason {
    bool prospect = false;    ///< Whether it is a prospect (else a customer).
    std::string id{};         ///< Its identity.
    std::string name{};       ///< Its name for people.
    std::string course{};     ///< Its course in words.
    CourseWorth worth{};      ///< The worth of that course.
    std::string runner_up{};  ///< In words: the course that is worth most of all others.
    double lead = 0;          ///< By how much the runner-up lost. Negative where it is worth more at the prices: limits
                              ///< in whole actions, or the order of overflow, decide.
};

/// Compares each course of a plan with all others of its customer at the plan's shadow prices.
/// @param plan a plan. Without shadow prices (a nearest plan) only heat counts.
/// @param inputs what it was made with.
/// @param threads 0 means all cores; the same bits for any number.
/// @return one entry for each customer, then each prospect, that has more than one course. O(courses x rows). Linked
/// customers have one entry, with the identity of the first of them.
/// @throws InputError where the inputs are not those of the plan.
std::vector<CourseReason> course_reasons(const Plan& plan, const PlanInputs& inputs, unsigned threads = 0);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/course_reasons.ipp"
#endif
