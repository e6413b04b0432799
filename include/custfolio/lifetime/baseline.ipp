// Definitions of the baseline.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/costing/charge.hpp"
#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/ledger/aggregate.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/lifetime/company_band.ipp"
#include "custfolio/lifetime/exponential_smoothing.hpp"
#include "custfolio/lifetime/joint_error.ipp"
#include "custfolio/lifetime/newcomers.ipp"
#include "custfolio/math/detail/abridged.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/errors.hpp"

namespace custfolio {
namespace detail {

inline int months_known(const Portfolio& portfolio) {
    return static_cast<int>(portfolio.columns().monthly_revenue.cols());
}

// The mean month's share of the reference period; a part of a month counts by its days.
inline double even_share(const Portfolio& portfolio) {
    double months = 0.0;
    for (const double share : covered_months(portfolio.period())) months += share;
    return 1.0 / (months == 0.0 ? 12.0 : months);
}

/// The costs whose drivers the ledger itself has.
CUSTFOLIO_INLINE CostModel costs_of_ledger(const CostModel& costs, const LedgerView& ledger) {
    CostModel ledger_costs;
    for (const Rate& rate : costs.rates()) {
        if (ledger.has_driver(rate.driver)) ledger_costs.rate(rate.driver, rate.amount, rate.avoidable);
    }
    ledger_costs.revenue_share(costs.revenue_share(), costs.revenue_share_avoidable());
    return ledger_costs;
}

/// Digits in groups of three, without decimals.
CUSTFOLIO_INLINE std::string grouped_text(double amount) {
    std::array<char, 400> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(amount), std::chars_format::fixed, 0);
    std::string digits(text.data(), end.ptr);
    // Without a locale, which the library must not read.
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return amount < 0.0 && digits != "0" ? "-" + digits : digits;
}

/// Contribution per customer code of a driver table, currency.
CUSTFOLIO_INLINE std::vector<double> contribution_of(const CostModel& costs, const DriverTable& table) {
    const CostTable charged = charge(with_direct_costs(costs, table.driver_names), table);
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
CUSTFOLIO_INLINE void bring_in(const ForecastBroughtIn& brought, Baseline& baseline) {
    for (std::size_t i = 0; i < brought.known.size(); ++i) {
        if (!brought.known[i]) continue;
        for (std::size_t m = 0; m < baseline.level.cols(); ++m) {
            baseline.level(i, m) = brought.level(i, m);
            // A level without heat is heated at the customer's expected temperature.
            const double heat = brought.heat(i, m);
            baseline.heat(i, m) = std::isfinite(heat) ? heat : baseline.level(i, m) * baseline.temperature.expected[i];
            if (std::isfinite(brought.variance(i, m))) baseline.variance(i, m) = brought.variance(i, m);
        }
        baseline.method[i] = "brought in";
        baseline.reason[i] = "the user's own forecast";
    }
}

/// Names customers that have neither history nor a forecast, at most five.
CUSTFOLIO_INLINE void require_history(const Portfolio& portfolio, const std::vector<std::size_t>& row,
                                      const ForecastBroughtIn& brought, Month start) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] != CustomerPlaces::none || (!brought.known.empty() && brought.known[i])) continue;
        names.push_back("'" + portfolio.columns().id[i] + "'");
    }
    if (names.empty()) return;
    throw InputError("customers without history before " + to_string(start) + ": " + abridged(names) +
                     "; give them a forecast=");
}

