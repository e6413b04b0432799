// Definition of the band of a company's level.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <span>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/company_band.hpp"
#include "custfolio/lifetime/level_forecast.ipp"
#include "custfolio/math/detail/range_algorithms.hpp"

namespace custfolio {
namespace detail {

/// 90 % quantile of the normal distribution.
inline constexpr double normal_90 = 1.2815515655446004;

/// How much wider errors of less than a year of months make a band: the 90 % quantile of Student's t, as textbooks
/// tabulate it, over the normal one.
inline double few_months_factor(std::size_t months) {
    constexpr std::array<double, 11> table{3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398,
                                           1.4149, 1.3968, 1.3830, 1.3722, 1.3634};
    return months <= table.size() ? table[months - 1] / normal_90 : 1.0;
}

inline double mean_square(std::span<const double> values) {
    double sum = 0.0;
    for (const double value : values) sum += value * value;
    return sum / static_cast<double>(values.size());
}

/// The mean product of two errors of one series, against the mean square of all errors.
class ErrorPairs {
  public:
    void begin_series() { sum_ = count_ = 0; }
    void add(double error) {
        products_ += sum_ * error;
        pairs_ += count_;
        sum_ += error;
        ++count_;
        square_ += error * error;
        ++errors_;
    }
    [[nodiscard]] double correlation() const {
        if (pairs_ == 0 || !(square_ > 0)) return std::numeric_limits<double>::quiet_NaN();
        return std::clamp(products_ / pairs_ / (square_ / errors_), 0.0, 1.0);
    }

  private:
    double sum_ = 0, count_ = 0;  // of the errors of this series
    double products_ = 0, pairs_ = 0, square_ = 0, errors_ = 0;
};

/// Errors of the company's level by months ahead, and the months that they are of.
struct CompanyErrors {
    std::vector<std::vector<double>> relative;  ///< As shares of the level expected.
    std::vector<std::vector<double>> error;     ///< As shares of sqrt(level x mean level) expected.
    std::vector<std::set<std::size_t>> month;
    ErrorPairs pairs{};  ///< A series is the company's errors from one origin.
    ErrorPairs own{};    ///< A series is a customer's errors from one origin, over its mean deviation.
};

/// The customers who had bought before an origin: nobody could have forecast the others.
CUSTFOLIO_INLINE std::vector<std::size_t> customers_at(const Matrix& history, std::size_t origin) {
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < history.rows(); ++i) {
        if (purchase_months(history, i, origin).count > 0) active.push_back(i);
    }
    return active;
}

/// Forecasts the company from one origin and adds the errors of its last year. Months before that are forecast by the
/// way, and not counted.
CUSTFOLIO_INLINE void add_errors(const Matrix& history, std::size_t origin, const TradingDays& trading,
                                 const LevelOptions& options, bool reconciled, CompanyErrors& errors) {
    const std::vector<std::size_t> active = customers_at(history, origin);
    if (active.empty()) return;
    Matrix known(active.size(), origin);
    for (std::size_t k = 0; k < active.size(); ++k) {
        detail::copy(history.row(active[k]).first(origin), known.row(k).begin());
    }
    const std::vector<double> days = trading.factors(origin, options.horizon);
    LevelOptions of_active = options;
    if (!options.segment.empty()) {
        of_active.segment.clear();
        for (const std::size_t i : active) of_active.segment.push_back(options.segment[i]);
    }
    LevelForecast forecast = forecast_levels(known, of_active, days);
    if (reconciled) {
        const std::vector<std::int32_t> company(active.size(), 0);
        reconcile_levels(forecast, known, known, company, of_active, days);
    }
    std::vector<double> expected(options.horizon, 0.0);
    for (std::size_t k = 0; k < active.size(); ++k) {
        for (std::size_t h = 0; h < options.horizon; ++h) expected[h] += forecast.level(k, h);
    }
    const double mean = mean_size(expected);
    errors.pairs.begin_series();
    const std::size_t end = std::min(options.horizon, history.cols() - origin);
    // Only the last year counts.
    const std::size_t begin = origin + season_months < history.cols() ? history.cols() - season_months - origin : 0;
    for (std::size_t k = 0; k < active.size(); ++k) {
        const double deviation = std::sqrt(mean_size(forecast.variance.row(k)));
        if (!(deviation > 0)) continue;
        errors.own.begin_series();
        for (std::size_t h = begin; h < end; ++h) {
            errors.own.add((history(active[k], origin + h) - forecast.level(k, h)) / deviation);
        }
    }
    for (std::size_t h = begin; h < end; ++h) {
        // A relative error needs something to be relative to.
        if (expected[h] == 0.0) continue;
        double came = 0.0;
        for (const std::size_t i : active) came += history(i, origin + h);
        errors.relative[h].push_back(came / expected[h] - 1.0);
        errors.error[h].push_back((came - expected[h]) / std::sqrt(std::abs(expected[h]) * mean));
        errors.pairs.add(errors.error[h].back());
        errors.month[h].insert(origin + h);
    }
}

/// Sets the deviations by pooled errors of each year ahead, since single horizons have too few. Months are counted,
/// not errors.
CUSTFOLIO_INLINE void set_deviations(const CompanyErrors& errors, std::size_t lead, CompanyBand& band) {
    double known = std::numeric_limits<double>::quiet_NaN();
    const std::size_t ahead = errors.error.size();
    for (std::size_t begin = 0; begin < ahead; begin += season_months) {
        const std::size_t end = std::min(begin + season_months, ahead);
        std::vector<double> pooled;
        std::set<std::size_t> months;
        for (std::size_t h = begin; h < end; ++h) {
            pooled.insert(pooled.end(), errors.error[h].begin(), errors.error[h].end());
            months.insert(errors.month[h].begin(), errors.month[h].end());
        }
        // Farther ahead than any origin, the errors stay what they were.
        if (!pooled.empty()) known = std::sqrt(mean_square(pooled)) * few_months_factor(months.size());
        for (std::size_t h = std::max(begin, lead); h < end; ++h) band.deviation[h - lead] = known;
    }
}

}  // namespace detail

