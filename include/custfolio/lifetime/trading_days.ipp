// Definitions of trading days.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/evaporation.ipp"
#include "custfolio/lifetime/trading_days.hpp"

namespace custfolio {
namespace detail {

/// Variance around the mean, divided by the number of values.
inline double variance_of(std::span<const double> values) {
    double mean = 0.0;
    for (const double value : values) mean += value;
    mean /= static_cast<double>(values.size());
    double squares = 0.0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return squares / static_cast<double>(values.size());
}

}  // namespace detail

CUSTFOLIO_INLINE TradingDays::TradingDays(std::span<const DayNumber> day, std::span<const double> revenue, Month oldest,
                                          std::size_t months)
    : oldest_(oldest) {
    const DayNumber begin = oldest.first_day();
    daily_.resize(static_cast<std::size_t>((oldest + static_cast<int>(months)).first_day() - begin), 0.0);
    for (std::size_t row = 0; row < day.size(); ++row) {
        if (day[row] < begin) continue;
        const auto place = static_cast<std::size_t>(day[row] - begin);
        if (place < daily_.size()) daily_[place] += revenue[row];
    }
}

CUSTFOLIO_INLINE std::vector<double> TradingDays::factors(std::size_t months, std::size_t ahead) const {
    // A history that trading days suit foresees growth better by at least this much.
    constexpr double nearer = 0.9;
    if (months < 2 * detail::season_months) return {};
    const DayNumber begin = oldest_.first_day();
    // Month boundaries in days since the history began, so that months are spans of daily_.
    std::vector<std::size_t> edge(months + ahead + 1);
    for (std::size_t k = 0; k < edge.size(); ++k) {
        edge[k] = static_cast<std::size_t>((oldest_ + static_cast<int>(k)).first_day() - begin);
    }
    const auto revenue_of = [&](std::size_t day) { return day < daily_.size() ? daily_[day] : 0.0; };
    std::vector<double> total(months, 0.0);
    for (std::size_t k = 0; k < months; ++k) {
        for (std::size_t day = edge[k]; day < edge[k + 1]; ++day) total[k] += revenue_of(day);
        // Growth is a logarithm: without sales in every month there is none.
        if (!(total[k] > 0.0)) return {};
    }
    const auto weekday = [&](std::size_t day) {
        return static_cast<std::size_t>(((begin + static_cast<DayNumber>(day)) % 7 + 7) % 7);
    };
    // What each weekday brings, over the recent months: opening days may have changed before.
    std::array<double, 7> brought{};
    std::array<double, 7> days{};
    for (std::size_t day = edge[months - std::min(months, detail::recent_months)]; day < edge[months]; ++day) {
        brought[weekday(day)] += revenue_of(day);
        days[weekday(day)] += 1.0;
    }
    std::vector<double> factors(months + ahead, 0.0);
    double mean = 0.0;
    for (std::size_t k = 0; k < factors.size(); ++k) {
        for (std::size_t day = edge[k]; day < edge[k + 1]; ++day) {
            factors[k] += std::max(brought[weekday(day)], 0.0) / days[weekday(day)];
        }
        mean += factors[k] / static_cast<double>(factors.size());
    }
    for (double& factor : factors) {
        // Factors around 1, so that levels stay in the unit of a month.
        factor /= mean;
        if (!(factor > 0.0)) return {};
    }
    // The test: growth over a year should vary less when both months are compared by their trading days.
    std::vector<double> growth;
    std::vector<double> adjusted;
    for (std::size_t k = detail::season_months; k < months; ++k) {
        growth.push_back(std::log(total[k] / total[k - detail::season_months]));
        adjusted.push_back(growth.back() - std::log(factors[k] / factors[k - detail::season_months]));
    }
    if (!(detail::variance_of(adjusted) < nearer * detail::variance_of(growth))) return {};
    return factors;
}

}  // namespace custfolio