CUSTFOLIO_INLINE void check_baseline_options(const Portfolio& portfolio, int months, const BaselineOptions& options) {
    const auto refuse = [](const char* name, int value, const char* range) {
        throw InputError(std::string(name) + " is " + std::to_string(value) + "; it must " + range);
    };
    if (months < 1 || months > 120) refuse("months", months, "lie in 1..120");
    if (options.history_years < 0) refuse("history_years", options.history_years, "be at least 1, or 0 for all");
    if (portfolio.size() == 0) throw InputError("the portfolio has no customers");
    portfolio.require_heat("a baseline");
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

/// Days without a row that are usual in a period: 19 of 20 pauses between days with rows are at most this long.
CUSTFOLIO_INLINE int usual_pause(std::span<const DayNumber> day, Period period) {
    constexpr DayNumber longest = 100 * 366;
    period.first = std::max(period.first, period.last - longest);
    std::vector<bool> sold(static_cast<std::size_t>(period.days()));
    for (const DayNumber one : day) {
        if (period.contains(one)) sold[static_cast<std::size_t>(one - period.first)] = true;
    }
    std::vector<int> pauses;
    for (std::size_t d = 1, last = 0; d < sold.size(); ++d) {
        if (!sold[d]) continue;
        pauses.push_back(static_cast<int>(d - last - 1));
        last = d;
    }
    if (pauses.empty()) return 0;
    const auto place = pauses.begin() + static_cast<std::ptrdiff_t>(pauses.size() * 19 / 20);
    std::nth_element(pauses.begin(), place, pauses.end());
    return *place;
}

/// The months of a ledger's customers before the start of a baseline.
struct LedgerHistory {
    Month oldest;
    Month newest;
    Matrix level;                     ///< Customers with a row in these months x months: net revenue, currency.
    std::vector<std::size_t> row_of;  ///< Row of `level` per row of the portfolio; `none` where it has no history.

    [[nodiscard]] std::size_t months() const { return static_cast<std::size_t>(newest - oldest + 1); }
};

/// The whole months of a ledger before a month. A month at its first or last day is whole where the days without a row
/// are usual, or in the period of the portfolio.
CUSTFOLIO_INLINE LedgerHistory history_before(Month start, const LedgerView& ledger, const CustomerPlaces& places,
                                              Period stated, const BaselineOptions& options, Baseline& result) {
    const Period span = span_of_days(ledger);
    if (span.days() == 0 || !(Month::of(span.first) < start)) {
        throw InputError("the ledger has no row before " + to_string(start) + "; a baseline needs a history");
    }
    LedgerHistory history{Month::of(span.first), std::min(Month::of(span.last), start + -1), {}, {}};
    if (options.history_years > 0) {
        history.oldest = std::max(history.oldest, history.newest + (1 - 12 * options.history_years));
    }
    constexpr DayNumber two_weeks = 14;  // without a row: the ledger was closed before the end of the stated period
    const int pause =
        std::max(most_days_missing, usual_pause(ledger.day, {span.first, std::min(span.last, start.first_day() - 1)}));
    const DayNumber last = std::max(span.last + pause, std::min(stated.last, span.last + two_weeks));
    const DayNumber first = stated.days() > 0 ? std::min(span.first - pause, stated.first) : span.first - pause;
    std::vector<bool> bought_in_part(places.row.size(), false);
    const auto leave_out = [&](Month month) {
        result.notes.push_back("the ledger has " + to_string(month) +
                               " in part: it is not in the history, and who bought in no other month counts as 0");
        const DriverTable part = aggregate(ledger, {month.first_day(), month.last_day()}, options.threads);
        for (std::size_t code = 0; code < part.size(); ++code) {
            bought_in_part[code] = bought_in_part[code] || part.last_day[code] >= part.first_day[code];
        }
    };
    if (last < history.newest.last_day()) {
        leave_out(history.newest);
        history.newest = history.newest + -1;
    }
    if (first > history.oldest.first_day() && history.oldest <= history.newest) {
        leave_out(history.oldest);
        history.oldest = history.oldest + 1;
    }
    if (history.newest < history.oldest) {
        throw InputError("the ledger, from " + day_text(span.first) + " to " + day_text(span.last) +
                         ", has no whole month before " + to_string(start) + "; a baseline needs one");
    }
    // All customers of the ledger, in the order of their codes: evaporation counts those who have left, too.
    const DriverTable whole =
        aggregate(ledger, {history.oldest.first_day(), history.newest.last_day()}, options.threads);
    history.row_of.assign(places.code.size(), CustomerPlaces::none);
    std::vector<std::size_t> codes;
    for (std::size_t code = 0; code < whole.size(); ++code) {
        if (whole.last_day[code] < whole.first_day[code] && !bought_in_part[code]) continue;
        if (places.row[code] != CustomerPlaces::none) history.row_of[places.row[code]] = codes.size();
        codes.push_back(code);
    }
    history.level = Matrix(codes.size(), history.months());
    for (std::size_t k = 0; k < codes.size(); ++k) {
        detail::copy(whole.monthly_revenue.row(codes[k]), history.level.row(k).begin());
    }
    return history;
}

/// Segment per row of the history; -1 for customers that are not in the portfolio; empty without segments.
CUSTFOLIO_INLINE std::vector<std::int32_t> segment_of_history(const LedgerHistory& history,
                                                              std::span<const std::int32_t> segment) {
    if (segment.empty()) return {};
    std::vector<std::int32_t> of_row(history.level.rows(), -1);
    for (std::size_t i = 0; i < history.row_of.size(); ++i) {
        if (history.row_of[i] != CustomerPlaces::none) of_row[history.row_of[i]] = segment[i];
    }
    return of_row;
}

/// Levels of the portfolio's customers, in its order: their forecasts, and their histories.
struct CustomerLevels {
    LevelForecast forecast;
    Matrix history;
};

/// Takes the customers of the portfolio from the forecasts of all; methods, errors and history go to the baseline.
CUSTFOLIO_INLINE CustomerLevels levels_of_portfolio(const LevelForecast& everyone, const LedgerHistory& history,
                                                    std::size_t horizon, Baseline& result) {
    const std::size_t customers = history.row_of.size();
    CustomerLevels levels{{}, Matrix(customers, history.months())};
    levels.forecast.level = Matrix(customers, horizon);
    levels.forecast.variance = levels.forecast.level;
    result.error = Matrix(customers, everyone.error.cols(), std::numeric_limits<double>::quiet_NaN());
    result.history_start = history.oldest;
    result.history.assign(history.months(), 0.0);
    for (std::size_t i = 0; i < customers; ++i) {
        const std::size_t k = history.row_of[i];
        const bool has = k != CustomerPlaces::none;
        result.method.push_back(has ? everyone.method[k] : "none");
        result.reason.push_back(has ? everyone.reason[k] : "no history");
        result.origins.push_back(has ? everyone.origins[k] : 0);
        if (!has) continue;
        detail::copy(everyone.level.row(k), levels.forecast.level.row(i).begin());
        detail::copy(everyone.variance.row(k), levels.forecast.variance.row(i).begin());
        detail::copy(everyone.error.row(k), result.error.row(i).begin());
        detail::copy(history.level.row(k), levels.history.row(i).begin());
        for (std::size_t t = 0; t < history.months(); ++t) result.history[t] += history.level(k, t);
    }
    return levels;
}

/// Sets whose levels cannot be below 0.
CUSTFOLIO_INLINE void set_never_negative(const Matrix& history, Baseline& result) {
    const auto positive = [](double value) { return value >= 0.0; };
    for (std::size_t i = 0; i < result.level.rows(); ++i) {
        result.never_negative.push_back(detail::all_of(history.row(i), positive) &&
                                        detail::all_of(result.level.row(i), positive));
    }
}

/// Notes customers of the ledger that are not in the portfolio: their level is not in the baseline.
CUSTFOLIO_INLINE void note_outside(const LedgerHistory& history, std::vector<std::string>& notes) {
    std::vector<bool> inside(history.level.rows(), false);
    for (const std::size_t k : history.row_of) {
        if (k != CustomerPlaces::none) inside[k] = true;
    }
    const std::size_t known = history.months();
    const std::size_t last_year = std::min(known, season_months);
    double level = 0.0;
    std::size_t outside = 0;
    for (std::size_t k = 0; k < inside.size(); ++k) {
        if (inside[k]) continue;
        ++outside;
        for (std::size_t t = known - last_year; t < known; ++t) level += history.level(k, t);
    }
    if (outside == 0) return;
    notes.push_back(std::to_string(outside) + (outside == 1 ? " customer" : " customers") + " of the ledger " +
                    (outside == 1 ? "is" : "are") + " not in the portfolio; their level of the last " +
                    std::to_string(last_year) + " months was " + grouped_text(level));
}

/// Sets the temperatures of the portfolio's customers: those of recent months, shrunk towards their segment.
CUSTFOLIO_INLINE void set_temperature(const LedgerView& ledger, const CostModel& costs, const Portfolio& portfolio,
                                      const CustomerPlaces& places, const LedgerHistory& history,
                                      std::span<const std::int32_t> segment, unsigned threads, Baseline& result) {
    // Recent months only, since prices and terms change.
    const Month warm = std::max(history.oldest, history.newest + (1 - static_cast<int>(recent_months)));
    const auto warm_months = static_cast<std::size_t>(history.newest - warm + 1);
    Matrix levels(portfolio.size(), warm_months);
    Matrix heats(portfolio.size(), warm_months);
    aggregate_by_month(ledger, {warm.first_day(), history.newest.last_day()}, threads, [&](const DriverTable& table) {
        const auto t = static_cast<std::size_t>(table.period.first_month() - warm);
        const std::vector<double> contribution = contribution_of(costs, table);
        for (std::size_t i = 0; i < portfolio.size(); ++i) {
            if (places.code[i] == CustomerPlaces::none) continue;
            levels(i, t) = table.revenue[places.code[i]];
            heats(i, t) = contribution[places.code[i]];
        }
    });
    for (std::size_t i = 0; i < portfolio.size(); ++i) carry_returns(levels.row(i), heats.row(i));
    result.temperature =
        shrink_temperature(levels, heats, segment, *std::max_element(segment.begin(), segment.end()) + 1);
    // A segment without recent revenue gets the company's temperature: nothing else is observed.
    double level = 0.0;
    double heat = 0.0;
    for (const double value : levels.values()) level += value;
    for (const double value : heats.values()) heat += value;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        if (std::isfinite(result.temperature.expected[i])) continue;
        result.temperature.expected[i] = level != 0.0 ? heat / level : 0.0;
        if (!std::isfinite(result.temperature.variance[i])) result.temperature.variance[i] = 0.0;
    }
}

