// Sequences: what to ask first and what after a refusal; and what a group of offers brings, as a distribution.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/remediation/offers.hpp"

namespace custfolio {

/// How often a customer may be asked.
struct SequenceOptions {
    std::size_t asks = 2;  ///< Most asks of a customer, >= 1.
    double patience = 1;   ///< Chance that a customer that refused considers another ask, in [0, 1].
};

/// The best sequence of asks out of some candidates.
struct BestSequence {
    std::vector<std::size_t> order{};  ///< Candidates, in the order asked; each is accepted more often than the last.
    double expected = 0;               ///< Expected heat, currency.
};

/// Finds the sequence with the highest expected heat.
///
/// A customer has one limit: it accepts an ask that is not heavier than it. So who accepts the heavy ask would accept
/// the light one, and of those that refused the first a share (p2 - p1) / (1 - p1) accepts the second. A sequence
/// p1 < p2 < ... brings p1 h1 + q (p2 - p1) h2 + q^2 (p3 - p2) h3 + ..., where q is the patience. The recursion over
/// the last ask is exact.
/// @param acceptance chance of each candidate if it is asked first, in [0, 1].
/// @param heat heat of each if accepted, currency.
/// @param options most asks, patience.
/// @return the sequence; empty where no candidate brings heat. O(n log n + asks x m log m), where m candidates are such
/// that none is both warmer and accepted more often.
/// @throws InputError where the lengths differ or a number is out of range.
BestSequence best_sequence(std::span<const double> acceptance, std::span<const double> heat,
                           const SequenceOptions& options = {});

/// The best sequence of each customer.
struct AskSequences {
    Offers
        asks{};  ///< The asks as offers, those of a customer in the order asked; `acceptance` is that of a first ask.
    std::vector<double> reached{};   ///< Per ask: chance that it is made, in [0, 1].
    std::vector<double> accepted{};  ///< Per ask: chance that it is made and accepted, in [0, 1].
    Column expected{};               ///< Per customer: expected heat of its sequence, currency; 0: no ask.
    Column single{};                 ///< Per customer: expected heat of its best single ask, currency.
};

/// Finds the best sequence of asks of each customer. Candidates are the steps of each lever up to its ceiling (64 steps
/// where it has none), and of a package what remediate() offers.
/// @param portfolio the customers.
/// @param rows the customers to remediate, in any order.
/// @param target temperature to reach, fraction in (-1, 1): it marks the asks that reach it.
/// @param costs the cost model.
/// @param levers the levers; their amounts are the ceilings.
/// @param options as for remediate(); asks that bring less than the least heat are left out.
/// @param sequence most asks, patience.
/// @return the sequences; the same bits for any number of threads.
/// @throws InputError, NotFoundError as remediate() and best_sequence() do.
AskSequences ask_sequences(const Portfolio& portfolio, const CustomerRows& rows, double target, const CostModel& costs,
                           std::span<const Terms> levers, const RemediationOptions& options = {},
                           const SequenceOptions& sequence = {});

/// What the best offer of each customer brings together.
/// @param offers the offers.
/// @param correlation share of a common factor in each acceptance, in [0, 1); see sum_distribution().
/// @param options the lattice.
/// @return the distribution of the sum of the heat changes, currency; its mean is the sum of the expected ones.
/// @throws InputError where the correlation is out of range.
Distribution heat_distribution(const Offers& offers, double correlation = 0, const SumOptions& options = {});

/// What the sequences bring together; customers answer independently.
/// @param sequences the sequences.
/// @param options the lattice.
/// @return the distribution of the sum of the heat changes, currency.
Distribution heat_distribution(const AskSequences& sequences, const SumOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/sequences.ipp"
#endif
