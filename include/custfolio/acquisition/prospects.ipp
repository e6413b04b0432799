// Definitions of the ranking of prospects.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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

}  // namespace detail

CUSTFOLIO_INLINE Prospects acquire(std::span<const Candidate> candidates, const Portfolio& portfolio,
                                   const AcquisitionOptions& options) {
    detail::check(options);
    const PortfolioColumns& columns = portfolio.columns();
    const bool located = columns.latitude.size() > 0 && columns.longitude.size() > 0;
    std::vector<std::size_t> row;
    std::vector<double> latitude;
    std::vector<double> longitude;
    for (std::size_t i = 0; located && i < portfolio.size(); ++i) {
        if (!(columns.contribution[i] > 0 && columns.revenue[i] > 0)) continue;
        if (std::isnan(columns.latitude[i]) || std::isnan(columns.longitude[i])) continue;
        row.push_back(i);
        latitude.push_back(columns.latitude[i]);
        longitude.push_back(columns.longitude[i]);
    }
    const detail::Neighbourhood neighbourhood(latitude, longitude, options.bandwidth_km, options.cutoff, "customer");

    Prospects result;
    result.identity = portfolio.identity();
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
            detail::require_place(candidate.latitude, candidate.longitude, ("candidate '" + candidate.id + "'").c_str(),
                                  j);
            if (portfolio.contains(candidate.id)) reason[j] = "is a customer already";
        }
    }

    const double yearly = detail::periods_per_year(portfolio.period());
    const bool delivered = columns.deliveries.size() > 0;
    std::vector<Prospect> found(candidates.size());
    math::parallel_for(0, candidates.size(), 32, options.threads, [&](std::size_t begin, std::size_t end) {
        detail::Neighbourhood::Answer answer;
        for (std::size_t j = begin; j < end; ++j) {
            if (!reason[j].empty()) continue;
            neighbourhood.near(candidates[j].latitude, candidates[j].longitude, answer);
            math::CompensatedSum weights;
            math::CompensatedSum level;
            math::CompensatedSum heat;
            math::CompensatedSum deliveries;
            double nearest = std::numeric_limits<double>::infinity();
            std::size_t introducer = 0;
            for (std::size_t k = 0; k < answer.index.size(); ++k) {
                const std::size_t customer = row[answer.index[k]];
                const double weight = answer.weight[k];
                weights += weight;
                level += weight * columns.revenue[customer];
                heat += weight * columns.contribution[customer];
                if (delivered) deliveries += weight * columns.deliveries[customer];
                const double distance = answer.distance[k];
                if (distance < nearest || (distance == nearest && customer < introducer)) {
                    nearest = distance;
                    introducer = customer;
                }
            }
            // Weights of a wide cutoff may underflow: the candidate is then as one without any neighbour.
            if (!(weights.value() > std::numeric_limits<double>::min() && level.value() > 0)) {
                reason[j] = row.empty() ? "no customer with positive revenue and contribution is located"
                                        : "no warm customer within " +
                                              number_text(options.cutoff * options.bandwidth_km) + " km";
                continue;
            }
            Prospect& prospect = found[j];
            prospect.candidate = j;
            prospect.id = candidates[j].id;
            prospect.name = candidates[j].name.empty() ? candidates[j].id : candidates[j].name;
            prospect.warmth = heat.value();
            const double share = options.new_customer_share * yearly / weights.value();
            prospect.level = share * level.value();
            prospect.heat = prospect.level * std::max(heat.value() / level.value(), options.minimum_temperature);
            prospect.deliveries = share * deliveries.value();
            prospect.hours = options.hours_per_pursuit;
            prospect.ramp_months = options.ramp_months;
            prospect.introduced_by = columns.id[introducer];
            prospect.distance_km = nearest;
        }
    });

    for (std::size_t j = 0; j < candidates.size(); ++j) {
        if (reason[j].empty()) {
            result.ranked.push_back(std::move(found[j]));
        } else {
            result.rejected.push_back({j, candidates[j].id, std::move(reason[j])});
        }
    }
    std::stable_sort(result.ranked.begin(), result.ranked.end(),
                     [](const Prospect& a, const Prospect& b) { return a.warmth > b.warmth; });
    const auto count = static_cast<double>(result.ranked.size());
    const double base = math::logit(options.base_win_probability);
    for (std::size_t first = 0; first < result.ranked.size();) {
        std::size_t last = first + 1;  // equally warm ones share the middle of their ranks
        while (last < result.ranked.size() && result.ranked[last].warmth == result.ranked[first].warmth) ++last;
        const double percentile = 1.0 - 0.5 * static_cast<double>(first + last) / count;
        for (; first < last; ++first) {
            result.ranked[first].win_probability =
                math::logistic(base + options.warmth_sensitivity * (percentile - 0.5));
            result.ranked[first].rank = static_cast<int>(first) + 1;
        }
    }
    return result;
}

}  // namespace custfolio
