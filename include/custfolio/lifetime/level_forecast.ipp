// Definitions of the forecasts of levels.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/evaporation.ipp"
#include "custfolio/lifetime/level_forecast.hpp"
#include "custfolio/lifetime/month_index.ipp"
#include "custfolio/lifetime/reconcile.hpp"
#include "custfolio/lifetime/trading_days.ipp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio {
namespace detail {

inline BacktestOptions backtest_options(const LevelOptions& options) {
    // Four origins a quarter apart see every quarter of a year, so that no season decides.
    constexpr int quarters = 4;
    constexpr int step = 3;
    return {.horizon = static_cast<int>(options.ahead()),
            .origins = options.origins,
            .fewest = std::min(options.origins, quarters),
            .step = step,
            .season = static_cast<int>(season_months),
            .methods = options.methods,
            .threads = options.threads,
            .progress = options.progress};
}

/// A history per trading day.
inline Matrix per_day(const Matrix& history, std::span<const double> days) {
    Matrix daily = history;
    if (days.empty()) return daily;
    for (std::size_t i = 0; i < daily.rows(); ++i) {
        for (std::size_t t = 0; t < daily.cols(); ++t) daily(i, t) /= days[t];
    }
    return daily;
}

inline std::string reason_of_method(const LevelOptions& options, int origins, std::size_t length) {
    if (options.methods.size() == 1) return "the only method allowed";
    if (origins == 0) return "too little history to compare (" + std::to_string(length) + " months)";
    return "smallest error from " + std::to_string(origins) + (origins > 1 ? " origins" : " origin");
}

/// Sum of a month over the customers who had bought before both months that growth compares.
inline double sum_of_month(const Matrix& history, std::span<const std::size_t> first,
                           std::span<const std::int32_t> segment, std::int32_t group, std::size_t before,
                           std::size_t month) {
    double sum = 0.0;
    for (std::size_t i = 0; i < history.rows(); ++i) {
        if (first[i] < before && (segment.empty() || segment[i] == group)) sum += history(i, month);
    }
    return sum;
}

inline double mean_size(std::span<const double> values) {
    double sum = 0.0;
    for (const double value : values) sum += std::abs(value);
    return sum / static_cast<double>(values.size());
}

/// How all irregular customers are forecast.
struct IrregularForecast {
    Evaporation evaporation{};
    MonthIndex season{};
    PurchaseTrend trend{};
};

/// Forecasts an irregular customer, who has no useful series: the chance of a purchase times the mean amount of a month
/// with one, per trading day.
inline void forecast_irregular(std::size_t customer, const Matrix& daily, const IrregularForecast& how,
                               const LevelOptions& options, LevelForecast& forecast) {
    const std::size_t months = daily.cols();
    const std::size_t first = purchase_months(daily, customer, months).first;
    const UsualAmount usual = usual_amount(daily, customer, months);
    for (std::size_t h = 0; h < options.horizon; ++h) {
        const std::size_t ahead = options.lead + h;
        const double wanted = how.evaporation.chance(customer, ahead) *
                              season_factor(how.season, customer, first, months, months + ahead) *
                              PurchaseTrend::factor(how.trend.purchases, ahead + 1);
        // What a season brings beyond a sure purchase makes it larger.
        const double buys = std::min(wanted, 1.0);
        const double size = PurchaseTrend::factor(how.trend.amount, ahead + 1) * (buys > 0.0 ? wanted / buys : 1.0);
        const double level = buys * usual.mean * size;
        forecast.level(customer, h) = level;
        // The variance of a purchase of random size that comes with a chance: E[second moment] - mean^2.
        forecast.variance(customer, h) = std::max(buys * usual.second * size * size - level * level, 0.0);
    }
}

/// Takes a regular customer's forecast, per trading day, from the back-test.
inline void forecast_regular(std::size_t customer, const Matrix& history, const Backtest& tested,
                             const LevelOptions& options, LevelForecast& forecast) {
    const auto row = history.row(customer);
    const std::size_t last_year = row.size() > season_months ? row.size() - season_months : 0;
    // A level below 0 is a forecast only for customers with negative months (returns).
    const bool negative = std::any_of(row.begin(), row.end(), [](double value) { return value < 0.0; });
    // The spread of the last year stands in where the back-test had too few origins for a variance.
    const double spread = variance_of(row.subspan(last_year));
    const auto variance = forecast.variance.row(customer);
    for (std::size_t h = 0; h < options.horizon; ++h) {
        const double level = tested.forecast(customer, options.lead + h);
        const double tested_variance = tested.variance(customer, options.lead + h);
        forecast.level(customer, h) = negative ? level : std::max(level, 0.0);
        variance[h] = std::isfinite(tested_variance) ? tested_variance : spread;
    }
    // A month ahead has at most as many errors as there are origins, often one: those of a year ahead are pooled. Half
    // of the variance is in proportion to the level, as that of a sum of purchases.
    for (std::size_t begin = 0; begin < options.horizon; begin += season_months) {
        const std::size_t count = std::min(season_months, options.horizon - begin);
        const double pooled = mean_size(variance.subspan(begin, count));
        const auto levels = forecast.level.row(customer).subspan(begin, count);
        const double usual = mean_size(levels);
        for (std::size_t h = 0; h < count; ++h) {
            variance[begin + h] = pooled * (usual > 0.0 ? (1.0 + std::abs(levels[h]) / usual) / 2.0 : 1.0);
        }
    }
}

}  // namespace detail

