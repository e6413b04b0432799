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
    std::size_t customer = 0;  ///< Row of the portfolio.
    std::size_t lever = 0;     ///< Position among the levers, 0-based.
    Terms terms;           ///< The offer: the smallest amount up to the ceiling that reaches the target, else the best.
    double required = 0;   ///< The amount that reaches the target without a ceiling; NaN: none does.
    bool reaches = false;  ///< Whether the offered terms reach the target.
    std::string reason;    ///< The effect of the offer, or why it misses the target.
    double burden = 0;     ///< Extra cost for the customer as a share of its spend.
    double acceptance = 0;            ///< Probability that the customer accepts.
    Volume after;                     ///< Activity if accepted.
    double revenue_change = 0;        ///< If accepted, currency.
    double heat_change = 0;           ///< If accepted, currency; counts avoidable cost only.
    double deliveries_change = 0;     ///< If accepted; <= 0.
    double temperature_after = 0;     ///< If accepted, fraction: (full contribution + heat_change) / revenue after.
    double expected_heat_change = 0;  ///< acceptance x heat_change: after a refusal the old terms stay.
};

/// A lever that is not offered to a customer.
struct NotOffered {
    std::size_t customer = 0;  ///< Row of the portfolio.
    std::size_t lever = 0;     ///< Position among the levers, 0-based.
    std::string reason;        ///< The reason.
};

/// The offers to the customers to remediate, and the cost of their refusals.
struct Offers {
    Identity identity{};  ///< The portfolio of the offers.
    double target = 0;    ///< The temperature that the offers must reach, fraction.
    std::vector<Offer>
        offers;  ///< Grouped by customer in the portfolio's order; within one, in the order of the levers.
    std::vector<std::size_t>
        begin;  ///< Customers + 1: those of customer i are offers[begin[i]] .. offers[begin[i + 1] - 1].
    std::vector<NotOffered> not_offered{};  ///< Every lever that a customer to remediate does not get, with the reason.
    std::vector<std::string>
        no_offer_reason;         ///< Per customer: why a customer to remediate gets no offer at all; else empty.
    std::vector<bool> asked{};   ///< Per customer: whether it is among those to remediate.
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
};

/// Makes the offers: for each customer and lever the smallest change that reaches the target. A lever that misses
/// the target even at its ceiling is still offered if it raises the heat; one that does not raise the heat is not.
/// @param portfolio the customers; goods, deliveries, lines, quantity where known.
/// @param rows the customers to remediate, in any order: Selection::rows(), or plain rows.
/// @param target temperature to reach, fraction in (-1, 1).
/// @param costs the cost model; only its avoidable shares count.
/// @param levers the levers; their amounts are the ceilings.
/// @param acceptance prior of acceptance.
/// @return the offers. O(rows x levers).
/// @throws InputError where the rows are of another portfolio, a row is repeated, a ceiling is not positive, or the
/// target is out of range.
/// @throws NotFoundError where a row or a rate's driver does not exist.
Offers remediate(const Portfolio& portfolio, const CustomerRows& rows, double target, const CostModel& costs,
                 std::span<const Terms> levers, const Acceptance& acceptance = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/offers.ipp"
#endif
