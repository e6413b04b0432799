// Definitions of peers.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/quantile.hpp"
#include "custfolio/remediation/peers.hpp"
#include "custfolio/remediation/required.ipp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check_segments(std::span<const std::int32_t> segment, std::size_t customers) {
    if (!segment.empty() && segment.size() != customers) {
        throw InputError("there are " + std::to_string(segment.size()) + " segments for " + std::to_string(customers) +
                         " customers; there must be one each, or none");
    }
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] < 0) {
            throw InputError("segment of row " + std::to_string(i) + " is " + std::to_string(segment[i]) +
                             "; segments count from 0");
        }
    }
}

CUSTFOLIO_INLINE void check_count(std::size_t count, const std::string& what) {
    if (count < 1) throw InputError(what + " is 0; it must be 1 or more");
}

/// A driver of every customer; empty where the portfolio does not have it.
CUSTFOLIO_INLINE Column driver_column(const PortfolioColumns& columns, const std::string& driver) {
    const auto found = detail::find(columns.driver_names, driver);
    if (found == columns.driver_names.end()) return {};
    const auto k = static_cast<std::size_t>(found - columns.driver_names.begin());
    Column values(columns.id.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = columns.further(i, k);
    return values;
}

/// The known terms of all customers.
CUSTFOLIO_INLINE std::vector<BenchmarkedTerm> terms_of_customers(const PortfolioColumns& columns,
                                                                 const std::string& fee) {
    const std::size_t customers = columns.id.size();
    const Column discount = driver_column(columns, "discount");
    const Column rebate = driver_column(columns, "rebate");
    const double days = columns.period.days();
    const double per_year = days > 0 ? 365.25 / days : 1;
    std::vector<BenchmarkedTerm> terms;
    const auto add = [&](const char* name, bool lenient_high, const Column& source, const auto& value) {
        if (source.empty()) return;
        BenchmarkedTerm term{name, lenient_high, Column(customers, no_amount), {}, {}};
        for (std::size_t i = 0; i < customers; ++i) {
            const double found = value(i);
            if (std::isfinite(found)) term.value[i] = found;
        }
        terms.push_back(std::move(term));
    };
    const auto before_both = [&](std::size_t i) {
        return columns.revenue[i] + (discount.empty() ? 0 : discount[i]) + (rebate.empty() ? 0 : rebate[i]);
    };
    const auto per_delivery = [&](const Column& amount, std::size_t i) {
        return columns.deliveries.empty() ? no_amount : amount[i] / columns.deliveries[i];
    };
    add("discount", true, discount, [&](std::size_t i) { return discount[i] / before_both(i); });
    add("rebate", true, rebate, [&](std::size_t i) { return rebate[i] / before_both(i); });
    add("order_size", false, columns.deliveries, [&](std::size_t i) { return per_delivery(columns.revenue, i); });
    add("frequency", true, columns.deliveries, [&](std::size_t i) { return columns.deliveries[i] * per_year; });
    add("days_to_pay", true, columns.dso, [&](std::size_t i) { return columns.dso[i]; });
    if (!fee.empty()) {
        const Column fees = driver_column(columns, fee);
        if (fees.empty() && customers > 0) {
            throw NotFoundError("the portfolio has no driver '" + fee + "' for fees");
        }
        add("fee", false, fees, [&](std::size_t i) { return per_delivery(fees, i); });
    }
    return terms;
}

/// The customers with revenue of each segment, by revenue.
CUSTFOLIO_INLINE std::map<std::int32_t, std::vector<std::size_t>> by_segment(std::span<const double> revenue,
                                                                             std::span<const std::int32_t> segment) {
    std::map<std::int32_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < revenue.size(); ++i) {
        if (revenue[i] > 0) members[segment.empty() ? 0 : segment[i]].push_back(i);
    }
    for (auto& [name, rows] : members) {
        std::stable_sort(rows.begin(), rows.end(),
                         [&](std::size_t a, std::size_t b) { return revenue[a] < revenue[b]; });
    }
    return members;
}

/// Percentiles of the members of a peer group in one of their terms.
CUSTFOLIO_INLINE void rank_group(std::vector<std::size_t> rows, std::size_t least_peers, BenchmarkedTerm& term) {
    std::erase_if(rows, [&](std::size_t i) { return std::isnan(term.value[i]); });
    if (rows.size() < least_peers + 1) return;
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return term.value[a] < term.value[b]; });
    std::vector<double> sorted(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) sorted[k] = term.value[rows[k]];
    const double median = math::quantile_of_sorted(sorted, 0.5);
    const auto others = static_cast<double>(rows.size() - 1);
    for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
        while (last < rows.size() && sorted[last] == sorted[first]) ++last;
        const double less = static_cast<double>(first) + static_cast<double>(last - first - 1) / 2;
        for (std::size_t k = first; k < last; ++k) {
            term.percentile[rows[k]] = less / others;
            term.median[rows[k]] = median;
        }
    }
}

