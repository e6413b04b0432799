// Action plans: what is done with a customer, a graph of steps, each with a condition, a timing and a success
// percentage.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/dates.hpp"
#include "custfolio/portfolio/portfolio.hpp"

namespace custfolio {

/// How a step depends on what comes before it.
enum class Join {
    previous,  ///< On the step before it in the plan; the first step on nothing.
    all,       ///< On all that is named; on nothing where nothing is named.
    any        ///< On at least one of what is named: it may start as soon as the first of them has succeeded.
};

/// @param join any value.
/// @return its name: "previous", "all" or "any".
/// @throws InputError for a number that is none of them.
std::string to_string(Join join);

/// What must have succeeded before a step may start.
struct Prerequisites {
    Join join = Join::previous;         ///< How `steps` and `events` are joined; `previous` names none.
    std::vector<int> steps{};           ///< Positions (0-based) in the same plan, before or after the step itself.
    std::vector<std::string> events{};  ///< External events by name, or steps of other plans as "customer/plan/step".
};

/// Something outside of all plans that a step may wait for: an appointment, accepted terms.
struct ExternalEvent {
    std::string name{};      ///< Its name, not empty.
    double probability = 1;  ///< In [0, 1]; 0 and 1 are known outcomes.
    Month month{};           ///< The month at whose beginning it happens, if it does.
};

/// One step of an action plan.
///
/// Start: the beginning of month s. That is the first month in which its prerequisites have succeeded and its own
/// earliest month has come. A step after nothing starts with the horizon. After `latest` it is never attempted. An
/// attempt of d months is decided at the beginning of month s + d. It succeeds with probability
///
///     p(s + d) = success_probability * by_month[s + d] * (1 - hazard)^(s + d - soonest),
///
/// where `soonest` is the first month in which it could be decided if everything went as fast as it can. If it
/// succeeds, its payoff begins in s + d, and later steps may start in s + d. So d = 0 pays in its starting month, d = 1
/// in the month after. If it fails, it is attempted again `retry_spacing` months after the decision, at most `retries`
/// times. After that it has failed for good. Steps that need it are never attempted. Payoffs of other steps go on.
///
/// Payoff in month m of a success in month t: amount * min(1, (m - t + 1) / ramp_months) * season[m] * size, while m -
/// t < pays_months. Month t adds one_off * size. `size` is drawn once a success from the table of sizes.
struct ActionStep {
    std::string name{};       ///< What is done, not empty.
    std::string condition{};  ///< A condition as a text for people, not evaluated.
    Prerequisites after{};    ///< What must have succeeded before; by default the step before.
    Month earliest{};  ///< It does not start before this month; the default is January 1970, which is always past.
    int duration_months = 0;         ///< Whole months from start to decision, >= 0; the least where they are uncertain.
    double success_probability = 1;  ///< In [0, 1], given that it is attempted.
    double revenue_per_month = 0;    ///< Net revenue that success adds in each month, currency; may be negative.
    double contribution_per_month = 0;  ///< Contribution that success adds in each month, currency; may be negative.
    double hours = 0;                   ///< Working hours of an attempt, >= 0, whether it succeeds or not.

    std::optional<Month> latest{};           ///< It is not started after this month.
    std::vector<double> duration_chances{};  ///< Chance of duration_months + 0, + 1, ... months; empty: fixed.
    double hazard = 0;                       ///< Share of the chance lost per month late, in [0, 1].
    std::vector<double> by_month{};  ///< Factor of the chance by month of the horizon, the last goes on; empty: 1.
    int retries = 0;                 ///< Further attempts after a failure, 0 to 120.
    int retry_spacing = 1;           ///< Months from a failure to the next attempt, >= 0.
    double spend = 0;              ///< Currency spent on each attempt in its first month, subtracted from contribution.
    int ramp_months = 0;           ///< Months to the full amount, linear; 0 and 1: at once.
    int pays_months = 0;           ///< Months that the payoff lasts; 0: to the end of the horizon.
    std::vector<double> season{};  ///< Twelve factors, January first; empty: all 1.
    double one_off_revenue = 0;    ///< Net revenue in the month of success alone, currency.
    double one_off_contribution = 0;           ///< Contribution in the month of success alone, currency.
    std::vector<double> sizes{};               ///< Factors of all amounts, >= 0; empty: 1 for certain.
    std::vector<double> size_probabilities{};  ///< Their probabilities, summing to 1.
};

/// The action plan of one customer: steps that form a directed acyclic graph.
struct ActionPlan {
    std::string customer{};           ///< Identity of the customer, not empty.
    std::string name{};               ///< Name of the plan; a customer may have several.
    std::vector<ActionStep> steps{};  ///< At least one.
    /// The plan's label of each factor that its success may share with other plans: {"manager", "Anna"}; see
    /// GroupFactor.
    std::map<std::string, std::string> factors{};
};

/// The soonest timing of a step, if everything before it succeeds at once; months are counted from the horizon's
/// first (0).
struct StepTiming {
    int start = 0;    ///< First month in which it can start; may lie beyond the horizon.
    int decided = 0;  ///< First month in which it can be decided and its payoff can begin.
};

/// The soonest timing of each step of a plan; as if all events outside of the plan had happened already.
/// @param plan any plan.
/// @param start the horizon's first month.
/// @return one entry a step.
/// @throws InputError where the plan is not valid, see check().
std::vector<StepTiming> timing(const ActionPlan& plan, Month start);

/// Checks an action plan.
/// @param plan any plan.
/// @throws InputError where a name is empty, there is no step, or a number is out of range. The same where `after`
/// names a step that is not there, or steps wait for each other in a circle. The text names customer, plan and step,
/// and lists a circle's steps.
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
