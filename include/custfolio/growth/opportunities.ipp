// Definitions of plans made of opportunities.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/opportunities.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_month_chances(const MonthChances& table, const char* name) {
    math::CompensatedSum sum;
    bool usable = true;
    for (const auto& [months, chance] : table) {
        usable = usable && chance >= 0;
        sum += chance;
    }
    if (!usable || !(std::abs(sum.value() - 1) <= 1e-9)) {
        throw InputError(std::string(name) + " has chances that sum to " + number_text(sum.value()) +
                         "; they must be 0 or more and sum to 1");
    }
}

CUSTFOLIO_INLINE void check_kind(const OpportunityKind& kind) {
    if (!kind.slip.empty()) check_month_chances(kind.slip, "slip");
    if (!kind.undated.empty()) {
        check_month_chances(kind.undated, "undated");
        if (kind.undated.begin()->first < 0) {
            throw InputError("undated has " + std::to_string(kind.undated.begin()->first) +
                             " months; it counts months from the start and cannot be negative");
        }
    }
}

/// @return the first value that an opportunity misses; empty where it has all.
CUSTFOLIO_INLINE std::string missing_value(const Opportunity& one, const OpportunityKind& kind,
                                           const PipelineOptions& options) {
    if (one.customer.empty() && options.customer.empty()) return "no customer; pass a default as customer";
    // Some values may be missing: a row is left out, or is an error, as the user chooses.
    if (std::isnan(one.probability)) return "no probability; pass one as probability";
    if (std::isnan(one.amount) && std::isnan(one.monthly_amount) && !kind.amount) {
        return "no amount; pass a default as amount";
    }
    if (one.months.empty() && !one.close && kind.undated.empty())
        return "no date of close; pass the months until its close as undated";
    if (one.months.empty() && one.close && kind.slip.empty()) return "no months of delay; pass them as slip";
    if (!kind.margin) return "no margin; pass one as margin";
    return {};
}

/// Revenue of an opportunity if it is won, in the currency of the plans.
struct OpportunityPayoff {
    double whole = 0;    ///< Paid over `PipelineOptions::months`.
    double monthly = 0;  ///< Paid in each month.
};

CUSTFOLIO_INLINE OpportunityPayoff payoff_of(const Opportunity& one, const OpportunityKind& kind) {
    if (std::isnan(one.amount) && std::isnan(one.monthly_amount)) return {*kind.amount, 0};
    const auto converted = [&](double amount) { return std::isnan(amount) ? 0 : amount * one.exchange_rate; };
    return {converted(one.amount), converted(one.monthly_amount)};
}

CUSTFOLIO_INLINE std::vector<ActionStep> opportunity_steps(const std::map<Month, double>& decided, double probability,
                                                           const OpportunityPayoff& payoff, const OpportunityKind& kind,
                                                           const PipelineOptions& options) {
    // An amount over several months and a monthly one end at different times, so they need two steps.
    const bool at_once = options.months == 1;
    const double per_month = at_once ? payoff.monthly : payoff.whole / options.months;
    const Month earliest = decided.begin()->first;
    ActionStep won{.name = "won", .after = {Join::all, {}, {}}, .earliest = earliest};
    // Several possible months are one step of uncertain duration.
    if (decided.size() > 1) {
        won.duration_chances.resize(static_cast<std::size_t>(std::prev(decided.end())->first - earliest) + 1);
        for (const auto& [month, chance] : decided) {
            won.duration_chances[static_cast<std::size_t>(month - earliest)] = chance;
        }
    }
    won.success_probability = probability;
    won.hours = options.hours;
    won.revenue_per_month = per_month;
    won.contribution_per_month = per_month * *kind.margin;
    won.pays_months = at_once ? options.recurring_months : options.months;
    won.one_off_revenue = at_once ? payoff.whole : 0;
    won.one_off_contribution = at_once ? payoff.whole * *kind.margin : 0;
    won.sizes = kind.sizes;
    won.size_probabilities = kind.size_probabilities;
    std::vector<ActionStep> steps{std::move(won)};
    if (!at_once && payoff.monthly != 0) {  // a step has one length of payoff
        ActionStep recurring{.name = "recurring", .after = {Join::all, {0}, {}}};
        recurring.revenue_per_month = payoff.monthly;
        recurring.contribution_per_month = payoff.monthly * *kind.margin;
        recurring.pays_months = options.recurring_months;
        recurring.sizes = kind.sizes;
        recurring.size_probabilities = kind.size_probabilities;
        steps.push_back(std::move(recurring));
    }
    return steps;
}

}  // namespace detail

