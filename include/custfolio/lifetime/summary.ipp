// Definitions of lifetime/summary.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/lifetime/detail/thresholds.hpp"
#include "custfolio/lifetime/summary.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/parallel.hpp"

namespace custfolio {

namespace detail {

/// Rows ordered by group of `1 << shift` customers, each group's in the order of the ledger.
struct CustomerGroups {
    unsigned shift = 0;
    std::vector<std::uint32_t> row;
    std::vector<std::size_t> begin;  ///< Per group and one past the last.
};

/// One row of the ledger.
struct Line {
    std::int32_t customer;
    DayNumber day;
    double revenue, cost;
};

/// Checks the columns and gives the number of customers.
CUSTFOLIO_INLINE std::size_t check_lines(const LedgerView& ledger) {
    const std::size_t rows = ledger.rows();
    if (rows > std::numeric_limits<std::uint32_t>::max()) {
        throw InputError("ledger: " + std::to_string(rows) + " rows; at most 4,294,967,295 can be merged at once");
    }
    const auto require_length = [rows](std::size_t count, const char* name, bool optional) {
        if (count == rows || (optional && count == 0)) return;
        throw InputError("ledger: column '" + std::string(name) + "' has " + std::to_string(count) +
                         " values, column 'customer' has " + std::to_string(rows) +
                         "; all columns must have one value a row");
    };
    require_length(ledger.day.size(), "day", false);
    require_length(ledger.revenue.size(), "revenue", false);
    require_length(ledger.cost.size(), "cost", true);
    require_length(ledger.rebate().size(), "rebate", true);
    return ledger.customers();
}

/// A stable partition of the rows; every code is checked.
CUSTFOLIO_INLINE CustomerGroups group_by_customer(std::span<const std::int32_t> customer, std::size_t customers,
                                                  unsigned threads) {
    const std::size_t rows = customer.size();
    // Chunks do not depend on the number of threads, so neither does the order of the sums.
    const std::size_t grain = std::max(std::size_t{1} << 18, rows / 64 + 1);
    const std::size_t chunks = (rows + grain - 1) / grain;
    // Some thousands of groups, so that each is small enough to be merged in the cache.
    CustomerGroups groups{static_cast<unsigned>(std::bit_width(customers / 4096 + 1) - 1), {}, {}};
    const std::size_t count = ((customers - 1) >> groups.shift) + 1;
    std::vector<std::size_t> next(chunks * count);  // first the number of rows, then where the next one goes
    math::parallel_for(0, rows, grain, threads, [&](std::size_t begin, std::size_t end) {
        std::size_t* const counts = &next[begin / grain * count];
        for (std::size_t row = begin; row < end; ++row) {
            const auto code = static_cast<std::size_t>(customer[row]);
            if (code >= customers) {
                throw InputError("ledger, row " + std::to_string(row) + " (counted from 0): customer code is " +
                                 std::to_string(customer[row]) + "; it must be from 0 to " +
                                 std::to_string(customers - 1));
            }
            ++counts[code >> groups.shift];
        }
    });
    groups.begin.resize(count + 1);
    std::size_t place = 0;
    for (std::size_t g = 0; g < count; ++g) {
        // Running totals by group and then by chunk give each chunk its place: the partition stays stable.
        groups.begin[g] = place;
        for (std::size_t c = 0; c < chunks; ++c) place += std::exchange(next[c * count + g], place);
    }
    groups.begin[count] = place;
    groups.row.resize(place);
    math::parallel_for(0, rows, grain, threads, [&](std::size_t begin, std::size_t end) {
        std::size_t* const to = &next[begin / grain * count];
        for (std::size_t row = begin; row < end; ++row) {
            const auto group = static_cast<std::size_t>(customer[row]) >> groups.shift;
            groups.row[to[group]++] = static_cast<std::uint32_t>(row);
        }
    });
    return groups;
}

/// Names the first row of a customer's day that cannot be added.
[[noreturn]] CUSTFOLIO_INLINE void throw_bad_line(const LedgerView& ledger, std::int32_t customer, DayNumber day) {
    const auto rebate = ledger.rebate();
    for (std::size_t row = 0; row < ledger.rows(); ++row) {
        if (ledger.customer[row] != customer || ledger.day[row] != day) continue;
        const bool revenue = !std::isfinite(net_revenue(ledger, rebate, row));
        if (!revenue && (ledger.cost.empty() || std::isfinite(ledger.cost[row]))) continue;
        throw InputError("ledger, row " + std::to_string(row) + " (counted from 0): " + (revenue ? "revenue" : "cost") +
                         " is not finite; an amount must be");
    }
    throw InputError("ledger: the sum of the amounts of customer code " + std::to_string(customer) + " on " +
                     day_text(day) + " overflows; check the unit of the columns");
}

/// What the lines of one customer and day add up to.
struct DaySum {
    math::CompensatedSum revenue, cost;
    bool any = false;
};

/// Appends the sums of a customer's day to a part; the count of its customer goes to `entries`.
CUSTFOLIO_INLINE void append_day(const LedgerView& ledger, std::int32_t customer, DayNumber day, const DaySum& sum,
                                 PurchaseDays& part, std::vector<std::size_t>& entries) {
    const double earned = sum.revenue.value() - sum.cost.value();
    if (!std::isfinite(earned)) throw_bad_line(ledger, customer, day);
    part.day.push_back(day);
    part.revenue.push_back(sum.revenue.value());
    if (!ledger.cost.empty()) part.contribution.push_back(earned);
    ++entries[static_cast<std::size_t>(customer)];
}

/// Merges the rows of a group into the entries of a part. The lines of a day are added in the order of the ledger,
/// in either way: into one cell per customer and day where these are not many more than rows, or by a sort.
/// @param first first customer of the group, and `size` the number of its customers.
/// @param days all days of the ledger.
CUSTFOLIO_INLINE void merge_days(const LedgerView& ledger, std::span<const std::uint32_t> rows, std::int32_t first,
                                 std::size_t size, Period days, PurchaseDays& part, std::vector<std::size_t>& entries) {
    const auto rebate = ledger.rebate();
    const auto line = [&](std::uint32_t row) {
        return Line{ledger.customer[row], ledger.day[row], net_revenue(ledger, rebate, row),
                    ledger.cost.empty() ? 0.0 : ledger.cost[row]};
    };
    const auto width = static_cast<std::size_t>(std::int64_t{days.last} - days.first) + 1;
    // At most four cells a row: with more, most cells are empty, and the sort is cheaper.
    if (width <= most_day_cells && size <= most_day_cells / width && size * width <= day_cells_per_row * rows.size()) {
        std::vector<DaySum> cell(size * width);
        for (const std::uint32_t row : rows) {
            const auto customer = size == 1 ? std::size_t{0} : static_cast<std::size_t>(ledger.customer[row] - first);
            DaySum& sum = cell[customer * width + static_cast<std::size_t>(ledger.day[row] - days.first)];
            sum.revenue += net_revenue(ledger, rebate, row);
            if (!ledger.cost.empty()) sum.cost += ledger.cost[row];
            sum.any = true;
        }
        for (std::size_t k = 0; k < cell.size(); ++k) {
            if (!cell[k].any) continue;
            append_day(ledger, first + static_cast<std::int32_t>(k / width),
                       days.first + static_cast<DayNumber>(k % width), cell[k], part, entries);
        }
        return;
    }
    std::vector<Line> lines(rows.size());
    std::transform(rows.begin(), rows.end(), lines.begin(), line);
    const auto earlier = [](const Line& left, const Line& right) {
        return std::pair(left.customer, left.day) < std::pair(right.customer, right.day);
    };
    // A ledger in order of days is the usual case, and a sorted group needs no sort.
    if (!std::is_sorted(lines.begin(), lines.end(), earlier)) std::stable_sort(lines.begin(), lines.end(), earlier);
    for (std::size_t k = 0; k < lines.size();) {
        const Line& head = lines[k];
        DaySum sum;
        for (; k < lines.size() && lines[k].customer == head.customer && lines[k].day == head.day; ++k) {
            sum.revenue += lines[k].revenue;
            sum.cost += lines[k].cost;
        }
        append_day(ledger, head.customer, head.day, sum, part, entries);
    }
}

}  // namespace detail

CUSTFOLIO_INLINE PurchaseDays purchase_days(const LedgerView& ledger, unsigned threads) {
    const std::size_t customers = detail::check_lines(ledger);
    PurchaseDays result;
    result.begin.assign(customers + 1, 0);
    if (ledger.rows() == 0) return result;
    if (customers == 0) throw InputError("ledger: there are rows, but no customers; give one id a customer code");

    detail::CustomerGroups groups = detail::group_by_customer(ledger.customer, customers, threads);
    const auto [first, last] = std::minmax_element(ledger.day.begin(), ledger.day.end());
    const Period days{*first, *last};
    const std::size_t count = groups.begin.size() - 1;
    std::vector<PurchaseDays> part(count);
    std::vector<std::size_t> entries(customers);
    // A group's customers are its own, so threads never write to the same place.
    math::parallel_for(0, count, 1, threads, [&](std::size_t g, std::size_t) {
        const auto rows = std::span(groups.row).subspan(groups.begin[g], groups.begin[g + 1] - groups.begin[g]);
        const std::size_t from = g << groups.shift;
        const std::size_t size = std::min(customers - from, std::size_t{1} << groups.shift);
        detail::merge_days(ledger, rows, static_cast<std::int32_t>(from), size, days, part[g], entries);
    });
    std::partial_sum(entries.begin(), entries.end(), result.begin.begin() + 1);
    result.day.resize(result.begin.back());
    result.revenue.resize(result.begin.back());
    result.contribution.resize(ledger.cost.empty() ? 0 : result.begin.back());
    math::parallel_for(0, count, 1, threads, [&](std::size_t g, std::size_t) {
        const auto to = static_cast<std::ptrdiff_t>(result.begin[g << groups.shift]);
        std::copy(part[g].day.begin(), part[g].day.end(), result.day.begin() + to);
        std::copy(part[g].revenue.begin(), part[g].revenue.end(), result.revenue.begin() + to);
        std::copy(part[g].contribution.begin(), part[g].contribution.end(), result.contribution.begin() + to);
    });
    return result;
}

CUSTFOLIO_INLINE PurchaseSummary summarise(const PurchaseDays& days, Period calibration, DayNumber end,
                                           unsigned threads) {
    if (calibration.last < calibration.first) {
        throw InputError("summary: the calibration ends (" + day_text(calibration.last) + ") before it begins (" +
                         day_text(calibration.first) + ")");
    }
    if (end < calibration.last) {
        throw InputError("summary: the end (" + day_text(end) + ") lies before the end of the calibration (" +
                         day_text(calibration.last) + ")");
    }
    const std::size_t customers = days.customers();
    PurchaseSummary summary;
    summary.first_day.assign(customers, std::numeric_limits<DayNumber>::max());
    summary.last_day.assign(customers, std::numeric_limits<DayNumber>::max());
    for (auto* column :
         {&summary.purchases, &summary.first_revenue, &summary.revenue, &summary.contribution, &summary.returned,
          &summary.holdout_purchases, &summary.holdout_revenue, &summary.holdout_contribution}) {
        column->assign(customers, 0.0);
    }
    const bool with_cost = !days.contribution.empty();
    math::parallel_for(0, customers, 4096, threads, [&](std::size_t first, std::size_t last) {
        for (std::size_t c = first; c < last; ++c) {
            math::CompensatedSum revenue, contribution, returned, later_revenue, later_contribution;
            for (std::size_t k = days.begin[c]; k < days.begin[c + 1] && days.day[k] <= end; ++k) {
                const DayNumber day = days.day[k];
                const double amount = days.revenue[k];
                const bool bought = amount >= 0;
                // The first purchase ever decides the age, also where it lies before the calibration.
                if (bought) summary.first_day[c] = std::min(summary.first_day[c], day);
                if (day < calibration.first) continue;
                const bool later = day > calibration.last;
                if (with_cost) (later ? later_contribution : contribution) += days.contribution[k];
                if (!bought) {
                    if (!later) returned += amount;
                    continue;
                }
                (later ? later_revenue : revenue) += amount;
                if (later) {
                    summary.holdout_purchases[c] += 1;
                } else {
                    if (summary.purchases[c] == 0) summary.first_revenue[c] = amount;
                    summary.purchases[c] += 1;
                    summary.last_day[c] = day;
                }
            }
            summary.revenue[c] = revenue.value();
            summary.contribution[c] = contribution.value();
            summary.returned[c] = returned.value();
            summary.holdout_revenue[c] = later_revenue.value();
            summary.holdout_contribution[c] = later_contribution.value();
        }
    });
    return summary;
}

CUSTFOLIO_INLINE CustomerHistories customer_histories(const PurchaseSummary& summary, bool with_cost,
                                                      Period calibration, DayNumber end,
                                                      const HistoryOptions& options) {
    const std::size_t all = summary.first_day.size();
    const ColumnView<double> contribution =
        options.contribution.empty() ? ColumnView<double>(summary.contribution) : options.contribution;
    if (contribution.size() != all) {
        throw InputError("there are " + std::to_string(contribution.size()) + " contributions for " +
                         std::to_string(all) + " customers; there must be one per customer");
    }
    if (!(options.days_per_unit > 0)) {
        throw InputError("days_per_unit is " + number_text(options.days_per_unit) + "; it must be above 0");
    }
    CustomerHistories histories;
    if (options.customers) histories.customer.assign(options.customers->begin(), options.customers->end());
    for (std::size_t c = 0; c < all && !options.customers; ++c) {
        if (calibration.contains(summary.first_day[c])) histories.customer.push_back(c);
    }
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto mean = [&](double sum, double count) { return count > 0 ? sum / count : nan; };
    const bool known = with_cost || !options.contribution.empty();
    const double unit = options.days_per_unit;
    if (end > calibration.last) histories.duration_holdout = (end - calibration.last) / unit;
    for (const std::size_t c : histories.customer) {
        if (c >= all || summary.purchases[c] < 1) {
            throw InputError("customer " + std::to_string(c) + " has no purchase in the calibration; leave it out");
        }
        const double purchases = summary.purchases[c];
        const DayNumber born = summary.first_day[c];
        const double spent = summary.revenue[c] - (options.include_first ? 0.0 : summary.first_revenue[c]);
        histories.frequency.push_back(purchases - 1);
        histories.recency.push_back((summary.last_day[c] - born) / unit);
        histories.T.push_back((calibration.last - born) / unit);
        histories.monetary_value.push_back(mean(spent, options.include_first ? purchases : purchases - 1));
        histories.contribution.push_back(known ? contribution[c] / purchases : nan);
        if (end <= calibration.last) continue;
        const double later = summary.holdout_purchases[c];
        histories.frequency_holdout.push_back(later);
        histories.monetary_value_holdout.push_back(mean(summary.holdout_revenue[c], later));
        histories.contribution_holdout.push_back(with_cost ? mean(summary.holdout_contribution[c], later) : nan);
    }
    return histories;
}

CUSTFOLIO_INLINE std::string to_string(CalendarPeriod period) {
    switch (period) {
        case CalendarPeriod::week:
            return "week";
        case CalendarPeriod::month:
            return "month";
        case CalendarPeriod::quarter:
            return "quarter";
        case CalendarPeriod::year:
            return "year";
    }
    throw InputError("calendar period " + std::to_string(static_cast<int>(period)) + " is unknown");
}

CUSTFOLIO_INLINE PeriodCounts count_periods(const PurchaseDays& days, std::span<const DayNumber> first_purchase,
                                            DayNumber last, CalendarPeriod period) {
    const std::size_t customers = days.customers();
    if (first_purchase.size() != customers) {
        throw InputError("there are " + std::to_string(first_purchase.size()) + " first purchases for " +
                         std::to_string(customers) + " customers; there must be one per customer");
    }
    const int months = period == CalendarPeriod::quarter ? 3 : period == CalendarPeriod::year ? 12 : 1;
    const auto number_of = [&](DayNumber day) {
        // Division towards minus infinity, since dates before 1970 are negative.
        const auto floored = [](std::int64_t value, std::int64_t by) {
            return value >= 0 ? value / by : -((by - 1 - value) / by);
        };
        if (period == CalendarPeriod::week) return floored(std::int64_t{day} + 3, 7);  // 1970-01-01 was a Thursday
        return floored(Month::of(day).index(), months);
    };
    PeriodCounts counts{std::vector<double>(customers), std::vector<double>(customers), std::vector<double>(customers)};
    // A period that is not over would look like one without a purchase.
    const std::int64_t open = number_of(last + 1);  // the first period that is not over
    for (std::size_t c = 0; c < customers; ++c) {
        if (first_purchase[c] > last) continue;
        const std::int64_t born = number_of(first_purchase[c]);
        std::int64_t latest = born;
        for (std::size_t k = days.begin[c]; k < days.begin[c + 1]; ++k) {
            if (days.revenue[k] < 0 || days.day[k] <= first_purchase[c]) continue;
            const std::int64_t at = number_of(days.day[k]);
            if (at >= open) break;
            // Several purchases of one period are one opportunity that was used.
            if (at == latest) continue;
            latest = at;
            counts.frequency[c] += 1;
        }
        counts.recency[c] = static_cast<double>(latest - born);
        counts.opportunities[c] = static_cast<double>(std::max<std::int64_t>(open - 1 - born, 0));
    }
    return counts;
}

}  // namespace custfolio
