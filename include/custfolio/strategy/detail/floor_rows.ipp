// Definitions of the rows of the floor.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/detail/range_algorithms.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/strategy/detail/floor_rows.hpp"
#include "custfolio/strategy/strategy.hpp"

namespace custfolio::detail {

inline constexpr int year_months = 12;

// Only the place in the year counts, so that a plan of several years is compared with one year.
CUSTFOLIO_INLINE double ReferenceYear::at(Month month) const {
    if (first == no_month) return std::numeric_limits<double>::quiet_NaN();
    const int place = (month - first) % year_months;
    return level[static_cast<std::size_t>(place < 0 ? place + year_months : place)];
}

// The company's net revenue by month, whole months only, and the first of them.
CUSTFOLIO_INLINE std::pair<Month, std::vector<double>> whole_months(const Portfolio& portfolio,
                                                                    const Baseline& baseline) {
    const Period period = portfolio.period();
    const PortfolioColumns& columns = portfolio.columns();
    // The history reaches further back than the period of the portfolio, which may be part of a year.
    std::vector<double> level(baseline.history.begin(), baseline.history.end());
    Month first = baseline.history_start;
    if (level.empty() && period.days() > 0) {
        first = period.first_month();
        std::vector<math::CompensatedSum> sums(columns.monthly_revenue.cols());
        for (std::size_t i = 0; i < columns.monthly_revenue.rows(); ++i) {
            for (std::size_t m = 0; m < sums.size(); ++m) sums[m] += columns.monthly_revenue(i, m);
        }
        for (const math::CompensatedSum& sum : sums) level.push_back(sum.value());
    }
    // A month that the period or the ledger covers in part is no level of a month. A baseline's history has none.
    if (baseline.history.empty() && !level.empty()) {
        constexpr DayNumber two_weeks = 14;  // without a line at its end: the ledger was closed before
        const Month last = first + static_cast<int>(level.size() - 1);
        DayNumber end = period.last;
        if (!columns.last_day.empty()) {
            end = std::min(end, static_cast<DayNumber>(detail::max(columns.last_day) + two_weeks));
        }
        if (Month::of(period.last) == last && end < last.last_day()) level.pop_back();
        if (!level.empty() && Month::of(period.first) == first && period.first > first.first_day()) {
            level.erase(level.begin());
            first = first + 1;
        }
    }
    return {first, std::move(level)};
}

CUSTFOLIO_INLINE ReferenceYear reference_year(const Strategy& strategy, const Portfolio& portfolio,
                                              const Baseline& baseline) {
    ReferenceYear year;
    const auto [first, level] = whole_months(portfolio, baseline);
    if (level.empty()) {
        // Without months only the sum of the period is known: every month is an average one.
        if (portfolio.columns().monthly_revenue.cols() > 0) return year;
        year.first = strategy.start + -year_months;
        year.level.fill(math::deterministic_sum(seasonal_baseline(portfolio, year.first, 1).level.values()));
        return year;
    }
    // What happens in the plan's own months is no reference.
    const Month newest = std::min(first + static_cast<int>(level.size() - 1), strategy.start + -1);
    year.first = strategy.reference == no_month ? newest + (1 - year_months) : strategy.reference;
    bool known = false;
    for (int m = 0; m < year_months; ++m) {
        const int place = year.first + m - first;
        const bool has = place >= 0 && place < static_cast<int>(level.size()) && year.first + m < strategy.start;
        known = known || has;
        year.level[static_cast<std::size_t>(m)] =
            has ? level[static_cast<std::size_t>(place)] : std::numeric_limits<double>::quiet_NaN();
    }
    if (!known) year.first = no_month;
    return year;
}

CUSTFOLIO_INLINE ReferenceYear reference_year(const ReferenceYear& company, const Portfolio& portfolio,
                                              std::span<const std::size_t> rows) {
    ReferenceYear year = company;
    const Matrix& monthly = portfolio.columns().monthly_revenue;
    const Matrix average = monthly.cols() > 0 || company.first == no_month
                               ? Matrix()
                               : seasonal_baseline(portfolio, company.first, 1).level;
    for (int m = 0; m < year_months; ++m) {
        double& amount = year.level[static_cast<std::size_t>(m)];
        if (std::isnan(amount)) continue;  // a part of a month is no level for the group either
        const int place = average.rows() > 0 ? 0 : company.first + m - portfolio.period().first_month();
        const Matrix& from = average.rows() > 0 ? average : monthly;
        math::CompensatedSum sum;
        const bool known = place >= 0 && place < static_cast<int>(from.cols());
        for (const std::size_t i : rows) {
            if (known) sum += from(i, static_cast<std::size_t>(place));
        }
        amount = known ? sum.value() : std::numeric_limits<double>::quiet_NaN();
    }
    return year;
}

// The months of one row of a kind.
inline int length_of(FloorEvery every) {
    if (every == FloorEvery::month) return 1;
    return every == FloorEvery::quarter ? 3 : year_months;
}

CUSTFOLIO_INLINE std::size_t count_of_rows(const Strategy& strategy) {
    const auto months = static_cast<std::size_t>(strategy.months);
    if (strategy.floor_every == FloorEvery::rolling_year) return months;
    const auto length = static_cast<std::size_t>(length_of(strategy.floor_every));
    return (months + length - 1) / length;
}

// A number is the floor of a full row. A shorter one gets the share of its months in the reference year; without a
// reference for all months, or with one that is not positive, every month has the same share.
CUSTFOLIO_INLINE double share_of_row(const ReferenceYear& reference, Month first, int length, std::size_t months) {
    double part = 0;
    double whole = 0;
    for (int m = 0; m < length; ++m) {
        whole += reference.at(first + m);
        if (m < static_cast<int>(months)) part += reference.at(first + m);
    }
    return whole > 0 ? part / whole : static_cast<double>(months) / length;
}

CUSTFOLIO_INLINE std::vector<FloorSpan> floor_rows(const Strategy& strategy, const ReferenceYear& reference,
                                                   std::span<const double> level) {
    std::vector<FloorSpan> rows;
    if (strategy.floor == Floor::none) return rows;
    const bool rolling = strategy.floor_every == FloorEvery::rolling_year;
    const int length = length_of(strategy.floor_every);
    const int months = static_cast<int>(level.size());
    for (std::size_t r = 0; r < count_of_rows(strategy); ++r) {
        FloorSpan row;
        row.first = rolling ? static_cast<int>(r) + 1 - length : static_cast<int>(r) * length;
        row.length = std::min(length, months - row.first);
        // Months before the start are the same with and without action, so they move the floor, not the plan.
        math::CompensatedSum past;
        math::CompensatedSum without;
        math::CompensatedSum bought;  // in the reference year
        for (int m = row.first; m < row.first + row.length; ++m) {
            const double amount = reference.at(strategy.start + m);
            if (m < 0) {
                if (!std::isnan(amount)) past += amount;
                continue;
            }
            // A month without a counterpart counts on neither side.
            if (strategy.floor == Floor::current && std::isnan(amount)) continue;
            row.months.push_back(static_cast<std::size_t>(m));
            without += level[row.months.back()];
            bought += amount;
        }
        if (row.months.empty()) continue;
        row.past = past.value();
        row.baseline = row.past + without.value();
        if (strategy.floor == Floor::baseline) row.floor = row.baseline;
        if (strategy.floor == Floor::current) row.floor = row.past + bought.value();
        if (strategy.floor == Floor::column) row.floor = strategy.floor_level[r];
        if (strategy.floor == Floor::number) {
            row.floor = strategy.floor_level.front();
            if (row.length < length) {
                row.floor *= share_of_row(reference, strategy.start + row.first, length, row.months.size());
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// A floor of a year has room for the year only; spread like the level, no month gets more of it than it has level.
CUSTFOLIO_INLINE std::vector<double> room_above(const std::vector<FloorSpan>& rows, std::span<const double> floors,
                                                std::span<const double> level) {
    std::vector<double> room(level.size(), std::numeric_limits<double>::infinity());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const double without = rows[r].baseline - rows[r].past;
        const double share = without > 0 ? std::max(rows[r].baseline - floors[r], 0.0) / without : 0.0;
        for (const std::size_t m : rows[r].months) room[m] = std::min(room[m], share * std::max(level[m], 0.0));
    }
    return room;
}

}  // namespace custfolio::detail
