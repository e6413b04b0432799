// Definitions of the baseline.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/charge.hpp"
#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/company_band.ipp"
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

/// The costs whose drivers the ledger itself has.
CUSTFOLIO_INLINE CostModel costs_of_ledger(const CostModel& costs, const LedgerView& ledger) {
    CostModel found;
    for (const Rate& rate : costs.rates()) {
        const bool known = rate.driver == "deliveries" || rate.driver == "lines" || rate.driver == "quantity" ||
                           std::any_of(ledger.drivers.begin(), ledger.drivers.end(),
                                       [&](const DriverColumn& driver) { return driver.name == rate.driver; });
        if (known) found.rate(rate.driver, rate.amount, rate.avoidable);
    }
    found.revenue_share(costs.revenue_share(), costs.revenue_share_avoidable());
    return found;
}

/// Digits in groups of three, without decimals.
CUSTFOLIO_INLINE std::string grouped_text(double amount) {
    std::array<char, 400> text{};
    const auto found =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(amount), std::chars_format::fixed, 0);
    std::string digits(text.data(), found.ptr);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return amount < 0.0 && digits != "0" ? "-" + digits : digits;
}

/// Contribution per customer code of a driver table, currency.
CUSTFOLIO_INLINE std::vector<double> contribution_of(const CostModel& costs, const DriverTable& table) {
    const CostTable charged = charge(costs, table);
    std::vector<double> contribution(table.size());
    for (std::size_t i = 0; i < contribution.size(); ++i) {
        contribution[i] = table.revenue[i] - table.goods[i] - charged.total[i];
    }
    return contribution;
}

/// Customers of a ledger and rows of a portfolio, each by the other.
struct CustomerPlaces {
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> row;   ///< Row of the portfolio per code; `none` where it is not in it.
    std::vector<std::size_t> code;  ///< Code per row of the portfolio; `none` where the ledger does not have it.
};

CUSTFOLIO_INLINE CustomerPlaces places_of(const LedgerView& ledger, const Portfolio& portfolio) {
    const std::size_t customers = ledger.customers();
    CustomerPlaces places{std::vector<std::size_t>(customers, CustomerPlaces::none),
                          std::vector<std::size_t>(portfolio.size(), CustomerPlaces::none)};
    for (std::size_t code = 0; code < customers; ++code) {
        const std::string id = ledger.id.empty() ? std::to_string(code) : ledger.id[code];
        if (!portfolio.contains(id)) continue;
        places.row[code] = portfolio.index(id);
        places.code[places.row[code]] = code;
    }
    return places;
}

/// Takes a user's own forecast where there is one.
CUSTFOLIO_INLINE void bring_in(const ForecastBroughtIn& brought, Baseline& found) {
    for (std::size_t i = 0; i < brought.known.size(); ++i) {
        if (!brought.known[i]) continue;
        for (std::size_t m = 0; m < found.level.cols(); ++m) {
            found.level(i, m) = brought.level(i, m);
            const double heat = brought.heat(i, m);
            found.heat(i, m) = std::isfinite(heat) ? heat : found.level(i, m) * found.temperature.expected[i];
            if (std::isfinite(brought.variance(i, m))) found.variance(i, m) = brought.variance(i, m);
        }
        found.method[i] = "brought in";
        found.reason[i] = "the user's own forecast";
    }
}

/// Standard deviations of the company's level and heat from its band; empty where the band is not known.
CUSTFOLIO_INLINE void set_deviations(Baseline& found) {
    const std::size_t months = found.level.cols();
    found.level_deviation.assign(months, 0.0);
    found.heat_deviation.assign(months, 0.0);
    for (std::size_t m = 0; m < months; ++m) {
        double level = 0.0;
        double heat = 0.0;
        double own = 0.0;
        for (std::size_t i = 0; i < found.level.rows(); ++i) {
            const double variance = found.temperature.variance[i];
            level += found.level(i, m);
            heat += found.heat(i, m);
            own += found.level(i, m) * found.level(i, m) * (std::isfinite(variance) ? variance : 0.0);
        }
        const double width = found.band.quantile[2][m] - found.band.quantile[0][m];
        const double deviation = std::abs(level) * width / (2.0 * normal_90);
        const double of_heat = heat / (level == 0.0 ? 1.0 : level) * deviation;
        found.level_deviation[m] = deviation;
        found.heat_deviation[m] = std::sqrt(of_heat * of_heat + own);
        if (std::isfinite(deviation)) continue;
        found.level_deviation.clear();
        found.heat_deviation.clear();
        return;
    }
}