CUSTFOLIO_INLINE std::map<Month, double> months_of_decision(Month begin, const MonthChances& delays, Month start) {
    std::map<Month, double> ahead;
    math::CompensatedSum mass;
    // A close before the start did not happen: what remains are the later months, scaled to sum to 1.
    for (const auto& [months, chance] : delays) {
        if (!(chance > 0) || begin + months < start) continue;
        ahead.emplace(begin + months, chance);
        mass += chance;
    }
    // All months are over: the decision is due at once.
    if (ahead.empty()) return {{start, 1.0}};
    for (auto& [month, chance] : ahead) chance /= mass.value();
    return ahead;
}

CUSTFOLIO_INLINE OpportunityPlans opportunity_plans(std::span<const Opportunity> opportunities,
                                                    std::span<const OpportunityKind> kinds,
                                                    const PipelineOptions& options) {
    if (options.months < 1 || options.recurring_months < 0) {
        throw InputError("months is " + std::to_string(options.months) + " and recurring_months " +
                         std::to_string(options.recurring_months) + "; at least 1 and 0 are needed");
    }
    for (const OpportunityKind& kind : kinds) detail::check_kind(kind);
    OpportunityPlans result;
    std::set<std::pair<std::string, std::string>> used;
    for (std::size_t k = 0; k < opportunities.size(); ++k) {
        const Opportunity& one = opportunities[k];
        const std::string row = "row " + std::to_string(one.row);
        const std::string where = "opportunity '" + one.name + "', " + row;
        if (one.kind >= kinds.size()) {
            throw InputError(where + ": kind is " + std::to_string(one.kind) + "; there are " +
                             std::to_string(kinds.size()) + " kinds");
        }
        const OpportunityKind& kind = kinds[one.kind];
        std::string missing = detail::missing_value(one, kind, options);
        if (!missing.empty()) {
            // A row that misses a value must not vanish unless the user allows it.
            if (!options.leave_out) {
                throw InputError(where + ": " + missing + " (or leave out opportunities that miss a value)");
            }
            result.left_out.push_back({k, std::move(missing)});
            continue;
        }
        require_probability(one.probability, where + ": probability");
        const double margin = *kind.margin;
        if (!(margin <= 1) || std::isinf(margin)) {
            throw InputError(where + ": margin is " + number_text(margin) +
                             "; it must be a fraction of the amount, such as 0.3 for 30 %");
        }
        if (!(one.exchange_rate > 0) || std::isinf(one.exchange_rate)) {
            throw InputError(where + ": exchange rate is " + number_text(one.exchange_rate) + "; it must be above 0");
        }
        const detail::OpportunityPayoff payoff = detail::payoff_of(one, kind);
        for (const double amount : {payoff.whole, payoff.monthly}) {
            if (!(amount >= 0) || std::isinf(amount)) {
                throw InputError(where + ": amount is " + number_text(amount) + "; it must be 0 or more");
            }
        }
        if (!one.months.empty()) detail::check_month_chances(one.months, "months");
        const std::map<Month, double> decided =
            one.months.empty() ? months_of_decision(one.close.value_or(options.start),
                                                    one.close ? kind.slip : kind.undated, options.start)
                               : months_of_decision(options.start, one.months, options.start);
        // Same names of one customer would be one plan: the row makes them different.
        ActionPlan plan;
        plan.customer = one.customer.empty() ? options.customer : one.customer;
        plan.name = one.name.empty() ? "opportunity in " + row : one.name;
        if (used.contains({plan.customer, plan.name})) plan.name += " (" + row + ")";
        used.emplace(plan.customer, plan.name);
        plan.steps = detail::opportunity_steps(decided, one.probability, payoff, kind, options);
        plan.factors = one.factors;
        result.plans.push_back(std::move(plan));
        // For the listing alone: the forecast has the payoffs by month.
        const double amount = payoff.whole + payoff.monthly * std::max(options.recurring_months, 1);
        result.figures.push_back({k, decided.begin()->first, one.probability, amount, amount * margin});
    }
    return result;
}

}  // namespace custfolio