/// Keeps the pairs with the greatest differences, in that order; ties by their offers.
CUSTFOLIO_INLINE void keep_greatest(std::vector<UnlikePair>& pairs, std::size_t most) {
    std::sort(pairs.begin(), pairs.end(), [](const UnlikePair& a, const UnlikePair& b) {
        if (a.difference != b.difference) return a.difference > b.difference;
        return std::pair(a.heavier, a.lighter) < std::pair(b.heavier, b.lighter);
    });
    if (pairs.size() > most) pairs.resize(most);
}

}  // namespace detail

CUSTFOLIO_INLINE Benchmark benchmark(const Portfolio& portfolio, const BenchmarkOptions& options) {
    const PortfolioColumns& columns = portfolio.columns();
    const std::size_t customers = portfolio.size();
    detail::check_segments(options.segment, customers);
    detail::check_count(options.bands, "bands");
    detail::check_count(options.least_peers, "least_peers");
    Benchmark result;
    result.band.assign(customers, -1);
    result.peers.assign(customers, 0);
    result.leniency.assign(customers, detail::no_amount);
    result.terms = detail::terms_of_customers(columns, options.fee);
    for (BenchmarkedTerm& term : result.terms) {
        term.median.assign(customers, detail::no_amount);
        term.percentile.assign(customers, detail::no_amount);
    }
    for (const auto& [segment, rows] : detail::by_segment(columns.revenue, options.segment)) {
        std::vector<std::vector<std::size_t>> groups(options.bands);
        std::size_t band = 0;
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const bool same = k > 0 && columns.revenue[rows[k]] == columns.revenue[rows[k - 1]];
            if (!same) band = k * options.bands / rows.size();
            groups[band].push_back(rows[k]);
            result.band[rows[k]] = static_cast<std::int32_t>(band);
        }
        for (const std::vector<std::size_t>& group : groups) {
            for (const std::size_t i : group) result.peers[i] = group.size() - 1;
            for (BenchmarkedTerm& term : result.terms) detail::rank_group(group, options.least_peers, term);
        }
    }
    for (std::size_t i = 0; i < customers; ++i) {
        double sum = 0;
        int known = 0;
        for (const BenchmarkedTerm& term : result.terms) {
            if (std::isnan(term.percentile[i])) continue;
            sum += term.lenient_high ? term.percentile[i] : 1 - term.percentile[i];
            ++known;
        }
        if (known > 0) result.leniency[i] = sum / known;
    }
    return result;
}

CUSTFOLIO_INLINE UnlikeOffers unlike_offers(const Portfolio& portfolio, const Offers& offers,
                                            const LikenessOptions& options) {
    require_same(offers.identity, portfolio.identity(), "the offers are");
    const PortfolioColumns& columns = portfolio.columns();
    detail::check_segments(options.segment, portfolio.size());
    detail::check_count(options.most, "most");
    detail::check_count(options.neighbours, "neighbours");
    const auto check = [](double value, double least, const char* what) {
        if (value >= least && std::isfinite(value)) return;
        throw InputError(std::string(what) + " is " + number_text(value) + "; it must be " + number_text(least) +
                         " or more");
    };
    check(options.size_ratio, 1, "size ratio of like customers");
    check(options.temperature, 0, "difference of temperatures of like customers");
    check(options.burden, 0, "difference of burdens of unlike offers");
    const Column temperature = portfolio.temperature();
    const auto same_order = [&](std::size_t a, std::size_t b) {
        if (columns.deliveries.empty()) return true;
        const double first = columns.deliveries[a] / columns.revenue[a];
        const double second = columns.deliveries[b] / columns.revenue[b];
        return std::max(first, second) <= options.size_ratio * std::min(first, second);
    };
    const auto position = [&](const Offer* offer) { return static_cast<std::size_t>(offer - offers.offers.data()); };
    UnlikeOffers result;
    for (auto& [segment, rows] : detail::by_segment(columns.revenue, options.segment)) {
        std::vector<const Offer*> best;  // of the customers with an offer, the smallest first
        for (const std::size_t i : rows) {
            if (const Offer* offer = offers.best(i)) best.push_back(offer);
        }
        for (std::size_t k = 0; k < best.size(); ++k) {
            const std::size_t a = best[k]->customer;
            const std::size_t end = std::min(best.size(), k + 1 + std::min(options.neighbours, best.size()));
            for (std::size_t l = k + 1; l < end; ++l) {
                const std::size_t b = best[l]->customer;
                if (columns.revenue[b] > options.size_ratio * columns.revenue[a]) break;
                const double difference = best[k]->burden - best[l]->burden;
                if (!(std::abs(difference) > options.burden)) continue;
                if (!(std::abs(temperature[a] - temperature[b]) <= options.temperature) || !same_order(a, b)) continue;
                ++result.found;
                const Offer* heavier = difference > 0 ? best[k] : best[l];
                const Offer* lighter = difference > 0 ? best[l] : best[k];
                result.pairs.push_back({position(heavier), position(lighter), std::abs(difference)});
                if (result.pairs.size() >= 2 * options.most + 1'000) detail::keep_greatest(result.pairs, options.most);
            }
        }
    }
    detail::keep_greatest(result.pairs, options.most);
    return result;
}

}  // namespace custfolio