CUSTFOLIO_INLINE LevelForecast forecast_levels(const Matrix& history, const LevelOptions& options,
                                               std::span<const double> days) {
    const std::size_t customers = history.rows();
    const std::size_t months = history.cols();
    // Methods compete on amounts per trading day, so that the number of trading days does not decide.
    const Matrix daily = detail::per_day(history, days);
    Backtest tested = backtest(daily, detail::backtest_options(options));
    LevelForecast forecast;
    forecast.level = Matrix(customers, options.horizon);
    forecast.variance = Matrix(customers, options.horizon);
    forecast.method.reserve(customers);
    forecast.reason.reserve(customers);
    forecast.origins = std::move(tested.origins);
    forecast.error = std::move(tested.error);
    std::vector<Standing> standings(customers);
    for (std::size_t i = 0; i < customers; ++i) {
        standings[i] = standing_of(history, i, months);
        // Without a purchase there is no month of its own: irregular.
        if (standings[i].months == 0) standings[i].irregular = true;
    }
    detail::IrregularForecast irregular;
    if (detail::any_of(standings, [](const Standing& one) { return one.irregular; })) {
        irregular.evaporation = evaporation(history, options.ahead());
        irregular.season = month_index(daily, options.segment);
        irregular.trend = purchase_trend(daily, irregular.season, irregular.evaporation);
        forecast.notes.push_back(irregular.evaporation.reason);
        forecast.notes.push_back(irregular.season.reason);
        if (irregular.trend.purchases != 1.0 || irregular.trend.amount != 1.0) {
            forecast.notes.push_back("their damped trend of a year: purchases x " +
                                     detail::four_decimals(irregular.trend.purchases) + ", amount of a purchase x " +
                                     detail::four_decimals(irregular.trend.amount));
        }
    }
    std::vector<double> settled;
    for (std::size_t i = 0; i < customers; ++i) {
        const Standing& standing = standings[i];
        if (standing.irregular) {
            detail::forecast_irregular(i, daily, irregular, options, forecast);
            forecast.method.push_back("evaporation");
            forecast.reason.push_back("irregular: bought in " + std::to_string(standing.bought) + " of its last " +
                                      std::to_string(standing.months) + " months; by " +
                                      to_string(irregular.evaporation.method));
        } else {
            detail::forecast_regular(i, history, tested, options, forecast);
            forecast.method.push_back(to_string(tested.method[i]));
            const std::size_t first = detail::purchase_months(history, i, months).first;
            const std::size_t length = months - first;
            forecast.reason.push_back(detail::reason_of_method(options, forecast.origins[i], length));
            // Newcomers start low or high; earlier newcomers show how far from their first months they settle.
            if (first > 0 && length < detail::season_months) {
                if (settled.empty()) settled = settling(daily, options.ahead());
                for (std::size_t h = 0; h < options.horizon; ++h) forecast.level(i, h) *= settled[length];
                forecast.reason.back() =
                    "a newcomer of " + std::to_string(length) + " months, as newcomers of that age turned out";
            }
        }
        // Back from a trading day to the month that is forecast.
        if (days.empty()) continue;
        for (std::size_t h = 0; h < options.horizon; ++h) {
            const double factor = days[months + options.lead + h];
            forecast.level(i, h) *= factor;
            forecast.variance(i, h) *= factor * factor;
        }
    }
    forecast.season = std::move(irregular.season);
    forecast.purchases = irregular.evaporation.model;
    return forecast;
}