/// Names customers that have neither history nor a forecast, at most five.
CUSTFOLIO_INLINE void require_history(const Portfolio& portfolio, const std::vector<std::size_t>& row,
                                      const ForecastBroughtIn& brought, Month start) {
    std::string names;
    std::size_t missing = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] != CustomerPlaces::none || (!brought.known.empty() && brought.known[i])) continue;
        if (++missing <= 5) names += (missing > 1 ? ", '" : "'") + portfolio.columns().id[i] + "'";
    }
    if (missing == 0) return;
    throw InputError("customers without history before " + to_string(start) + ": " + names +
                     (missing > 5 ? " and " + std::to_string(missing - 5) + " more" : "") + "; give them a forecast=");
}

CUSTFOLIO_INLINE void check_baseline_options(const Portfolio& portfolio, int months, const BaselineOptions& options) {
    const auto refuse = [](const char* name, int value, const char* range) {
        throw InputError(std::string(name) + " is " + std::to_string(value) + "; it must " + range);
    };
    if (months < 1 || months > 120) refuse("months", months, "lie in 1..120");
    if (options.history_years < 0) refuse("history_years", options.history_years, "be at least 1, or 0 for all");
    if (portfolio.size() == 0) throw InputError("the portfolio has no customers");
    if (!options.segment.empty() && options.segment.size() != portfolio.size()) {
        throw InputError("baseline: there are " + std::to_string(options.segment.size()) + " segments for " +
                         std::to_string(portfolio.size()) + " customers; there must be one a customer");
    }
    const ForecastBroughtIn& brought = options.brought_in;
    if (brought.known.empty()) return;
    const auto wide = static_cast<std::size_t>(months);
    for (const Matrix* values : {&brought.level, &brought.heat, &brought.variance}) {
        if (brought.known.size() == portfolio.size() && values->rows() == portfolio.size() && values->cols() == wide) {
            continue;
        }
        throw InputError("baseline: a forecast brought in must have a row for each of the " +
                         std::to_string(portfolio.size()) + " customers and " + std::to_string(months) + " months");
    }
}

}  // namespace detail

CUSTFOLIO_INLINE CompanyMonths Baseline::company() const {
    const std::size_t count = level.cols();
    CompanyMonths found{Column(count), Column(count), Column(count), {}};
    for (std::size_t i = 0; i < level.rows(); ++i) {
        for (std::size_t k = 0; k < count; ++k) {
            found.level[k] += level(i, k);
            found.heat[k] += heat(i, k);
        }
    }
    for (std::size_t k = 0; k < count; ++k) found.temperature[k] = temperature_of(found.level[k], found.heat[k]);
    for (std::size_t q = 0; q < found.quantile.size(); ++q) {
        for (std::size_t k = 0; k < band.quantile[q].size(); ++k) {
            found.quantile[q].push_back(found.level[k] + std::abs(found.level[k]) * band.quantile[q][k]);
        }
    }
    return found;
}

