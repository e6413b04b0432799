// Definitions of sequences.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/remediation/offers.ipp"
#include "custfolio/remediation/sequences.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_sequence(const SequenceOptions& options) {
    if (options.asks < 1) throw InputError("asks is 0; it must be 1 or more");
    if (!(options.patience >= 0 && options.patience <= 1)) {
        throw InputError("patience is " + number_text(options.patience) + "; it must be a chance in [0, 1]");
    }
}

/// Candidates of which none is both warmer and accepted more often, by acceptance; the first of equal ones.
CUSTFOLIO_INLINE std::vector<std::size_t> undominated(std::span<const double> acceptance,
                                                      std::span<const double> heat) {
    std::vector<std::size_t> order(acceptance.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return acceptance[a] != acceptance[b] ? acceptance[a] > acceptance[b] : heat[a] > heat[b];
    });
    std::vector<std::size_t> kept;
    double most = 0;
    for (const std::size_t k : order) {
        if (!(heat[k] > most) || !(acceptance[k] > 0)) continue;
        most = heat[k];
        kept.push_back(k);
    }
    std::reverse(kept.begin(), kept.end());
    return kept;
}

/// What further asks are worth once a candidate was refused: entry k is for candidate k - 1, entry 0 for none.
struct SequenceTable {
    std::span<const double> acceptance;
    std::span<const double> heat;
    const std::vector<std::size_t>& kept;
    double patience;
    std::vector<double> worth;
    std::vector<double> more{};

    /// Allows one ask more. Returns the next candidate of each entry, counted from 1; 0 where there is none.
    std::vector<std::size_t> add_ask() {
        std::vector<std::size_t> next(worth.size(), 0);
        more.assign(worth.size(), 0);
        if (!kept.empty()) fill(0, kept.size() - 1, 1, kept.size(), next);
        worth.swap(more);
        return next;
    }

  private:
    /// Fills entries first to last, whose best next candidates lie in [least, most]. Chances rise and heats fall, so
    /// the best next candidate of a later entry is no earlier: the middle entry halves the search.
    void fill(std::size_t first, std::size_t last, std::size_t least, std::size_t most,
              std::vector<std::size_t>& next) {
        const std::size_t middle = first + (last - first) / 2;
        const double refused = middle == 0 ? 0 : acceptance[kept[middle - 1]];
        for (std::size_t l = std::max(least, middle + 1); l <= most; ++l) {
            const std::size_t one = kept[l - 1];
            const double value = (acceptance[one] - refused) * heat[one] + patience * worth[l];
            if (next[middle] != 0 && !(value > more[middle])) continue;
            more[middle] = value;
            next[middle] = l;
        }
        if (middle > first) fill(first, middle - 1, least, next[middle], next);
        if (middle < last) fill(middle + 1, last, next[middle], most, next);
    }
};

CUSTFOLIO_INLINE void add_candidates(const OfferSearch& search, std::size_t row, std::size_t lever,
                                     const TermsInput& input, double heat, OfferPart& candidates) {
    const SearchGoal goal = search.goal_of(row);
    const Terms& terms = search.levers[lever];
    const TermsSearch finder(search.costs, input, heat, goal);
    const Required found = finder.find(terms);
    if (found.best == 0) return;
    if (terms.lever == Terms::Lever::package) {
        add_offer(search, row, lever, input, heat, found, candidates);
        return;
    }
    for (const double amount : finder.amounts(terms, default_steps)) {
        if (add_offer(search, row, lever, input, heat, {found.amount, amount, {}, {}}, candidates)) continue;
        Offer& added = candidates.offers.back();
        const bool reaches = added.temperature_after >= goal.target - 1e-12;
        if (!reaches) added.shortfall = {Shortfall::Kind::worth_most, added.temperature_after, 0};
    }
}

/// Moves the asks of the best sequence to a part, and returns its expected heat and that of the best single ask.
CUSTFOLIO_INLINE std::pair<double, double> add_sequence(OfferPart candidates, std::size_t pools,
                                                        const SequenceOptions& options, OfferPart& part) {
    Column acceptance(candidates.offers.size());
    Column heat(candidates.offers.size());
    double single = 0;
    for (std::size_t k = 0; k < candidates.offers.size(); ++k) {
        acceptance[k] = candidates.offers[k].acceptance;
        heat[k] = candidates.offers[k].heat_change;
        single = std::max(single, candidates.offers[k].expected_heat_change);
    }
    const BestSequence best = best_sequence(acceptance, heat, options);
    for (const std::size_t k : best.order) {
        const auto minutes = std::span<const double>(candidates.minutes).subspan(k * pools, pools);
        part.minutes.insert(part.minutes.end(), minutes.begin(), minutes.end());
        part.offers.push_back(std::move(candidates.offers[k]));
    }
    return {best.expected, single};
}

}  // namespace detail