CUSTFOLIO_INLINE Matrix like_for_like(const Matrix& history, std::span<const std::int32_t> segment, std::size_t groups,
                                      const Matrix& everyone) {
    const std::size_t months = history.cols();
    const auto first_months = [&](const Matrix& of) {
        std::vector<std::size_t> first(of.rows());
        for (std::size_t i = 0; i < of.rows(); ++i) first[i] = detail::purchase_months(of, i, months).first;
        return first;
    };
    const std::vector<std::size_t> first_of_customers = first_months(history);
    const std::vector<std::size_t> all = first_months(everyone);
    // A customer that began in the first of the two months may have been there for a part of it only. Those of the very
    // first month may have begun earlier.
    const auto growth = [&](const Matrix& of, const std::vector<std::size_t>& first, std::span<const std::int32_t> code,
                            std::int32_t group, std::size_t month) {
        const std::size_t year_before = month - detail::season_months;
        const std::size_t before = std::max<std::size_t>(year_before, 1);
        const double base = detail::sum_of_month(of, first, code, group, before, year_before);
        return base > 0.0 ? detail::sum_of_month(of, first, code, group, before, month) / base
                          : std::numeric_limits<double>::quiet_NaN();
    };
    Matrix sums(groups, months);
    for (std::size_t g = 0; g < groups; ++g) {
        const auto group = static_cast<std::int32_t>(g);
        const std::span<const std::int32_t> code = groups > 1 ? segment : std::span<const std::int32_t>{};
        for (std::size_t t = months > detail::season_months ? months - detail::season_months : 0; t < months; ++t) {
            for (std::size_t i = 0; i < history.rows(); ++i) {
                if (code.empty() || code[i] == group) sums(g, t) += history(i, t);
            }
        }
        // Backwards from the last year, by growth of those who were customers in both years: who joined or left is no
        // growth.
        for (std::size_t t = months; t-- > detail::season_months;) {
            // A segment's own growth, corrected so that all segments together grow as everyone does.
            const double ratio = growth(history, first_of_customers, code, group, t) * growth(everyone, all, {}, 0, t) /
                                 growth(history, first_of_customers, {}, 0, t);
            if (!(std::isfinite(ratio) && ratio > 0.0)) break;  // what lies before stays 0
            sums(g, t - detail::season_months) = sums(g, t) / ratio;
        }
    }
    return sums;
}

CUSTFOLIO_INLINE bool reconcile_levels(LevelForecast& forecast, const Matrix& history, const Matrix& everyone,
                                       std::span<const std::int32_t> segment, const LevelOptions& options,
                                       std::span<const double> days) {
    if (segment.empty()) return false;
    const std::size_t months = history.cols();
    const Matrix daily = detail::per_day(history, days);
    const Matrix all = detail::per_day(everyone, days);
    const auto groups = static_cast<std::size_t>(*std::max_element(segment.begin(), segment.end())) + 1;
    // The company's sum and the segments' sums are forecast as series of their own.
    const Matrix company = like_for_like(daily, segment, 1, all);
    Matrix sums = company;
    if (groups > 1) {
        const Matrix of_groups = like_for_like(daily, segment, groups, all);
        sums = Matrix(groups + 1, months);
        std::copy(of_groups.values().begin(), of_groups.values().end(), sums.data());
        std::copy(company.values().begin(), company.values().end(), sums.data() + groups * months);
    }
    BacktestOptions how = detail::backtest_options(options);
    // Few series: their back-test is over at once.
    how.progress = nullptr;
    const Backtest tested = backtest(sums, how);
    Matrix level(sums.rows(), options.horizon);
    Matrix variance(sums.rows(), options.horizon);
    for (std::size_t g = 0; g < sums.rows(); ++g) {
        for (std::size_t h = 0; h < options.horizon; ++h) {
            const double factor = days.empty() ? 1.0 : days[months + options.lead + h];
            level(g, h) = tested.forecast(g, options.lead + h) * factor;
            variance(g, h) = tested.variance(g, options.lead + h) * factor * factor;
            // Without a variance of the sums nothing can be weighed, and sums of customers remain.
            if (!std::isfinite(variance(g, h))) return false;
        }
    }
    forecast.level = reconcile_minimum_trace(forecast.level, forecast.variance, segment, level, variance);
    return true;
}

}  // namespace custfolio