/// What the portfolio's period has beyond the months of the ledger, per customer.
struct FurtherCosts {
    std::vector<double> level_left;  // share of the months' level that is left after rebates per customer
    std::vector<double>
        cost_share;  // costs over the size of the revenue, of customers whose returns cancel their sales
};

/// The size of a customer's revenue: returns in one month do not cancel sales in another.
CUSTFOLIO_INLINE double size_of_revenue(const PortfolioColumns& columns, std::size_t customer) {
    double size = 0.0;
    double net = 0.0;
    if (columns.monthly_revenue.cols() > 0) {
        for (const double month : columns.monthly_revenue.row(customer)) {
            size += std::abs(month);
            net += month;
        }
    }
    return std::abs(columns.revenue[customer]) + (size - std::abs(net));
}

/// Lowers temperatures by the costs that months do not have: of drivers per customer and period, and of credit.
CUSTFOLIO_INLINE FurtherCosts subtract_further_costs(const LedgerView& ledger, const CostModel& monthly_costs,
                                                     const Portfolio& portfolio, const CustomerPlaces& places,
                                                     unsigned threads, Baseline& result) {
    FurtherCosts further{std::vector<double>(portfolio.size(), 1.0), std::vector<double>(portfolio.size(), 0.0)};
    const bool rebates = detail::contains(portfolio.columns().driver_names, "rebate");
    const DriverTable table = aggregate(ledger, portfolio.period(), threads);
    const std::vector<double> without = contribution_of(monthly_costs, table);
    const PortfolioColumns& columns = portfolio.columns();
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        const std::size_t code = places.code[i];
        if (code == CustomerPlaces::none || table.last_day[code] < table.first_day[code]) continue;
        const double of_rows = table.revenue[code];
        const double revenue = columns.revenue[i];
        if (rebates && of_rows > 0.0 && revenue > 0.0 && std::abs(of_rows - revenue) > 0.005) {
            further.level_left[i] = revenue / of_rows;
            result.temperature.expected[i] /= further.level_left[i];
        }
        // Where returns cancel most sales, a share of net revenue would be thousands of percent.
        const double size = size_of_revenue(columns, i);
        const bool cancels = revenue < size / 2.0;
        if (size == 0.0) continue;
        const double share = (without[code] - columns.contribution[i]) / (cancels ? size : revenue);
        if (cancels) further.cost_share[i] = share;
        result.temperature.expected[i] -= share;
    }
    return further;
}