CUSTFOLIO_INLINE BestSequence best_sequence(std::span<const double> acceptance, std::span<const double> heat,
                                            const SequenceOptions& options) {
    detail::check_sequence(options);
    if (acceptance.size() != heat.size()) {
        throw InputError("there are " + std::to_string(acceptance.size()) + " chances of acceptance and " +
                         std::to_string(heat.size()) + " heats; there must be one each");
    }
    for (std::size_t k = 0; k < acceptance.size(); ++k) {
        const std::string who = "candidate " + std::to_string(k + 1) + ": ";
        require_finite(heat[k], who + "heat");
        if (!(acceptance[k] >= 0 && acceptance[k] <= 1)) {
            throw InputError(who + "acceptance is " + number_text(acceptance[k]) + "; it must be in [0, 1]");
        }
    }
    const std::vector<std::size_t> kept = detail::undominated(acceptance, heat);
    const std::size_t count = kept.size();
    const std::size_t asks = std::min(options.asks, count);
    BestSequence best;
    if (count == 0) return best;
    detail::SequenceTable table{acceptance, heat, kept, options.patience, std::vector<double>(count + 1, 0), {}};
    std::vector<std::vector<std::size_t>> next(asks);  // of each number of further asks less 1
    for (std::size_t a = 0; a < asks; ++a) next[a] = table.add_ask();
    best.expected = table.worth[0];
    // Without patience a further ask brings nothing.
    for (std::size_t a = asks, k = 0; a > 0 && k < count; --a) {
        k = next[a - 1][k];
        best.order.push_back(kept[k - 1]);
        if (options.patience == 0) break;
    }
    return best;
}

CUSTFOLIO_INLINE AskSequences ask_sequences(const Portfolio& portfolio, const CustomerRows& rows, double target,
                                            const CostModel& costs, std::span<const Terms> levers,
                                            const RemediationOptions& options, const SequenceOptions& sequence) {
    detail::check_sequence(sequence);
    const detail::PreparedSearch prepared(portfolio, rows, target, costs, levers, options);
    const std::vector<std::size_t>& sorted = prepared.rows();
    AskSequences result;
    result.expected.assign(portfolio.size(), 0);
    result.single.assign(portfolio.size(), 0);
    constexpr std::size_t grain = 64;
    std::vector<detail::OfferPart> parts((sorted.size() + grain - 1) / grain);
    math::parallel_for(0, sorted.size(), grain, prepared.threads(), [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
            const std::size_t row = sorted[k];
            detail::OfferPart candidates;
            detail::for_each_lever(prepared.search(), row,
                                   [&](std::size_t lever, const TermsInput& input, double heat) {
                                       detail::add_candidates(prepared.search(), row, lever, input, heat, candidates);
                                   });
            std::tie(result.expected[row], result.single[row]) = detail::add_sequence(
                std::move(candidates), prepared.search().costs.costs().pools(), sequence, parts[from / grain]);
        }
    });
    result.asks = detail::gather(prepared, std::move(parts));
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        double considers = 1;
        double refused = 0;
        for (const Offer& ask : result.asks.of(i)) {
            result.reached.push_back(considers * (1 - refused));
            result.accepted.push_back(considers * (ask.acceptance - refused));
            refused = ask.acceptance;
            considers *= sequence.patience;
        }
    }
    return result;
}

CUSTFOLIO_INLINE Distribution heat_distribution(const Offers& offers, double correlation, const SumOptions& options) {
    Column acceptance;
    Column heat;
    for (std::size_t i = 0; i + 1 < offers.begin.size(); ++i) {
        const Offer* best = offers.best(i);
        if (best == nullptr) continue;
        acceptance.push_back(best->acceptance);
        heat.push_back(best->heat_change);
    }
    if (correlation == 0) return sum_distribution(acceptance, heat, options);
    return sum_distribution(acceptance, heat, std::span(&correlation, 1), options);
}

CUSTFOLIO_INLINE Distribution heat_distribution(const AskSequences& sequences, const SumOptions& options) {
    const std::vector<std::size_t>& begin = sequences.asks.begin;
    std::vector<DiscreteAmount> customers;
    for (std::size_t i = 0; i + 1 < begin.size(); ++i) {
        if (begin[i] == begin[i + 1]) continue;
        DiscreteAmount one{{1}, {0}};
        for (std::size_t k = begin[i]; k < begin[i + 1]; ++k) {
            one.probability.push_back(sequences.accepted[k]);
            one.amount.push_back(sequences.asks.offers[k].heat_change);
            one.probability[0] -= sequences.accepted[k];
        }
        one.probability[0] = std::max(one.probability[0], 0.0);
        customers.push_back(std::move(one));
    }
    return sum_distribution(customers, options);
}

}  // namespace custfolio