CUSTFOLIO_INLINE void Baseline::check(const Portfolio& portfolio, Month first, int count) const {
    const std::size_t rows = portfolio.size();
    require_same(identity, portfolio.identity(), "the baseline is");
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

CUSTFOLIO_INLINE Baseline baseline(const LedgerView& ledger, const CostModel& costs, const Portfolio& portfolio,
                                   Month start, int months, const BaselineOptions& options) {
    detail::check_baseline_options(portfolio, months, options);
    const Period span = span_of_days(ledger);
    if (span.days() == 0 || !(Month::of(span.first) < start)) {
        throw InputError("the ledger has no row before " + to_string(start) + "; a baseline needs a history");
    }
    Month oldest = Month::of(span.first);
    const Month newest = std::min(Month::of(span.last), start + -1);
    if (options.history_years > 0) oldest = std::max(oldest, newest + (1 - 12 * options.history_years));
    const auto known = static_cast<std::size_t>(newest - oldest + 1);
    const auto progress = [&](double from, double to) {
        if (!options.progress) return std::function<void(double)>{};
        return std::function<void(double)>(
            [&, from, to](double share) { options.progress(from + (to - from) * share); });
    };
    LevelOptions how{.horizon = static_cast<std::size_t>(months),
                     .lead = static_cast<std::size_t>(start - newest - 1),
                     .origins = options.origins,
                     .methods = options.methods,
                     .threads = options.threads,
                     .progress = progress(0.05, 0.3)};

    // All customers of the ledger, in the order of their codes: evaporation counts those who have left, too.
    const DriverTable whole = aggregate(ledger, {oldest.first_day(), newest.last_day()}, options.threads);
    if (options.progress) options.progress(0.05);
    const detail::CustomerPlaces places = detail::places_of(ledger, portfolio);
    std::vector<std::size_t> row_of(portfolio.size(), detail::CustomerPlaces::none);  // of the history
    std::vector<std::size_t> codes;
    for (std::size_t code = 0; code < whole.size(); ++code) {
        if (whole.last_day[code] < whole.first_day[code]) continue;
        if (places.row[code] != detail::CustomerPlaces::none) row_of[places.row[code]] = codes.size();
        codes.push_back(code);
    }
    detail::require_history(portfolio, row_of, options.brought_in, start);
    Matrix history(codes.size(), known);
    for (std::size_t k = 0; k < codes.size(); ++k) {
        for (std::size_t t = 0; t < known; ++t) history(k, t) = whole.monthly_revenue(codes[k], t);
    }
    const TradingDays trading(ledger.day, ledger.revenue, oldest, known);
    const std::vector<double> days = trading.factors(known, how.ahead());
    const LevelForecast everyone = forecast_levels(history, how, days);

    Baseline found;
    found.identity = portfolio.identity();
    found.start = start;
    found.notes = everyone.notes;
    if (!days.empty()) {
        found.notes.push_back("months are compared by their trading days: what the weekdays in them bring");
    }
    LevelForecast own;
    own.level = Matrix(portfolio.size(), how.horizon);
    own.variance = own.level;
    found.error = Matrix(portfolio.size(), everyone.error.cols(), std::numeric_limits<double>::quiet_NaN());
    Matrix own_history(portfolio.size(), known);
    found.history_start = oldest;
    found.history.assign(known, 0.0);
    std::vector<bool> inside(codes.size(), false);
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        const std::size_t k = row_of[i];
        const bool has = k != detail::CustomerPlaces::none;
        found.method.push_back(has ? everyone.method[k] : "none");
        found.reason.push_back(has ? everyone.reason[k] : "no history");
        found.origins.push_back(has ? everyone.origins[k] : 0);
        if (!has) continue;
        inside[k] = true;
        const auto copy = [](std::span<const double> from, std::span<double> to) {
            std::copy(from.begin(), from.end(), to.begin());
        };
        copy(everyone.level.row(k), own.level.row(i));
        copy(everyone.variance.row(k), own.variance.row(i));
        copy(everyone.error.row(k), found.error.row(i));
        copy(history.row(k), own_history.row(i));
        for (std::size_t t = 0; t < known; ++t) found.history[t] += history(k, t);
    }
    const std::size_t last_year = std::min(known, detail::season_months);
    double outside_level = 0.0;
    std::size_t outside = 0;
    for (std::size_t k = 0; k < codes.size(); ++k) {
        if (inside[k]) continue;
        ++outside;
        for (std::size_t t = known - last_year; t < known; ++t) outside_level += history(k, t);
    }
    if (outside > 0) {
        found.notes.push_back(std::to_string(outside) + (outside == 1 ? " customer" : " customers") +
                              " of the ledger " + (outside == 1 ? "is" : "are") +
                              " not in the portfolio; their level of the last " + std::to_string(last_year) +
                              " months was " + detail::grouped_text(outside_level));
    }
    std::vector<std::int32_t> segment(options.segment.begin(), options.segment.end());
    if (segment.empty()) segment.assign(portfolio.size(), 0);
    if (options.reconcile && !reconcile_levels(own, own_history, history, segment, how, days)) {
        found.notes.push_back("too little history to reconcile: sums are sums of customers");
    }

    const CostModel monthly_costs = detail::costs_of_ledger(costs, ledger);
    const Month warm = std::max(oldest, newest + (1 - static_cast<int>(detail::recent_months)));
    const auto warm_months = static_cast<std::size_t>(newest - warm + 1);
    Matrix levels(portfolio.size(), warm_months);
    Matrix heats(portfolio.size(), warm_months);
    aggregate_by_month(ledger, {warm.first_day(), newest.last_day()}, options.threads, [&](const DriverTable& table) {
        const auto t = static_cast<std::size_t>(table.period.first_month() - warm);
        const std::vector<double> contribution = detail::contribution_of(monthly_costs, table);
        for (std::size_t i = 0; i < portfolio.size(); ++i) {
            if (places.code[i] == detail::CustomerPlaces::none) continue;
            levels(i, t) = table.revenue[places.code[i]];
            heats(i, t) = contribution[places.code[i]];
        }
    });
    if (options.progress) options.progress(0.35);
    found.temperature =
        shrink_temperature(levels, heats, segment, *std::max_element(segment.begin(), segment.end()) + 1);
    double level = 0.0;
    double heat = 0.0;
    for (const double value : levels.values()) level += value;
    for (const double value : heats.values()) heat += value;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        if (std::isfinite(found.temperature.expected[i])) continue;
        found.temperature.expected[i] = level != 0.0 ? heat / level : 0.0;
        if (!std::isfinite(found.temperature.variance[i])) found.temperature.variance[i] = 0.0;
    }
    if (monthly_costs.rates().size() < costs.rates().size()) {
        // Drivers per customer and period are in the temperature of the portfolio, not in that of months.
        const DriverTable table = aggregate(ledger, portfolio.period(), options.threads);
        const std::vector<double> without = detail::contribution_of(monthly_costs, table);
        const PortfolioColumns& columns = portfolio.columns();
        for (std::size_t i = 0; i < portfolio.size(); ++i) {
            const std::size_t code = places.code[i];
            if (code == detail::CustomerPlaces::none || table.last_day[code] < table.first_day[code]) continue;
            if (!(columns.revenue[i] > 0.0)) continue;
            found.temperature.expected[i] -= (without[code] - columns.contribution[i]) / columns.revenue[i];
        }
    }
    found.level = std::move(own.level);
    found.variance = std::move(own.variance);
    found.heat = found.level;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        for (double& value : found.heat.row(i)) value *= found.temperature.expected[i];
    }
    detail::bring_in(options.brought_in, found);
    how.progress = progress(0.35, 1.0);
    found.band = company_band(history, trading, how, options.reconcile);
    detail::set_deviations(found);
    if (found.level_deviation.empty()) {
        found.notes.push_back("too little history for P10 and P90: they need more than a year before the first origin");
    }
    if (options.progress) options.progress(1.0);
    return found;
}

CUSTFOLIO_INLINE Baseline seasonal_baseline(const Portfolio& portfolio, Month start, int months) {
    if (months < 1) throw InputError("baseline: months is " + std::to_string(months) + "; it must be at least 1");
    const PortfolioColumns& columns = portfolio.columns();
    const std::size_t rows = portfolio.size();
    const auto known = static_cast<std::size_t>(detail::months_known(portfolio));
    const double even = detail::even_share(portfolio);
    constexpr int season = 12;
    Baseline baseline;
    baseline.identity = portfolio.identity();
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
