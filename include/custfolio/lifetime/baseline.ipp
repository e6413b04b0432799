// Definitions of the baseline.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

inline int months_known(const Portfolio& portfolio) {
    return static_cast<int>(portfolio.columns().monthly_revenue.cols());
}

// An even share of the reference period.
inline double even_share(const Portfolio& portfolio) {
    const int known = months_known(portfolio);
    const int months = known > 0 ? known : std::max(portfolio.period().months(), 0);
    return 1.0 / (months == 0 ? 12 : months);
}

}  // namespace detail

CUSTFOLIO_INLINE void Baseline::check(const Portfolio& portfolio, Month first, int count) const {
    const std::size_t rows = portfolio.size();
    if (level.rows() != rows || heat.rows() != rows || heat.cols() != level.cols()) {
        throw InputError("baseline: made for " + std::to_string(level.rows()) + " customers; the portfolio has " +
                         std::to_string(rows));
    }
    const int ahead = first - start;
    if (ahead < 0 || ahead + count > months()) {
        throw InputError("baseline: it runs from " + to_string(start) + " to " + to_string(start + (months() - 1)) +
                         "; needed are " + to_string(first) + " to " + to_string(first + (count - 1)));
    }
    const auto finite = [&](const Matrix& values, const char* what, bool positive) {
        for (std::size_t i = 0; i < values.rows(); ++i) {
            for (std::size_t m = 0; m < values.cols(); ++m) {
                if (std::isfinite(values(i, m)) && !(positive && values(i, m) < 0)) continue;
                throw InputError("baseline: " + std::string(what) + " of customer " + portfolio.columns().id[i] +
                                 " in " + to_string(start + static_cast<int>(m)) + " must be a finite number" +
                                 (positive ? ", not negative" : ""));
            }
        }
    };
    finite(level, "level", false);
    finite(heat, "heat", false);
    if (variance.size() > 0) {
        if (variance.rows() != rows || variance.cols() != level.cols()) {
            throw InputError("baseline: variance must have the shape of level");
        }
        finite(variance, "variance", true);
    }
    for (const Column* column : {&level_deviation, &heat_deviation}) {
        if (column->size() == 0) continue;
        if (column->size() != level.cols()) throw InputError("baseline: deviations must have one entry a month");
        if (!std::ranges::all_of(*column, [](double value) { return value >= 0 && std::isfinite(value); })) {
            throw InputError("baseline: deviations must be finite and not negative");
        }
    }
}

CUSTFOLIO_INLINE Baseline seasonal_baseline(const Portfolio& portfolio, Month start, int months) {
    if (months < 1) throw InputError("baseline: months is " + std::to_string(months) + "; it must be at least 1");
    const PortfolioColumns& columns = portfolio.columns();
    const std::size_t rows = portfolio.size();
    const auto known = static_cast<std::size_t>(detail::months_known(portfolio));
    const double even = detail::even_share(portfolio);
    constexpr int season = 12;
    Baseline baseline;
    baseline.start = start;
    baseline.level = Matrix(rows, static_cast<std::size_t>(months));
    if (known == 0) {
        if (rows > 0) {
            baseline.notes.push_back("no monthly revenue: every month counts as an average month of the period");
        }
        for (std::size_t i = 0; i < rows; ++i) std::ranges::fill(baseline.level.row(i), columns.revenue[i] * even);
    } else {
        // Only the place in the year counts, so a start before the period is moved into it by whole years.
        const int ahead = start - portfolio.period().first_month();
        const auto first = static_cast<std::size_t>(ahead % season + season) % season;
        for (std::size_t i = 0; i < rows; ++i) {
            seasonal_naive(columns.monthly_revenue.row(i), season, first, baseline.level.row(i));
        }
        int missing = 0;
        for (int m = 0; m < months; ++m) {
            if ((first + static_cast<std::size_t>(m)) % season >= known) ++missing;
        }
        if (missing > 0) {
            baseline.notes.push_back(std::to_string(missing) +
                                     " months of the horizon have no such month in the period: they count as its "
                                     "average month");
        }
    }
    baseline.heat = activity(portfolio, baseline.level);
    for (std::size_t i = 0; i < rows; ++i) {
        for (double& share : baseline.heat.row(i)) share *= columns.contribution[i];
    }
    return baseline;
}

CUSTFOLIO_INLINE Matrix activity(const Portfolio& portfolio, const Matrix& level) {
    const PortfolioColumns& columns = portfolio.columns();
    const bool known = detail::months_known(portfolio) > 0;
    const double even = detail::even_share(portfolio);
    Matrix share(level.rows(), level.cols());
    for (std::size_t i = 0; i < level.rows(); ++i) {
        double turnover = known ? 0.0 : std::abs(columns.revenue[i]);
        if (known) {
            for (const double revenue : columns.monthly_revenue.row(i)) turnover += std::abs(revenue);
        }
        for (std::size_t m = 0; m < level.cols(); ++m) {
            share(i, m) = turnover > 0 ? std::abs(level(i, m)) / turnover : even;
        }
    }
    return share;
}

}  // namespace custfolio