/// Sets new business as usual, at the temperature that is expected of the latest customers.
CUSTFOLIO_INLINE void set_newcomers(const LedgerHistory& history, std::span<const double> days, const LevelOptions& how,
                                    const LevelForecast& everyone, Baseline& result) {
    NewcomerLine& line = result.newcomers;
    line = newcomers_as_usual(per_day(history.level, days), everyone.season, how.lead, how.horizon, everyone.purchases);
    if (!line.known()) {
        result.notes.push_back(line.reason);
        return;
    }
    std::vector<bool> has_row(history.level.rows(), false);
    for (const std::size_t k : history.row_of) {
        if (k != CustomerPlaces::none) has_row[k] = true;
    }
    const auto others = std::count(has_row.begin(), has_row.end(), false);
    if (others > 0) {
        line.reason += "; " + counted(static_cast<double>(others), "earlier customer") + " may come back";
    }
    result.notes.push_back(line.reason);
    const std::size_t recent = first_newcomer_month(history.months());
    double level = 0.0;
    double heat = 0.0;
    double spread = 0.0;  // variance of the heat by the temperatures
    double all_level = 0.0;
    double all_heat = 0.0;
    double all_spread = 0.0;
    for (std::size_t i = 0; i < result.level.rows(); ++i) {
        const std::size_t k = history.row_of[i];
        const bool began =
            k != CustomerPlaces::none && purchase_months(history.level, k, history.months()).first >= recent;
        const auto levels = result.level.row(i);
        const auto heats = result.heat.row(i);
        const double own_level = std::accumulate(levels.begin(), levels.end(), 0.0);
        const double own_heat = std::accumulate(heats.begin(), heats.end(), 0.0);
        const double variance = result.temperature.variance[i];
        const double own_spread = own_level * own_level * (std::isfinite(variance) ? variance : 0.0);
        all_level += own_level;
        all_heat += own_heat;
        all_spread += own_spread;
        if (!began) continue;
        level += own_level;
        heat += own_heat;
        spread += own_spread;
    }
    if (!(level > 0.0)) std::tie(level, heat, spread) = std::tie(all_level, all_heat, all_spread);
    const double temperature = level > 0.0 ? heat / level : 0.0;
    const double of_temperature = level > 0.0 ? spread / (level * level) : 0.0;
    for (std::size_t m = 0; m < line.level.size(); ++m) {
        const double factor = days.empty() ? 1.0 : days[history.months() + how.lead + m];
        double returning = 0.0;
        double variance = line.deviation[m] * factor * line.deviation[m] * factor;
        for (std::size_t k = 0; k < has_row.size(); ++k) {
            if (has_row[k]) continue;
            returning += everyone.level(k, m);
            variance += everyone.variance(k, m);
        }
        line.returning.push_back(returning);
        line.level[m] = line.level[m] * factor + returning;
        line.deviation[m] = std::sqrt(variance);
        line.heat.push_back(line.level[m] * temperature);
        line.heat_deviation.push_back(
            std::sqrt(temperature * temperature * variance + line.level[m] * line.level[m] * of_temperature));
    }
}

}  // namespace detail

