// Definition of the band of a company's level.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <span>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/company_band.hpp"
#include "custfolio/lifetime/level_forecast.ipp"
#include "custfolio/math/quantile.hpp"

namespace custfolio {
namespace detail {

/// 90 % quantile of the normal distribution.
inline constexpr double normal_90 = 1.2815515655446004;

/// 90 % quantile of Student's t, as textbooks tabulate it; above 10 degrees of freedom by its expansion.
inline double student_90(std::size_t freedom) {
    constexpr std::array<double, 10> table{3.0777, 1.8856, 1.6377, 1.5332, 1.4759,
                                           1.4398, 1.4149, 1.3968, 1.3830, 1.3722};
    return freedom <= table.size() ? table[freedom - 1] : normal_90 + 0.85 / static_cast<double>(freedom);
}

inline double mean_square(std::span<const double> values) {
    double sum = 0.0;
    for (const double value : values) sum += value * value;
    return sum / static_cast<double>(values.size());
}

/// P10, P50 and P90 of relative errors that were seen in a number of months.
CUSTFOLIO_INLINE std::array<double, 3> error_quantiles(std::vector<double> errors, std::size_t months) {
    constexpr std::size_t few = 6;
    const double quantile = student_90(months);
    if (months < few) {
        const double width = std::sqrt(mean_square(errors)) * quantile;
        return {-width, 0.0, width};
    }
    std::sort(errors.begin(), errors.end());
    const double low = math::quantile_of_sorted(errors, 0.1);
    const double middle = math::quantile_of_sorted(errors, 0.5);
    const double high = math::quantile_of_sorted(errors, 0.9);
    const double wider = quantile / normal_90;
    return {middle - wider * (middle - low), middle, middle + wider * (high - middle)};
}

}  // namespace detail

CUSTFOLIO_INLINE CompanyBand company_band(const Matrix& history, const TradingDays& trading,
                                          const LevelOptions& options, bool reconciled) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const std::size_t ahead = options.ahead();
    const std::size_t months = history.cols();
    const std::size_t year = detail::season_months;
    LevelOptions earlier = options;
    earlier.horizon = ahead;
    earlier.lead = 0;
    const std::size_t first = months + 1 > 2 * year + ahead ? months + 1 - year - ahead : year;
    const std::size_t step = months <= first + year ? 1 : 3;
    std::vector<std::vector<double>> errors(ahead);
    std::vector<std::set<std::size_t>> targets(ahead);
    for (std::size_t origin = first; origin < months; origin += step) {
        std::vector<std::size_t> active;
        for (std::size_t i = 0; i < history.rows(); ++i) {
            if (detail::purchase_months(history, i, origin).count > 0) active.push_back(i);
        }
        if (active.empty()) continue;
        Matrix known(active.size(), origin);
        for (std::size_t k = 0; k < active.size(); ++k) {
            const auto row = history.row(active[k]).first(origin);
            std::copy(row.begin(), row.end(), known.row(k).begin());
        }
        const double from = static_cast<double>(origin - first) / static_cast<double>(months - first);
        if (options.progress) {
            earlier.progress = [&, from](double share) {
                const double part = static_cast<double>(step) / static_cast<double>(months - first);
                options.progress(std::min(1.0, from + share * part));
            };
        }
        const std::vector<double> days = trading.factors(origin, ahead);
        LevelForecast forecast = forecast_levels(known, earlier, days);
        if (reconciled) {
            const std::vector<std::int32_t> company(active.size(), 0);
            reconcile_levels(forecast, known, known, company, earlier, days);
        }
        for (std::size_t h = 0; h < std::min(ahead, months - origin); ++h) {
            if (origin + h + year < months) continue;
            double expected = 0.0;
            double came = 0.0;
            for (std::size_t k = 0; k < active.size(); ++k) {
                expected += forecast.level(k, h);
                came += history(active[k], origin + h);
            }
            if (expected == 0.0) continue;
            errors[h].push_back(came / expected - 1.0);
            targets[h].insert(origin + h);
        }
    }
    CompanyBand band;
    for (std::vector<double>& quantile : band.quantile) quantile.resize(options.horizon, unknown);
    for (const std::vector<double>& found : errors) {
        band.origins.push_back(static_cast<int>(found.size()));
        double sum = 0.0;
        for (const double error : found) sum += error;
        band.bias.push_back(found.empty() ? unknown : sum / static_cast<double>(found.size()));
        band.error.push_back(found.empty() ? unknown : std::sqrt(detail::mean_square(found)));
    }
    std::array<double, 3> known{unknown, unknown, unknown};
    for (std::size_t begin = 0; begin < ahead; begin += year) {
        const std::size_t end = std::min(begin + year, ahead);
        std::vector<double> pooled;
        std::set<std::size_t> seen;
        for (std::size_t h = begin; h < end; ++h) {
            pooled.insert(pooled.end(), errors[h].begin(), errors[h].end());
            seen.insert(targets[h].begin(), targets[h].end());
        }
        // Farther ahead than any origin, the errors stay what they were.
        if (!pooled.empty()) known = detail::error_quantiles(std::move(pooled), seen.size());
        for (std::size_t h = std::max(begin, options.lead); h < end; ++h) {
            for (std::size_t k = 0; k < known.size(); ++k) band.quantile[k][h - options.lead] = known[k];
        }
    }
    return band;
}

}  // namespace custfolio