CUSTFOLIO_INLINE CompanyBand company_band(const Matrix& history, const TradingDays& trading,
                                          const LevelOptions& options, bool reconciled) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const std::size_t ahead = options.ahead();
    const std::size_t months = history.cols();
    const std::size_t year = detail::season_months;
    // Each origin is forecast as the baseline is, but from its own end and without the lead.
    LevelOptions earlier = options;
    earlier.horizon = ahead;
    earlier.lead = 0;
    // Errors of the last year only are counted: the first origin is the earliest that reaches into it, after a year of
    // history.
    const std::size_t first = months + 1 > 2 * year + ahead ? months + 1 - year - ahead : year;
    // A short history gives few origins, so each month is one; else every third, to save time.
    const std::size_t step = months <= first + year ? 1 : 3;
    detail::CompanyErrors errors{std::vector<std::vector<double>>(ahead),
                                 std::vector<std::vector<double>>(ahead),
                                 std::vector<std::set<std::size_t>>(ahead),
                                 {},
                                 {}};
    for (std::size_t origin = first; origin < months; origin += step) {
        const double from = static_cast<double>(origin - first) / static_cast<double>(months - first);
        if (options.progress) {
            earlier.progress = [&, from](double share) {
                const double part = static_cast<double>(step) / static_cast<double>(months - first);
                options.progress(std::min(1.0, from + share * part));
            };
        }
        detail::add_errors(history, origin, trading, earlier, reconciled, errors);
    }
    CompanyBand band;
    band.correlation = errors.pairs.correlation();
    band.own_correlation = errors.own.correlation();
    band.deviation.resize(options.horizon, unknown);
    for (const std::vector<double>& of_month : errors.relative) {
        band.origins.push_back(static_cast<int>(of_month.size()));
        double sum = 0.0;
        for (const double error : of_month) sum += error;
        band.bias.push_back(of_month.empty() ? unknown : sum / static_cast<double>(of_month.size()));
        band.error.push_back(of_month.empty() ? unknown : std::sqrt(detail::mean_square(of_month)));
    }
    detail::set_deviations(errors, options.lead, band);
    return band;
}

}  // namespace custfolio