CUSTFOLIO_INLINE CompanyMonths Baseline::company() const {
    const std::size_t count = level.cols();
    CompanyMonths sums{Column(count), Column(count), Column(count), {}};
    for (std::size_t i = 0; i < level.rows(); ++i) {
        for (std::size_t k = 0; k < count; ++k) {
            sums.level[k] += level(i, k);
            sums.heat[k] += heat(i, k);
        }
    }
    for (std::size_t k = 0; k < count; ++k)
        sums.temperature[k] = custfolio::temperature_of(sums.level[k], sums.heat[k]);
    const Matrix covariance = level_covariance();
    const bool nonnegative = all_never_negative();
    constexpr std::array<double, 3> probability{0.1, 0.5, 0.9};
    for (std::size_t k = 0; k < count; ++k) {
        const double expected = sums.level[k] + (newcomers.known() ? newcomers.level[k] : 0.0);
        for (std::size_t q = 0; q < sums.quantile.size(); ++q) {
            double& quantile = sums.quantile[q].emplace_back(std::numeric_limits<double>::quiet_NaN());
            if (covariance.rows() == 0) continue;
            const double deviation = std::sqrt(covariance(k, k));
            quantile = nonnegative && expected >= 0.0
                           ? nonnegative_quantile(expected, deviation, probability[q])
                           : expected + (static_cast<double>(q) - 1.0) * detail::normal_90 * deviation;
        }
    }
    return sums;
}

