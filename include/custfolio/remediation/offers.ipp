// Definitions of the offers.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/remediation/required.ipp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

/// One lever for one customer: the offer, or the reason for none.
struct LeverAnswer {
    bool offered = false;
    Offer offer;
    std::string reason;
};

CUSTFOLIO_INLINE LeverAnswer answer_lever(const Terms& lever, const Position& before, double target,
                                          const CostModel& costs, std::span<const std::string> driver_names,
                                          const Acceptance& acceptance) {
    const double temperature = temperature_of(before.volume.revenue, before.heat);
    const Required required = required_terms(lever, before, target, costs, driver_names);
    LeverAnswer answer;
    if (required.best == 0) {
        answer.reason = required.reason.empty() ? "already at " + percent_text(temperature) : required.reason;
        return answer;
    }
    const Terms terms = lever.with_amount(required.best);
    Outcome change = outcome(terms, before, costs, driver_names);
    // An offer that costs heat is never made, though it may raise the temperature.
    if (!(change.heat_change > 0)) {
        answer.reason = describe(terms) + " would bring no heat (" + amount_text(change.heat_change) + ")";
        if (!required.reason.empty()) answer.reason = required.reason + "; " + answer.reason;
        return answer;
    }
    answer.offered = true;
    Offer& offer = answer.offer;
    offer.terms = terms;
    offer.required = required.amount;
    offer.reaches = required.reason.empty();
    offer.reason = offer.reaches ? describe(terms) + " brings the temperature from " + percent_text(temperature) +
                                       " to " + percent_text(change.temperature)
                                 : required.reason;
    offer.burden = change.burden;
    offer.acceptance = acceptance.probability(change.burden);
    offer.revenue_change = change.revenue_change;
    offer.heat_change = change.heat_change;
    offer.deliveries_change = change.after.deliveries - before.volume.deliveries;
    offer.temperature_after = change.temperature;
    offer.expected_heat_change = offer.acceptance * offer.heat_change;
    offer.after = std::move(change.after);
    return answer;
}

/// Cost of one delivery after a refusal: gross (cost to serve and loss on goods) and net (contribution).
CUSTFOLIO_INLINE void cost_of_refusal(const PortfolioColumns& columns, Offers& offers) {
    const std::size_t customers = columns.id.size();
    offers.cost_per_delivery = Column(customers, no_amount);
    offers.heat_per_delivery = Column(customers, no_amount);
    if (columns.deliveries.size() == 0) return;
    for (std::size_t i = 0; i < customers; ++i) {
        const double deliveries = columns.deliveries[i];
        if (!(deliveries > 0)) continue;
        offers.heat_per_delivery[i] = columns.contribution[i] / deliveries;
        if (columns.goods.size() == 0) continue;
        const double margin = columns.revenue[i] - columns.goods[i];
        const double serving =
            columns.cost_to_serve.size() != 0 ? columns.cost_to_serve[i] : margin - columns.contribution[i];
        // Goods sold below their cost lose that too.
        offers.cost_per_delivery[i] = (serving + std::max(0.0, -margin)) / deliveries;
    }
}

// Sorted rows make a repeated one a neighbour, and the last one the greatest.
CUSTFOLIO_INLINE void check_rows(std::span<const std::size_t> sorted, const Portfolio& portfolio) {
    if (!sorted.empty()) static_cast<void>(portfolio.at(sorted.back()));  // throws where there is no such row
    const auto repeated = std::adjacent_find(sorted.begin(), sorted.end());
    if (repeated != sorted.end()) {
        throw InputError("customer " + portfolio.at(*repeated).id() + " (row " + std::to_string(*repeated) +
                         ") is to be remediated twice; name every customer once");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE std::span<const Offer> Offers::of(std::size_t customer) const {
    if (customer + 1 >= begin.size()) {
        throw NotFoundError("no customer at row " + std::to_string(customer) +
                            " (counted from 0): the offers are for " +
                            std::to_string(begin.empty() ? 0 : begin.size() - 1));
    }
    return std::span<const Offer>(offers).subspan(begin[customer], begin[customer + 1] - begin[customer]);
}

CUSTFOLIO_INLINE const Offer* Offers::best(std::size_t customer) const {
    const std::span<const Offer> made = of(customer);
    if (made.empty()) return nullptr;
    // The offer that is worth most after the chance of a refusal.
    return &*std::max_element(made.begin(), made.end(), [](const Offer& a, const Offer& b) {
        return a.expected_heat_change < b.expected_heat_change;
    });
}

CUSTFOLIO_INLINE Offers remediate(const Portfolio& portfolio, const CustomerRows& rows, double target,
                                  const CostModel& costs, std::span<const Terms> levers, const Acceptance& acceptance) {
    require_same(rows.identity, portfolio.identity(), "the rows to remediate are");
    portfolio.require_heat("remediation");
    std::vector<std::size_t> sorted = rows.rows;
    std::sort(sorted.begin(), sorted.end());
    detail::check_rows(sorted, portfolio);
    if (!(std::abs(target) < 1)) {
        throw InputError("target temperature is " + number_text(target) + "; it is a fraction in (-1, 1)");
    }
    static_cast<void>(acceptance.probability(0));  // raises for a wrong prior, whether or not an offer is made
    const PortfolioColumns& columns = portfolio.columns();
    Offers result;
    result.identity = portfolio.identity();
    result.target = target;
    result.begin.assign(portfolio.size() + 1, 0);
    result.no_offer_reason.resize(portfolio.size());
    result.asked.resize(portfolio.size());
    for (const std::size_t row : sorted) {
        const Customer customer = portfolio.at(row);
        const Position before{customer.volume(), customer.heat()};
        std::string reasons;
        for (std::size_t k = 0; k < levers.size(); ++k) {
            detail::LeverAnswer answer;
            try {
                answer = detail::answer_lever(levers[k], before, target, costs, columns.driver_names, acceptance);
            } catch (const InputError& error) {
                throw InputError("customer " + customer.id() + ", " + to_string(levers[k].lever) + ": " + error.what());
            }
            if (answer.offered) {
                answer.offer.customer = row;
                answer.offer.lever = k;
                result.offers.push_back(std::move(answer.offer));
                ++result.begin[row + 1];
            } else {
                reasons += (reasons.empty() ? "" : "; ") + to_string(levers[k].lever) + ": " + answer.reason;
                result.not_offered.push_back({row, k, std::move(answer.reason)});
            }
        }
        result.asked[row] = true;
        if (result.begin[row + 1] == 0) {
            result.no_offer_reason[row] = levers.empty() ? "no terms were given to offer" : reasons;
        }
    }
    // Counts become positions: the offers of customer i are begin[i] to begin[i + 1].
    for (std::size_t i = 0; i < portfolio.size(); ++i) result.begin[i + 1] += result.begin[i];
    detail::cost_of_refusal(columns, result);
    return result;
}

}  // namespace custfolio
