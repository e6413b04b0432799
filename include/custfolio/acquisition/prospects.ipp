// Definitions of the ranking of prospects.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE void check(const AcquisitionOptions& options) {
    require_positive(options.bandwidth_km, "bandwidth_km");
    require_positive(options.cutoff, "cutoff");
    require_positive(options.new_customer_share, "new_customer_share");
    require_probability(options.base_win_probability, "base_win_probability");
    // At 0 or 1 the logit is infinite.
    if (options.base_win_probability == 0 || options.base_win_probability == 1) {
        throw InputError("base_win_probability is " + number_text(options.base_win_probability) +
                         "; warmth can only move it where it lies between 0 and 1, both excluded");
    }
    const auto not_negative = [](double value, const char* what) {
        if (!(std::isfinite(value) && value >= 0)) {
            throw InputError(std::string(what) + " is " + number_text(value) + "; it must be 0 or more");
        }
    };
    not_negative(options.warmth_sensitivity, "warmth_sensitivity");
    not_negative(options.hours_per_pursuit, "hours_per_pursuit");
    not_negative(options.ramp_months, "ramp_months");
    if (!(options.minimum_temperature > -1 && options.minimum_temperature < 1)) {
        throw InputError("minimum_temperature is " + number_text(options.minimum_temperature) +
                         "; it is a fraction of the level, 0.05 for 5 %");
    }
}

// Periods of whole calendar months are exact twelfths of a year, whatever the year's number of days.
CUSTFOLIO_INLINE double periods_per_year(Period period) {
    if (period.days() == 0) return 1.0;
    const bool whole =
        period.first == period.first_month().first_day() && period.last == Month::of(period.last).last_day();
    return whole ? 12.0 / period.months() : 365.25 / period.days();
}

/// The customers that warm a place: located, with positive revenue and contribution.
struct WarmCustomers {
    std::vector<std::size_t> row;  ///< Of the portfolio.
    std::vector<double> latitude;
    std::vector<double> longitude;
};