CUSTFOLIO_INLINE bool Baseline::all_never_negative() const {
    return !never_negative.empty() && detail::all_of(never_negative, [](bool never) { return never; });
}

CUSTFOLIO_INLINE double Baseline::own_deviation(std::size_t customer, std::size_t month) const {
    if (variance.size() == 0) return 0.0;
    return detail::own_deviation(joint, level(customer, month), variance(customer, month), month);
}

CUSTFOLIO_INLINE double Baseline::temperature_of(std::size_t customer, std::size_t month) const {
    if (level(customer, month) != 0.0) return heat(customer, month) / level(customer, month);
    return temperature.expected.empty() ? 0.0 : temperature.expected[customer];
}

CUSTFOLIO_INLINE double Baseline::heat_deviation(std::size_t customer, std::size_t month) const {
    const double of_temperature = temperature.variance.empty() ? 0.0 : temperature.variance[customer];
    return std::isfinite(of_temperature) ? level(customer, month) * std::sqrt(of_temperature) : 0.0;
}

CUSTFOLIO_INLINE Matrix Baseline::level_covariance() const {
    if (!joint.known()) return {};
    const std::size_t count = level.cols();
    std::vector<double> shared(count, 0.0);
    std::vector<double> deviation(count);
    Matrix own(count, count);
    Matrix covariance(count, count);
    for (std::size_t i = 0; i < level.rows(); ++i) {
        for (std::size_t m = 0; m < count; ++m) {
            shared[m] += joint.common[m] * std::abs(level(i, m));
            deviation[m] = own_deviation(i, m);
        }
        for (std::size_t a = 0; a < count; ++a) {
            for (std::size_t b = 0; b <= a; ++b) own(a, b) += deviation[a] * deviation[b];
        }
    }
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b <= a; ++b) {
            double& pair = covariance(a, b);
            pair = (a == b ? 1.0 : joint.own_correlation) * own(a, b) +
                   (a == b ? 1.0 : joint.correlation) * shared[a] * shared[b];
            if (newcomers.known()) pair += newcomers.deviation[a] * newcomers.deviation[b];
            covariance(b, a) = pair;
        }
    }
    return covariance;
}

