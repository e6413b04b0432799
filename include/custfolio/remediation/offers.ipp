// Definitions of the offers.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/remediation/required.ipp"
#include "custfolio/terms/wording.hpp"

namespace custfolio {

namespace detail {

/// What all answers of a call share.
struct OfferSearch {
    const Portfolio& portfolio;
    const CostModel& model;
    TermsCosts costs;
    SearchGoal goal;
    double least_heat;
    std::span<const Terms> levers;
    bool merges;  ///< Whether a lever merges orders.
    double months;
    std::span<const Acceptance> by_customer;

    /// The goal of one customer: its own prior where there is one.
    [[nodiscard]] SearchGoal goal_of(std::size_t row) const {
        return {goal.target, goal.objective, by_customer.empty() ? goal.acceptance : by_customer[row]};
    }

    [[nodiscard]] Position position(std::size_t row) const {
        const PortfolioColumns& columns = portfolio.columns();
        const Customer customer = portfolio.at(row);
        Position before{customer.volume(), customer.heat()};
        before.orders = orders_of_customer(columns.orders, row, columns.period);
        if (!columns.dso.empty()) before.days_to_pay = columns.dso[row];
        before.months = months;
        return before;
    }
};

/// The offers of some customers.
struct OfferPart {
    std::vector<Offer> offers{};
    std::vector<NotOffered> not_offered{};
    std::vector<double> minutes{};
};

/// The heat change where all orders wait, or all are topped up.
CUSTFOLIO_INLINE double heat_at_end(const OfferSearch& search, Terms terms, double waits, const TermsInput& input,
                                    double heat) {
    terms.waits = waits;
    for (Terms& part : terms.parts) part.waits = waits;
    return search.costs.outcome(terms, input, heat, false).heat_change;
}

CUSTFOLIO_INLINE bool has_minimum(const Terms& terms) {
    return terms.lever == Terms::Lever::minimum_order || terms.lever == Terms::Lever::minimum_quantity ||
           detail::any_of(terms.parts, has_minimum);
}

/// Adds the offer of an amount, if it brings heat; else returns the change of heat that it would bring.
CUSTFOLIO_INLINE std::optional<double> add_offer(const OfferSearch& search, std::size_t row, std::size_t lever,
                                                 const TermsInput& input, double heat, Required required,
                                                 OfferPart& part) {
    const Terms terms = terms_of(search.levers[lever], required.best, required.parts);
    const Outcome change = search.costs.outcome(terms, input, heat);
    // An offer that costs heat is never made, though it may raise the temperature.
    if (!(change.full_change > 0) || change.heat_change < 0 || change.heat_change < search.least_heat) {
        return change.full_change > 0 ? change.heat_change : std::min(change.full_change, 0.0);
    }
    Offer offer;
    offer.customer = row;
    offer.lever = lever;
    offer.amount = required.best;
    offer.parts = std::move(required.parts);
    offer.required = required.amount;
    offer.shortfall = required.shortfall;
    offer.burden = change.burden;
    offer.acceptance = search.goal_of(row).acceptance.probability(change.burden);
    offer.revenue_change = change.revenue_change;
    offer.heat_change = change.heat_change;
    offer.full_change = change.full_change;
    offer.heat_if_waits = offer.heat_if_tops_up = no_amount;
    if (input.orders.known() && has_minimum(terms)) {
        const bool all_wait = terms.waits == 1 && terms.parts.empty();
        offer.heat_if_waits = all_wait ? change.heat_change : heat_at_end(search, terms, 1, input, heat);
        offer.heat_if_tops_up = heat_at_end(search, terms, 0, input, heat);
    }
    offer.deliveries_change = change.after.deliveries - input.volume.deliveries;
    offer.days_waited = change.days_waited;
    offer.stock = change.stock;
    offer.temperature_after = change.temperature;
    offer.expected_heat_change = offer.acceptance * offer.heat_change;
    offer.below_cost = change.below_cost;
    part.minutes.insert(part.minutes.end(), change.minutes_freed.begin(), change.minutes_freed.end());
    part.offers.push_back(std::move(offer));
    return std::nullopt;
}

/// Answers one lever for one customer: an offer, or why there is none.
CUSTFOLIO_INLINE void answer_lever(const OfferSearch& search, std::size_t row, std::size_t lever,
                                   const TermsInput& input, double heat, OfferPart& part) {
    Required required = find_terms(search.levers[lever], search.costs, input, heat, search.goal_of(row));
    NotOffered none{row, lever, required.shortfall, required.best, 0};
    if (required.best == 0) {
        if (required.shortfall.kind == Shortfall::Kind::none) {
            none.shortfall = {Shortfall::Kind::at_target, heat / input.volume.revenue, 0};
        }
        part.not_offered.push_back(none);
        return;
    }
    const std::optional<double> too_little = add_offer(search, row, lever, input, heat, std::move(required), part);
    if (!too_little) return;
    none.heat_change = *too_little;
    part.not_offered.push_back(none);
}

/// Calls `answer(lever, input, heat)` for each lever of a customer; errors name the customer and the lever.
template <class Answer>
void for_each_lever(const OfferSearch& search, std::size_t row, const Answer& answer) {
    const Position before = search.position(row);
    TermsInput input = search.costs.input(before);
    Regrouped today;
    if (search.merges && input.orders.known()) {
        today = regroup(input.orders, {}, false, input.products);
        input.today = &today;
    }
    std::size_t k = 0;
    try {
        check_volume(before.volume);
        for (; k < search.levers.size(); ++k) answer(k, input, before.heat);
    } catch (const InputError& error) {
        throw InputError("customer " + search.portfolio.at(row).id() + ", " + to_string(search.levers[k].lever) + ": " +
                         error.what());
    }
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

/// The checked arguments of remediate(), and the search that they make. Refers to its arguments.
class PreparedSearch {
  public:
    PreparedSearch(const Portfolio& portfolio, const CustomerRows& rows, double target, const CostModel& costs,
                   std::span<const Terms> levers, const RemediationOptions& options)
        : rows_(checked(portfolio, rows, target, levers, options)),
          model_(costs.at_horizon(options.horizon)),
          threads_(
              any_of(levers, [](const Terms& one) { return one.lever == Terms::Lever::custom; }) ? 1 : options.threads),
          search_{
              portfolio,
              model_,
              TermsCosts(model_, portfolio.columns().driver_names, portfolio.columns().orders, levers),
              {target, options.objective, options.acceptance},
              options.least_heat,
              levers,
              any_of(levers, merging) || any_of(levers, [](const Terms& one) { return any_of(one.parts, merging); }),
              months_of(portfolio.period()),
              options.by_customer} {}
    PreparedSearch(const PreparedSearch&) = delete;
    PreparedSearch& operator=(const PreparedSearch&) = delete;

    [[nodiscard]] const OfferSearch& search() const { return search_; }
    /// The rows, sorted.
    [[nodiscard]] const std::vector<std::size_t>& rows() const { return rows_; }
    /// A user's lever runs on one thread.
    [[nodiscard]] unsigned threads() const { return threads_; }

  private:
    static bool merging(const Terms& one) { return one.merges_orders(); }
    static double months_of(Period period) {
        const std::vector<double> covered = covered_months(period);
        return covered.empty() ? 12 : std::accumulate(covered.begin(), covered.end(), 0.0);
    }
    static std::vector<std::size_t> checked(const Portfolio& portfolio, const CustomerRows& rows, double target,
                                            std::span<const Terms> levers, const RemediationOptions& options) {
        require_same(rows.identity, portfolio.identity(), "the rows to remediate are");
        portfolio.require_heat("remediation");
        std::vector<std::size_t> sorted = rows.rows;
        std::sort(sorted.begin(), sorted.end());
        check_rows(sorted, portfolio);
        if (!(std::abs(target) < 1)) {
            throw InputError("target temperature is " + number_text(target) + "; it is a fraction in (-1, 1)");
        }
        require_finite(options.least_heat, "least heat");
        // Raises for a wrong prior, whether or not an offer is made.
        static_cast<void>(options.acceptance.probability(0));
        for (const Acceptance& one : options.by_customer) static_cast<void>(one.probability(0));
        if (!options.by_customer.empty() && options.by_customer.size() != portfolio.size()) {
            throw InputError("there are " + std::to_string(options.by_customer.size()) + " priors of acceptance for " +
                             std::to_string(portfolio.size()) + " customers; there must be one each, or none");
        }
        for (const Terms& lever : levers) check_ceiling(lever);
        return sorted;
    }

    std::vector<std::size_t> rows_;
    CostModel model_;
    unsigned threads_;
    OfferSearch search_;
};

/// Puts the offers of all parts together.
CUSTFOLIO_INLINE Offers gather(const PreparedSearch& prepared, std::vector<OfferPart> parts) {
    const OfferSearch& search = prepared.search();
    const Portfolio& portfolio = search.portfolio;
    const PortfolioColumns& columns = portfolio.columns();
    Offers result;
    result.identity = portfolio.identity();
    result.target = search.goal.target;
    result.least_heat = search.least_heat;
    result.levers.assign(search.levers.begin(), search.levers.end());
    result.replayed = search.merges && !columns.orders.begin.empty();
    result.temperature = portfolio.temperature();
    result.begin.assign(portfolio.size() + 1, 0);
    result.asked.resize(portfolio.size());
    for (const std::size_t row : prepared.rows()) result.asked[row] = true;
    for (const Pool& pool : search.model.pools()) result.pools.push_back(pool.name);
    std::vector<double> minutes;
    std::size_t made = 0;
    std::size_t none = 0;
    for (const OfferPart& part : parts) {
        made += part.offers.size();
        none += part.not_offered.size();
    }
    result.offers.reserve(made);
    result.not_offered.reserve(none);
    for (OfferPart& part : parts) {
        for (const Offer& offer : part.offers) ++result.begin[offer.customer + 1];
        std::move(part.offers.begin(), part.offers.end(), std::back_inserter(result.offers));
        result.not_offered.insert(result.not_offered.end(), part.not_offered.begin(), part.not_offered.end());
        minutes.insert(minutes.end(), part.minutes.begin(), part.minutes.end());
        part = {};
    }
    result.minutes_freed = Matrix(result.offers.size(), result.pools.size());
    std::copy(minutes.begin(), minutes.end(), result.minutes_freed.data());
    // Counts become positions: the offers of customer i are begin[i] to begin[i + 1].
    for (std::size_t i = 0; i < portfolio.size(); ++i) result.begin[i + 1] += result.begin[i];
    cost_of_refusal(columns, result);
    return result;
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

CUSTFOLIO_INLINE Terms Offers::terms(const Offer& offer) const {
    if (offer.lever >= levers.size()) {
        throw NotFoundError("no lever " + std::to_string(offer.lever) + " (counted from 0): the offers have " +
                            std::to_string(levers.size()));
    }
    return terms_of(levers[offer.lever], offer.amount, offer.parts);
}

CUSTFOLIO_INLINE std::string Offers::reason(const Offer& offer) const {
    std::string text = offer.reaches() ? describe(terms(offer)) + " brings the temperature from " +
                                             percent_text(temperature[offer.customer]) + " to " +
                                             percent_text(offer.temperature_after)
                                       : to_string(offer.shortfall, levers[offer.lever]);
    if (offer.below_cost) text += "; its goods still sell below their cost";
    return text;
}

CUSTFOLIO_INLINE std::string Offers::reason(const NotOffered& one) const {
    std::string text = to_string(one.shortfall, levers[one.lever]);
    if (one.amount == 0) return text;
    if (!text.empty()) text += "; ";
    const Terms& lever = levers[one.lever];
    text += lever.lever == Terms::Lever::package ? "the package" : describe(terms_of(lever, one.amount));
    if (!(one.heat_change > 0)) return text + " would bring no heat (" + amount_text(one.heat_change) + ")";
    return text + " would bring " + amount_text(one.heat_change) + ", less than the least worthwhile heat of " +
           amount_text(least_heat);
}

CUSTFOLIO_INLINE std::string Offers::no_offer_reason(std::size_t customer) const {
    if (!of(customer).empty() || !asked[customer]) return "";
    if (levers.empty()) return "no terms were given to offer";
    std::string text;
    const auto first = std::lower_bound(not_offered.begin(), not_offered.end(), customer,
                                        [](const NotOffered& one, std::size_t row) { return one.customer < row; });
    for (auto one = first; one != not_offered.end() && one->customer == customer; ++one) {
        text += (text.empty() ? "" : "; ") + to_string(levers[one->lever].lever) + ": " + reason(*one);
    }
    return text;
}

CUSTFOLIO_INLINE Offers remediate(const Portfolio& portfolio, const CustomerRows& rows, double target,
                                  const CostModel& costs, std::span<const Terms> levers,
                                  const RemediationOptions& options) {
    const detail::PreparedSearch prepared(portfolio, rows, target, costs, levers, options);
    const detail::OfferSearch& search = prepared.search();
    const std::vector<std::size_t>& sorted = prepared.rows();
    constexpr std::size_t grain = 1024;
    std::vector<detail::OfferPart> parts((sorted.size() + grain - 1) / grain);
    math::parallel_for(0, sorted.size(), grain, prepared.threads(), [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
            detail::for_each_lever(search, sorted[k], [&](std::size_t lever, const TermsInput& input, double heat) {
                detail::answer_lever(search, sorted[k], lever, input, heat, parts[from / grain]);
            });
        }
    });
    return detail::gather(prepared, std::move(parts));
}

}  // namespace custfolio
