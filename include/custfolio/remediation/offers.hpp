// Offers: new terms per customer, their acceptance, and their expected heat.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/acceptance.hpp"
#include "custfolio/remediation/required.hpp"

namespace custfolio {

/// One offer of new terms to one customer. Amounts are over the portfolio's reference period.
struct Offer {
    std::size_t customer = 0;     ///< Row of the portfolio.
    std::size_t lever = 0;        ///< Position among the levers, 0-based.
    double amount = 0;            ///< The amount of the lever, up to its ceiling; see Offers::terms().
    std::vector<double> parts{};  ///< Package only: the amount of each part; NaN: it is not used.
    double required = 0;          ///< The amount or step that reaches the target without a ceiling; NaN: none does.
    Shortfall shortfall{};       ///< Why the offer does not reach the target; kind none: it does. See Offers::reason().
    double burden = 0;           ///< Extra cost for the customer as a share of its spend.
    double acceptance = 0;       ///< Probability that the customer accepts.
    double revenue_change = 0;   ///< If accepted, currency.
    double heat_change = 0;      ///< If accepted, currency; counts avoidable cost at the horizon only.
    double full_change = 0;      ///< If accepted, currency; at full cost, as the statement will show.
    double heat_if_waits = 0;    ///< heat_change where all orders wait; NaN where orders are not replayed.
    double heat_if_tops_up = 0;  ///< heat_change where all orders are topped up; NaN likewise.
    double deliveries_change = 0;     ///< If accepted; <= 0.
    double days_waited = 0;           ///< If accepted: mean days that goods come later.
    double stock = 0;                 ///< If accepted: mean stock that the customer builds, currency.
    double temperature_after = 0;     ///< If accepted, fraction: (full contribution + full_change) / revenue after.
    double expected_heat_change = 0;  ///< acceptance x heat_change: after a refusal the old terms stay.
    bool below_cost = false;          ///< Whether goods cost more than the revenue, also on the new terms.

    /// @return whether the offered terms reach the target.
    [[nodiscard]] bool reaches() const { return shortfall.kind == Shortfall::Kind::none; }
};

/// A lever that is not offered to a customer.
struct NotOffered {
    std::size_t customer = 0;  ///< Row of the portfolio.
    std::size_t lever = 0;     ///< Position among the levers, 0-based.
    Shortfall shortfall{};     ///< Why the lever does not reach the target; see Offers::reason().
    double amount = 0;         ///< The amount that would be offered; 0: none.
    double heat_change = 0;    ///< Of that amount: too little, currency.
};

/// The offers to the customers to remediate, and the cost of their refusals.
struct Offers {
    Identity identity{};          ///< The portfolio of the offers.
    double target = 0;            ///< The temperature that the offers must reach, fraction.
    double least_heat = 0;        ///< The least worthwhile heat change, currency.
    std::vector<Terms> levers{};  ///< The levers; their amounts are the ceilings.
    bool replayed = false;        ///< Whether orders were replayed; else deliveries follow formulas of averages.
    std::vector<Offer>
        offers;  ///< Grouped by customer in the portfolio's order; within one, in the order of the levers.
    std::vector<std::size_t>
        begin;  ///< Customers + 1: those of customer i are offers[begin[i]] .. offers[begin[i + 1] - 1].
    std::vector<NotOffered> not_offered{};  ///< Every lever that a customer to remediate does not get.
    std::vector<bool> asked{};              ///< Per customer: whether it is among those to remediate.
    std::vector<std::string> pools{};       ///< Names of the pools of the cost model.
    Matrix minutes_freed{};                 ///< Offers x pools: minutes that an accepted offer frees.
    Column temperature{};                   ///< Per customer: temperature on the old terms, fraction.
    Column cost_per_delivery{};  ///< Per customer: (cost to serve + loss on goods) / deliveries, currency; NaN without
                                 ///< deliveries.
    Column heat_per_delivery{};  ///< Per customer: contribution / deliveries, currency: net of what the goods earn; NaN
                                 ///< without deliveries.

    /// @param customer row of the portfolio.
    /// @return its offers, in the order of the levers; empty where there are none.
    /// @throws NotFoundError where there is no such row.
    [[nodiscard]] std::span<const Offer> of(std::size_t customer) const;
    /// @param customer row of the portfolio.
    /// @return the offer with the highest expected heat change (the earlier lever where two are equal); nullptr where
    /// there is none.
    /// @throws NotFoundError where there is no such row.
    [[nodiscard]] const Offer* best(std::size_t customer) const;
    /// @param offer one of the offers.
    /// @return its terms.
    [[nodiscard]] Terms terms(const Offer& offer) const;
    /// @param offer one of the offers.
    /// @return its effect in words, or why it misses the target.
    [[nodiscard]] std::string reason(const Offer& offer) const;
    /// @param one a lever that is not offered.
    /// @return why, in words.
    [[nodiscard]] std::string reason(const NotOffered& one) const;
    /// @param customer row of the portfolio.
    /// @return why a customer to remediate gets no offer at all; else empty.
    /// @throws NotFoundError where there is no such row.
    [[nodiscard]] std::string no_offer_reason(std::size_t customer) const;
};

/// What offers are made for.
struct RemediationOptions {
    Acceptance acceptance{};                 ///< Prior of acceptance.
    Objective objective = Objective::reach;  ///< What the amount of each lever is chosen for.
    double least_heat = 0;  ///< Offers that bring less than this if accepted are not made, currency of the period.
    int horizon = 12;       ///< Months after which a cost counts as avoidable; see CostModel::at_horizon().
    unsigned threads = 0;   ///< Upper bound on threads; 0 means all cores. A user's lever runs on one.
    std::vector<Acceptance> by_customer{};  ///< Prior of each row of the portfolio; empty: `acceptance` for all.
};

/// Makes the offers: for each customer and lever the amount that the objective asks, up to the ceiling. Full cost
/// decides whether the target is reached, since the next statement shows it. The heat change counts avoidable cost.
///
/// A lever that misses the target even at its ceiling is still offered if it raises the heat. A lever that saves
/// resources of no avoidable cost has a heat change of 0 and frees minutes. One that lowers the heat is not offered.
/// Where the portfolio has orders, levers that merge them are replayed on them.
/// @param portfolio the customers; goods, deliveries, lines, quantity where known.
/// @param rows the customers to remediate, in any order: Selection::rows(), or plain rows.
/// @param target temperature to reach, fraction in (-1, 1).
/// @param costs the cost model.
/// @param levers the levers; their amounts are the ceilings.
/// @param options acceptance, objective, least heat, horizon, threads.
/// @return the offers; the same bits for any number of threads. O(rows x levers x (1 + orders x log steps)).
/// @throws InputError where the rows are of another portfolio, a row is repeated, `by_customer` has another size than
/// the portfolio, a ceiling or a step is out of range,
/// the target is out of range, or a user's lever returns numbers that are not finite (the message names the customer).
/// @throws NotFoundError where a row, a driver or an activity does not exist.
Offers remediate(const Portfolio& portfolio, const CustomerRows& rows, double target, const CostModel& costs,
                 std::span<const Terms> levers, const RemediationOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/offers.ipp"
#endif
