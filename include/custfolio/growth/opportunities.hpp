// Open opportunities of a sales pipeline as action plans: the chance to win, the months of the decision, the payoff.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "custfolio/growth/action_plan.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

/// Numbers of months and their chances, which sum to 1.
using MonthChances = std::map<int, double>;

/// An open opportunity, as a CRM lists it. NaN and empty mean that the CRM does not have the value.
struct Opportunity {
    std::string customer{};                                            ///< Identity of the customer.
    std::string name{};                                                ///< Name of the opportunity.
    std::size_t row = 0;                                               ///< Row of the export, for messages.
    std::optional<Month> close{};                                      ///< Month in which it should be decided.
    double probability = std::numeric_limits<double>::quiet_NaN();     ///< Chance to win it, in [0, 1].
    double amount = std::numeric_limits<double>::quiet_NaN();          ///< Revenue if won, own currency, >= 0.
    double monthly_amount = std::numeric_limits<double>::quiet_NaN();  ///< Revenue per month if won, own currency.
    double exchange_rate = 1;                                          ///< Worth of its currency in that of the plans.
    std::map<std::string, std::string> factors{};                      ///< Labels of the plan; see ActionPlan::factors.
    std::size_t kind = 0;                                              ///< Position of its OpportunityKind.
    MonthChances months{};  ///< Months from the start to the decision if won; empty: by `close` and its kind.
};

/// Assumptions about opportunities of one kind: of a product, an owner, a region.
struct OpportunityKind {
    std::optional<double> margin{};            ///< Contribution as a share of the amount, at most 1.
    std::optional<double> amount{};            ///< Amount of those without one, currency of the plans.
    MonthChances slip{{0, 1.0}};               ///< Months from the expected close to the decision.
    MonthChances undated{};                    ///< Months from the start to the decision of those without a close.
    std::vector<double> sizes{};               ///< Factors of the amounts, >= 0; empty: 1 for certain.
    std::vector<double> size_probabilities{};  ///< Their chances, which sum to 1.
};

/// Settings of all opportunities.
struct PipelineOptions {
    Month start{};             ///< First month of the plans.
    int months = 1;            ///< Months over which an amount is paid, evenly; 1: all in the month of the decision.
    int recurring_months = 0;  ///< Months that a monthly amount is paid; 0: to the end of the horizon.
    std::string customer{};    ///< Customer of the opportunities that name none.
    double hours = 0;          ///< Working hours of each opportunity, >= 0.
    bool leave_out = false;    ///< List opportunities that miss a value, instead of an error.
};

/// The figures of a plan that was made of an opportunity.
struct OpportunityFigures {
    std::size_t opportunity = 0;  ///< Position of the opportunity.
    Month month{};                ///< First month in which it may be decided.
    double probability = 0;       ///< Chance to win it.
    double amount = 0;            ///< Revenue if won, currency; a monthly amount without an end counts once.
    double contribution = 0;      ///< Contribution if won, currency.
};

/// An opportunity without a plan.
struct LeftOutOpportunity {
    std::size_t opportunity = 0;  ///< Position of the opportunity.
    std::string reason;           ///< The value that it misses.
};

/// Plans of opportunities. Plans and opportunities that are left out are all opportunities together.
struct OpportunityPlans {
    std::vector<ActionPlan> plans;             ///< One a usable opportunity, in their order; grow() accepts them.
    std::vector<OpportunityFigures> figures;   ///< One a plan.
    std::vector<LeftOutOpportunity> left_out;  ///< The others, in their order.
};

/// The chance of each month in which an opportunity may be decided.
/// @param begin month of the expected close; or the start, for an opportunity without a close.
/// @param delays months of delay from `begin`, with their chances.
/// @param start first month of the plans: the opportunity was still open at its beginning.
/// @return months from `start` on, with chances that sum to 1: the delays given that the decision has not been made
/// before. Where no delay reaches the start, it is decided in the first month.
std::map<Month, double> months_of_decision(Month begin, const MonthChances& delays, Month start);

/// Makes an action plan of every open opportunity. Its first step, "won", is decided in one of the months of
/// months_of_decision(). An amount that is paid over months and a monthly amount are two payoffs: then a second step,
/// "recurring", pays the monthly amount.
/// @param opportunities open opportunities.
/// @param kinds the assumptions; each opportunity names one by its position.
/// @param options settings of all.
/// @return the plans, their figures, and the opportunities that miss a value.
/// @throws InputError where a setting is out of range, an opportunity has an impossible value, or (without `leave_out`)
/// misses one; the text names the opportunity and its row. Linear.
OpportunityPlans opportunity_plans(std::span<const Opportunity> opportunities, std::span<const OpportunityKind> kinds,
                                   const PipelineOptions& options);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/growth/opportunities.ipp"
#endif
