// The courses of an earlier plan in words and months, for a plan that changes few of them.
#pragma once

#include <string>
#include <vector>

#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

struct Plan;        // defined in plan.hpp
struct PlanInputs;  // defined in plan_inputs.hpp, which needs this header

/// A course of an earlier plan. It is found again by the identity of its customer or prospect, the lever of its offer,
/// its months, and the names of its action plans.
struct PreviousCourse {
    std::string id{};                  ///< Identity of the customer or prospect.
    bool prospect = false;             ///< Whether it is a prospect (else a customer).
    std::string lever{};               ///< Lever of the offer in words; empty: no offer.
    Month month = no_month;            ///< Month of the offer or of the pursuit; no_month: neither.
    Month overflow = no_month;         ///< First month without the customer after a refusal; no_month: it stays.
    std::vector<std::string> plans{};  ///< Names of the action plans that are carried out.
};

/// @param plan a plan.
/// @param inputs what it was made with.
/// @return its courses, for Strategy::previous: by customer, then by prospect.
/// @throws InputError where the inputs are not those of the plan.
std::vector<PreviousCourse> previous_courses(const Plan& plan, const PlanInputs& inputs);

}  // namespace custfolio