CUSTFOLIO_INLINE Column Baseline::heat_deviation() const {
    Column deviation;
    if (!joint.known()) return deviation;
    for (std::size_t m = 0; m < level.cols(); ++m) {
        double shared = 0.0;
        double squares = 0.0;
        for (std::size_t i = 0; i < level.rows(); ++i) {
            const double share = temperature_of(i, m);
            const double own = own_deviation(i, m) * share;
            const double of_temperature = heat_deviation(i, m);
            shared += joint.common[m] * std::abs(level(i, m)) * share;
            squares += own * own + of_temperature * of_temperature;
        }
        // A line that was filled by hand may have no deviation.
        if (m < newcomers.heat_deviation.size()) {
            squares += newcomers.heat_deviation[m] * newcomers.heat_deviation[m];
        }
        deviation.push_back(std::sqrt(shared * shared + squares));
    }
    return deviation;
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
    if (joint.known()) {
        if (joint.common.size() != level.cols()) {
            throw InputError("baseline: the common deviation must have one entry a month");
        }
        if (!detail::all_of(joint.common, [](double value) { return value >= 0 && std::isfinite(value); })) {
            throw InputError("baseline: the common deviation must be finite and not negative");
        }
        for (const double correlation : {joint.correlation, joint.own_correlation}) {
            if (correlation >= 0 && correlation <= 1) continue;
            throw InputError("baseline: the correlation between months is " + number_text(correlation) +
                             "; it must lie in [0, 1]");
        }
    }
    if (!never_negative.empty() && never_negative.size() != rows) {
        throw InputError("baseline: never_negative must have one entry a customer");
    }
    for (std::size_t i = 0; i < never_negative.size(); ++i) {
        if (!never_negative[i] || detail::all_of(level.row(i), [](double value) { return value >= 0.0; })) continue;
        throw InputError("baseline: the level of customer " + portfolio.columns().id[i] +
                         " is below 0, where never_negative excludes it");
    }
}

CUSTFOLIO_INLINE Baseline baseline(const LedgerView& ledger, const CostModel& costs, const Portfolio& portfolio,
                                   Month start, int months, const BaselineOptions& options) {
    detail::check_baseline_options(portfolio, months, options);
    const auto report = [&](double share) {
        if (options.progress) options.progress(share);
    };
    const auto progress = [&](double from, double to) {
        if (!options.progress) return std::function<void(double)>{};
        return std::function<void(double)>(
            [&, from, to](double share) { options.progress(from + (to - from) * share); });
    };
    const detail::CustomerPlaces places = detail::places_of(ledger, portfolio);
    Baseline result;
    const detail::LedgerHistory history =
        detail::history_before(start, ledger, places, portfolio.period(), options, result);
    report(0.05);
    detail::require_history(portfolio, history.row_of, options.brought_in, start);
    // Months between the history's end and the start are forecast too, and dropped.
    LevelOptions how{.horizon = static_cast<std::size_t>(months),
                     .lead = static_cast<std::size_t>(start - history.newest - 1),
                     .origins = options.origins,
                     .methods = options.methods,
                     .segment = detail::segment_of_history(history, options.segment),
                     .threads = options.threads,
                     .progress = progress(0.05, 0.3)};
    const TradingDays trading(ledger.day, ledger.revenue, history.oldest, history.months());
    const std::vector<double> days = trading.factors(history.months(), how.ahead());
    const LevelForecast everyone = forecast_levels(history.level, how, days);

    result.identity = portfolio.identity();
    result.start = start;
    result.notes.insert(result.notes.begin(), everyone.notes.begin(), everyone.notes.end());
    if (!days.empty()) {
        result.notes.push_back("months are compared by their trading days: what the weekdays in them bring");
    }
    if (how.lead > 1) {
        result.notes.push_back(
            "the history ends in " + to_string(history.newest) + ", " + std::to_string(how.lead) +
            " months before the first month: forecast and band assume that nothing changes until then");
    }
    detail::CustomerLevels levels = detail::levels_of_portfolio(everyone, history, how.horizon, result);
    detail::note_outside(history, result.notes);
    std::vector<std::int32_t> segment(options.segment.begin(), options.segment.end());
    if (segment.empty()) segment.assign(portfolio.size(), 0);
    if (options.reconcile && !reconcile_levels(levels.forecast, levels.history, history.level, segment, how, days)) {
        result.notes.push_back("too little history to reconcile: sums are sums of customers");
    }

    const CostModel monthly_costs = detail::costs_of_ledger(costs, ledger);
    detail::set_temperature(ledger, monthly_costs, portfolio, places, history, segment, options.threads, result);
    report(0.35);
    std::vector<double> cost_share(portfolio.size(), 0.0);
    if (monthly_costs.rates().size() < costs.rates().size() || !costs.activities().empty() ||
        !portfolio.columns().credit_cost.empty() || ledger.cost.empty() ||
        detail::contains(portfolio.columns().driver_names, "rebate")) {
        detail::FurtherCosts further =
            detail::subtract_further_costs(ledger, monthly_costs, portfolio, places, options.threads, result);
        const std::vector<double>& left = further.level_left;
        cost_share = std::move(further.cost_share);
        for (std::size_t i = 0; i < left.size(); ++i) {
            for (double& level : levels.forecast.level.row(i)) level *= left[i];
            for (double& variance : levels.forecast.variance.row(i)) variance *= left[i] * left[i];
        }
    }
    result.level = std::move(levels.forecast.level);
    result.variance = std::move(levels.forecast.variance);
    result.heat = result.level;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        for (double& value : result.heat.row(i)) {
            // A month of returns gives margin back, but its further costs are costs as well.
            value *= result.temperature.expected[i] + (value < 0.0 ? 2.0 * cost_share[i] : 0.0);
        }
    }
    detail::set_newcomers(history, days, how, everyone, result);
    detail::bring_in(options.brought_in, result);
    detail::set_never_negative(levels.history, result);
    // The band's back-test repeats the whole forecast at earlier origins: most of the time is spent in it.
    how.progress = progress(0.35, 1.0);
    result.band = company_band(history.level, trading, how, options.reconcile);
    result.joint = joint_error(result.band, result.level, result.variance);
    if (!result.joint.known()) {
        const bool compared = detail::any_of(result.band.origins, [](int origins) { return origins > 0; });
        result.notes.push_back(
            compared ? "P10 and P90 are not known: earlier forecasts missed by more than three times the level"
                     : "too little history for P10 and P90: they need more than a year before the first origin");
    }
    report(1.0);
    return result;
}

