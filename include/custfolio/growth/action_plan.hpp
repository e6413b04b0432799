// Action plans: what is done with a customer step by step, each step with a condition, a timing and a success
// percentage.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/calendar.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// One step of an action plan.
///
/// A step starts at the beginning of month s, the first month in which the step before it has succeeded and its own
/// earliest month has come (the first step: in which the horizon has begun). With `duration_months` d it is decided at
/// the beginning of month s + d: with `success_probability` it succeeds, its payoff flows in every month from s + d to
/// the end of the horizon, and the next step may start in s + d. Else the chain stops: nothing after it is attempted,
/// and what earlier steps earned goes on. So d = 0 pays in its starting month, d = 1 in the month after, and so on.
struct ActionStep {
    std::string name;         ///< What is done, not empty.
    std::string condition{};  ///< What must hold before it is done: a text for people, not evaluated.
    int after =
        -1;  ///< Position of the step that must have succeeded; -1: the one before. Plans are chains: only that.
    Month earliest{};  ///< It does not start before this month; the default (January 1970) never holds a step up.
    int duration_months = 0;            ///< Whole months from start to decision, >= 0.
    double success_probability = 1;     ///< In [0, 1], given that it is attempted.
    double revenue_per_month = 0;       ///< Net revenue that success adds in each month, currency; may be negative.
    double contribution_per_month = 0;  ///< Contribution that success adds in each month, currency; may be negative.
    double hours = 0;                   ///< Working hours that the attempt takes, >= 0, whether it succeeds or not.
};

/// The action plan of one customer: a chain of steps.
struct ActionPlan {
    std::string customer;           ///< Identity of the customer, not empty.
    std::string name;               ///< Name of the plan; a customer may have several.
    std::vector<ActionStep> steps;  ///< In the order in which they are done, at least one.
};

/// When a step of a chain starts and is decided if everything before it succeeds; months are counted from the horizon's
/// first (0).
struct StepTiming {
    int start = 0;       ///< Month in which it starts; may lie beyond the horizon.
    int decided = 0;     ///< Month in which it is decided and its payoff begins: start + duration.
    double reached = 1;  ///< Probability that it is attempted at all: all steps before it succeed.
};

/// The timing of each step of a plan; fixed, because durations are.
/// @param plan a checked plan.
/// @param start the horizon's first month.
/// @return one entry a step.
/// @throws InputError where the plan is not valid, see check().
std::vector<StepTiming> timing(const ActionPlan& plan, Month start);

/// Checks an action plan.
/// @param plan any plan.
/// @throws InputError where the customer or a step's name is empty, there is no step, `after` is not the step before, a
/// duration or hours are negative, a payoff is not finite or a probability lies outside [0, 1]; the text names
/// customer, plan and step.
void check(const ActionPlan& plan);

/// Checks that every plan belongs to a customer.
/// @param plans action plans.
/// @param portfolio the customers.
/// @throws NotFoundError where a plan's customer is not in the portfolio; the text names customer and plan.
void check_customers(std::span<const ActionPlan> plans, const Portfolio& portfolio);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/action_plan.ipp"
#endif