CUSTFOLIO_INLINE WarmCustomers warm_customers(const PortfolioColumns& columns) {
    WarmCustomers warm;
    if (columns.latitude.size() == 0 || columns.longitude.size() == 0) return warm;
    for (std::size_t i = 0; i < columns.id.size(); ++i) {
        if (!(columns.contribution[i] > 0 && columns.revenue[i] > 0)) continue;
        if (std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
        // Rows of the portfolio, since the index has the warm customers alone.
        warm.row.push_back(i);
        warm.latitude.push_back(columns.latitude[i]);
        warm.longitude.push_back(columns.longitude[i]);
    }
    return warm;
}

/// Why candidates are no prospects, as far as it can be seen without their neighbours; empty for the others.
CUSTFOLIO_INLINE std::vector<std::string> reasons_to_reject(std::span<const Candidate> candidates,
                                                            const Portfolio& portfolio) {
    std::vector<std::string> reason(candidates.size());
    std::unordered_set<std::string_view> seen;
    seen.reserve(candidates.size());
    for (std::size_t j = 0; j < candidates.size(); ++j) {
        const Candidate& candidate = candidates[j];
        if (candidate.id.empty()) {
            throw InputError("candidate at position " + std::to_string(j) + " has no identity; each needs one");
        }
        if (!seen.insert(candidate.id).second) {
            throw InputError("candidate '" + candidate.id + "' is listed twice (position " + std::to_string(j) +
                             "); identities are unique");
        }
        if (std::isnan(candidate.latitude) || std::isnan(candidate.longitude)) {
            reason[j] = "not located: latitude or longitude is missing";
        } else {
            require_place(candidate.latitude, candidate.longitude, ("candidate '" + candidate.id + "'").c_str(), j);
            // A customer would otherwise be its own warmest neighbour.
            if (portfolio.contains(candidate.id)) reason[j] = "is a customer already";
        }
    }
    return reason;
}

/// Weighted sums over a candidate's neighbours, and the nearest of them.
struct NeighbourSums {
    double weight = 0;
    double level = 0;
    double heat = 0;
    double deliveries = 0;
    double nearest = std::numeric_limits<double>::infinity();
    std::size_t introducer = 0;  ///< Row of the nearest.
};

CUSTFOLIO_INLINE NeighbourSums sums_of_neighbours(const Neighbourhood::Answer& answer,
                                                  const std::vector<std::size_t>& row,
                                                  const PortfolioColumns& columns) {
    const bool delivered = columns.deliveries.size() > 0;
    math::CompensatedSum weights;
    math::CompensatedSum level;
    math::CompensatedSum heat;
    math::CompensatedSum deliveries;
    NeighbourSums sums;
    for (std::size_t k = 0; k < answer.index.size(); ++k) {
        const std::size_t customer = row[answer.index[k]];
        const double weight = answer.weight[k];
        weights += weight;
        level += weight * columns.revenue[customer];
        heat += weight * columns.contribution[customer];
        if (delivered) deliveries += weight * columns.deliveries[customer];
        // Of equally near customers the first one introduces, whatever the order of the neighbours.
        const double distance = answer.distance[k];
        if (distance < sums.nearest || (distance == sums.nearest && customer < sums.introducer)) {
            sums.nearest = distance;
            sums.introducer = customer;
        }
    }
    sums.weight = weights.value();
    sums.level = level.value();
    sums.heat = heat.value();
    sums.deliveries = deliveries.value();
    return sums;
}

/// Sorts prospects by warmth, and gives each a rank and a chance to be won by its place among the others.
CUSTFOLIO_INLINE void rank_prospects(std::vector<Prospect>& prospects, const AcquisitionOptions& options) {
    std::stable_sort(prospects.begin(), prospects.end(),
                     [](const Prospect& a, const Prospect& b) { return a.warmth > b.warmth; });
    const auto count = static_cast<double>(prospects.size());
    const double base = math::logit(options.base_win_probability);
    for (std::size_t first = 0; first < prospects.size();) {
        std::size_t last = first + 1;  // equally warm ones share the middle of their ranks
        while (last < prospects.size() && prospects[last].warmth == prospects[first].warmth) ++last;
        const double percentile = 1.0 - 0.5 * static_cast<double>(first + last) / count;
        for (; first < last; ++first) {
            // By rank and not by warmth itself, which has no natural scale.
            prospects[first].win_probability = math::logistic(base + options.warmth_sensitivity * (percentile - 0.5));
            prospects[first].rank = static_cast<int>(first) + 1;
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE Prospects acquire(std::span<const Candidate> candidates, const Portfolio& portfolio,
                                   const AcquisitionOptions& options) {
    detail::check(options);
    portfolio.require_heat("acquisition");
    const PortfolioColumns& columns = portfolio.columns();
    const detail::WarmCustomers warm = detail::warm_customers(columns);
    const detail::Neighbourhood neighbourhood(warm.latitude, warm.longitude, options.bandwidth_km, options.cutoff,
                                              "customer");
    std::vector<std::string> reason = detail::reasons_to_reject(candidates, portfolio);
    // Prospects are stated per year, whatever period the portfolio has.
    const double yearly = detail::periods_per_year(portfolio.period());
    // Each candidate writes to its own place: the same bits for any number of threads.
    std::vector<Prospect> prospects(candidates.size());
    math::parallel_for(0, candidates.size(), 32, options.threads, [&](std::size_t begin, std::size_t end) {
        detail::Neighbourhood::Answer answer;
        for (std::size_t j = begin; j < end; ++j) {
            if (!reason[j].empty()) continue;
            neighbourhood.near(candidates[j].latitude, candidates[j].longitude, answer);
            const detail::NeighbourSums sums = detail::sums_of_neighbours(answer, warm.row, columns);
            // Weights of a wide cutoff may underflow: the candidate is then as one without any neighbour.
            if (!(sums.weight > std::numeric_limits<double>::min() && sums.level > 0)) {
                reason[j] = warm.row.empty() ? "no customer with positive revenue and contribution is located"
                                             : "no warm customer within " +
                                                   number_text(options.cutoff * options.bandwidth_km) + " km";
                continue;
            }
            Prospect& prospect = prospects[j];
            prospect.candidate = j;
            prospect.id = candidates[j].id;
            prospect.name = candidates[j].name.empty() ? candidates[j].id : candidates[j].name;
            // Warmth is a sum, so many warm neighbours count; level and temperature are means.
            prospect.warmth = sums.heat;
            const double share = options.new_customer_share * yearly / sums.weight;
            prospect.level = share * sums.level;
            prospect.heat = prospect.level * std::max(sums.heat / sums.level, options.minimum_temperature);
            prospect.deliveries = share * sums.deliveries;
            prospect.hours = options.hours_per_pursuit;
            prospect.ramp_months = options.ramp_months;
            prospect.introduced_by = columns.id[sums.introducer];
            prospect.distance_km = sums.nearest;
        }
    });

    Prospects result;
    result.identity = portfolio.identity();
    for (std::size_t j = 0; j < candidates.size(); ++j) {
        if (reason[j].empty()) {
            result.ranked.push_back(std::move(prospects[j]));
        } else {
            result.rejected.push_back({j, candidates[j].id, std::move(reason[j])});
        }
    }
    detail::rank_prospects(result.ranked, options);
    return result;
}

}  // namespace custfolio