CUSTFOLIO_INLINE Baseline seasonal_baseline(const Portfolio& portfolio, Month start, int months) {
    if (months < 1) throw InputError("baseline: months is " + std::to_string(months) + "; it must be at least 1");
    portfolio.require_heat("a baseline");
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
        for (std::size_t i = 0; i < rows; ++i) detail::fill(baseline.level.row(i), columns.revenue[i] * even);
    } else {
        // Only the place in the year counts, so a start before the period is moved into it by whole years.
        const int ahead = start - portfolio.period().first_month();
        const auto first = static_cast<std::size_t>(ahead % season + season) % season;
        // A part of a month repeats as no month of the plan; the months between its edges are whole.
        const std::vector<double> covered = covered_months(portfolio.period());
        const std::size_t begin = covered.front() < 1.0 ? 1 : 0;
        const std::size_t end = covered.back() < 1.0 ? known - 1 : known;
        for (const std::size_t edge : {std::size_t{0}, known - 1}) {
            if (covered[edge] == 1.0 || (edge == 0 && known == 1)) continue;
            baseline.notes.push_back(to_string(portfolio.period().first_month() + static_cast<int>(edge)) +
                                     " is in the period in part: it counts in the average month by its days, and no "
                                     "month of the horizon repeats it");
        }
        int missing = 0;
        for (int m = 0; m < months; ++m) {
            const std::size_t place = (first + static_cast<std::size_t>(m)) % season;
            std::size_t last = place;  // the last whole month with this place in the year
            while (last + season < end) last += season;
            const bool has = last >= begin && last < end;
            if (!has) ++missing;
            for (std::size_t i = 0; i < rows; ++i) {
                baseline.level(i, static_cast<std::size_t>(m)) =
                    has ? columns.monthly_revenue(i, last) : columns.revenue[i] * even;
            }
        }
        if (missing > 0) {
            baseline.notes.push_back(std::to_string(missing) +
                                     " months of the horizon have no such whole month in the period: they count as its "
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
