// Peers: where the terms of each customer stand among its peers, and pairs of like customers with unlike offers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"

namespace custfolio {

/// What peers are.
struct BenchmarkOptions {
    std::vector<std::int32_t> segment{};  ///< Per customer, >= 0; empty: all are of one segment.
    std::size_t bands = 3;                ///< Size bands of a segment with equally many customers, >= 1.
    std::size_t least_peers = 5;          ///< A percentile needs so many others with a known value, >= 1.
    std::string fee{};                    ///< Driver with the delivery fees of a customer, currency; empty: none.
};

/// One of the terms of all customers, among their peers.
struct BenchmarkedTerm {
    std::string name{};        ///< "discount", "rebate", "order_size", "frequency", "days_to_pay" or "fee".
    bool lenient_high = true;  ///< Whether a high value is in the customer's favour.
    Column value{};            ///< Per customer; NaN: not known.
    Column median{};           ///< Median of its peer group, itself included; NaN where no percentile is given.
    Column percentile{};       ///< Share of its peers with less, those with the same counted half, in [0, 1]; NaN: too
                               ///< few peers, or no value.
};

/// The terms of each customer among its peers.
struct Benchmark {
    std::vector<std::int32_t> band{};      ///< Per customer: size band of its segment, 0 the smallest; -1: no revenue.
    std::vector<std::size_t> peers{};      ///< Per customer: others of its segment and band.
    std::vector<BenchmarkedTerm> terms{};  ///< The terms that are known of any customer.
    Column leniency{};  ///< Per customer: mean percentile in its favour, in [0, 1]; NaN: none is known.
};

/// Compares the terms of each customer with those of its peers: customers of its segment and of about its size.
///
/// discount, rebate: shares of the amount before both (net revenue + discount + rebate), from the drivers of that name.
/// order_size: net revenue / deliveries, currency. frequency: deliveries a year; a portfolio without a period has one
/// year. days_to_pay: the column dso. fee: the driver named / deliveries, currency.
///
/// Customers with positive revenue are in bands by their order in revenue; equal ones share the lower band.
/// @param portfolio the customers.
/// @param options segments, bands, least number of peers, fee.
/// @return the benchmark. O(customers log customers).
/// @throws InputError where an option is out of range.
/// @throws NotFoundError where there is no such driver for fees.
Benchmark benchmark(const Portfolio& portfolio, const BenchmarkOptions& options = {});

/// When customers are alike, and offers unlike.
struct LikenessOptions {
    std::vector<std::int32_t> segment{};  ///< Per customer; like ones share it; empty: all are of one segment.
    double size_ratio = 1.1;         ///< Most ratio of revenues, and of revenues per delivery, of like customers, >= 1.
    double temperature = 0.01;       ///< Most difference of their temperatures, fraction, >= 0.
    double burden = 0.01;            ///< Offers are unlike where their burdens differ by more, share of spend, >= 0.
    std::size_t most = 1'000;        ///< Most pairs listed, >= 1.
    std::size_t neighbours = 1'000;  ///< Each customer is compared with so many next larger ones at most, >= 1.
};

/// Two like customers with unlike offers.
struct UnlikePair {
    std::size_t heavier = 0;  ///< Position of the offer with the heavier burden.
    std::size_t lighter = 0;  ///< Position of the other offer.
    double difference = 0;    ///< Difference of the burdens, share of spend.
};

/// Pairs of like customers with unlike offers.
struct UnlikeOffers {
    std::vector<UnlikePair> pairs{};  ///< The greatest difference first.
    std::size_t found = 0;            ///< Number of all pairs, those not listed included.
};

/// Lists pairs of like customers whose best offers are unlike, as a customer sees them that talks to another.
/// @param portfolio the customers.
/// @param offers their offers; Offers::best() counts.
/// @param options what is alike and unlike.
/// @return the pairs. O(customers (log customers + neighbours)).
/// @throws InputError where the offers are of another portfolio, or an option is out of range.
UnlikeOffers unlike_offers(const Portfolio& portfolio, const Offers& offers, const LikenessOptions& options = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/peers.ipp"
#endif
